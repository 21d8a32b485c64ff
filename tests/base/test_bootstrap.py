"""Loci and blocks drawn again, against the repeated rows themselves."""

import importlib.util
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.base import _bootstrap_loops, _fast_bootstrap, _weighted, bootstrap
from leakcheck.base.bootstrap import (
    block_ranking_scores,
    locus_bootstrap_weights,
    locus_ranking_scores,
)
from leakcheck.base.ranking import ranking_scores
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.exceptions import MissingDependencyError

HAS_NUMBA = importlib.util.find_spec("numba") is not None


@pytest.fixture(autouse=True)
def loops(monkeypatch):
    """The loops as they are written: compiled ones are tested by name below."""
    in_python = _bootstrap_loops.loops(*2 * [lambda function: function])
    monkeypatch.setattr(_fast_bootstrap, "_compiled", lambda: in_python)
    monkeypatch.setattr(_fast_bootstrap, "_MOST_LANES", 4)
    monkeypatch.setattr(_fast_bootstrap, "_VECTOR", 2)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@st.composite
def weighted_loci(draw):
    """Labels, scores from no ties to one tie, and small whole weights."""
    n, n_replicates = draw(st.integers(0, 40)), draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.random(n) < draw(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
    scores = rng.integers(0, draw(st.sampled_from([1, 3, 10, 1000])), n) / 7
    weights = rng.integers(0, draw(st.sampled_from([2, 5])), (n_replicates, n))
    return labels, scores, weights.astype(draw(st.sampled_from([np.uint8, np.uint16, np.int64])))


def repeated(labels, scores, weights):
    """Scores of the table in which rows stand as often as they weigh."""
    rows = [np.repeat(np.arange(labels.size), row) for row in weights]
    return np.array([ranking_scores(labels[r], scores[r]) for r in rows]).reshape(-1, 3).T


@pytest.mark.parametrize("engine", ["numpy", "numba"])
class TestWeights:
    @given(case=weighted_loci())
    @settings(deadline=None)
    def test_whole_weights_are_repetitions(self, case, engine):
        labels, scores, weights = case
        found = locus_ranking_scores(labels, scores, weights, engine=engine)
        np.testing.assert_allclose(found, repeated(labels, scores, weights), rtol=0, atol=1e-12)

    @given(case=weighted_loci(), n_blocks=st.integers(1, 5))
    @settings(deadline=None)
    def test_blocks_are_loci_of_one_weight(self, case, n_blocks, engine):
        labels, scores, weights = case
        blocks = (np.arange(labels.size) % n_blocks).astype(np.uint8)
        of_blocks = np.resize(weights, (4, n_blocks)) if weights.size else np.ones((4, n_blocks))
        found = block_ranking_scores(labels, scores, blocks, n_blocks, of_blocks, engine=engine)
        expected = repeated(labels, scores, of_blocks.astype(int)[:, blocks])
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)

    @pytest.mark.parametrize("share", [0.02, 0.6])
    def test_the_order_does_in_place_of_the_scores(self, share, engine, rng):
        labels, scores = rng.random(500) < share, rng.integers(0, 200, 500)
        weights = locus_bootstrap_weights(500, 5, rng)
        column = SortedColumn.from_scores(scores)
        found = locus_ranking_scores(labels, column, weights, engine=engine)
        np.testing.assert_array_equal(
            found, locus_ranking_scores(labels, scores, weights, engine=engine)
        )
        blocks = np.arange(500) % 3
        again = block_ranking_scores(labels, column, blocks, 3, np.eye(3), engine=engine)
        expected = repeated(labels, scores, np.eye(3, dtype=int)[:, blocks])
        np.testing.assert_allclose(again, expected, rtol=0, atol=1e-12)

    def test_many_draws_of_one_locus(self, engine):
        labels, scores = np.array([True, False, True]), np.array([3.0, 2.0, 1.0])
        weights = np.array([[70_000, 30_000, 1], [0, 0, 9], [0, 4, 0]])
        found = locus_ranking_scores(labels, scores, weights, engine=engine)
        np.testing.assert_allclose(
            found, repeated(labels, scores, weights), rtol=0, atol=1e-11, equal_nan=True
        )

    def test_without_tables_the_digits_stay(self, engine, monkeypatch, rng):
        labels, scores = rng.random(3000) < 0.5, rng.normal(size=3000)
        weights = locus_bootstrap_weights(3000, 3, rng)
        expected = locus_ranking_scores(labels, scores, weights, engine=engine)
        monkeypatch.setattr(_weighted, "_LARGEST_TABLE", 0)
        monkeypatch.setattr(_fast_bootstrap, "_TABLE", 1 << 10)
        found = locus_ranking_scores(labels, scores, weights, engine=engine)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_weights_are_drawn_with_replacement(rng):
    weights = locus_bootstrap_weights(1000, 200, rng)
    assert weights.dtype == np.uint8
    assert weights.shape == (200, 1000)
    assert (weights.sum(axis=1) == 1000).all()
    assert weights.var() == pytest.approx(1.0, abs=0.05)
    np.testing.assert_array_equal(
        locus_bootstrap_weights(9, 2, np.random.default_rng(3)),
        locus_bootstrap_weights(9, 2, np.random.default_rng(3)),
    )


def test_a_locus_that_is_drawn_more_than_255_times_keeps_its_number():
    assert locus_bootstrap_weights(1, 2, np.random.default_rng(0)).tolist() == [[1], [1]]

    class Same:
        def integers(self, low, high, n):
            return np.zeros(n, dtype=int)

    assert locus_bootstrap_weights(300, 1, Same())[0, 0] == 300


def test_long_columns_are_counted_tile_by_tile(monkeypatch, rng):
    labels, scores = rng.random(400) < 0.5, rng.integers(0, 150, 400)
    blocks = rng.integers(0, 4, 400)
    weights = rng.integers(0, 3, (9, 4)).astype(float)
    expected = block_ranking_scores(labels, scores, blocks, 4, weights)
    monkeypatch.setattr(bootstrap, "_COLUMNS", 7)
    monkeypatch.setattr(bootstrap, "_ROWS", 2)
    monkeypatch.setattr(bootstrap, "_EXACT", 0)
    found = block_ranking_scores(labels, scores, blocks, 4, weights)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.skipif(not HAS_NUMBA, reason="numba is not installed (extra `fast`)")
def test_compiled_loops_equal_those_as_written(monkeypatch, rng):
    labels, scores = rng.random(3000) < 0.4, rng.integers(0, 2000, 3000)
    weights = locus_bootstrap_weights(3000, 5, rng)
    written = locus_ranking_scores(labels, scores, weights, engine="numba")
    monkeypatch.undo()
    _fast_bootstrap._compiled.cache_clear()
    compiled = locus_ranking_scores(labels, scores, weights, engine="numba")
    np.testing.assert_allclose(compiled, written, rtol=0, atol=1e-13)
    plain = locus_ranking_scores(labels, scores, weights)
    np.testing.assert_allclose(compiled, plain, rtol=0, atol=1e-13)


@pytest.mark.skipif(not HAS_NUMBA, reason="numba is not installed (extra `fast`)")
@pytest.mark.parametrize("heaviest", [3, 200, 1000])
@pytest.mark.parametrize("share", [0.01, 0.7])
@pytest.mark.parametrize("n_replicates", [255, 300])
def test_compiled_loops_hold_heavy_weights_of_several_batches(
    heaviest, share, n_replicates, monkeypatch, rng
):
    monkeypatch.undo()
    labels, scores = rng.random(2000) < share, rng.integers(0, 4000, 2000)
    weights = rng.integers(0, heaviest + 1, (n_replicates, 2000))
    found = locus_ranking_scores(labels, scores, weights, engine="numba")
    expected = locus_ranking_scores(labels, scores, weights)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    turned = locus_ranking_scores(labels, scores, np.asfortranarray(weights), engine="numba")
    np.testing.assert_array_equal(turned, found)


def test_without_numba_the_extra_is_named(monkeypatch):
    monkeypatch.undo()
    _fast_bootstrap._compiled.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(MissingDependencyError, match=r"pip install '\.\[fast\]'"):
        locus_ranking_scores(np.array([True]), np.array([1.0]), np.array([[1]]), engine="numba")
