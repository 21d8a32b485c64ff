"""The forms in which loci come: frames, MultiIndex, strings `chr1:100-200`, opaque ids."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data.arrays import as_frame, is_frame, is_numeric, plain, text_among
from leakcheck.data.chromosomes import check_one_style
from leakcheck.data.interval_text import first_opaque, parse_intervals
from leakcheck.data.loci import Loci
from leakcheck.data.names import factorize_names
from leakcheck.data.usual_columns import INTERVAL, OTHER_INTERVAL
from leakcheck.data.wording import did_you_mean, listing, share, shown
from leakcheck.exceptions import ValidationError

__all__ = ["ID_COLUMN", "interval_ids", "read_loci", "read_loci_of_any_style"]

#: Beside an interval, the column that names the locus; without it the interval is the name.
ID_COLUMN = "id"
#: Positions have 64 bits.
_TOO_FAR = 2.0**63


def read_loci(loci: Any, argument: str) -> tuple[IntArray, Loci]:
    """Read loci: for each entry the position of its locus, and the distinct loci."""
    codes, read = read_loci_of_any_style(loci, argument)
    check_one_style(read.chrom_names, argument)
    return codes, read


def read_loci_of_any_style(loci: Any, argument: str) -> tuple[IntArray, Loci]:
    """Read loci whose chromosomes may have two styles: the caller knows which rows are whose."""
    if isinstance(loci, Loci):
        return np.arange(len(loci)), loci
    if isinstance(loci, pd.MultiIndex):
        return _read_frame(_frame_of_index(loci, argument), argument)
    if is_frame(loci):
        return _read_frame(as_frame(loci), argument)
    if isinstance(loci, str | Path):
        raise ValidationError(
            f"`{argument}` must be a table of intervals or one name per entry; it is a "
            f"{type(loci).__name__}. Read a file first: "
            "leakcheck.adapters.read_bed(path, score_column=None) for a BED file."
        )
    rows = _frame_of_rows(loci, argument)
    if rows is not None:
        return _read_frame(rows, argument)
    codes, names = factorize_names(loci, argument)
    return _read_strings(codes, names, argument)


def interval_ids(chroms: Any, starts: IntArray, ends: IntArray) -> list[str]:
    """Write intervals as `chr1:100-200`."""
    triples = zip(chroms, starts.tolist(), ends.tolist(), strict=True)
    return [f"{chrom}:{start}-{end}" for chrom, start, end in triples]


def _frame_of_index(index: pd.MultiIndex, argument: str) -> pd.DataFrame:
    """Read a MultiIndex of chrom, start and end as a frame."""
    names = [str(name) for name in index.names]
    unnamed = all(name is None for name in index.names)
    if index.nlevels != 3 or not (unnamed or set(INTERVAL) == set(names)):
        raise ValidationError(
            f"`{argument}` as a MultiIndex must have the levels chrom, start, end; it has "
            f"{listing(names)}. Rename the levels, or use strings such as 'chr1:100-200'."
        )
    labels = list(INTERVAL) if unnamed else names
    return pd.DataFrame({name: index.get_level_values(i) for i, name in enumerate(labels)})


def _frame_of_rows(loci: Any, argument: str) -> pd.DataFrame | None:
    """Read rows of chrom, start and end, as an array or a list has them; None of what has none."""
    if not isinstance(loci, list | tuple | np.ndarray | pd.Series):
        return None
    if not isinstance(next(iter(loci), None), list | tuple | np.ndarray):
        return None
    frame = pd.DataFrame([list(row) for row in loci])
    if frame.shape[1] != len(INTERVAL):
        raise ValidationError(
            f"`{argument}` as rows of intervals must have three entries in each, chrom, start and "
            f"end; they have {frame.shape[1]}. Leave the others out, or pass a table with the "
            "columns chrom, start, end."
        )
    return frame.set_axis(list(INTERVAL), axis=1)


def _renaming(absent: list[str], known: list[str]) -> str:
    """Say how to rename columns that are called as other programs call them."""
    plainly = {name.strip("# ").lower(): name for name in known}
    found = {
        plainly[name]: column
        for column in absent
        for name in OTHER_INTERVAL[column]
        if name in plainly
    }
    if len(absent) == 1 or len(found) < len(absent):
        return f"{did_you_mean(absent[0], known)} Rename its columns, or pass a list of ids."
    return (
        f" Rename them, .rename(columns={found}), where the starts are 0-based and the ends "
        "half-open, as in BED."
    )


def _read_frame(frame: pd.DataFrame, argument: str) -> tuple[IntArray, Loci]:
    """Read loci from the columns chrom, start and end."""
    known = [str(column) for column in frame.columns]
    absent = [column for column in INTERVAL if column not in known]
    if absent:
        raise ValidationError(
            f"`{argument}` as a table must have the columns chrom, start, end; it lacks "
            f"{listing(absent)} and has {listing(known)}.{_renaming(absent, known)}"
        )
    twice = [name for name in (*INTERVAL, ID_COLUMN) if known.count(name) > 1]
    if twice:
        raise ValidationError(
            f"`{argument}` as a table must have the column {twice[0]!r} once; it has it "
            f"{known.count(twice[0])} times. Rename the others."
        )
    chrom, chrom_names = factorize_names(frame["chrom"], f"{argument}.chrom")
    start = _whole_numbers(frame["start"], f"{argument}.start")
    end = _whole_numbers(frame["end"], f"{argument}.end")
    if ID_COLUMN in known:
        codes, loci, first = _named_intervals(frame[ID_COLUMN], chrom, chrom_names, start, end)
    else:
        codes, first = _distinct_rows(chrom, start, end)
        loci = _intervals(chrom[first], chrom_names, start[first], end[first])
    _check_intervals(loci, first, start, end, argument)
    return codes, loci


def _named_intervals(
    column: Any, chrom: IntArray, chrom_names: tuple[str, ...], start: IntArray, end: IntArray
) -> tuple[IntArray, Loci, IntArray]:
    """Take ids from a column of their own: codes, loci, and the first row of each."""
    codes, names = factorize_names(column, f"loci.{ID_COLUMN}")
    first = _first_rows(codes)
    same = chrom == chrom[first][codes]
    same &= (start == start[first][codes]) & (end == end[first][codes])
    if not same.all():
        row = int(np.argmin(same))
        raise ValidationError(
            f"`loci` must give each id one interval; "
            f"{share(int((~same).sum()), len(same), 'row', 'has/have')} another interval than an "
            f"earlier row of the same id, the first is row {row}, {names[codes[row]]}. Give them "
            "ids of their own, or leave the ids out."
        )
    ids = np.array(names, dtype=object)
    loci = Loci(
        ids=ids, chrom=chrom[first], chrom_names=chrom_names, start=start[first], end=end[first]
    )
    return codes, loci, first


def _whole_numbers(column: Any, argument: str) -> IntArray:
    """Read a column of base-pair positions."""
    values = plain(column, argument)
    if not is_numeric(values):
        numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(np.float64)
        is_text = np.array([isinstance(value, str) for value in values])
        bad = np.flatnonzero(is_text & ~(np.abs(numbers) < _TOO_FAR))
        where = (
            f"row {bad[0]}: {shown(values[bad[0]])}" if bad.size else shown(text_among(values)[0])
        )
        raise ValidationError(
            f"`{argument}` must hold whole numbers (base pairs); it holds text, the first is "
            f"{where}. {'Correct it' if bad.size else 'Convert it: pandas.to_numeric(...)'}."
        )
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.floor(values))
        _refuse_positions(values, ~whole, argument, "missing or fractional")
    if values.dtype.kind in "uf" and values.dtype.itemsize >= 8:
        _refuse_positions(values, np.abs(values) >= _TOO_FAR, argument, "too large for 64 bits")
    return values.astype(np.int64, copy=False)


def _refuse_positions(values: NDArray[Any], bad: BoolArray, argument: str, what: str) -> None:
    """Raise for positions that no base has, naming the first."""
    if bad.any():
        row = int(np.argmax(bad))
        raise ValidationError(
            f"`{argument}` must hold whole numbers (base pairs); "
            f"{share(int(bad.sum()), len(values), 'row', 'is/are')} {what}, the first is row "
            f"{row}: {values[row]:g}. Correct or drop these rows."
        )


def _distinct_rows(chrom: IntArray, start: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    """Number distinct intervals in order of appearance: codes, and the first row of each."""
    codes = chrom
    for column in (start, end):
        column_codes, values = pd.factorize(column)
        codes, _ = pd.factorize(codes.astype(np.int64) * max(len(values), 1) + column_codes)
    codes = codes.astype(np.int64)
    return codes, _first_rows(codes)


def _first_rows(codes: IntArray) -> IntArray:
    """Find the first row of each code; codes count up in order of appearance."""
    n_codes = int(codes.max()) + 1 if codes.size else 0
    first = np.empty(n_codes, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def _intervals(
    chrom: IntArray, chrom_names: tuple[str, ...], start: IntArray, end: IntArray
) -> Loci:
    """Build loci whose ids are their intervals."""
    ids = np.array(
        interval_ids(np.array(chrom_names, dtype=object)[chrom], start, end), dtype=object
    )
    return Loci(ids=ids, chrom=chrom, chrom_names=chrom_names, start=start, end=end)


def _read_strings(codes: IntArray, names: tuple[str, ...], argument: str) -> tuple[IntArray, Loci]:
    """Read loci from strings that are all intervals or all ids."""
    if not names:
        return codes, Loci(ids=np.array([], dtype=object))
    found, n_found = parse_intervals(names, argument)
    if found is None:
        if n_found:
            interval, opaque = first_opaque(names)
            raise ValidationError(
                f"`{argument}` must be all intervals or all ids; "
                f"{share(n_found, len(names), 'locus', 'is an interval/are intervals')}, the first "
                f"{interval!r}, and the rest not, the first {opaque!r}. Write all as "
                "chrom:start-end, or none.",
                code="LK102",
            )
        return codes, Loci(ids=np.array(names, dtype=object))
    chrom, chrom_names, start, end, is_canonical = found
    if is_canonical:
        again = first = _arange(len(names))
        ids = np.array(names, dtype=object)
        loci = Loci(ids=ids, chrom=chrom, chrom_names=chrom_names, start=start, end=end)
    else:
        again, first = _distinct_rows(chrom, start, end)  # chr1:1,000-2,000 is chr1:1000-2000
        loci = _intervals(chrom[first], chrom_names, start[first], end[first])
    _check_intervals(loci, _first_rows(codes)[first], start[codes], end[codes], argument)
    return again[codes], loci


def _arange(length: int) -> IntArray:
    """Number loci from 0."""
    return np.arange(length)


def _check_intervals(
    loci: Loci, rows: IntArray, start: IntArray, end: IntArray, argument: str
) -> None:
    """Refuse negative starts and empty intervals."""
    _refuse(loci, rows, start < 0, argument, "a negative `start`")
    _refuse(loci, rows, end <= start, argument, "`end` <= `start`")


def _refuse(loci: Loci, rows: IntArray, bad: BoolArray, argument: str, what: str) -> None:
    """Raise for the rows that are bad, naming the first."""
    if not bad.any():
        return
    row = int(np.argmax(bad))
    first = loci.ids[int(np.searchsorted(rows, row, side="right")) - 1]
    raise ValidationError(
        f"`{argument}`: {share(int(bad.sum()), len(bad), 'locus', 'has/have')} {what}; the first "
        f"is row {row}, {first}. Loci are 0-based, half-open (BED): `start` counts from 0 and "
        "`end` is not part of the locus."
    )
