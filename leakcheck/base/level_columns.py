"""Floor 1: columns of a regression that are functions of few levels, and are never written out.

The average of binary labels has no more levels than there are reference cell types, so that its
splines are a small table and a code for each row. Their products with the features are products of
that table with sums of the features by level. These would take a pass for each target; but the
average of all cell types but one follows from the count over all of them, the row's group, and from
whether the one counts there, the row's mark. Sums by group and mark serve every target at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.chunks import Chunk
from leakcheck.base.columns import Moments

__all__ = ["MOST_BYTES", "LevelColumns", "RowGroups", "sums_of_groups"]

#: Sums by group and mark take no more; what is larger is to be written out.
MOST_BYTES: Final = 1 << 25


@dataclass(frozen=True, eq=False)
class LevelColumns:
    """Columns of one regression that follow from a row's level.

    Attributes
    ----------
    values : ndarray of float32, shape (q, n_levels)
        Each column at each level.
    counts : ndarray of int, shape (n_levels,)
        Rows of each level.
    codes : callable
        Gives the level of each row of a chunk, shape (n,).
    marks : callable or None
        Says of each row of a chunk whether it is marked, shape (n,); None where no row is.
    places : ndarray of int, shape (2, n_groups)
        Level of the rows of each group without a mark, and with one; anything where there are none.
    """

    values: FloatArray
    counts: IntArray
    codes: Callable[[Chunk], IntArray]
    marks: Callable[[Chunk], BoolArray] | None
    places: IntArray

    @property
    def moments(self) -> Moments:
        """Mean and squared deviations of each column over all rows."""
        values, n = self.values.astype(np.float64), int(self.counts.sum())
        mean = values @ self.counts / n
        squares = (values - mean[:, None]) ** 2 @ self.counts
        return Moments(n, mean, squares)

    def at(self, values: NDArray[Any], place: int) -> NDArray[Any]:
        """Columns at the level of each group.

        Parameters
        ----------
        values : ndarray, shape (q, n_levels)
            Columns.
        place : {0, 1}
            Without a mark, or with one.

        Returns
        -------
        ndarray, shape (q, n_groups)
        """
        return np.asarray(values.take(self.places[place], axis=1))


class RowGroups(NamedTuple):
    """Groups of rows, from which and from a mark the levels of several regressions follow.

    Attributes
    ----------
    n_groups : int
        Groups.
    codes : callable
        Gives the group of each row of a chunk, shape (n,), as small unsigned integers.
    """

    n_groups: int
    codes: Callable[[Chunk], NDArray[Any]]


class GroupedRows(NamedTuple):
    """Features of a chunk, group by group."""

    order: IntArray  # places in the chunk
    present: IntArray  # groups that have rows here
    bounds: IntArray  # where the rows of each of them begin, and the end
    rows: FloatArray  # (p, n) float64

    @classmethod
    def of(cls, groups: RowGroups | None, chunk: Chunk, rows: FloatArray) -> "GroupedRows":
        """Sort the rows of a chunk by group."""
        if groups is None:
            raise ValueError("the rows of the features have no groups")
        codes = groups.codes(chunk)
        order = np.argsort(codes, kind="stable")  # 8 or 16 bits are sorted by counting
        sizes = np.bincount(codes, minlength=groups.n_groups)
        present = np.flatnonzero(sizes)
        bounds = np.append(0, np.cumsum(sizes[present]))
        return cls(order, present, bounds, rows.take(order, axis=1))


def sums_of_groups(
    grouped: GroupedRows, chunk: Chunk, levels: Sequence[LevelColumns]
) -> FloatArray:
    """Sum the features of a chunk by group: of all rows, then of those that are marked.

    Parameters
    ----------
    grouped : GroupedRows
        The features.
    chunk : Chunk
        Where they are.
    levels : sequence of LevelColumns
        Say which rows are marked.

    Returns
    -------
    ndarray of float64, shape (n_present, 1 + n_levels, p)
        Of the groups that have rows here.

    Examples
    --------
    >>> chunk = [None] * 4  # four rows
    >>> groups = RowGroups(2, lambda chunk: np.array([0, 1, 1, 0], dtype=np.uint8))
    >>> grouped = GroupedRows.of(groups, chunk, np.array([[1.0, 2.0, 4.0, 8.0]]))
    >>> marks = np.array([True, True, False, False])
    >>> levels = LevelColumns(None, None, None, lambda chunk: marks, None)
    >>> sums_of_groups(grouped, chunk, [levels])[:, :, 0]
    array([[9., 1.],
           [6., 2.]])
    """
    marks = np.zeros((1 + len(levels), len(chunk)))
    marks[0] = 1
    for row, one in zip(marks[1:], levels, strict=True):
        if one.marks is not None:
            row[:] = one.marks(chunk)[grouped.order]
    found = np.empty((len(grouped.present), len(marks), len(grouped.rows)))
    pairs: Iterable[list[int]] = np.stack([grouped.bounds[:-1], grouped.bounds[1:]], 1).tolist()
    for out, (low, high) in zip(found, pairs, strict=True):
        np.matmul(marks[:, low:high], grouped.rows[:, low:high].T, out=out)
    return found
