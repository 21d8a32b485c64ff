"""Records of the scores of real-valued predictions, which `leakcheck.base.regression` makes."""

from typing import NamedTuple

from leakcheck._typing import FloatArray

__all__ = ["ErrorAndCorrelation", "RegressionScores"]


class RegressionScores(NamedTuple):
    r"""Scores of real-valued predictions; NaN where undefined.

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

    Notes
    -----
    With labels :math:`y`, predictions :math:`p`, average :math:`a` and variance :math:`v` of a
    locus: `mse` is the mean of :math:`(y - p)^2`, `msevar` :math:`\sum v (y - p)^2 / \sum v`,
    `r2` :math:`1 - \mathrm{mse} / \mathrm{var}(y)`, `pearson`
    :math:`\mathrm{cov}(y, p) / (\mathrm{sd}(y)\,\mathrm{sd}(p))` (doi:10.1098/rspl.1895.0041),
    `spearman` that of the mean ranks (Spearman 1904, doi:10.2307/1412159), and
    `anomaly_correlation` that of :math:`y - a` and :math:`p - a`.

    `msevar`, `mse1obs` and `mse1imp` are those of the ENCODE Imputation Challenge (Schreiber et
    al., Genome Biology 24:79, 2023, doi:10.1186/s13059-023-02915-y): the top 1% are the
    ``max(1, n_loci // 100)`` largest values and whatever equals the least of them, so that the
    order of loci changes nothing.
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
