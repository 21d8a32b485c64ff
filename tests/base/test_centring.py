"""Means that no order of rows moves, and offsets that leave equal numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base.centring import Centring


def parts_of(column, cuts):
    return lambda: iter(np.split(column, cuts))


@given(st.integers(0, 10_000), st.lists(st.integers(0, 60), max_size=4).map(sorted))
def test_neither_parts_nor_the_order_of_rows_change_a_bit(seed, cuts):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(60, 3)) * 10.0 ** rng.integers(-8, 8, size=(60, 3))
    table[rng.random(table.shape) < 0.2] = np.nan
    whole = Centring.of([parts_of(column, []) for column in table.T])
    mixed = table[rng.permutation(60)]
    again = Centring.of([parts_of(column, cuts) for column in mixed.T])
    assert whole.means.tolist() == again.means.tolist()
    assert whole.unit == again.unit
    np.testing.assert_allclose(whole.means, np.nanmean(table, axis=0), rtol=1e-6, atol=1e-9)


def test_columns_that_differ_by_an_offset_are_equal():
    rng = np.random.default_rng(0)
    column = rng.normal(size=2000)
    table = np.stack([column, column + 0.1, column - 7.3], axis=1)
    centred = Centring.of([parts_of(one, []) for one in table.T]).apply(table)
    assert (centred == centred[:, :1]).mean() > 0.999
    order = np.argsort(column)
    assert (np.diff(centred[order], axis=0) >= 0).all()


def test_nothing_and_zeros_stay():
    table = np.array([[np.nan, 0.0], [np.nan, 0.0]])
    found = Centring.of([parts_of(one, []) for one in table.T])
    assert found.means.tolist() == [0, 0]
    np.testing.assert_array_equal(found.apply(table), table)
