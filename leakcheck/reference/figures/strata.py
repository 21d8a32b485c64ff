"""Figure S3: signal only against sequence only, within groups of loci of equal activity count."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from leakcheck.reference.figures.style import (
    AVERAGE_INK,
    FAMILIES,
    GREY,
    family_handles,
    look,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from leakcheck.report import AuditReport

__all__ = ["draw_strata", "family_strata", "family_tests"]

_COMPARED: Final = ("signal", "sequence")
_METRIC: Final = "expected_average_precision"
_AVERAGE: Final = "average-activity"
_LEVEL: Final = 0.05
_SMALLEST_P: Final = 1e-300
_MOST_TICKS: Final = 28
_NO_SKILL: Final[dict[str, Any]] = {
    "color": "#bdbdbd", "linewidth": 2.2, "linestyle": ":", "zorder": 2.6,
}  # fmt: skip


def family_strata(report: "AuditReport") -> pd.DataFrame:
    """List the scores of models within groups of loci.

    Parameters
    ----------
    report : AuditReport
        Of all models of one task in the cross-cell-type setting.

    Returns
    -------
    pandas.DataFrame
        Columns ``stratum, model, family, value, no_skill, n_loci, n_positive``; the stratum is the
        number of reference cell types in which a locus is active; baselines have the family
        ``baseline``. Groups too small to interpret are left out.
    """
    table = report.strata
    table = table[(table["metric"] == _METRIC) & (table["reason"] == "")]
    families = report.settings["families"]
    kept = table["model"].map(families).where(table["kind"] == "model", "baseline")
    table = table.assign(family=kept, stratum=_numbers(table["stratum"]))
    table = table[table["family"].isin([*_COMPARED, "baseline"])]
    columns = ["stratum", "model", "family", "value", "no_skill", "n_loci", "n_positive"]
    return table[columns].sort_values(["stratum", "family", "model"], ignore_index=True)


def family_tests(report: "AuditReport") -> pd.DataFrame:
    """List the tests of "signal only scores higher than sequence only" in each group.

    Parameters
    ----------
    report : AuditReport
        As for `family_strata`.

    Returns
    -------
    pandas.DataFrame
        Columns ``stratum, pvalue, pvalue_adjusted, minus_log10_p, effect_size, difference,
        pvalue_loci, n_a, n_b, reason``, one row for each group; p is one-sided, of the
        Mann-Whitney test, NaN where the group has fewer than five loci of a class. ``pvalue_loci``
        is of the jackknife over loci beside it: models of a family share their errors.
    """
    table = report.comparisons
    table = table[
        (table["family_a"] == _COMPARED[0])
        & (table["family_b"] == _COMPARED[1])
        & (table["stratum"] != "all")
    ]
    table = table.assign(
        stratum=_numbers(table["stratum"]),
        minus_log10_p=-np.log10(table["pvalue"].clip(lower=_SMALLEST_P)),
    )
    columns = [
        "stratum", "pvalue", "pvalue_adjusted", "minus_log10_p", "effect_size", "difference",
        "pvalue_loci", "n_a", "n_b", "reason",
    ]  # fmt: skip
    return table[columns].sort_values("stratum", ignore_index=True)


def _numbers(strata: pd.Series) -> pd.Series:
    """Activity counts as numbers."""
    return strata.astype(np.int64)


def draw_strata(values: pd.DataFrame, tests: pd.DataFrame) -> "Figure":
    """Draw a box for each family in each group, and the test between them.

    Parameters
    ----------
    values : pandas.DataFrame
        The table of `family_strata`.
    tests : pandas.DataFrame
        The table of `family_tests`.

    Returns
    -------
    matplotlib.figure.Figure
        Above, average precision: boxes (quartiles) of the families, the average activity and the
        no-skill value as lines. Below, -log10 p that signal only is higher.
    """
    groups = sorted(set(values["stratum"]) | set(tests["stratum"]))
    place = {group: x for x, group in enumerate(groups)}
    with look():
        figure = new_figure(min(max(7.0, 2.0 + 0.24 * len(groups)), 13.5), 5.4)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        _draw_values(values, place, upper)
        _draw_tests(tests, place, lower)
        step = -(-len(groups) // _MOST_TICKS)
        lower.set_xticks(range(0, len(groups), step), [str(group) for group in groups[::step]])
        lower.set_xlim(-0.7, len(groups) - 0.3)
        lower.set_xlabel("number of reference cell types in which a locus is active")
        _legend(figure)
    return figure


def _draw_values(values: pd.DataFrame, place: dict[int, int], ax: "Axes") -> None:
    """Draw boxes of the families and lines of what one gets for free."""
    tidy(ax)
    lines = values.drop_duplicates("stratum")
    # Inside a group the average activity says nothing: its line would hide the one of no skill.
    ax.plot(lines["stratum"].map(place), lines["no_skill"], **_NO_SKILL)
    average = values[values["model"] == _AVERAGE]
    ax.plot(average["stratum"].map(place), average["value"], color=AVERAGE_INK, linewidth=1.2)
    for family, offset in zip(_COMPARED, (-0.2, 0.2), strict=True):
        found = values[values["family"] == family].dropna(subset=["value"])
        groups = [(name, found.loc[found["stratum"] == name, "value"].to_numpy()) for name in place]
        groups = [(name, part) for name, part in groups if len(part)]
        colour = FAMILIES[family][0]
        ax.boxplot(
            [part for _, part in groups],
            positions=[place[name] + offset for name, _ in groups],
            widths=0.34,
            manage_ticks=False,
            patch_artist=True,
            boxprops={"facecolor": colour, "edgecolor": colour, "alpha": 0.6, "linewidth": 0.8},
            medianprops={"color": AVERAGE_INK, "linewidth": 1.0},
            whiskerprops={"color": colour, "linewidth": 0.9},
            capprops={"color": colour, "linewidth": 0.9},
            flierprops={"marker": ".", "markersize": 3, "markeredgecolor": colour},
        )
    ax.set_ylabel("average precision")


def _draw_tests(tests: pd.DataFrame, place: dict[int, int], ax: "Axes") -> None:
    """Draw -log10 p: filled below 5%, open above."""
    tidy(ax)
    colour = FAMILIES[_COMPARED[0]][0]
    tests = tests.dropna(subset=["pvalue"])
    x, y = tests["stratum"].map(place).to_numpy(), tests["minus_log10_p"].to_numpy()
    low = (tests["pvalue"] < _LEVEL).to_numpy()
    ax.vlines(x, 0, y, colors=colour, linewidth=1, alpha=0.5)
    ax.plot(x[low], y[low], "o", color=colour, markersize=4.5)
    ax.plot(x[~low], y[~low], "o", color=colour, markersize=4.5, markerfacecolor="white")
    ax.axhline(-np.log10(_LEVEL), color=GREY, linestyle="--", linewidth=1)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("$-\\log_{10}\\,p$\nsignal only higher")


def _legend(figure: "Figure") -> None:
    """One legend over both panels."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to import

    handles = [
        *family_handles(_COMPARED),
        Line2D([], [], color=AVERAGE_INK, linewidth=1.2, label="average activity"),
        Line2D([], [], **_NO_SKILL, label="no skill"),
        Line2D([], [], color=GREY, linewidth=1, linestyle="--", label="p = 0.05"),
    ]
    for handle in handles[: len(_COMPARED)]:
        handle.set_marker("s")
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
