"""Positives and negatives in bins of a score, for columns too long to sort, with error bounds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_difference, tied_precision
from leakcheck.base.ranking import RankingScores
from leakcheck.exceptions import ValidationError

__all__ = ["BinnedCounts", "BinnedScores"]

_N_BINS: Final = 1 << 20
_CHUNK: Final = 1 << 16
_CELLS: Final = 1 << 17


class BinnedScores(NamedTuple):
    """Ranking scores from counts in bins.

    Attributes
    ----------
    value : RankingScores
        Means over random orders inside bins. Average precision and its expected value are then one
        number.
    error : RankingScores
        What no order of the rows inside the bins, and no ties among them, can change the scores by
        more than; NaN where the score is.
    """

    value: RankingScores
    error: RankingScores


@dataclass(frozen=True, kw_only=True, eq=False)
class BinnedCounts:
    """Negatives and positives of each cell (a block, or a stratum) in uniform bins of a score.

    Counts of parts of the loci add up to those of all. Make one with `empty`, and `add` to it.

    Attributes
    ----------
    low, high : float
        Least and largest score that there is.
    counts : ndarray of uint32, shape (n_cells, 2, n_bins)
        Negatives and positives, the lowest scores first: 8 MiB a cell.

    Examples
    --------
    >>> counts = BinnedCounts.empty(0.0, 1.0, n_bins=4)
    >>> counts.add(np.array([0.9, 0.8, 0.1]), np.array([True, False, False]))
    >>> found = counts.ranking_scores()
    >>> found.value.auroc, found.error.auroc
    (0.75, 0.25)
    """

    low: float
    high: float
    counts: NDArray[np.uint32]

    @classmethod
    def empty(
        cls, low: float, high: float, *, n_cells: int = 1, n_bins: int = _N_BINS
    ) -> "BinnedCounts":
        """Begin with nothing.

        Parameters
        ----------
        low, high : float
            Least and largest score that there is.
        n_cells : int
            Blocks, or strata.
        n_bins : int
            Bins of one width; the more, the smaller the error.

        Returns
        -------
        BinnedCounts
        """
        return cls(low=low, high=high, counts=np.zeros((n_cells, 2, n_bins), dtype=np.uint32))

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return int(self.counts.shape[2])

    def add(self, scores: NDArray[Any], labels: BoolArray, cells: IntArray | None = None) -> None:
        """Count some loci; changes the table in place.

        Parameters
        ----------
        scores : ndarray of real numbers, shape (n,)
            Scores between `low` and `high`.
        labels : ndarray of bool, shape (n,)
            True for an active locus.
        cells : ndarray of int, shape (n,), optional
            Cell of each locus; outside 0 to ``n_cells - 1``, in none. Cell 0 without.

        Raises
        ------
        ValidationError
            When a score is outside the bins.
        """
        n_cells = len(self.counts)
        flat = self.counts.reshape(-1)
        for start in range(0, scores.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            place = self._bins(np.asarray(scores[part], dtype=np.float64), start)
            place += labels[part] * self.n_bins
            if cells is not None:
                cell = cells[part].astype(np.intp)
                place += cell * (2 * self.n_bins)
                place = place[(cell >= 0) & (cell < n_cells)]
            np.add.at(flat, place, np.uint32(1))

    def _bins(self, scores: FloatArray, start: int) -> NDArray[np.intp]:
        """Bin of each score; rounding keeps their order."""
        outside = ~((scores >= self.low) & (scores <= self.high))
        if outside.any():
            first = int(outside.argmax())
            raise ValidationError(
                f"`scores` must lie between `low` and `high`; {int(outside.sum())} of "
                f"{scores.size} do not, the first is row {start + first}, {scores[first]}, outside "
                f"{self.low} to {self.high}. Make the bins from the least and the largest score."
            )
        width = (self.high - self.low) or 1.0
        place = ((scores - self.low) * (self.n_bins / width)).astype(np.intp)
        return np.minimum(place, self.n_bins - 1)

    def bins_of(self, scores: NDArray[Any]) -> NDArray[np.intp]:
        """Bin of each score.

        Parameters
        ----------
        scores : ndarray of real numbers, shape (n,)
            Scores between `low` and `high`.

        Returns
        -------
        ndarray of int, shape (n,)
            0 for the lowest scores; it never falls where the score rises.

        Raises
        ------
        ValidationError
            When a score is outside the bins.
        """
        return self._bins(np.asarray(scores, dtype=np.float64), 0)

    def merge(self, *others: "BinnedCounts") -> "BinnedCounts":
        """Add the counts of other loci.

        Parameters
        ----------
        *others : BinnedCounts
            In the same bins and cells.

        Returns
        -------
        BinnedCounts
            Of all the loci.
        """
        total = self.counts.copy()
        for other in others:
            total += other.counts
        return replace(self, counts=total)

    def ranking_scores(self) -> BinnedScores:
        """Scores of all loci.

        Returns
        -------
        BinnedScores
            Floats; NaN where undefined.
        """
        found = _scores(counts.sum(axis=0, keepdims=True) for counts in self._tiles(1))
        return BinnedScores(*(RankingScores(*(float(v[0]) for v in kind)) for kind in found))

    def within_cells(self) -> BinnedScores:
        """Scores of each cell.

        Returns
        -------
        BinnedScores
            Arrays of shape (n_cells,); NaN where a cell lacks what a score needs.
        """
        return _scores(self._tiles(len(self.counts)))

    def without_cells(self) -> tuple[BinnedScores, BinnedScores]:
        """Scores of all loci, and without each cell.

        Returns
        -------
        full : BinnedScores
            Floats; NaN where undefined.
        replicates : BinnedScores
            Arrays of shape (n_cells,); NaN where nothing is left that a score needs.
        """
        found = _scores(_others(counts) for counts in self._tiles(len(self.counts)))
        full = (RankingScores(*(float(v[-1]) for v in kind)) for kind in found)
        rows = (RankingScores(*(v[:-1] for v in kind)) for kind in found)
        return BinnedScores(*full), BinnedScores(*rows)

    def _tiles(self, n_rows: int) -> Iterator[IntArray]:
        """Counts (n_cells, 2, n) of some bins at a time, the highest first."""
        step = max(_CELLS // n_rows, 1)
        for stop in range(self.n_bins, 0, -step):
            some = self.counts[:, :, max(stop - step, 0) : stop]
            kept = np.flatnonzero(some.any(axis=(0, 1)))[::-1]
            yield some.take(kept, axis=2).astype(np.int64)


def _others(counts: IntArray) -> IntArray:
    """Counts of all cells but each, and of all in the last row."""
    total = counts.sum(axis=0, keepdims=True)
    return np.concatenate([total - counts, total])


def _scores(tiles: Iterator[IntArray]) -> BinnedScores:
    """Scores of each row, and their bounds."""
    sums, seen = np.zeros((6, 1)), np.zeros((2, 1, 1), dtype=np.int64)  # of each row soon
    for counts in tiles:
        negatives, positives = counts[:, 0], counts[:, 1]
        size = negatives + positives
        true_before = seen[1] + np.cumsum(positives, axis=1) - positives
        before = seen.sum(axis=0) + np.cumsum(size, axis=1) - size
        seen = seen + counts.sum(axis=2).T[:, :, None]
        sums = sums + _terms(true_before, before, positives, size)
    n_positive, n_negative = seen[1, :, 0], seen[0, :, 0]
    with np.errstate(invalid="ignore"):
        expected, best, worst, highest = sums[:4] / n_positive
        disordered, tied = sums[4:] / (n_positive * n_negative)
    error = np.maximum(best - expected, expected - worst)
    of_ties = np.maximum(highest - expected, error)
    return BinnedScores(
        RankingScores(expected, expected, 1.0 - disordered),
        RankingScores(of_ties, error, tied),
    )


def _terms(
    true_before: IntArray, before: IntArray, positives: IntArray, size: IntArray
) -> FloatArray:
    """Sums over bins of what is added to precisions and to pairs, six rows.

    The precision at a positive is least where all positives of a bin come behind its negatives,
    and largest where they come first; if they are tied as well, all get that of the last.
    """
    kept = size > 0
    some = np.where(kept, size, 1)
    false, negatives = before - true_before, size - positives
    best = positives - false * harmonic_difference(before, positives)
    late = false + negatives
    worst = positives - late * harmonic_difference(before + negatives, positives)
    highest = positives * (true_before + positives) / np.maximum(before + positives, 1)
    expected = np.where(kept, tied_precision(true_before, before, positives, some), 0.0)
    pairs = positives * negatives / 2.0
    rows = (expected, best, worst, highest, positives * false + pairs, pairs)
    return np.stack([row.sum(axis=1) for row in rows])
