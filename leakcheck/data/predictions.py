"""Predictions of many models: of each only the columns that it predicts are kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.data.arrays import frozen

__all__ = ["Predictions", "ScoreColumns"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreColumns:
    """Scores of one model in some columns of the grid; it has none in the others."""

    values: FloatArray  # (n_loci, k)
    columns: IntArray  # (k,) cell types, in increasing order
    n_cell_types: int

    @classmethod
    def of_grid(cls, values: FloatArray) -> "ScoreColumns":
        """Take a matrix of all cell types."""
        n_cell_types = values.shape[1]
        return cls(values=values, columns=np.arange(n_cell_types), n_cell_types=n_cell_types)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the grid."""
        return len(self.values), self.n_cell_types

    def column(self, cell_type: int) -> FloatArray:
        """Give the scores of one cell type, by its position."""
        at = int(np.searchsorted(self.columns, cell_type))
        if at < len(self.columns) and self.columns[at] == cell_type:
            return frozen(self.values[:, at])
        return frozen(np.full(len(self.values), np.nan, dtype=self.values.dtype))

    @property
    def _is_whole(self) -> bool:
        """Whether every cell type has a column; columns are distinct and rising."""
        return len(self.columns) == self.n_cell_types

    def _columns_of(self, pairs: BoolArray) -> BoolArray:
        """Give the columns of a grid that have scores here."""
        return pairs if self._is_whole else pairs[:, self.columns]

    def grid(self) -> FloatArray:
        """Give the scores of all cell types; NaN = none."""
        if self._is_whole:
            return frozen(self.values)
        grid = np.full(self.shape, np.nan, dtype=self.values.dtype)
        grid[:, self.columns] = self.values
        return frozen(grid)

    def mark_predicted(self, pairs: BoolArray) -> None:
        """Set the pairs that have a score."""
        known = ~np.isnan(self.values)
        if self._is_whole:
            pairs |= known
        else:
            pairs[:, self.columns] |= known

    def missing(self, pairs: BoolArray) -> BoolArray | None:
        """Find those of some pairs that have no score; None when all have one."""
        inside = self._columns_of(pairs)
        lacking = inside & np.isnan(self.values)
        if not lacking.any() and int(inside.sum()) == int(pairs.sum()):
            return None
        missing = pairs.copy()
        missing[:, self.columns] = lacking
        return missing


class Predictions(Mapping[str, FloatArray]):
    """Model -> matrix of scores, ``(n_loci, n_cell_types)``, NaN = no prediction.

    A model that predicts few of the cell types is stored as those columns, and its matrix is made
    anew each time it is asked for; `columns_of` gives what is stored.
    """

    def __init__(self, stored: Mapping[str, ScoreColumns]) -> None:
        self._stored = dict(stored)

    def __getitem__(self, model: str) -> FloatArray:
        return self._stored[model].grid()

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def __repr__(self) -> str:
        return f"Predictions({list(self._stored)})"

    def columns_of(self, model: str) -> ScoreColumns:
        """Give the scores of a model as they are stored."""
        return self._stored[model]
