"""How many fields the lines of a text table have, before a parser guesses.

pandas takes a row with one field more than the header as row names in front, and shifts every
column by one without a word; it fills rows with too few fields with NaN. Both are found here.
"""

import csv
import io
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.adapters.other_files import EXCEL
from leakcheck.data.wording import listing, share
from leakcheck.exceptions import ValidationError

__all__ = ["Layout", "find_layout"]


#: What may separate fields; the first is named where the header holds none.
_SEPARATORS: Final = (";", "\t", ",", "|")
_ZIP: Final = b"PK\x03\x04"


class Layout(NamedTuple):
    """The header of a table and how many of its fields are columns."""

    header: tuple[str, ...]
    n_columns: int


class _Lines(NamedTuple):
    """Fields of each line that is not blank."""

    number: IntArray  # of the line in the file, from 1
    fields: IntArray
    ends_empty: BoolArray  # the last field is empty


def find_layout(content: bytes, separator: str, name: str) -> Layout | None:
    """Count the fields of every line; None when there are none.

    Raises
    ------
    ValidationError
        When a line has another number of fields than the header.
    """
    if content.startswith(_ZIP):
        raise ValidationError(
            f"`{name}` must be a text file in UTF-8; it is a workbook of Excel or another zip "
            f"file. {EXCEL}"
        )
    if b"\0" in content[:4096]:
        raise ValidationError(
            f"`{name}` must be a text file in UTF-8; it holds binary data (or UTF-16). Check its "
            "suffix, or save it as UTF-8."
        )
    quoted = b'"' in content
    lines = _quoted_lines(content, separator, name) if quoted else _lines(content, separator)
    if lines.number.size == 0:
        return None
    header = _header(content, separator)
    _check_header(header, lines, separator, name)
    n_header = int(lines.fields[0])
    rows = _Lines(lines.number[1:], lines.fields[1:], lines.ends_empty[1:])
    trailing = (rows.fields == n_header + 1) & rows.ends_empty
    if not trailing.all() or rows.fields.size == 0:
        _check_fields(rows, n_header, name)
    empty_last = header[-1] == "" and bool(rows.ends_empty.all())
    return Layout(header, n_header - 1 if empty_last and not trailing.any() else n_header)


def _header(content: bytes, separator: str) -> tuple[str, ...]:
    """Read the names of the columns."""
    lines = io.StringIO(_first_line(content), newline=None)
    return tuple(name.strip() for name in next(csv.reader(lines, delimiter=separator)))


def _first_line(content: bytes) -> str:
    """Decode the first line that is not blank."""
    start = len(content) - len(content.lstrip(b"\xef\xbb\xbf\r\n"))
    end = content.find(b"\n", start)
    return content[start : None if end < 0 else end].decode(errors="replace").rstrip("\r")


def _check_header(header: tuple[str, ...], lines: _Lines, separator: str, name: str) -> None:
    """Refuse a header with one column, or with one name twice."""
    above = _above_the_header(header, lines)
    if above:
        raise ValidationError(
            f"`{name}` must begin with the names of its columns; its first line is {above}. Take "
            "out what stands above the header."
        )
    if len(header) < 2:
        remedy = _remedy_of_one_column(header[0], lines)
        raise ValidationError(
            f"`{name}` must have several columns separated by {separator!r}; its header is one: "
            f"{header[0][:60]!r}. {remedy}"
        )
    twice = [column for column in dict.fromkeys(header) if column and header.count(column) > 1]
    if twice:
        raise ValidationError(
            f"`{name}` must name each column once; repeated in its header: {listing(twice)}. "
            "Rename or drop them."
        )


def _above_the_header(header: tuple[str, ...], lines: _Lines) -> str:
    """Describe a first line that is no header: Excel's word on the separator, or a title."""
    if header[0].lower().startswith("sep=") and not any(header[1:]):
        return f"{header[0]!r}, by which Excel is told the separator"
    several = len(header) > 2 and lines.fields.size > 1
    if several and header[0] and not any(header[1:]):
        return f"a title, {header[0][:60]!r}"
    return ""


def _remedy_of_one_column(header: str, lines: _Lines) -> str:
    """Say what separates the names in a header that is one column, or what stands above it.

    The next line may have several fields by decimal commas alone; a header of a table has three
    names, and a title above it hardly two other separators.
    """
    n_next = int(lines.fields[1]) if lines.fields.size > 1 else 1
    found = max(_SEPARATORS, key=header.count)
    if n_next > 1 and header.count(found) < 2:
        return f"The next line has {n_next}: take out what stands above the header."
    typed = "tab" if found == "\t" else repr(found)
    return (
        "Say which character separates its fields with `separator`; in a terminal: "
        f"--separator {typed}."
    )


def _check_fields(rows: _Lines, n_header: int, name: str) -> None:
    """Refuse rows with another number of fields than the header."""
    odd = np.flatnonzero(rows.fields != n_header)
    if odd.size == 0:
        return
    if (rows.fields == n_header + 1).all():
        remedy = (
            "Every row has one field more, as R's write.table makes it: write no row names "
            "(row.names=FALSE) or, if they are the loci, name the first column in the header too "
            "(col.names=NA)."
        )
    else:
        remedy = "Correct these lines, or quote fields that hold the separator."
    first = int(odd[0])
    raise ValidationError(
        f"`{name}` must have as many fields in every row as in its header, {n_header}; "
        f"{share(odd.size, rows.fields.size, 'row', 'differs/differ')}, the first is line "
        f"{int(rows.number[first])} with {int(rows.fields[first])}. {remedy}"
    )


def _lines(content: bytes, separator: str) -> _Lines:
    """Count fields from the positions of separators and line ends."""
    data = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    if data.size and data[-1] != ord("\n"):
        ends = np.append(ends, data.size)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)[: ends.size]
    separators = np.flatnonzero(data == ord(separator))
    bounds = np.searchsorted(separators, np.concatenate([starts[:1], ends]))
    fields = np.diff(bounds) + 1
    last = ends - 1
    last -= (last >= starts) & (data[np.maximum(last, 0)] == ord("\r"))
    kept = np.flatnonzero(last >= starts)
    ends_empty = data[last[kept]] == ord(separator)
    return _Lines(kept + 1, fields[kept], ends_empty)


def _quoted_lines(content: bytes, separator: str, name: str) -> _Lines:
    """Count fields with the csv module: quoted ones may hold separators and line ends."""
    reader = csv.reader(
        io.StringIO(content.decode("utf-8-sig", errors="replace"), newline=""), delimiter=separator
    )
    counts: list[tuple[int, int, bool]] = []
    read = 0
    try:
        for row in reader:
            read = reader.line_num
            if row:
                counts.append((read, len(row), row[-1] == ""))
    except csv.Error as error:
        raise ValidationError(
            f"`{name}` must close every quotation mark; one that is opened in line {read + 1} is "
            f"not closed before line {reader.line_num} ({error}). Correct that line."
        ) from error
    table = np.array(counts, dtype=np.int64).reshape(-1, 3)
    return _Lines(table[:, 0], table[:, 1], table[:, 2].astype(bool))
