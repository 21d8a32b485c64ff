"""Wide tables: loci x cell types, with the loci in columns in front or in the row names."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from leakcheck.adapters.column_names import INTERVAL, LOCUS, require_column
from leakcheck.adapters.long_tables import LEAVE_ONE_OUT, one_word
from leakcheck.data.arrays import is_default_index, is_numeric, plain
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError

__all__ = ["wide_arguments"]

#: Columns of annotation that a wide table may carry beside the loci.
_ANNOTATION = (*INTERVAL, "strand", "name")


def wide_arguments(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
    labels: pd.DataFrame | None,
    signal: pd.DataFrame | None,
    train: Any,
    locus: Sequence[str] | None,
) -> dict[str, Any]:
    """Give the arguments of `build_evaluation_set` for wide tables."""
    if labels is None:
        raise ValidationError(
            "`labels_frame` must be given when predictions are a table of loci x cell types; it is "
            "missing. Give a second table of the same form with the labels, or one long table with "
            "the columns locus, celltype, label and the predictions."
        )
    if isinstance(frame, pd.DataFrame):
        preds: Any = _values(frame, locus, "predictions")
    else:
        preds = {model: _values(table, locus, model) for model, table in frame.items()}
    train = one_word(train)
    if isinstance(train, str) and train != LEAVE_ONE_OUT:
        train = [train]
    elif isinstance(train, pd.DataFrame):
        train = _values(train, locus, "train")
    return {
        "preds": preds,
        "labels": _values(labels, locus, "labels"),
        "loci": _intervals(labels, locus),
        "train": train,
        "signal": None if signal is None else _values(signal, locus, "signal"),
    }


def _values(frame: pd.DataFrame, locus: Sequence[str] | None, argument: str) -> pd.DataFrame:
    """Move the loci into the row names, and leave annotation out."""
    names = _locus(frame, locus, argument)
    indexed = frame if names is None else frame.set_index(names if len(names) > 1 else names[0])
    drop = [name for name in _ANNOTATION if name in indexed.columns]
    if names is not None and len(names) > 1:
        indexed.index = indexed.index.set_names(list(INTERVAL))
    return indexed.drop(columns=drop)


def _intervals(frame: pd.DataFrame, locus: Sequence[str] | None) -> pd.DataFrame | None:
    """Take the intervals that stand beside ids."""
    names = _locus(frame, locus, "labels")
    if (names is not None and len(names) > 1) or not set(INTERVAL) <= set(frame.columns):
        return None
    return (frame if names is None else frame.set_index(names[0]))[list(INTERVAL)]


def _locus(frame: pd.DataFrame, locus: Sequence[str] | None, argument: str) -> list[str] | None:
    """Find the columns of the loci; None when they are in the row names."""
    if locus is not None:
        asked = [locus] if isinstance(locus, str) else list(locus)
        if len(asked) not in (1, 3):
            raise ValidationError(
                "`locus` must name one column, or three for chromosome, start and end; it names "
                f"{len(asked)}: {listing(asked)}. Name one or three."
            )
        return [require_column(frame, name, "locus") for name in asked]
    if not is_default_index(frame.index):
        return None
    usual = next((name for name in LOCUS if name in frame.columns), None)
    if usual is not None:
        return [usual]
    if set(INTERVAL) <= set(frame.columns):
        return list(INTERVAL)
    first = str(frame.columns[0])
    if first.startswith("Unnamed: ") or not is_numeric(plain(frame.iloc[:, 0], argument)):
        return [first]
    raise ValidationError(
        f"`locus` must be a column of the table of {argument}, because loci are matched by name; "
        f"none is called {', '.join(LOCUS)} or chrom, start, end, and the first column {first!r} "
        f"holds numbers. The columns are {listing([str(c) for c in frame.columns], 12)}. Name the "
        "right one."
    )
