"""Names of cell types and loci: from any array-like to codes and strings, and back by name."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from leakcheck._typing import IntArray
from leakcheck.data.arrays import converted
from leakcheck.data.wording import counted, did_you_mean, listing, share
from leakcheck.exceptions import ValidationError

__all__ = [
    "as_a_date",
    "factorize_names",
    "positions_of",
    "refuse_blanks",
    "same_but_for_case_or_version",
    "unique_names",
]

_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
#: What spreadsheets make of MARCH1 and its like: 1-Mar, Mar-01, 2006-03-01, 3/1/2006.
_DATE = re.compile(
    rf"\d{{1,2}}-{_MONTH}|{_MONTH}-\d{{2}}|\d{{4}}-\d\d-\d\d( 00:00:00)?|\d+/\d+/\d{{2,4}}",
    re.IGNORECASE,
)
#: The version of a gene, as in ENSG00000138131.3.
_VERSION = re.compile(r"\.\d+$")


def factorize_names(values: Any, argument: str) -> tuple[IntArray, tuple[str, ...]]:
    """Number the names of an array-like in order of appearance: codes and the names as strings."""
    try:
        codes, uniques = pd.factorize(_listable(values, argument))
    except TypeError as error:  # lists among the names, which cannot be hashed
        raise ValidationError(
            f"`{argument}` must have one name in each entry; an entry that is no name came "
            f"({error}). Pass a flat list of strings."
        ) from error
    codes = codes.astype(np.int64, copy=False)
    missing = np.flatnonzero(codes < 0)
    names = _texts(uniques)
    if missing.size or "" in names:
        empty = missing if missing.size else np.flatnonzero(codes == names.index(""))
        raise ValidationError(
            f"`{argument}` must name every entry; "
            f"{share(empty.size, len(codes), 'entry', 'is/are')} missing or empty, the first is "
            f"entry {empty[0]}. Fill them in or drop these rows."
        )
    if len(set(names)) < len(names):  # 1 and "1", or b"a" and "a", are one name
        again, distinct = pd.factorize(np.array(names, dtype=object))
        return again.astype(np.int64)[codes], tuple(distinct)
    return codes, tuple(names)


def unique_names(values: Any, argument: str, noun: str = "column") -> tuple[str, ...]:
    """Read a list of names, of columns or of what `noun` says, in which none may come twice."""
    codes, names = factorize_names(values, argument)
    if len(codes) > len(names):
        twice = [name for name, n in zip(names, np.bincount(codes), strict=True) if n > 1]
        raise ValidationError(
            f"`{argument}` must name each {noun} once; {counted(len(twice), 'name')} came more "
            f"than once: {listing(twice)}. Remove or rename the repeated ones."
        )
    return names


def positions_of(
    asked: Sequence[str], known: Sequence[str], *, argument: str, where: str
) -> IntArray:
    """Find each asked cell type among the known ones; an unknown one is an error."""
    positions = {name: position for position, name in enumerate(known)}
    unknown = [name for name in asked if name not in positions]
    if unknown:
        raise ValidationError(
            f"`{argument}` names cell types that are not in {where}: {listing(unknown)}."
            f"{did_you_mean(unknown[0], list(known)) or f' Known are {listing(known)}.'}",
            code="LK103",
        )
    return np.array([positions[name] for name in asked], dtype=np.int64)


def refuse_blanks(cell_types: Sequence[str]) -> None:
    """Refuse cell types that differ in blanks at their ends only: two halves of one."""
    by_core: dict[str, str] = {}
    for name in cell_types:
        other = by_core.setdefault(name.strip(), name)
        if other != name:
            raise ValidationError(
                "`celltypes` must differ by more than blanks at the ends of their names; "
                f"{other!r} and {name!r} came, and would be two cell types. Take the blanks away, "
                "for example with .str.strip()."
            )


def same_but_for_case_or_version(unknown: str, known: Sequence[str]) -> str:
    """Write `` Did you mean 'ENSG1'?`` for ENSG1.4 or ensg1; similar ids say nothing of a locus."""

    def simple(name: str) -> str:
        return _VERSION.sub("", name).lower()

    found = {simple(name): name for name in reversed(known)}.get(simple(unknown))
    return f" Did you mean {found!r}?" if found is not None else ""


def as_a_date(name: str) -> str:
    """Say of `1-Mar` that a spreadsheet may have made it of a gene's name; else nothing."""
    if not _DATE.fullmatch(name):
        return ""
    return (
        f" {name!r} looks like a date, as which a spreadsheet takes names of genes (MARCH1, "
        "SEPT2, DEC1): go back to a table that it has not changed."
    )


def _listable(values: Any, argument: str) -> Any:
    """Give what `pandas.factorize` takes: a pandas object, or a one-dimensional array."""
    if isinstance(values, pd.Series | pd.Index | pd.api.extensions.ExtensionArray):
        return values
    if isinstance(values, str | bytes | set | frozenset) or not hasattr(values, "__len__"):
        raise ValidationError(
            f"`{argument}` must be a sequence with one name per entry, in order; it is a "
            f"{type(values).__name__}. Pass a list, an array or a Series (or a column name "
            "together with `data`)."
        )
    if isinstance(values, np.ndarray):
        array = values
    elif hasattr(values, "to_numpy"):
        array = np.asarray(values.to_numpy())
    elif hasattr(values, "__array__"):
        array = converted(values, argument)
    else:
        array = np.empty(len(values), dtype=object)
        array[:] = list(values)
    if array.ndim != 1:
        raise ValidationError(
            f"`{argument}` must be one-dimensional; it has shape {array.shape}. Pass one name per "
            "entry."
        )
    return array.astype(object) if array.dtype.kind not in "iu" else array


def _texts(values: Any) -> list[str]:
    """Write names as strings; whole numbers and a list of strings are not looked at one by one."""
    if isinstance(values, pd.Index | np.ndarray) and values.dtype.kind in "iu":
        return list(map(str, values.tolist()))
    found: list[Any] = np.asarray(values, dtype=object).tolist()
    return found if set(map(type, found)) <= {str} else [_as_text(value) for value in found]


def _as_text(value: Any) -> str:
    """Write a name as a string: 7 and 7.0 are '7', bytes are decoded."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise ValidationError(
                f"names must be text; {value!r} came, bytes that are no UTF-8. Decode them first: "
                'value.decode("latin-1"), say, where that is how they were written.'
            ) from None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
