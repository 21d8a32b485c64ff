"""Rank tests between two groups of values, and the summary of AUROC over strata."""

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "Alternative",
    "MannWhitney",
    "mann_whitney",
    "van_elteren_auroc",
]

Alternative: TypeAlias = Literal["greater", "less", "two-sided"]

_Method: TypeAlias = Literal["exact", "asymptotic"]

_LARGEST_EXACT = 8


class MannWhitney(NamedTuple):
    """One Mann-Whitney test for each column.

    Attributes
    ----------
    statistic : numpy.ndarray of float, shape (n_columns,)
        U of the first sample: pairs in which its value is the larger, ties counted half.
    pvalue : numpy.ndarray of float, shape (n_columns,)
        Probability under the null hypothesis, range 0 to 1. NaN where a sample is empty.
    effect_size : numpy.ndarray of float, shape (n_columns,)
        Common-language effect size ``U / (n_a * n_b)``, range 0 to 1: 1 when every value of the
        first sample is the larger; no-skill value 0.5, where neither tends to be. NaN where a
        sample is empty.
    method : numpy.ndarray of str, shape (n_columns,)
        ``"exact"``, ``"asymptotic"``, or ``""`` where a sample is empty and all else is NaN.
    """

    statistic: FloatArray
    pvalue: FloatArray
    effect_size: FloatArray
    method: NDArray[np.str_]


def mann_whitney(a: FloatArray, b: FloatArray, alternative: Alternative = "greater") -> MannWhitney:
    """Test whether the values of `a` tend to be larger than those of `b`, column by column.

    Parameters
    ----------
    a : numpy.ndarray of float, shape (n_a, n_columns)
        First sample of each column; NaN entries are left out.
    b : numpy.ndarray of float, shape (n_b, n_columns)
        Second sample of each column; NaN entries are left out.
    alternative : {"greater", "less", "two-sided"}
        Whether `a` tends to be the larger, the smaller, or either.

    Returns
    -------
    MannWhitney
        Arrays of shape (n_columns,). The effect size has the range 0 to 1 and the no-skill value
        0.5. NaN where a sample is empty.

    Notes
    -----
    ``U = (pairs with a > b) + (pairs with a = b) / 2``, compared with its distribution when both
    samples are of one kind. Exact where the smaller sample has 8 values or fewer and no two values
    of the column are equal; else the normal approximation with corrections for ties and
    continuity. Mann & Whitney, Annals of Mathematical Statistics 18:50-60, 1947,
    doi:10.1214/aoms/1177730491. The test takes values as independent: the average precision of two
    models at the same loci is not.

    Examples
    --------
    >>> result = mann_whitney(np.array([[4.0], [5.0], [6.0]]), np.array([[1.0], [2.0], [3.0]]))
    >>> result.statistic.tolist(), result.pvalue.round(6).tolist(), result.method.tolist()
    ([9.0], [0.05], ['exact'])
    """
    n_columns = a.shape[1]
    statistic, pvalue, effect_size = np.full((3, n_columns), np.nan)
    method = np.full(n_columns, "", dtype="<U10")
    for rows_a, rows_b, columns in _same_missing(np.isnan(a), np.isnan(b)):
        x, y = a[np.ix_(rows_a, columns)], b[np.ix_(rows_b, columns)]
        if not (len(x) and len(y)):
            continue
        exact = ~_has_ties(x, y) & (min(len(x), len(y)) <= _LARGEST_EXACT)
        tests: tuple[tuple[_Method, BoolArray], ...] = (("exact", exact), ("asymptotic", ~exact))
        for name, chosen in tests:
            into = columns[chosen]
            if into.size:
                statistic[into], pvalue[into] = _test(x[:, chosen], y[:, chosen], alternative, name)
                method[into] = name
        effect_size[columns] = statistic[columns] / (len(x) * len(y))
    return MannWhitney(statistic, pvalue, effect_size, method)


def _same_missing(
    missing_a: BoolArray, missing_b: BoolArray
) -> list[tuple[IntArray, IntArray, IntArray]]:
    """Columns with the same missing entries: rows kept of each sample, and the columns."""
    both = np.packbits(np.vstack([missing_a, missing_b]), axis=0)
    _, one_of_each, pattern = np.unique(both, axis=1, return_index=True, return_inverse=True)
    pattern = pattern.reshape(-1)  # numpy 2.0 gave it a second axis
    return [
        (
            np.flatnonzero(~missing_a[:, column]),
            np.flatnonzero(~missing_b[:, column]),
            np.flatnonzero(pattern == number),
        )
        for number, column in enumerate(one_of_each)
    ]


def _has_ties(x: FloatArray, y: FloatArray) -> BoolArray:
    """Say for each column whether two values are equal."""
    values = np.sort(np.vstack([x, y]), axis=0)
    ties: BoolArray = (values[1:] == values[:-1]).any(axis=0)
    return ties


def _test(
    x: FloatArray, y: FloatArray, alternative: Alternative, method: _Method
) -> tuple[FloatArray, FloatArray]:
    """Test of every column by one method."""
    from scipy.stats import mannwhitneyu  # noqa: PLC0415 - slow to import

    result = mannwhitneyu(x, y, alternative=alternative, axis=0, method=method)
    # All values equal are no evidence; scipy from 1.18 on says NaN of a two-sided test.
    values = np.vstack([x, y])
    pvalue: FloatArray = np.where(values.min(axis=0) == values.max(axis=0), 1.0, result.pvalue)
    return np.asarray(result.statistic), pvalue


def van_elteren_auroc(auroc: FloatArray, n_positive: IntArray, n_negative: IntArray) -> FloatArray:
    """Mean of the AUROC within strata, with van Elteren's weights.

    Parameters
    ----------
    auroc : numpy.ndarray of float, shape (..., n_strata)
        AUROC within each stratum, NaN where it is undefined.
    n_positive, n_negative : numpy.ndarray of int, shape (n_strata,)
        Number of positives and of negatives in each stratum.

    Returns
    -------
    numpy.ndarray of float, shape (...)
        Range 0 to 1, higher is better, no-skill value 0.5. NaN where no stratum has a defined
        AUROC.

    Notes
    -----
    The weight of a stratum of m positives and n negatives is ``m * n / (m + n + 1)``, which makes
    the sum of Wilcoxon statistics locally most powerful for a shift shared by all strata: van
    Elteren, Bulletin of the International Statistical Institute 37:351-361, 1960.

    Examples
    --------
    >>> float(van_elteren_auroc(np.array([0.5, 1.0]), np.array([10, 10]), np.array([10, 10])))
    0.75
    """
    m, n = np.asarray(n_positive, dtype=np.float64), np.asarray(n_negative, dtype=np.float64)
    values = np.asarray(auroc, dtype=np.float64)
    weights = np.where(np.isnan(values), 0.0, m * n / (m + n + 1.0))
    total = weights.sum(axis=-1)
    weighted = (weights * np.nan_to_num(values)).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(weighted / total)[()]
