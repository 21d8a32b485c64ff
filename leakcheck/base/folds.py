"""Whole blocks distributed over the folds of a cross-fit."""

import numpy as np

from leakcheck._typing import IntArray

__all__ = ["assign_folds"]


def assign_folds(block_sizes: IntArray, n_folds: int) -> IntArray:
    """Distribute whole blocks over folds of about equal size.

    Parameters
    ----------
    block_sizes : ndarray of int, shape (n_blocks,)
        Number of rows of each block.
    n_folds : int
        Number of folds at the most; there are never more folds than blocks.

    Returns
    -------
    ndarray of int, shape (n_blocks,)
        Fold of each block: the largest block first, each to the fold that is smallest so far.

    Examples
    --------
    >>> assign_folds(np.array([5, 4, 3, 2]), 2)
    array([0, 1, 1, 0])
    """
    n_folds = max(1, min(n_folds, int(np.count_nonzero(block_sizes))))
    load = np.zeros(n_folds, dtype=np.int64)
    folds = np.zeros(len(block_sizes), dtype=np.int64)
    for block in np.argsort(-block_sizes, kind="stable"):
        folds[block] = np.argmin(load)
        load[folds[block]] += block_sizes[block]
    return folds
