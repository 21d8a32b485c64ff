"""Muted findings are gone from sight, not from the record; every check has a status."""

import pytest

import leakcheck
from leakcheck.checks import CHECKS
from leakcheck.exceptions import ValidationError
from tests.worlds import assert_same_tables, small_report, small_world


def test_muting_takes_findings_out_and_keeps_the_record():
    report = small_report()
    (n,) = {int((report.findings["code"] == "LK022").sum())}
    assert n == 1
    muted = report.muted("LK022", "LK018", reason="known")
    assert "LK022" not in set(muted.findings["code"])
    assert len(muted.findings) == len(report.findings) - n
    assert muted.settings["muted"] == {
        "LK018": {"n_findings": 0, "reason": "known"},
        "LK022": {"n_findings": 1, "reason": "known"},
    }
    assert "muted" not in report.settings
    assert_same_tables(muted, report, names=("verdict", "scores", "summary", "information"))
    assert muted.passed() == report.passed()


def test_muting_twice_adds_up_and_repeats_lose_nothing():
    once = small_report().muted("LK022", reason="first")
    twice = once.muted("LK025").muted("LK022", reason="again")
    assert twice.settings["muted"]["LK022"] == {"n_findings": 1, "reason": "again"}
    assert set(twice.settings["muted"]) == {"LK022", "LK025"}


def test_muted_codes_are_said_wherever_findings_are_shown():
    muted = small_report().muted("LK022")
    assert "Muted: LK022 (1)." in str(muted)
    assert "- Muted: LK022 (1)." in muted.to_markdown()
    assert "Muted" not in str(small_report())
    again = leakcheck.AuditReport.from_json(muted.to_json())
    assert again.settings["muted"] == muted.settings["muted"]
    assert_same_tables(again, muted)


def test_judging_again_does_not_bring_them_back():
    report = small_report()
    code = "LK003"
    assert code in set(report.findings["code"])
    muted = report.muted(code)
    assert code not in set(muted.judge(0.2).findings["code"])
    assert muted.settings["muted"] == muted.judge(0.2).settings["muted"]


@pytest.mark.parametrize(("codes", "words"), [((), "none came"), (("LK999",), "'LK999' is none")])
def test_unknown_codes_are_refused(codes, words):
    with pytest.raises(ValidationError, match=words):
        small_report().muted(*codes)


def statuses(report):
    return report.checks.set_index("code")["status"]


def test_every_check_has_a_status():
    report = small_report().muted("LK022", reason="known")
    table = report.checks
    assert table["code"].tolist() == list(CHECKS)
    assert set(table["status"]) == {"found", "clear", "muted", "not applicable"}
    found = set(table.loc[table["status"] == "found", "code"])
    assert found == set(report.findings["code"])
    assert table.set_index("code").loc["LK022", ["status", "n_findings", "reason"]].tolist() == [
        "muted", 1, "known",
    ]  # fmt: skip
    assert (table.loc[table["status"] == "not applicable", "reason"] != "").all()


def test_what_could_not_be_made_is_not_clear():
    status = statuses(small_report())
    assert status["LK023"] == status["LK024"] == "not applicable"  # no families
    assert status["LK027"] == "not applicable"  # binary labels
    assert status["LK032"] == "not applicable"  # asks for the training pairs
    assert status["LK031"] == "not applicable"  # no audited locus is new
    assert status["LK010"] == "clear"  # there is a signal
    world = small_world()
    assert statuses(world.audit())["LK010"] == "not applicable"
    genes = [f"g{i}" for i in range(len(world.labels))]
    tables = {
        "loci": None,
        "labels": world.labels.set_axis(genes),
        "preds": {name: table.set_axis(genes) for name, table in world.preds.items()},
    }
    named = world.audit(**tables)
    assert statuses(named)["LK018"] == "found"
    assert statuses(named)["LK006"] == "not applicable"
    assert statuses(named)["LK029"] == statuses(named.muted("LK018"))["LK029"] == "not applicable"
    given = world.audit(**tables, blocks=[f"b{i % 12}" for i in range(len(genes))])
    assert statuses(given)["LK018"] == "not applicable"
    few = world.audit(**tables, blocks=[f"b{i % 3}" for i in range(len(genes))])
    assert statuses(few)["LK006"] == "found"
