"""Floor 5: the coded findings of an audit, with a severity, a remedy and a page for each.

A finding says what was seen in these data; its check says what that means and what to do. Errors
are things that a claim cannot stand on, warnings are things that may mislead, infos say what was
done. The page of a code is `docs_url`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from leakcheck._codes import CHECKS, SEVERITIES, Check, Severity
from leakcheck.exceptions import ValidationError
from leakcheck.results import build_table

__all__ = [
    "CHECKS",
    "SEVERITIES",
    "Check",
    "Finding",
    "Severity",
    "docs_url",
    "findings_table",
    "make_finding",
]

_DOCS_PAGE: Final = "docs/checks.md"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row of the table ``findings``: a check that spoke, and what it saw.

    Parameters
    ----------
    code, severity, title : str
        Of the check.
    model, target : str
        What it is about; empty where it is about all of them.
    evidence : str
        What was seen, with numbers.
    remedy : str
        What to do about it.
    docs : str
        Address of the page, relative to the project.
    """

    code: str
    severity: Severity
    model: str
    target: str
    title: str
    evidence: str
    remedy: str
    docs: str


def docs_url(code: str) -> str:
    """Say where the page of a check is.

    Parameters
    ----------
    code : str
        A key of `CHECKS`.

    Returns
    -------
    str
        Path inside the project, with the anchor of the code.

    Raises
    ------
    ValidationError
        When there is no such code.

    Examples
    --------
    >>> docs_url("LK003")
    'docs/checks.md#lk003'
    """
    return f"{_DOCS_PAGE}#{_check(code).code.lower()}"


def make_finding(
    code: str, *, evidence: str, model: str = "", target: str = "", remedy: str | None = None
) -> Finding:
    """Make a finding from the code of its check and what was seen.

    Parameters
    ----------
    code : str
        A key of `CHECKS`.
    evidence : str
        What was seen, with numbers: a finding without evidence is an opinion.
    model, target : str, default ""
        What it is about; empty where it is about all of them.
    remedy : str, optional
        What to do about it in this case; the check's own remedy by default.

    Returns
    -------
    Finding
        A row for `findings_table`.

    Raises
    ------
    ValidationError
        When there is no such code, or no evidence.

    Examples
    --------
    >>> finding = make_finding("LK004", evidence="2 reference cell types", target="E003")
    >>> finding.severity, finding.docs
    ('warning', 'docs/checks.md#lk004')
    """
    check = _check(code)
    if not evidence.strip():
        raise ValidationError(
            f"`evidence` must say what was seen; it is empty for {code} ({check.title}). "
            "Give counts, names or numbers."
        )
    return Finding(
        code=code,
        severity=check.severity,
        model=model,
        target=target,
        title=check.title,
        evidence=evidence,
        remedy=check.remedy if remedy is None else remedy,
        docs=docs_url(code),
    )


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Gather findings into the table ``findings``, the worst first.

    Parameters
    ----------
    findings : iterable of Finding
        In any order.

    Returns
    -------
    pandas.DataFrame
        Columns of ``results.TABLES["findings"]``, sorted by severity, then by code; findings of
        one code keep their order. Repeated findings appear once.

    Examples
    --------
    >>> found = [make_finding(c, evidence="seen") for c in ("LK001", "LK003", "LK004")]
    >>> findings_table(found)["severity"].tolist()
    ['error', 'warning', 'info']
    """
    rows = sorted(
        dict.fromkeys(findings), key=lambda row: (SEVERITIES.index(row.severity), row.code)
    )
    names = ("code", "severity", "model", "target", "title", "evidence", "remedy", "docs")
    return build_table("findings", {name: [getattr(row, name) for row in rows] for name in names})


def _check(code: str) -> Check:
    """Look up a code."""
    if code not in CHECKS:
        first, *_, last = CHECKS
        raise ValidationError(
            f"`code` must be the code of a check; it is {code!r}. The codes are {first} to {last}."
        )
    return CHECKS[code]
