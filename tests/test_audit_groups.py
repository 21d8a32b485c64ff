"""The audit of families of models, and of targets against one another at a locus."""

import numpy as np
from statsmodels.stats.multitest import fdrcorrection

from tests.worlds import assert_nothing_is_silent, small_report, small_world


class TestFamilies:
    def test_are_compared_in_strata_and_whole(self):
        models = ("honest-strong", "honest-weak", "random")
        world = small_world(2, models)
        families = {"honest-strong": "good", "honest-weak": "good", "random": "bad"}
        found = world.audit(families=families)
        table = found.comparisons
        assert set(zip(table["family_a"], table["family_b"], strict=True)) == {
            ("good", "bad"), ("bad", "good"),
        }  # fmt: skip
        assert table.groupby(["family_a", "target"]).size().unique().tolist() == [9]
        whole = table.query("stratum == 'all'")
        assert (whole["pvalue_adjusted"] == whole["pvalue"]).all()
        assert (whole["pvalue_loci_adjusted"] == whole["pvalue_loci"]).all()
        assert {"LK023", "LK024"} <= set(found.findings["code"])
        assert found.settings["families"] == families
        assert_nothing_is_silent(found)

    def test_pvalues_are_adjusted_over_strata(self):
        world = small_world(2, ("honest-strong", "honest-weak", "random"), n_loci=1500)
        families = {"honest-strong": "good", "honest-weak": "good", "random": "bad"}
        table = world.audit(families=families).comparisons.query("stratum != 'all'")
        for column in ("pvalue", "pvalue_loci"):
            for _, part in table.groupby(["family_a", "target"]):
                defined = part[column].notna()
                expected = fdrcorrection(part.loc[defined, column])[1]
                np.testing.assert_allclose(part.loc[defined, f"{column}_adjusted"], expected)
                assert part.loc[~defined, f"{column}_adjusted"].isna().all()

    def test_without_families_there_is_nothing_to_compare(self):
        assert len(small_report().comparisons) == 0


class TestWithinLocus:
    def test_memorisers_get_exactly_one_half_and_the_honest_more(self):
        world = small_world(0, ("memoriser", "offset-memoriser", "honest-strong"), n_loci=1500)
        table = world.audit().within_locus.set_index("model")
        assert (table["n_directions"] > 0).all()
        assert (table["n_targets"] == 3).all()
        assert table.loc["memoriser", "concordance"] == 0.5
        assert table.loc["memoriser", "pvalue"] == 1
        assert table.loc["memoriser", ["ci_low", "ci_high"]].tolist() == [0.5, 0.5]
        assert table.loc["offset-memoriser", "pvalue"] > 0.05
        assert table.loc["honest-strong", "pvalue"] < 1e-6
        assert table.loc["honest-strong", "ci_low"] > 0.8

    def test_few_discordant_loci_are_a_reason(self):
        world = small_world(0, ("memoriser",), n_loci=150)
        table = world.audit().within_locus
        assert table["reason"].tolist() == [
            "no pair of targets has 100 discordant loci in each direction"
        ]
        assert np.isnan(table["concordance"]).all()
