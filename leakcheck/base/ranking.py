"""Average precision, AUROC and their curves, exact with ties.

Arguments are trusted, as everywhere on this floor: `labels` is boolean (an array, or packed by
`leakcheck.base.packed`), `scores` is finite, of a boolean, integer or floating type up to 64 bits
or bfloat16 (ml_dtypes), and both have shape (n,). Larger scores rank
higher. -0.0 and 0.0 are one score. No argument is changed.
"""

from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray
from leakcheck.base._harmonic import harmonic_difference
from leakcheck.base._keys import encode_scores
from leakcheck.base._levels import count_few
from leakcheck.base._passes import rank_sums
from leakcheck.base._sorting import sort_keys
from leakcheck.base._tables import (
    TieTable,
    count_table,
    precision_recall_of,
    roc_of,
    sums_of_counts,
    sums_of_weights,
    weight_table,
)
from leakcheck.base.packed import PackedLabels, count_positives, unpacked

__all__ = [
    "RankingScores",
    "auroc",
    "average_precision",
    "expected_average_precision",
    "no_skill_average_precision",
    "precision_recall_points",
    "ranking_scores",
    "roc_points",
]


class RankingScores(NamedTuple):
    """Three ranking scores of the same rows.

    Attributes
    ----------
    average_precision, expected_average_precision : float, or ndarray of float of one shape
        Range 0 to 1, higher is better; the no-skill value is `no_skill_average_precision`. NaN
        without positives.
    auroc : float, or ndarray of float of that shape
        Range 0 to 1, higher is better, no-skill value 0.5. NaN without positives or without
        negatives.
    """

    average_precision: Any
    expected_average_precision: Any
    auroc: Any

    @classmethod
    def from_sums(
        cls, sums: tuple[float, float, float], n_positive: float, n_negative: float
    ) -> "RankingScores":
        """Divide sums over the positives by their number.

        Parameters
        ----------
        sums : tuple of float
            Sum of the precisions, of the expected precisions, and twice the ordered pairs.
        n_positive, n_negative : float
            Number or weight of either label.

        Returns
        -------
        RankingScores
            Three floats, NaN where a score is undefined.
        """
        if n_positive == 0:
            return cls(np.nan, np.nan, np.nan)
        area = sums[2] / (2 * n_positive * n_negative) if n_negative else np.nan
        return cls(sums[0] / n_positive, sums[1] / n_positive, area)


def ranking_scores(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], *, weights: FloatArray | None = None
) -> RankingScores:
    """Compute `average_precision`, `expected_average_precision` and `auroc` from one sort.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.
    scores : ndarray of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : ndarray of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    RankingScores
        Three floats. Ranges, no-skill values and undefined cases (NaN) are those of the three
        functions.

    Examples
    --------
    >>> labels = np.array([True, False, True, False])
    >>> ranking_scores(labels, np.array([0.9, 0.5, 0.5, 0.1])).auroc
    0.875
    """
    return _scores(labels, scores, weights)


def average_precision(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], *, weights: FloatArray | None = None
) -> float:
    r"""Compute average precision by scikit-learn's definition.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.
    scores : ndarray of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : ndarray of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    float
        Range 0 to 1, higher is better; the no-skill value is `no_skill_average_precision`, about
        the share of positives. NaN without positives (of positive weight).

    See Also
    --------
    expected_average_precision : The same without a premium or a penalty for ties.

    Notes
    -----
    :math:`\sum_t (R_t - R_{t-1}) P_t`, the sum over distinct thresholds, from the highest, of the
    gain in recall times the precision, with every row at or above the threshold called positive
    [1]_. It agrees with
    `sklearn.metrics.average_precision_score` to 1e-12, except that scikit-learn gives 0.0 without
    positives. All positives of a tie get the precision at the end of the tie, so that the number
    moves when ties are broken at random, up or down.

    References
    ----------
    .. [1] Boyd K., Eng K. H., Page C. D. Area under the precision-recall curve: point estimates
       and confidence intervals. ECML PKDD 2013. https://doi.org/10.1007/978-3-642-40994-3_29

    Examples
    --------
    >>> labels = np.array([True, False, True, False])
    >>> round(average_precision(labels, np.array([0.9, 0.5, 0.5, 0.1])), 4)
    0.8333
    """
    return float(_scores(labels, scores, weights, ties=False).average_precision)


def expected_average_precision(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], *, weights: FloatArray | None = None
) -> float:
    r"""Compute average precision, averaged over uniformly random orders inside ties.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.
    scores : ndarray of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : ndarray of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    float
        Range 0 to 1, higher is better; the no-skill value is `no_skill_average_precision`, which
        is also the value of a constant score. NaN without positives (of positive weight).

    Notes
    -----
    A tie of :math:`m` rows with :math:`p` positives, below :math:`TP` positives among :math:`N`
    rows, contributes

    .. math::

        \frac{1}{P} \frac{p}{m} \sum_{j=1}^{m} \frac{TP + 1 + (j - 1)(p - 1)/(m - 1)}{N + j},

    which is a difference of harmonic numbers [1]_. Without ties it equals `average_precision`.

    Weights are numbers of repetitions: whole weights give the value of the repeated rows, whose
    copies are tied. Other weights give the continuation of that value by the digamma function.
    Their scale matters, since a row is as large as its weight, and the value is of little use
    where most weights are well below 1.

    References
    ----------
    .. [1] McSherry F., Najork M. Computing information retrieval performance measures efficiently
       in the presence of tied scores. ECIR 2008. https://doi.org/10.1007/978-3-540-78646-7_38

    Examples
    --------
    >>> labels = np.array([True, False, True, False])
    >>> round(expected_average_precision(labels, np.array([0.9, 0.5, 0.5, 0.1])), 4)
    0.9167
    """
    return float(_scores(labels, scores, weights).expected_average_precision)


def auroc(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], *, weights: FloatArray | None = None
) -> float:
    r"""Compute the area under the ROC curve: the chance that a positive outranks a negative.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.
    scores : ndarray of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : ndarray of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    float
        Range 0 to 1, higher is better, no-skill value 0.5. NaN without positives or without
        negatives (of positive weight).

    Notes
    -----
    The Mann-Whitney statistic divided by the number of pairs, tied pairs counted half [1]_:
    :math:`P(f_+ > f_-) + P(f_+ = f_-) / 2` for the scores of a positive and a negative. Without
    weights it is a quotient of whole numbers, exact up to ``2**62`` pairs.

    References
    ----------
    .. [1] Hanley J. A., McNeil B. J. The meaning and use of the area under a receiver operating
       characteristic (ROC) curve. Radiology 143:29, 1982.
       https://doi.org/10.1148/radiology.143.1.7063747

    Examples
    --------
    >>> auroc(np.array([True, False, True, False]), np.array([0.9, 0.5, 0.5, 0.1]))
    0.875
    """
    return float(_scores(labels, scores, weights).auroc)


@overload
def no_skill_average_precision(n_positive: int, n_loci: int) -> float: ...
@overload
def no_skill_average_precision(n_positive: NDArray[Any], n_loci: Any) -> FloatArray: ...
def no_skill_average_precision(n_positive: Any, n_loci: Any) -> Any:
    """Compute the expected average precision of a score that knows nothing.

    Parameters
    ----------
    n_positive : int or ndarray of int, shape (...)
        Number of positives, P.
    n_loci : int or ndarray of int, shape (...)
        Number of loci, n; broadcast against `n_positive`.

    Returns
    -------
    float or ndarray of float, shape (...)
        The no-skill value of both kinds of average precision. Range 0 to 1; above P/n, by much
        where n is small. NaN without positives.

    Notes
    -----
    ``(P - 1) / (n - 1) + (H_n / n) (n - P) / (n - 1)`` with H_n the n-th harmonic number: the mean
    over all orders of the rows [1]_.

    References
    ----------
    .. [1] McSherry F., Najork M. Computing information retrieval performance measures efficiently
       in the presence of tied scores. ECIR 2008. https://doi.org/10.1007/978-3-540-78646-7_38

    Examples
    --------
    >>> round(no_skill_average_precision(5, 100), 4)
    0.0902
    """
    p, n = np.broadcast_arrays(np.asarray(n_positive), np.asarray(n_loci))
    harmonic = harmonic_difference(np.zeros_like(n), n)
    one_or_more, rest = np.maximum(n, 1), np.maximum(n - 1, 1)
    # With one locus, n - P and P - 1 are 0 and the quotient by `rest` is 0: it ranks itself first.
    value = (p - 1) / rest + harmonic / one_or_more * (n - p) / rest + (n == 1)
    value = np.where(p > 0, value, np.nan)
    return float(value) if value.ndim == 0 else value


def precision_recall_points(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], *, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray, NDArray[Any]]:
    """Compute the points of the precision-recall curve.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.
    scores : ndarray of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : ndarray of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    precision : ndarray of float, shape (n_thresholds + 1,)
        Precision of calling every row at or above the threshold; 1 at the end.
    recall : ndarray of float, shape (n_thresholds + 1,)
        Share of the positives called; 0 at the end. NaN before it without positives.
    thresholds : ndarray, shape (n_thresholds,)
        Distinct scores in increasing order, in the type of `scores`.

    Notes
    -----
    As `sklearn.metrics.precision_recall_curve`, except that scikit-learn gives a recall of 1
    without positives.

    Examples
    --------
    >>> labels = np.array([True, False, True])
    >>> precision_recall_points(labels, np.array([3, 2, 1]))[0].round(2)
    array([0.67, 0.5 , 1.  , 1.  ])
    """
    return precision_recall_of(_table(labels, scores, weights))


def roc_points(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], *, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute the points of the ROC curve.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.
    scores : ndarray of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : ndarray of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    false_positive_rate : ndarray of float, shape (n_thresholds + 1,)
        Share of the negatives at or above the threshold. NaN without negatives.
    true_positive_rate : ndarray of float, shape (n_thresholds + 1,)
        Share of the positives at or above the threshold. NaN without positives.
    thresholds : ndarray of float, shape (n_thresholds + 1,)
        Infinity, then the distinct scores in decreasing order.

    Notes
    -----
    As ``sklearn.metrics.roc_curve(..., drop_intermediate=False)``.

    Examples
    --------
    >>> roc_points(np.array([True, False, True]), np.array([3, 2, 1]))[1]
    array([0. , 0.5, 0.5, 1. ])
    """
    return roc_of(_table(labels, scores, weights))


def _scores(
    labels: BoolArray | PackedLabels,
    scores: NDArray[Any],
    weights: FloatArray | None,
    *,
    ties: bool = True,
) -> RankingScores:
    """All three scores; without `ties` only average precision is meant to be used."""
    if weights is not None:
        table = weight_table(unpacked(labels), scores, weights)
        sums = sums_of_weights(table)
        return RankingScores.from_sums(
            sums, float(table.positives.sum()), float(table.negatives.sum())
        )
    levels = count_few(labels, scores)
    if levels is None:
        n_positive = count_positives(labels)
        keys = encode_scores(labels, scores)
        sort_keys(keys)
        sums = rank_sums(keys, n_positive, ties=ties)
    else:
        n_positive = int(levels.positives.sum())
        sums = sums_of_counts(levels, ties=ties)
    return RankingScores.from_sums(sums, n_positive, labels.size - n_positive)


def _table(
    labels: BoolArray | PackedLabels, scores: NDArray[Any], weights: FloatArray | None
) -> TieTable:
    """Counts or weights at each distinct score."""
    if weights is not None:
        return weight_table(unpacked(labels), scores, weights)
    levels = count_few(labels, scores)
    return count_table(unpacked(labels), scores) if levels is None else levels
