"""Floor 3: the rows of one target in genome order, read stretch by stretch."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.chunks import Layout, Runs
from leakcheck.base.columns import CHUNK_ROWS, ArrayColumn, Column, Positions, gather
from leakcheck.base.conditional import rank_average, ranks_of_counts
from leakcheck.base.folds import assign_folds

__all__ = [
    "N_FOLDS",
    "AverageRanks",
    "Scratch",
    "TargetRows",
    "layout_of",
    "stretches",
    "written",
]

N_FOLDS: Final = 5


class TargetRows(Protocol):
    """What the information test reads of a target, wherever it is kept.

    Rows are the target's own: audited loci that a reference observes. A position is the place of
    one of them in genome order (chromosome, start, end), or as they came where loci have no
    coordinates.

    Attributes
    ----------
    name : str
        The target.
    column : int
        Its column.
    cell_types : tuple of str
        Names of the columns.
    members, references : ndarray of int, shape (n_members,) and (n_references,)
        Columns with any reference pair: all of them, and those that are not the target.
    runs : Runs
        The rows as stretches of one block and one chromosome.
    n_blocks : int
        Number of blocks.
    has_neighbours : bool
        Whether loci have coordinates.
    label_kind : {"binary", "continuous"}
        What the labels are.
    has_signal : bool
        Whether a signal stands beside binary labels.
    is_complete : bool
        Whether every locus is a row.
    levels : (ndarray of float, ndarray of int), each of shape (n_levels,), or None
        Distinct average activities, rising, and how many rows have each (binary labels).
    label_range : (float, float)
        Least and largest label of the target; NaN without rows.
    key : bytes
        Equal for targets with the same rows.
    """

    name: str
    column: int
    cell_types: tuple[str, ...]
    runs: Runs
    n_blocks: int
    has_neighbours: bool
    label_kind: LabelKind
    has_signal: bool
    key: bytes

    @property
    def is_complete(self) -> bool:
        """Whether every locus is a row."""

    @property
    def members(self) -> IntArray:
        """Columns with any reference pair, shape (n_members,)."""

    @property
    def references(self) -> IntArray:
        """Those of them that are not the target, shape (n_references,)."""

    @property
    def levels(self) -> tuple[FloatArray, IntArray] | None:
        """Distinct average activities and their counts, each of shape (n_levels,)."""

    @property
    def label_range(self) -> tuple[float, float]:
        """Least and largest label."""

    def labels(self, rows: Positions) -> FloatArray:
        """Labels of the target, float64.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """

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

    def average(self, rows: Positions) -> FloatArray:
        """Average activity, float64.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """

    def average_signal(self, rows: Positions) -> FloatArray:
        """Mean transformed signal, float64.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """

    def table(self, rows: Positions, member: int | None = None) -> NDArray[Any]:
        """The finer activity of the members, (n_members, n): float64 with NaN.

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

    def active(self, rows: Positions, member: int | None = None) -> NDArray[np.int8]:
        """Binary labels of the members, (n_members, n), or of one; -1 where unobserved.

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

    def beside(self, rows: Positions, step: int) -> tuple[NDArray[Any], BoolArray]:
        """The finer activity of the members at the loci before or behind some rows.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.
        step : {-1, 1}
            Before, or behind.

        Returns
        -------
        values : ndarray, shape (n_members, n)
            At the next locus of all there are, be it a row of the target or not; NaN or -1 where
            unobserved.
        is_there : ndarray of bool, shape (n,)
            Whether there is one on the chromosome; values elsewhere say nothing.
        """


class Scratch:
    """Where columns between the passes are kept: in memory, unless a subclass says otherwise."""

    def column(self, name: str, dtype: Any, n: int) -> Column:
        """Make a column.

        Parameters
        ----------
        name : str
            What is in it.
        dtype : dtype
            Of its values.
        n : int
            Rows.

        Returns
        -------
        Column
            Its values are undefined until they are written.
        """
        return ArrayColumn(np.empty(n, dtype=dtype))

    def rank(self, values: Column) -> Column:
        """Rank a column.

        Parameters
        ----------
        values : Column
            Finite values.

        Returns
        -------
        Column
            Mean ranks, float64.
        """
        ranks = self.column("ranks", np.float64, len(values))
        ranks.write(slice(0, len(values)), rank_average(values.read(slice(0, len(values)))))
        return ranks


class AverageRanks:
    """Ranks of the average activity of a target.

    Parameters
    ----------
    rows : TargetRows
        The target.
    scratch : Scratch
        Where the ranks of continuous averages are kept.
    """

    def __init__(self, rows: TargetRows, scratch: Scratch) -> None:
        self._rows = rows
        self._of_levels: FloatArray | None = None
        self._column: Column | None = None
        if rows.levels is not None:
            self._of_levels = ranks_of_counts(rows.levels[1])
        else:
            self._column = scratch.rank(written(rows.average, rows.runs.n_rows, scratch))

    def read(self, rows: Positions) -> FloatArray:
        """Mean ranks.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray of float64, shape (n,)
            1 to the number of rows of the target, in the order of `rows`.
        """
        if self._of_levels is not None:
            return self._of_levels.take(self._rows.codes(rows))
        assert self._column is not None  # noqa: S101 - one of the two is there
        return gather(self._column, rows)

    def codes(self, rows: Positions) -> IntArray:
        """Whole numbers that are equal where averages are.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray, shape (n,)
            In the order of `rows`.
        """
        if self._of_levels is not None:
            return self._rows.codes(rows)
        codes: IntArray = (2 * self.read(rows)).astype(np.intp)
        return codes

    @property
    def n_codes(self) -> int:
        """Codes are below this."""
        n = self._rows.runs.n_rows
        return 2 * n + 1 if self._of_levels is None else len(self._of_levels)

    @cached_property
    def n_levels(self) -> int:
        """Distinct averages."""
        if self._of_levels is not None:
            return len(self._of_levels)
        seen = np.zeros(self.n_codes, dtype=np.bool_)
        for rows in stretches(self._rows.runs.n_rows):
            seen[self.codes(rows)] = True
        return int(np.count_nonzero(seen))


def stretches(n: int) -> Iterator[slice]:
    """Cut rows in stretches that are read at a time.

    Parameters
    ----------
    n : int
        Number of rows.

    Yields
    ------
    slice
        One after the other.

    Examples
    --------
    >>> [rows.stop - rows.start for rows in stretches(70_000)]
    [32768, 32768, 4464]
    """
    for low in range(0, n, CHUNK_ROWS):
        yield slice(low, min(low + CHUNK_ROWS, n))


def written(read: Callable[[slice], NDArray[Any]], n: int, scratch: Scratch) -> Column:
    """Write what is read into a column.

    Parameters
    ----------
    read : callable
        Gives the values of a stretch, shape (rows of the stretch,).
    n : int
        Number of rows.
    scratch : Scratch
        Makes the column.

    Returns
    -------
    Column
        Of float64, n rows.

    Examples
    --------
    >>> values = np.array([3.0, 1.0])
    >>> written(lambda rows: values[rows], 2, Scratch()).read(slice(0, 2))
    array([3., 1.])
    """
    column = scratch.column("values", np.float64, n)
    for rows in stretches(n):
        column.write(rows, read(rows))
    return column


def layout_of(rows: TargetRows) -> Layout:
    """Distribute the blocks of a target over folds, and put its rows in canonical order.

    Parameters
    ----------
    rows : TargetRows
        At least one row.

    Returns
    -------
    Layout
        Five folds, or as many as there are blocks.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = SimpleNamespace(runs=Runs.of_codes(np.array([0, 0, 1, 2, 2, 2])), n_blocks=3)
    >>> layout_of(rows).bounds
    (0, 3, 5, 6)
    """
    return Layout.of(rows.runs, assign_folds(rows.runs.block_sizes(rows.n_blocks), N_FOLDS))
