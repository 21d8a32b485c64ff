"""Options of the audit: what is refused before any work, and what each one changes."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.exceptions import ValidationError
from tests.worlds import assert_same_tables, small_report, small_world


@pytest.fixture
def world():
    return small_world()


@pytest.fixture
def report():
    return small_report()


class TestOptions:
    @pytest.mark.parametrize(
        ("option", "match"),
        [
            ({"margin": 1.0}, r"`margin` must be a skill in \[0, 1\); 1.0 came"),
            ({"margin": -0.1}, r"`margin` .* -0.1 came"),
            ({"margin": float("nan")}, "`margin` .* nan came"),
            ({"confidence_level": 0.5}, "`confidence_level` .* 0.5 came"),
            ({"confidence_level": 95}, "`confidence_level` .* 95 came"),
            ({"signal_transform": "log"}, "`signal_transform` .* arcsinh, none; 'log' came"),
            ({"metrics": ["auc"]}, "`metrics` .* 'auc'"),
            ({"strata": "variance"}, "`strata` .* 'variance' came"),
            ({"strata": [1, 2]}, "`strata` must have one value for each locus"),
            ({"parameters": {"memorizer": 5}}, "`parameters` .* 'memorizer'.* memoriser, honest"),
            ({"blocks": [1, 2]}, "`blocks` must have one value for each locus"),
            ({"similarity": "C1"}, "`similarity` .* Did you mean 'C1"),
            ({"families": {"m": "a"}}, "`families`"),
        ],
    )
    def test_outside_their_range_are_refused(self, world, option, match):
        with pytest.raises(ValidationError, match=match):
            world.audit(**option)

    @pytest.mark.parametrize(
        ("option", "match"),
        [
            ({"margin": "0.1"}, "`margin` .* '0.1' came"),
            ({"margin": True}, "`margin` .* True came"),
            ({"confidence_level": "0.9"}, "`confidence_level` .* '0.9' came"),
            ({"random_state": "x"}, "`random_state` must be a whole number or a numpy Gen.*'x'"),
            ({"random_state": 1.5}, "`random_state` .* 1.5 came"),
            ({"similarity": 3}, "`similarity` must be the name of a cell type.* a int came"),
            ({"similarity": np.eye(3)}, "`similarity` .* a ndarray came"),
            ({"executor": 3}, "`executor` must have a method `map`.* 3 came"),
            ({"progress": 3}, "`progress` must be a function.* 3 came"),
            ({"parameters": {"x": 1}}, "`parameters` .* 1 other came, the first 'x'"),
            ({"parameters": {"x": 1, "y": 1}}, "`parameters` .* 2 others came"),
            ({"parameters": {"memoriser": "many"}}, "`parameters` .* 'many' came for 'memoriser'"),
            ({"parameters": {"memoriser": np.nan}}, "`parameters` .* nan came"),
            ({"parameters": {"memoriser": 2.7}}, "`parameters` .* 2.7 came"),
            ({"parameters": {"memoriser": -3}}, "`parameters` .* -3 came"),
            ({"parameters": 3}, "`parameters` must map names .* a int came"),
        ],
    )
    def test_of_another_type_are_refused_before_any_work(self, world, option, match, monkeypatch):
        def work(*_args, **_options):
            raise AssertionError("options are checked first")

        monkeypatch.setattr("leakcheck._audit.run.ReferencePanel", work)
        with pytest.raises(ValidationError, match=match):
            world.audit(**option)

    def test_a_generator_is_kept_by_its_name(self, world, report):
        options = {"signal": world.signal, "parameters": {"memoriser": 1e6}}
        found = world.audit(random_state=np.random.default_rng(0), **options)
        assert found.settings["random_state"] == "Generator(PCG64)"
        assert found.settings["parameters"] == {"memoriser": 1_000_000}
        assert leakcheck.AuditReport.from_json(found.to_json()).settings == found.settings
        assert_same_tables(found, report)
        seeded = world.audit(random_state=np.int64(7), **options)
        assert seeded.settings["random_state"] == 7

    def test_margin_moves_verdicts_only(self, world, report):
        strict = world.audit(signal=world.signal, margin=0)
        assert strict.settings["margin"] == 0.0
        numbers = ["skill", "skill_ci_low", "skill_ci_high", "pvalue", "difference"]
        pd.testing.assert_frame_equal(strict.verdict[numbers], report.verdict[numbers])
        assert_same_tables(strict, report.judge(0.0))

    def test_confidence_level_widens_intervals_and_keeps_pvalues(self, world, report):
        strict = world.audit(signal=world.signal, confidence_level=0.99)
        assert (strict.verdict["skill_ci_low"] < report.verdict["skill_ci_low"]).all()
        assert (strict.verdict["skill_ci_high"] > report.verdict["skill_ci_high"]).all()
        pd.testing.assert_series_equal(strict.verdict["pvalue"], report.verdict["pvalue"])

    def test_metrics_choose_rows_of_scores(self, world):
        found = world.audit(metrics=["auroc", "average_precision"])
        assert found.scores["metric"].drop_duplicates().tolist() == ["auroc", "average_precision"]
        assert_same_tables(found, world.audit(), names=("verdict", "information", "strata"))

    def test_the_sign_is_doubted_whatever_metrics_are_shown(self, world):
        turned = {"turned": -world.preds["honest-strong"]}
        for metrics in (None, ["average_precision"]):
            found = world.audit(preds=turned, metrics=metrics).findings
            assert "LK008" in set(found["code"])

    def test_blocks_are_kept(self, world):
        found = world.audit(blocks=np.arange(400) // 25)
        assert found.settings["choices"]["blocks"] == "given"
        assert (found.design["n_blocks"] == 16).all()
        assert (found.verdict["degrees_of_freedom"] == 15).all()

    def test_custom_strata(self, world):
        strata = np.where(np.arange(400) % 2, "odd", "even")
        found = world.audit(strata=strata)
        assert found.strata["stratum"].unique().tolist() == ["even", "odd"]
        assert found.settings["choices"]["strata"] == "custom"
        assert_same_tables(found, world.audit(strata=lambda data, target: strata))

    def test_a_named_nearest_cell_type(self, world):
        found = world.audit(similarity=world.references[2])
        assert set(found.design["nearest"]) == {world.references[2]}
        assert set(found.design["nearest_source"]) == {"named"}
        assert found.settings["choices"]["nearest"] == "named"
        assert "LK022" not in set(found.findings["code"])

    def test_raw_signal_is_warned_about(self, world, report):
        found = world.audit(signal=world.signal, signal_transform="none")
        assert "LK010" in set(found.findings["code"])
        assert "LK010" not in set(report.findings["code"])
        assert found.settings["choices"]["signal_transform"] == "none"

    def test_signal_beside_continuous_labels_is_refused(self, world):
        with pytest.raises(ValidationError, match="`signal`"):
            world.audit(labels=np.log(world.signal), signal=world.signal)

    def test_random_state_is_kept(self, world, report):
        found = world.audit(signal=world.signal, random_state=7)
        assert found.settings["random_state"] == 7
        assert_same_tables(found, report)
