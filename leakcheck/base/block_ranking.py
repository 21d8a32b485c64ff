"""Ranking metrics of data from which blocks are left out, or drawn again, out of one sort.

The loci are sorted once. At every threshold that holds a positive, the counts of each block at or
above it give the counts of any set of blocks: by subtraction where one block is left out, by a
matrix product where blocks have weights.
"""

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.bootstrap import block_ranking_scores
from leakcheck.base.column_ranking import ColumnScores, column_without_blocks
from leakcheck.base.ranking import RankingScores

__all__ = ["block_ranking_scores", "leave_one_block_out"]


def leave_one_block_out(
    labels: BoolArray,
    scores: ColumnScores,
    blocks: IntArray,
    n_blocks: int,
) -> tuple[RankingScores, RankingScores]:
    """Score all loci, and all loci but those of each block.

    Parameters
    ----------
    labels : numpy.ndarray of bool, shape (n_loci,)
        True for an active locus.
    scores : numpy.ndarray, shape (n_loci,), SortedColumn or LevelCounts
        Finite numbers of any real type; larger means more active. Scores of few levels are counted
        rather than sorted. Their order or their counts do in their place.
    blocks : numpy.ndarray of int, shape (n_loci,)
        Block of each locus, from 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks; some may be empty.

    Returns
    -------
    full : RankingScores
        Floats: scikit-learn's average precision, the expected average precision and the AUROC of
        all loci.
    replicates : RankingScores
        The same of all loci but those of each block, arrays of shape (n_blocks,).

    Notes
    -----
    Average precision is NaN where no positive is left, AUROC where a class is missing. Leaving out
    an empty block repeats the full scores. Replicates equal the scores of the remaining loci alone
    to rounding (1e-12), at the cost of one sort and of n_positive x n_blocks divisions.

    Examples
    --------
    >>> import numpy as np
    >>> labels, scores = np.array([True, False, True, False]), np.array([4.0, 3.0, 2.0, 1.0])
    >>> full, without = leave_one_block_out(labels, scores, np.array([0, 0, 1, 1]), 2)
    >>> round(full.average_precision, 4), full.auroc, without.auroc.tolist()
    (0.8333, 0.75, [1.0, 1.0])
    """
    return column_without_blocks(labels, scores, blocks, n_blocks)
