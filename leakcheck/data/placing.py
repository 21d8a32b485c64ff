"""From rows of a table to cells of the grid: one fancy assignment per column of values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.data.duplicates import (
    Axes,
    first_positions,
    refuse_long_conflicts,
    refuse_wide_conflicts,
)
from leakcheck.data.predictions import ScoreColumns

__all__ = ["LongPlan", "WidePlan"]


def _empty_grid(shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Make a grid without values: NaN, or False for booleans."""
    return np.full(shape, False if dtype.kind == "b" else np.nan, dtype=dtype)


@dataclass(frozen=True, kw_only=True)
class LongPlan:
    """Where each row of a long table goes in the grid of loci x cell types."""

    shape: tuple[int, int]
    flat: IntArray  # cell of each row that is kept
    kept: IntArray | None  # rows that are kept; None = all
    n_dropped: int

    @classmethod
    def make(
        cls,
        rows: IntArray,
        columns: IntArray,
        axes: Axes,
        compared: Mapping[str, NDArray[Any]],
        argument: str = "labels",
    ) -> "LongPlan":
        """Plan once for all columns of values; drop identical duplicates, refuse others."""
        shape = (len(axes[0]), len(axes[1]))
        flat = rows * shape[1] + columns
        seen = np.zeros(shape[0] * shape[1], dtype=bool)
        seen[flat] = True
        n_dropped = len(flat) - int(seen.sum())
        if n_dropped == 0:
            return cls(shape=shape, flat=flat, kept=None, n_dropped=0)
        first = first_positions(flat)
        refuse_long_conflicts(first, flat, axes, compared, argument)
        kept = np.flatnonzero(first == np.arange(len(first)))
        return cls(shape=shape, flat=flat[kept], kept=kept, n_dropped=n_dropped)

    @cached_property
    def is_identity(self) -> bool:
        """Whether the kept rows are the grid itself, locus by locus."""
        n_cells = self.shape[0] * self.shape[1]
        return len(self.flat) == n_cells and bool(np.all(self.flat[1:] > self.flat[:-1]))

    def place(self, values: NDArray[Any]) -> NDArray[Any]:
        """Lay values out on the grid; cells without a row are NaN, or False for booleans."""
        kept = values if self.kept is None else values[self.kept]
        if self.is_identity:
            return kept.reshape(self.shape)
        grid = _empty_grid(self.shape, values.dtype)
        grid.reshape(-1)[self.flat] = kept
        return grid

    def present(self) -> BoolArray:
        """Find the cells that have a row."""
        return self.place(np.ones(len(self.flat) + self.n_dropped, dtype=bool))


@dataclass(frozen=True, kw_only=True)
class WidePlan:
    """Where the rows and columns of a wide table go in the grid."""

    shape: tuple[int, int]
    rows: IntArray
    columns: IntArray

    @cached_property
    def is_identity(self) -> bool:
        """Whether the table is the grid itself."""
        return all(
            len(codes) == n and np.array_equal(codes, np.arange(n))
            for codes, n in zip((self.rows, self.columns), self.shape, strict=True)
        )

    @cached_property
    def n_dropped(self) -> int:
        """How many pairs repeat an earlier one."""
        n_rows, n_columns = (
            np.count_nonzero(np.bincount(codes)) for codes in (self.rows, self.columns)
        )
        return int(len(self.rows) * len(self.columns) - n_rows * n_columns)

    def place(self, values: NDArray[Any], axes: Axes, argument: str) -> NDArray[Any]:
        """Lay the table out on the grid; other cells are NaN, or False for booleans."""
        if self.is_identity:
            return values
        self._check(values, axes, argument)
        grid = _empty_grid(self.shape, values.dtype)
        grid[np.ix_(self.rows, self.columns)] = values  # duplicates are identical
        return grid

    def place_scores(self, values: FloatArray, axes: Axes, argument: str) -> ScoreColumns:
        """Lay predictions out on the rows of the grid, in the columns that the table has."""
        self._check(values, axes, argument)
        columns, places = np.unique(self.columns, return_inverse=True)
        n_rows, n_cell_types = self.shape
        whole = len(columns) == len(self.columns) and np.array_equal(columns, self.columns)
        if not (whole and np.array_equal(self.rows, np.arange(n_rows))):
            laid_out = _empty_grid((n_rows, len(columns)), values.dtype)
            laid_out[np.ix_(self.rows, places)] = values
            values = laid_out
        return ScoreColumns(values=values, columns=columns, n_cell_types=n_cell_types)

    def _check(self, values: NDArray[Any], axes: Axes, argument: str) -> None:
        """Refuse rows of one locus, or columns of one cell type, that differ."""
        if self.n_dropped:
            first = (first_positions(self.rows), first_positions(self.columns))
            refuse_wide_conflicts(values, first, (self.rows, self.columns), axes, argument)

    def mark(self, pairs: BoolArray) -> None:
        """Set the pairs that the table has."""
        if self.is_identity:
            pairs[:] = True
        else:
            pairs[np.ix_(self.rows, np.unique(self.columns))] = True
