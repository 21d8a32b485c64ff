"""The audit of real-valued labels."""

import numpy as np
import pandas as pd
import pytest

from tests.worlds import assert_nothing_is_silent, small_world

KNOWN = "cell-type-specific"


def _specificity(report, model):
    return report.information.query("model == @model")["specificity"].tolist()


def verdicts(report, model, baseline="average-activity"):
    return report.verdict.query("model == @model and baseline == @baseline")["verdict"].tolist()


class TestContinuousLabels:
    @pytest.fixture
    def report(self):
        world = small_world(7, ("memoriser", "honest-strong", "random"), n_loci=1500)
        return world.audit(
            labels=np.log(world.signal), families={"memoriser": "a", "honest-strong": "b"}
        )

    def test_every_table_is_made(self, report):
        assert_nothing_is_silent(report)
        assert report.settings["label_kind"] == "continuous"
        assert report.settings["choices"]["primary_metric"] == "mse"
        assert set(report.verdict["metric"]) == {"mse"}
        assert set(report.verdict["companion_metric"]) == {"pearson"}
        assert report.strata["stratum"].nunique() == 20
        assert len(report.comparisons) == 2 * 3 * 21
        assert (report.design[["n_never_active", "n_always_active", "n_variable"]] == 0).all(
            axis=None
        )
        assert "prevalence" not in set(report.scores["model"])
        assert "LK025" not in set(report.findings["code"])

    def test_knowledge_is_told_from_memory(self, report):
        assert set(_specificity(report, "honest-strong")) == {KNOWN}
        assert KNOWN not in _specificity(report, "memoriser") + _specificity(report, "random")
        within = report.within_locus.set_index("model")
        assert within.loc["memoriser", "concordance"] == 0.5
        assert within.loc["honest-strong", "pvalue"] < 1e-6

    def test_a_model_in_the_unit_of_the_labels_beats_the_average(self):
        world = small_world(6, ("random",), n_loci=1500)
        labels = np.log(world.signal)
        rng = np.random.default_rng(0)
        noisy = labels[world.targets] + 0.1 * rng.normal(size=(1500, 3))
        report = world.audit(preds={"good": noisy, "shifted": noisy + 100}, labels=labels)
        for baseline in ("average-activity", "nearest-celltype"):
            assert set(verdicts(report, "good", baseline)) == {"beats"}
            assert set(verdicts(report, "shifted", baseline)) == {"does-not-beat"}
        scores = report.scores.query("metric == 'mse'").set_index(["model", "target"])["value"]
        np.testing.assert_allclose(scores["good"], 0.01, rtol=0.2)
        # bounds and baselines are in the unit of the labels too
        assert (scores["supervised-ceiling"] < scores["average-activity"]).all()
        assert (scores["nearest-celltype"] < labels.to_numpy().var()).all()

    def test_missing_labels_are_left_out(self):
        world = small_world(7, ("memoriser", "honest-strong"))
        labels = np.log(world.signal).mask(np.random.default_rng(0).random((400, 12)) < 0.3)
        report = world.audit(labels=labels)
        assert_nothing_is_silent(report)
        observed = labels[world.targets].notna().sum()
        assert report.design.set_index("target")["n_loci"].to_dict() == observed.to_dict()

    def test_counts_are_warned_about(self):
        world = small_world()
        report = world.audit(labels=np.exp(2 * np.log(world.signal)))
        assert "LK027" in set(report.findings["code"])

    @pytest.mark.parametrize("value", [0.0, 1.0, 100.0])
    def test_a_constant_is_lost_where_its_error_says_so(self, value):
        """It has no correlation to be tested, and is no 0/1 call."""
        world = small_world(7, ("memoriser",), n_loci=1500)
        labels = np.log(world.signal)
        constant = labels[world.targets] * 0 + value
        report = world.audit(preds={"constant": constant}, labels=labels)
        assert_nothing_is_silent(report)
        assert (report.verdict["skill_ci_high"] < 0).all()
        assert set(report.verdict["verdict"]) == {"does-not-beat"}
        assert set(report.verdict["flag"]) == {"worse"}
        assert set(report.verdict["reason"]) == {"pearson is undefined: a variance is zero"}
        assert "LK012" not in set(report.findings["code"])
        for margin in (0.0, 0.5):
            assert set(report.judge(margin).verdict["verdict"]) == {"does-not-beat"}

    def test_a_copy_of_the_average_is_the_average_however_it_was_summed(self):
        world = small_world(7, ("memoriser",), n_loci=1500)
        labels = np.log(world.signal)
        backwards = labels[world.references[::-1]].sum(axis=1) / len(world.references)
        assert (backwards != labels[world.references].mean(axis=1)).any()
        copy = labels[world.targets].apply(lambda _: backwards)
        report = world.audit(preds={"copy": copy, "offset": copy + 3}, labels=labels)
        assert_nothing_is_silent(report)
        rows = report.verdict.query("model == 'copy' and baseline == 'average-activity'")
        numbers = rows[["difference", "skill", "companion_difference", "skill_se"]]
        assert (numbers == 0).all(axis=None)
        anomalies = report.scores.query("metric == 'anomaly_correlation' and kind == 'model'")
        assert anomalies["value"].isna().all()
        assert (anomalies["reason"] != "").all()

    def test_offsets_of_cell_types_change_nothing_within_a_locus(self):
        """Neither those of labels, of which every locus would be discordant in one direction."""
        world = small_world(7, ("memoriser", "honest-strong"), n_loci=1500)
        labels = np.log(world.signal)
        offsets = {name: 5.0 * at for at, name in enumerate(world.targets)}
        plain = world.audit(labels=labels)
        moved = world.audit(
            labels=labels.add(pd.Series(offsets).reindex(labels.columns, fill_value=0.0)),
            preds={name: frame.add(pd.Series(offsets)) for name, frame in world.preds.items()},
        )
        for report in (plain, moved):
            within = report.within_locus.set_index("model")
            assert within.loc["memoriser", "concordance"] == pytest.approx(0.5, abs=1e-3)
            assert within.loc["honest-strong", "pvalue"] < 1e-6
        columns = ["concordance", "ci_low", "ci_high"]
        np.testing.assert_allclose(
            plain.within_locus[columns], moved.within_locus[columns], atol=1e-3
        )
        assert plain.within_locus["n_directions"].tolist() == [6, 6]
        assert moved.within_locus["n_directions"].tolist() == [6, 6]
