"""One pass over sorted keys that reads every ranking statistic off them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import tied_precision
from leakcheck.base._keys import KeyArray

__all__ = ["RankSums", "rank_sums"]

# Keys in one chunk, and positives aimed at: the temporary arrays of a chunk stay in the cache.
_MOST_KEYS = 1 << 18
_POSITIVES = 1 << 16
# Ties that are worth looking at step by step, and how many steps.
_FEW_TIES = 1 << 9
_PROBES = 4


class RankSums(NamedTuple):
    """Sums over the positives, from which the ranking metrics follow."""

    precision: float
    """Sum of the precision at the score of each positive."""
    expected_precision: float
    """The same, averaged over random orders inside ties."""
    twice_ordered: int
    """Twice the pairs of a positive above a negative, plus the tied pairs."""


def rank_sums(keys: KeyArray, n_positive: int, *, ties: bool = True) -> RankSums:
    """Read the sums off sorted keys; without `ties` only `precision` is meant to be used."""
    precision = expected = 0.0
    twice_ordered = seen = 0
    for start, chunk in _tie_safe_chunks(keys, n_positive):
        place = ((chunk.astype(np.uint8) & 1) == 0).nonzero()[0]
        count = place.size
        if count == 0:
            continue
        sums = _chunk_sums(chunk, place, keys.size - start, n_positive - seen, ties=ties)
        precision += sums.precision
        expected += sums.expected_precision
        twice_ordered += sums.twice_ordered + 2 * count * (start - seen)
        seen += count
    return RankSums(precision, expected, twice_ordered)


def _tie_safe_chunks(keys: KeyArray, n_positive: int) -> Iterator[tuple[int, KeyArray]]:
    """Consecutive stretches of sorted keys that cut through no tie, each with its offset."""
    start, n = 0, keys.size
    step = min(_MOST_KEYS, _POSITIVES * n // max(n_positive, 1) + 1)
    while start < n:
        stop = min(start + step, n)
        if stop < n:
            last = keys[stop - 1] | keys.dtype.type(1)
            if keys[stop] <= last:
                stop += int(np.searchsorted(keys[stop:], last, side="right"))
        yield start, keys[start:stop]
        start = stop


def _chunk_sums(
    keys: KeyArray, place: IntArray, n_above: int, positives_above: int, *, ties: bool
) -> RankSums:
    """Sums over the positives at `place`, with this many items and positives from here upwards."""
    count = place.size
    value = keys.take(place)
    # Precision at each positive when the positives of a tie come after its negatives.
    late = np.arange(positives_above, positives_above - count, -1.0)
    late /= float(n_above) - place
    precision = expected = float(late.sum())
    same = value[1:] == value[:-1]
    repeats = _find_repeats(same) if same.any() else None
    if repeats is not None:
        precision += _gain_of_first(late, repeats)
    if not ties:
        return RankSums(precision, expected, 0)
    twice_ordered = 2 * (int(place.sum()) - count * (count - 1) // 2)
    after = keys.take(place + 1, mode="clip")
    is_mixed = after == (value | value.dtype.type(1))
    last = is_mixed.nonzero()[0]
    if last.size:
        end = place.take(last)
        negatives = _tied_negatives(keys, end, after.take(last))
        positives, replaced = _tied_positives(late, repeats, is_mixed, last)
        size = positives + negatives
        mean = tied_precision(
            positives_above - 1 - last, n_above - 1 - end - negatives, positives, size
        )
        expected += float(mean.sum()) - replaced
        twice_ordered += int((positives * negatives).sum())
    return RankSums(precision, expected, twice_ordered)


class _Repeats(NamedTuple):
    """Places among the positives whose successor is tied with them, by tie."""

    place: IntArray
    first: IntArray
    """Where in `place` each tie begins."""
    length: IntArray
    """Positives of each tie, less one."""


def _find_repeats(same: BoolArray) -> _Repeats:
    """Read the ties among positives off the flags "tied with the next"."""
    place = same.nonzero()[0]
    breaks = (place[1:] - place[:-1] != 1).nonzero()[0]
    edges = np.empty(breaks.size + 2, dtype=np.intp)
    edges[0], edges[-1] = 0, place.size
    np.add(breaks, 1, out=edges[1:-1])
    return _Repeats(place, edges[:-1], edges[1:] - edges[:-1])


def _gain_of_first(late: FloatArray, repeats: _Repeats) -> float:
    """What the precisions gain when all positives of a tie get that of its first place."""
    first = late.take(repeats.place.take(repeats.first))
    return float(np.dot(first, repeats.length) - late.take(repeats.place + 1).sum())


def _tied_positives(
    late: FloatArray, repeats: _Repeats | None, is_mixed: BoolArray, last: IntArray
) -> tuple[IntArray, float]:
    """Positives in each mixed tie, which ends at `last`, and the sum of `late` over all of them."""
    replaced = float(late.take(last).sum())
    if repeats is None:
        return np.ones(last.size, dtype=np.intp), replaced
    final = repeats.place.take(repeats.first) + repeats.length
    of_mixed = is_mixed.take(final)
    positives = np.ones(late.size, dtype=np.intp)
    positives[final] += repeats.length
    # Most ties of positives are of two.
    if repeats.place.size > repeats.first.size:
        of_mixed = np.repeat(of_mixed, repeats.length)
    return positives.take(last), replaced + float(np.dot(late.take(repeats.place), of_mixed))


def _tied_negatives(keys: KeyArray, end: IntArray, value: KeyArray) -> IntArray:
    """Number of keys equal to `value` that follow each place in `end`."""
    negatives = np.ones(end.size, dtype=np.intp)
    open_ties = np.arange(end.size)
    # Most of many ties are short and soon closed.
    step = 2
    while open_ties.size > _FEW_TIES and step < 2 + _PROBES:
        found = (keys.take(end + step, mode="clip") == value).nonzero()[0]
        end, value, open_ties = end.take(found), value.take(found), open_ties.take(found)
        negatives[open_ties] = step
        step += 1
    negatives[open_ties] = np.searchsorted(keys, value, side="right") - 1 - end
    return negatives
