"""The loops of a bootstrap down a column, plain Python that `numba` can compile.

They walk once for a batch of replicates, with one lane a replicate, and count positives and
negatives above. A positive at rank r, with T positives down to there, has the precision ``T / r``.
Fractions are added up as fractions, so that eight thresholds cost one division a replicate. Loci
next to each other that count alike are added up in the small numbers of the weights first, in which
a vector holds most lanes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base import _width_loops as widths

__all__ = ["loops"]

# Fractions that are added up before one is divided: products of as many ranks stay finite.
_HELD = 8
# Square of the width over what lies above, below which four terms of a series leave 1e-16 or less.
_NARROW = 5e-4


def loops(jit: Callable[[Any], Any], jit_part: Callable[[Any], Any]) -> Callable[..., None]:
    """The walk down a column, with all that it calls."""
    add_row, settle = jit_part(_add_row), jit_part(_settle)
    add_rows = jit_part(_rows_adder(add_row))
    narrow_width = jit_part(widths.narrow_width)
    fill_widths = jit_part(widths.width_filler(narrow_width, jit_part(widths.harmonic_width)))
    walk: Callable[..., None] = jit(
        _walker(
            add_rows,
            settle,
            jit_part(_fewest),
            jit_part(_lone_adder(narrow_width)),
            jit_part(_run_adder(add_rows, jit_part(_add_threshold), settle)),
            jit_part(_tied_rows_adder(add_row)),
            fill_widths,
            jit_part(_close_run),
            jit_part(_close_tie),
            jit_part(_write),
        )
    )
    return walk


def _walker(
    add_rows: Callable[..., None],
    settle: Callable[..., int],
    fewest: Callable[..., int],
    add_lone: Callable[..., None],
    add_run: Callable[..., tuple[int, int]],
    add_tied_rows: Callable[..., None],
    fill_widths: Callable[..., None],
    close_run: Callable[..., None],
    close_tie: Callable[..., None],
    write: Callable[..., None],
) -> Callable[..., None]:
    """The loop over cells."""

    def walk(
        lanes: IntArray,
        unit: IntArray,
        positive: BoolArray,
        places: tuple[IntArray, IntArray, IntArray, BoolArray],
        tables: tuple[FloatArray, FloatArray],
        heaviest: int,
        most: int,
        zeros: IntArray,
        found: FloatArray,
    ) -> None:
        """Write the sums of a batch, and the weights of its positives and of its loci, to `found`.

        The numbers of `lanes` hold `most` of the `heaviest`; `zeros` is a lane each. Arrays that
        are made in here are known not to overlap: without that, no vectors.
        """
        ends, cell_starts, cell_ends, is_mixed = places
        n_lanes = zeros.size
        false, true = zeros.copy(), zeros.copy()  # from the top down to here
        first, true_above, gained = zeros.copy(), zeros.copy(), zeros.copy()
        some, rest = np.zeros(n_lanes, lanes.dtype), np.zeros(n_lanes, lanes.dtype)
        numerator, denominator, width = np.zeros(n_lanes), np.ones(n_lanes), np.zeros(n_lanes)
        precision, expected, disordered = np.zeros(n_lanes), np.zeros(n_lanes), np.zeros(n_lanes)
        place = threshold = held = 0
        least = 0.0
        for cell in range(cell_ends.size):
            start, end = cell_starts[cell], cell_ends[cell]
            add_rows(false, some, lanes, unit, (place, start, most))
            widest = float(heaviest * (end - start))
            # What lies above grows from cell to cell, so that an old smallest number is a bound.
            if widest * widest >= _NARROW * least * least:
                least = float(fewest(false, true))
            is_narrow = widest * widest < _NARROW * least * least
            if is_narrow and end - start == 1:
                add_lone(
                    false, true, lanes[unit[start]], numerator, denominator, expected, disordered
                )
                held = settle(held + 1, _HELD, numerator, denominator, precision)
                threshold, place = threshold + 1, end
                continue
            for r in range(n_lanes):
                first[r], true_above[r] = false[r] + true[r], true[r]
            if is_mixed[cell]:
                add_tied_rows(false, true, some, rest, lanes, unit, positive, (start, end, most))
                fill_widths(first, false, true, is_narrow, tables, width)
                close_tie(first, true_above, false, true, width, precision, expected, disordered)
                threshold += 1
            else:
                threshold, held = add_run(
                    false, true, gained, some, lanes, unit, ends, numerator, denominator,
                    precision, (start, end, most, threshold, held),
                )  # fmt: skip
                fill_widths(first, false, true, is_narrow, tables, width)
                close_run(true_above, false, true, width, expected, disordered)
            place = end
        settle(held, 0, numerator, denominator, precision)
        add_rows(false, some, lanes, unit, (place, unit.size, most))
        write(found, precision, expected, disordered, false, true)

    return walk


def _fewest(false: IntArray, true: IntArray) -> int:
    """Loci from the top down to here, in the replicate that has fewest."""
    least = false[0] + true[0]
    for r in range(false.size):
        least = min(least, false[r] + true[r])
    return int(least)


def _add_row(counts: IntArray, row: IntArray) -> None:
    """Count a locus as often as each replicate has it."""
    for r in range(counts.size):
        counts[r] += row[r]


def _rows_adder(add_row: Callable[..., None]) -> Callable[..., None]:
    """The loop over loci next to each other that count alike."""

    def add_rows(
        counts: IntArray, some: IntArray, lanes: IntArray, unit: IntArray, at: tuple[int, int, int]
    ) -> None:
        """Count as many loci as small numbers hold in `some`, and then add these.

        Four at once, so that `some` is read and written once for them.
        """
        low, stop, most = at
        if stop - low == 1:
            add_row(counts, lanes[unit[low]])
            return
        while low < stop:
            high = min(low + most, stop)
            some[:] = 0
            for i in range(low, high - 3, 4):
                a, b, c, d = unit[i], unit[i + 1], unit[i + 2], unit[i + 3]
                for r in range(some.size):
                    some[r] += (lanes[a, r] + lanes[b, r]) + (lanes[c, r] + lanes[d, r])
            for i in range(high - (high - low) % 4, high):
                add_row(some, lanes[unit[i]])
            add_row(counts, some)
            low = high

    return add_rows


def _tied_rows_adder(add_row: Callable[..., None]) -> Callable[..., None]:
    """The loop over the loci of a tie of both labels."""

    def add_tied_rows(
        false: IntArray,
        true: IntArray,
        some: IntArray,
        rest: IntArray,
        lanes: IntArray,
        unit: IntArray,
        positive: BoolArray,
        at: tuple[int, int, int],
    ) -> None:
        """Count the positives in `some` and the negatives in `rest`, and then add these."""
        low, stop, most = at
        while low < stop:
            high = min(low + most, stop)
            some[:], rest[:] = 0, 0
            for i in range(low, high):
                if positive[i]:
                    add_row(some, lanes[unit[i]])
                else:
                    add_row(rest, lanes[unit[i]])
            add_row(false, rest)
            add_row(true, some)
            low = high

    return add_tied_rows


def _lone_adder(narrow_width: Callable[..., float]) -> Callable[..., None]:
    """A run that is one positive, as most are where positives are rare."""

    def add_lone(
        false: IntArray,
        true: IntArray,
        row: IntArray,
        numerator: FloatArray,
        denominator: FloatArray,
        expected: FloatArray,
        disordered: FloatArray,
    ) -> None:
        """Do all that is to be done for it at once; every replicate has loci above."""
        for r in range(true.size):
            gained, negatives, hits = float(row[r]), float(false[r]), float(true[r])
            before = negatives + hits
            true[r] += row[r]
            hits += gained
            rank = negatives + hits
            numerator[r] = numerator[r] * rank + gained * hits * denominator[r]
            denominator[r] *= rank
            expected[r] += gained - negatives * narrow_width(before, gained)
            disordered[r] += gained * negatives

    return add_lone


def _run_adder(
    add_rows: Callable[..., None], add_threshold: Callable[..., None], settle: Callable[..., int]
) -> Callable[..., tuple[int, int]]:
    """The loop over the thresholds of a run of positives."""

    def add_run(
        false: IntArray,
        true: IntArray,
        gained: IntArray,
        some: IntArray,
        lanes: IntArray,
        unit: IntArray,
        ends: IntArray,
        numerator: FloatArray,
        denominator: FloatArray,
        precision: FloatArray,
        at: tuple[int, int, int, int, int],
    ) -> tuple[int, int]:
        """Add the precisions of a run; give the threshold below, and how many are held."""
        place, end, most, threshold, held = at
        while place < end:
            stop = ends[threshold]
            if stop == place + 1:
                add_threshold(false, true, lanes[unit[place]], numerator, denominator)
            else:
                gained[:] = 0
                add_rows(gained, some, lanes, unit, (place, stop, most))
                add_threshold(false, true, gained, numerator, denominator)
            held = settle(held + 1, _HELD, numerator, denominator, precision)
            threshold, place = threshold + 1, stop
        return threshold, held

    return add_run


def _add_threshold(
    false: IntArray,
    true: IntArray,
    gained: IntArray,
    numerator: FloatArray,
    denominator: FloatArray,
) -> None:
    """Count the positives of a threshold, and add their precision to what is held."""
    for r in range(true.size):
        true[r] += gained[r]
        hits = float(true[r])
        rank = max(float(false[r]) + hits, 1.0)
        numerator[r] = numerator[r] * rank + float(gained[r]) * hits * denominator[r]
        denominator[r] *= rank


def _settle(
    held: int, most: int, numerator: FloatArray, denominator: FloatArray, precision: FloatArray
) -> int:
    """Add the fractions that are held to the precisions if they are as many; give how many stay."""
    if held < most:
        return held
    for r in range(precision.size):
        precision[r] += numerator[r] / denominator[r]
        numerator[r], denominator[r] = 0.0, 1.0
    return 0


def _write(
    found: FloatArray,
    precision: FloatArray,
    expected: FloatArray,
    disordered: FloatArray,
    false: IntArray,
    true: IntArray,
) -> None:
    """Write what is known of each replicate."""
    for r in range(true.size):
        found[0, r], found[1, r], found[2, r] = precision[r], expected[r], disordered[r]
        found[3, r], found[4, r] = true[r], false[r] + true[r]


def _close_run(
    true_above: IntArray,
    false: IntArray,
    true: IntArray,
    width: FloatArray,
    expected: FloatArray,
    disordered: FloatArray,
) -> None:
    """Add the expected precisions and the disordered pairs of a run of positives."""
    for r in range(true.size):
        negatives = float(false[r])
        gained = float(true[r]) - float(true_above[r])
        expected[r] += gained - negatives * width[r]
        disordered[r] += gained * negatives


def _close_tie(
    first: IntArray,
    true_above: IntArray,
    false: IntArray,
    true: IntArray,
    width: FloatArray,
    precision: FloatArray,
    expected: FloatArray,
    disordered: FloatArray,
) -> None:
    """Add the precisions and the disordered pairs of a tie of both labels; see `tied_precision`."""
    for r in range(true.size):
        before, before_true = float(first[r]), float(true_above[r])
        before_false = before - before_true
        gained, lost = float(true[r]) - before_true, float(false[r]) - before_false
        size = gained + lost
        slope = (gained - 1.0) / max(size - 1.0, 1.0)
        inside = (before_true + 1.0 - slope * (before + 1.0)) * width[r] + slope * size
        precision[r] += gained * (float(true[r]) / max(before + size, 1.0))
        expected[r] += inside * (gained / max(size, 1.0))
        disordered[r] += gained * (before_false + 0.5 * lost)
