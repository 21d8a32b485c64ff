"""Of many models, those with the highest and the lowest skill."""

import math

import pandas as pd

from leakcheck._report.rows import distinct, walk
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["extreme_models", "ranking_baseline"]


def ranking_baseline(summary: pd.DataFrame) -> str:
    """Baseline that models are ranked by: the first primary one, or the first; else ""."""
    baselines = distinct(summary, "baseline")
    usual = [name for name in PRIMARY_BASELINES if name in baselines]
    return next(iter([*usual, *baselines]), "")


def extreme_models(summary: pd.DataFrame, most: int) -> list[str]:
    """At most so many models, best first: one half has the highest skill, the other the lowest.

    A model whose skill is undefined is neither: it comes last, and only where there is room.
    """
    rows = summary[summary["baseline"] == ranking_baseline(summary)]
    skills = {row.model: row.skill for row in walk(rows) if not math.isnan(row.skill)}
    ranked = sorted(skills, key=lambda model: -skills[model])
    if len(ranked) > most:
        best = (most + 1) // 2
        return [*ranked[:best], *ranked[len(ranked) - (most - best) :]]
    others = [model for model in distinct(summary, "model") if model not in skills]
    return [*ranked, *others][:most]
