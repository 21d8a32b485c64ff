"""Counts of flags that two columns share, against a product of whole numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from leakcheck.base import bit_counts
from leakcheck.base.bit_counts import shared_counts


def flags(seed, n, width, share=0.5):
    return np.random.default_rng(seed).random((n, width)) < share


@given(
    st.integers(0, 3_000),
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from([0.0, 0.01, 0.5, 1.0]),
)
def test_they_are_a_product(n, n_first, n_second, share):
    first, second = flags(0, n, n_first, share), flags(1, n, n_second)
    whole, other = first.astype(np.int64), second.astype(np.int64)
    assert_array_equal(shared_counts(first), whole.T @ whole)
    assert_array_equal(shared_counts(first, second), whole.T @ other)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("columns", [1, 10, 33])
def test_any_stretches_and_turns_give_the_same(monkeypatch, order, columns):
    first, second = flags(2, 5_000, 70), flags(3, 5_000, 33)
    expected = shared_counts(first), shared_counts(first, second)
    monkeypatch.setattr(bit_counts, "_ROWS", 129)
    monkeypatch.setattr(bit_counts, "_COLUMNS", columns)
    first, second = first.copy(order), second.copy(order)
    before = first.copy()
    assert_array_equal(shared_counts(first), expected[0])
    assert_array_equal(shared_counts(first, second), expected[1])
    assert_array_equal(first, before)


def test_a_full_stretch_does_not_overflow():
    n = 3 * bit_counts._ROWS + 1
    assert_array_equal(shared_counts(np.ones((n, 2), dtype=np.bool_)), np.full((2, 2), n))
