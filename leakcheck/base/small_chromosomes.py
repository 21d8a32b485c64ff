"""Small chromosomes, such as contigs that have no place, put together into blocks."""

from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, IntArray

__all__ = ["Joined", "join_small_chromosomes"]

#: Smaller than this share of the chromosome of a typical locus is too small for a block.
_SMALL: Final = 0.1


class Joined(NamedTuple):
    """Chromosomes as blocks.

    Attributes
    ----------
    codes : ndarray of int, shape (n_chromosomes,)
        Block of each chromosome, from 0 to ``n_blocks - 1``, in the order of their first ones.
    sizes : ndarray of int, shape (n_blocks,)
        Loci of each block.
    counts : ndarray of bool, shape (n_blocks,)
        Whether the block is of chromosomes that count.
    is_single : ndarray of bool, shape (n_blocks,)
        Whether the block is one chromosome.
    """

    codes: IntArray
    sizes: IntArray
    counts: BoolArray
    is_single: BoolArray


def join_small_chromosomes(sizes: IntArray, counts: BoolArray) -> Joined:
    r"""Put small chromosomes together, so that each block has loci that are alike in it.

    Parameters
    ----------
    sizes : ndarray of int, shape (n_chromosomes,)
        Loci of each chromosome.
    counts : ndarray of bool, shape (n_chromosomes,)
        Chromosomes that count: those with audited loci. Others stay as they are.

    Returns
    -------
    Joined

    Notes
    -----
    The jackknife takes the variance from every block alike, a large and a small one. In a contig of
    few loci there are no long stretches of loci that are alike, so hundreds of them would tell that
    loci are nearly independent, and intervals would be too narrow. Small is what has less than a
    tenth of :math:`\sum_j m_j^2 / \sum_j m_j`, the mean over loci of the size :math:`m_j` of their
    chromosome; the small ones are filled, in order, into blocks of about that size. A single small
    chromosome stays as it is.

    Examples
    --------
    >>> join_small_chromosomes(np.array([90, 2, 80, 3]), np.ones(4, dtype=bool)).codes
    array([0, 1, 2, 1])
    """
    codes = np.arange(len(sizes))
    counted = sizes[counts].astype(np.float64)
    typical = float(np.sum(counted**2) / max(counted.sum(), 1.0))
    small = np.flatnonzero(counts & (sizes < _SMALL * typical))
    if len(small):
        before = np.cumsum(sizes[small]) - sizes[small]
        _, first, group = np.unique(before // typical, return_index=True, return_inverse=True)
        codes[small] = small[first].take(group)
    _, codes = np.unique(codes, return_inverse=True)
    n_blocks = int(codes.max(initial=-1)) + 1
    return Joined(
        codes=codes,
        sizes=np.bincount(codes, sizes, minlength=n_blocks).astype(np.int64),
        counts=np.bincount(codes, counts, minlength=n_blocks) > 0,
        is_single=np.bincount(codes, minlength=n_blocks) == 1,
    )
