"""Natural splines: the same space as patsy's and scipy's, and nothing where nothing varies.

Columns are float32, so that oracles are met to about 1e-5 of the largest value.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patsy import dmatrix
from scipy.interpolate import CubicSpline

from leakcheck.base.splines import natural_spline


def with_intercept(columns):
    return np.column_stack([np.ones(len(columns)), columns])


def projection(design, response):
    return design @ np.linalg.lstsq(design, response, rcond=None)[0]


@pytest.fixture
def x():
    """Uneven values; with 8 knots every quantile is one of them."""
    return np.sort(np.random.default_rng(1).gamma(2.0, size=71))


def test_columns_are_natural_cubic_splines_through_the_quantiles(x):
    knots = x[::10]
    columns = natural_spline(x, n_knots=8)
    assert columns.shape == (71, 7)
    for column in columns.T:
        expected = CubicSpline(knots, column[::10], bc_type="natural")(x)
        np.testing.assert_allclose(column, expected, atol=1e-5 * np.abs(column).max())


def test_the_space_has_full_dimension(x):
    scaled = with_intercept(natural_spline(x, n_knots=8))
    assert np.linalg.matrix_rank(scaled / np.linalg.norm(scaled, axis=0)) == 8


@pytest.mark.parametrize("n_knots", [3, 5, 8])
def test_a_fit_is_the_fit_of_patsys_natural_splines(n_knots):
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=300), rng.normal(size=300)
    inner = np.quantile(x, np.linspace(0, 1, n_knots))[1:-1]
    theirs = np.asarray(dmatrix("cr(x, knots=k) - 1", {"x": x, "k": inner}))
    ours = with_intercept(natural_spline(x, n_knots))
    np.testing.assert_allclose(projection(ours, y), projection(theirs, y), atol=1e-3)


def test_a_straight_line_is_among_them(x):
    line = 3 - 2 * x
    np.testing.assert_allclose(projection(with_intercept(natural_spline(x)), line), line, atol=1e-5)


def test_first_column_is_the_standardised_variable(x):
    first = natural_spline(x)[:, 0]
    np.testing.assert_allclose(first, (x - x.mean()) / x.std(), atol=1e-6)


def test_units_change_nothing(x):
    first, second = natural_spline(x), natural_spline(1e4 * x - 7)
    np.testing.assert_allclose(first, second, atol=1e-5 * np.abs(first).max())


@pytest.mark.parametrize("value", [0.0, 0.1, -3.7, 1e9])
@pytest.mark.parametrize("n", [1, 3, 101])
def test_a_constant_has_no_column(value, n):
    assert natural_spline(np.full(n, value)).shape == (n, 0)


def test_two_values_make_one_straight_column():
    values = np.tile([0.0, 1.0], 100)
    np.testing.assert_allclose(natural_spline(values), 2 * values[:, None] - 1, atol=1e-6)


def test_knots_that_coincide_count_once():
    values = np.repeat([0.0, 1.0, 2.0, 3.0], [70, 10, 10, 10])
    knots = np.unique(np.quantile(values, np.linspace(0, 1, 8)))
    columns = natural_spline(values)
    assert columns.shape[1] == len(knots) - 1
    assert np.isfinite(columns).all()


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60), st.integers(3, 9))
def test_any_values_give_finite_columns(values, n_knots):
    columns = natural_spline(np.array(values), n_knots)
    assert columns.shape[0] == len(values)
    assert columns.shape[1] <= n_knots - 1
    assert np.isfinite(columns).all()
    assert (columns.shape[1] == 0) == (np.ptp(values) == 0)


@given(
    st.lists(st.integers(0, 20), min_size=2, max_size=12, unique=True),
    st.integers(0, 1000),
    st.integers(3, 8),
)
def test_counts_stand_for_repeated_values(values, seed, n_knots):
    values = np.sort(np.array(values, dtype=float))
    counts = np.random.default_rng(seed).integers(1, 30, size=len(values))
    repeated = natural_spline(np.repeat(values, counts), n_knots)
    found = natural_spline(values, n_knots, counts=counts)
    np.testing.assert_allclose(np.repeat(found, counts, axis=0), repeated, atol=1e-4)


def test_input_is_unchanged(x):
    before = x.copy()
    natural_spline(x)
    np.testing.assert_array_equal(x, before)
