"""Ranks, normal scores, and the test of conditional covariance over blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import leakcheck.base.conditional as module
from leakcheck.base.conditional import (
    bounded_predictions,
    covariance_of_sums,
    largest_correlation,
    rank_average,
    ranks_of_counts,
    scores_of_ranks,
)
from tests.oracles.regression import normal_scores

VALUES = st.lists(st.integers(-3, 3) | st.floats(-1e9, 1e9), min_size=1, max_size=40)


@given(VALUES)
def test_ranks_are_scipys(values):
    values = np.array(values, dtype=float)
    np.testing.assert_array_equal(rank_average(values), stats.rankdata(values))


@given(VALUES)
def test_ranks_of_a_known_order_and_of_levels_are_the_same(values):
    values = np.array(values, dtype=float)
    expected = stats.rankdata(values)
    np.testing.assert_array_equal(rank_average(values, np.argsort(values)), expected)
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    np.testing.assert_array_equal(ranks_of_counts(counts).take(codes), expected)


@given(VALUES)
def test_tables_of_scores_change_nothing(values):
    ranks = stats.rankdata(np.array(values, dtype=float))
    tabled = scores_of_ranks(ranks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LARGEST_TABLE", 0)
        np.testing.assert_array_equal(scores_of_ranks(ranks), tabled)


def test_no_values_have_no_ranks():
    assert rank_average(np.empty(0)).shape == (0,)


@given(VALUES)
def test_normal_scores_are_quantiles_of_the_ranks(values):
    values = np.array(values, dtype=float)
    found = scores_of_ranks(rank_average(values))
    np.testing.assert_allclose(found, normal_scores(values), rtol=1e-9, atol=1e-12)


def block_sums(products, blocks):
    return np.array([products[blocks == g].sum() for g in np.unique(blocks)])


def covariance_of(e, f, blocks):
    """The test of two residuals, from sums over the blocks that have rows."""
    return covariance_of_sums(block_sums(e * f, blocks), float(e @ e), float(f @ f))


class TestCovarianceOfSums:
    def test_equals_a_t_test_of_the_block_sums(self, rng):
        blocks = rng.integers(0, 9, size=300)
        e, f = rng.normal(size=(2, 300))
        f += 0.2 * e
        found = covariance_of(e, f, blocks)
        sums = block_sums(e * f, blocks)
        expected = stats.ttest_1samp(sums, 0, alternative="greater")
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-10)
        assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-8)
        assert found.degrees_of_freedom == 8
        scale = np.linalg.norm(e) * np.linalg.norm(f)
        assert found.partial_correlation == pytest.approx(sums.sum() / scale)
        assert found.standard_error == pytest.approx(sums.std(ddof=1) * 3 / scale)

    def test_an_allowance_is_a_shift_of_the_mean_of_the_block_sums(self, rng):
        sums = rng.normal(size=12) + 1
        found = covariance_of_sums(sums, 40.0, 90.0, allowance=6.0)
        expected = stats.ttest_1samp(sums, 0.5, alternative="greater")
        assert found.statistic == pytest.approx(expected.statistic)
        assert found.pvalue == pytest.approx(expected.pvalue)
        plain = covariance_of_sums(sums, 40.0, 90.0)
        assert found[2:] == plain[2:]

    def test_scale_changes_nothing_and_sign_turns_it_round(self, rng):
        blocks = np.arange(200) % 10
        e, f = rng.normal(size=(2, 200))
        one = covariance_of(e, f, blocks)
        scaled = covariance_of(1e3 * e, 1e-3 * f, blocks)
        np.testing.assert_allclose(scaled, one, rtol=1e-9)
        turned = covariance_of(e, -f, blocks)
        assert turned.statistic == pytest.approx(-one.statistic)
        assert turned.pvalue == pytest.approx(1 - one.pvalue)

    @pytest.mark.parametrize(
        ("e", "f", "blocks"),
        [
            ([1.0, 2.0], [1.0, 1.0], [0, 0]),
            ([0.0, 0.0, 0.0], [1.0, 2.0, 3.0], [0, 1, 2]),
            ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0, 1, 2]),
            ([1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [0, 1, 2]),
            ([], [], []),
        ],
        ids=["one block", "labels known", "score known", "no spread", "no rows"],
    )
    def test_undefined_is_nan_throughout(self, e, f, blocks):
        found = covariance_of(np.array(e), np.array(f), np.array(blocks, dtype=int))
        assert np.isnan([found.statistic, found.pvalue, found.partial_correlation]).all()
        assert np.isnan(found.standard_error)
        assert found.degrees_of_freedom == len(set(blocks)) - 1

    def test_holds_its_level_where_neighbours_are_alike(self, rng):
        """Residuals that are correlated inside blocks, not between residuals."""
        blocks = np.repeat(np.arange(22), 30)
        found, naive = [], []
        for _ in range(600):
            e, f = rng.normal(size=(2, 660)) + 1.5 * rng.normal(size=(2, 22))[:, blocks]
            found.append(covariance_of(e, f, blocks).pvalue < 0.05)
            naive.append(stats.pearsonr(e, f, alternative="greater").pvalue < 0.05)
        assert 0.02 <= np.mean(found) <= 0.08
        assert np.mean(naive) > 0.2

    def test_finds_what_is_there(self, rng):
        blocks = np.repeat(np.arange(22), 30)
        found = []
        for _ in range(100):
            e, f = rng.normal(size=(2, 660))
            found.append(covariance_of(e, f + 0.2 * e, blocks).pvalue < 0.05)
        assert np.mean(found) > 0.95


@pytest.mark.parametrize("n_active", [1, 30, 500, 900, 999])
def test_no_score_has_a_larger_correlation_with_the_labels(n_active):
    scores = normal_scores(np.arange(1000.0))
    labels = np.arange(1000) >= 1000 - n_active
    found = np.corrcoef(labels, scores)[0, 1]
    assert largest_correlation(n_active / 1000) == pytest.approx(found, rel=0.1)
    assert largest_correlation(0.0) == largest_correlation(1.0) == 0


class TestBoundedPredictions:
    predicted = np.array([[-9.0, 0.2, 9.0], [-9.0, 0.2, 9.0]], dtype=np.float32)
    last = float(normal_scores(np.arange(50.0))[-1])

    def test_normal_scores_end_at_the_first_and_the_last_rank(self):
        found = bounded_predictions(self.predicted, 50)
        np.testing.assert_allclose(found, [[-self.last, 0.2, self.last]] * 2, rtol=1e-6)
        assert found.dtype == np.float32

    def test_labels_end_half_their_range_beyond_them(self):
        found = bounded_predictions(self.predicted, 50, (0.0, 1.0))
        np.testing.assert_allclose(found[0], [-0.5, 0.2, 1.5], rtol=1e-6)
        np.testing.assert_allclose(found[1], [-self.last, 0.2, self.last], rtol=1e-6)


@pytest.fixture
def rng():
    return np.random.default_rng(7)
