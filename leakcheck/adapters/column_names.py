"""Columns of a table: the one that was named, or the first of the usual names."""

from collections.abc import Sequence

import pandas as pd

from leakcheck.data.usual_columns import CELLTYPE, INTERVAL, LABEL, LOCUS
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError

__all__ = [
    "CELLTYPE",
    "INTERVAL",
    "LABEL",
    "LOCUS",
    "find_column",
    "find_locus",
    "flat",
    "require_column",
]


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Make columns of named row names, as pandas writes them into Parquet."""
    named = [name for name in frame.index.names if name is not None]
    return frame.reset_index() if named else frame


def require_column(frame: pd.DataFrame, name: str, argument: str) -> str:
    """Give `name` back if the table has it."""
    if name in frame.columns:
        return name
    known = [str(column) for column in frame.columns]
    raise ValidationError(
        f"`{argument}` names a column that is not in the table: {name!r}."
        f"{did_you_mean(name, known)} The columns are {listing(known, 12)}."
    )


def find_column(frame: pd.DataFrame, name: str | None, usual: Sequence[str], argument: str) -> str:
    """Find the column that was named, or the first of the usual names."""
    if name is not None:
        return require_column(frame, name, argument)
    found = next((usual_name for usual_name in usual if usual_name in frame.columns), None)
    if found is None:
        raise _not_found(frame, argument, ", ".join(usual))
    return found


def find_locus(frame: pd.DataFrame, names: Sequence[str] | None) -> tuple[str, ...]:
    """Find the column of loci, or the three of their intervals."""
    if names is not None:
        asked = (names,) if isinstance(names, str) else tuple(names)
        if len(asked) not in (1, 3):
            raise ValidationError(
                "`locus` must name one column, or three for chromosome, start and end; it names "
                f"{len(asked)}: {listing(asked)}. Name one or three."
            )
        return tuple(require_column(frame, name, "locus") for name in asked)
    found = next((name for name in LOCUS if name in frame.columns), None)
    if found is not None:
        return (found,)
    if set(INTERVAL) <= set(frame.columns):
        return INTERVAL
    raise _not_found(frame, "locus", f"{', '.join(LOCUS)}, or chrom, start, end")


def _not_found(frame: pd.DataFrame, argument: str, usual: str) -> ValidationError:
    """Write the error of a column that has none of its usual names."""
    option = "loci" if argument == "locus" else argument
    is_wide = argument == "celltype" and not any(name in frame.columns for name in LABEL)
    wide = (
        " If its columns are cell types, give the labels in a table of their own, with "
        "`labels_frame`; in a terminal: --labels FILE."
        if is_wide
        else ""
    )
    # in a terminal --signal names a column of TABLE or a file, never a column of that file
    typed = (
        f"call it {usual.split(', ', maxsplit=1)[0]}"
        if argument == "signal"
        else f"--{option} NAME"
    )
    return ValidationError(
        f"`{argument}` must be a column of {'its' if argument == 'signal' else 'the'} table; none "
        f"is called {usual}. The columns are "
        f"{listing([str(column) for column in frame.columns], 12)}. Name the right one with "
        f"`{argument}`; in a terminal: {typed}.{wide}"
    )
