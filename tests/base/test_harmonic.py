import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import digamma, polygamma

from leakcheck.base import _harmonic
from leakcheck.base._harmonic import (
    harmonic_difference,
    tied_precision,
    tied_precision_of_weights,
)


def summed(low, width):
    return math.fsum(1 / (low + j) for j in range(1, width + 1))


# Small numbers come from a table, narrow ties from a series, wide ones from a logarithm.
@pytest.mark.parametrize(
    ("low", "width"),
    [
        ([0, 1, 8191, 4000], [1, 8191, 1, 4192]),
        ([100_000, 10_000_000, 9_999], [1, 2, 30]),
        ([0, 5, 8190, 8192, 100_000], [20_000, 9_000, 3, 1, 200_000]),
        ([0, 5, 32_766, 32_768, 100_000], [50_000, 32_763, 3, 1, 200_000]),
        ([7], [8_186]),
    ],
)
def test_harmonic_difference_is_the_sum(low, width):
    found = harmonic_difference(np.array(low), np.array(width))
    expected = [summed(*pair) for pair in zip(low, width, strict=True)]
    assert_allclose(found, expected, rtol=2e-15)


def test_harmonic_difference_of_nothing():
    empty = np.array([], dtype=int)
    assert harmonic_difference(empty, empty).shape == (0,)


def exact_tied_precision(true_before, before, positives, size):
    slope = Fraction(positives - 1, size - 1) if size > 1 else Fraction(0)
    total = sum(
        (true_before + 1 + (j - 1) * slope) / Fraction(before + j) for j in range(1, size + 1)
    )
    return float(Fraction(positives, size) * total)


TIES = [
    (0, 0, 1, 1),
    (0, 0, 1, 5),
    (3, 7, 2, 2),
    (3, 7, 1, 4),
    (0, 900, 3, 200),
    (400, 500, 99, 100),
]


def test_tied_precision_is_the_sum():
    found = tied_precision(*np.array(TIES).T)
    assert_allclose(found, [exact_tied_precision(*tie) for tie in TIES], rtol=1e-12)


def test_tied_precision_of_weights_is_the_same_at_whole_numbers():
    columns = np.array(TIES, dtype=float).T
    assert_allclose(
        tied_precision_of_weights(*columns), tied_precision(*np.array(TIES).T), rtol=1e-12
    )


@pytest.mark.parametrize("size", [1.0, 2.0, 7.0])
def test_tied_precision_of_weights_is_continuous(size):
    sizes = size + np.array([-2e-5, -1e-6, 0.0, 1e-6, 2e-5])
    same = np.ones(sizes.size)
    found = tied_precision_of_weights(2 * same, 5 * same, 0.8 * same, sizes)
    assert np.ptp(found) < 1e-4
    assert np.all(np.diff(found) < 0)  # the larger the tie, the lower the mean precision


def test_tied_precision_of_weights_follows_digamma():
    before, positives, size = np.array([3.3]), np.array([1.7]), np.array([2.6])
    harmonic = digamma(before + size + 1) - digamma(before + 1)
    slope = (size - (before + 1) * harmonic) / (size - 1)
    expected = positives / size * (2.5 * harmonic + (positives - 1) * slope)
    found = tied_precision_of_weights(np.array([1.5]), before, positives, size)
    assert_allclose(found, expected, rtol=1e-12)


def test_tied_precision_of_weights_at_a_size_of_one_is_the_limit():
    before, positives = np.array([0.0, 3.3]), np.array([0.25, 0.5])
    harmonic = 1 / (before + 1)
    limit = 1 - (before + 1) * polygamma(1, before + 2)
    expected = positives * ((1 + harmonic * 0) * harmonic + (positives - 1) * limit)
    found = tied_precision_of_weights(np.zeros(2), before, positives, np.ones(2))
    assert_allclose(found, expected, rtol=1e-12)


def test_small_ties_after_many_loci_agree_with_ties_of_any_size(monkeypatch):
    rng = np.random.default_rng(0)
    size = rng.integers(2, 9, 1_000)
    positives = rng.integers(1, size + 1)
    before = rng.integers(100_000, 10_000_000, size.size)
    true_before = (before * rng.random(size.size)).astype(int)
    found = tied_precision(true_before, before, positives, size)
    monkeypatch.setattr(_harmonic, "_NARROWEST", 0.0)
    expected = tied_precision(true_before, before, positives, size)
    assert_allclose(found, expected, rtol=0, atol=1e-14)
    for i in range(0, size.size, 100):
        p, m = Fraction(int(positives[i])), Fraction(int(size[i]))
        slope = (p - 1) / (m - 1)
        exact = sum(
            (int(true_before[i]) + 1 + j * slope) / (int(before[i]) + 1 + j)
            for j in range(m.numerator)
        )
        assert found[i] == pytest.approx(float(p / m * exact), abs=1e-14)
