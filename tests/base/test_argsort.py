"""The order of floats: numpy's, whatever the values, and one that never depends on the run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import leakcheck.base._argsort as module
from leakcheck.base._argsort import argsort

ODD = [0.0, -0.0, 5e-324, -5e-324, 1e-310, 1.0, np.nextafter(1.0, 2.0), -1.0, 1e308, -1e308]


def assert_orders(values):
    found = argsort(values)
    np.testing.assert_array_equal(np.sort(found), np.arange(values.size))
    np.testing.assert_array_equal(values[found], np.sort(values))


@given(arrays(np.float64, 300, elements=st.floats(allow_nan=False)))
def test_any_floats_are_ordered(values):
    assert_orders(np.tile(values, 4))


@pytest.mark.parametrize("n", [0, 1, 2, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
def test_any_length_and_type_is_ordered(n, dtype):
    values = (1000 * np.random.default_rng(n).normal(size=n)).astype(dtype)
    assert_orders(values)


def test_distinct_values_come_as_from_numpy():
    values = np.random.default_rng(0).normal(size=20_000)
    np.testing.assert_array_equal(argsort(values), np.argsort(values))


def test_zeros_of_both_signs_and_the_smallest_numbers_are_ordered():
    values = np.random.default_rng(1).choice(ODD, size=3000)
    assert_orders(values)
    assert values.tobytes() == np.random.default_rng(1).choice(ODD, size=3000).tobytes()


def test_values_that_differ_in_their_last_bits_are_told_apart():
    """The places take those bits; the common way is taken then."""
    values = 1.0 + np.random.default_rng(2).permutation(4096) * np.spacing(1.0)
    key_only = values.view(np.int64) >> (4096).bit_length()
    assert len(np.unique(key_only)) < 4096
    np.testing.assert_array_equal(argsort(values), np.argsort(values))


def test_arrays_with_more_places_than_bits_to_spare_take_the_common_way(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 2000)
    values = np.random.default_rng(3).integers(0, 5, size=2001).astype(float)
    np.testing.assert_array_equal(argsort(values), np.argsort(values))


def test_a_view_with_steps_is_ordered_and_left_alone():
    table = np.random.default_rng(4).normal(size=(3000, 2))
    before = table.copy()
    assert_orders(table[:, 1])
    np.testing.assert_array_equal(table, before)
