"""Natural cubic splines: smooth functions of one variable as columns of a regression."""

from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.columns import Moments

__all__ = ["N_KNOTS", "NaturalSpline", "knot_places", "natural_spline"]

N_KNOTS: Final = 8


class NaturalSpline(NamedTuple):
    """The natural cubic splines of a variable, fitted to all of its values.

    Attributes
    ----------
    mean, spread : float
        Of the variable.
    knots : tuple of float
        Distinct quantiles of the standardised variable, rising; none for a constant.
    """

    mean: float
    spread: float
    knots: tuple[float, ...]

    @classmethod
    def of(cls, mean: float, variance: float, ordered: FloatArray, n: int) -> "NaturalSpline":
        """Place the knots.

        Parameters
        ----------
        mean, variance : float
            Of the variable.
        ordered : ndarray of float, shape (2, n_knots)
            Its order statistics at `knot_places`.
        n : int
            Number of its values.

        Returns
        -------
        NaturalSpline
            Without knots where the least value is the largest.
        """
        least, largest = ordered[0, 0], ordered[1, -1]
        if least == largest:  # the rounded deviation of equal values need not be 0
            return cls(float(mean), 0.0, ())
        spread = float(np.sqrt(variance))
        n_knots = ordered.shape[1]
        below, above = _standardised(ordered, float(mean), spread).astype(np.float64)
        place = np.linspace(0, n - 1, n_knots)
        knots = (below + (place - place.astype(np.intp)) * (above - below)).astype(np.float32)
        return cls(float(mean), spread, tuple(sorted(set(knots.tolist()))))

    @property
    def n_columns(self) -> int:
        """Columns of the basis."""
        return max(len(self.knots) - 1, 0)

    def rows(self, values: FloatArray) -> FloatArray:
        """Evaluate the basis.

        Parameters
        ----------
        values : ndarray of float, shape (n,)
            Between the least and the largest value that it was fitted to.

        Returns
        -------
        ndarray of float32, shape (n_columns, n)
            The standardised variable, then its curved parts.
        """
        knots = self.knots
        rows = np.empty((self.n_columns, len(values)), dtype=np.float32)
        if not knots:
            return rows
        rows[0] = scaled = _standardised(values, self.mean, self.spread)
        if len(knots) < 3:
            return rows
        # The last knot is the largest value, so that no part of the basis beyond it is ever met.
        above, final = np.empty((2, len(scaled)), dtype=np.float32)
        _cube(scaled, knots[-2], knots[-1], above, final)
        for row, knot in zip(rows[1:], knots[:-2], strict=True):
            _cube(scaled, knot, knots[-1], above, row)
        rows[1:] -= final
        return rows


def knot_places(n: int, n_knots: int = N_KNOTS) -> IntArray:
    """Places, among the sorted values, between which the knots lie.

    Parameters
    ----------
    n : int
        Number of values.
    n_knots : int
        Knots at equal quantiles, the extremes among them.

    Returns
    -------
    ndarray of int, shape (2, n_knots)
        The place below each knot, and the one above.

    Examples
    --------
    >>> knot_places(10, 3)
    array([[0, 4, 9],
           [1, 5, 9]])
    """
    low = np.linspace(0, n - 1, n_knots).astype(np.intp)
    return np.minimum([low, low + 1], n - 1)


def natural_spline(
    values: FloatArray, n_knots: int = N_KNOTS, *, counts: IntArray | None = None
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
    values = np.asarray(values)
    n = len(values) if counts is None else int(counts.sum())
    places = knot_places(n, n_knots)
    if counts is None:
        moments = Moments.of([values[None].astype(np.float64)])
        ordered = np.sort(values).take(places)
        mean, variance = moments.mean[0], moments.variance[0]
    else:
        ordered = values.take(counts.cumsum().searchsorted(places, side="right"))
        weights = counts.astype(np.float64)
        mean = values @ weights / n
        centred = values - mean
        variance = centred @ (centred * weights) / n
    return NaturalSpline.of(mean, variance, ordered, n).rows(values).T


def _standardised(values: FloatArray, mean: float, spread: float) -> FloatArray:
    """Values with mean 0 and variance 1 as float32."""
    centred = np.subtract(values, mean, dtype=np.float64)
    centred /= spread
    single: FloatArray = centred.astype(np.float32)
    return single


def _cube(values: FloatArray, knot: float, last: float, above: FloatArray, out: FloatArray) -> None:
    """Cube of the part above a knot over its distance from the last; `above` is overwritten."""
    np.subtract(values, knot, out=above)
    np.maximum(above, 0, out=above)
    np.multiply(above, 1 / (last - knot), out=out)
    out *= above
    out *= above
