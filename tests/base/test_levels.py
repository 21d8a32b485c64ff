"""Scores of few levels, counted without a sort, against the table that a sort gives."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from leakcheck.base import _levels
from leakcheck.base._levels import count_few
from leakcheck.base._tables import count_table
from leakcheck.base.counts import RankCounts
from leakcheck.base.ranking import ranking_scores, roc_points
from tests.oracles.ranking import all_scores
from tests.oracles.strategies import rankings

N = 1 << 17


def by_dictionary(labels, scores):
    """Positives and negatives at each score, highest first."""
    table = {}
    for label, score in zip(labels.tolist(), scores.tolist(), strict=True):
        table.setdefault(score + 0, [0, 0])[not label] += 1
    falling = sorted(table, reverse=True)
    return falling, [table[score][0] for score in falling], [table[score][1] for score in falling]


def assert_counted(labels, scores):
    found = count_few(labels, scores)
    assert found is not None
    expected = by_dictionary(labels, scores)
    for ours, theirs in zip(found, expected, strict=True):
        assert_array_equal(ours, theirs)
    assert found.thresholds.dtype == scores.dtype
    assert found.positives.dtype == found.negatives.dtype == np.int64
    assert not (np.signbit(found.thresholds) & (found.thresholds == 0)).any()


RNG = np.random.default_rng(0)
WILD = RNG.standard_normal(90) * 10.0 ** RNG.integers(-30, 30, 90)
FEW = {
    "grid": np.arange(56) / 55,
    "grid float32": (np.arange(56) / 55).astype(np.float32),
    "wild": WILD,
    "wild float32": WILD.astype(np.float32),
    "zeros of both signs": np.array([-1.0, -0.0, 0.0, 2.0]),
    "constant": np.array([0.25]),
    "neighbours": np.nextafter(1.0, 2.0) ** np.arange(40),
    "last bits": (np.full(3, 1.0).view(np.uint64) + np.arange(3, dtype=np.uint64)).view(float),
    "float16": (np.arange(200) / 99 - 1).astype(np.float16),
    "big-endian float16": (np.arange(200) / 99 - 1).astype(">f2"),
    "uint8": np.arange(56, dtype=np.uint8),
    "uint8 at its end": np.arange(200, 256, dtype=np.uint8),
    "int8": np.array([-128, -100, -3], dtype=np.int8),
    "all of int8": np.arange(-128, 128).astype(np.int8),
    "int64 at its ends": np.array([2**63 - 1, 2**63 - 2, 2**63 - 100]),
    "uint64 at its ends": np.array([2**64 - 1, 2**64 - 2, 2**64 - 120], dtype=np.uint64),
    "uint64 from 0": np.arange(20, dtype=np.uint64),
    "bool": np.array([False, True]),
    "many integers": np.arange(1_000),
}


@pytest.mark.parametrize("size", [5_000, 70_000, N + 1])
@pytest.mark.parametrize("name", FEW)
def test_levels_are_counted(name, size, monkeypatch):
    monkeypatch.setattr(_levels, "_FEWEST_FLOATS", 1)
    rng = np.random.default_rng(size)
    levels = FEW[name]
    if levels.dtype.itemsize == 2 and size < 1 << 16:
        size = 1 << 16
    scores = levels[rng.integers(0, levels.size, size)]
    assert_counted(rng.random(size) < 0.4, scores)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_levels_that_no_sample_saw_join_the_others(dtype):
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 3, N).astype(dtype)
    labels = rng.random(N) < 0.4
    # Far apart, between the places sampled, in the very bits that told the others apart.
    step = N // 512
    for i, place in enumerate(range(1, N, 40 * step)):
        assert place % step
        scores[place] = np.nextafter(dtype(2 + i), dtype(0))
    scores[-1] = -0.0
    assert_counted(labels, scores)


def test_what_has_many_levels_is_left():
    rng = np.random.default_rng(0)
    labels = rng.random(N) < 0.4
    assert count_few(labels, rng.random(N)) is None
    late = rng.integers(0, 3, N) * 1.0
    late[N // 2 :] = rng.random(N - N // 2)  # a glance sees 35 levels of 64
    late[::2] = 0
    assert count_few(labels, late) is None
    assert_array_equal(count_table(labels, late).thresholds, np.unique(late)[::-1])
    # As many as a sample shows, and more than there are numbers for.
    assert count_few(labels, rng.permutation(200)[rng.zipf(1.3, N) % 200] * 1.0) is None
    crowd = np.where(rng.random(N) < 0.7, 0.0, rng.integers(0, 400, N) / 7)
    assert count_few(labels, crowd) is None


@pytest.mark.parametrize(
    "scores",
    [
        np.arange(100.0),  # few rows
        np.zeros(N, dtype=np.float64).astype(">f8"),
        np.zeros(2 * N)[::2],
        np.zeros(5_000),
        np.zeros(5_000, dtype=np.float16),
        np.zeros(N, dtype=np.longdouble),
        np.arange(N, dtype=np.int64) * 1_000,
    ],
    ids=[
        "few",
        "big-endian",
        "strided",
        "short",
        "short float16",
        "long double",
        "sparse integers",
    ],
)
def test_what_is_not_for_it_is_left(scores):
    assert count_few(np.ones(scores.size, dtype=bool), scores) is None


def test_levels_that_no_window_tells_apart_are_left(monkeypatch):
    monkeypatch.setattr(_levels, "_SLOTS_TRIED", (4,))
    scores = np.random.default_rng(0).integers(0, 56, N) / 55
    assert count_few(scores > 0.5, scores) is None
    monkeypatch.undo()
    assert count_few(scores > 0.5, np.resize([5e-324, -5e-324, 0.0], N)) is None


@pytest.mark.parametrize("size", [100, N])
@pytest.mark.parametrize("wild", [False, True])
def test_bfloat16_ranks_as_its_values_in_float32(size, wild):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    rng = np.random.default_rng(0)
    labels = rng.random(size) < 0.4
    scores = rng.standard_normal(size)
    if wild:
        scores *= 10.0 ** rng.integers(-30, 30, size)
    scores[:3] = 0.0, -0.0, 0.0
    half = scores.astype(ml_dtypes.bfloat16)
    whole = half.astype(np.float32)
    assert_allclose(ranking_scores(labels, half), ranking_scores(labels, whole), rtol=1e-12)
    counts = RankCounts.from_scores(labels, half)
    assert counts.thresholds.dtype == ml_dtypes.bfloat16
    expected = RankCounts.from_scores(labels, whole)
    assert_array_equal(counts.thresholds.astype(np.float32), expected.thresholds)
    assert_array_equal(counts.positives, expected.positives)
    assert_array_equal(roc_points(labels, half)[1], roc_points(labels, whole)[1])
    assert_array_equal(counts.merge(counts).positives, 2 * expected.positives)


@given(rankings(min_size=1), st.sampled_from([1, 2, 3, 16]), st.sampled_from([0, 1 << 31]))
def test_any_scores_are_counted_as_a_dictionary_counts_them(drawn, chunk, narrow):
    labels, scores = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_levels, "_FEWEST_ROWS", 1)
        patch.setattr(_levels, "_FEWEST_FLOATS", 1)
        patch.setattr(_levels, "_FEWEST_16_BITS", 1)
        patch.setattr(_levels, "_GLANCE", 1)
        patch.setattr(_levels, "_SAMPLE", 1)
        patch.setattr(_levels, "_CHUNK", chunk)
        patch.setattr(_levels, "_PAIRS_CHUNK", 2 * chunk)
        patch.setattr(_levels, "_MOST_NARROW", narrow)
        patch.setattr(_levels, "_WIDE_CHUNK", chunk)
        assume(count_few(labels, scores) is not None)
        assert_counted(labels, scores)
        assert_allclose(ranking_scores(labels, scores), all_scores(labels, scores), rtol=1e-12)
