import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from leakcheck.base import grouped
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from leakcheck.base.ranking import ranking_scores


@pytest.fixture
def rows():
    """Groups from empty to large, most of one size, some rows in none."""
    rng = np.random.default_rng(0)
    sizes = [0, 1, 2, *[10] * 20, 40, 400, 0]
    codes = rng.permutation(np.repeat(np.arange(-1, len(sizes) - 1), sizes))
    return rng.random(codes.size) < 0.3, codes, len(sizes) - 1, rng


def assert_equals_loop(labels, scores, codes, n_groups):
    found = grouped_ranking_scores(labels, scores, GroupPlan.from_codes(codes, n_groups))
    columns = scores.reshape(labels.size, -1)
    for code in range(n_groups):
        inside = codes == code
        assert found.n_loci[code] == inside.sum()
        assert found.n_positive[code] == labels[inside].sum()
        for column in range(columns.shape[1]):
            values = [kind[column, code] for kind in found[:3]]
            expected = ranking_scores(labels[inside], columns[inside, column])
            assert_allclose(values, expected, rtol=0, atol=1e-12)


# Small tiles part the groups and the columns; a group larger than a tile is read in chunks.
@pytest.mark.parametrize("tile", [1, 50, 300, 1 << 19])
@pytest.mark.parametrize("slab", [1, 2_000, 1 << 22])
@pytest.mark.parametrize("levels", [1, 3, 30, 10**9])
def test_groups_equal_a_loop(rows, levels, slab, tile, monkeypatch):
    labels, codes, n_groups, rng = rows
    monkeypatch.setattr(grouped, "_TILE", tile)
    monkeypatch.setattr(grouped, "_SLAB", slab)
    monkeypatch.setattr(grouped, "_SLAB_ROWS", 64)
    scores = rng.integers(0, levels, (labels.size, 5)).astype(np.float64)
    assert_equals_loop(labels, scores, codes, n_groups)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("order", ["C", "F"])
def test_types_and_layouts_change_nothing(rows, dtype, order):
    labels, codes, n_groups, rng = rows
    scores = np.asarray(10 * rng.standard_normal((labels.size, 3)), order=order)
    assert_equals_loop(labels, np.abs(scores).astype(dtype, order=order), codes, n_groups)


def test_one_column_may_come_without_its_axis(rows):
    labels, codes, n_groups, rng = rows
    plan = GroupPlan.from_codes(codes, n_groups)
    scores = rng.random(labels.size)
    one = grouped_ranking_scores(labels, scores, plan)
    assert one.auroc.shape == (1, n_groups)
    for found, expected in zip(
        one, grouped_ranking_scores(labels, scores[:, None], plan), strict=True
    ):
        assert_array_equal(found, expected)


def test_ties_do_not_reach_across_groups():
    labels = np.array([True, False, True, False, False, True])
    codes = np.array([0, 0, 1, 1, 2, 2])
    assert_equals_loop(labels, np.zeros(6), codes, 3)
    assert_equals_loop(labels, np.array([1.0, 1, 1, 1, 0, 1]), codes, 3)


def test_undefined_groups_are_nan():
    labels = np.array([True, True, False, False])
    plan = GroupPlan.from_codes(np.array([0, 0, 1, 1]), 3)
    found = grouped_ranking_scores(labels, np.arange(4.0), plan)
    assert_array_equal(found.average_precision, [[1.0, np.nan, np.nan]])
    assert_array_equal(found.expected_average_precision, [[1.0, np.nan, np.nan]])
    assert np.isnan(found.auroc).all()


@pytest.mark.parametrize(("n", "n_groups", "n_columns"), [(0, 3, 2), (4, 0, 2), (4, 2, 0)])
def test_nothing_to_score(n, n_groups, n_columns):
    plan = GroupPlan.from_codes(np.full(n, -1), n_groups)
    found = grouped_ranking_scores(np.ones(n, bool), np.zeros((n, n_columns)), plan)
    assert found.auroc.shape == (n_columns, n_groups)
    assert np.isnan(found.auroc).all()
    assert found.n_loci.tolist() == [0] * n_groups


def test_a_plan_holds_every_row_of_its_groups_once(rows):
    _, codes, n_groups, _ = rows
    plan = GroupPlan.from_codes(codes, n_groups)
    assert (plan.n_rows, plan.n_groups) == (codes.size, n_groups)
    assert sorted(plan.groups.tolist()) == list(range(n_groups))
    assert sorted(plan.order.tolist()) == np.flatnonzero(codes >= 0).tolist()
    for place, group in enumerate(plan.groups):
        members = plan.order[plan.bounds[place] : plan.bounds[place + 1]]
        assert_array_equal(members, np.flatnonzero(codes == group))
    assert np.all(np.diff(plan.bounds, n=2) >= 0)


def test_more_groups_than_sixteen_bits():
    n_groups = 70_000
    codes = np.array([0, 69_999, 65_535, 65_536, -1, 0])
    labels = np.array([True, True, False, True, True, False])
    found = grouped_ranking_scores(labels, np.arange(6.0), GroupPlan.from_codes(codes, n_groups))
    assert found.n_loci[[0, 65_535, 65_536, 69_999]].tolist() == [2, 1, 1, 1]
    assert found.n_loci.sum() == 5
    assert found.average_precision[0, [0, 65_536]].tolist() == [0.5, 1.0]


@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_no_bit(n_threads, monkeypatch):
    monkeypatch.setattr(grouped, "_TILE", 500)
    rng = np.random.default_rng(0)
    labels, scores = rng.random(2_000) < 0.4, rng.random((2_000, 9))
    scores[:, 3] = rng.integers(0, 5, 2_000)
    plan = GroupPlan.from_codes(rng.integers(-1, 17, 2_000), 17)
    expected = grouped_ranking_scores(labels, scores, plan)
    found = grouped_ranking_scores(labels, scores, plan, n_threads=n_threads)
    for a, b in zip(found, expected, strict=True):
        assert_array_equal(a, b)
