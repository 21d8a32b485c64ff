"""The audit wires the floors below into one report, and computes nothing itself."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pandas as pd

from leakcheck._audit.assemble import InputSettings, assemble
from leakcheck._audit.handing import handed
from leakcheck._audit.options import AuditOptions, check_calls, check_options, check_parameters
from leakcheck._audit.rows import Layout, TargetResult
from leakcheck._audit.target import TargetAudit
from leakcheck._audit.within import WithinLoci, within_locus_table
from leakcheck._blas import one_blas_thread
from leakcheck._typing import LabelKind
from leakcheck.baselines import Baselines, genome_blocks
from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.diagnosis import InputFacts
from leakcheck.nearest import Similarity
from leakcheck.panel import ReferencePanel, SignalTransform
from leakcheck.report import AuditReport
from leakcheck.strata import StrataChoice

__all__ = ["audit", "batches_of"]

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
    random_state: int | np.random.Generator | None = 0,
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
        Scores, larger = more active: one for each row (long form, shape (n_rows,)), a frame of
        loci x cell types (wide form, shape (n_loci, n_cell_types)), column names of `data`, or a
        mapping from model names to any of these (and from family names to such mappings). An
        `EvaluationSet` stands for all input at once.
    labels : array-like or DataFrame
        Observed activity in the same form and shape: binary (0/1) or real numbers; NaN = not
        observed.
    loci : DataFrame, array-like
        Locus of each row: a frame ``chrom, start, end`` (in base pairs, 0-based, half-open; with a
        column ``id``, its name), rows of these three, strings ``chr1:100-200`` or opaque ids,
        shape (n_rows,). Optional in the wide form.
    celltypes : array-like of str, shape (n_rows,)
        Cell type of each row. Optional in the wide form.
    data : DataFrame, optional
        Table in which the other arguments name columns.
    train : mask, list of cell types, DataFrame, or "leave-one-out", optional
        What the model could have seen: the reference. A boolean mask over rows, names of cell
        types, a separate table of labels, or, for each target, all other cell types. When absent,
        rows with a label and no prediction are the reference, and the report says so.
    signal : array-like or DataFrame, optional
        Continuous activity beside binary labels, in the form and shape of `labels`: a finer
        average and a finer nearest cell type. That of a reference cell type counts where its
        label is missing, too.
    similarity : str, mapping, or DataFrame, optional
        How the nearest cell type is found: its name, target to name, a square table of
        similarities, or a table of features of cell types. Default: correlation of the labels
        (signal, if given) over the other blocks.
    blocks : array-like, shape (n_loci,), optional
        Unit of resampling of each locus, in the order in which loci first come or as a Series that
        names them; default: chromosomes (contigs of a few loci together), or 20 stretches of those
        with audited loci where these are fewer than 10 (of the table in its order, where loci have
        no coordinates).
    strata : "activity", array-like, shape (n_loci,), or callable
        Strata of the loci: by activity count (quantile bins of the mean signal for continuous
        labels); or a stratum for each locus, in their order or as a Series that names them,
        missing = in none; or a function of (evaluation set, target) that returns such values.
    metrics : sequence of str, optional
        Metrics of the table `scores`; default: all that fit the labels.
    margin : float
        Skill below which a win is of no practical use, in [0, 1).
    confidence_level : float
        One-sided level of each bound, between 0.5 and 1: with 0.95, ``[ci_low, ci_high]`` is a 90%
        interval and every one-sided test is at 5%.
    random_state : int or numpy.random.Generator, optional
        Kept in the report, a generator by its name. The default methods draw no random numbers.
    executor : concurrent.futures.Executor, optional
        Audits targets in parallel, a ``ProcessPoolExecutor`` on as many cores as it has processes;
        results do not depend on it. Matrix products take one thread each, so that they do not
        depend on the number of cores either.
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
    options = AuditOptions(
        margin=margin,
        confidence_level=confidence_level,
        random_state=random_state,
        metrics=metrics,
        signal_transform=signal_transform,
        strata=strata,
        similarity=similarity,
    )
    check_options(options)
    check_calls(executor, progress)
    checked = build_evaluation_set(
        preds, labels, loci, celltypes, data=data, train=train, signal=signal, families=families,
        positive_label=positive_label, label_kind=label_kind,
    )  # fmt: skip
    inputs = _settings(checked, parameters)
    computed = options.computed_metrics(checked.label_kind)
    codes, n_blocks, block_kind = genome_blocks(checked, blocks)
    layout = Layout(label_kind=checked.label_kind, metrics=computed, level=confidence_level)
    with one_blas_thread():
        panel = ReferencePanel(checked, codes, n_blocks, signal_transform)
        work = TargetAudit(
            data=checked,
            panel=panel,
            baselines=Baselines(panel, similarity),
            strata=strata,
            layout=layout,
            families=dict(checked.families),
        )
        results = _run(work, checked.targets, executor, progress)
        return assemble(
            results,
            InputFacts.of(checked),
            inputs,
            options,
            (n_blocks, block_kind),
            within_locus_table(WithinLoci.of(panel), confidence_level),
        )


def _run(
    work: TargetAudit,
    targets: Sequence[str],
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
) -> list[TargetResult]:
    """Audit every target, in order whatever the executor."""
    results: list[TargetResult] = []
    batches = batches_of(targets, len(work.data.loci))
    with handed(work, executor) as do:
        for part in (executor.map if executor else map)(do, batches):
            for result in part:
                results.append(result)
                if progress is not None:
                    progress(len(results), len(targets))
    return results


def batches_of(targets: Sequence[str], n_loci: int) -> list[Sequence[str]]:
    """Cut targets into batches, which share passes over the data.

    Their size follows from the data alone: sums of another batch would round in another way, and
    results are not to depend on the executor.
    """
    size = min(-(-len(targets) // _LEAST_BATCHES), max(1, _BATCH_LOCI // max(n_loci, 1)))
    return [targets[start : start + size] for start in range(0, len(targets), size)]


def _settings(data: EvaluationSet, parameters: Mapping[str, int] | None) -> InputSettings:
    """What the report says about its input."""
    check_parameters(parameters, tuple(data.predictions))
    return InputSettings(
        label_kind=data.label_kind,
        reference_source=data.reference_source,
        references=data.reference_cell_types,
        targets=data.targets,
        models=tuple(data.predictions),
        n_loci=len(data.loci),
        families=dict(data.families),
        parameters=dict(parameters or {}),
        hashes=data.content_hashes(),
    )
