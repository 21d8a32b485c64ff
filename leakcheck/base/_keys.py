"""Scores as unsigned integers that sort as the scores do, with the label in the lowest bit.

`numpy.sort` of integers in place is several times faster than `numpy.argsort`, and a key that
carries its label needs no permutation. The lowest bit says "not positive", so that in ascending
order the positives of a tie come first and the place of the first one is the start of its tie.

The bits of a float that is not negative sort as the float does and leave the sign bit free. With
negative scores, magnitudes are counted from the smallest one that occurs, upwards and downwards
from zero; this frees a bit unless magnitudes span half of all exponents. float32 scores that span
more are read as float64, and other scores that span more become their ranks.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray
from leakcheck.base.packed import PackedLabels

__all__ = [
    "KeyArray",
    "KeyCode",
    "codable",
    "encode",
    "encode_scores",
    "find_code",
    "has_bfloat16",
    "original_scores",
    "plain_scores",
    "sortable",
    "widened",
]

KeyArray: TypeAlias = NDArray[np.unsignedinteger[Any]]

_CHUNK = 1 << 16
_MANY = 1 << 12
_SAMPLE = 64
_HIGHEST = np.uint64(1 << 63)
_LEAST_FLOAT = 5e-324
_INFINITY = np.array(np.inf).view(np.uint64)[()]


class KeyCode(NamedTuple):
    """How plain scores become keys: ``key >> 1`` is the signed rank of a score plus `offset`."""

    dtype: np.dtype[Any]
    """Type of the plain scores: float32, float64, int32 or int64."""
    gap: int = 0
    """Taken off the magnitude of a float other than 0."""
    offset: int = 0
    """Added to the signed rank."""
    levels: NDArray[Any] | None = None
    """Distinct scores, where the numbers coded are their ranks."""


def has_bfloat16(scores: NDArray[Any]) -> bool:
    """Whether scores are of the type that the package ml_dtypes adds to numpy."""
    return scores.dtype.kind == "V" and scores.dtype.name == "bfloat16"


def plain_scores(scores: NDArray[Any]) -> NDArray[Any]:
    """Scores as float32, float64, int32 or int64, in the same order and with the same ties."""
    dtype = scores.dtype
    if dtype.kind == "f" or has_bfloat16(scores):
        if dtype.itemsize == 2:
            return scores.astype(np.float32)
        return _narrowed(scores) if dtype.itemsize == 8 else scores
    if dtype.itemsize < 4:
        return scores.astype(np.int32)
    if dtype.kind == "u":
        if dtype.itemsize == 4:
            return scores.astype(np.int64)
        return (scores.astype(np.uint64) ^ _HIGHEST).view(np.int64)
    return scores


def _narrowed(scores: NDArray[Any]) -> NDArray[Any]:
    """float64 scores as float32 where that loses nothing: models compute in float32."""
    if scores.size < _MANY:
        return scores
    flat = scores.reshape(-1)
    narrow = np.empty(flat.size, dtype=np.float32)
    start, step = 0, _SAMPLE
    with np.errstate(over="ignore"):
        while start < flat.size:
            part = slice(start, start + step)
            narrow[part] = flat[part]
            if not np.array_equal(narrow[part], flat[part]):
                return scores
            start, step = start + step, _CHUNK
    return narrow.reshape(scores.shape)


def codable(scores: NDArray[Any]) -> tuple[NDArray[Any], KeyCode]:
    """Numbers in the order of the scores, of any real dtype, and a code that fits them."""
    plain = plain_scores(scores)
    code = find_code(plain)
    return widened(plain) if code is None else (plain, code)


def widened(plain: NDArray[Any]) -> tuple[NDArray[Any], KeyCode]:
    """Wider numbers in the order of plain scores that have no code, and a code that fits them."""
    code = None
    if plain.dtype.itemsize == 4:
        plain = plain.astype(f"{plain.dtype.kind}8")
        code = find_code(plain)
    if code is None:
        levels, ranks = np.unique(plain + 0, return_inverse=True)
        plain = ranks.reshape(plain.shape).astype(np.int64)
        code = KeyCode(plain.dtype, levels=levels)
    return plain, code


def find_code(plain: NDArray[Any]) -> KeyCode | None:
    """Code that tells all of these scores apart and leaves a bit free, if there is one."""
    dtype = plain.dtype.newbyteorder("=")
    if plain.size == 0:
        return KeyCode(dtype)
    low = plain.min()
    if low >= 0:
        return KeyCode(dtype)
    high = plain.max()
    gap = 0
    if dtype.kind == "i":
        below, above = -int(low), int(high)
    else:
        gap = _least_magnitude(plain, dtype) - 1
        ends = np.array([-low, max(high, 0)], dtype).view(f"i{dtype.itemsize}")
        below, above = int(ends[0]) - gap, int(ends[1]) - gap
    room = 1 << (8 * dtype.itemsize - 1)
    return KeyCode(dtype, gap, below) if below + max(above, 0) < room else None


def _least_magnitude(plain: NDArray[Any], dtype: np.dtype[Any]) -> int:
    """Bits of the smallest magnitude other than 0 among floats, of which one is not 0."""
    unsigned = np.dtype(f"u{dtype.itemsize}")
    no_sign = least = (1 << (8 * dtype.itemsize - 1)) - 1
    flat = plain.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        bits = flat[start : start + _CHUNK].astype(dtype).view(unsigned)
        bits &= unsigned.type(no_sign)
        # Less 1, a zero becomes the largest number and is passed over.
        bits -= unsigned.type(1)
        least = min(least, int(bits.min()) + 1)
    return least


def encode(
    labels: BoolArray | PackedLabels,
    plain: NDArray[Any],
    code: KeyCode,
    *,
    out: NDArray[Any] | None = None,
) -> KeyArray:
    """Unsorted keys of plain scores; `labels` has the shape of the last axis.

    `out`, in the byte order of the machine, is overwritten by the keys; it may be `plain` itself.
    """
    size = code.dtype.itemsize
    keys = np.empty(plain.shape, dtype=f"u{size}") if out is None else out.view(f"u{size}")
    values, signed = keys.view(code.dtype), keys.view(f"i{size}")
    for start in range(0, labels.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = signed[..., part]
        # Adding 0 turns -0.0 into 0.0, which is the same score with other bits.
        np.add(plain[..., part], 0, out=values[..., part])
        if code.offset:
            _to_signed_rank(chunk, code)
        _put_label(chunk, labels[part])
    return keys


def encode_scores(labels: BoolArray | PackedLabels, scores: NDArray[Any]) -> KeyArray:
    """Unsorted keys of one column of scores of any real dtype.

    Most scores are not negative, and then their smallest need not be known: whether one is, is
    looked up while it is in the cache.
    """
    plain = plain_scores(scores)
    dtype = plain.dtype.newbyteorder("=")
    keys = np.empty(plain.size, dtype=f"u{dtype.itemsize}")
    values, signed = keys.view(dtype), keys.view(f"i{dtype.itemsize}")
    for start in range(0, plain.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = signed[part]
        np.add(plain[part], 0, out=values[part])
        if chunk.min() < 0:
            code = find_code(plain)
            return encode(labels, *(widened(plain) if code is None else (plain, code)))
        _put_label(chunk, labels[part])
    return keys


def _put_label(chunk: NDArray[Any], labels: BoolArray) -> None:
    """Make room in the lowest bit for the label."""
    np.left_shift(chunk, 1, out=chunk)
    np.bitwise_or(chunk, ~labels, out=chunk)


def _to_signed_rank(bits: NDArray[Any], code: KeyCode) -> None:
    """Turn the bits of scores of both signs into signed ranks plus the offset, in place."""
    if code.dtype.kind == "f":
        sign_bit = 8 * code.dtype.itemsize - 1
        sign = bits >> sign_bit
        np.bitwise_and(bits, (1 << sign_bit) - 1, out=bits)
        np.subtract(bits, code.gap, out=bits)
        np.maximum(bits, 0, out=bits)
        np.bitwise_xor(bits, sign, out=bits)
        np.subtract(bits, sign, out=bits)
    np.add(bits, code.offset, out=bits)


def sortable(keys: KeyArray) -> NDArray[Any]:
    """View of the keys, to be sorted in place instead of them.

    Many processors compare 64-bit floats with one instruction and unsigned integers with several.
    Up to the bits of infinity both sort alike, unless subnormal floats are taken for 0.
    """
    is_wide = keys.itemsize == 8 and keys.size >= _MANY
    if is_wide and _LEAST_FLOAT > 0.0 and keys.max() < _INFINITY:
        return keys.view(np.float64)
    return keys


def original_scores(keys: KeyArray, code: KeyCode, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The scores, in their own `dtype`, that keys under `code` were made from."""
    plain = _plain_of(keys, code)
    if dtype.kind == "u" and dtype.itemsize == 8:
        return plain.view(np.uint64) ^ _HIGHEST
    return plain.astype(dtype, copy=False)


def _plain_of(keys: KeyArray, code: KeyCode) -> NDArray[Any]:
    """Plain scores that keys under `code` were made from."""
    rank = (keys >> keys.dtype.type(1)).view(f"i{keys.dtype.itemsize}")
    if code.levels is not None:
        return np.asarray(code.levels.take(rank))
    rank -= code.offset
    if code.dtype.kind == "i" or not code.offset:
        return np.asarray(rank.view(code.dtype))
    magnitude = np.abs(rank)
    magnitude[rank != 0] += code.gap
    floats = magnitude.view(code.dtype)
    return np.asarray(np.where(rank < 0, -floats, floats))
