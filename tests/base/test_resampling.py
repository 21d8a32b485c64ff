import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from leakcheck.base.resampling import (
    Jackknife,
    blocks_of_loci,
    bootstrap_weights,
    confidence_bounds,
    contiguous_stretches,
    jackknife,
    stretch_lengths,
    upper_tail_pvalue,
)
from leakcheck.exceptions import ValidationError


def busing_variance(estimate, replicates, sizes):
    """Equation for the variance in Busing, Meijer & van der Leeden (1999), word for word."""
    n, g = sum(sizes), len(sizes)
    h = [n / m for m in sizes]
    correction = sum((1 - m / n) * theta for m, theta in zip(sizes, replicates, strict=True))
    total = 0.0
    for h_j, theta_j in zip(h, replicates, strict=True):
        pseudo = h_j * estimate - (h_j - 1) * theta_j
        total += (pseudo - g * estimate + correction) ** 2 / (h_j - 1)
    return total / g


def leave_out_means(values, blocks, n_blocks):
    return np.array([values[blocks != block].mean() for block in range(n_blocks)])


class TestJackknife:
    @given(
        data=st.data(),
        sizes=st.lists(st.integers(1, 500), min_size=2, max_size=25),
        estimate=st.floats(-10, 10),
    )
    def test_is_the_formula_of_the_paper(self, data, sizes, estimate):
        replicates = data.draw(arrays(np.float64, len(sizes), elements=st.floats(-10, 10)))
        result = jackknife(estimate, replicates, np.array(sizes))
        expected = np.sqrt(busing_variance(estimate, replicates.tolist(), sizes))
        assert result.estimate == estimate
        assert result.degrees_of_freedom == len(sizes) - 1
        np.testing.assert_allclose(result.standard_error, expected, rtol=1e-9, atol=1e-9)

    def test_single_observations_of_a_mean_give_the_standard_error_of_the_mean(self, rng):
        x = rng.normal(5, 3, size=40)
        result = jackknife(x.mean(), (x.sum() - x) / 39, np.ones(40, dtype=int))
        assert result.standard_error == pytest.approx(x.std(ddof=1) / np.sqrt(40), rel=1e-12)

    def test_equal_blocks_give_the_classical_jackknife(self, rng):
        x, blocks = rng.exponential(size=60), np.repeat(np.arange(12), 5)
        replicates = leave_out_means(x, blocks, 12)
        classical = np.sqrt(11 / 12 * ((replicates - replicates.mean()) ** 2).sum())
        result = jackknife(x.mean(), replicates, np.full(12, 5))
        assert result.standard_error == pytest.approx(classical, rel=1e-12)

    def test_trailing_axes_are_independent(self, rng):
        estimate, replicates = rng.normal(size=(3, 4)), rng.normal(size=(6, 3, 4))
        sizes = np.array([3, 1, 4, 1, 5, 9])
        together = jackknife(estimate, replicates, sizes)
        assert together.standard_error.shape == (3, 4)
        for index in np.ndindex(3, 4):
            alone = jackknife(estimate[index], replicates[(slice(None), *index)], sizes)
            assert together.standard_error[index] == pytest.approx(alone.standard_error, rel=1e-14)

    def test_empty_blocks_take_no_part(self, rng):
        replicates, sizes = rng.normal(size=(5, 2)), np.array([4, 0, 2, 0, 3])
        estimate = np.zeros(2)
        result = jackknife(estimate, replicates, sizes)
        dense = jackknife(estimate, replicates[sizes > 0], sizes[sizes > 0])
        np.testing.assert_array_equal(result.standard_error, dense.standard_error)
        assert result.degrees_of_freedom == 2

    def test_a_missing_replicate_leaves_only_its_own_entry_undefined(self):
        replicates = np.array([[1.0, np.nan], [2.0, 1.0], [4.0, 2.0]])
        result = jackknife(np.array([2.0, 1.5]), replicates, np.ones(3, dtype=int))
        assert np.isfinite(result.standard_error[0])
        assert np.isnan(result.standard_error[1])

    @pytest.mark.parametrize("sizes", [[7], [0, 7], []])
    def test_fewer_than_two_blocks_are_undefined(self, sizes):
        result = jackknife(0.25, np.full(len(sizes), 0.2), np.array(sizes, dtype=int))
        assert result.estimate == 0.25
        assert np.isnan(result.standard_error)
        assert result.degrees_of_freedom == np.count_nonzero(sizes) - 1
        assert all(np.isnan(bound) for bound in confidence_bounds(result))
        assert np.isnan(upper_tail_pvalue(result))

    def test_inputs_are_unchanged(self, rng):
        replicates, sizes = rng.normal(size=(4, 3)), np.array([2, 0, 5, 3])
        before = replicates.copy(), sizes.copy()
        jackknife(np.zeros(3), replicates, sizes)
        np.testing.assert_array_equal(replicates, before[0])
        np.testing.assert_array_equal(sizes, before[1])

    def test_interval_covers_the_mean_of_data_that_share_block_effects(self, rng):
        sizes = np.array([190, 150, 120, 110, 100, 95, 90, 80, 75, 70, 65, 60, 50, 50, 45, 40])
        blocks, n_trials = np.repeat(np.arange(16), sizes), 1000
        values = rng.normal(size=(blocks.size, n_trials))
        values += rng.normal(scale=0.3, size=(16, n_trials))[blocks]
        sums = np.add.reduceat(values, np.cumsum(sizes) - sizes, axis=0)
        replicates = (values.sum(axis=0) - sums) / (sizes.sum() - sizes)[:, None]
        result = jackknife(values.mean(axis=0), replicates, sizes)
        low, high = confidence_bounds(result, 0.95)
        assert 0.86 < np.mean((low < 0) & (high > 0)) < 0.94
        assert np.mean(upper_tail_pvalue(result) < 0.05) < 0.08
        over_loci = values.std(axis=0, ddof=1) / np.sqrt(blocks.size)
        assert np.mean(np.abs(values.mean(axis=0)) < 1.645 * over_loci) < 0.75


class TestBounds:
    def test_bounds_are_quantiles_of_student(self):
        result = Jackknife(np.array([0.1, -0.2]), np.array([0.05, 0.3]), 21)
        low, high = confidence_bounds(result, 0.9)
        reach = stats.t.ppf(0.9, 21) * result.standard_error
        np.testing.assert_allclose(low, result.estimate - reach, rtol=1e-12)
        np.testing.assert_allclose(high, result.estimate + reach, rtol=1e-12)

    @given(estimate=st.floats(-3, 3), error=st.floats(0.01, 3), df=st.integers(1, 60))
    def test_pvalue_below_five_percent_is_lower_bound_above_null(self, estimate, error, df):
        result = Jackknife(np.float64(estimate), np.float64(error), df)
        pvalue = upper_tail_pvalue(result, 0.5)
        assert pvalue == pytest.approx(stats.t.sf((estimate - 0.5) / error, df), rel=1e-9)
        if abs(pvalue - 0.05) > 1e-9:
            assert (pvalue < 0.05) == (confidence_bounds(result, 0.95)[0] > 0.5)

    def test_no_error_decides_by_sign_and_equality_is_no_evidence(self):
        result = Jackknife(np.array([0.1, 0.0, -0.1, np.nan, 0.1]), np.zeros(5), 4)
        result.standard_error[4] = np.nan
        np.testing.assert_array_equal(upper_tail_pvalue(result), [0.0, 1.0, 1.0, np.nan, np.nan])


class TestBootstrapWeights:
    def test_every_replicate_draws_as_many_blocks_as_there_are(self, rng):
        weights = bootstrap_weights(22, 2000, rng)
        assert weights.shape == (2000, 22)
        np.testing.assert_array_equal(weights.sum(axis=1), 22)
        np.testing.assert_array_equal(weights, np.rint(weights))
        np.testing.assert_allclose(weights.mean(axis=0), 1, atol=5 * np.sqrt(1 / 2000))
        assert weights.var() == pytest.approx(1 - 1 / 22, abs=0.05)

    def test_one_seed_gives_one_table(self):
        first, second = (bootstrap_weights(5, 9, np.random.default_rng(3)) for _ in range(2))
        np.testing.assert_array_equal(first, second)


class TestContiguousStretches:
    @given(n=st.integers(0, 300), n_stretches=st.integers(1, 40))
    def test_stretches_are_contiguous_and_of_one_length(self, n, n_stretches):
        codes = contiguous_stretches(n, n_stretches)
        assert codes.shape == (n,)
        assert np.isin(np.diff(codes), [0, 1]).all()
        sizes = np.bincount(codes)
        assert sizes.size == min(n, n_stretches)
        assert n == 0 or sizes.max() - sizes.min() <= 1


class TestBlocksOfLoci:
    def test_many_chromosomes_are_the_blocks(self, rng):
        chrom = rng.integers(0, 12, size=500) * 3 - 5
        blocks = blocks_of_loci(chrom, rng.integers(0, 1000, size=500))
        assert (blocks.kind, blocks.n_blocks) == ("chromosome", 12)
        np.testing.assert_array_equal(np.unique(chrom)[blocks.codes], chrom)

    @given(
        sizes=st.lists(st.integers(8, 80), min_size=1, max_size=9),
        n_stretches=st.integers(2, 25),
        seed=st.integers(0, 1000),
    )
    def test_stretches_are_contiguous_and_stay_on_their_chromosome(self, sizes, n_stretches, seed):
        rng = np.random.default_rng(seed)
        chrom = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        start = rng.integers(0, 10**6, size=chrom.size)
        blocks = blocks_of_loci(chrom, start, n_stretches)
        assert blocks.kind == "stretch"
        assert blocks.n_blocks == max(len(sizes), min(n_stretches, chrom.size))
        assert np.bincount(blocks.codes, minlength=blocks.n_blocks).min() > 0
        for block in range(blocks.n_blocks):
            assert np.unique(chrom[blocks.codes == block]).size == 1
        order = np.lexsort((start, chrom))
        assert (np.diff(blocks.codes[order]) >= 0).all()

    def test_stretches_are_shared_out_by_numbers_of_loci(self):
        blocks = blocks_of_loci(np.repeat([0, 1, 2], [700, 200, 100]), np.arange(1000))
        assert blocks.n_blocks == 20
        per_chromosome = [
            np.unique(blocks.codes[part]).size for part in np.split(np.arange(1000), [700, 900])
        ]
        assert per_chromosome == [14, 4, 2]
        assert np.bincount(blocks.codes).max() == 50

    def test_chromosomes_without_audited_loci_are_whole_and_do_not_count(self):
        chrom = np.repeat(np.arange(12), [60, 30, *[40] * 10])
        start, audited = np.arange(chrom.size), chrom < 2
        blocks = blocks_of_loci(chrom, start, n_stretches=6, audited=audited)
        assert (blocks.kind, blocks.n_blocks) == ("stretch", 16)
        assert np.unique(blocks.codes[audited]).size == 6
        assert (np.bincount(blocks.codes[audited], minlength=16)[:6] == 15).all()
        np.testing.assert_array_equal(blocks.codes[~audited] - 4, chrom[~audited])
        lengths = stretch_lengths(np.bincount(chrom), 6, np.arange(12) < 2)
        assert [one.tolist() for one in lengths] == [[15] * 4, [15] * 2, *[[40]] * 10]

    @pytest.mark.parametrize("n_audited", [0, 10, 12])
    def test_ten_audited_chromosomes_are_enough(self, n_audited):
        """Where nothing is audited, all count."""
        chrom = np.repeat(np.arange(12), 5)
        blocks = blocks_of_loci(chrom, np.arange(60), audited=chrom < n_audited)
        assert (blocks.kind, blocks.n_blocks) == ("chromosome", 12)

    def test_contigs_are_put_together_and_do_not_count(self):
        """One chromosome and thirty contigs are few; ten chromosomes and thirty contigs are not."""
        one = np.repeat(np.arange(31), [970, *[1] * 30])
        blocks = blocks_of_loci(one, np.arange(1000))
        assert (blocks.kind, blocks.n_blocks) == ("stretch", 21)
        assert np.bincount(blocks.codes).tolist() == [*[49, 48] * 10, 30]
        ten = np.repeat(np.arange(40), [*[97] * 10, *[1] * 30])
        blocks = blocks_of_loci(ten, np.arange(1000))
        assert (blocks.kind, blocks.n_blocks) == ("chromosome", 11)
        np.testing.assert_array_equal(blocks.codes, np.minimum(ten, 10))

    def test_order_of_rows_changes_nothing(self, rng):
        chrom, start = rng.integers(0, 3, size=90), rng.permutation(90)
        blocks = blocks_of_loci(chrom, start)
        shuffle = rng.permutation(90)
        again = blocks_of_loci(chrom[shuffle], start[shuffle])
        np.testing.assert_array_equal(again.codes, blocks.codes[shuffle])

    def test_without_starts_the_order_of_the_table_counts(self):
        blocks = blocks_of_loci(np.array([1, 0, 1, 0]), None, n_stretches=4)
        np.testing.assert_array_equal(blocks.codes, [2, 0, 3, 1])

    def test_without_chromosomes_stretches_follow_the_table(self):
        expected = contiguous_stretches(45)
        for blocks in (blocks_of_loci(None, None, n_loci=45), blocks_of_loci(None, np.zeros(45))):
            assert (blocks.n_blocks, blocks.kind) == (20, "stretch")
            np.testing.assert_array_equal(blocks.codes, expected)

    def test_no_loci_have_no_blocks(self):
        none = np.empty(0, dtype=int)
        assert blocks_of_loci(none, none).n_blocks == 0
        assert blocks_of_loci(None, None, n_loci=0).n_blocks == 0

    def test_unknown_number_of_loci_is_refused(self):
        with pytest.raises(ValidationError, match="`n_loci`"):
            blocks_of_loci(None, None)


@pytest.fixture
def rng():
    return np.random.default_rng(20240607)
