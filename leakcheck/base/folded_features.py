"""Floor 1: features that many regressions share, standardised, with their products by fold."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._ridge_tables import Measured, Remembered, RowsOf, Scale, empty_rows, others
from leakcheck.base.chunks import Chunk, Layout
from leakcheck.base.columns import Moments
from leakcheck.base.level_columns import GroupedRows, RowGroups

__all__ = ["REMEMBERED", "FoldedFeatures"]

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
    groups : RowGroups or None
        What the levels of columns of few levels follow from.
    grouped : callable
        Makes `GroupedRows` of a chunk, where there are groups.
    """

    layout: Layout
    read: RowsOf
    wide: RowsOf
    measured: Measured
    penalty: float
    groups: RowGroups | None
    grouped: Callable[[Chunk], GroupedRows]

    @classmethod
    def of(
        cls,
        layout: Layout,
        rows_of: RowsOf,
        n_columns: int,
        *,
        penalty: float = 3e-3,
        remember: int = REMEMBERED,
        groups: RowGroups | None = None,
        measured: Measured | None = None,
    ) -> "FoldedFeatures":
        """Standardise features that are made chunk by chunk, and sum their products by fold.

        Two passes.

        Parameters
        ----------
        layout : Layout
            Rows.
        rows_of : callable
            Makes the features of a chunk, shape (n_columns, n), one in each row, finite.
        n_columns : int
            How many they are.
        penalty : float
            Ridge penalty for each row of a training set.
        remember : int
            Bytes that may be kept, so that features are not made anew for each pass.
        groups : RowGroups, optional
            For columns of few levels.
        measured : Measured, optional
            What the two passes found before.

        Returns
        -------
        FoldedFeatures
            What `CrossFit` works from.

        Raises
        ------
        ValueError
            When there are no groups, once rows are asked for by group.
        """
        keep, keep_wide, keep_grouped = (
            size * n_columns * layout.n_rows <= remember for size in (4, 12, 20)
        )
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
        grouped = Remembered(lambda chunk: GroupedRows.of(groups, chunk, wide(chunk)), keep_grouped)
        return cls(layout, read, wide, measured, penalty, groups, grouped)

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
        found = others(self.products)
        for gram, size in zip(found, sizes, strict=True):
            gram.flat[:: len(gram) + 1] += self.penalty * size
            # The transpose of a symmetric matrix is the same one in the order that LAPACK wants.
            factor, info = dpotrf(gram.T, lower=1, overwrite_a=1)
            if info:  # a penalty above 0 keeps the matrix positive definite
                raise np.linalg.LinAlgError("the products of the features have no Cholesky factor")
            lower = np.tril(dpotri(factor, lower=1)[0])
            gram[:] = lower + np.tril(lower, -1).T
        return found
