"""Sums without each block from runs of positives, against the scores of the loci kept."""

import numpy as np
import pytest

from leakcheck.base import _runs
from leakcheck.base._runs import sums_of_runs
from leakcheck.base.ranking import ranking_scores
from leakcheck.base.sorted_column import SortedColumn


def check(labels, scores, blocks, n_blocks):
    """Compare the sums with those of the loci of all blocks but one, and of all in the last row."""
    found = sums_of_runs(SortedColumn.from_scores(scores), labels, blocks, n_blocks)
    for block in range(n_blocks + 1):
        kept = blocks != block
        loci, true = kept.sum(), labels[kept].sum()
        assert (found.loci[block, 0], found.positives[block, 0]) == (loci, true)
        if not true:
            assert found.precision[block, 0] == found.expected[block, 0] == 0
            continue
        precision, expected, area = ranking_scores(labels[kept], scores[kept])
        close = {"rel": 1e-12, "abs": 1e-11}
        assert found.precision[block, 0] == pytest.approx(precision * true, **close)
        assert found.expected[block, 0] == pytest.approx(expected * true, **close)
        if true < loci:
            pairs = true * (loci - true)
            disordered = found.above[block, 0] - true * (true + 1) / 2
            assert disordered == pytest.approx((1 - area) * pairs, **close)


def random_case(seed):
    """Labels and blocks of up to 400 loci, of which at least half are positive."""
    rng = np.random.default_rng(seed)
    n, n_blocks = int(rng.integers(2, 400)), int(rng.integers(1, 9))
    labels = rng.random(n) < rng.uniform(0.3, 1)
    labels[0] = labels[1 : n // 2 + 1] = True
    return rng, labels, rng.integers(0, n_blocks, n).astype(np.uint8), n_blocks


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_the_loci_kept_give(seed):
    rng, labels, blocks, n_blocks = random_case(seed)
    check(labels, rng.permutation(labels.size) * 1.0, blocks, n_blocks)


@pytest.mark.parametrize("ties", [1, 1 << 9])
@pytest.mark.parametrize("seed", range(40))
def test_ties_are_runs_of_their_own(seed, ties, monkeypatch):
    monkeypatch.setattr(_runs, "_TIES", ties)
    rng, labels, blocks, n_blocks = random_case(seed)
    n = labels.size
    scores = np.sort(rng.permutation(n) * 1.0)
    if seed % 2:  # long runs: ties of positives alone lie inside of them and side by side
        labels = scores + rng.normal(size=n) * n / 20 > n / 3
    for at in rng.integers(0, n, n // 16):
        scores[at : at + rng.integers(2, 5)] = scores[at]
    check(labels, scores, blocks, n_blocks)


def test_a_long_tie_at_each_end():
    labels = np.tile([True, True, False, True], 50)
    scores = np.concatenate([np.full(20, 500.0), np.arange(160.0)[::-1], np.full(20, -1.0)])
    check(labels, scores, np.arange(200) % 7, 7)


@pytest.mark.parametrize("cells", [1, 1 << 14])
def test_many_runs_fill_tables_of_several_steps(cells, monkeypatch):
    monkeypatch.setattr(_runs, "_CELLS", cells)
    rng = np.random.default_rng(1)
    check(rng.random(6000) < 0.6, rng.permutation(6000) * 1.0, rng.integers(0, 23, 6000), 23)


def test_counts_fit_to_the_last_locus():
    n = (1 << 16) - 1
    labels = np.ones(n, dtype=bool)
    labels[-1] = False
    blocks = (np.arange(n) >= n // 2).astype(np.uint8)
    found = sums_of_runs(SortedColumn.from_scores(np.arange(n)), labels, blocks, 2)
    assert found.loci[:, 0].tolist() == [n - n // 2, n // 2, n]
    assert found.above[-1, 0] == sum(range(2, n + 1))


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of sixteen loci."""
    monkeypatch.setattr(_runs, "_MOST_LOCI", 16)
    monkeypatch.setattr(_runs, "_FEW_TIES_OF_MANY", 4)


@pytest.mark.usefixtures("small_parts")
class TestParts:
    @pytest.mark.parametrize("seed", range(30))
    def test_they_add_up(self, seed):
        rng, labels, blocks, n_blocks = random_case(seed)
        scores = np.sort(rng.permutation(labels.size) * 1.0)
        if seed % 2:
            for at in rng.integers(0, labels.size, labels.size // 16):
                scores[at : at + rng.integers(2, 5)] = scores[at]
        if seed % 3:  # the lowest parts have no positive, and the highest no negative
            labels = np.arange(labels.size) > labels.size * 0.6
            labels[rng.integers(0, labels.size, 3)] ^= True
        check(labels, scores, blocks, n_blocks)

    def test_blocks_that_end_with_a_part(self):
        labels = np.arange(96) % 3 > 0
        check(labels, -np.arange(96.0), (np.arange(96) // 16).astype(np.uint8), 6)
        check(labels, -np.arange(96.0), (np.arange(96) < 80).astype(np.uint8), 2)

    def test_a_tie_that_is_longer_than_a_part_is_left(self):
        labels, scores = np.arange(100) % 3 > 0, np.arange(100.0)
        scores[40:57] = 40.0
        column = SortedColumn.from_scores(scores)
        assert sums_of_runs(column, labels, np.zeros(100, dtype=int), 1) is None
        scores[56] = 56.0
        check(labels, scores, np.arange(100) % 4, 4)


def test_many_loci():
    rng = np.random.default_rng(3)
    n = (1 << 16) + 700
    score = rng.permutation(n) * 1.0
    labels = score + n / 2 * rng.standard_normal(n) > 0.6 * n
    check(labels, score, (np.arange(n) * 5 // n).astype(np.uint8), 5)
    # Without the first block the ranks start anew at half of the loci.
    falls = n - score
    check(labels, score, (falls > n / 2).astype(np.uint8), 2)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        ([True, True, False], [1.0, 1.0, 1.0]),  # mostly tied
        ([True, False, False, False, False], [5.0, 4.0, 3.0, 2.0, 1.0]),  # few positives
        ([False, False], [1.0, 2.0]),
        ([], []),
    ],
)
def test_it_leaves_what_is_not_for_it(labels, scores):
    labels, column = np.array(labels, dtype=bool), SortedColumn.from_scores(np.array(scores))
    assert sums_of_runs(column, labels, np.zeros(len(labels), dtype=int), 1) is None


def test_it_leaves_very_many_loci(monkeypatch):
    monkeypatch.setattr(_runs, "_TOO_MANY", 99)
    labels, column = np.arange(100) % 2 == 0, SortedColumn.from_scores(np.arange(100.0))
    assert sums_of_runs(column, labels, np.zeros(100, dtype=int), 1) is None


def test_it_leaves_tables_that_are_large():
    labels = np.arange(1 << 10) % 2 == 0
    column = SortedColumn.from_scores(np.arange(1.0 * len(labels)))
    assert sums_of_runs(column, labels, np.arange(len(labels)), 1 << 10) is None
