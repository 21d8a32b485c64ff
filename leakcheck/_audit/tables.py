"""From the rows of all targets to the tables of a report."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from leakcheck._audit.rows import TargetResult
from leakcheck._typing import LabelKind
from leakcheck.comparison import adjust_within, summarise_skill
from leakcheck.diagnosis import TargetFacts
from leakcheck.memorization import specificity_of
from leakcheck.metrics import Columns
from leakcheck.results import build_table, empty_table
from leakcheck.small_wins import too_small_wins
from leakcheck.verdicts import (
    companion_reasons,
    conclusion,
    judge_verdicts,
    summarise_verdicts,
    utility,
)

__all__ = [
    "design_table",
    "join",
    "judged_tables",
    "summary_table",
]


def join(name: str, parts: Iterable[Columns]) -> pd.DataFrame:
    """Concatenate columns into a table.

    Parameters
    ----------
    name : str
        A key of `leakcheck.results.TABLES`.
    parts : iterable of dict of str to list
        Columns, part by part, all with the same names.

    Returns
    -------
    DataFrame
        The table; empty without parts.
    """
    columns: Columns = {}
    for part in parts:
        for key, values in part.items():
            columns.setdefault(key, []).extend(values)
    return build_table(name, columns) if columns else empty_table(name)


def judged_tables(
    results: Sequence[TargetResult], margin: float, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables `verdict` and `information`, with words and adjusted p-values.

    Parameters
    ----------
    results : sequence of TargetResult
        All targets.
    margin : float
        Skill below which a win is of no practical use.
    level : float
        One-sided confidence level.

    Returns
    -------
    tuple of DataFrame
        `verdict` and `information`.
    """
    verdict = join("verdict", (result.verdict for result in results))
    verdict["pvalue_adjusted"] = adjust_within(verdict, ["model", "baseline"], method="holm")
    verdict["verdict"], verdict["flag"] = judge_verdicts(verdict, margin)
    verdict["reason"] = pd.Series(companion_reasons(verdict), dtype=object)
    rows: Columns = {}
    for result in results:
        for model, answer in result.information.items():
            test = answer.test
            quantile = float(stdtrit(test.degrees_of_freedom, level))
            row = {
                "model": model,
                "target": result.facts.name,
                "specificity": specificity_of(test, 1 - level, quantile, answer.largest),
                "statistic": test.statistic,
                "pvalue": test.pvalue,
                "degrees_of_freedom": test.degrees_of_freedom,
                "spearman_with_average": answer.spearman_with_average,
                "reason": answer.reason,
            }
            for key, value in row.items():
                rows.setdefault(key, []).append(value)
    information = build_table("information", rows)
    information["pvalue_adjusted"] = adjust_within(information, ["model"], method="holm")
    useful = utility(verdict)
    information["utility"] = _look_up(useful, "utility", information)
    chance = [one.chance[model] for one in results for model in one.information]
    small = too_small_wins(verdict)
    pairs = zip(information["model"], information["target"], strict=True)
    little = [pair in small for pair in pairs]
    words = zip(information["utility"], information["specificity"], chance, little, strict=True)
    information["conclusion"] = [conclusion(*row) for row in words]
    verdict["specificity"] = _look_up(information, "specificity", verdict)
    return verdict, information


def _look_up(table: pd.DataFrame, column: str, rows: pd.DataFrame) -> list[str]:
    """Value of a column for the model and target of each row."""
    pairs = zip(table["model"], table["target"], strict=True)
    known = dict(zip(pairs, table[column], strict=True))
    return [known[pair] for pair in zip(rows["model"], rows["target"], strict=True)]


def summary_table(verdict: pd.DataFrame, label_kind: LabelKind, level: float) -> pd.DataFrame:
    """Make the table `summary`.

    Parameters
    ----------
    verdict : DataFrame
        Table `verdict`.
    label_kind : {"binary", "continuous"}
        Kind of labels.
    level : float
        One-sided confidence level.

    Returns
    -------
    DataFrame
        One row for each model and baseline.
    """
    counts = summarise_verdicts(verdict, alpha=1 - level)
    largest = int(counts["n_targets"].max())
    quantile = {df: float(stdtrit(df, level)) for df in range(1, max(largest, 2))}
    skill = summarise_skill(verdict, label_kind, quantile)
    both = counts.merge(skill, on=["model", "baseline"], validate="one_to_one")
    return build_table("summary", {str(name): both[name].tolist() for name in both})


def design_table(results: Sequence[TargetResult], block_kind: str) -> pd.DataFrame:
    """Make the table `design`.

    Parameters
    ----------
    results : sequence of TargetResult
        All targets.
    block_kind : str
        What they are.

    Returns
    -------
    DataFrame
        One row for each target. The average of a locus is over the reference cell types that are
        observed there, `n_observed_least` to `n_observed_most`; blocks are those that hold audited
        loci. Counts of never, always and variably active loci are over the reference cell types;
        0 for continuous labels.
    """
    rows: Columns = {}
    for result in results:
        one = result.facts
        row = {
            "target": one.name,
            "setting": result.setting.name,
            "setting_share": result.setting.share,
            "n_loci": one.n_loci,
            "n_hybrid_loci": one.n_hybrid,
            "n_reference": one.n_references,
            "n_never_active": one.n_never,
            "n_always_active": one.n_always,
            "n_variable": one.n_variable,
            "nearest": one.nearest,
            "nearest_source": one.nearest_source,
            "nearest_correlation": one.correlation,
            "nearest_agreement": one.agreement,
            "n_blocks": one.n_blocks,
            "blocks": block_kind,
            "reason": _why_no_nearest(one),
            "n_observed_least": one.n_observed[0],
            "n_observed_most": one.n_observed[1],
            "near_share": one.near_share,
        }
        for key, value in row.items():
            rows.setdefault(key, []).append(value)
    return build_table("design", rows)


def _why_no_nearest(facts: TargetFacts) -> str:
    """Why the nearest cell type or its correlation is unknown, else ""."""
    if not facts.n_references:
        return "no other cell type is a reference"
    if np.isnan(facts.correlation):
        return "the correlation with the nearest cell type is undefined"
    return ""
