"""The table of the printed report: models against baselines, whatever their number."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from leakcheck._report.extremes import extreme_models, ranking_baseline
from leakcheck._report.rows import distinct, walk
from leakcheck._report.words import (
    clean,
    metric_label,
    number,
    short,
    shortened,
    signed_interval,
    tested_gain,
)
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["Grid", "few_comparisons", "single_gains", "verdict_grid"]

_MOST_ROWS: Final = 12
_MOST_MODELS: Final = 8
_BASELINE_WORDS: Final = {"average-activity": "average", "nearest-celltype": "nearest"}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells of a table, before anybody chooses how to draw it."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""

    def lines(self, width: int) -> list[str]:
        """Aligned plain text; the first column gives way where the table is too wide."""
        columns = list(zip(self.header, *self.rows, strict=True))
        widths = [max(len(cell) for cell in column) for column in columns]
        excess = sum(widths) + 2 * (len(widths) - 1) - width
        widths[0] = max(8, widths[0] - max(excess, 0))
        names = shortened(columns[0], widths[0])
        drawn = [
            "  ".join(
                cell.ljust(size) for cell, size in zip((names[name], *rest), widths, strict=True)
            ).rstrip()
            for name, *rest in [self.header, *self.rows]
        ]
        return [*drawn, self.note] if self.note else drawn


def verdict_grid(tables: dict[str, pd.DataFrame], level: str) -> Grid:
    """Each comparison on its own row where they are few; else one row per model."""
    verdict = tables["verdict"]
    if few_comparisons(verdict):
        return _every_comparison(verdict, level)
    return _every_model(tables, level)


def few_comparisons(verdict: pd.DataFrame) -> bool:
    """Whether every comparison can have its own row."""
    return len(verdict) <= _MOST_ROWS and len(distinct(verdict, "target")) <= 3


def _every_comparison(verdict: pd.DataFrame, level: str) -> Grid:
    """One row per model, target and baseline."""
    labels = {metric_label(metric) for metric in distinct(verdict, "metric")}
    label = labels.pop() if len(labels) == 1 else "value"
    targets = shortened(distinct(verdict, "target"), 14)
    header = ("model", "target", "against", label, "its " + label, f"skill [{level}]", "verdict")
    rows: list[tuple[str, ...]] = [
        (
            clean(row.model),
            targets[row.target],
            short(row.baseline, 18),
            number(row.model_value),
            number(row.baseline_value),
            _tested(row),
            f"{row.verdict} ({row.flag})" if row.flag else row.verdict,
        )
        for row in walk(verdict)
    ]
    return Grid(header=header, rows=rows)


def _tested(row: Any) -> str:
    """Skill with its interval, or the difference where that was tested."""
    what, gain = tested_gain(row)
    return gain if what == "skill" else f"diff. {gain}"


def _every_model(tables: dict[str, pd.DataFrame], level: str) -> Grid:
    """One row per model: how often it beats each primary baseline, and the skill over targets."""
    verdict, summary = tables["verdict"], tables["summary"]
    found = distinct(summary, "baseline")
    baselines = [name for name in PRIMARY_BASELINES if name in found]
    metric = metric_label(distinct(verdict, "metric")[0]) if len(verdict) else "value"
    header: tuple[str, ...] = ("model", f"mean {metric}")
    for baseline in baselines:
        header += (f"> {_BASELINE_WORDS[baseline]}", f"skill [{level}]")
    header += ("specific",)
    models, left_out = _shown_models(summary)
    values = verdict.drop_duplicates(["model", "target"]).groupby("model")["model_value"].mean()
    by_key = {(row.model, row.baseline): row for row in walk(summary)}
    specific = _specific_counts(tables["information"])
    single = single_gains(verdict)
    rows = [
        (
            clean(model),
            number(values[model]),
            *(cell for name in baselines for cell in _counted(by_key.get((model, name)), single)),
            specific.get(model, "n/a"),
        )
        for model in models
    ]
    return Grid(header=header, rows=rows, note=left_out)


def _counted(row: Any, single: dict[tuple[str, str], str]) -> tuple[str, str]:
    """Wins among the testable targets, and the skill over targets."""
    if row is None:
        return "n/a", "n/a"
    testable = row.n_targets - row.n_not_testable
    over_targets = signed_interval(row.skill, row.ci_low, row.ci_high, 2)
    return f"{row.n_beats}/{testable}", single.get((row.model, row.baseline), over_targets)


def single_gains(verdict: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Skill at the only target, whose interval is that of its loci; empty for several targets."""
    if len(distinct(verdict, "target")) != 1:
        return {}
    return {
        (row.model, row.baseline): signed_interval(
            row.skill, row.skill_ci_low, row.skill_ci_high, 2
        )
        for row in walk(verdict)
    }


def _specific_counts(information: pd.DataFrame) -> dict[str, str]:
    """For each model, at how many of the testable targets it is cell-type-specific."""
    testable = information[information["specificity"] != "not-testable"]
    counts = (testable["specificity"] == "cell-type-specific").groupby(testable["model"])
    return {str(model): f"{int(wins.sum())}/{len(wins)}" for model, wins in counts}


def _shown_models(summary: pd.DataFrame) -> tuple[list[str], str]:
    """All models, or the best and the worst of them, best first; and what is said of that."""
    models = distinct(summary, "model")
    if len(models) <= _MOST_MODELS:
        return models, ""
    half = _MOST_MODELS // 2
    note = (
        f"The {half} best and {half} worst of {len(models):,} models by skill over "
        f"{ranking_baseline(summary)}; all are in report.summary."
    )
    return extreme_models(summary, _MOST_MODELS), note
