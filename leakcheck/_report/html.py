"""A small HTML table of the summary, for notebooks."""

from html import escape
from typing import Any

import pandas as pd

from leakcheck._report.rows import walk
from leakcheck._report.words import signed_interval

__all__ = ["summary_table"]

_HEADER = ("model", "against", "targets", "beats", "does not beat", "inconclusive",
           "not testable", "skill")  # fmt: skip


def summary_table(summary: pd.DataFrame) -> str:
    """One row for each model and baseline; every string of the user is escaped."""
    head = "".join(f"<th>{name}</th>" for name in _HEADER)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in _cells(row)) + "</tr>"
        for row in walk(summary)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Any) -> list[object]:
    """Cells of one row of the summary."""
    return [
        row.model,
        row.baseline,
        row.n_targets,
        row.n_beats,
        row.n_does_not_beat,
        row.n_inconclusive,
        row.n_not_testable,
        signed_interval(row.skill, row.ci_low, row.ci_high),
    ]
