"""One sentence for each model: what was found, in words and numbers."""

from collections import Counter
from typing import Any, Final

import pandas as pd

from leakcheck._report.doubts import blind_targets, suspects, with_doubts
from leakcheck._report.grid import few_comparisons
from leakcheck._report.rows import distinct, walk
from leakcheck._report.words import (
    clean,
    companion_gain,
    joined,
    metric_label,
    number,
    plural,
    signed,
    signed_interval,
    tested_gain,
)
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["answers"]

_VERBS: Final = {
    "beats": "beats",
    "does-not-beat": "does not beat",
    "inconclusive": "may or may not beat",
}

_LONG_ANSWERS: Final = 3
_SHORT_TABLE: Final = 8
_MOST_ANSWERS: Final = 8
_NAMES: Final = {
    "average-activity": "the average activity",
    "nearest-celltype": "the nearest cell type",
}


def answers(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Full sentences where the table is short, short ones for several models, groups for many."""
    information, verdict = with_doubts(tables), tables["verdict"]
    models = distinct(information, "model")
    if len(models) > _MOST_ANSWERS:
        return _grouped(information)
    table_is_short = len(verdict) <= _SHORT_TABLE or not few_comparisons(verdict)
    full = len(models) <= _LONG_ANSWERS and table_is_short
    doubted = set(suspects(tables["findings"]))
    if blind_targets(tables["findings"]):
        doubted |= set(models)
    return [
        _conclusions(information, model)
        + (_numbers(tables, model) if full and model not in doubted else "")
        for model in models
    ]


def _conclusions(information: pd.DataFrame, model: str) -> str:
    """Conclusions of a model, most frequent first, with the number of targets."""
    counts = _conclusion_counts(information, model)
    total = sum(count for _, count in counts)
    if total == 1:
        return f"{clean(model)}: {counts[0][0]}."
    if len(counts) == 1:
        return f"{clean(model)}, at all {total} targets: {counts[0][0]}."
    words = [f"at {count}: {text}" for text, count in counts[:2]]
    rest = total - sum(count for _, count in counts[:2])
    other = f"; otherwise at {rest}" if rest else ""
    return f"{clean(model)}, of {total} targets {'; '.join(words)}{other}."


def _conclusion_counts(information: pd.DataFrame, model: str) -> list[tuple[str, int]]:
    """Conclusions of a model with their numbers of targets, most frequent first."""
    rows = information[information["model"] == model]
    return Counter(rows["conclusion"].tolist()).most_common()


def _grouped(information: pd.DataFrame) -> list[str]:
    """Conclusions with the models that have each at most of their targets."""
    usual: dict[str, list[str]] = {}
    for model, rows in information.groupby("model", sort=False):
        counts = Counter(rows["conclusion"].tolist()).most_common()
        usual.setdefault(counts[0][0], []).append(str(model))
    groups = sorted(usual.items(), key=lambda item: -len(item[1]))
    lines = [
        f"{plural(len(models), 'model')}: {text} ({joined(models, 3)})."
        for text, models in groups[:6]
    ]
    if len(distinct(information, "target")) > 1:
        lines.append("(Each model is named with the conclusion that most of its targets give.)")
    return lines


def _numbers(tables: dict[str, pd.DataFrame], model: str) -> str:
    """Sentence with the values of the model and of both baselines, and the skills."""
    rows = tables["verdict"][tables["verdict"]["model"] == model]
    against = [rows[rows["baseline"] == baseline] for baseline in PRIMARY_BASELINES]
    parts = [_against(some, tables["summary"]) for some in against if len(some)]
    targets = distinct(rows, "target")
    where = f"At {clean(targets[0])} it" if len(targets) == 1 else "It"
    return f" {where} {'; it '.join(parts)}." if parts else ""


def _against(rows: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Say what was found against one baseline, at one target or over several."""
    first: Any = next(walk(rows))
    testable = rows[rows["verdict"] != "not-testable"]
    name, metric = _NAMES[first.baseline], metric_label(first.metric)
    if testable.empty:
        return f"cannot be compared with {name} ({first.reason})"
    if len(rows) == 1:
        verb = "is worse than" if first.flag == "worse" else _VERBS[first.verdict]
        values = f"{metric} {number(first.model_value)} against {number(first.baseline_value)}"
        companion = companion_gain(first)
        parts = (values, " ".join(tested_gain(first)), companion)
        return f"{verb} {name} ({', '.join(filter(None, parts))})"
    whole = (summary["model"] == first.model) & (summary["baseline"] == first.baseline)
    total: Any = next(walk(summary[whole]))
    means = " against ".join(
        number(testable[column].mean()) for column in ("model_value", "baseline_value")
    )
    skill = signed_interval(total.skill, total.ci_low, total.ci_high)
    counts = f"{total.n_beats} of {plural(len(testable), 'target')}"
    return f"beats {name} at {counts} (mean {metric} {means}, skill {skill}{_extremes(testable)})"


def _extremes(rows: pd.DataFrame) -> str:
    """Targets with the lowest and the highest skill."""
    ranked = list(walk(rows.dropna(subset=["skill"]).sort_values("skill", kind="stable")))
    if len(ranked) < 2:
        return ""
    worst, best = ranked[0], ranked[-1]
    return (
        f"; worst {clean(worst.target)} {signed(worst.skill, 2)}"
        f", best {clean(best.target)} {signed(best.skill, 2)}"
    )
