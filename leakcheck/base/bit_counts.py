"""Floor 1: how many rows have a flag in both of two columns, counted 64 rows at a time."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray

__all__ = ["shared_counts"]

#: Flags of a stretch of rows, shape (n_columns, n_words), 64 rows in each word.
Words: TypeAlias = NDArray[np.uint64]

_WORD = 64
_BYTE = 8
# Sums of one stretch of rows are held by 16 bits.
_ROWS = 1 << 15
# Columns that meet as many others at once.
_COLUMNS = 1 << 6


def shared_counts(first: BoolArray, second: BoolArray | None = None) -> IntArray:
    """Count the rows in which a column of one table and a column of another are both True.

    Parameters
    ----------
    first : ndarray of bool, shape (n, n_first)
        Flags.
    second : ndarray of bool, shape (n, n_second), optional
        Flags of the same rows; those of `first` where None.

    Returns
    -------
    ndarray of int64, shape (n_first, n_second)
        ``first.T @ second`` in whole numbers: 0 to n. All are 0 where there is no row.

    Notes
    -----
    Flags are packed, 64 rows to a word, and the bits of ``word & word`` are counted: an eighth of
    the reading of a product of matrices, and exact whatever the number of rows.

    Examples
    --------
    >>> flags = np.array([[True, False], [True, True], [False, True]])
    >>> shared_counts(flags)
    array([[2, 1],
           [1, 2]])
    """
    other = first if second is None else second
    found = np.zeros((first.shape[1], other.shape[1]), dtype=np.int64)
    for start in range(0, len(first), _ROWS):
        part = slice(start, start + _ROWS)
        words = _packed(first[part])
        _add(found, words, words if second is None else _packed(other[part]), second is None)
    # A pair of columns of one table was counted in one of its two places, or alike in both.
    return np.maximum(found, found.T) if second is None else found


def _packed(flags: BoolArray) -> Words:
    """Pack the flags of each column.

    Which row becomes which bit does not matter to a count, so that an eighth of the rows is bit 0
    of all bytes, the next eighth is bit 1, and numpy works on long stretches of memory.
    """
    n, width = flags.shape
    n_whole = n - n % _WORD
    rest = np.zeros((_WORD, width), dtype=np.uint8)
    rest[: n - n_whole] = flags[n_whole:]
    by_column = np.empty((width, -(-n // _WORD) * _BYTE), dtype=np.uint8)
    by_column[:, : n_whole // _BYTE] = _eighths(flags[:n_whole].view(np.uint8)).T
    by_column[:, n_whole // _BYTE :] = _eighths(rest).T[:, : by_column.shape[1] - n_whole // _BYTE]
    return by_column.view(np.uint64)


def _eighths(flags: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put the flags of an eighth of the rows into each bit, shape (n / 8, n_columns)."""
    n, width = flags.shape
    words = flags.reshape(_BYTE, n // _BYTE * width).view(np.uint64)
    packed = words[-1].copy()
    for eighth in words[-2::-1]:
        packed <<= np.uint64(1)
        packed |= eighth
    by_row: NDArray[np.uint8] = packed.view(np.uint8).reshape(n // _BYTE, width)
    return by_row


def _add(found: IntArray, first: Words, second: Words, is_same: bool) -> None:
    """Add the counts of two tables; of one with itself, each pair in at least one of two places.

    Some columns of one meet some of the other, so that their words stay in the cache.
    """
    for top in range(0, len(first), _COLUMNS):
        own = first[top : top + _COLUMNS]
        for left in range(top if is_same else 0, len(second), _COLUMNS):
            other = second[left : left + _COLUMNS]
            turns, width = _turns(own, other, is_same and top == left), len(other)
            row = np.arange(len(own))
            column = (row + np.arange(len(turns))[:, None]) % width
            found[top + row, left + column] += turns


def _turns(own: Words, other: Words, is_same: bool) -> IntArray:
    """Counts of the i-th column with the ``(i + turn)``-th, the first behind the last, by turn.

    The whole of one table meets the other, turned: long stretches of memory and few calls of numpy.
    Half the turns pair all columns of one table.
    """
    n, width = len(own), len(other)
    turned = other.take(np.arange(n + width - 1) % width, axis=0)
    words, bits = np.empty_like(own), np.empty(own.shape, dtype=np.uint8)
    counts = np.empty((width // 2 + 1 if is_same else width, n), dtype=np.uint16)
    for turn, found in enumerate(counts):
        np.bitwise_and(own, turned[turn : turn + n], out=words)
        np.bitwise_count(words, out=bits)
        np.add.reduce(bits, axis=1, dtype=np.uint16, out=found)
    return counts
