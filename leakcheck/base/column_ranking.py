"""Ranking metrics of one column of scores: whole, without each block, and inside strata.

A score of few levels is counted, any other sorted. Which of the two is decided by the number of
different scores alone, and both read whole numbers, in chunks that are cut in one way: a column in
memory, one that came in parts and counts of parts give the same bits.
"""

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._leave_out import LeftOut, leave_out
from leakcheck.base._runs import sums_of_runs
from leakcheck.base.grouped import GroupedScores
from leakcheck.base.level_counts import LevelCounts, is_few
from leakcheck.base.ranking import RankingScores
from leakcheck.base.sorted_column import SortedColumn

__all__ = [
    "ColumnScores",
    "SummedColumn",
    "column_ranking_scores",
    "column_without_blocks",
    "column_without_blocks_in_strata",
    "narrow_codes",
    "scores_in_strata",
    "sort_or_count",
]


class SummedColumn(Protocol):
    """A column that was summed up elsewhere, for instance in bins."""

    def without_blocks(self) -> LeftOut:
        """Sums without each block, and of all in the last row.

        Returns
        -------
        LeftOut
            Arrays of shape (n_blocks + 1, 1).
        """

    def within_strata(self) -> LeftOut:
        """Sums of each stratum.

        Returns
        -------
        LeftOut
            Arrays of shape (1, n_strata).
        """

    def within_strata_without_blocks(self) -> LeftOut:
        """Sums of each stratum without each block, and of all.

        Returns
        -------
        LeftOut
            Arrays of shape (n_blocks + 1, n_strata).
        """


#: A column of scores in one of four forms: numbers, their order, counts of their levels, or sums.
ColumnScores: TypeAlias = NDArray[Any] | SortedColumn | LevelCounts | SummedColumn

_CHUNK = 1 << 16


def sort_or_count(
    scores: NDArray[Any],
    labels: BoolArray,
    blocks: IntArray | None = None,
    n_blocks: int = 1,
    strata: IntArray | None = None,
    n_strata: int = 0,
) -> SortedColumn | LevelCounts:
    """Count integers of few levels; sort other scores.

    Parameters
    ----------
    scores : ndarray of real numbers, shape (n,)
        Finite; larger = more active.
    labels : ndarray of bool, shape (n,)
        True for an active locus.
    blocks : ndarray of int, shape (n,), optional
        Block of each locus.
    n_blocks : int
        Number of blocks.
    strata : ndarray of int, shape (n,), optional
        Stratum of each locus; below 0 or from `n_strata` up, in none.
    n_strata : int
        Number of strata.

    Returns
    -------
    SortedColumn or LevelCounts
        Counts where `is_few` and no sort was needed.

    Examples
    --------
    >>> kind = sort_or_count(np.zeros(8, dtype=np.uint8), np.ones(8, dtype=bool))
    >>> type(kind).__name__
    'LevelCounts'
    """
    n = scores.size
    if scores.dtype.kind in "iu" and n:
        lowest, highest = int(scores.min()), int(scores.max())
        if is_few((highest - lowest) // 4 + 1, n):
            counts = LevelCounts.empty(
                highest - lowest + 1, n_blocks=max(n_blocks, 1), n_strata=n_strata
            )
            counts.add(scores, labels, blocks, strata, lowest=lowest)
            if counts.is_few:
                return counts
    return SortedColumn.from_scores(scores)


def column_ranking_scores(labels: BoolArray, scores: ColumnScores) -> RankingScores:
    """Three ranking scores of a column.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,)
        True for an active locus.
    scores : ndarray of real numbers, shape (n,), SortedColumn, LevelCounts or SummedColumn
        The column: finite scores, larger = more active, their order, their counts or their sums.

    Returns
    -------
    RankingScores
        Floats, as of `leakcheck.base.ranking.ranking_scores` to 1e-12; NaN where undefined.

    Examples
    --------
    >>> column_ranking_scores(np.array([True, False]), np.array([2.0, 1.0])).auroc
    1.0
    """
    kept = _counted_or_sorted(labels, scores)
    if isinstance(kept, SortedColumn):
        return _last(_divided(leave_out(kept, labels)))
    return _last(_divided(kept.without_blocks()))


def column_without_blocks(
    labels: BoolArray,
    scores: ColumnScores,
    blocks: IntArray,
    n_blocks: int,
) -> tuple[RankingScores, RankingScores]:
    """Three ranking scores of a column, and the same without each block.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,)
        True for an active locus.
    scores : ndarray of real numbers, shape (n,), SortedColumn, LevelCounts or SummedColumn
        The column: finite scores, larger = more active, their order, their counts or their sums.
    blocks : ndarray of int, shape (n,)
        Block of each locus.
    n_blocks : int
        Number of blocks; some may be empty.

    Returns
    -------
    full, replicates : RankingScores
        See `leakcheck.base.block_ranking.leave_one_block_out`.

    Examples
    --------
    >>> labels, scores = np.array([True, False]), np.array([2.0, 1.0])
    >>> column_without_blocks(labels, scores, np.array([0, 1]), 2)[0].auroc
    1.0
    """
    kept = _counted_or_sorted(labels, scores, blocks, n_blocks)
    if not isinstance(kept, SortedColumn):
        sums = kept.without_blocks()
    else:
        found = sums_of_runs(kept, labels, blocks, n_blocks)
        sums = leave_out(kept, labels, blocks, n_blocks) if found is None else found
    rows = _divided(sums)
    return _last(rows), RankingScores(*(values[:-1, 0] for values in rows))


def scores_in_strata(
    labels: BoolArray, scores: ColumnScores, strata: IntArray, n_strata: int
) -> GroupedScores:
    """Three ranking scores of a column inside each stratum.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,)
        True for an active locus.
    scores : ndarray of real numbers, shape (n,), SortedColumn, LevelCounts or SummedColumn
        The column: finite scores, larger = more active, their order, their counts or their sums.
    strata : ndarray of int, shape (n,)
        Stratum of each locus; below 0 or from `n_strata` up, in none. Types of 8 and 16 bits save
        memory.
    n_strata : int
        Number of strata.

    Returns
    -------
    GroupedScores
        Of one column; NaN where a stratum lacks a class.

    Examples
    --------
    >>> labels, scores = np.array([True, False, True]), np.array([3.0, 2.0, 1.0])
    >>> scores_in_strata(labels, scores, np.array([0, 0, 1]), 2).auroc
    array([[ 1., nan]])
    """
    groups = narrow_codes(strata, n_strata)
    kept = _counted_or_sorted(labels, scores, None, 1, groups, n_strata)
    if not isinstance(kept, SortedColumn):
        sums = kept.within_strata()
    else:
        sums = leave_out(kept, labels, None, 0, groups, n_strata)
    precision, expected, area = _divided(sums)
    n_loci, n_positive = (counts[-1].astype(np.int64) for counts in (sums.loci, sums.positives))
    return GroupedScores(precision, expected, area, n_loci, n_positive)


def column_without_blocks_in_strata(
    labels: BoolArray,
    column: SortedColumn | SummedColumn,
    strata: IntArray,
    n_strata: int,
    blocks: IntArray,
    n_blocks: int,
) -> tuple[FloatArray, FloatArray]:
    """Expected average precision in each stratum, and the same without each block.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,)
        True for an active locus.
    column : SortedColumn or SummedColumn
        The scores' order, or their sums.
    strata : ndarray of int, shape (n,)
        Stratum of each locus; below 0 or from `n_strata` up, in none.
    n_strata : int
        Number of strata.
    blocks : ndarray of int, shape (n,)
        Block of each locus.
    n_blocks : int
        Number of blocks; some may be empty.

    Returns
    -------
    full : ndarray of float, shape (n_strata,)
        NaN where a stratum has no positive.
    replicates : ndarray of float, shape (n_blocks, n_strata)
        NaN where none is left.

    Examples
    --------
    >>> labels, column = np.array([True, True]), SortedColumn.from_scores(np.array([2.0, 1.0]))
    >>> column_without_blocks_in_strata(labels, column, np.zeros(2, int), 1, np.arange(2), 2)[0]
    array([1.])
    """
    if isinstance(column, SortedColumn):
        groups = narrow_codes(strata, n_strata)
        own = narrow_codes(blocks, n_blocks)
        sums = leave_out(column, labels, own, n_blocks, groups, n_strata)
    else:
        sums = column.within_strata_without_blocks()
    with np.errstate(invalid="ignore"):  # 0 / 0 where no positive is left
        rows = sums.expected / sums.positives
    return rows[-1], rows[:-1]


def narrow_codes(codes: IntArray, n_codes: int) -> IntArray:
    """Codes in the smallest unsigned type; `n_codes` stands for those in none.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Below 0 or from `n_codes` up: in none.
    n_codes : int
        Number of codes.

    Returns
    -------
    ndarray of int, shape (n,)
        The same array where it has at most 16 bits.

    Examples
    --------
    >>> narrow_codes(np.array([1, -1, 0]), 2)
    array([1, 2, 0], dtype=uint8)
    """
    if codes.dtype.itemsize <= 2:
        return codes
    narrow = np.empty(codes.size, dtype=np.min_scalar_type(n_codes))
    for low in range(0, codes.size, _CHUNK):
        some = codes[low : low + _CHUNK]
        narrow[low : low + _CHUNK] = np.where((some < 0) | (some > n_codes), n_codes, some)
    return narrow


def _counted_or_sorted(
    labels: BoolArray,
    scores: ColumnScores,
    blocks: IntArray | None = None,
    n_blocks: int = 1,
    strata: IntArray | None = None,
    n_strata: int = 0,
) -> SortedColumn | LevelCounts | SummedColumn:
    """Counts of all scores of few levels, the order of all others."""
    if isinstance(scores, np.ndarray):
        scores = sort_or_count(scores, labels, blocks, n_blocks, strata, n_strata)
    if isinstance(scores, SortedColumn) and is_few(scores.n_distinct, scores.n_loci):
        counts = LevelCounts.empty(scores.n_distinct, n_blocks=n_blocks, n_strata=n_strata)
        counts.add_sorted(scores, labels, blocks, strata)
        return counts
    return scores


def _divided(sums: LeftOut) -> RankingScores:
    """Divide the sums by their numbers of positives or pairs; 0 / 0 is NaN."""
    positives, loci = sums.positives, sums.loci
    pairs = positives * (loci - positives)
    disordered = sums.above - positives * (positives + 1.0) / 2.0
    with np.errstate(invalid="ignore"):
        return RankingScores(
            sums.precision / positives, sums.expected / positives, (pairs - disordered) / pairs
        )


def _last(rows: RankingScores) -> RankingScores:
    """Scores of all loci, which the last row holds."""
    return RankingScores(*(float(values[-1, 0]) for values in rows))
