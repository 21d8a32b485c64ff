"""Ridge regression cross-fitted over folds, many regressions from one table of products."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from leakcheck._typing import BoolArray, FloatArray, IntArray

__all__ = ["CrossFit", "FoldedFeatures", "assign_folds"]

#: Share of the penalty that further columns get: shrinking splines of what is known leaves some of
#: it in the residuals, where a rough copy of it would find it.
_EXTRA_SHARE = 1e-2

_FEW: Final = 4
_REGISTER: Final = 16


def assign_folds(block_sizes: IntArray, n_folds: int) -> IntArray:
    """Distribute whole blocks over folds of about equal size.

    Parameters
    ----------
    block_sizes : ndarray of int, shape (n_blocks,)
        Number of rows of each block.
    n_folds : int
        Number of folds at the most; there are never more folds than blocks.

    Returns
    -------
    ndarray of int, shape (n_blocks,)
        Fold of each block: the largest block first, each to the fold that is smallest so far.

    Examples
    --------
    >>> assign_folds(np.array([5, 4, 3, 2]), 2)
    array([0, 1, 1, 0])
    """
    n_folds = max(1, min(n_folds, int(np.count_nonzero(block_sizes))))
    load = np.zeros(n_folds, dtype=np.int64)
    folds = np.zeros(len(block_sizes), dtype=np.int64)
    for block in np.argsort(-block_sizes, kind="stable"):
        folds[block] = np.argmin(load)
        load[folds[block]] += block_sizes[block]
    return folds


@dataclass(frozen=True, eq=False)
class FoldedFeatures:
    """Standardised features with their products in each fold.

    Rows are in an order in which every fold is one stretch; responses and predictions are in that
    same order (`order` gives it). Products are summed in float32 and solved in float64: the
    penalty keeps the condition number far below what float32 products would spoil.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Position in the caller's table of each row.
    bounds : tuple of int
        Where the folds begin, and the end.
    rows : ndarray of float32, shape (p, n + a few)
        Features, one in each row: mean 0 and variance 1, constant ones all 0. Zeros at the end
        make room for whole vector registers.
    products : ndarray of float64, shape (n_folds, p, p)
        Inner products of the features in each fold.
    sums : ndarray of float64, shape (n_folds, p)
        Sums of the features in each fold.
    penalty : float
        Ridge penalty for each row of a training set.
    """

    order: IntArray
    bounds: tuple[int, ...]
    rows: FloatArray
    products: FloatArray
    sums: FloatArray
    penalty: float

    @classmethod
    def build(
        cls, features: FloatArray, folds: IntArray, *, penalty: float = 3e-3
    ) -> "FoldedFeatures":
        """Standardise features and sum their products by fold.

        Parameters
        ----------
        features : ndarray of float, shape (n, p)
            Finite values.
        folds : ndarray of int, shape (n,)
            Fold of each row, 0 to n_folds - 1.
        penalty : float
            Ridge penalty for each row of a training set.

        Returns
        -------
        FoldedFeatures
            The table that `CrossFit` works from.
        """
        order = np.argsort(folds, kind="stable")
        counts = np.bincount(folds)
        bounds = (0, *(int(end) for end in np.cumsum(counts)))
        rows = _empty_rows(features.shape[1], len(order))
        _standardise_rows(features.T.take(order, axis=1), rows[:, : len(order)])
        return cls(
            order=order,
            bounds=bounds,
            rows=rows,
            products=_fold_products(rows, rows, bounds),
            sums=_fold_sums(rows, bounds),
            penalty=penalty,
        )

    @property
    def values(self) -> FloatArray:
        """The features as columns, shape (n, p)."""
        return self.rows[:, : self.bounds[-1]].T


def standardise(columns: FloatArray) -> FloatArray:
    """Columns with mean 0 and variance 1 as float32, in Fortran order; constant ones become 0."""
    rows = np.empty(columns.shape[::-1], dtype=np.float32)
    _standardise_rows(np.ascontiguousarray(columns.T), rows)
    return rows.T


def _standardise_rows(rows: FloatArray, out: FloatArray) -> None:
    """Write the rows with mean 0 and variance 1."""
    mean = rows.mean(axis=1)
    np.subtract(rows, mean[:, None], out=out, casting="same_kind")
    spread = np.sqrt(np.einsum("ij,ij->i", out, out) / rows.shape[1])
    constant = spread <= 1e-6 * (1 + np.abs(mean))
    scale = np.where(constant, 0, 1 / np.where(constant, 1, spread))
    out *= scale.astype(np.float32)[:, None]


def _fold_products(left: FloatArray, right: FloatArray, bounds: tuple[int, ...]) -> FloatArray:
    """Inner products of rows in each fold, shape (n_folds, n_left, n_right), float64."""
    parts = [left[:, low:high] @ right[:, low:high].T for low, high in pairwise(bounds)]
    return np.stack(parts).astype(np.float64)


def _fold_sums(rows: FloatArray, bounds: tuple[int, ...]) -> FloatArray:
    """Sums of rows in each fold, shape (n_folds, n_rows), float64."""
    parts = [rows[:, low:high].sum(axis=1) for low, high in pairwise(bounds)]
    return np.stack(parts).astype(np.float64)


def _empty_rows(n_rows: int, n: int) -> FloatArray:
    """Rows to be filled, with zeros behind the n-th column."""
    rows = np.empty((n_rows, n + _REGISTER), dtype=np.float32)
    rows[:, n:] = 0
    return rows


def _combine(coefficients: FloatArray, rows: FloatArray, low: int, high: int) -> FloatArray:
    """Sums of a stretch of the rows, one for each column of coefficients, as float32.

    Whole registers are summed: what is left over would round in another way, and tell apart
    loci that are alike in everything.
    """
    stretch = rows[:, low : low + -(-(high - low) // _REGISTER) * _REGISTER]
    wanted = np.ascontiguousarray(coefficients.T, dtype=np.float32)
    # A product of a matrix with few columns is slower than one of a vector for each of them.
    sums = np.stack([one @ stretch for one in wanted]) if len(wanted) <= _FEW else wanted @ stretch
    return sums[:, : high - low]


class _Fits(NamedTuple):
    """Coefficients of every training set."""

    first: FloatArray  # (n_folds, p, m) of the features
    second: FloatArray  # (n_folds, q, m) of the extra columns
    intercept: FloatArray  # (n_folds, m)


class CrossFit:
    """Cross-fitted ridge on some of the features, then on more columns as well.

    The products of the chosen features are factored once for each fold; regressions with further
    columns (splines of a first prediction, say) come from that factor by the Schur complement.

    Parameters
    ----------
    features : FoldedFeatures
        The shared table.
    used : ndarray of bool, shape (p,)
        Features that this regression may see.
    """

    def __init__(self, features: FoldedFeatures, used: BoolArray) -> None:
        self._features = features
        self._unused = np.flatnonzero(~used)
        self._sizes = features.bounds[-1] - np.diff(features.bounds)
        self._factors = []
        total = features.products.sum(axis=0)
        for products, size in zip(features.products, self._sizes, strict=True):
            gram = total - products
            # Without products with the others a column's coefficient is exactly 0.
            gram[self._unused] = 0
            gram[:, self._unused] = 0
            gram.flat[:: len(gram) + 1] += features.penalty * size
            # The transpose of a symmetric matrix is the same one in the order that LAPACK wants.
            factor = cho_factor(gram.T, lower=True, overwrite_a=True, check_finite=False)
            self._factors.append(factor)

    def predict(self, responses: FloatArray, extra: FloatArray | None = None) -> FloatArray:
        """Predict each fold from a ridge fitted on the other folds.

        Parameters
        ----------
        responses : ndarray of float, shape (n, m)
            In the order of the features' rows.
        extra : ndarray of float, shape (n, q), optional
            Further columns beside the chosen features.

        Returns
        -------
        ndarray of float64, shape (n, m)
            Predictions from folds that do not hold the row; each fold's mean of the training
            responses is the intercept.
        """
        parts, bounds = self._features, self._features.bounds
        n, m = responses.shape
        q = 0 if extra is None else extra.shape[1]
        mean = responses.mean(axis=0)
        # Rows of zeros to a multiple of four make products of many rows faster.
        rows = _empty_rows(q + m + (-(q + m) % _FEW if q else 0), n)
        if extra is not None:
            _standardise_rows(np.ascontiguousarray(extra.T), rows[:q, :n])
        np.subtract(responses.T, mean[:, None], out=rows[q : q + m, :n], casting="same_kind")
        rows[q + m :] = 0
        fits = self._solve(rows, q, q + m)
        predicted = np.empty((m, n))
        for fold, (low, high) in enumerate(pairwise(bounds)):
            fitted = _combine(fits.first[fold], parts.rows, low, high)
            if q:
                fitted += _combine(fits.second[fold], rows[:q], low, high)
            intercept = mean + fits.intercept[fold]
            np.add(fitted, intercept[:, None], out=predicted[:, low:high])
        return predicted.T

    def _solve(self, rows: FloatArray, q: int, k: int) -> _Fits:
        """Fit the responses in the rows q to k on the features and the rows before q."""
        parts, sizes = self._features, self._sizes[:, None]
        across = _others(_fold_products(rows, parts.rows, parts.bounds)).transpose(0, 2, 1)[..., :k]
        within = _others(_fold_products(rows, rows, parts.bounds))
        totals = _others(_fold_sums(rows, parts.bounds))
        # The intercept is the training mean, so that a fold's own responses say nothing to it.
        shift = totals[:, q:k] / sizes
        across[..., q:] -= _others(parts.sums)[..., None] * shift[:, None]
        across[:, self._unused] = 0
        pairs = zip(self._factors, across, strict=True)
        solved = np.stack([cho_solve(factor, one, check_finite=False) for factor, one in pairs])
        if q == 0:
            return _Fits(solved, np.empty((len(sizes), 0, k)), shift)
        extra = across[..., :q].transpose(0, 2, 1)
        schur = within[:, :q, :q] - extra @ solved[..., :q]
        schur[:, range(q), range(q)] += _EXTRA_SHARE * parts.penalty * sizes
        target = within[:, :q, q:k] - totals[:, :q, None] * shift[:, None]
        second = np.linalg.solve(schur, target - extra @ solved[..., q:])
        return _Fits(solved[..., q:] - solved[..., :q] @ second, second, shift)


def _others(parts: FloatArray) -> FloatArray:
    """Of sums by fold, for each fold the sum over the others."""
    others: FloatArray = parts.sum(axis=0) - parts
    return others
