"""Overlap and distance of half-open intervals, on sorted arrays.

Intervals come as three arrays: `group` (a number of the chromosome, or of any other thing within
which intervals can meet), `start` and `end`. Each group is a stretch of one long axis, so that one
sort and two binary searches answer for all groups at once.
"""

from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, IntArray

__all__ = ["FAR", "IntervalIndex", "Nearest", "distinct_intervals"]

#: Distance where the other table has no interval in the group.
FAR: Final = np.iinfo(np.int64).max

_LARGEST: Final = 2**62


class Nearest(NamedTuple):
    """The nearest interval of each query.

    Attributes
    ----------
    distance : numpy.ndarray of int64, shape (n_queries,)
        Bases between the two: 0 where they overlap or touch, `FAR` where the group is empty.
    position : numpy.ndarray of int64, shape (n_queries,)
        Which interval that is; -1 where the group is empty.
    """

    distance: IntArray
    position: IntArray


class IntervalIndex:
    """Intervals sorted once, for any number of questions.

    Parameters
    ----------
    group : numpy.ndarray of int, shape (n,)
        Group of each interval, from 0.
    start, end : numpy.ndarray of int, shape (n,)
        Half-open intervals in base pairs, ``start < end``; negative starts are allowed.

    Raises
    ------
    ValueError
        When groups and positions together exceed 62 bits.

    Examples
    --------
    >>> index = IntervalIndex(np.array([0, 0]), np.array([10, 50]), np.array([20, 60]))
    >>> index.overlapping(np.array([0, 0]), np.array([19, 20]), np.array([30, 30])).tolist()
    [0, -1]
    """

    def __init__(self, group: IntArray, start: IntArray, end: IntArray) -> None:
        self._group, self._start, self._end = (
            np.asarray(values, dtype=np.int64) for values in (group, start, end)
        )
        self._low = int(self._start.min(initial=0))
        self._high = int(self._end.max(initial=1))
        # A free base at both ends of each group, so that no interval reaches into the next.
        self._span = self._high - self._low + 2
        if (int(self._group.max(initial=0)) + 2) * self._span >= _LARGEST:
            raise ValueError("groups times positions must be below 2**62; number groups from 0")
        order = np.argsort(self._keys(self._group, self._start), kind="stable")
        self._order = order
        self._starts = self._keys(self._group, self._start)[order]
        ends = self._keys(self._group, self._end)[order]
        self._reach = np.maximum.accumulate(ends) if len(ends) else ends
        self._reached_by = self._order[_last_rise(self._reach)]

    def __len__(self) -> int:
        return len(self._order)

    def _keys(self, group: IntArray, position: IntArray) -> IntArray:
        """Put positions of all groups on one axis; those outside of all intervals go to the rim."""
        inside = np.clip(position, self._low - 1, self._high + 1) - (self._low - 1)
        return np.asarray(group, dtype=np.int64) * (self._span + 1) + inside

    def count(self, group: IntArray, start: IntArray, end: IntArray) -> IntArray:
        """Count the intervals that share a base with each query.

        Parameters
        ----------
        group, start, end : numpy.ndarray of int, shape (n_queries,)
            Queries: groups, and half-open intervals in base pairs.

        Returns
        -------
        numpy.ndarray of int64, shape (n_queries,)
        """
        ends = np.sort(self._keys(self._group, self._end))
        before_end = np.searchsorted(self._starts, self._keys(group, end), side="left")
        gone = np.searchsorted(ends, self._keys(group, start), side="right")
        return np.asarray(before_end - gone, dtype=np.int64)

    def overlapping(
        self, group: IntArray, start: IntArray, end: IntArray, *, min_overlap: int = 1
    ) -> IntArray:
        """Find an interval that shares bases with each query: the one that reaches furthest.

        Parameters
        ----------
        group, start, end : numpy.ndarray of int, shape (n_queries,)
            Queries: groups, and half-open intervals in base pairs.
        min_overlap : int, default 1
            Bases that must be shared.

        Returns
        -------
        numpy.ndarray of int64, shape (n_queries,)
            Position of such an interval; -1 where there is none.
        """
        if min_overlap > 1:
            return self._overlapping_long(group, start, end, min_overlap)
        if len(self) == 0:
            return np.full(len(start), -1, dtype=np.int64)
        last, reach = self._reach_before(self._keys(group, end))
        return np.where(reach > self._keys(group, start), self._reached_by[last], -1)

    def _overlapping_long(
        self, group: IntArray, start: IntArray, end: IntArray, min_overlap: int
    ) -> IntArray:
        """Shrink the queries: what still meets them shares enough, if both are long enough."""
        kept = np.flatnonzero(self._end - self._start >= min_overlap)
        found = np.full(len(start), -1, dtype=np.int64)
        asked = np.flatnonzero(np.asarray(end) - np.asarray(start) >= min_overlap)
        if len(kept) == 0 or len(asked) == 0:
            return found
        index = IntervalIndex(self._group[kept], self._start[kept], self._end[kept])
        inner = index.overlapping(
            np.asarray(group)[asked],
            np.asarray(start)[asked] + (min_overlap - 1),
            np.asarray(end)[asked] - (min_overlap - 1),
        )
        found[asked] = np.where(inner >= 0, kept[inner], -1)
        return found

    def _reach_before(self, bounds: IntArray) -> tuple[IntArray, IntArray]:
        """Among intervals that start before each bound: the last, and how far any of them reaches.

        Keys of earlier groups are smaller than any key of this group, so they never reach into it.
        """
        last = np.searchsorted(self._starts, bounds, side="left") - 1
        reach = np.where(last >= 0, self._reach[last], -1)
        return last, reach

    def nearest(self, group: IntArray, start: IntArray, end: IntArray) -> Nearest:
        """Find the nearest interval of each query, overlapping ones included.

        Parameters
        ----------
        group, start, end : numpy.ndarray of int, shape (n_queries,)
            Queries: groups, and half-open intervals in base pairs.

        Returns
        -------
        Nearest
            Bases between, and the position of the interval; the left one on equal terms.
        """
        group, start, end = (np.asarray(values, dtype=np.int64) for values in (group, start, end))
        distance = np.full(len(group), FAR, dtype=np.int64)
        position = np.full(len(group), -1, dtype=np.int64)
        if len(self) == 0 or len(group) == 0:
            return Nearest(distance, position)
        after = np.searchsorted(self._starts, self._keys(group, end), side="left")
        left = self._reached_by[np.maximum(after - 1, 0)]
        has_left = (after > 0) & (self._group[left] == group)
        distance[has_left] = np.maximum(start - self._end[left], 0)[has_left]
        position[has_left] = left[has_left]
        right = self._order[np.minimum(after, len(self) - 1)]
        to_right = self._start[right] - end
        nearer = (after < len(self)) & (self._group[right] == group) & (to_right < distance)
        distance[nearer] = to_right[nearer]
        position[nearer] = right[nearer]
        return Nearest(distance, position)


def _last_rise(reach: IntArray) -> IntArray:
    """Position at which each running maximum was reached."""
    rises = np.ones(len(reach), dtype=bool)
    rises[1:] = reach[1:] > reach[:-1]
    return np.maximum.accumulate(np.where(rises, np.arange(len(reach)), 0))


def distinct_intervals(
    group: IntArray, start: IntArray, end: IntArray
) -> tuple[IntArray, BoolArray]:
    """Number equal intervals alike.

    Parameters
    ----------
    group, start, end : numpy.ndarray of int, shape (n,)
        Groups, and half-open intervals in base pairs.

    Returns
    -------
    codes : numpy.ndarray of int64, shape (n,)
        Equal for equal intervals, counted in sorted order.
    first : numpy.ndarray of bool, shape (n,)
        Whether an interval is the first of its kind in the order given.

    Examples
    --------
    >>> start = np.array([5, 1, 5])
    >>> codes, first = distinct_intervals(np.zeros(3, int), start, start + 4)
    >>> codes.tolist(), first.tolist()
    ([1, 0, 1], [True, True, False])
    """
    order = np.lexsort((end, start, group))
    new = np.ones(len(order), dtype=bool)
    if len(order):
        same = np.ones(len(order) - 1, dtype=bool)
        for values in (group, start, end):
            ordered = np.asarray(values)[order]
            same &= ordered[1:] == ordered[:-1]
        new[1:] = ~same
    codes = np.empty(len(order), dtype=np.int64)
    codes[order] = np.cumsum(new) - 1
    first = np.zeros(len(order), dtype=bool)
    first[order[new]] = True  # lexsort is stable
    return codes, first
