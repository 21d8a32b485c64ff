"""The hooks of the plugin once audits are asked for: judge, tell, keep."""

import contextlib
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from leakcheck._files import write_text
from leakcheck._pytest import runs
from leakcheck._pytest.auditor import Auditor
from leakcheck._pytest.gates import faults_of_marks, gate_of
from leakcheck._pytest.record import Record, plain, write_files
from leakcheck._pytest.reports import add_properties, forget_properties, neutralise, shorten
from leakcheck._pytest.settings import read_settings
from leakcheck._pytest.summary import line_of
from leakcheck.exceptions import GateError, LeakcheckError

__all__ = ["AuditPlugin"]

_RECORDS: Final = pytest.StashKey[list[Record]]()
_NOTHING: Final = (
    "{title} is marked `leakcheck` and audited nothing: a gate never passes on nothing.\n"
    "  look at:    call leakcheck_audit(...) in the test or in a fixture of it, also with a "
    "finished report"
)


class AuditPlugin:
    """Knows the audits of a run; in a worker of xdist, those of its own tests."""

    def __init__(
        self, config: pytest.Config, table: dict[str, Any], options: dict[str, Any]
    ) -> None:
        self._config = config
        self._settings = read_settings(config, table, options)
        self._is_worker = hasattr(config, "workerinput")
        self._told: dict[str, dict[str, Any]] = {}
        self._notes: list[str] = []
        name = self._settings.compare
        self._saved = None if name is None else runs.load_run(config.rootpath, name)

    # Before and while tests run ------------------------------------------------------------------

    def check_marks(self, items: Sequence[pytest.Item], report: pytest.CollectReport) -> None:
        """Let collection fail where a mark has wrong arguments: the whole file, and loudly."""
        faults = {
            f"{item.nodeid}: {fault}": None
            for item in items
            for fault in faults_of_marks(item, self._settings.gate)
        }
        if faults:
            report.outcome = "failed"
            report.longrepr = "\n".join(faults)
            report.result = []

    def auditor_of(self, item: pytest.Item) -> Auditor:
        """Give the object that a test calls."""
        faults = faults_of_marks(item, self._settings.gate)
        if faults:  # marks that were added after collection
            pytest.fail("\n".join(faults), pytrace=False)
        gate = gate_of(item, self._settings.gate) or self._settings.gate
        return Auditor(item.nodeid, gate.margin, lambda record: self._keep(item, record))

    def _keep(self, item: pytest.Item, record: Record) -> None:
        """Keep a new audit, write its files, and compare it with the saved run."""
        item.stash.setdefault(_RECORDS, []).append(record)
        if self._settings.report is not None:
            write_files(record, self._settings.report, self._config.invocation_params.dir)
        if self._saved is not None:
            gate = gate_of(item, self._settings.gate) or self._settings.gate
            found = runs.compare(
                record.payload(), self._saved.get(record.key), gate.baseline,
                models=gate.models, targets=gate.targets,
            )  # fmt: skip
            record.comparison = {"run": self._settings.compare, **found}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin with no audit: what runs a test again keeps its item, and all that is stored."""
        item.stash[_RECORDS] = []
        forget_properties(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Judge the audits of a test after its own assertions."""
        __tracebackhide__ = True
        try:
            result = yield
        except (Exception, pytest.fail.Exception):
            # the test's own failure is told; its audits are judged for the summary
            with contextlib.suppress(LeakcheckError):
                self._judge(item, item.stash.get(_RECORDS, []))
            raise
        faults = faults_of_marks(item, self._settings.gate)
        if faults:
            pytest.fail("\n".join(faults), pytrace=False)
        records = item.stash.setdefault(_RECORDS, [])
        self._refuse_nothing(item, records)
        fault = ""
        try:
            self._judge(item, records)
        except LeakcheckError as error:
            fault = f"@pytest.mark.leakcheck: {error}"
        if fault:  # outside of `except`, or pytest would show both errors
            pytest.fail(fault, pytrace=False)
        self._raise_failures(records)
        return result

    def _refuse_nothing(self, item: pytest.Item, records: list[Record]) -> None:
        """Fail a marked test that audits nothing."""
        gate = gate_of(item, self._settings.gate)
        if gate is not None and not records:
            message = _NOTHING.format(title=item.nodeid)
            records.append(
                Record(
                    nodeid=item.nodeid, name="", index=1, report=None, gate=gate,
                    outcome="failed", message=message,
                )
            )  # fmt: skip
            raise GateError(message)

    def _judge(self, item: pytest.Item, records: list[Record]) -> None:
        """Judge every audit of a marked test, and what fell against the saved run."""
        gate = gate_of(item, self._settings.gate)
        for record in records:
            if gate is not None:
                record.judge(gate)
            found = record.comparison
            if self._settings.compare_fail and found is not None and found["falls"]:
                worst = found["falls"][0]
                where = record.where(worst["model"], worst["baseline"])
                fall = runs.describe_fall(record.title, found["run"], found, where)
                record.message = record.message or fall
                record.outcome = "failed"

    def _raise_failures(self, records: list[Record]) -> None:
        """Raise for the first audit that failed, and name the others."""
        failed = [record for record in records if record.outcome == "failed"]
        if failed:
            others = [record.title for record in failed[1:]]
            more = f"\n  also:       {', '.join(others)}" if others else ""
            raise GateError(failed[0].message + more)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the audits into the result, shorten a gate's failure, or take it back."""
        report = yield
        records = item.stash.get(_RECORDS, [])
        error = None if call.excinfo is None else call.excinfo.value
        if isinstance(error, GateError):
            self._mark_failed(records)
            shorten(report, call, item)
            if report.failed and self._settings.report_only:
                neutralise(report, item)
        elif records and records[-1].report is None:  # what unittest skips audits nothing, rightly
            records.clear()
        if report.when != "setup" or not report.passed:
            self._send(item, records, report)
        return report

    def _mark_failed(self, records: list[Record]) -> None:
        """Say that an audit failed where its test raised the failure itself."""
        if len(records) == 1 and not records[0].outcome:
            records[0].outcome = "failed"

    def _send(self, item: pytest.Item, records: list[Record], report: pytest.TestReport) -> None:
        """Let results ride in the properties of a test's report: xdist carries them."""
        for record in records:
            if record.sent:
                continue
            record.sent = True
            payload = record.payload()
            report.user_properties.append(("leakcheck", payload))
            if report.failed and not record.message:
                report.sections.append(("leakcheck", f"{record.title}: {record.where()}"))
            if self._settings.junit:
                add_properties(item, payload)

    # When tests have run -------------------------------------------------------------------------

    def collect(self, payload: dict[str, Any]) -> None:
        """Take the results of one audit, from this process or another."""
        self._told[payload["key"]] = payload

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what was asked for: once, where all results come together."""
        if self._is_worker:
            return
        audits = [self._told[key] for key in sorted(self._told)]
        if (path := self._settings.json) is not None:
            self._note_of(session, lambda: self._write(path, audits))
        if self._settings.report is not None and any(audit["files"] for audit in audits):
            self._notes.append(f"reports: {self._settings.report}")
        if (name := self._settings.save) is not None:
            self._note_of(session, lambda: self._save(name, audits))
        if self._saved is not None:
            missed = [key for key in self._saved if key not in self._told]
            if missed:
                self._notes.append(
                    f"{len(missed)} of {len(self._saved)} audits of run "
                    f"{self._settings.compare!r} were not made, the first: {missed[0]}"
                )

    def _note_of(self, session: pytest.Session, write: Callable[[], str]) -> None:
        """Note what was written; a full disk, say, must not hide the results of the tests."""
        try:
            self._notes.append(write())
        except LeakcheckError as error:
            self._notes.append(f"results were not written: {error}")
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _write(self, path: Path, audits: list[dict[str, Any]]) -> str:
        """Write the results of all audits into one file."""
        write_text(path, runs.dumps("leakcheck-pytest", plain(audits)))
        return f"results: {path}"

    def _save(self, name: str, audits: list[dict[str, Any]]) -> str:
        """Save a run; nothing is no run."""
        audited = [audit for audit in audits if audit["summary"]]
        if not audited:
            return f"run {name!r} was not saved: no audit was made"
        path = runs.save_run(self._config.rootpath, name, audited)
        return f"run {name!r}: {len(audited)} audits saved in {path}"

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Show one line for each audit, and where files are."""
        if not self._told and not self._notes:
            return
        terminalreporter.section("leakcheck")
        for key in sorted(self._told):
            audit = self._told[key]
            colour = {"passed": "green", "failed": "red"}.get(audit["outcome"], "white")
            terminalreporter.line(line_of(audit), **{colour: True})
        n_failed = sum(audit["outcome"] == "failed" for audit in self._told.values())
        if self._settings.report_only and n_failed:
            self._notes.append(f"report only: {n_failed} failed, and no test fails because of it")
        for note in self._notes:
            terminalreporter.line(note)
