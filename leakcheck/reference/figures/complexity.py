"""Figure 1d-i: average precision against the number of parameters, by setting and task."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from leakcheck.reference.figures.style import (
    AVERAGE_INK,
    FAMILIES,
    GREY,
    SETTING_NAMES,
    TASK_NAMES,
    family_handles,
    look,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_complexity", "panel_letters"]

_FIRST_LETTER: Final = "d"


def panel_letters(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Name the panels as the paper does: task by task, d, e, f ...

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns ``task`` and ``setting``.

    Returns
    -------
    dict of (str, str) to str
        (task, setting) to letter, for the tasks that the table has.
    """
    tasks = [task for task in TASK_NAMES if (table["task"] == task).any()]
    cells = [(task, setting) for task in tasks for setting in SETTING_NAMES]
    return {cell: chr(ord(_FIRST_LETTER) + place) for place, cell in enumerate(cells)}


def draw_complexity(table: pd.DataFrame) -> "Figure":
    """Draw one panel for each task and setting.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `leakcheck.reference.results.score_table`.

    Returns
    -------
    matplotlib.figure.Figure
        A point for each model, coloured by its kind of input; the average activity as a line
        across and the no-skill value as a dotted one.
    """
    letters = panel_letters(table)
    n_rows = len(letters) // len(SETTING_NAMES)
    with look():
        figure = new_figure(10.0, 0.9 + 2.9 * n_rows)
        axes = figure.subplots(n_rows, len(SETTING_NAMES), squeeze=False, sharex=True, sharey="row")
        for place, (cell, letter) in enumerate(letters.items()):
            ax = axes[place // len(SETTING_NAMES), place % len(SETTING_NAMES)]
            task, setting = cell
            rows = table[(table["task"] == task) & (table["setting"] == setting)]
            _draw_panel(rows, ax)
            ax.set_title(f"{letter}   {SETTING_NAMES[setting]}", loc="left", fontweight="bold")
            if place % len(SETTING_NAMES) == 0:
                ax.set_ylabel(f"{TASK_NAMES[task]}\naverage precision")
        for ax in axes[-1]:
            ax.set_xlabel("number of parameters")
        _legend(figure, table)
    return figure


def _draw_panel(rows: pd.DataFrame, ax: "Axes") -> None:
    """Points of the families, and what one gets for free."""
    tidy(ax)
    ax.set_xscale("log")
    if len(rows):
        ax.axhline(rows["average_activity"].iloc[0], color=AVERAGE_INK, linewidth=1.4)
        ax.axhline(rows["no_skill"].iloc[0], color=GREY, linewidth=1.2, linestyle=":")
    for family, (colour, marker, _) in FAMILIES.items():
        found = rows[rows["family"] == family]
        ax.plot(
            found["n_parameters"], found["value"], marker, color=colour, markersize=5,
            alpha=0.75, markeredgecolor="white", markeredgewidth=0.4,
        )  # fmt: skip


def _legend(figure: "Figure", table: pd.DataFrame) -> None:
    """One legend over all panels."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to import

    handles = [
        *family_handles(list(table["family"].unique())),
        Line2D([], [], color=AVERAGE_INK, linewidth=1.4, label="average activity"),
        Line2D([], [], color=GREY, linewidth=1.2, linestyle=":", label="no skill"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
