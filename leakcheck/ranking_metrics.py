"""Floor 2: the ranking metrics for anybody's arrays, which are checked here and nowhere below."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leakcheck._typing import BoolArray, FloatArray
from leakcheck.base import ranking
from leakcheck.base._keys import has_bfloat16
from leakcheck.exceptions import ValidationError

__all__ = ["auroc", "average_precision", "expected_average_precision"]


def average_precision(
    labels: ArrayLike, scores: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    r"""Compute average precision by scikit-learn's definition.

    Parameters
    ----------
    labels : array-like of bool or of 0 and 1, shape (n,)
        Whether the locus is active.
    scores : array-like of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : array-like of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    float
        Range 0 to 1, higher is better; the no-skill value is about the share of positives. NaN
        without positives (of positive weight).

    Raises
    ------
    ValidationError
        When lengths differ, or an argument holds anything else than described.

    See Also
    --------
    expected_average_precision : The same without a premium or a penalty for ties.

    Notes
    -----
    :math:`\sum_t (R_t - R_{t-1}) P_t`, the sum over distinct thresholds, from the highest, of the
    gain in recall times the precision, with every row at or above the threshold called positive
    [1]_: the definition of `sklearn.metrics.average_precision_score`, except that scikit-learn
    gives 0.0 without positives.

    References
    ----------
    .. [1] Boyd K., Eng K. H., Page C. D. Area under the precision-recall curve: point estimates
       and confidence intervals. ECML PKDD 2013. https://doi.org/10.1007/978-3-642-40994-3_29

    Examples
    --------
    >>> round(average_precision([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1]), 4)
    0.8333
    """
    checked = _checked(labels, scores, weights)
    return ranking.average_precision(checked[0], checked[1], weights=checked[2])


def expected_average_precision(
    labels: ArrayLike, scores: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    r"""Compute average precision, averaged over uniformly random orders inside ties.

    Parameters
    ----------
    labels : array-like of bool or of 0 and 1, shape (n,)
        Whether the locus is active.
    scores : array-like of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : array-like of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    float
        Range 0 to 1, higher is better; the no-skill value, about the share of positives, is also
        the value of a constant score. NaN without positives (of positive weight).

    Raises
    ------
    ValidationError
        When lengths differ, or an argument holds anything else than described.

    Notes
    -----
    A tie of :math:`m` rows with :math:`p` positives, below :math:`TP` positives among :math:`N`
    rows, contributes

    .. math::

        \frac{1}{P} \frac{p}{m} \sum_{j=1}^{m} \frac{TP + 1 + (j - 1)(p - 1)/(m - 1)}{N + j}

    (McSherry & Najork, ECIR 2008, doi:10.1007/978-3-540-78646-7_38). Without ties it equals
    `average_precision`. How weights count stands at
    `leakcheck.base.ranking.expected_average_precision`.

    Examples
    --------
    >>> round(expected_average_precision([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1]), 4)
    0.9167
    """
    checked = _checked(labels, scores, weights)
    return ranking.expected_average_precision(checked[0], checked[1], weights=checked[2])


def auroc(labels: ArrayLike, scores: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    r"""Compute the area under the ROC curve: the chance that a positive outranks a negative.

    Parameters
    ----------
    labels : array-like of bool or of 0 and 1, shape (n,)
        Whether the locus is active.
    scores : array-like of real numbers, shape (n,)
        Scores, finite; larger = more active.
    weights : array-like of float, shape (n,), optional
        How often each row counts, 0 or more; a row of weight 0 is as if absent.

    Returns
    -------
    float
        Range 0 to 1, higher is better, no-skill value 0.5. NaN without positives or without
        negatives (of positive weight).

    Raises
    ------
    ValidationError
        When lengths differ, or an argument holds anything else than described.

    Notes
    -----
    The Mann-Whitney statistic divided by the number of pairs, tied pairs counted half:
    :math:`P(f_+ > f_-) + P(f_+ = f_-) / 2` for the scores of a positive and a negative (Hanley &
    McNeil, Radiology 143:29, 1982, doi:10.1148/radiology.143.1.7063747).

    Examples
    --------
    >>> auroc([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1])
    0.875
    """
    checked = _checked(labels, scores, weights)
    return ranking.auroc(checked[0], checked[1], weights=checked[2])


def _checked(
    labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[BoolArray, NDArray[Any], FloatArray | None]:
    """Labels as booleans, finite scores, weights of 0 or more; all of one length."""
    active, numbers = _active(_row(labels, "labels")), _row(scores, "scores")
    _check_length(numbers, "scores", len(active))
    _check_each(np.isfinite(numbers), numbers, "scores", "be finite", "Leave these rows out")
    if weights is None:
        return active, numbers, None
    repeats = _row(weights, "weights").astype(np.float64)
    _check_length(repeats, "weights", len(active))
    good = np.isfinite(repeats) & (repeats >= 0)
    _check_each(good, repeats, "weights", "be finite and 0 or more", "Give these rows 0")
    return active, numbers, repeats


def _row(values: ArrayLike, argument: str) -> NDArray[Any]:
    """Give one dimension of real numbers, of 64 bits at the most, which is what keys hold."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        # `np.asarray` would uncover what lies under the mask.
        mask = np.ma.getmaskarray(values)
        raise ValidationError(
            f"`{argument}` must have no masked entries; {int(mask.sum())} of {mask.size} are "
            "masked. Leave these rows out."
        )
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValidationError(
            f"`{argument}` must be numbers, one for each row; lists of several lengths came. Give "
            "one column as numbers, without missing values."
        ) from error
    if array.ndim != 1 or not (array.dtype.kind in "biuf" or has_bfloat16(array)):
        came = f"an array of {array.dtype} with {array.ndim} dimensions"
        raise ValidationError(
            f"`{argument}` must be numbers, one for each row; {came} came. Give one column as "
            "numbers, without missing values."
        )
    if array.dtype.itemsize <= 8:
        return array
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        return array.astype(np.float64)


def _active(labels: NDArray[Any]) -> BoolArray:
    """Labels as booleans: 2 or 0.7 or NaN says nothing of whether a locus is active."""
    if labels.dtype.kind != "b":
        known = (labels == 0) | (labels == 1)
        _check_each(known, labels, "labels", "be 0 or 1", "Say which are active, as labels == 2")
    return np.asarray(labels, dtype=bool)


def _check_length(values: NDArray[Any], argument: str, n: int) -> None:
    """Refuse rows without a partner."""
    if len(values) != n:
        raise ValidationError(
            f"`{argument}` must have one entry for each label; {len(values)} came for {n} labels. "
            "Give both in the same rows."
        )


def _check_each(
    good: BoolArray, values: NDArray[Any], argument: str, rule: str, remedy: str
) -> None:
    """Refuse entries that break a rule."""
    if not good.all():
        first = int(np.argmin(good))
        raise ValidationError(
            f"`{argument}` must {rule}; {int((~good).sum())} of {len(good)} are not, the first at "
            f"row {first}: {values[first]}. {remedy}."
        )
