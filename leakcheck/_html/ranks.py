"""Rank of the scores against the rank of the average activity: memory lies on the diagonal."""

import math
from statistics import median
from typing import Any, Final

from leakcheck._html.choose import Shown
from leakcheck._html.detail import RANK_SCALE, Detail
from leakcheck._html.frame import WIDTH, Tick, frame, legend, line
from leakcheck._html.markup import Column, attributes, cell, name, region, table
from leakcheck._report.rows import walk
from leakcheck._report.words import number, signed

__all__ = ["HEIGHT", "ranks"]

HEIGHT: Final = 220
_GROUPS: Final = {"inactive": "inactive loci", "active": "active loci", "all": "all loci"}
_TICKS: Final = ("0", "0.5", "1")
#: Whether loci stand in one group -> what a panel shows.
_DESCRIPTIONS: Final = {
    False: (
        "Median and quartiles of the score's rank in tenths of the average activity's rank, "
        "for active and for inactive loci. A model that only remembers the average has both on "
        "the diagonal."
    ),
    True: (
        "Median and quartiles of the score's rank in tenths of the average's rank. A model that "
        "only remembers the average has them on the diagonal."
    ),
}


def ranks(shown: Shown, found: dict[str, Detail]) -> str:
    """Panel for each model at the first target that has ranks, and a table over all targets."""
    target = next((one for one in shown.targets if one in found), None)
    if target is None:
        return '<p class="note">This report holds no ranks: it was made by an older release.</p>'
    panels = "".join(
        _panel(index, model, found[target].get(model, {}))
        for index, model in enumerate(shown.models)
    )
    groups = [key for key in _GROUPS if any(key in one for one in found[target].values())]
    keys = [(f"rank {key}", "M0 6H24", _GROUPS[key]) for key in groups]
    keys.append(("diagonal", "M0 6H24", "the average itself"))
    return (
        f'<p class="which">Target: <strong id="ranks-target">{name(target)}</strong></p>'
        f'{legend(keys)}<div class="panels" id="ranks-chart">{panels}</div>{_table(shown)}'
    )


def _panel(index: int, model: str, lines: dict[str, list[list[int]]]) -> str:
    """Median and quartiles of the score's rank along the average's rank."""
    paths = f'<path class="diagonal" d="M0 {HEIGHT}L{WIDTH} 0"/>'
    for group in _GROUPS:
        points = lines.get(group, [])
        paths += f'<path class="quartiles {group}" data-group="{group}" d="{_area(points)}"/>'
        paths += f'<path class="rank {group}" data-group="{group}" d="{_median(points)}"/>'
    chart = frame(
        title=f"Rank of the scores of {model} against the rank of the average activity",
        description=_DESCRIPTIONS["all" in lines],
        height=HEIGHT,
        paths=paths,
        x_ticks=[Tick(float(label), label) for label in _TICKS],
        y_ticks=[Tick(HEIGHT * (1 - float(label)), label) for label in _TICKS],
        x_label="rank of the average" if "all" in lines else "rank of the average activity",
        y_label="rank of the score",
        left=30,
    )
    return f'<div class="panel"{attributes({"data-m": index})}><h3>{name(model)}</h3>{chart}</div>'


def _place(x: int, y: int) -> tuple[float, float]:
    """Point of two ranks."""
    return WIDTH * x / RANK_SCALE, HEIGHT * (1 - y / RANK_SCALE)


def _median(points: list[list[int]]) -> str:
    """Line through the medians."""
    return line(_place(x, middle) for x, _, middle, _ in points)


def _area(points: list[list[int]]) -> str:
    """Area between the quartiles."""
    if len(points) < 2:
        return ""
    outline = [_place(x, low) for x, low, _, _ in points]
    outline += [_place(x, high) for x, _, _, high in reversed(points)]
    return line(outline) + "Z"


def _table(shown: Shown) -> str:
    """Correlation with the average, and how far active loci stand above inactive ones."""
    information = shown.tables["information"]
    gaps = _gaps(shown)
    columns = [Column("model"), Column("Spearman with the average (median)", True),
               Column("least", True), Column("most", True)]  # fmt: skip
    if shown.is_binary:
        columns.append(Column("active above inactive (median)", True))
    rows = []
    for model in shown.models:
        own = information.loc[information["model"] == model, "spearman_with_average"].dropna()
        numbers = (
            [number(own.median()), number(own.min()), number(own.max())]
            if len(own)
            else ["n/a"] * 3
        )
        gap = signed(median(gaps[model])) if gaps.get(model) else "n/a"
        rows.append(
            f'<tr><th scope="row">{name(model)}</th>'
            + "".join(cell(one, "n") for one in (*numbers, gap)[: len(columns) - 1])
            + "</tr>"
        )
    caption = "How close each model is to the average, over all targets"
    if shown.is_binary:
        caption += (
            "; and by how much of the ranking active loci stand above inactive ones of the same "
            "average (0: memory)"
        )
    return region("Table of ranks", table(caption, columns, rows))


def _gaps(shown: Shown) -> dict[str, list[float]]:
    """For each model and target: mean distance of active from inactive loci in the same bin."""
    medians: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in walk(shown.tables["ranks"]):
        if math.isfinite(row.score_median):
            medians.setdefault((row.model, row.target, row.bin), {})[row.loci] = row
    sums: dict[tuple[str, str], list[float]] = {}
    for (model, target, _), groups in medians.items():
        if "active" in groups and "inactive" in groups:
            weight = min(groups["active"].n_loci, groups["inactive"].n_loci)
            total = sums.setdefault((model, target), [0.0, 0.0])
            total[0] += weight * (groups["active"].score_median - groups["inactive"].score_median)
            total[1] += weight
    found: dict[str, list[float]] = {}
    for (model, _), (distance, loci) in sums.items():
        found.setdefault(model, []).append(distance / loci)
    return found
