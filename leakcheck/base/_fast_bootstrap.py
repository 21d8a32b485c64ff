"""Ranking sums of weighted loci by compiled loops, many replicates at once (extra ``fast``).

The loops are plain Python: `numba` compiles them when they are first asked for.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._optional import import_optional
from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_parts
from leakcheck.base._places import Places
from leakcheck.base._weighted import WeightedSums
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["compiled_sums"]

# Replicates in a batch: they share what is done once a locus, and their sums stay in the cache.
_BATCH = 256
_SLAB = 1 << 9
# Harmonic numbers that are looked up; further ones come from a series.
_TABLE = 1 << 13
# Square of the width over the middle below which three terms of a series leave less than 1e-16.
_NARROW = 1e-5


def compiled_sums(
    labels: BoolArray, column: SortedColumn, weights: IntArray, blocks: IntArray | None
) -> tuple[WeightedSums, FloatArray]:
    """Sums of replicates, and the weight of all positives.

    The `weights` are those of loci or, where `blocks` are given, of blocks.
    """
    places = Places.of(labels, column)
    unit = places.rows if blocks is None else blocks.take(places.rows)
    positive = np.zeros(column.n_loci, dtype=np.uint8)
    positive[places.place] = 1
    is_mixed = np.zeros(places.cell_ends.size, dtype=np.bool_)
    is_mixed[places.mixed] = True
    coarse, fine = harmonic_parts(_TABLE)
    sums, positives = WeightedSums.zeros(len(weights)), np.zeros(len(weights))
    loop = _compiled()
    unit = unit.astype(np.int64)
    for low in range(0, len(weights), _BATCH):
        part = slice(low, min(low + _BATCH, len(weights)))
        found = np.zeros((4, part.stop - part.start))
        table = np.empty((weights.shape[1], found.shape[1]), dtype=weights.dtype)
        for start in range(0, len(table), _SLAB):  # short stretches stay in the cache
            table[start : start + _SLAB] = weights[part, start : start + _SLAB].T
        loop(
            table,
            unit,
            positive,
            places.ends,
            places.cell_starts,
            places.cell_ends,
            is_mixed,
            (coarse, fine),
            found,
        )
        for total, values in zip((*sums, positives), found, strict=True):
            total[part] = values
    return sums, positives


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., None]:
    """The loops, compiled once in a process."""
    numba = import_optional("numba", extra="fast", purpose="to bootstrap by compiled loops")
    return _loops(numba.njit(nogil=True, error_model="numpy"))


def loops_in_python() -> Callable[..., None]:
    """The loops as they are written, which tests compare with the compiled ones."""
    return _loops(lambda function: function)


def _loops(jit: Callable[[Any], Any]) -> Callable[..., None]:
    """The loop over the cells of a column, with all that it calls."""
    add_cell = jit(_cell_adder(jit(_harmonic_width), jit(_add_narrow)))
    parts = (jit(_add_rows), jit(_add_one), jit(_add_precision), add_cell)
    walk: Callable[..., None] = jit(_walker(*parts))
    return walk


def _walker(
    add_rows: Callable[..., None],
    add_one: Callable[..., None],
    add_precision: Callable[..., None],
    add_cell: Callable[..., None],
) -> Callable[..., None]:
    """The loop over cells."""

    def walk(
        weights: IntArray,
        unit: IntArray,
        positive: NDArray[np.uint8],
        ends: IntArray,
        cell_starts: IntArray,
        cell_ends: IntArray,
        is_mixed: BoolArray,
        tables: tuple[FloatArray, FloatArray],
        sums: FloatArray,
    ) -> None:
        """Add all cells, the highest scores first, to the sums of a batch."""
        n = weights.shape[1]
        hits, rank = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
        place = threshold = 0
        for cell in range(cell_ends.size):
            add_rows(weights, unit, positive, place, cell_starts[cell], rank, hits)
            true_first, first = hits.copy(), rank.copy()
            place = cell_starts[cell]
            while place < cell_ends[cell]:
                if ends[threshold] == place + 1:
                    add_one(weights[unit[place]], rank, hits, sums[0])
                else:
                    seen = hits.copy()
                    add_rows(weights, unit, positive, place, ends[threshold], rank, hits)
                    add_precision(hits, seen, rank, sums[0])
                place = ends[threshold]
                threshold += 1
            add_cell(first, true_first, rank, hits, is_mixed[cell], tables, sums)
        sums[3, :] = hits

    return walk


def _add_rows(
    weights: IntArray,
    unit: IntArray,
    positive: NDArray[np.uint8],
    low: int,
    high: int,
    rank: NDArray[np.int32],
    hits: NDArray[np.int32],
) -> None:
    """Count the loci from one place to another."""
    for i in range(low, high):
        row = weights[unit[i]]
        if positive[i]:
            for r in range(rank.size):
                weight = np.int32(row[r])
                rank[r] += weight
                hits[r] += weight
        else:
            for r in range(rank.size):
                rank[r] += np.int32(row[r])


def _add_one(
    row: IntArray, rank: NDArray[np.int32], hits: NDArray[np.int32], precision: FloatArray
) -> None:
    """Add a threshold that is one positive: most are."""
    for r in range(rank.size):
        weight = np.int32(row[r])
        rank[r] += weight
        hits[r] += weight
        share = np.float64(hits[r]) / np.float64(max(rank[r], np.int32(1)))
        precision[r] += np.float64(weight) * share


def _add_precision(
    hits: NDArray[np.int32],
    seen: NDArray[np.int32],
    rank: NDArray[np.int32],
    precision: FloatArray,
) -> None:
    """Add the precision at a threshold for each positive in it; `seen` were those above."""
    for r in range(hits.size):
        share = np.float64(hits[r]) / np.float64(max(rank[r], np.int32(1)))
        precision[r] += np.float64(hits[r] - seen[r]) * share


def _add_narrow(
    first: NDArray[np.int32],
    true_first: NDArray[np.int32],
    rank: NDArray[np.int32],
    expected: FloatArray,
    disordered: FloatArray,
) -> None:
    """Add a cell of positives that are few beside the loci above: one formula for all."""
    for r in range(rank.size):
        true, false = np.float64(rank[r] - first[r]), np.float64(first[r] - true_first[r])
        middle = np.float64(first[r]) + 0.5 * (true + 1.0)
        inverse = 1.0 / middle
        ratio, least = true * inverse, inverse * inverse
        square = ratio * ratio
        even = 1 / 12 + (3.0 * square - 7.0 * least) / 240
        disordered[r] += true * false
        expected[r] += true - false * (ratio * (1.0 + (square - least) * even))


def _cell_adder(
    width_of: Callable[..., float], add_narrow: Callable[..., None]
) -> Callable[..., None]:
    """The loop over the replicates of a cell."""

    def add_cell(
        first: NDArray[np.int32],
        true_first: NDArray[np.int32],
        rank: NDArray[np.int32],
        hits: NDArray[np.int32],
        is_mixed: bool,
        tables: tuple[FloatArray, FloatArray],
        sums: FloatArray,
    ) -> None:
        """Add the expected precision and the disordered pairs of a cell."""
        widest = -1.0  # below 0 while the cell is narrow in all replicates
        for r in range(rank.size):
            width, middle = np.float64(rank[r] - first[r]), np.float64(rank[r] + first[r] + 1)
            widest = max(widest, 4.0 * width * width - _NARROW * middle * middle)
        if not is_mixed and widest < 0.0:
            add_narrow(first, true_first, rank, sums[1], sums[2])
            return
        for r in range(rank.size):
            low, true_low = np.float64(first[r]), np.float64(true_first[r])
            size, true = np.float64(rank[r]) - low, np.float64(hits[r]) - true_low
            if size == 0.0:
                continue
            false = low - true_low
            sums[2, r] += true * (false + (size - true) / 2.0)
            inner = width_of(first[r], rank[r], tables[0], tables[1])
            if is_mixed:
                slope = (true - 1.0) / max(size - 1.0, 1.0)
                total = (true_low + 1.0 - slope * (low + 1.0)) * inner
                sums[1, r] += (total + slope * size) * true / size
            else:
                sums[1, r] += true - false * inner

    return add_cell


def _harmonic_width(low: int, high: int, coarse: FloatArray, fine: FloatArray) -> float:
    """H(high) - H(low)."""
    middle = low + 0.5 * (high - low + 1)
    ratio = (high - low) / middle
    if ratio * ratio < _NARROW:
        # Sum of 1 / (middle + d) over d symmetrical about 0, from the even moments of d.
        square, least = ratio * ratio, 1.0 / (middle * middle)
        even = 1 / 12 + (3 * square - 7 * least) / 240
        return float(ratio * (1.0 + (square - least) * even))
    if high < coarse.size:
        return float((coarse[high] - coarse[low]) + (fine[high] - fine[low]))
    total = 0.0
    if low < coarse.size:
        last = coarse.size - 1
        total = (coarse[last] - coarse[low]) + (fine[last] - fine[low])
        low = last
    # The expansion of digamma about x + 1/2.
    a, b = low + 0.5, high + 0.5
    return float(total + np.log1p((b - a) / a) + (1.0 / (b * b) - 1.0 / (a * a)) / 24.0)
