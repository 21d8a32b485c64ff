"""Means over the loci on either side of a locus."""

from collections.abc import Sequence

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.base.chunks import Chunk

__all__ = ["neighbour_means"]


def neighbour_means(rows: FloatArray, chunk: Chunk, windows: Sequence[int]) -> list[FloatArray]:
    """Mean over up to some loci on either side on the chromosome, without the locus itself.

    Parameters
    ----------
    rows : ndarray of float, shape (m, n_slots)
        Values in the slots of ``chunk.window(max(windows))``, a variable in each row; 0 in gaps.
    chunk : Chunk
        Rows.
    windows : sequence of int
        Loci to each side, rising.

    Returns
    -------
    list of ndarray of float, shape (m, n)
        For each window the means, summed outwards and in the precision of `rows`. A locus alone
        on its chromosome keeps its own value.

    Examples
    --------
    >>> from leakcheck.base.chunks import Layout, Runs
    >>> layout = Layout.of(Runs.of_codes(np.zeros(4, dtype=int)), np.array([0]))
    >>> neighbour_means(np.array([[1.0, 2.0, 4.0, 8.0]]), layout.chunks[0], (1,))[0]
    array([[2. , 2.5, 5. , 4. ]])
    """
    inner = chunk.window(windows[-1]).inner
    total, reached = np.zeros_like(rows), 0
    found: list[FloatArray] = []
    for window in windows:
        for step in range(reached + 1, window + 1):
            total[:, step:] += rows[:, :-step]
            total[:, :-step] += rows[:, step:]
        reached = window
        sums, (edges, others) = total[:, inner], chunk.edges(window)
        mean = sums * rows.dtype.type(1 / (2 * window))
        mean[:, edges] = sums[:, edges] * (1 / np.maximum(others, 1)).astype(rows.dtype)
        alone = edges[others == 0]
        if len(alone):
            mean[:, alone] = rows[:, inner][:, alone]
        found.append(mean)
    return found
