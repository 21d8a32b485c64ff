"""The report as an object: its tables, its settings, its short forms."""

import dataclasses

import pandas as pd
import pytest

from leakcheck import ValidationError
from leakcheck.report import AuditReport
from leakcheck.results import TABLES

from .factory import make_report


def test_a_report_has_every_table_and_keeps_what_it_is_given():
    report = make_report(2, 1)
    for name in TABLES:
        assert list(getattr(report, name).columns) == list(TABLES[name])
    assert report.settings["models"] == ["honest", "memoriser"]


def test_a_report_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_report(1, 1).verdict = pd.DataFrame()


def test_a_table_of_another_shape_is_refused():
    wrong = make_report(1, 1).scores.drop(columns=["no_skill"])
    with pytest.raises(ValidationError, match="`scores` must have the columns"):
        make_report(1, 1, tables={"scores": wrong})


@pytest.mark.parametrize("name", ["margin", "confidence_level"])
def test_settings_that_judging_needs_must_be_there(name):
    with pytest.raises(ValidationError, match=f"must hold the float '{name}'"):
        make_report(1, 1, settings={name: None})


def test_to_frame_gives_a_copy():
    report = make_report(1, 1)
    frame = report.to_frame("scores")
    frame.loc[0, "value"] = -1.0
    assert report.scores["value"][0] != -1.0
    pd.testing.assert_frame_equal(report.to_frame(), report.verdict)


def test_to_frame_names_the_tables_it_has():
    with pytest.raises(ValidationError, match=r"`name` must be one of .*'within_locus'.*'score'"):
        make_report(1, 1).to_frame("score")
    with pytest.raises(ValidationError, match="`name` must be one of"):
        make_report(1, 1).to_frame(["scores"])


def test_repr_is_one_short_line():
    assert repr(make_report(3, 2)) == (
        "<AuditReport: 3 models x 2 targets; print() it for the answer>"
    )


def test_the_notebook_table_escapes_what_users_wrote():
    report = make_report(models=["honest<script>alert(1)</script>", "a&b"], n_targets=1)
    html = report._repr_html_()
    assert "<script>" not in html
    assert "honest&lt;script&gt;" in html
    assert "a&amp;b" in html
    assert html.count("<tr>") == 1 + len(report.summary)


def test_reports_are_compared_by_identity_not_by_frames():
    report = make_report(1, 1)
    assert report == report  # noqa: PLR0124 - frames inside have no truth value
    assert report != AuditReport.from_json(report.to_json())
