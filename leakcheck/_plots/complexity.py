"""Scores against the number of parameters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from leakcheck._plots.style import (
    BASELINES,
    axis_label,
    colours,
    head,
    markers,
    shown,
    shown_apart,
    tidy,
)
from leakcheck._report.rows import distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_complexity"]

_MOST_LABELS: Final = 12


def draw_complexity(
    scores: pd.DataFrame,
    parameters: Mapping[str, float],
    families: Mapping[str, str],
    metric: str,
    ax: "Axes",
) -> None:
    """Draw each model of one target at its number of parameters, and the baselines as lines."""
    models = scores[scores["model"].isin(list(parameters)) & (scores["kind"] == "model")]
    models = models.dropna(subset=["value"])
    names = list(dict.fromkeys(families[model] for model in distinct(models, "model")))
    _draw_lines(scores, ax)
    colour, marker, labels = colours(names), markers(names), shown_apart(names, 24)
    for family in names:
        rows = models[[families[model] == family for model in models["model"]]]
        x = np.array([parameters[model] for model in rows["model"]], dtype=float)
        ax.vlines(x, rows["ci_low"], rows["ci_high"], colors=colour[family], alpha=0.6)
        ax.plot(x, rows["value"], marker[family], color=colour[family], label=labels[family])
    few = len(models) <= _MOST_LABELS
    if few and len(names) < len(models):
        _name_points(models, parameters, ax)
    ax.set_xscale("log")
    ax.margins(x=0.12, y=0.1)
    ax.set_xlabel("number of parameters")
    ax.set_ylabel(axis_label(metric))
    tidy(ax, grid="y")
    head(ax, shown(distinct(scores, "target")[0]))


def _draw_lines(scores: pd.DataFrame, ax: "Axes") -> None:
    """Draw what one gets for free as lines across."""
    for name, (label, ink, line) in BASELINES.items():
        value = scores.loc[scores["model"] == name, "value"].dropna()
        if len(value):
            ax.axhline(float(value.iloc[0]), color=ink, linestyle=line, linewidth=1.4, label=label)


def _name_points(models: pd.DataFrame, parameters: Mapping[str, float], ax: "Axes") -> None:
    """Write the names of the models beside their points."""
    labels = shown_apart(models["model"], 18)
    for name, value in zip(models["model"], models["value"], strict=True):
        ax.annotate(
            labels[name], (parameters[name], value), xytext=(5, 4), textcoords="offset points",
            fontsize=8,
        )  # fmt: skip
