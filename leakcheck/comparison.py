"""Floor 4: a model against a baseline at the loci of one target."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray, LabelKind
from leakcheck.base.resampling import confidence_bounds, jackknife, upper_tail_pvalue
from leakcheck.metrics import (
    COMPANION_METRIC,
    LOWER_IS_BETTER,
    PRIMARY_METRIC,
    Columns,
    Evaluated,
)
from leakcheck.panel import TargetView

__all__ = [
    "DETECTABLE_ERRORS",
    "NEARLY_PERFECT",
    "adjust_pvalues",
    "adjust_within",
    "comparison_rows",
    "summarise_skill",
]

#: Above this a baseline leaves so little room that a ratio to the room is noise.
NEARLY_PERFECT: Final = 0.995

#: Relative difference of two scores that rounding alone may give.
ROUNDING: Final = 16 * float(np.finfo(np.float64).eps)

#: Gain that a one-sided test at 5% finds in 83% of data sets, in standard errors.
DETECTABLE_ERRORS: Final = 2.6


def comparison_rows(
    columns: Columns,
    view: TargetView,
    models: Sequence[Evaluated],
    baselines: Sequence[Evaluated],
    label_kind: LabelKind,
    level: float,
) -> None:
    """Append the numbers of the table `verdict` for one target.

    Parameters
    ----------
    columns : dict of str to list
        Columns of the table so far; grows in place. Words (`verdict, flag, specificity`) and
        adjusted p-values come later, when all targets are known.
    view : TargetView
        The target.
    models, baselines : sequence of Evaluated
        Every model is compared with every baseline.
    label_kind : {"binary", "continuous"}
        Decides the metrics.
    level : float
        One-sided confidence level of each bound.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, metrics, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> two = [metrics.evaluate(view, "", "model", k * view.labels, "binary") for k in (1, 0)]
    >>> comparison_rows(rows := {}, view, two[:1], two[1:], "binary", 0.95)
    >>> rows["model_value"], rows["baseline_value"], [float(skill) for skill in rows["skill"]]
    ([1.0], [0.75], [1.0])
    """
    pairs = [(model, baseline) for model in models for baseline in baselines]
    if not pairs:
        return
    primary, companion = PRIMARY_METRIC[label_kind], COMPANION_METRIC[label_kind]
    perfect = 0.0 if primary in LOWER_IS_BETTER else 1.0
    metrics = (primary, companion)
    own = np.array([[model.values[name] for name in metrics] for model, _ in pairs])
    other = np.array([[baseline.values[name] for name in metrics] for _, baseline in pairs])
    estimates = _gains(own, other, perfect)
    own_rows = np.array([[model.replicates[name] for name in metrics] for model, _ in pairs])
    other_rows = np.array([[base.replicates[name] for name in metrics] for _, base in pairs])
    rows = _gains(own_rows.transpose(2, 0, 1), other_rows.transpose(2, 0, 1), perfect)
    found = jackknife(estimates, rows, view.block_sizes)
    low, high = confidence_bounds(found, level)
    numbers = _Numbers(estimates, low, high, found.standard_error, upper_tail_pvalue(found))
    for i, (model, baseline) in enumerate(pairs):
        to_beat = baseline.values[primary]
        by_difference = perfect == 1.0 and to_beat > NEARLY_PERFECT
        row = {
            "model": model.name,
            "target": view.name,
            "baseline": baseline.name,
            "metric": primary,
            "model_value": model.values[primary],
            "baseline_value": to_beat,
            "degrees_of_freedom": float(found.degrees_of_freedom),
            "companion_metric": companion,
            "tested": "difference" if by_difference else "skill",
        }
        one = _Numbers(*(kind[i] for kind in numbers))
        row |= _row(one, 0 if by_difference else 1, view, label_kind)
        for key, entry in row.items():
            columns.setdefault(key, []).append(entry)


class _Numbers(NamedTuple):
    """Numbers of comparisons; in the last axis gain, skill, and gain of the companion metric."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    error: FloatArray
    pvalue: FloatArray


def _gains(own: FloatArray, other: FloatArray, perfect: float) -> FloatArray:
    """Gain over the baseline, skill, and gain of the companion metric; all in the last axis.

    The last axis that comes in is the metric: the primary one, then its companion.
    """
    sign = np.array([1.0 if perfect else -1.0, 1.0])
    gain = sign * (own - other)
    # The same scores, computed in two ways, differ in their last digits: no gain, and no loss.
    same = np.abs(gain) <= ROUNDING * np.maximum(np.abs(own), np.abs(other))
    gain = np.where(same, 0.0, gain)
    room = np.abs(perfect - other[..., 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        skill = np.where(room > 0, gain[..., 0] / np.where(room > 0, room, 1.0), np.nan)
    return np.stack([gain[..., 0], skill, gain[..., 1]], axis=-1)


def _row(
    numbers: _Numbers, tested: int, view: TargetView, label_kind: LabelKind
) -> dict[str, float | str]:
    """Numbers of one comparison."""
    estimates, low, high, errors, pvalues = numbers
    pvalue = float(np.maximum(pvalues[tested], pvalues[2]))
    if np.isnan(pvalues[2]) and high[tested] < 0:
        pvalue = 1.0  # lost already, whatever the companion would say
    return {
        "difference": estimates[0],
        "ci_low": low[0],
        "ci_high": high[0],
        "skill": estimates[1],
        "pvalue": pvalue,
        "skill_ci_low": low[1],
        "skill_ci_high": high[1],
        "skill_se": errors[1],
        "difference_se": errors[0],
        "companion_difference": estimates[2],
        "companion_ci_low": low[2],
        "companion_ci_high": high[2],
        "companion_se": errors[2],
        "minimum_detectable_gain": DETECTABLE_ERRORS * errors[0],
        "reason": _reason(
            view,
            label_kind,
            estimates[[tested, 2]],
            errors[[tested, 2]],
            perfect=bool(np.isnan(estimates[1])),
        ),
    }


def _reason(
    view: TargetView,
    label_kind: LabelKind,
    estimates: FloatArray,
    errors: FloatArray,
    *,
    perfect: bool,
) -> str:
    """Why a comparison is not testable, or has no skill; what is tested comes first."""
    if len(view.rows) == 0:
        return "no audited locus is observed in a reference cell type"
    if label_kind == "binary" and np.ptp(view.labels) == 0:
        return "the target's labels are all the same"
    if np.isnan(estimates[0]):
        return "the metric or the room above the baseline is undefined"
    if np.isnan(estimates[1]):
        return f"{COMPANION_METRIC[label_kind]} is undefined: a variance is zero"
    if np.isnan(errors).any():
        return "too few blocks, or a block holds all loci of a class"
    return "the baseline is perfect: there is no room for skill above it" if perfect else ""


def adjust_pvalues(pvalues: FloatArray, method: str = "holm") -> FloatArray:
    """Adjust p-values for their number, undefined ones left out.

    Parameters
    ----------
    pvalues : ndarray of float, shape (n,)
        P-values; NaN = not tested.
    method : str
        ``"holm"`` (family-wise error) or ``"fdr_bh"`` (false discovery rate), as statsmodels
        names them.

    Returns
    -------
    ndarray of float, shape (n,)
        Adjusted p-values, NaN where `pvalues` is.

    Examples
    --------
    >>> adjust_pvalues(np.array([0.01, np.nan, 0.04]))
    array([0.02,  nan, 0.04])
    """
    adjusted = np.full(len(pvalues), np.nan)
    defined = ~np.isnan(pvalues)
    if defined.any():
        adjusted[defined] = _METHODS[method](pvalues[defined])
    return adjusted


def _holm(pvalues: FloatArray) -> FloatArray:
    """Holm's step-down adjustment; statsmodels' own collects garbage at every call (80 ms)."""
    order = np.argsort(pvalues, kind="stable")
    steps = pvalues[order] * np.arange(len(pvalues), 0, -1)
    adjusted = np.empty(len(pvalues))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def _benjamini_hochberg(pvalues: FloatArray) -> FloatArray:
    """Benjamini & Hochberg's adjustment, by statsmodels."""
    from statsmodels.stats.multitest import fdrcorrection  # noqa: PLC0415 - a second to import

    adjusted: FloatArray = fdrcorrection(pvalues)[1]
    return adjusted


_METHODS: Final = {"holm": _holm, "fdr_bh": _benjamini_hochberg}


def adjust_within(
    table: pd.DataFrame, keys: Sequence[str], *, method: str, column: str = "pvalue"
) -> FloatArray:
    """Adjust the p-values of a table within each combination of keys.

    Parameters
    ----------
    table : DataFrame
        With the columns `keys` and `column`.
    keys : sequence of str
        Rows that agree in these form one family of tests.
    method : str
        As in `adjust_pvalues`.
    column : str
        The p-values.

    Returns
    -------
    ndarray of float, shape (n_rows,)
        Adjusted p-values.

    Examples
    --------
    >>> table = pd.DataFrame({"model": ["a", "a", "b"], "pvalue": [0.01, 0.04, 0.04]})
    >>> adjust_within(table, ["model"], method="holm")
    array([0.02, 0.04, 0.04])
    """
    adjusted = np.full(len(table), np.nan)
    values = table[column].to_numpy(dtype=float)
    for rows in table.groupby(list(keys), sort=False).indices.values():
        adjusted[rows] = adjust_pvalues(values[rows], method)
    return adjusted


def summarise_skill(
    verdict: pd.DataFrame, label_kind: LabelKind, quantile: Mapping[int, float]
) -> pd.DataFrame:
    r"""Average the skill of each model against each baseline over the targets.

    Parameters
    ----------
    verdict : DataFrame
        Table `verdict`; rows that are not testable take no part.
    label_kind : {"binary", "continuous"}
        Decides what a perfect model scores.
    quantile : mapping of int to float
        Student's t quantile by degrees of freedom.

    Returns
    -------
    DataFrame
        Columns ``model, baseline, skill, ci_low, ci_high, reason``: the ratio of sums
        :math:`\sum_t (M_t - B_t) / \sum_t (P - B_t)`, and its interval with the targets as the
        independent units (delete-one jackknife); NaN with a reason for a single target.

    Notes
    -----
    The skill at a target is :math:`S_t = (M_t - B_t) / (P - B_t)` with the model's metric
    :math:`M`, the baseline's :math:`B` and that of a perfect model :math:`P`: expected average
    precision and 1, or mean squared error and 0. Range minus infinity to 1: 1 is perfect, 0 is as
    good as the baseline, which is its no-skill value. NaN where the baseline leaves no room at any
    target, or no target is testable.

    Examples
    --------
    >>> table = pd.DataFrame({"model": ["m"] * 2, "baseline": ["average-activity"] * 2,
    ...     "verdict": ["beats"] * 2, "model_value": [0.9, 0.7], "baseline_value": [0.8, 0.6]})
    >>> float(summarise_skill(table, "binary", {1: 6.3})["skill"].iloc[0].round(3))
    0.333
    """
    perfect = 0.0 if PRIMARY_METRIC[label_kind] in LOWER_IS_BETTER else 1.0
    rows = []
    for (model, baseline), part in verdict.groupby(["model", "baseline"], sort=False):
        own, other = part["model_value"].to_numpy(), part["baseline_value"].to_numpy()
        defined = ~np.isnan(own) & ~np.isnan(other)
        defined &= (part["verdict"] != "not-testable").to_numpy()
        gain = np.where(perfect, own - other, other - own)[defined]
        room = np.abs(perfect - other)[defined]
        n = len(gain)
        skill = float(gain.sum() / room.sum()) if n and room.sum() > 0 else np.nan
        low = high = np.nan
        reason = _why_no_interval(room)
        if not reason:
            left = room.sum() - room
            without = (gain.sum() - gain) / left
            error = float(np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))
            low, high = skill - quantile[n - 1] * error, skill + quantile[n - 1] * error
        rows.append((model, baseline, skill, low, high, reason))
    return pd.DataFrame(rows, columns=["model", "baseline", "skill", "ci_low", "ci_high", "reason"])


def _why_no_interval(room: FloatArray) -> str:
    """Why the spread between targets is unknown, from the room above the baseline at each."""
    if not len(room):
        return "no target is testable"
    if not room.any():
        return "the baseline is perfect at every target"
    if len(room) == 1:
        return "one target says nothing about others"
    return "" if np.count_nonzero(room) > 1 else "the baseline is perfect at all targets but one"
