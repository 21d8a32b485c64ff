"""The command `leakcheck reproduce`: options, progress, what is told, exit codes."""

import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from leakcheck._cli import reproduce as command
from leakcheck.cli import app
from leakcheck.reference import reproduce, sources
from leakcheck.reference.presets import find_preset
from leakcheck.reference.store import Job
from leakcheck.reference.sweep import Event, Failure, Outcome

JOB = Job(task="expression", trained_in="hybrid", model="dense-1x8")
TRENDS = pd.DataFrame(
    {
        "where": ["a", "longer"],
        "trend": ["rises", "falls"],
        "value": [0.123456, float("nan")],
        "bound": [">= 0.1", "<= 0.02"],
        "holds": [True, False],
    }
)


@pytest.fixture
def called(monkeypatch):
    """Stand for data and reproduction; gives what they were called with."""
    told = {"failures": (), "skipped": (), "trends": TRENDS}

    def load_tasks(source, **given):
        told["load"] = (source, given)
        return {"expression": "task"}

    def whole(output, tasks, preset, **given):
        told["whole"] = (output, tasks, preset, given)
        given["say"]("A step.")
        if given["report"] is not None:
            given["report"](Event(job=JOB, n_done=1, n_total=2, share=0.5, seconds=1.0))
        return reproduce.Reproduction(
            outcome=Outcome(finished=(JOB,), found=(), failures=told["failures"]),
            trends=told["trends"],
            files=(output / "a", output / "b"),
            skipped=told["skipped"],
        )

    monkeypatch.setattr(sources, "load_tasks", load_tasks)
    monkeypatch.setattr(reproduce, "reproduce", whole)
    return told


def run(*arguments):
    """Run the command."""
    return CliRunner().invoke(app, ["reproduce", *map(str, arguments)])


def test_options_reach_the_library(called, tmp_path, capsys):
    result = run(
        "--preset", "small", "--data", "roadmap-lite", "-o", tmp_path / "out", "--workers", 3,
        "--threads", 2, "--seed", 7, "--cache", tmp_path / "cache", "S3", "1",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    source, given = called["load"]
    assert source == "roadmap-lite"
    progress = given.pop("progress")
    assert given == {"cache": tmp_path / "cache", "preset": "small", "genome": None}
    progress("E003 H3K4me3", 4, 80)
    assert capsys.readouterr().err == "[5/80] E003 H3K4me3\n"
    output, tasks, preset, given = called["whole"]
    assert (output, tasks, preset) == (
        tmp_path / "out",
        {"expression": "task"},
        find_preset("small"),
    )
    assert given["figures"] == ("1", "S3")
    assert (given["workers"], given["threads"], given["seed"]) == (3, 2, 7)
    assert (tmp_path / "cache").is_dir()


def test_simulated_data_follow_the_preset(called, tmp_path):
    assert run("-o", tmp_path, "-q").exit_code == 0
    source, given = called["load"]
    assert source == "simulated"
    assert given["genome"] == find_preset("tiny").genome
    assert given["cache"] == tmp_path / "data"
    assert given["progress"] is None
    assert called["whole"][3]["figures"] == reproduce.FIGURES
    run("-o", tmp_path, "--preset", "paper")
    assert called["load"][1]["genome"] is None


def test_trends_go_to_stdout_and_progress_to_stderr(called, tmp_path):
    result = run("-o", tmp_path)
    assert result.stdout.splitlines() == [
        "a       rises  0.123  >= 0.1   holds",
        "longer  falls  nan    <= 0.02  does not hold",
    ]
    assert "A step." in result.stderr
    assert re.search(
        r"\[1/2\] expression hybrid dense-1x8: 1\.0 s; 0 min \d\d s left", result.stderr
    )
    assert "Wrote 2 files" in result.stderr


def test_quiet_says_nothing_but_what_went_wrong(called, tmp_path):
    result = run("-o", tmp_path, "-q")
    assert result.output == ""
    called["skipped"] = ("Figure S3: there is no model.",)
    assert "Not drawn: Figure S3: there is no model." in run("-o", tmp_path, "-q").stderr


def test_without_trends_stdout_is_empty(called, tmp_path):
    called["trends"] = TRENDS.iloc[:0]
    assert run("-o", tmp_path).stdout == ""


def test_models_that_failed_are_listed_and_exit_with_1(called, tmp_path):
    called["failures"] = tuple(Failure(job=JOB, reason=f"reason {i}") for i in range(23))
    result = run("-o", tmp_path, "-q")
    assert result.exit_code == 1
    assert "23 models failed" in result.stderr
    assert result.stderr.count("expression hybrid dense-1x8: reason") == 20
    assert "and 3 more" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("S9",), "`figures` must be of 1, S1, S2, S3"),
        (("--preset", "huge"), "huge"),
        (("--workers", "0"), "workers"),
    ],
)
@pytest.mark.usefixtures("called")
def test_bad_input_exits_with_2(tmp_path, arguments, said):
    result = run("-o", tmp_path, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_output_is_asked_for():
    result = run()
    assert result.exit_code == 2
    assert "--output" in result.stderr


def test_a_line_tells_of_a_failure():
    failure = Failure(job=JOB, reason="ValueError: no")
    event = Event(job=JOB, n_done=2, n_total=2, share=1.0, seconds=2.0, failure=failure)
    assert command._line(event, 10.0) == "[2/2] expression hybrid dense-1x8: FAILED: ValueError: no"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min 00 s"), (61.4, "1 min 01 s"), (3599.6, "1 h 00 min"), (7325, "2 h 02 min")],
)
def test_time_is_told_in_hours_and_minutes(seconds, words):
    assert command._duration(seconds) == words


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    failure = Failure(job=JOB, reason="no [bold]")
    with command.progress(quiet=False) as report:
        report(Event(job=JOB, n_done=1, n_total=2, share=0.5, seconds=1.0))
        report(Event(job=JOB, n_done=2, n_total=2, share=1.0, seconds=1.0, failure=failure))
    assert "FAILED: no [bold]" in capsys.readouterr().err


def test_nobody_is_told_when_quiet():
    with command.progress(quiet=True) as report:
        assert report is None
