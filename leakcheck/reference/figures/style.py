"""One look for all figures of the reproduction."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from leakcheck._files import write_bytes, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "AVERAGE_INK",
    "FAMILIES",
    "GREY",
    "INK",
    "SETTING_NAMES",
    "TASK_NAMES",
    "family_handles",
    "look",
    "new_figure",
    "save_figure",
    "tidy",
]

INK: Final = "#1a1a1a"
GREY: Final = "#8c8c8c"
AVERAGE_INK: Final = "#1a1a1a"

#: Family -> colour, marker and name. Colours are of Okabe and Ito's palette, which readers with
#: any colour vision can tell apart; markers say the same once more.
FAMILIES: Final[dict[str, tuple[str, str, str]]] = {
    "signal": ("#0072B2", "o", "signal only"),
    "sequence": ("#D55E00", "^", "sequence only"),
    "both": ("#009E73", "s", "both"),
}
SETTING_NAMES: Final = {
    "cross-chromosome": "cross-chromosome",
    "cross-cell-type": "cross-cell-type",
    "hybrid": "hybrid",
}
TASK_NAMES: Final = {"expression": "Gene expression", "tad-boundaries": "TAD boundaries"}

_RC: Final[dict[str, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 9,
    # Text stays text, and the same figure gives the same bytes.
    "svg.fonttype": "none",
    "svg.hashsalt": "leakcheck",
}
_DPI: Final = 150


@contextmanager
def look() -> Iterator[None]:
    """Draw with the look of the reproduction, whatever the user's own settings are."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to import

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)  # type: ignore[arg-type]
        yield


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that no window knows of; sizes are in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def tidy(ax: "Axes", grid: str = "y") -> None:
    """Leave the axes that carry numbers, and a faint grid."""
    ax.grid(axis=grid, color="#e6e6e6", linewidth=0.8)  # type: ignore[arg-type]


def family_handles(names: Sequence[str]) -> list[Any]:
    """Make the legend's entries of families."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to import

    return [
        Line2D([], [], color=FAMILIES[name][0], marker=FAMILIES[name][1], linestyle="",
               label=FAMILIES[name][2])
        for name in FAMILIES
        if name in names
    ]  # fmt: skip


def save_figure(
    figure: "Figure", table: pd.DataFrame, folder: Path, name: str
) -> tuple[Path, Path, Path]:
    """Write a figure and its numbers.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    table : pandas.DataFrame
        What it shows.
    folder : Path
        Where to write; it must exist.
    name : str
        Name of the three files, without an ending.

    Returns
    -------
    tuple of Path
        PNG, SVG and CSV.
    """
    paths = tuple(folder / f"{name}.{ending}" for ending in ("png", "svg", "csv"))
    with look():
        for path, kind in zip(paths, ("png", "svg"), strict=False):
            buffer = io.BytesIO()
            stamp = {"Date": None} if kind == "svg" else {"Software": None}
            figure.savefig(buffer, format=kind, dpi=_DPI, metadata=stamp)
            write_bytes(path, buffer.getvalue())
    write_text(paths[2], table.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
    return paths[0], paths[1], paths[2]
