"""Ranking scores inside groups of rows, all groups in one pass."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._group_levels import sums_of_levels
from leakcheck.base._keys import codable, encode, sortable
from leakcheck.base._passes import rank_sums
from leakcheck.base._segments import SegmentLayout, segment_sums
from leakcheck.base.packed import PackedLabels, unpacked

__all__ = ["GroupPlan", "GroupedScores", "grouped_ranking_scores"]

# Keys in one tile, which the pass holds a few arrays of.
_TILE = 1 << 19
# Numbers copied at once to turn rows into columns, and the most columns in them: a cache line.
_SLAB = 1 << 22
_SLAB_COLUMNS = 16
_SLAB_ROWS = 1 << 11


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupPlan:
    """Rows in order of their group, made once and used for every model.

    Make it with `from_codes`. Groups are kept by size, smallest first, so that groups of one size
    are sorted by one call.

    Attributes
    ----------
    n_rows : int
        Number of rows, those in no group included.
    n_groups : int
        Number of groups, empty ones included.
    groups : ndarray of int, shape (n_groups,)
        The groups in order of size.
    order : ndarray of int, shape (n_grouped,)
        Rows of ``groups[0]``, then of ``groups[1]``, and so on.
    bounds : ndarray of int, shape (n_groups + 1,)
        ``order[bounds[i]:bounds[i + 1]]`` are the rows of ``groups[i]``.

    Examples
    --------
    >>> plan = GroupPlan.from_codes(np.array([1, 0, -1, 1]), 2)
    >>> plan.groups, plan.order
    (array([0, 1]), array([1, 0, 3]))
    """

    n_rows: int
    groups: IntArray
    order: IntArray
    bounds: IntArray

    @property
    def n_groups(self) -> int:
        """Number of groups, empty ones included."""
        return int(self.groups.size)

    @classmethod
    def from_codes(cls, codes: IntArray, n_groups: int) -> "GroupPlan":
        """Make the plan from the group of each row.

        Parameters
        ----------
        codes : ndarray of int, shape (n_rows,)
            Group of each row, 0 to ``n_groups - 1``, or -1 for a row in no group.
        n_groups : int
            Number of groups.

        Returns
        -------
        GroupPlan
        """
        # Radix sort of 8 or 16 bits. -1 wraps around to the largest number, so that rows in no
        # group come last, where they are cut off.
        kinds = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.uint32))
        width = next(kind for kind in kinds if n_groups < np.iinfo(kind).max)
        by_code = np.argsort(codes.astype(width), kind="stable")
        sizes = np.bincount(codes[codes >= 0], minlength=n_groups)
        starts = np.cumsum(sizes) - sizes
        groups = np.argsort(sizes, kind="stable")
        sizes, starts = sizes.take(groups), starts.take(groups)
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        shift = np.repeat(starts - bounds[:-1], sizes)
        order = by_code.take(np.arange(bounds[-1]) + shift)
        return cls(n_rows=codes.size, groups=groups, order=order, bounds=bounds)


class GroupedScores(NamedTuple):
    """Ranking scores of each column inside each group.

    Attributes
    ----------
    average_precision, expected_average_precision : ndarray of float, shape (n_columns, n_groups)
        Range 0 to 1, higher is better; the no-skill value is that of the group, from
        `leakcheck.base.ranking.no_skill_average_precision`. NaN where the group has no positive.
    auroc : ndarray of float, shape (n_columns, n_groups)
        Range 0 to 1, higher is better, no-skill value 0.5. NaN where the group has one label only,
        or none.
    n_loci : ndarray of int, shape (n_groups,)
        Rows in each group.
    n_positive : ndarray of int, shape (n_groups,)
        Positives in each group.
    """

    average_precision: FloatArray
    expected_average_precision: FloatArray
    auroc: FloatArray
    n_loci: IntArray
    n_positive: IntArray


def grouped_ranking_scores(
    labels: BoolArray | PackedLabels,
    scores: NDArray[Any],
    plan: GroupPlan,
    *,
    n_threads: int = 1,
) -> GroupedScores:
    """Compute `ranking_scores` of every column of scores inside every group.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        Label of each row, shared by all columns.
    scores : ndarray of real numbers, shape (n,) or (n, n_columns)
        Scores, finite; a single column may come without its axis. Columns that lie contiguous
        in memory (Fortran order) save a copy.
    plan : GroupPlan
        The groups of the n rows.
    n_threads : int, default 1
        Threads that share the work, a tile of some columns and groups at a time; numpy sorts and
        adds without Python's lock. The result is the same, to the last bit, for any number.

    Returns
    -------
    GroupedScores
        Scores of shape (n_columns, n_groups), and the size of each group. Ranges, no-skill values
        and undefined cases (NaN) stand in `GroupedScores`.

    Notes
    -----
    Equal to a loop over groups and columns to 1e-12, and much faster: keys are sorted in place
    group by group, then one pass reads the sums of all groups.

    Examples
    --------
    >>> labels = np.array([True, False, True, False])
    >>> plan = GroupPlan.from_codes(np.array([0, 0, 1, 1]), 2)
    >>> grouped_ranking_scores(labels, np.array([0.9, 0.1, 0.2, 0.8]), plan).average_precision
    array([[1. , 0.5]])
    """
    columns = scores[:, np.newaxis] if scores.ndim == 1 else scores
    planned = unpacked(labels).take(plan.order)
    n_positive = np.diff(np.concatenate(([0], np.cumsum(planned))).take(plan.bounds))
    sums = np.zeros((3, columns.shape[1], plan.n_groups))
    counted = [sums_of_levels(planned, column, plan.order, plan.bounds) for column in columns.T]
    left = [at for at, found in enumerate(counted) if found is None]
    for at, found in enumerate(counted):
        if found is not None:
            sums[:, at] = found
    if len(left) < len(counted):
        columns = columns.T[left].T
    batches = [_Batch.of(plan, planned, n_positive, part) for part in _group_ranges(plan.bounds)]
    tiles = (
        (batch, slab[begin : begin + batch.width], left[start + begin :])
        for start, slab in _column_slabs(columns)
        for batch in batches
        for begin in range(0, slab.shape[0], batch.width)
    )

    def fill(work: tuple[_Batch, NDArray[Any], list[int]]) -> None:
        batch, tile, places = work
        sums[:, places[: tile.shape[0]], batch.groups] = batch.sums(tile)

    if n_threads == 1:
        for work in tiles:
            fill(work)
    else:
        _share(fill, tiles, n_threads)
    return _divide(sums, plan, n_positive)


def _share(work: Callable[[Any], None], items: Iterable[Any], n_threads: int) -> None:
    """Work on the items in threads, a few ahead of the slowest: their arrays are large."""
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: deque[Future[None]] = deque()
        for item in items:
            if len(waiting) == 2 * n_threads:
                waiting.popleft().result()
            waiting.append(pool.submit(work, item))
        for future in waiting:
            future.result()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Batch:
    """Consecutive groups of a plan that are worked on together."""

    groups: slice
    rows: IntArray
    labels: BoolArray
    bounds: IntArray
    """Where each of the groups begins in `rows`, and the end of the last one."""
    n_positive: IntArray
    width: int
    """Columns in one tile."""
    layouts: dict[int, SegmentLayout]
    """By number of columns, as they are asked for."""

    @classmethod
    def of(
        cls, plan: GroupPlan, planned: BoolArray, n_positive: IntArray, groups: slice
    ) -> "_Batch":
        """Cut the groups out of a plan."""
        bounds = plan.bounds[groups.start : groups.stop + 1]
        rows = slice(int(bounds[0]), int(bounds[-1]))
        return cls(
            groups=groups,
            rows=plan.order[rows],
            labels=planned[rows],
            bounds=bounds - bounds[0],
            n_positive=n_positive[groups],
            width=max(1, _TILE // max(rows.stop - rows.start, 1)),
            layouts={},
        )

    def sums(self, tile: NDArray[Any]) -> FloatArray:
        """Sums over the positives of each group, shape (3, rows of the tile, groups)."""
        plain, code = codable(tile.take(self.rows, axis=1))
        keys = encode(self.labels, plain, code)
        _sort_groups(sortable(keys), self.bounds)
        n_columns = tile.shape[0]
        if self.n_positive.size == 1 and self.rows.size > _TILE:
            # One group this large is better read in chunks.
            one = [rank_sums(column, int(self.n_positive[0])) for column in keys]
            return np.array(one, dtype=np.float64).T[:, :, None] * [[[1.0]], [[1.0]], [[0.5]]]
        layout = self.layouts.get(n_columns)
        if layout is None:
            sizes = np.tile(np.diff(self.bounds), n_columns)
            layout = SegmentLayout.of(sizes, np.tile(self.n_positive, n_columns))
            self.layouts[n_columns] = layout
        return np.stack(segment_sums(keys.reshape(-1), layout)).reshape(3, n_columns, -1)


def _group_ranges(bounds: IntArray) -> Iterator[slice]:
    """Consecutive groups that fill a tile; a group larger than a tile stands alone."""
    start = 0
    while start < bounds.size - 1:
        stop = int(np.searchsorted(bounds, bounds[start] + _TILE, side="right")) - 1
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start = stop


def _column_slabs(columns: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Some columns at a time as contiguous rows, each with the number of its first column."""
    n_rows, n_columns = columns.shape
    if columns.flags.f_contiguous:
        yield 0, columns.T
        return
    width = min(_SLAB_COLUMNS, max(1, _SLAB // max(n_rows, 1)))
    for start in range(0, n_columns, width):
        source = columns[:, start : start + width]
        slab = np.empty(source.shape[::-1], dtype=columns.dtype)
        for row in range(0, n_rows, _SLAB_ROWS):
            slab[:, row : row + _SLAB_ROWS] = source[row : row + _SLAB_ROWS].T
        yield start, slab


def _sort_groups(keys: NDArray[Any], bounds: IntArray) -> None:
    """Sort every group of every column in place, groups of one size together."""
    edges = np.concatenate(([0], np.diff(bounds, n=2).nonzero()[0] + 1, [bounds.size - 1]))
    at = bounds.take(edges).tolist()
    counts = np.diff(edges).tolist()
    for start, stop, count in zip(at[:-1], at[1:], counts, strict=True):
        if stop - start > count:
            keys[:, start:stop].reshape(keys.shape[0], count, -1).sort(axis=-1)


def _divide(sums: FloatArray, plan: GroupPlan, n_positive: IntArray) -> GroupedScores:
    """Divide the sums by their number, and put the groups back in their own order."""
    back = np.argsort(plan.groups)
    n_loci = np.diff(plan.bounds).take(back)
    n_positive = n_positive.take(back)
    with np.errstate(invalid="ignore"):
        precision, expected = sums[:2].take(back, axis=-1) / n_positive
        area = sums[2].take(back, axis=-1) / (n_positive * (n_loci - n_positive))
    return GroupedScores(precision, expected, area, n_loci, n_positive)
