"""The first screen: what was found, in plain words."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pandas as pd

from leakcheck._html.choose import AVERAGE, NEAREST, Shown
from leakcheck._html.frame import Axis
from leakcheck._html.markup import name, text
from leakcheck._report.answers import answers
from leakcheck._report.chance import level_of_claims
from leakcheck._report.claim import claim, found_of
from leakcheck._report.doubts import BLIND, CONTRARY, blind_targets, suspects, with_doubts
from leakcheck._report.methods import setting
from leakcheck._report.rows import distinct, walk
from leakcheck._report.words import (
    companion_gain,
    interval_level,
    metric_label,
    number,
    plural,
    signed_interval,
)
from leakcheck.small_wins import is_useful

__all__ = ["answer", "headline"]

_BASELINES: Final = {AVERAGE: "Average activity", NEAREST: "Nearest cell type"}
#: A verdict, or the flag that says more, as a reader says it of a baseline.
VERDICT_WORDS: Final = {
    "beats": "beaten",
    "negligible": "beaten, by too little to matter",
    "does-not-beat": "not beaten",
    "worse": "is better",
    "inconclusive": "inconclusive",
    "not-testable": "not testable",
}
_STRIP: Final = Axis(-1.0, 1.0)


class _Tally(NamedTuple):
    """Targets at which the answer is yes, no, or not known."""

    yes: int
    no: int
    unknown: int

    @property
    def total(self) -> int:
        """All targets."""
        return self.yes + self.no + self.unknown


def answer(shown: Shown) -> str:
    """Lead, a card for each model, the setting and what may be claimed."""
    note = shown.settings.get("reference_note", "")
    may = claim(dict(shown.tables), level_of_claims(shown.settings))
    where = setting(shown.tables["design"], shown.settings)
    parts = [
        f'<p class="note">{text(note)}.</p>' if note else "",
        f'<p class="lead">{headline(shown)}</p>',
        f'<p class="claim"><strong>Setting:</strong> {text(where)}</p>',
        f'<p class="claim"><strong>What you may claim:</strong> {text(may)}</p>',
        _groups(shown),
        f'<div class="cards">{"".join(_card(shown, model) for model in shown.models)}</div>',
        _legend(shown),
    ]
    return "".join(parts)


def headline(shown: Shown) -> str:
    """One sentence for all models, as markup."""
    information = shown.tables["information"]
    if information.empty:
        return "No prediction was compared with any label: there is no answer."
    suspected = suspects(shown.tables["findings"])
    blind = blind_targets(shown.tables["findings"])
    information = information[~information["target"].isin(blind)]
    tallies = {
        model: (_useful(rows, shown.tables["verdict"]), _specific(rows))
        for model, rows in information.groupby("model", sort=False)
        if model not in suspected
    }
    parts = [_found(tallies, several=len(distinct(information, "target")) > 1)] if tallies else []
    parts += [_suspicion(suspected)] if suspected else []
    return " ".join([*parts, *_nothing_to_beat(shown.tables["findings"])])


def _nothing_to_beat(findings: pd.DataFrame) -> Iterator[str]:
    """Say of targets that the average activity, or the signal, says nothing about them."""
    why = {
        BLIND: "the average activity says nothing about what is active there",
        CONTRARY: "the signal does not rise with the labels",
    }
    for code, words in why.items():
        targets = blind_targets(findings, [code])
        if targets:
            many = f"<strong>{len(targets)}</strong> targets"
            where = name(targets[0]) if len(targets) == 1 else many
            yield f"At {where} there is <strong>nothing to beat</strong>: {words}."


def _suspicion(models: list[str]) -> str:
    """Say of models that they have most probably seen the labels."""
    if len(models) == 1:
        one = f"<strong>{name(models[0])}</strong> is <strong>not to be trusted</strong>: it puts"
        return f"{one} the labels in perfect order, and has most probably seen them."
    return (
        f"<strong>{len(models)}</strong> models are <strong>not to be trusted</strong>: they put "
        "the labels in perfect order, and have most probably seen them."
    )


def _found(tallies: "dict[Any, tuple[_Tally, _Tally]]", *, several: bool) -> str:
    """One sentence for the models of which anything can be said."""
    if len(tallies) == 1:
        ((model, (useful, specific)),) = tallies.items()
        return (
            f"<strong>{name(str(model))}</strong> is {_better_words(useful)} what you get for "
            f"free, and {_specific_words(specific)}."
        )
    always = sum(useful.yes == useful.total for useful, _ in tallies.values())
    some = sum(0 < useful.yes < useful.total for useful, _ in tallies.values())
    memory = sum(specific.no > specific.total / 2 for _, specific in tallies.values())
    known = memory + sum(specific.yes > specific.total / 2 for _, specific in tallies.values())
    open_ones = len(tallies) - known
    every = " at every target" if several else ""
    parts = [f"{_count(always)} better than what you get for free{every}"]
    if several:
        parts.append(f"{_count(some)} at some targets")
        parts.append(f"{_count(len(tallies) - always - some)} at none")
    where = " at most targets" if several else ""
    return (
        f"Of {plural(len(tallies), 'model')}, {', '.join(parts)}. <strong>{memory}</strong> "
        f"{'shows' if memory == 1 else 'show'} nothing specific to the cell type{where}"
        + (f"; for <strong>{open_ones}</strong> that cannot be told." if open_ones else ".")
    )


def _count(number: int) -> str:
    """Number with its verb."""
    return f"<strong>{number or 'none'}</strong> {'are' if number > 1 else 'is'}"


def _better_words(useful: _Tally) -> str:
    """How the answer about utility stands before ``what you get for free``."""
    if useful.yes == useful.total:
        return "<strong>better</strong> than"
    if useful.yes:
        return f"<strong>better</strong> at {useful.yes} of {useful.total} targets than"
    if useful.no > useful.unknown:
        return "<strong>not better</strong> than"
    return "<strong>not shown to be better</strong> than"


def _specific_words(specific: _Tally) -> str:
    """How the answer about information ends the sentence."""
    if specific.yes == specific.total:
        return "it knows something <strong>specific to the cell type</strong>"
    if specific.yes:
        return (
            "knows something <strong>specific to the cell type</strong> at "
            f"{specific.yes} of {specific.total} targets"
        )
    if specific.no > specific.unknown:
        return "what it shows is <strong>consistent with memorisation</strong>"
    return "whether it knows the cell type is <strong>not known</strong>"


def _useful(rows: pd.DataFrame, verdict: pd.DataFrame) -> _Tally:
    """Targets at which both baselines are beaten by enough; not known where it is inconclusive."""
    small = (rows["utility"] == "beats-both") & ~is_useful(rows, verdict)
    return _tally(rows["utility"].mask(small, "").tolist(), "beats-both")


def _specific(rows: pd.DataFrame) -> _Tally:
    """Targets at which the model knows something about the cell type."""
    return _tally(rows["specificity"].tolist(), "cell-type-specific")


def _tally(words: list[str], yes: str) -> _Tally:
    """Count an answer."""
    counts = Counter(words)
    unknown = counts["inconclusive"] + counts["not-testable"]
    return _Tally(counts[yes], len(words) - counts[yes] - unknown, unknown)


def _groups(shown: Shown) -> str:
    """Sentences for groups of models, where there are more models than cards."""
    if len(shown.models) == shown.n_models:
        return ""
    items = "".join(f"<li>{text(line)}</li>" for line in answers(dict(shown.tables)))
    return f'<ul class="groups">{items}</ul><p class="note">{text(shown.cut)}</p>'


def _card(shown: Shown, model: str) -> str:
    """Everything about one model in a few lines."""
    information = shown.tables["information"]
    rows = information[information["model"] == model]
    if rows.empty:
        return ""
    if model in suspects(shown.tables["findings"]):
        return _doubted_card(shown, model, "Not to be trusted")
    rows = rows[~rows["target"].isin(blind_targets(shown.tables["findings"]))]
    if rows.empty:
        return _doubted_card(shown, model, "Nothing to beat")
    verdict = shown.tables["verdict"]
    useful, specific = _useful(rows, verdict), _specific(rows)
    found = found_of(
        model, rows, verdict[verdict["model"] == model], level_of_claims(shown.settings)
    )
    conclusion, count = Counter(rows["conclusion"].tolist()).most_common(1)[0]
    share = f" (at {count} of {len(rows)} targets)" if len(rows) > 1 else ""
    return (
        f'<article class="card {_tone(useful, specific)}"><h3>{name(model)}</h3>'
        f"<dl><div><dt>Better than free?</dt><dd>{_said(useful, found.says_better)}</dd></div>"
        f"<div><dt>Cell-type-specific?</dt>"
        f"<dd>{_said(specific, found.says_specific, 'Not found')}</dd></div></dl>"
        f'<p class="words">{text(conclusion[:1].upper() + conclusion[1:])}{share}.</p>'
        f"{_gains(shown, model)}</article>"
    )


def _doubted_card(shown: Shown, model: str, instead: str) -> str:
    """The card of a model without answers."""
    words = with_doubts(dict(shown.tables)).set_index("model").loc[[model], "conclusion"].iloc[0]
    no = f'<b class="bad">{text(instead)}</b>'
    return (
        f'<article class="card bad"><h3>{name(model)}</h3>'
        f"<dl><div><dt>Better than free?</dt><dd>{no}</dd></div>"
        f"<div><dt>Cell-type-specific?</dt><dd>{no}</dd></div></dl>"
        f'<p class="words">{text(words[:1].upper() + words[1:])}.</p>'
        f"{_gains(shown, model)}</article>"
    )


def _said(tally: _Tally, claimed: bool, no: str = "No") -> str:
    """Yes, no, or at how many targets; as a mark that does not need its colour."""
    if tally.yes == tally.total:
        return '<b class="good">Yes</b>' + (
            f" {tally.yes}/{tally.total}" if tally.total > 1 else ""
        )
    if tally.yes:
        kind = "mixed" if claimed or tally.no < tally.unknown else "bad"
        return f'<b class="{kind}">At {tally.yes} of {tally.total}</b>'
    if tally.no > tally.unknown:
        return f'<b class="bad">{no}</b>' + (f" 0/{tally.total}" if tally.total > 1 else "")
    return '<b class="unclear">Cannot tell</b>'


def _tone(useful: _Tally, specific: _Tally) -> str:
    """Edge of the card."""
    if useful.yes == useful.total:
        return "good"
    if useful.yes or specific.yes > specific.total / 2:
        return "mixed"
    return "bad" if useful.no >= useful.unknown else "unclear"


def _gains(shown: Shown, model: str) -> str:
    """Skill over each baseline, as numbers and as a strip from -1 to 1."""
    items = []
    verdict = shown.tables["verdict"]
    verdict = verdict[verdict["model"] == model]
    summary = shown.tables["summary"]
    summary = summary[summary["model"] == model]
    for baseline, label in _BASELINES.items():
        rows = verdict[verdict["baseline"] == baseline]
        if rows.empty:
            continue
        total: Any = next(walk(summary[summary["baseline"] == baseline]), None)
        first: Any = next(walk(rows))
        if len(rows) == 1 or total is None:
            value, low, high = first.skill, first.skill_ci_low, first.skill_ci_high
            wins = VERDICT_WORDS[first.flag or first.verdict]
            companion = companion_gain(first)
            wins += f" ({companion})" if companion else ""
        else:
            value, low, high = total.skill, total.ci_low, total.ci_high
            wins = f"beaten at {total.n_beats} of {total.n_targets - total.n_not_testable}"
        means = (
            f"{metric_label(first.metric)} {number(rows['model_value'].mean())} against "
            f"{number(rows['baseline_value'].mean())}"
        )
        skill = text(signed_interval(value, low, high, 2))
        items.append(
            f"<li><span>{text(label)}: <b>{text(wins)}</b></span><span>{text(means)}</span>"
            f"<span>skill <b>{skill}</b></span>{_strip(value, low, high)}</li>"
        )
    return f'<ul class="gains">{"".join(items)}</ul>' if items else ""


def _strip(value: float, low: float, high: float) -> str:
    """Interval on a line from -1 to 1 with the baseline in the middle; empty where undefined."""
    if not math.isfinite(value):
        return ""
    x = 200 * _STRIP.share(value)
    ends = [200 * _STRIP.share(end) for end in (low, high) if math.isfinite(end)]
    whisker = (
        f'<path class="whisker" d="M{ends[0]:.1f} 7H{ends[1]:.1f}"/>' if len(ends) == 2 else ""
    )
    outside = value < _STRIP.low or value > _STRIP.high
    point = f"M{x + 9:.1f} 1L{x:.1f} 7L{x + 9:.1f} 13" if outside else f"M{x:.1f} 7h0"
    return (
        '<svg class="strip" viewBox="-6 0 212 14" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="base" d="M0 7H200"/><path class="zero" d="M100 0V14"/>{whisker}'
        f'<path class="{"beyond" if outside else "point"}" d="{point}"/></svg>'
    )


def _legend(shown: Shown) -> str:
    """What the numbers on the cards mean."""
    if not shown.models:
        return ""
    level = interval_level(shown.settings)
    wrong = f"{100 - 100 * shown.settings['confidence_level']:.2g}%"
    return (
        f'<p class="note">Skill: 0 is the baseline, 1 is perfect; [{level} interval]. Strips run '
        "from -1 to 1, the baseline in the middle; an arrow stands for what lies below -1. Better "
        "than free means better than the average activity and the nearest cell type, each beyond "
        f"chance; by chance alone, {wrong} of targets would say yes.</p>"
    )
