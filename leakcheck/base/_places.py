"""Where, in falling order of the scores, loci must be counted for the ranking metrics."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["Places"]


class Places(NamedTuple):
    """Thresholds and cells of a sorted column, whatever its loci weigh.

    A threshold is a tie that holds a positive. A cell is a tie of both labels, or a run of
    positives that no negative interrupts: inside either the expected precision is a difference of
    harmonic numbers.
    """

    rows: NDArray[np.uint32]  # (n_loci,) from the highest score to the lowest
    place: IntArray  # (n_positive,) places of the positives
    ends: IntArray  # (n_thresholds,) places down to the end of each
    true_ends: IntArray  # (n_thresholds,) positives down to there
    cell_starts: IntArray  # (n_cells,) places above each
    cell_ends: IntArray  # (n_cells,) places down to the end of each
    cell_true_ends: IntArray  # (n_cells,) positives down to there
    mixed: IntArray  # cells that hold both labels

    @classmethod
    def of(cls, labels: BoolArray, column: SortedColumn) -> "Places":
        """Find them."""
        positive = labels.take(column.rows)
        place = positive.nonzero()[0]
        first = np.append(column.is_first.nonzero()[0], positive.size)
        below = np.append(0, np.cumsum(positive))  # positives above each place
        true_above = below.take(first)
        inside, size = np.diff(true_above), np.diff(first)
        kept = (inside > 0).nonzero()[0]  # ties with a positive
        is_mixed = inside.take(kept) < size.take(kept)
        # A tie goes on with the cell of the one before where both are of positives alone and
        # nothing lies between.
        goes_on = np.zeros(kept.size, dtype=np.bool_)
        goes_on[1:] = ~is_mixed[1:] & ~is_mixed[:-1] & (np.diff(kept) == 1)
        begin = (~goes_on).nonzero()[0]
        end = np.append(begin[1:], kept.size) - 1 if kept.size else begin
        return cls(
            rows=column.rows,
            place=place,
            ends=first.take(kept + 1),
            true_ends=true_above.take(kept + 1),
            cell_starts=first.take(kept.take(begin)),
            cell_ends=first.take(kept.take(end) + 1),
            cell_true_ends=true_above.take(kept.take(end) + 1),
            mixed=is_mixed.take(begin).nonzero()[0],
        )
