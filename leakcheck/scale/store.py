"""Floor 6: a data set as checked columns on disk, in genome order."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, LabelKind
from leakcheck.base.cell_type_sums import is_known
from leakcheck.base.chunks import Runs
from leakcheck.data import Note
from leakcheck.data.label_summary import LabelSummary
from leakcheck.panel import SIGNAL_TRANSFORMS
from leakcheck.scale.blocks import StoreBlocks
from leakcheck.scale.files import ColumnFile
from leakcheck.scale.plan import CellTypeSummary, column_name

__all__ = ["CHUNK", "Store"]

#: Rows that are read at a time where the order of sums does not matter.
CHUNK: Final = 1 << 17


@dataclass
class Store:
    """What is known about the columns of a scratch folder; small, and read by every task.

    Attributes
    ----------
    folder : str
        Where the columns are.
    n_loci, n_chromosomes : int
        Length of the columns, and chromosomes of the loci.
    cell_types, models : tuple of str
        Names.
    label_kind : {"binary", "continuous"}
        What the labels are.
    has_signal : bool
        Whether a signal stands beside them.
    signal_transform : str
        Transformation of the signal.
    reference_source : str
        How the reference was named.
    families : dict of str to str
        Model to family.
    blocks : StoreBlocks
        Blocks and chromosomes of the rows.
    has_coordinates : bool
        Whether loci have intervals.
    cells : list of CellTypeSummary
        What each cell type holds.
    n_audited_chromosomes : int
        Chromosomes that hold audited loci with a reference label.
    hashes : dict of str to str
        SHA-256 of each part of the content.
    notes : tuple of Note
        What the border saw or did.
    unseen, near : dict of int to int
        Target to its audited pairs without a reference label from another cell type, and to those
        of them that lie near a reference locus (empty where that is not known).
    order : ColumnFile, optional
        Place of each row in the source, where that has another order.
    label_summary : LabelSummary, optional
        Where real-valued labels lie.
    chromosomes : tuple of str
        Names of all chromosomes, sorted; empty without coordinates.
    """

    folder: str
    n_loci: int
    cell_types: tuple[str, ...]
    models: tuple[str, ...]
    label_kind: LabelKind
    has_signal: bool
    signal_transform: str
    reference_source: str
    families: dict[str, str]
    blocks: StoreBlocks
    has_coordinates: bool
    n_chromosomes: int
    cells: list[CellTypeSummary]
    n_audited_chromosomes: int = 0
    hashes: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    unseen: dict[int, int] = field(default_factory=dict)
    near: dict[int, int] = field(default_factory=dict)
    order: ColumnFile | None = None
    label_summary: LabelSummary | None = None
    chromosomes: tuple[str, ...] = ()

    def save(self) -> None:
        """Write it into its folder, after everything else."""
        (Path(self.folder) / "store.pkl").write_bytes(pickle.dumps(self))

    @staticmethod
    def open(folder: str | Path) -> "Store":
        """Read the store of a folder, which only leakcheck itself writes.

        Parameters
        ----------
        folder : str or Path
            Where it is.

        Returns
        -------
        Store
        """
        store: Store = pickle.loads((Path(folder) / "store.pkl").read_bytes())  # noqa: S301
        return store

    @property
    def runs(self) -> Runs:
        """Stretches of one block and one chromosome."""
        return self.blocks.runs

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return self.blocks.n_blocks

    @property
    def has_neighbours(self) -> bool:
        """Whether it is known which loci are beside one another."""
        return self.has_coordinates

    @cached_property
    def is_reference(self) -> BoolArray:
        """Cell types with any reference pair."""
        return np.array([one.n_reference > 0 for one in self.cells])

    @cached_property
    def is_target(self) -> BoolArray:
        """Cell types with any audited pair."""
        return np.array([one.n_audited > 0 for one in self.cells])

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets."""
        return self._named(self.is_target)

    @property
    def references(self) -> tuple[str, ...]:
        """Names of the reference cell types."""
        return self._named(self.is_reference)

    def _named(self, own: BoolArray) -> tuple[str, ...]:
        """Names of some cell types."""
        return tuple(name for name, is_one in zip(self.cell_types, own, strict=True) if is_one)

    @property
    def leave_one_out(self) -> bool:
        """Whether every cell type is a reference of all others."""
        return self.reference_source == "leave-one-out"

    def reference_labels(self, column: int, rows: slice) -> NDArray[Any]:
        """Labels of the reference pairs of a cell type; see `PanelStore`."""
        return self.masked(column, rows)

    def reference_signal(self, column: int, rows: slice) -> FloatArray:
        """Transformed signal of the reference pairs of a cell type; see `PanelStore`."""
        return self.signal(column, rows)

    def audited_labels(self, column: int, rows: slice) -> NDArray[Any]:
        """Labels of the audited pairs of a cell type; see `PanelStore`."""
        labels = self.labels(column, rows)
        cell = self.cells[column]
        if cell.n_audited == cell.n_observed and labels.dtype == np.int8:
            return labels
        return self._where(labels, self.audited(column, rows, labels))

    @staticmethod
    def _where(labels: NDArray[Any], keep: BoolArray) -> NDArray[Any]:
        """Labels that are kept; the rest is missing."""
        if labels.dtype == np.int8:
            return np.where(keep, labels, np.int8(-1))
        return np.where(keep, labels.astype(np.float64), np.nan)

    def own_values(self, rows: slice) -> NDArray[Any]:
        """Activity of all cell types at their reference and audited pairs.

        Parameters
        ----------
        rows : slice
            Which rows.

        Returns
        -------
        ndarray, shape (n_cell_types, n)
            int8 and -1 for binary labels without a signal, else float64 and NaN.
        """
        columns = range(len(self.cell_types))
        return np.stack([self.activity(column, rows, own=True) for column in columns])

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[slice]:
        """Cut the rows, or some of them, in stretches that are read at a time."""
        end = self.n_loci if stop is None else stop
        for low in range(start, end, CHUNK):
            yield slice(low, min(low + CHUNK, end))

    @cached_property
    def _files(self) -> dict[str, ColumnFile]:
        """The columns that were written, by name."""
        return {
            name: ColumnFile(Path(self.folder) / name, dtype, self.n_loci)
            for one in self.cells
            for name, dtype in one.dtypes.items()
        }

    def _file(self, kind: str, column: int, model: int | None = None) -> ColumnFile | None:
        """A column, where it was written."""
        return self._files.get(column_name(kind, column, model))

    def scores(self, model: int, column: int, rows: Any) -> NDArray[Any]:
        """Scores of a model, NaN where it has none.

        Parameters
        ----------
        model, column : int
            Model and cell type.
        rows : slice or ndarray of int
            Which rows.

        Returns
        -------
        ndarray of float32 or float64
        """
        file = self._file("prediction", column, model)
        if file is None:
            return np.full(_length(rows), np.nan, dtype=np.float32)
        return file.read(rows)

    def score_dtype(self, model: int, column: int) -> np.dtype[Any]:
        """Type of the scores of a model in a cell type.

        Parameters
        ----------
        model, column : int
            Model and cell type.

        Returns
        -------
        dtype
        """
        file = self._file("prediction", column, model)
        return np.dtype(np.float32) if file is None else file.dtype

    def labels(self, column: int, rows: Any) -> NDArray[Any]:
        """All labels of a cell type: int8 with -1 where missing, or floats with NaN.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice or ndarray of int
            Which rows.

        Returns
        -------
        ndarray
        """
        file = self._file("labels", column)
        assert file is not None  # noqa: S101 - every cell type has labels, if only missing ones
        return file.read(rows)

    def audited(self, column: int, rows: Any, labels: NDArray[Any] | None = None) -> BoolArray:
        """Which pairs of a cell type are audited.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice or ndarray of int
            Which rows.
        labels : ndarray, optional
            Its labels there, where they were read already.

        Returns
        -------
        ndarray of bool
        """
        if not self.cells[column].n_audited:
            return np.zeros(_length(rows), dtype=bool)
        file = self._file("audited", column)
        if file is not None:
            return file.read(rows).astype(bool)
        return is_known(self.labels(column, rows) if labels is None else labels)

    def reference(self, column: int, rows: Any, labels: NDArray[Any] | None = None) -> BoolArray:
        """Which pairs of a cell type are reference; parameters as for `audited`.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice or ndarray of int
            Which rows.
        labels : ndarray, optional
            Its labels there, where they were read already.

        Returns
        -------
        ndarray of bool
        """
        if not self.cells[column].n_reference:
            return np.zeros(_length(rows), dtype=bool)
        observed = is_known(self.labels(column, rows) if labels is None else labels)
        file = self._file("audited", column)
        return observed if file is None else observed & ~file.read(rows).astype(bool)

    def masked(self, column: int, rows: Any, *, own: bool = False) -> NDArray[Any]:
        """Labels of reference pairs, or with `own` of audited ones as well; the rest is missing.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice or ndarray of int
            Which rows.
        own : bool
            Whether audited pairs count too.

        Returns
        -------
        ndarray of int8 (-1) or float64 (NaN)
        """
        labels = self.labels(column, rows)
        cell = self.cells[column]
        n_kept = cell.n_reference if not own else max(cell.n_reference, cell.n_audited)
        if n_kept == cell.n_observed and labels.dtype == np.int8:
            return labels
        keep = self.reference(column, rows, labels)
        if own:
            keep = keep | self.audited(column, rows, labels)
        return self._where(labels, keep)

    def signal(self, column: int, rows: Any, *, own: bool = False) -> FloatArray:
        """Transformed signal of the pairs that `ReferencePanel.signal_pairs` says.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice or ndarray of int
            Which rows.
        own : bool
            Whether audited pairs count too.

        Returns
        -------
        ndarray of float64
        """
        file = self._file("signal", column)
        assert file is not None  # noqa: S101 - asked for where there is a signal
        values = SIGNAL_TRANSFORMS[self.signal_transform](file.read(rows).astype(np.float64))
        cell = self.cells[column]
        if 0 < cell.n_reference == cell.n_observed:
            return values
        labels = self.labels(column, rows)
        keep = self.reference(column, rows, labels)
        if own:
            keep = keep | self.audited(column, rows, labels)
        return np.where(keep, values, np.nan)

    def activity(self, column: int, rows: Any, *, own: bool = False) -> NDArray[Any]:
        """The finer activity: transformed signal if there is one, else labels.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice or ndarray of int
            Which rows.
        own : bool
            Whether audited pairs count too.

        Returns
        -------
        ndarray of int8 (-1) or float64 (NaN)
        """
        if self.has_signal:
            return self.signal(column, rows, own=own)
        return self.masked(column, rows, own=own)


def _length(rows: Any) -> int:
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)
