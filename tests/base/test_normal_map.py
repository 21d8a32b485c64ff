"""The map to normal scores: exact at its quantiles, rising, and near the scores of the ranks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base.normal_map import NormalMap, map_places
from tests.oracles.regression import normal_scores


def map_of(values):
    return NormalMap.of(np.sort(values).take(map_places(len(values))), len(values))


@pytest.mark.parametrize("draw", ["normal", "lognormal", "exponential", "random"])
def test_scores_are_near_those_of_the_ranks(draw):
    values = getattr(np.random.default_rng(0), draw)(size=2000)
    expected = normal_scores(values)
    found = map_of(values).apply(values)
    assert np.abs(found - expected)[np.abs(expected) < 2].max() < 0.06
    assert found[values.argmin()] == pytest.approx(expected.min())
    assert found[values.argmax()] == pytest.approx(expected.max())


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=60))
def test_never_falls_whatever_the_ties(values):
    values = np.array(values, dtype=np.float32)
    found = map_of(values).apply(np.sort(values))
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()


def test_a_value_that_many_share_has_one_score_in_their_middle():
    values = np.concatenate([np.zeros(400), np.random.default_rng(1).random(600) + 1])
    found = map_of(values).apply(np.zeros(1))[0]
    assert found == pytest.approx(normal_scores(values)[0], abs=0.2)


def test_each_score_follows_from_its_own_value_alone():
    values = np.random.default_rng(2).random(500)
    found = map_of(values)
    whole = found.apply(values)
    parts = [found.apply(part) for part in np.split(values, 50)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal([found.apply(values[[i]])[0] for i in range(500)], whole)


@pytest.mark.parametrize("n_least", [1, 5, 30, 700, 1000])
def test_a_floor_is_a_least_value_that_one_in_a_hundred_shares(n_least):
    values = np.random.default_rng(1).exponential(size=1000) + 0.1
    values[:n_least] = -2
    found = map_of(values).floor
    assert found == -2 if n_least >= 30 else np.isnan(found)
