"""Scores against baselines: a chart over targets, and a table of every pair."""

import math
from typing import Any, Final

from leakcheck._html.choose import AVERAGE, NEAREST, Shown
from leakcheck._html.frame import WIDTH, Axis, Tick, dots, frame, legend, nice_ticks, series
from leakcheck._html.markup import Column, attributes, cell, name, region, table, text
from leakcheck._html.pairs import Pair, Pairs
from leakcheck._report.grid import single_gains
from leakcheck._report.rows import walk
from leakcheck._report.words import (
    clean,
    companion_gain,
    interval_level,
    metric_label,
    number,
    plural,
    signed_interval,
    tested_gain,
)

__all__ = ["Chart", "scores", "summary", "within_locus"]

_ALWAYS_WHOLE: Final = 12  # targets; more are in a box of their own height
_FREE: Final = {
    AVERAGE: ("average activity", "free average"),
    NEAREST: ("nearest cell type", "free nearest"),
}
_BASELINE_NAMES: Final = {
    "average-activity": "average activity",
    "average-signal": "average signal",
    "nearest-celltype": "nearest cell type",
    "k-nearest-celltypes": "k nearest cell types",
    "supervised-ceiling": "supervised ceiling",
}
_VERDICTS: Final = {
    "beats": "good",
    "does-not-beat": "bad",
    "inconclusive": "unclear",
    "not-testable": "unclear",
}
_WORDS: Final = {
    "beats": "beats",
    "negligible": "beats by little",
    "does-not-beat": "does not beat",
    "worse": "worse",
    "inconclusive": "inconclusive",
}
_SPECIFIC: Final = {
    "cell-type-specific": ("good", "yes"),
    "consistent-with-memorisation": ("bad", "not found"),
    "inconclusive": ("unclear", "unclear"),
    "not-testable": ("unclear", "not testable"),
}


class Chart:
    """What the script must know of the chart of scores.

    Attributes
    ----------
    markup : str
        The chart.
    rows : list of int
        Target (its place in the list of targets) of each row, from the top; empty for one target.
    tips : list of str
        What to say of each row where there is one target.
    """

    def __init__(self, shown: Shown, pairs: Pairs) -> None:
        self.rows: list[int] = []
        self.tips: list[str] = []
        if len(shown.targets) == 1:
            self.markup = self._one_target(shown)
        else:
            self.markup = self._many_targets(shown, pairs)

    def _many_targets(self, shown: Shown, pairs: Pairs) -> str:
        """One row for each target, the easiest for the average activity on top."""
        sign = 1 if shown.is_error else -1
        order = sorted(shown.targets, key=lambda t: _last(pairs.free.get((AVERAGE, t)), sign))
        place = {target: row for row, target in enumerate(order)}
        at = {target: index for index, target in enumerate(shown.targets)}
        self.rows = [at[target] for target in order]
        height = _row_height(len(order), len(shown.models))
        axis = Axis.around(_all_values(pairs))
        paths = "".join(
            _free_path(kind, name, order, pairs, axis, height) for name, (_, kind) in _FREE.items()
        )
        step = (height - 6) / max(len(shown.models), 1)
        for index, model in enumerate(shown.models):
            middle = 3 + step * (index + 0.5)
            points = [
                (pairs.by_key[model, target], place[target] * height + middle)
                for target in order
                if (model, target) in pairs.by_key
            ]
            paths += _model_path(index, points, axis)
        total = height * len(order)
        ticks = [Tick(height * (row + 0.5), target) for row, target in enumerate(order)]
        chart = frame(
            title=f"{metric_label(shown.metric)} of models and baselines at each target",
            description=_description(shown),
            height=total,
            paths=f'<path class="band" d="" data-height="{height}"/>{paths}',
            x_ticks=nice_ticks(axis),
            y_ticks=ticks,
            x_label=metric_label(shown.metric),
            left=_left(order),
            identity="scores-chart",
            marks=f' data-step="{height}"',
            tall=len(order) > _ALWAYS_WHOLE,
        )
        keys = [(kind, "M12 1V11", label) for label, kind in _FREE.values()]
        keys += [
            (f"dot {series(index)}", "M12 6h0", model) for index, model in enumerate(shown.models)
        ]
        if len(order) > _ALWAYS_WHOLE:
            words = f"{plural(len(order), 'target')}, one row each: scroll in the box for the rest."
            note = f'<p class="note screen">{words}</p>'
            chart = note + region("Chart of scores", chart, tall=True)
        return legend(keys) + chart

    def _one_target(self, shown: Shown) -> str:
        """One row for each model, baseline and bound, the best on top."""
        scores = shown.rows("scores")
        scores = scores[(scores["metric"] == shown.metric) & (scores["model"] != "prevalence")]
        models = set(shown.models)
        rows = [
            row for row in walk(scores.dropna(subset=["value"]))
            if row.kind != "model" or row.model in models
        ]  # fmt: skip
        rows.sort(key=lambda row: row.value if shown.is_error else -row.value)
        axis = Axis.around([x for row in rows for x in (row.value, row.ci_low, row.ci_high)])
        height, paths = 26, ""
        labels = []
        for place, row in enumerate(rows):
            y = height * (place + 0.5)
            own = row.kind == "model"
            kind = f"dot {series(shown.models.index(row.model))}" if own else "dot hollow"
            label = row.model if own else _BASELINE_NAMES.get(row.model, row.model)
            labels.append(Tick(y, label))
            paths += _whisker(row, y, axis, series(shown.models.index(row.model)) if own else "s")
            point = dots([(WIDTH * axis.share(row.value), y)])
            index = f' data-m="{shown.models.index(row.model)}"' if own else ""
            paths += f'<path class="{kind}"{index} d="{point}"/>'
            self.tips.append(f"{clean(label)}: {metric_label(shown.metric)} {_with_interval(row)}")
        return frame(
            title=f"{metric_label(shown.metric)} of models and baselines at {shown.targets[0]}",
            description=_description(shown),
            height=height * len(rows),
            paths=f'<path class="band" d="" data-height="{height}"/>{paths}',
            x_ticks=nice_ticks(axis),
            y_ticks=labels,
            x_label=metric_label(shown.metric),
            left=150,
            identity="scores-chart",
            marks=f' data-step="{height}"',
        )


def _last(value: float | None, sign: int) -> float:
    """Value to sort by, upwards or downwards; what is not known comes last."""
    return math.inf if value is None or math.isnan(value) else sign * value


def _row_height(n_targets: int, n_models: int) -> int:
    """Pixels of a row: each model on a line of its own while targets are few."""
    wanted = 8 + 6 * n_models
    return max(16, min(wanted, 3600 // max(n_targets, 1), 60))


def _left(names: list[str]) -> int:
    """Room for the names of rows."""
    return max(44, min(150, 10 + 8 * max((len(clean(one)) for one in names), default=0)))


def _all_values(pairs: Pairs) -> list[float]:
    """Every point of the chart; an interval may run over its edge."""
    free = [value for (which, _), value in pairs.free.items() if which in _FREE]
    return [pair.value for pair in pairs.by_key.values()] + free


def _free_path(
    kind: str, name: str, order: list[str], pairs: Pairs, axis: Axis, height: int
) -> str:
    """A tick as high as the row at what is free, so that a model is left or right of it."""
    d = ""
    for row, target in enumerate(order):
        value = pairs.free.get((name, target))
        if value is not None and not math.isnan(value):
            d += f"M{WIDTH * axis.share(value):.4g} {row * height + 2}v{height - 4}"
    return f'<path class="{kind}" d="{d}"/>' if d else ""


def _model_path(index: int, points: list[tuple[Pair, float]], axis: Axis) -> str:
    """Points and intervals of one model."""
    whiskers = "".join(
        f"M{WIDTH * axis.share(pair.low):.4g} {y:.4g}H{WIDTH * axis.share(pair.high):.4g}"
        for pair, y in points
        if math.isfinite(pair.low) and math.isfinite(pair.high)
    )
    drawn = dots(
        (WIDTH * axis.share(pair.value), y) for pair, y in points if not math.isnan(pair.value)
    )
    return (
        f'<g data-m="{index}"><path class="ci {series(index)}" d="{whiskers}"/>'
        f'<path class="dot {series(index)}" d="{drawn}"/></g>'
    )


def _whisker(row: Any, y: float, axis: Axis, kind: str) -> str:
    """Interval of a single row."""
    if math.isnan(row.ci_low) or math.isnan(row.ci_high):
        return ""
    ends = (WIDTH * axis.share(row.ci_low), WIDTH * axis.share(row.ci_high))
    return f'<path class="ci {kind}" d="M{ends[0]:.4g} {y}H{ends[1]:.4g}"/>'


def _with_interval(row: Any) -> str:
    """Value and interval."""
    if math.isnan(row.ci_low):
        return number(row.value)
    return f"{number(row.value)} [{number(row.ci_low)}, {number(row.ci_high)}]"


def _description(shown: Shown) -> str:
    """What a chart shows, for those who do not see it."""
    return (
        f"{plural(len(shown.models), 'model')} at {plural(len(shown.targets), 'target')}, with "
        f"{interval_level(shown.settings)} intervals, beside the average activity and the nearest "
        "cell type. All numbers are in the table below."
    )


def scores(shown: Shown, pairs: Pairs) -> str:
    """Table of every pair."""
    level = interval_level(shown.settings)
    label = metric_label(shown.metric)
    columns = [
        Column("model"), Column("target"), Column("specific"),
        Column("skill over average", True), Column("skill over nearest", True),
        Column(f"{label} [{level}]", True), Column("average", True), Column("nearest", True),
        Column("in words"),
    ]  # fmt: skip
    models = {model: index for index, model in enumerate(shown.models)}
    targets = {target: index for index, target in enumerate(shown.targets)}
    rows = (
        _row(pair, pairs, models[pair.model], targets[pair.target])
        for pair in pairs.by_key.values()
    )
    caption = (
        f"{label} of every shown model at every shown target, and skill over what is free "
        "(diff.: the baseline is nearly perfect, so that the difference is tested)"
    )
    return region(
        "Table of scores",
        table(caption, columns, rows, identity="scores-table"),
        tall=len(targets) > 3,
    )


def _row(pair: Pair, pairs: Pairs, model: int, target: int) -> str:
    """Row of the table; the script finds it by its model and its target."""
    kind, word = _SPECIFIC.get(pair.specificity, ("unclear", pair.specificity))
    value = number(pair.value)
    if math.isfinite(pair.low):
        value += f" <span>[{number(pair.low)}, {number(pair.high)}]</span>"
    return (
        f"<tr{attributes({'data-m': model, 'data-t': target})}>"
        f'<th scope="row">{name(pair.model)}</th><td>{name(pair.target)}</td>'
        f'<td><b class="{kind}">{text(word)}</b></td>'
        f"{_gain(pair.over_average)}{_gain(pair.over_nearest)}"
        f'<td class="n">{value}</td>{_free_cell(pair.over_average, AVERAGE, pair.target, pairs)}'
        f"{_free_cell(pair.over_nearest, NEAREST, pair.target, pairs)}"
        f'<td class="words">{text(pair.conclusion)}</td></tr>'
    )


def _free_cell(row: Any, baseline: str, target: str, pairs: Pairs) -> str:
    """Value of a baseline."""
    known = row.baseline_value if row is not None else pairs.free.get((baseline, target))
    return cell("n/a" if known is None else number(known), "n")


def _gain(row: Any) -> str:
    """Skill (or difference) with its interval, and the verdict."""
    if row is None:
        return cell("n/a", "n")
    if row.verdict == "not-testable":
        return cell(f'n/a <b class="unclear" title="{text(row.reason)}">not testable</b>', "n")
    what, gain = tested_gain(row)
    if what == "skill":
        gain = signed_interval(row.skill, row.skill_ci_low, row.skill_ci_high, 2)
    unit = " diff." if what == "difference" else ""
    word = _WORDS.get(row.flag or row.verdict, row.verdict)
    companion = companion_gain(row)
    because = f'<small class="because">{text(companion)}</small>' if companion else ""
    # a difference has another unit than the skills beside it, by which the column is sorted
    sort = f' data-sort="{row.skill:.6g}"' if what == "difference" else ""
    verdict = f'<b class="{_VERDICTS[row.verdict]}">{word}</b>'
    return f'<td class="n"{sort}><span>{text(gain)}{unit}</span> {verdict}{because}</td>'


def summary(shown: Shown) -> str:
    """Table of the verdicts counted over targets."""
    rows = shown.tables["summary"]
    rows = rows[rows["model"].isin(shown.models)]
    level = interval_level(shown.settings)
    single = single_gains(shown.tables["verdict"])
    columns = [
        Column("model"), Column("against"), Column("targets", True), Column("beats", True),
        Column("beats after Holm", True), Column("does not beat", True),
        Column("inconclusive", True), Column("not testable", True),
        Column(f"skill [{level}]" if single else f"skill over targets [{level}]", True),
    ]  # fmt: skip
    lines = (
        f'<tr><th scope="row">{name(row.model)}</th>'
        + cell(text(row.baseline))
        + "".join(
            cell(str(count), "n")
            for count in (
                row.n_targets, row.n_beats, row.n_beats_adjusted, row.n_does_not_beat,
                row.n_inconclusive, row.n_not_testable,
            )
        )
        + cell(text(single.get((row.model, row.baseline)) or _over_targets(row)), "n")
        + "</tr>"
        for row in walk(rows)
    )  # fmt: skip
    caption = "Verdicts of each model against each baseline, counted over all targets"
    return region("Table of verdicts", table(caption, columns, lines))


def _over_targets(row: Any) -> str:
    """Skill over several targets."""
    return signed_interval(row.skill, row.ci_low, row.ci_high, 2)


def within_locus(shown: Shown) -> str:
    """Table of the chance that a model orders two targets at a locus as their labels do."""
    rows = shown.tables["within_locus"]
    rows = rows[rows["model"].isin(shown.models) & rows["concordance"].notna()]
    if rows.empty:
        return ""
    columns = [Column("model"), Column("concordance", True), Column("interval", True),
               Column("p", True), Column("targets", True)]  # fmt: skip
    lines = (
        f'<tr><th scope="row">{name(row.model)}</th>'
        f"{cell(number(row.concordance), 'n')}"
        f"{cell(f'{number(row.ci_low)} to {number(row.ci_high)}', 'n')}"
        f"{cell(number(row.pvalue), 'n')}{cell(str(row.n_targets), 'n')}</tr>"
        for row in walk(rows)
    )
    caption = (
        "Within a locus: the chance that a model orders two targets as their labels do "
        "(memory alone gives 0.500)"
    )
    return region("Table of concordance within loci", table(caption, columns, lines))
