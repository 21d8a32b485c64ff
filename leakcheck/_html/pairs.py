"""One record for each shown model and target, gathered from several tables."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from leakcheck._html.choose import AVERAGE, NEAREST, Shown
from leakcheck._report.doubts import with_doubts
from leakcheck._report.rows import walk

__all__ = ["Pair", "Pairs", "gather"]


class Pair(NamedTuple):
    """A model at a target: its score, and the comparisons with both baselines (rows or None)."""

    model: str
    target: str
    value: float
    low: float
    high: float
    over_average: Any
    over_nearest: Any
    specificity: str
    conclusion: str


class Pairs(NamedTuple):
    """All pairs, and what is free at each target."""

    by_key: dict[tuple[str, str], Pair]
    free: dict[tuple[str, str], float]  # (baseline or bound, target) -> value

    def at(self, target: str) -> Iterator[Pair]:
        """Pairs of one target."""
        return (pair for key, pair in self.by_key.items() if key[1] == target)


def gather(shown: Shown) -> Pairs:
    """Look every pair up in the tables, once for each table."""
    models = set(shown.models)
    verdict = shown.rows("verdict")
    against = {
        name: {
            (row.model, row.target): row
            for row in walk(verdict[verdict["baseline"] == name])
            if row.model in models
        }
        for name in (AVERAGE, NEAREST)
    }
    scores = shown.rows("scores")
    scores = scores[scores["metric"] == shown.metric]
    found = {(row.model, row.target): row for row in walk(scores) if row.kind == "model"}
    free = {(row.model, row.target): row.value for row in walk(scores) if row.kind != "model"}
    known = {(row.model, row.target): row for row in walk(with_doubts(dict(shown.tables)))}
    first = {(row.model, row.target): row for row in walk(verdict) if row.model in models}
    by_key = {}
    for target in shown.targets:
        for model in shown.models:
            key = (model, target)
            if key in first:
                by_key[key] = _pair(key, first, found, against, known)
    return Pairs(by_key, free)


def _pair(
    key: tuple[str, str],
    first: dict[tuple[str, str], Any],
    found: dict[tuple[str, str], Any],
    against: dict[str, dict[tuple[str, str], Any]],
    known: dict[tuple[str, str], Any],
) -> Pair:
    """One record; numbers that no table has are NaN."""
    score, information = found.get(key), known.get(key)
    return Pair(
        model=key[0],
        target=key[1],
        value=first[key].model_value if score is None else score.value,
        low=math.nan if score is None else score.ci_low,
        high=math.nan if score is None else score.ci_high,
        over_average=against[AVERAGE].get(key),
        over_nearest=against[NEAREST].get(key),
        specificity=first[key].specificity,
        conclusion="" if information is None else information.conclusion,
    )
