"""What the audit of one target gives, and how its scores become rows of tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from leakcheck._typing import LabelKind
from leakcheck.base.ranking import no_skill_average_precision
from leakcheck.comparison import comparison_rows
from leakcheck.design import Setting
from leakcheck.diagnosis import TargetFacts
from leakcheck.memorization import Information
from leakcheck.metrics import Columns, Evaluated, is_no_better_than_chance, score_rows
from leakcheck.panel import TargetView

__all__ = ["JUDGED", "Layout", "ScoredTarget", "TargetResult", "lay_out"]

#: Baselines that every model is judged against; the others stand beside them in the scores.
JUDGED = ("average-activity", "average-signal", "nearest-celltype")


class TargetResult(NamedTuple):
    """Rows of the tables for one target.

    Attributes
    ----------
    facts : TargetFacts
        What tables and findings say about the target.
    setting : Setting
        What its audited pairs test.
    scores, verdict : dict of str to list
        Columns.
    strata, comparisons : list of dict of str to list
        Columns, part by part.
    information : dict of str to Information
        Answers by model.
    chance : dict of str to bool
        Model to whether its score could be noise.
    ranks : dict of str to list
        Columns.
    bins : tuple of BinsOfScore
        Bounds of scores that were put into bins; empty in memory.
    """

    facts: TargetFacts
    setting: Setting
    scores: Columns
    verdict: Columns
    strata: list[Columns]
    comparisons: list[Columns]
    information: Mapping[str, Information]
    chance: dict[str, bool]
    ranks: Columns
    bins: tuple[Any, ...] = ()


class ScoredTarget(NamedTuple):
    """Every score of a target, evaluated.

    Attributes
    ----------
    evaluated : dict of str to Evaluated
        Models, then baselines and bounds.
    strata : list of dict of str to list
        Rows of the table `strata`.
    conditional : dict of str to float
        AUROC within strata, by score.
    comparisons : list of dict of str to list
        Rows of the table `comparisons`.
    ranks : dict of str to list
        Rows of the table `ranks`.
    """

    evaluated: dict[str, Evaluated]
    strata: list[Columns]
    conditional: Mapping[str, float]
    comparisons: list[Columns]
    ranks: Columns


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How rows are made, for all targets alike.

    Attributes
    ----------
    label_kind : {"binary", "continuous"}
        What the labels are.
    metrics : tuple of str
        Metrics of the table `scores`.
    level : float
        One-sided confidence level of each bound.
    """

    label_kind: LabelKind
    metrics: tuple[str, ...]
    level: float


def lay_out(
    view: TargetView,
    facts: TargetFacts,
    setting: Setting,
    scored: ScoredTarget,
    information: Mapping[str, Information],
    layout: Layout,
) -> TargetResult:
    """Lay the scores of a target out as rows.

    Parameters
    ----------
    view : TargetView
        The target; its labels and blocks are read, and how many rows it has.
    facts : TargetFacts
        What is said about it.
    setting : Setting
        What its pairs test.
    scored : ScoredTarget
        Its scores.
    information : mapping of str to Information
        Model to the answer of the information test.
    layout : Layout
        Metrics and level.

    Returns
    -------
    TargetResult
        Without anything as long as the loci.
    """
    kind, evaluated = layout.label_kind, scored.evaluated
    for name, value in scored.conditional.items():
        evaluated[name].values["conditional_auroc"] = value
    for name, answer in information.items():
        evaluated[name].values["spearman_with_average"] = answer.spearman_with_average
    everything = [*evaluated.values()]
    if kind == "binary":
        everything.append(_prevalence(view))
    columns: Columns = {}
    score_rows(columns, view, everything, layout.metrics, kind, layout.level)
    models = [one for one in evaluated.values() if one.kind == "model"]
    judged = [evaluated[name] for name in JUDGED if name in evaluated]
    verdict: Columns = {}
    comparison_rows(verdict, view, models, judged, kind, layout.level)
    return TargetResult(
        facts=facts,
        setting=setting,
        scores=columns,
        verdict=verdict,
        strata=scored.strata,
        comparisons=scored.comparisons,
        information=information,
        chance={
            one.name: is_no_better_than_chance(one, view, kind, layout.level) for one in models
        },
        ranks=scored.ranks,
    )


def _prevalence(view: TargetView) -> Evaluated:
    """Evaluate a constant score: what no skill gets."""
    n, n_positive = len(view.rows), int(np.count_nonzero(view.positive))
    values = {}
    if n_positive:
        values["average_precision"] = n_positive / n
        values["expected_average_precision"] = float(no_skill_average_precision(n_positive, n))
        if n_positive < n:
            values |= {"auroc": 0.5, "conditional_auroc": 0.5}
    return Evaluated(name="prevalence", kind="baseline", values=values)
