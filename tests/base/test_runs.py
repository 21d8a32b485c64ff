"""Sums without each block from runs of positives, against loops over the loci."""

import numpy as np
import pytest

from leakcheck.base._runs import sums_of_runs


def naive(labels, scores):
    """Sum of precisions, and of ranks, over the positives of distinct scores."""
    falling = labels[np.argsort(-scores)]
    rank = np.arange(1, len(falling) + 1)
    return (np.cumsum(falling) / rank)[falling].sum(), rank[falling].sum()


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_loops_over_blocks_give(seed):
    rng = np.random.default_rng(seed)
    n, n_blocks = int(rng.integers(2, 400)), int(rng.integers(1, 9))
    labels = rng.random(n) < rng.uniform(0.3, 1)
    labels[0] = labels[1 : n // 2 + 1] = True
    scores = rng.permutation(n) * 1.0
    blocks = rng.integers(0, n_blocks, n).astype(np.uint8)
    found = sums_of_runs(labels, scores, blocks, n_blocks, np.argsort(scores))
    for block in range(n_blocks + 1):  # the last one leaves nothing out
        kept = blocks != block
        precision, above = naive(labels[kept], scores[kept])
        assert found.precision[block, 0] == pytest.approx(precision, rel=1e-12, abs=1e-12)
        assert found.above[block, 0] == above


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        ([True, True, False], [1.0, 1.0, 0.0]),  # tied
        ([True, False, False, False, False], [5.0, 4.0, 3.0, 2.0, 1.0]),  # few positives
        ([False, False], [1.0, 2.0]),
        ([], []),
    ],
)
def test_it_leaves_what_is_not_for_it(labels, scores):
    labels, scores = np.array(labels, dtype=bool), np.array(scores)
    blocks = np.zeros(len(labels), dtype=int)
    assert sums_of_runs(labels, scores, blocks, 1, np.argsort(scores)) is None


def test_it_needs_the_order_and_a_table_that_is_not_large():
    labels = np.arange(1 << 10) % 2 == 0
    scores, blocks = np.arange(1.0 * len(labels)), np.arange(len(labels))
    assert sums_of_runs(labels, scores, blocks, 3, None) is None
    assert sums_of_runs(labels, scores, blocks, 1 << 10, np.argsort(scores)) is None
