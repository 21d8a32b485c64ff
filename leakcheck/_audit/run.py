"""The audit wires the floors below into one report, and computes nothing itself."""

import importlib.metadata
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pandas as pd

from leakcheck._audit.tables import (
    design_table,
    join,
    judged_tables,
    summary_table,
    within_locus_table,
)
from leakcheck._audit.target import TargetAudit, TargetResult
from leakcheck._typing import LabelKind
from leakcheck.baselines import Baselines, genome_blocks
from leakcheck.checks import findings_table
from leakcheck.comparison import adjust_within
from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.diagnosis import findings_of_input, findings_of_results
from leakcheck.exceptions import ValidationError
from leakcheck.metrics import COMPANION_METRIC, PRIMARY_METRIC, check_metrics
from leakcheck.nearest import Similarity
from leakcheck.panel import SIGNAL_TRANSFORMS, ReferencePanel, SignalTransform
from leakcheck.report import AuditReport
from leakcheck.strata import WHOLE, StrataChoice

__all__ = ["audit"]

# There are as many batches for an executor, if there are as many targets; and a batch keeps a few
# dozen float32 columns of each of its targets.
_LEAST_BATCHES = 8
_BATCH_LOCI = 1 << 20


def audit(
    preds: Any,
    labels: Any = None,
    loci: Any = None,
    celltypes: Any = None,
    *,
    data: pd.DataFrame | None = None,
    train: Any = None,
    signal: Any = None,
    similarity: Similarity | None = None,
    blocks: Any = None,
    strata: StrataChoice = "activity",
    metrics: Sequence[str] | None = None,
    margin: float = 0.05,
    confidence_level: float = 0.95,
    random_state: int = 0,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    families: Mapping[str, str] | None = None,
    parameters: Mapping[str, int] | None = None,
    positive_label: Any = None,
    label_kind: LabelKind | None = None,
    signal_transform: SignalTransform = "arcsinh",
) -> AuditReport:
    """Compare predictions across cell types with what anybody gets for free.

    Parameters
    ----------
    preds : array-like, DataFrame, mapping or EvaluationSet
        Scores, larger = more active: one for each row (long form), a frame of loci x cell types
        (wide form), column names of `data`, or a mapping from model names to any of these (and
        from family names to such mappings). An `EvaluationSet` stands for all input at once.
    labels : array-like or DataFrame
        Observed activity in the same form: binary (0/1) or real numbers; NaN = not observed.
    loci : DataFrame, array-like
        Locus of each row: a frame ``chrom, start, end`` (0-based, half-open; with a column
        ``id``, its name), strings ``chr1:100-200`` or opaque ids. Optional in the wide form.
    celltypes : array-like of str
        Cell type of each row. Optional in the wide form.
    data : DataFrame, optional
        Table in which the other arguments name columns.
    train : mask, list of cell types, DataFrame, or "leave-one-out", optional
        What the model could have seen: the reference. A boolean mask over rows, names of cell
        types, a separate table of labels, or, for each target, all other cell types. When absent,
        rows with a label and no prediction are the reference, and the report says so.
    signal : array-like or DataFrame, optional
        Continuous activity beside binary labels, in the form of `labels`: a finer average and a
        finer nearest cell type.
    similarity : str, mapping, or DataFrame, optional
        How the nearest cell type is found: its name, target to name, a square table of
        similarities, or a table of features of cell types. Default: correlation of the labels
        (signal, if given) over the other blocks.
    blocks : array-like, optional
        Unit of resampling of each locus; default: chromosomes, or 20 stretches where there are
        fewer than 10.
    strata : "activity", array-like or callable
        Strata of the loci: by activity count, or see `leakcheck.strata.make_strata`.
    metrics : sequence of str, optional
        Metrics of the table `scores`; default: all that fit the labels.
    margin : float
        Skill below which a win is of no practical use, in [0, 1).
    confidence_level : float
        One-sided level of each bound, between 0.5 and 1: with 0.95, ``[ci_low, ci_high]`` is a 90%
        interval and every one-sided test is at 5%.
    random_state : int
        Kept in the report. The default methods draw no random numbers.
    executor : concurrent.futures.Executor, optional
        Audits targets in parallel; results do not depend on it.
    progress : callable, optional
        Called with (targets done, targets in all) after each target.
    families : mapping of str to str, optional
        Model to family; families are compared stratum by stratum.
    parameters : mapping of str to int, optional
        Number of parameters of models, for `AuditReport.plot_complexity`.
    positive_label : object, optional
        The label that means active, where labels are not 0 and 1.
    label_kind : {"binary", "continuous"}, optional
        What the labels must be; default: found from their values.
    signal_transform : {"arcsinh", "none"}
        Transformation of the signal before any average.

    Returns
    -------
    AuditReport
        Tables of scores, verdicts, strata, family comparisons and findings; ``print`` it first.

    Raises
    ------
    ValidationError
        When input breaks a rule; the message names the argument, the rule, what came and the
        remedy.

    Notes
    -----
    The method is that of Schreiber, Singh, Bilmes & Noble, Genome Biology 21:282 (2020),
    doi:10.1186/s13059-020-02177-y, with measured error rates (see the documentation).

    Examples
    --------
    >>> import leakcheck
    >>> report = leakcheck.audit(**leakcheck.simulate.demo_inputs())
    >>> row = report.summary.iloc[0]
    >>> row["model"], row["baseline"], int(row["n_beats"])
    ('memoriser', 'average-activity', 0)
    """
    _check_options(margin, confidence_level, signal_transform)
    checked = build_evaluation_set(
        preds, labels, loci, celltypes, data=data, train=train, signal=signal, families=families,
        positive_label=positive_label, label_kind=label_kind,
    )  # fmt: skip
    settings = _settings(checked, parameters)
    shown = check_metrics(metrics, checked.label_kind)
    codes, n_blocks, block_kind = genome_blocks(checked, blocks)
    panel = ReferencePanel(checked, codes, n_blocks, signal_transform)
    work = TargetAudit(
        data=checked,
        panel=panel,
        baselines=Baselines(panel, similarity),
        strata=strata,
        # Findings look at the companion metric, whether or not it is asked for.
        metrics=tuple(dict.fromkeys((*shown, COMPANION_METRIC[checked.label_kind]))),
        level=confidence_level,
        families=dict(checked.families),
    )
    results = _run(work, checked.targets, executor, progress)
    tables = _tables(work, results, n_blocks, block_kind, margin)
    found = findings_of_input(
        checked, [result.baselines for result in results], block_kind, signal_transform
    )
    found += findings_of_results(tables, margin, checked.families)
    scores = tables["scores"]
    tables["scores"] = scores.loc[scores["metric"].isin(shown)].reset_index(drop=True)
    settings |= {
        "margin": float(margin),
        "confidence_level": float(confidence_level),
        "random_state": random_state,
        "choices": {
            "blocks": block_kind,
            "n_blocks": n_blocks,
            "nearest": results[0].baselines.neighbours.source,
            "strata": strata if isinstance(strata, str) else "custom",
            "signal_transform": signal_transform if checked.signal is not None else "",
            "primary_metric": PRIMARY_METRIC[checked.label_kind],
        },
    }
    return AuditReport(**tables, findings=findings_table(found), settings=settings)


def _check_options(margin: float, confidence_level: float, signal_transform: str) -> None:
    """Refuse options outside their range."""
    if not 0 <= margin < 1:
        raise ValidationError(
            f"`margin` must be a skill in [0, 1); {margin!r} came. 0.05 is the default."
        )
    if not 0.5 < confidence_level < 1:
        raise ValidationError(
            f"`confidence_level` must be between 0.5 and 1; {confidence_level!r} came. Give 0.95 "
            "for one-sided tests at 5%."
        )
    if signal_transform not in SIGNAL_TRANSFORMS:
        raise ValidationError(
            f"`signal_transform` must be one of {', '.join(SIGNAL_TRANSFORMS)}; "
            f"{signal_transform!r} came. Leave it out for arcsinh."
        )


def _run(
    work: TargetAudit,
    targets: Sequence[str],
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
) -> list[TargetResult]:
    """Audit every target, in order whatever the executor."""
    results: list[TargetResult] = []
    batches = _batches(targets, len(work.data.loci))
    for part in (executor.map if executor else map)(work, batches):
        for result in part:
            results.append(result)
            if progress is not None:
                progress(len(results), len(targets))
    return results


def _batches(targets: Sequence[str], n_loci: int) -> list[Sequence[str]]:
    """Cut targets into batches, which share passes over the data.

    Their size follows from the data alone: sums of another batch would round in another way, and
    results are not to depend on the executor.
    """
    size = min(-(-len(targets) // _LEAST_BATCHES), max(1, _BATCH_LOCI // max(n_loci, 1)))
    return [targets[start : start + size] for start in range(0, len(targets), size)]


def _tables(
    work: TargetAudit,
    results: Sequence[TargetResult],
    n_blocks: int,
    block_kind: str,
    margin: float,
) -> dict[str, pd.DataFrame]:
    """Make all tables but the findings."""
    verdict, information = judged_tables(results, margin, work.level)
    comparisons = join("comparisons", (part for r in results for part in r.comparisons))
    in_strata = (comparisons["stratum"] != WHOLE).to_numpy()
    comparisons["pvalue_adjusted"] = adjust_within(
        comparisons.assign(whole=~in_strata),
        ["family_a", "family_b", "target", "whole"],
        method="fdr_bh",
    )
    return {
        "scores": join("scores", (result.scores for result in results)),
        "verdict": verdict,
        "information": information,
        "strata": join("strata", (part for result in results for part in result.strata)),
        "comparisons": comparisons,
        "design": design_table(work.data, results, n_blocks, block_kind),
        "summary": summary_table(verdict, work.data.label_kind, work.level),
        "within_locus": within_locus_table(work.panel, work.level),
        "ranks": join("ranks", (result.ranks for result in results if result.ranks)),
    }


def _settings(data: EvaluationSet, parameters: Mapping[str, int] | None) -> dict[str, Any]:
    """What the report says about its input."""
    unknown = [name for name in parameters or {} if name not in data.predictions]
    if unknown:
        raise ValidationError(
            f"`parameters` must name models of `preds`; {len(unknown)} others came, the first "
            f"{unknown[0]!r}. The models are {', '.join(list(data.predictions)[:8])}."
        )
    references = list(data.reference_cell_types)
    note = ""
    if data.reference_source == "inferred":
        more = f" and {len(references) - 8} more" if len(references) > 8 else ""
        note = (
            "Reference cell types inferred from missing predictions: "
            f"{', '.join(references[:8])}{more}"
        )
    return {
        "leakcheck_version": importlib.metadata.version("leakcheck"),
        "label_kind": data.label_kind,
        "reference_source": data.reference_source,
        "reference_note": note,
        "n_loci": len(data.loci),
        "n_models": len(data.predictions),
        "n_targets": len(data.targets),
        "targets": list(data.targets),
        "models": list(data.predictions),
        "reference_cell_types": references,
        "families": dict(data.families),
        "parameters": {name: int(count) for name, count in (parameters or {}).items()},
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pandas": pd.__version__,
        },
        "inputs": data.content_hashes(),
    }
