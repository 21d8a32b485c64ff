"""The grid of the wide form: what `labels`, `loci` and `celltypes` say about its axes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from leakcheck._typing import IntArray
from leakcheck.data.arrays import as_frame, is_default_index, is_frame
from leakcheck.data.loci import Loci
from leakcheck.data.locus_forms import interval_ids, read_loci
from leakcheck.data.names import factorize_names, same_but_for_case_or_version, unique_names
from leakcheck.data.wide_table import WideAxes, WideTable
from leakcheck.data.wording import counted, share
from leakcheck.exceptions import ValidationError

__all__ = ["axes_of_labels"]

#: What to do about loci that are not among the row names, or the ids, of `loci`.
_REMEDY: dict[str, str] = {
    "row names": (
        "Set its index to the ids of the loci, or give it as many rows as `labels`, in the same "
        "order, with loci.reset_index(drop=True)."
    ),
    "ids": (
        "Write the ids as `labels` does, or drop the column with loci.drop(columns='id') where "
        "the rows are in the order of `labels`."
    ),
}


def axes_of_labels(table: WideTable, loci: Any, celltypes: Any) -> WideAxes:
    """Find the loci and cell types of a wide table of labels."""
    rows, found, book = _rows(table, loci)
    columns, cell_types = _columns(table, celltypes)
    return WideAxes(
        loci=found,
        cell_types=cell_types,
        rows=rows,
        columns=columns,
        index=table.index,
        column_names=table.columns,
        book=book,
    )


def _columns(table: WideTable, celltypes: Any) -> tuple[IntArray, tuple[str, ...]]:
    """Name the columns: by `celltypes`, by the frame, or both where they agree."""
    n_columns = table.values.shape[1]
    if celltypes is None:
        if table.columns is None:
            raise ValidationError(
                "`celltypes` must name the columns when `labels` is an array of loci x cell types; "
                f"it is missing. Pass {n_columns} names, or pass `labels` as a DataFrame."
            )
        return factorize_names(table.columns, "labels.columns")
    names = unique_names(celltypes, "celltypes")
    if len(names) != n_columns:
        raise ValidationError(
            f"`celltypes` must name each column of `labels`; it has {counted(len(names), 'name')} "
            f"and `labels` has {counted(n_columns, 'column')}. Pass one name per column; if "
            "`labels` is meant as one value per row, pass a one-dimensional array."
        )
    if table.has_column_names and table.columns is not None:
        own = tuple(str(name) for name in table.columns)
        at = next((i for i in range(n_columns) if own[i] != names[i]), None)
        if at is not None:
            raise ValidationError(
                "`celltypes` must be the column names of `labels`, in their order; the first that "
                f"differs is number {at}: {names[at]!r} against {own[at]!r}. Leave `celltypes` "
                "out: the columns name themselves."
            )
    return np.arange(n_columns), names


def _rows(table: WideTable, loci: Any) -> tuple[IntArray, Loci, Loci | None]:
    """Name the rows: by `loci`, by the frame, or ids of the frame with intervals of `loci`."""
    if loci is None:
        if table.index is None:
            raise ValidationError(
                "`loci` must name the rows when `labels` is an array of loci x cell types; it is "
                f"missing. Pass {len(table.values)} loci, or pass `labels` as a DataFrame."
            )
        return (*read_loci(table.index, "labels.index"), None)
    if is_frame(loci) and not is_default_index(as_frame(loci).index):
        return _rows_by_name(table, loci)
    codes, listed = read_loci(loci, "loci")
    if not table.has_row_names:
        _check_length(len(codes), table)
        return codes, listed, None
    own_codes, own = read_loci(table.index, "labels.index")
    if not own.has_coordinates and _have_names(listed):
        # The ids say which interval is whose; the order of the rows could say something else.
        positions = listed.index_of(own.ids)
        _check_found(positions, own, list(listed.ids), "ids")
        return own_codes, listed.take(positions), listed
    _check_length(len(codes), table)
    per_row = listed.take(codes)
    if listed.has_coordinates and not own.has_coordinates:
        return own_codes, _with_intervals(own, per_row, own_codes), None
    _check_agree(own.ids[own_codes], per_row.ids)
    return own_codes, own, None


def _rows_by_name(table: WideTable, loci: Any) -> tuple[IntArray, Loci, Loci | None]:
    """Read a `loci` table whose row names are the ids of the loci."""
    frame = as_frame(loci)
    codes, intervals = read_loci(frame, "loci")
    name_codes, named = read_loci(frame.index, "loci.index")
    names = unique_names(named.ids[name_codes], "loci.index", "locus")
    book = replace(intervals.take(codes), ids=np.array(names, dtype=object))
    if not table.has_row_names:
        _check_length(len(book), table)
        return np.arange(len(book)), book, book
    positions: IntArray = np.arange(len(book))
    if _is_same(table.index, frame.index):
        own_codes, own = name_codes, named
    else:
        own_codes, own = read_loci(table.index, "labels.index")
        positions = book.index_of(own.ids)
    _check_found(positions, own, names, "row names")
    found = book.take(positions)
    if own.has_coordinates:
        _check_agree(own.ids, intervals.take(codes).ids[positions])
    return own_codes, found, book


def _have_names(loci: Loci) -> bool:
    """Whether loci have intervals and ids of their own beside them."""
    if loci.chrom is None or loci.start is None or loci.end is None or not len(loci):
        return False
    chrom = loci.chrom_names[int(loci.chrom[0])]
    return bool(loci.ids[0] != interval_ids([chrom], loci.start[:1], loci.end[:1])[0])


def _check_found(positions: IntArray, own: Loci, names: Sequence[str], where: str) -> None:
    """Refuse loci of `labels` that `loci` does not name."""
    if (positions >= 0).all():
        return
    first = own.ids[int(np.argmax(positions < 0))]
    raise ValidationError(
        "`loci` must have a row for every locus of `labels`; "
        f"{share(int((positions < 0).sum()), len(own), 'locus', 'is/are')} not among its "
        f"{where}, the first is {first!r}.{same_but_for_case_or_version(first, names)} "
        + _REMEDY[where]
    )


def _is_same(one: pd.Index | None, other: pd.Index) -> bool:
    """Whether two indexes hold the same names, written in the same way."""
    return one is not None and one.dtype == other.dtype and one.equals(other)


def _with_intervals(own: Loci, per_row: Loci, codes: IntArray) -> Loci:
    """Give ids the intervals that were listed row by row."""
    first = np.unique(codes, return_index=True)[1]
    return replace(per_row.take(first), ids=own.ids)


def _check_length(length: int, table: WideTable) -> None:
    """Refuse a list of loci that is not as long as the table."""
    n_rows = len(table.values)
    if length != n_rows:
        raise ValidationError(
            f"`loci` must name each row of `labels`; it has {length} entries and `labels` has "
            f"{n_rows} rows. Pass one locus per row, or a table whose row names are those of "
            "`labels`."
        )


def _check_agree(own: Any, given: Any) -> None:
    """Refuse loci that say something else than the row names."""
    differ = np.flatnonzero(own != given)
    if differ.size:
        at = int(differ[0])
        raise ValidationError(
            "`loci` must agree with the row names of `labels`; "
            f"{share(differ.size, len(own), 'row', 'differs/differ')}, the first is number {at}: "
            f"{given[at]!r} against {own[at]!r}. Put them in the same order, or leave `loci` out: "
            "the rows name themselves."
        )
