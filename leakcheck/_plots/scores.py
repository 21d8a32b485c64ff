"""Models against baselines at each target."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from leakcheck._plots.choose import MOST_NAMED, drawn_as
from leakcheck._plots.style import (
    AVERAGE,
    BASELINES,
    GREY,
    axis_label,
    colours,
    head,
    markers,
    shown,
    shown_apart,
    tidy,
)
from leakcheck._report.rows import distinct
from leakcheck._report.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_scores", "scores_size"]

_MANY_TARGETS: Final = 12
_OTHERS: Final = {
    "k-nearest-celltypes": "k nearest cell types",
    "supervised-ceiling": "supervised ceiling",
}


def scores_size(scores: pd.DataFrame, families: Mapping[str, str]) -> tuple[float, float]:
    """Width and height in inches that keep rows readable."""
    targets = len(distinct(scores, "target"))
    series = len(set(_series(families).values()))
    if targets == 1:
        return 7.0, 1.3 + 0.3 * (series + 4)
    return 7.0, 1.6 + min(0.16 + 0.045 * series, 0.6) * targets


def draw_scores(scores: pd.DataFrame, families: Mapping[str, str], metric: str, ax: "Axes") -> None:
    """Draw one row for each target; for a single target, one row for each score."""
    targets = distinct(scores, "target")
    values = scores.dropna(subset=["value"])
    values = values[values["model"] != "prevalence"]
    label = axis_label(metric)
    if len(targets) == 1:
        _one_target(values, _series(families), ax)
        title = shown(targets[0])
        no_skill = scores["no_skill"].dropna()
        label += f"; no skill: {number(float(no_skill.iloc[0]))}" if len(no_skill) else ""
    else:
        _many_targets(values, _series(families), ax)
        title = ""
    ax.set_xlabel(label)
    tidy(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    head(ax, title)


def _series(families: Mapping[str, str]) -> dict[str, str]:
    """What each model is shown as: itself; its family; all as one where families are many too."""
    if len(families) <= MOST_NAMED:
        return {model: model for model in families}
    return drawn_as(families)


def _one_target(values: pd.DataFrame, series: dict[str, str], ax: "Axes") -> None:
    """One labelled row for each series, baseline and bound, the best on top."""
    is_model = values["kind"] == "model"
    rows = [
        series[name] if own else name for name, own in zip(values["model"], is_model, strict=True)
    ]
    values = values.assign(row=rows)
    order = values.groupby(["row", "kind"], sort=False)["value"].median().sort_values(kind="stable")
    colour = colours(list(dict.fromkeys(series.values())))
    names = {name: label for name, (label, _, _) in BASELINES.items()} | _OTHERS
    models = shown_apart([name for name, kind in order.index if kind == "model"], 28)
    labels = []
    for place, (name, kind) in enumerate(order.index):
        part = values[(values["row"] == name) & (values["kind"] == kind)]
        own = kind == "model"
        edge = colour[name] if own else BASELINES.get(name, ("", GREY, ""))[1]
        _draw_row(part, place, edge, ax, filled=own)
        if name in BASELINES and not own:
            line = BASELINES[name][2]
            ax.axvline(part["value"].iloc[0], color=edge, linestyle=line, linewidth=1, zorder=1)
        labels.append(models[name] if own else names.get(name, shown(name)))
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)


def _draw_row(part: pd.DataFrame, place: int, colour: str, ax: "Axes", *, filled: bool) -> None:
    """Points of one row, with intervals where there is one point."""
    y = np.full(len(part), float(place))
    if len(part) == 1:
        _whiskers(ax, part, y, colour)
    ax.plot(
        part["value"], y, "o" if filled else "D", color=colour, zorder=3,
        markerfacecolor=colour if filled else "white", markersize=6.5 if filled else 6,
        alpha=1 if len(part) == 1 else 0.5,
    )  # fmt: skip


def _many_targets(values: pd.DataFrame, series: dict[str, str], ax: "Axes") -> None:
    """One row for each target, the easiest for the average activity on top."""
    targets = _ordered_targets(values)
    place = {target: row for row, target in enumerate(targets)}
    _draw_series(values[values["kind"] == "model"], series, place, ax)
    _draw_baselines(values[values["kind"] != "model"], place, ax)
    many = len(targets) > _MANY_TARGETS
    ax.set_yticks(
        range(len(targets)), list(shown_apart(targets, 20).values()), fontsize=7 if many else 9
    )
    ax.set_ylim(-0.7, len(targets) - 0.3)


def _ordered_targets(values: pd.DataFrame) -> list[str]:
    """Targets by what the average activity scores there (or the best score), ascending."""
    average = values[values["model"] == AVERAGE]
    source = average if len(average) else values
    best = source.groupby("target")["value"].max().sort_values(kind="stable")
    ranked = [str(target) for target in best.index]
    return [*(name for name in distinct(values, "target") if name not in ranked), *ranked]


def _draw_series(
    values: pd.DataFrame, series: dict[str, str], place: dict[str, int], ax: "Axes"
) -> None:
    """Draw each series beside the others of its row; whiskers where it is a single model."""
    names = list(dict.fromkeys(series.values()))
    colour, marker = colours(names), markers(names)
    labels = shown_apart(names, 24)
    offsets = np.linspace(0.26, -0.26, len(names)) if len(names) > 1 else [0.0]
    size = 3.5 if len(place) > _MANY_TARGETS else 5.5
    for name, offset in zip(names, offsets, strict=True):
        rows = values[[series[model] == name for model in values["model"]]]
        y = np.array([place[target] for target in rows["target"]]) + offset
        single = len(distinct(rows, "model")) <= 1
        if single:
            _whiskers(ax, rows, y, colour[name])
        ax.plot(
            rows["value"], y, marker[name], color=colour[name], markersize=size if single else 3.5,
            alpha=1 if single else 0.4, label=labels[name], zorder=3,
        )  # fmt: skip


def _draw_baselines(values: pd.DataFrame, place: dict[str, int], ax: "Axes") -> None:
    """Draw each baseline as a tick as high as the row, so that a model is left or right of it."""
    for name, (label, ink, line) in BASELINES.items():
        rows = values[values["model"] == name]
        if rows.empty:
            continue
        y = np.array([place[target] for target in rows["target"]])
        ax.vlines(
            rows["value"], y - 0.42, y + 0.42, colors=ink, linestyles=line, linewidth=1.8,
            label=label, zorder=2,
        )  # fmt: skip


def _whiskers(ax: "Axes", rows: pd.DataFrame, y: Sequence[float] | Any, colour: str) -> None:
    """Intervals, where there are any."""
    ax.hlines(y, rows["ci_low"], rows["ci_high"], colors=colour, linewidth=1.4, alpha=0.75)
