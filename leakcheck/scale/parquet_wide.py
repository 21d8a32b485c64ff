"""Floor 6: Parquet with one row a locus and columns for cell types, in one table or several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import LabelKind
from leakcheck.adapters.column_names import INTERVAL
from leakcheck.data import Note
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError
from leakcheck.scale.loci_columns import LocusColumns, find_locus_columns, first_difference
from leakcheck.scale.parquet_files import Matrix, ParquetFiles, cut, gathered
from leakcheck.scale.source import Light, Part, Partition

__all__ = ["ParquetWide", "WideTable", "wide_source", "wide_tables_source"]

_LABEL, _PREDICTION, _SIGNAL = "label:", "prediction:", "signal:"
_ANNOTATION = frozenset({*INTERVAL, "strand", "name"})
#: Loci of a row in memory: start, end, the code of a chromosome or a short name.
_LOCUS_BYTES = 40
#: What was decoded and what it is copied to are held together for a while.
_COPIES = 2


@dataclass(frozen=True)
class WideTable:
    """One table: its files, its loci, and the columns of each quantity by cell type."""

    files: ParquetFiles
    locus: LocusColumns
    columns: Mapping[str, Mapping[str, str]]  # "labels", "signal", "predictions/<model>"


@dataclass(frozen=True)
class ParquetWide(Light):
    """A source over wide tables with the same loci in the same order.

    Attributes
    ----------
    tables : tuple of WideTable
        The first has the labels.
    cell_types, models : tuple of str
        Names.
    families : mapping of str to str
        Model to family.
    partition_bytes : int
        Memory that one partition may take, where row groups allow.
    """

    tables: tuple[WideTable, ...]
    cell_types: tuple[str, ...]
    models: tuple[str, ...]
    families: Mapping[str, str] = field(default_factory=dict)
    partition_bytes: int = 1 << 25

    @property
    def n_loci(self) -> int:
        """Number of loci."""
        return self.tables[0].files.n_rows

    @property
    def has_signal(self) -> bool:
        """Whether parts bring a signal."""
        return any("signal" in table.columns for table in self.tables)

    @property
    def label_kind(self) -> LabelKind | None:
        """Unknown until the labels are read."""
        return None

    @cached_property
    def _columns(self) -> dict[str, tuple[int, dict[str, str]]]:
        """Quantity to its table and its columns by cell type."""
        return {
            key: (number, dict(columns))
            for number, table in enumerate(self.tables)
            for key, columns in table.columns.items()
        }

    @cached_property
    def _dtypes(self) -> dict[str, np.dtype[Any]]:
        """Quantity to the type of its matrix."""
        found = {}
        for key, (number, columns) in self._columns.items():
            dtype = self.tables[number].files.dtype_of(list(columns.values()), key)
            if key.startswith("predictions/"):
                narrow = dtype in (np.float16, np.float32)
                dtype = np.dtype(np.float32 if narrow else np.float64)
            elif dtype.kind in "iu" and (key == "signal" or len(columns) < len(self.cell_types)):
                dtype = np.dtype(np.float64)
            found[key] = dtype
        return found

    @property
    def score_dtypes(self) -> Mapping[str, str]:
        """Model to ``"float32"`` or ``"float64"``."""
        return {model: str(self._dtypes[f"predictions/{model}"]) for model in self.models}

    @property
    def predicted(self) -> Mapping[str, tuple[int, ...]]:
        """Model to the cell types that have a column of its predictions."""
        return {
            model: tuple(
                number
                for number, name in enumerate(self.cell_types)
                if name in self._columns[f"predictions/{model}"][1]
            )
            for model in self.models
        }

    def partitions(self) -> tuple[Partition, ...]:
        """List row groups, or groups of them; large ones are split by cell type."""
        return self._pieces

    @cached_property
    def _pieces(self) -> tuple[Partition, ...]:
        found: list[Partition] = []
        files = self.tables[0].files
        width = sum(dtype.itemsize for dtype in self._dtypes.values()) * _COPIES
        n_cells, every = len(self.cell_types), range(len(self.cell_types))
        row_bytes = width * n_cells + _LOCUS_BYTES
        for rows, stretches in gathered(list(files.stretches()), self.partition_bytes // row_bytes):
            length = rows.stop - rows.start
            most = max(1, (self.partition_bytes // length - _LOCUS_BYTES) // width)
            last = f" to {stretches[-1].group}" if len(stretches) > 1 else ""
            for first in range(0, n_cells, most):
                columns = tuple(every[first : first + most])
                of = "" if most >= n_cells else f", {self.cell_types[first]}"
                found.append(
                    Partition(
                        name=f"{files.name(stretches[0])}{last}{of}",
                        rows=rows,
                        columns=columns,
                        n_bytes=length * (width * len(columns) + _LOCUS_BYTES * (first == 0)),
                        has_loci=first == 0,
                    )
                )
        return tuple(found)

    def read(self, partition: Partition) -> Part:
        """Read a piece of every table; the loci of all must agree."""
        values: dict[str, Any] = {}
        loci: pd.DataFrame | None = None
        for table in self.tables:
            wanted = {key: self._wanted(key, partition) for key in table.columns}
            stretches = cut(
                list(table.files.stretches()), partition.rows.start, partition.rows.stop
            )
            frame_columns = table.locus.columns if partition.has_loci else ()
            found, frame = table.files.read(stretches, wanted, frame_columns)
            values |= found
            if partition.has_loci:
                own = table.locus.loci(frame)
                if loci is not None:
                    _check_same_loci(loci, own, partition, self.tables[0], table)
                loci = own if loci is None else loci
        return Part(
            rows=partition.rows,
            columns=partition.columns,
            loci=loci,
            labels=values["labels"],
            predictions={model: values[f"predictions/{model}"] for model in self.models},
            signal=values.get("signal"),
        )

    def column(self, key: str, column: int) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Read the labels, or one model's scores, of one cell type, without loci.

        Parameters
        ----------
        key : str
            ``"labels"``, or ``"predictions/<model>"`` of a model that has the cell type.
        column : int
            Number of the cell type.

        Yields
        ------
        rows : slice
            Stretches of rows, in order.
        numbers : ndarray, shape (rows,)
            NaN where missing; not to be written to.
        """
        number, columns = self._columns[key]
        yield from self.tables[number].files.column(columns[self.cell_types[column]])

    @property
    def longest_group(self) -> int:
        """Rows of the longest row group."""
        return max(n for table in self.tables for one in table.files.files for n in one.group_rows)

    def _wanted(self, key: str, partition: Partition) -> Matrix:
        """Give the columns of a quantity for the cell types of a partition."""
        columns = self._columns[key][1]
        names = tuple(columns.get(self.cell_types[at]) for at in partition.columns)
        return Matrix(names, str(self._dtypes[key]))

    def notes(self, tally: Mapping[str, int]) -> tuple[Note, ...]:
        """Nothing is noticed on the way."""
        del tally
        return ()


def _check_same_loci(
    first: pd.DataFrame, own: pd.DataFrame, partition: Partition, one: WideTable, other: WideTable
) -> None:
    """Refuse tables whose rows are other loci than those of the labels."""
    at = first_difference(first, own)
    if at is not None:
        mine, theirs = (
            ":".join(map(str, frame.iloc[at].tolist())) if at < len(frame) else "nothing"
            for frame in (own, first)
        )
        raise ValidationError(
            "`predictions` must have the loci of `labels` in the same order, because they are read "
            f"piece by piece; in row {partition.rows.start + at} {other.files.path} has {mine} and "
            f"{one.files.path} has {theirs}. Sort both alike and write them again."
        )


def wide_source(
    files: ParquetFiles,
    *,
    locus: Sequence[str] | None,
    predictions: Sequence[str] | None,
    families: Mapping[str, str],
    partition_bytes: int,
) -> ParquetWide:
    """Make a source of one table with columns ``label:<cell>``, ``prediction:<model>:<cell>``."""
    names = list(files.schema.names)
    labels = {name.removeprefix(_LABEL): name for name in names if name.startswith(_LABEL)}
    columns: dict[str, dict[str, str]] = {"labels": labels}
    for name in (name for name in names if name.startswith(_PREDICTION)):
        model, cell_type = _model_and_cell_type(name.removeprefix(_PREDICTION), labels, name)
        if predictions is None or model in predictions:
            columns.setdefault(f"predictions/{model}", {})[cell_type] = name
    signal = {name.removeprefix(_SIGNAL): name for name in names if name.startswith(_SIGNAL)}
    if signal:
        _check_known(signal, labels, "signal", files.path)
        columns["signal"] = signal
    models = tuple(key.partition("/")[2] for key in columns if key.startswith("predictions/"))
    _check_models(models, predictions, files.path)
    used = {name for of in columns.values() for name in of.values()}
    rest = [name for name in names if name not in used]
    where = find_locus_columns(rest, list(files.numbers), locus, files.path)
    source = ParquetWide(
        tables=(WideTable(files, _told(files, where), columns),),
        cell_types=tuple(labels),
        models=models,
        families=families,
        partition_bytes=partition_bytes,
    )
    _ = source.score_dtypes  # a column of text is refused here and not in the middle of a run
    return source


def wide_tables_source(
    labels: ParquetFiles,
    predictions: Mapping[str, ParquetFiles],
    signal: ParquetFiles | None,
    *,
    locus: Sequence[str] | None,
    families: Mapping[str, str],
    partition_bytes: int,
) -> ParquetWide:
    """Make a source of separate tables, whose columns are cell types."""
    first = _table(labels, "labels", locus)
    cell_types = tuple(first.columns["labels"])
    tables = [first]
    for model, files in predictions.items():
        tables.append(_table(files, f"predictions/{model}", locus))
    if signal is not None:
        tables.append(_table(signal, "signal", locus))
    for table in tables[1:]:
        ((key, columns),) = table.columns.items()
        _check_known(columns, cell_types, key, table.files.path)
        if table.files.n_rows != labels.n_rows:
            raise ValidationError(
                f"`{key}` must have one row for each locus of the labels; {table.files.path} has "
                f"{table.files.n_rows:,} rows and {labels.path} has {labels.n_rows:,}. Write both "
                "with the same loci in the same order."
            )
    source = ParquetWide(
        tables=tuple(tables),
        cell_types=cell_types,
        models=tuple(predictions),
        families=families,
        partition_bytes=partition_bytes,
    )
    _ = source.score_dtypes
    return source


def _table(files: ParquetFiles, key: str, locus: Sequence[str] | None) -> WideTable:
    """Tell the loci of a table from its cell types."""
    names = list(files.schema.names)
    where = _told(files, find_locus_columns(names, list(files.numbers), locus, files.path))
    cells = [name for name in names if name not in where.columns and name not in _ANNOTATION]
    if not cells:
        raise ValidationError(
            f"`{key}` must have a column for each cell type; {files.path} has none beside its "
            f"loci: {listing(names, 12)}. Add them."
        )
    return WideTable(files, where, {key: {name: name for name in cells}})


def _told(files: ParquetFiles, where: LocusColumns) -> LocusColumns:
    """Look at the first locus, where only that tells whether text holds intervals."""
    if not where.is_open:
        return where
    first = cut(list(files.stretches()), 0, 1)
    _, frame = files.read(first, {}, where.columns)
    return where.with_first(frame)


def _model_and_cell_type(text: str, cell_types: Mapping[str, str], column: str) -> tuple[str, str]:
    """Split ``<model>:<cell>``, either of which may have colons of its own."""
    if text in cell_types:
        return "model", text
    found = [name for name in cell_types if text.endswith(f":{name}")]
    if not found:
        cell_type = text.rpartition(":")[2]
        raise ValidationError(
            f"`predictions` must be of cell types that have a column of labels; {column!r} has no "
            f"'{_LABEL}{cell_type}'.{did_you_mean(cell_type, list(cell_types))} The cell types are "
            f"{listing(cell_types)}. Add the labels, or rename the column."
        )
    cell_type = max(found, key=len)
    return text.removesuffix(f":{cell_type}"), cell_type


def _check_known(
    columns: Mapping[str, str], cell_types: Sequence[str] | Mapping[str, str], key: str, path: str
) -> None:
    """Refuse cell types without labels."""
    unknown = [name for name in columns if name not in cell_types]
    if unknown:
        raise ValidationError(
            f"`{key}` must be of cell types that have labels; {path} has {len(unknown)} more, the "
            f"first is {unknown[0]!r}.{did_you_mean(unknown[0], list(cell_types))} Add their "
            "labels (NaN where nothing was observed), or take them out."
        )


def _check_models(models: Sequence[str], asked: Sequence[str] | None, path: str) -> None:
    """Refuse a table without predictions, and models that it has not."""
    absent = [name for name in asked or () if name not in models]
    if absent or not models:
        raise ValidationError(
            f"`predictions` must be columns '{_PREDICTION}<model>:<cell type>'; {path} has none "
            f"{f'of {absent[0]!r}' if absent else 'of that kind'}. It has the models "
            f"{listing(models)}. Rename the columns."
        )
