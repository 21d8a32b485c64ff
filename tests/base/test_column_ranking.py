"""One column in memory, from chunks, or counted: one result to the last bit, and the right one."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from leakcheck.base import _chunk_counts, _leave_out, _runs
from leakcheck.base.column_ranking import (
    column_ranking_scores,
    column_without_blocks,
    column_without_blocks_in_strata,
    narrow_codes,
    scores_in_strata,
    sort_or_count,
)
from leakcheck.base.level_counts import LevelCounts, is_few
from leakcheck.base.ranking import ranking_scores
from leakcheck.base.sorted_column import SortedColumn


@st.composite
def cases(draw):
    """Labels, float32 scores with ties and -0.0, blocks and strata of which some are empty."""
    n = draw(st.integers(0, 150))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.random(n) < draw(st.sampled_from([0.0, 0.05, 0.4, 0.9, 1.0]))
    levels = draw(st.sampled_from([1, 2, 6, 50, 10**7]))
    scores = ((rng.integers(0, levels, n) - levels // 2) / 4).astype(np.float32)
    scores[scores == 0] *= rng.choice([-1, 1])
    n_blocks, n_strata = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    blocks = rng.choice(n_blocks, n, p=rng.dirichlet(np.ones(n_blocks))).astype(np.uint8)
    strata = rng.integers(-1, n_strata, n)
    labels &= strata != n_strata - 1  # a stratum without positives
    return labels, scores, blocks, n_blocks, strata, n_strata


@pytest.fixture(params=[None, 4], ids=["one chunk", "many chunks"])
def small_chunks(request, monkeypatch):
    """Chunks of a few rows, so that ties are longer than a chunk."""
    if request.param is not None:
        monkeypatch.setattr(_chunk_counts, "_CELLS", 1)
        monkeypatch.setattr(_chunk_counts, "_FEWEST_ROWS", request.param)
        monkeypatch.setattr(_chunk_counts, "_MOST_ROWS", request.param)
        monkeypatch.setattr(_leave_out, "_COLUMNS", 2)
        monkeypatch.setattr(_runs, "_MOST_CELLS", -1)


def same(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def forms_of(scores, step=13):
    """A column in all the forms that hold the same scores."""
    parts = [scores[low : low + step] for low in range(0, scores.size, step)]
    wide = scores.astype(np.float64)
    yield SortedColumn.from_chunks(scores.size, scores.dtype, parts)
    yield wide
    ranks = np.unique(wide + 0.0, return_inverse=True)[1].reshape(-1)
    yield ranks.astype(np.int32)


def counted(case, step):
    """Counts that were added up part by part."""
    labels, scores, blocks, n_blocks, strata, n_strata = case
    levels = np.unique(scores + 0.0, return_inverse=True)[1].reshape(-1).astype(np.uint8)
    parts = []
    for low in range(0, levels.size, step):
        part = slice(low, low + step)
        parts.append(LevelCounts.empty(256, n_blocks=n_blocks, n_strata=n_strata))
        parts[-1].add(levels[part], labels[part], blocks[part], strata[part])
    return LevelCounts.empty(256, n_blocks=n_blocks, n_strata=n_strata).merge(*parts)


@pytest.mark.usefixtures("small_chunks")
class TestForms:
    @given(cases())
    def test_all_forms_give_the_same_bits(self, case):
        labels, scores, blocks, n_blocks, strata, n_strata = case
        whole = column_ranking_scores(labels, scores)
        full, rows = column_without_blocks(labels, scores, blocks, n_blocks)
        inside = scores_in_strata(labels, scores, strata, n_strata)
        forms = list(forms_of(scores))
        if np.unique(scores).size <= 256 and is_few(np.unique(scores).size, scores.size):
            forms.append(counted(case, 11))
        for form in forms:
            same(column_ranking_scores(labels, form), whole)
            again = column_without_blocks(labels, form, blocks, n_blocks)
            same(again[0], full)
            same(again[1], rows)
            same(scores_in_strata(labels, form, strata, n_strata), inside)

    @given(cases(), st.integers(0, 2**32 - 1))
    def test_order_of_loci_changes_no_bit(self, case, seed):
        labels, scores, blocks, n_blocks, strata, n_strata = case
        shuffle = np.random.default_rng(seed).permutation(scores.size)
        found = column_without_blocks(labels, scores, blocks, n_blocks)
        moved = column_without_blocks(labels[shuffle], scores[shuffle], blocks[shuffle], n_blocks)
        same(found[0], moved[0])
        same(found[1], moved[1])
        same(
            scores_in_strata(labels, scores, strata, n_strata),
            scores_in_strata(labels[shuffle], scores[shuffle], strata[shuffle], n_strata),
        )

    @given(cases())
    def test_scores_are_those_of_the_rows_alone(self, case):
        labels, scores, blocks, n_blocks, strata, n_strata = case
        check = {"rtol": 0, "atol": 1e-12}
        np.testing.assert_allclose(
            column_ranking_scores(labels, scores), ranking_scores(labels, scores), **check
        )
        _, rows = column_without_blocks(labels, scores, blocks, n_blocks)
        for block in range(n_blocks):
            kept = blocks != block
            expected = ranking_scores(labels[kept], scores[kept])
            np.testing.assert_allclose([row[block] for row in rows], expected, **check)
        inside = scores_in_strata(labels, scores, strata, n_strata)
        column = SortedColumn.from_scores(scores)
        full, without = column_without_blocks_in_strata(
            labels, column, strata, n_strata, blocks, n_blocks
        )
        for stratum in range(n_strata):
            kept = strata == stratum
            expected = ranking_scores(labels[kept], scores[kept])
            np.testing.assert_allclose([v[0, stratum] for v in inside[:3]], expected, **check)
            np.testing.assert_allclose(full[stratum], expected[1], **check)
            assert inside.n_loci[stratum] == kept.sum()
            assert inside.n_positive[stratum] == labels[kept].sum()
            for block in range(n_blocks):
                rest = kept & (blocks != block)
                expected = ranking_scores(labels[rest], scores[rest])[1]
                np.testing.assert_allclose(without[block, stratum], expected, **check)

    @given(cases())
    def test_strata_without_blocks_are_strata(self, case):
        labels, scores, _, _, strata, n_strata = case
        column = SortedColumn.from_scores(scores)
        one = np.zeros(scores.size, dtype=np.uint8)
        full, _ = column_without_blocks_in_strata(labels, column, strata, n_strata, one, 1)
        inside = scores_in_strata(labels, scores, strata, n_strata)
        np.testing.assert_allclose(full, inside.expected_average_precision[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7])
@pytest.mark.parametrize("kind", ["no ties", "ties", "zeros"])
def test_long_columns_equal_scikit_learn(share, kind):
    rng = np.random.default_rng(3)
    n = 90_000
    scores = rng.normal(size=n).astype(np.float32)
    labels = scores + rng.normal(size=n) > np.quantile(scores, 1 - share)
    scores = np.round(scores, 3) if kind == "ties" else scores
    scores = np.maximum(scores, 0) if kind == "zeros" else scores
    blocks = np.sort(rng.integers(0, 5, n)).astype(np.uint8)
    full, rows = column_without_blocks(labels, scores, blocks, 5)
    for kept, found in ((blocks >= 0, full), (blocks != 2, [row[2] for row in rows])):
        assert found[0] == pytest.approx(
            average_precision_score(labels[kept], scores[kept]), abs=1e-12
        )
        assert found[1] == pytest.approx(ranking_scores(labels[kept], scores[kept])[1], abs=1e-12)
        assert found[2] == pytest.approx(roc_auc_score(labels[kept], scores[kept]), abs=1e-12)
    again = column_without_blocks(labels, SortedColumn.from_scores(scores), blocks, 5)
    same(again[0], full)
    same(again[1], rows)


def test_long_tables_without_look_ups(monkeypatch):
    rng = np.random.default_rng(4)
    labels, scores = rng.random(4000) < 0.3, rng.integers(0, 1500, 4000)
    blocks = rng.integers(0, 3, 4000)
    expected = column_without_blocks(labels, scores, blocks, 3)
    monkeypatch.setattr(_leave_out, "_LARGEST_TABLE", 0)
    found = column_without_blocks(labels, scores, blocks, 3)
    np.testing.assert_allclose(found[1], expected[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("scores", "kind"),
    [
        (np.repeat(np.arange(5, dtype=np.int8), 10) - 2, LevelCounts),
        (np.repeat([0, 10**9], 25), SortedColumn),
        (np.arange(50), SortedColumn),
        (np.repeat([0.0, 1.0], 25), SortedColumn),
        (np.empty(0, dtype=np.int64), SortedColumn),
    ],
)
def test_few_levels_are_counted(scores, kind):
    assert isinstance(sort_or_count(scores, scores > 0), kind)


def test_codes_become_narrow():
    assert narrow_codes(np.array([0, 299, -1, 300, 999]), 300).tolist() == [0, 299, 300, 300, 300]
    kept = np.array([0, 1], dtype=np.int16)
    assert narrow_codes(kept, 2) is kept


@pytest.mark.parametrize("most_levels", [None, 300])
def test_metrics_of_a_sorted_column_take_little_memory(most_levels):
    n = 1_000_000
    rng = np.random.default_rng(5)
    scores = rng.random(n, dtype=np.float32)
    scores[: n // 2] = 0.5  # a tie of half of the rows
    if most_levels:
        scores = np.round(scores * most_levels).astype(np.float32)
    labels = rng.random(n) < 0.3
    blocks = np.sort(rng.integers(0, 22, n)).astype(np.uint8)
    strata = rng.integers(0, 9, n).astype(np.uint8)
    column = SortedColumn.from_scores(scores)
    _leave_out.harmonic_parts(1 << 20)  # a table that all columns share
    tracemalloc.start()
    try:
        column_without_blocks(labels, column, blocks, 22)
        scores_in_strata(labels, column, strata, 9)
        column_without_blocks_in_strata(labels, column, strata, 9, blocks, 22)
        # Tables of a chunk; nothing grows with the rows.
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_short_ties_far_down_agree_with_scores_of_the_loci_kept():
    rng = np.random.default_rng(5)
    n, n_blocks = 80_000, 3
    scores = (np.arange(n) // rng.integers(2, 5)).astype(np.float32)
    labels, blocks = rng.random(n) < 0.3, rng.integers(0, n_blocks, n)
    full, rows = column_without_blocks(labels, scores, blocks, n_blocks)
    for found, expected in zip(full, ranking_scores(labels, scores), strict=True):
        assert found == pytest.approx(expected, rel=1e-12)
    for block in range(n_blocks):
        kept = blocks != block
        expected = ranking_scores(labels[kept], scores[kept])
        np.testing.assert_allclose([row[block] for row in rows], expected, rtol=1e-12)
    strata = rng.integers(0, 2, n)
    inside = scores_in_strata(labels, scores, strata, 2)
    for stratum in range(2):
        kept = strata == stratum
        expected = ranking_scores(labels[kept], scores[kept])
        np.testing.assert_allclose(
            [table[0, stratum] for table in inside[:3]], expected, rtol=1e-12
        )
