"""Natural cubic splines: smooth functions of one variable as columns of a regression."""

import numpy as np

from leakcheck._typing import FloatArray, IntArray

__all__ = ["natural_spline"]


def natural_spline(
    values: FloatArray, n_knots: int = 8, *, counts: IntArray | None = None
) -> FloatArray:
    r"""Columns that span the natural cubic splines of a variable.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        The variable, finite.
    n_knots : int
        Knots at equal quantiles, the extremes among them; knots that coincide count once.
    counts : ndarray of int, shape (n,), optional
        How often each value occurs, for values that are distinct and rising: a column of few
        levels costs no more than its levels.

    Returns
    -------
    ndarray of float32, shape (n, n_knots - 1)
        The standardised variable and its curved parts, column by column in memory. Fewer columns
        where knots coincide; no column for a constant variable.

    Notes
    -----
    The truncated-power basis of Hastie, Tibshirani & Friedman, The Elements of Statistical
    Learning (2009), equations 5.4 and 5.5: cubic between the knots, linear beyond the extremes.

    Examples
    --------
    >>> natural_spline(np.linspace(0, 1, 50), n_knots=5).shape
    (50, 4)
    """
    if np.ptp(values) == 0:  # the rounded deviation of equal values need not be 0
        return np.empty((len(values), 0), dtype=np.float32)
    scaled = _standardised(np.asarray(values, dtype=np.float64), counts)
    knots = _knots(scaled, n_knots, counts)
    if len(knots) < 3:
        return scaled[:, None]
    # The last knot is the largest value, so that no part of the basis beyond it is ever met.
    rows = np.empty((len(knots) - 1, len(scaled)), dtype=np.float32)
    above, final = np.empty((2, len(scaled)), dtype=np.float32)
    _cube(scaled, knots[-2], knots[-1], above, final)
    rows[0] = scaled
    for row, knot in zip(rows[1:], knots[:-2], strict=True):
        _cube(scaled, knot, knots[-1], above, row)
    rows[1:] -= final
    return rows.T


def _standardised(values: FloatArray, counts: IntArray | None) -> FloatArray:
    """Values with mean 0 and variance 1, each counted as often as it occurs, as float32."""
    weights = np.ones(len(values)) if counts is None else counts.astype(np.float64)
    n = weights.sum()
    centred: FloatArray = values - values @ weights / n
    centred /= np.sqrt(centred @ (centred * weights) / n)
    single: FloatArray = centred.astype(np.float32)
    return single


def _knots(values: FloatArray, n_knots: int, counts: IntArray | None) -> list[float]:
    """Distinct quantiles as `numpy.quantile` gives them, at a tenth of its time."""
    ordered = np.sort(values) if counts is None else values
    n = len(values) if counts is None else int(counts.sum())
    place = np.linspace(0, n - 1, n_knots)
    low = place.astype(np.intp)
    both = np.minimum([low, low + 1], n - 1)
    if counts is not None:
        both = counts.cumsum().searchsorted(both, side="right")
    below, above = ordered.take(both).astype(np.float64)
    knots = (below + (place - low) * (above - below)).astype(np.float32)
    return sorted(set(knots.tolist()))


def _cube(values: FloatArray, knot: float, last: float, above: FloatArray, out: FloatArray) -> None:
    """Cube of the part above a knot over its distance from the last; `above` is overwritten."""
    np.subtract(values, knot, out=above)
    np.maximum(above, 0, out=above)
    np.multiply(above, 1 / (last - knot), out=out)
    out *= above
    out *= above
