"""What a failed gate says: what failed first, by how much, what explains it, where to look."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from leakcheck._report.gate import Condition
from leakcheck._report.pointing import SPECIFICITY, UNSEEN, explained_by
from leakcheck._report.words import (
    companion_gain,
    metric_label,
    number,
    plural,
    short,
    signed,
    signed_interval,
)
from leakcheck.exceptions import GateError

__all__ = ["gate_error"]

_LONGEST_NAME = 60
_FURTHER = "report.findings and report.plot_scores()"
_LOOK_AT = {SPECIFICITY: f"report.information, {_FURTHER}", UNSEEN: "how the scores were made"}


def gate_error(
    failed: Sequence[Condition], findings: pd.DataFrame, *, margin: float, adjusted: bool
) -> GateError:
    """Say in ten lines what failed first, by how much, what explains it, and where to look."""
    first = failed[0]
    lines = [f"{first.model} does not pass the gate: {_what_failed(first)}."]
    if first.worst is not None:
        lines += _worst_lines(first)
    if first.baseline not in (SPECIFICITY, UNSEEN):
        holm = ", adjusted p-values (Holm)" if adjusted else ""
        lines.append(f"  margin:     {margin:g}{holm}")
    if len(failed) > 1:
        others = [_in_short(condition) for condition in failed[1:4]]
        more = f", and {len(failed) - 4} more" if len(failed) > 4 else ""
        lines.append(f"  also:       {'; '.join(others)}{more}")
    at = () if first.worst is None or first.overall else (first.worst.target,)
    page = explained_by(findings, first.model, first.baseline, at)
    looks = [page, _LOOK_AT.get(first.baseline, f"report.verdict, {_FURTHER}")]
    lines.append(f"  look at:    {'; '.join(filter(None, looks))}")
    return GateError("\n".join(lines))


def _in_short(condition: Condition) -> str:
    """A condition that failed too, in a few words."""
    model = short(condition.model, _LONGEST_NAME)
    if condition.baseline == SPECIFICITY:
        return f"{model}: cell-type-specific"
    if condition.baseline == UNSEEN:
        return f"{model}: not to have seen the labels"
    return f"{model} against {condition.baseline}"


def _what_failed(condition: Condition) -> str:
    """Name the condition that failed and its counts."""
    if condition.baseline == UNSEEN:
        return (
            "it puts the labels in perfect order, and has most probably seen them "
            f"({condition.reason})"
        )
    what = (
        "it must be cell-type-specific"
        if condition.baseline == SPECIFICITY
        else f"it must beat {condition.baseline}"
    )
    if condition.overall and condition.n_testable:
        return f"{what} in the mean of {plural(condition.n_targets, 'target')}"
    if not condition.n_testable:
        return (
            f"{what}, and that is not testable at any of {condition.n_targets} targets "
            f"({condition.reason})"
        )
    return (
        f"{what} at {condition.min_share:.0%} of "
        f"{plural(condition.n_testable, 'testable target')}, and does at {condition.n_passed}"
    )


def _worst_lines(condition: Condition) -> list[str]:
    """Numbers of the worst target."""
    row = condition.worst
    if condition.baseline == SPECIFICITY:
        return _lines_of_information(row)
    flag = f" ({row.flag})" if row.flag else ""
    companion = companion_gain(row)
    because = f"; what decides is {companion}" if companion else ""
    metric = metric_label(row.metric)
    return [
        f"  target:     {row.target}",
        f"  baseline:   {row.baseline}",
        f"  {metric + ':':<11} {number(row.model_value)} against {number(row.baseline_value)}",
        f"  difference: {signed_interval(row.difference, row.ci_low, row.ci_high, 4)}",
        f"  skill:      {signed_interval(row.skill, row.skill_ci_low, row.skill_ci_high)}",
        f"  verdict:    {row.verdict}{flag}{because}",
    ]


def _lines_of_information(row: Any) -> list[str]:
    """Numbers of the information test."""
    lines = [
        f"  target:     {row.target}",
        f"  answer:     {row.specificity}",
        (
            f"  statistic:  {signed(row.statistic)} (t on {row.degrees_of_freedom:g} degrees of "
            "freedom; above 0 speaks for the model)"
        ),
        (
            f"  p-value:    {number(row.pvalue)}, over all targets {number(row.pvalue_adjusted)} "
            "(Holm)"
        ),
        (
            f"  average:    rank correlation {signed(row.spearman_with_average)} with the average "
            "activity"
        ),
        f"  utility:    {row.utility}",
        f"  in words:   {row.conclusion}",
    ]
    return [*lines, *([f"  reason:     {row.reason}"] if row.reason else [])]
