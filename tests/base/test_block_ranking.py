import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from leakcheck.base import _chunk_counts, _leave_out, _weighted, bootstrap
from leakcheck.base.block_ranking import block_ranking_scores, leave_one_block_out
from leakcheck.base.column_ranking import column_without_blocks_in_strata
from leakcheck.base.resampling import bootstrap_weights
from leakcheck.base.sorted_column import SortedColumn


def naive_expected_average_precision(labels, scores):
    """Mean over orders inside ties, position by position."""
    total, above, true_above = 0.0, 0, 0
    for value in np.unique(scores)[::-1]:
        tie = labels[scores == value]
        size, positives = tie.size, int(tie.sum())
        slope = (positives - 1) / (size - 1) if size > 1 else 0.0
        for place in range(size):
            precision = (true_above + 1 + place * slope) / (above + 1 + place)
            total += positives / size * precision
        above, true_above = above + size, true_above + positives
    return total / labels.sum()


def naive_scores(labels, scores):
    """Average precision, expected average precision and AUROC; NaN where undefined."""
    if not labels.any():
        return np.nan, np.nan, np.nan
    auroc = np.nan if labels.all() else roc_auc_score(labels, scores)
    return (
        average_precision_score(labels, scores),
        naive_expected_average_precision(labels, scores),
        auroc,
    )


@st.composite
def blocked_scores(draw):
    """Labels, scores from no ties to one tie, and blocks of which some may be empty."""
    n, n_blocks = draw(st.integers(0, 50)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.random(n) < draw(st.sampled_from([0.0, 0.05, 0.5, 0.95, 1.0]))
    dtype = draw(st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.int16]))
    levels = draw(st.sampled_from([1, 2, 5, 20, 100]))
    scores = rng.integers(0, levels, size=n).astype(dtype)
    if scores.dtype.kind != "u":
        scores -= levels // 2
    blocks = rng.choice(n_blocks, size=n, p=rng.dirichlet(np.ones(n_blocks)))
    return labels, scores, blocks, n_blocks


@pytest.fixture(params=[1, 7, 64, 1 << 18], ids="{}-cells".format)
def tile_cells(request, monkeypatch):
    """Tiles from the smallest upwards, in both ways through the counts."""
    monkeypatch.setattr(_chunk_counts, "_CELLS", request.param)
    monkeypatch.setattr(_chunk_counts, "_FEWEST_ROWS", 2)
    monkeypatch.setattr(_leave_out, "_COLUMNS", max(2, request.param // 4))
    monkeypatch.setattr(bootstrap, "_COLUMNS", max(2, request.param // 4))
    monkeypatch.setattr(bootstrap, "_ROWS", 2)


class TestLeaveOneBlockOut:
    @given(blocked_scores())
    def test_equals_scoring_the_other_loci_alone(self, case):
        labels, scores, blocks, n_blocks = case
        full, replicates = leave_one_block_out(labels, scores, blocks, n_blocks)
        np.testing.assert_allclose(full, naive_scores(labels, scores), rtol=0, atol=1e-12)
        expected = [
            naive_scores(labels[blocks != block], scores[blocks != block])
            for block in range(n_blocks)
        ]
        np.testing.assert_allclose(np.transpose(replicates), expected, rtol=0, atol=1e-12)

    @pytest.mark.parametrize("levels", [3, 40, None])
    def test_width_of_tiles_changes_nothing(self, levels, tile_cells, rng):
        labels, scores, blocks = _random_case(rng, 300, 4, levels)
        _, replicates = leave_one_block_out(labels, scores, blocks, 4)
        for block in range(4):
            kept = blocks != block
            expected = naive_scores(labels[kept], scores[kept])
            np.testing.assert_allclose([r[block] for r in replicates], expected, atol=1e-12)

    def test_full_scores_are_floats(self, rng):
        full, replicates = leave_one_block_out(*_random_case(rng, 50, 3, None), 3)
        assert [type(value) for value in full] == [float, float, float]
        assert [values.shape for values in replicates] == [(3,)] * 3

    def test_leaving_out_an_empty_block_repeats_the_full_scores(self, rng):
        labels, scores, blocks = _random_case(rng, 200, 3, 30)
        full, replicates = leave_one_block_out(labels, scores, blocks, 5)
        for value, values in zip(full, replicates, strict=True):
            np.testing.assert_array_equal(values[3:], value)

    def test_a_block_that_holds_all_positives_leaves_nothing_to_score(self):
        labels = np.array([True, True, False, False])
        _, replicates = leave_one_block_out(
            labels, np.array([4.0, 1.0, 3.0, 2.0]), np.array([0, 0, 0, 1]), 2
        )
        for values in replicates:
            assert np.isnan(values[0])
            assert np.isfinite(values[1])

    def test_monotone_maps_and_order_of_loci_change_nothing(self, rng):
        labels, scores, blocks = _random_case(rng, 400, 5, 100)
        _, expected = leave_one_block_out(labels, scores, blocks, 5)
        shuffle = rng.permutation(400)
        for mapped in (np.exp(scores / 50), scores.astype(np.float32), scores * 1e12):
            _, replicates = leave_one_block_out(
                labels[shuffle], mapped[shuffle], blocks[shuffle], 5
            )
            np.testing.assert_allclose(replicates, expected, atol=1e-13)

    @pytest.mark.parametrize("levels", [2, 60, 400])
    def test_scores_in_one_order_have_one_result_to_the_last_bit(self, levels, rng):
        # Else rounding alone would tell a model from the baseline that it copies.
        labels, scores, blocks = _random_case(rng, 500, 4, levels)
        expected = leave_one_block_out(labels, scores, blocks, 4)
        shuffle = rng.permutation(500)
        for same in (scores.astype(np.int16), scores.astype(np.float32), 3e9 * scores - 7):
            found = leave_one_block_out(labels[shuffle], same[shuffle], blocks[shuffle], 4)
            assert found[0] == expected[0]
            np.testing.assert_array_equal(found[1], expected[1])

    @pytest.mark.parametrize(
        ("dtype", "lowest"),
        [(np.int8, -128), (np.uint8, 0), (np.int64, -(2**63)), (np.uint64, 2**64 - 256)],
    )
    def test_whole_numbers_at_the_ends_of_their_type(self, dtype, lowest, rng):
        labels, scores, blocks = _random_case(rng, 300, 3, 256)
        shifted = np.array([int(score) + 128 + lowest for score in scores], dtype=dtype)
        found = leave_one_block_out(labels, shifted, blocks, 3)
        np.testing.assert_array_equal(found[1], leave_one_block_out(labels, scores, blocks, 3)[1])

    @pytest.mark.parametrize("dtype", [np.int32, np.uint64])
    def test_far_apart_whole_numbers_are_sorted(self, dtype, rng):
        labels, scores, blocks = _random_case(rng, 200, 3, None)
        ranks = np.argsort(np.argsort(scores)).astype(dtype) * dtype(9_999_999)
        np.testing.assert_allclose(
            leave_one_block_out(labels, ranks, blocks, 3)[1],
            leave_one_block_out(labels, scores, blocks, 3)[1],
            atol=1e-14,
        )

    @pytest.mark.parametrize("levels", [40, None])
    def test_narrow_types_of_blocks_do_not_overflow(self, levels, rng):
        labels, scores, blocks = _random_case(rng, 2000, 200, levels)
        _, expected = leave_one_block_out(labels, scores, blocks, 200)
        _, found = leave_one_block_out(labels, scores, blocks.astype(np.uint8), 200)
        np.testing.assert_array_equal(found, expected)

    def test_long_tables_keep_their_digits(self, monkeypatch, rng):
        labels, scores, blocks = _random_case(rng, 60_000, 3, 20_000)
        labels &= rng.random(60_000) < 0.01
        _, replicates = leave_one_block_out(labels, scores, blocks, 3)
        kept = blocks != 0
        expected = naive_scores(labels[kept], scores[kept])
        np.testing.assert_allclose([r[0] for r in replicates], expected, rtol=1e-12)
        monkeypatch.setattr(_leave_out, "_LARGEST_TABLE", 0)
        _, without_table = leave_one_block_out(labels, scores, blocks, 3)
        np.testing.assert_allclose(without_table, replicates, rtol=1e-12)

    def test_inputs_are_unchanged(self, rng):
        case = _random_case(rng, 100, 3, 20)
        before = [array.copy() for array in case]
        leave_one_block_out(*case, 3)
        for array, copy in zip(case, before, strict=True):
            np.testing.assert_array_equal(array, copy)


class TestBlockRankingScores:
    @given(blocked_scores(), st.integers(0, 2**32 - 1))
    def test_weights_equal_repetition_of_rows(self, case, seed):
        labels, scores, blocks, n_blocks = case
        weights = np.random.default_rng(seed).integers(0, 4, size=(5, n_blocks)).astype(float)
        replicates = block_ranking_scores(labels, scores, blocks, n_blocks, weights)
        times = weights.astype(int)[:, blocks]
        expected = [naive_scores(np.repeat(labels, t), np.repeat(scores, t)) for t in times]
        np.testing.assert_allclose(np.transpose(replicates), expected, rtol=0, atol=1e-12)

    @pytest.mark.parametrize("levels", [3, 40, None])
    def test_a_zero_weight_leaves_a_block_out(self, levels, tile_cells, rng):
        labels, scores, blocks = _random_case(rng, 300, 6, levels)
        replicates = block_ranking_scores(labels, scores, blocks, 6, 1.0 - np.eye(6))
        _, expected = leave_one_block_out(labels, scores, blocks, 6)
        np.testing.assert_allclose(replicates, expected, rtol=0, atol=1e-12)

    def test_a_common_factor_changes_no_auroc(self, rng):
        labels, scores, blocks = _random_case(rng, 200, 4, 25)
        weights = bootstrap_weights(4, 10, rng)
        once, twice = (
            block_ranking_scores(labels, scores, blocks, 4, factor * weights) for factor in (1, 2)
        )
        np.testing.assert_allclose(twice.auroc, once.auroc, atol=1e-14)
        np.testing.assert_allclose(twice.average_precision, once.average_precision, atol=1e-14)

    def test_no_replicates(self, rng):
        replicates = block_ranking_scores(*_random_case(rng, 20, 3, None), 3, np.empty((0, 3)))
        assert [values.shape for values in replicates] == [(0,)] * 3

    def test_tables_too_long_for_look_ups(self, monkeypatch, rng):
        case = _random_case(rng, 300, 4, 60)
        weights = bootstrap_weights(4, 6, rng)
        expected = block_ranking_scores(*case, 4, weights)
        monkeypatch.setattr(_leave_out, "_LARGEST_TABLE", 0)
        monkeypatch.setattr(_weighted, "_LARGEST_TABLE", 0)
        np.testing.assert_allclose(block_ranking_scores(*case, 4, weights), expected, atol=1e-13)


class TestWithoutBlocksInStrata:
    @pytest.mark.parametrize("levels", [3, 40, None])
    def test_width_of_tiles_changes_nothing(self, levels, tile_cells, rng):
        labels, scores, blocks = _random_case(rng, 400, 4, levels)
        codes = rng.integers(-1, 9, size=400)
        column = SortedColumn.from_scores(scores)
        full, replicates = column_without_blocks_in_strata(labels, column, codes, 9, blocks, 4)
        for group in range(9):
            kept = (codes == group) & (blocks != 2)
            assert replicates[2, group] == pytest.approx(
                naive_expected_average_precision(labels[kept], scores[kept]), abs=1e-12
            )
        assert (full.shape, replicates.shape) == ((9,), (4, 9))

    def test_strata_without_positives_are_undefined(self):
        labels = np.array([True, False, False, True, False])
        column = SortedColumn.from_scores(np.arange(5.0))
        codes, blocks = np.array([0, 0, 1, 3, 3]), np.array([0, 1, 0, 1, 1])
        full, replicates = column_without_blocks_in_strata(labels, column, codes, 5, blocks, 2)
        np.testing.assert_array_equal(full, [0.5, np.nan, np.nan, 0.5, np.nan])
        np.testing.assert_array_equal(
            replicates,
            [[np.nan, np.nan, np.nan, 0.5, np.nan], [1.0, np.nan, np.nan, np.nan, np.nan]],
        )


@pytest.fixture
def rng():
    return np.random.default_rng(20240607)


def _random_case(rng, n, n_blocks, levels):
    """Labels that depend on scores; `levels` distinct scores, or all distinct."""
    blocks = rng.choice(n_blocks, size=n, p=rng.dirichlet(np.full(n_blocks, 3.0)))
    scores = rng.normal(size=n) if levels is None else rng.integers(0, levels, size=n) - levels / 2
    noise = rng.normal(size=n) * (scores.std() + 0.1)
    return scores + noise > 0, scores, blocks
