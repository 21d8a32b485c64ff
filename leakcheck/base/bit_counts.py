"""Floor 1: how many rows have a flag in both of two columns, counted 64 rows at a time."""

from collections.abc import Iterator
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
# Columns of one table that meet columns of the other at once, and the words of that: they stay in
# the cache.
_COLUMNS = 4
_WORDS = 1 << 16


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
    for part in _stretches(len(first)):
        words = _packed(first[part])
        if second is None:
            _add(found, words, words, upper=True)
        else:
            _add(found, words, _packed(second[part]), upper=False)
    if second is None:
        below = np.tri(len(found), k=-1, dtype=np.bool_)
        np.copyto(found, found.T.copy(), where=below)
    return found


def _stretches(n: int) -> Iterator[slice]:
    """Stretches of rows whose counts are added at once."""
    for start in range(0, n, _ROWS):
        yield slice(start, start + _ROWS)


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


def _add(found: IntArray, first: Words, second: Words, *, upper: bool) -> None:
    """Add the counts of two tables, or of one with itself on and above the diagonal.

    Some columns of one meet some of the other, so that their words stay in the cache.
    """
    n_words = first.shape[1]
    step = max(_WORDS // (_COLUMNS * max(n_words, 1)), 1)
    words = np.empty(_COLUMNS * step * n_words, dtype=np.uint64)
    counts = np.empty(words.size, dtype=np.uint8)
    for start in range(0, len(first), _COLUMNS):
        rows = slice(start, start + _COLUMNS)
        own = first[rows, None]
        for left in range(start if upper else 0, len(second), step):
            columns = slice(left, left + step)
            other = second[None, columns]
            shape = (len(own), other.shape[1], n_words)
            size = shape[0] * shape[1] * shape[2]
            both = np.bitwise_and(own, other, out=words[:size].reshape(shape))
            bits = np.bitwise_count(both, out=counts[:size].reshape(shape))
            found[rows, columns] += np.add.reduce(bits, axis=-1, dtype=np.uint16)
