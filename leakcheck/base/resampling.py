"""Blocks of neighbouring loci, the jackknife over them, and bootstrap weights.

Neighbouring loci are not independent, so what is left out or drawn again is a block: a chromosome,
or a stretch of one.
"""

from typing import Literal, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.small_chromosomes import join_small_chromosomes
from leakcheck.exceptions import ValidationError

__all__ = [
    "BlockKind",
    "Blocks",
    "Jackknife",
    "blocks_of_loci",
    "bootstrap_weights",
    "confidence_bounds",
    "contiguous_stretches",
    "jackknife",
    "stretch_lengths",
    "upper_tail_pvalue",
]

BlockKind = Literal["chromosome", "stretch"]


class Blocks(NamedTuple):
    """The block of every locus.

    Attributes
    ----------
    codes : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``; no block is empty.
    n_blocks : int
        Number of blocks.
    kind : {"chromosome", "stretch"}
        What a block is.
    """

    codes: IntArray
    n_blocks: int
    kind: BlockKind


class Jackknife(NamedTuple):
    """An estimate with the standard error that its blocks give.

    Attributes
    ----------
    estimate : numpy.ndarray of float, shape (...)
        The estimate from all data, as it was given (not corrected for bias).
    standard_error : numpy.ndarray of float
        Of the shape of `estimate`. NaN where a replicate or the estimate is NaN, and everywhere
        where fewer than two blocks hold any data.
    degrees_of_freedom : int
        Number of blocks that hold data, less one (-1 where none does).
    """

    estimate: FloatArray
    standard_error: FloatArray
    degrees_of_freedom: int


def jackknife(
    estimate: FloatArray | float, replicates: FloatArray, block_sizes: IntArray
) -> Jackknife:
    r"""Standard error from leaving out one block at a time, for blocks of unequal size.

    Parameters
    ----------
    estimate : float or numpy.ndarray, shape (...)
        The statistic on all data.
    replicates : numpy.ndarray, shape (n_blocks, ...)
        The statistic without each block.
    block_sizes : numpy.ndarray of int, shape (n_blocks,)
        Number of observations in each block. Empty blocks take no part.

    Returns
    -------
    Jackknife
        Arrays of the trailing shape of `replicates`; numpy scalars where there is none.

    Notes
    -----
    The delete-:math:`m_j` jackknife of Busing, Meijer & van der Leeden, Statistics and Computing
    9:3-8, 1999, doi:10.1023/A:1008800423698. With :math:`h_j = n / m_j`, pseudo-values
    :math:`\tilde\theta_j = h_j \hat\theta - (h_j - 1) \hat\theta_{(j)}` and their weighted
    mean :math:`\hat\theta_J = \sum_j \tilde\theta_j / h_j`, the variance is
    :math:`\frac1g \sum_j (\tilde\theta_j - \hat\theta_J)^2 / (h_j - 1)`. Blocks of one size
    give the classical jackknife, and single observations of a mean give :math:`s/\sqrt n`.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0, 6.0])
    >>> without_one = (x.sum() - x) / 3
    >>> result = jackknife(x.mean(), without_one, np.ones(4, dtype=int))
    >>> bool(np.isclose(result.standard_error, x.std(ddof=1) / np.sqrt(4)))
    True
    """
    full = np.asarray(estimate, dtype=np.float64)
    values = np.asarray(replicates, dtype=np.float64)
    sizes = np.asarray(block_sizes, dtype=np.float64)
    if not sizes.all():
        values, sizes = values[sizes > 0], sizes[sizes > 0]
    n_blocks = sizes.size
    if n_blocks < 2:
        return Jackknife(full[()], np.full(full.shape, np.nan)[()], n_blocks - 1)
    share = (sizes / sizes.sum()).reshape((-1,) + (1,) * (values.ndim - 1))
    # Deviations of the pseudo-values from the plug-in estimate, times m_j / n: small numbers, so
    # that no large h_j multiplies the rounding of the estimate.
    scaled = (1.0 - share) * (full - values)
    correction = scaled.sum(axis=0)
    variance = ((scaled - share * correction) ** 2 / (share * (1.0 - share))).mean(axis=0)
    return Jackknife(full[()], np.sqrt(variance)[()], n_blocks - 1)


def confidence_bounds(result: Jackknife, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Lower and upper confidence bounds, each one-sided at `level`.

    Parameters
    ----------
    result : Jackknife
        Estimates with standard errors.
    level : float
        Confidence of each bound on its own, between 0.5 and 1. The interval between the two
        covers with ``2 * level - 1``: 0.95 gives the 90% interval.

    Returns
    -------
    low, high : numpy.ndarray
        Of the shape of the estimates; NaN where the standard error is NaN.

    Notes
    -----
    ``estimate -+ t * standard_error`` with the `level` quantile of Student's t on the jackknife's
    degrees of freedom.

    Examples
    --------
    >>> low, high = confidence_bounds(Jackknife(np.float64(1.0), np.float64(0.5), 21))
    >>> round(float(low), 3), round(float(high), 3)
    (0.14, 1.86)
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - slow to import

    if result.degrees_of_freedom < 1:
        undefined = np.full(np.shape(result.estimate), np.nan)[()]
        return undefined, undefined
    reach = stdtrit(result.degrees_of_freedom, level) * result.standard_error
    return result.estimate - reach, result.estimate + reach


def upper_tail_pvalue(result: Jackknife, null: float = 0.0) -> FloatArray:
    """One-sided p-value of the hypothesis that the true value is `null` or less.

    Parameters
    ----------
    result : Jackknife
        Estimates with standard errors.
    null : float
        The largest value under the null hypothesis.

    Returns
    -------
    numpy.ndarray
        Of the shape of the estimates, between 0 and 1; NaN where the standard error is NaN.

    Notes
    -----
    The upper tail of Student's t at ``(estimate - null) / standard_error``. Where no replicate
    differs from the estimate the standard error is 0: the p-value is then 1 for an estimate at or
    below `null` (a model that equals its baseline gives no evidence against it) and 0 above it.

    Examples
    --------
    >>> round(float(upper_tail_pvalue(Jackknife(np.float64(1.0), np.float64(0.5), 21))), 4)
    0.0293
    """
    from scipy.special import stdtr  # noqa: PLC0415 - slow to import

    excess = np.asarray(result.estimate, dtype=np.float64) - null
    error = np.asarray(result.standard_error, dtype=np.float64)
    if result.degrees_of_freedom < 1:
        return np.full(excess.shape, np.nan)[()]
    sure = np.where(excess > 0, np.inf, -np.inf)
    statistic = np.divide(excess, error, out=sure, where=error != 0)
    pvalue = stdtr(result.degrees_of_freedom, -statistic)
    return np.where(np.isnan(excess), np.nan, pvalue)[()]


def bootstrap_weights(n_blocks: int, n_replicates: int, rng: np.random.Generator) -> FloatArray:
    """How often each block is drawn in each replicate of a block bootstrap.

    Parameters
    ----------
    n_blocks : int
        Number of blocks; each replicate draws as many, with replacement.
    n_replicates : int
        Number of replicates.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray of float, shape (n_replicates, n_blocks)
        Whole numbers; every row sums to `n_blocks`. Use one table for all models and baselines:
        their differences are then paired.

    Examples
    --------
    >>> bootstrap_weights(22, 3, np.random.default_rng(0)).sum(axis=1).tolist()
    [22.0, 22.0, 22.0]
    """
    even = np.full(n_blocks, 1.0 / n_blocks)
    return rng.multinomial(n_blocks, even, size=n_replicates).astype(np.float64)


def contiguous_stretches(n: int, n_stretches: int = 20) -> IntArray:
    """Cut n rows, given in genome order, into stretches of (nearly) one length.

    Parameters
    ----------
    n : int
        Number of rows.
    n_stretches : int
        Number of stretches; with fewer rows than that, each row is one.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Stretch of each row: 0, 0, ..., 1, 1, ... Lengths differ by at most one.

    Examples
    --------
    >>> contiguous_stretches(7, 3).tolist()
    [0, 0, 0, 1, 1, 2, 2]
    """
    return np.arange(n, dtype=np.intp) * min(n, n_stretches) // max(n, 1)


def stretch_lengths(
    sizes: IntArray, n_stretches: int = 20, audited: BoolArray | None = None
) -> list[IntArray]:
    """Lengths of the stretches that `blocks_of_loci` cuts chromosomes of these sizes into.

    Parameters
    ----------
    sizes : numpy.ndarray of int, shape (n_chromosomes,)
        Loci of each chromosome, at least one each.
    n_stretches : int
        Number of stretches of the chromosomes that are cut.
    audited : numpy.ndarray of bool, shape (n_chromosomes,), optional
        Chromosomes that are cut; each other one is a stretch. Default: all.

    Returns
    -------
    list of numpy.ndarray of int, shape (n_stretches of the chromosome,)
        For each chromosome the lengths of its stretches, in order.

    Examples
    --------
    >>> [one.tolist() for one in stretch_lengths(np.array([6, 2]), 4)]
    [[2, 2, 2], [2]]
    """
    found = []
    shares = _apportion(sizes, n_stretches, audited)
    for size, share in zip(sizes.tolist(), shares.tolist(), strict=True):
        k = min(size, share)
        edges = np.array([-(-size * at // k) for at in range(k + 1)], dtype=np.int64)
        found.append(np.diff(edges))
    return found


def blocks_of_loci(
    chrom_codes: IntArray | None,
    start: IntArray | None,
    n_stretches: int = 20,
    min_chromosomes: int = 10,
    *,
    n_loci: int | None = None,
    audited: BoolArray | None = None,
) -> Blocks:
    """Put every locus in a block: its chromosome, or a stretch where chromosomes are few.

    Parameters
    ----------
    chrom_codes : numpy.ndarray of int, shape (n_loci,), or None
        Chromosome of each locus, any integers. None where loci have no coordinates: stretches
        then follow the order of the table, and `start` or `n_loci` gives its length.
    start : numpy.ndarray of int, shape (n_loci,), or None
        Start of each locus in base pairs; None keeps the order of the table inside chromosomes.
    n_stretches : int
        Number of stretches where chromosomes are too few.
    min_chromosomes : int
        Least number of distinct chromosomes for these to be the blocks.
    n_loci : int, optional
        Number of loci, where neither array tells.
    audited : numpy.ndarray of bool, shape (n_loci,), optional
        Loci that are audited: chromosomes without any do not count, and are not cut. Default, and
        where there are none: all.

    Returns
    -------
    Blocks
        Codes, their number, and whether a block is a ``"chromosome"`` (or small ones together, in
        the order of the codes) or a ``"stretch"``.

    Raises
    ------
    ValidationError
        When nothing tells the number of loci.

    Notes
    -----
    Small chromosomes with audited loci are put together first, and never cut
    (`leakcheck.base.small_chromosomes`). No stretch crosses another chromosome. Each chromosome has
    one stretch, and the rest are given one at a time to the chromosome whose stretches are longest
    (d'Hondt's rule), which makes the longest stretch as short as it can be. There are `n_stretches`
    of chromosomes that are cut, fewer only where loci are fewer, more only where chromosomes are.

    Examples
    --------
    >>> blocks = blocks_of_loci(np.repeat([0, 1], [6, 2]), np.arange(8), n_stretches=4)
    >>> blocks.codes.tolist(), blocks.n_blocks, blocks.kind
    ([0, 0, 1, 1, 2, 2, 3, 3], 4, 'stretch')
    """
    if chrom_codes is None:
        if start is None and n_loci is None:
            raise ValidationError(
                "`n_loci` is needed where both `chrom_codes` and `start` are None. Pass the number "
                "of loci."
            )
        codes = contiguous_stretches(len(start) if start is not None else n_loci or 0, n_stretches)
        return Blocks(codes, _n_codes(codes), "stretch")
    chromosomes, inverse = np.unique(chrom_codes, return_inverse=True)
    is_cut = np.ones(chromosomes.size, dtype=bool)
    if audited is not None:
        is_cut = np.bincount(inverse[audited], minlength=chromosomes.size) > 0
        is_cut |= not is_cut.any()
    joined = join_small_chromosomes(np.bincount(inverse, minlength=chromosomes.size), is_cut)
    own = joined.codes.take(inverse)
    if np.count_nonzero(joined.counts) >= min_chromosomes:
        return Blocks(own, joined.sizes.size, "chromosome")
    order = np.argsort(own, kind="stable") if start is None else np.lexsort((start, own))
    shares = _apportion(joined.sizes, n_stretches, joined.counts & joined.is_single)
    codes = np.empty(own.size, dtype=np.intp)
    codes[order] = _stretches_in_order(joined.sizes, shares)
    return Blocks(codes, _n_codes(codes), "stretch")


def _n_codes(codes: IntArray) -> int:
    """Count the codes 0, 1, ... of which every one occurs."""
    return int(codes.max()) + 1 if codes.size else 0


def _apportion(sizes: IntArray, n_stretches: int, is_cut: BoolArray | None = None) -> IntArray:
    """Share stretches among chromosomes that are cut: at least one each, never more than loci."""
    shares = np.ones(sizes.size, dtype=np.intp)
    cut = sizes if is_cut is None else np.where(is_cut, sizes, 0)
    for _ in range(min(n_stretches, int(cut.sum())) - np.count_nonzero(cut)):
        shares[np.argmax(cut / shares)] += 1
    return shares


def _stretches_in_order(sizes: IntArray, shares: IntArray) -> IntArray:
    """Codes of loci that are sorted by chromosome."""
    first = np.cumsum(shares) - shares
    parts = [
        base + contiguous_stretches(size, share)
        for base, size, share in zip(first, sizes, shares, strict=True)
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.intp)
