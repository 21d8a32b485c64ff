"""From the rows of all targets to the tables of a report."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from leakcheck._audit.rows import TargetResult
from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.centring import Centring
from leakcheck.base.concordance import WithinLocus, within_locus_concordance
from leakcheck.base.resampling import confidence_bounds, jackknife, upper_tail_pvalue
from leakcheck.comparison import adjust_within, summarise_skill
from leakcheck.diagnosis import TargetFacts
from leakcheck.memorization import specificity_of
from leakcheck.metrics import Columns
from leakcheck.panel import ReferencePanel
from leakcheck.results import build_table, empty_table
from leakcheck.verdicts import (
    companion_reasons,
    conclusion,
    judge_verdicts,
    summarise_verdicts,
    utility,
)

__all__ = [
    "WithinLoci",
    "design_table",
    "join",
    "judged_tables",
    "summary_table",
    "within_locus_table",
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
    words = zip(information["utility"], information["specificity"], chance, strict=True)
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


def design_table(results: Sequence[TargetResult], n_blocks: int, block_kind: str) -> pd.DataFrame:
    """Make the table `design`.

    Parameters
    ----------
    results : sequence of TargetResult
        All targets.
    n_blocks : int
        Number of blocks.
    block_kind : str
        What they are.

    Returns
    -------
    DataFrame
        One row for each target. The average of a locus is over the reference cell types that are
        observed there, `n_observed_least` to `n_observed_most`. Counts of never, always and
        variably active loci are over the reference cell types; 0 for continuous labels.
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
            "n_blocks": n_blocks,
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


class WithinLoci(NamedTuple):
    """How each model orders targets within loci, or why that cannot be asked.

    Attributes
    ----------
    n_targets : int
        Number of targets.
    refusal : str
        Why it cannot be asked, else "".
    found : dict of str to WithinLocus or None
        Model to what was found.
    """

    n_targets: int
    refusal: str
    found: Mapping[str, WithinLocus | None]

    @staticmethod
    def why_not(columns: IntArray, is_reference: BoolArray, *, leave_one_out: bool) -> str:
        """Say why targets cannot be compared within loci.

        Parameters
        ----------
        columns : ndarray of int
            The targets.
        is_reference : ndarray of bool, shape (n_cell_types,)
            Cell types with any reference pair.
        leave_one_out : bool
            Whether all cell types are references of one another.

        Returns
        -------
        str
            "" where they can be.
        """
        if len(columns) < 2:
            return "fewer than two targets"
        if leave_one_out or is_reference[columns].any():
            return "targets are references of one another: a perfect memoriser would score 0.0"
        return ""

    @classmethod
    def of(cls, panel: ReferencePanel) -> "WithinLoci":
        """Compare the targets of an evaluation set; real numbers without means of cell types.

        Parameters
        ----------
        panel : ReferencePanel
            The references and the evaluation set.

        Returns
        -------
        WithinLoci
        """
        data = panel.data
        columns = np.flatnonzero(data.audited.any(axis=0))
        refusal = cls.why_not(columns, panel.is_reference, leave_one_out=data.leave_one_out)
        if refusal:
            return cls(len(columns), refusal, dict.fromkeys(data.models))
        audited = data.audited[:, columns]
        labels = np.where(audited, data.labels[:, columns], np.nan)
        if data.label_kind == "continuous":
            labels = _centred(labels)
        found = {}
        for model in data.models:
            scores = np.stack([data.scores_of(model, int(column)) for column in columns], axis=1)
            if data.label_kind == "continuous":
                scores = _centred(np.where(audited, scores, np.nan))
            found[model] = within_locus_concordance(labels, scores, panel.blocks, panel.n_blocks)
        return cls(len(columns), "", found)


def _centred(table: FloatArray) -> FloatArray:
    """Real numbers without the means of their columns: an offset of a cell type says nothing."""
    return Centring.of([partial(iter, (column,)) for column in table.T]).apply(table)


def within_locus_table(within: WithinLoci, level: float) -> pd.DataFrame:
    """Make the table `within_locus`.

    Parameters
    ----------
    within : WithinLoci
        What was found.
    level : float
        One-sided confidence level.

    Returns
    -------
    DataFrame
        One row for each model; a reason instead of a number where it cannot be asked.
    """
    rows: Columns = {}
    for model, found in within.found.items():
        row: dict[str, object] = {
            "model": model,
            "n_targets": within.n_targets,
            "reason": within.refusal,
        }
        if found is not None:
            numbers = _concordance(found.concordance, found.replicates, found.block_sizes, level)
            row |= numbers
            row["n_directions"] = found.n_directions
            if found.n_directions == 0:
                row["reason"] = "no pair of targets has 100 discordant loci in each direction"
            elif np.isnan(numbers["pvalue"]):
                row["reason"] = (
                    "too few blocks, or a block holds all discordant loci of a direction"
                )
        for key in ("concordance", "ci_low", "ci_high", "pvalue"):
            row.setdefault(key, np.nan)
        row.setdefault("n_directions", 0)
        for key, value in row.items():
            rows.setdefault(key, []).append(value)
    return build_table("within_locus", rows)


def _concordance(
    concordance: float, replicates: np.ndarray, sizes: np.ndarray, level: float
) -> dict[str, float]:
    """Interval and p-value against 1/2."""
    found = jackknife(concordance, replicates, sizes)
    low, high = confidence_bounds(found, level)
    return {
        "concordance": concordance,
        "ci_low": float(low),
        "ci_high": float(high),
        "pvalue": float(upper_tail_pvalue(found, 0.5)),
    }
