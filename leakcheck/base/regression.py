"""Scores of predictions of real-valued labels, and of two of them without each block.

Sums run over chunks of rows in their order, so that columns that are read in parts have the scores
of columns in memory, to the last bit.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._regression_scores import ErrorAndCorrelation, RegressionScores
from leakcheck.base.moments import CellMoments, MomentSums, row_chunks
from leakcheck.base.sorted_column import SortedColumn

__all__ = [
    "ErrorAndCorrelation",
    "RegressionScores",
    "RegressionSums",
    "rank_of_top",
    "sum_up",
]

_SHARE_OF_TOP = 100
#: What rounding leaves of predictions that equal the average, as a share of their size.
_ROUNDING = 1e-13


def rank_of_top(n_loci: int) -> int:
    """Rank of the least value among the top 1%.

    Parameters
    ----------
    n_loci : int
        Number of loci.

    Returns
    -------
    int
        1 for the largest value.

    Examples
    --------
    >>> rank_of_top(50), rank_of_top(2_000)
    (1, 20)
    """
    return max(1, n_loci // _SHARE_OF_TOP)


class RegressionSums:
    """All that the scores of one column of predictions need, added up part by part.

    Parameters
    ----------
    n_blocks : int
        Number of blocks.
    n_strata : int
        Number of strata; 0 where the loci have none.
    top_label, top_prediction : float
        Values of rank `rank_of_top` among the labels and among the predictions; NaN where the
        errors at the top are not asked for.

    Examples
    --------
    >>> sums = RegressionSums()
    >>> sums.add(np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    >>> sums.scores().mse
    0.5
    """

    def __init__(
        self,
        n_blocks: int = 1,
        n_strata: int = 0,
        *,
        top_label: float = np.nan,
        top_prediction: float = np.nan,
    ) -> None:
        self.n_blocks, self.n_strata = n_blocks, n_strata
        self.tops = top_label, top_prediction
        # The last column is for loci in no stratum.
        self._cells = CellMoments((n_blocks, n_strata + 1))
        self._ranks = CellMoments((1,))
        self._anomalies = CellMoments((1,))
        self._weighted = np.zeros(2)  # squared errors times variances, and variances
        self._top = np.zeros((2, 2))  # squared errors at the top, and loci there

    def add(
        self,
        labels: FloatArray,
        predictions: FloatArray,
        *,
        blocks: IntArray | None = None,
        strata: IntArray | None = None,
        average: FloatArray | None = None,
        locus_variance: FloatArray | None = None,
        ranks: tuple[NDArray[Any], NDArray[Any]] | None = None,
    ) -> None:
        """Add loci, in order; every part but the last holds a multiple of `CHUNK_ROWS`.

        Parameters
        ----------
        labels, predictions : ndarray of float, shape (n,)
            Observed and predicted activity.
        blocks : ndarray of int, shape (n,), optional
            Block of each locus; block 0 without.
        strata : ndarray of int, shape (n,), optional
            Stratum of each locus; below 0 or from `n_strata` up, in none.
        average, locus_variance : ndarray of float, shape (n,), optional
            As for `sum_up`.
        ranks : tuple of two ndarrays, shape (n,), optional
            Mean ranks of the labels and of the predictions, or twice these, for Spearman's
            correlation.
        """
        for part in row_chunks(labels.size):
            y = np.asarray(labels[part], dtype=np.float64)
            p = np.asarray(predictions[part], dtype=np.float64)
            cell = np.full(y.size, self.n_strata, dtype=np.intp)
            if strata is not None and self.n_strata:
                code = strata[part].astype(np.intp)
                cell = np.where((code < 0) | (code > self.n_strata), self.n_strata, code)
            if blocks is not None:
                cell = cell + blocks[part].astype(np.intp) * (self.n_strata + 1)
            self._cells.add(y, p, cell)
            one = np.zeros(y.size, dtype=np.intp)
            if ranks is not None:
                self._ranks.add(ranks[0][part], ranks[1][part], one)
            if average is not None:
                known = average[part]
                self._anomalies.add(y - known, p - known, np.where(np.isnan(known), -1, 0))
            self._add_errors(
                (y - p) ** 2, y, p, None if locus_variance is None else locus_variance[part]
            )

    def _add_errors(
        self, squared: FloatArray, y: FloatArray, p: FloatArray, variance: FloatArray | None
    ) -> None:
        """Add squared errors at the top, and with weights."""
        for side, (values, least) in enumerate(zip((y, p), self.tops, strict=True)):
            if not np.isnan(least):
                found = squared[values >= least]
                self._top[side] += found.sum(), found.size
        if variance is not None:
            known = ~np.isnan(variance)
            weight = variance[known]
            self._weighted += (squared[known] * weight).sum(), weight.sum()

    def scores(self) -> RegressionScores:
        """Scores of all loci.

        Returns
        -------
        RegressionScores
            NaN where undefined, or where what a score needs was not added.
        """
        total = self._cells.cells().over(0).over(0)
        if not total.n_loci:
            return RegressionScores(*(np.nan for _ in RegressionScores._fields))
        mse, spread = float(total.mse()), float(total.xx / total.n_loci)
        obs, imp = (float(error / n) if n else np.nan for error, n in self._top)
        return RegressionScores(
            mse=mse,
            pearson=float(total.pearson()),
            spearman=_one(self._ranks),
            r2=1.0 - mse / spread if spread > 0 else np.nan,
            msevar=float(self._weighted[0] / self._weighted[1])
            if self._weighted[1] > 0
            else np.nan,
            mse1obs=obs,
            mse1imp=imp,
            anomaly_correlation=_one(self._anomalies, total.yy + total.n_loci * total.mean_y**2),
        )

    def without_blocks(self) -> tuple[ErrorAndCorrelation, ErrorAndCorrelation]:
        """Scores of all loci, and without each block.

        Returns
        -------
        full : ErrorAndCorrelation
            Scores of all loci (numpy scalars).
        replicates : ErrorAndCorrelation
            Arrays of shape (n_blocks,): scores without each block. The error is NaN where no locus
            is left, the correlation where a side is constant or fewer than two loci are left.

        Notes
        -----
        Sums of squares and products are kept around the mean of each block and put together with
        Chan, Golub & LeVeque's update (The American Statistician 37:242-247, 1983,
        doi:10.1080/00031305.1983.10483115): nothing large is subtracted from anything large.
        """
        rows = self._cells.cells().over(1).without_each()
        mse, pearson = rows.mse(), rows.pearson()
        return (
            ErrorAndCorrelation(mse[-1], pearson[-1]),
            ErrorAndCorrelation(mse[:-1], pearson[:-1]),
        )

    def within_strata(self) -> tuple[IntArray, ErrorAndCorrelation]:
        """Scores in each stratum.

        Returns
        -------
        n_loci : ndarray of int, shape (n_strata,)
            Loci in each.
        scores : ErrorAndCorrelation
            Arrays of shape (n_strata,); NaN where undefined.
        """
        inside = self._inside().over(0)
        return inside.n_loci.astype(np.int64), ErrorAndCorrelation(inside.mse(), inside.pearson())

    def within_strata_without_blocks(self) -> tuple[FloatArray, FloatArray]:
        """Pearson correlation in each stratum, and the same without each block.

        Returns
        -------
        full : ndarray of float, shape (n_strata,)
            Of all loci.
        replicates : ndarray of float, shape (n_blocks, n_strata)
            NaN where undefined.
        """
        rows = self._inside().without_each().pearson()
        return rows[-1], rows[:-1]

    def _inside(self) -> MomentSums:
        """Moments of blocks and strata, without the loci that are in none."""
        return MomentSums(*(part[:, : self.n_strata] for part in self._cells.cells()))


def _one(moments: CellMoments, size: FloatArray | float = 0.0) -> float:
    """Correlation in the only cell; NaN where y is what rounding leaves of values of this size."""
    no_more = moments.sums.yy[0] <= _ROUNDING**2 * size
    return np.nan if no_more else float(moments.sums.pearson()[0])


def sum_up(
    labels: FloatArray,
    predictions: FloatArray,
    *,
    blocks: IntArray | None = None,
    n_blocks: int = 1,
    average: FloatArray | None = None,
    locus_variance: FloatArray | None = None,
) -> RegressionSums:
    """Add up columns that are in memory, with all that their scores need.

    Parameters
    ----------
    labels, predictions : ndarray of float, shape (n_loci,)
        Observed and predicted activity.
    blocks : ndarray of int, shape (n_loci,), optional
        Block of each locus.
    n_blocks : int
        Number of blocks.
    average : ndarray of float, shape (n_loci,), optional
        Average activity of each locus over reference cell types; loci where it is NaN do not count
        for `anomaly_correlation`, which is NaN without it.
    locus_variance : ndarray of float, shape (n_loci,), optional
        Variance of each locus over reference cell types; loci where it is NaN do not count for
        `msevar`, which is NaN without it or where all variances are 0.

    Returns
    -------
    RegressionSums
        Of all loci; without loci, of none.

    Examples
    --------
    >>> labels = np.array([0.0, 1.0, 2.0, 4.0])
    >>> scores = sum_up(labels, labels + np.array([1.0, 0.0, 0.0, -1.0])).scores()
    >>> scores.mse, scores.mse1obs, round(scores.spearman, 4)
    (0.5, 1.0, 0.9487)
    """
    if not labels.size:
        return RegressionSums(n_blocks)
    columns = [SortedColumn.from_scores(values) for values in (labels, predictions)]
    at = rank_of_top(labels.size) - 1
    tops = [
        float(values[column.rows[at]])
        for values, column in zip((labels, predictions), columns, strict=True)
    ]
    sums = RegressionSums(n_blocks, top_label=tops[0], top_prediction=tops[1])
    sums.add(
        labels,
        predictions,
        blocks=blocks,
        average=average,
        locus_variance=locus_variance,
        ranks=(columns[0].twice_mean_ranks(), columns[1].twice_mean_ranks()),
    )
    return sums
