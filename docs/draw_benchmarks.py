"""Draw the pictures of the page on benchmarks from docs/benchmarks.json.

    python docs/draw_benchmarks.py

The numbers are those of ``python3 dev.py bench --peers --page``; nothing is measured here.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from draw import BLUE, FIGURES, GREEN, GREY, INK, RED, STYLE
from matplotlib.axes import Axes
from matplotlib.figure import Figure

NUMBERS = Path(__file__).resolve().parent / "benchmarks.json"
COLOURS = (BLUE, RED, GREEN, INK)

Line = dict[str, Any]


def main() -> None:
    """Draw every picture that the numbers allow."""
    content = json.loads(NUMBERS.read_text(encoding="utf-8"))
    rows = [row for row in content["rows"] if row["ratio"] is not None]
    mpl.use("Agg")
    FIGURES.mkdir(exist_ok=True)
    with mpl.rc_context(STYLE):
        for name, draw in PICTURES.items():
            figure = draw(rows)
            figure.savefig(FIGURES / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)
            print(f"docs/figures/{name}.svg")


def largest(rows: Sequence[Line]) -> list[Line]:
    """Of lines that differ in their number of rows alone, the one with the most."""
    found: dict[tuple[str, str, str], Line] = {}
    for row in rows:
        key = (row["benchmark"], re.sub(r"[\d,]+(?= (?:rows|loci))", "n", row["name"]), row["peer"])
        if key not in found or (row["n"] or 0) >= (found[key]["n"] or 0):
            found[key] = row
    return list(found.values())


def peers(rows: Sequence[Line]) -> Figure:
    """Draw how many times faster than each peer, with what is asked for."""
    shown = [
        row
        for row in largest([row for row in rows if row["unit"] == "times faster"])
        if row["benchmark"] != "training" and row["peer"] != "the whole audit"
        and "numpy.sort" not in row["peer"] and "alone" not in row["peer"].split(",")[0]
    ]  # fmt: skip
    by_peer: dict[str, list[Line]] = {}
    for row in sorted(shown, key=lambda row: -row["ratio"]):
        by_peer.setdefault(row["peer"].partition(", ")[0], []).append(row)
    # Every peer has a line of its own above its rows.
    listed = [item for peer, own in by_peer.items() for item in (peer, *own)]
    figure, ax = plt.subplots(figsize=(9.6, 0.9 + 0.19 * len(listed)), layout="constrained")
    for place, item in enumerate(listed):
        if isinstance(item, str):
            ax.axhspan(place - 0.5, place + 0.5, color="#f2f2f2", lw=0, zorder=0)
        else:
            _dot(ax, place, item)
    names = [item if isinstance(item, str) else item["name"] for item in listed]
    ax.set_yticks(range(len(listed)), names, fontsize=7.5)
    for label, item in zip(ax.get_yticklabels(), listed, strict=True):
        label.set_fontweight("bold" if isinstance(item, str) else "normal")
    ax.tick_params(axis="y", length=0)
    ax.axvline(1, color=GREY, lw=1)
    ax.set_xscale("log")
    ax.margins(x=0.1)
    ax.set_ylim(len(listed) - 0.5, -0.5)
    ax.set_xlabel("times faster (ratio of processor times, log); a stroke marks what is asked for")
    return figure


def _dot(ax: Axes, place: int, row: Line) -> None:
    """Draw the ratio of one line beside its bound."""
    ratio = row["ratio"]
    colour = BLUE if row["status"] == "passed" else RED
    ax.plot([1, ratio], [place, place], color="#dddddd", lw=1.5, zorder=1)
    ax.plot(ratio, place, "o", color=colour, ms=5.5, zorder=3)
    text = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"
    ax.annotate(text, (ratio, place), (7, 0), textcoords="offset points", va="center", fontsize=8)
    if row["bound"] is not None:
        ax.plot(row["bound"], place, "|", color=INK, ms=9, mew=1.6, zorder=2)


def growth(rows: Sequence[Line]) -> Figure:
    """Draw the growth of time with the number of loci, and the same in sorts of the scores."""
    own = [row for row in rows if row["benchmark"] == "growth"]
    slopes = {row["name"].partition(":")[0]: row for row in own if row["unit"] == "slope"}
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained")
    for (name, slope), colour in zip(slopes.items(), COLOURS, strict=False):
        line = [row for row in own if row["name"].startswith(f"{name},")]
        x = [row["n"] for row in line]
        style = {"color": colour, "lw": 1.8, "marker": "o", "ms": 4}
        seconds = [row["ours_seconds"] for row in line]
        label = f"{name} (slope {slope['ratio']:.2f})"
        left.plot(x, [one / seconds[0] for one in seconds], label=label, **style)
        right.plot(x, [row["ratio"] for row in line], **style)
    left.plot(x, [n / x[0] for n in x], color=GREY, lw=1, ls="--", label="in proportion")
    left.set_xscale("log")
    left.set_yscale("log")
    left.set_title(f"Time, as a multiple of that at {x[0]:,}")
    right.set_xscale("log")
    right.set_ylim(bottom=0)
    right.set_title("Time, in sorts of the scores")
    for ax in (left, right):
        ax.set_xlabel("loci")
    left.legend(frameon=False, fontsize=7.5, loc="upper left")
    return figure


def _bars(rows: Sequence[Line], names: Sequence[str], title: str, unit: str) -> Figure:
    """Draw horizontal bars with their numbers, the first on top."""
    figure, ax = plt.subplots(figsize=(8.0, 0.9 + 0.34 * len(rows)), layout="constrained")
    values = [row["ratio"] for row in rows]
    colours = [GREY if row["peer"] == "scikit-learn" else BLUE for row in rows]
    bars = ax.barh(range(len(rows)), values, color=colours, height=0.62)
    ax.bar_label(bars, [f"{value:.1f}" for value in values], padding=4, fontsize=8.5)
    ax.set_yticks(range(len(rows)), names, fontsize=8.5)
    ax.invert_yaxis()
    ax.margins(x=0.1)
    ax.set_title(title)
    ax.set_xlabel(unit)
    return figure


def memory(rows: Sequence[Line]) -> Figure:
    """Draw peaks of memory in multiples of the data."""
    own = [row for row in rows if row["benchmark"] == "memory"]
    names = [
        f"{row['name']}{'' if row['peer'] == 'leakcheck' else ' (' + row['peer'] + ')'}"
        for row in own
    ]
    return _bars(own, names, "Peak of memory above the start", "multiples of the data's bytes")


def parts(rows: Sequence[Line]) -> Figure:
    """Draw where the time of an audit goes."""
    own = [row for row in rows if ", part of the audit of " in row["name"]]
    names = [row["name"].partition(",")[0] for row in own]
    size = own[0]["name"].partition(" of the audit of ")[2]
    return _bars(
        own, names, f"An audit of {size}, by part", "multiples of sorting every target's scores"
    )


PICTURES: dict[str, Callable[[Sequence[Line]], Figure]] = {
    "benchmarks-peers": peers,
    "benchmarks-growth": growth,
    "benchmarks-memory": memory,
    "benchmarks-parts": parts,
}

if __name__ == "__main__":
    sys.exit(main())
