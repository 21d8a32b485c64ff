import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_squared_error, r2_score

from leakcheck.base.regression import sum_up


def naive_error_and_correlation(labels, predictions):
    """From the loci alone; NaN where undefined."""
    if not labels.size:
        return np.nan, np.nan
    constant = np.unique(labels).size < 2 or np.unique(predictions).size < 2
    correlation = np.nan if constant else stats.pearsonr(labels, predictions).statistic
    return mean_squared_error(labels, predictions), correlation


def scores_of(labels, predictions, **more):
    return sum_up(labels, predictions, **more).scores()


def without_blocks(labels, predictions, blocks, n_blocks):
    return sum_up(labels, predictions, blocks=blocks, n_blocks=n_blocks).without_blocks()


def integers_as_floats(n, elements):
    return st.lists(elements, min_size=n, max_size=n).map(lambda v: np.array(v, dtype=float))


class TestScores:
    def test_peers(self, rng):
        labels = rng.gamma(2, size=500)
        predictions = 0.7 * labels + rng.normal(size=500)
        scores = scores_of(labels, predictions)
        assert scores.mse == pytest.approx(mean_squared_error(labels, predictions), rel=1e-12)
        assert scores.r2 == pytest.approx(r2_score(labels, predictions), rel=1e-12)
        assert scores.pearson == pytest.approx(stats.pearsonr(labels, predictions).statistic)
        assert scores.spearman == pytest.approx(stats.spearmanr(labels, predictions).statistic)

    @given(
        st.integers(2, 40).flatmap(
            lambda n: st.tuples(*[integers_as_floats(n, st.integers(0, 4))] * 2)
        )
    )
    def test_spearman_with_ties(self, case):
        labels, predictions = case
        scores = scores_of(labels, predictions)
        if np.unique(labels).size == 1 or np.unique(predictions).size == 1:
            assert np.isnan(scores.spearman)
            assert np.isnan(scores.pearson)
        else:
            expected = stats.spearmanr(labels, predictions).statistic
            assert scores.spearman == pytest.approx(expected, abs=1e-12)

    def test_top_loci_by_label_and_by_prediction(self, rng):
        labels, predictions = rng.permutation(1000.0 * np.arange(300)), rng.normal(size=300)
        scores = scores_of(labels, predictions)
        squared = (labels - predictions) ** 2
        assert scores.mse1obs == pytest.approx(squared[np.argsort(labels)[-3:]].mean())
        assert scores.mse1imp == pytest.approx(squared[np.argsort(predictions)[-3:]].mean())

    def test_ties_at_the_cut_are_all_taken(self):
        labels, predictions = np.array([3.0, 3.0, 1.0, 0.0]), np.array([0.0, 2.0, 9.0, 9.0])
        scores = scores_of(labels, predictions)
        assert scores.mse1obs == (9 + 1) / 2
        assert scores.mse1imp == (64 + 81) / 2

    def test_top_is_everything_for_constant_predictions(self, rng):
        labels = rng.normal(size=250)
        scores = scores_of(labels, np.full(250, 0.3))
        assert scores.mse1imp == pytest.approx(scores.mse)

    def test_weights_by_the_variance_of_loci(self):
        labels, predictions = np.array([1.0, 2.0, 5.0]), np.array([0.0, 0.0, 0.0])
        variance = np.array([2.0, 1.0, np.nan])
        assert scores_of(labels, predictions, locus_variance=variance).msevar == (2 * 1 + 4) / 3
        assert np.isnan(scores_of(labels, predictions, locus_variance=np.zeros(3)).msevar)
        assert np.isnan(scores_of(labels, predictions).msevar)

    def test_anomalies_are_what_the_average_leaves(self, rng):
        average, own = rng.normal(size=(2, 200))
        predictions = average + 0.5 * own + 0.1 * rng.normal(size=200)
        scores = scores_of(average + own, predictions, average=average)
        expected = stats.pearsonr(own, predictions - average).statistic
        assert scores.anomaly_correlation == pytest.approx(expected, rel=1e-12)
        labels = average + own
        average[:20] = np.nan
        scores = scores_of(labels, predictions, average=average)
        expected = stats.pearsonr(own[20:], (predictions - average)[20:]).statistic
        assert scores.anomaly_correlation == pytest.approx(expected, rel=1e-12)

    def test_the_average_itself_has_no_anomalies(self, rng):
        labels, average = rng.normal(size=(2, 50))
        scores = scores_of(labels, average, average=average)
        assert np.isnan(scores.anomaly_correlation)
        assert np.isnan(scores_of(labels, average).anomaly_correlation)

    @pytest.mark.parametrize("value", [0.1, 1e9 + 0.1])
    def test_constant_sides_have_no_correlation(self, value, rng):
        constant, other = np.full(77, value), rng.normal(size=77)
        for pair in ((constant, other), (other, constant)):
            scores = scores_of(*pair)
            assert np.isnan([scores.pearson, scores.spearman]).all()
            assert np.isfinite(scores.mse)
        assert np.isnan(scores_of(constant, other).r2)
        assert scores_of(other, np.full(77, other.mean())).r2 == pytest.approx(0, abs=1e-12)

    def test_a_large_offset_keeps_its_digits(self, rng):
        labels, predictions = rng.normal(size=(2, 400))
        near, far = (scores_of(labels + o, predictions + o) for o in (0.0, 2.0**26))
        np.testing.assert_allclose(far[:4], near[:4], rtol=1e-5)

    def test_one_locus_and_none(self):
        one = scores_of(
            np.array([2.0]), np.array([5.0]), average=np.ones(1), locus_variance=np.ones(1)
        )
        assert (one.mse, one.msevar, one.mse1obs, one.mse1imp) == (9.0, 9.0, 9.0, 9.0)
        assert np.isnan([one.pearson, one.spearman, one.r2, one.anomaly_correlation]).all()
        assert np.isnan(scores_of(np.empty(0), np.empty(0))).all()

    def test_inputs_are_unchanged(self, rng):
        arrays = [rng.normal(size=60) for _ in range(4)]
        before = [array.copy() for array in arrays]
        sum_up(arrays[0], arrays[1], average=arrays[2], locus_variance=arrays[3])
        for array, copy in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(array, copy)


class TestWithoutBlocks:
    @given(st.integers(0, 60), st.integers(1, 6), st.sampled_from([2, 4, None]), st.integers(0))
    def test_equals_scoring_the_other_loci_alone(self, n, n_blocks, levels, seed):
        rng = np.random.default_rng(seed)
        labels, predictions = (
            rng.normal(size=(2, n)) if levels is None else rng.integers(0, levels, size=(2, n))
        )
        labels, predictions = labels.astype(float), predictions.astype(float)
        blocks = rng.choice(n_blocks, size=n, p=rng.dirichlet(np.full(n_blocks, 0.7)))
        full, replicates = without_blocks(labels, predictions, blocks, n_blocks)
        expected = [
            naive_error_and_correlation(labels[blocks != block], predictions[blocks != block])
            for block in range(n_blocks)
        ]
        np.testing.assert_allclose(
            full, naive_error_and_correlation(labels, predictions), rtol=1e-10, atol=1e-12
        )
        np.testing.assert_allclose(np.transpose(replicates), expected, rtol=1e-10, atol=1e-10)

    def test_large_offsets_and_a_block_with_most_of_the_variance(self, rng):
        labels, predictions = rng.normal(size=(2, 600)) + 2.0**20
        labels[:200] += 1e5 * rng.normal(size=200)
        blocks = np.repeat([0, 1, 2], 200)
        _, replicates = without_blocks(labels, predictions, blocks, 3)
        for block in range(3):
            kept = blocks != block
            expected = naive_error_and_correlation(labels[kept], predictions[kept])
            np.testing.assert_allclose([r[block] for r in replicates], expected, rtol=1e-9)

    def test_what_is_constant_without_a_block_has_no_correlation_there(self):
        labels = np.array([0.1, 0.1, 0.1, 0.7])
        blocks = np.array([0, 0, 1, 2])
        _, replicates = without_blocks(labels, np.arange(4.0), blocks, 3)
        assert np.isnan(replicates.pearson).tolist() == [False, False, True]

    def test_full_scores_agree_with_scores_of(self, rng):
        labels, predictions = rng.normal(size=(2, 100))
        full, _ = without_blocks(labels, predictions, np.arange(100) % 7, 7)
        scores = scores_of(labels, predictions)
        np.testing.assert_allclose(full, [scores.mse, scores.pearson], rtol=1e-12)


@pytest.fixture
def rng():
    return np.random.default_rng(20240607)
