"""Overlap and distance against a double loop and against bioframe."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base.intervals import FAR, IntervalIndex, distinct_intervals

interval = st.tuples(st.integers(0, 2), st.integers(-5, 40), st.integers(1, 25))
tables = st.lists(interval, max_size=12)


def arrays(table):
    group, start, width = (np.array(column, dtype=np.int64) for column in zip(*table, strict=True))
    return group, start, start + width


def columns(table):
    empty = (np.zeros(0, dtype=np.int64),) * 3
    return arrays(table) if table else empty


def shared_bases(one, other):
    if one[0] != other[0]:
        return -1
    return min(one[2], other[2]) - max(one[1], other[1])


@given(tables, tables, st.integers(1, 12))
def test_overlaps_are_those_of_a_double_loop(known, asked, min_overlap):
    known, asked = columns(known), columns(asked)
    index = IntervalIndex(*known)
    found = index.overlapping(*asked, min_overlap=min_overlap)
    counts = index.count(*asked)
    for query, answer, count in zip(zip(*asked, strict=True), found, counts, strict=True):
        shared = [shared_bases(query, other) for other in zip(*known, strict=True)]
        assert (answer >= 0) == any(bases >= min_overlap for bases in shared)
        assert answer < 0 or shared[answer] >= min_overlap
        assert count == sum(bases >= 1 for bases in shared)


@given(tables, tables)
def test_the_nearest_is_that_of_a_double_loop(known, asked):
    known, asked = columns(known), columns(asked)
    found = IntervalIndex(*known).nearest(*asked)
    for query, distance, index in zip(zip(*asked, strict=True), *found, strict=True):
        away = [
            max(-shared_bases(query, other), 0) if query[0] == other[0] else FAR
            for other in zip(*known, strict=True)
        ]
        assert distance == min(away, default=FAR)
        assert (index < 0) == (distance == FAR)
        assert index < 0 or away[index] == distance


@given(tables)
def test_equal_intervals_have_one_code_and_one_first(table):
    table = columns(table)
    codes, first = distinct_intervals(*table)
    triples = list(zip(*table, strict=True))
    assert [triples.index(triple) == row for row, triple in enumerate(triples)] == first.tolist()
    for row, triple in enumerate(triples):
        assert (codes == codes[row]).tolist() == [other == triple for other in triples]


def random_table(rng, n, width):
    start = rng.integers(0, 5_000_000, n)
    group = rng.integers(0, 5, n)
    return group, start, start + rng.integers(1, width, n)


def frame(group, start, end):
    return pd.DataFrame({"chrom": [f"chr{g}" for g in group], "start": start, "end": end})


@pytest.mark.filterwarnings("ignore")  # bioframe's own, under newer pandas
def test_bioframe_agrees():
    bioframe = pytest.importorskip("bioframe")
    rng = np.random.default_rng(0)
    known, asked = random_table(rng, 3_000, 2_000), random_table(rng, 2_000, 2_000)
    index = IntervalIndex(*known)
    counted = bioframe.count_overlaps(frame(*asked), frame(*known))["count"].to_numpy(dtype=int)
    np.testing.assert_array_equal(index.count(*asked), counted)
    np.testing.assert_array_equal(index.overlapping(*asked) >= 0, counted > 0)
    closest = bioframe.closest(frame(*asked), frame(*known))
    closest = closest.drop_duplicates(["chrom", "start", "end"])
    ours = frame(*asked).assign(ours=index.nearest(*asked).distance)
    both = closest.merge(ours, on=["chrom", "start", "end"])
    assert len(both) >= 1_900
    np.testing.assert_array_equal(both["ours"], both["distance"].to_numpy(dtype=int))


def test_touching_is_no_overlap_and_no_distance():
    index = IntervalIndex(*arrays([(0, 100, 100)]))
    query = arrays([(0, 200, 100), (0, 0, 100), (0, 199, 1)])
    assert index.overlapping(*query).tolist() == [-1, -1, 0]
    assert index.nearest(*query).distance.tolist() == [0, 0, 0]
    assert index.count(*query).tolist() == [0, 0, 1]


def test_groups_never_meet_even_far_outside():
    index = IntervalIndex(*arrays([(0, 100, 100), (2, 100, 100)]))
    query = arrays([(1, 150, 10), (0, 10**9, 10), (2, -(10**9), 10), (7, 150, 10)])
    assert index.overlapping(*query).tolist() == [-1, -1, -1, -1]
    assert index.nearest(*query).distance.tolist() == [FAR, 10**9 - 200, 10**9 + 90, FAR]


def test_numbers_too_large_for_one_axis_are_refused():
    with pytest.raises(ValueError, match=r"2\*\*62"):
        IntervalIndex(*arrays([(2**30, 2**40, 10)]))


def test_the_left_one_is_nearest_on_equal_terms():
    index = IntervalIndex(np.zeros(2, int), np.array([30, 0]), np.array([40, 10]))
    found = index.nearest(np.zeros(1, int), np.array([15]), np.array([25]))
    assert (found.distance.tolist(), found.position.tolist()) == ([5], [1])
