"""The command `leakcheck reproduce`: options, what is told, exit codes, and the preset `tiny`."""

import re
import subprocess
import sys
import types
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from leakcheck.cli import app
from leakcheck.exceptions import MissingDependencyError
from leakcheck.reference import reproduce, runtime, sources
from leakcheck.reference.presets import find_preset
from leakcheck.reference.store import Job
from leakcheck.reference.sweep import Event, Failure, Outcome

ROOT = Path(__file__).resolve().parents[1]
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
        return {"expression": types.SimpleNamespace(marks=("H3K4me3",))}

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

    monkeypatch.setattr(runtime, "require_backend", lambda: None)
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
    progress, fetched = given.pop("progress"), given.pop("fetch_progress")
    assert given == {
        "cache": tmp_path / "cache", "preset": "small", "genome": None, "marks": None,
    }  # fmt: skip
    progress("E003 H3K4me3", 4, 80)
    fetched("hg19.2bit", 1_000_000, 816_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "[5/80] E003 H3K4me3",
        "Fetching hg19.2bit (816.0 MB)",
    ]
    output, tasks, preset, given = called["whole"]
    assert (output, preset) == (tmp_path / "out", find_preset("small"))
    assert list(tasks) == ["expression"]
    assert given["figures"] == ("1", "S3")
    assert (given["workers"], given["threads"], given["seed"]) == (3, 2, 7)
    assert (tmp_path / "cache").is_dir()


def test_without_a_backend_nothing_is_read(called, tmp_path, monkeypatch):
    def missing():
        raise MissingDependencyError("`keras` is needed")

    monkeypatch.setattr(runtime, "require_backend", missing)
    result = run("-o", tmp_path / "out", "--data", "roadmap")
    assert (result.exit_code, result.stderr) == (2, "Error: `keras` is needed\n")
    assert "load" not in called
    assert not (tmp_path / "out").exists()


def test_simulated_data_follow_the_preset(called, tmp_path):
    assert run("-o", tmp_path, "-q").exit_code == 0
    source, given = called["load"]
    assert source == "simulated"
    assert given["preset"] == "tiny"
    assert given["cache"] == tmp_path / "data"
    assert given["progress"] is None
    assert given["fetch_progress"] is None
    assert called["whole"][3]["figures"] == reproduce.FIGURES


def test_the_seed_is_that_of_the_simulated_genome_too(called, tmp_path):
    run("-o", tmp_path, "-q", "--seed", "5")
    assert called["load"][1]["genome"] == {"random_state": 5}
    assert called["whole"][3]["seed"] == 5
    run("-o", tmp_path, "-q", "--seed", "5", "--data", "roadmap-lite")
    assert called["load"][1]["genome"] is None


def test_marks_are_chosen_and_those_that_nobody_has_are_named(called, tmp_path):
    result = run("-o", tmp_path, "-q", "--data", "roadmap", "--marks", "H3K4me3, DNase")
    assert called["load"][1]["marks"] == ("H3K4me3", "DNase")
    assert result.stderr == "Left out of expression, for no cell type has a track: DNase\n"


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
        (("--marks", ","), "`--marks` must name a mark"),
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


@pytest.mark.slow
def test_tiny_is_the_whole_path(tmp_path):
    """What CI runs of the paper: data, sweep, audits, every figure, from the command line."""
    command = [sys.executable, "-m", "leakcheck", "reproduce", "--preset", "tiny", "--workers", "2"]
    done = subprocess.run(
        [*command, "-o", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Not drawn" not in done.stderr
    figures = ("figure-1d-i", "figure-s1", "figure-s2", "figure-s3")
    for name in figures:
        for end in ("png", "svg", "csv"):
            assert (tmp_path / "figures" / f"{name}.{end}").stat().st_size > 100
    groups = pd.read_csv(tmp_path / "figures" / "figure-s3.csv")
    assert groups["pvalue"].notna().sum() >= 5
    scores = pd.read_csv(tmp_path / "tables" / "scores.csv")
    assert len(scores) == 2 * 3 * len(find_preset("tiny").networks)
    assert (tmp_path / "trends.md").read_text().count("\n| ") == 1 + len(
        pd.read_csv(tmp_path / "tables" / "trends.csv")
    )
