"""The sample project: its CI passes with the honest model and fails with the memoriser."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import outcomes_of

PROJECT = Path(__file__).resolve().parents[2] / "examples" / "gated_project"
CI_FILES = (".github/workflows/gate.yml", ".gitlab-ci.yml")
STATES = {
    "": ("passed", 0),
    "sequence": ("failed", 1),
}


def command_of(path: Path) -> list[str]:
    """The command that a CI file runs pytest with."""
    (command,) = re.findall(r"^\s*- (?:run: )?(pytest .+)$", path.read_text("utf-8"), re.MULTILINE)
    return shlex.split(command)


def test_both_ci_files_run_the_same_command_and_keep_the_report():
    commands = [command_of(PROJECT / name) for name in CI_FILES]
    assert commands[0] == commands[1]
    folder = commands[0][1].removeprefix("--leakcheck-report=")
    for name in CI_FILES:
        text = (PROJECT / name).read_text("utf-8")
        assert re.search(rf"(path: |paths:\n\s+- ){folder}$", text, re.MULTILINE)
        assert "always" in text


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_its_ci(state, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"}
    environment.pop("RELEASE_MODEL", None)
    if state:
        environment["RELEASE_MODEL"] = state
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", *command_of(folder / CI_FILES[0]), "-p", "leakcheck"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    outcome, status = STATES[state]
    assert done.returncode == status, done.stdout + done.stderr
    assert outcomes_of(folder / "junit.xml") == {
        "test_average_precision_is_high": "passed",
        "test_better_than_what_is_free": outcome,
    }
    written = sorted((folder / "leakcheck-report").iterdir())
    assert [path.suffix for path in written] == [".html", ".json"]
    assert f"{outcome.upper()} tests/test_release.py::" in done.stdout
    if status:
        assert "sequence does not pass the gate: it must beat average-activity" in done.stdout
        assert f"leakcheck-report/{written[0].name}" in done.stdout
