"""A separate table of reference labels, wide or long, and its union with the audited labels."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.data.arrays import plain
from leakcheck.data.labels import LabelCoding, as_signal
from leakcheck.data.loci import Loci
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.mismatch import check_comparable, refuse_shifted
from leakcheck.data.names import factorize_names
from leakcheck.data.placing import LongPlan, WidePlan
from leakcheck.data.train import ColumnNames
from leakcheck.data.wide_table import WideAxes, read_wide
from leakcheck.data.wording import counted
from leakcheck.exceptions import ValidationError

__all__ = ["Join", "LabelTable", "join", "read_label_table"]


class LabelTable(NamedTuple):
    """A table of labels on axes of its own, before its values are coded."""

    loci: Loci
    cell_types: tuple[str, ...]
    rows: IntArray
    columns: IntArray
    values: NDArray[np.generic]  # one per row (long), or loci x cell types (wide)
    signal: FloatArray | None = None  # long only, one per row

    def coded(self, coding: LabelCoding) -> tuple[FloatArray, FloatArray | None]:
        """Give labels and signal on the table's own grid."""
        axes = (self.loci, self.cell_types)
        labels = coding.apply(self.values)
        if labels.ndim == 2:
            shape = (len(self.loci), len(self.cell_types))
            plan = WidePlan(shape=shape, rows=self.rows, columns=self.columns)
            return plan.place(labels, axes, "train"), None
        compared = {"label": labels} | ({} if self.signal is None else {"signal": self.signal})
        long = LongPlan.make(self.rows, self.columns, axes, compared, argument="train")
        return long.place(labels), None if self.signal is None else long.place(self.signal)


def read_label_table(
    frame: pd.DataFrame, names: ColumnNames, labels: WideAxes | None = None
) -> LabelTable:
    """Read a label table; it is long when it has the columns of cell types and labels."""
    known = {str(name) for name in frame.columns}
    if names.celltype in known and names.label in known:
        return _read_long(frame, names)
    table = read_wide(frame, "train")
    columns, cell_types = factorize_names(frame.columns, "train.columns")
    if labels is not None and labels.index is not None and frame.index.equals(labels.index):
        return LabelTable(labels.loci, cell_types, labels.rows, columns, table.values)
    if not table.has_row_names:
        raise ValidationError(
            "`train` as a table of labels must have loci as row names, or the columns "
            f"{', '.join([*names.locus, names.celltype, names.label])}; its rows are only counted "
            f"and its columns start with {str(frame.columns[0])!r}. Set its index to the loci, or "
            "rename its columns."
        )
    rows, loci = read_loci(frame.index, "train.index")
    return LabelTable(loci, cell_types, rows, columns, table.values)


def _read_long(frame: pd.DataFrame, names: ColumnNames) -> LabelTable:
    """Read a long label table."""
    locus = [name for name in names.locus if name in frame.columns] or ["chrom", "start", "end"]
    absent = [name for name in locus if name not in frame.columns]
    if absent or frame.empty:
        raise ValidationError(
            f"`train` as a long table must have rows and the columns "
            f"{', '.join(names.locus)} (or chrom, start, end), {names.celltype}, {names.label}; it "
            f"has {counted(len(frame), 'row')} and {list(map(str, frame.columns))}. Rename its "
            "columns."
        )
    spec = frame[locus[0]] if len(locus) == 1 else _intervals(frame, locus)
    rows, loci = read_loci(spec, "train")
    columns, cell_types = factorize_names(frame[names.celltype], f"train.{names.celltype}")
    signal = None
    if names.signal is not None and names.signal in frame.columns:
        signal = as_signal(plain(frame[names.signal], "train"), f"train.{names.signal}")
    values = plain(frame[names.label], "train")
    return LabelTable(loci, cell_types, rows, columns, values, signal)


def _intervals(frame: pd.DataFrame, locus: list[str]) -> pd.DataFrame:
    """Give the three columns of an interval under their own names."""
    return frame[locus].set_axis(["chrom", "start", "end"], axis=1)


class Join(NamedTuple):
    """The union of two sets of axes: the first's come first and keep their positions."""

    loci: Loci
    cell_types: tuple[str, ...]
    rows: IntArray  # of the second table's loci; -1 = left out
    columns: IntArray
    n_without_coordinates: int


def join(loci: Loci, cell_types: tuple[str, ...], table: LabelTable, book: Loci | None) -> Join:
    """Join the axes of the labels with those of a separate label table."""
    check_comparable(table.loci, "train", loci, "labels")
    rows = loci.index_of(table.loci.ids)
    if (rows < 0).all():
        refuse_shifted(table.loci, "train", loci, "labels")
        if not (loci.has_coordinates and table.loci.has_coordinates):
            _refuse_no_shared_locus(loci, table.loci)
    extra = table.loci.take(np.flatnonzero(rows < 0))
    added = _located(extra, loci, book)
    joined = _concatenated(loci, added)
    names = cell_types + tuple(name for name in table.cell_types if name not in set(cell_types))
    positions = {name: position for position, name in enumerate(names)}
    return Join(
        loci=joined,
        cell_types=names,
        rows=joined.index_of(table.loci.ids),
        columns=np.array([positions[name] for name in table.cell_types], dtype=np.int64),
        n_without_coordinates=len(extra) - len(added),
    )


def _refuse_no_shared_locus(loci: Loci, other: Loci) -> None:
    """Raise when ids have nothing in common: no baseline could be computed."""
    raise ValidationError(
        f"`train` must share loci with `labels`; none of its {counted(len(other), 'locus')} is "
        f"among the {len(loci)} of `labels`: it has {other.ids[0]!r}, `labels` has "
        f"{loci.ids[0]!r}. Use the same ids or intervals in both.",
        code="LK102",
    )


def _located(extra: Loci, loci: Loci, book: Loci | None) -> Loci:
    """Keep the further loci that have coordinates, where the others have them."""
    if not loci.has_coordinates or extra.has_coordinates:
        return extra
    known = book.index_of(extra.ids) if book is not None else np.full(len(extra), -1)
    if book is None:
        return loci.take(np.zeros(0, dtype=np.int64))
    return book.take(known[known >= 0])


def _concatenated(loci: Loci, added: Loci) -> Loci:
    """Append loci."""
    if len(added) == 0:
        return loci
    if loci.chrom is None or added.chrom is None:
        return Loci(ids=np.concatenate([loci.ids, added.ids]))
    chroms = np.concatenate([loci.chromosomes(), added.chromosomes()])
    codes, names = pd.factorize(chroms)
    starts = [part.start for part in (loci, added) if part.start is not None]
    ends = [part.end for part in (loci, added) if part.end is not None]
    return Loci(
        ids=np.concatenate([loci.ids, added.ids]),
        chrom=codes.astype(np.int64),
        chrom_names=tuple(names),
        start=np.concatenate(starts),
        end=np.concatenate(ends),
    )
