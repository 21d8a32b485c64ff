"""The average of the other cell types as a score of each, against a loop over cell types."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from leakcheck.base import leave_one_out
from leakcheck.base.leave_one_out import leave_one_out_scores
from leakcheck.base.ranking import ranking_scores


def looped(labels):
    """Scores of each cell type by a loop; NaN = not observed."""
    labels = np.asarray(labels, dtype=float)
    rows = []
    for own in range(labels.shape[1]):
        others = np.delete(labels, own, axis=1)
        known = ~np.isnan(labels[:, own]) & ~np.isnan(others).all(axis=1)
        score = [np.nansum(row) / (~np.isnan(row)).sum() for row in others[known]]
        rows.append(ranking_scores(labels[known, own] > 0.5, np.array(score)))
    return np.array(rows).reshape(-1, 3).T


def world(n, n_cell_types, missing, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.random((n, n_cell_types)) < rng.random((n, 1))
    if missing is None:
        return labels
    return np.where(rng.random(labels.shape) < missing, np.nan, labels)


@pytest.mark.parametrize("missing", [None, 0.0, 0.05, 0.9])
@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (40, 2), (700, 9), (300, 16), (60, 300)])
def test_it_is_the_loop(shape, missing):
    labels = world(*shape, missing)
    before = labels.copy()
    found = leave_one_out_scores(labels)
    assert_allclose(np.array(found), looped(labels), rtol=1e-12, atol=1e-12)
    assert_array_equal(labels, before)


@pytest.mark.parametrize("missing", [None, 0.2])
def test_chunks_and_layout_change_nothing(missing, monkeypatch):
    labels = world(1_000, 11, missing)
    expected = leave_one_out_scores(labels)
    assert_array_equal(leave_one_out_scores(np.asfortranarray(labels)), expected)
    assert_array_equal(leave_one_out_scores(labels[::-1]), expected)
    monkeypatch.setattr(leave_one_out, "_CHUNK", 13)
    monkeypatch.setattr(leave_one_out, "_STRETCH", 3)
    monkeypatch.setattr(leave_one_out, "_WORDS", 1)
    assert_array_equal(leave_one_out_scores(labels), expected)


def test_many_active_cell_types_do_not_overflow_a_byte():
    labels = np.ones((600, 520), dtype=bool)
    labels[::3, ::2] = False
    assert_allclose(np.array(leave_one_out_scores(labels))[:, :3], looped(labels)[:, :3])


def test_undefined_scores_are_nan():
    labels = np.array([[1.0, 0.0, np.nan], [1.0, 0.0, 1.0], [1.0, 1.0, np.nan]])
    found = leave_one_out_scores(labels)
    assert found.average_precision[0] == 1.0  # nothing but positives
    assert np.isnan(found.auroc[[0, 2]]).all()
    assert np.isnan(leave_one_out_scores(np.zeros((4, 3), dtype=bool)).average_precision).all()
    assert leave_one_out_scores(np.zeros((0, 3), dtype=bool)).auroc.shape == (3,)


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 12), st.integers(1, 10)),
        elements=st.sampled_from([0.0, 1.0, np.nan]),
    )
)
def test_any_labels_are_scored_as_by_the_loop(labels):
    assert_allclose(np.array(leave_one_out_scores(labels)), looped(labels), rtol=1e-12, atol=1e-12)
