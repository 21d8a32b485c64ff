"""Every score of a target whose numbers are in memory, evaluated."""

from collections.abc import Mapping

import numpy as np

from leakcheck._audit.rows import JUDGED, Layout, ScoredTarget
from leakcheck._typing import FloatArray
from leakcheck.base.column_ranking import ColumnScores
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.families import family_rows
from leakcheck.metrics import Evaluated, Kind, evaluate
from leakcheck.panel import TargetView
from leakcheck.rank_profile import rank_rows
from leakcheck.strata import Strata
from leakcheck.stratified import strata_rows

__all__ = ["Scores", "score_target"]

Scores = Mapping[str, tuple[Kind, ColumnScores]]


def score_target(
    view: TargetView,
    scores: Scores,
    strata: Strata,
    layout: Layout,
    families: Mapping[str, str],
    *,
    orders: Mapping[str, SortedColumn],
    same_oracle: bool,
    variance: FloatArray | None = None,
) -> ScoredTarget:
    """Evaluate all scores of a target.

    Parameters
    ----------
    view : TargetView
        The target.
    scores : mapping of str to (kind, scores)
        Models, then baselines and bounds.
    strata : Strata
        Its strata.
    layout : Layout
        Kind of labels and level.
    families : mapping of str to str
        Model to family.
    orders : mapping of str to SortedColumn
        Order of each model's scores.
    same_oracle : bool
        Whether the oracle is the nearest cell type over again, as it often is.
    variance : ndarray of float, shape (n,), optional
        Variance of continuous labels over the reference cell types.

    Returns
    -------
    ScoredTarget
    """
    kind, level = layout.label_kind, layout.level
    evaluated: dict[str, Evaluated] = {}
    for name, (of, values) in scores.items():
        if name == "oracle" and same_oracle:
            evaluated[name] = evaluated["nearest-celltype"].renamed(name, of)
        else:
            judged = of == "model" or name in JUDGED
            evaluated[name] = evaluate(view, name, of, values, kind, variance, intervals=judged)
    shown = {n: pair for n, pair in scores.items() if pair[0] == "model" or n in JUDGED}
    parts, conditional = strata_rows(view, strata, shown, kind, JUDGED)
    models = {name: values for name, (of, values) in scores.items() if of == "model"}
    if any(not isinstance(values, np.ndarray | SortedColumn) for values in models.values()):
        raise TypeError("scores of models are arrays or sorted columns")
    whole = [evaluated[name] for name in models]
    comparisons = family_rows(view, strata, models, whole, families, kind, level)  # type: ignore[arg-type]
    return ScoredTarget(evaluated, parts, conditional, comparisons, rank_rows(view, orders))
