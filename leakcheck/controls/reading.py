"""What a control says: the audit of the real model beside that of the control."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from leakcheck.data.arrays import is_number
from leakcheck.data.wording import counted, listing
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    from leakcheck.report import AuditReport

__all__ = ["CONTROLS", "ControlReading", "read_control"]

#: Control -> reading -> what it means.
CONTROLS: Final[Mapping[str, Mapping[str, str]]] = {
    "random-features": {
        "stays": (
            "random numbers that name the locus do as well as the real inputs: consistent with "
            "memory of the loci"
        ),
        "falls": "part of the performance needs the real inputs; naming the loci gives the rest",
        "gone": "the performance needs the real inputs: naming the loci is not enough",
    },
    "labels-within-locus": {
        "stays": (
            "labels without anything special to a cell type train as good a model: consistent with "
            "memory of each locus's average"
        ),
        "falls": "part of the performance comes from what is special to cell types",
        "gone": "the performance comes from what is special to cell types",
    },
    "labels-within-celltype": {
        "stays": (
            "labels that say nothing about loci train as good a model: something leaks, or the "
            "metric is not what it seems"
        ),
        "falls": (
            "labels that say nothing about loci still train a model better than chance: look for a "
            "leak"
        ),
        "gone": "without labels that belong to loci nothing is left, as it should be",
    },
    "average-input": {
        "stays": (
            "the average activity alone gives nearly all of it; whether the rest is a gain, the "
            "audit's verdict against the average activity says"
        ),
        "falls": "part of the performance is more than the average activity gives",
        "gone": "the average activity gives none of the performance",
    },
}

READINGS: Final = ("stays", "falls", "gone", "inconclusive", "not-testable")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ControlReading:
    """What a control says about a model.

    Attributes
    ----------
    control : str
        A key of `CONTROLS`.
    verdict : str
        ``stays``, ``falls`` or ``gone`` where every testable target says so, ``inconclusive`` where
        none says anything, ``mixed`` where targets differ, ``not-testable``.
    words : str
        The verdict in words, with its numbers.
    table : pandas.DataFrame
        One row for each model and target: ``model, control_model, target, metric, real, control,
        no_skill, kept, kept_low, kept_high, reading, reason``.
    """

    control: str
    verdict: str
    words: str
    table: pd.DataFrame

    def __str__(self) -> str:
        """Give the verdict in words."""
        return "\n".join(textwrap.wrap(self.words, 96))

    def __repr__(self) -> str:
        """Give the verdict in one line."""
        return f"<ControlReading of {self.control}: {self.verdict}; print() it for the numbers>"


def read_control(
    report_real: "AuditReport",
    report_control: "AuditReport",
    *,
    control: str,
    metric: str | None = None,
    tolerance: float = 0.1,
) -> ControlReading:
    """Read what became of a model's performance under a control.

    Parameters
    ----------
    report_real : AuditReport
        Audit of the model as it is meant.
    report_control : AuditReport
        Audit of the same kind of model, trained with the control, on the same targets. Models are
        matched by name; where each report has one, these two.
    control : {"random-features", "labels-within-locus", "labels-within-celltype", "average-input"}
        Which control was made.
    metric : str, optional
        Metric with a no-skill value; default ``expected_average_precision`` for binary labels,
        ``pearson`` for continuous ones.
    tolerance : float, default 0.1
        Share of the performance, in (0, 0.5), that may be lost where it still "stays", or be left
        where it is still "gone".

    Returns
    -------
    ControlReading
        The verdict in words with numbers, and a table.

    Raises
    ------
    ValidationError
        When the reports have no model and target in common, or an option is unknown.

    Notes
    -----
    The share of performance that is kept is ``(control - no_skill) / (real - no_skill)``. Its
    interval takes the errors of the two audits as independent, which is wide: both are over the
    same loci. ``stays``: surely above ``1 - tolerance``. ``gone``: surely below ``tolerance``, or
    the control is no better than chance and surely lost half. ``falls``: surely between.

    Examples
    --------
    >>> import leakcheck
    >>> report = leakcheck.audit(**leakcheck.simulate.demo_inputs())
    >>> found = read_control(report, report, control="random-features")
    >>> sorted(set(found.table["kept"].dropna().round(6)))
    [1.0]
    """
    if control not in CONTROLS:
        raise ValidationError(
            f"`control` must be one of {', '.join(CONTROLS)}; it is {control!r}. Name the one that "
            "was made."
        )
    for name, report in (("report_real", report_real), ("report_control", report_control)):
        if not hasattr(report, "scores") or not hasattr(report, "settings"):
            raise ValidationError(
                f"`{name}` must be an AuditReport; it is a {type(report).__name__}. Give what "
                "`leakcheck.audit` returns, or read a stored one with `AuditReport.from_json`."
            )
    if not (is_number(tolerance) and 0 < tolerance < 0.5):
        raise ValidationError(
            f"`tolerance` must be a share in (0, 0.5); it is {tolerance!r}. 0.1 is the default."
        )
    chosen = metric or _default_metric(report_real)
    real, other = (_scores(one, chosen) for one in (report_real, report_control))
    table = _table(_matched(real, other), chosen, tolerance)
    verdict = _verdict(table["reading"].tolist())
    return ControlReading(
        control=control, verdict=verdict, words=_words(control, verdict, table), table=table
    )


def _default_metric(report: "AuditReport") -> str:
    """Metric with a no-skill value."""
    binary = report.settings.get("label_kind", "binary") == "binary"
    return "expected_average_precision" if binary else "pearson"


def _scores(report: "AuditReport", metric: str) -> pd.DataFrame:
    """Scores of the models of a report."""
    scores = report.scores
    rows = scores[(scores["kind"] == "model") & (scores["metric"] == metric)]
    if rows.empty or rows["no_skill"].isna().all():
        known = scores.loc[scores["no_skill"].notna(), "metric"].unique()
        raise ValidationError(
            f"`metric` must be one of the reports' metrics with a no-skill value; {metric!r} is "
            f"none. They have {listing(known)}."
        )
    return rows[["model", "target", "value", "ci_low", "ci_high", "no_skill"]]


def _matched(real: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Rows of both reports side by side."""
    names = real["model"].unique(), other["model"].unique()
    other = other.assign(control_model=other["model"])
    if len(names[0]) == len(names[1]) == 1:
        other = other.assign(model=names[0][0])
    both = real.merge(other, on=["model", "target"], suffixes=("", "_control"))
    if both.empty:
        raise ValidationError(
            "`report_real` and `report_control` must have a model and a target in common; they "
            f"have the models {listing(names[0])} and {listing(names[1])}. Name the models alike, "
            "and audit the same targets."
        )
    return both


def _table(both: pd.DataFrame, metric: str, tolerance: float) -> pd.DataFrame:
    """Share of performance that is kept, with its interval and the reading."""
    room = both["value"] - both["no_skill"]
    real_error = (both["ci_high"] - both["ci_low"]) / 2
    control_error = (both["ci_high_control"] - both["ci_low_control"]) / 2
    share = (both["value_control"] - both["no_skill"]) / room
    # d(kept) = d(control) / room - kept * d(real) / room, the two errors taken as independent
    error = np.hypot(control_error, share * real_error) / room
    table = pd.DataFrame(
        {
            "model": both["model"],
            "control_model": both["control_model"],
            "target": both["target"],
            "metric": metric,
            "real": both["value"],
            "control": both["value_control"],
            "no_skill": both["no_skill"],
            "kept": share,
            "kept_low": share - error,
            "kept_high": share + error,
        }
    )
    no_better = both["ci_low"] <= both["no_skill"]
    at_chance = both["ci_low_control"] <= both["no_skill"]
    unknown = table["kept_low"].isna() | table["kept_high"].isna()
    rows = zip(table["kept_low"], table["kept_high"], at_chance, strict=True)
    readings = [_reading(low, high, chance, tolerance) for low, high, chance in rows]
    untested = no_better | unknown
    table["reading"] = np.where(untested, "not-testable", np.array(readings, dtype=object))
    table["reason"] = np.where(
        unknown,
        "a score or its interval is undefined",
        np.where(no_better, "the real model is no better than chance", ""),
    )
    for column in ("kept", "kept_low", "kept_high"):
        table.loc[untested, column] = np.nan
    return table


def _reading(low: float, high: float, chance: bool, tolerance: float) -> str:
    """Reading of one target from the interval of the share that is kept."""
    if low > 1 - tolerance:
        return "stays"
    if high < tolerance or (chance and high < 0.5):
        return "gone"
    return "falls" if high < 1 - tolerance and not chance else "inconclusive"


def _verdict(readings: list[str]) -> str:
    """One word for all targets."""
    testable = [reading for reading in readings if reading != "not-testable"]
    if not testable:
        return "not-testable"
    said = {reading for reading in testable if reading != "inconclusive"}
    if not said:
        return "inconclusive"
    return said.pop() if len(said) == 1 and "inconclusive" not in testable else "mixed"


def _words(control: str, verdict: str, table: pd.DataFrame) -> str:
    """Say the verdict with its numbers."""
    tested = table[table["reading"] != "not-testable"]
    if tested.empty:
        return f"Control {control}: nothing could be tested ({table['reason'].iloc[0]})."
    counts: dict[Any, int] = tested["reading"].value_counts().to_dict()
    parts = [f"{reading} at {counts[reading]}" for reading in READINGS if reading in counts]
    low, high = tested["kept_low"].median(), tested["kept_high"].median()
    numbers = (
        f"performance {', '.join(parts)} of {counted(len(tested), 'target')}; of what the model "
        f"has above chance in {tested['metric'].iloc[0]}, the control keeps "
        f"{tested['kept'].median():.0%} (median; interval {low:.0%} to {high:.0%})"
    )
    meaning = {
        "mixed": "targets do not agree, or some are inconclusive: read the table",
        "inconclusive": "the audits are too small to tell",
    }
    said = meaning.get(verdict) or CONTROLS[control][verdict]
    return f"Control {control}: {numbers}. In words: {said}."
