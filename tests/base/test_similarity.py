"""Correlation of all pairs of cell types, against a loop over scipy's."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import pearsonr

from leakcheck.base import similarity
from leakcheck.base.similarity import pearson_matrix


def looped(values):
    """Each pair over the loci observed in both."""
    values = np.asarray(values, dtype=np.float64)
    size = values.shape[1]
    found = np.full((size, size), np.nan)
    for i in range(size):
        for j in range(size):
            known = ~np.isnan(values[:, i]) & ~np.isnan(values[:, j])
            x, y = values[known, i], values[known, j]
            if known.sum() >= 2 and np.ptp(x) > 0 and np.ptp(y) > 0:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found[i, j] = pearsonr(x, y).statistic
    return found


def world(kind, n=400, n_cell_types=7, missing=0.0):
    rng = np.random.default_rng(0)
    latent = rng.standard_normal((n, 1))
    signal = 50 + latent + rng.standard_normal((n, n_cell_types))
    signal[:, -1] = 3.0  # constant
    values = signal > 50 if kind == "binary" else signal.astype(kind)
    if not missing:
        return values
    gaps = rng.random(values.shape) < missing
    return np.where(gaps, np.nan, values if kind != "binary" else values.astype(np.float32))


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.995])
@pytest.mark.parametrize("kind", ["binary", "float32", "float64"])
def test_it_is_the_loop(kind, missing):
    values = world(kind, missing=missing)
    before = values.copy()
    found = pearson_matrix(values)
    assert_allclose(found, looped(values), atol=1e-12)
    assert_array_equal(found, found.T)
    assert_array_equal(values, before)


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_products_in_float32_are_near(kind, missing):
    values = world(kind, missing=missing, n=5_000)
    assert_allclose(pearson_matrix(values, precision="float32"), looped(values), atol=3e-6)


def test_chunks_change_next_to_nothing(monkeypatch):
    values = world("float64", missing=0.1)
    expected = pearson_matrix(values)
    monkeypatch.setattr(similarity, "_CHUNK", 40)
    assert_allclose(pearson_matrix(values), expected, atol=1e-13)


def test_booleans_and_their_numbers_are_counted_alike():
    values = world("binary")
    expected = pearson_matrix(values)
    assert_array_equal(pearson_matrix(values.astype(np.float32)), expected)
    assert_array_equal(pearson_matrix(values * 1.0, precision="float32"), expected)
    assert_allclose(pearson_matrix(2.0 * values), expected, atol=1e-14)  # not 0 and 1
    # The first locus says nothing of the others.
    mixed = np.vstack([np.zeros((1, 7)), world("float64")])
    assert_allclose(pearson_matrix(mixed), looped(mixed), atol=1e-12)


def test_too_little_to_correlate_is_nan():
    assert np.isnan(pearson_matrix(np.array([[1.5, 2.5]]))).all()
    assert np.isnan(pearson_matrix(np.ones((5, 2), dtype=bool))).all()
    assert np.isnan(pearson_matrix(np.full((9, 2), 0.1))).all()
    assert np.isnan(pearson_matrix(np.zeros((0, 2)))).all()
    assert np.isnan(pearson_matrix(np.full((4, 2), np.nan))).all()
    apart = np.array([[1.0, np.nan], [0.0, np.nan], [np.nan, 1.0], [np.nan, 0.0]])
    assert_array_equal(np.isnan(pearson_matrix(apart)), ~np.eye(2, dtype=bool))


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 15), st.integers(1, 5)),
        elements=st.sampled_from([0.0, 1.0, np.nan]),
    )
)
def test_any_labels_correlate_as_scipy_says(values):
    assert_allclose(pearson_matrix(values), looped(values), atol=1e-12)
