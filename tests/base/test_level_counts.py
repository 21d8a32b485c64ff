"""Counts of few levels."""

import numpy as np
import pytest

from leakcheck.base.level_counts import LevelCounts, is_few
from leakcheck.base.sorted_column import SortedColumn


@pytest.fixture
def loci():
    rng = np.random.default_rng(6)
    n = 70_000
    return (
        rng.integers(0, 6, n) * 2 - 128,
        rng.random(n) < 0.3,
        rng.integers(0, 4, n).astype(np.uint8),
        rng.integers(-1, 3, n).astype(np.int16),
    )


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.float32])
def test_levels_are_counted_in_any_form(loci, dtype):
    levels, labels, blocks, strata = loci
    counts = LevelCounts.empty(11, n_blocks=4, n_strata=3)
    if dtype == np.float32:
        counts = LevelCounts.empty(6, n_blocks=4, n_strata=3)
        counts.add_sorted(SortedColumn.from_scores(levels.astype(dtype)), labels, blocks, strata)
        places = np.arange(6)
    else:
        counts.add(levels.astype(dtype), labels, blocks, strata, lowest=-128)
        places = 2 * np.arange(6)
    assert (counts.n_loci, counts.n_distinct, counts.is_few) == (levels.size, 6, True)
    for number, place in enumerate(places):
        at = levels == 2 * number - 128
        for block in range(4):
            expected = np.bincount(labels[at & (blocks == block)], minlength=2)
            np.testing.assert_array_equal(counts.by_block[place, block], expected)
        for stratum in range(3):
            expected = np.bincount(labels[at & (strata == stratum)], minlength=2)
            np.testing.assert_array_equal(counts.by_stratum[place, stratum], expected)


def test_the_ends_of_the_widest_type():
    counts = LevelCounts.empty(2)
    counts.add(
        np.array([2**64 - 1, 2**64 - 2], dtype=np.uint64), np.array([True, False]), lowest=2**64 - 2
    )
    assert counts.by_block[:, 0].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(("n_distinct", "few"), [(1024, True), (1025, False)])
def test_how_many_are_few(n_distinct, few):
    assert is_few(n_distinct, 10_000) is few
    assert is_few(2, 7) is False
