"""Floor 4: scores of models and baselines at the loci of a target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from leakcheck._typing import FloatArray, LabelKind
from leakcheck.base.column_ranking import (
    ColumnScores,
    column_ranking_scores,
    column_without_blocks,
)
from leakcheck.base.ranking import no_skill_average_precision
from leakcheck.base.regression import RegressionSums, sum_up
from leakcheck.base.resampling import confidence_bounds, jackknife
from leakcheck.data.wording import counted
from leakcheck.exceptions import ValidationError
from leakcheck.panel import TargetView

__all__ = [
    "COMPANION_METRIC",
    "METRICS",
    "PRIMARY_METRIC",
    "RANKING_METRICS",
    "REGRESSION_METRICS",
    "Columns",
    "Evaluated",
    "Kind",
    "check_metrics",
    "evaluate",
    "is_no_better_than_chance",
    "score_rows",
    "why_undefined",
]

Kind: TypeAlias = Literal["model", "baseline", "bound"]
Columns: TypeAlias = dict[str, list[Any]]

RANKING_METRICS = ("average_precision", "expected_average_precision", "auroc")
REGRESSION_METRICS = ("mse", "pearson")

#: Metrics of each kind of labels, in the order of the table `scores`.
METRICS: Final[dict[LabelKind, tuple[str, ...]]] = {
    "binary": (*RANKING_METRICS, "conditional_auroc", "spearman_with_average"),
    "continuous": (
        *REGRESSION_METRICS,
        "spearman",
        "r2",
        "msevar",
        "mse1obs",
        "mse1imp",
        "anomaly_correlation",
        "spearman_with_average",
    ),
}

#: The metric that the skill is computed from, and the one that a win must hold for as well.
PRIMARY_METRIC: Final[dict[LabelKind, str]] = {
    "binary": "expected_average_precision",
    "continuous": "mse",
}
COMPANION_METRIC: Final[dict[LabelKind, str]] = {"binary": "auroc", "continuous": "pearson"}

#: Metrics that only models, or only what is judged, have rows of.
_NOT_FOR_ALL: Final = frozenset({"conditional_auroc", "spearman_with_average"})

#: Metrics where lower is better.
LOWER_IS_BETTER: Final = frozenset({"mse", "msevar", "mse1obs", "mse1imp"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluated:
    """One score of a target, evaluated whole and without each block.

    Attributes
    ----------
    name : str
        Model or baseline.
    kind : {"model", "baseline", "bound"}
        What it is.
    values : dict of str to float
        Metric to value.
    replicates : dict of str to ndarray of float, shape (n_blocks,)
        Metric to its values without each block; only for metrics with an interval.
    """

    name: str
    kind: Kind
    values: dict[str, float] = field(default_factory=dict)
    replicates: dict[str, FloatArray] = field(default_factory=dict)

    def renamed(self, name: str, kind: Kind) -> "Evaluated":
        """Give the same score another name.

        Parameters
        ----------
        name : str
            New name.
        kind : {"model", "baseline", "bound"}
            What it is under that name.

        Returns
        -------
        Evaluated
            With values of its own and shared replicates.
        """
        return Evaluated(name=name, kind=kind, values=dict(self.values), replicates=self.replicates)


def check_metrics(metrics: Sequence[str] | None, label_kind: LabelKind) -> tuple[str, ...]:
    """Choose the metrics of the table `scores`.

    Parameters
    ----------
    metrics : sequence of str, or None
        Names; None for all that fit the labels.
    label_kind : {"binary", "continuous"}
        Kind of labels.

    Returns
    -------
    tuple of str
        Names in the order given.

    Raises
    ------
    ValidationError
        When a name is unknown or does not fit the labels.

    Examples
    --------
    >>> check_metrics(["auroc"], "binary")
    ('auroc',)
    """
    known = METRICS[label_kind]
    if metrics is None:
        return known
    given: Any = metrics
    metrics = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    wrong = [name for name in metrics if name not in known]
    if wrong or not metrics:
        came = (
            f"{counted(len(wrong), 'other')} came, the first {wrong[0]!r}" if wrong else "none came"
        )
        raise ValidationError(
            f"`metrics` must name metrics of {label_kind} labels; {came}. "
            f"Choose from {', '.join(known)}."
        )
    return tuple(metrics)


def evaluate(
    view: TargetView,
    name: str,
    kind: Kind,
    scores: ColumnScores | RegressionSums,
    label_kind: LabelKind,
    locus_variance: FloatArray | None = None,
    *,
    intervals: bool = True,
) -> Evaluated:
    """Evaluate one score at the loci of a target.

    Parameters
    ----------
    view : TargetView
        The target.
    name : str
        Model or baseline.
    kind : {"model", "baseline", "bound"}
        What it is.
    scores : ndarray of float, shape (n,), SortedColumn, LevelCounts or RegressionSums
        Finite. For binary labels their order, or the counts of their levels, do as well, for
        real-valued ones their sums by block.
    label_kind : {"binary", "continuous"}
        Decides the metrics.
    locus_variance : ndarray of float, shape (n,), optional
        Variance of the label over reference cell types, the weight of `msevar`.
    intervals : bool
        Whether to evaluate it without each block as well; only what is judged needs it.

    Returns
    -------
    Evaluated
        Without the metrics that need strata or the average's ranks. NaN where undefined.

    Raises
    ------
    TypeError
        When scores of real-valued labels came as an order or as counts, which only ranks need.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> evaluate(view, "net", "model", np.array([0.9, 0.1]), "binary").values["auroc"]
    1.0
    """
    n_blocks = len(view.block_sizes)
    if label_kind == "continuous" and isinstance(scores, np.ndarray):
        scores = sum_up(
            view.labels,
            scores,
            blocks=view.blocks,
            n_blocks=n_blocks,
            average=view.average,
            locus_variance=locus_variance,
        )
    if isinstance(scores, RegressionSums):
        return _of_sums(name, kind, scores, intervals=intervals)
    if label_kind == "continuous":
        raise TypeError(f"{type(scores).__name__} is for binary labels")
    if not intervals:
        alone = column_ranking_scores(view.positive, scores)
        return Evaluated(name=name, kind=kind, values=alone._asdict())
    full, rows = column_without_blocks(view.positive, scores, view.blocks, n_blocks)
    return Evaluated(
        name=name,
        kind=kind,
        values={metric: float(getattr(full, metric)) for metric in RANKING_METRICS},
        replicates={metric: getattr(rows, metric) for metric in RANKING_METRICS},
    )


def _of_sums(name: str, kind: Kind, sums: RegressionSums, *, intervals: bool) -> Evaluated:
    """Evaluate a score of real-valued labels."""
    whole = sums.scores()
    values = {m: float(getattr(whole, m)) for m in METRICS["continuous"] if hasattr(whole, m)}
    without = sums.without_blocks()[1] if intervals else None
    replicates = {m: getattr(without, m) for m in REGRESSION_METRICS if intervals}
    return Evaluated(name=name, kind=kind, values=values, replicates=replicates)


def score_rows(
    columns: Columns,
    view: TargetView,
    evaluated: Sequence[Evaluated],
    metrics: Sequence[str],
    label_kind: LabelKind,
    level: float,
) -> None:
    """Append the rows of the table `scores` for one target.

    Parameters
    ----------
    columns : dict of str to list
        Columns of the table so far; grows in place.
    view : TargetView
        The target.
    evaluated : sequence of Evaluated
        Models, baselines and bounds.
    metrics : sequence of str
        Metrics to show.
    label_kind : {"binary", "continuous"}
        Kind of labels.
    level : float
        One-sided confidence level of each bound.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> net = evaluate(view, "net", "model", np.array([0.9, 0.1]), "binary")
    >>> score_rows(rows := {}, view, [net], ["auroc"], "binary", 0.95)
    >>> rows["model"], rows["value"], rows["no_skill"]
    (['net'], [1.0], [0.5])
    """
    n = len(view.rows)
    n_positive = int(np.count_nonzero(view.positive)) if label_kind == "binary" else 0
    prevalence = n_positive / n if label_kind == "binary" and n else np.nan
    no_skill = _no_skill(n_positive, n, label_kind)
    bounds = _bounds(evaluated, view, level)
    for one in evaluated:
        shown = [name for name in metrics if name not in _NOT_FOR_ALL or name in one.values]
        values = [one.values.get(name, np.nan) for name in shown]
        limits = [bounds.get((one.name, name), (np.nan, np.nan)) for name in shown]
        rows: Columns = {
            "model": [one.name] * len(shown),
            "target": [view.name] * len(shown),
            "metric": shown,
            "value": values,
            "ci_low": [low for low, _ in limits],
            "ci_high": [high for _, high in limits],
            "prevalence": [prevalence] * len(shown),
            "n_loci": [n] * len(shown),
            "n_positive": [n_positive] * len(shown),
            "reason": [
                why_undefined(value, name, n, n_positive, label_kind)
                for name, value in zip(shown, values, strict=True)
            ],
            "kind": [one.kind] * len(shown),
            "no_skill": [no_skill.get(name, np.nan) for name in shown],
        }
        for key, entries in rows.items():
            columns.setdefault(key, []).extend(entries)


def _bounds(
    evaluated: Sequence[Evaluated], view: TargetView, level: float
) -> dict[tuple[str, str], tuple[float, float]]:
    """Confidence bounds by score and metric, of the metrics that have replicates."""
    keys = [(one.name, metric) for one in evaluated for metric in one.replicates]
    if not keys:
        return {}
    estimate = np.array([one.values[metric] for one in evaluated for metric in one.replicates])
    rows = np.stack([row for one in evaluated for row in one.replicates.values()], axis=1)
    low, high = confidence_bounds(jackknife(estimate, rows, view.block_sizes), level)
    return dict(zip(keys, zip(low.tolist(), high.tolist(), strict=True), strict=True))


def is_no_better_than_chance(
    one: Evaluated, view: TargetView, label_kind: LabelKind, level: float
) -> bool:
    """Whether a score could be noise: the lower bound of its companion metric is at no skill.

    Parameters
    ----------
    one : Evaluated
        A score of the target.
    view : TargetView
        The target.
    label_kind : {"binary", "continuous"}
        AUROC against 1/2, or Pearson's correlation against 0.
    level : float
        One-sided confidence level.

    Returns
    -------
    bool
        False where the metric is undefined.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1] * 4 + [None] * 4, [1, 0] * 4, [*"abcd"] * 2, [*"TTTTAAAA"])
    >>> view = panel.ReferencePanel(data, np.arange(4) // 2, n_blocks=2).view("T")
    >>> constant = evaluate(view, "net", "model", np.ones(4), "binary")
    >>> is_no_better_than_chance(constant, view, "binary", 0.95)
    True
    """
    metric = COMPANION_METRIC[label_kind]
    low = _bounds([one], view, level).get((one.name, metric), (np.nan, np.nan))[0]
    return low <= (0.5 if label_kind == "binary" else 0.0)


def _no_skill(n_positive: int, n: int, label_kind: LabelKind) -> dict[str, float]:
    """No-skill value of each metric that has one."""
    if label_kind == "continuous":
        return dict.fromkeys(("pearson", "spearman", "r2", "anomaly_correlation"), 0.0)
    precision = float(no_skill_average_precision(n_positive, n)) if n_positive else np.nan
    return {
        "average_precision": precision,
        "expected_average_precision": precision,
        "auroc": 0.5,
        "conditional_auroc": 0.5,
    }


def why_undefined(value: float, metric: str, n: int, n_positive: int, label_kind: LabelKind) -> str:
    """Say why a metric is undefined.

    Parameters
    ----------
    value : float
        Value of the metric.
    metric : str
        Its name.
    n, n_positive : int
        Loci, and active ones among them.
    label_kind : {"binary", "continuous"}
        Kind of labels.

    Returns
    -------
    str
        The reason beside a NaN, else "".

    Examples
    --------
    >>> why_undefined(float("nan"), "auroc", 5, 0, "binary")
    'no positive label'
    """
    if not np.isnan(value):
        return ""
    if n == 0:
        return "no audited locus is observed in a reference cell type"
    if label_kind == "binary" and n_positive == 0:
        return "no positive label"
    if label_kind == "binary" and n_positive == n:
        return "no negative label"
    if metric == "conditional_auroc":
        return "no stratum has both classes"
    return "a variance is zero"
