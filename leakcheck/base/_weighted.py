"""Ranking sums of weighted loci from weighted counts at the thresholds and cells of a column."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_parts
from leakcheck.base._leave_out import harmonic_width, tied_precision
from leakcheck.base.ranking import RankingScores

__all__ = ["CellCounts", "WeightedSums", "add_cells", "harmonic_table", "precision_sums"]

_LARGEST_TABLE = 1 << 20
_LANES = 1 << 7


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
    """Weights at some cells; `mixed` ones hold both labels."""

    before: FloatArray  # (n_cells, n_replicates) loci above each
    true: FloatArray  # (1 + n_cells, n_replicates) positives above the first, and down to each end
    mixed: IntArray  # (n_mixed,)
    ends: FloatArray  # (n_mixed, n_replicates) loci down to the end of each of these


def precision_sums(true: FloatArray, rank: FloatArray) -> FloatArray:
    """Sum of the precisions at the thresholds, shape (n_replicates,); `rank` is overwritten.

    `true` are the positives above the first threshold, and down to each of them, and `rank` the
    loci down to each; replicates stand side by side.
    """
    if not rank[0].all():
        np.maximum(rank, 1.0, out=rank)
    np.divide(true[1:], rank, out=rank)
    return _column_dots(rank, true[1:] - true[:-1])


def add_cells(sums: WeightedSums, part: slice, counts: CellCounts, n_loci: int, few: bool) -> None:
    """Add cells to the last two sums of the replicates in `part`.

    In a cell of positives alone, of which f negatives lie above, each position r adds
    ``1 - f / r``. Where positives are `few` that is summed with more digits.
    """
    before, true, mixed, ends = counts
    false = before - true[:-1]
    positives = true[1:] - true[:-1]
    if few or n_loci > _LARGEST_TABLE:
        width = harmonic_width(before, positives, n_loci)
    else:
        table = harmonic_table(1 << n_loci.bit_length())
        width = table.take((before + positives).astype(np.intp))
        width -= table.take(before.astype(np.intp))
    expected, disordered = true[-1] - true[0], _column_dots(positives, false)
    if mixed.size:
        inside, first = positives.take(mixed, axis=0), before.take(mixed, axis=0)
        hits, size = true.take(mixed + 1, axis=0), ends - first
        gained = tied_precision(hits, ends, inside, size, n_loci)
        gained -= inside
        expected += np.einsum("ij->j", gained)
        disordered += np.einsum("ij,ij->j", inside, size - inside) / 2.0
        width[mixed] = 0.0
    sums.expected[part] += expected - _column_dots(width, false)
    sums.disordered[part] += disordered


def _column_dots(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sums of the products in each column; where rows are short, several side by side."""
    n_rows, n_columns = left.shape
    fold = max(1, _LANES // max(n_columns, 1))
    whole = n_rows // fold * fold
    wide = (whole // fold, fold * n_columns)
    total = np.einsum("ij,ij->j", left[:whole].reshape(wide), right[:whole].reshape(wide))
    rest = np.einsum("ij,ij->j", left[whole:], right[whole:])
    return np.asarray(total.reshape(fold, n_columns).sum(axis=0) + rest)


@lru_cache(maxsize=4)
def harmonic_table(n: int) -> FloatArray:
    """Harmonic numbers 0..n, each rounded once."""
    coarse, fine = harmonic_parts(n)
    return coarse + fine
