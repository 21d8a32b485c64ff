"""Which rows of a report a plot shows, with errors that say what there is."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from leakcheck._report.rows import distinct
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    from leakcheck.report import AuditReport

__all__ = [
    "MOST_NAMED",
    "choose_metric",
    "choose_target",
    "drawn_as",
    "family_pairs",
    "known_parameters",
    "model_families",
    "verdict_metric",
]

#: More models than this are shown by family: no reader tells so many colours apart.
MOST_NAMED: Final = 14


def verdict_metric(report: "AuditReport") -> str:
    """Metric that the verdicts are about."""
    metrics = distinct(report.verdict, "metric")
    return metrics[0] if metrics else ""


def choose_metric(table: pd.DataFrame, name: str, asked: str | None, usual: str) -> str:
    """Metric that was asked for; else the usual one, or the first of the table."""
    metrics = distinct(table, "metric")
    if not metrics:
        raise ValidationError(
            f"the report must have rows in its table `{name}` to draw them; it has none. "
            "Its findings and the column `reason` of report.verdict say why."
        )
    if asked is None:
        return usual if usual in metrics else metrics[0]
    if asked not in metrics:
        raise ValidationError(
            f"`metric` must be in the report's table `{name}`; {asked!r} is not. "
            f"Choose one of {metrics}."
        )
    return asked


def choose_target(table: pd.DataFrame, asked: str | None) -> str:
    """Target that was asked for, else the first."""
    targets = distinct(table, "target")
    if asked is None:
        return targets[0]
    if asked not in targets:
        raise ValidationError(
            f"`target` must be a target of the report; {asked!r} is not. The report has "
            f"{len(targets)}, the first are {targets[:8]}."
        )
    return asked


def model_families(settings: Mapping[str, Any], models: Sequence[str]) -> dict[str, str]:
    """Family of each model; a model without one is a family of its own."""
    families = settings.get("families") or {}
    return {model: families.get(model, model) for model in models}


def drawn_as(families: Mapping[str, str]) -> dict[str, str]:
    """What each model is drawn as: its family, or all as one where families are too many."""
    if len(set(families.values())) <= MOST_NAMED:
        return dict(families)
    return dict.fromkeys(families, f"{len(families)} models")


def family_pairs(comparisons: pd.DataFrame, target: str) -> pd.DataFrame:
    """Tests of a target, with a column that is the same for both directions of a pair."""
    rows = comparisons[comparisons["target"] == target]
    pairs = [
        " | ".join(sorted(pair)) for pair in zip(rows["family_a"], rows["family_b"], strict=True)
    ]
    return rows.assign(pair=pairs)


def known_parameters(
    parameters: Mapping[str, float] | None, models: Sequence[str]
) -> dict[str, float]:
    """Numbers of parameters of the models that have one."""
    given = parameters or {}
    known = {model: given[model] for model in models if model in given}
    if not known:
        raise ValidationError(
            f"`parameters` must give the number of parameters of a model; none of {len(models)} "
            "models has one. Pass for example: parameters={" + f"{models[0]!r}: 12_000" + "}."
            if models
            else "the report must have models to draw; it has none. Audit a model first."
        )
    wrong = {model: count for model, count in known.items() if not count > 0}
    if wrong:
        model, count = next(iter(wrong.items()))
        raise ValidationError(
            f"`parameters` must be positive; {len(wrong)} of {len(known)} are not, the first is "
            f"{model!r} with {count!r}. The axis is logarithmic: leave out models without any."
        )
    return known
