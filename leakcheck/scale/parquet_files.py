"""Floor 6: Parquet files as one long run of rows, of which any stretch can be read by row group."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._optional import import_optional
from leakcheck.adapters.column_names import CELLTYPE
from leakcheck.exceptions import ValidationError
from leakcheck.scale.source import CorruptPartitionError

__all__ = [
    "File",
    "Matrix",
    "ParquetFiles",
    "Stretch",
    "cut",
    "gathered",
    "guarded",
    "rows_of",
]

_PURPOSE = "to read Parquet"
#: Columns whose few names are repeated in every row.
_REPEATED = frozenset({"chrom", *CELLTYPE})


@dataclass(frozen=True)
class File:
    """A file: its path, what the names of its folders say, and the rows of its row groups."""

    path: str
    keys: Mapping[str, Any]
    group_rows: tuple[int, ...]


class Stretch(NamedTuple):
    """Consecutive rows of one row group."""

    file: int
    group: int
    skip: int
    length: int


class Matrix(NamedTuple):
    """Columns that are wanted as one matrix; None = a column of NaN."""

    names: tuple[str | None, ...]
    dtype: str


@dataclass(frozen=True)
class ParquetFiles:
    """Files with the same columns; small enough to be sent to a worker.

    Attributes
    ----------
    path : str
        What was opened, for messages.
    files : tuple of File
        In the order of their rows.
    schema : pyarrow.Schema
        Columns of the first file, and the keys of folders behind them.
    numbers : mapping of str to str
        Columns of numbers: the numpy type that holds them and, where they are not complete, NaN.
    """

    path: str
    files: tuple[File, ...]
    schema: Any
    numbers: Mapping[str, str]

    @property
    def n_rows(self) -> int:
        """Rows in all files."""
        return sum(sum(file.group_rows) for file in self.files)

    def stretches(self) -> Iterator[Stretch]:
        """List every row group as one stretch."""
        for number, file in enumerate(self.files):
            for group, length in enumerate(file.group_rows):
                if length:
                    yield Stretch(number, group, 0, length)

    def name(self, stretch: Stretch) -> str:
        """Say where a stretch is."""
        return f"{self.files[stretch.file].path}, row group {stretch.group}"

    def empty_frame(self) -> pd.DataFrame:
        """Give the columns as pandas reads them, without rows; row names without a name are out."""
        frame: pd.DataFrame = self.schema.empty_table().to_pandas(ignore_metadata=True)
        return frame[[name for name in frame.columns if not name.startswith("__index_level_")]]

    def dtype_of(self, names: Sequence[str], argument: str) -> np.dtype[Any]:
        """Find the numpy type that holds the numbers of some columns; text is refused."""
        other = next((name for name in names if name not in self.numbers), None)
        if other is not None:
            raise ValidationError(
                f"`{argument}` must be columns of numbers; {other!r} of {self.path} is of type "
                f"{self.schema.field(other).type}. Write it as numbers (0/1 for labels), or name "
                "other columns."
            )
        return np.result_type(*(self.numbers[name] for name in names))

    def read(
        self,
        stretches: Sequence[Stretch],
        matrices: Mapping[str, Matrix],
        frame_columns: Sequence[str] = (),
    ) -> tuple[dict[str, NDArray[Any]], pd.DataFrame]:
        """Read columns of some rows.

        Parameters
        ----------
        stretches : sequence of Stretch
            Which rows, in order.
        matrices : mapping of str to Matrix
            Columns of numbers, by what they are called in the result.
        frame_columns : sequence of str
            Further columns, of any type, for the frame.

        Returns
        -------
        matrices : dict of str to ndarray, shape (rows, columns)
            Columns one after the other in memory; missing = NaN.
        frame : pandas.DataFrame
            The further columns; text may be categorical.

        Raises
        ------
        CorruptPartitionError
            When a file is not as it was when it was opened, or cannot be decoded.
        """
        n_rows = sum(stretch.length for stretch in stretches)
        found = {
            key: np.full((n_rows, len(wanted.names)), np.nan, dtype=wanted.dtype, order="F")
            if None in wanted.names
            else np.empty((n_rows, len(wanted.names)), dtype=wanted.dtype, order="F")
            for key, wanted in matrices.items()
        }
        frames, at = [], 0
        asked = [n for wanted in matrices.values() for n in wanted.names if n is not None]
        for stretch, table in self._tables(stretches, [*asked, *frame_columns]):
            for key, wanted in matrices.items():
                for place, column in enumerate(wanted.names):
                    if column is not None:
                        into = found[key][at : at + stretch.length, place]
                        self._fill(into, table.column(column), stretch, column)
            if frame_columns:
                frames.append(table.select(list(frame_columns)).to_pandas(ignore_metadata=True))
            at += stretch.length
        pa = import_optional("pyarrow", extra="all", purpose=_PURPOSE)
        pa.default_memory_pool().release_unused()  # or it would count as ours for a while
        return found, joined_frames(frames)

    def column(self, name: str) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Read one column of numbers, piece by piece.

        Parameters
        ----------
        name : str
            The column.

        Yields
        ------
        rows : slice
            Stretches of rows, in order.
        numbers : ndarray, shape (rows,)
            Missing ones as NaN; not to be written to.

        Raises
        ------
        CorruptPartitionError
            As from `read`.
        """
        dtype, at = np.dtype(self.numbers[name]), 0
        for stretch, table in self._tables(list(self.stretches()), [name]):
            for numbers in self._pieces(table.column(name), dtype, stretch, name):
                yield slice(at, at + len(numbers)), numbers
                at += len(numbers)

    def _tables(
        self, stretches: Sequence[Stretch], columns: Sequence[str]
    ) -> Iterator[tuple[Stretch, Any]]:
        """Read stretches one after the other; a file is opened once for all that follow in it."""
        wanted = list(dict.fromkeys(columns))
        for number, same_file in groupby(stretches, key=attrgetter("file")):
            some = list(same_file)
            own = [column for column in wanted if column not in self.files[number].keys]
            with self._opened(some[0], own) as opened:
                for stretch in some:
                    yield stretch, self._table(opened, stretch, own, wanted)

    def _opened(self, stretch: Stretch, columns: Sequence[str]) -> Any:
        """Open the file of a stretch; names that are repeated in every row are kept once."""
        parquet = import_optional("pyarrow.parquet", extra="all", purpose=_PURPOSE)
        path = self.files[stretch.file].path
        repeated = [name for name in columns if name in _REPEATED]
        settings = {"pre_buffer": False, "page_checksum_verification": True}
        return guarded(
            lambda: parquet.ParquetFile(path, read_dictionary=repeated, **settings),
            path,
            self.name(stretch),
        )

    def _table(
        self, opened: Any, stretch: Stretch, own: Sequence[str], wanted: Sequence[str]
    ) -> Any:
        """Read a stretch of one row group; keys of folders become columns."""
        pa = import_optional("pyarrow", extra="all", purpose=_PURPOSE)
        file, name = self.files[stretch.file], self.name(stretch)
        table = guarded(
            lambda: opened.read_row_group(stretch.group, columns=list(own), use_threads=False),
            file.path,
            name,
        )
        if table.num_rows != file.group_rows[stretch.group] or table.num_columns != len(own):
            found = f"{table.num_rows} rows and {table.num_columns} of {len(own)} columns"
            raise CorruptPartitionError(
                name, file.path, f"it has {found}: the file was changed since it was opened"
            )
        table = table.slice(stretch.skip, stretch.length)
        for key in (column for column in wanted if column in file.keys):
            values = pa.array([file.keys[key]], type=self.schema.field(key).type)
            codes = pa.array(np.zeros(stretch.length, dtype=np.int32))
            table = table.append_column(key, pa.DictionaryArray.from_arrays(codes, values))
        return table

    def _fill(self, into: NDArray[Any], column: Any, stretch: Stretch, named: str) -> None:
        """Copy a column of numbers, missing values as NaN."""
        at = 0
        for numbers in self._pieces(column, into.dtype, stretch, named):
            into[at : at + len(numbers)] = numbers
            at += len(numbers)

    def _pieces(
        self, column: Any, dtype: np.dtype[Any], stretch: Stretch, named: str
    ) -> Iterator[NDArray[Any]]:
        """Give a column as arrays; whole numbers are refused that were said to be complete."""
        path, name = self.files[stretch.file].path, self.name(stretch)
        for chunk in column.chunks:
            numbers = guarded(partial(_numbers, chunk), path, name)
            if dtype.kind in "iu" and numbers.dtype.kind == "f":
                raise CorruptPartitionError(
                    name,
                    path,
                    f"{named!r} has missing values; the file's statistics say it has none",
                )
            yield numbers


def joined_frames(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put frames below each other; categorical columns stay so."""
    if len(frames) < 2:
        return frames[0] if frames else pd.DataFrame()
    columns: dict[str, Any] = {}
    for column in frames[0].columns:
        parts = [frame[column] for frame in frames]
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            columns[column] = pd.api.types.union_categoricals(parts)
        else:
            columns[column] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


def guarded(read: Callable[[], Any], path: str, name: str) -> Any:
    """Call what reads a file; name the partition when it fails."""
    pa = import_optional("pyarrow", extra="all", purpose=_PURPOSE)
    try:
        return read()
    except (OSError, EOFError, ValueError, KeyError, IndexError, pa.ArrowException) as error:
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorruptPartitionError(name, path, cause) from error


def _numbers(chunk: Any) -> NDArray[Any]:
    """Give an array of numbers; missing values are NaN."""
    pa = import_optional("pyarrow", extra="all", purpose=_PURPOSE)
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    if pa.types.is_boolean(chunk.type):
        chunk = chunk.cast(pa.int8())
    elif pa.types.is_decimal(chunk.type) or pa.types.is_null(chunk.type):
        chunk = chunk.cast(pa.float64())
    array: NDArray[Any] = chunk.to_numpy(zero_copy_only=False)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"expected numbers, found {chunk.type}")
    return array


def rows_of(stretches: Sequence[Stretch]) -> int:
    """Count the rows of some stretches."""
    return sum(stretch.length for stretch in stretches)


def cut(stretches: Sequence[Stretch], start: int, stop: int) -> list[Stretch]:
    """Give the rows from `start` to `stop` of some stretches that stand behind each other."""
    found, at = [], 0
    for stretch in stretches:
        first, last = max(start - at, 0), min(stop - at, stretch.length)
        if first < last:
            found.append(stretch._replace(skip=stretch.skip + first, length=last - first))
        at += stretch.length
    return found


def gathered(stretches: Sequence[Stretch], n_rows: int) -> Iterator[tuple[slice, list[Stretch]]]:
    """Put small stretches together until they have about `n_rows` rows; large ones stay whole."""
    waiting: list[Stretch] = []
    start = stop = 0
    for stretch in stretches:
        if waiting and stop - start + stretch.length > n_rows:
            yield slice(start, stop), waiting
            waiting, start = [], stop
        waiting.append(stretch)
        stop += stretch.length
    if waiting:
        yield slice(start, stop), waiting
