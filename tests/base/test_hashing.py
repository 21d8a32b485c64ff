"""Hashes are equal for equal rows, and for no others that come along."""

import numpy as np
import pytest

from leakcheck.base.hashing import canonical_bits, hash_rows, mix


def test_mix_is_splitmix64():
    # the first three outputs of SplitMix64 with seed 1234567, as published with its C source
    golden = 0x9E3779B97F4A7C15
    states = [(1234567 + golden * i) % 2**64 for i in (1, 2, 3)]
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert mix(np.array(states, dtype=np.uint64)).tolist() == expected


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.float16, np.float32, np.float64])
def test_rows_of_few_values_do_not_collide(dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (5_000, 40)).astype(dtype)
    assert len(np.unique(hash_rows(x))) == len(np.unique(x, axis=0))


def test_blocks_add_up():
    x = np.random.default_rng(1).standard_normal((50, 7))
    np.testing.assert_array_equal(hash_rows(x[:, :3]) + hash_rows(x[:, 3:], 3), hash_rows(x))
    assert (hash_rows(x) != hash_rows(x[:, ::-1])).all()


def test_equal_numbers_have_equal_bits():
    assert len(set(canonical_bits(np.array([0.0, -0.0])).tolist())) == 1
    odd = np.array([0x7FF8000000000001, 0x7FF8000000000000], dtype=np.uint64).view(np.float64)
    assert len(set(canonical_bits(odd).tolist())) == 1
    assert canonical_bits(np.array([-1])) != canonical_bits(np.array([1]))


def test_input_is_left_alone():
    x = np.array([[-0.0, np.nan]])
    hash_rows(x)
    assert np.signbit(x[0, 0])
