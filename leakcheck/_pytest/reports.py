"""Changes to the results that pytest makes of tests."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from leakcheck._report.words import clean

__all__ = ["add_properties", "forget_properties", "neutralise", "shorten"]

_ADDED: Final = pytest.StashKey[list[tuple[str, object]]]()


def shorten(report: pytest.TestReport, call: pytest.CallInfo[None], item: pytest.Item) -> None:
    """Show a gate's message alone: the lines of code above it say nothing of a model."""
    wanted = report.failed or hasattr(report, "wasxfail")
    if call.excinfo is None or not wanted or item.config.getoption("fulltrace", False):
        return
    shown = call.excinfo.getrepr(style="value", chain=False)
    if shown.reprcrash is not None:  # where the test is, not where the gate was judged
        path, line, _ = item.location
        shown.reprcrash.path = path
        shown.reprcrash.lineno = (line or 0) + 1
        shown.reprcrash.message = str(call.excinfo.value)
    report.longrepr = shown


def neutralise(report: pytest.TestReport, item: pytest.Item) -> None:
    """Take a failure back: the run only reports."""
    if report.when == "setup":  # a test whose fixtures are not there cannot run
        path, line, _ = item.location
        report.outcome = "skipped"
        report.longrepr = (
            path,
            (line or 0) + 1,
            "Skipped: a gate failed (reports only)",
        )
    else:
        report.outcome = "passed"
        report.longrepr = None


def add_properties(item: pytest.Item, payload: Mapping[str, Any]) -> None:
    """Add results to the properties that the JUnit XML shows, as texts."""
    head = f"leakcheck.{payload['name'] or 'audit'}"
    found = [(f"{head}.outcome", payload["outcome"] or "audited")]
    for row in payload["verdicts"]:
        where = f"{head}.{row['model']}.{row['target']}.{row['baseline']}"
        found.append((f"{where}.verdict", row["verdict"]))
        if row["skill"] is not None:
            found.append((f"{where}.skill", f"{row['skill']:.6g}"))
    # pytest makes values safe for XML, and not names
    added = [(clean(name), value) for name, value in found]
    item.user_properties.extend(added)
    item.stash.setdefault(_ADDED, []).extend(added)


def forget_properties(item: pytest.Item) -> None:
    """Take back what an earlier run of the test added; what its authors added stays."""
    for one in item.stash.setdefault(_ADDED, []):
        if one in item.user_properties:
            item.user_properties.remove(one)
    item.stash[_ADDED] = []
