"""Sums over the positives of a sorted column, without each block, chunk by chunk."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._chunk_counts import Chunk, Running, chunk_counts
from leakcheck.base._harmonic import harmonic_difference, harmonic_parts
from leakcheck.base.sorted_column import SortedColumn

__all__ = [
    "LeftOut",
    "harmonic_width",
    "leave_out",
    "leave_out_levels",
    "tied_precision",
]

_LARGEST_TABLE = 1 << 20
# Temporary arrays of so many columns are small enough to be reused rather than mapped.
_COLUMNS = 512
# Loci above a tie, per locus in it, from which on one term of a series leaves less than 1e-15.
_NARROW = 1 << 11


class LeftOut(NamedTuple):
    """Sums without each block, and of all blocks in the last row; each (n_rows, n_groups)."""

    precision: FloatArray
    expected: FloatArray
    above: FloatArray  # loci above the positive and itself, others in its tie counted half
    positives: FloatArray
    loci: FloatArray


class _Terms(NamedTuple):
    """What ties add to the first three sums."""

    precision: FloatArray
    expected: FloatArray
    above: FloatArray


def leave_out(
    column: SortedColumn,
    labels: BoolArray,
    blocks: IntArray | None = None,
    n_blocks: int = 0,
    groups: IntArray | None = None,
    n_groups: int = 1,
) -> LeftOut:
    """Sum over the chunks of a column, which are the same wherever the column came from."""
    running = Running(n_blocks, n_groups)
    sums = np.zeros((3, n_blocks + 1, n_groups))
    for chunk in chunk_counts(column, labels, blocks, groups, running):
        _add(sums, chunk, column.n_loci)
    precision, expected, above = sums
    positives, loci = running.others(running.counts).astype(np.float64)
    return LeftOut(precision, expected, above, positives, loci)


def _add(sums: FloatArray, chunk: Chunk, n_loci: int) -> None:
    """Add the terms of a chunk."""
    hits, rank = chunk.true_above, chunk.above
    if chunk.tied.size:
        _add_ties(sums, chunk, n_loci)
        if chunk.tied.size == hits.shape[1]:
            return
        untied = np.ones(hits.shape[1], dtype=hits.dtype)
        untied[chunk.tied] = 0
        hits *= untied
        rank *= untied
    hits.put(chunk.own, 0)
    rank.put(chunk.own, 0)
    sums[2][:, chunk.group] += np.add.reduceat(rank, chunk.start, axis=1, dtype=np.float64)
    precision = hits.astype(np.float64)
    if chunk.tied.size:
        np.maximum(rank, 1, out=rank)
    else:
        rank.put(chunk.own, 1)
    precision /= rank
    total = np.add.reduceat(precision, chunk.start, axis=1)
    sums[:2, :, chunk.group] += total


def _add_ties(sums: FloatArray, chunk: Chunk, n_loci: int) -> None:
    """Add what the ties contribute."""
    group_of = np.repeat(chunk.group, np.diff(chunk.start, append=chunk.above.shape[1]))
    size = chunk.ties.counts[1]
    if np.all(chunk.above.min(axis=0).take(chunk.tied) > _NARROW * size):
        parts = _narrow_parts(chunk)
        _add_lost(sums, chunk, group_of, n_loci)
    else:
        parts = _wide_parts(chunk, n_loci)
    for columns, terms in parts:
        group = group_of.take(columns)
        start = np.flatnonzero(np.diff(group, prepend=-1))
        for total, term in zip(sums, terms, strict=True):
            total[:, group.take(start)] += np.add.reduceat(term, start, axis=1)


def _wide_parts(chunk: Chunk, n_loci: int) -> Iterator[tuple[IntArray, _Terms]]:
    """Terms of any ties, some columns at a time."""
    positives, size = chunk.ties.tables(len(chunk.above))
    for low in range(0, chunk.tied.size, _COLUMNS):
        part = slice(low, low + _COLUMNS)
        columns = chunk.tied[part]
        hits, rank = (table.take(columns, axis=1) for table in (chunk.true_above, chunk.above))
        yield columns, _tied_terms(hits, rank, positives[:, part], size[:, part], n_loci)


def _narrow_parts(chunk: Chunk) -> Iterator[tuple[IntArray, _Terms]]:
    """Terms of ties that are short beside the loci above, where no locus of them is left out.

    With m the mean rank in a tie of s loci, of which p are positive, and v the positives down to
    its middle over m, the expected precision is ``v + (v - (p-1)/(s-1)) (s**2 - 1) / (12 m**2)``:
    the sum of 1 / (m + d) over d symmetrical about 0, up to (s / m)**4 / 80.
    """
    positives, size = chunk.ties.counts.astype(np.float64)
    weight = np.repeat(positives[None], len(chunk.above), axis=0)
    if len(weight) > 1:
        weight.put(chunk.ties.cells, 0.0)
    slope = (positives - 1.0) / (size - 1.0)
    spread = (size * size - 1.0) / 12.0
    for low in range(0, chunk.tied.size, _COLUMNS):
        part = slice(low, low + _COLUMNS)
        columns, times = chunk.tied[part], weight[:, part]
        hits = chunk.true_above.take(columns, axis=1).astype(np.float64)
        middle = chunk.above.take(columns, axis=1).astype(np.float64)
        precision = hits / middle
        precision *= times
        middle -= (size[part] - 1.0) / 2.0
        hits -= (positives[part] - 1.0) / 2.0
        hits /= middle
        more = middle * middle
        np.divide(spread[part], more, out=more)
        more *= hits - slope[part]
        hits += more
        hits *= times
        middle *= times
        yield columns, _Terms(precision, hits, middle)


def _add_lost(sums: FloatArray, chunk: Chunk, group_of: IntArray, n_loci: int) -> None:
    """Add the ties in the rows that leave out some of their loci."""
    n_rows, width = chunk.above.shape
    if n_rows == 1:
        return
    row, tie = np.divmod(chunk.ties.cells, chunk.tied.size)
    column = chunk.tied.take(tie)
    positives, size = chunk.ties.counts.take(tie, axis=1) - chunk.ties.lost
    at = row * width + column
    terms = _tied_terms(chunk.true_above.take(at), chunk.above.take(at), positives, size, n_loci)
    cell = row * sums.shape[2] + group_of.take(column)
    for total, term in zip(sums, terms, strict=True):
        np.add(total, np.bincount(cell, term, total.size).reshape(total.shape), out=total)


def _tied_terms(
    hits: NDArray[Any],
    rank: NDArray[Any],
    positives: NDArray[Any],
    size: NDArray[Any],
    n_loci: int,
) -> _Terms:
    """Terms of ties, from the positives and loci at or above them and in them."""
    hits, rank, positives, size = (
        table.astype(np.float64, copy=False) for table in (hits, rank, positives, size)
    )
    return _Terms(
        positives * hits / np.maximum(rank, 1.0),
        tied_precision(hits, rank, positives, size, n_loci),
        positives * (rank - (size - 1.0) / 2.0),
    )


def tied_precision(
    hits: FloatArray, rank: FloatArray, positives: FloatArray, size: FloatArray, n_loci: int
) -> FloatArray:
    """Sum of precisions at the positives of a tie, averaged over its random orders."""
    before = rank - size
    slope = (positives - 1.0) / np.maximum(size - 1.0, 1.0)
    width = harmonic_width(before, size, n_loci)
    total = (hits - positives + 1.0 - slope * (before + 1.0)) * width
    return np.asarray((total + slope * size) * positives / np.maximum(size, 1.0))


def harmonic_width(low: FloatArray, width: FloatArray, n_loci: int) -> FloatArray:
    """H(low + width) - H(low) for whole numbers up to `n_loci`."""
    first, last = low.astype(np.intp), (low + width).astype(np.intp)
    if n_loci > _LARGEST_TABLE:
        return harmonic_difference(first, last - first)
    coarse, fine = harmonic_parts(1 << n_loci.bit_length())
    total = coarse.take(last) - coarse.take(first)
    total += fine.take(last) - fine.take(first)
    return np.asarray(total)


def leave_out_levels(counts: IntArray) -> LeftOut:
    """The same of counts (2, n_rows, n_levels, ...) at all levels, the highest first.

    The first axis is positives and loci; those without each block, and of all in the last row.
    """
    positives, size = counts.astype(np.float64, order="C")
    hits, rank = np.cumsum(positives, axis=1), np.cumsum(size, axis=1)
    terms = _tied_terms(hits, rank, positives, size, int(size[-1].sum()))
    return LeftOut(
        terms.precision.sum(axis=1),
        terms.expected.sum(axis=1),
        terms.above.sum(axis=1),
        positives.sum(axis=1),
        size.sum(axis=1),
    )
