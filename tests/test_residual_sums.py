"""Sums over the residuals of the information test."""

import numpy as np

from leakcheck._residual_sums import ResidualSums


def test_residuals_are_taken_without_the_means_of_blocks_of_enough_loci():
    rng = np.random.default_rng(0)
    blocks = np.repeat([0, 1, 2], [40, 20, 19])
    residuals = rng.normal(size=(3, 79)) + (blocks + 1)
    sums, starts = ResidualSums.zeros(2, 3), (0, 40, 60)
    sums.n_rows[:] = np.bincount(blocks)
    sums.products[:] = np.add.reduceat(residuals[1:] * residuals[0], starts, axis=1)
    sums.residuals[:] = np.add.reduceat(residuals, starts, axis=1)
    sums.squares[:] = (residuals**2).sum(axis=1)
    sums.centre()
    for block in (0, 1):
        residuals[:, blocks == block] -= residuals[:, blocks == block].mean(axis=1, keepdims=True)
    products = residuals[1:] * residuals[0]
    np.testing.assert_allclose(sums.products, np.add.reduceat(products, starts, axis=1))
    np.testing.assert_allclose(sums.squares, (residuals**2).sum(axis=1))
