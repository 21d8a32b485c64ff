"""Floor 6: a column of scores that is too long to sort, in bins, pass by pass."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._leave_out import LeftOut
from leakcheck.base.binned_counts import BinnedCounts, BinnedScores
from leakcheck.base.chunks import Column
from leakcheck.base.level_counts import LevelCounts
from leakcheck.base.ranking import RankingScores

__all__ = ["BinnedColumn", "BinsOfScore", "RowsOfTarget"]

_MOST_BINS: Final = 1 << 20
_BIN: Final = 8
#: So few different scores keep a bin each.
_FEW: Final = 1 << 10


class RowsOfTarget(NamedTuple):
    """Small columns of a target that stay in memory.

    Attributes
    ----------
    labels : ndarray of uint8, shape (n,)
        Binary labels.
    blocks, strata : ndarray of unsigned int, shape (n,)
        Block and stratum; a stratum that is none is the number of strata.
    n_blocks, n_strata : int
        How many there are.
    """

    labels: NDArray[np.uint8]
    blocks: NDArray[Any]
    strata: NDArray[Any]
    n_blocks: int
    n_strata: int


class BinsOfScore(NamedTuple):
    """How far bins may have moved the metrics of one score of one target.

    Attributes
    ----------
    target, name : str
        The target, and the model or baseline.
    n_bins : int
        Bins of all loci; those of strata are wider.
    average_precision, expected_average_precision, auroc : float
        What the metric of all loci can be off by at most.
    without_a_block, in_a_stratum : float
        The largest such bound without a block, and in a stratum; NaN where there is none.
    """

    target: str
    name: str
    n_bins: int
    average_precision: float
    expected_average_precision: float
    auroc: float
    without_a_block: float
    in_a_stratum: float

    @property
    def largest(self) -> float:
        """The largest bound of the metrics of all loci."""
        return max(self.average_precision, self.expected_average_precision, self.auroc)


class BinnedColumn:
    """Scores of a target with binary labels, counted in bins of one width.

    Parameters
    ----------
    parts : callable
        Gives the scores part by part, in the order of the rows; called once for each pass.
    rows : RowsOfTarget
        Labels, blocks and strata.
    room : int
        Bytes that a table of bins may take; it decides how many there are, at most 2**20.

    Notes
    -----
    Metrics are means over the orders of the rows inside bins, and no such order moves them by more
    than the bounds that `said` gives. At most 1,024 different scores have a bin each, and are
    exact.
    """

    def __init__(
        self, parts: Callable[[], Iterator[NDArray[Any]]], rows: RowsOfTarget, room: int
    ) -> None:
        self._parts, self._rows, self._room = parts, rows, room
        self._levels: NDArray[Any] | None = np.empty(0)
        low, high = np.inf, -np.inf
        for values in parts():
            if not len(values):
                continue
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            if self._levels is not None:
                distinct = np.union1d(self._levels, values)
                self._levels = distinct if len(distinct) <= _FEW else None
        if self._levels is not None:
            low, high = 0.0, float(len(self._levels) - 1)
        self._ends = low, high
        self._errors: dict[str, float] = {}
        self._in_strata = np.nan
        self._n_bins = self._bins_of(rows.n_blocks)

    @property
    def is_exact(self) -> bool:
        """Whether every score has a bin of its own."""
        return self._levels is not None

    def _bins_of(self, n_cells: int) -> int:
        """Number of bins, a power of 2, for a table of so many cells."""
        most = max(self._room // (_BIN * max(n_cells, 1)), 1 << 10)
        return min(_MOST_BINS, 1 << (int(most).bit_length() - 1))

    def _stretches(self) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Rows and what lies between the ends, stretch by stretch."""
        at = 0
        for values in self._parts():
            rows = slice(at, at + len(values))
            at = rows.stop
            yield rows, values if self._levels is None else np.searchsorted(self._levels, values)

    def _count(self, n_cells: int, cell: Callable[[slice], Any]) -> BinnedCounts:
        """Count labels in the bins of each cell."""
        counts = BinnedCounts.empty(*self._ends, n_cells=n_cells, n_bins=self._bins_of(n_cells))
        for rows, values in self._stretches():
            counts.add(values, self._rows.labels[rows] > 0, cell(rows))
        return counts

    def _count_levels(self, n_strata: int) -> LevelCounts:
        """Count few different scores."""
        assert self._levels is not None  # noqa: S101 - asked for then only
        own = self._rows
        counts = LevelCounts.empty(len(self._levels), n_blocks=own.n_blocks, n_strata=n_strata)
        for rows, values in self._stretches():
            counts.add(values, own.labels[rows] > 0, own.blocks[rows], own.strata[rows])
        return counts

    def without_blocks(self) -> LeftOut:
        """Sums without each block, and of all in the last row.

        Returns
        -------
        LeftOut
            Arrays of shape (n_blocks + 1, 1).
        """
        if self.is_exact:
            return self._count_levels(0).without_blocks()
        counts = self._count(self._rows.n_blocks, lambda rows: self._rows.blocks[rows])
        full, rows = counts.without_cells()
        self._errors = full.error._asdict()
        self._errors["without_a_block"] = _largest(rows.error)
        values = [np.append(a, b) for a, b in zip(rows.value, full.value, strict=True)]
        sizes = _sizes(counts)
        return _as_sums(values, np.concatenate([sizes.sum(axis=0) - sizes, [sizes.sum(axis=0)]]))

    def within_strata(self) -> LeftOut:
        """Sums of each stratum.

        Returns
        -------
        LeftOut
            Arrays of shape (1, n_strata).
        """
        n = self._rows.n_strata
        if self.is_exact:
            return self._count_levels(n).within_strata()
        counts = self._count(n, lambda rows: self._rows.strata[rows])
        found = counts.within_cells()
        self._in_strata = _largest(found.error)
        return LeftOut(*(part.T for part in _as_sums(list(found.value), _sizes(counts))))

    def within_strata_without_blocks(self) -> LeftOut:
        """Sums of each stratum without each block, and of all in the last row.

        Returns
        -------
        LeftOut
            Arrays of shape (n_blocks + 1, n_strata).
        """
        own = self._rows
        k, b = own.n_strata, own.n_blocks

        def cell(rows: slice) -> IntArray:
            strata = own.strata[rows].astype(np.intp)
            return np.where(strata < k, strata * b + own.blocks[rows], k * b)

        counts = self._count(k * b, cell)
        found = []
        for stratum in range(k):
            table = counts.counts[stratum * b : (stratum + 1) * b]
            some = BinnedCounts(low=counts.low, high=counts.high, counts=table)
            full, rows = some.without_cells()
            values = [np.append(a, c) for a, c in zip(rows.value, full.value, strict=True)]
            sizes = _sizes(some)
            total = sizes.sum(axis=0)
            found.append(_as_sums(values, np.concatenate([total - sizes, [total]])))
            self._in_strata = np.fmax(self._in_strata, _largest(_joined(full.error, rows)))
        return LeftOut(*(np.hstack(part) for part in zip(*found, strict=True)))

    def _places(self) -> tuple[BinnedCounts, FloatArray]:
        """Bins, and the mean rank of the rows of each."""
        counts = self._count(1, lambda rows: None)
        size = counts.counts[0].sum(axis=0, dtype=np.int64)
        return counts, np.cumsum(size) - (size - 1) / 2

    def write_ranks(self, to: Column) -> Column:
        """Write twice the mean rank of each row, a whole number, where rows of a bin are a tie.

        Parameters
        ----------
        to : Column
            Of uint32, as long as the target.

        Returns
        -------
        Column
            The same.
        """
        counts, rank = self._places()
        twice = (2 * rank).astype(np.uint32)
        for rows, values in self._stretches():
            to.write(rows, twice.take(counts.bins_of(values)))
        return to

    def ranks_at(self, groups: NDArray[np.uint8], places: IntArray) -> FloatArray:
        """Mean ranks at some places of each group of rows.

        Parameters
        ----------
        groups : ndarray of uint8, shape (n,)
            Group of each row.
        places : ndarray of int, shape (k, n_groups)
            Counted from the highest score of the group.

        Returns
        -------
        ndarray of float, shape (k, n_groups)
            NaN in an empty group.
        """
        n_groups = places.shape[1]
        found = np.full(places.shape, np.nan)
        counts = self._count(n_groups, lambda rows: groups[rows])
        sizes = counts.counts.sum(axis=1, dtype=np.int64)
        total = sizes.sum(axis=0)
        rank = np.cumsum(total) - (total - 1) / 2
        for group, own in enumerate(sizes):
            if own.any():
                at = np.searchsorted(np.cumsum(own[::-1]), places[:, group], side="right")
                found[:, group] = rank[::-1][at]
        return found

    @property
    def in_a_stratum(self) -> float:
        """Bound of what was computed in strata; NaN where nothing was."""
        return self._in_strata

    def said(self, target: str, name: str) -> BinsOfScore:
        """Bounds of what was computed so far.

        Parameters
        ----------
        target, name : str
            Whose scores these are.

        Returns
        -------
        BinsOfScore
        """
        return BinsOfScore(target, name, self._n_bins, **self._errors, in_a_stratum=self._in_strata)


def _sizes(counts: BinnedCounts) -> IntArray:
    """Negatives and positives of each cell."""
    sizes: IntArray = counts.counts.sum(axis=2, dtype=np.int64)
    return sizes


def _largest(error: RankingScores) -> float:
    """The largest bound there is; NaN where no metric is defined."""
    values = np.concatenate([np.ravel(one) for one in error])
    values = values[~np.isnan(values)]
    return float(values.max()) if values.size else np.nan


def _joined(full: RankingScores, rows: BinnedScores) -> RankingScores:
    """Bounds of all loci beside those without each block."""
    return RankingScores(*(np.append(a, b) for a, b in zip(rows.error, full, strict=True)))


def _as_sums(values: list[FloatArray], sizes: IntArray) -> LeftOut:
    """Turn metrics back into the sums that they are quotients of; shape (n, 1)."""
    precision, expected, area = values
    positives = sizes[:, 1].astype(np.float64)
    pairs = positives * sizes[:, 0]
    above = np.where(pairs > 0, (1.0 - area) * pairs, 0.0) + positives * (positives + 1.0) / 2.0
    some = positives > 0
    parts = (
        np.where(some, precision * positives, 0.0),
        np.where(some, expected * positives, 0.0),
        above,
        positives,
        sizes.sum(axis=1).astype(np.float64),
    )
    return LeftOut(*(part[:, None] for part in parts))
