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
    strata: IntArray | None = None,
    n_strata: int = 1,
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
    strata : ndarray of int, shape (n_loci,), optional
        Stratum of each locus, 0 to n_strata - 1: loci of which the references tell the same.
        Default: all loci in one.
    n_strata : int
        Number of strata.
    min_discordant : int
        A pair of targets counts when at least this many loci have a higher label in the first
        and as many in the second, and some stratum has both.

    Returns
    -------
    WithinLocus
        The concordance: range 0 to 1, no-skill value 0.5. A score that is the same in all
        targets of a locus, as a memoriser's is, gets exactly 0.5; so does one that is a function
        of stratum and target. NaN when no pair has enough discordant loci.

    Notes
    -----
    For an ordered pair of targets :math:`(s, t)`, over the loci of a stratum :math:`g` with
    :math:`y_s > y_t`, :math:`C_{stg} = P(f_s > f_t) + P(f_s = f_t) / 2`. The result is the plain
    mean over pairs of

    .. math:: \sum_g v_{stg} \frac{C_{stg} + C_{tsg}}{2} \Big/ \sum_g v_{stg}, \qquad
        v_{stg} = \frac{n_{stg} n_{tsg}}{n_{stg} + n_{tsg}},

    :math:`n_{stg}` being the number of such loci; the weights are van Elteren's (Bulletin de
    l'Institut International de Statistique 37, 1960). An offset that a model adds to a whole cell
    type raises :math:`C_{stg}` and lowers :math:`C_{tsg}`, so a direction must not weigh by its
    number of loci. A gain does so at loci of high average and the other way round at those of low
    average; where one of the two targets is active alone at loci of higher average, only strata
    take it out.

    Examples
    --------
    >>> y = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> within_locus_concordance(y, y, np.array([0, 1]), 2, min_discordant=1).concordance
    1.0
    """
    counts = ConcordanceCounts.empty(labels.shape[1], n_blocks, n_strata)
    for low in range(0, len(labels), _CHUNK):
        part = slice(low, low + _CHUNK)
        own = None if strata is None else strata[part]
        counts.add(labels[part], scores[part], blocks[part], own)
    return counts.concordance(min_discordant)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConcordanceCounts:
    """Loci where two targets differ, by block: all that `within_locus_concordance` needs.

    Counts are whole numbers, so that counts of parts of the loci add up to those of all, whatever
    the parts. Make one with `empty`, and `add` to it.

    Attributes
    ----------
    twice_hits : ndarray of int, shape (n_targets, n_targets, n_blocks, n_strata)
        Twice the loci where the first target has the higher label and the higher score, plus those
        where the scores are equal.
    discordant : ndarray of int, shape (n_targets, n_targets, n_blocks, n_strata)
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
    def empty(cls, n_targets: int, n_blocks: int, n_strata: int = 1) -> "ConcordanceCounts":
        """Begin with nothing.

        Parameters
        ----------
        n_targets, n_blocks, n_strata : int
            Targets, blocks and strata.

        Returns
        -------
        ConcordanceCounts
        """
        shape = n_targets, n_targets, n_blocks, n_strata
        return cls(twice_hits=np.zeros(shape, np.int64), discordant=np.zeros(shape, np.int64))

    def add(
        self,
        labels: FloatArray,
        scores: FloatArray,
        blocks: IntArray,
        strata: IntArray | None = None,
    ) -> None:
        """Count some loci; changes the tables in place.

        Parameters
        ----------
        labels, scores : ndarray of float, shape (n, n_targets)
            Labels and scores; NaN where not audited.
        blocks : ndarray of int, shape (n,)
            Block of each locus.
        strata : ndarray of int, shape (n,), optional
            Stratum of each locus.
        """
        shape = self.discordant.shape[2:]
        n_places = shape[0] * shape[1]
        places = blocks.astype(np.intp) * shape[1]
        if strata is not None:
            places += strata
        # Target by target: columns that lie together are read faster.
        labels, scores = np.ascontiguousarray(labels.T), np.ascontiguousarray(scores.T)
        known = ~np.isnan(scores)
        for first, second in permutations(range(len(labels)), 2):
            usable = labels[first] > labels[second]
            usable &= known[first]
            usable &= known[second]
            rows = usable.nonzero()[0]
            place = places.take(rows)
            one, other = scores[first].take(rows), scores[second].take(rows)
            twice = 2 * (one > other) + (one == other)
            counts = np.bincount(3 * place + twice, minlength=3 * n_places).reshape(*shape, 3)
            self.discordant[first, second] += counts.sum(axis=-1)
            self.twice_hits[first, second] += counts @ np.arange(3)

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
        n_targets, _, n_blocks, _ = self.discordant.shape
        totals: list[FloatArray] = [np.empty(0)]
        replicates: list[FloatArray] = [np.empty((0, n_blocks))]
        block_sizes = np.zeros(n_blocks, dtype=np.int64)
        for first in range(n_targets - 1):
            # One target against all later ones, both directions.
            later = np.arange(first + 1, n_targets)
            count = np.stack([self.discordant[first, later], self.discordant[later, first]])
            twice = np.stack([self.twice_hits[first, later], self.twice_hits[later, first]])
            whole = count.sum(axis=2)
            comparable = (whole > 0).all(axis=0)
            enough = (whole.sum(axis=-1) >= min_discordant).all(axis=0) & comparable.any(axis=-1)
            count, twice = count[:, enough], twice[:, enough]
            whole, twice_whole = count.sum(axis=2), twice.sum(axis=2)
            totals.append(_pair_means(whole, twice_whole))
            rest = whole[:, :, np.newaxis] - count, twice_whole[:, :, np.newaxis] - twice
            replicates.append(_pair_means(*rest))
            own = count * comparable[enough][:, np.newaxis]
            block_sizes += own.sum(axis=(0, 1, 3))
        values, without = np.concatenate(totals), np.concatenate(replicates)
        if not len(values):
            return WithinLocus(np.nan, np.full(n_blocks, np.nan), block_sizes, 0)
        return WithinLocus(float(values.mean()), without.mean(axis=0), block_sizes, 2 * len(values))


def _pair_means(count: IntArray, twice_hits: IntArray) -> FloatArray:
    """Mean of the two directions (first axis), over the strata (last axis) that have both.

    What a stratum gives is added up before it is weighed: two shares that make one do so exactly.
    """
    both = (count > 0).all(axis=0)
    n = np.where(both, count, 1).astype(np.float64)
    weight = np.where(both, n[0] * n[1] / (n[0] + n[1]), 0.0)
    twice_shares = twice_hits[0] / n[0] + twice_hits[1] / n[1]
    total = weight.sum(axis=-1)
    hit = (weight * twice_shares).sum(axis=-1) / 4
    empty = np.full(total.shape, np.nan)
    means: FloatArray = np.divide(hit, total, out=empty, where=total > 0)
    return means
