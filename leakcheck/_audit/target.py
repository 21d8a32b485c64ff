"""The audit of one target: everything that can be said without the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from leakcheck._audit.rows import Layout, TargetResult, lay_out
from leakcheck._audit.scoring import score_target
from leakcheck._blas import one_blas_thread
from leakcheck._typing import BoolArray, FloatArray
from leakcheck.base.column_ranking import ColumnScores
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.baselines import BOUNDS, Baselines, BaselineScores
from leakcheck.data import EvaluationSet
from leakcheck.design import near_loci, setting_of
from leakcheck.diagnosis import TargetFacts
from leakcheck.memorization import InformationTest, Question, TargetInformation
from leakcheck.metrics import Kind
from leakcheck.panel import ReferencePanel, TargetView
from leakcheck.strata import StrataChoice, make_strata

__all__ = ["TargetAudit"]


class _Model(NamedTuple):
    """Scores of a model at the loci of a target, and their order, found once."""

    values: FloatArray
    order: SortedColumn


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
    layout : Layout
        Metrics and level of the rows.
    families : dict of str to str
        Model to family.
    """

    data: EvaluationSet
    panel: ReferencePanel
    baselines: Baselines
    strata: StrataChoice
    layout: Layout
    families: dict[str, str]
    _information: InformationTest = field(init=False)
    _near: BoolArray | None = field(init=False)

    def __post_init__(self) -> None:
        self._information = InformationTest(self.panel)
        self._near = near_loci(self.data)

    @one_blas_thread()
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
        models = [self._models(one.view) for one in found]
        questions = [
            Question(
                one.view,
                {name: score.values for name, score in own.items()},
                {name: score.order.twice_mean_ranks() / 2 for name, score in own.items()},
                one.scores["nearest-celltype"],
            )
            for one, own in zip(found, models, strict=True)
        ]
        answers = self._information.of_all(questions)
        return [self._audit(*parts) for parts in zip(found, models, answers, strict=True)]

    def _models(self, view: TargetView) -> dict[str, _Model]:
        """Scores of all models at the loci of a target."""
        found = {}
        for name in self.data.models:
            values = self.data.scores_of(name, view.column)[view.rows]
            found[name] = _Model(values, SortedColumn.from_scores(values))
        return found

    def _audit(
        self, found: BaselineScores, models: dict[str, _Model], information: TargetInformation
    ) -> TargetResult:
        """Put everything that has a score of the target side by side."""
        binary = self.data.label_kind == "binary"
        scores: dict[str, tuple[Kind, ColumnScores]] = {
            name: ("model", one.order if binary else one.values) for name, one in models.items()
        }
        for name, values in found.scores.items():
            # Small integers of the same order, where known, are faster to rank.
            own = found.codes.get(name, values) if binary else values
            scores[name] = ("bound" if name in BOUNDS else "baseline", own)
        if information.ceiling is not None:
            scores["supervised-ceiling"] = ("bound", information.ceiling)
        view = found.view
        scored = score_target(
            view,
            scores,
            make_strata(self.data, view, self.strata),
            self.layout,
            self.families,
            orders={name: one.order for name, one in models.items()},
            same_oracle=np.array_equal(found.scores["oracle"], found.scores["nearest-celltype"]),
            variance=None if binary else self.panel.label_variance(view),
        )
        return lay_out(
            view,
            TargetFacts.of(found, self._n_near(view)),
            setting_of(self.data, view.name),
            scored,
            information.by_model,
            self.layout,
        )

    def _n_near(self, view: TargetView) -> int | None:
        """Count the audited loci that are new and lie near a reference locus."""
        if self._near is None:
            return None
        return int(np.count_nonzero(self._near & self.data.audited[:, view.column]))
