"""Floor 1: a radix sort of unsigned integers, compiled by numba where that is installed.

Keys go once to parts that fit the cache, each a range of the keys; inside a part they are sorted by
the digits in which they differ, the lowest first.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._optional import import_optional
from leakcheck.base._keys import KeyArray
from leakcheck.exceptions import MissingDependencyError

__all__ = ["compiled_radix_sort", "radix_sort"]

_Sort: TypeAlias = Callable[[KeyArray], None]
# Bits of the numbers of cells, in which keys are counted before they are parted, at the most.
_MOST_CELL_BITS = 16
# Keys of a part, unless there are so many that the parts would be more than `_MOST_PARTS`.
_PART = 1 << 14
_MOST_PARTS = 1 << 12
# Bits of a digit at the most: counters of as many values fit the cache.
_DIGIT_BITS = 11


@lru_cache(maxsize=1)
def compiled_radix_sort() -> _Sort | None:
    """Give `radix_sort` compiled, or None without the extra `fast`."""
    try:
        numba = import_optional("numba", extra="fast", purpose="to sort by radix")
    except MissingDependencyError:
        return None
    loops = _Loops(*(_jit(numba, loop) for loop in _Loops()))
    return lambda keys: radix_sort(keys, loops)


def _jit(numba: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call; the result is kept beside this file where one may write there."""
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither this folder nor the user's own can be written to
        compiled = numba.njit(nogil=True)(function)
    return compiled


def _count_cells(keys: NDArray[Any], least: Any, shift: Any, counts: NDArray[Any]) -> None:
    """Count the keys of each cell."""
    for i in range(keys.size):
        counts[(keys[i] - least) >> shift] += 1


def _spread(
    keys: NDArray[Any],
    out: NDArray[Any],
    least: Any,
    shift: Any,
    part_of_cell: NDArray[np.uint16],
    starts: NDArray[Any],
) -> None:
    """Put each key where the next one of its part goes."""
    for i in range(keys.size):
        key = keys[i]
        part = part_of_cell[(key - least) >> shift]
        at = starts[part]
        out[at] = key
        starts[part] = at + 1


def _sort_part(
    one: NDArray[Any], other: NDArray[Any], least: Any, n_digits: int, width: int, starts: Any
) -> None:
    """Sort one part into the other; keys are at least the `least`, and `starts` a counter a digit.

    The part itself is overwritten.
    """
    mask = np.uint64((1 << width) - 1)
    for place in range(n_digits):
        shift = np.uint64(place * width)
        starts[:] = 0
        for i in range(one.size):
            starts[((one[i] - least) >> shift) & mask] += 1
        total = starts[0] - starts[0]
        for digit in range(starts.size):
            count = starts[digit]
            starts[digit] = total
            total += count
        for i in range(one.size):
            key = one[i]
            digit_of_key = ((key - least) >> shift) & mask
            at = starts[digit_of_key]
            other[at] = key
            starts[digit_of_key] = at + 1
        one, other = other, one
    if n_digits % 2 == 0:
        other[:] = one


class _Loops(NamedTuple):
    """What is compiled."""

    count_cells: Callable[..., None] = _count_cells
    spread: Callable[..., None] = _spread
    sort_part: Callable[..., None] = _sort_part


class _Part(NamedTuple):
    """Keys next to each other that are at least `least`, and lie within so many bits above it."""

    keys: slice
    least: int
    n_bits: int


_IN_PYTHON = _Loops()


def radix_sort(keys: KeyArray, loops: _Loops = _IN_PYTHON) -> None:
    """Sort unsigned integers in place; as much memory again is needed meanwhile."""
    if not keys.size:
        return
    counter = np.dtype(np.uint32 if keys.size <= np.iinfo(np.uint32).max else np.int64)
    parted = np.empty_like(keys)
    starts = np.empty(1 << _DIGIT_BITS, dtype=counter)
    for part in _parts(keys, parted, loops, counter):
        n_digits = -(-part.n_bits // _DIGIT_BITS)
        width = -(-part.n_bits // max(n_digits, 1))
        one, other, least = parted[part.keys], keys[part.keys], keys.dtype.type(part.least)
        loops.sort_part(one, other, least, n_digits, width, starts[: 1 << width])


def _parts(keys: KeyArray, out: KeyArray, loops: _Loops, counter: np.dtype[Any]) -> list[_Part]:
    """Put the keys into parts, the smallest first."""
    least = keys.min()
    n_bits = int(keys.max() - least).bit_length()
    if keys.size <= _PART:
        out[:] = keys
        return [_Part(slice(None), int(least), n_bits)]
    cell_bits = min(keys.size.bit_length() - 3, _MOST_CELL_BITS)
    shift = max(n_bits - cell_bits, 0)
    counts = np.zeros(1 << cell_bits, dtype=counter)
    loops.count_cells(keys, least, keys.dtype.type(shift), counts)
    before = np.cumsum(counts, dtype=np.int64) - counts
    # Cells go where their first key falls, so that only a part of one cell can be a long one.
    step = np.diff(before // max(_PART, -(-keys.size // _MOST_PARTS)), prepend=-1) > 0
    part_of_cell = (np.cumsum(step) - 1).astype(np.uint16)
    cells = np.append(step.nonzero()[0], counts.size)
    starts = before.take(cells[:-1])
    loops.spread(keys, out, least, keys.dtype.type(shift), part_of_cell, starts.astype(counter))
    bounds = np.append(starts, keys.size).tolist()
    return [
        _Part(
            slice(low, high), int(least) + (first << shift), shift + (end - first - 1).bit_length()
        )
        for low, high, first, end in zip(
            bounds[:-1], bounds[1:], cells[:-1].tolist(), cells[1:].tolist(), strict=True
        )
    ]
