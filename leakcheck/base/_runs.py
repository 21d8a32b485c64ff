"""Ranking sums without each block, of a score with few ties in which positives follow positives."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_difference
from leakcheck.base._leave_out import LeftOut, tied_precision
from leakcheck.base._weighted import harmonic_table
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["sums_of_runs"]

# Cells of a table, blocks x runs, up to which it is worth having at once.
_MOST_CELLS = 1 << 19
# Counts have 16 bits: where there are more loci, parts of them are counted.
_MOST_LOCI = (1 << 16) - 1
# In all parts but the first, harmonic numbers are worked out: of more loci `leave_out` is faster.
_TOO_MANY = 1 << 18
# Loci to a tied one from which on ties are few: one by one they cost more than the tables of
# `leave_out`, which need 32 bits where there are more loci.
_FEW_TIES, _FEW_TIES_OF_MANY = 4, 32
# Runs that stand one behind the other in a table; it is added up in so many steps.
_DEPTH = 32
# Cells of temporary tables that stay in the cache, and ties in them.
_CELLS, _TIES = 1 << 14, 1 << 9


def sums_of_runs(
    column: SortedColumn, labels: BoolArray, blocks: IntArray, n_blocks: int
) -> LeftOut | None:
    """Sums without each block from runs of positives, or None where these do not pay.

    Between two negatives the number of negatives above, f, is the same for a whole run of
    positives, and the positive at rank r has the precision 1 - f / r: a difference of harmonic
    numbers sums it up. A tie that holds a positive is a run to which this does not apply. A table
    of runs is smaller than one of positives where these are many; None where they are not (there
    the sum would cancel), where ties are many, and where the table would be large.
    """
    n, n_positive = column.n_loci, np.count_nonzero(labels)
    n_tied = n - column.n_distinct
    few = _FEW_TIES if n <= _MOST_LOCI else _FEW_TIES_OF_MANY
    if 4 * n_positive < n or not n_positive or few * n_tied > n or n > _TOO_MANY:
        return None
    seen = _Seen.nothing(n_blocks + 1)
    for part in column.chunks(_MOST_LOCI):
        if part.stop - part.start > _MOST_LOCI:  # a tie is longer than a part
            return None
        runs = _Runs.of(column, part, labels, ties=n_tied > 0)
        if runs.turns.size // 2 * (n_blocks + 1) > _MOST_CELLS:
            return None
        seen.add(runs, blocks, n_blocks, n)
    true, false = seen.true, seen.false
    precision, expected = seen.precision + true, seen.expected + true
    above = seen.disordered + true * (true + 1.0) / 2.0
    columns = (values[:, None] for values in (precision, expected, above, true, true + false))
    return LeftOut(*columns)


class _Seen(NamedTuple):
    """Sums over the parts so far, without each block and of all; the highest scores come first."""

    true: FloatArray
    false: FloatArray
    precision: FloatArray  # beyond the positives
    expected: FloatArray
    disordered: FloatArray

    @classmethod
    def nothing(cls, n_rows: int) -> "_Seen":
        """Begin."""
        return cls(*np.zeros((5, n_rows)))

    def add(self, runs: "_Runs", blocks: IntArray, n_blocks: int, n_loci: int) -> None:
        """Add a part."""
        if runs.turns.size:
            gained, tables = _tables(runs, blocks, n_blocks)
            before = np.stack([self.false, self.true]) if self.true[-1] + self.false[-1] else None
            ties = _sums_of_ties(runs, blocks, (gained, tables), before, n_loci)
            gained[runs.tied % _DEPTH, :, runs.tied // _DEPTH] = 0
            lost, of_runs = _sums(gained, tables, before)
            self.precision[:] += ties[0] - lost
            self.expected[:] += ties[1] - lost
            self.disordered[:] += ties[2] + of_runs
            false, true = tables[-1, :, :, -1].astype(np.float64)
            self.false[:] += false
            self.true[:] += true
        last = runs.turns[-1] if runs.turns.size else 0
        behind = np.bincount(blocks.take(runs.rows[last:]), minlength=n_blocks)
        self.false[:] += behind.sum()
        self.false[:-1] -= behind


class _Runs(NamedTuple):
    """Runs of positives. A tie is one of its own, its negatives above its positives."""

    rows: IntArray  # by falling score
    turns: IntArray  # where each run begins and ends, in turn
    tied: IntArray  # runs that are a tie
    size: IntArray  # loci of each of these ties

    @classmethod
    def of(cls, column: SortedColumn, part: slice, labels: BoolArray, *, ties: bool) -> "_Runs":
        """Find them in a part of the column that cuts through no tie."""
        rows = column.rows[part].astype(np.intp)
        falling = labels.take(rows)
        size = end = np.empty(0, dtype=np.intp)
        if ties:
            is_first = column.is_first[part]
            is_last = np.append(is_first[1:], True)
            loci = (~(is_first & is_last)).nonzero()[0]
            tie = np.cumsum(is_first.take(loci)) - 1
            order = loci.take(np.argsort(2 * tie + falling.take(loci), kind="stable"))
            rows[loci], falling[loci] = rows.take(order), falling.take(order)
            size = np.bincount(tie)
            end = loci.take(np.cumsum(size) - 1) + 1
            kept = falling.take(end - 1)
            size, end = size[kept], end[kept]
        turns = np.empty(falling.size + 1, dtype=np.bool_)
        turns[0], turns[-1] = falling[0], falling[-1]
        np.not_equal(falling[1:], falling[:-1], out=turns[1:-1])
        at = turns.nonzero()[0]
        # Where a tie begins or ends between two positives, one run ends and the next begins.
        edges = np.concatenate([end - size, end])
        edges = edges[(edges > 0) & (edges < falling.size)]
        edges = np.unique(edges[~turns.take(edges) & falling.take(edges)])
        if edges.size:
            at = np.sort(np.concatenate([at, edges, edges]))
        return cls(rows, at, at[1::2].searchsorted(end), size)


def _tables(
    runs: _Runs, blocks: IntArray, n_blocks: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Positives of each run, and negatives and positives down to its end, without each block.

    The last row of blocks leaves none out. Run ``q * _DEPTH + d`` is at ``[d, ..., q]``, so that
    whole tables are added to one another: sums that run from number to number take far longer.
    """
    turns = runs.turns
    width = -(-turns.size // (2 * _DEPTH))
    lengths = np.zeros((width, _DEPTH, 2), dtype=np.uint16)  # of negatives, and of the run below
    length = lengths.reshape(-1)[: turns.size]
    length[:] = turns
    length[1:] -= length[:-1].copy()
    tables = np.empty((_DEPTH, 2, n_blocks + 1, width), dtype=np.uint16)
    tables[:] = np.ascontiguousarray(lengths.transpose(1, 2, 0))[:, :, None]
    corner = np.arange(0, tables.size, tables[0, 0].size)
    place = np.add.outer(np.arange(width), corner).reshape(-1)[: turns.size]
    cell = np.repeat(place, length)
    cell += np.multiply(blocks, width, dtype=np.intp).take(runs.rows[: turns[-1]])
    # A step of the table's own type is taken many times faster than another.
    np.subtract.at(tables.reshape(-1), cell, np.uint16(1))
    gained = tables[:, 1].copy()
    before = np.add.reduce(tables, axis=0, dtype=np.uint16)
    np.add.accumulate(before, axis=-1, out=before)
    tables[0, :, :, 1:] += before[:, :, :-1]
    for above, table in pairwise(tables):
        np.add(table, above, out=table)
    return gained, tables


def _sums_of_ties(
    runs: _Runs,
    blocks: IntArray,
    counts: tuple[NDArray[np.uint16], NDArray[np.uint16]],
    before: FloatArray | None,
    n_loci: int,
) -> FloatArray:
    """What ties add to the precisions beyond their positives, and to the disordered pairs."""
    gained, tables = counts
    n_rows = gained.shape[1]
    sums = np.zeros((3, n_rows))
    for low in range(0, runs.tied.size, _TIES):
        tied, size = runs.tied[low : low + _TIES], runs.size[low : low + _TIES]
        place = np.repeat(runs.turns[1::2].take(tied) - np.cumsum(size), size)
        place += np.arange(place.size)
        cell = np.repeat(np.arange(0, tied.size * n_rows, n_rows), size)
        cell += blocks.take(runs.rows.take(place))
        own = np.bincount(cell, minlength=tied.size * n_rows).reshape(-1, n_rows)
        deep, across = tied % _DEPTH, tied // _DEPTH
        false, hits = tables[deep, :, :, across].astype(np.float64).swapaxes(0, 1)
        if before is not None:
            false, hits = false + before[0], hits + before[1]
        positives = gained[deep, :, across].astype(np.float64)
        loci, rank = size[:, None].astype(np.float64) - own, false + hits
        sums[0] += (positives * (hits / np.maximum(rank, 1.0) - 1.0)).sum(axis=0)
        expected = tied_precision(hits, rank, positives, loci, n_loci)
        sums[1] += (expected - positives).sum(axis=0)
        sums[2] += (positives * (false - (loci - positives) / 2.0)).sum(axis=0)
    return sums


def _sums(
    gained: NDArray[np.uint16], tables: NDArray[np.uint16], before: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Sums over the runs of what negatives take from the precisions, and of disordered pairs.

    `before` has the negatives and positives above this part, None where there are none.
    """
    harmonic = harmonic_table(_MOST_LOCI)
    lost, disordered = np.zeros((2, *gained[0].shape))
    step = max(1, _CELLS // gained[0].size)
    for low in range(0, _DEPTH, step):
        part = slice(low, low + step)
        false, true = (table[part].astype(np.float64) for table in (tables[:, 0], gained))
        end = tables[part, 0] + tables[part, 1]
        if before is None:
            width = harmonic.take(end.astype(np.intp))
            end -= gained[part]
            width -= harmonic.take(end.astype(np.intp))
        else:
            end -= gained[part]
            false += before[0][:, None]
            above = before.sum(axis=0).astype(np.int64)[:, None]
            width = harmonic_difference(end + above, gained[part].astype(np.int64))
        width *= false
        lost += np.add.reduce(width, axis=0)
        true *= false
        disordered += np.add.reduce(true, axis=0)
    return lost.sum(axis=1), disordered.sum(axis=1)
