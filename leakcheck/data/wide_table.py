"""Wide tables (loci x cell types): their values, and where their rows and columns belong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import IntArray
from leakcheck.data.arrays import is_default_index, is_frame, named_frame, plain
from leakcheck.data.loci import Loci
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.mismatch import refuse_unknown_loci
from leakcheck.data.names import factorize_names, positions_of
from leakcheck.data.placing import WidePlan
from leakcheck.data.wording import listing, share
from leakcheck.exceptions import ValidationError

__all__ = ["WideAxes", "WideTable", "read_wide"]


@dataclass(frozen=True, kw_only=True)
class WideTable:
    """The values of a wide table and, for a frame, its row and column names."""

    values: NDArray[Any]
    index: pd.Index | None = None
    columns: pd.Index | None = None

    @property
    def has_row_names(self) -> bool:
        """Whether the rows are named rather than counted."""
        return self.index is not None and not is_default_index(self.index)

    @property
    def has_column_names(self) -> bool:
        """Whether the columns are named rather than counted."""
        return self.columns is not None and not is_default_index(self.columns)


def read_wide(values: Any, argument: str) -> WideTable:
    """Read a frame or a two-dimensional array."""
    frame = named_frame(values)
    if frame is not None and frame.columns.nlevels > 1:
        raise ValidationError(
            f"`{argument}` as a wide table must have one row of column names, the cell types; it "
            f"has {frame.columns.nlevels} levels. Keep one: frame.droplevel(...,  axis=1)."
        )
    raw = plain(values if frame is None else frame, argument)
    if raw.ndim != 2 or raw.size == 0:
        raise ValidationError(
            f"`{argument}` must be a table of loci x cell types with at least one value; its shape "
            f"is {raw.shape}. Check how it was read or selected."
        )
    if frame is None:
        return WideTable(values=raw)
    if is_frame(values):
        return WideTable(values=raw, index=frame.index, columns=frame.columns)
    # Of a DataArray, an axis without coordinates has no names, as that of an array.
    own = (None if is_default_index(axis) else axis for axis in (frame.index, frame.columns))
    return WideTable(values=raw, index=next(own), columns=next(own))


@dataclass(frozen=True, kw_only=True)
class WideAxes:
    """Rows and columns of the grid, and how the table of labels maps to them."""

    loci: Loci
    cell_types: tuple[str, ...]
    rows: IntArray  # locus of each row of the labels
    columns: IntArray  # cell type of each column of the labels
    index: pd.Index | None  # the labels' own row names
    column_names: pd.Index | None
    book: Loci | None = None  # every locus of a `loci` table with row names

    def extended(self, loci: Loci, cell_types: tuple[str, ...]) -> "WideAxes":
        """Give the same axes with more loci and cell types behind."""
        return replace(self, loci=loci, cell_types=cell_types)

    def plan(self, table: WideTable, argument: str) -> WidePlan:
        """Find where the rows and columns of another table belong, by name."""
        self._check_shape(table, argument)
        return WidePlan(
            shape=(len(self.loci), len(self.cell_types)),
            rows=self._rows_of(table, argument),
            columns=self._columns_of(table, argument),
        )

    def _rows_of(self, table: WideTable, argument: str) -> IntArray:
        """Find the locus of each row; rows without names are those of the labels."""
        if table.index is None:
            return self.rows
        if self.index is not None:
            if table.index.equals(self.index):
                return self.rows
            _refuse_counted(table.index, self.index, argument, "row")
            if self.index.is_unique and self.index.nlevels == table.index.nlevels:
                found = self.index.get_indexer(table.index)
                if (found >= 0).all():
                    return self.rows[found]
        codes, loci = read_loci(table.index, f"{argument}.index")
        positions = self.loci.index_of(loci.ids)
        if (positions < 0).any():
            self._refuse_turned(loci, argument)
            refuse_unknown_loci(loci, positions < 0, self.loci, argument)
        return positions[codes]

    def _refuse_turned(self, loci: Loci, argument: str) -> None:
        """Refuse a table whose rows are cell types."""
        known = set(self.cell_types)
        turned = [name for name in loci.ids.tolist() if name in known]
        if 2 * len(turned) > len(loci):
            raise ValidationError(
                f"`{argument}` must be a table of loci x cell types, as `labels` is; "
                f"{share(len(turned), len(loci), 'row', 'is a cell type/are cell types')} of "
                f"`labels`, the first {turned[0]!r}. Turn the table round: frame.T."
            )

    def _columns_of(self, table: WideTable, argument: str) -> IntArray:
        """Find the cell type of each column."""
        if table.columns is None:
            return self.columns
        if self.column_names is not None and table.columns.equals(self.column_names):
            return self.columns
        if self.column_names is not None:
            _refuse_counted(table.columns, self.column_names, argument, "column")
        codes, names = factorize_names(table.columns, f"{argument}.columns")
        self._refuse_more(names, argument)
        return positions_of(names, self.cell_types, argument=argument, where="`labels`")[codes]

    def _refuse_more(self, names: Sequence[str], argument: str) -> None:
        """Refuse a table of all cell types of the labels and more: no name is misspelt there."""
        more = [name for name in names if name not in self.cell_types]
        if more and len(names) - len(more) == len(self.cell_types):
            raise ValidationError(
                f"`{argument}` must have cell types of `labels` only; it has all of them and "
                f"{len(more)} more: {listing(more)}. Are the two swapped? If not, "
                f"add the labels of these, or leave them out of `{argument}`.",
                code="LK103",
            )

    def _check_shape(self, table: WideTable, argument: str) -> None:
        """Refuse an array without names that has another shape than the labels."""
        n_rows, n_columns = table.values.shape
        expected = (len(self.rows), len(self.columns))
        same_rows = table.index is not None or n_rows == expected[0]
        same_columns = table.columns is not None or n_columns == expected[1]
        if not (same_rows and same_columns):
            raise ValidationError(
                f"`{argument}` as an array must have the shape of `labels`, {expected}, because "
                f"it has no row and column names; its shape is {table.values.shape}. Pass a "
                "DataFrame to align it by name."
            )


def _refuse_counted(names: pd.Index, known: pd.Index, argument: str, noun: str) -> None:
    """Refuse another number of rows that are only counted: 0, 1, 2 would match by position."""
    if is_default_index(names) and is_default_index(known):
        raise ValidationError(
            f"`{argument}` must name its {noun}s when it has fewer or more than `labels`; they are "
            f"only counted, {len(names)} here and {len(known)} in `labels`. Name the {noun}s of "
            "both tables, so that they can be matched by name."
        )
