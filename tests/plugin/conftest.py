"""A project under test: a folder with three finished reports, and a way to run pytest in it."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.report.factory import make_report

HEAD = """
import unittest
from pathlib import Path

import pytest

import leakcheck


def report(kind):
    return leakcheck.AuditReport.from_json(Path(__file__).parent / f"{kind}.json")

"""


class Project:
    """A pytester folder with `honest.json`, `memoriser.json` and `copier.json` in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path
        for kind in ("honest", "memoriser", "copier"):
            self.put_report(kind)

    def put_report(self, kind: str, name: str | None = None, n_targets: int = 2, **how) -> None:
        """Write a finished report for tests to read."""
        report = make_report(models=[kind], n_targets=n_targets, **how)
        report.to_json(self.path / f"{name or kind}.json")

    def write(self, body: str, name: str = "test_gate", *, head: bool = True) -> None:
        """Write a file of tests."""
        self.pytester.makepyfile(**{name: (HEAD if head else "") + body})

    def settings(self, text: str) -> None:
        """Write pyproject.toml."""
        (self.path / "pyproject.toml").write_text(text, encoding="utf-8")

    def run(self, *args: str) -> pytest.RunResult:
        """Run pytest in this process, with warnings as errors."""
        return self.pytester.runpytest_inprocess("-p", "leakcheck", "-W", "error", *args)

    def run_outside(self, *args: str) -> pytest.RunResult:
        """Run pytest in a process of its own, with xdist at hand."""
        return self.pytester.runpytest_subprocess("-p", "leakcheck", "-p", "xdist", *args)

    def outcomes(self, *args: str, outside: bool = False) -> Mapping[str, str]:
        """Run pytest, and read the outcome of each test from its JUnit XML."""
        path = self.path / "junit.xml"
        path.unlink(missing_ok=True)
        run = self.run_outside if outside else self.run
        run(*args, f"--junitxml={path}")
        return outcomes_of(path)


def junit_cases(path: Path) -> list[ET.Element]:
    """Tests in a JUnit XML file; an error where it is not XML."""
    return list(ET.parse(path).iter("testcase"))  # noqa: S314 - written by the run itself


def outcomes_of(path: Path) -> dict[str, str]:
    """Outcome of each test in a JUnit XML file."""
    found = {}
    for case in junit_cases(path):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        words = {"failure": "failed", "error": "error", "skipped": "skipped"}
        found[case.attrib["name"]] = words[kinds.pop()] if kinds else "passed"
    return found


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder to write tests into and to run them, without the plugins of this environment.

    Some of them import numpy at once, others cannot run within another pytest.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Project(pytester)
