from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leakcheck.base.ranktests import mann_whitney, van_elteren_auroc

NAN = np.nan

# The data of the examples of R's help page of wilcox.test, whose printed numbers follow.
PERMEABILITY_AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
PERMEABILITY_EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]
OZONE_MAY = [41, 36, 12, 18, NAN, 28, 23, 19, 8, NAN, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11,
             4, 32, NAN, NAN, NAN, 23, 45, 115, 37]  # fmt: skip
OZONE_AUGUST = [39, 9, 16, 78, 35, 66, 122, 89, 110, NAN, NAN, 44, 28, 65, NAN, 22, 59, 23, 31, 44,
                21, 9, NAN, 45, 168, 73, NAN, 76, 118, 84, 85]  # fmt: skip


def column(values):
    return np.array(values, dtype=float)[:, None]


def pairs_won(a, b):
    """U by a double loop."""
    return sum((x > y) + 0.5 * (x == y) for x in a for y in b)


def enumerated_pvalue(a, b):
    """Share of all ways to name the samples whose U is at least the one seen."""
    pooled, seen = [*a, *b], pairs_won(a, b)
    ways = [
        pairs_won([pooled[i] for i in chosen], [v for i, v in enumerate(pooled) if i not in chosen])
        for chosen in combinations(range(len(pooled)), len(a))
    ]
    return np.mean([way >= seen for way in ways])


class TestMannWhitney:
    def test_exact_numbers_of_r(self):
        result = mann_whitney(column(PERMEABILITY_AT_TERM), column(PERMEABILITY_EARLY), "greater")
        assert result.statistic[0] == 35
        assert result.pvalue[0] == pytest.approx(0.1272, abs=5e-5)
        assert result.method[0] == "exact"

    def test_asymptotic_numbers_of_r_with_ties_and_missing_values(self):
        result = mann_whitney(column(OZONE_MAY), column(OZONE_AUGUST), "two-sided")
        assert result.statistic[0] == 127.5
        assert result.pvalue[0] == pytest.approx(0.0001208, abs=5e-8)
        assert result.effect_size[0] == pytest.approx(127.5 / (26 * 26))
        assert result.method[0] == "asymptotic"

    @given(st.permutations(range(8)), st.integers(1, 7))
    def test_exact_is_an_enumeration_of_all_samples(self, values, n_a):
        a, b = values[:n_a], values[n_a:]
        result = mann_whitney(column(a), column(b))
        assert result.statistic[0] == pairs_won(a, b)
        assert result.effect_size[0] == pytest.approx(pairs_won(a, b) / (len(a) * len(b)))
        assert result.pvalue[0] == pytest.approx(enumerated_pvalue(a, b), rel=1e-10)

    @given(
        st.integers(0, 12),
        st.integers(0, 12),
        st.sampled_from([2, 5, 1000]),
        st.sampled_from([0.0, 0.2, 0.9]),
        st.sampled_from(["greater", "less", "two-sided"]),
        st.integers(0, 2**32 - 1),
    )
    def test_every_column_is_a_test_of_its_own(self, n_a, n_b, levels, missing, alternative, seed):
        rng = np.random.default_rng(seed)
        a, b = (rng.integers(0, levels, size=(n, 6)).astype(float) for n in (n_a, n_b))
        for sample in (a, b):
            sample[:, 2:][rng.random(sample[:, 2:].shape) < missing] = NAN
        result = mann_whitney(a, b, alternative)
        for k in range(6):
            x, y = a[~np.isnan(a[:, k]), k], b[~np.isnan(b[:, k]), k]
            if not (x.size and y.size):
                assert result.method[k] == ""
                assert np.isnan([values[k] for values in result[:3]]).all()
                continue
            tied = np.unique([*x, *y]).size < x.size + y.size
            method = "asymptotic" if tied or min(x.size, y.size) > 8 else "exact"
            expected = stats.mannwhitneyu(x, y, alternative=alternative, method=method)
            assert result.method[k] == method
            assert result.statistic[k] == expected.statistic == pairs_won(x, y)
            same = np.unique([*x, *y]).size == 1  # no evidence, whatever scipy makes of it
            assert result.pvalue[k] == pytest.approx(1.0 if same else expected.pvalue, rel=1e-12)
            assert result.effect_size[k] == pairs_won(x, y) / (x.size * y.size)

    def test_the_sides_mirror_each_other(self, rng):
        a, b = rng.normal(size=(9, 5)), rng.normal(size=(6, 5))
        greater, less = mann_whitney(a, b, "greater"), mann_whitney(b, a, "less")
        np.testing.assert_allclose(greater.pvalue, less.pvalue, rtol=1e-12)
        np.testing.assert_allclose(greater.effect_size, 1 - less.effect_size, rtol=1e-12)

    def test_equal_samples_are_no_evidence(self):
        result = mann_whitney(np.ones((20, 1)), np.ones((15, 1)))
        assert result.effect_size[0] == 0.5
        assert result.pvalue[0] == 1.0
        for alternative in ("greater", "less", "two-sided"):
            assert mann_whitney(np.ones((2, 1)), np.ones((1, 1)), alternative).pvalue[0] == 1.0

    def test_no_columns(self):
        result = mann_whitney(np.empty((4, 0)), np.empty((3, 0)))
        assert [values.shape for values in result] == [(0,)] * 4

    def test_holds_its_level_and_finds_a_shift(self, rng):
        a, b = rng.normal(size=(15, 2000)), rng.normal(size=(20, 2000))
        assert np.mean(mann_whitney(a, b).pvalue < 0.05) == pytest.approx(0.05, abs=0.015)
        assert np.mean(mann_whitney(a + 1.5, b).pvalue < 0.05) > 0.95


class TestVanElteren:
    def test_weights_of_strata(self):
        auroc, m, n = np.array([0.6, 0.9]), np.array([10, 2]), np.array([30, 4])
        w = np.array([10 * 30 / 41, 2 * 4 / 7])
        assert van_elteren_auroc(auroc, m, n) == pytest.approx((w * auroc).sum() / w.sum())

    def test_undefined_strata_are_left_out(self):
        auroc = np.array([[0.6, NAN, 0.8], [NAN, NAN, NAN]])
        m, n = np.array([5, 0, 5]), np.array([5, 9, 5])
        np.testing.assert_allclose(van_elteren_auroc(auroc, m, n), [0.7, NAN])

    def test_is_the_stratified_rank_sum_statistic(self, rng):
        # The sum over strata of rank sums over (n + 1), less its smallest value, over its range.
        sizes, total, least, most, aurocs, ms = [12, 30, 7], 0.0, 0.0, 0.0, [], []
        for size in sizes:
            scores, labels = rng.normal(size=size), np.arange(size) % 3 == 0
            m = int(labels.sum())
            rank_sum = stats.rankdata(scores)[labels].sum()
            low = m * (m + 1) / 2
            total += rank_sum / (size + 1)
            least += low / (size + 1)
            most += (low + m * (size - m)) / (size + 1)
            aurocs.append((rank_sum - low) / (m * (size - m)))
            ms.append(m)
        m, n = np.array(ms), np.array(sizes) - np.array(ms)
        expected = (total - least) / (most - least)
        assert van_elteren_auroc(np.array(aurocs), m, n) == pytest.approx(expected, rel=1e-12)

    def test_no_strata(self):
        none = np.empty(0, dtype=int)
        assert np.isnan(van_elteren_auroc(np.empty(0), none, none))


@pytest.fixture
def rng():
    return np.random.default_rng(20240607)
