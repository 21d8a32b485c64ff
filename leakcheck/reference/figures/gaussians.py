"""Figure S2: networks of growing size on two overlapping Gaussians, where size does not matter."""

from typing import TYPE_CHECKING

import pandas as pd

from leakcheck.reference.figures.style import AVERAGE_INK, FAMILIES, GREY, look, new_figure, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_gaussians"]


def draw_gaussians(table: pd.DataFrame) -> "Figure":
    """Draw average precision against the number of parameters.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of `leakcheck.reference.gaussians.gaussian_table`.

    Returns
    -------
    matplotlib.figure.Figure
        A point for each network; the best possible score as a line across, no skill as a dotted
        one.
    """
    colour, marker, _ = FAMILIES["signal"]
    with look():
        figure = new_figure(5.4, 3.6)
        ax = figure.subplots()
        tidy(ax)
        ax.set_xscale("log")
        ax.axhline(table["best_possible"].iloc[0], color=AVERAGE_INK, linewidth=1.4,
                   label="best possible")  # fmt: skip
        ax.axhline(table["no_skill"].iloc[0], color=GREY, linewidth=1.2, linestyle=":",
                   label="no skill")  # fmt: skip
        ax.plot(table["n_parameters"], table["value"], marker, color=colour, markersize=5.5,
                label="network")  # fmt: skip
        ax.set_ylim(0.45, 1.0)
        ax.set_xlabel("number of parameters")
        ax.set_ylabel("average precision")
        figure.legend(loc="outside upper center", ncols=3)
    return figure
