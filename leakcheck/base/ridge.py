"""Ridge regression cross-fitted over folds, many regressions from one table of products."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from leakcheck._typing import BoolArray, FloatArray, IntArray

__all__ = ["CrossFit", "FoldedFeatures", "assign_folds", "predict_together"]

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

    @cached_property
    def inverses(self) -> FloatArray:
        """Inverse of the penalised products of all folds but each, (n_folds, p, p), float64."""
        sizes = self.bounds[-1] - np.diff(self.bounds)
        found = _others(self.products)
        for gram, size in zip(found, sizes, strict=True):
            gram.flat[:: len(gram) + 1] += self.penalty * size
            # The transpose of a symmetric matrix is the same one in the order that LAPACK wants.
            factor, info = dpotrf(gram.T, lower=1, overwrite_a=1)
            if info:  # a penalty above 0 keeps the matrix positive definite
                raise np.linalg.LinAlgError("the products of the features have no Cholesky factor")
            lower = np.tril(dpotri(factor, lower=1)[0])
            gram[:] = lower + np.tril(lower, -1).T
        return found


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

    The products of all features are inverted once for each fold. A regression on some of them
    takes the others out of the inverse; one with further columns (splines of a first prediction,
    say) comes from it by the Schur complement.

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
        return predict_together([self], [responses], None if extra is None else [extra])[0]

    def _solve(self, rows: FloatArray, across: FloatArray, totals: FloatArray, q: int) -> _Fits:
        """Fit the rows from the q-th on to the features and the rows before it."""
        parts, sizes = self._features, self._sizes[:, None]
        across = across.transpose(0, 2, 1)
        # The intercept is the training mean, so that a fold's own responses say nothing to it.
        shift = totals[:, q:] / sizes
        across[..., q:] -= _others(parts.sums)[..., None] * shift[:, None]
        across[:, self._unused] = 0
        solved = parts.inverses @ across
        if self._unused.size:  # their rows and columns are taken out of the inverse
            out = parts.inverses[:, self._unused]
            among = out[:, :, self._unused]
            solved -= out.transpose(0, 2, 1) @ np.linalg.solve(among, solved[:, self._unused])
            solved[:, self._unused] = 0
        if q == 0:
            return _Fits(solved, np.empty((len(sizes), 0, len(rows))), shift)
        within = _others(_fold_products(rows, rows, parts.bounds))
        extra = across[..., :q].transpose(0, 2, 1)
        schur = within[:, :q, :q] - extra @ solved[..., :q]
        schur[:, range(q), range(q)] += _EXTRA_SHARE * parts.penalty * sizes
        target = within[:, :q, q:] - totals[:, :q, None] * shift[:, None]
        second = np.linalg.solve(schur, target - extra @ solved[..., q:])
        return _Fits(solved[..., q:] - solved[..., :q] @ second, second, shift)


def predict_together(
    fits: Sequence[CrossFit],
    responses: Sequence[FloatArray],
    extras: Sequence[FloatArray] | None = None,
) -> list[FloatArray]:
    """Predict as `CrossFit.predict` does, from one pass over features that several fits share.

    Parameters
    ----------
    fits : sequence of CrossFit
        Regressions on columns of one table of features.
    responses : sequence of ndarray of float, shape (n, m)
        Responses of each of them.
    extras : sequence of ndarray of float, shape (n, q), optional
        Further columns of each of them.

    Returns
    -------
    list of ndarray of float64, shape (n, m)
        Predictions of each of them: no fit sees the responses or further columns of another.

    Examples
    --------
    >>> x = np.arange(6.0)[:, None]
    >>> table = FoldedFeatures.build(x, np.array([0, 0, 1, 1, 2, 2]))
    >>> fit = CrossFit(table, np.array([True]))
    >>> first, second = predict_together([fit, fit], [2 * x, 3 - x])
    >>> np.allclose(first, fit.predict(2 * x)), np.allclose(second, fit.predict(3 - x))
    (True, True)
    """
    parts, bounds = fits[0]._features, fits[0]._features.bounds
    table = _Table.of(responses, extras)
    across = _others(_fold_products(table.rows, parts.rows, bounds))
    totals = _others(_fold_sums(table.rows, bounds))
    solved = [
        fit._solve(table.rows[place], across[:, place], totals[:, place], q)
        for fit, place, q in zip(fits, table.places, table.n_extra, strict=True)
    ]
    first = np.concatenate([one.first for one in solved], axis=2)
    ends = np.cumsum([one.first.shape[2] for one in solved])
    predicted = np.split(np.empty((ends[-1], bounds[-1])), ends[:-1])
    for fold, (low, high) in enumerate(pairwise(bounds)):
        fitted = np.split(_combine(first[fold], parts.rows, low, high), ends[:-1])
        for i, one in enumerate(solved):
            if table.n_extra[i]:
                rows = table.rows[table.places[i]][: table.n_extra[i]]
                fitted[i] += _combine(one.second[fold], rows, low, high)
            intercept = table.means[i] + one.intercept[fold]
            np.add(fitted[i], intercept[:, None], out=predicted[i][:, low:high])
    return [rows.T for rows in predicted]


class _Table(NamedTuple):
    """Further columns and responses of several fits, as rows of float32."""

    rows: FloatArray  # of each fit its standardised further columns, then its centred responses
    places: list[slice]  # rows of each fit
    n_extra: list[int]
    means: list[FloatArray]  # of the responses

    @classmethod
    def of(cls, responses: Sequence[FloatArray], extras: Sequence[FloatArray] | None) -> "_Table":
        """Lay the columns out."""
        n = len(responses[0])
        n_extra = [0] * len(responses) if extras is None else [extra.shape[1] for extra in extras]
        sizes = [q + one.shape[1] for q, one in zip(n_extra, responses, strict=True)]
        ends = np.cumsum(sizes).tolist()
        # Rows of zeros to a multiple of four make products of many rows faster.
        n_rows = ends[-1] if ends[-1] <= _FEW else -(-ends[-1] // _FEW) * _FEW
        rows = _empty_rows(n_rows, n)
        rows[ends[-1] :] = 0
        places = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        means = [one.mean(axis=0) for one in responses]
        for i, place in enumerate(places):
            own = rows[place, :n]
            if extras is not None:
                _standardise_rows(np.ascontiguousarray(extras[i].T), own[: n_extra[i]])
            centred = own[n_extra[i] :]
            np.subtract(responses[i].T, means[i][:, None], out=centred, casting="same_kind")
        return cls(rows, places, n_extra, means)


def _others(parts: FloatArray) -> FloatArray:
    """Of sums by fold, for each fold the sum over the others."""
    others: FloatArray = parts.sum(axis=0) - parts
    return others
