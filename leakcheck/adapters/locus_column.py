"""Blocks or strata of loci that stand in a column of a table."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import pandas as pd

from leakcheck.adapters.column_names import INTERVAL, LOCUS, flat, require_column
from leakcheck.data.arrays import is_default_index
from leakcheck.data.wording import share
from leakcheck.exceptions import ValidationError

__all__ = ["take_locus_column"]

_ONE: Final = {"blocks": "block", "strata": "stratum"}


def take_locus_column(
    column: str,
    frame: pd.DataFrame,
    labels_frame: pd.DataFrame | None,
    locus: Sequence[str] | None,
    *,
    of: Literal["blocks", "strata"],
) -> tuple["pd.Series[Any]", tuple[pd.DataFrame, pd.DataFrame | None]]:
    """Take the block, or the stratum, of each locus out of a column, long or wide.

    Parameters
    ----------
    column : str
        Its name, in one of the two tables or in both.
    frame : DataFrame
        Predictions.
    labels_frame : DataFrame, optional
        Labels in a table of their own; it is looked at first, because its loci are all loci.
    locus : sequence of str, optional
        Columns of the loci, as for `evaluation_set_from_table`.
    of : {"blocks", "strata"}
        What is in the column.

    Returns
    -------
    tuple of (Series, (DataFrame, DataFrame or None))
        Values by locus, and the tables without the column.

    Raises
    ------
    ValidationError
        When no table has the column, or a locus has several values in it.

    Examples
    --------
    >>> table = pd.DataFrame({"locus": ["a", "a", "b"], "arm": ["1p", "1p", "1q"]})
    >>> take_locus_column("arm", table, None, None, of="blocks")[0].to_dict()
    {'a': '1p', 'b': '1q'}
    """
    tables = [None if one is None else flat(one) for one in (frame, labels_frame)]
    in_labels = tables[1] is not None and column in tables[1].columns
    holder = tables[1] if in_labels else tables[0]
    assert holder is not None  # noqa: S101 - the predictions are always there
    require_column(holder, column, f"{of}_column")
    if not is_default_index(holder.index):  # loci in row names without a name
        holder = holder.reset_index(names=LOCUS[0])
    names = _locus(holder, locus, column)
    rows = holder[[*names, column]].drop_duplicates()
    twice = rows.duplicated(names).to_numpy()
    if twice.any():
        first = ", ".join(map(str, rows.loc[twice, names].iloc[0]))
        one = _ONE[of]
        raise ValidationError(
            f"`{of}_column` must give each locus one {one}; "
            f"{share(int(twice.sum()), len(rows), one, 'is/are')} a further one, the first for "
            f"{first}. Correct the column {column!r}."
        )
    keys = pd.MultiIndex.from_frame(rows[names], names=INTERVAL) if len(names) > 1 else names[0]
    values = rows.set_index(keys)[column]
    kept = [None if one is None else one.drop(columns=column, errors="ignore") for one in tables]
    assert kept[0] is not None  # noqa: S101 - the predictions are always there
    return values, (kept[0], kept[1])


def _locus(frame: pd.DataFrame, locus: Sequence[str] | None, column: str) -> list[str]:
    """Columns that name the loci: those that were named, the usual ones, or the first."""
    if locus is not None:
        return [require_column(frame, name, "locus") for name in locus]
    usual = next((name for name in LOCUS if name in frame.columns), None)
    if usual is not None:
        return [usual]
    if set(INTERVAL) <= set(frame.columns):
        return list(INTERVAL)
    return [next(str(name) for name in frame.columns if name != column)]
