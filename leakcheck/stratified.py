"""Floor 4: scores of models and baselines inside the strata of a target."""

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np

from leakcheck._typing import IntArray, LabelKind
from leakcheck.base.column_ranking import ColumnScores, narrow_codes, scores_in_strata
from leakcheck.base.ranking import no_skill_average_precision
from leakcheck.base.ranktests import van_elteren_auroc
from leakcheck.base.regression import RegressionSums
from leakcheck.metrics import (
    RANKING_METRICS,
    REGRESSION_METRICS,
    Columns,
    Kind,
    why_undefined,
)
from leakcheck.panel import TargetView
from leakcheck.strata import Strata

__all__ = ["SMALL_STRATUM", "strata_rows"]

#: A stratum with fewer of either class is shown with this said beside it.
SMALL_STRATUM: Final = 10


def strata_rows(
    view: TargetView,
    strata: Strata,
    scores: Mapping[str, tuple[Kind, ColumnScores | RegressionSums]],
    label_kind: LabelKind,
    shown: Collection[str],
) -> tuple[list[Columns], dict[str, float]]:
    """Make the rows of the table `strata` for one target.

    Parameters
    ----------
    view : TargetView
        The target.
    strata : Strata
        Its strata.
    scores : mapping of str to (kind, scores)
        Models, baselines and bounds: arrays of float of shape (n,) or, for binary labels, a
        `SortedColumn` or `LevelCounts`, for real-valued ones `RegressionSums` by stratum. They are
        asked for once and one after another, so that the mapping may make them then.
    label_kind : {"binary", "continuous"}
        Kind of labels.
    shown : collection of str
        Baselines that get rows; models always do.

    Returns
    -------
    rows : list of dict of str to list
        One set of columns for each score that is shown.
    conditional : dict of str to float
        AUROC within strata, as `leakcheck.base.ranktests.van_elteren_auroc` gives it, by score;
        empty for continuous labels.

    Raises
    ------
    TypeError
        When scores of binary labels came as `RegressionSums`, which have no order.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> strata = Strata(names=("all loci",), codes=0 * view.blocks)
    >>> strata_rows(view, strata, {"net": ("model", view.labels)}, "binary", ())[1]
    {'net': 1.0}
    """
    if not strata.names:
        return [], {}
    if label_kind == "continuous":
        return [
            _regression_strata(view, strata, name, kind, values)
            for name, (kind, values) in scores.items()
            if kind == "model" or name in shown
        ], {}
    positive, k = view.positive, len(strata.names)
    codes = narrow_codes(strata.codes, k)
    rows: list[Columns] = []
    conditional = {}
    shared: Columns = {}  # the same loci and labels for every score
    for name, (kind, column) in scores.items():
        if isinstance(column, RegressionSums):
            raise TypeError("binary labels are ranked, and sums have no order")
        found = scores_in_strata(positive, column, codes, k)
        n_positive, n_negative = found.n_positive, found.n_loci - found.n_positive
        conditional[name] = float(van_elteren_auroc(found.auroc, n_positive, n_negative)[0])
        if kind == "model" or name in shown:
            values = np.stack(found[: len(RANKING_METRICS)])[:, 0]
            shared = shared or _shared_columns(view, strata, found.n_loci, n_positive)
            rows.append(dict(shared))
            rows[-1] |= {
                "model": [name] * (3 * k),
                "value": values.T.ravel().tolist(),
                "kind": [kind] * (3 * k),
            }
    return rows, conditional


def _shared_columns(
    view: TargetView, strata: Strata, n_loci: IntArray, n_positive: IntArray
) -> Columns:
    """All columns, three metrics for each stratum; those of one score are still empty."""
    k = len(strata.names)
    with np.errstate(invalid="ignore", divide="ignore"):
        prevalence = n_positive / n_loci
        precision = no_skill_average_precision(n_positive, n_loci)
    no_skill = np.stack([precision, precision, np.where(n_loci > 0, 0.5, np.nan)], axis=1)
    reason = [_why_small(p, n) for p, n in zip(n_positive.tolist(), n_loci.tolist(), strict=True)]
    return {
        "model": [""] * (3 * k),
        "target": [view.name] * (3 * k),
        "stratum": [name for name in strata.names for _ in RANKING_METRICS],
        "metric": list(RANKING_METRICS) * k,
        "value": [np.nan] * (3 * k),
        "prevalence": np.repeat(prevalence, 3).tolist(),
        "n_loci": np.repeat(n_loci, 3).tolist(),
        "n_positive": np.repeat(n_positive, 3).tolist(),
        "reason": [text for text in reason for _ in RANKING_METRICS],
        "kind": [""] * (3 * k),
        "no_skill": no_skill.ravel().tolist(),
    }


def _why_small(n_positive: int, n: int) -> str:
    """What to say beside the numbers of a small stratum."""
    if n == 0:
        return "no locus"
    if n_positive in {0, n}:
        return "no positive label" if n_positive == 0 else "no negative label"
    if min(n_positive, n - n_positive) < SMALL_STRATUM:
        return f"fewer than {SMALL_STRATUM} of a class: too few to interpret"
    return ""


def _regression_strata(
    view: TargetView, strata: Strata, name: str, kind: Kind, values: ColumnScores | RegressionSums
) -> Columns:
    """Columns of one score for continuous labels: two metrics for each stratum."""
    k = len(strata.names)
    if not isinstance(values, RegressionSums):
        sums = RegressionSums(n_strata=k)
        sums.add(view.labels, np.asarray(values), strata=strata.codes)
        values = sums
    n_loci, found = values.within_strata()
    columns: Columns = {}
    for code, stratum in enumerate(strata.names):
        n = int(n_loci[code])
        for metric in REGRESSION_METRICS:
            value = float(getattr(found, metric)[code])
            row = {
                "model": name,
                "target": view.name,
                "stratum": stratum,
                "metric": metric,
                "value": value,
                "prevalence": np.nan,
                "n_loci": n,
                "n_positive": 0,
                "reason": why_undefined(value, metric, n, 0, "continuous"),
                "kind": kind,
                "no_skill": 0.0 if metric == "pearson" else np.nan,
            }
            for key, entry in row.items():
                columns.setdefault(key, []).append(entry)
    return columns
