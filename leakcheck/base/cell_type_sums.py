"""Floor 1: what is known of cell types, and sums over them, locus by locus."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray

__all__ = ["count_rows", "is_known", "levels_of_counts", "means", "sum_others", "variance_around"]


def is_known(values: NDArray[Any]) -> BoolArray:
    """Say which values are observed.

    Parameters
    ----------
    values : ndarray, shape (...)
        Small integers and -1, or float and NaN.

    Returns
    -------
    ndarray of bool, shape (...)
        In the shape of `values`.

    Examples
    --------
    >>> is_known(np.array([1, -1], dtype=np.int8)), is_known(np.array([0.5, np.nan]))
    (array([ True, False]), array([ True, False]))
    """
    known: BoolArray = values >= 0 if values.dtype.kind == "i" else ~np.isnan(values)
    return known


def count_rows(table: BoolArray) -> IntArray:
    """Count, in each column, the rows that hold.

    Parameters
    ----------
    table : ndarray of bool, shape (n_cell_types, n)
        What is counted.

    Returns
    -------
    ndarray of int32, shape (n,)
        Counts.

    Examples
    --------
    >>> count_rows(np.array([[True, False], [True, True]]))
    array([2, 1], dtype=int32)
    """
    total = np.zeros(table.shape[1], dtype=np.int32)
    for row in table:
        total += row
    return total


def sum_others(
    table: FloatArray,
    left_out: int | None,
    shared: FloatArray | None = None,
    *,
    complete: bool = False,
) -> FloatArray:
    """Sum, in each column, the known values of all rows but one, row after row.

    It is no difference from the sum of all, so that what is left out changes no bit of it; and
    each column is summed by itself, so that its neighbours do not either.

    Parameters
    ----------
    table : ndarray of float, shape (n_cell_types, n)
        NaN where unknown.
    left_out : int or None
        Row that does not count.
    shared : ndarray of float, shape (n,), optional
        The sum of all rows, where it is known.
    complete : bool
        Whether every value is known.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where nothing is known.

    Examples
    --------
    >>> sum_others(np.array([[1.0, 2.0], [np.nan, 4.0], [8.0, 8.0]]), left_out=2)
    array([1., 6.])
    """
    if left_out is None and shared is not None:
        return shared
    total = np.zeros(table.shape[1])
    for place, row in enumerate(table):
        if place != left_out:
            total += row if complete else np.where(np.isnan(row), 0.0, row)
    return total


def variance_around(table: FloatArray, average: FloatArray) -> FloatArray:
    """Mean squared distance of the known values of each column from a number, row after row.

    Parameters
    ----------
    table : ndarray of float, shape (n_cell_types, n)
        NaN where unknown.
    average : ndarray of float, shape (n,)
        What they are compared with.

    Returns
    -------
    ndarray of float64, shape (n,)
        Each column by itself, so that its neighbours change no bit of it.

    Examples
    --------
    >>> variance_around(np.array([[1.0, 2.0], [3.0, np.nan]]), np.array([2.0, 2.0]))
    array([1., 0.])
    """
    seen = ~np.isnan(table)
    total = np.zeros(table.shape[1])
    for row, known in zip(table, seen, strict=True):
        total += np.where(known, (row - average) ** 2, 0.0)
    variance: FloatArray = total / count_rows(seen)
    return variance


def levels_of_counts(counts: IntArray) -> tuple[FloatArray, IntArray]:
    """Find the distinct average activities of binary labels from a table of counts.

    Parameters
    ----------
    counts : ndarray of int, shape (n_references + 1, n_references + 1)
        Loci by the number of reference cell types observed and the number active.

    Returns
    -------
    tuple of (ndarray of float, ndarray of int of shape (n_references + 1, n_references + 1))
        The levels that occur, rising, and the place of each pair of counts among them; 0 for
        pairs that do not occur.

    Examples
    --------
    >>> counts = np.zeros((3, 3), dtype=int)
    >>> counts[2, 1] = counts[1, 1] = counts[2, 2] = 4
    >>> levels_of_counts(counts)[0]
    array([0.5, 1. ])
    """
    observed, active = np.nonzero(counts)
    levels, codes = np.unique(active / np.maximum(observed, 1), return_inverse=True)
    places = np.zeros(counts.shape, dtype=np.intp)
    places[observed, active] = codes
    return levels, places


def means(total: NDArray[Any], count: IntArray) -> FloatArray:
    """Divide sums by their counts.

    Parameters
    ----------
    total : ndarray of real numbers, shape (n,)
        Sums of what is known.
    count : ndarray of int, shape (n,)
        How many are known.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where nothing is known.

    Examples
    --------
    >>> means(np.array([3, 0]), np.array([2, 0]))
    array([1.5, nan])
    """
    empty = np.full(len(total), np.nan)
    found: FloatArray = np.divide(total, count, out=empty, where=count > 0)
    return found
