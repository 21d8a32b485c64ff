"""Columns: read, written and sorted in stretches; their moments chunk by chunk."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base.columns import (
    ArrayColumn,
    Moments,
    gather,
    gather_last,
    ordered_values,
    scatter,
)


class Stretches:
    """A column that reads and writes stretches alone, and counts how often."""

    def __init__(self, values):
        self.values, self.n_read = np.array(values), 0

    def __len__(self):
        return len(self.values)

    def read(self, rows):
        assert isinstance(rows, slice)
        self.n_read += 1
        return self.values[rows]

    def write(self, rows, values):
        assert isinstance(rows, slice)
        self.values[rows] = values


class TestMoments:
    @given(st.integers(0, 1000), st.lists(st.integers(0, 20), min_size=1, max_size=6))
    def test_of_chunks_are_those_of_all(self, seed, sizes):
        rows = np.random.default_rng(seed).normal(50, 3, size=(2, sum(sizes)))
        parts = np.split(rows, np.cumsum(sizes)[:-1], axis=1)
        found = Moments.of(parts)
        assert found.n == rows.shape[1]
        if found.n:
            np.testing.assert_allclose(found.mean, rows.mean(axis=1), rtol=1e-12)
            np.testing.assert_allclose(found.variance, rows.var(axis=1), rtol=1e-9, atol=1e-12)

    def test_the_layout_in_memory_changes_no_bit(self):
        rows = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
        first, second = Moments.of([rows]), Moments.of([np.asfortranarray(rows)])
        np.testing.assert_array_equal(first.mean, second.mean)
        np.testing.assert_array_equal(first.squares, second.squares)


class TestColumns:
    @pytest.mark.parametrize(
        "rows",
        [
            slice(3, 9),
            np.array([7, 8, 9, 1]),
            np.arange(0, 500, 2),
            np.random.default_rng(0).permutation(500),
        ],
        ids=["slice", "two stretches", "every other", "shuffled"],
    )
    def test_any_rows_are_read_and_written(self, rows):
        values = np.random.default_rng(1).normal(size=500)
        for column in (Stretches(values), ArrayColumn(values.copy())):
            np.testing.assert_array_equal(gather(column, rows), values[rows])
            expected = values.copy()
            expected[rows] = np.arange(len(values[rows]))
            scatter(column, rows, np.arange(len(values[rows])))
            np.testing.assert_array_equal(column.values, expected)

    def test_many_stretches_are_picked_from_large_ones(self):
        column = Stretches(np.arange(100_000))
        rows = np.array([*range(0, 300, 3), *range(90_000, 90_300, 3)])
        np.testing.assert_array_equal(gather(column, rows), rows)
        assert column.n_read == 2

    def test_rows_are_the_last_axis(self):
        table = np.arange(12).reshape(2, 6)
        found = gather_last(lambda rows: table[:, rows], np.array([5, 0, 1]))
        np.testing.assert_array_equal(found, table[:, [5, 0, 1]])

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
    def test_order_statistics(self, dtype):
        values = np.random.default_rng(2).permutation(70_000).astype(dtype)
        places = np.array([[0, 5], [69_999, 100]])
        column = Stretches(values)
        found = ordered_values(column.read, len(values), places)
        np.testing.assert_array_equal(found, np.sort(values)[places])
        assert found.dtype == dtype
        assert column.n_read == 3
