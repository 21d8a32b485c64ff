"""Counts of all blocks but each at the thresholds of a sorted column, a chunk of rows at a time."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["Chunk", "Running", "Ties", "chunk_counts"]

# Cells of a chunk's tables, and the fewest and most rows in it. What they are decides where float
# sums are cut, and so their last bits.
_CELLS = 1 << 18
_FEWEST_ROWS, _MOST_ROWS = 1 << 10, 1 << 15


class Chunk(NamedTuple):
    """Counts at the thresholds of a chunk: the ties that hold a positive, by group.

    Rows of the tables leave out one block each, and the last row none. "Above" a threshold
    includes it. The first two tables are the consumer's to write into.
    """

    group: IntArray  # groups met
    start: IntArray  # first column of each of them
    true_above: IntArray  # (n_rows, n_columns) positives in the group, above
    above: IntArray  # (n_rows, n_columns) loci in the group, above
    own: IntArray  # flat cell of each positive in the row that leaves out its block
    tied: IntArray  # columns whose tie holds several loci
    ties: "Ties"


class Ties(NamedTuple):
    """Loci in the ties of several loci: of all blocks, and what leaving out a block takes away."""

    counts: IntArray  # (2, n_tied) positives and loci
    cells: IntArray  # rising flat cells of (n_rows, n_tied) whose block has loci in the tie
    lost: IntArray  # (2, n_cells) its positives and loci

    @classmethod
    def of(cls, counts: IntArray) -> "Ties":
        """Take them from counts (2, n_blocks, n_tied); without blocks there is one row, for all."""
        _, n_blocks, n_tied = counts.shape
        cells = counts[1].reshape(-1).nonzero()[0]
        return cls(counts.sum(axis=1), cells, counts.reshape(2, n_blocks * n_tied).take(cells, 1))

    def tables(self, n_rows: int) -> IntArray:
        """Counts (2, n_rows, n_tied) without each block, and of all in the last row."""
        tables = np.repeat(self.counts[:, None], n_rows, axis=1)
        if n_rows > 1:
            tables.reshape(2, -1)[:, self.cells] -= self.lost
        return tables


class Running:
    """Loci seen so far: positives and all, by block and group."""

    def __init__(self, n_blocks: int, n_groups: int) -> None:
        self.counts: IntArray = np.zeros((2, max(n_blocks, 1), n_groups), dtype=np.int64)
        self.n_blocks = n_blocks

    def others(self, counts: IntArray) -> IntArray:
        """Counts of all blocks but each along the axis before the last, and of all behind them."""
        total = counts.sum(axis=-2, keepdims=True)
        if self.n_blocks == 0:
            return np.asarray(total)
        return np.concatenate([total - counts, total], axis=-2)


class _Items(NamedTuple):
    """Loci of a chunk by group and falling score."""

    positive: BoolArray
    block: IntArray | None
    group: IntArray | None
    is_first: BoolArray  # where a tie begins; every group begins with one


class _Source(NamedTuple):
    """What is known of the rows of a column."""

    column: SortedColumn
    labels: BoolArray
    blocks: IntArray | None
    groups: IntArray | None


def chunk_counts(
    column: SortedColumn,
    labels: BoolArray,
    blocks: IntArray | None,
    groups: IntArray | None,
    running: Running,
) -> Iterator[Chunk]:
    """Count chunk by chunk, the highest scores first; `running` ends as the totals.

    Rows whose group is negative or past the last take no part.
    """
    n_rows = running.n_blocks + 1
    most = min(max(_CELLS // n_rows, _FEWEST_ROWS), _MOST_ROWS)
    dtype = np.dtype(np.int32 if column.n_loci <= np.iinfo(np.int32).max else np.int64)
    source = _Source(column, labels, blocks, groups)
    for part in column.chunks(most):
        if part.stop - part.start > most:
            chunk = _long_tie(source, part, running, most)
        else:
            chunk = _chunk(_items(source, part, running.counts.shape[2]), running, dtype)
        if chunk is not None:
            yield chunk


def _items(source: _Source, part: slice, n_groups: int) -> _Items:
    """Gather the rows of a part."""
    rows = source.column.rows[part]
    is_first = source.column.is_first[part]
    positive = source.labels.take(rows)
    block = None if source.blocks is None else source.blocks.take(rows)
    if source.groups is None:
        return _Items(positive, block, None, is_first)
    group = source.groups.take(rows)
    tie = np.cumsum(is_first, dtype=np.int32)
    order = np.argsort(group, kind="stable")  # 8 or 16 bits are sorted by counting
    group = group.take(order)
    if group.size and not 0 <= group[0] <= group[-1] < n_groups:
        inside = slice(*np.searchsorted(group, (0, n_groups)))
        group, order = group[inside], order[inside]
    tie = tie.take(order)
    is_first = np.ones(order.size, dtype=np.bool_)
    np.not_equal(tie[1:], tie[:-1], out=is_first[1:])
    is_first[1:] |= group[1:] != group[:-1]
    return _Items(
        positive.take(order), None if block is None else block.take(order), group, is_first
    )


def _tally(items: _Items, running: Running) -> IntArray:
    """Positives and loci of a part, by block and group."""
    shape = running.counts.shape
    if items.block is None and items.group is None:
        both = [np.count_nonzero(items.positive), items.positive.size]
        return np.array(both).reshape(shape)
    if items.block is None and items.group is not None:  # groups follow one another
        begins = items.group.searchsorted(np.arange(shape[2], dtype=items.group.dtype))
        edges = np.append(begins, items.group.size)
        true_edges = items.positive.nonzero()[0].searchsorted(edges)
        return np.diff([true_edges, edges])[:, None]
    cell = np.zeros(items.positive.size, dtype=np.intp)
    if items.block is not None:
        cell += items.block
        cell *= shape[2]
    if items.group is not None:
        cell += items.group
    cell *= 2
    cell += items.positive
    counts = np.bincount(cell, minlength=2 * shape[1] * shape[2]).reshape(*shape[1:], 2)
    return np.stack([counts[..., 1], counts.sum(axis=2)])


def _long_tie(source: _Source, part: slice, running: Running, most: int) -> Chunk | None:
    """Count one tie that is longer than a chunk; each group is a column."""
    found = np.zeros_like(running.counts)
    for low in range(part.start, part.stop, most):
        some = slice(low, min(low + most, part.stop))
        found += _tally(_items(source, some, found.shape[2]), running)
    running.counts += found
    group = np.flatnonzero(found[0].any(axis=0))
    if not group.size:
        return None
    true_above, above = running.others(running.counts.take(group, axis=2))
    column = np.arange(group.size)
    own = np.empty(0, dtype=np.intp)
    ties = Ties.of(found.take(group, axis=2))
    return Chunk(group, column, true_above, above, own, column, ties)


class _Thresholds(NamedTuple):
    """Ties of a part that hold a positive."""

    steps: IntArray  # (2, n_thresholds) positives in the tie; loci since the threshold before
    of_item: IntArray  # for each locus down to the last threshold, the first at or below it
    of_positive: IntArray  # for each positive, its threshold
    tied: IntArray  # thresholds whose tie holds several loci
    tie: IntArray  # for each locus, its place in `tied`, or -1; empty where there are none

    @classmethod
    def of(cls, items: _Items, place: IntArray) -> "_Thresholds":
        """Find them; `place` is where the positives are."""
        n = items.positive.size
        first = np.append(items.is_first.nonzero()[0], n)
        if first.size == n + 1:  # no ties: every positive is a threshold
            size = np.diff(place, prepend=-1)
            nothing = np.empty(0, dtype=np.intp)
            before: IntArray = np.repeat(np.arange(place.size), size)
            steps = np.stack([np.ones_like(size), size])
            return cls(steps, before, np.arange(place.size), nothing, nothing)
        tie = np.cumsum(items.is_first) - 1
        in_tie = np.bincount(tie.take(place), minlength=first.size - 1)
        kept = in_tie.nonzero()[0]
        size = np.diff(first.take(kept + 1), prepend=0)
        threshold = np.repeat(np.arange(kept.size), size)
        tied = (np.diff(first).take(kept) > 1).nonzero()[0]
        number = np.full(first.size - 1, -1, dtype=np.intp)
        number[kept.take(tied)] = np.arange(tied.size)
        steps = np.stack([in_tie.take(kept), size])
        return cls(steps, threshold, threshold.take(place), tied, number.take(tie))


def _chunk(items: _Items, running: Running, dtype: np.dtype[Any]) -> Chunk | None:
    """Count a part of whole ties."""
    before, counts = running.counts, _tally(items, running)
    running.counts = before + counts
    place = items.positive.nonzero()[0]
    if not place.size:
        return None
    found = _Thresholds.of(items, place)
    width = found.steps.shape[1]
    tables = np.empty((2, running.n_blocks + 1, width), dtype=dtype)
    tables[:] = found.steps[:, None]
    own = np.empty(0, dtype=np.intp)
    if items.block is not None:
        cell = items.block[: found.of_item.size].astype(np.intp)
        cell *= width
        cell += found.of_item
        own = items.block.take(place).astype(np.intp)
        own *= width
        own += found.of_positive
        # A step of the table's own type is added many times faster than another.
        for table, cells in zip(tables, (own, cell), strict=True):
            np.add.at(table.reshape(-1), cells, dtype.type(-1))
    group, start = _segments(items.group, place, found.of_positive)
    # Loci behind a group's last threshold were counted into the next group's first.
    elsewhere = np.cumsum(counts, axis=2) - counts
    offset = running.others((before - elsewhere).take(group, axis=2))
    tables[:, :, start] += np.diff(offset, axis=2, prepend=0).astype(dtype)
    for table in tables:
        np.add.accumulate(table, axis=1, out=table)
    true_above, above = tables
    ties = _ties(items, found, max(running.n_blocks, 1))
    return Chunk(group, start, true_above, above, own, found.tied, ties)


def _segments(
    group: IntArray | None, place: IntArray, threshold: IntArray
) -> tuple[IntArray, IntArray]:
    """Groups that hold a positive, and the first threshold of each."""
    only = np.zeros(1, dtype=np.intp)
    if group is None:
        return only, only
    of_positive = group.take(place)
    begins = np.append(0, (of_positive[1:] != of_positive[:-1]).nonzero()[0] + 1)
    return of_positive.take(begins).astype(np.intp), threshold.take(begins)


def _ties(items: _Items, found: _Thresholds, n_blocks: int) -> Ties:
    """Count the loci in the ties of several loci, by block."""
    n_tied = found.tied.size
    if not n_tied:
        return Ties.of(np.empty((2, n_blocks, 0), dtype=np.int64))
    inside = (found.tie >= 0).nonzero()[0]
    cell = found.tie.take(inside)
    positive = items.positive.take(inside)
    if items.block is not None:
        cell += items.block.take(inside).astype(np.intp) * n_tied
    n_cells = n_blocks * n_tied
    counts = np.bincount(cell[positive], minlength=n_cells), np.bincount(cell, minlength=n_cells)
    return Ties.of(np.stack(counts).reshape(2, n_blocks, n_tied))
