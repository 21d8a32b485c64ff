"""Counts of every block at the thresholds of a score, from one sort, a tile of them at a time."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._argsort import argsort

__all__ = ["BlockTotals", "Tile", "block_totals", "count_levels", "count_tiles"]

# Cells of a tile's two tables. They are made once and filled again for every tile, because fresh
# memory costs a page fault every 512 cells.
_TILE_CELLS = 1 << 18
_NARROWEST_TILE = 64
_MOST_LEVELS = 1 << 10
# The bits of 2.0**52: an integer added to them reads, as float64, as 2.0**52 plus that integer.
_BITS_OF_TWO_52 = np.int64(0x4330_0000_0000_0000)
_TWO_52 = 2.0**52


class BlockTotals(NamedTuple):
    """Numbers of positives and of loci, each (n_blocks, n_groups)."""

    positives: IntArray
    loci: IntArray


class Tile(NamedTuple):
    """Counts of each block at a range of thresholds, of which each holds a positive.

    Rows are blocks; rows past the last block are empty ones. "Above" a threshold includes it. The
    first two tables count the loci of the block, as floats, or all loci but those of the block, as
    int32 (as floats where that is too narrow). They are the consumer's to write into, until the
    next tile is asked for.
    """

    group: IntArray  # groups met
    start: IntArray  # first column of each of them
    true_above: NDArray[Any]  # (n_rows, n_columns) positives in the group, above
    above: NDArray[Any]  # (n_rows, n_columns) loci in the group, above
    own: IntArray  # flat cell, in its own block and column, of each positive (tied ones too)
    tied: IntArray  # columns whose tie holds several loci
    tied_positives: IntArray  # (n_rows, n_tied) positives of the block in the tie
    tied_size: IntArray  # (n_rows, n_tied) loci of the block in the tie

    @property
    def is_tied(self) -> BoolArray:
        """Mark the columns whose tie holds several loci."""
        mark = np.zeros(self.above.shape[1], dtype=np.bool_)
        mark[self.tied] = True
        return mark


class _Order(NamedTuple):
    """Loci by group and falling score."""

    positive: BoolArray  # (n_loci,)
    block: IntArray  # (n_loci,)
    first: IntArray  # (n_ties + 1,) first locus of each tie, and the number of loci


class _Items(NamedTuple):
    """Loci, or positives alone, by group and falling score."""

    block: IntArray  # (n_items,)
    threshold: IntArray  # (n_items,) the first threshold at or below the item
    stop: IntArray  # (n_thresholds + 1,) items sorted before the threshold; down to the last
    size: IntArray  # (n_thresholds,) items in its tie, the last of those down to it


class _Segments(NamedTuple):
    """Groups that hold a positive; the leading axis is positives, loci."""

    group: IntArray  # (n_segments,)
    start: IntArray  # (n_segments,) first threshold
    reset: IntArray  # (2, n_rows, n_segments) items of each block since the segment before


def block_totals(
    labels: BoolArray,
    blocks: IntArray,
    n_blocks: int,
    groups: IntArray | None = None,
    n_groups: int = 1,
) -> BlockTotals:
    """Count the positives and the loci of each block in each group."""
    code = np.asarray(blocks, dtype=np.intp)
    if groups is not None:
        code = code * n_groups + groups
    return BlockTotals(
        _count(np.compress(labels, code), n_blocks, n_groups),
        _count(code, n_blocks, n_groups),
    )


def count_levels(
    labels: BoolArray,
    scores: NDArray[Any],
    blocks: IntArray,
    n_blocks: int,
    order: IntArray | None = None,
) -> tuple[IntArray | None, IntArray | None]:
    """Count positives and loci of each block at each distinct score, where these are few.

    The counts are (2, n_blocks, n_levels), the highest score first, or None. They depend on the
    order of the scores alone, and so does whether there are any. Beside them is what
    ``np.argsort(scores)`` gives, if it had to be known.
    """
    most = min(_MOST_LEVELS, scores.size // 4)
    level = _levels(scores, 4 * most) if scores.size else None
    if level is None:
        order = argsort(scores) if order is None else order
        score = scores.take(order)
        differs = score[1:] != score[:-1]
        if np.count_nonzero(differs) >= most:
            return None, order
        changes = np.flatnonzero(differs)
        ends = np.append(changes + 1, scores.size)
        level = np.repeat(np.arange(ends.size)[::-1], np.diff(ends, prepend=0))
        labels, blocks = labels.take(order), blocks.take(order)
    cell = np.asarray(blocks, dtype=np.intp) * 2 + labels
    n_levels = int(level.max()) + 1
    both = _count(cell * n_levels + level, 2 * n_blocks, n_levels).reshape(n_blocks, 2, n_levels)
    loci = both.sum(axis=1)
    kept = np.flatnonzero(loci.any(axis=0))
    if kept.size > most:
        return None, order
    return np.stack([both[:, 1], loci]).take(kept, axis=2), order


def count_tiles(
    labels: BoolArray,
    scores: NDArray[Any],
    blocks: IntArray,
    totals: BlockTotals,
    *,
    n_rows: int,
    groups: IntArray | None = None,
    width: int | None = None,
    order: IntArray | None = None,
    others: bool = False,
) -> Iterator[Tile]:
    """Tiles of all thresholds, the highest scores of the first group first.

    With `others`, what is above is counted without each block.
    """
    if not totals.positives.any():
        return
    blocks = np.asarray(blocks, dtype=np.intp)
    width = max(_NARROWEST_TILE, _TILE_CELLS // n_rows) if width is None else width
    by_level = groups is None and not others
    level = _levels(scores, min(width, scores.size)) if by_level else None
    if level is not None:
        yield _level_tile(labels, level, blocks, n_rows)
        return
    rising = argsort(scores) if order is None else order
    loci = _arrange(labels, scores, blocks, totals, groups, rising)
    n_ties = loci.first.size - 1
    if by_level and n_ties <= min(width, scores.size // 4):
        level = np.repeat(np.arange(n_ties), np.diff(loci.first))
        yield _level_tile(loci.positive, level, loci.block, n_rows)
        return
    yield from _tiles(*_rank(loci), totals, n_rows, width, others)


def _levels(scores: NDArray[Any], most: int) -> IntArray | None:
    """Number the values of integer scores from the highest, or None where they span too many."""
    if scores.dtype.kind not in "iu":
        return None
    if int(scores.max()) - int(scores.min()) >= most:
        return None
    # Unsigned differences wrap around and back, so that no type is too narrow.
    highest = scores.max(keepdims=True).astype(np.uint64)
    return np.asarray(highest - scores.astype(np.uint64), dtype=np.int64)


def _count(cell: IntArray, n_rows: int, n_columns: int) -> IntArray:
    """Count the cells of a table, given flat."""
    return np.bincount(cell, minlength=n_rows * n_columns).reshape(n_rows, n_columns)


def _level_tile(labels: BoolArray, level: IntArray, blocks: IntArray, n_rows: int) -> Tile:
    """The only tile of a score of few levels, counted without a sort; 0 is the highest level.

    It equals, to the last bit, the tile that a sort of the same score as floats would give.
    """
    n_levels = int(level.max()) + 1
    cell = blocks * n_levels + level
    own = np.compress(labels, cell)
    counts = np.stack([_count(own, n_rows, n_levels), _count(cell, n_rows, n_levels)])
    totals = counts.sum(axis=1)
    kept = np.flatnonzero(totals[0])
    column = np.cumsum(totals[0] > 0) - 1
    true_above, above = np.cumsum(counts, axis=2).take(kept, axis=2).astype(np.float64)
    tied = np.flatnonzero(totals[1].take(kept) > 1)
    tied_positives, tied_size = counts.take(kept.take(tied), axis=2)
    only = np.zeros(min(kept.size, 1), dtype=np.intp)
    return Tile(
        group=only,
        start=only,
        true_above=true_above,
        above=above,
        own=own // n_levels * kept.size + column.take(own % n_levels),
        tied=tied,
        tied_positives=tied_positives,
        tied_size=tied_size,
    )


def _arrange(
    labels: BoolArray,
    scores: NDArray[Any],
    blocks: IntArray,
    totals: BlockTotals,
    groups: IntArray | None,
    rising: IntArray,
) -> _Order:
    """Put the loci in order, and find where ties start."""
    order = np.ascontiguousarray(rising[::-1])
    if groups is not None:
        order = order.take(np.argsort(groups.take(order), kind="stable"))
    score = scores.take(order)
    is_first = np.ones(order.size + 1, dtype=np.bool_)
    np.not_equal(score[1:], score[:-1], out=is_first[1:-1])
    is_first[np.cumsum(totals.loci.sum(axis=0))] = True
    return _Order(labels.take(order), blocks.take(order), np.flatnonzero(is_first))


def _rank(order: _Order) -> tuple[_Items, _Items]:
    """Positives and loci by the thresholds, which are the ties that hold a positive."""
    place = np.flatnonzero(order.positive)
    if order.first.size == order.positive.size + 1:  # no ties: every positive is a threshold
        one = np.ones(place.size, dtype=np.intp)
        number: IntArray = np.arange(place.size)
        before: IntArray = np.cumsum(order.positive) - order.positive
        stop = np.append(0, place + 1)
        return (
            _Items(order.block.take(place), number, np.arange(place.size + 1), one),
            _Items(order.block, before, stop, one),
        )
    size = np.diff(order.first)
    tie = np.repeat(np.arange(size.size), size)
    in_tie = np.bincount(tie.take(place))
    kept = np.flatnonzero(in_tie)
    stop = np.append(0, order.first.take(kept + 1))
    threshold = np.repeat(np.arange(kept.size), np.diff(stop))
    positives_in = in_tie.take(kept)
    true_stop = np.append(0, np.cumsum(positives_in))
    return (
        _Items(order.block.take(place), threshold.take(place), true_stop, positives_in),
        _Items(order.block, threshold, stop, size.take(kept)),
    )


def _tiles(
    positives: _Items,
    loci: _Items,
    totals: BlockTotals,
    n_rows: int,
    width: int,
    others: bool,
) -> Iterator[Tile]:
    """Cut the thresholds into tiles; running counts are carried from one to the next."""
    segments = _segments(loci.stop, totals, n_rows, others)
    n_thresholds = loci.size.size
    narrow = others and int(totals.loci.sum()) <= np.iinfo(np.int32).max
    dtype = np.dtype(np.int32 if narrow else np.int64)
    buffer = np.empty(2 * n_rows * min(width, n_thresholds), dtype=dtype)
    carry = np.zeros((2, n_rows), dtype=dtype)
    for low in range(0, n_thresholds, width):
        high = min(low + width, n_thresholds)
        tables = buffer[: 2 * n_rows * (high - low)].reshape(2, n_rows, high - low)
        for table, items in zip(tables, (positives, loci), strict=True):
            _fill(table, items, low, others)
        tables[:, :, 0] += carry
        tile = _tile(positives, loci, segments, low, tables)
        carry = np.stack([tile.true_above[:, -1], tile.above[:, -1]]).astype(dtype)
        yield tile


def _fill(table: IntArray, items: _Items, low: int, others: bool) -> None:
    """Count the items of each block, or of all others, between one threshold and the next."""
    own = _cells(items, low, table.shape[1])
    if others:
        table[:] = np.diff(items.stop[low : low + table.shape[1] + 1])
    else:
        table.fill(0)
    # A step of the table's own type is added many times faster than another.
    np.add.at(table.reshape(-1), own, table.dtype.type(-1 if others else 1))


def _segments(stop: IntArray, totals: BlockTotals, n_rows: int, others: bool) -> _Segments:
    """Where the groups that hold a positive start, and what is sorted before them."""
    counts = np.stack(totals)
    group = np.flatnonzero(counts[0].sum(axis=0))
    of_blocks = (np.cumsum(counts, axis=2) - counts)[:, :, group]
    start = np.searchsorted(stop, of_blocks[1].sum(axis=0), side="right") - 1
    reset = np.zeros((2, n_rows, group.size), dtype=np.int64)
    reset[:, : counts.shape[1]] = np.diff(of_blocks, axis=2, prepend=0)
    if others:
        reset = reset.sum(axis=1, keepdims=True) - reset
    return _Segments(group, start, reset)


def _tile(
    positives: _Items, loci: _Items, segments: _Segments, low: int, tables: NDArray[Any]
) -> Tile:
    """Counts at thresholds from `low` on, from the numbers between them."""
    n_rows, width = tables.shape[1:]
    columns = slice(low, low + width)
    first, last = segments.start.searchsorted((columns.start, columns.stop))
    start = segments.start[first:last] - low
    if first < last:
        tables[:, :, start] -= segments.reset[:, :, first:last].astype(tables.dtype)
    if first == last or start[0] > 0:  # the tile begins inside a group
        first, start = first - 1, np.append(0, start)
    true_above, above = _cumulate(tables)
    tied = np.flatnonzero(loci.size[columns] > 1)
    return Tile(
        group=segments.group[first:last],
        start=start,
        true_above=true_above,
        above=above,
        own=_cells(positives, low, width),
        tied=tied,
        tied_positives=_count_ties(positives, low + tied, n_rows),
        tied_size=_count_ties(loci, low + tied, n_rows),
    )


def _cells(items: _Items, low: int, width: int) -> IntArray:
    """Flat cell of each item that falls in the `width` columns from `low` on."""
    part = slice(items.stop[low], items.stop[low + width])
    cell = items.block[part] * width
    cell += items.threshold[part]
    cell -= low
    return cell


def _cumulate(tables: NDArray[Any]) -> NDArray[Any]:
    """Running sums of each row, in place; of the widest integers as float64.

    Integers add up several times faster than floats do, and with the bits of 2**52 added they can
    be read as floats where they stand.
    """
    wide = tables.dtype == np.int64
    if wide:
        tables[:, :, 0] += _BITS_OF_TWO_52
    for table in tables:
        np.add.accumulate(table, axis=1, out=table)
    if not wide:
        return tables
    floats: FloatArray = tables.view(np.float64)
    floats -= _TWO_52
    return floats


def _count_ties(items: _Items, tied: IntArray, n_rows: int) -> IntArray:
    """Count each block in each of the ties."""
    if not tied.size:
        return np.zeros((n_rows, 0), dtype=np.int64)
    size = items.size.take(tied)
    stop = np.cumsum(size)
    place = np.arange(stop[-1]) + np.repeat(items.stop.take(tied + 1) - stop, size)
    cell = items.block.take(place) * tied.size + np.repeat(np.arange(tied.size), size)
    return _count(cell, n_rows, tied.size)
