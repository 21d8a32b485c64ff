"""Within a locus: whether a score orders two cell types as their labels do."""

from typing import Any, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray

__all__ = ["WithinLocus", "within_locus_concordance"]


class WithinLocus(NamedTuple):
    """Result of `within_locus_concordance`.

    Attributes
    ----------
    concordance : float
        Mean over ordered pairs of targets; NaN when no pair has enough discordant loci.
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
        targets of a locus, as a memoriser's is, gets exactly 0.5.

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
    targets = range(labels.shape[1])
    hits, counts = [], []
    for first in targets:
        for second in targets:
            if first == second:
                continue
            usable = labels[:, first] > labels[:, second]
            usable &= ~np.isnan(scores[:, first]) & ~np.isnan(scores[:, second])
            higher = scores[usable, first] > scores[usable, second]
            tied = scores[usable, first] == scores[usable, second]
            hits.append(np.bincount(blocks[usable], higher + 0.5 * tied, n_blocks))
            counts.append(np.bincount(blocks[usable], minlength=n_blocks))
    n_targets = labels.shape[1]
    hit = _square(hits, n_targets, n_blocks)
    count = _square(counts, n_targets, n_blocks)
    enough = count.sum(axis=2) >= min_discordant
    enough &= enough.T
    if not enough.any():
        nothing = np.full(n_blocks, np.nan)
        return WithinLocus(np.nan, nothing, np.zeros(n_blocks, dtype=np.int64), 0)
    hit, count = hit[enough], count[enough].astype(np.int64)
    total = (hit.sum(axis=1) / count.sum(axis=1)).mean()
    left = count.sum(axis=1, keepdims=True) - count
    rest = hit.sum(axis=1, keepdims=True) - hit
    replicates = np.divide(rest, left, out=np.full(rest.shape, np.nan), where=left > 0)
    return WithinLocus(float(total), replicates.mean(axis=0), count.sum(axis=0), int(enough.sum()))


def _square(rows: list[Any], n_targets: int, n_blocks: int) -> FloatArray:
    """Lay rows of ordered pairs out as (first, second, block), the diagonal 0."""
    laid = np.zeros((n_targets, n_targets, n_blocks))
    if rows:
        laid[~np.eye(n_targets, dtype=bool)] = np.stack(rows)
    return laid
