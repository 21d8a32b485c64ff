"""Means, squares and products of two columns in cells of loci, chunk by chunk.

Chunks have one length, and each is put together with what came before it: columns in memory and
columns that are read in parts give the same bits.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.exceptions import ValidationError

__all__ = ["CHUNK_ROWS", "CellMoments", "MomentSums", "row_chunks"]

#: Rows in a chunk; every part of a column but the last holds a multiple of it.
CHUNK_ROWS: Final = 1 << 15


def row_chunks(n: int) -> Iterator[slice]:
    """Rows of each chunk.

    Parameters
    ----------
    n : int
        Rows in all.

    Yields
    ------
    slice
        `CHUNK_ROWS` rows; the last may be shorter.

    Examples
    --------
    >>> [part.stop for part in row_chunks(40_000)]
    [32768, 40000]
    """
    for low in range(0, n, CHUNK_ROWS):
        yield slice(low, min(low + CHUNK_ROWS, n))


class MomentSums(NamedTuple):
    """Moments of two columns, x and y, over the loci of each cell; arrays of one shape.

    Attributes
    ----------
    n_loci : ndarray of float, shape (...)
        Number of loci.
    mean_x, mean_y : ndarray of float, shape (...)
        Means; 0 without loci.
    xx, yy, xy : ndarray of float, shape (...)
        Sums of squares and of products of the deviations from the means.
    squared : ndarray of float, shape (...)
        Sum of ``(x - y) ** 2``.
    low_x, high_x, low_y, high_y : ndarray of float, shape (...)
        Least and largest values; infinite without loci.
    """

    n_loci: FloatArray
    mean_x: FloatArray
    mean_y: FloatArray
    xx: FloatArray
    yy: FloatArray
    xy: FloatArray
    squared: FloatArray
    low_x: FloatArray
    high_x: FloatArray
    low_y: FloatArray
    high_y: FloatArray

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> "MomentSums":
        """Moments of no loci.

        Parameters
        ----------
        shape : tuple of int
            Shape of the cells.

        Returns
        -------
        MomentSums
        """
        zeros = (np.zeros(shape) for _ in range(7))
        ends = (np.full(shape, end) for end in (np.inf, -np.inf, np.inf, -np.inf))
        return cls(*zeros, *ends)

    def joined(self, other: "MomentSums") -> "MomentSums":
        """Moments of the loci of both, cell by cell.

        Parameters
        ----------
        other : MomentSums
            Of other loci.

        Returns
        -------
        MomentSums

        Notes
        -----
        Chan, Golub & LeVeque, The American Statistician 37:242-247, 1983,
        doi:10.1080/00031305.1983.10483115: nothing large is subtracted from anything large.
        """
        n_loci = self.n_loci + other.n_loci
        share = other.n_loci / np.maximum(n_loci, 1.0)
        across = self.n_loci * share
        x, y = other.mean_x - self.mean_x, other.mean_y - self.mean_y
        return MomentSums(
            n_loci,
            self.mean_x + x * share,
            self.mean_y + y * share,
            self.xx + other.xx + x * x * across,
            self.yy + other.yy + y * y * across,
            self.xy + other.xy + x * y * across,
            self.squared + other.squared,
            np.minimum(self.low_x, other.low_x),
            np.maximum(self.high_x, other.high_x),
            np.minimum(self.low_y, other.low_y),
            np.maximum(self.high_y, other.high_y),
        )

    def over(self, axis: int) -> "MomentSums":
        """Moments of the cells along an axis put together, in order.

        Parameters
        ----------
        axis : int
            Axis of the cells.

        Returns
        -------
        MomentSums
            Without that axis.
        """
        size = self.n_loci.shape[axis]
        shape = tuple(np.delete(self.n_loci.shape, axis))
        total = MomentSums.empty(shape)
        for place in range(size):
            cells = (np.asarray(part.take(place, axis=axis)) for part in self)
            total = total.joined(MomentSums(*cells))
        return total

    def without_each(self) -> "MomentSums":
        """Moments of all cells but each along the first axis, and of all in the last row.

        Returns
        -------
        MomentSums
            With a first axis longer by one.
        """
        kept = [self._but(place) for place in range(self.n_loci.shape[0])]
        return MomentSums(*(np.stack(parts) for parts in zip(*kept, self.over(0), strict=True)))

    def _but(self, place: int) -> "MomentSums":
        """Moments of all cells but one along the first axis."""
        return MomentSums(*(np.delete(part, place, axis=0) for part in self)).over(0)

    def mse(self) -> FloatArray:
        """Mean squared error of y as a prediction of x.

        Returns
        -------
        ndarray of float, shape (...)
            Range 0 to infinity, 0 is perfect, in the unit of x squared. NaN without loci.
        """
        with np.errstate(invalid="ignore"):
            return np.asarray(self.squared / self.n_loci)

    def pearson(self) -> FloatArray:
        """Pearson correlation.

        Returns
        -------
        ndarray of float, shape (...)
            Range -1 to 1, no-skill value 0. NaN where a side is constant or fewer than two loci
            are there.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.clip(self.xy / (np.sqrt(self.xx) * np.sqrt(self.yy)), -1.0, 1.0)
        constant: BoolArray = (self.low_x >= self.high_x) | (self.low_y >= self.high_y)
        return np.where(constant, np.nan, value)


class CellMoments:
    """Moments of two columns in cells, added up chunk by chunk.

    Parameters
    ----------
    shape : tuple of int
        Cells: ``(n_blocks,)``, ``(n_blocks, n_strata)`` or ``(1,)``.

    Examples
    --------
    >>> moments = CellMoments((1,))
    >>> moments.add(np.array([1.0, 2.0, 4.0]), np.array([2.0, 4.0, 8.0]), np.zeros(3, dtype=int))
    >>> moments.sums.mse(), moments.sums.pearson()
    (array([7.]), array([1.]))
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.sums = MomentSums.empty((int(np.prod(shape)),))
        self._is_complete = False

    def add(self, x: FloatArray, y: FloatArray, cells: IntArray) -> None:
        """Add loci, in order.

        Parameters
        ----------
        x, y : ndarray of float, shape (n,)
            Values; a multiple of `CHUNK_ROWS` of them, except at the end.
        cells : ndarray of int, shape (n,)
            Cell of each, numbered through; below 0, in none.

        Raises
        ------
        ValidationError
            When loci follow a chunk that was not full.
        """
        if self._is_complete and x.size:
            raise ValidationError(
                f"`x` must come in multiples of {CHUNK_ROWS:,} rows; {x.size} rows came after a "
                "part that was not. Cut the columns with `row_chunks`."
            )
        self._is_complete |= x.size % CHUNK_ROWS != 0
        for part in row_chunks(x.size):
            self._join(x[part], y[part], cells[part])

    def _join(self, x: FloatArray, y: FloatArray, cells: IntArray) -> None:
        """Add a chunk."""
        inside = (cells >= 0).nonzero()[0]
        if not inside.size:
            return
        every = inside.size == cells.size
        cell = (cells if every else cells.take(inside)).astype(np.intp, copy=False)
        x, y = (
            np.asarray(part if every else part.take(inside), dtype=np.float64) for part in (x, y)
        )
        n = self.sums.n_loci.size
        one = MomentSums.empty((n,))

        def total(values: FloatArray) -> FloatArray:
            return np.bincount(cell, weights=values, minlength=n).astype(np.float64, copy=False)

        n_loci = np.bincount(cell, minlength=n).astype(np.float64)
        # Around a value of the cell the sums of a mean cancel least, and equal values leave 0.
        origin_x, origin_y = np.zeros(n), np.zeros(n)
        origin_x[cell], origin_y[cell] = x, y
        near = np.maximum(n_loci, 1.0)
        mean_x = origin_x + total(x - origin_x.take(cell)) / near
        mean_y = origin_y + total(y - origin_y.take(cell)) / near
        from_x, from_y = x - mean_x.take(cell), y - mean_y.take(cell)
        np.minimum.at(one.low_x, cell, x)
        np.maximum.at(one.high_x, cell, x)
        np.minimum.at(one.low_y, cell, y)
        np.maximum.at(one.high_y, cell, y)
        self.sums = self.sums.joined(
            one._replace(
                n_loci=n_loci,
                mean_x=mean_x,
                mean_y=mean_y,
                xx=total(from_x * from_x),
                yy=total(from_y * from_y),
                xy=total(from_x * from_y),
                squared=total((x - y) ** 2),
            )
        )

    def cells(self) -> MomentSums:
        """Moments of the cells.

        Returns
        -------
        MomentSums
            Arrays of the shape of the cells.
        """
        return MomentSums(*(part.reshape(self.shape) for part in self.sums))
