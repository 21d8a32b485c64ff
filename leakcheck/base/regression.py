"""Scores of predictions of real-valued labels, and of two of them without each block."""

from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "ErrorAndCorrelation",
    "RegressionScores",
    "leave_one_block_out_regression",
    "regression_scores",
]


class RegressionScores(NamedTuple):
    """Scores of real-valued predictions; NaN where undefined.

    Attributes
    ----------
    mse : float
        Mean squared error; 0 is perfect.
    pearson, spearman : float
        Correlation, and correlation of ranks; NaN where either side is constant. No skill: 0.
    r2 : float
        Coefficient of determination ``1 - mse / variance of the labels``; NaN for constant labels.
        The mean label predicted everywhere gets 0.
    msevar : float
        Squared error weighted by the locus's variance over reference cell types.
    mse1obs, mse1imp : float
        Mean squared error at the top 1% of loci by label, and by prediction.
    anomaly_correlation : float
        Pearson correlation after the average was subtracted from both sides. It is shown and never
        tested: it calls random noise significant.
    """

    mse: float
    pearson: float
    spearman: float
    r2: float
    msevar: float
    mse1obs: float
    mse1imp: float
    anomaly_correlation: float


class ErrorAndCorrelation(NamedTuple):
    """Mean squared error and Pearson correlation: floats, or arrays of one shape."""

    mse: FloatArray
    pearson: FloatArray


def regression_scores(
    labels: FloatArray,
    predictions: FloatArray,
    average: FloatArray | None = None,
    locus_variance: FloatArray | None = None,
) -> RegressionScores:
    """Score predictions of real-valued labels.

    Parameters
    ----------
    labels : numpy.ndarray of float, shape (n_loci,)
        Observed activity.
    predictions : numpy.ndarray of float, shape (n_loci,)
        Predicted activity, in the same unit.
    average : numpy.ndarray of float, shape (n_loci,), optional
        Average activity of each locus over reference cell types; loci where it is NaN do not count
        for `anomaly_correlation`, which is NaN without it.
    locus_variance : numpy.ndarray of float, shape (n_loci,), optional
        Variance of each locus over reference cell types; loci where it is NaN do not count for
        `msevar`, which is NaN without it or where all variances are 0.

    Returns
    -------
    RegressionScores
        All NaN without loci.

    Notes
    -----
    `msevar`, `mse1obs` and `mse1imp` are those of the ENCODE Imputation Challenge (Schreiber et
    al., Genome Biology 24:79, 2023, doi:10.1186/s13059-023-02915-y): the top 1% are the
    ``max(1, n_loci // 100)`` largest values and whatever equals the least of them, so that the
    order of loci changes nothing.

    Examples
    --------
    >>> labels = np.array([0.0, 1.0, 2.0, 4.0])
    >>> scores = regression_scores(labels, labels + np.array([1.0, 0.0, 0.0, -1.0]))
    >>> scores.mse, scores.mse1obs, round(scores.spearman, 4)
    (0.5, 1.0, 0.9487)
    """
    y, p = np.asarray(labels, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    if not y.size:
        return RegressionScores(*(np.nan for _ in RegressionScores._fields))
    squared = (y - p) ** 2
    mse = float(squared.mean())
    spread = float(_centred(y) @ _centred(y)) / y.size
    return RegressionScores(
        mse=mse,
        pearson=_pearson(y, p),
        spearman=_pearson(_average_ranks(y), _average_ranks(p)),
        r2=1.0 - mse / spread if spread > 0 else np.nan,
        msevar=np.nan if locus_variance is None else _weighted_mean(squared, locus_variance),
        mse1obs=float(squared[_top(y)].mean()),
        mse1imp=float(squared[_top(p)].mean()),
        anomaly_correlation=np.nan if average is None else _anomaly_correlation(y, p, average),
    )


def _centred(values: FloatArray) -> FloatArray:
    """Subtract the mean; equal values give exact zeros."""
    shifted = values - values[:1]
    return np.asarray(shifted - shifted.mean())


def _pearson(x: FloatArray, y: FloatArray) -> float:
    """Pearson correlation, NaN where a side is constant."""
    if x.size < 2:
        return np.nan
    x, y = _centred(x), _centred(y)
    scale = float(np.sqrt(x @ x) * np.sqrt(y @ y))
    return float(np.clip(x @ y / scale, -1.0, 1.0)) if scale > 0 else np.nan


def _average_ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, equal values sharing the mean of theirs."""
    order = np.argsort(values)
    ordered = values.take(order)
    is_first = np.append(True, ordered[1:] != ordered[:-1])
    first = np.flatnonzero(np.append(is_first, True))
    mean_rank = (first[1:] + first[:-1] + 1) / 2.0
    ranks = np.empty(values.size)
    ranks[order] = mean_rank.take(np.cumsum(is_first) - 1)
    return ranks


def _weighted_mean(values: FloatArray, weights: FloatArray) -> float:
    """Mean with weights, without the values whose weight is NaN."""
    known = ~np.isnan(weights)
    total = float(weights[known].sum())
    return float(values[known] @ weights[known]) / total if total > 0 else np.nan


def _top(values: FloatArray) -> BoolArray:
    """Mark the top 1% and whatever ties with the least of them."""
    rank = max(1, values.size // 100)
    return np.asarray(values >= np.partition(values, -rank)[-rank])


def _anomaly_correlation(y: FloatArray, p: FloatArray, average: FloatArray) -> float:
    """Pearson correlation of what is left when the average is subtracted."""
    known = ~np.isnan(average)
    return _pearson((y - average)[known], (p - average)[known])


def leave_one_block_out_regression(
    labels: FloatArray, predictions: FloatArray, blocks: IntArray, n_blocks: int
) -> tuple[ErrorAndCorrelation, ErrorAndCorrelation]:
    """Mean squared error and Pearson correlation of all loci, and without each block.

    Parameters
    ----------
    labels, predictions : numpy.ndarray of float, shape (n_loci,)
        Observed and predicted activity.
    blocks : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks; some may be empty.

    Returns
    -------
    full : ErrorAndCorrelation
        Scores of all loci (numpy scalars).
    replicates : ErrorAndCorrelation
        Arrays of shape (n_blocks,): scores without each block. The error is NaN where no locus is
        left, the correlation where a side is constant or fewer than two loci are left.

    Notes
    -----
    Sums of squares and products are kept around the mean of each block and put together with Chan,
    Golub & LeVeque's update (The American Statistician 37:242-247, 1983,
    doi:10.1080/00031305.1983.10483115): nothing large is subtracted from anything large.

    Examples
    --------
    >>> labels, blocks = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 0, 1, 1])
    >>> full, without = leave_one_block_out_regression(labels, 2 * labels, blocks, 2)
    >>> float(full.mse), without.mse.tolist(), without.pearson.round(12).tolist()
    (21.25, [40.0, 2.5], [1.0, 1.0])
    """
    x, y = np.asarray(labels, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    kept = np.vstack([1.0 - np.eye(n_blocks), np.ones(n_blocks)])
    count = np.bincount(blocks, minlength=n_blocks).astype(np.float64)
    loci = kept @ count
    with np.errstate(invalid="ignore", divide="ignore"):
        mse = kept @ _sums(blocks, (x - y) ** 2, n_blocks) / loci
        xx, yy, xy = _central_moments(x, y, blocks, count, kept)
        pearson = np.clip(xy / (np.sqrt(xx) * np.sqrt(yy)), -1.0, 1.0)
    constant = _is_constant(x, blocks, kept) | _is_constant(y, blocks, kept)
    pearson[constant] = np.nan
    return (
        ErrorAndCorrelation(mse[-1], pearson[-1]),
        ErrorAndCorrelation(mse[:-1], pearson[:-1]),
    )


def _sums(blocks: IntArray, values: FloatArray, n_blocks: int) -> FloatArray:
    """Sum the values of each block."""
    return np.bincount(blocks, weights=values, minlength=n_blocks).astype(np.float64, copy=False)


def _central_moments(
    x: FloatArray, y: FloatArray, blocks: IntArray, count: FloatArray, kept: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums of squares of x and of y and of products around the means of the kept blocks."""
    n_blocks = count.size
    means, deviations = [], []
    for values in (x, y):
        mean = _sums(blocks, values, n_blocks) / np.maximum(count, 1.0)
        means.append(mean[None, :] - ((kept * count) @ mean / (kept @ count))[:, None])
        deviations.append(values - mean.take(blocks))
    between = kept * count

    def moment(i: int, j: int) -> FloatArray:
        within = kept @ _sums(blocks, deviations[i] * deviations[j], n_blocks)
        return np.asarray(within + (between * means[i] * means[j]).sum(axis=1))

    return moment(0, 0), moment(1, 1), moment(0, 1)


def _is_constant(values: FloatArray, blocks: IntArray, kept: FloatArray) -> BoolArray:
    """Say for each choice of blocks whether fewer than two distinct values are left."""
    low, high = np.full(kept.shape[1], np.inf), np.full(kept.shape[1], -np.inf)
    np.minimum.at(low, blocks, values)
    np.maximum.at(high, blocks, values)
    lowest = np.where(kept > 0, low, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(kept > 0, high, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(lowest >= highest)
