"""Strata in which targets are compared within loci: what memory alone tells is the same in them."""

import numpy as np
import pytest

from leakcheck._audit.locus_strata import ActivityLevels, LocusStrata, Room, sample_step
from leakcheck.base.concordance import within_locus_concordance
from tests.worlds import small_world

ROOM = Room(n_loci=4000, n_targets=3, n_blocks=22, n_references=10)


def drawn(seed=0, n=4000):
    """Levels of a count, and a score of one dimension with a gain and an offset for each target."""
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 11, n)
    memory = rng.standard_normal(n)
    return count, memory, memory[:, None] * [3.0, 1.0, 0.5] + [5.0, 0.0, -2.0]


class TestActivityLevels:
    def test_each_count_is_a_level_and_unobserved_loci_have_their_own(self):
        levels = ActivityLevels.of_sample(np.empty(0), "binary", ROOM)
        assert levels.n == 12
        average = np.r_[np.arange(11) / 10, np.nan]
        np.testing.assert_array_equal(levels.codes(average), np.arange(12))

    def test_neighbouring_counts_are_joined_where_there_is_little_room(self):
        tight = ROOM._replace(n_targets=300, n_blocks=22)
        assert tight.n_strata == 4
        levels = ActivityLevels.of_sample(np.empty(0), "binary", tight)
        codes = levels.codes(np.r_[np.arange(11) / 10, np.nan])
        assert (np.diff(codes) >= 0).all()
        np.testing.assert_array_equal(np.unique(codes), [0, 1, 2, 3])

    def test_real_numbers_have_quantile_bins(self):
        average = np.random.default_rng(0).exponential(size=1000)
        average[::10] = np.nan
        levels = ActivityLevels.of_sample(average, "continuous", ROOM)
        codes = levels.codes(average)
        assert levels.n == 21
        assert (codes[::10] == 20).all()
        np.testing.assert_allclose(np.bincount(codes[~np.isnan(average)]), np.full(20, 45), atol=1)

    def test_one_level_and_one_bin_where_there_is_no_room(self):
        none = ROOM._replace(n_targets=3000)
        levels = ActivityLevels.of_sample(np.empty(0), "binary", none)
        assert (levels.n, none.n_strata, none.n_bins(levels.n)) == (2, 1, 1)
        assert set(levels.codes(np.array([0.0, 1.0])).tolist()) == {0}


class TestLocusStrata:
    def test_bins_of_the_mean_lie_in_order_within_levels(self):
        count, memory, scores = drawn()
        strata = LocusStrata.of_sample(count, 11, scores, ROOM)
        codes = strata.codes(count, scores)
        assert (strata.n_bins, strata.n) == (18, 198)
        np.testing.assert_array_equal(codes // 18, count)
        for level in range(11):
            own = count == level
            assert np.bincount(codes[own] - 18 * level).min() >= 15
            assert (np.diff(codes[own][np.argsort(memory[own])]) >= 0).all()

    def test_gains_and_offsets_change_nothing(self):
        count, memory, scores = drawn()
        plain = np.repeat(memory[:, None], 3, axis=1)
        one, other = (
            LocusStrata.of_sample(count, 11, table, ROOM).codes(count, table)
            for table in (scores, plain)
        )
        assert (one == other).mean() > 0.999

    def test_offsets_do_not_tell_loci_apart_where_some_targets_are_not_audited(self):
        count, memory, scores = drawn()
        scores = np.where(np.random.default_rng(1).random(scores.shape) < 0.3, np.nan, scores)
        scores[:5] = np.nan
        strata = LocusStrata.of_sample(count, 11, scores, ROOM)
        codes = strata.codes(count, scores)
        assert (codes // strata.n_bins == count).all()
        own = (count == 4) & ~np.isnan(scores).all(axis=1)
        assert np.corrcoef(codes[own], memory[own])[0, 1] > 0.9

    def test_the_order_of_the_sample_and_parts_change_no_bit(self):
        count, _, scores = drawn()
        order = np.random.default_rng(2).permutation(len(count))
        one = LocusStrata.of_sample(count, 11, scores, ROOM)
        other = LocusStrata.of_sample(count[order], 11, scores[order], ROOM)
        codes = one.codes(count, scores)
        np.testing.assert_array_equal(codes[order], other.codes(count[order], scores[order]))
        parts = [one.codes(count[k : k + 7], scores[k : k + 7]) for k in range(0, 4000, 7)]
        np.testing.assert_array_equal(np.concatenate(parts), codes)

    def test_few_loci_have_levels_alone(self):
        count, _, scores = drawn(n=300)
        strata = LocusStrata.of_sample(count, 11, scores, ROOM._replace(n_loci=300))
        assert strata.n_bins == 1
        np.testing.assert_array_equal(strata.codes(count, scores), count)

    def test_a_constant_score_and_one_that_is_audited_nowhere_have_strata(self):
        count, _, scores = drawn()
        scores[:, 0], scores[:, 1] = 1.0, np.nan
        codes = LocusStrata.of_sample(count, 11, scores, ROOM).codes(count, scores)
        assert (codes // 18 == count).all()

    def test_the_largest_floats_are_summed_without_overflow(self):
        count, _, scores = drawn()
        largest = np.finfo(float).max
        scores[:40], scores[40:80, 0] = -largest, largest
        strata = LocusStrata.of_sample(count, 11, scores, ROOM)
        codes = strata.codes(count, scores)
        assert all(np.isfinite(edges).all() for edges in strata.edges)
        assert (codes[:40] % strata.n_bins == 0).all()


def test_a_sample_is_all_of_few_loci_and_some_of_many():
    assert [sample_step(n) for n in (0, 1, 1 << 17, (1 << 17) + 1, 3_000_000)] == [1, 1, 1, 2, 23]


@pytest.fixture(scope="module")
def uneven():
    """Targets of unequal quality: the poorest is active alone where the average is low."""
    world = small_world(0, ("memoriser",), n_loci=4000)
    rng = np.random.default_rng(0)
    labels = world.labels.copy()
    for place, target in enumerate(world.targets):
        changed = rng.random(len(labels)) < 0.2 * place
        labels.loc[changed, target] = rng.integers(2, size=int(changed.sum()), dtype=np.int8)
    return world, labels


def within(world, labels, scores):
    report = world.audit(labels=labels, preds={"model": scores})
    return report.within_locus.iloc[0]


def gained(world, memory, gains):
    frame = world.preds["memoriser"].copy()
    frame[:] = (memory - np.median(memory))[:, None] * gains
    return frame


class TestAudits:
    def test_an_average_with_a_gain_for_each_target_gets_one_half(self, uneven):
        world, labels = uneven
        average = labels[world.references].to_numpy().mean(axis=1)
        scores = gained(world, average, [3.0, 1.0, 0.3])
        row = within(world, labels, scores)
        assert row["concordance"] == 0.5
        assert row["pvalue"] == 1
        plain = within_locus_concordance(
            labels[world.targets].to_numpy(dtype=float),
            scores.to_numpy(),
            np.zeros(len(labels), dtype=int),
            1,
        )
        assert abs(plain.concordance - 0.5) > 0.05

    @pytest.mark.parametrize("gains", [[3.0, 1.0, 0.3], [0.3, 1.0, 3.0]])
    def test_other_memory_with_gains_and_noise_is_not_called_skill(self, uneven, gains):
        world, labels = uneven
        rng = np.random.default_rng(1)
        few = labels[world.references[:3]].to_numpy().mean(axis=1)
        memory = few + 0.05 * rng.standard_normal(len(few))
        scores = gained(world, memory, gains)
        scores += 0.2 * rng.standard_normal(scores.shape)
        assert within(world, labels, scores)["pvalue"] > 0.05

    def test_what_knows_the_target_is_found_under_gains(self, uneven):
        world, labels = uneven
        rng = np.random.default_rng(1)
        average = labels[world.references].to_numpy().mean(axis=1)
        scores = gained(world, average, [3.0, 1.0, 0.3])
        scores += 0.2 * labels[world.targets].to_numpy() + 0.2 * rng.standard_normal(scores.shape)
        assert within(world, labels, scores)["pvalue"] < 1e-6
