"""Ranking sums of weighted loci by compiled loops, many replicates at once (extra ``fast``).

The loops are plain Python: `numba` compiles them when they are first asked for. They walk down the
column once for a batch of replicates, with one lane a replicate, and count positives and negatives
above. In a run of positives, of which f negatives lie above, a positive at rank r has the precision
``1 - f / r``, so that a run costs one division a positive and replicate, and no more.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from leakcheck._optional import import_optional
from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_parts
from leakcheck.base._places import Places
from leakcheck.base._weighted import WeightedSums
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["compiled_sums", "in_lanes"]

# Replicates of a batch: a known number, so that the loops over them become vector instructions.
_LANES = 64
# Harmonic numbers that are looked up; further ones come from a series.
_TABLE = 1 << 20
# Square of the width over the middle below which three terms of a series leave less than 1e-16.
_NARROW = 1e-5


def in_lanes(weights: IntArray) -> list[IntArray]:
    """Weights of each batch of replicates, the lanes of a locus (or block) side by side.

    Lanes without a replicate weigh nothing.
    """
    batches = []
    for low in range(0, len(weights), _LANES):
        part = weights[low : low + _LANES]
        lanes = np.zeros((weights.shape[1], _LANES), dtype=weights.dtype)
        lanes[:, : len(part)] = part.T
        batches.append(lanes)
    return batches


def compiled_sums(
    labels: BoolArray,
    column: SortedColumn,
    batches: list[IntArray],
    totals: FloatArray,
    blocks: IntArray | None,
) -> tuple[WeightedSums, FloatArray]:
    """Sums of replicates, and the weight of all positives.

    The weights in `batches` (see `in_lanes`) are those of loci or, where `blocks` are given, of
    blocks; `totals` are the weights of all loci of each replicate.
    """
    places = Places.of(labels, column)
    positive = np.zeros(column.n_loci, dtype=np.bool_)
    positive[places.place] = True
    is_mixed = np.zeros(places.cell_ends.size, dtype=np.bool_)
    is_mixed[places.mixed] = True
    unit = (places.rows if blocks is None else blocks.take(places.rows)).astype(np.int32)
    most = int(totals.max(initial=0))
    tables = harmonic_parts(min(most, _TABLE))
    counts = np.int32 if most < np.iinfo(np.int32).max else np.int64
    walk, n_replicates = _compiled(), totals.size
    found = np.zeros((4, len(batches) * _LANES))
    for number, lanes in enumerate(batches):
        walk(
            lanes,
            unit,
            positive,
            (places.ends, places.cell_starts, places.cell_ends, is_mixed),
            tables,
            float(lanes.max(initial=0)),
            np.zeros(_LANES, dtype=counts),
            found[:, number * _LANES : (number + 1) * _LANES],
        )
    *sums, positives = found[:, :n_replicates]
    return WeightedSums(*sums), positives


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., None]:
    """The loops, compiled once in a process."""
    numba = import_optional("numba", extra="fast", purpose="to bootstrap by compiled loops")
    # Inside the walk, which makes the arrays, the parts see that these do not overlap.
    return _loops(
        numba.njit(nogil=True, error_model="numpy"),
        numba.njit(forceinline=True, error_model="numpy"),
    )


def _loops(jit: Callable[[Any], Any], jit_part: Callable[[Any], Any]) -> Callable[..., None]:
    """The walk down a column, with all that it calls."""
    add_row = jit_part(_add_row)
    add_run = jit_part(_run_adder(add_row, jit_part(_add_threshold)))
    fill_widths = jit_part(_width_filler(jit_part(_harmonic_width)))
    walk: Callable[..., None] = jit(
        _walker(add_row, add_run, jit_part(_close_run), jit_part(_add_tie), fill_widths)
    )
    return walk


def _walker(
    add_row: Callable[..., None],
    add_run: Callable[..., int],
    close_run: Callable[..., None],
    add_tie: Callable[..., None],
    fill_widths: Callable[..., None],
) -> Callable[..., None]:
    """The loop over cells."""

    def walk(
        lanes: IntArray,
        unit: IntArray,
        positive: BoolArray,
        places: tuple[IntArray, IntArray, IntArray, BoolArray],
        tables: tuple[FloatArray, FloatArray],
        heaviest: float,
        zeros: IntArray,
        sums: FloatArray,
    ) -> None:
        """Add all cells, the highest scores first, to the sums of a batch; `zeros` is a lane each.

        Arrays that are made in here are known not to overlap: without that, no vectors.
        """
        ends, cell_starts, cell_ends, is_mixed = places
        false, true, seen = zeros.copy(), zeros.copy(), zeros.copy()
        false_above, true_above = zeros.copy(), zeros.copy()
        first, last = zeros.copy(), zeros.copy()
        inverse, width = np.zeros(_LANES), np.zeros(_LANES)
        place = threshold = 0
        for cell in range(cell_ends.size):
            start, end = cell_starts[cell], cell_ends[cell]
            for i in range(place, start):
                add_row(false, lanes[unit[i]])
            for r in range(_LANES):
                false_above[r], true_above[r], inverse[r] = false[r], true[r], 0.0
                first[r] = false[r] + true[r]
            if is_mixed[cell]:
                for i in range(start, end):
                    if positive[i]:
                        add_row(true, lanes[unit[i]])
                    else:
                        add_row(false, lanes[unit[i]])
                threshold += 1
            else:
                threshold = add_run(
                    lanes, unit, ends, (start, end, threshold), false, true, seen, inverse
                )
            for r in range(_LANES):
                last[r] = false[r] + true[r]
            fill_widths(first, last, heaviest * (end - start), tables, width)
            if is_mixed[cell]:
                add_tie(false, true, false_above, true_above, width, sums)
            else:
                close_run(false, true, true_above, inverse, width, sums)
            place = end
        sums[3, :] = true

    return walk


def _add_row(counts: IntArray, row: IntArray) -> None:
    """Count a locus as often as each replicate has it."""
    for r in range(_LANES):
        counts[r] += row[r]


def _add_threshold(false: IntArray, true: IntArray, row: IntArray, inverse: FloatArray) -> None:
    """Add a threshold that is one positive: most are."""
    for r in range(_LANES):
        true[r] += row[r]
        rank = np.float64(false[r]) + np.float64(true[r])
        inverse[r] += np.float64(row[r]) / max(rank, 1.0)


def _run_adder(
    add_row: Callable[..., None], add_threshold: Callable[..., None]
) -> Callable[..., int]:
    """The loop over the thresholds of a run of positives."""

    def add_run(
        lanes: IntArray,
        unit: IntArray,
        ends: IntArray,
        at: tuple[int, int, int],
        false: IntArray,
        true: IntArray,
        seen: IntArray,
        inverse: FloatArray,
    ) -> int:
        """Add to `inverse` the weight of each positive over its rank; give the threshold below."""
        place, end, threshold = at
        while place < end:
            stop = ends[threshold]
            if stop == place + 1:
                add_threshold(false, true, lanes[unit[place]], inverse)
            else:
                seen[:] = true
                for i in range(place, stop):
                    add_row(true, lanes[unit[i]])
                for r in range(_LANES):
                    rank = np.float64(false[r]) + np.float64(true[r])
                    inverse[r] += (np.float64(true[r]) - np.float64(seen[r])) / max(rank, 1.0)
            place = stop
            threshold += 1
        return threshold

    return add_run


def _close_run(
    false: IntArray, true: IntArray, true_above: IntArray, inverse: FloatArray, width: FloatArray,
    sums: FloatArray,
) -> None:  # fmt: skip
    """Add the precisions and the disordered pairs of a run of positives."""
    precision, expected, disordered = sums[0], sums[1], sums[2]
    for r in range(_LANES):
        above = np.float64(false[r])
        gained = np.float64(true[r]) - np.float64(true_above[r])
        precision[r] += gained - above * inverse[r]
        expected[r] += gained - above * width[r]
        disordered[r] += gained * above


def _add_tie(
    false: IntArray, true: IntArray, false_above: IntArray, true_above: IntArray, width: FloatArray,
    sums: FloatArray,
) -> None:  # fmt: skip
    """Add the precisions and the disordered pairs of a tie of both labels; see `tied_precision`."""
    precision, expected, disordered = sums[0], sums[1], sums[2]
    for r in range(_LANES):
        before_true, before_false = np.float64(true_above[r]), np.float64(false_above[r])
        gained, lost = np.float64(true[r]) - before_true, np.float64(false[r]) - before_false
        before, size = before_true + before_false, gained + lost
        slope = (gained - 1.0) / max(size - 1.0, 1.0)
        inside = (before_true + 1.0 - slope * (before + 1.0)) * width[r] + slope * size
        precision[r] += gained * (np.float64(true[r]) / max(before + size, 1.0))
        expected[r] += inside * (gained / max(size, 1.0))
        disordered[r] += gained * (before_false + 0.5 * lost)


def _width_filler(width_of: Callable[..., float]) -> Callable[..., None]:
    """The loop over the harmonic widths of a cell."""

    def fill_widths(
        first: IntArray,
        last: IntArray,
        widest: float,
        tables: tuple[FloatArray, FloatArray],
        width: FloatArray,
    ) -> None:
        """Write H(last) - H(first) of each replicate; none of them is more than `widest` wide.

        Numbers of narrow cells, far from 0, follow from the first terms of a series.
        """
        coarse, fine = tables
        least, most = first[0], last[0]
        for r in range(_LANES):
            least, most = min(least, first[r]), max(most, last[r])
        if 4.0 * widest * widest < _NARROW * np.float64(least) * np.float64(least):
            for r in range(_LANES):
                size = np.float64(last[r]) - np.float64(first[r])
                smallest = 1.0 / (np.float64(first[r]) + 0.5 * (size + 1.0))
                ratio = size * smallest
                smallest, square = smallest * smallest, ratio * ratio
                even = 1 / 12 + (3.0 * square - 7.0 * smallest) / 240
                width[r] = ratio * (1.0 + (square - smallest) * even)
        elif most < coarse.size:
            for r in range(_LANES):
                low, high = first[r], last[r]
                width[r] = (coarse[high] - coarse[low]) + (fine[high] - fine[low])
        else:
            for r in range(_LANES):
                width[r] = width_of(first[r], last[r], coarse, fine)

    return fill_widths


def _harmonic_width(low: int, high: int, coarse: FloatArray, fine: FloatArray) -> float:
    """H(high) - H(low)."""
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
