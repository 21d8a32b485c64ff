"""How often each locus is drawn in the replicates of a bootstrap over loci."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._fast_bootstrap import Lanes

__all__ = ["LocusWeights", "locus_bootstrap_weights"]

# Loci that are turned at once: they stay in the cache.
_SLAB = 1 << 6


@dataclass(frozen=True, eq=False)
class LocusWeights:
    """Weights that several columns share: what follows from them alone is computed once.

    Attributes
    ----------
    weights : numpy.ndarray of int, shape (n_replicates, n_loci)
        Whole numbers, 0 or more: rows of `locus_bootstrap_weights`.

    Examples
    --------
    >>> LocusWeights(np.array([[1, 1, 1], [2, 0, 1]])).totals.tolist()
    [3.0, 3.0]
    """

    weights: IntArray

    @cached_property
    def totals(self) -> FloatArray:
        """Weight of all loci, shape (n_replicates,)."""
        wide = np.uint32 if self.weights.itemsize <= 2 else None
        return np.asarray(self.weights.sum(axis=1, dtype=wide), dtype=np.float64)

    @cached_property
    def lanes(self) -> Lanes:
        """The weights in the order of the compiled loops."""
        return Lanes.of(self.weights)

    @property
    def lane(self) -> np.dtype[Any]:
        """Type that holds the weight of all loci."""
        return np.dtype(np.uint16 if self.totals.max(initial=0) < 1 << 16 else np.uint32)

    @cached_property
    def words(self) -> NDArray[np.uint64]:
        """Weights of some replicates side by side in one number, shape (n_words, n_loci)."""
        n_replicates, n_loci = self.weights.shape
        step = 8 // self.lane.itemsize
        n_words = -(-n_replicates // step)
        words = np.empty((n_words, n_loci), dtype=np.uint64)
        lanes = np.zeros((min(n_loci, _SLAB), n_words * step), dtype=self.lane)
        for low in range(0, n_loci, _SLAB):
            part = self.weights[:, low : low + _SLAB]
            some = lanes[: part.shape[1]]
            some[:, :n_replicates] = part.T
            words[:, low : low + _SLAB] = some.view(np.uint64).T
        return words


def locus_bootstrap_weights(n_loci: int, n_replicates: int, rng: np.random.Generator) -> IntArray:
    """How often each locus is drawn in each replicate of a bootstrap over loci.

    Parameters
    ----------
    n_loci : int
        Number of loci; each replicate draws as many, with replacement.
    n_replicates : int
        Number of replicates.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray of uint8 or uint16, shape (n_replicates, n_loci)
        Every row sums to `n_loci`; in memory the weights of one locus stand side by side. Use one
        table for all models and baselines: their differences are then paired.

    Notes
    -----
    Neighbouring loci are not independent, and a bootstrap over single loci calls random noise
    significant in up to 38% of data sets; `bootstrap_weights` over blocks is what intervals are
    to be made of. This is for loci that are independent.

    Examples
    --------
    >>> locus_bootstrap_weights(100, 2, np.random.default_rng(0)).sum(axis=1).tolist()
    [100, 100]
    """
    weights = np.empty((n_replicates, n_loci), dtype=np.uint16)
    for row in weights:
        row[:] = np.bincount(rng.integers(0, n_loci, n_loci), minlength=n_loci)
    return weights.astype(np.uint8 if weights.max(initial=0) <= 255 else np.uint16, order="F")
