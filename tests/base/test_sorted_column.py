"""The order of a column from one lean sort, against numpy's own sorts."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib import NumpyVersion

from leakcheck.base import sorted_column
from leakcheck.base.conditional import rank_average
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.exceptions import ValidationError

KINDS = (np.float16, np.float32, np.float64, np.int8, np.uint8, np.int32, np.int64, np.uint64, bool)


@st.composite
def columns(draw):
    """Scores of any type, with ties, -0.0 and numbers that differ in their last bits alone."""
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = np.dtype(draw(st.sampled_from(KINDS)))
    most = 100 if dtype.itemsize == 1 else 10**4 if dtype == np.float16 else 10**6
    whole = rng.integers(0, draw(st.sampled_from([1, 2, 9, most])), n)
    kind = draw(st.sampled_from(["whole", "signed", "close", "zeros"]))
    if dtype.kind != "f":
        if kind == "signed" and dtype.kind == "i":
            whole -= 4
        return whole.astype(dtype)
    values = {
        "whole": whole / 3,
        "signed": (whole - 4) / 3,
        "close": 1 + whole * 2.0**-52,
        "zeros": rng.choice([-0.0, 0.0, -1.5, 1e-30, -1e-30, 3.0], n),
    }[kind]
    return values.astype(dtype)


def expected_rows(scores):
    """Rows by falling score, rising among equal ones."""
    exact = [-int(score) for score in scores] if scores.dtype.kind != "f" else -scores
    return sorted(range(scores.size), key=lambda row: (exact[row], row))


@given(columns(), st.integers(1, 7))
def test_rows_fall_with_the_score(scores, step):
    column = SortedColumn.from_scores(scores)
    assert column.rows.tolist() == expected_rows(scores)
    falling = scores[column.rows]
    assert column.is_first.tolist() == [True, *(falling[1:] != falling[:-1])][: scores.size]
    assert column.n_distinct == np.unique(scores + 0).size
    assert column.n_loci == scores.size
    parts = [scores[low : low + step] for low in range(0, scores.size, step)]
    again = SortedColumn.from_chunks(scores.size, scores.dtype, parts)
    np.testing.assert_array_equal(again.rows, column.rows)
    np.testing.assert_array_equal(again.is_first, column.is_first)


@given(columns(), st.sampled_from([2, 5, 1 << 15]))
def test_ranks_are_those_of_the_scores(scores, step):
    column = SortedColumn.from_scores(scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_column, "_CHUNK", step)
        twice = column.twice_mean_ranks()
        assert twice.dtype == np.uint32
    # Ranks of numbers that Python compares exactly.
    exact = np.unique(scores + 0, return_inverse=True)[1].astype(float)
    np.testing.assert_array_equal(twice, 2 * rank_average(exact))


def test_single_and_double_precision_give_one_order():
    scores = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    narrow, wide = (SortedColumn.from_scores(s) for s in (scores, scores.astype(np.float64)))
    np.testing.assert_array_equal(narrow.rows, wide.rows)
    np.testing.assert_array_equal(narrow.is_first, wide.is_first)


@pytest.mark.parametrize(
    ("dtype", "lowest"),
    [
        (np.float64, np.finfo(np.float64).min),  # its bits are those of no float once packed
        (np.float64, -5e-324),
        (np.float32, np.finfo(np.float32).min),
        (np.int32, -(2**31)),
        (np.uint64, 0),
    ],
)
def test_long_columns_with_the_ends_of_their_type(dtype, lowest):
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 5000, 6000).astype(dtype)
    scores[[3, 5000]] = lowest
    column = SortedColumn.from_scores(scores)
    assert column.rows.tolist() == expected_rows(scores)
    falling = scores[column.rows]
    assert column.is_first.tolist() == [True, *(falling[1:] != falling[:-1])]


@pytest.mark.parametrize("step", [1 << 4, 1 << 15])
def test_last_bits_order_long_columns(step, monkeypatch):
    monkeypatch.setattr(sorted_column, "_CHUNK", step)
    rng = np.random.default_rng(1)
    scores = 1 + rng.integers(0, 40, 3000) * 2.0**-52
    scores[:1000] = 0.0  # a long tie that is in order already
    column = SortedColumn.from_scores(scores)
    np.testing.assert_array_equal(column.rows, np.argsort(-scores, kind="stable"))


@given(columns(), st.integers(1, 9))
def test_chunks_cut_through_no_tie(scores, most):
    column = SortedColumn.from_scores(scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_column, "_CHUNK", 2)
        parts = list(column.chunks(most))
    assert [0, *(part.stop for part in parts)] == [*(p.start for p in parts), scores.size]
    for part in parts:
        assert column.is_first[part.start]
        assert part.stop - part.start <= most or not column.is_first[part][1:].any()


@pytest.mark.parametrize("n_rows", [2, 4])
def test_parts_must_add_up(n_rows):
    with pytest.raises(ValidationError, match="`chunks` must hold `n_loci` rows") as caught:
        SortedColumn.from_chunks(3, np.float32, [np.zeros(n_rows, dtype=np.float32)])
    assert f"{n_rows}" in str(caught.value)


def test_too_many_rows_to_number():
    with pytest.raises(ValidationError, match=r"below 2\*\*32"):
        SortedColumn.from_chunks(1 << 32, np.float32, [])
    one = SortedColumn(
        rows=np.broadcast_to(np.uint32(0), 1 << 31), is_first=np.broadcast_to(True, 1 << 31)
    )
    with pytest.raises(ValidationError, match=r"below 2\*\*31"):
        one.twice_mean_ranks()


@pytest.mark.parametrize(("dtype", "most"), [(np.float32, 10.5), (np.float64, 18.5)])
def test_a_sort_takes_few_bytes_a_row(dtype, most):
    if NumpyVersion(np.__version__) >= "2.5.0":
        most += 4  # `resize` copies what it keeps
    n, step = 1_000_000, 1 << 15
    rng = np.random.default_rng(2)
    scores = rng.random(n).astype(dtype)
    parts = (scores[low : low + step] for low in range(0, n, step))
    tracemalloc.start()
    try:
        column = SortedColumn.from_chunks(n, dtype, parts)
        kept, peak = tracemalloc.get_traced_memory()
        assert peak / n < most
        assert kept / n < 5.1
        tracemalloc.reset_peak()
        ranks = column.twice_mean_ranks()
        assert tracemalloc.get_traced_memory()[1] / n < 5.1 + 4 + 2
    finally:
        tracemalloc.stop()
    assert ranks.max() == 2 * n or column.n_distinct < n
