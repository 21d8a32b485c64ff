import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from leakcheck.base import ranking
from leakcheck.base.counts import RankCounts


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return rng.random(5_000) < 0.3, np.round(rng.standard_normal(5_000), 2)


def test_counts_are_of_distinct_scores_in_decreasing_order(rows):
    labels, scores = rows
    counts = RankCounts.from_scores(labels, scores)
    assert_array_equal(counts.thresholds, np.unique(scores)[::-1])
    assert counts.positives.dtype == counts.negatives.dtype == np.int64
    for place in (0, 100, -1):
        tie = scores == counts.thresholds[place]
        assert counts.positives[place] == labels[tie].sum()
        assert counts.negatives[place] == (~labels[tie]).sum()
    assert (counts.n_positive, counts.n_negative) == (labels.sum(), (~labels).sum())


def test_every_metric_is_that_of_the_rows(rows):
    labels, scores = rows
    counts = RankCounts.from_scores(labels, scores)
    for name in ("average_precision", "expected_average_precision", "auroc"):
        expected = getattr(ranking, name)(labels, scores)
        assert_allclose(getattr(counts, name)(), expected, rtol=0, atol=1e-12)
    for name in ("precision_recall_points", "roc_points"):
        expected = getattr(ranking, name)(labels, scores)
        for found, curve in zip(getattr(counts, name)(), expected, strict=True):
            assert_array_equal(found, curve)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.bool_])
def test_parts_merge_to_the_whole_in_the_type_of_the_scores(rows, dtype):
    labels, scores = rows[0], (rows[1] * 10).astype(dtype)
    parts = np.array_split(np.arange(labels.size), 7)
    first, *others = (RankCounts.from_scores(labels[part], scores[part]) for part in parts)
    merged, whole = first.merge(*others), RankCounts.from_scores(labels, scores)
    assert merged.thresholds.dtype == dtype
    assert_array_equal(merged.thresholds, whole.thresholds)
    assert merged.ranking_scores() == whole.ranking_scores()


def test_merging_nothing_changes_nothing(rows):
    counts = RankCounts.from_scores(*rows)
    empty = RankCounts.from_scores(rows[0][:0], rows[1][:0])
    for merged in (counts.merge(), counts.merge(empty), empty.merge(counts)):
        assert_array_equal(merged.positives, counts.positives)
        assert merged.ranking_scores() == counts.ranking_scores()


def test_counts_of_nothing_are_undefined():
    empty = RankCounts.from_scores(np.zeros(0, bool), np.zeros(0))
    assert empty.merge(empty).thresholds.size == 0
    assert np.isnan(empty.ranking_scores()).all()


def test_counts_of_one_label_have_no_auroc():
    counts = RankCounts.from_scores(np.ones(3, bool), np.arange(3.0))
    assert counts.average_precision() == 1.0
    assert np.isnan(counts.auroc())
