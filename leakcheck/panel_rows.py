"""Floor 3: the rows of one target of a panel in memory, in genome order."""

import hashlib
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.chunks import Runs
from leakcheck.base.columns import Positions
from leakcheck.panel import ReferencePanel, TargetView

__all__ = ["GenomeOrder", "PanelRows", "key_of"]


class GenomeOrder:
    """The order of some loci of an evaluation set on the genome, found once.

    Parameters
    ----------
    panel : ReferencePanel
        Holds the loci.
    rows : ndarray of int, shape (n,)
        Which of them.
    """

    def __init__(self, panel: ReferencePanel, rows: IntArray) -> None:
        loci = panel.data.loci
        self.has_neighbours = loci.chrom is not None and loci.start is not None
        self.order: IntArray | None = None  # positions in genome order, None where they are so
        chrom = None
        if loci.chrom is not None and loci.start is not None and loci.end is not None:
            # By name, so that the order of rows decides nothing.
            names = np.argsort(np.argsort(np.array(loci.chrom_names, dtype=object)))
            chrom = names.take(loci.chrom[rows]) if len(rows) else np.empty(0, dtype=np.intp)
            order = np.lexsort((loci.end[rows], loci.start[rows], chrom))
            if not (np.diff(order) == 1).all():
                self.order = order
                chrom = chrom.take(order)
        where = rows if self.order is None else rows.take(self.order)
        follow = len(where) > 0 and bool((np.diff(where) == 1).all())
        self._where = slice(int(where[0]), int(where[-1]) + 1) if follow else where
        self.runs = Runs.of_codes(panel.blocks[self._where], chrom)

    def loci(self, rows: Positions) -> Positions:
        """Where the rows at some positions are in the evaluation set.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        slice or ndarray of int, shape (n,)
            Rows of the set.
        """
        if not isinstance(self._where, slice):
            return self._where[rows]
        first = self._where.start
        if isinstance(rows, slice):
            return slice(rows.start + first, rows.stop + first)
        return rows if first == 0 else rows + first

    def view(self, rows: Positions) -> Positions:
        """Where the rows at some positions are in the view of the target.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        slice or ndarray of int, shape (n,)
            Rows of the view.
        """
        return rows if self.order is None else self.order[rows]


class PanelRows:
    """The rows of a target of a panel in memory; attributes and methods are those of `TargetRows`.

    Parameters
    ----------
    panel : ReferencePanel
        The references.
    view : TargetView
        The target.
    genome : GenomeOrder, optional
        The order of its rows, where it is known from another target with the same ones.
    key : bytes, optional
        Of its rows, from `key_of`.
    """

    def __init__(
        self,
        panel: ReferencePanel,
        view: TargetView,
        genome: GenomeOrder | None = None,
        key: bytes | None = None,
    ) -> None:
        self.genome = GenomeOrder(panel, view.rows) if genome is None else genome
        self._panel, self._view = panel, view
        self.name, self.column, self.references = view.name, view.column, view.references
        self.cell_types = panel.data.cell_types
        self.members = np.flatnonzero(panel.is_reference)
        self.runs, self.has_neighbours = self.genome.runs, self.genome.has_neighbours
        self.n_blocks = panel.n_blocks
        self.label_kind: LabelKind = view.label_kind
        self.has_signal = panel.signal is not None
        self.key = key_of(view.rows) if key is None else key
        self.is_complete = len(view.rows) == len(panel.data.loci)

    @cached_property
    def levels(self) -> tuple[FloatArray, IntArray] | None:
        """Distinct average activities and their counts, each of shape (n_levels,)."""
        if self.label_kind == "continuous":
            return None
        levels, codes = self._view.average_levels
        return levels, np.bincount(codes, minlength=len(levels))

    @property
    def label_range(self) -> tuple[float, float]:
        """Least and largest label."""
        labels = self._view.labels
        return (float(labels.min()), float(labels.max())) if len(labels) else (np.nan, np.nan)

    def labels(self, rows: Positions) -> FloatArray:
        """Labels of the target.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """
        return self._read(self._view.labels, rows)

    def codes(self, rows: Positions) -> IntArray:
        """Place of the average activity among `levels`.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """
        return self._read(self._view.average_levels[1], rows)

    def average(self, rows: Positions) -> FloatArray:
        """Average activity.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """
        return self._read(self._view.average, rows)

    def average_signal(self, rows: Positions) -> FloatArray:
        """Mean transformed signal.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """
        assert self._view.average_signal is not None  # noqa: S101 - read where there is a signal
        return self._read(self._view.average_signal, rows)

    def table(self, rows: Positions, member: int | None = None) -> NDArray[Any]:
        """The finer activity of the members, or of one.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.
        member : int, optional
            Place among `members` of the only one that is wanted.

        Returns
        -------
        ndarray, shape (n_members, n), or (n,) of one member
            In the order of `rows`; NaN or -1 where unobserved.
        """
        return self._pick(self._panel.table, rows, member)

    def active(self, rows: Positions, member: int | None = None) -> NDArray[np.int8]:
        """Binary labels of the members, or of one.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.
        member : int, optional
            Place among `members` of the only one that is wanted.

        Returns
        -------
        ndarray, shape (n_members, n), or (n,) of one member
            In the order of `rows`; NaN or -1 where unobserved.
        """
        return self._pick(self._panel.active, rows, member)

    def beside(self, rows: Positions, step: int) -> tuple[NDArray[Any], BoolArray]:
        """The finer activity of the members at the loci before or behind some rows.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.beside`.
        """
        loci = self.genome.loci(rows)
        beside = self._panel.beside[int(step > 0)]
        at = beside[loci] if isinstance(loci, slice) else beside.take(loci)
        return self._at(self._panel.table, at, None), at >= 0

    def _read(self, values: NDArray[Any], rows: Positions) -> NDArray[Any]:
        """Values of the view at some positions."""
        at = self.genome.view(rows)
        return np.asarray(values[at] if isinstance(at, slice) else values.take(at))

    def _pick(self, table: NDArray[Any], rows: Positions, member: int | None) -> NDArray[Any]:
        """Members of a table at some positions."""
        return self._at(table, self.genome.loci(rows), member)

    def _at(self, table: NDArray[Any], loci: Positions, member: int | None) -> NDArray[Any]:
        """Members of a table at some loci."""
        if member is not None:
            own = table[self.members[member]]
            return np.asarray(own[loci] if isinstance(loci, slice) else own.take(loci))
        if isinstance(loci, slice):
            part: NDArray[Any] = table[:, loci]
            return part if len(self.members) == len(table) else part.take(self.members, axis=0)
        if len(self.members) == len(table):
            return np.asarray(table.take(loci, axis=1))
        return np.asarray(table[np.ix_(self.members, loci)])


def key_of(rows: IntArray) -> bytes:
    """Digest row numbers.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Rising.

    Returns
    -------
    bytes
        Equal for equal rows, and for no others.

    Examples
    --------
    >>> key_of(np.arange(3, 9)), len(key_of(np.array([3, 9])))
    (b'3-8', 16)
    """
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return b"%d-%d" % (rows[0], rows[-1])
    return hashlib.blake2b(np.ascontiguousarray(rows).data, digest_size=16).digest()
