"""One audit of one test: its report, its files, what was judged, and all of it as JSON values."""

import hashlib
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leakcheck._pytest.gates import Gate
from leakcheck.exceptions import GateError

if TYPE_CHECKING:
    from leakcheck.report import AuditReport

__all__ = ["Record", "audit_key", "file_stem", "plain", "write_files"]

#: columns of a table of the report -> what travels with the result of a test
_SUMMARY: Final = (
    "model", "baseline", "n_targets", "n_beats", "n_does_not_beat", "n_inconclusive",
    "n_not_testable", "skill", "ci_low", "ci_high", "reason",
)  # fmt: skip
_VERDICTS: Final = (
    "model", "target", "baseline", "metric", "model_value", "baseline_value", "difference",
    "ci_low", "ci_high", "skill", "skill_ci_low", "skill_ci_high", "tested", "verdict", "flag",
    "specificity", "reason",
)  # fmt: skip
_LONGEST_SLUG: Final = 80
_MOST_CODES: Final = 6


@dataclass(kw_only=True)
class Record:
    """What became of one audit; the outcome is "" until a gate has judged it."""

    nodeid: str
    name: str
    index: int
    report: "AuditReport | None"
    files: dict[str, str] = field(default_factory=dict)
    gate: Gate | None = None
    outcome: str = ""
    message: str = ""
    comparison: dict[str, Any] | None = None
    sent: bool = False

    @property
    def key(self) -> str:
        """What tells this audit from all others of a run, and finds it again in the next."""
        return audit_key(self.nodeid, self.name, self.index)

    @property
    def title(self) -> str:
        """Name of the audit for readers."""
        return self.name or self.nodeid.rpartition("::")[2]

    def judge(self, gate: Gate) -> None:
        """Judge the report, and keep the outcome with the message.

        Raises
        ------
        ValidationError
            When the gate names models or targets that the report does not have.
        """
        if self.report is None:
            return
        self.gate = gate
        try:
            self.report.raise_if_failed(**gate.arguments())
        except GateError as error:
            self.outcome, self.message = "failed", f"{error}; {self.page()}"
        else:
            self.outcome = "passed"

    def page(self) -> str:
        """The file of the report that a reader of a test log can open, or how to get one."""
        page = self.files.get("html") or self.files.get("json")
        return page or "the report that --leakcheck-report=DIR writes"

    def where(self, model: str = "", asked: str = "") -> str:
        """What to look at next: what explains a model's failure, or all findings; and the file."""
        if self.report is None:
            return self.page()
        codes = ", ".join(_codes(self.report)[:_MOST_CODES])
        found = f"findings {codes}" if codes else ""
        if model:
            # pandas, once an audit was made
            from leakcheck._report.pointing import explained_by  # noqa: PLC0415

            found = explained_by(self.report.findings, model, asked)
        return "; ".join(filter(None, [found, self.page()]))

    def payload(self) -> dict[str, Any]:
        """All of it as JSON values, small enough to travel between processes."""
        content: dict[str, Any] = {
            "key": self.key,
            "nodeid": self.nodeid,
            "name": self.name,
            "outcome": self.outcome,
            "message": self.message,
            "gate": None if self.gate is None else self.gate.arguments(),
            "files": self.files,
            "comparison": self.comparison,
            "settings": {},
            "summary": [],
            "verdicts": [],
            "findings": [],
        }
        if self.report is not None:
            settings = self.report.settings
            kept = ("leakcheck_version", "margin", "confidence_level", "models", "targets")
            content["settings"] = {name: settings.get(name) for name in (*kept, "inputs")}
            content["summary"] = _rows(self.report.summary, _SUMMARY)
            content["verdicts"] = _rows(self.report.verdict, _VERDICTS)
            content["findings"] = _codes(self.report)
        found: dict[str, Any] = plain(content)
        return found


def audit_key(nodeid: str, name: str, index: int) -> str:
    """Key of an audit: its test, its name, and its number where the test made several of a name."""
    return nodeid + (f" {name}" if name else "") + (f" #{index}" if index > 1 else "")


def file_stem(key: str) -> str:
    """Name for the files of an audit: safe everywhere, and another for every other key.

    The readable part may be the same for two audits, also where capitals do not count; the digest
    is not.
    """
    digest = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    slug = re.sub(r"[^A-Za-z0-9]+", "-", key.rpartition("/")[2]).strip("-")
    return f"{slug[:_LONGEST_SLUG].strip('-') or 'audit'}-{digest}"


def write_files(record: Record, folder: Path, shown_from: Path) -> None:
    """Write the report of an audit as HTML and as JSON; the record gets paths as readers see them.

    Parameters
    ----------
    record : Record
        The audit.
    folder : Path
        Where to write, absolute: a test may change the working directory.
    shown_from : Path
        Folder from which paths are shown, where they are in it.
    """
    if record.report is None:
        return
    stem = file_stem(record.key)
    writers = {"json": record.report.to_json, "html": record.report.to_html}
    for kind, write in writers.items():
        path = folder / f"{stem}.{kind}"
        write(path)
        inside = path.is_relative_to(shown_from)
        record.files[kind] = str(path.relative_to(shown_from) if inside else path)


def _codes(report: "AuditReport") -> list[str]:
    """Codes of errors and warnings among the findings, each once."""
    found = report.findings
    return list(dict.fromkeys(found.loc[found["severity"] != "info", "code"].tolist()))


def _rows(table: Any, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of a table as mappings."""
    rows: list[dict[str, Any]] = table[list(columns)].to_dict("records")
    return rows


def plain(value: Any) -> Any:
    """Value in the types that JSON and every channel between processes take; NaN becomes None."""
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str):  # half a surrogate pair is no text in UTF-8
        return value.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None
