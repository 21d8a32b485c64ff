"""Families stratum by stratum: scipy's Mann-Whitney, a literal jackknife, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leakcheck.families import FAMILY_METRIC, MIN_CLASS, are_too_few, family_rows
from leakcheck.metrics import evaluate
from leakcheck.results import TABLES, build_table
from leakcheck.strata import Strata
from tests.worlds import expected_ap, literal_jackknife, make_view


@pytest.mark.parametrize("n_strata", [1, 20, 54])
@pytest.mark.parametrize(("n_a", "n_b"), [(2, 3), (3, 3), (6, 6), (7, 7), (6, 7), (3, 16), (3, 17)])
def test_families_are_too_few_where_none_of_their_orders_reaches_5_percent(n_a, n_b, n_strata):
    separated = stats.mannwhitneyu(
        range(n_b, n_a + n_b), range(n_b), alternative="greater", method="exact"
    ).pvalue
    assert separated == pytest.approx(1 / math.comb(n_a + n_b, n_a), rel=1e-12)
    assert are_too_few(n_a, n_b, n_strata) == (n_strata * separated > 0.05)


def compared(view, strata, scores, families, kind="binary", level=0.95):
    """The table `comparisons`, by pair of families and stratum."""
    models = [evaluate(view, name, "model", values, kind) for name, values in scores.items()]
    parts = family_rows(view, strata, scores, models, families, kind, level)
    if not parts:
        return None
    columns = {key: [v for part in parts for v in part[key]] for key in parts[0]}
    assert set(TABLES["comparisons"]) - set(columns) == {"pvalue_adjusted", "pvalue_loci_adjusted"}
    table = build_table("comparisons", columns)
    return table.set_index(["family_a", "family_b", "stratum"]).sort_index()


N = 300


def draw(n_a, n_b, *, gain=0.4, kind="binary", seed=0):
    """Models of two families and one without; strata 1 to 3 and loci in none."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=N)
    labels = (latent > 0).astype(float) if kind == "binary" else latent
    blocks = np.minimum(rng.integers(0, 14, N), 9)
    view = make_view(labels, rng.random(N), blocks=blocks)
    strata = Strata(names=("1", "2", "3"), codes=rng.integers(-1, 3, N))
    scores, families = {}, {}
    for i in range(max(n_a, n_b)):
        for family, n, skill in (("a", n_a, 1 + gain), ("b", n_b, 1.0)):
            if i < n:
                scores[f"{family}{i}"] = skill * latent + 2 * rng.normal(size=N)
                families[f"{family}{i}"] = family
    scores["outsider"] = rng.normal(size=N)
    return view, strata, scores, families


def values_of(view, inside, scores, families, family, metric):
    names = [name for name in scores if families.get(name) == family]
    return np.array([metric(view.labels[inside], scores[name][inside]) for name in names])


def pearson(y, s):
    return stats.pearsonr(y, s).statistic


METRIC = {"binary": expected_ap, "continuous": pearson}


class TestNumbers:
    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    @pytest.mark.parametrize("sizes", [(4, 5), (9, 12)], ids=["exact", "asymptotic"])
    def test_mann_whitney_is_scipys_in_every_stratum(self, sizes, kind):
        view, strata, scores, families = draw(*sizes, kind=kind)
        table = compared(view, strata, scores, families, kind)
        assert set(table.index.get_level_values("family_a")) == {"a", "b"}
        for code, stratum in enumerate([*strata.names, "all"]):
            inside = strata.codes == code if stratum != "all" else np.ones(N, dtype=bool)
            a = values_of(view, inside, scores, families, "a", METRIC[kind])
            b = values_of(view, inside, scores, families, "b", METRIC[kind])
            for first, second, names in ((a, b, "ab"), (b, a, "ba")):
                row = table.loc[(*names, stratum)]
                expected = stats.mannwhitneyu(first, second, alternative="greater")
                assert row["statistic"] == expected.statistic
                assert row["pvalue"] == pytest.approx(expected.pvalue, rel=1e-9)
                size = len(first) * len(second)
                assert row["effect_size"] == pytest.approx(expected.statistic / size)
                assert row["difference"] == pytest.approx(first.mean() - second.mean())
                assert (row["n_a"], row["n_b"]) == (len(first), len(second))
                assert row["method"] == ("exact" if sizes == (4, 5) else "asymptotic")
                assert row["metric"] == FAMILY_METRIC[kind]
                assert row["target"] == "T"

    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    @pytest.mark.parametrize("level", [0.95, 0.9])
    def test_the_interval_is_the_jackknife_of_the_difference_of_means(self, kind, level):
        view, strata, scores, families = draw(3, 4, kind=kind)
        table = compared(view, strata, scores, families, kind, level)
        for code, stratum in enumerate([*strata.names, "all"]):
            rows = np.flatnonzero(strata.codes == code) if stratum != "all" else np.arange(N)

            def difference(kept, rows=rows):
                a, b = (
                    values_of(view, rows[kept], scores, families, f, METRIC[kind]) for f in "ab"
                )
                return a.mean() - b.mean()

            full, error, degrees = literal_jackknife(difference, view.blocks[rows])
            reach = stats.t.ppf(level, degrees) * error
            row = table.loc[("a", "b", stratum)]
            assert row["difference"] == pytest.approx(full)
            assert row["ci_low"] == pytest.approx(full - reach)
            assert row["ci_high"] == pytest.approx(full + reach)
            assert row["pvalue_loci"] == pytest.approx(stats.t.sf(full / error, degrees))

    def test_three_families_are_six_ordered_pairs(self):
        view, strata, scores, families = draw(2, 2)
        table = compared(view, strata, scores, families | {"outsider": "c"})
        pairs = {(a, b) for a, b, _ in table.index}
        assert pairs == {("a", "b"), ("b", "a"), ("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")}
        assert len(table) == 6 * 4

    def test_models_without_a_family_take_no_part(self):
        view, strata, scores, families = draw(3, 3)
        with_outsider = compared(view, strata, scores, families)
        del scores["outsider"]
        pd.testing.assert_frame_equal(with_outsider, compared(view, strata, scores, families))

    @pytest.mark.parametrize("kept", [[], ["a0"], ["a0", "a1"]])
    def test_fewer_than_two_families_are_not_compared(self, kept):
        view, strata, scores, families = draw(2, 2)
        assert compared(view, strata, scores, {k: families[k] for k in kept}) is None

    def test_equal_families_show_no_difference(self):
        view, strata, scores, _ = draw(2, 2)
        twins = {"x": scores["a0"], "y": scores["a0"]}
        row = compared(view, strata, twins, {"x": "a", "y": "b"}).loc[("a", "b", "all")]
        assert row["difference"] == 0
        assert row["effect_size"] == 0.5
        assert row["pvalue_loci"] == 1
        assert row["ci_low"] == row["ci_high"] == 0


class TestReasons:
    def test_small_families_are_told_so(self):
        """Of three strata; five models against five reach 5% there, three against three do not."""
        view, strata, scores, families = draw(3, 3)
        table = compared(view, strata, scores, families).loc[("a", "b")]
        few = "3 and 3 models are too few to reach 5% after Holm over 3 strata"
        assert table["reason"].to_dict() == {"1": few, "2": few, "3": few, "all": ""}
        assert table["pvalue"].notna().all()
        view, strata, scores, families = draw(5, 5)
        assert set(compared(view, strata, scores, families)["reason"]) == {""}
        view, strata, scores, families = draw(2, 3)
        row = compared(view, strata, scores, families).loc[("a", "b", "all")]
        assert row["reason"] == "2 and 3 models are too few to reach 5%"

    def test_a_model_without_a_score_in_a_stratum_is_not_counted_there(self):
        view, strata, scores, families = draw(4, 4, kind="continuous")
        scores["a0"] = np.where(strata.codes == 1, 0.0, scores["a0"])
        table = compared(view, strata, scores, families, "continuous").loc[("a", "b")]
        assert table["n_a"].to_dict() == {"1": 4, "2": 3, "3": 4, "all": 4}
        assert set(table["n_b"]) == {4}
        row = table.loc["2"]
        assert row["effect_size"] == pytest.approx(row["statistic"] / 12)
        assert "a score is undefined" in row["reason"]

    @pytest.mark.parametrize(("positives", "tested"), [(4, False), (5, True), (35, True)])
    def test_strata_with_few_of_a_class_are_not_tested(self, positives, tested):
        rng = np.random.default_rng(0)
        labels = np.concatenate([np.arange(40) < positives, rng.integers(0, 2, 260)])
        view = make_view(labels, rng.random(N))
        codes = np.repeat([0, 1], [40, 260])
        strata = Strata(names=("1", "2"), codes=codes)
        scores = {f"{f}{i}": rng.random(N) for f in "ab" for i in range(7)}
        families = {name: name[0] for name in scores}
        table = compared(view, strata, scores, families).loc[("a", "b")]
        numbers = ["statistic", "pvalue", "effect_size", "ci_low", "ci_high", "pvalue_loci"]
        assert table.loc["1", numbers].notna().all() == tested
        assert table.loc["2", numbers].notna().all()
        reason = f"fewer than {MIN_CLASS} of a class: not tested"
        assert table["reason"].to_dict() == {"1": "" if tested else reason, "2": "", "all": ""}
        assert (table.loc["1", "method"] == "") == (not tested)

    def test_continuous_strata_need_ten_loci(self):
        view, _, scores, families = draw(7, 7, kind="continuous")
        codes = np.full(N, 2)
        codes[:9], codes[9:19] = 0, 1
        strata = Strata(names=("q01", "q02", "q03"), codes=codes)
        table = compared(view, strata, scores, families, "continuous").loc[("a", "b")]
        assert np.isnan(table.loc["q01", "pvalue"])
        assert table.loc["q01", "reason"] == "fewer than 10 loci: not tested"
        assert table.loc[["q02", "q03"], "pvalue"].notna().all()

    def test_without_strata_the_whole_is_compared(self):
        view, _, scores, families = draw(3, 3)
        for kind in ("binary", "continuous"):
            strata = Strata(names=(), codes=np.full(N, -1))
            table = compared(view, strata, scores, families, kind)
            assert table.index.get_level_values("stratum").tolist() == ["all", "all"]
            assert table["pvalue"].notna().all()

    def test_one_class_is_not_computable(self):
        view, strata, scores, families = draw(7, 7)
        view = make_view(np.zeros(N), view.average)
        table = compared(view, strata, scores, families)
        assert table["pvalue"].isna().all()
        assert table.loc[("a", "b", "all"), "reason"] == "not computable"

    def test_a_block_with_all_positives_leaves_the_interval_undefined(self):
        view, strata, scores, families = draw(7, 7)
        labels = np.zeros(N)
        labels[np.flatnonzero(view.blocks == 9)[:8]] = 1
        view = make_view(labels, view.average, blocks=view.blocks)
        row = compared(view, strata, scores, families).loc[("a", "b", "all")]
        assert np.isfinite(row["pvalue"])
        assert np.isnan(row["pvalue_loci"])
        assert row["reason"] == "no interval: a score is undefined, or would be without a block"
