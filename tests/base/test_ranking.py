from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import average_precision_score, roc_auc_score

from leakcheck.base import _keys, _passes, _tables, ranking
from tests.oracles import ranking as oracle

SCORES = {
    "untied float64": lambda rng, n: rng.standard_normal(n),
    "float32": lambda rng, n: rng.random(n, dtype=np.float32),
    "few ties": lambda rng, n: np.round(rng.standard_normal(n), 3),
    "heavy ties": lambda rng, n: rng.integers(0, 20, n) / 19,
    "two values": lambda rng, n: rng.integers(0, 2, n).astype(np.float32),
    "a huge tie": lambda rng, n: np.maximum(rng.standard_normal(n), 0.5),
    "uint8": lambda rng, n: rng.integers(0, 56, n).astype(np.uint8),
    "int64": lambda rng, n: rng.integers(-(10**12), 10**12, n),
    "int8": lambda rng, n: rng.integers(-128, 128, n).astype(np.int8),
    "bool": lambda rng, n: rng.random(n) < 0.3,
}


def made(kind, share, n=20_000, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random(n) < share, SCORES[kind](rng, n)


@pytest.mark.parametrize("share", [0.001, 0.4, 0.999])
@pytest.mark.parametrize("kind", SCORES)
def test_large_inputs_agree_with_scikit_learn(kind, share):
    labels, scores = made(kind, share)
    found = ranking.ranking_scores(labels, scores)
    expected = average_precision_score(labels, scores), roc_auc_score(labels, scores)
    assert_allclose([found.average_precision, found.auroc], expected, rtol=0, atol=1e-12)
    alone = ranking.average_precision(labels, scores), ranking.auroc(labels, scores)
    assert alone == (found.average_precision, found.auroc)


# The pass over sorted keys and the sums over a table of counts share no code but the closed form.
@pytest.mark.parametrize("kind", SCORES)
def test_the_pass_agrees_with_the_table(kind):
    labels, scores = made(kind, 0.4)
    keys = _keys.encode(labels, *_keys.codable(scores))
    keys.sort()
    by_pass = _passes.rank_sums(keys, int(labels.sum()))
    by_table = _tables.sums_of_counts(_tables.count_table(labels, scores))
    assert_allclose(by_pass[:2], by_table[:2], rtol=1e-13)
    assert by_pass.twice_ordered == by_table.twice_ordered


def exact_gain(true_before, before, p, q):
    """What the precisions of a tie gain in a random order, over its negatives all coming first."""
    slope = Fraction(p - 1, p + q - 1)
    mean = sum((true_before + 1 + j * slope) / Fraction(before + 1 + j) for j in range(p + q))
    late = sum(Fraction(true_before + k, before + q + k) for k in range(1, p + 1))
    return Fraction(p, p + q) * mean - late


@pytest.mark.parametrize("before", [10**4, 10**7])
def test_the_series_for_small_ties_errs_within_its_bound(before):
    total = 1e3
    for p, q in ((1, 1), (1, 2), (2, 1), (3, 2), (1, 9), (9, 1), (6, 6)):
        for true_before in (0, before // 3, before):
            exact = exact_gain(true_before, before, p, q)
            share = np.array([(true_before + 1) / (before + q + 1) / (before + q)])
            arguments = share, np.array([before + q + 0.0]), np.array([p]), np.array([q])
            more = _passes._narrow_gain(*arguments, total)
            error = p * q * (p + q) ** 2 / 4 / (before + q) ** 3
            if error > 1e-15 * total:
                assert more is None
                continue
            assert abs(Fraction(more + share[0] / 2) - exact) < error + 1e-15 * abs(exact)


def test_the_series_changes_nothing_that_can_be_seen(monkeypatch):
    rng = np.random.default_rng(0)
    labels, scores = rng.random(200_000) < 0.4, rng.integers(0, 4_000_000, 200_000) / 4e6
    series, taken = _passes._narrow_gain, []
    monkeypatch.setattr(_passes, "_narrow_gain", lambda *a: taken.append(series(*a)) or taken[-1])
    found = ranking.ranking_scores(labels, scores)
    assert any(gain is not None for gain in taken)
    monkeypatch.setattr(_passes, "_narrow_gain", lambda *_: None)
    assert_allclose(ranking.ranking_scores(labels, scores), found, rtol=1e-14)


@pytest.mark.parametrize("few_ties", [0, 1 << 9])
@pytest.mark.parametrize(("positives", "keys"), [(1, 1), (2, 5), (7, 10**9), (10**9, 3)])
@pytest.mark.parametrize("kind", SCORES)
def test_chunks_change_nothing(kind, positives, keys, few_ties, monkeypatch):
    labels, scores = made(kind, 0.4, n=300)
    expected = ranking.ranking_scores(labels, scores)
    monkeypatch.setattr(_passes, "_POSITIVES", positives)
    monkeypatch.setattr(_passes, "_MOST_KEYS", keys)
    monkeypatch.setattr(_passes, "_FEW_TIES", few_ties)
    monkeypatch.setattr(_passes, "_HANDFUL", few_ties)
    assert_allclose(ranking.ranking_scores(labels, scores), expected, rtol=1e-13)


@pytest.mark.parametrize("kind", ["uint8", "int8", "bool"])
def test_counting_levels_agrees_with_sorting(kind, monkeypatch):
    labels, scores = made(kind, 0.4)
    monkeypatch.setattr(_tables, "_CHUNK", 5_000)
    counted = _tables.count_levels(labels, scores)
    assert counted is not None
    monkeypatch.setattr(_tables, "_FEWEST_ROWS", labels.size + 1)
    assert _tables.count_levels(labels, scores) is None
    for found, expected in zip(counted, _tables.count_table(labels, scores), strict=True):
        assert found.dtype == expected.dtype
        assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int16, np.uint16])
def test_levels_at_the_ends_of_a_type_are_counted(dtype):
    rng = np.random.default_rng(0)
    info = np.iinfo(dtype)
    steps = rng.integers(0, 9, 20_000).astype(dtype)
    for scores in (info.max - steps, info.min + steps):
        labels = rng.random(scores.size) < 0.3
        table = _tables.count_levels(labels, scores)
        assert table.thresholds.dtype == dtype
        assert_array_equal(table.thresholds, np.unique(scores)[::-1])
        assert table.positives.sum() == labels.sum()


def test_too_many_levels_are_sorted():
    labels, scores = made("int64", 0.4)
    assert _tables.count_levels(labels, scores) is None


def test_expected_average_precision_of_large_ties_agrees_with_the_sum():
    labels, scores = made("heavy ties", 0.2, n=3_000)
    found = ranking.expected_average_precision(labels, scores)
    assert_allclose(found, oracle.expected_average_precision(labels, scores), rtol=0, atol=1e-12)


def test_jitter_moves_average_precision_and_not_its_expectation():
    rng = np.random.default_rng(0)
    score = rng.integers(0, 10, 5_000) / 10
    labels = rng.random(5_000) < score
    plain = ranking.ranking_scores(labels, score)
    jittered = [ranking.ranking_scores(labels, score + 1e-6 * rng.random(5_000)) for _ in range(50)]
    moved = np.mean(jittered, axis=0)
    assert np.all(np.array(jittered)[:, 0] > plain.average_precision)
    assert abs(moved[1] - plain.expected_average_precision) < 0.0005


@pytest.mark.parametrize("weights", [None, np.ones(3)])
def test_scores_without_positives_are_undefined(weights):
    found = ranking.ranking_scores(np.zeros(3, bool), np.arange(3.0), weights=weights)
    assert np.isnan(found).all()


@pytest.mark.parametrize("weights", [None, np.ones(3)])
def test_auroc_without_negatives_is_undefined(weights):
    found = ranking.ranking_scores(np.ones(3, bool), np.arange(3.0), weights=weights)
    assert np.isnan(found.auroc)
    assert_allclose(found[:2], 1.0)


@pytest.mark.parametrize("weights", [None, np.ones(0)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, np.bool_])
def test_scores_of_nothing_are_undefined(dtype, weights):
    labels, scores = np.zeros(0, bool), np.zeros(0, dtype)
    assert np.isnan(ranking.ranking_scores(labels, scores, weights=weights)).all()


def test_one_row():
    found = ranking.ranking_scores(np.array([True]), np.array([0.3]))
    assert found[:2] == (1.0, 1.0)
    assert np.isnan(found.auroc)


def test_rows_of_weight_zero_are_absent():
    labels, scores = made("heavy ties", 0.4, n=200)
    weights = np.where(np.arange(200) % 3 == 0, 0.0, 1.5)
    kept = weights > 0
    for function in (
        ranking.ranking_scores,
        ranking.precision_recall_points,
        ranking.roc_points,
    ):
        found = function(labels, scores, weights=weights)
        expected = function(labels[kept], scores[kept], weights=weights[kept])
        for one, other in zip(found, expected, strict=True):
            assert_array_equal(one, other)
    assert np.isnan(ranking.auroc(labels, scores, weights=np.where(labels, 0.0, 1.0)))


def test_real_weights_lie_between_the_whole_ones():
    labels, scores = np.array([True, False, True, False]), np.array([0.9, 0.5, 0.5, 0.1])
    values = [
        ranking.expected_average_precision(labels, scores, weights=np.array([1, w, 1, 1]))
        for w in (1.0, 1.25, 1.5, 1.75, 2.0)
    ]
    assert_allclose(values[0], ranking.expected_average_precision(labels, scores), rtol=1e-14)
    assert np.all(np.diff(values) < 0)


def test_points_without_positives_or_negatives_are_undefined():
    scores = np.arange(3.0)
    recall = ranking.precision_recall_points(np.zeros(3, bool), scores)[1]
    assert_array_equal(recall, [np.nan, np.nan, np.nan, 0.0])
    assert np.isnan(ranking.roc_points(np.zeros(3, bool), scores)[1]).all()
    assert np.isnan(ranking.roc_points(np.ones(3, bool), scores)[0]).all()


def test_points_of_nothing():
    empty = np.zeros(0)
    precision, recall, thresholds = ranking.precision_recall_points(empty > 0, empty)
    assert (precision.tolist(), recall.tolist(), thresholds.size) == ([1.0], [0.0], 0)
    assert ranking.roc_points(empty > 0, empty)[2].tolist() == [np.inf]


def test_no_skill_average_precision():
    assert_allclose(ranking.no_skill_average_precision(5, 100), 0.0902, atol=5e-5)
    assert isinstance(ranking.no_skill_average_precision(5, 100), float)
    assert ranking.no_skill_average_precision(1, 1) == 1.0
    assert ranking.no_skill_average_precision(7, 7) == pytest.approx(1.0, abs=1e-15)
    assert np.isnan(ranking.no_skill_average_precision(0, 10))
    assert np.isnan(ranking.no_skill_average_precision(0, 0))


def test_no_skill_average_precision_of_arrays():
    positives, n = np.array([[1], [5]]), np.array([10, 100, 1_000_000])
    found = ranking.no_skill_average_precision(positives, n)
    one_by_one = [[ranking.no_skill_average_precision(int(p), int(k)) for k in n] for p in (1, 5)]
    assert_array_equal(found, one_by_one)
    assert np.all(found > positives / n)


def test_no_skill_average_precision_is_the_mean_over_orders():
    labels = np.array([True, True, False, False, False])
    expected = oracle.mean_over_orders(labels, np.zeros(5))
    assert_allclose(ranking.no_skill_average_precision(2, 5), expected, rtol=1e-12)


def test_strided_scores_are_read_as_they_are():
    rng = np.random.default_rng(0)
    labels, table = rng.random(500) < 0.3, rng.random((500, 4))
    for scores in (table[:, 1], table[::-1, 2], table[:, 3].astype(">f8")):
        copy = np.array(scores, dtype=np.float64)
        assert ranking.ranking_scores(labels, scores) == ranking.ranking_scores(labels, copy)
