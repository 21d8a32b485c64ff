"""Floor 4: sums over the residuals of the information test."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.chunks import Chunk
from leakcheck.base.columns import Moments

__all__ = ["ResidualSums"]

#: Blocks with fewer rows keep the means of their residuals, which say little of the block.
_ROWS_OF_MEAN: Final = 20


@dataclass(eq=False)
class ResidualSums:
    """Sums over the labels (first) and the scores of each model, and over their residuals."""

    products: FloatArray  # (n_models, n_blocks)
    residuals: FloatArray  # (1 + n_models, n_blocks)
    n_rows: IntArray  # (n_blocks,)
    squares: FloatArray  # (1 + n_models,) of residuals
    whole: Moments  # of labels and scores

    @classmethod
    def zeros(cls, n_models: int, n_blocks: int) -> "ResidualSums":
        """Nothing yet.

        Parameters
        ----------
        n_models, n_blocks : int
            How many there are.

        Returns
        -------
        ResidualSums
        """
        return cls(
            np.zeros((n_models, n_blocks)),
            np.zeros((1 + n_models, n_blocks)),
            np.zeros(n_blocks, dtype=np.int64),
            np.zeros(1 + n_models),
            Moments(),
        )

    def add(self, responses: FloatArray, predicted: FloatArray, chunk: Chunk) -> None:
        """Take in a chunk.

        Parameters
        ----------
        responses, predicted : ndarray of float, shape (1 + n_models, n)
            Labels, then the scores of each model; and what the references predict of them.
        chunk : Chunk
            Its rows.
        """
        residuals = responses - predicted
        blocks, starts = chunk.block_starts
        products = residuals[1:] * residuals[0]
        self.products[:, blocks] += np.add.reduceat(products, starts, axis=1)
        self.residuals[:, blocks] += np.add.reduceat(residuals, starts, axis=1)
        self.n_rows[blocks] += np.diff(np.append(starts, len(chunk)))
        self.squares += (residuals * residuals).sum(axis=1)
        self.whole.add(responses)

    def centre(self) -> None:
        """Take the mean of each block from the residuals.

        Regressions that were fitted elsewhere are off on a block that is not like the others, in
        the labels and in the scores of memory alike, which is no knowledge of the target: where a
        reference has no labels there, or next to nothing is active.
        """
        n = np.where(self.n_rows < _ROWS_OF_MEAN, np.inf, self.n_rows)
        self.products -= self.residuals[1:] * self.residuals[0] / n
        self.squares -= (self.residuals**2 / n).sum(axis=1)
