"""Ridge regression cross-fitted over folds, many regressions from one table of products."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray
from leakcheck.base._ridge_products import Products, products_of
from leakcheck.base._ridge_tables import Regression, Table, combine, others
from leakcheck.base.chunks import Chunk
from leakcheck.base.folded_features import REMEMBERED, FoldedFeatures

__all__ = ["CrossFit", "Regression", "Together"]

#: Share of the penalty that further columns get: shrinking splines of what is known leaves some of
#: it in the residuals, where a rough copy of it would find it.
_EXTRA_SHARE = 1e-2


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

    def _solve(self, products: Products, q: int) -> _Fits:
        """Fit the columns from the q-th on to the features and the columns before it."""
        parts, sizes = self._features, self._sizes[:, None]
        within, totals = products.within, products.totals
        across = products.across.transpose(0, 2, 1)
        # The intercept is the training mean, so that a fold's own responses say nothing to it.
        shift = totals[:, q:] / sizes
        across[..., q:] -= others(parts.sums)[..., None] * shift[:, None]
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

    Raises
    ------
    ValueError
        When a regression has columns of few levels and the features have no groups.

    Notes
    -----
    Two passes: means and spreads of the responses and further columns; then their products.
    """

    def __init__(self, asked: Sequence[Regression], *, remember: int = REMEMBERED) -> None:
        self._features = asked[0].fit._features
        self._table = table = Table.of(asked, self._features.layout, remember)
        self._solved = [
            one.fit._solve(Products(*map(others, own)), q)
            for one, own, q in zip(
                asked, products_of(self._features, table), table.n_further, strict=True
            )
        ]
        self._first = np.concatenate([one.first for one in self._solved], axis=2)
        self._cuts = np.cumsum([one.first.shape[2] for one in self._solved])[:-1]

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
            second = one.second[fold]
            if table.levels:
                levels, second = table.levels[i], second[len(table.levels[i].values) :]
                curve = one.second[fold][: len(levels.values)].T @ levels.values
                found[i] += curve.astype(np.float32).take(levels.codes(chunk), axis=1)
            if rows is not None and table.n_extra[i]:
                own = rows[table.places[i]][: table.n_extra[i]]
                found[i] += combine(second, own, n)
            found[i] = found[i] + (table.means[i] + one.intercept[fold])[:, None]
        return found
