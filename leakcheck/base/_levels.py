"""Floor 1: counts of each label at each distinct score, where distinct scores are few: no sort.

Scores of 16 bits index a table of all their values. Other floats of few levels (averages of binary
labels, trees, rounded scores) are found from a small sample: 16 of their bits, chosen so that all
levels differ in them, index a table that holds the whole level and its number. The exclusive or of
entry and score is the number where the score is that level, and has other bits set where it is not,
so that one pass both counts and proves that nothing else occurred; what did occur joins the table.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base._keys import has_bfloat16, plain_scores
from leakcheck.base._tables import TieTable, count_levels, starts_of_runs
from leakcheck.base.packed import PackedLabels, unpacked

__all__ = ["count_few"]

_FEWEST_ROWS = 1 << 12
# Finding the levels of floats costs as much as sorting this many.
_FEWEST_FLOATS = 1 << 17
# A glance at this many scores tells most continuous scores from those of few levels.
_GLANCE, _FEW_AT_A_GLANCE = 64, 56
_SAMPLE = 1 << 9
# Scores of 16 bits fill a table of twice as many counts.
_FEWEST_16_BITS = 1 << 16
# Level and label together fit a byte, two of them an index of 16 bits.
_MOST_LEVELS = 1 << 7
_SLOTS = 1 << 16
# Rows that counters of 32 bits hold, wherever they fall.
_MOST_NARROW = (1 << 31) - 1
_SLOTS_TRIED = (1 << 12, 1 << 16)
_CHUNK = 1 << 14
_PAIRS_CHUNK = 1 << 17
_WIDE_CHUNK = 1 << 16


def count_few(labels: BoolArray | PackedLabels, scores: NDArray[Any]) -> TieTable | None:
    """Table of scores by counting, or None where sorting is faster or levels are many."""
    if scores.size < _FEWEST_ROWS:
        return None
    if scores.dtype.itemsize == 2 and (scores.dtype.kind == "f" or has_bfloat16(scores)):
        return _count_16_bits(labels, scores)
    if scores.dtype.kind in "biu":
        found = _count_small_integers(labels, scores)
        return found if found is not None else count_levels(unpacked(labels), scores)
    is_float = scores.dtype.kind == "f" and scores.dtype.itemsize in (4, 8)
    if not (is_float and scores.dtype.isnative and scores.flags.c_contiguous):
        return None
    return _count_floats(labels, scores) if scores.size >= _FEWEST_FLOATS else None


def _count_16_bits(labels: BoolArray | PackedLabels, scores: NDArray[Any]) -> TieTable | None:
    """Table of float16 or bfloat16 scores, whose bits index a table of counts."""
    if scores.size < _FEWEST_16_BITS:
        return None  # the table would cost more than a sort
    native = scores if scores.dtype.isnative else scores.astype(scores.dtype.newbyteorder("="))
    bits = np.ascontiguousarray(native).view(np.uint16)
    counts = _zeros(2 * _SLOTS, bits.size)
    for start in range(0, bits.size, _WIDE_CHUNK):
        part = slice(start, start + _WIDE_CHUNK)
        joint = bits[part].astype(np.intp)
        joint += joint
        joint += ~labels[part]
        _count(counts, joint)
    pairs = counts.reshape(-1, 2)
    seen = (pairs[:, 0] | pairs[:, 1]).nonzero()[0]
    # Floats below 0 fall where their bits rise.
    above, below = np.split(seen, seen.searchsorted([_SLOTS // 2]))
    seen = np.concatenate([below[::-1], above])
    return _merged(seen.astype(np.uint16).view(native.dtype), pairs[seen], scores.dtype)


def _count_small_integers(
    labels: BoolArray | PackedLabels, scores: NDArray[Any]
) -> TieTable | None:
    """Table of integers that span few values, two rows counted at a time."""
    codes = scores.view(np.uint8) if scores.dtype.kind == "b" else scores
    high = int(codes.max())
    is_small = codes.dtype == np.uint8 and high < _MOST_LEVELS
    low = 0 if is_small else int(codes.min())
    n_levels = high - low + 1
    if n_levels > _MOST_LEVELS:
        return None
    lowest = np.full(1, low, dtype=codes.dtype)
    counter = _PairCounter(codes.size)
    buffer = np.empty(min(_PAIRS_CHUNK, codes.size), dtype=np.uint8)
    for start in range(0, codes.size, _PAIRS_CHUNK):
        part = slice(start, start + _PAIRS_CHUNK)
        # A difference that wraps around in its own type keeps its lowest byte.
        levels = codes[part] if is_small else (codes[part] - lowest).astype(np.uint8, copy=False)
        counter.add(levels, labels[part], buffer[: levels.size])
    pairs = counter.counts(n_levels)
    seen = np.flatnonzero(pairs.any(axis=1))
    thresholds = np.full(seen.size, low, dtype=codes.dtype) + seen.astype(codes.dtype)
    return _merged(thresholds, pairs[seen], scores.dtype)


class _PairCounter:
    """Counts of (level, label), from numbers of 16 bits that hold two rows each."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._pairs: IntArray | None = None
        self._index = np.empty(0, dtype=np.intp)
        self._single = np.zeros(2 * _MOST_LEVELS, dtype=np.int64)

    def add(self, levels: NDArray[np.uint8], labels: BoolArray, out: NDArray[np.uint8]) -> None:
        """Count rows; `out` is as long as `levels`, may be the same, and is overwritten."""
        joint = np.add(levels, levels, out=out)
        joint |= labels.view(np.uint8)
        even = joint.size // 2 * 2 if joint.size >= _CHUNK else 0
        if even:
            pairs = joint[:even].view(np.uint16)
            if self._pairs is None:
                self._pairs = _zeros(_SLOTS, self._n)
                self._index = np.empty(pairs.size, dtype=np.intp)
            index = self._index[: pairs.size]
            index[:] = pairs
            _count(self._pairs, index)
        if even < joint.size:
            found = np.bincount(joint[even:])
            self._single[: found.size] += found

    def counts(self, n_levels: int) -> IntArray:
        """Positives and negatives at each level, shape (n_levels, 2)."""
        n = 2 * n_levels
        total: IntArray = self._single[:n]
        if self._pairs is not None:
            both = self._pairs.reshape(2 * _MOST_LEVELS, 2 * _MOST_LEVELS)[:n, :n]
            total = total + both.sum(axis=0, dtype=np.int64) + both.sum(axis=1, dtype=np.int64)
        return total.reshape(-1, 2)[:, ::-1]


def _zeros(size: int, n: int) -> IntArray:
    """Counters of as many rows; narrow ones, while they suffice, since these stay in the cache."""
    return np.zeros(size, dtype=np.int32 if n <= _MOST_NARROW else np.int64)


def _count(counts: IntArray, index: NDArray[np.intp]) -> None:
    """Count each index: into one table for all chunks, where `numpy.bincount` makes one each."""
    # A step of the table's own type is added many times faster than another.
    np.add.at(counts, index, counts.dtype.type(1))


def _merged(thresholds: NDArray[Any], pairs: IntArray, dtype: np.dtype[Any]) -> TieTable:
    """Table of levels in any order, those of equal score merged."""
    plain = plain_scores(thresholds) + 0  # -0.0 becomes 0.0
    if (plain[1:] < plain[:-1]).any():
        order = np.argsort(plain, kind="stable")
        thresholds, plain, pairs = thresholds.take(order), plain.take(order), pairs.take(order, 0)
    first = starts_of_runs(plain)
    positives, negatives = np.add.reduceat(pairs, first, dtype=np.int64).T
    # Plain numbers only stand for whole numbers of 64 bits without a sign.
    values = thresholds if thresholds.dtype.kind == "u" else plain
    columns = values.take(first).astype(dtype), positives, negatives
    return TieTable(*(np.ascontiguousarray(column[::-1]) for column in columns))


class _Window(NamedTuple):
    """A few bits of the scores in which all levels differ."""

    shift: int
    slots: int
    table: NDArray[Any]
    """By these bits: the bits of a level, with its number put on top of them."""
    foreign: int
    """Bits that are set in no number of a level."""


def _window_of(levels: NDArray[Any]) -> _Window | None:
    """Window for the bits of the levels; None where no window tells them apart."""
    unsigned = levels.dtype.type
    width = 8 * levels.dtype.itemsize
    if levels.size > _MOST_LEVELS:
        return None
    places = ((slots, shift) for slots in _SLOTS_TRIED for shift in range(width - 12, -1, -2))
    for slots, shift in places:
        slot = (levels >> unsigned(shift)) & unsigned(slots - 1)
        if len(set(slot.tolist())) == slot.size:
            break
    else:
        return None
    # An entry of no level differs from every score that finds it, in a bit above all numbers.
    table = np.arange(slots, dtype=levels.dtype)
    table ^= unsigned(_MOST_LEVELS)
    table <<= unsigned(shift)
    number = np.arange(levels.size, dtype=levels.dtype) << unsigned(shift)
    table[slot.astype(np.intp)] = levels ^ number
    foreign = ((1 << width) - 1) ^ ((_MOST_LEVELS - 1) << shift)
    return _Window(shift, slots, table, foreign)


class _Numberer:
    """Numbers the levels of scores, whose bits come in chunks, as they occur."""

    def __init__(self, bits: NDArray[Any]) -> None:
        self.levels: NDArray[Any] = np.unique(bits[:: max(bits.size // _SAMPLE, 1)])
        self._window = _window_of(self.levels)
        size = min(_CHUNK, bits.size)
        self._slot = np.empty(size, dtype=bits.dtype)
        self._found = np.empty(size, dtype=bits.dtype)

    def number(self, chunk: NDArray[Any], out: NDArray[np.uint8]) -> bool:
        """Write the number of each score's level; False once there are too many levels."""
        found = self._found[: chunk.size]
        while self._window is not None:
            if not self._look_up(chunk, found, self._window):
                np.copyto(out, found, casting="unsafe")
                return True
            # Those that are new go behind the others, so that numbers given stay.
            new = np.setdiff1d(chunk, self.levels)
            self.levels = np.concatenate([self.levels, new])
            self._window = _window_of(self.levels)
        return False

    def _look_up(self, chunk: NDArray[Any], found: NDArray[Any], window: _Window) -> bool:
        """Fill `found` with the numbers and say whether there are scores of other levels."""
        unsigned = chunk.dtype.type
        slot = self._slot[: chunk.size]
        np.right_shift(chunk, unsigned(window.shift), out=slot)
        slot &= unsigned(window.slots - 1)
        index = slot.view(np.intp) if slot.itemsize == np.intp().itemsize else slot.astype(np.intp)
        window.table.take(index, mode="clip", out=found)
        found ^= chunk
        others = bool(int(np.bitwise_or.reduce(found)) & window.foreign)
        found >>= unsigned(window.shift)
        return others


def _count_floats(labels: BoolArray | PackedLabels, scores: NDArray[Any]) -> TieTable | None:
    """Table of native floats of few levels."""
    bits = scores.view(f"u{scores.dtype.itemsize}")
    glance = bits[:: bits.size // _GLANCE]
    if len(set(glance.tolist())) > _FEW_AT_A_GLANCE:
        return None
    numberer = _Numberer(bits)
    counter = _PairCounter(bits.size)
    buffer = np.empty(min(_PAIRS_CHUNK, bits.size), dtype=np.uint8)
    for start in range(0, bits.size, _PAIRS_CHUNK):
        stop = min(start + _PAIRS_CHUNK, bits.size)
        for at in range(start, stop, _CHUNK):
            chunk = bits[at : min(at + _CHUNK, stop)]
            if not numberer.number(chunk, buffer[at - start : at - start + chunk.size]):
                return None
        levels = buffer[: stop - start]
        counter.add(levels, labels[start:stop], levels)
    known = numberer.levels
    return _merged(known.view(scores.dtype), counter.counts(known.size), scores.dtype)
