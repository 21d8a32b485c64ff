"""Scores from bins against exact ones: inside their bounds, which are small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base import binned_counts
from leakcheck.base.binned_counts import BinnedCounts
from leakcheck.base.column_ranking import column_without_blocks
from leakcheck.base.ranking import ranking_scores
from leakcheck.exceptions import ValidationError

ROUNDING = 1e-12


def check(found, exact):
    for value, error, right in zip(found.value, found.error, exact, strict=True):
        np.testing.assert_array_equal(np.isnan(value), np.isnan(right))
        assert not (np.abs(value - np.asarray(right)) > error + ROUNDING).any()


@st.composite
def cases(draw):
    n = draw(st.integers(0, 80))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.random(n) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    scores = rng.integers(0, draw(st.sampled_from([1, 4, 30, 10**6])), n) / 7 - 2
    cells = rng.integers(-1, 4, n)
    return labels, scores, cells, draw(st.sampled_from([1, 3, 16, 1000]))


@given(cases(), st.sampled_from([1, 20, 1 << 17]))
def test_exact_scores_are_within_the_bounds(case, tile):
    labels, scores, cells, n_bins = case
    low, high = scores.min(initial=0.0), scores.max(initial=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binned_counts, "_CELLS", tile)
        patch.setattr(binned_counts, "_CHUNK", 7)
        counts = BinnedCounts.empty(low, high, n_bins=n_bins, n_cells=4)
        counts.add(scores, labels, cells)
        inside = cells >= 0
        check(counts.ranking_scores(), ranking_scores(labels[inside], scores[inside]))
        full, without = counts.without_cells()
        alone = counts.within_cells()
    check(full, ranking_scores(labels[inside], scores[inside]))
    for cell in range(4):
        rest, own = inside & (cells != cell), cells == cell
        for found, rows in ((without, rest), (alone, own)):
            one = type(found)(*(type(kind)(*(v[cell] for v in kind)) for kind in found))
            check(one, ranking_scores(labels[rows], scores[rows]))


def test_a_million_bins_miss_by_less_than_four_millionths():
    rng = np.random.default_rng(1)
    n = 300_000
    scores = 1 / (1 + np.exp(-rng.normal(size=n)))
    blocks = rng.integers(0, 3, n).astype(np.uint8)
    for share in (0.02, 0.6):
        noisy = scores + rng.normal(scale=0.1, size=n)
        labels = noisy > np.quantile(noisy, 1 - share)
        counts = BinnedCounts.empty(0.0, 1.0, n_cells=3)
        counts.add(scores, labels, blocks)
        full, rows = counts.without_cells()
        exact, replicates = column_without_blocks(labels, scores, blocks, 3)
        check(full, exact)
        check(rows, replicates)
        distance = np.abs(np.subtract(full.value, exact))
        assert distance.max() < 4e-6
        assert 0 < max(full.error) < 5e-3


def test_parts_add_up():
    rng = np.random.default_rng(2)
    labels, scores = rng.random(100) < 0.5, rng.random(100)
    whole, left, right = (BinnedCounts.empty(0, 1, n_bins=50) for _ in range(3))
    whole.add(scores, labels)
    left.add(scores[:30], labels[:30])
    right.add(scores[30:], labels[30:])
    np.testing.assert_array_equal(left.merge(right).counts, whole.counts)
    assert left.counts.sum() == 30


def test_few_scores_have_exact_bins():
    labels, scores = np.array([True, False, True]), np.array([0.0, 0.5, 1.0])
    counts = BinnedCounts.empty(0.0, 1.0, n_bins=3)
    counts.add(scores, labels)
    found = counts.ranking_scores()
    assert found.error == pytest.approx((0, 0, 0), abs=1e-15)
    assert found.value == pytest.approx(ranking_scores(labels, scores))


@pytest.mark.parametrize("wrong", [-0.1, 1.5, np.nan])
def test_scores_outside_the_bins_are_refused(wrong):
    counts = BinnedCounts.empty(0.0, 1.0, n_bins=4)
    with pytest.raises(ValidationError, match="`scores` must lie between") as caught:
        counts.add(np.array([0.5, wrong]), np.array([True, False]))
    assert "1 of 2" in str(caught.value)
    assert "row 1" in str(caught.value)
    assert not counts.counts.any()
