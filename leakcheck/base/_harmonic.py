"""Differences of harmonic numbers, and the mean precision inside a tie that follows from them."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray

__all__ = [
    "harmonic_difference",
    "harmonic_parts",
    "tied_precision",
    "tied_precision_of_weights",
]

# Square of the width over the middle below which three terms of the series leave less than 1e-16.
_NARROW = 1e-5
# The same for one term.
_NARROWEST = 1e-8


@lru_cache(maxsize=4)
def harmonic_parts(n: int) -> tuple[FloatArray, FloatArray]:
    """Harmonic numbers 0..n in two parts, whose differences round next to nothing.

    The coarse parts are multiples of 2**-40, so their differences are exact; the fine parts are
    the small rest.
    """
    terms = np.concatenate([[0.0], 1.0 / np.arange(1, n + 1)])
    coarse = np.rint(terms * 2.0**40) / 2.0**40
    return np.cumsum(coarse), np.cumsum(terms - coarse)


# As far as the genes of a genome reach.
_TABLE_SIZE = 1 << 15
_COARSE, _FINE = harmonic_parts(_TABLE_SIZE)


def harmonic_difference(low: NDArray[Any], width: NDArray[Any]) -> FloatArray:
    """H(low + width) - H(low) for whole numbers; what it rounds is in proportion to it."""
    high = low + width
    if high.size == 0 or high.max() <= _TABLE_SIZE:
        return _from_table(low, high)
    middle = low + 0.5 * (width + 1.0)
    ratio = width / middle
    square = ratio * ratio
    if square.max() < _NARROW:
        # Sum of 1 / (middle + d) over d symmetrical about 0, from the even moments of d.
        least = 1.0 / (middle * middle)
        return np.asarray(
            ratio * (1.0 + (square - least) * (1 / 12 + (3 * square - 7 * least) / 240))
        )
    near = _from_table(np.minimum(low, _TABLE_SIZE), np.minimum(high, _TABLE_SIZE))
    far = _log_difference(np.maximum(low, _TABLE_SIZE), np.maximum(high, _TABLE_SIZE))
    return np.asarray(near + far)


def _from_table(low: NDArray[Any], high: NDArray[Any]) -> FloatArray:
    """H(high) - H(low) for numbers that the table holds."""
    found = _COARSE.take(high)
    found -= _COARSE.take(low)
    found += _FINE.take(high)
    found -= _FINE.take(low)
    return np.asarray(found)


def _log_difference(low: NDArray[Any], high: NDArray[Any]) -> FloatArray:
    """H(high) - H(low) for large numbers, from the expansion of digamma about x + 1/2."""
    a = low + 0.5
    b = high + 0.5
    return np.asarray(np.log1p((b - a) / a) + (1.0 / (b * b) - 1.0 / (a * a)) / 24.0)


def tied_precision(
    true_before: NDArray[Any], before: NDArray[Any], positives: Any, size: NDArray[Any]
) -> FloatArray:
    """Sum of the precisions at the positives of a tie, averaged over its random orders.

    ``(p / m) * sum over j = 1..m of (TP + 1 + (j - 1)(p - 1)/(m - 1)) / (N + j)``, where TP
    positives among N items come before the tie, which holds p positives in m items. The sum over
    j is a difference of harmonic numbers and a whole number.
    """
    if before.size and size.min() > 1:
        most, least = float(size.max()), float(before.min())
        if most * most < _NARROWEST * least * least:
            return _narrow_precision(true_before, before, positives, size)
    harmonic = harmonic_difference(before, size)
    slope = (positives - 1.0) / np.maximum(size - 1.0, 1.0)
    inside = (true_before + 1.0 - slope * (before + 1.0)) * harmonic + slope * size
    return np.asarray(inside * (positives / size))


def _narrow_precision(
    true_before: NDArray[Any], before: NDArray[Any], positives: Any, size: NDArray[Any]
) -> FloatArray:
    """`tied_precision` of ties of two or more, far smaller than what comes before them.

    The difference of harmonic numbers is ``m / c * (1 + (m**2 - 1) / (12 c**2))`` with m the size
    and c the middle of the tie, to 1e-16. Worked out in few arrays: large tables have many ties.
    """
    m = size.astype(np.float64)
    above = before.astype(np.float64)
    above += 1.0
    inverse = m - 1.0
    slope = (positives - 1.0) / inverse
    inverse *= 0.5
    inverse += above
    np.divide(1.0, inverse, out=inverse)
    # (m**2 - 1) / (12 c**2) + 1
    m *= m
    m -= 1.0
    m *= inverse
    m *= inverse
    m *= 1 / 12
    m += 1.0
    inverse *= m
    above *= slope
    np.subtract(true_before + 1.0, above, out=above)
    above *= inverse
    above += slope
    above *= positives
    return above


def tied_precision_of_weights(
    true_before: FloatArray, before: FloatArray, positives: FloatArray, size: FloatArray
) -> FloatArray:
    """`tied_precision` continued to real weights by digamma; at whole numbers it is the same."""
    harmonic = _digamma_difference(before + 1.0, size)
    excess = size - 1.0
    near_one = np.abs(excess) < 1e-5
    slope = (size - (before + 1.0) * harmonic) / np.where(near_one, 1.0, excess)
    # The quotient is 0 / 0 at a size of 1; its limit is 1 - (N + 1) trigamma(N + 2).
    slope[near_one] = 1.0 - (before[near_one] + 1.0) * _trigamma(before[near_one] + 2.0)
    inside = (true_before + 1.0) * harmonic + (positives - 1.0) * slope
    return np.asarray(inside * (positives / size))


def _digamma_difference(low: FloatArray, width: FloatArray) -> FloatArray:
    """digamma(low + width) - digamma(low) for numbers of at least 1."""
    high = low + width
    total = np.zeros_like(low)
    for step in range(16):
        total += width / ((low + step) * (high + step))
    a, b = low + 15.5, high + 15.5
    u, v = 1.0 / (a * a), 1.0 / (b * b)
    # The expansion of digamma about x + 1/2, up to the eighth power.
    series = 1.0 - (v + u) * (7 / 40 + 127 / 1280 * (v * v + u * u))
    series += (v * v + v * u + u * u) * (31 / 336)
    return np.asarray(total + np.log1p(width / a) + (v - u) * series / 24.0)


def _trigamma(x: FloatArray) -> FloatArray:
    """Derivative of digamma for numbers of at least 2."""
    near = np.zeros_like(x)
    for step in range(16):
        near += 1.0 / (x + step) ** 2
    y = 1.0 / (x + 16.0)
    square = y * y
    return (
        near
        + y
        + square / 2
        + y * square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
    )
