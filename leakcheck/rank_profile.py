"""Floor 4: how the ranks of a score follow those of the average activity."""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.metrics import Columns
from leakcheck.panel import TargetView

__all__ = ["RankGroups", "RankedByGroup", "rank_rows"]

_N_BINS: Final = 10
#: A group of fewer loci would show the ranks of single ones.
_FEWEST: Final = 10
_QUANTILES: Final = (0.25, 0.5, 0.75)
_CHUNK: Final = 1 << 15


class RankedByGroup(Protocol):
    """A column that knows ranks inside groups of its rows."""

    def ranks_at(self, groups: NDArray[np.uint8], places: IntArray) -> FloatArray:
        """Mean ranks at some places of each group of rows.

        Parameters
        ----------
        groups : ndarray of uint8, shape (n,)
            Group of each row.
        places : ndarray of int, shape (k, n_groups)
            Counted from the highest score of the group.

        Returns
        -------
        ndarray of float, shape (k, n_groups)
        """


def rank_rows(
    view: TargetView,
    ranked: Mapping[str, SortedColumn | RankedByGroup],
    groups: "RankGroups | None" = None,
) -> Columns:
    """Make rows of the table ``ranks``: quartiles of each score's rank along the average's rank.

    Parameters
    ----------
    view : TargetView
        The target.
    ranked : mapping of str to SortedColumn or RankedByGroup
        Model to the order of its scores at the rows of `view`. They are asked for one after
        another, so that the mapping may make them then.
    groups : RankGroups, optional
        Groups of the rows, where they are known.

    Returns
    -------
    dict of str to list
        One row for each model, bin of the average activity and, for binary labels, label.

    Notes
    -----
    Ranks are mid-ranks divided by the number of loci, 0 to 1. Bins are tenths of the average
    activity's rank; loci with the same average are always in one bin. Where active and inactive
    loci of a bin have the same ranks, the score orders loci as the average does and knows no
    more; their distance is what it adds.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> rows = rank_rows(view, {"net": SortedColumn.from_scores(view.labels)})
    >>> rows["bin"], rows["loci"], rows["average_rank"]
    ([2, 7], ['inactive', 'active'], [0.25, 0.75])
    """
    n = len(view.rows)
    if n == 0:
        return {}
    binary = view.label_kind == "binary"
    of_rows, sizes, middle, low, high = RankGroups.of(view) if groups is None else groups
    found = np.flatnonzero(sizes)
    names = [("inactive", "active")[g % 2] if binary else "all" for g in found]
    columns: Columns = {}
    for model, one in ranked.items():
        quartiles = _quartiles(one, of_rows, sizes)[:, found]
        few = sizes[found] < _FEWEST
        quartiles[:, few] = np.nan
        parts = {
            "model": [model] * len(found),
            "target": [view.name] * len(found),
            "bin": [int(g) // 2 if binary else int(g) for g in found],
            "loci": names,
            "n_loci": sizes[found].tolist(),
            "average_rank": middle[found].tolist(),
            "average_low": low[found].tolist(),
            "average_high": high[found].tolist(),
            "score_q25": quartiles[0].tolist(),
            "score_median": quartiles[1].tolist(),
            "score_q75": quartiles[2].tolist(),
            "reason": [f"fewer than {_FEWEST} loci" if short else "" for short in few],
        }
        for key, values in parts.items():
            columns.setdefault(key, []).extend(values)
    return columns


class RankGroups(NamedTuple):
    """Loci by tenth of the average activity's rank and, for binary labels, by label.

    Attributes
    ----------
    of_rows : ndarray of uint8, shape (n,)
        Group of each row: the tenth or, for binary labels, twice the tenth, plus 1 where active.
    sizes : ndarray of int, shape (n_groups,)
        Rows in each group.
    middle, low, high : ndarray of float, shape (n_groups,)
        Mean rank of the average activity, 0 to 1, and its least and largest value.
    """

    of_rows: NDArray[np.uint8]
    sizes: IntArray
    middle: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, view: TargetView) -> "RankGroups":
        """Group the rows of a target.

        Parameters
        ----------
        view : TargetView
            The target.

        Returns
        -------
        RankGroups
        """
        levels, codes = view.average_levels
        binary = view.label_kind == "binary"
        n_sides = 2 if binary else 1
        cell = 2 * codes + view.positive if binary else codes
        table = np.bincount(cell, minlength=n_sides * len(levels)).reshape(-1, n_sides)
        found = cls.of_levels(levels, table)
        return found._replace(of_rows=found.of_rows.take(cell))

    @classmethod
    def of_levels(cls, levels: FloatArray, table: IntArray) -> "RankGroups":
        """Group the levels of the average activity alone, of counted rows.

        Parameters
        ----------
        levels : ndarray of float, shape (n_levels,)
            Distinct values of the average activity, rising.
        table : ndarray of int, shape (n_levels, 2) or (n_levels, 1)
            Inactive and active rows at each level, or all rows for continuous labels.

        Returns
        -------
        RankGroups
            With the group of each cell of `table` as `of_rows`, shape (n_levels * n_sides,): what
            ``of_rows.take(n_sides * level + active)`` makes the group of each row.
        """
        n_sides = table.shape[1]
        counts = table.sum(axis=1)
        rank = (np.cumsum(counts) - counts / 2) / counts.sum()
        bins = np.minimum((rank * _N_BINS).astype(np.uint8), _N_BINS - 1)
        group_of = n_sides * bins[:, None] + np.arange(n_sides, dtype=np.uint8)
        level, side = np.nonzero(table)
        group, size = group_of[level, side], table[level, side]
        n_groups = n_sides * _N_BINS
        sizes = np.bincount(group, weights=size, minlength=n_groups).astype(np.intp)
        total = np.bincount(group, weights=size * rank[level], minlength=n_groups)
        low, high = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
        np.minimum.at(low, group, levels[level])
        np.maximum.at(high, group, levels[level])
        return cls(group_of.ravel(), sizes, total / np.maximum(sizes, 1), low, high)


def _quartiles(
    one: SortedColumn | RankedByGroup, groups: NDArray[np.uint8], sizes: IntArray
) -> FloatArray:
    """Quartiles of the ranks in each group, shape (3, n_groups); the value at or below."""
    last = np.maximum(sizes - 1, 0)
    places = np.stack([(quantile * last).astype(np.intp) for quantile in _QUANTILES])
    from_top = sizes - 1 - places
    if isinstance(one, SortedColumn):
        ranks = _ranks_at(one, groups, sizes, from_top)
    else:
        ranks = one.ranks_at(groups, from_top)
    quartiles: FloatArray = (ranks - 0.5) / len(groups)
    return quartiles


def _ranks_at(
    column: SortedColumn, groups: NDArray[np.uint8], sizes: IntArray, places: IntArray
) -> FloatArray:
    """Mean ranks at these places of each group, counted from its highest score."""
    ranks = np.full(places.shape, np.nan)
    seen = np.zeros(sizes.size, dtype=np.int64)
    for part in column.chunks(_CHUNK):
        size = part.stop - part.start
        counts = _sizes(groups, column.rows[part])[: sizes.size]
        inside = (places >= seen) & (places < seen + counts)
        if inside.any():
            first = np.append(column.is_first[part].nonzero()[0], size)
            tie = np.zeros(1, dtype=np.intp)
            if first.size > 2:
                by_group = np.argsort(groups.take(column.rows[part]), kind="stable")
                start = np.cumsum(counts) - counts - seen
                at = by_group.take((places + start)[inside])
                tie = np.searchsorted(first, at, side="right") - 1
            # Rows of a tie at places a to b - 1 have the ranks n - b + 1 to n - a.
            ranks[inside] = column.n_loci - part.start - (first[tie] + first[tie + 1] - 1) / 2
        seen += counts
    return ranks


def _sizes(groups: NDArray[np.uint8], rows: NDArray[np.uint32]) -> IntArray:
    """Rows in each of the groups."""
    sizes = np.zeros(2 * _N_BINS, dtype=np.int64)
    for low in range(0, rows.size, _CHUNK):
        sizes += np.bincount(groups.take(rows[low : low + _CHUNK]), minlength=sizes.size)
    return sizes
