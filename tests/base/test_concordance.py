"""Within a locus: naive loops, memorisers at exactly one half, offsets that gain nothing."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base import concordance
from leakcheck.base.concordance import (
    ConcordanceCounts,
    within_locus_concordance,
)


def naive(labels, scores, min_discordant):
    """Mean over ordered pairs of targets of the share of loci that are ordered rightly."""
    shares = {}
    counts = {}
    for s, t in permutations(range(labels.shape[1]), 2):
        hits = []
        for y, f in zip(labels, scores, strict=True):
            if y[s] > y[t] and not np.isnan(f[s]) and not np.isnan(f[t]):
                hits.append(1.0 if f[s] > f[t] else 0.5 if f[s] == f[t] else 0.0)
        counts[s, t] = len(hits)
        shares[s, t] = np.mean(hits) if hits else np.nan
    kept = [
        (s, t)
        for s, t in shares
        if counts[s, t] >= min_discordant and counts[t, s] >= min_discordant
    ]
    return (np.mean([shares[k] for k in kept]) if kept else np.nan), len(kept)


def naive_in_strata(labels, scores, strata, min_discordant):
    """The same from the formula: pairs, strata, means of two directions, van Elteren's weights."""
    values = []
    for s, t in combinations(range(labels.shape[1]), 2):
        discordant = {s: 0, t: 0}
        total = weights = 0.0
        for stratum in np.unique(strata):
            hits = {s: [], t: []}
            for y, f in zip(labels[strata == stratum], scores[strata == stratum], strict=True):
                if y[s] != y[t] and not np.isnan([y[s], y[t], f[s], f[t]]).any():
                    high, low = (s, t) if y[s] > y[t] else (t, s)
                    hits[high].append(1.0 if f[high] > f[low] else 0.5 * (f[high] == f[low]))
            n, m = len(hits[s]), len(hits[t])
            discordant[s] += n
            discordant[t] += m
            if n and m:
                weight = n * m / (n + m)
                total += weight * (np.mean(hits[s]) + np.mean(hits[t])) / 2
                weights += weight
        if min(discordant.values()) >= min_discordant and weights:
            values.append(total / weights)
    return (np.mean(values) if values else np.nan), 2 * len(values)


def draw(seed, n=80, targets=3, *, missing=0.1, levels=4):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, size=(n, targets)).astype(float)
    scores = rng.integers(0, levels, size=(n, targets)).astype(float)
    labels[rng.random(labels.shape) < missing] = np.nan
    scores[rng.random(scores.shape) < missing] = np.nan
    return labels, scores, rng.integers(0, 6, size=n)


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 20))
def test_equals_naive_loops(seed, targets, min_discordant):
    labels, scores, blocks = draw(seed, targets=targets)
    found = within_locus_concordance(labels, scores, blocks, 6, min_discordant=min_discordant)
    concordance, n_directions = naive(labels, scores, min_discordant)
    np.testing.assert_allclose(found.concordance, concordance, rtol=1e-12)
    assert found.n_directions == n_directions


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 9), st.integers(1, 20))
def test_equals_naive_loops_in_strata(seed, targets, n_strata, min_discordant):
    labels, scores, blocks = draw(seed, targets=targets)
    strata = np.random.default_rng(seed).integers(0, n_strata, size=80)
    found = within_locus_concordance(
        labels, scores, blocks, 6, strata=strata, n_strata=n_strata, min_discordant=min_discordant
    )
    concordance, n_directions = naive_in_strata(labels, scores, strata, min_discordant)
    np.testing.assert_allclose(found.concordance, concordance, rtol=1e-12)
    assert found.n_directions == n_directions


def test_one_stratum_is_none():
    labels, scores, blocks = draw(4)
    plain = within_locus_concordance(labels, scores, blocks, 6, min_discordant=1)
    one = within_locus_concordance(
        labels, scores, blocks, 6, strata=np.zeros(80, dtype=int), min_discordant=1
    )
    assert one.concordance == plain.concordance
    np.testing.assert_array_equal(one.replicates, plain.replicates)


def test_a_gain_of_a_cell_type_gains_nothing_in_strata():
    """The first target is active alone where the average is high, the second where it is low."""
    labels = np.repeat([[1.0, 0.0], [0.0, 1.0]], 500, axis=0)
    average = np.r_[np.repeat([1, 0], [400, 100]), np.repeat([1, 0], [100, 400])]
    scores = (average[:, None] - 0.5) * np.array([3.0, 1.0])
    blocks = np.arange(1000) % 10
    assert within_locus_concordance(labels, scores, blocks, 10).concordance == 0.8
    found = within_locus_concordance(labels, scores, blocks, 10, strata=average, n_strata=2)
    assert found.concordance == 0.5
    assert (found.replicates == 0.5).all()


def test_strata_without_both_directions_tell_nothing():
    labels = np.repeat([[1.0, 0.0], [0.0, 1.0]], 200, axis=0)
    strata = np.repeat([0, 1, 2], [150, 100, 150])
    blocks = np.arange(400) % 4
    found = within_locus_concordance(labels, labels, blocks, 4, strata=strata, n_strata=3)
    assert (found.concordance, found.n_directions, found.block_sizes.sum()) == (1.0, 2, 100)
    apart = np.repeat([0, 1], 200)
    nothing = within_locus_concordance(labels, labels, blocks, 4, strata=apart, n_strata=2)
    assert np.isnan(nothing.concordance)
    assert nothing.n_directions == 0


def test_continuous_labels_are_ordered_too():
    rng = np.random.default_rng(5)
    labels, scores = rng.normal(size=(2, 60, 3))
    found = within_locus_concordance(labels, scores, np.arange(60) % 5, 5, min_discordant=1)
    assert found.concordance == pytest.approx(naive(labels, scores, 1)[0])
    assert found.block_sizes.sum() == 3 * 60


def test_replicates_are_the_value_without_the_block():
    labels, scores, blocks = draw(11, n=200)
    found = within_locus_concordance(labels, scores, blocks, 6, min_discordant=1)
    for block in range(6):
        kept = blocks != block
        again = within_locus_concordance(
            labels[kept], scores[kept], blocks[kept], 6, min_discordant=1
        )
        assert found.replicates[block] == pytest.approx(again.concordance, rel=1e-12)
        assert again.block_sizes[block] == 0
        np.testing.assert_array_equal(again.block_sizes[:block], found.block_sizes[:block])


def test_a_memoriser_gets_exactly_one_half():
    labels, _, blocks = draw(3, missing=0)
    scores = np.repeat(np.random.default_rng(0).random((80, 1)), 3, axis=1)
    found = within_locus_concordance(labels, scores, blocks, 6, min_discordant=1)
    assert found.concordance == 0.5
    assert (found.replicates == 0.5).all()


@pytest.mark.parametrize("offset", [10.0, -10.0])
def test_an_offset_of_a_cell_type_gains_nothing(offset):
    """Nine in ten discordant loci are active in the first target: pooled it would score 0.9."""
    labels = np.repeat([[1.0, 0.0], [0.0, 1.0]], [900, 100], axis=0)
    scores = np.repeat(np.random.default_rng(1).random((1000, 1)), 2, axis=1)
    scores[:, 0] += offset
    found = within_locus_concordance(labels, scores, np.arange(1000) % 10, 10)
    assert found.concordance == 0.5


def test_a_perfect_score_gets_one_and_its_opposite_zero():
    labels, _, blocks = draw(8, missing=0)
    assert within_locus_concordance(labels, labels, blocks, 6, min_discordant=1).concordance == 1
    assert within_locus_concordance(labels, -labels, blocks, 6, min_discordant=1).concordance == 0


def test_both_directions_need_enough_loci():
    labels = np.repeat([[1.0, 0.0], [0.0, 1.0]], [40, 5], axis=0)
    blocks = np.arange(45) % 3
    few = within_locus_concordance(labels, labels, blocks, 3, min_discordant=6)
    assert np.isnan(few.concordance)
    assert np.isnan(few.replicates).all()
    assert few.n_directions == 0
    np.testing.assert_array_equal(few.block_sizes, [0, 0, 0])
    enough = within_locus_concordance(labels, labels, blocks, 3, min_discordant=5)
    assert (enough.concordance, enough.n_directions) == (1.0, 2)


def test_one_target_has_no_pairs():
    found = within_locus_concordance(np.ones((4, 1)), np.ones((4, 1)), np.zeros(4, dtype=int), 1)
    assert np.isnan(found.concordance)
    assert found.n_directions == 0


def test_a_block_that_holds_a_whole_direction_leaves_its_replicate_undefined():
    labels = np.repeat([[1.0, 0.0], [0.0, 1.0]], 5, axis=0)
    blocks = np.repeat([0, 1], 5)
    found = within_locus_concordance(labels, labels, blocks, 2, min_discordant=5)
    assert found.concordance == 1
    assert np.isnan(found.replicates).all()


def test_parts_of_the_loci_add_up(monkeypatch):
    rng = np.random.default_rng(8)
    labels, scores = rng.integers(0, 2, (500, 4)) * 1.0, rng.integers(0, 5, (500, 4)) * 1.0
    scores[rng.random((500, 4)) < 0.1] = np.nan
    blocks = rng.integers(0, 6, 500).astype(np.uint8)
    strata = rng.integers(0, 5, 500)
    chosen = {"strata": strata, "n_strata": 5, "min_discordant": 10}
    whole = within_locus_concordance(labels, scores, blocks, 6, **chosen)
    assert whole.n_directions == 12
    parts = []
    for low in range(0, 500, 99):
        part = slice(low, low + 99)
        parts.append(ConcordanceCounts.empty(4, 6, 5))
        parts[-1].add(labels[part], scores[part], blocks[part], strata[part])
    monkeypatch.setattr(concordance, "_CHUNK", 7)
    for again in (
        parts[0].merge(*parts[1:]).concordance(10),
        within_locus_concordance(labels, scores, blocks, 6, **chosen),
    ):
        assert again.concordance == whole.concordance
        np.testing.assert_array_equal(again.replicates, whole.replicates)
        np.testing.assert_array_equal(again.block_sizes, whole.block_sizes)
