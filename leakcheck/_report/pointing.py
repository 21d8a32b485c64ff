"""Which findings explain why a model failed: those about it, and about what it failed at."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from leakcheck._report.doubts import BLIND, CONTRARY, SUSPICION
from leakcheck._report.rows import walk
from leakcheck.checks import reading_order

__all__ = ["SPECIFICITY", "UNSEEN", "explained_by", "explaining"]

#: What stands in the place of a baseline where a model failed to be cell-type-specific.
SPECIFICITY: Final = "specificity"
#: The same where a model has most probably seen the labels.
UNSEEN: Final = "unseen labels"

#: Findings that say how one question was answered, and the question: of no use to another one.
_ANSWERS: Final = {
    "LK002": (SPECIFICITY,),
    "LK003": ("average-activity",),
    "LK020": ("average-activity", "average-signal", "nearest-celltype"),
    "LK021": (SPECIFICITY, "nearest-celltype"),
    "LK028": ("average-activity",),
}


def explaining(
    findings: pd.DataFrame, model: str, asked: str, targets: Sequence[str] = ()
) -> list[Any]:
    """Findings that bear on a model's failure, causes first.

    Parameters
    ----------
    findings : DataFrame
        Table `findings` of the report.
    model : str
        Which failed.
    asked : str
        The baseline that it had to beat, or `SPECIFICITY`.
    targets : sequence of str
        The targets that were looked at; none stands for all. What is said of the model itself
        at another target counts too: it failed there as well.

    Returns
    -------
    list
        Rows of errors and warnings, without those that answer another question. What leaves
        nothing to beat stands before all others.
    """
    rows = findings[findings["severity"].isin(["error", "warning"])]
    near = [
        row
        for row in walk(rows)
        if row.model == model or (not row.model and (not targets or row.target in ("", *targets)))
    ]
    found = [row for row in reading_order(near) if _bears_on(row, asked)]
    return sorted(found, key=lambda row: row.code not in (BLIND, CONTRARY))


def _bears_on(row: Any, asked: str) -> bool:
    """Whether a finding answers what was asked, or no question of its own."""
    if asked == UNSEEN:
        return bool(row.code == SUSPICION)
    if row.code == "LK020":  # one for each baseline, which stands in the evidence
        return asked in _ANSWERS["LK020"] and f" {asked} " in row.evidence
    return asked in _ANSWERS.get(row.code, (asked,))


def explained_by(
    findings: pd.DataFrame, model: str, asked: str, targets: Sequence[str] = ()
) -> str:
    """How to read the page of the first finding that explains a failure; empty without one."""
    first = next(iter(explaining(findings, model, asked, targets)), None)
    return "" if first is None else f"leakcheck explain {first.code} ({first.title})"
