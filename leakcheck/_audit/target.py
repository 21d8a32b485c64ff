"""The audit of one target: everything that can be said without the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.base.conditional import Ranked
from leakcheck.base.ranking import no_skill_average_precision
from leakcheck.baselines import BOUNDS, Baselines, BaselineScores
from leakcheck.comparison import comparison_rows
from leakcheck.data import EvaluationSet
from leakcheck.families import family_rows
from leakcheck.memorization import InformationTest, Question, TargetInformation
from leakcheck.metrics import (
    Columns,
    Evaluated,
    Kind,
    evaluate,
    is_no_better_than_chance,
    score_rows,
)
from leakcheck.panel import ReferencePanel, TargetView
from leakcheck.rank_profile import rank_rows
from leakcheck.strata import StrataChoice, make_strata
from leakcheck.stratified import strata_rows

__all__ = ["TargetAudit", "TargetResult"]

#: Baselines that every model is judged against; the others stand beside them in the scores.
JUDGED = ("average-activity", "average-signal", "nearest-celltype")


class TargetResult(NamedTuple):
    """Rows of the tables for one target.

    Attributes
    ----------
    baselines : BaselineScores
        Without the scores themselves.
    scores, verdict : dict of str to list
        Columns.
    strata, comparisons : list of dict of str to list
        Columns, part by part.
    information : TargetInformation
        Answers by model.
    chance : dict of str to bool
        Model to whether its score could be noise.
    ranks : dict of str to list
        Columns.
    """

    baselines: BaselineScores
    scores: Columns
    verdict: Columns
    strata: list[Columns]
    comparisons: list[Columns]
    information: TargetInformation
    chance: dict[str, bool]
    ranks: Columns


@dataclass(eq=False)
class TargetAudit:
    """Audits targets, some at a time; shared work is done once.

    Parameters
    ----------
    data : EvaluationSet
        The checked input.
    panel : ReferencePanel
        The references.
    baselines : Baselines
        Baselines of all targets.
    strata : "activity", array-like or callable
        See `leakcheck.audit`.
    metrics : tuple of str
        Metrics of the table `scores`.
    level : float
        One-sided confidence level of each bound.
    families : dict of str to str
        Model to family.
    """

    data: EvaluationSet
    panel: ReferencePanel
    baselines: Baselines
    strata: StrataChoice
    metrics: tuple[str, ...]
    level: float
    families: dict[str, str]
    _information: InformationTest = field(init=False)

    def __post_init__(self) -> None:
        self._information = InformationTest(self.panel)

    def __call__(self, targets: Sequence[str]) -> list[TargetResult]:
        """Audit some targets.

        Parameters
        ----------
        targets : sequence of str
            Targets of the evaluation set; the more of them have the same loci, the less each
            costs.

        Returns
        -------
        list of TargetResult
            Rows of each.
        """
        found = [self.baselines.of(target) for target in targets]
        ranked = [self._ranked(one.view) for one in found]
        questions = [
            Question(
                one.view,
                {name: score.values for name, score in models.items()},
                {name: score.ranks for name, score in models.items()},
                one.scores["nearest-celltype"],
            )
            for one, models in zip(found, ranked, strict=True)
        ]
        answers = self._information.of_all(questions)
        return [self._audit(*parts) for parts in zip(found, ranked, answers, strict=True)]

    def _ranked(self, view: TargetView) -> dict[str, Ranked]:
        """Scores of all models at the loci of a target."""
        return {
            name: Ranked.of(self.data.scores_of(name, view.column)[view.rows])
            for name in self.data.models
        }

    def _audit(
        self, found: BaselineScores, ranked: dict[str, Ranked], information: TargetInformation
    ) -> TargetResult:
        """Put everything that has a score of the target side by side."""
        free: dict[str, tuple[Kind, FloatArray]] = {
            name: ("bound" if name in BOUNDS else "baseline", scores)
            for name, scores in found.scores.items()
        }
        if information.ceiling is not None:
            free["supervised-ceiling"] = ("bound", information.ceiling)
        everything: dict[str, tuple[Kind, FloatArray]] = {
            name: ("model", one.values) for name, one in ranked.items()
        }
        everything |= free
        return self._rows(found, everything, information, ranked)

    def _rows(
        self,
        found: BaselineScores,
        scores: dict[str, tuple[Kind, FloatArray]],
        information: TargetInformation,
        ranked: dict[str, Ranked],
    ) -> TargetResult:
        """Evaluate all scores and lay the results out."""
        view, kind = found.view, self.data.label_kind
        counted = scores
        if kind == "binary":  # small integers of the same order, where known, are faster to rank
            codes: dict[str, Any] = {name: one.codes for name, one in ranked.items()} | found.codes
            counted = {name: (of, codes.get(name, own)) for name, (of, own) in scores.items()}
        evaluated = self._evaluate(view, counted, ranked)
        strata = make_strata(self.data, view, self.strata)
        shown = {n: pair for n, pair in counted.items() if pair[0] == "model" or n in JUDGED}
        strata_parts, conditional = strata_rows(view, strata, shown, kind, JUDGED)
        for name, value in conditional.items():
            evaluated[name].values["conditional_auroc"] = value
        for name, answer in information.by_model.items():
            evaluated[name].values["spearman_with_average"] = answer.spearman_with_average
        everything = [*evaluated.values()]
        if kind == "binary":
            everything.append(_prevalence(view))
        columns: Columns = {}
        score_rows(columns, view, everything, self.metrics, kind, self.level)
        models = [one for one in evaluated.values() if one.kind == "model"]
        judged = [evaluated[name] for name in JUDGED if name in evaluated]
        verdict: Columns = {}
        comparison_rows(verdict, view, models, judged, kind, self.level)
        comparisons = family_rows(
            view,
            strata,
            {one.name: scores[one.name][1] for one in models},
            models,
            self.families,
            kind,
            self.level,
        )
        return TargetResult(
            baselines=found.without_scores(),
            scores=columns,
            verdict=verdict,
            strata=strata_parts,
            comparisons=comparisons,
            information=information,
            chance={
                one.name: is_no_better_than_chance(one, view, kind, self.level) for one in models
            },
            ranks=rank_rows(view, ranked),
        )

    def _evaluate(
        self,
        view: TargetView,
        scores: dict[str, tuple[Kind, FloatArray]],
        ranked: dict[str, Ranked],
    ) -> dict[str, Evaluated]:
        """Evaluate every score; the oracle is often the nearest cell type over again."""
        kind = self.data.label_kind
        variance = self.panel.label_variance(view) if kind == "continuous" else None
        evaluated: dict[str, Evaluated] = {}
        for name, (of, values) in scores.items():
            if name == "oracle" and np.array_equal(values, scores["nearest-celltype"][1]):
                evaluated[name] = evaluated["nearest-celltype"].renamed(name, of)
            else:
                judged = of == "model" or name in JUDGED
                order = ranked[name].order if name in ranked else None
                evaluated[name] = evaluate(
                    view, name, of, values, kind, variance, intervals=judged, order=order
                )
        return evaluated


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
