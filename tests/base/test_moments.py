"""Moments of columns that come in parts: those of the whole, to the last bit."""

import numpy as np
import pytest

from leakcheck.base import moments
from leakcheck.base.moments import CHUNK_ROWS, CellMoments, row_chunks
from leakcheck.base.regression import (
    RegressionSums,
    rank_of_top,
    sum_up,
)
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.exceptions import ValidationError


@pytest.fixture
def columns():
    """Labels, float32 predictions, blocks (one empty), strata, averages and variances."""
    rng = np.random.default_rng(4)
    n = 1000
    labels = np.round(rng.gamma(1, size=n), 2)
    predictions = (labels + rng.normal(size=n)).astype(np.float32)
    blocks = rng.choice([0, 1, 3], n).astype(np.uint8)
    strata = rng.integers(-1, 3, n)
    average = np.where(rng.random(n) < 0.1, np.nan, labels + rng.normal(size=n))
    variance = np.where(rng.random(n) < 0.1, np.nan, rng.random(n))
    return labels, predictions, blocks, strata, average, variance


def same(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("chunk", [1, 50, CHUNK_ROWS])
def test_parts_have_the_scores_of_the_whole(columns, chunk, monkeypatch):
    monkeypatch.setattr(moments, "CHUNK_ROWS", chunk)
    labels, predictions, blocks, strata, average, variance = columns
    whole = sum_up(
        labels, predictions, blocks=blocks, n_blocks=4, average=average, locus_variance=variance
    )
    ranks = [SortedColumn.from_scores(v) for v in (labels, predictions)]
    at = rank_of_top(labels.size) - 1
    tops = [float(v[r.rows[at]]) for v, r in zip((labels, predictions), ranks, strict=True)]
    twice = [r.twice_mean_ranks() for r in ranks]
    parts = RegressionSums(4, top_label=tops[0], top_prediction=tops[1])
    in_strata = RegressionSums(4, 3)
    for low in range(0, labels.size, 100 if chunk < 100 else 1000):
        part = slice(low, low + (100 if chunk < 100 else 1000))
        parts.add(
            labels[part],
            predictions[part],
            blocks=blocks[part],
            average=average[part],
            locus_variance=variance[part],
            ranks=(twice[0][part], twice[1][part]),
        )
        in_strata.add(labels[part], predictions[part], blocks=blocks[part], strata=strata[part])
    same(parts.scores(), whole.scores())
    same(
        parts.scores(),
        sum_up(
            labels,
            predictions.astype(np.float64),
            blocks=blocks,
            n_blocks=4,
            average=average,
            locus_variance=variance,
        ).scores(),
    )
    for one, other in zip(parts.without_blocks(), whole.without_blocks(), strict=True):
        same(one, other)
    n_loci, found = in_strata.within_strata()
    full, rows = in_strata.within_strata_without_blocks()
    for stratum in range(3):
        inside = strata == stratum
        rest = sum_up(labels[inside], predictions[inside], blocks=blocks[inside], n_blocks=4)
        alone, without = rest.without_blocks()
        assert n_loci[stratum] == inside.sum()
        np.testing.assert_allclose(found.mse[stratum], alone.mse, rtol=1e-12)
        np.testing.assert_allclose([found.pearson[stratum], full[stratum]], alone.pearson, 1e-12)
        np.testing.assert_allclose(rows[:, stratum], without.pearson, rtol=1e-12)


def test_a_part_that_is_no_multiple_is_the_last():
    one = np.zeros(10)
    cells = np.zeros(10, dtype=int)
    sums = CellMoments((1,))
    sums.add(one, one, cells)
    sums.add(one[:0], one[:0], cells[:0])
    with pytest.raises(ValidationError, match=r"multiples of 32,768 rows; 10 rows came"):
        sums.add(one, one, cells)


def test_an_outlier_in_front_costs_no_digits():
    rng = np.random.default_rng(3)
    x = rng.normal(size=5000)
    y = x + rng.normal(size=5000)
    x[0] = 1e9
    kept = slice(1, None)
    blocks = np.zeros(5000, dtype=int)
    blocks[0] = 1
    _, without = sum_up(x, y, blocks=blocks, n_blocks=2).without_blocks()
    assert without.pearson[1] == pytest.approx(np.corrcoef(x[kept], y[kept])[0, 1], rel=1e-12)


def test_nothing_has_no_scores():
    assert np.isnan(RegressionSums().scores()).all()
    assert np.isnan(sum_up(np.empty(0), np.empty(0)).scores()).all()
    assert list(row_chunks(0)) == []
