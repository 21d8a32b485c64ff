"""Scores of few whole numbers inside groups, against a sort of the same as floats."""

import numpy as np
import pytest

from leakcheck.base._group_levels import sums_of_levels
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_counting_gives_what_sorting_gives(seed, dtype):
    rng = np.random.default_rng(seed)
    n, n_groups = int(rng.integers(200, 900)), int(rng.integers(1, 9))
    plan = GroupPlan.from_codes(rng.integers(-1, n_groups - (n_groups > 2), n), n_groups)
    few = rng.integers(0, int(rng.integers(1, 9)), n).astype(dtype) + dtype(100)
    if np.issubdtype(dtype, np.signedinteger):
        few -= dtype(103)
    labels = rng.random(n) < rng.random()
    planned = labels.take(plan.order)
    assert sums_of_levels(planned, few, plan.order, plan.bounds) is not None
    both = np.stack([few, rng.permutation(n).astype(dtype)]).T
    found = grouped_ranking_scores(labels, both, plan)
    wanted = grouped_ranking_scores(labels, both.astype(float), plan)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.uint64, np.int64, np.int8])
@pytest.mark.parametrize("end", ["min", "max"])
def test_levels_at_the_end_of_their_type_are_told_apart(dtype, end):
    few = np.arange(60) % 5
    limits = np.iinfo(dtype)
    least = int(limits.min) if end == "min" else int(limits.max) - 4
    at = np.array([least + one for one in few.tolist()], dtype=dtype)
    labels = np.arange(60) % 7 < 3
    plan = GroupPlan.from_codes(np.arange(60) % 2, 2)
    planned = labels.take(plan.order)
    np.testing.assert_array_equal(
        sums_of_levels(planned, at, plan.order, plan.bounds),
        sums_of_levels(planned, few, plan.order, plan.bounds),
    )


def test_it_leaves_floats_and_wide_numbers_to_the_sort():
    plan = GroupPlan.from_codes(np.zeros(10, dtype=int), 1)
    labels, scores = np.arange(10) % 2 == 0, np.arange(10)
    assert sums_of_levels(labels, scores * 1.0, plan.order, plan.bounds) is None
    assert sums_of_levels(labels, scores, plan.order, plan.bounds) is None
    nothing = GroupPlan.from_codes(np.full(10, -1), 1)
    assert sums_of_levels(labels[:0], scores % 2, nothing.order, nothing.bounds) is None
