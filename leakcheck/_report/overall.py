"""One verdict for the mean over the targets, with the targets as the independent units."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from leakcheck._report.rows import walk
from leakcheck._typing import LabelKind
from leakcheck.comparison import summarise_skill

__all__ = ["MeanVerdict", "OverallRule", "judge_mean"]


class OverallRule(NamedTuple):
    """What decides about a mean: the kind of labels, the one-sided level and the margin."""

    continuous: bool
    level: float
    margin: float


class MeanVerdict(NamedTuple):
    """The row of a verdict table that the mean over the targets would have."""

    target: str
    baseline: str
    metric: str
    model_value: float
    baseline_value: float
    difference: float
    ci_low: float
    ci_high: float
    skill: float
    skill_ci_low: float
    skill_ci_high: float
    verdict: str
    flag: str
    reason: str
    companion_metric: str = ""
    companion_difference: float = math.nan
    companion_ci_low: float = math.nan
    companion_ci_high: float = math.nan
    tested: str = "skill"


def judge_mean(rows: pd.DataFrame, rule: OverallRule) -> MeanVerdict:
    """Judge the mean over the targets of one model against one baseline.

    The rules are those of a single target: the lower bound of the skill and that of the companion
    metric's mean difference must be above zero. Targets that are not testable are left out.
    """
    testable = rows[rows["verdict"] != "not-testable"]
    n = len(testable)
    if n < 2:
        return _untestable(n)
    quantile = {df: float(stdtrit(df, rule.level)) for df in range(1, n)}
    kind: LabelKind = "continuous" if rule.continuous else "binary"
    (skill,) = walk(summarise_skill(testable, kind, quantile))
    if math.isnan(skill.ci_low) or math.isnan(skill.ci_high):
        return _untestable(n, skill.reason)
    gain = _mean_bounds(testable["difference"], quantile[n - 1])
    companion = _mean_bounds(testable["companion_difference"], quantile[n - 1])
    beats = skill.ci_low > 0 and companion[1] > 0
    small = skill.ci_high < rule.margin
    return MeanVerdict(
        target=f"mean of {n}",
        baseline=testable["baseline"].iloc[0],
        metric=testable["metric"].iloc[0],
        model_value=float(testable["model_value"].mean()),
        baseline_value=float(testable["baseline_value"].mean()),
        difference=gain[0],
        ci_low=gain[1],
        ci_high=gain[2],
        skill=skill.skill,
        skill_ci_low=skill.ci_low,
        skill_ci_high=skill.ci_high,
        verdict="beats" if beats else "does-not-beat" if small else "inconclusive",
        flag="worse" if skill.ci_high < 0 else "negligible" if beats and small else "",
        reason="",
        companion_metric=testable["companion_metric"].iloc[0],
        companion_difference=companion[0],
        companion_ci_low=companion[1],
        companion_ci_high=companion[2],
    )


def _mean_bounds(values: "pd.Series[float]", quantile: float) -> tuple[float, float, float]:
    """Mean over the targets with its bounds, from the spread between them."""
    mean = float(values.mean())
    half = quantile * float(values.std(ddof=1)) / math.sqrt(len(values))
    return mean, mean - half, mean + half


def _untestable(n: int, reason: str = "") -> MeanVerdict:
    """Say why there is no verdict."""
    reason = reason or f"the mean needs two testable targets or more, and {n or 'none'} came"
    nan = np.nan
    return MeanVerdict(
        "", "", "", nan, nan, nan, nan, nan, nan, nan, nan, "not-testable", "", reason
    )
