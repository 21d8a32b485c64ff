"""One pass over many stretches of sorted keys, without a loop over them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._harmonic import tied_precision
from leakcheck.base._keys import KeyArray

__all__ = ["SegmentLayout", "SegmentSums", "segment_sums"]


class SegmentSums(NamedTuple):
    """The sums of `RankSums` for each stretch; 0 where it has no positive."""

    precision: FloatArray
    expected_precision: FloatArray
    ordered: FloatArray
    """Pairs of a positive above a negative, plus half of the tied pairs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentLayout:
    """Where stretches lie and how many positives each holds: the same for every column."""

    n_segments: int
    ends: IntArray
    """End of each stretch, one past its last key."""
    filled: IntArray
    """Stretches with a positive; the arrays that follow hold one element for each of these."""
    counts: IntArray
    start: IntArray
    """Place of its first positive among all positives."""
    offset: IntArray
    """What the sum of the places of its positives exceeds the number of ordered pairs by."""
    end_of: IntArray
    """For each positive, the end of its stretch."""
    true_above: FloatArray
    """For each positive, the positives of its stretch from it upwards."""

    @classmethod
    def of(cls, sizes: IntArray, n_positive: IntArray) -> "SegmentLayout":
        """Lay stretches of these sizes side by side."""
        ends = np.cumsum(sizes)
        filled = n_positive.nonzero()[0]
        counts = n_positive.take(filled)
        stop = np.cumsum(counts)
        begin = (ends - sizes).take(filled)
        return cls(
            n_segments=sizes.size,
            ends=ends,
            filled=filled,
            counts=counts,
            start=stop - counts,
            offset=counts * begin + counts * (counts - 1) // 2,
            end_of=np.repeat(ends.take(filled), counts),
            true_above=np.repeat(stop.astype(np.float64), counts) - np.arange(counts.sum()),
        )


def segment_sums(keys: KeyArray, layout: SegmentLayout) -> SegmentSums:
    """Sums over stretches of keys, each sorted."""
    sums = np.zeros((3, layout.n_segments))
    if layout.filled.size == 0:
        return SegmentSums(*sums)
    place = ((keys.astype(np.uint8) & 1) == 0).nonzero()[0]
    value = keys.take(place)
    n_above = layout.end_of - place
    # Precision at each positive when the positives of a tie come after its negatives.
    late = layout.true_above / n_above
    is_first = np.empty(place.size, dtype=np.bool_)
    np.not_equal(value[1:], value[:-1], out=is_first[1:])
    is_first[layout.start] = True
    first = is_first.nonzero()[0]
    size = None if first.size == place.size else np.diff(first, append=place.size)
    precision = late if size is None else np.repeat(late.take(first), size)
    sums[0, layout.filled] = np.add.reduceat(precision, layout.start)
    ordered = (np.add.reduceat(place, layout.start) - layout.offset).astype(np.float64)
    is_mixed = keys.take(place + 1, mode="clip") == (value | value.dtype.type(1))
    is_mixed &= n_above > 1
    last = is_mixed.nonzero()[0]
    if last.size:
        negatives = _tied_negatives(keys, layout.ends, place.take(last))
        positives = _replaced_ties(late, first, size, last)
        late[last] = tied_precision(
            layout.true_above.take(last) - 1.0,
            n_above.take(last) - 1 - negatives,
            positives,
            positives + negatives,
        )
        segment = np.searchsorted(layout.start, last, side="right") - 1
        ordered += 0.5 * np.bincount(segment, positives * negatives, minlength=ordered.size)
    sums[1, layout.filled] = np.add.reduceat(late, layout.start)
    sums[2, layout.filled] = ordered
    return SegmentSums(*sums)


def _replaced_ties(
    late: FloatArray, first: IntArray, size: IntArray | None, last: IntArray
) -> IntArray:
    """Positives of each tie that ends at `last`; clears `late` at all of them."""
    if size is None:
        return np.ones(last.size, dtype=np.intp)
    tie = np.searchsorted(first, last, side="right") - 1
    is_replaced = np.zeros(first.size, dtype=np.bool_)
    is_replaced[tie] = True
    late[np.repeat(is_replaced, size)] = 0.0
    return size.take(tie)


def _tied_negatives(keys: KeyArray, ends: IntArray, place: IntArray) -> IntArray:
    """Length of the run of equal keys that follows each place, within its stretch."""
    is_end = np.empty(keys.size, dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_end[:-1])
    is_end[ends[ends > 0] - 1] = True
    run_ends = is_end.nonzero()[0]
    return run_ends.take(np.searchsorted(run_ends, place + 1)) - place
