"""Ridge regression cross-fitted over folds, many regressions from one table of products."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._ridge_tables import (
    Measured,
    Regression,
    Remembered,
    RowsOf,
    Scale,
    Table,
    combine,
    empty_rows,
)
from leakcheck.base.chunks import Chunk, Layout, Runs
from leakcheck.base.columns import Moments

__all__ = [
    "CrossFit",
    "FoldedFeatures",
    "Regression",
    "Together",
    "predict_together",
]

#: Share of the penalty that further columns get: shrinking splines of what is known leaves some of
#: it in the residuals, where a rough copy of it would find it.
_EXTRA_SHARE = 1e-2

#: Bytes of a table that are kept rather than made anew for each pass; no bit depends on it.
REMEMBERED: Final = 1 << 30


@dataclass(frozen=True, eq=False)
class FoldedFeatures:
    """Standardised features with their products in each fold.

    Rows, responses and predictions are in canonical order (`order` gives it). Products are float64:
    what reference labels leave of splines of their average is less than float32 products round.

    Attributes
    ----------
    layout : Layout
        The canonical order and its chunks.
    read : callable
        Makes the features of a chunk of n rows, float32, shape (p, n or a few more), one in each
        row: mean 0 and variance 1, constant ones all 0. Zeros at the end make room for whole
        vector registers.
    wide : callable
        The same as float64, of the same shape.
    measured : Measured
        Their scale; and in each fold their inner products, float64, shape (n_folds, p, p), and
        their sums, (n_folds, p).
    penalty : float
        Ridge penalty for each row of a training set.
    """

    layout: Layout
    read: RowsOf
    wide: RowsOf
    measured: Measured
    penalty: float

    @classmethod
    def build(
        cls,
        features: FloatArray,
        folds: IntArray,
        *,
        penalty: float = 3e-3,
        chunk_rows: int | None = None,
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
        chunk_rows : int, optional
            Rows of a chunk at the most.

        Returns
        -------
        FoldedFeatures
            What `CrossFit` works from.
        """
        layout = Layout.of(Runs.of_codes(folds), np.arange(folds.max() + 1), chunk_rows)
        rows = np.ascontiguousarray(features.T)
        return cls.of(layout, lambda chunk: rows[:, chunk.rows], features.shape[1], penalty=penalty)

    @classmethod
    def of(
        cls,
        layout: Layout,
        rows_of: RowsOf,
        n_columns: int,
        *,
        penalty: float = 3e-3,
        remember: int = REMEMBERED,
        measured: Measured | None = None,
    ) -> "FoldedFeatures":
        """Standardise features that are made chunk by chunk, in two passes.

        Parameters
        ----------
        layout : Layout
            Rows.
        rows_of : callable
            Makes the features of a chunk, shape (n_columns, n), one in each row, finite.
        n_columns : int
            How many they are.
        penalty : float
            As in `build`.
        remember : int
            Bytes that may be kept, so that features are not made anew for each pass.
        measured : Measured, optional
            What the two passes found before.

        Returns
        -------
        FoldedFeatures
            As from `build`.
        """
        keep, keep_wide = (size * n_columns * layout.n_rows <= remember for size in (4, 12))
        raw = Remembered(rows_of, keep)
        scale = (
            Scale.of(Moments.of(map(raw, layout.chunks))) if measured is None else measured.scale
        )

        def standardised(chunk: Chunk) -> FloatArray:
            found = empty_rows(n_columns, len(chunk))
            scale.apply(raw.last(chunk), found[:, : len(chunk)])
            return found

        read = Remembered(standardised, keep)
        wide = Remembered(lambda chunk: read(chunk).astype(np.float64), keep_wide)
        if measured is None:
            products = np.zeros((len(layout.bounds) - 1, n_columns, n_columns))
            sums = np.zeros(products.shape[:2])
            for chunk in layout.chunks:
                rows = wide(chunk)
                products[chunk.fold] += rows @ rows.T
                sums[chunk.fold] += rows.sum(axis=1)
            measured = Measured(scale, products, sums)
        return cls(layout, read, wide, measured, penalty)

    @property
    def products(self) -> FloatArray:
        """Inner products of the features in each fold, shape (n_folds, p, p)."""
        return self.measured.products

    @property
    def sums(self) -> FloatArray:
        """Sums of the features in each fold, shape (n_folds, p)."""
        return self.measured.sums

    @property
    def bounds(self) -> tuple[int, ...]:
        """Where the folds begin, and the end."""
        return self.layout.bounds

    @property
    def order(self) -> IntArray:
        """Position in the caller's table of each row, shape (n,)."""
        return self.layout.order

    @property
    def values(self) -> FloatArray:
        """The features as columns, shape (n, p)."""
        parts = [self.read(chunk)[:, : len(chunk)] for chunk in self.layout.chunks]
        return np.concatenate(parts, axis=1).T

    @cached_property
    def inverses(self) -> FloatArray:
        """Inverse of the penalised products of all folds but each, shape (n_folds, p, p), float64.

        Raises
        ------
        numpy.linalg.LinAlgError
            When they cannot be inverted, which a penalty above 0 prevents.
        """
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

    def _solve(self, within: FloatArray, across: FloatArray, totals: FloatArray, q: int) -> _Fits:
        """Fit the columns from the q-th on to the features and the columns before it."""
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
            return _Fits(solved, np.empty((len(sizes), 0, totals.shape[1])), shift)
        extra = across[..., :q].transpose(0, 2, 1)
        schur = within[:, :q, :q] - extra @ solved[..., :q]
        schur[:, range(q), range(q)] += _EXTRA_SHARE * parts.penalty * sizes
        target = within[:, :q, q:] - totals[:, :q, None] * shift[:, None]
        second = np.linalg.solve(schur, target - extra @ solved[..., q:])
        return _Fits(solved[..., q:] - solved[..., :q] @ second, second, shift)


class Together:
    """Cross-fitted ridge regressions that share their passes over the features.

    No regression sees the responses or further columns of another.

    Parameters
    ----------
    asked : sequence of Regression
        Regressions on columns of one table of features.
    remember : int
        Bytes of their columns that may be kept between passes.

    Notes
    -----
    Two passes: means and spreads of the responses and further columns; then their products.
    """

    def __init__(self, asked: Sequence[Regression], *, remember: int = REMEMBERED) -> None:
        self._features = asked[0].fit._features
        self._table = table = Table.of(asked, self._features.layout, remember)
        across, within, totals = self._products(table)
        across, totals = _others(across), _others(totals)
        self._solved = [
            one.fit._solve(_others(own), across[:, place], totals[:, place], q)
            for one, own, place, q in zip(asked, within, table.places, table.n_extra, strict=True)
        ]
        self._first = np.concatenate([one.first for one in self._solved], axis=2)
        self._cuts = np.cumsum([one.first.shape[2] for one in self._solved])[:-1]

    def _products(self, table: "Table") -> tuple[FloatArray, list[FloatArray], FloatArray]:
        """Products with the features, among the columns of each regression, and sums, by fold."""
        features = self._features
        n_folds, n_rows, further = len(features.bounds) - 1, table.n_rows, any(table.n_extra)
        across = np.zeros((n_folds, n_rows, features.products.shape[1]))
        totals = np.zeros((n_folds, n_rows))
        sizes = [place.stop - place.start for place in table.places]
        within = [np.zeros((n_folds, size, size)) for size in sizes]
        for chunk in features.layout.chunks:
            # Nothing cancels where there are responses alone.
            rows, shared = table.rows(chunk), (features.wide if further else features.read)(chunk)
            rows = rows.astype(shared.dtype, copy=False)
            across[chunk.fold] += rows @ shared.T
            totals[chunk.fold] += rows.sum(axis=1)
            for own, place, q in zip(within, table.places, table.n_extra, strict=True):
                if q:
                    own[chunk.fold] += rows[place] @ rows[place].T
        return across, within, totals

    def predict(self, chunk: Chunk) -> list[FloatArray]:
        """Predict the rows of a chunk from the folds that do not hold them.

        Parameters
        ----------
        chunk : Chunk
            Of the features' layout.

        Returns
        -------
        list of ndarray of float64, shape (m, n)
            For each regression.
        """
        table, fold, n = self._table, chunk.fold, len(chunk)
        found = np.split(combine(self._first[fold], self._features.read(chunk), n), self._cuts)
        rows = table.rows(chunk) if any(table.n_extra) else None
        for i, one in enumerate(self._solved):
            if rows is not None and table.n_extra[i]:
                own = rows[table.places[i]][: table.n_extra[i]]
                found[i] += combine(one.second[fold], own, n)
            found[i] = found[i] + (table.means[i] + one.intercept[fold])[:, None]
        return found


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
        Predictions of each of them.

    Examples
    --------
    >>> x = np.arange(6.0)[:, None]
    >>> table = FoldedFeatures.build(x, np.array([0, 0, 1, 1, 2, 2]))
    >>> fit = CrossFit(table, np.array([True]))
    >>> first, second = predict_together([fit, fit], [2 * x, 3 - x])
    >>> np.allclose(first, fit.predict(2 * x)), np.allclose(second, fit.predict(3 - x))
    (True, True)
    """
    given = [None] * len(fits) if extras is None else [_in_order(one) for one in extras]
    asked = [
        Regression(fit, _in_order(own), extra)
        for fit, own, extra in zip(fits, responses, given, strict=True)
    ]
    together = Together(asked)
    parts = [together.predict(chunk) for chunk in fits[0]._features.layout.chunks]
    return [np.concatenate(rows, axis=1).T for rows in zip(*parts, strict=True)]


def _in_order(columns: FloatArray) -> RowsOf:
    """Reads columns that are in canonical order already."""
    rows = np.ascontiguousarray(columns.T)
    return lambda chunk: rows[:, chunk.places]


def _others(parts: FloatArray) -> FloatArray:
    """Of sums by fold, for each fold the sum over the others."""
    return np.asarray(parts.sum(axis=0) - parts)
