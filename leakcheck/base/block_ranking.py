"""Ranking metrics of data from which blocks are left out, or drawn again, out of one sort.

The loci are sorted once. At every threshold that holds a positive, the counts of each block at or
above it give the counts of any set of blocks: by subtraction where one block is left out, by a
matrix product where blocks have weights.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._block_counts import (
    BlockTotals,
    Tile,
    block_totals,
    count_levels,
    count_tiles,
)
from leakcheck.base._harmonic import harmonic_difference, harmonic_parts
from leakcheck.base._runs import sums_of_runs
from leakcheck.base.grouped import GroupPlan
from leakcheck.base.ranking import RankingScores

__all__ = ["block_ranking_scores", "leave_one_block_out", "leave_one_block_out_grouped"]

_LARGEST_TABLE = 1 << 20
# Temporary arrays of so many rows and columns are small enough to be reused rather than mapped.
_ROWS, _COLUMNS = 24, 512


def leave_one_block_out(
    labels: BoolArray,
    scores: NDArray[Any],
    blocks: IntArray,
    n_blocks: int,
    *,
    order: IntArray | None = None,
) -> tuple[RankingScores, RankingScores]:
    """Score all loci, and all loci but those of each block.

    Parameters
    ----------
    labels : numpy.ndarray of bool, shape (n_loci,)
        True for an active locus.
    scores : numpy.ndarray, shape (n_loci,)
        Finite numbers of any real type; larger means more active. Integers that span a small range
        are counted rather than sorted.
    blocks : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks; some may be empty.
    order : numpy.ndarray of int, shape (n_loci,), optional
        What ``np.argsort(scores)`` gives, where it is known.

    Returns
    -------
    full : RankingScores
        Floats: scikit-learn's average precision, the expected average precision and the AUROC of
        all loci.
    replicates : RankingScores
        The same of all loci but those of each block, arrays of shape (n_blocks,).

    Notes
    -----
    Average precision is NaN where no positive is left, AUROC where a class is missing. Leaving out
    an empty block repeats the full scores. Replicates equal the scores of the remaining loci alone
    to rounding (1e-12), at the cost of one sort and of n_positive x n_blocks divisions.

    Examples
    --------
    >>> labels, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    >>> full, without = leave_one_block_out(labels, scores, np.array([0, 0, 1, 1]), 2)
    >>> round(full.average_precision, 4), full.auroc, without.auroc.tolist()
    (0.8333, 0.75, [1.0, 1.0])
    """
    levels, order = count_levels(labels, scores, blocks, n_blocks, order)
    if levels is None:
        totals = block_totals(labels, blocks, n_blocks)
        runs = sums_of_runs(labels, scores, blocks, n_blocks, order)
        tiles = count_tiles(
            labels, scores, blocks, totals, n_rows=n_blocks + 1, order=order, others=True
        )
        sums = _leave_out(tiles, totals) if runs is None else _Sums(runs[0], *runs)
    else:
        totals = BlockTotals(*levels.sum(axis=2, keepdims=True))
        sums = _leave_out_of_levels(levels)
    positives, loci = _without_each(totals.positives), _without_each(totals.loci)
    rows = RankingScores(*(values[:, 0] for values in _divide(sums, positives, loci)))
    full = RankingScores(*(float(values[-1]) for values in rows))
    return full, RankingScores(*(values[:-1] for values in rows))


def leave_one_block_out_grouped(
    labels: BoolArray,
    scores: NDArray[Any],
    plan: GroupPlan,
    blocks: IntArray,
    n_blocks: int,
) -> tuple[FloatArray, FloatArray]:
    """Expected average precision in every group, of all loci and without each block.

    Parameters
    ----------
    labels : numpy.ndarray of bool, shape (n_loci,)
        True for an active locus.
    scores : numpy.ndarray, shape (n_loci,) or (n_loci, n_columns)
        Finite scores; each column is a model. One dimension is one column.
    plan : GroupPlan
        Group (stratum) of each locus; loci in no group take no part.
    blocks : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks; some may be empty.

    Returns
    -------
    full : numpy.ndarray of float, shape (n_columns, n_groups)
        Expected average precision of each column in each group, NaN where a group has no positive.
    replicates : numpy.ndarray of float, shape (n_blocks, n_columns, n_groups)
        The same without each block, NaN where it leaves no positive.

    Examples
    --------
    >>> labels, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    >>> plan = GroupPlan.from_codes(np.zeros(4, dtype=int), 1)
    >>> leave_one_block_out_grouped(labels, scores, plan, np.array([0, 0, 1, 1]), 2)[1].tolist()
    [[[1.0]], [[1.0]]]
    """
    columns = scores if scores.ndim == 2 else scores[:, None]
    codes = np.repeat(np.arange(plan.n_groups), np.diff(plan.bounds))
    codes = codes.astype(np.min_scalar_type(plan.n_groups))  # small codes are sorted by their bits
    labels, blocks = labels.take(plan.order), blocks.take(plan.order)
    totals = block_totals(labels, blocks, n_blocks, codes, plan.n_groups)
    positives = _without_each(totals.positives)
    rows = np.empty((n_blocks + 1, columns.shape[1], plan.n_groups))
    for number, column in enumerate(columns.T):
        score = column.take(plan.order)
        tiles = count_tiles(
            labels, score, blocks, totals, n_rows=n_blocks + 1, groups=codes, others=True
        )
        with np.errstate(invalid="ignore"):  # 0 / 0 where no positive is left
            rows[:, number, plan.groups] = _leave_out(tiles, totals).expected / positives
    return rows[-1], rows[:-1]


def block_ranking_scores(
    labels: BoolArray,
    scores: NDArray[Any],
    blocks: IntArray,
    n_blocks: int,
    weights: FloatArray,
) -> RankingScores:
    """Score the loci with every block repeated as often as its weight says.

    Parameters
    ----------
    labels : numpy.ndarray of bool, shape (n_loci,)
        True for an active locus.
    scores : numpy.ndarray, shape (n_loci,)
        Finite numbers of any real type; larger means more active.
    blocks : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks.
    weights : numpy.ndarray, shape (n_replicates, n_blocks)
        Whole numbers, 0 or more: rows of `bootstrap_weights`, or ones with a zero for each block
        left out.

    Returns
    -------
    RankingScores
        Arrays of shape (n_replicates,): scores of the table in which each locus stands as many
        times as its block's weight. Repeated loci are ties, over whose order the expected average
        precision is averaged. NaN as for `leave_one_block_out`.

    Examples
    --------
    >>> labels, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    >>> weights = np.array([[1.0, 1.0], [0.0, 2.0]])
    >>> block_ranking_scores(labels, scores, np.array([0, 0, 1, 1]), 2, weights).auroc.tolist()
    [0.75, 1.0]
    """
    weights = np.asarray(weights, dtype=np.float64)
    totals = block_totals(labels, blocks, n_blocks)
    loci, positives = weights @ totals.loci, weights @ totals.positives
    tiles = count_tiles(labels, scores, blocks, totals, n_rows=n_blocks, width=_COLUMNS)
    sums = _weigh(tiles, weights, int(loci.max(initial=0)))
    return RankingScores(*(values[:, 0] for values in _divide(sums, positives, loci)))


class _Sums(NamedTuple):
    """Sums over positives, each (n_rows, n_groups)."""

    precision: FloatArray
    expected: FloatArray
    above: FloatArray  # loci above the positive and itself, others in its tie counted half


class _Kept(NamedTuple):
    """Counts that remain in a tile: rows are replicates, columns thresholds."""

    hits: FloatArray  # positives at or above
    rank: FloatArray  # loci at or above
    positives: FloatArray  # positives in the tie
    size: FloatArray  # loci in the tie


def _divide(sums: _Sums, positives: FloatArray, loci: FloatArray) -> RankingScores:
    """Divide the sums by their numbers of positives or pairs; 0 / 0 is NaN."""
    pairs = positives * (loci - positives)
    disordered = sums.above - positives * (positives + 1.0) / 2.0
    with np.errstate(invalid="ignore"):
        return RankingScores(
            sums.precision / positives, sums.expected / positives, (pairs - disordered) / pairs
        )


def _without_each(counts: IntArray) -> FloatArray:
    """Totals without each block, and of all blocks in the last row."""
    total = counts.sum(axis=0)
    return np.vstack([total - counts, total]).astype(np.float64)


def _leave_out(tiles: Iterable[Tile], totals: BlockTotals) -> _Sums:
    """Sums without each block, and of all blocks in the last row."""
    n_blocks, n_groups = totals.loci.shape
    sums = _Sums(*np.zeros((3, n_blocks + 1, n_groups)))
    n_loci = int(totals.loci.sum())
    for tile in tiles:
        hits, rank = tile.true_above, tile.above
        if tile.tied.size:
            _add_ties(sums, tile, hits, rank, n_loci)
            untied = ~tile.is_tied
            hits *= untied
            rank *= untied
        hits.put(tile.own, 0)
        rank.put(tile.own, 0)
        above = np.add.reduceat(rank, tile.start, axis=1, dtype=np.float64)
        precision = hits.astype(np.float64)
        if tile.tied.size:
            np.maximum(rank, 1, out=rank)
        else:
            rank.put(tile.own, 1)
        precision /= rank
        total = np.add.reduceat(precision, tile.start, axis=1)
        sums.precision[:, tile.group] += total
        sums.expected[:, tile.group] += total
        sums.above[:, tile.group] += above
    return sums


def _leave_out_of_levels(counts: IntArray) -> _Sums:
    """Sums without each block, and of all blocks in the last row, of a score of few levels."""
    positives, size = (_without_each(kind) for kind in counts)
    hits, rank = np.cumsum(positives, axis=1), np.cumsum(size, axis=1)
    terms = (
        positives * hits / np.maximum(rank, 1.0),
        _tied_precision(_Kept(hits, rank, positives, size), int(counts[1].sum())),
        positives * (rank - (size - 1.0) / 2.0),
    )
    return _Sums(*(term.sum(axis=1, keepdims=True) for term in terms))


def _add_ties(sums: _Sums, tile: Tile, hits: NDArray[Any], rank: NDArray[Any], n_loci: int) -> None:
    """Add what the ties contribute without each block."""
    group_of = np.repeat(tile.group, np.diff(tile.start, append=hits.shape[1]))
    for low in range(0, tile.tied.size, _COLUMNS):
        part = slice(low, low + _COLUMNS)
        columns = tile.tied[part]
        positives, size = (
            counts[:, part].sum(axis=0, dtype=np.float64) - counts[:, part]
            for counts in (tile.tied_positives, tile.tied_size)
        )
        true_above, above = (t.take(columns, axis=1).astype(np.float64) for t in (hits, rank))
        kept = _Kept(true_above, above, positives, size)
        terms = _Sums(
            positives * kept.hits / np.maximum(kept.rank, 1.0),
            _tied_precision(kept, n_loci),
            positives * (kept.rank - (size - 1.0) / 2.0),
        )
        group = group_of.take(columns)
        start = np.flatnonzero(np.diff(group, prepend=-1))
        for total, term in zip(sums, terms, strict=True):
            total[:, group.take(start)] += np.add.reduceat(term, start, axis=1)


def _weigh(tiles: Iterable[Tile], weights: FloatArray, n_loci: int) -> _Sums:
    """Sums of weighted blocks."""
    n_replicates, n_blocks = weights.shape
    sums = _Sums(*np.zeros((3, n_replicates, 1)))
    pairs: FloatArray = np.zeros((n_blocks, n_blocks))
    before: FloatArray = np.zeros((n_replicates, 1))
    block_before: FloatArray = np.zeros((n_blocks, 1))
    for tile in tiles:
        positives = _steps(tile.true_above, block_before)
        block_before = tile.true_above[:, -1:].copy()
        size = _with_ties(positives, tile, tile.tied_size)
        pairs += positives @ (tile.above - size / 2.0).T
        sums.above[:, 0] += weights @ positives.sum(axis=1) / 2.0
        for low in range(0, n_replicates, _ROWS):
            rows = slice(low, low + _ROWS)
            kept = _weighted(tile, weights[rows], before[rows])
            before[rows] = kept.hits[:, -1:]
            precision = kept.hits / np.maximum(kept.rank, 1.0)
            sums.precision[rows, 0] += _row_dots(kept.positives, precision)
            sums.expected[rows, 0] += _expected(kept, tile.tied, n_loci)
    sums.above[:, 0] += _row_dots(weights @ pairs, weights)
    return sums


def _weighted(tile: Tile, weights: FloatArray, before: FloatArray) -> _Kept:
    """Counts of weighted blocks; `before` are the positives above the tile."""
    hits, rank = weights @ tile.true_above, weights @ tile.above
    positives = _steps(hits, before)
    return _Kept(hits, rank, positives, _with_ties(positives, tile, weights @ tile.tied_size))


def _steps(table: FloatArray, before: FloatArray) -> FloatArray:
    """Differences along the rows, of which `before` was the last entry."""
    steps = np.empty_like(table)
    np.subtract(table[:, 1:], table[:, :-1], out=steps[:, 1:])
    np.subtract(table[:, :1], before, out=steps[:, :1])
    return steps


def _with_ties(positives: FloatArray, tile: Tile, tied_size: NDArray[Any]) -> FloatArray:
    """Sizes of ties: as many as positives, but where other loci are tied with them."""
    if not tile.tied.size:
        return positives
    size = positives.copy()
    size[:, tile.tied] = tied_size
    return size


def _expected(kept: _Kept, tied: IntArray, n_loci: int) -> FloatArray:
    """Sums of `_tied_precision` over the rows, where all columns but `tied` hold no negatives.

    In a tie of positives alone, of which f negatives lie above, each position r adds
    ``1 - f / r``.
    """
    positives = kept.positives
    total = np.zeros(len(positives))
    if tied.size:
        total = _tied_precision(_Kept(*(table.take(tied, axis=1) for table in kept)), n_loci).sum(
            axis=1
        )
        positives = positives.copy()
        positives[:, tied] = 0.0
    width = _harmonic_width(kept.rank - positives, positives, n_loci)
    return np.asarray(total + positives.sum(axis=1) - _row_dots(kept.rank - kept.hits, width))


def _row_dots(a: FloatArray, b: FloatArray) -> FloatArray:
    """Sums of products of each row."""
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _tied_precision(kept: _Kept, n_loci: int) -> FloatArray:
    """Sum of precisions at the positives of a tie, averaged over its random orders."""
    before = kept.rank - kept.size
    slope = (kept.positives - 1.0) / np.maximum(kept.size - 1.0, 1.0)
    width = _harmonic_width(before, kept.size, n_loci)
    total = (kept.hits - kept.positives + 1.0 - slope * (before + 1.0)) * width
    return np.asarray((total + slope * kept.size) * kept.positives / np.maximum(kept.size, 1.0))


def _harmonic_width(low: FloatArray, width: FloatArray, n_loci: int) -> FloatArray:
    """H(low + width) - H(low) for whole numbers up to `n_loci`."""
    first, last = low.astype(np.intp), (low + width).astype(np.intp)
    if n_loci > _LARGEST_TABLE:
        return harmonic_difference(first, last - first)
    coarse, fine = harmonic_parts(1 << n_loci.bit_length())
    total = coarse.take(last) - coarse.take(first)
    total += fine.take(last) - fine.take(first)
    return np.asarray(total)
