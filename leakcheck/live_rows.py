"""Floor 3: the rows of a target without the blocks on which its references hardly vary."""

import hashlib
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.chunks import Runs
from leakcheck.base.columns import Positions
from leakcheck.target_rows import TargetRows, stretches

__all__ = ["LeftOut", "LiveRows"]


class LeftOut(NamedTuple):
    """What the information test of a target leaves out.

    Attributes
    ----------
    n_blocks, n_loci : int
        Blocks on which the references hardly vary, and the target's loci there.
    n_left : int
        Blocks that are tested.
    chroms : tuple of int
        Chromosomes of the former, numbered by name.
    """

    n_blocks: int
    n_loci: int
    n_left: int
    chroms: tuple[int, ...] = ()

    @classmethod
    def of(cls, rows: TargetRows, silent: BoolArray) -> "LeftOut":
        """Count.

        Parameters
        ----------
        rows : TargetRows
            The target.
        silent : ndarray of bool, shape (n_blocks,)
            From `leakcheck.silent_blocks.silent_blocks`.

        Returns
        -------
        LeftOut
            Blocks without rows do not count.
        """
        sizes = rows.runs.block_sizes(rows.n_blocks)
        runs = rows.runs
        return cls(
            n_blocks=int(np.count_nonzero(silent)),
            n_loci=int(sizes[silent].sum()),
            n_left=int(np.count_nonzero(sizes[~silent])),
            chroms=tuple(np.unique(runs.chroms[silent[runs.blocks] & (runs.lengths > 0)]).tolist()),
        )


class LiveRows:
    """The rows of a target on other blocks; attributes and methods are those of `TargetRows`.

    Parameters
    ----------
    rows : TargetRows
        The target.
    silent : ndarray of bool, shape (n_blocks,)
        Blocks that are left out.

    Attributes
    ----------
    left_out : LeftOut
        How many they are.
    """

    def __init__(self, rows: TargetRows, silent: BoolArray) -> None:
        self._rows = rows
        self.name, self.column, self.cell_types = rows.name, rows.column, rows.cell_types
        self.members, self.references = rows.members, rows.references
        self.n_blocks, self.has_neighbours = rows.n_blocks, rows.has_neighbours
        self.label_kind: LabelKind = rows.label_kind
        self.has_signal, self.is_complete = rows.has_signal, rows.is_complete
        self.key = hashlib.blake2b(rows.key + b"|" + silent.tobytes(), digest_size=16).digest()
        self.left_out = LeftOut.of(rows, silent)
        runs, kept = rows.runs, ~silent[rows.runs.blocks]
        begins = (np.cumsum(runs.lengths) - runs.lengths)[kept]
        self.runs = Runs(runs.lengths[kept], runs.blocks[kept], runs.chroms[kept])
        self._place(begins, self.runs.lengths)

    def _place(self, begins: IntArray, lengths: IntArray) -> None:
        """Find the stretches of kept rows that do not touch."""
        first = np.diff(begins, prepend=-1) != np.append(-1, lengths[:-1])
        first[:1] = True
        self._before = (np.cumsum(lengths) - lengths)[first]
        self._shift = begins[first] - self._before

    def at(self, rows: Positions) -> Positions:
        """Where rows are among all rows of the target.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions among the rows that are left.

        Returns
        -------
        slice or ndarray of int, shape (n,)
            A slice where they follow one another.
        """
        if isinstance(rows, slice):
            ends = np.array([rows.start, rows.stop - 1])
            first, last = np.searchsorted(self._before, ends, side="right") - 1
            if first == last:
                shift = int(self._shift[first])
                return slice(rows.start + shift, rows.stop + shift)
            rows = np.arange(rows.start, rows.stop)
        stretch = np.searchsorted(self._before, rows, side="right") - 1
        found: IntArray = rows + self._shift[stretch]
        return found

    @cached_property
    def _levels(self) -> tuple[FloatArray, IntArray, IntArray]:
        """Levels that are left, their counts, and the new place of each level."""
        assert self._rows.levels is not None  # noqa: S101 - asked for where there are levels
        levels = self._rows.levels[0]
        counts = np.zeros(len(levels), dtype=np.int64)
        for part in stretches(self.runs.n_rows):
            counts += np.bincount(self._rows.codes(self.at(part)), minlength=len(levels))
        used = counts > 0
        return levels[used], counts[used], np.cumsum(used) - 1

    @property
    def levels(self) -> tuple[FloatArray, IntArray] | None:
        """Distinct average activities and their counts, each of shape (n_levels,)."""
        return None if self._rows.levels is None else self._levels[:2]

    @cached_property
    def label_range(self) -> tuple[float, float]:
        """Least and largest label."""
        parts = [self.labels(part) for part in stretches(self.runs.n_rows)]
        return (
            float(min(part.min() for part in parts)),
            float(max(part.max() for part in parts)),
        )

    def labels(self, rows: Positions) -> FloatArray:
        """Labels of the target.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.labels`.
        """
        return self._rows.labels(self.at(rows))

    def codes(self, rows: Positions) -> IntArray:
        """Place of the average activity among `levels`.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.codes`.
        """
        codes: IntArray = self._levels[2].take(self._rows.codes(self.at(rows)))
        return codes

    def average(self, rows: Positions) -> FloatArray:
        """Average activity.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.average`.
        """
        return self._rows.average(self.at(rows))

    def average_signal(self, rows: Positions) -> FloatArray:
        """Mean transformed signal.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.average_signal`.
        """
        return self._rows.average_signal(self.at(rows))

    def table(self, rows: Positions, member: int | None = None) -> NDArray[Any]:
        """The finer activity of the members, or of one.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.table`.
        """
        return self._rows.table(self.at(rows), member)

    def active(self, rows: Positions, member: int | None = None) -> NDArray[np.int8]:
        """Binary labels of the members, or of one.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.active`.
        """
        return self._rows.active(self.at(rows), member)

    def beside(self, rows: Positions, step: int) -> tuple[NDArray[Any], BoolArray]:
        """The finer activity of the members at the loci before or behind some rows.

        Arguments and answer: see `leakcheck.target_rows.TargetRows.beside`.
        """
        return self._rows.beside(self.at(rows), step)
