"""Colours, markers and axes that all plots share."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from leakcheck._report.words import metric_label, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "AVERAGE",
    "BASELINES",
    "GREY",
    "INK",
    "NEAREST",
    "axis_label",
    "colours",
    "head",
    "markers",
    "new_axes",
    "new_panels",
    "shown",
    "shown_apart",
    "tidy",
]

INK: Final = "#1a1a1a"
GREY: Final = "#8c8c8c"
AVERAGE: Final = "average-activity"
NEAREST: Final = "nearest-celltype"

#: Okabe and Ito's palette, which readers with any colour vision can tell apart; black and grey
#: are kept for the baselines. Yellow comes last: it is faint on white.
_PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#F0E442")
_LEGEND_SIZE: Final = 8.5
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")

#: Baseline -> its name in a legend, its colour and its line.
BASELINES: Final[dict[str, tuple[str, str, Any]]] = {
    AVERAGE: ("average activity", INK, "-"),
    NEAREST: ("nearest cell type", GREY, (0, (4, 1.5))),
    "average-signal": ("average signal", "#b3b3b3", (0, (1, 0.8))),
}


def colours(names: Sequence[str]) -> dict[str, str]:
    """Colour of each name; after the palette's end it starts again, with another marker."""
    return {name: _PALETTE[place % len(_PALETTE)] for place, name in enumerate(names)}


def markers(names: Sequence[str]) -> dict[str, str]:
    """Marker of each name: one for each colour, then shifted by one for each turn."""
    turns = len(_PALETTE)
    return {
        name: _MARKERS[(place + place // turns) % len(_MARKERS)] for place, name in enumerate(names)
    }


def shown(name: str, width: int = 40) -> str:
    """Name as matplotlib draws it to the letter: no formula, and never left out of a legend."""
    return shown_apart([name], width)[name]


def shown_apart(names: Iterable[str], width: int) -> dict[str, str]:
    """Each name as `shown` has it, cut so that names beside each other stay apart."""
    safe = {name: cut.replace("$", r"\$") for name, cut in shortened(names, width).items()}
    return {
        name: f"\N{THIN SPACE}{cut}" if cut.startswith("_") else cut for name, cut in safe.items()
    }


def axis_label(metric: str) -> str:
    """Label of an axis that shows a metric."""
    long = {
        "average_precision": "average precision",
        "expected_average_precision": "average precision (mean over tie orders)",
        "mse": "mean squared error (lower is better)",
    }
    return long.get(metric, metric_label(metric))


def new_axes(width: float, height: float) -> "Axes":
    """Axes of a new figure that fits its content."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - half a second to import

    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def new_panels(count: int, width: float, height: float) -> "list[Axes]":
    """One or two axes of a new figure, one above the other, the upper one higher."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - half a second to import

    _, panels = plt.subplots(
        count, squeeze=False, sharex=True, figsize=(width, height),
        height_ratios=(2, 1)[:count], layout="constrained",
    )  # fmt: skip
    return list(panels[:, 0])


def tidy(ax: "Axes", *, grid: str | None = None) -> None:
    """Leave the axes that carry numbers, and a faint grid along one of them."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GREY)
    ax.tick_params(color=GREY, labelsize=9)
    ax.set_axisbelow(True)
    if grid is not None:
        ax.grid(axis=grid, color="#e6e6e6", linewidth=0.8)  # type: ignore[arg-type]


def head(ax: "Axes", title: str = "") -> None:
    """Put the legend above the axes, where it covers no data, and the title above the legend."""
    handles, labels = ax.get_legend_handles_labels()
    columns = _legend_columns(labels, ax.figure.bbox.width / ax.figure.dpi)
    rows = -(-len(labels) // columns) if labels else 0
    if handles:
        ax.legend(
            handles,
            labels,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=columns,
            frameon=False,
            fontsize=_LEGEND_SIZE,
            borderaxespad=0.3,
            handletextpad=0.4,
            columnspacing=1.4,
        )
    if title:
        pad = 5 + 1.65 * _LEGEND_SIZE * rows
        ax.set_title(title, loc="left", fontsize=10, fontweight="bold", pad=pad)


def _legend_columns(labels: Sequence[str], width: float) -> int:
    """Most columns that fit in `width` inches, filled as matplotlib fills them."""
    letters = 72 * 0.8 * width / (0.58 * _LEGEND_SIZE)
    for columns in range(len(labels), 1, -1):
        parts = np.array_split([len(label) + 7 for label in labels], columns)
        if sum(int(part.max()) for part in parts) <= letters:
            return columns
    return 1
