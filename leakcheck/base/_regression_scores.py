"""Records of the scores of real-valued predictions, which `leakcheck.base.regression` makes."""

from typing import NamedTuple

from leakcheck._typing import FloatArray

__all__ = ["ErrorAndCorrelation", "RegressionScores"]


class RegressionScores(NamedTuple):
    """Scores of real-valued predictions; NaN where undefined.

    Attributes
    ----------
    mse, mse1obs, mse1imp : float
        Mean squared error of all loci, and of the top 1% by label, and by prediction, in the unit
        of the labels squared. Range 0 to infinity, 0 is perfect; no fixed no-skill value: the mean
        label predicted everywhere has an `mse` of the variance of the labels. NaN without loci.
    pearson, spearman : float
        Correlation, and correlation of ranks. Range -1 to 1, higher is better, no-skill value 0.
        NaN where either side is constant or there are fewer than two loci.
    r2 : float
        Coefficient of determination. Range minus infinity to 1, higher is better; no-skill value
        0, which the mean label predicted everywhere gets. NaN for constant labels.
    msevar : float
        Squared error weighted by the locus's variance over reference cell types. Range 0 to
        infinity, 0 is perfect, no fixed no-skill value. NaN where no variance is known or above 0.
    anomaly_correlation : float
        Pearson correlation after the average was subtracted from both sides. Range -1 to 1; its
        no-skill value is 0 in name only: it is shown and never tested, since it calls random noise
        significant. NaN without an average, and as `pearson` is.
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
    """Mean squared error and Pearson correlation of the same loci.

    Attributes
    ----------
    mse, pearson : ndarray of float, shape (...)
        Range, no-skill value and undefined cases (NaN) are those of `RegressionScores`.
    """

    mse: FloatArray
    pearson: FloatArray
