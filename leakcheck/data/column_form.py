"""The form of a long frame and column names: from names to columns."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from leakcheck.data.arrays import as_frame, is_frame, plain, unread_table
from leakcheck.data.train import ColumnNames
from leakcheck.data.wording import counted, did_you_mean, listing
from leakcheck.exceptions import ValidationError

__all__ = ["Columns", "columns_of"]


#: What the columns of loci hold, when there are several.
_NAMED_INTERVAL = ("id", "chrom", "start", "end")


class Columns(NamedTuple):
    """The arguments of the long form, taken from a frame."""

    preds: Any
    labels: Any
    loci: Any
    celltypes: Any
    train: Any
    signal: Any


def columns_of(
    data: Any, preds: Any, labels: Any, loci: Any, celltypes: Any, train: Any, signal: Any
) -> tuple[Columns, ColumnNames]:
    """Replace column names by columns of `data`; what is not a name stays as it is."""
    if not is_frame(data):
        raise ValidationError(
            f"`data` must be a DataFrame with one row per (locus, cell type) pair; it is a "
            f"{type(data).__name__}. "
            f"{unread_table(data) or 'Pass a frame, or pass arrays without `data`.'}"
        )
    frame = as_frame(data)
    if frame.empty:
        raise ValidationError(
            f"`data` must have at least one row; it has {counted(len(frame), 'row')} and "
            f"{counted(frame.shape[1], 'column')}. Check how it was read or filtered."
        )
    columns = Columns(
        preds=_models(frame, preds),
        labels=_named(frame, labels, "labels"),
        loci=_loci(frame, loci),
        celltypes=_named(frame, celltypes, "celltypes"),
        train=_train(frame, train),
        signal=_named(frame, signal, "signal"),
    )
    return columns, _names(labels, loci, celltypes, signal)


def _names(labels: Any, loci: Any, celltypes: Any, signal: Any) -> ColumnNames:
    """Remember the column names: a separate label table has the same."""
    default = ColumnNames()
    locus = (loci,) if isinstance(loci, str) else tuple(loci) if _is_interval(loci) else None
    if locus is not None and len(locus) == len(_NAMED_INTERVAL):
        locus = locus[:1]  # an id with an interval: a label table need have the id only
    return ColumnNames(
        locus=default.locus if locus is None else locus,
        celltype=celltypes if isinstance(celltypes, str) else default.celltype,
        label=labels if isinstance(labels, str) else default.label,
        signal=signal if isinstance(signal, str) else None,
    )


def _column(frame: pd.DataFrame, name: str, argument: str) -> "pd.Series[Any]":
    """Take one column; a name that is not there is an error."""
    known = [str(column) for column in frame.columns]
    if name not in frame.columns:
        raise ValidationError(
            f"`{argument}` names a column that is not in `data`: {name!r}."
            f"{did_you_mean(name, known)} The columns are {listing(known, 12)}."
        )
    if known.count(name) > 1:
        raise ValidationError(
            f"`data` must have the column {name!r} once (for `{argument}`); it has it "
            f"{known.count(name)} times. Rename the columns."
        )
    return frame[name]


def _named(frame: pd.DataFrame, value: Any, argument: str) -> Any:
    """Replace a column name by the column."""
    return _column(frame, value, argument) if isinstance(value, str) else value


def _is_interval(loci: Any) -> bool:
    """Say whether loci are named by columns: chrom, start, end, or an id before these."""
    return (
        isinstance(loci, tuple | list)
        and len(loci) in (3, 4)
        and all(isinstance(name, str) for name in loci)
    )


def _loci(frame: pd.DataFrame, loci: Any) -> Any:
    """Replace one column name, or three or four, by the loci."""
    if not _is_interval(loci):
        return _named(frame, loci, "loci")
    columns = [_column(frame, name, "loci") for name in loci]
    return pd.DataFrame(dict(zip(_NAMED_INTERVAL[-len(loci) :], columns, strict=True)))


def _models(frame: pd.DataFrame, preds: Any) -> Any:
    """Replace the column names of models by their columns, in any nesting."""
    if isinstance(preds, str):
        return _column(frame, preds, "preds")
    if isinstance(preds, Mapping):
        return {name: _models(frame, value) for name, value in preds.items()}
    if isinstance(preds, list | tuple) and all(isinstance(name, str) for name in preds):
        return {name: _column(frame, name, "preds") for name in preds}
    return preds


def _train(frame: pd.DataFrame, train: Any) -> Any:
    """Replace the name of a column of booleans, or of 0 and 1, by a mask."""
    if not isinstance(train, str) or train == "leave-one-out":
        return train
    raw = plain(_column(frame, train, "train"), "train")
    if raw.dtype == bool:
        return raw
    if raw.dtype.kind in "iuf" and np.isin(raw, (0, 1)).all():
        return raw.astype(bool)
    raise ValidationError(
        f"`train` must name a column of booleans (True = reference); {train!r} holds other values, "
        f"the first is {raw[0]!r}. Make it one, for example data['split'] == 'train'."
    )
