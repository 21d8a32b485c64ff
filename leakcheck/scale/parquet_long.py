"""Floor 6: Parquet with one row a (locus, cell type) pair, sorted or partitioned by cell type."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from leakcheck._typing import LabelKind
from leakcheck.adapters.column_names import (
    CELLTYPE,
    INTERVAL,
    LABEL,
    find_column,
    find_locus,
    require_column,
)
from leakcheck.adapters.long_tables import (
    further_columns,
    refuse_nameless,
    score_columns,
    usual_score,
)
from leakcheck.adapters.spoilt_columns import refuse_spoilt
from leakcheck.data import Note
from leakcheck.data.names import factorize_names
from leakcheck.exceptions import ValidationError
from leakcheck.scale.loci_columns import LocusColumns, first_difference
from leakcheck.scale.parquet_files import Matrix, ParquetFiles, Stretch, cut, gathered, rows_of
from leakcheck.scale.source import Light, Part, Partition

__all__ = ["ParquetLong", "long_source"]

_LOCUS_BYTES = 80  # of the cell type's own loci and of those of the first, which are compared
_COPIES = 2
_SORT = (
    "Sort the rows by cell type, each with the loci in the same order (for example "
    "table.sort_values(['celltype', 'chrom', 'start'])), and write them again."
)


@dataclass(frozen=True)
class ParquetLong(Light):
    """A source over long tables: every cell type has the same loci in the same order.

    Attributes
    ----------
    files : ParquetFiles
        The files.
    runs : mapping of str to tuple of Stretch
        Cell type to its rows.
    locus : LocusColumns
        Columns of the loci.
    label : str
        Column of the labels.
    scores : mapping of str to str
        Model to column.
    signal : str or None
        Column of the signal.
    families : mapping of str to str
        Model to family.
    partition_bytes : int
        Memory that one partition may take, where row groups allow.
    """

    files: ParquetFiles
    runs: Mapping[str, tuple[Stretch, ...]]
    locus: LocusColumns
    label: str
    scores: Mapping[str, str]
    signal: str | None = None
    families: Mapping[str, str] = field(default_factory=dict)
    partition_bytes: int = 1 << 25

    @property
    def n_loci(self) -> int:
        """Number of loci."""
        return rows_of(self.runs[self.cell_types[0]])

    @property
    def cell_types(self) -> tuple[str, ...]:
        """Cell types in order of appearance."""
        return tuple(self.runs)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(self.scores)

    @property
    def has_signal(self) -> bool:
        """Whether parts bring a signal."""
        return self.signal is not None

    @property
    def label_kind(self) -> LabelKind | None:
        """Unknown until the labels are read."""
        return None

    @property
    def score_dtypes(self) -> Mapping[str, str]:
        """Model to ``"float32"`` or ``"float64"``."""
        found = {}
        for model, column in self.scores.items():
            narrow = self.files.dtype_of([column], "predictions") in (np.float16, np.float32)
            found[model] = "float32" if narrow else "float64"
        return found

    @property
    def predicted(self) -> Mapping[str, tuple[int, ...]]:
        """Every cell type: a column of predictions may be NaN for some."""
        return {model: tuple(range(len(self.runs))) for model in self.scores}

    @cached_property
    def _matrices(self) -> dict[str, Matrix]:
        """Columns of numbers of every partition."""
        wanted = {"labels": Matrix((self.label,), str(self.files.dtype_of([self.label], "label")))}
        for model, column in self.scores.items():
            wanted[f"predictions/{model}"] = Matrix((column,), self.score_dtypes[model])
        if self.signal is not None:
            dtype = self.files.dtype_of([self.signal], "signal")
            floats = str(dtype) if dtype.kind == "f" else "float64"
            wanted["signal"] = Matrix((self.signal,), floats)
        return wanted

    def partitions(self) -> tuple[Partition, ...]:
        """List stretches of one cell type each, those of the same loci near each other."""
        return self._pieces

    @cached_property
    def _pieces(self) -> tuple[Partition, ...]:
        row_bytes = _COPIES * sum(np.dtype(m.dtype).itemsize for m in self._matrices.values())
        row_bytes += _LOCUS_BYTES
        found: list[tuple[int, int, Partition]] = []
        for column, (cell_type, stretches) in enumerate(self.runs.items()):
            for rows, some in gathered(stretches, self.partition_bytes // row_bytes):
                last = f" to {self.files.name(some[-1])}" if len(some) > 1 else ""
                partition = Partition(
                    name=f"{self.files.name(some[0])}{last}, {cell_type}",
                    rows=rows,
                    columns=(column,),
                    n_bytes=(rows.stop - rows.start) * row_bytes,
                    has_loci=column == 0,
                )
                found.append((rows.start, column, partition))
        return tuple(partition for _, _, partition in sorted(found, key=lambda one: one[:2]))

    def read(self, partition: Partition) -> Part:
        """Read a stretch of a cell type; its loci must be those of the first."""
        (column,) = partition.columns
        loci = self._loci(0, partition)
        own, frame = self.files.read(
            cut(self.runs[self.cell_types[column]], partition.rows.start, partition.rows.stop),
            self._matrices,
            () if column == 0 else self.locus.columns,
        )
        if column != 0:
            self._check_loci(loci, self.locus.loci(frame), partition)
        return Part(
            rows=partition.rows,
            columns=partition.columns,
            loci=loci if partition.has_loci else None,
            labels=own["labels"],
            predictions={model: own[f"predictions/{model}"] for model in self.scores},
            signal=own.get("signal"),
        )

    def _loci(self, column: int, partition: Partition) -> pd.DataFrame:
        """Read the loci of some rows of a cell type."""
        stretches = cut(
            self.runs[self.cell_types[column]], partition.rows.start, partition.rows.stop
        )
        _, frame = self.files.read(stretches, {}, self.locus.columns)
        return self.locus.loci(frame)

    def _check_loci(self, first: pd.DataFrame, own: pd.DataFrame, partition: Partition) -> None:
        """Refuse a cell type whose loci are not those of the first cell type."""
        at = first_difference(first, own)
        if at is not None:
            cell_type = self.cell_types[partition.columns[0]]
            mine, theirs = (":".join(map(str, frame.iloc[at].tolist())) for frame in (own, first))
            raise ValidationError(
                "`source` must have the same loci in the same order for every cell type, because "
                f"it is read piece by piece; row {partition.rows.start + at} of {cell_type!r} is "
                f"{mine} and that of {self.cell_types[0]!r} is {theirs}. {_SORT}"
            )

    def notes(self, tally: Mapping[str, int]) -> tuple[Note, ...]:
        """Nothing is noticed on the way."""
        del tally
        return ()


def long_source(
    files: ParquetFiles,
    *,
    predictions: Sequence[str] | None,
    label: str | None,
    locus: Sequence[str] | None,
    celltype: str | None,
    signal: str | None,
    families: Mapping[str, str],
    partition_bytes: int,
) -> ParquetLong:
    """Make a source of a long table; columns are found as `evaluation_set_from_parquet` does."""
    empty = files.empty_frame()
    loci = find_locus(empty, locus)
    cell_types = find_column(empty, celltype, CELLTYPE, "celltype")
    label = find_column(empty, label, LABEL, "label")
    if signal is not None:
        require_column(empty, signal, "signal")
    where = LocusColumns(loci, beside=len(loci) == 1 and set(INTERVAL) <= set(empty.columns))
    used = [*where.columns, cell_types, label, *([] if signal is None else [signal])]
    runs = _runs(files, cell_types)
    first = cut(next(iter(runs.values())), 0, 1)
    _, frame = files.read(first, {}, where.columns)
    source = ParquetLong(
        files=files,
        runs=runs,
        locus=where.with_first(frame),
        label=label,
        scores=_models(files, empty, used, predictions),
        signal=signal,
        families=families,
        partition_bytes=partition_bytes,
    )
    _ = source._matrices  # a column of text is refused here and not in the middle of a run
    return source


def _models(
    files: ParquetFiles, empty: pd.DataFrame, used: Sequence[str], asked: Sequence[str] | None
) -> dict[str, str]:
    """Find the columns of predictions; one with a usual name is one unnamed model."""
    if asked is not None:
        names = [asked] if isinstance(asked, str) else list(asked)
        return {name: require_column(empty, name, "predictions") for name in names}
    usual = usual_score(empty, used)
    if usual is not None:
        return {"model": usual}
    text = [name for name in further_columns(empty, used) if name not in files.numbers]
    refuse_spoilt(text, partial(_values, files))
    found = score_columns(empty, [*used, *text])
    refuse_nameless(found)
    if not found:
        raise ValidationError(
            "`predictions` must be columns of numbers; none is left beside those of loci, cell "
            f"types and labels: {list(empty.columns)}. Add them, or name them."
        )
    return {name: name for name in found}


def _values(files: ParquetFiles, column: str) -> "Iterator[pd.Series[Any]]":
    """Read one column of any type, a row group at a time."""
    for stretch in files.stretches():
        yield files.read([stretch], {}, [column])[1][column]


def _runs(files: ParquetFiles, column: str) -> dict[str, tuple[Stretch, ...]]:
    """Find the rows of every cell type; all must have as many."""
    found: dict[str, list[Stretch]] = {}
    for stretch in files.stretches():
        for cell_type, part in _runs_of(files, stretch, column):
            found.setdefault(cell_type, []).append(part)
    sizes = {name: rows_of(stretches) for name, stretches in found.items()}
    first, n_loci = next(iter(sizes.items()))
    odd = next((name for name, n in sizes.items() if n != n_loci), None)
    if odd is not None:
        raise ValidationError(
            "`source` must have a row for every locus in every cell type, because it is read piece "
            f"by piece; {odd!r} has {sizes[odd]:,} rows and {first!r} has {n_loci:,}. Add the "
            "missing rows, with an empty label where nothing was observed."
        )
    return {name: tuple(stretches) for name, stretches in found.items()}


def _runs_of(files: ParquetFiles, stretch: Stretch, column: str) -> Iterator[tuple[str, Stretch]]:
    """Cut a row group where the cell type changes."""
    keys = files.files[stretch.file].keys
    if column in keys:
        yield str(keys[column]), stretch
        return
    _, frame = files.read([stretch], {}, [column])
    codes, names = factorize_names(frame[column], "celltype")
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    if len(starts) > len(names):
        begun = codes[starts]
        again = names[int(begun[np.argmax(pd.Series(begun).duplicated())])]
        raise ValidationError(
            "`source` must have the rows of a cell type together; in "
            f"{files.name(stretch)} those of {again!r} begin more than once. {_SORT}"
        )
    for start, stop in zip(starts, [*starts[1:], stretch.length], strict=True):
        yield names[codes[start]], stretch._replace(skip=int(start), length=int(stop - start))
