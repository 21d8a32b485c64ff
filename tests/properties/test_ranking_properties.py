"""What must hold of ranking scores for any labels and scores."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from leakcheck.base import ranking
from leakcheck.base.counts import RankCounts
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from tests.oracles import ranking as oracle
from tests.oracles.strategies import FLOATS, rankings, scores_of

EXACT = {"rtol": 0, "atol": 1e-12}


def agree(found, expected):
    assert_allclose(np.asarray(found, float), np.asarray(expected, float), **EXACT)


@given(rankings())
def test_scores_follow_their_definitions(data):
    labels, scores = data
    agree(ranking.ranking_scores(labels, scores), oracle.all_scores(labels, scores))


@given(rankings(min_size=2))
def test_scores_and_curves_agree_with_scikit_learn(data):
    labels, scores = data
    assume(0 < labels.sum() < labels.size)
    agree(ranking.average_precision(labels, scores), average_precision_score(labels, scores))
    agree(ranking.auroc(labels, scores), roc_auc_score(labels, scores))
    curves = [
        (ranking.precision_recall_points, precision_recall_curve, {}),
        (ranking.roc_points, roc_curve, {"drop_intermediate": False}),
    ]
    for ours, theirs, options in curves:
        for found, expected in zip(
            ours(labels, scores), theirs(labels, scores, **options), strict=True
        ):
            assert_allclose(found.astype(float), expected.astype(float), rtol=1e-12)


@given(rankings(min_size=2), st.data())
def test_weighted_scores_agree_with_scikit_learn(data, draw):
    labels, scores = data
    weight = st.one_of(st.just(0.0), st.floats(0.01, 100.0))
    size = labels.size
    weights = np.array(draw.draw(st.lists(weight, min_size=size, max_size=size)))
    kept = weights > 0
    assume(0 < labels[kept].sum() < kept.sum())
    found = ranking.ranking_scores(labels, scores, weights=weights)
    options = {"sample_weight": weights}
    agree(found.average_precision, average_precision_score(labels, scores, **options))
    agree(found.auroc, roc_auc_score(labels, scores, **options))


@given(rankings(), st.data())
def test_whole_weights_are_repetitions(data, draw):
    labels, scores = data
    size = labels.size
    repeats = np.array(draw.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)), int)
    found = ranking.ranking_scores(labels, scores, weights=repeats.astype(float))
    agree(found, ranking.ranking_scores(labels.repeat(repeats), scores.repeat(repeats)))


@given(rankings(max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(data, random):
    labels, scores = data
    order = list(range(labels.size))
    random.shuffle(order)
    before = ranking.ranking_scores(labels, scores)
    assert_array_equal(before, ranking.ranking_scores(labels[order], scores[order]))


@given(rankings(dtypes=(np.int16,)), st.sampled_from(["affine", "cube", "negative", "narrow"]))
def test_increasing_maps_change_nothing(data, name):
    labels, scores = data
    maps = {
        "affine": lambda x: 3 * x.astype(np.int64) - 100_000,
        "cube": lambda x: x.astype(float) ** 3,
        "negative": lambda x: -np.exp(-x.astype(float) / 1000.0),
        "narrow": lambda x: x.astype(np.float32),
    }
    mapped = ranking.ranking_scores(labels, maps[name](scores))
    assert_array_equal(mapped, ranking.ranking_scores(labels, scores))


@given(rankings(min_size=1))
def test_no_ties_means_no_difference_between_the_average_precisions(data):
    labels, scores = data
    distinct = np.unique(scores, return_index=True)[1]
    labels, scores = labels[distinct], scores[distinct]
    found = ranking.ranking_scores(labels, scores)
    assert_allclose(found.average_precision, found.expected_average_precision, rtol=1e-10)


@given(rankings(max_size=6))
def test_expected_average_precision_is_the_mean_over_orders(data):
    labels, scores = data
    assume(labels.any())
    found = ranking.expected_average_precision(labels, scores)
    agree(found, oracle.mean_over_orders(labels, scores))


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_constant_score_has_no_skill(n_positive, n):
    n_positive = min(n_positive, n)
    labels = np.arange(n) < n_positive
    found = ranking.ranking_scores(labels, np.full(n, 0.3))
    no_skill = ranking.no_skill_average_precision(n_positive, n)
    agree(found.expected_average_precision, no_skill)
    agree(found.average_precision, n_positive / n if n_positive else np.nan)
    agree(found.auroc, 0.5 if 0 < n_positive < n else np.nan)


@given(rankings(max_size=40), st.data())
def test_any_partition_merges_to_the_whole_bit_for_bit(data, draw):
    labels, scores = data
    size = labels.size
    part = np.array(draw.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)), int)
    parts = [RankCounts.from_scores(labels[part == k], scores[part == k]) for k in range(4)]
    whole = RankCounts.from_scores(labels, scores)
    order = draw.draw(st.permutations(range(4)))
    together = parts[order[0]].merge(*(parts[k] for k in order[1:]))
    in_steps = parts[0].merge(parts[1]).merge(parts[2].merge(parts[3]))
    for merged in (together, in_steps):
        for name in ("thresholds", "positives", "negatives"):
            found, expected = getattr(merged, name), getattr(whole, name)
            assert found.dtype == expected.dtype
            assert_array_equal(found, expected)
        assert_array_equal(merged.ranking_scores(), whole.ranking_scores())
    agree(whole.ranking_scores(), ranking.ranking_scores(labels, scores))


@given(st.data())
def test_groups_equal_a_loop(draw):
    n = draw.draw(st.integers(0, 60))
    n_groups = draw.draw(st.integers(1, 8))
    n_columns = draw.draw(st.integers(1, 3))
    dtype = draw.draw(st.sampled_from([*FLOATS, np.int64, np.uint8]))
    labels = np.array(draw.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    group = st.integers(-1, n_groups - 1)
    codes = np.array(draw.draw(st.lists(group, min_size=n, max_size=n)), dtype=int)
    columns = [draw.draw(scores_of(n, (dtype,))) for _ in range(n_columns)]
    scores = np.array(columns, dtype=dtype).T
    scores = np.ascontiguousarray(scores) if draw.draw(st.booleans()) else scores
    plan = GroupPlan.from_codes(codes, n_groups)
    found = grouped_ranking_scores(labels, scores, plan)
    assert found.auroc.shape == (n_columns, n_groups)
    for code in range(n_groups):
        rows = codes == code
        assert found.n_loci[code] == rows.sum()
        assert found.n_positive[code] == labels[rows].sum()
        for column in range(n_columns):
            inside = [values[column, code] for values in found[:3]]
            agree(inside, ranking.ranking_scores(labels[rows], scores[rows, column]))


@given(rankings(max_size=20))
def test_arguments_are_left_as_they_were(data):
    labels, scores = data
    weights = np.linspace(0, 2, labels.size)
    codes = np.arange(labels.size) % 3 - 1
    arrays = labels, scores, weights, codes
    before = [array.tobytes() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    ranking.ranking_scores(labels, scores)
    ranking.ranking_scores(labels, scores, weights=weights)
    ranking.precision_recall_points(labels, scores)
    RankCounts.from_scores(labels, scores).merge(RankCounts.from_scores(labels, scores))
    grouped_ranking_scores(labels, scores, GroupPlan.from_codes(codes, 2))
    assert [array.tobytes() for array in arrays] == before


@pytest.mark.parametrize("seed", range(3))
def test_expected_average_precision_is_the_monte_carlo_mean(seed):
    rng = np.random.default_rng(seed)
    labels, scores = rng.random(300) < 0.3, rng.integers(0, 6, 300) / 5
    draws = [average_precision_score(labels, scores + 1e-6 * rng.random(300)) for _ in range(2_000)]
    assert abs(np.mean(draws) - ranking.expected_average_precision(labels, scores)) < 0.002
