import numpy as np
import pytest
from numpy.testing import assert_array_equal

from leakcheck.base import _keys
from leakcheck.base._keys import codable, encode, original_scores, plain_scores, sortable

TINY = {np.float32: 1.5e-45, np.float64: 5e-324}


def keys_of(scores, labels=None):
    labels = np.zeros(scores.size, dtype=bool) if labels is None else labels
    plain, code = codable(scores)
    return encode(labels, plain, code), code


def wild(dtype):
    """Scores that span all exponents on both sides of zero."""
    top = np.finfo(dtype).max
    return np.array([-top, -1, -TINY[dtype], -0.0, 0.0, TINY[dtype], 1, top], dtype=dtype)


CASES = {
    "probabilities": np.array([0.0, 0.25, 0.25, 1.0]),
    "logits": np.array([-30.0, -1.0, -1e-9, 0.0, 1e-9, 30.0]),
    "negative": np.array([-3.0, -2.0, -1.0], dtype=np.float32),
    "negative and zero": np.array([-3.0, 0.0, 0.0], dtype=np.float32),
    "wild float32": wild(np.float32),
    "wild float64": wild(np.float64),
    "float16": np.array([-65504, -1, 0, 6e-8, 65504], dtype=np.float16),
    "big-endian": np.array([-1.5, 0.0, 2.5], dtype=">f8"),
    "int64": np.array([-(2**62), -1, 0, 2**62 - 1]),
    "all of int64": np.array([-(2**63), -1, 0, 2**63 - 1]),
    "int64 below zero": np.array([-(2**63), -(2**63) + 1, -1]),
    "all of int32": np.array([-(2**31), 0, 2**31 - 1], dtype=np.int32),
    "all of uint64": np.array([0, 1, 2**63 - 1, 2**63, 2**64 - 1], dtype=np.uint64),
    "uint32": np.array([0, 1, 2**32 - 1], dtype=np.uint32),
    "uint8": np.array([0, 1, 255], dtype=np.uint8),
    "bool": np.array([False, True, True]),
    "none": np.array([]),
}


@pytest.mark.parametrize("name", CASES)
def test_keys_sort_and_tie_as_the_scores_do(name):
    scores = CASES[name]  # in increasing order
    keys, code = keys_of(scores)
    ranks = (keys >> keys.dtype.type(1)).tolist()
    same = (scores[1:] == scores[:-1]).tolist()
    assert [a == b for a, b in zip(ranks[1:], ranks, strict=False)] == same
    assert ranks == sorted(ranks)
    back = original_scores(keys, code, scores.dtype)
    assert back.dtype == scores.dtype
    assert_array_equal(back, scores)
    assert not np.signbit(back[back == 0]).any()


@pytest.mark.parametrize("name", CASES)
def test_the_lowest_bit_says_not_positive(name):
    scores = CASES[name]
    labels = np.arange(scores.size) % 2 == 0
    keys, _ = keys_of(scores, labels)
    assert_array_equal(keys & keys.dtype.type(1), ~labels)


def test_only_scores_beyond_every_code_are_ranked():
    assert keys_of(CASES["wild float64"])[1].levels is not None
    assert keys_of(CASES["all of int64"])[1].levels is not None
    assert keys_of(CASES["wild float32"])[1].dtype == np.float64
    assert keys_of(CASES["logits"])[1].levels is None


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_chunks_change_nothing(chunk, monkeypatch):
    expected = {name: keys_of(scores)[0] for name, scores in CASES.items()}
    monkeypatch.setattr(_keys, "_CHUNK", chunk)
    for name, scores in CASES.items():
        assert_array_equal(keys_of(scores)[0], expected[name])


def test_keys_of_a_table_are_keys_of_its_rows():
    rng = np.random.default_rng(0)
    labels, table = rng.random(20) < 0.5, rng.standard_normal((3, 20))
    keys = encode(labels, *codable(table))
    assert keys.shape == table.shape
    assert_array_equal(np.argsort(keys, axis=1), np.argsort(table, axis=1))


def test_float64_that_is_float32_is_narrowed():
    rng = np.random.default_rng(0)
    narrow = rng.standard_normal(10_000).astype(np.float32)
    wide = narrow.astype(np.float64)
    assert plain_scores(wide).dtype == np.float32
    assert_array_equal(plain_scores(wide), wide)
    for place, value in ((-1, 0.1), (5_000, 1e300)):
        scores = wide.copy()
        scores[place] = value
        assert plain_scores(scores) is scores
    assert plain_scores(wide[:100]).dtype == np.float64


def test_wide_keys_sort_as_floats_where_that_is_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    labels = rng.random(10_000) < 0.3
    for scores in (
        rng.random(10_000),
        rng.standard_normal(10_000),
        10.0 ** rng.integers(-9, 9, 10_000),
    ):
        keys, _ = keys_of(np.where(labels, scores, np.round(scores, 1)), labels)
        view = sortable(keys)
        expected = np.sort(keys)
        view.sort()
        assert_array_equal(keys, expected)
    assert sortable(keys_of(rng.standard_normal(10_000))[0]).dtype == np.float64
    assert sortable(keys_of(rng.standard_normal(100))[0]).dtype == np.uint64
    assert sortable(keys_of(rng.random(10_000, dtype=np.float32))[0]).dtype == np.uint32
    # Keys with the bits of infinity and of what is not a number would not sort.
    assert sortable(keys_of(2.0 + rng.random(10_000))[0]).dtype == np.uint64
    monkeypatch.setattr(_keys, "_LEAST_FLOAT", 0.0)  # as if the processor flushed subnormals
    assert sortable(keys_of(rng.random(10_000))[0]).dtype == np.uint64
