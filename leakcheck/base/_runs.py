"""Ranking sums without each block, of a score without ties in which positives follow positives."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import harmonic_parts

__all__ = ["RunSums", "sums_of_runs"]

# Cells of the tables, blocks x runs, up to which they are worth having at once.
_MOST_CELLS = 1 << 19
_MOST_LOCI = 1 << 16


class RunSums(NamedTuple):
    """Sums without each block, and of all blocks in the last; each (n_blocks + 1, 1)."""

    precision: FloatArray
    above: FloatArray  # loci above each positive, and itself


def sums_of_runs(
    labels: BoolArray,
    scores: NDArray[Any],
    blocks: IntArray,
    n_blocks: int,
    rising: IntArray | None,
) -> RunSums | None:
    """Sum precisions and ranks over the positives; `rising` is the order of the scores.

    Between two negatives the number of negatives above, f, is the same for a whole run of
    positives, and the positive at rank r has the precision 1 - f / r: a difference of harmonic
    numbers sums it up. A table of runs is smaller than one of positives where these are many;
    None where they are not (there the sum would cancel), where scores are tied, and where the table
    would be large.
    """
    n, n_positive = labels.size, np.count_nonzero(labels)
    if rising is None or n > _MOST_LOCI or 4 * n_positive < n or not n_positive:
        return None
    score = scores.take(rising)
    if (score[1:] == score[:-1]).any():
        return None
    falling = rising[::-1]
    labels, blocks = labels.take(falling), blocks.take(falling)
    place = np.flatnonzero(labels)
    # A run begins at a positive that no positive precedes; what is above it belongs to the run
    # before: its positives, and then its negatives.
    begins = labels.copy()
    begins[1:] &= ~labels[:-1]
    run = np.cumsum(begins)
    n_runs = int(run[-1])
    if n_runs * (n_blocks + 1) > _MOST_CELLS:
        return None
    cell = blocks.astype(np.intp) * (n_runs + 1)
    cell += run
    every = np.bincount(cell, minlength=n_blocks * (n_runs + 1))
    positive = np.bincount(cell.take(place), minlength=every.size)
    loci, true = (_without_each(kind.reshape(n_blocks, -1)) for kind in (every, positive))
    kept = true[:, 1:]  # before the first run there are negatives alone
    end = np.cumsum(loci, axis=1)
    start = end[:, :-1]
    false = start - np.cumsum(true, axis=1)[:, :-1]
    table = _harmonic_table(n)
    width = table.take(start + kept)
    width -= table.take(start)
    total = kept.sum(axis=1, keepdims=True)
    ordered = np.einsum("ij,ij->i", kept, false)[:, None]
    width *= false
    return RunSums(
        precision=total - width.sum(axis=1, keepdims=True),
        above=(ordered + total * (total + 1) // 2).astype(np.float64),
    )


def _without_each(counts: IntArray) -> IntArray:
    """Counts of all blocks but each, and of all in the last row."""
    found = np.empty((counts.shape[0] + 1, counts.shape[1]), dtype=np.int64)
    counts.sum(axis=0, out=found[-1])
    np.subtract(found[-1], counts, out=found[:-1])
    return found


@lru_cache(maxsize=2)
def _harmonic_table(n: int) -> FloatArray:
    """Harmonic numbers 0..n, each rounded once."""
    coarse, fine = harmonic_parts(n)
    return coarse + fine
