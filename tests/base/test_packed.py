"""Labels of one bit each."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from leakcheck.base import packed
from leakcheck.base.counts import RankCounts
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from leakcheck.base.packed import PackedLabels, count_positives, unpacked
from leakcheck.base.ranking import precision_recall_points, ranking_scores


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 100])
def test_they_are_the_labels(size, monkeypatch):
    monkeypatch.setattr(packed, "_CHUNK", 16)
    labels = np.random.default_rng(size).random(size) < 0.5
    found = PackedLabels.from_labels(labels)
    assert_array_equal(unpacked(found), labels)
    assert found[:].dtype == np.bool_
    assert count_positives(found) == count_positives(labels) == labels.sum()
    for start in range(size):
        for stop in range(size + 2):
            assert_array_equal(found[start:stop], labels[start:stop])


@pytest.mark.parametrize("kind", ["continuous", "levels", "integers", "half"])
@pytest.mark.parametrize("weighted", [False, True])
def test_they_rank_as_the_labels_do(kind, weighted):
    rng = np.random.default_rng(0)
    n = 200_001
    labels = rng.random(n) < 0.3
    scores = {
        "continuous": rng.standard_normal(n),
        "levels": rng.integers(0, 7, n) / 6,
        "integers": rng.integers(0, 1_000, n),
        "half": rng.random(n).astype(np.float16),
    }[kind]
    weights = rng.integers(0, 3, n).astype(float) if weighted else None
    bits = PackedLabels.from_labels(labels)
    assert ranking_scores(bits, scores, weights=weights) == ranking_scores(
        labels, scores, weights=weights
    )
    for a, b in zip(
        precision_recall_points(bits, scores, weights=weights),
        precision_recall_points(labels, scores, weights=weights),
        strict=True,
    ):
        assert_array_equal(a, b)


def test_they_are_counted_and_grouped_as_the_labels_are():
    rng = np.random.default_rng(0)
    labels, scores = rng.random(5_000) < 0.3, rng.random(5_000)
    bits = PackedLabels.from_labels(labels)
    assert_array_equal(
        RankCounts.from_scores(bits, scores).positives,
        RankCounts.from_scores(labels, scores).positives,
    )
    plan = GroupPlan.from_codes(rng.integers(0, 5, 5_000), 5)
    for a, b in zip(
        grouped_ranking_scores(bits, scores, plan),
        grouped_ranking_scores(labels, scores, plan),
        strict=True,
    ):
        assert_array_equal(a, b)
