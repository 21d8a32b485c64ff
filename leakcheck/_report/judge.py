"""A report's tables under another margin, from the numbers that it stores."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from leakcheck._report.rows import distinct, walk
from leakcheck.checks import Finding, findings_table
from leakcheck.data.arrays import is_number
from leakcheck.diagnosis import findings_of_results
from leakcheck.exceptions import ValidationError
from leakcheck.results import build_table
from leakcheck.small_wins import too_small_wins
from leakcheck.verdicts import (
    NO_BETTER_THAN_CHANCE,
    conclusion,
    judge_verdicts,
    summarise_verdicts,
    utility,
)

__all__ = ["check_margin", "judged_tables"]


def check_margin(margin: Any) -> None:
    """Refuse a margin that is not a share of the way to perfection."""
    if not (is_number(margin) and 0 <= margin < 1):
        raise ValidationError(
            f"`margin` must be a number in [0, 1); it is {margin!r}. It is the skill below which a "
            "win is of no practical use; the default is 0.05."
        )


def judged_tables(
    tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any], margin: float
) -> dict[str, pd.DataFrame]:
    """Tables ``verdict``, ``summary``, ``information`` and ``findings`` judged under `margin`."""
    alpha = 1.0 - float(settings["confidence_level"])
    words, flags = judge_verdicts(tables["verdict"], margin)
    verdict = tables["verdict"].assign(verdict=words, flag=flags)
    judged = {
        "verdict": verdict,
        "summary": _recount(tables["summary"], verdict, alpha),
        "information": _reword(tables["information"], verdict, tables["scores"]),
    }
    families = settings.get("families") or {}
    old = findings_of_results(tables, settings["margin"], families)
    new = findings_of_results({**tables, **judged}, margin, families)
    return {**judged, "findings": _replace(tables["findings"], old, new)}


def _recount(summary: pd.DataFrame, verdict: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Put new counts into the rows of the summary; its skills do not depend on the margin."""
    counts = summarise_verdicts(verdict, alpha=alpha).set_index(["model", "baseline"])
    keys = list(zip(summary["model"], summary["baseline"], strict=True))
    fresh = {str(column): counts[column].reindex(keys) for column in counts}
    kept = {
        column: values.where(values.notna(), summary[column].to_numpy()).to_numpy(dtype="int64")
        for column, values in fresh.items()
    }
    return summary.assign(**kept)


def _replace(findings: pd.DataFrame, old: list[Finding], new: list[Finding]) -> pd.DataFrame:
    """Put new findings in the place of all of the codes that follow from verdicts."""
    codes = {finding.code for finding in (*old, *new)}
    kept = [Finding(**row._asdict()) for row in walk(findings) if row.code not in codes]
    return findings_table([*kept, *new])


def _reword(information: pd.DataFrame, verdict: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Put the new utility and its words beside the specificity, which no margin changes."""
    judged = utility(verdict)
    pairs = zip(judged["model"], judged["target"], strict=True)
    found = dict(zip(pairs, judged["utility"], strict=True))
    noise, small = _no_better_than_chance(scores, verdict), too_small_wins(verdict)
    utilities, words = [], []
    for row in walk(information):
        key = (row.model, row.target)
        utilities.append(found.get(key, "not-testable"))
        chance = key in noise or row.conclusion == NO_BETTER_THAN_CHANCE
        words.append(conclusion(utilities[-1], row.specificity, chance, key in small))
    columns: dict[str, Any] = {name: information[name] for name in information.columns}
    return build_table("information", columns | {"utility": utilities, "conclusion": words})


def _no_better_than_chance(scores: pd.DataFrame, verdict: pd.DataFrame) -> set[tuple[str, str]]:
    """Models and targets at which the companion metric's lower bound is at no skill."""
    companions = distinct(verdict, "companion_metric")
    rows = scores[(scores["kind"] == "model") & scores["metric"].isin(companions)]
    rows = rows[rows["ci_low"] <= rows["no_skill"]]
    return set(zip(rows["model"], rows["target"], strict=True))
