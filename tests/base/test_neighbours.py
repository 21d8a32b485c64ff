"""Means over neighbouring loci at the ends of chromosomes."""

import numpy as np
import pytest

from leakcheck.base.chunks import Layout, Runs
from leakcheck.base.neighbours import neighbour_means


@pytest.mark.parametrize("window", [1, 2])
def test_a_locus_alone_on_its_chromosome_keeps_its_value(window):
    """Three loci, one, and two: nothing comes from another chromosome."""
    chroms = np.repeat([0, 1, 2], [3, 1, 2])
    layout = Layout.of(Runs.of_codes(np.zeros(6, dtype=int), chroms), np.array([0]))
    (chunk,) = layout.chunks
    around = chunk.window(window)
    values = np.array([1.0, 2.0, 6.0, 5.0, 3.0, 4.0])[None, around.rows]
    values[:, around.gaps] = 0
    expected = {1: [2, 3.5, 2, 5, 4, 3], 2: [4, 3.5, 1.5, 5, 4, 3]}[window]
    np.testing.assert_allclose(neighbour_means(values, chunk, (window,))[0], [expected])
