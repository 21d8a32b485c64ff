"""Charts: drawn in SVG that stretches to any width, under labels in HTML that stay readable.

The inside of a chart is 1000 units wide and as many high as it has pixels. Strokes do not scale,
so that a point is a line of no length with a round or a square end.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from leakcheck._html.markup import name, text

__all__ = ["WIDTH", "Axis", "Tick", "dots", "frame", "legend", "line", "nice_ticks", "series"]

WIDTH: Final = 1000
_N_COLOURS: Final = 7


class Tick(NamedTuple):
    """Label of an axis; its place is a share of the width, or pixels from the top."""

    place: float
    label: str


class Axis(NamedTuple):
    """Range of numbers along an axis."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a number is, 0 to 1; what is outside stands at the end."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    @classmethod
    def around(cls, values: Iterable[float], pad: float = 0.03) -> "Axis":
        """Range that holds all finite numbers, and a little more."""
        finite = [value for value in values if math.isfinite(value)]
        if not finite:
            return cls(0.0, 1.0)
        low, high = min(finite), max(finite)
        room = (high - low) * pad or max(abs(high), 1.0) * 0.01
        return cls(low - room, high + room)


def nice_ticks(axis: Axis, most: int = 6) -> list[Tick]:
    """Round numbers along an axis, at most so many."""
    raw = (axis.high - axis.low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw * 0.999)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(axis.low / step - 1e-9)
    last = math.floor(axis.high / step + 1e-9)
    numbers = [count * step for count in range(first, last + 1)]
    return [Tick(axis.share(number), f"{number + 0.0:.{decimals}f}") for number in numbers]


def series(place: int) -> str:
    """Classes of the series at a place: seven colours, then the same with square points."""
    shape = " square" if place // _N_COLOURS % 2 else ""
    return f"s{place % _N_COLOURS}{shape}"


def dots(points: Iterable[tuple[float, float]]) -> str:
    """Path data of points; NaN is left out."""
    return "".join(f"M{x:.4g} {y:.4g}h0" for x, y in points if math.isfinite(x + y))


def line(points: Iterable[tuple[float, float]], alone: str = "") -> str:
    """Path data of a line that breaks where a number is NaN; `alone` is drawn at lone points."""
    points = list(points)
    known = [False, *(math.isfinite(x + y) for x, y in points), False]
    parts = []
    for (x, y), before, here, after in zip(points, known, known[1:], known[2:], strict=False):
        if here:
            is_lone = not before and not after
            parts.append(f"{'L' if before else 'M'}{x:.4g} {y:.4g}{alone if is_lone else ''}")
    return "".join(parts)


def legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """Keys of a chart: classes of the stroke, path data in a box of 24 x 12, and the name."""
    items = "".join(
        f'<li><svg class="key" viewBox="0 0 24 12" aria-hidden="true"><path class="{classes}" '
        f'd="{path}"/></svg>{name(label)}</li>'
        for classes, path, label in entries
    )
    return f'<ul class="legend">{items}</ul>' if items else ""


def frame(
    *,
    title: str,
    description: str,
    height: int,
    paths: str,
    x_ticks: Sequence[Tick],
    y_ticks: Sequence[Tick],
    x_label: str,
    y_label: str = "",
    left: int = 44,
    identity: str = "",
    marks: str = "",
    tall: bool = False,
) -> str:
    """Chart with its axes, one above too where it is tall; `paths` is markup for the inside."""
    xs = "".join(
        f'<span style="left:{100 * tick.place:.4g}%">{text(tick.label)}</span>' for tick in x_ticks
    )
    ys = "".join(
        f'<span style="top:{tick.place:.4g}px">{name(tick.label)}</span>' for tick in y_ticks
    )
    grid = "".join(f"M{WIDTH * tick.place:.4g} 0V{height}" for tick in x_ticks)
    top = f'<div class="xs top" aria-hidden="true">{xs}</div>' if tall else ""
    where = f' id="{identity}"' if identity else ""
    above = f'<p class="ylabel" aria-hidden="true">{text(y_label)}</p>' if y_label else ""
    return (
        f'{above}<div class="frame" style="--left:{left}px"{where}{marks}>{top}'
        f'<div class="ys" aria-hidden="true" style="height:{height}px">{ys}</div>'
        f'<div class="plot" style="height:{height}px">'
        f'<svg viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" role="img">'
        f"<title>{text(title)}</title><desc>{text(description)}</desc>"
        f'<path class="grid" d="{grid}"/>{paths}</svg></div>'
        f'<div class="xs" aria-hidden="true">{xs}</div>'
        f'<p class="xlabel" aria-hidden="true">{text(x_label)}</p></div>'
    )
