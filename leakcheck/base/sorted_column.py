"""The order of one column of scores, from one sort that needs little memory.

Numbers that hold a score's bits above and its row below are sorted in place: 8 bytes a row, of
which 5 stay.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from leakcheck._typing import BoolArray
from leakcheck.base._keys import sortable
from leakcheck.exceptions import ValidationError

__all__ = ["SortedColumn"]

# Rows that are worked on at once: their temporary arrays stay in the cache.
_CHUNK = 1 << 15
_MOST_ROWS = 1 << 32
_SIGN = {np.dtype(np.uint32): np.uint32(1 << 31), np.dtype(np.uint64): np.uint64(1 << 63)}


@dataclass(frozen=True, kw_only=True, eq=False)
class SortedColumn:
    """Rows of a column by falling score, and where ties begin.

    Make it with `from_scores` or `from_chunks`. It depends on the order of the scores alone:
    float32 and float64 scores of the same values give the same object, and -0.0 is 0.0.

    Attributes
    ----------
    rows : ndarray of uint32, shape (n_loci,)
        Rows from the highest score to the lowest; rising among equal scores.
    is_first : ndarray of bool, shape (n_loci,)
        In that order, whether a row has another score than the one before it.

    Examples
    --------
    >>> column = SortedColumn.from_scores(np.array([0.1, 0.9, 0.1]))
    >>> column.rows.tolist(), column.is_first.tolist(), column.twice_mean_ranks().tolist()
    ([1, 0, 2], [True, True, False], [3, 6, 3])
    """

    rows: NDArray[np.uint32]
    is_first: BoolArray

    @property
    def n_loci(self) -> int:
        """Number of rows."""
        return int(self.rows.size)

    @property
    def n_distinct(self) -> int:
        """Number of different scores."""
        return int(np.count_nonzero(self.is_first))

    @classmethod
    def from_scores(cls, scores: NDArray[Any]) -> "SortedColumn":
        """Sort a column that is in memory.

        Parameters
        ----------
        scores : ndarray of real numbers, shape (n_loci,)
            Finite; larger = more active.

        Returns
        -------
        SortedColumn
        """
        parts = (scores[low : low + _CHUNK] for low in range(0, scores.size, _CHUNK))
        return cls.from_chunks(scores.size, scores.dtype, parts)

    @classmethod
    def from_chunks(
        cls, n_loci: int, dtype: DTypeLike, chunks: Iterable[NDArray[Any]]
    ) -> "SortedColumn":
        """Sort a column that arrives in parts.

        Parameters
        ----------
        n_loci : int
            Rows of all parts.
        dtype : numpy type
            Type of the scores. Types of up to 32 bits take 9 bytes a row while they are sorted,
            wider ones 17; numpy from 2.5 on adds 4 when memory is given back.
        chunks : iterable of ndarray of real numbers, shape (rows of the part,)
            Parts of the column, in the order of the rows; finite.

        Returns
        -------
        SortedColumn

        Raises
        ------
        ValidationError
            When the parts do not hold `n_loci` rows, or the rows are too many to number.
        """
        if n_loci >= _MOST_ROWS:
            raise ValidationError(
                f"`n_loci` must be below 2**32; {n_loci} came. Split the loci, or count scores in "
                "bins."
            )
        wide = np.dtype(dtype).itemsize == 8
        keys = np.empty(n_loci if wide else 0, dtype=np.uint64)
        packed = np.empty(n_loci, dtype=np.uint64)
        # The highest bit stays free wherever rows leave room, see `sortable`.
        row_bits = n_loci.bit_length() if wide else max(31, n_loci.bit_length())
        mask = np.uint64((1 << row_bits) - 1)
        at = 0
        for chunk in chunks:
            part = slice(at, at + chunk.size)
            at += chunk.size
            if at > n_loci:
                break
            key = _falling_keys(chunk)
            if wide:
                keys[part] = key
                key >>= np.uint64(1)
                np.bitwise_and(key, ~mask, out=packed[part])
            else:
                np.left_shift(key, np.uint64(row_bits), out=packed[part], dtype=np.uint64)
            packed[part] |= np.arange(part.start, part.stop, dtype=np.uint64)
        if at != n_loci:
            raise ValidationError(
                f"`chunks` must hold `n_loci` rows; {at}{' or more' if at > n_loci else ''} came "
                f"for {n_loci}. Pass every part once."
            )
        sortable(packed).sort()
        return _unpack(packed, mask, keys if wide else None)

    def chunks(self, most: int) -> Iterator[slice]:
        """Places of consecutive rows, some at a time, that cut through no tie.

        Parameters
        ----------
        most : int
            Rows in a part; a longer tie is a part on its own.

        Yields
        ------
        slice
            Always the same for one order of scores.
        """
        low, n = 0, self.n_loci
        while low < n:
            high = min(low + most, n)
            if high < n and not self.is_first[high]:
                inside = self.is_first[low + 1 : high].nonzero()[0]
                high = low + 1 + int(inside[-1]) if inside.size else self._end_of_tie(high)
            yield slice(low, high)
            low = high

    def _end_of_tie(self, place: int) -> int:
        """Find the first place from this one on where another tie begins."""
        while place < self.n_loci:
            found = int(self.is_first[place : place + _CHUNK].argmax())
            if self.is_first[place + found]:
                return place + found
            place += _CHUNK
        return self.n_loci

    def twice_mean_ranks(self) -> NDArray[np.uint32]:
        """Twice the mean rank of each row, a whole number.

        Returns
        -------
        ndarray of uint32, shape (n_loci,)
            Ranks rise with the score from 1; equal scores have the mean of theirs. 4 bytes a row.

        Raises
        ------
        ValidationError
            When twice a rank does not fit in 32 bits, from 2**31 rows up.
        """
        n = self.n_loci
        if 2 * n >= _MOST_ROWS:
            raise ValidationError(
                f"`n_loci` must be below 2**31 where ranks are asked for; {n} came. Split the loci."
            )
        ranks = np.empty(n, dtype=np.uint32)
        for part in self.chunks(_CHUNK):
            first = self.is_first[part].nonzero()[0]
            size = np.diff(first, append=part.stop - part.start)
            # Rows of a tie at places a to b - 1 have ranks n - b + 1 to n - a.
            twice = (2 * (n - part.start - first) - size + 1).astype(np.uint32)
            for low in range(part.start, part.stop, _CHUNK):
                some = slice(low, min(low + _CHUNK, part.stop))
                value = twice if twice.size == 1 else np.repeat(twice, size)
                ranks[self.rows[some]] = value
        return ranks


def _falling_keys(scores: NDArray[Any]) -> NDArray[Any]:
    """Unsigned integers that fall where the scores rise, of 32 bits where these tell all apart."""
    if scores.dtype.kind == "f":
        width = max(scores.dtype.itemsize, 4)
        keys = np.add(scores, 0.0, dtype=f"f{width}").view(f"u{width}")  # -0.0 becomes 0.0
        # Bits of a float from 0 up rise with it: these are turned round, all but the sign.
        one = keys.dtype.type(1)
        turned = np.right_shift(keys, keys.dtype.type(8 * width - 1))
        turned -= one
        turned >>= one
        keys ^= turned
        return np.asarray(keys)
    width = 8 if scores.dtype.itemsize == 8 else 4
    if scores.dtype.kind in {"u", "b"}:
        return np.asarray(~scores.astype(f"u{width}"))
    keys = scores.astype(f"i{width}").view(f"u{width}")
    return np.asarray(~(keys ^ _SIGN[keys.dtype]))


def _unpack(
    packed: NDArray[np.uint64], mask: np.uint64, keys: NDArray[np.uint64] | None
) -> SortedColumn:
    """Take sorted numbers apart, in their own memory, of which half is given back."""
    n = packed.size
    if keys is not None:
        _settle(packed, mask, keys)
    is_first = np.empty(n, dtype=np.bool_)
    rows = packed.view(np.uint32)
    last = None
    for low in range(0, n, _CHUNK):
        part = slice(low, min(low + _CHUNK, n))
        key = packed[part] & ~mask
        row = (packed[part] & mask).view(np.int64)
        starts = _starts(key)
        if keys is not None and not starts.all():  # equal in the upper bits: all of them tell
            starts = _starts(keys.take(row))
        first, final = (key[0], key[-1]) if keys is None else (keys[row[0]], keys[row[-1]])
        starts[0] = first != last
        is_first[part], rows[part], last = starts, row, final
    del rows
    # No other name for this memory is left, so that it may move.
    packed.resize((n + 1) // 2, refcheck=False)
    return SortedColumn(rows=packed.view(np.uint32)[:n], is_first=is_first)


def _starts(values: NDArray[Any]) -> BoolArray:
    """Mark where a value differs from the one before it."""
    is_first = np.ones(values.size, dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=is_first[1:])
    return is_first


def _settle(packed: NDArray[np.uint64], mask: np.uint64, keys: NDArray[np.uint64]) -> None:
    """Put in order what differs only in the bits that made room for the row."""
    low, n = 0, packed.size
    while low < n:
        high = min(low + _CHUNK, n)
        if _is_settled(packed, mask, keys, low, min(high + 1, n)):
            low = high
            continue
        # Whole stretches that share their upper bits, from the one in which this part begins.
        low = int(np.searchsorted(packed, packed[low] & ~mask))
        high = int(np.searchsorted(packed, packed[high - 1] | mask, side="right"))
        key = keys.take((packed[low:high] & mask).view(np.int64))
        packed[low:high] = packed[low:high].take(np.argsort(key, kind="stable"))
        low = high


def _is_settled(
    packed: NDArray[np.uint64], mask: np.uint64, keys: NDArray[np.uint64], low: int, high: int
) -> bool:
    """Whether the rows from `low` to `high` are in order."""
    some = packed[low:high]
    if ((some[1:] ^ some[:-1]) > mask).all():  # no two share their upper bits
        return True
    key = keys.take((some & mask).view(np.int64))
    return not bool((key[1:] < key[:-1]).any())
