"""What of a report is shown: which models and targets, and at which of them in detail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from leakcheck._report.extremes import extreme_models
from leakcheck._report.rows import distinct
from leakcheck.metrics import LOWER_IS_BETTER
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["AVERAGE", "NEAREST", "Limits", "Shown", "choose", "evenly"]

AVERAGE, NEAREST = PRIMARY_BASELINES
_MOST_MODELS: Final = 12


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be shown, so that the page stays small whatever the data.

    Attributes
    ----------
    pairs : int
        Models times targets in the table of scores.
    detail : int
        Characters of numbers for strata and ranks at single targets.
    findings : int
        Places at which the same code was found.
    """

    pairs: int
    detail: int
    findings: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The chosen part of a report.

    Attributes
    ----------
    tables, settings
        The whole report.
    models, targets : list of str
        What is shown, in the report's order.
    n_models, n_targets : int
        How many there are in all.
    metric : str
        The metric that the verdicts are about.
    limits : Limits
        What the choice was made under.
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Mapping[str, Any]
    models: list[str]
    targets: list[str]
    n_models: int
    n_targets: int
    metric: str
    limits: Limits

    @property
    def is_binary(self) -> bool:
        """Whether loci are active or not; else labels are real numbers."""
        return str(self.settings.get("label_kind", "binary")) == "binary"

    @property
    def is_error(self) -> bool:
        """Whether the metric is an error, so that less of it is better."""
        return self.metric in LOWER_IS_BETTER

    def rows(self, table: str) -> pd.DataFrame:
        """Rows of a table that are about the shown targets."""
        frame = self.tables[table]
        if len(self.targets) == self.n_targets:
            return frame
        return frame[frame["target"].isin(self.targets)]

    @property
    def cut(self) -> str:
        """Say what is left out, and where it is; empty where all is shown."""
        parts = []
        if len(self.models) < self.n_models:
            parts.append(
                f"the {len(self.models)} of {self.n_models:,} models with the highest and the "
                "lowest skill"
            )
        if len(self.targets) < self.n_targets:
            parts.append(f"{len(self.targets):,} of {self.n_targets:,} targets, evenly chosen")
        if not parts:
            return ""
        return f"Shown are {' at '.join(parts)}; all numbers are in the report's JSON."


def choose(
    tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any], limits: Limits
) -> Shown:
    """Take every model and target while they are few; else the extremes, evenly."""
    verdict = tables["verdict"]
    models, targets = distinct(verdict, "model"), distinct(verdict, "target")
    metrics = distinct(verdict, "metric")
    most = max(1, min(_MOST_MODELS, limits.pairs // max(len(targets), 1)))
    chosen = models
    if len(models) > most:
        kept = set(extreme_models(tables["summary"], most))
        chosen = [model for model in models if model in kept]
    return Shown(
        tables=tables,
        settings=settings,
        models=chosen,
        targets=evenly(targets, max(1, limits.pairs // max(len(chosen), 1))),
        n_models=len(models),
        n_targets=len(targets),
        metric=metrics[0] if metrics else "",
        limits=limits,
    )


def evenly(names: Sequence[str], most: int) -> list[str]:
    """At most so many names, spread over the whole list."""
    if len(names) <= most:
        return list(names)
    return [names[place * len(names) // most] for place in range(most)]
