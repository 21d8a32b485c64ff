"""Families of models: Mann-Whitney within strata, with the jackknife over loci beside it."""

import math
from typing import Any, Final

import pandas as pd

from leakcheck._html.choose import Shown
from leakcheck._html.markup import Column, cell, name, region, table, text
from leakcheck._report.rows import distinct, walk
from leakcheck._report.words import metric_label, number, plural, signed_interval
from leakcheck.strata import WHOLE

__all__ = ["families", "family_pairs"]

_MOST_ROWS: Final = 400


def families(shown: Shown, pairs: list[tuple[str, str]], drawn: str) -> str:
    """Counts over targets and strata, charts and tests of one target; empty without families."""
    comparisons = shown.tables["comparisons"]
    if comparisons.empty:
        return ""
    target = distinct(comparisons, "target")[0]
    level = 1.0 - float(shown.settings["confidence_level"])
    note = (
        "Models of a family share their errors, so that Mann-Whitney's p speaks of these models on "
        "these loci. The difference of family means has the interval of a jackknife over loci: "
        "read the two together."
    )
    counts = _counts(comparisons, pairs, level)
    return f"<p>{text(note)}</p>{counts}{drawn}{_tests(comparisons, pairs, target)}"


def family_pairs(comparisons: pd.DataFrame) -> list[tuple[str, str]]:
    """Each two families once, the one that is higher in more strata first."""
    effects = comparisons.groupby(["family_a", "family_b"], sort=False)["effect_size"].mean()
    found: list[tuple[str, str]] = []
    for a, b in effects.index:
        if (b, a) in found or (a, b) in found:
            continue
        swapped = effects.get((b, a), math.nan) > effects[a, b]
        found.append((b, a) if swapped else (a, b))
    return found


def _of(comparisons: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    """Tests of one pair, in one direction."""
    return comparisons[(comparisons["family_a"] == pair[0]) & (comparisons["family_b"] == pair[1])]


def _counts(comparisons: pd.DataFrame, pairs: list[tuple[str, str]], level: float) -> str:
    """One row for each pair: tests over all strata of all targets."""
    columns = [Column("higher"), Column("lower"), Column("strata tested", True),
               Column(f"adjusted p < {level:g}", True), Column("median effect size", True),
               Column("jackknife above 0", True), Column("jackknife below 0", True)]  # fmt: skip
    rows = []
    for pair in pairs:
        own = _of(comparisons, pair)
        own = own[own["stratum"] != WHOLE]
        tested = own[own["pvalue"].notna()]
        known = own[own["ci_low"].notna()]
        effect = tested["effect_size"].median() if len(tested) else math.nan
        cells = (
            str(len(tested)), str(int((tested["pvalue_adjusted"] < level).sum())), number(effect),
            f"{int((known['ci_low'] > 0).sum())} of {len(known)}",
            f"{int((known['ci_high'] < 0).sum())} of {len(known)}",
        )  # fmt: skip
        rows.append(
            f'<tr><th scope="row">{name(pair[0])}</th>{cell(name(pair[1]))}'
            + "".join(cell(text(one), "n") for one in cells)
            + "</tr>"
        )
    caption = "Families against each other, over the strata of all targets"
    return region("Table of families", table(caption, columns, rows))


def _tests(comparisons: pd.DataFrame, pairs: list[tuple[str, str]], target: str) -> str:
    """Every stratum of one target."""
    here = comparisons[comparisons["target"] == target]
    columns = [Column("higher"), Column("lower"), Column("stratum", True), Column("models"),
               Column("effect size", True), Column("p (Mann-Whitney)", True),
               Column("adjusted p", True), Column("difference of means", True),
               Column("p (loci)", True), Column("adjusted p (loci)", True)]  # fmt: skip
    found = [row for pair in pairs for row in walk(_of(here, pair))]
    caption = f"Tests within the strata of {target} ({metric_label(here['metric'].iloc[0])})"
    body = table(caption, columns, (_row(row) for row in found[:_MOST_ROWS]))
    more = (
        f'<p class="note">{plural(len(found) - _MOST_ROWS, "more row")} in the report\'s JSON.</p>'
        if len(found) > _MOST_ROWS
        else ""
    )
    return (
        f"<details><summary>Every stratum of {name(target)}</summary>"
        f"{region('Tests within strata', body, tall=True)}{more}</details>"
    )


def _row(row: Any) -> str:
    """One test."""
    effect = (
        cell(text(row.reason))
        if row.reason and math.isnan(row.pvalue)
        else cell(number(row.effect_size), "n")
    )
    difference = signed_interval(row.difference, row.ci_low, row.ci_high)
    numbers = [number(row.pvalue), number(row.pvalue_adjusted), difference]
    numbers += [number(row.pvalue_loci), number(row.pvalue_loci_adjusted)]
    return (
        f'<tr><th scope="row">{name(row.family_a)}</th>{cell(name(row.family_b))}'
        f"{cell(text(row.stratum), 'n')}{cell(f'{row.n_a} / {row.n_b}')}{effect}"
        + "".join(cell(text(one), "n") for one in numbers)
        + "</tr>"
    )
