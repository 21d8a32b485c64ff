"""Floor 3: what the nearest cell types say of some loci, each locus by itself."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.cell_type_sums import is_known
from leakcheck.base.columns import Positions

__all__ = [
    "Neighbours",
    "nearest_values",
    "weighted_codes",
    "weighted_levels",
    "weighted_values",
]

_Number = TypeVar("_Number", bound=np.number[Any])


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbours:
    """The reference cell types of a target in order of similarity, block by block.

    Attributes
    ----------
    order : ndarray of int, shape (n_blocks, n_references)
        Columns of the references, most similar first. Row `g` was found without the target's
        labels in block `g`, or without its labels at all.
    similarity : ndarray of float, shape (n_blocks, n_references)
        The similarities in the same order, NaN where unknown.
    source : str
        How they were found; said in the report.
    """

    order: IntArray
    similarity: FloatArray
    source: str

    @property
    def chosen(self) -> int | None:
        """Column that is nearest in most blocks; None without references."""
        return int(np.bincount(self.order[:, 0]).argmax()) if self.order.size else None


def nearest_values(
    table: NDArray[Any], rows: Positions, blocks: IntArray, neighbours: Neighbours
) -> NDArray[Any]:
    """Activity of the nearest observed reference cell type in some loci.

    Parameters
    ----------
    table : ndarray, shape (n_cell_types, n_loci)
        Activity by cell type: small integers and -1 where unobserved, or float and NaN.
    rows : slice or ndarray of int, shape (n,)
        Columns of the table that are wanted.
    blocks : ndarray of int, shape (n,)
        Block of each of them.
    neighbours : Neighbours
        References in order of similarity, as rows of the table.

    Returns
    -------
    ndarray, shape (n,)
        In the dtype of the table; each value depends on its own locus alone.

    Examples
    --------
    >>> order, similarity = np.array([[1, 0]]), np.array([[0.8, 0.2]])
    >>> near = Neighbours(order=order, similarity=similarity, source="named")
    >>> table = np.array([[1, 0], [0, -1]], dtype=np.int8)
    >>> nearest_values(table, slice(0, 2), np.array([0, 0]), near)
    array([0, 0], dtype=int8)
    """
    if not len(blocks):
        return np.empty(0, dtype=table.dtype)  # there may be no reference either
    score = _ranked_values(table, rows, blocks, neighbours, 0)
    for step in range(1, neighbours.order.shape[1]):
        open_rows = np.flatnonzero(~is_known(score))
        if not len(open_rows):
            break
        columns = neighbours.order[blocks[open_rows], step]
        score[open_rows] = table[columns, _taken(rows, open_rows)]
    return score


def _taken(rows: Positions, places: IntArray) -> IntArray:
    """Some of the rows, given by their places among them."""
    return places + (rows.start or 0) if isinstance(rows, slice) else rows.take(places)


def _ranked_values(
    table: NDArray[_Number], rows: Positions, blocks: IntArray, neighbours: Neighbours, step: int
) -> NDArray[_Number]:
    """Row of a table for the reference cell type at one place of the order."""
    columns = neighbours.order[:, step]
    common = int(np.bincount(columns).argmax())
    own, whole = table[common], len(blocks) == table.shape[1]
    values: NDArray[_Number] = own.copy() if whole else own[rows].copy()
    if (columns != common).any():
        other = np.flatnonzero((columns != common).take(blocks))
        column = columns.take(blocks.take(other))
        values[other] = table[column, _taken(rows, other)]
    return values


def weighted_values(
    table: NDArray[Any],
    rows: Positions,
    blocks: IntArray,
    neighbours: Neighbours,
    fallback: FloatArray,
    k: int = 5,
) -> FloatArray:
    """Weighted mean activity of the k nearest reference cell types in some loci.

    Parameters
    ----------
    table, rows, blocks, neighbours
        As in `nearest_values`.
    fallback : ndarray of float, shape (n,)
        What stands in where none of the k is observed.
    k : int
        How many.

    Returns
    -------
    ndarray of float64, shape (n,)
        Each value depends on its own locus alone.

    Examples
    --------
    >>> order, similarity = np.array([[1, 0]]), np.array([[0.8, 0.2]])
    >>> near = Neighbours(order=order, similarity=similarity, source="named")
    >>> table = np.array([[1, 0], [0, -1]], dtype=np.int8)
    >>> weighted_values(table, slice(0, 2), np.array([0, 0]), near, np.full(2, 0.5))
    array([0.2, 0. ])
    """
    weights = _weights(neighbours, k)
    total, mass = np.zeros((2, len(blocks)))
    for step in range(weights.shape[1] if len(blocks) else 0):
        values = _ranked_values(table, rows, blocks, neighbours, step)
        known = is_known(values)
        weight = np.where(known, weights[:, step].take(blocks), 0.0)
        total += weight * np.where(known, values, 0)
        mass += weight
    return np.where(mass > 0, total / np.where(mass > 0, mass, 1.0), fallback)


def weighted_levels(neighbours: Neighbours, n: int, k: int = 5) -> FloatArray | None:
    """Find all values that the weighted mean of k binary labels may have.

    Parameters
    ----------
    neighbours : Neighbours
        References in order of similarity.
    n : int
        Number of loci.
    k : int
        How many.

    Returns
    -------
    ndarray of float, shape (n_blocks * 2**k,), or None
        By block, then by which of the k are active. None where they are more than loci.

    Examples
    --------
    >>> order, similarity = np.array([[1, 0]]), np.array([[0.8, 0.2]])
    >>> near = Neighbours(order=order, similarity=similarity, source="named")
    >>> weighted_levels(near, n=100)
    array([0. , 0.8, 0.2, 1. ])
    """
    weights = _weights(neighbours, k)
    n_blocks, k = weights.shape
    if not k or n_blocks << k > n:
        return None
    active = np.arange(1 << k) >> np.arange(k)[:, None] & 1
    total, mass = np.zeros((n_blocks, 1 << k)), np.zeros((n_blocks, 1))
    for step in range(k):
        weight = weights[:, step, None]
        total += weight * active[step]
        mass += weight
    levels: FloatArray = (total / mass).ravel()
    return levels


def weighted_codes(
    active: NDArray[np.int8], rows: Positions, blocks: IntArray, neighbours: Neighbours, k: int = 5
) -> IntArray | None:
    """Place of some loci among `weighted_levels`.

    Parameters
    ----------
    active : ndarray of int8, shape (n_cell_types, n_loci)
        Binary labels by cell type, -1 where unobserved.
    rows, blocks, neighbours
        As in `nearest_values`.
    k : int
        How many.

    Returns
    -------
    ndarray of int, shape (n,), or None
        None where one of the k cell types is not observed in one of the loci.

    Examples
    --------
    >>> order, similarity = np.array([[1, 0]]), np.array([[0.8, 0.2]])
    >>> near = Neighbours(order=order, similarity=similarity, source="named")
    >>> weighted_codes(np.eye(2, dtype=np.int8), slice(0, 2), np.array([0, 0]), near)
    array([2, 1])
    """
    k = min(k, neighbours.order.shape[1])
    code: NDArray[Any] = np.zeros(len(blocks), dtype=np.uint8 if k <= 8 else np.int64)
    for step in range(k if len(blocks) else 0):
        is_active = _ranked_values(active, rows, blocks, neighbours, step)
        if is_active.min() < 0:
            return None
        code |= is_active.astype(code.dtype) << step
    cells: IntArray = (blocks << k) + code
    return cells


def _weights(neighbours: Neighbours, k: int) -> FloatArray:
    """Weights of the k nearest in each block, by similarity or else by rank."""
    weights = np.nan_to_num(neighbours.similarity[:, :k], nan=0.0)
    by_rank = 1.0 / np.arange(1, weights.shape[1] + 1)
    positive = (weights > 0).any(axis=1, keepdims=True)
    chosen: FloatArray = np.where(positive, np.maximum(weights, 0), by_rank)
    return chosen
