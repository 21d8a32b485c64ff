"""Floor 1: columns of many rows, in memory or elsewhere, and what is summed over them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray

__all__ = [
    "CHUNK_ROWS",
    "ArrayColumn",
    "Column",
    "Moments",
    "Positions",
    "gather",
    "gather_last",
    "ordered_values",
    "scatter",
]

#: Rows of a chunk at the most.
CHUNK_ROWS: Final = 1 << 15

#: Places in genome order: one stretch, or any places, rising or not.
Positions: TypeAlias = "slice | IntArray"


class Column(Protocol):
    """One value for each row, wherever it is kept."""

    def read(self, rows: slice) -> NDArray[Any]:
        """Values of a stretch of rows.

        Parameters
        ----------
        rows : slice
            Which, n of them.

        Returns
        -------
        ndarray, shape (n,)
            In their order.
        """

    def write(self, rows: slice, values: NDArray[Any]) -> None:
        """Replace the values of a stretch of rows.

        Parameters
        ----------
        rows : slice
            Which.
        values : ndarray, shape (n,)
            New values.
        """

    def __len__(self) -> int: ...


class ArrayColumn:
    """A column in memory.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Read and written in place.
    """

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def read(self, rows: Positions) -> NDArray[Any]:
        """Values of some rows.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Which.

        Returns
        -------
        ndarray, shape (n,)
            A view for a slice.
        """
        return self.values[rows] if isinstance(rows, slice) else self.values.take(rows)

    def write(self, rows: Positions, values: NDArray[Any]) -> None:
        """Replace the values of some rows.

        Parameters
        ----------
        rows : slice or ndarray of int, shape (n,)
            Which.
        values : ndarray, shape (n,)
            New values.
        """
        self.values[rows] = values


@dataclass
class Moments:
    """Mean and sum of squared deviations of columns, chunk by chunk.

    Attributes
    ----------
    n : int
        Rows so far.
    mean, squares : ndarray of float64, shape (n_columns,), or float
        Of the rows so far.

    Notes
    -----
    Chan, Golub & LeVeque, COMPSTAT (1982), doi:10.1007/978-3-642-51461-6_3.

    Examples
    --------
    >>> moments = Moments()
    >>> for part in np.split(np.arange(6.0), 2):
    ...     moments.add(part[None])
    >>> float(moments.mean[0]), float(moments.variance[0])
    (2.5, 2.9166666666666665)
    """

    n: int = 0
    mean: Any = 0.0
    squares: Any = 0.0

    def add(self, rows: FloatArray) -> None:
        """Take in a chunk.

        Parameters
        ----------
        rows : ndarray of float, shape (n_columns, n)
            A column in each row; sums are made in its precision.
        """
        n = rows.shape[1]
        if not n:
            return
        rows = np.ascontiguousarray(rows)  # the layout decides in which order values are summed
        mean = rows.sum(axis=1) / n
        centred = rows - mean[:, None]
        squares = np.einsum("ij,ij->i", centred, centred).astype(np.float64)
        mean = mean.astype(np.float64)
        total = self.n + n
        step = mean - self.mean
        self.squares = self.squares + squares + step * step * (self.n * n / total)
        self.mean = self.mean + step * (n / total)
        self.n = total

    @property
    def variance(self) -> Any:
        """Mean squared deviation."""
        return self.squares / max(self.n, 1)

    @classmethod
    def of(cls, parts: Iterable[FloatArray]) -> "Moments":
        """Take in chunks.

        Parameters
        ----------
        parts : iterable of ndarray of float, shape (n_columns, n)
            Chunks.

        Returns
        -------
        Moments
            Of all rows.
        """
        found = cls()
        for part in parts:
            found.add(part)
        return found


#: Stretches that are read one by one; more of them are picked from one that holds them all.
_FEW_RUNS: Final = 64


def gather(column: Column, rows: Positions) -> NDArray[Any]:
    """Read any rows of a column that reads stretches.

    Parameters
    ----------
    column : Column
        Where from.
    rows : slice or ndarray of int, shape (n,)
        Which rows; an array is not empty.

    Returns
    -------
    ndarray, shape (n,)
        Their values, in the order of `rows`.

    Examples
    --------
    >>> gather(ArrayColumn(np.array([5, 6, 7])), np.array([2, 0]))
    array([7, 5])
    """
    if isinstance(column, ArrayColumn):
        return column.read(rows)
    return gather_last(column.read, rows)


def gather_last(read: Callable[[slice], NDArray[Any]], rows: Positions) -> NDArray[Any]:
    """Read any rows by a function that reads stretches; rows are the last axis of its arrays.

    Parameters
    ----------
    read : callable
        Slice to array of shape (..., rows of the slice).
    rows : slice or ndarray of int, shape (n,)
        Which rows; an array is not empty.

    Returns
    -------
    ndarray, shape (..., n)
        Their values, in the order of `rows`.

    Examples
    --------
    >>> table = np.arange(8).reshape(2, 4)
    >>> gather_last(lambda rows: table[:, rows], np.array([3, 0]))
    array([[3, 0],
           [7, 4]])
    """
    if isinstance(rows, slice):
        return read(rows)
    starts, stops = _stretches(rows)
    if len(starts) <= _FEW_RUNS:
        parts = [read(slice(*pair)) for pair in zip(starts.tolist(), stops.tolist(), strict=True)]
        return np.concatenate(parts, axis=-1)
    found: NDArray[Any] | None = None
    for first in range(int(rows.min()), int(rows.max()) + 1, CHUNK_ROWS):
        here = np.flatnonzero((rows >= first) & (rows < first + CHUNK_ROWS))
        if len(here):
            last = int(rows[here].max()) + 1
            values = read(slice(first, last))
            if found is None:
                found = np.empty((*values.shape[:-1], len(rows)), dtype=values.dtype)
            found[..., here] = values[..., rows[here] - first]
    assert found is not None  # noqa: S101 - many stretches hold rows
    return found


def scatter(column: Column, rows: Positions, values: NDArray[Any]) -> None:
    """Write any rows of a column that writes stretches.

    Parameters
    ----------
    column : Column
        Where to.
    rows : slice or ndarray of int, shape (n,)
        Which rows.
    values : ndarray, shape (n,)
        Their new values, in the order of `rows`.

    Examples
    --------
    >>> column = ArrayColumn(np.zeros(3))
    >>> scatter(column, np.array([2, 0]), np.array([7.0, 5.0]))
    >>> column.values
    array([5., 0., 7.])
    """
    if isinstance(column, ArrayColumn) or isinstance(rows, slice):
        column.write(rows, values)  # type: ignore[arg-type]
        return
    starts, stops = _stretches(rows)
    done = 0
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        column.write(slice(start, stop), values[done : done + stop - start])
        done += stop - start


def _stretches(rows: IntArray) -> tuple[IntArray, IntArray]:
    """Where stretches of following numbers begin and end."""
    last = np.flatnonzero(rows[1:] - rows[:-1] != 1)
    starts, stops = np.append(rows[:1], rows[last + 1]), np.append(rows[last], rows[-1:])
    return starts, stops + 1


def ordered_values(read: Callable[[slice], NDArray[Any]], n: int, places: IntArray) -> NDArray[Any]:
    """Order statistics of a column, which is held whole while it is sorted.

    Parameters
    ----------
    read : callable
        Slice to its values, finite, shape (rows of the slice,).
    n : int
        How many there are, at least one.
    places : ndarray of int, shape (...)
        Places among the sorted values, from 0 for the least.

    Returns
    -------
    ndarray, shape (...)
        The values there, in the shape of `places`.

    Examples
    --------
    >>> values = np.array([5.0, 3.0, 4.0])
    >>> ordered_values(lambda rows: values[rows], 3, np.array([0, 2]))
    array([3., 5.])
    """
    first = read(slice(0, min(n, CHUNK_ROWS)))
    values = np.empty(n, dtype=first.dtype)
    values[: len(first)] = first
    for low in range(len(first), n, CHUNK_ROWS):
        values[low : low + CHUNK_ROWS] = read(slice(low, min(low + CHUNK_ROWS, n)))
    values.sort()
    return np.asarray(values.take(places))
