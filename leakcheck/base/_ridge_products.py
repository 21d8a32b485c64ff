"""Floor 1: products of the columns of many regressions with the features they share, by fold."""

from typing import NamedTuple

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.base._ridge_tables import Table
from leakcheck.base.chunks import Chunk
from leakcheck.base.folded_features import FoldedFeatures
from leakcheck.base.level_columns import sums_of_groups

__all__ = ["Products", "products_of"]


class Products(NamedTuple):
    """Of one regression: columns of few levels, further columns, then responses; by fold."""

    across: FloatArray  # (n_folds, q + m, p) with the features
    within: FloatArray  # (n_folds, q + m, q + m) with one another; empty where q is 0
    totals: FloatArray  # (n_folds, q + m)


def products_of(features: FoldedFeatures, table: Table) -> list[Products]:
    """Sum the products of every regression in one pass.

    Parameters
    ----------
    features : FoldedFeatures
        What they share.
    table : Table
        Their own columns.

    Returns
    -------
    list of Products
        One for each regression.
    """
    written = _Written(features, table)
    of_levels = _OfLevels(features, table) if table.levels else None
    for chunk in features.layout.chunks:
        rows = written.add(chunk)
        if of_levels is not None:
            of_levels.add(chunk, rows)
    found = written.products()
    return found if of_levels is None else of_levels.before(found)


class _Written:
    """Of columns that are written out."""

    def __init__(self, features: FoldedFeatures, table: Table) -> None:
        self._features, self._table = features, table
        n_folds, n_rows = len(features.bounds) - 1, table.n_rows
        self._across = np.zeros((n_folds, n_rows, features.products.shape[1]))
        self._totals = np.zeros((n_folds, n_rows))
        # Nothing cancels where there are responses alone.
        self._further = bool(table.levels) or any(table.n_extra)
        sizes = [place.stop - place.start if self._further else 0 for place in table.places]
        self._within = [np.zeros((n_folds, size, size)) for size in sizes]

    def add(self, chunk: Chunk) -> FloatArray:
        """Take in a chunk, and give its columns in the precision of the products."""
        features, fold = self._features, chunk.fold
        shared = (features.wide if self._further else features.read)(chunk)
        rows = self._table.rows(chunk).astype(shared.dtype, copy=False)
        self._across[fold] += rows @ shared.T
        self._totals[fold] += rows.sum(axis=1)
        if self._further:
            for own, place in zip(self._within, self._table.places, strict=True):
                own[fold] += rows[place] @ rows[place].T
        return rows

    def products(self) -> list[Products]:
        """What was summed, regression by regression."""
        return [
            Products(self._across[:, place], own, self._totals[:, place])
            for own, place in zip(self._within, self._table.places, strict=True)
        ]


class _OfLevels:
    """Of columns of few levels, with everything."""

    def __init__(self, features: FoldedFeatures, table: Table) -> None:
        groups = features.groups
        if groups is None:
            raise ValueError("columns of few levels need the groups of the features' rows")
        self._features, self._table = features, table
        self._values = [one.values.astype(np.float64) for one in table.levels]
        self._by_level = [np.ascontiguousarray(one.T) for one in self._values]
        n_folds, p = features.sums.shape
        self._sums = np.zeros((n_folds, groups.n_groups, 1 + len(self._values), p))
        self._counts = [np.zeros((n_folds, one.shape[1])) for one in self._values]
        self._across = [
            np.zeros((n_folds, len(one), place.stop - place.start))
            for one, place in zip(self._values, table.places, strict=True)
        ]

    def add(self, chunk: Chunk, rows: FloatArray) -> None:
        """Take in a chunk, whose written columns are given."""
        n, fold = len(chunk), chunk.fold
        grouped = self._features.grouped(chunk)
        self._sums[fold, grouped.present] += sums_of_groups(grouped, chunk, self._table.levels)
        for i, place in enumerate(self._table.places):
            codes, of_level = self._table.levels[i].codes(chunk), self._by_level[i]
            self._counts[i][fold] += np.bincount(codes, minlength=len(of_level))
            self._across[i][fold] += (rows[place, :n] @ of_level.take(codes, axis=0)).T

    def before(self, written: list[Products]) -> list[Products]:
        """Put the columns of few levels before those that are written out."""
        return [self._before(i, one) for i, one in enumerate(written)]

    def _before(self, i: int, written: Products) -> Products:
        """The same of one regression."""
        one, values, counts, across = (
            self._table.levels[i], self._values[i], self._counts[i], self._across[i],
        )  # fmt: skip
        plain, marked = one.at(values, 0), one.at(values, 1)
        shared = plain @ self._sums[:, :, 0] + (marked - plain) @ self._sums[:, :, 1 + i]
        own = (values * counts[:, None]) @ values.T
        left = np.concatenate([own, across.transpose(0, 2, 1)], axis=1)
        right = np.concatenate([across, written.within], axis=1)
        return Products(
            np.concatenate([shared, written.across], axis=1),
            np.concatenate([left, right], axis=2),
            np.concatenate([counts @ values.T, written.totals], axis=1),
        )
