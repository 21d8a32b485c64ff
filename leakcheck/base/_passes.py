"""One pass over sorted keys that reads every ranking statistic off them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import tied_precision
from leakcheck.base._keys import KeyArray

__all__ = ["RankSums", "rank_sums"]

# Keys in one chunk, and positives aimed at: the temporary arrays of a chunk stay in the cache. Of
# few chunks the arrays are so small that the C library keeps their memory for the next call; of
# many chunks fewer calls of numpy count for more.
_MOST_KEYS = 1 << 17
_POSITIVES, _POSITIVES_OF_MANY = 1 << 14, 1 << 15
_MANY = 1 << 17
# Ties that are worth looking at step by step, and how many steps.
_FEW_TIES = 1 << 6
_PROBES = 8
# Ties that are summed one by one, and the positives or negatives that one of them may hold.
_HANDFUL = 12
_SHORT = 8
# Share of a sum that rounding takes anyway.
_UNSEEN = 1e-15


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
    aim = _POSITIVES if n_positive < _MANY else _POSITIVES_OF_MANY
    scratch = _Scratch.of(min(n_positive, aim + (aim >> 2)))
    for start, chunk in _tie_safe_chunks(keys, aim * keys.size // max(n_positive, 1) + 1):
        place = ((chunk.astype(np.uint8) & 1) == 0).nonzero()[0]
        count = place.size
        if count == 0:
            continue
        scratch = scratch.holding(count)
        sums = _chunk_sums(chunk, place, keys.size - start, n_positive - seen, scratch, ties=ties)
        precision += sums.precision
        expected += sums.expected_precision
        twice_ordered += sums.twice_ordered + 2 * count * (start - seen)
        seen += count
    return RankSums(precision, expected, twice_ordered)


def _tie_safe_chunks(keys: KeyArray, length: int) -> Iterator[tuple[int, KeyArray]]:
    """Consecutive stretches of sorted keys that cut through no tie, each with its offset."""
    start, n = 0, keys.size
    step = min(_MOST_KEYS, length)
    while start < n:
        stop = min(start + step, n)
        if stop < n:
            last = keys[stop - 1] | keys.dtype.type(1)
            if keys[stop] <= last:
                stop += int(np.searchsorted(keys[stop:], last, side="right"))
        yield start, keys[start:stop]
        start = stop


class _Scratch(NamedTuple):
    """Memory that the chunks share: fresh arrays cost more than what is written into them.

    The C library hands large arrays back to the system, which clears each page anew.
    """

    late: FloatArray
    above: FloatArray
    down: FloatArray
    """0, -1, -2 and so on."""

    @classmethod
    def of(cls, size: int) -> "_Scratch":
        """For chunks of as many positives."""
        return cls(np.empty(size), np.empty(size), np.arange(0.0, -size, -1.0))

    def holding(self, count: int) -> "_Scratch":
        """The same, or more where a tie made the chunk longer."""
        return self if count <= self.late.size else _Scratch.of(2 * count)


class _Chunk(NamedTuple):
    """Sorted keys that cut through no tie, and what is known of their positives."""

    keys: KeyArray
    place: IntArray
    """Of the positives among the keys."""
    late: FloatArray
    """Precision at each positive when the positives of a tie come after its negatives."""
    late_sum: float
    tied: IntArray
    """Positives that are tied with the next."""
    n_above: int
    """Items from here upwards."""
    positives_above: int


def _chunk_sums(
    keys: KeyArray,
    place: IntArray,
    n_above: int,
    positives_above: int,
    scratch: _Scratch,
    *,
    ties: bool,
) -> RankSums:
    """Sums over the positives at `place`, with this many items and positives from here upwards."""
    count = place.size
    value = keys.take(place)
    late = np.add(scratch.down[:count], positives_above, out=scratch.late[:count])
    above = scratch.above[:count]
    above[:] = place
    late /= np.subtract(n_above, above, out=above)
    late_sum = float(late.sum())
    tied = (value[1:] == value[:-1]).nonzero()[0]
    chunk = _Chunk(keys, place, late, late_sum, tied, n_above, positives_above)
    precision = late_sum + _gain_of_first(chunk)
    if not ties:
        return RankSums(precision, late_sum, 0)
    mixed = _mixed_gain(chunk, value)
    twice_ordered = 2 * (int(place.sum()) - count * (count - 1) // 2) + mixed.pairs
    return RankSums(precision, late_sum + mixed.gain, twice_ordered)


class _Mixed(NamedTuple):
    """What ties that hold positives and negatives add."""

    gain: float
    """To the expected precisions."""
    pairs: int
    """Tied pairs of a positive and a negative."""


def _mixed_gain(chunk: _Chunk, value: KeyArray) -> _Mixed:
    """Find the ties of both labels and sum them up; `value` holds the keys of the positives."""
    # At the end of the chunk a key follows itself, which is not the key of a negative.
    after = chunk.keys[min(1, chunk.keys.size - 1) :].take(chunk.place, mode="clip")
    value |= value.dtype.type(1)
    is_mixed = after == value
    last = is_mixed.nonzero()[0]
    if last.size <= _HANDFUL:
        found = _one_by_one(chunk, last)
        if found is not None:
            return found
    return _many_ties(chunk, last, value)


def _many_ties(chunk: _Chunk, last: IntArray, negative: KeyArray) -> _Mixed:
    """Sum up ties of any size by their last positives; `negative` are keys of all positives | 1.

    Of TP positives among N items above, a tie of one positive and one negative, which most are,
    adds (TP + 1) / (N + 2) where the positive comes last, and (TP + 1) / (N + 1) where it comes
    first: a gain of half the first over N + 1.
    """
    end, value = chunk.place.take(last), negative.take(last)
    # At the ends of the chunk a place stands for its neighbour: "longer" is right for any size.
    is_followed = chunk.keys[min(2, chunk.keys.size - 1) :].take(end, mode="clip") == value
    is_led = negative.take(last - 1, mode="clip") == value
    rest = (is_followed | is_led).nonzero()[0]
    before = chunk.n_above - 1.0 - end
    share = chunk.late.take(last)
    share /= before
    of_two = _Mixed(0.5 * float(share.sum()), last.size)
    if rest.size == 0:
        return of_two
    last, end, value = last.take(rest), end.take(rest), value.take(rest)
    share, before = share.take(rest), before.take(rest)
    negatives = _tie_lengths(chunk.keys, end + 1, value, 1, is_followed.take(rest))
    positives = _tie_lengths(negative, last, value, -1, is_led.take(rest))
    more = _narrow_gain(share, before, positives, negatives, chunk.late_sum)
    if more is None:
        more = _wide_gain(chunk, last, positives, negatives) - 0.5 * float(share.sum())
    pairs = int(np.dot(positives, negatives))
    return _Mixed(of_two.gain + more, of_two.pairs + pairs - rest.size)


def _narrow_gain(
    share: FloatArray, before: FloatArray, positives: IntArray, negatives: IntArray, total: float
) -> float | None:
    """Gain of small ties beyond half their `share`, None if its error might be seen in the `total`.

    Where a tie of p positives and q negatives begins with all of the latter, its first positive has
    a precision L among D items. With b = D - 1, which is `before`, and the `share` s = L / b the
    gain is p q (s / 2 + ((p - 1) / 6b + s (q - p) / 3) / b), within p q (p + q)**2 / 4 b**3.
    """
    p, q = positives.astype(np.float64), negatives.astype(np.float64)
    pairs = p * q
    size = p + q
    size *= size
    if float(np.dot(pairs, size)) > 4 * _UNSEEN * total * float(before[-1]) ** 3:
        return None
    q -= p
    q *= share
    q *= 1 / 3
    p -= 1.0
    p *= 1 / 6
    p /= before
    p += q
    p /= before
    gain = float(np.dot(pairs, p))
    pairs -= 1.0
    return gain + 0.5 * float(np.dot(pairs, share))


def _wide_gain(chunk: _Chunk, last: IntArray, positives: IntArray, negatives: IntArray) -> float:
    """Gain of ties of any size, by their last positives."""
    replaced = chunk.late.take(_ranges(last + 1, positives))
    mean = tied_precision(
        chunk.positives_above - 1 - last,
        chunk.n_above - 1 - chunk.place.take(last) - negatives,
        positives,
        positives + negatives,
    )
    return float(mean.sum()) - float(replaced.sum())


def _ranges(stop: IntArray, length: IntArray) -> IntArray:
    """Whole numbers below each `stop`, `length` of them, one after the other."""
    ends = np.cumsum(length)
    numbers: IntArray = np.arange(ends[-1])
    numbers += np.repeat(stop - ends, length)
    return numbers


def _one_by_one(chunk: _Chunk, last: IntArray) -> _Mixed | None:
    """Sum up a handful of short ties, whose calls of numpy would cost more; None if one is long."""
    gain, pairs = 0.0, 0
    for at in last.tolist():
        end = int(chunk.place[at])
        low = max(end - _SHORT, 0)
        near = chunk.keys[low : end + 2 + _SHORT].tolist()
        positives, negatives = near.count(near[end - low]), near.count(near[end - low] | 1)
        if max(positives, negatives) > _SHORT:
            return None
        size = positives + negatives
        true_before = chunk.positives_above - 1 - at
        before = chunk.n_above - 1 - end - negatives
        slope = (positives - 1) / (size - 1)
        terms = sum((true_before + 1 + j * slope) / (before + 1 + j) for j in range(size))
        gain += positives / size * terms - sum(chunk.late[at + 1 - positives : at + 1].tolist())
        pairs += positives * negatives
    return _Mixed(gain, pairs)


class _Repeats(NamedTuple):
    """Places among the positives whose successor is tied with them, by tie."""

    place: IntArray
    first: IntArray
    """Where in `place` each tie begins."""
    length: IntArray
    """Positives of each tie, less one."""


def _find_repeats(place: IntArray) -> _Repeats:
    """Read the ties among positives off the places of those tied with the next."""
    breaks = (place[1:] - place[:-1] != 1).nonzero()[0]
    edges = np.empty(breaks.size + 2, dtype=np.intp)
    edges[0], edges[-1] = 0, place.size
    np.add(breaks, 1, out=edges[1:-1])
    return _Repeats(place, edges[:-1], edges[1:] - edges[:-1])


def _gain_of_first(chunk: _Chunk) -> float:
    """What the precisions gain when all positives of a tie get that of its first place."""
    late, tied = chunk.late, chunk.tied
    if tied.size > _HANDFUL:
        repeats = _find_repeats(tied)
        first = late.take(repeats.place.take(repeats.first))
        return float(np.dot(first, repeats.length) - late.take(tied + 1).sum())
    gain, first_of_tie, before = 0.0, 0, -2
    for at in tied.tolist():
        if at != before + 1:
            first_of_tie = at
        gain += float(late[first_of_tie]) - float(late[at + 1])
        before = at
    return gain


def _tie_lengths(
    keys: KeyArray, at: IntArray, value: KeyArray, step: int, is_longer: BoolArray
) -> IntArray:
    """Number of keys equal to `value` from each place on, upwards (1) or downwards (-1).

    Only where `is_longer` may there be more than one.
    """
    lengths = np.ones(at.size, dtype=np.intp)
    open_ties = is_longer.nonzero()[0]
    at, value = at.take(open_ties), value.take(open_ties)
    # Most of many ties are short and soon closed.
    length = 1
    while open_ties.size > _FEW_TIES and length <= _PROBES:
        found = (keys.take(at + length * step, mode="clip") == value).nonzero()[0]
        at, value, open_ties = at.take(found), value.take(found), open_ties.take(found)
        length += 1
        lengths[open_ties] = length
    if step > 0:
        lengths[open_ties] = np.searchsorted(keys, value, side="right") - at
    else:
        lengths[open_ties] = at + 1 - np.searchsorted(keys, value)
    return lengths
