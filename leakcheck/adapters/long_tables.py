"""Long tables: one row per (locus, cell type) pair, and what its columns mean."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import pandas as pd

from leakcheck.adapters.column_names import (
    CELLTYPE,
    INTERVAL,
    LABEL,
    find_column,
    find_locus,
    flat,
    require_column,
)
from leakcheck.adapters.spoilt_columns import refuse_spoilt
from leakcheck.data.arrays import is_numeric, plain
from leakcheck.data.wording import listing, share
from leakcheck.exceptions import ValidationError

__all__ = [
    "LEAVE_ONE_OUT",
    "further_columns",
    "long_arguments",
    "one_word",
    "refuse_nameless",
    "score_columns",
    "usual_score",
]

LEAVE_ONE_OUT: Final = "leave-one-out"

_SCORES = ("pred", "prediction", "predictions", "score")
#: What pandas calls a column without a name.
_NAMELESS: Final = re.compile(r"Unnamed: \d+")
#: Columns that are never taken as a model unless they are named.
_NOT_MODELS = frozenset({"chrom", "start", "end", "strand", "signal"})


def long_arguments(
    frame: pd.DataFrame,
    *,
    predictions: Sequence[str] | None,
    label: str | None,
    locus: Sequence[str] | None,
    celltype: str | None,
    train: Any,
    train_column: str | None,
    signal: str | None,
    labels_frame: pd.DataFrame | None,
    signal_frame: pd.DataFrame | None,
) -> dict[str, Any]:
    """Give the arguments of `build_evaluation_set` for a long table."""
    frame = flat(frame)
    cell_types = find_column(frame, celltype, CELLTYPE, "celltype")
    loci = find_locus(frame, locus)
    keys = [*loci, cell_types]
    if labels_frame is not None:
        frame, label = _with_column(
            frame, flat(labels_frame), keys, label, LABEL, "label", leads=True
        )
    if signal_frame is not None:
        usual = ("signal", "value")
        frame, signal = _with_column(
            frame, flat(signal_frame), keys, signal, usual, "signal", leads=False
        )
    labels = find_column(frame, label, LABEL, "label")
    signals = None if signal is None else require_column(frame, signal, "signal")
    train = _train(frame, cell_types, train, train_column)
    used = {*keys, labels, signals, train if isinstance(train, str) else None}
    return {
        "data": frame,
        "preds": _predictions(frame, predictions, used),
        "labels": labels,
        "loci": _loci_columns(frame, loci),
        "celltypes": cell_types,
        "train": train,
        "signal": signals,
    }


def _loci_columns(frame: pd.DataFrame, loci: tuple[str, ...]) -> str | tuple[str, ...]:
    """Name the columns of the loci: an id brings its interval along where that stands beside it."""
    if len(loci) == 1 and set(INTERVAL) <= set(frame.columns):
        return (*loci, *INTERVAL)
    return loci[0] if len(loci) == 1 else loci


def _predictions(
    frame: pd.DataFrame, names: Sequence[str] | None, used: set[str | None]
) -> str | list[str]:
    """Find the columns of predictions; one with a usual name is one unnamed model."""
    if names is not None:
        asked = [names] if isinstance(names, str) else list(names)
        _refuse_joined(frame, asked)
        return [require_column(frame, name, "predictions") for name in asked]
    usual = usual_score(frame, used)
    if usual is not None:
        return usual
    text = [name for name in further_columns(frame, used) if not _is_score(frame[name])]
    refuse_spoilt(text, lambda name: [frame[name]])
    found = [name for name in score_columns(frame, used) if frame[name].notna().any()]
    refuse_nameless(found)
    if not found:
        raise ValidationError(
            f"`predictions` must be columns of numbers; none is called {', '.join(_SCORES)} and no "
            f"other is left. The columns are {listing([str(c) for c in frame.columns], 12)}. Name "
            "those of the predictions."
        )
    return found


def _refuse_joined(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse names of several columns in one text."""
    for name in names:
        parts = [part.strip() for part in str(name).split(",")]
        if name not in frame.columns and all(part in frame.columns for part in parts):
            options = " ".join(f"--prediction {part}" for part in parts)
            raise ValidationError(
                f"`predictions` must name one column in each entry; {name!r} names {len(parts)}. "
                f"Give a list of them; in a terminal: {options}"
            )


def refuse_nameless(names: Iterable[str]) -> None:
    """Refuse a column that its header does not name: row numbers would be audited as a model."""
    nameless = [name for name in names if _NAMELESS.fullmatch(name)]
    if nameless:
        raise ValidationError(
            f"`predictions` must be columns that the header names; {len(nameless)} "
            f"{'is' if len(nameless) == 1 else 'are'} not, the first is {nameless[0]!r}, as row "
            "numbers come out of pandas and R. Write the table without them (index=False, "
            "row.names=FALSE), or name the columns to audit with `predictions`; in a terminal: "
            "--prediction NAME."
        )


def usual_score(frame: pd.DataFrame, used: Collection[str | None]) -> str | None:
    """Find a column with a usual name of predictions."""
    return next((name for name in _SCORES if name in frame.columns and name not in used), None)


def score_columns(frame: pd.DataFrame, used: Collection[str | None]) -> list[str]:
    """List the columns whose type is that of predictions: numbers, no booleans."""
    return [str(name) for name in further_columns(frame, used) if _is_score(frame[name])]


def further_columns(frame: pd.DataFrame, used: Collection[str | None]) -> list[str]:
    """List the columns that may be predictions."""
    return [name for name in frame.columns if name not in used and name not in _NOT_MODELS]


def _is_score(column: "pd.Series[Any]") -> bool:
    """Say whether a column is one of numbers, not of booleans."""
    values = plain(column, "predictions")
    return is_numeric(values) and values.dtype.kind != "b"


def _train(frame: pd.DataFrame, cell_types: str, train: Any, column: str | None) -> Any:
    """Give a mask as the name of its column, and names of cell types as a list."""
    if column is not None:
        if train is not None:
            raise ValidationError(
                "`train` and `train_column` must not both be given; both came. Give one of them."
            )
        return require_column(frame, column, "train_column")
    train = one_word(train)
    if not isinstance(train, str) or train == LEAVE_ONE_OUT:
        return train
    if train not in frame.columns:
        return [train]
    if (frame[cell_types].astype(str) == train).any():
        raise ValidationError(
            f"`train` must be a column or a cell type; {train!r} is both in this table. Give "
            f"train_column={train!r} for the column, or train=[{train!r}] for the cell type."
        )
    return train


def one_word(train: Any) -> Any:
    """Take "leave-one-out" out of a list of its own; other names in a list are cell types."""
    return (
        LEAVE_ONE_OUT if isinstance(train, list | tuple) and [*train] == [LEAVE_ONE_OUT] else train
    )


def _with_column(
    frame: pd.DataFrame,
    other: pd.DataFrame,
    keys: list[str],
    name: str | None,
    usual: Sequence[str],
    argument: str,
    *,
    leads: bool,
) -> tuple[pd.DataFrame, str]:
    """Add a column of another long table, whose rows come first if it leads."""
    absent = [key for key in keys if key not in other.columns]
    if absent:
        raise ValidationError(
            f"`{argument}` from a table of its own must stand beside the same columns of loci and "
            f"cell types as the predictions, {listing(keys)}; that table lacks {listing(absent)} "
            f"and has {listing([str(c) for c in other.columns], 12)}. Rename its columns."
        )
    column = find_column(other, name, usual, argument)
    if column in frame.columns:
        raise ValidationError(
            f"`{argument}` must come from one table; both have the column {column!r}. Drop or "
            "rename one."
        )
    mine = _distinct(frame, keys, "predictions")
    theirs = _distinct(other[[*keys, column]], keys, argument)
    return (_joined(theirs, mine, keys) if leads else _joined(mine, theirs, keys)), column


def _joined(first: pd.DataFrame, second: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Join two tables by pair, in the order of the first; `merge(how="outer")` would sort."""
    for key in keys:
        numeric = [pd.api.types.is_numeric_dtype(table[key]) for table in (first, second)]
        if numeric[0] != numeric[1]:  # chromosomes 1, 2 in one table and 1, 2, X in the other
            first = first.assign(**{key: first[key].astype(str)})
            second = second.assign(**{key: second[key].astype(str)})
    found = first.merge(second, on=keys, how="left")
    known = pd.MultiIndex.from_frame(first[keys])
    only = second[~pd.MultiIndex.from_frame(second[keys]).isin(known)]
    return found if only.empty else pd.concat([found, only], ignore_index=True)


def _distinct(frame: pd.DataFrame, keys: list[str], argument: str) -> pd.DataFrame:
    """Drop identical rows; rows of one pair that differ cannot be matched."""
    rows = frame.drop_duplicates()
    twice = rows.duplicated(keys).to_numpy()
    if twice.any():
        first = rows.loc[twice, keys].iloc[0].tolist()
        raise ValidationError(
            f"`{argument}` must have one row per (locus, cell type) pair; "
            f"{share(int(twice.sum()), len(rows), 'row', 'repeats/repeat')} an earlier pair with "
            f"other values, the first is ({', '.join(map(str, first))}). Keep one of them."
        )
    return rows
