"""Judging a stored report again under another margin."""

import dataclasses

import pandas as pd
import pytest

from leakcheck import ValidationError
from leakcheck._report import judge
from leakcheck.report import AuditReport
from leakcheck.results import TABLES
from leakcheck.verdicts import judge_verdicts

from .factory import make_report

JUDGED = {"verdict", "summary", "information", "findings"}


def test_judging_under_the_own_margin_changes_no_verdict():
    report = make_report(6, 4)
    again = report.judge(0.05)
    for name in set(TABLES) - {"findings"}:
        pd.testing.assert_frame_equal(again.to_frame(name), report.to_frame(name))


def test_another_margin_gives_what_an_audit_with_it_gives():
    again = make_report(6, 4, margin=0.05).judge(0.4)
    fresh = make_report(6, 4, margin=0.4)
    for name in set(TABLES) - {"findings"}:
        pd.testing.assert_frame_equal(again.to_frame(name), fresh.to_frame(name))
    assert again.settings == fresh.settings


def test_judging_leaves_the_report_and_the_other_tables_alone():
    report = make_report(6, 2)
    before = {name: report.to_frame(name) for name in TABLES}
    again = report.judge(0.3)
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(report, name), table)
        if name not in JUDGED:
            pd.testing.assert_frame_equal(getattr(again, name), table)
    assert report.settings["margin"] == 0.05


def test_judging_survives_the_way_through_json():
    report = AuditReport.from_json(make_report(6, 4).to_json())
    words, flags = judge_verdicts(report.verdict, 0.3)
    again = AuditReport.from_json(report.judge(0.3).to_json())
    assert again.verdict["verdict"].tolist() == list(words)
    assert again.verdict["flag"].tolist() == list(flags)
    assert again.settings["margin"] == 0.3


def test_findings_that_follow_from_verdicts_are_made_again():
    report = make_report(models=["mixture"], n_targets=1)
    assert "LK003" not in set(report.judge(0.05).findings["code"])
    wide = report.judge(0.3).findings
    assert "average activity" in wide.loc[wide["code"] == "LK003", "title"].item()
    assert set(wide["code"]) >= {"LK009", "LK017", "LK018"}


def test_noise_is_not_called_a_memoriser_under_any_margin():
    report = make_report(models=["random"], n_targets=2)
    for margin in (0.0, 0.05, 0.5):
        words = set(report.judge(margin).information["conclusion"])
        assert words == {"no better than a random score"}


def test_noise_is_remembered_where_its_metric_was_not_asked_for():
    report = make_report(models=["random"], n_targets=1)
    scores = report.scores[report.scores["metric"] != "auroc"].reset_index(drop=True)
    again = dataclasses.replace(report, scores=scores).judge(0.2)
    assert again.information["conclusion"].tolist() == ["no better than a random score"]


def test_rows_of_the_summary_without_a_verdict_keep_their_counts():
    report = make_report(1, 1)
    more = pd.concat([report.summary, report.summary.iloc[[0]].assign(baseline="other", n_beats=7)])
    kept = make_report(1, 1, tables={"summary": more.reset_index(drop=True)}).judge(0.3).summary
    assert kept["n_beats"].tolist()[-1] == 7
    assert kept["n_beats"].dtype == "int64"


@pytest.mark.parametrize("margin", [-0.01, 1.0, float("nan"), "0.1", None])
def test_margins_outside_the_range_are_refused(margin):
    with pytest.raises(ValidationError, match=r"`margin` must be a number in \[0, 1\)"):
        make_report(1, 1).judge(margin)


def test_a_bound_that_touches_no_skill_is_no_better_than_chance():
    """A constant score has an AUROC of 0.5, and no error: its bounds are 0.5."""
    scores = pd.DataFrame(
        {
            "model": ["constant", "better", "constant", "average-activity"],
            "target": "A",
            "kind": ["model", "model", "model", "baseline"],
            "metric": ["auroc", "auroc", "average_precision", "auroc"],
            "ci_low": [0.5, 0.5001, 0.9, 0.5],
            "no_skill": [0.5, 0.5, 0.3, 0.5],
        }
    )
    verdict = pd.DataFrame({"companion_metric": ["auroc", "auroc"]})
    assert judge._no_better_than_chance(scores, verdict) == {("constant", "A")}
