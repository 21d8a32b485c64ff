"""Ranking sums of weighted loci from weighted counts at the thresholds and cells of a column."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_parts
from leakcheck.base._leave_out import harmonic_width, tied_precision
from leakcheck.base.ranking import RankingScores

__all__ = ["CellCounts", "WeightedSums", "add_cells", "harmonic_table", "precision_sums"]

_LARGEST_TABLE = 1 << 20


class WeightedSums(NamedTuple):
    """Sums over the weighted positives, each of shape (n_replicates,)."""

    precision: FloatArray
    expected: FloatArray
    disordered: FloatArray  # weighted pairs of a negative above a positive, tied ones by half

    @classmethod
    def zeros(cls, n_replicates: int) -> "WeightedSums":
        """Begin with nothing."""
        return cls(*(np.zeros(n_replicates) for _ in cls._fields))

    def scores(self, positives: FloatArray, loci: FloatArray) -> RankingScores:
        """Divide by the weights of the positives and of the pairs; 0 / 0 is NaN."""
        pairs = positives * (loci - positives)
        with np.errstate(invalid="ignore"):
            return RankingScores(
                self.precision / positives,
                self.expected / positives,
                (pairs - self.disordered) / pairs,
            )


class CellCounts(NamedTuple):
    """Weights at some cells, each (n_replicates, n_cells)."""

    before: NDArray[Any]  # loci above the cell
    rank: NDArray[Any]  # loci down to its end
    true_before: NDArray[Any]  # positives above the cell
    hits: NDArray[Any]  # positives down to its end


def precision_sums(hits: NDArray[Any], rank: NDArray[Any], before: NDArray[Any]) -> FloatArray:
    """Sum of the precisions at the thresholds; `before` are the positives above the first."""
    steps = np.empty(hits.shape)
    np.subtract(hits[:, 1:], hits[:, :-1], out=steps[:, 1:])
    np.subtract(hits[:, 0], before, out=steps[:, 0])
    precision = np.divide(hits, np.maximum(rank, 1), dtype=np.float64)
    return np.asarray(np.einsum("ij,ij->i", precision, steps))


def add_cells(
    sums: WeightedSums, part: slice, counts: CellCounts, mixed: IntArray, n_loci: int, few: bool
) -> None:
    """Add cells to the last two sums of the replicates in `part`; `mixed` hold both labels.

    In a cell of positives alone, of which f negatives lie above, each position r adds
    ``1 - f / r``. Where positives are `few` that is summed with more digits.
    """
    before, rank = counts.before, counts.rank
    false = np.subtract(before, counts.true_before, dtype=np.float64)
    positives = np.subtract(counts.hits, counts.true_before, dtype=np.float64)
    disordered = np.einsum("ij,ij->i", positives, false)
    if few or n_loci > _LARGEST_TABLE:
        width = harmonic_width(before, np.subtract(rank, before), n_loci)
    else:
        table = harmonic_table(1 << n_loci.bit_length())
        width = table.take(rank.astype(np.intp))
        width -= table.take(before.astype(np.intp))
    if mixed.size:
        hits, last, true_before, first = (
            table.take(mixed, axis=1).astype(np.float64)
            for table in (counts.hits, rank, counts.true_before, before)
        )
        inside, size = hits - true_before, last - first
        sums.expected[part] += tied_precision(hits, last, inside, size, n_loci).sum(axis=1)
        disordered += np.einsum("ij,ij->i", inside, size - inside) / 2.0
        positives[:, mixed] = 0.0
        false[:, mixed] = 0.0
    sums.expected[part] += positives.sum(axis=1) - np.einsum("ij,ij->i", false, width)
    sums.disordered[part] += disordered


@lru_cache(maxsize=4)
def harmonic_table(n: int) -> FloatArray:
    """Harmonic numbers 0..n, each rounded once."""
    coarse, fine = harmonic_parts(n)
    return coarse + fine
