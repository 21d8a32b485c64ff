"""Differences of harmonic numbers lane by lane, plain Python that `numba` can compile."""

from collections.abc import Callable

import numpy as np

from leakcheck._typing import FloatArray, IntArray

__all__ = ["harmonic_width", "narrow_width", "width_filler"]


def width_filler(
    narrow: Callable[..., float], any_width: Callable[..., float]
) -> Callable[..., None]:
    """The loop over the harmonic widths of a cell."""

    def fill_widths(
        first: IntArray,
        false: IntArray,
        true: IntArray,
        is_narrow: bool,
        tables: tuple[FloatArray, FloatArray],
        width: FloatArray,
    ) -> None:
        """Write H(here) - H(first) of each replicate.

        Only beyond the tables are these handed on for every lane: counting who holds them costs
        more than all the rest.
        """
        coarse, fine = tables
        if is_narrow:
            for r in range(width.size):
                before = float(first[r])
                width[r] = narrow(before, float(false[r]) - before + float(true[r]))
            return
        furthest = 0
        for r in range(width.size):
            furthest = max(furthest, false[r] + true[r])
        if furthest < coarse.size:
            for r in range(width.size):
                low, high = first[r], false[r] + true[r]
                width[r] = (coarse[high] - coarse[low]) + (fine[high] - fine[low])
        else:
            for r in range(width.size):
                width[r] = any_width(first[r], false[r] + true[r], coarse, fine)

    return fill_widths


def narrow_width(before: float, size: float) -> float:
    """H(before + size) - H(before) of a narrow cell, from the first terms of a series.

    It is the sum of 1 / (middle + d) over d symmetrical about 0, from the even moments of d.
    """
    least = 1.0 / (before + 0.5 * (size + 1.0))
    ratio = size * least
    least, square = least * least, ratio * ratio
    second = (3.0 * square - 7.0 * least) * (1 / 240)
    third = ((3.0 * square - 18.0 * least) * square + 31.0 * least * least) * (1 / 1344)
    return ratio * (1.0 + (square - least) * (1 / 12 + second + third))


def harmonic_width(low: int, high: int, coarse: FloatArray, fine: FloatArray) -> float:
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
