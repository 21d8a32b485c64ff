"""Numbers of single targets, as small integers for the script of the page."""

import math
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from leakcheck._html.choose import AVERAGE, NEAREST, Shown, evenly
from leakcheck._plots.strata import ordered_strata
from leakcheck._report.rows import distinct, walk

__all__ = [
    "RANK_SCALE",
    "SCALE",
    "Detail",
    "rank_detail",
    "strata_detail",
    "strata_metric",
    "whole",
]

Detail: TypeAlias = dict[str, Any]

#: Numbers are stored as integers: four decimals, and three for ranks.
SCALE: Final = 10_000
RANK_SCALE: Final = 1_000
_STRATA_MODELS: Final = (AVERAGE, NEAREST)


def whole(value: float, scale: int = SCALE) -> int | None:
    """Number as an integer; None where it is undefined."""
    return round(value * scale) if math.isfinite(value) else None


def strata_metric(shown: Shown) -> str:
    """Metric of the strata: that of the verdicts where it is there."""
    metrics = distinct(shown.tables["strata"], "metric")
    if shown.metric in metrics or not metrics:
        return shown.metric
    return metrics[0]


def strata_detail(shown: Shown) -> tuple[list[str], dict[str, Detail]]:
    """Strata in order; for each target loci, positives, no-skill values and values by score."""
    rows = shown.rows("strata")
    rows = rows[rows["metric"] == strata_metric(shown)]
    names = [*_STRATA_MODELS, *shown.models]
    rows = rows[rows["model"].isin(names)]
    order = ordered_strata(distinct(rows, "stratum"))
    place = {name: at for at, name in enumerate(order)}
    size = {target: len(order) * (len(names) + 3) * 5 for target in shown.targets}
    kept = set(_affordable(shown, size.__getitem__, shown.limits.detail * 2 // 3))
    found: dict[str, Detail] = {}
    for row in walk(rows):
        if row.target not in kept:
            continue
        one = found.setdefault(row.target, _empty_strata(len(order)))
        at = place[row.stratum]
        one["n"][at], one["p"][at] = row.n_loci, row.n_positive
        one["f"][at] = whole(row.prevalence)
        one["o"][at] = whole(row.no_skill)
        values = one["v"].setdefault(row.model, [None] * len(order))
        # A stratum that is too small to interpret has a value and a reason: no chart shows it.
        values[at] = None if row.reason else whole(row.value)
    return order, found


def _empty_strata(n: int) -> Detail:
    """Room for the numbers of one target."""
    return {"n": [0] * n, "p": [0] * n, "f": [None] * n, "o": [None] * n, "v": {}}


def rank_detail(shown: Shown) -> dict[str, Detail]:
    """For each target and model: lines of (average's rank, quartiles of the score's rank)."""
    rows = shown.rows("ranks")
    rows = rows[rows["model"].isin(shown.models)]
    kept = set(_affordable(shown, lambda _: len(shown.models) * 20 * 18, shown.limits.detail // 3))
    found: dict[str, Detail] = {}
    for row in walk(rows[rows["target"].isin(kept)]):
        lines = found.setdefault(row.target, {}).setdefault(row.model, {})
        numbers = (row.average_rank, row.score_q25, row.score_median, row.score_q75)
        if all(map(math.isfinite, numbers)):
            lines.setdefault(row.loci, []).append([whole(x, RANK_SCALE) for x in numbers])
    return found


def _affordable(shown: Shown, size: Callable[[str], int], budget: int) -> list[str]:
    """As many targets as fit, spread over all."""
    if not shown.targets:
        return []
    return evenly(shown.targets, max(1, budget // max(1, size(shown.targets[0]))))
