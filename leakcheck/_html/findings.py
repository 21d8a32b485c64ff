"""Findings by code, the worst first, each with its evidence, its remedy and its page."""

from html import escape
from typing import Any

import pandas as pd

from leakcheck._html.choose import Shown
from leakcheck._html.markup import attributes, name, text
from leakcheck._report.muting import muted_words
from leakcheck._report.rows import walk
from leakcheck._report.words import plural
from leakcheck.checks import CHECKS, docs_url, explain, reading_order

__all__ = ["findings"]


def findings(shown: Shown, docs: str | None) -> str:
    """Card for each code; links lead to `docs`, the address of the documentation."""
    found: pd.DataFrame = shown.tables["findings"]
    by_code: dict[str, list[Any]] = {}
    for row in reading_order(walk(found)):
        by_code.setdefault(row.code, []).append(row)
    words = muted_words(shown.settings)
    muted = f'<p class="note">{text(words)}</p>' if words else ""
    if not by_code:
        return f"<p>None.</p>{muted}"
    cards = (_card(code, rows, docs, shown.limits.findings) for code, rows in by_code.items())
    return "".join(cards) + muted


def _card(code: str, rows: list[Any], docs: str | None, most: int) -> str:
    """What a code means, what to do, and where it was found."""
    first = rows[0]
    kind = {"error": "bad", "warning": "mixed"}.get(first.severity, "unclear")
    items = "".join(f"<li>{_place(row)}{text(row.evidence)}</li>" for row in rows[:most])
    if len(rows) > most:
        items += f"<li>and {plural(len(rows) - most, 'more', 'more')} in the report's JSON</li>"
    evidence = f"<ul>{items}</ul>"
    if len(rows) > 3:
        evidence = (
            f'<details class="evidence"><summary>At {plural(len(rows), "place")}</summary>'
            f"{evidence}</details>"
        )
    remedies = dict.fromkeys(row.remedy for row in rows)
    remedy = "".join(f"<p>{text(one)}</p>" for one in list(remedies)[:3])
    where = attributes({"id": code if code in CHECKS else None, "class": f"finding {kind}"})
    return (
        f'<article{where}><h3>{_code(code, docs)} <b class="{kind}">'
        f"{text(first.severity)}</b> {text(first.title)}</h3>{evidence}"
        f'<p class="do">What to do</p>{remedy}{_explained(code, docs)}</article>'
    )


def _code(code: str, docs: str | None) -> str:
    """Code as a link to its page, where the documentation has an address."""
    if docs is None or code not in CHECKS:
        return f"<code>{text(code)}</code>"
    links = {"href": docs_url(code, docs), "rel": "noreferrer"}
    return f"<a{attributes(links)}><code>{text(code)}</code></a>"


def _explained(code: str, docs: str | None) -> str:
    """The page of a code itself, where the documentation has no address: no network is needed."""
    if docs is not None or code not in CHECKS:
        return ""
    _, _, body = explain(code).partition("\n")
    return (
        "<details><summary>What this means, with an example</summary>"
        f'<pre class="page">{escape(body.strip())}</pre></details>'
    )


def _place(row: Any) -> str:
    """Model and target that a finding is about."""
    names = [name(one) for one in (row.model, row.target) if one]
    return f"{' at '.join(names)}: " if names else ""
