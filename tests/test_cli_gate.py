"""`leakcheck gate`: how it exits, and what it says that it asked."""

import pytest
from typer.testing import CliRunner

from leakcheck import cli

from .report.factory import make_report


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "report.json"
    make_report(models=["honest", "memoriser", "copier"], n_targets=2).to_json(path)
    return path


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--model", "honest"], 0),
        (["--model", "honest", "--model", "copier"], 1),
        (["--model", "copier", "--baseline", "average-activity"], 0),
        (["--model", "honest", "--margin", "0.9"], 1),
        (["--model", "honest", "--specific", "--adjusted", "--min-share", "0.5"], 0),
        (["--model", "copier", "--baseline", "average-activity", "--specific"], 1),
        (["--model", "honset"], 2),
        (["--baseline", "nearest"], 2),
        (["--min-share", "2"], 2),
        (["--margin", "7"], 2),
    ],
)
def test_gate_exits_with_the_answer(stored, options, code):
    result = run("gate", stored, *options)
    assert result.exit_code == code
    start = {0: "", 1: "Gate failed: ", 2: "Error: "}[code]
    assert result.stderr.startswith(start)
    assert result.stdout.startswith("Passed: ") == (code == 0)


def test_gate_says_that_it_asked_for_more(stored):
    honest = ("--model", "honest", "--baseline", "average-activity", "--specific")
    words = "beats average-activity at every testable target, and is cell-type-specific there."
    assert run("gate", stored, *honest).stdout == f"Passed: honest {words}\n"
    overall = run("gate", stored, *honest, "--per", "overall").stdout
    assert overall.endswith("in the mean of the targets, and is cell-type-specific at each.\n")
    two = run("gate", stored, *honest[:2], "--model", "copier", "--baseline", "average-activity")
    assert (
        two.stdout == "Passed: honest and copier beat average-activity at every testable target.\n"
    )


def test_gate_says_what_passed(stored):
    result = run("gate", stored, "--model", "honest")
    assert result.stdout == (
        "Passed: honest beats average-activity and nearest-celltype at every testable target.\n"
    )
    result = run("gate", stored, "--baseline", "average-activity", "--model", "copier",
                 "--min-share", "0.5")  # fmt: skip
    assert result.stdout.endswith("at 50% of the testable targets or more.\n")


def test_gate_reads_its_report_once(stored, monkeypatch):
    text = stored.read_text(encoding="utf-8")
    reads = iter([text])  # as of a pipe
    monkeypatch.setattr(type(stored), "read_text", lambda *_args, **_options: next(reads))
    assert run("gate", stored, "--model", "honest").exit_code == 0


def test_gate_refuses_what_is_no_report(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "r.html").write_text("<!DOCTYPE html>\n<html></html>")
    whys = {"x.json": "its `schema` is None", "r.html": "it is HTML", "none.json": "there is no"}
    for name, why in whys.items():
        result = run("gate", tmp_path / name)
        assert result.exit_code == 2
        assert result.stderr.startswith("Error: `REPORT` must be a report")
        assert why in result.stderr
