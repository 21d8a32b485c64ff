"""Whether a score says something about the labels that other variables do not."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtri, stdtr

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._argsort import argsort

__all__ = [
    "ConditionalCovariance",
    "bounded_predictions",
    "covariance_of_sums",
    "largest_correlation",
    "rank_average",
    "ranks_of_counts",
    "scores_of_ranks",
]

_LARGEST_TABLE: Final = 1 << 20
_SIDES: Final = np.array([-1.0, 1.0])


class ConditionalCovariance(NamedTuple):
    """Result of `covariance_of_sums`.

    Attributes
    ----------
    statistic : float
        Student's t of the block sums, less what is allowed for; any real number, no-skill value 0,
        NaN where it is undefined.
    pvalue : float
        One-sided: how likely a statistic as large is when nothing is added. Range 0 to 1; NaN
        where the statistic is.
    degrees_of_freedom : float
        Number of blocks with rows, less one.
    partial_correlation : float
        Correlation of the two residuals, range -1 to 1, no-skill value 0; NaN where the statistic
        is.
    standard_error : float
        Of the partial correlation, over blocks; NaN where the statistic is.
    """

    statistic: float
    pvalue: float
    degrees_of_freedom: float
    partial_correlation: float
    standard_error: float


def rank_average(values: FloatArray, order: IntArray | None = None) -> FloatArray:
    """Ranks from 1 to n, ties given their mean rank.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Finite values.
    order : ndarray of int, shape (n,), optional
        What ``np.argsort(values)`` gives, where it is known.

    Returns
    -------
    ndarray of float64, shape (n,)
        Mean ranks, as ``scipy.stats.rankdata`` gives (whose import is slow).

    Examples
    --------
    >>> rank_average(np.array([3.0, 1.0, 3.0]))
    array([2.5, 1. , 2.5])
    """
    n = len(values)
    if order is None:
        order = argsort(values)
    ordered = values.take(order)
    is_first = np.ones(n, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    begins = np.flatnonzero(is_first)
    ranks = np.empty(n)
    if len(begins) == n:
        ranks[order] = np.arange(1.0, n + 1)
        return ranks
    ends = np.append(begins[1:], n)
    ranks[order] = np.repeat((begins + ends + 1) / 2, ends - begins)
    return ranks


def ranks_of_counts(counts: IntArray) -> FloatArray:
    """Mean rank of each distinct value, from how often it occurs.

    Parameters
    ----------
    counts : ndarray of int, shape (n_levels,)
        How many values are at each level, the lowest first.

    Returns
    -------
    ndarray of float64, shape (n_levels,)
        What `rank_average` gives the values of each level.

    Examples
    --------
    >>> ranks_of_counts(np.array([1, 2]))
    array([1. , 2.5])
    """
    ranks: FloatArray = np.cumsum(counts) - (counts - 1) / 2
    return ranks


def scores_of_ranks(ranks: FloatArray, n: int | None = None) -> FloatArray:
    r"""Normal scores: the standard normal quantiles of ranks.

    Parameters
    ----------
    ranks : ndarray of float, shape (n,)
        Mean ranks from `rank_average`.
    n : int, optional
        Number of values, where only some of their ranks are given.

    Returns
    -------
    ndarray of float64, shape (n,)
        :math:`\Phi^{-1}((r_i - 1/2) / n)` of the mean ranks :math:`r_i`. Unchanged by any
        increasing transformation of the values that were ranked.

    Examples
    --------
    >>> scores_of_ranks(np.array([1.0, 2.0, 3.0])).round(3)
    array([-0.967,  0.   ,  0.967])
    """
    n = len(ranks) if n is None else n
    if n > _LARGEST_TABLE:
        scores: FloatArray = ndtri((ranks - 0.5) / n)
        return scores
    # Mean ranks are multiples of a half, so that all scores of n values are in one table.
    return _score_table(n).take((2 * ranks).astype(np.intp))


@lru_cache(maxsize=2)
def _score_table(n: int) -> FloatArray:
    """Normal scores of the ranks 0, 1/2, ..., n of n values."""
    scores: FloatArray = ndtri(np.maximum(np.arange(2 * n + 1) / 2 - 0.5, 0) / n)
    scores.flags.writeable = False
    return scores


def largest_correlation(prevalence: float) -> float:
    r"""Largest correlation that normal scores may have with a binary label.

    Parameters
    ----------
    prevalence : float
        Share of the label's ones, between 0 and 1.

    Returns
    -------
    float
        :math:`\varphi(z) / \sqrt{p (1 - p)}` with :math:`z = \Phi^{-1}(p)`: of a score that puts
        all ones first. 0.80 at even classes, its largest value, and 0 where a class is missing.

    Examples
    --------
    >>> [round(largest_correlation(p), 3) for p in (0.5, 0.01, 0.0)]
    [0.798, 0.268, 0.0]
    """
    spread = np.sqrt(prevalence * (1 - prevalence))
    if spread == 0:
        return 0.0
    return float(np.exp(-(ndtri(prevalence) ** 2) / 2) / np.sqrt(2 * np.pi) / spread)


def bounded_predictions(
    predicted: FloatArray, n: int, label_range: tuple[float, float] | None = None
) -> FloatArray:
    """Cut predictions off where they are far from all that they could predict.

    Parameters
    ----------
    predicted : ndarray of float, shape (1 + n_models, n_rows)
        Predictions of the labels, then of the normal scores of each model.
    n : int
        Number of values that have been ranked.
    label_range : (float, float), optional
        Least and largest label; None where labels are normal scores, too.

    Returns
    -------
    ndarray of float, shape (1 + n_models, n_rows)
        Normal scores within those of the first and the last of n ranks; labels within their range
        and half of it on either side. A curve that was fitted where a class is rare may leave them
        by far at the few loci beyond its last knot, and these would outweigh all others.

    Examples
    --------
    >>> bounded_predictions(np.array([[7.0, -0.2], [-40.0, 1.0]]), 40, (0.0, 1.0)).round(2)
    array([[ 1.5 , -0.2 ],
           [-2.24,  1.  ]])
    """
    low, high = (np.full((len(predicted), 1), one) for one in _SIDES * _last_score(n))
    if label_range is not None:
        least, largest = label_range
        low[0], high[0] = least - (largest - least) / 2, largest + (largest - least) / 2
    return np.clip(predicted, low.astype(predicted.dtype), high.astype(predicted.dtype))


def _last_score(n: int) -> float:
    """Normal score of the last of n ranks."""
    return float(ndtri((n - 0.5) / n))


def covariance_of_sums(
    sums: FloatArray, label_squares: float, score_squares: float, *, allowance: float = 0.0
) -> ConditionalCovariance:
    r"""Test whether two residuals covary, with blocks as the independent units.

    Parameters
    ----------
    sums : ndarray of float, shape (n_blocks,)
        Products of the residuals summed in each block that has rows. The residuals are what
        cross-fitted regressions on the conditioning variables leave of the labels and of the score.
    label_squares, score_squares : float
        Squares of either residual summed over all rows.
    allowance : float
        Sum of the products that adding nothing may have: the statistic and the p-value ask whether
        there is more.

    Returns
    -------
    ConditionalCovariance
        The statistic has the no-skill value 0, the partial correlation, which is that of all of the
        products, the range -1 to 1. NaN, but for the degrees of freedom, when there are fewer than
        two blocks, a residual is constant 0 or the sums of all blocks are equal.

    Notes
    -----
    The generalised covariance measure of Shah & Peters, Annals of Statistics 48:1514 (2020),
    doi:10.1214/19-AOS1857, with the products summed by block: neighbouring loci are not
    independent, chromosomes nearly are. With block sums :math:`S_g` and the allowance :math:`a`,
    :math:`t = (\sum S_g - a) / (\sqrt{G}\,\mathrm{sd}(S))` on :math:`G - 1` degrees of freedom.

    Examples
    --------
    >>> covariance_of_sums(np.array([1.0, 2.0, 3.0]), 10.0, 10.0).statistic.__round__(3)
    3.464
    """
    scale = float(np.sqrt(label_squares * score_squares))
    degrees = float(len(sums) - 1)
    if degrees < 1 or scale == 0:
        return ConditionalCovariance(np.nan, np.nan, degrees, np.nan, np.nan)
    error = float(np.std(sums, ddof=1) * np.sqrt(len(sums)))
    if error == 0:
        return ConditionalCovariance(np.nan, np.nan, degrees, np.nan, np.nan)
    statistic = (float(np.sum(sums)) - allowance) / error
    return ConditionalCovariance(
        statistic=statistic,
        pvalue=float(stdtr(degrees, -statistic)),
        degrees_of_freedom=degrees,
        partial_correlation=float(np.sum(sums)) / scale,
        standard_error=error / scale,
    )
