"""Floor 5: the coded findings of an audit, with a severity, a remedy and a page for each.

A finding says what was seen in these data; its check says what that means and what to do. Errors
are things that a claim cannot stand on, warnings are things that may mislead, infos say what was
done. The page of a code is at `docs_url`, and `explain` gives its text without a network.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from leakcheck._codes import CAUSES, CHECKS, REFUSALS, SEVERITIES, Check, Severity
from leakcheck._pages import read_page
from leakcheck.data.wording import did_you_mean
from leakcheck.exceptions import ValidationError
from leakcheck.results import build_table

__all__ = [
    "CHECKS",
    "REFUSALS",
    "SEVERITIES",
    "Check",
    "Finding",
    "Severity",
    "docs_url",
    "explain",
    "findings_table",
    "make_finding",
    "reading_order",
]

_PAGES: Final[Mapping[str, Check]] = {**CHECKS, **REFUSALS}


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


def docs_url(code: str, base: str | None = None) -> str:
    """Say where the page of a code is.

    Parameters
    ----------
    code : str
        A key of `CHECKS` or of `REFUSALS`.
    base : str, optional
        Address at which somebody serves the built documentation.

    Returns
    -------
    str
        Path of the page inside the project, or its address under `base`.

    Raises
    ------
    ValidationError
        When there is no such code.

    Examples
    --------
    >>> docs_url("LK003")
    'docs/checks/lk003.md'
    >>> docs_url("LK003", "https://docs.example.org/leakcheck")
    'https://docs.example.org/leakcheck/checks/lk003.html'
    """
    page = f"checks/{_check(code, _PAGES).code.lower()}"
    return f"docs/{page}.md" if base is None else f"{base.rstrip('/')}/{page}.html"


def explain(code: str) -> str:
    """Give the page of a code as plain text; ``leakcheck explain`` prints it.

    Parameters
    ----------
    code : str
        A key of `CHECKS` or of `REFUSALS`, in capitals or not.

    Returns
    -------
    str
        What the code means, an example, and what to do. The text comes with leakcheck.

    Raises
    ------
    ValidationError
        When there is no such code.

    Examples
    --------
    >>> explain("LK012").splitlines()[0]
    'LK012 (warning): predictions are 0/1 calls'
    """
    return read_page(_check(code.strip().upper(), _PAGES).code)


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
    ('warning', 'docs/checks/lk004.md')
    """
    check = _check(code, CHECKS)
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
    """Gather findings into the table ``findings``, in the order of `reading_order`.

    Parameters
    ----------
    findings : iterable of Finding
        In any order.

    Returns
    -------
    pandas.DataFrame
        Columns of ``results.TABLES["findings"]``. Repeated findings appear once.

    Examples
    --------
    >>> found = [make_finding(c, evidence="seen") for c in ("LK001", "LK003", "LK004")]
    >>> findings_table(found)["severity"].tolist()
    ['error', 'warning', 'info']
    """
    rows = reading_order(dict.fromkeys(findings))
    names = ("code", "severity", "model", "target", "title", "evidence", "remedy", "docs")
    return build_table("findings", {name: [getattr(row, name) for row in rows] for name in names})


def reading_order(findings: Iterable[Any]) -> list[Any]:
    """Sort findings as a reader should take them: the worst first, but a cause before its effect.

    Parameters
    ----------
    findings : iterable
        Findings, or rows of the table ``findings``.

    Returns
    -------
    list
        By severity, then by code; findings of one code keep their order. A finding that explains
        another one of the same model and target (0/1 calls explain a lost comparison) stands
        before it, however mild it is by itself.

    Examples
    --------
    >>> found = [make_finding(c, model="m", evidence="seen") for c in ("LK020", "LK012", "LK026")]
    >>> [one.code for one in reading_order(found)]
    ['LK012', 'LK020', 'LK026']
    """
    rows = list(findings)
    explained = set().union(*CAUSES.values())
    by_model: dict[str, list[Any]] = {}
    for row in rows:
        if row.code in explained:
            by_model.setdefault(row.model, []).append(row)

    def key(row: Any) -> tuple[int, bool, str]:
        if row.code not in CAUSES:
            return _severity(row), True, row.code
        places = [row.model, ""] if row.model else list(by_model)
        near = [one for place in places for one in by_model.get(place, ())]
        effects = [one for one in near if _explains(row, one)]
        return min(map(_severity, [row, *effects])), not effects, row.code

    return sorted(rows, key=key)


def _explains(cause: Any, effect: Any) -> bool:
    """Whether a finding explains another one of its model: no target stands for all targets."""
    one_place = not cause.target or not effect.target or cause.target == effect.target
    return one_place and effect.code in CAUSES[cause.code]


def _severity(row: Any) -> int:
    """Order of severity; a word that is not known comes last."""
    known = row.severity in SEVERITIES
    return SEVERITIES.index(row.severity) if known else len(SEVERITIES)


def _check(code: str, known: Mapping[str, Check]) -> Check:
    """Look up a code."""
    if code not in known:
        raise ValidationError(
            f"`code` must be the code of a check; it is {code!r}."
            f"{did_you_mean(code, list(known))} The codes are {_ranges(known)}."
        )
    return known[code]


def _ranges(codes: Iterable[str]) -> str:
    """Write codes as ranges: ``LK001 to LK048 and LK101 to LK104``."""
    hundreds: dict[str, list[str]] = {}
    for code in codes:
        hundreds.setdefault(code[:3], []).append(code)
    return " and ".join(f"{first} to {last}" for first, *_, last in hundreds.values())
