"""Ranking sums inside groups of a score of few whole numbers, counted without a sort."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import tied_precision

__all__ = ["sums_of_levels"]


def sums_of_levels(
    planned: BoolArray, scores: NDArray[Any], order: IntArray, bounds: IntArray
) -> FloatArray | None:
    """Sums of `SegmentSums` for each stretch of the rows in `order`, shape (3, n_groups).

    `planned` are the labels in that order. None where the scores are no integers, or span so many
    that a table of groups x levels is no smaller than the data.
    """
    n_groups = bounds.size - 1
    if scores.dtype.kind not in "iu" or not order.size or not n_groups:
        return None
    lowest, highest = int(scores.min()), int(scores.max())
    n_levels = highest - lowest + 1
    if 2 * n_levels * n_groups > order.size:
        return None
    cell = np.repeat(np.arange(n_groups) * (2 * n_levels), np.diff(bounds))
    # The highest comes first. Unsigned differences wrap around and back: no type is too narrow.
    level = np.full(1, highest, dtype=scores.dtype) - scores.take(order)
    cell += 2 * level.view(f"u{level.itemsize}").astype(np.intp)
    cell += planned
    table = np.bincount(cell, minlength=2 * n_levels * n_groups).reshape(n_groups, n_levels, 2)
    positives, size = table[..., 1], table.sum(axis=2)
    hits, rank = np.cumsum(positives, axis=1), np.cumsum(size, axis=1)
    # Negatives below a level, and half of those in it.
    below = (rank - hits)[:, -1:] - (rank - hits) + 0.5 * table[..., 0]
    precision = positives * hits / np.maximum(rank, 1)
    expected = tied_precision(hits - positives, rank - size, positives, np.maximum(size, 1))
    return np.stack([part.sum(axis=1) for part in (precision, expected, positives * below)])
