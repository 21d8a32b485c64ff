"""Within a locus: whether a score orders two cell types as their labels do."""

from dataclasses import dataclass
from itertools import permutations
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray

__all__ = ["ConcordanceCounts", "WithinLocus", "within_locus_concordance"]

_CHUNK: Final = 1 << 16


class WithinLocus(NamedTuple):
    """Result of `within_locus_concordance`.

    Attributes
    ----------
    concordance : float
        Mean over ordered pairs of targets: range 0 to 1, higher is better, no-skill value 0.5. NaN
        when no pair has enough discordant loci.
    replicates : ndarray of float, shape (n_blocks,)
        The same without each block, for the jackknife.
    block_sizes : ndarray of int, shape (n_blocks,)
        Discordant (locus, pair) entries in each block.
    n_directions : int
        Ordered pairs of targets that count.
    """

    concordance: float
    replicates: FloatArray
    block_sizes: IntArray
    n_directions: int


def within_locus_concordance(
    labels: FloatArray,
    scores: FloatArray,
    blocks: IntArray,
    n_blocks: int,
    *,
    min_discordant: int = 100,
) -> WithinLocus:
    r"""Compute the chance that a score orders two targets at a locus as their labels do.

    Parameters
    ----------
    labels, scores : ndarray of float, shape (n_loci, n_targets)
        Labels (any real numbers; for binary ones 0 and 1) and scores; NaN where not audited.
    blocks : ndarray of int, shape (n_loci,)
        Block of each locus, 0 to n_blocks - 1.
    n_blocks : int
        Number of blocks.
    min_discordant : int
        A pair of targets counts when at least this many loci have a higher label in the first
        and as many in the second.

    Returns
    -------
    WithinLocus
        The concordance: range 0 to 1, no-skill value 0.5. A score that is the same in all
        targets of a locus, as a memoriser's is, gets exactly 0.5. NaN when no pair has enough
        discordant loci.

    Notes
    -----
    For an ordered pair of targets :math:`(s, t)`, over loci with :math:`y_s > y_t`,
    :math:`C_{st} = P(f_s > f_t) + P(f_s = f_t) / 2`. The result is the plain mean of all
    :math:`C_{st}`: an offset that a model adds to a whole cell type raises :math:`C_{st}` and
    lowers :math:`C_{ts}`, so it must not weigh by the number of loci of a direction.

    Examples
    --------
    >>> y = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> within_locus_concordance(y, y, np.array([0, 1]), 2, min_discordant=1).concordance
    1.0
    """
    counts = ConcordanceCounts.empty(labels.shape[1], n_blocks)
    for low in range(0, len(labels), _CHUNK):
        part = slice(low, low + _CHUNK)
        counts.add(labels[part], scores[part], blocks[part])
    return counts.concordance(min_discordant)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConcordanceCounts:
    """Loci where two targets differ, by block: all that `within_locus_concordance` needs.

    Counts are whole numbers, so that counts of parts of the loci add up to those of all, whatever
    the parts. Make one with `empty`, and `add` to it.

    Attributes
    ----------
    twice_hits : ndarray of int64, shape (n_targets, n_targets, n_blocks)
        Twice the loci where the first target has the higher label and the higher score, plus those
        where the scores are equal.
    discordant : ndarray of int64, shape (n_targets, n_targets, n_blocks)
        Loci where the first target has the higher label.

    Examples
    --------
    >>> counts = ConcordanceCounts.empty(2, 1)
    >>> counts.add(np.eye(2), np.eye(2), np.zeros(2, dtype=int))
    >>> counts.concordance(1).concordance
    1.0
    """

    twice_hits: IntArray
    discordant: IntArray

    @classmethod
    def empty(cls, n_targets: int, n_blocks: int) -> "ConcordanceCounts":
        """Begin with nothing.

        Parameters
        ----------
        n_targets, n_blocks : int
            Targets and blocks.

        Returns
        -------
        ConcordanceCounts
        """
        shape = n_targets, n_targets, n_blocks
        return cls(twice_hits=np.zeros(shape, np.int64), discordant=np.zeros(shape, np.int64))

    def add(self, labels: FloatArray, scores: FloatArray, blocks: IntArray) -> None:
        """Count some loci; changes the tables in place.

        Parameters
        ----------
        labels, scores : ndarray of float, shape (n, n_targets)
            Labels and scores; NaN where not audited.
        blocks : ndarray of int, shape (n,)
            Block of each locus.
        """
        n_blocks = self.discordant.shape[2]
        known = ~np.isnan(scores)
        for first, second in permutations(range(labels.shape[1]), 2):
            usable = labels[:, first] > labels[:, second]
            usable &= known[:, first]
            usable &= known[:, second]
            rows = usable.nonzero()[0]
            block = blocks.take(rows)
            one, other = scores[:, first].take(rows), scores[:, second].take(rows)
            twice = 2 * (one > other) + (one == other)
            self.discordant[first, second] += np.bincount(block, minlength=n_blocks)
            self.twice_hits[first, second] += np.bincount(
                3 * block.astype(np.intp) + twice, minlength=3 * n_blocks
            ).reshape(n_blocks, 3) @ np.arange(3)

    def merge(self, *others: "ConcordanceCounts") -> "ConcordanceCounts":
        """Add the counts of other loci.

        Parameters
        ----------
        *others : ConcordanceCounts
            Of tables of the same shape.

        Returns
        -------
        ConcordanceCounts
            Of all the loci.
        """
        return ConcordanceCounts(
            twice_hits=sum((one.twice_hits for one in others), self.twice_hits),
            discordant=sum((one.discordant for one in others), self.discordant),
        )

    def concordance(self, min_discordant: int = 100) -> WithinLocus:
        """Compute the concordance of the loci counted.

        Parameters
        ----------
        min_discordant : int
            As for `within_locus_concordance`.

        Returns
        -------
        WithinLocus
            NaN, with no direction that counts, when no pair has enough discordant loci.
        """
        n_blocks = self.discordant.shape[2]
        enough = self.discordant.sum(axis=2) >= min_discordant
        np.fill_diagonal(enough, val=False)
        enough &= enough.T
        if not enough.any():
            nothing = np.full(n_blocks, np.nan)
            return WithinLocus(np.nan, nothing, np.zeros(n_blocks, dtype=np.int64), 0)
        hit, count = self.twice_hits[enough] / 2, self.discordant[enough]
        total = (hit.sum(axis=1) / count.sum(axis=1)).mean()
        left = count.sum(axis=1, keepdims=True) - count
        rest = hit.sum(axis=1, keepdims=True) - hit
        replicates = np.divide(rest, left, out=np.full(rest.shape, np.nan), where=left > 0)
        directions = int(enough.sum())
        return WithinLocus(float(total), replicates.mean(axis=0), count.sum(axis=0), directions)
