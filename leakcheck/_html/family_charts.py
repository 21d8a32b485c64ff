"""Differences of families within strata, as charts of one target; others by choice."""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from leakcheck._html.choose import Shown, evenly
from leakcheck._html.detail import SCALE, Detail, whole
from leakcheck._html.frame import WIDTH, Axis, Tick, dots, frame, legend, nice_ticks
from leakcheck._html.markup import attributes, name
from leakcheck._plots.strata import ordered_strata
from leakcheck._report.rows import distinct, walk
from leakcheck.strata import WHOLE

__all__ = ["charts", "family_detail", "order_of"]

_HEIGHT: Final = 200
_MOST_PAIRS: Final = 6
_MOST_TICKS: Final = 6


def order_of(comparisons: pd.DataFrame) -> list[str]:
    """Strata in which families were compared, in order."""
    names = distinct(comparisons[comparisons["stratum"] != WHOLE], "stratum")
    return ordered_strata(names)


def family_detail(shown: Shown, pairs: Sequence[tuple[str, str]]) -> dict[str, Detail]:
    """For each target and pair: (stratum, difference, its interval, whether p is significant)."""
    rows = shown.rows("comparisons")
    place = {stratum: at for at, stratum in enumerate(order_of(rows))}
    index = {pair: str(at) for at, pair in enumerate(pairs[:_MOST_PAIRS])}
    targets = [one for one in shown.targets if one in set(distinct(rows, "target"))]
    size = max(1, len(place) * len(index) * 24)
    kept = set(evenly(targets, max(1, shown.limits.detail // 3 // size)))
    level = 1.0 - float(shown.settings["confidence_level"])
    found: dict[str, Detail] = {}
    for row in walk(rows[rows["target"].isin(kept)]):
        at = index.get((row.family_a, row.family_b))
        numbers = (row.difference, row.ci_low, row.ci_high)
        if at is None or row.stratum not in place or not all(map(math.isfinite, numbers)):
            continue
        values = [whole(number) for number in numbers]
        point = [place[row.stratum], *values, int(row.pvalue_adjusted < level)]
        found.setdefault(row.target, {}).setdefault(at, []).append(point)
    return found


def charts(
    shown: Shown, pairs: Sequence[tuple[str, str]], order: Sequence[str], found: dict[str, Detail]
) -> str:
    """Panel for each pair at the first target that has one."""
    target = next((one for one in shown.targets if one in found), None)
    if target is None:
        return ""
    ends = [
        end / SCALE for one in found.values() for points in one.values() for end in _ends(points)
    ]
    axis = Axis.around([*ends, 0.0])
    panels = "".join(
        _panel(at, pair, found[target].get(str(at), []), order, axis)
        for at, pair in enumerate(pairs[:_MOST_PAIRS])
    )
    keys = [("dot s1", "M12 6h0", "significant (Mann-Whitney, adjusted)"),
            ("dot s0 square", "M12 6h0", "not significant")]  # fmt: skip
    span = attributes({"data-low": axis.low, "data-high": axis.high, "data-n": len(order)})
    return (
        f'<p class="which">Target: <strong id="families-target">{name(target)}</strong></p>'
        f'{legend(keys)}<div class="panels wide" id="families-chart"{span}>{panels}</div>'
    )


def _ends(points: list[list[int]]) -> list[int]:
    """Differences and both ends of their intervals."""
    return [end for point in points for end in point[1:4]]


def _panel(
    at: int, pair: tuple[str, str], points: list[list[int]], order: Sequence[str], axis: Axis
) -> str:
    """Difference of family means within each stratum, with its interval over loci."""
    n = len(order)

    def y(value: int) -> float:
        return _HEIGHT * (1 - axis.share(value / SCALE))

    def x(place: int) -> float:
        return WIDTH * (place + 0.5) / n

    def marked(significant: int) -> str:
        return dots(
            (x(place), y(value)) for place, value, _, _, sure in points if sure == significant
        )

    whiskers = "".join(
        f"M{x(place):.4g} {y(low):.4g}V{y(high):.4g}" for place, _, low, high, _ in points
    )
    step = -(-n // _MOST_TICKS)
    ticks = [Tick(x(p) / WIDTH, label) for p, label in enumerate(order) if p % step == 0]
    title = f"{pair[0]} above {pair[1]}"
    chart = frame(
        title=f"Difference of the family means within strata: {title}",
        description="With intervals of a jackknife over loci. All numbers are in the table below.",
        height=_HEIGHT,
        paths=(
            f'<path class="zero" d="M0 {y(0):.4g}H{WIDTH}"/><path class="ci" d="{whiskers}"/>'
            f'<path class="dot small s0 square" d="{marked(0)}"/>'
            f'<path class="dot small s1" d="{marked(1)}"/>'
        ),
        x_ticks=ticks,
        y_ticks=[Tick(_HEIGHT * (1 - tick.place), tick.label) for tick in nice_ticks(axis)],
        x_label="stratum",
        y_label="difference of means",
    )
    heading = f"<h3>{name(pair[0])} above {name(pair[1])}</h3>"
    return f'<div class="panel"{attributes({"data-pair": at})}>{heading}{chart}</div>'
