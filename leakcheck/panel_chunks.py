"""Floor 3: the rows of a target read from columns that are kept outside of memory."""

import hashlib
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.cell_type_sums import is_known, levels_of_counts, sum_others
from leakcheck.base.chunks import Runs
from leakcheck.base.columns import CHUNK_ROWS, Column, Positions, gather, gather_last
from leakcheck.exceptions import ValidationError
from leakcheck.target_rows import Scratch

__all__ = ["PanelStore", "StoredTarget"]

_STEP: Final = CHUNK_ROWS  # a multiple of 8: masks are kept as bits


class PanelStore(Protocol):
    """Columns of labels and signal of all loci, in genome order, read stretch by stretch.

    Attributes
    ----------
    n_loci : int
        Loci.
    cell_types : tuple of str
        Columns.
    label_kind : {"binary", "continuous"}
        What the labels are.
    has_signal : bool
        Whether a signal stands beside binary labels.
    has_neighbours : bool
        Whether loci have coordinates.
    is_reference : ndarray of bool, shape (n_cell_types,)
        Which cell types have any reference pair.
    runs : Runs
        The loci as stretches of one block and one chromosome; chromosomes numbered by name.
    """

    n_loci: int
    cell_types: tuple[str, ...]
    label_kind: LabelKind
    has_signal: bool
    has_neighbours: bool
    is_reference: BoolArray
    runs: Runs

    def reference_labels(self, column: int, rows: slice) -> NDArray[Any]:
        """Labels of the reference pairs.

        Parameters
        ----------
        column : int
            Cell type.
        rows : slice
            Loci.

        Returns
        -------
        ndarray, shape (n,)
            Labels: int8 and -1 (binary), or float and NaN elsewhere.
        """

    def reference_signal(self, column: int, rows: slice) -> FloatArray:
        """Transformed signal of `leakcheck.panel.ReferencePanel.signal_pairs`, float64 and NaN.

        Arguments and answer: see `leakcheck.panel_chunks.PanelStore.reference_labels`.
        """

    def audited_labels(self, column: int, rows: slice) -> NDArray[Any]:
        """Labels of the audited pairs.

        Arguments and answer: see `leakcheck.panel_chunks.PanelStore.reference_labels`.
        """


class StoredTarget:
    """The rows of a target in a store; attributes and methods are those of `TargetRows`.

    Parameters
    ----------
    store : PanelStore
        The columns.
    name : str
        The target.
    n_blocks : int
        Number of blocks.
    scratch : Scratch
        Where the averages are kept.

    Attributes
    ----------
    n_rows, n_hybrid : int
        Its rows, and audited loci that no reference cell type observes.
    block_sizes : ndarray of int, shape (n_blocks,)
        Rows of each block.

    Raises
    ------
    ValidationError
        When loci have reference labels and no reference signal.
    """

    def __init__(self, store: PanelStore, name: str, n_blocks: int, scratch: Scratch) -> None:
        self._store, self.name, self.n_blocks = store, name, n_blocks
        self.column = store.cell_types.index(name)
        self.cell_types = store.cell_types
        self.members = np.flatnonzero(store.is_reference)
        self.references = self.members[self.members != self.column]
        self.label_kind: LabelKind = store.label_kind
        self.has_signal, self.has_neighbours = store.has_signal, store.has_neighbours
        self._bits: NDArray[np.uint8] | None = None
        self._before = np.zeros(1, dtype=np.int64)
        self._scan(scratch)

    @property
    def is_complete(self) -> bool:
        """Whether every locus of the store is a row of the target, at the same position."""
        return self._bits is None

    def selected(self, rows: slice) -> BoolArray:
        """Which loci of the store are rows of the target.

        Parameters
        ----------
        rows : slice
            Positions in the store.

        Returns
        -------
        ndarray of bool, shape (n,)
            One for each of them.
        """
        if self._bits is None:
            return np.ones(rows.stop - rows.start, dtype=np.bool_)
        first = rows.start // 8 * 8
        bits = np.unpackbits(self._bits[first // 8 : -(-rows.stop // 8)])
        chosen: BoolArray = bits[rows.start - first : rows.stop - first].view(np.bool_)
        return chosen

    def labels(self, rows: Positions) -> FloatArray:
        """Labels of the target.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.labels`.
        """
        found: FloatArray = self._read(
            lambda at: self._store.audited_labels(self.column, at), rows
        ).astype(np.float64)
        return found

    def codes(self, rows: Positions) -> IntArray:
        """Place of the average activity among `levels`.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.codes`.
        """
        codes: IntArray = self._places.take(gather(self._averages, rows))
        return codes

    def average(self, rows: Positions) -> FloatArray:
        """Average activity.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.average`.
        """
        if self.levels is None:
            return gather(self._averages, rows)
        return self.levels[0].take(self.codes(rows))

    def n_observed(self, rows: Positions) -> IntArray:
        """Reference cell types observed at each row (binary labels).

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """
        return np.asarray(
            gather(self._averages, rows).astype(np.intp) // (len(self.references) + 1)
        )

    def average_signal(self, rows: Positions) -> FloatArray:
        """Mean transformed signal.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.average_signal`.
        """
        return gather(self._signals, rows)

    def table(self, rows: Positions, member: int | None = None) -> NDArray[Any]:
        """The finer activity of the members, or of one.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.table`.
        """
        if not self.has_signal:
            return self.active(rows, member)
        return self._of_members(self._store.reference_signal, rows, member)

    def active(self, rows: Positions, member: int | None = None) -> NDArray[Any]:
        """Labels of the members, or of one.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.active`.
        """
        return self._of_members(self._store.reference_labels, rows, member)

    def beside(self, rows: Positions, step: int) -> tuple[NDArray[Any], BoolArray]:
        """The finer activity of the members at the loci before or behind some rows.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.beside`.
        """
        store, n = self._store, self._store.n_loci
        read = store.reference_signal if self.has_signal else store.reference_labels

        def shifted(column: int, at: slice) -> NDArray[Any]:
            low = max(at.start - 1, 0)
            values = read(column, slice(low, min(at.stop + 1, n)))
            places = np.clip(np.arange(at.start, at.stop) + step, 0, n - 1) - low
            return np.asarray(values.take(places))

        def is_there(at: slice) -> BoolArray:
            edges = self._edges - int(step > 0) - at.start
            found = np.ones(at.stop - at.start, dtype=np.bool_)
            found[edges[(edges >= 0) & (edges < len(found))]] = False
            return found

        return self._of_members(shifted, rows, None), self._read(is_there, rows)

    @cached_property
    def _edges(self) -> IntArray:
        """Positions of the store where chromosomes begin, and the end."""
        runs = self._store.runs
        begins: IntArray = np.cumsum(runs.lengths) - runs.lengths
        is_first = np.append(True, np.diff(runs.chroms) != 0)[: len(begins)]
        edges: IntArray = np.append(begins[is_first], self._store.n_loci)
        return edges

    def _of_members(self, read: Any, rows: Positions, member: int | None) -> NDArray[Any]:
        """Columns of the members at some rows."""
        if member is not None:
            return self._read(lambda at: read(self.members[member], at), rows)
        return self._read(
            lambda at: np.stack([read(column, at) for column in self.members.tolist()]), rows
        )

    def _read(self, read: Any, rows: Positions) -> NDArray[Any]:
        """Rows of the target from stretches of the store; they are the last axis."""
        if not isinstance(rows, slice):
            return gather_last(lambda at: self._read(read, at), rows)
        if self._bits is None:
            return np.asarray(read(rows))
        first, last = np.searchsorted(self._before, [rows.start, rows.stop - 1], side="right") - 1
        parts = []
        for step in range(int(first), int(last) + 1):
            at = slice(step * _STEP, min((step + 1) * _STEP, self._store.n_loci))
            begin = int(self._before[step])
            values = read(at)[..., self.selected(at)]
            parts.append(values[..., max(rows.start - begin, 0) : rows.stop - begin])
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def _scan(self, scratch: Scratch) -> None:
        """Find the rows and their averages in one pass over the store."""
        store, n = self._store, len(self.references)
        totals = _Scan(self, scratch)
        for first in range(0, store.n_loci, _STEP):
            totals.add(slice(first, min(first + _STEP, store.n_loci)))
        self.n_rows, self.n_hybrid = totals.n_rows, totals.n_hybrid
        self._averages, self._signals = totals.averages, totals.signals
        self.label_range = totals.label_range
        if self.n_rows < store.n_loci:
            self._bits = np.concatenate(totals.bits)
            self._before = np.concatenate([[0], np.cumsum(totals.kept)])
        self.key = _key_of_mask(self._bits, store.n_loci)
        self.runs = self._own_runs()
        self.block_sizes = self.runs.block_sizes(self.n_blocks)
        self.levels: tuple[FloatArray, IntArray] | None = None
        if self.label_kind == "binary":
            levels, places = levels_of_counts(totals.pairs.reshape(n + 1, n + 1))
            self._places = places.ravel()
            counts = np.zeros(len(levels), dtype=np.int64)
            own = np.flatnonzero(totals.pairs)  # a target without rows has no level at all
            np.add.at(counts, self._places[own], totals.pairs[own])
            self.levels = levels, counts

    def _own_runs(self) -> Runs:
        """The stretches of the store that are left of its runs."""
        runs = self._store.runs
        if self._bits is None:
            return runs
        ends = np.cumsum(runs.lengths)
        before = np.array([self._rank(end) for end in ends.tolist()])
        lengths = np.diff(before, prepend=0)
        kept = lengths > 0
        return Runs(lengths[kept], runs.blocks[kept], runs.chroms[kept])

    def _rank(self, position: int) -> int:
        """Rows of the target before a position of the store."""
        step = position // _STEP
        inside = self.selected(slice(step * _STEP, position)) if position % _STEP else np.empty(0)
        return int(self._before[step]) + int(np.count_nonzero(inside))


class _Scan:
    """What one pass over a store finds of a target."""

    def __init__(self, target: StoredTarget, scratch: Scratch) -> None:
        store, n = target._store, len(target.references)
        self._target, self._store = target, store
        self.n_rows = self.n_hybrid = 0
        self.bits: list[NDArray[np.uint8]] = []
        self.kept: list[int] = []
        self.label_range = (np.nan, np.nan)
        binary = store.label_kind == "binary"
        kind = np.min_scalar_type((n + 1) ** 2 - 1) if binary else np.float64
        self.averages: Column = scratch.column("average", kind, store.n_loci)
        self.signals: Any = None
        if store.has_signal:
            self.signals = scratch.column("average signal", np.float64, store.n_loci)
        self.pairs: IntArray = np.zeros((n + 1) ** 2, dtype=np.int64)

    def add(self, at: slice) -> None:
        """Take in a stretch."""
        target, store = self._target, self._store
        own = store.audited_labels(target.column, at)
        audited = is_known(own)
        table = np.stack(
            [store.reference_labels(c, at) for c in target.references.tolist()]
            or [np.full(len(own), -1, dtype=np.int8)]
        )
        count = is_known(table).sum(axis=0)
        chosen = audited & (count > 0)
        self.n_hybrid += int(np.count_nonzero(audited & ~chosen))
        self.bits.append(np.packbits(chosen))
        self.kept.append(int(np.count_nonzero(chosen)))
        to = slice(self.n_rows, self.n_rows + self.kept[-1])
        self.n_rows = to.stop
        if store.has_signal:
            signal = self._mean_signal(at, count)
            self.signals.write(to, signal[chosen])
        if store.label_kind == "binary":
            pairs = count[chosen] * (len(target.references) + 1) + (table == 1).sum(axis=0)[chosen]
            self.pairs += np.bincount(pairs, minlength=len(self.pairs))
            self.averages.write(to, pairs)
        else:
            total = sum_others(table.astype(np.float64), None)
            self.averages.write(to, (total[chosen] / count[chosen]))
        if self.kept[-1]:
            labels = own[chosen]
            ends = np.array([labels.min(), labels.max(), *self.label_range], dtype=np.float64)
            self.label_range = (float(np.nanmin(ends)), float(np.nanmax(ends)))

    def _mean_signal(self, at: slice, count: IntArray) -> FloatArray:
        """Mean transformed signal over the other cell types."""
        columns = self._target.references.tolist()
        table = np.stack(
            [self._store.reference_signal(c, at) for c in columns] or [np.full(len(count), np.nan)]
        )
        seen = (~np.isnan(table)).sum(axis=0)
        missing = (seen == 0) & (count > 0)
        if missing.any():
            raise ValidationError(
                f"`signal` must be observed wherever reference labels are; {int(missing.sum())} of "
                f"{at.stop - at.start} loci from position {at.start} on have reference labels and "
                "no reference signal. Give their signal, or drop these loci."
            )
        mean: FloatArray = np.divide(
            sum_others(table, None), seen, out=np.full(len(seen), np.nan), where=seen > 0
        )
        return mean


def _key_of_mask(bits: NDArray[np.uint8] | None, n_loci: int) -> bytes:
    """Digest which loci are rows: equal for equal rows of one store, and for no others."""
    if bits is None:
        return b"all of %d" % n_loci
    return hashlib.blake2b(bits.data, digest_size=16).digest()
