"""The report as a section of a model card."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final, TypeAlias

import pandas as pd

from leakcheck._report.chance import level_of_claims
from leakcheck._report.claim import claim
from leakcheck._report.doubts import with_doubts
from leakcheck._report.methods import methods, setting
from leakcheck._report.muting import muted_words
from leakcheck._report.rows import distinct, walk
from leakcheck._report.words import (
    clean,
    interval_level,
    loci_of_a_stratum,
    metric_label,
    number,
    plural,
    signed_interval,
)

__all__ = ["escaped", "render"]

_MOST_ROWS: Final = 24
_MOST_CAVEATS: Final = 10

#: What is cited for, and the work.
_CITATIONS: Final = {
    "The pitfall and its remedies": (
        "Schreiber J, Singh R, Bilmes J, Noble WS. A pitfall for machine learning methods aiming "
        "to predict across cell types. *Genome Biology* 21:282 (2020). "
        "[doi:10.1186/s13059-020-02177-y](https://doi.org/10.1186/s13059-020-02177-y)"
    ),
    "The intervals": (
        "Busing FMTA, Meijer E, van der Leeden R. Delete-m jackknife for unequal m. *Statistics "
        "and Computing* 9:3-8 (1999). "
        "[doi:10.1023/A:1008800423698](https://doi.org/10.1023/A:1008800423698)"
    ),
    "The test for what is specific to a cell type": (
        "Shah RD, Peters J. The hardness of conditional independence testing and the generalised "
        "covariance measure. *Annals of Statistics* 48:1514-1538 (2020). "
        "[doi:10.1214/19-AOS1857](https://doi.org/10.1214/19-AOS1857)"
    ),
}

_EXPECTED: Final = "expected_average_precision"

Row: TypeAlias = Sequence[str]


def render(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> str:
    """Write all parts under one heading."""
    level = interval_level(settings)
    parts = [
        "## Audit against what one gets for free",
        *_note(settings),
        "\n".join(_answers(with_doubts(tables))),
        f"**Setting:** {escaped(setting(tables['design'], settings))}",
        "### Verdicts",
        _verdicts(tables, level),
        *_strata(tables, settings),
        "### Methods",
        escaped(methods(tables, settings)),
        "### Caveats",
        "\n".join(_caveats(tables, settings)),
        "### Reproduction",
        _reproduction(settings),
        "### Citation",
        "\n".join(f"- {what}: {work}" for what, work in _CITATIONS.items()),
        f"Made with leakcheck {escaped(str(settings.get('leakcheck_version', '')))}.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Text in which nothing is Markdown or HTML, on one line."""
    plain = escape(clean(" ".join(text.split())), quote=False)
    return re.sub(r"([\\`*_{}\[\]|#~])", r"\\\1", plain)


def _table(header: Row, rows: Iterable[Row]) -> str:
    """Draw a table of Markdown; cells of users must be escaped before."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _note(settings: Mapping[str, Any]) -> list[str]:
    """Name the reference cell types where they were inferred."""
    note = settings.get("reference_note", "")
    return [f"> {escaped(note)}"] if note else []


def _answers(information: pd.DataFrame) -> list[str]:
    """One item for each model: its conclusions and their numbers of targets."""
    lines = []
    for model in distinct(information, "model")[:_MOST_ROWS]:
        counts = Counter(information.loc[information["model"] == model, "conclusion"].tolist())
        total = sum(counts.values())
        words = "; ".join(
            escaped(text) + (f" ({count} of {plural(total, 'target')})" if total > 1 else "")
            for text, count in counts.most_common()
        )
        lines.append(f"- **{escaped(model)}**: {words}")
    return lines


def _verdicts(tables: dict[str, pd.DataFrame], level: str) -> str:
    """Every comparison where they are few, else the counts over targets."""
    if len(tables["verdict"]) <= _MOST_ROWS:
        return _every_verdict(tables["verdict"], level)
    return _counted_verdicts(tables["summary"], level)


def _every_verdict(verdict: pd.DataFrame, level: str) -> str:
    """One row for each comparison."""
    header = ("model", "target", "baseline", "metric", "model value", "baseline value",
              f"skill [{level} interval]", "verdict", "specificity", "reason")  # fmt: skip
    rows = (
        (
            escaped(row.model),
            escaped(row.target),
            escaped(row.baseline),
            metric_label(row.metric),
            number(row.model_value),
            number(row.baseline_value),
            signed_interval(row.skill, row.skill_ci_low, row.skill_ci_high),
            f"{row.verdict} ({row.flag})" if row.flag else row.verdict,
            row.specificity,
            escaped(row.reason),
        )
        for row in walk(verdict)
    )
    return _table(header, rows)


def _counted_verdicts(summary: pd.DataFrame, level: str) -> str:
    """One row for each model and baseline, with the number of targets of each verdict."""
    header = ("model", "baseline", "targets", "beats", "beats after Holm", "does not beat",
              "inconclusive", "not testable", f"skill over targets [{level} interval]")  # fmt: skip
    rows = [
        (
            escaped(row.model),
            escaped(row.baseline),
            str(row.n_targets),
            str(row.n_beats),
            str(row.n_beats_adjusted),
            str(row.n_does_not_beat),
            str(row.n_inconclusive),
            str(row.n_not_testable),
            signed_interval(row.skill, row.ci_low, row.ci_high),
        )
        for row in walk(summary)
    ]
    hidden = len(rows) - _MOST_ROWS
    more = f"\n\n... and {hidden} more rows in `report.summary`." if hidden > 0 else ""
    return _table(header, rows[:_MOST_ROWS]) + more


def _strata(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[str]:
    """Count for each model the strata in which it scores above each baseline."""
    strata = tables["strata"]
    # A stratum that is too small to interpret has a value and a reason.
    values = strata[strata["value"].notna() & (strata["reason"] == "")]
    if values.empty:
        return []
    metrics = distinct(values, "metric")
    metric = _EXPECTED if _EXPECTED in metrics else metrics[0]
    values = values[values["metric"] == metric]
    by_name = values.pivot_table(index=["target", "stratum"], columns="model", values="value")
    baselines = distinct(values[values["kind"] == "baseline"], "model")
    header = ("model", "strata", *(f"above {escaped(name)}" for name in baselines))
    rows = []
    for model in distinct(values[values["kind"] == "model"], "model")[:_MOST_ROWS]:
        own = by_name[model].dropna()
        above = ((own > by_name[name].reindex(own.index)).sum() for name in baselines)
        rows.append((escaped(model), str(len(own)), *(str(int(count)) for count in above)))
    text = (
        f"Within strata of {loci_of_a_stratum(settings) or 'loci that were given'} "
        f"({metric_label(metric)}; strata of all targets; values of different strata are not "
        "comparable, and their mean means nothing):"
    )
    return ["### Strata", text, _table(header, rows)]


def _reproduction(settings: Mapping[str, Any]) -> str:
    """Versions, seed and checksums of the input."""
    versions = {"leakcheck": settings.get("leakcheck_version", ""), **settings.get("versions", {})}
    lines = [f"- versions: {_listed(versions)}", f"- seed: {settings.get('random_state', 'none')}"]
    if settings.get("choices"):
        lines.append(f"- choices: {_listed(settings['choices'])}")
    inputs = list(dict(settings.get("inputs", {})).items())
    for key, checksum in inputs[:_MOST_ROWS]:
        lines.append(
            f"- checksum of {escaped(key)}: `{re.sub(r'[^0-9A-Za-z:_-]', '', str(checksum))}`"
        )
    if len(inputs) > _MOST_ROWS:
        lines.append(f"- ... and {len(inputs) - _MOST_ROWS} more in `report.settings`.")
    return "\n".join(lines)


def _listed(values: Mapping[str, Any]) -> str:
    """Names and values in one line; what is empty is left out."""
    return ", ".join(f"{escaped(str(k))} {escaped(str(v))}" for k, v in values.items() if v != "")


def _caveats(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[str]:
    """Say what may be claimed, and list errors and warnings, one line for each code."""
    findings = tables["findings"]
    by_code: dict[str, list[Any]] = {}
    for row in walk(findings[findings["severity"].isin(["error", "warning"])]):
        by_code.setdefault(row.code, []).append(row)
    lines = [f"- {escaped(claim(tables, level_of_claims(settings)))}"]
    for code, rows in list(by_code.items())[:_MOST_CAVEATS]:
        first = rows[0]
        place = ", ".join(escaped(name) for name in (first.model, first.target) if name)
        where = f" ({place})" if place else ""
        more = f" And {len(rows) - 1} more." if len(rows) > 1 else ""
        lines.append(f"- {code}: {escaped(first.title)}{where}. {escaped(first.evidence)}{more}")
    if len(by_code) > _MOST_CAVEATS:
        lines.append(f"- ... and {len(by_code) - _MOST_CAVEATS} more codes in `report.findings`.")
    if words := muted_words(settings):
        lines.append(f"- {words}")
    if by_code:
        lines.append(f"- What a code means: `leakcheck explain {next(iter(by_code))}`.")
    return lines
