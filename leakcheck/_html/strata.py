"""Strata of equal activity count: a chart and a table of one target, others by choice."""

from leakcheck._html.choose import AVERAGE, NEAREST, Shown
from leakcheck._html.detail import SCALE, Detail, strata_metric
from leakcheck._html.frame import WIDTH, Axis, Tick, dots, frame, legend, line, nice_ticks, series
from leakcheck._html.markup import Column, attributes, cell, name, region, table, text
from leakcheck._report.words import metric_label, strata_are_counts

__all__ = ["HEIGHT", "strata", "value_axis"]

HEIGHT = 320
_MOST_TICKS = 12
_STROKE = "m-6 0h12"  # of a number between two undefined ones; the script has it too
_KINDS = {
    AVERAGE: ("free average", "average activity"),
    NEAREST: ("free nearest", "nearest cell type"),
}


def value_axis(found: dict[str, Detail]) -> Axis:
    """Range of all values: 0 to 1 where they lie in it."""
    values = [
        value / SCALE
        for one in found.values()
        for numbers in (*one["v"].values(), one["o"])
        for value in numbers
        if value is not None
    ]
    if all(0 <= value <= 1 for value in values):
        return Axis(0.0, 1.0)
    return Axis.around(values)


def strata(shown: Shown, order: list[str], found: dict[str, Detail]) -> str:
    """Chart and table of the first target that has strata."""
    target = next((one for one in shown.targets if one in found), None)
    if target is None:
        return '<p class="note">This report has no strata.</p>'
    axis, one = value_axis(found), found[target]
    y_ticks = [Tick(HEIGHT * (1 - tick.place), tick.label) for tick in nice_ticks(axis)]
    label = metric_label(strata_metric(shown))
    counts = strata_are_counts(shown.settings, order)
    free_value = any(value is not None for value in one["o"])
    x_label = "number of reference cell types in which a locus is active" if counts else "stratum"
    keys = [("noskill", "M0 6H24", "no skill")] if free_value else []
    keys += [(kind, "M0 6H24", words) for kind, words in _KINDS.values()]
    keys += [(f"dot {series(at)}", "M12 6h0", model) for at, model in enumerate(shown.models)]
    chart = frame(
        title=f"{label} within strata",
        description=(
            f"{label} of each model and baseline in {len(order)} strata of one target"
            f"{', above the value without skill' if free_value else ''}. All numbers are in the "
            "table below."
        ),
        height=HEIGHT,
        paths=f'<path class="band" d=""/>{_paths(shown, order, one, axis)}',
        x_ticks=_x_ticks(order),
        y_ticks=y_ticks,
        x_label=x_label,
        y_label=label,
        left=max(44, 16 + 7 * max((len(tick.label) for tick in y_ticks), default=0)),
        identity="strata-chart",
        marks=attributes({"data-low": axis.low, "data-high": axis.high, "data-height": HEIGHT}),
    )
    return (
        f'<p class="which">Target: <strong id="strata-target">{name(target)}</strong></p>'
        f"{legend(keys)}{chart}{_table(shown, order, one, label)}"
    )


def x_of(at: int, n: int) -> float:
    """Place of a stratum."""
    return WIDTH * (at + 0.5) / n


def _x_ticks(order: list[str]) -> list[Tick]:
    """Names of every few strata."""
    step = -(-len(order) // _MOST_TICKS)
    return [
        Tick(x_of(at, len(order)) / WIDTH, stratum)
        for at, stratum in enumerate(order)
        if at % step == 0
    ]


def _paths(shown: Shown, order: list[str], one: Detail, axis: Axis) -> str:
    """Lines of what is free, then lines and points of models."""
    n = len(order)

    def points(numbers: list[int | None]) -> list[tuple[float, float]]:
        return [
            (x_of(at, n), HEIGHT * (1 - axis.share(value / SCALE)))
            for at, value in enumerate(numbers)
            if value is not None
        ]

    def drawn(numbers: list[int | None]) -> str:
        known = dict(points(numbers))
        nan = float("nan")
        return line([(x_of(at, n), known.get(x_of(at, n), nan)) for at in range(n)], _STROKE)

    empty: list[int | None] = []
    paths = f'<path class="noskill" data-series="o" d="{drawn(one["o"])}"/>'
    for baseline, (kind, _) in _KINDS.items():
        numbers = one["v"].get(baseline, empty)
        d = drawn(numbers) if numbers else ""
        paths += f'<path class="{kind}" data-series="{baseline}" d="{d}"/>'
    for index, model in enumerate(shown.models):
        numbers = one["v"].get(model, empty)
        lines, marks = (drawn(numbers), dots(points(numbers))) if numbers else ("", "")
        paths += (
            f'<g data-m="{index}"><path class="thin {series(index)}" d="{lines}"/>'
            f'<path class="dot small {series(index)}" d="{marks}"/></g>'
        )
    return paths


#: What a stratum of loci has of its own: head, key of its numbers. Only the loci of a binary task
#: are active or not.
_OWN = (("loci", "n"), ("positives", "p"), ("prevalence", "f"), ("no skill", "o"))
_COUNTS = ("n", "p")


def _table(shown: Shown, order: list[str], one: Detail, label: str) -> str:
    """One row for each stratum; the script finds a column by its key."""
    own = _OWN if shown.is_binary else _OWN[:1]
    models = {str(at): model for at, model in enumerate(shown.models)}
    scores = {"average": AVERAGE, "nearest": NEAREST, **models}
    heads = [*(head for head, _ in own), "average", "nearest", *shown.models]
    keys = " ".join([*(key for _, key in own), *scores])

    def value(numbers: list[int | None], at: int) -> str:
        known = numbers[at] if numbers else None
        return cell("n/a" if known is None else f"{known / SCALE:.3f}", "n")

    def row(at: int, stratum: str) -> str:
        cells = [
            cell(str(one[key][at]), "n") if key in _COUNTS else value(one[key], at)
            for _, key in own
        ]
        cells += [value(one["v"].get(name, []), at) for name in scores.values()]
        return f'<tr><th scope="row" class="n">{text(stratum)}</th>{"".join(cells)}</tr>'

    why = "too few loci of a class" if shown.is_binary else "too few loci, or all alike"
    caption = f"{label} within strata of loci; n/a: {why}"
    rows = (row(at, stratum) for at, stratum in enumerate(order))
    columns = [Column("stratum", True), *(Column(head, True) for head in heads)]
    made = table(caption, columns, rows, identity="strata-table", marks={"data-columns": keys})
    return region("Table of strata", made, tall=True)
