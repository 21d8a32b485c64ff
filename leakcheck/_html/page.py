"""The page: one file that needs nothing else."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from leakcheck._html.answer import answer
from leakcheck._html.choose import Limits, Shown, choose
from leakcheck._html.detail import RANK_SCALE, SCALE, rank_detail, strata_detail
from leakcheck._html.families import families, family_pairs
from leakcheck._html.family_charts import charts, family_detail, order_of
from leakcheck._html.findings import findings
from leakcheck._html.markup import asset, embed, name, text
from leakcheck._html.method import method
from leakcheck._html.pairs import Pairs, gather
from leakcheck._html.ranks import ranks
from leakcheck._html.scores import Chart, scores, summary, within_locus
from leakcheck._html.strata import strata
from leakcheck._report.words import clean, loci_of_a_stratum, metric_label, plural, short

__all__ = ["first_screen", "page"]

_LARGEST: Final = 1_900_000
#: Tried in turn until the page is small enough.
_LIMITS: Final = (
    Limits(pairs=3_000, detail=700_000, findings=40),
    Limits(pairs=1_000, detail=300_000, findings=15),
    Limits(pairs=250, detail=60_000, findings=4),
    Limits(pairs=24, detail=10_000, findings=1),
)
#: Section -> its name in the navigation, and its heading.
_SECTIONS: Final = {
    "answer": ("Answer", "The answer"),
    "scores": ("Scores", "Scores against baselines"),
    "strata": ("Strata", "Within strata"),
    "ranks": ("Ranks", "Rank of the scores against the average activity"),
    "families": ("Families", "Families of models"),
    "findings": ("Findings", "Findings"),
    "method": ("Method", "How it was computed"),
}


def page(
    tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any], docs: str | None = None
) -> str:
    """Whole page, with as much of the report as fits."""
    written = ""
    for limits in _LIMITS:
        written = _written(choose(tables, settings, limits), docs)
        if len(written.encode("utf-8")) <= _LARGEST:
            break
    return written


def first_screen(tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> str:
    """First screen alone, with its own style, for notebooks."""
    shown = choose(tables, settings, _LIMITS[0])
    return (
        f'<div class="leakcheck-report notebook"><style>{asset("answer.css")}</style>'
        f"<h2>{text(_title(shown))}</h2>{answer(shown)}<details><summary>Verdicts</summary>"
        f"{summary(shown)}</details></div>"
    )


def _title(shown: Shown) -> str:
    """What was audited."""
    loci = plural(int(shown.settings.get("n_loci", 0)), "locus", "loci")
    models = plural(shown.n_models, "model")
    return f"leakcheck: {models} at {loci}, {plural(shown.n_targets, 'target cell type')}"


def _written(shown: Shown, docs: str | None) -> str:
    """All sections under one head."""
    tables = shown.tables
    pairs = gather(shown)
    chart = Chart(shown, pairs)
    order, in_strata = strata_detail(shown)
    in_ranks = rank_detail(shown)
    compared = family_pairs(tables["comparisons"])
    in_families = family_detail(shown, compared)
    drawn = charts(shown, compared, order_of(tables["comparisons"]), in_families)
    bodies = {
        "answer": answer(shown) + _nothing_hidden(shown),
        "scores": "".join(_scores(shown, pairs, chart)),
        "strata": _strata_intro(shown) + strata(shown, order, in_strata),
        "ranks": _ranks_intro(shown) + ranks(shown, in_ranks),
        "families": families(shown, compared, drawn),
        "findings": findings(shown, docs),
        "method": method(shown),
    }
    data = {
        "models": [short(one, 48) for one in shown.models],
        "targets": [short(one, 48) for one in shown.targets],
        "metric": metric_label(shown.metric),
        "rows": chart.rows,
        "tips": chart.tips,
        "strata": _by_place(in_strata, shown, "v"),
        "ranks": _by_place(in_ranks, shown, None),
        "familyStrata": order_of(tables["comparisons"]),
        "families": {str(shown.targets.index(key)): one for key, one in in_families.items()},
        "scale": SCALE,
        "rankScale": RANK_SCALE,
    }
    return _document(shown, {key: body for key, body in bodies.items() if body}, data)


def _strata_intro(shown: Shown) -> str:
    """Why one looks within strata, and what their values do not say."""
    alike = loci_of_a_stratum(shown.settings)
    gains = (
        f"{alike[:1].upper() + alike[1:]} look alike to the average: what a model gains over it "
        "within a stratum, it knows beyond the average."
        if alike
        else "The strata are those that were given."
    )
    why = (
        "the value without skill rises with the prevalence"
        if shown.is_binary
        else "labels vary more in some strata than in others"
    )
    return (
        f"<p>{gains} Values of different strata are not comparable, because {why}, and their mean "
        "means nothing.</p>"
    )


def _ranks_intro(shown: Shown) -> str:
    """What memory looks like in the ranks."""
    alike = (
        " and ranks active and inactive loci of the same average alike" if shown.is_binary else ""
    )
    what = "how active each locus is on average" if shown.is_binary else "the mean of each locus"
    return (
        f"<p>A model that only remembers {what} lies on the diagonal{alike}. Lines are medians, "
        "areas run from the first to the third quartile.</p>"
    )


def _reading(shown: Shown) -> str:
    """How the chart of scores is read."""
    if len(shown.targets) == 1:
        return "The best stands on top."
    if shown.is_error:
        return (
            "It is an error: a model to the left of a tick does better than that baseline. The "
            "target that is easiest for the average stands on top."
        )
    return (
        "A model to the right of a tick scores higher than that baseline. The target that is "
        "easiest for the average stands on top."
    )


def _scores(shown: Shown, pairs: Pairs, chart: Chart) -> Iterator[str]:
    """What is shown, the chart, the counts over targets, and every pair."""
    where = "each target" if len(shown.targets) > 1 else "the target"
    yield (
        f"<p>{text(metric_label(shown.metric))} of each model, with its interval, at {where}; "
        f"what is free stands beside it. {_reading(shown)}</p>"
        '<p id="chosen" role="status"></p>'
    )
    yield chart.markup
    yield summary(shown)
    yield scores(shown, pairs)
    yield within_locus(shown)


def _nothing_hidden(shown: Shown) -> str:
    """Say what is left out; where models are, the cards have said it."""
    if not shown.cut or len(shown.models) < shown.n_models:
        return ""
    return f'<p class="note">{text(shown.cut)}</p>'


def _controls(shown: Shown) -> str:
    """Choice of model and target; the script shows them where it runs."""

    def options(names: Sequence[str], every: str) -> str:
        items = "".join(
            f'<option value="{at}" dir="auto">{text(short(one, 48))}</option>'
            for at, one in enumerate(names)
        )
        return f'<option value="-1">{every}</option>{items}'

    return (
        '<div class="controls" id="controls" role="group" aria-label="Choose what is shown" hidden>'
        f'<label>Model <select id="choose-model">{options(shown.models, "all models")}</select>'
        f'</label><label>Target <select id="choose-target">{options(shown.targets, "all targets")}'
        '</select></label><button type="button" id="choose-all">Show all</button></div>'
    )


def _by_place(
    found: Mapping[str, Mapping[str, Any]], shown: Shown, inner: str | None
) -> dict[str, Any]:
    """Numbers by the places of targets and models, which are shorter than their names."""
    models = {model: str(at) for at, model in enumerate(shown.models)}
    targets = {target: str(at) for at, target in enumerate(shown.targets)}

    def placed(values: Mapping[str, Any]) -> dict[str, Any]:
        return {models.get(key, _BASELINE_KEYS.get(key, key)): one for key, one in values.items()}

    return {
        targets[target]: (placed(one) if inner is None else {**one, inner: placed(one[inner])})
        for target, one in found.items()
    }


_BASELINE_KEYS: Final = {"average-activity": "average", "nearest-celltype": "nearest"}


def _document(shown: Shown, bodies: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """Head, navigation and sections."""
    script = asset("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    links = "".join(f'<li><a href="#{key}">{_SECTIONS[key][0]}</a></li>' for key in bodies)
    sections = {
        key: f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">'
        f"{_SECTIONS[key][1]}</h2>{body}</section>"
        for key, body in bodies.items()
    }
    first = sections.pop("answer")
    title = _title(shown)
    version = clean(str(shown.settings.get("leakcheck_version", "")))
    one = f" of {name(shown.models[0])}" if shown.n_models == 1 else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}</title><style>{asset('answer.css')}{asset('style.css')}</style>"
        '</head>\n<body class="leakcheck-report"><header><a class="skip" href="#answer">Skip to '
        f"the answer</a><h1>Audit{one} against what you get for free</h1>"
        f'<p class="what">{text(title)}</p>'
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header>\n'
        f"<main>{first}{_controls(shown)}{''.join(sections.values())}</main>\n"
        f"<footer><p>Made with leakcheck {text(version)}. Aggregates only: this file holds no "
        "label and no score of a single locus.</p></footer>"
        '<div id="tip" role="tooltip" hidden></div>'
        f'<script type="application/json" id="leakcheck-data">{embed(data)}</script>'
        f"<script>{script}</script></body></html>\n"
    )
