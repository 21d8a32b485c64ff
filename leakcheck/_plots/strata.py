"""Families of models within strata: the paper's Figure S3."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from leakcheck._plots.style import (
    AVERAGE,
    BASELINES,
    GREY,
    INK,
    axis_label,
    colours,
    markers,
    shown,
    shown_apart,
    tidy,
)
from leakcheck._report.rows import distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "draw_comparisons",
    "draw_strata",
    "label_strata",
    "ordered_strata",
    "strata_size",
]

_SMALLEST_BOX: Final = 3
_MOST_TICKS: Final = 30
_COUNT_LABEL: Final = "number of reference cell types in which a locus is active"


def strata_size(n_strata: int, n_panels: int) -> tuple[float, float]:
    """Width and height in inches at which boxes of neighbouring strata stay apart."""
    return float(min(max(7.0, 2.5 + 0.2 * n_strata), 13.0)), 2.4 + 1.8 * n_panels


def ordered_strata(names: Sequence[str]) -> list[str]:
    """Strata by number where they are numbers, else as they came."""
    if all(name.isdecimal() for name in names):
        return sorted(names, key=int)
    return list(names)


def draw_strata(
    strata: pd.DataFrame, families: dict[str, str], order: Sequence[str], metric: str, ax: "Axes"
) -> None:
    """Draw a box for each family in each stratum, with baselines and the no-skill value."""
    place = {name: x for x, name in enumerate(order)}
    models = strata[strata["kind"] == "model"]
    names = list(dict.fromkeys(families[model] for model in distinct(models, "model")))
    _draw_baselines(strata, place, ax)
    colour, marker = colours(names), markers(names)
    labels = shown_apart(names, 24)
    width = 0.8 / max(len(names), 1)
    for position, family in enumerate(names):
        members = models[[families[model] == family for model in models["model"]]]
        offset = (position - (len(names) - 1) / 2) * width
        values = members.dropna(subset=["value"])
        if len(distinct(values, "model")) < _SMALLEST_BOX:
            _draw_points(values, place, offset, (colour[family], marker[family]), ax)
        else:
            _draw_boxes(values, place, offset, 0.85 * width, colour[family], ax)
            marker[family] = "s"
        ax.plot([], [], marker[family], color=colour[family], label=labels[family])
    ax.set_ylabel(axis_label(metric))
    tidy(ax, grid="y")


def _draw_points(
    values: pd.DataFrame,
    place: dict[str, int],
    offset: float,
    style: tuple[str, str],
    ax: "Axes",
) -> None:
    """Draw a point for each model, and a faint line that leads the eye along one."""
    colour, marker = style
    for model in distinct(values, "model"):
        rows = values[values["model"] == model]
        y = np.full(len(place), np.nan)
        y[[place[stratum] for stratum in rows["stratum"]]] = rows["value"]
        x = np.arange(len(place)) + offset
        ax.plot(x, y, color=colour, linewidth=0.8, alpha=0.35)
        ax.plot(x, y, marker, color=colour, markersize=4, zorder=3)


def _draw_boxes(
    values: pd.DataFrame,
    place: dict[str, int],
    offset: float,
    width: float,
    colour: str,
    ax: "Axes",
) -> None:
    """Draw the quartiles of a family in each stratum."""
    groups = [(str(name), part["value"].to_numpy()) for name, part in values.groupby("stratum")]
    ax.boxplot(
        [value for _, value in groups],
        positions=[place[name] + offset for name, _ in groups],
        widths=width,
        manage_ticks=False,
        patch_artist=True,
        boxprops={"facecolor": colour, "edgecolor": colour, "alpha": 0.6, "linewidth": 0.8},
        medianprops={"color": INK, "linewidth": 1.0},
        whiskerprops={"color": colour, "linewidth": 0.9},
        capprops={"color": colour, "linewidth": 0.9},
        flierprops={"marker": ".", "markersize": 3, "markeredgecolor": colour},
    )


def _draw_baselines(strata: pd.DataFrame, place: dict[str, int], ax: "Axes") -> None:
    """Draw baselines as lines over the strata, and the no-skill value as wide dots on them.

    Inside a stratum the average activity has no skill: one line would hide the other.
    """
    level = strata.drop_duplicates("stratum").dropna(subset=["no_skill"])
    if len(level):
        dots = {"color": "#bdbdbd", "linestyle": ":", "linewidth": 2.2, "zorder": 2.7}
        _line(ax, level, "no_skill", place, label="no skill", **dots)
    for name, (label, ink, line) in BASELINES.items():
        rows = strata[strata["model"] == name]
        if len(rows.dropna(subset=["value"])):
            order = 2.6 if name == AVERAGE else 2.5
            _line(ax, rows, "value", place, color=ink, linestyle=line, label=label, zorder=order)


def _line(ax: "Axes", rows: pd.DataFrame, column: str, place: dict[str, int], **style: Any) -> None:
    """One line over the strata in order, broken where a number is undefined.

    A number between two undefined ones is a short stroke.
    """
    values = np.full(len(place), np.nan)
    values[[place[name] for name in rows["stratum"]]] = rows[column]
    style = {"linewidth": 1.3} | style
    ax.plot(range(len(place)), values, **style)
    gaps = np.isnan(np.concatenate([[np.nan], values, [np.nan]]))
    alone = np.flatnonzero(~gaps[1:-1] & gaps[:-2] & gaps[2:])
    if alone.size:
        ax.hlines(values[alone], alone - 0.3, alone + 0.3, **_of_lines(style))


def _of_lines(style: dict[str, Any]) -> dict[str, Any]:
    """Style of a line as that of strokes, which the legend does not name again."""
    names = {"color": "colors", "linestyle": "linestyles", "linewidth": "linewidths"}
    return {names.get(key, key): value for key, value in style.items() if key != "label"}


def draw_comparisons(
    comparisons: pd.DataFrame,
    families: Sequence[str],
    order: Sequence[str],
    level: float,
    ax: "Axes",
) -> None:
    """Draw -log10 p of the family that scores higher in each stratum, in its colour."""
    colour = colours(families)
    place = {name: x for x, name in enumerate(order)}
    tested = comparisons[comparisons["stratum"].isin(list(place))].dropna(subset=["pvalue"])
    pairs = tested.sort_values("pvalue", kind="stable").drop_duplicates(
        ["stratum", "pair"], keep="first"
    )
    for family in families:
        rows = pairs[pairs["family_a"] == family]
        x = np.array([place[name] for name in rows["stratum"]], dtype=float)
        y = -np.log10(np.maximum(rows["pvalue"].to_numpy(dtype=float), 1e-300))
        significant = (rows["pvalue_adjusted"] < level).to_numpy()
        ax.vlines(x, 0, y, colors=colour[family], linewidth=1, alpha=0.5)
        ax.plot(x[significant], y[significant], "o", color=colour[family], markersize=4.5)
        ax.plot(
            x[~significant], y[~significant], "o", color=colour[family], markersize=4.5,
            markerfacecolor="white",
        )  # fmt: skip
    ax.axhline(-np.log10(level), color=GREY, linestyle=":", linewidth=1)
    ax.set_ylabel("$-\\log_{10}\\,p$ (Mann-Whitney)")
    ax.set_ylim(bottom=0)
    filled: dict[str, Any] = {"color": GREY, "markersize": 4.5}
    ax.plot([], [], "o", **filled, label="significant, in the colour of the higher family")
    ax.plot([], [], "o", **filled, markerfacecolor="white", label="not significant")
    ax.plot([], [], color=GREY, linestyle=":", label=f"p = {level:g}, unadjusted")
    tidy(ax)


def label_strata(axes: "Sequence[Axes]", order: Sequence[str], *, counts: bool) -> None:
    """Name the strata under the lowest of the axes, every few where they are many."""
    step = -(-len(order) // _MOST_TICKS)
    for ax in axes:
        ax.set_xticks(range(0, len(order), step), [shown(name) for name in order[::step]])
        ax.set_xlim(-0.7, len(order) - 0.3)
    for ax in axes[:-1]:
        ax.tick_params(axis="x", labelbottom=False)
    axes[-1].set_xlabel(_COUNT_LABEL if counts else "stratum")
