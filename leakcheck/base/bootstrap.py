"""Ranking metrics of loci that are drawn again: whole blocks of them, or one by one."""

from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._fast_bootstrap import Lanes, compiled_sums
from leakcheck.base._places import Places
from leakcheck.base._weighted import CellCounts, WeightedSums, add_cells, precision_sums
from leakcheck.base.locus_weights import LocusWeights, locus_bootstrap_weights
from leakcheck.base.ranking import RankingScores
from leakcheck.base.sorted_column import SortedColumn

__all__ = [
    "Engine",
    "LocusWeights",
    "block_ranking_scores",
    "locus_bootstrap_weights",
    "locus_ranking_scores",
]

#: What computes: numpy, or compiled loops of the extra ``fast``, to the same result.
Engine: TypeAlias = Literal["numpy", "numba"]

# Columns and rows of a table: they fit the cache.
_COLUMNS: Final = 512
_ROWS: Final = 64
# Places at which loci are counted in the replicates of one number.
_PLACES: Final = 4096
# float32 holds every whole number up to this one.
_EXACT: Final = 1 << 24


def block_ranking_scores(
    labels: BoolArray,
    scores: NDArray[Any] | SortedColumn,
    blocks: IntArray,
    n_blocks: int,
    weights: FloatArray,
    *,
    engine: Engine = "numpy",
) -> RankingScores:
    """Score the loci with every block repeated as often as its weight says.

    Parameters
    ----------
    labels : numpy.ndarray of bool, shape (n_loci,)
        True for an active locus.
    scores : numpy.ndarray, shape (n_loci,), or SortedColumn
        Finite numbers of any real type; larger means more active. Their order does as well.
    blocks : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks.
    weights : numpy.ndarray, shape (n_replicates, n_blocks)
        Whole numbers, 0 or more: rows of `bootstrap_weights`, or ones with a zero for each block
        left out.
    engine : {"numpy", "numba"}
        ``"numba"`` (extra ``fast``) gives the same numbers to rounding, in a fraction of the time.

    Returns
    -------
    RankingScores
        Arrays of shape (n_replicates,): scores of the table in which each locus stands as many
        times as its block's weight. Repeated loci are ties, over whose order the expected average
        precision is averaged. NaN as for `leave_one_block_out`.

    Raises
    ------
    MissingDependencyError
        When `engine` is ``"numba"`` and that is not installed.

    Examples
    --------
    >>> labels, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    >>> weights = np.array([[1.0, 1.0], [0.0, 2.0]])
    >>> block_ranking_scores(labels, scores, np.array([0, 0, 1, 1]), 2, weights).auroc.tolist()
    [0.75, 1.0]
    """
    column = scores if isinstance(scores, SortedColumn) else SortedColumn.from_scores(scores)
    weights = np.asarray(weights, dtype=np.float64)
    if engine == "numba":
        found = compiled_sums(labels, column, Lanes.of(weights.astype(np.int32)), blocks)
        return found.sums.scores(found.positives, found.loci)
    counts = (
        np.bincount(blocks, minlength=n_blocks),
        np.bincount(blocks[labels], minlength=n_blocks),
    )
    loci, positives = (weights @ count for count in counts)
    places = Places.of(labels, column)
    sums = _block_sums(places, blocks.take(column.rows), weights, int(loci.max(initial=0)))
    return sums.scores(positives, loci)


def _block_sums(places: Places, blocks: IntArray, weights: FloatArray, n_loci: int) -> WeightedSums:
    """Sums of weighted blocks; `blocks` are those of the loci by falling score."""
    n_replicates, n_blocks = weights.shape
    sums = WeightedSums.zeros(n_replicates)
    exact: FloatArray = weights.T.astype(np.float32 if n_loci < _EXACT else np.float64, order="C")
    true_blocks = blocks.take(places.place)

    def counts(table: FloatArray, rows: slice) -> FloatArray:
        """Weights down to the places of a table, by replicate."""
        return np.asarray(table @ exact[:, rows], dtype=np.float64)

    def tables(blocks: IntArray, ends: IntArray) -> Iterator[FloatArray]:
        return (table.T.astype(exact.dtype, order="C") for table in _tables(blocks, ends, n_blocks))

    both = tables(true_blocks, places.true_ends), tables(blocks, places.ends)
    for true, ranks in zip(*both, strict=True):
        for low in range(0, n_replicates, _ROWS):
            rows = slice(low, low + _ROWS)
            sums.precision[rows] += precision_sums(counts(true, rows), counts(ranks[1:], rows))
    few = 4 * places.place.size < blocks.size
    parts = (
        tables(blocks, places.cell_starts),
        tables(true_blocks, places.cell_true_ends),
        tables(blocks, places.cell_ends),
    )
    for number, (starts, true, stops) in enumerate(zip(*parts, strict=True)):
        mixed = _inside(places.mixed, number * _COLUMNS, _COLUMNS)
        ends = stops.take(mixed + 1, axis=0)
        for low in range(0, n_replicates, _ROWS):
            rows = slice(low, low + _ROWS)
            before, after = counts(starts[1:], rows), counts(ends, rows)
            cells = CellCounts(before, counts(true, rows), mixed, after)
            add_cells(sums, rows, cells, n_loci, few)
    return sums


def _inside(places: IntArray, low: int, size: int) -> IntArray:
    """Places that lie in the `size` from `low` on, counted from there."""
    first, last = np.searchsorted(places, (low, low + size))
    return places[first:last] - low


def _tables(blocks: IntArray, ends: IntArray, n_blocks: int) -> Iterator[IntArray]:
    """Loci of each block above each of the rising `ends`, some columns at a time.

    The first column of a table is the last one of the table before.
    """
    carry = np.zeros(n_blocks, dtype=np.int64)
    at = 0
    for low in range(0, ends.size, _COLUMNS):
        some = ends[low : low + _COLUMNS]
        width = some.size + 1
        step = some.copy()
        step[0] -= at
        step[1:] -= some[:-1]
        cell = np.multiply(blocks[at : some[-1]], width, dtype=np.intp)
        cell += np.repeat(np.arange(1, width), step)
        table = np.bincount(cell, minlength=n_blocks * width).reshape(n_blocks, width)
        table[:, 0] = carry
        np.add.accumulate(table, axis=1, out=table)
        carry, at = table[:, -1], int(some[-1])
        yield table


def locus_ranking_scores(
    labels: BoolArray,
    scores: NDArray[Any] | SortedColumn,
    weights: IntArray | LocusWeights,
    *,
    engine: Engine = "numpy",
) -> RankingScores:
    """Score the loci with every locus repeated as often as its weight says.

    Parameters
    ----------
    labels : numpy.ndarray of bool, shape (n_loci,)
        True for an active locus.
    scores : numpy.ndarray, shape (n_loci,), or SortedColumn
        Finite numbers of any real type; larger means more active. Their order does as well.
    weights : numpy.ndarray of int, shape (n_replicates, n_loci), or LocusWeights
        Whole numbers, 0 or more: rows of `locus_bootstrap_weights`. `LocusWeights` of them where
        several columns share them.
    engine : {"numpy", "numba"}
        ``"numba"`` (extra ``fast``) gives the same numbers to rounding, in a fraction of the time.

    Returns
    -------
    RankingScores
        Arrays of shape (n_replicates,), as of `block_ranking_scores`.

    Raises
    ------
    MissingDependencyError
        When `engine` is ``"numba"`` and that is not installed.

    Examples
    --------
    >>> labels, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    >>> locus_ranking_scores(labels, scores, np.array([[1, 1, 1, 1], [2, 0, 1, 1]])).auroc.tolist()
    [0.75, 1.0]
    """
    column = scores if isinstance(scores, SortedColumn) else SortedColumn.from_scores(scores)
    shared = weights if isinstance(weights, LocusWeights) else LocusWeights(weights)
    if engine == "numba":
        found = compiled_sums(labels, column, shared.lanes, None)
        return found.sums.scores(found.positives, found.loci)
    sums, positives = _locus_sums(Places.of(labels, column), shared)
    return sums.scores(positives, shared.totals)


def _locus_sums(places: Places, weights: LocusWeights) -> tuple[WeightedSums, FloatArray]:
    """Sums of weighted loci, and the weight of all positives."""
    n_replicates, n = weights.weights.shape
    sums, total = WeightedSums.zeros(n_replicates), np.zeros(n_replicates)
    if not places.place.size:
        return sums, total
    n_loci, lane = int(weights.totals.max(initial=0)), weights.lane
    few = 4 * places.place.size < n
    step = 8 // lane.itemsize
    rows = places.rows.astype(np.intp)
    true_ends, cell_true_ends = (
        np.append(0, ends) for ends in (places.true_ends, places.cell_true_ends)
    )
    for number, words in enumerate(weights.words):
        part = slice(number * step, (number + 1) * step)
        width = len(weights.weights[part])
        falling = words.take(rows)
        above, true_above = _running(falling), _running(falling.take(places.place))

        def at(table: NDArray[np.uint64], ends: IntArray, width: int = width) -> FloatArray:
            """Weights down to these places, by replicate."""
            lanes = table.take(ends).view(lane).reshape(-1, step)
            return lanes[:, :width].astype(np.float64)

        for low in range(0, places.ends.size, _PLACES):
            true = at(true_above, true_ends[low : low + _PLACES + 1])
            rank = at(above, places.ends[low : low + _PLACES])
            sums.precision[part] += precision_sums(true, rank)
        for low in range(0, places.cell_ends.size, _PLACES):
            mixed = _inside(places.mixed, low, _PLACES)
            counts = CellCounts(
                at(above, places.cell_starts[low : low + _PLACES]),
                at(true_above, cell_true_ends[low : low + _PLACES + 1]),
                mixed,
                at(above, places.cell_ends.take(low + mixed)),
            )
            add_cells(sums, part, counts, n_loci, few)
        total[part] = at(true_above, true_ends[-1:])[0]
    return sums, total


def _running(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Running sums from 0 on; no sum leaves its part of the number, so that all are right."""
    sums = np.empty(values.size + 1, dtype=np.uint64)
    sums[0] = 0
    np.add.accumulate(values, out=sums[1:])
    return sums
