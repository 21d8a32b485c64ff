"""Tables of predictions and labels in files: CSV, TSV and Parquet."""

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from leakcheck._files import refuse_web_page
from leakcheck._optional import import_optional
from leakcheck.adapters.fields import Layout, find_layout
from leakcheck.adapters.other_files import remedy_of_suffix
from leakcheck.adapters.table_columns import evaluation_set_from_table
from leakcheck.data.usual_columns import LABEL
from leakcheck.exceptions import ValidationError

__all__ = ["evaluation_set_from_table", "read_table"]

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
#: Columns of numbers by their names.
_NUMBERS = ("start", "end", *LABEL)
_PARQUET = (".parquet", ".pq")
_COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}


def read_table(path: str | Path, *, separator: str | None = None) -> pd.DataFrame:
    r"""Read a table from a file; its suffix says the format.

    Parameters
    ----------
    path : str or pathlib.Path
        ``.csv``, ``.tsv`` or ``.txt`` (tabs), each also compressed (``.gz``, ``.bz2``, ``.xz``),
        or ``.parquet`` / ``.pq``. A pipe has no suffix, and needs `separator`.
    separator : str, optional
        The one character that separates fields, where the suffix does not say it.

    Returns
    -------
    pandas.DataFrame
        Columns as the header names them, without the ``#`` that stands before ``chrom`` in files
        like BED. A separator at the end of every row is dropped, and shifts nothing. Whole numbers
        of which some begin with 0 (``01``) are names, and stay text.

    Raises
    ------
    ValidationError
        When the file is missing, empty, of an unknown format or not a table: the first line with
        more or fewer fields than the header is named.
    MissingDependencyError
        When Python lacks the module that a suffix needs: pyarrow for Parquet, or gzip, bz2, lzma.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "preds.csv")
    >>> _ = path.write_text("locus,celltype,pred\nchr1:0-200,K562,0.5\n")
    >>> read_table(path).shape
    (1, 3)
    """
    path = Path(path)
    if path.is_dir() or not path.exists():  # a pipe is neither, and can be read
        what = (
            "is a folder. One of Parquet files is read by evaluation_set_from_parquet, in Python."
            if path.is_dir()
            else "does not exist. Check the path and its spelling."
        )
        raise ValidationError(f"`{path}` must be a file with a table; it {what}")
    suffixes = [suffix.lower() for suffix in path.suffixes] or [""]
    if suffixes[-1] in _PARQUET:
        frame = _read_parquet(path)
    else:
        inner = suffixes[:-1] if suffixes[-1] in _COMPRESSED else suffixes
        separator = separator or _SEPARATORS.get(inner[-1] if inner else "")
        if separator is None:
            raise ValidationError(
                f"`{path}` must end in .csv, .tsv or .txt (each also with .gz, .bz2 or .xz), "
                f".parquet or .pq; it ends in {''.join(path.suffixes[-2:])!r}. "
                + remedy_of_suffix(path)
            )
        if len(separator) != 1 or not separator.isascii() or separator in '"\r\n':
            raise ValidationError(
                f"`separator` must be one ASCII character and no quote; {separator!r} came. Give "
                "for example ';', or write the table with commas."
            )
        frame = _read_text(path, _COMPRESSED.get(suffixes[-1]), separator)
    if frame.empty:
        raise ValidationError(
            f"`{path}` must have a header and at least one row; it has {len(frame)} rows and "
            f"{frame.shape[1]} columns. Check how it was written."
        )
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read Parquet."""
    import_optional("pyarrow.parquet", extra="all", purpose="to read Parquet")
    with path.open("rb") as file:
        refuse_web_page(file.read(512), path, "a Parquet file")
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ValidationError(
            f"`{path}` must be a Parquet file; it cannot be read as one: {_first_line(error)}. "
            "Check how it was written."
        ) from error


def _read_text(path: Path, compression: str | None, separator: str) -> pd.DataFrame:
    """Read a text file whose every row has as many fields as its header."""
    content = _content(path, compression)
    refuse_web_page(content[:512], path, "a table")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")  # line ends of old Macs, and of Excel there
    layout = find_layout(content, separator, str(path))
    if layout is None:
        return pd.DataFrame()
    try:
        return _parsed(content, separator, layout)
    except UnicodeDecodeError as error:
        raise _no_utf8(content, path) from error
    except (ValueError, pd.errors.ParserError) as error:
        raise ValidationError(
            f"`{path}` must be a table in UTF-8 text; it cannot be read as one: "
            f"{_first_line(error)}. Write it again, or as Parquet."
        ) from error


def _no_utf8(content: bytes, path: Path) -> ValidationError:
    """Write the error of bytes that are no UTF-8, naming the first line that has some."""
    lines = content.split(b"\n")
    number = next(i for i, line in enumerate(lines) if "\ufffd" in line.decode(errors="replace"))
    return ValidationError(
        f"`{path}` must be a table in UTF-8 text; line {number + 1} is none, in Latin-1 "
        f"{lines[number].decode('latin-1')[:60]!r}. Save it as UTF-8 (in Excel: CSV UTF-8), or "
        "convert it: iconv -f LATIN1 -t UTF-8."
    )


def _parsed(content: bytes, separator: str, layout: Layout) -> pd.DataFrame:
    """Parse the text; a field behind the last column is empty in every row.

    The default of pandas before 3 may miss the nearest float by one; the same numbers from a file
    and from memory are to give the same report. Since then it does not, and the option goes.
    """
    exact: dict[str, Any] = {}
    if int(pd.__version__.partition(".")[0]) < 3:
        exact["float_precision"] = "round_trip"
    frame: pd.DataFrame = pd.read_csv(
        io.BytesIO(content),
        sep=separator,
        index_col=False,
        usecols=list(range(layout.n_columns)),
        encoding="utf-8-sig",
        low_memory=False,
        **exact,
    )
    _keep_zeros(frame, content, separator)
    first = str(frame.columns[0])
    return frame.rename(columns={first: "chrom"}) if _is_marked(first, frame) else frame


def _keep_zeros(frame: pd.DataFrame, content: bytes, separator: str) -> None:
    """Read columns of whole numbers again where some begin with 0: 01 is a name, not the number 1.

    Positions and labels are numbers, however they are written.
    """
    whole = [
        position
        for position, name in enumerate(frame.columns)
        if frame.dtypes.iloc[position].kind in "iu" and name not in _NUMBERS
    ]
    begins = rb'(?:^|[\n"' + re.escape(separator.encode()) + rb"])[ \t]*0\d"
    if not whole or re.search(begins, content) is None:
        return
    text = pd.read_csv(
        io.BytesIO(content), sep=separator, index_col=False, usecols=whole, dtype=str,
        encoding="utf-8-sig",
    )  # fmt: skip
    for column, position in enumerate(whole):
        entries = text.iloc[:, column].str.strip()
        if entries.str.match(r"0\d").any():
            frame.isetitem(position, entries.to_numpy())


def _is_marked(first: str, frame: pd.DataFrame) -> bool:
    """Say whether the header begins with ``#chrom``, as files like BED have it."""
    name = first.removeprefix("#").strip()
    return name == "chrom" and first != name and name not in frame.columns


def _content(path: Path, compression: str | None) -> bytes:
    """Read the bytes of a file, decompressed."""
    if compression is None:
        return path.read_bytes()
    if path.is_file():  # a pipe could be read once only
        with path.open("rb") as page:
            refuse_web_page(page.read(512), path, "a table")
    module = import_optional(compression, extra="all", purpose=f"to read {path.suffix} files")
    try:
        with module.open(path, "rb") as file:
            content: bytes = file.read()
    except (OSError, EOFError, ValueError, _error_of(compression)) as error:
        raise ValidationError(
            f"`{path}` must be compressed as its suffix {path.suffix!r} says; it cannot be "
            f"decompressed: {_first_line(error)}. Check that it is complete."
        ) from error
    return content


def _error_of(compression: str) -> type[Exception]:
    """Give the error class of a compression that is not an OSError."""
    if compression == "lzma":
        import lzma  # noqa: PLC0415

        return lzma.LZMAError
    import zlib  # noqa: PLC0415

    return zlib.error


def _first_line(error: Exception) -> str:
    """Give the first line of another library's message."""
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else repr(error)
