"""`train`: what names the reference, in any of its forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray
from leakcheck.data.arrays import as_frame, is_frame, plain
from leakcheck.data.evaluation_set import ReferenceSource
from leakcheck.data.names import factorize_names, positions_of
from leakcheck.data.wide_table import WideTable, read_wide
from leakcheck.data.wording import counted, did_you_mean, shown
from leakcheck.exceptions import ValidationError

__all__ = ["ColumnNames", "Train", "read_train"]

_CHOICES = (
    'a boolean mask, a list of cell types, a separate table of labels, "leave-one-out", or None'
)


class ColumnNames(NamedTuple):
    """Columns of a long table: one column of locus ids, or chrom, start and end."""

    locus: tuple[str, ...] = ("locus",)
    celltype: str = "celltype"
    label: str = "label"
    signal: str | None = None


@dataclass(frozen=True, kw_only=True)
class Train:
    """The reference as it was named: exactly one of the fields behind `source` is filled."""

    source: ReferenceSource
    columns: BoolArray | None = None  # (n_cell_types,) of the named cell types
    mask: BoolArray | WideTable | None = None
    table: pd.DataFrame | None = None


def read_train(train: Any, cell_types: tuple[str, ...], *, wide: bool) -> Train:
    """Read `train`; booleans are a mask, strings are cell types, a table of numbers is labels."""
    if train is None:
        return Train(source="inferred")
    if isinstance(train, str):
        return _read_word(train, cell_types)
    if isinstance(train, Mapping) or not (is_frame(train) or isinstance(train, Iterable)):
        raise ValidationError(
            f"`train` must be {_CHOICES}; it is a {type(train).__name__}. Name the reference cell "
            "types, for example train=['E004', 'E005']."
        )
    if is_frame(train):
        frame = as_frame(train)
        if not all(pd.api.types.is_bool_dtype(dtype) for dtype in frame.dtypes):
            return Train(source="table", table=frame)
        return Train(source="mask", mask=_wide_mask(frame, wide=wide))
    if _is_nested(train):
        return Train(source="mask", mask=_wide_mask(train, wide=wide))
    return _read_sequence(train, cell_types, wide=wide)


def _is_nested(train: Any) -> bool:
    """Say whether `train` is an array or list with two dimensions."""
    if hasattr(train, "shape"):
        return len(train.shape) == 2
    return isinstance(train, list | tuple) and bool(train) and isinstance(train[0], list | tuple)


def _read_word(train: str, cell_types: tuple[str, ...]) -> Train:
    """Read a single string: only "leave-one-out" means something."""
    if train == "leave-one-out":
        return Train(source="leave-one-out")
    if train in cell_types:
        hint = f" To name one reference cell type, pass a list: train=[{train!r}]."
    else:
        hint = did_you_mean(train, ["leave-one-out", *cell_types])
    raise ValidationError(f"`train` must be {_CHOICES}; it is the string {train!r}.{hint}")


def _wide_mask(train: Any, *, wide: bool) -> WideTable:
    """Read a boolean table or array of loci x cell types."""
    table = read_wide(train, "train")
    if table.values.dtype != bool:
        raise ValidationError(
            "`train` as a table must be True or False everywhere, or a DataFrame of labels; it is "
            f"of type {table.values.dtype} (missing values make booleans into objects). Fill it "
            "with .fillna(False), or pass labels as a DataFrame with row and column names."
        )
    if not wide:
        raise ValidationError(
            "`train` must be one boolean per row when `labels` is one value per row; it is a "
            f"table of shape {table.values.shape}. Pass one boolean per row, a list of cell types, "
            "or, if it is a table of labels, convert it with .astype(float)."
        )
    return table


def _read_sequence(train: Any, cell_types: tuple[str, ...], *, wide: bool) -> Train:
    """Read a sequence: of booleans, or of the names of cell types."""
    values: Any = train
    if not isinstance(train, Sequence | np.ndarray) and not hasattr(train, "dtype"):
        values = list(train)  # a set, or the keys of a mapping
    if len(values) == 0:
        raise ValidationError(
            "`train` must name at least one reference cell type; it is empty. Name them, or pass "
            'train="leave-one-out".'
        )
    raw = plain(values, "train")
    if raw.dtype == bool:
        if wide:
            raise ValidationError(
                "`train` as a mask must have the shape of `labels` when they are a table of loci x "
                f"cell types; it has {counted(len(raw), 'value')} in one dimension. Pass a boolean "
                "DataFrame, or a list of cell types."
            )
        return Train(source="mask", mask=raw)
    if raw.dtype.kind != "O":
        raise ValidationError(
            "`train` must be True or False everywhere, or names of cell types; it holds numbers "
            f"or missing values, the first is {shown(_first_odd(raw))}. Convert a mask with "
            ".astype(bool) once it is complete, or write cell types as strings."
        )
    _, names = factorize_names(values, "train")
    columns = np.zeros(len(cell_types), dtype=bool)
    columns[positions_of(names, cell_types, argument="train", where="`celltypes`")] = True
    return Train(source="cell types", columns=columns)


def _first_odd(raw: NDArray[Any]) -> Any:
    """Find the first value that is neither true nor false."""
    odd = ~np.isin(raw, (0, 1))
    return raw[int(np.argmax(odd))]
