"""Counts of a score of few levels by block and by stratum: all that its metrics need."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base._leave_out import LeftOut, leave_out_levels
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["LevelCounts", "is_few"]

_MOST_LEVELS: Final = 1 << 10
_CHUNK: Final = 1 << 16
# Levels are few, or sparse in a range of few times as many.
_Level: Final = np.dtype(np.uint16)


def is_few(n_distinct: int, n_loci: int) -> bool:
    """Whether so many different scores of so many loci are counted rather than sorted.

    Parameters
    ----------
    n_distinct : int
        Different scores.
    n_loci : int
        Loci.

    Returns
    -------
    bool
        At most 1,024, and at most a quarter of the loci.

    Examples
    --------
    >>> is_few(56, 18_000), is_few(56, 100)
    (True, False)
    """
    return n_distinct <= min(_MOST_LEVELS, n_loci // 4)


@dataclass(frozen=True, kw_only=True, eq=False)
class LevelCounts:
    """Positives and loci at each level of a score, in each block and in each stratum.

    Counts of parts of the loci add up to those of all, whatever the parts, so that every metric
    has the same bits. Make one with `empty`, and `add` to it.

    Attributes
    ----------
    by_block : ndarray of int64, shape (n_levels, n_blocks, 2)
        Negatives and positives at each level, the lowest score first.
    by_stratum : ndarray of int64, shape (n_levels, n_strata, 2)
        The same of the loci in a stratum.

    Examples
    --------
    >>> counts = LevelCounts.empty(3, n_blocks=1)
    >>> counts.add(np.array([2, 0, 1]), np.array([True, False, False]))
    >>> counts.n_loci, counts.n_distinct
    (3, 3)
    """

    by_block: IntArray
    by_stratum: IntArray

    @classmethod
    def empty(cls, n_levels: int, *, n_blocks: int = 1, n_strata: int = 0) -> "LevelCounts":
        """Begin with nothing.

        Parameters
        ----------
        n_levels : int
            Levels that a score can have.
        n_blocks, n_strata : int
            Blocks and strata.

        Returns
        -------
        LevelCounts
        """
        return cls(
            by_block=np.zeros((n_levels, n_blocks, 2), dtype=np.int64),
            by_stratum=np.zeros((n_levels, n_strata, 2), dtype=np.int64),
        )

    def add(
        self,
        levels: NDArray[Any],
        labels: BoolArray,
        blocks: IntArray | None = None,
        strata: IntArray | None = None,
        *,
        lowest: int = 0,
    ) -> None:
        """Count some loci; changes the tables in place.

        Parameters
        ----------
        levels : ndarray of int, shape (n,)
            Level of each locus, rising with the score: `lowest` and the ``n_levels - 1`` numbers
            above it.
        labels : ndarray of bool, shape (n,)
            True for an active locus.
        blocks : ndarray of int, shape (n,), optional
            Block of each locus; block 0 without.
        strata : ndarray of int, shape (n,), optional
            Stratum of each locus; outside 0 to ``n_strata - 1``, in none.
        lowest : int
            What the lowest level is called.
        """
        # Unsigned differences wrap around and back, so that no type is too narrow.
        offset = _Level.type(lowest % (1 << 8 * _Level.itemsize))
        for low in range(0, levels.size, _CHUNK):
            part = slice(low, low + _CHUNK)
            level = levels[part].astype(_Level)
            if lowest:
                level -= offset
            self._add(
                level,
                labels[part],
                None if blocks is None else blocks[part],
                None if strata is None else strata[part],
            )

    def add_sorted(
        self,
        column: SortedColumn,
        labels: BoolArray,
        blocks: IntArray | None = None,
        strata: IntArray | None = None,
    ) -> None:
        """Count all loci of a sorted column; changes the tables in place.

        Parameters
        ----------
        column : SortedColumn
            With as many different scores as the tables have levels.
        labels, blocks, strata : ndarray, shape (n,)
            As for `add`.
        """
        left = column.n_distinct
        for low in range(0, column.n_loci, _CHUNK):
            rows = column.rows[low : low + _CHUNK].astype(np.intp)
            first = column.is_first[low : low + _CHUNK].nonzero()[0]
            edges = np.concatenate([[0], first, [rows.size]])
            level = np.arange(left, left - first.size - 1, -1).astype(_Level)
            left = int(level[-1])
            self._add(
                np.repeat(level, edges[1:] - edges[:-1]),
                labels.take(rows),
                None if blocks is None else blocks.take(rows),
                None if strata is None else strata.take(rows),
            )

    def _add(
        self,
        level: NDArray[np.uint16],
        label: BoolArray,
        block: IntArray | None,
        stratum: IntArray | None,
    ) -> None:
        """Count a chunk of loci."""
        self.by_block[:] += _count(self.by_block.shape, level, label, block)
        n_levels, n_strata, _ = self.by_stratum.shape
        if stratum is not None and n_strata:
            # As unsigned numbers negative ones are large. What lies outside has its own place.
            place = np.minimum(stratum.view(f"u{stratum.itemsize}"), n_strata)
            found = _count((n_levels, n_strata + 1, 2), level, label, place)
            self.by_stratum[:] += found[:, :n_strata]

    def merge(self, *others: "LevelCounts") -> "LevelCounts":
        """Add the counts of other loci.

        Parameters
        ----------
        *others : LevelCounts
            Of tables of the same shape.

        Returns
        -------
        LevelCounts
            Of all the loci.
        """
        return replace(
            self,
            by_block=sum((one.by_block for one in others), self.by_block),
            by_stratum=sum((one.by_stratum for one in others), self.by_stratum),
        )

    @property
    def n_loci(self) -> int:
        """Number of loci counted."""
        return int(self.by_block.sum())

    @property
    def n_distinct(self) -> int:
        """Number of levels that occur."""
        return int(np.count_nonzero(self.by_block.any(axis=(1, 2))))

    @property
    def is_few(self) -> bool:
        """Whether the levels are few enough that they are counted rather than sorted."""
        return is_few(self.n_distinct, self.n_loci)

    def without_blocks(self) -> LeftOut:
        """Sums without each block, and of all in the last row.

        Returns
        -------
        LeftOut
            Arrays of shape (n_blocks + 1, 1).
        """
        seen = np.flatnonzero(self.by_block.any(axis=(1, 2)))[::-1]
        counts = self.by_block.take(seen, axis=0).transpose(2, 1, 0)
        total = counts.sum(axis=1, keepdims=True)
        rows = np.concatenate([total - counts, total], axis=1)
        rows[0] += rows[1]  # negatives and positives become loci
        return LeftOut(*(value[:, None] for value in leave_out_levels(rows[::-1])))

    def within_strata(self) -> LeftOut:
        """Sums of each stratum.

        Returns
        -------
        LeftOut
            Arrays of shape (1, n_strata).
        """
        seen = np.flatnonzero(self.by_stratum.any(axis=(1, 2)))[::-1]
        counts = self.by_stratum.take(seen, axis=0).transpose(2, 0, 1)[:, None]
        return leave_out_levels(np.stack([counts[1], counts.sum(axis=0)]))


def _count(
    shape: tuple[int, ...], level: NDArray[np.uint16], label: BoolArray, part: NDArray[Any] | None
) -> IntArray:
    """Table of loci by level, part and label."""
    n_levels, n_parts, _ = shape
    # Of several passes over the loci only the last needs numbers of 64 bits.
    narrow = np.min_scalar_type(2 * n_levels * n_parts)
    cell = np.multiply(level, 2 * n_parts, dtype=narrow, casting="same_kind")
    if part is not None:
        cell += np.left_shift(part, 1, dtype=narrow, casting="unsafe")
    cell += label.view(np.uint8)
    return np.bincount(cell, minlength=2 * n_levels * n_parts).reshape(shape)
