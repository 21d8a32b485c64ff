"""Floor 6: the audit of a data set on disk, with bounded memory."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from leakcheck._audit.assemble import InputSettings, assemble
from leakcheck._audit.options import AuditOptions, check_options, check_parameters
from leakcheck._audit.rows import Layout, TargetResult
from leakcheck._audit.run import batches_of
from leakcheck._audit.within import within_locus_table
from leakcheck._blas import one_blas_thread
from leakcheck._typing import LabelKind
from leakcheck.correlations import Correlations
from leakcheck.data import Note
from leakcheck.diagnosis import InputFacts
from leakcheck.exceptions import ValidationError
from leakcheck.nearest import Similarity
from leakcheck.panel import SignalTransform
from leakcheck.report import AuditReport
from leakcheck.scale.bins_said import binned_notes, binned_settings, check_exact, refuse_bins
from leakcheck.scale.border import read_families, read_reference
from leakcheck.scale.budget import Budget
from leakcheck.scale.files import scratch_folder
from leakcheck.scale.ingest import IngestRules
from leakcheck.scale.open import open_source
from leakcheck.scale.prepare import Wanted, make_store
from leakcheck.scale.progress import show_progress
from leakcheck.scale.runner import LocalRunner, Runner
from leakcheck.scale.store import Store
from leakcheck.scale.target import audit_targets, save_correlations
from leakcheck.scale.within import within_loci
from leakcheck.scale.work import Exact, TargetOptions
from leakcheck.strata import StrataChoice

__all__ = ["audit"]


def audit(
    source: Any,
    *,
    options: Mapping[str, Any] | None = None,
    train: Any = None,
    similarity: Similarity | None = None,
    blocks: Any = None,
    strata: StrataChoice = "activity",
    metrics: Sequence[str] | None = None,
    margin: float = 0.05,
    confidence_level: float = 0.95,
    random_state: int | np.random.Generator | None = 0,
    memory: int | str = "1 GiB",
    exact: Exact = "auto",
    scratch: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    client: Any = None,
    families: Mapping[str, str] | None = None,
    parameters: Mapping[str, int] | None = None,
    positive_label: Any = None,
    label_kind: LabelKind | None = None,
    signal_transform: SignalTransform = "arcsinh",
) -> AuditReport:
    """Audit a data set on disk: the report of `leakcheck.audit`, with bounded memory.

    Parameters
    ----------
    source : str, path-like, mapping or Source
        Parquet, Zarr or bigWig files, as `leakcheck.scale.open_source` takes them.
    options : mapping of str to any, optional
        Options of `leakcheck.scale.open_source`: names of columns and arrays.
    train : list of cell types, "leave-one-out", or None
        The reference, as in `leakcheck.audit`. When absent, labelled pairs without a prediction
        are the reference, and the report says so.
    similarity : str, mapping, or DataFrame, optional
        As in `leakcheck.audit`.
    blocks : array-like, shape (n_loci,), optional
        Unit of resampling of each locus, in the order of the source.
    strata : "activity"
        Only the strata of the activity count (of quantiles, for continuous labels); no array of
        shape (n_loci,), no callable.
    metrics, margin, confidence_level, random_state
        As in `leakcheck.audit`.
    memory : int or str
        Memory that each process may take above what it holds at the start, in bytes or as
        ``"1 GiB"``.
    exact : bool or "auto"
        True sorts every column of scores, and refuses a `memory` that does not hold it. False
        counts scores in at most 2**20 bins instead, with bounds of the error in LK046 and in
        `settings`; for binary labels only. "auto" does so where a column would not fit.
    scratch : path-like, optional
        Folder for a copy of the columns while the audit runs; default: the system's temporary
        one. The copy goes at the end, also after an error.
    progress : bool, optional
        Whether to show bars with the time left.
    client : distributed.Client, str or True, optional
        Dask client, address of a scheduler, or True for processes on this machine; default: this
        process alone. The report is the same.
    families, parameters, positive_label, label_kind, signal_transform
        As in `leakcheck.audit`.

    Returns
    -------
    AuditReport
        Equal to that of `leakcheck.audit` on the same data, to the last bit, unless scores were
        put into bins; `settings` has an entry ``scale`` besides.

    Raises
    ------
    ValidationError
        By the rules of `leakcheck.audit`; and where `memory` or the disk is too small.
    CorruptPartitionError
        When a piece of the data cannot be read; nothing is reported as if it were whole.
    MissingDependencyError
        When Dask is not installed and a `client` is given, or a package that the source needs
        (``leakcheck[scale]``, ``leakcheck[bigwig]``).

    Notes
    -----
    The columns are read once, partition by partition, checked, and written in genome order as
    plain files. Every sum of floats runs over chunks that follow from the loci alone, in memory
    as on disk, so that neither partitions nor workers change a bit.

    Examples
    --------
    >>> import pandas as pd, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "table.parquet")
    >>> labels = {"label:K562": [0, 1, 0, 1], "label:H1": [1, 1, 0, 0]}
    >>> loci = {"locus": ["chr1:0-9", "chr1:9-18", "chr2:0-9", "chr2:9-18"]}
    >>> pd.DataFrame(loci | labels | {"prediction:net:H1": [0.7, 0.2, 0.4, 0.1]}).to_parquet(path)
    >>> audit(path).settings["reference_cell_types"]
    ['K562']
    """
    chosen = AuditOptions(
        margin=margin,
        confidence_level=confidence_level,
        random_state=random_state,
        metrics=metrics,
        signal_transform=signal_transform,
        strata=strata,
        similarity=similarity,
    )
    check_options(chosen)
    check_exact(exact)
    if not (isinstance(strata, str) and strata == "activity"):
        raise ValidationError(
            '`strata` must be "activity" when the data are on disk; '
            f"{f'{strata!r}' if isinstance(strata, str) else f'a {type(strata).__name__}'} came. "
            "Leave it out, or audit in memory, chromosome by chromosome, with strata of your own."
        )
    opened = open_source(source, **(options or {}))
    kind = label_kind or (opened.label_kind if positive_label is None else None)
    wanted = Wanted(
        rules=IngestRules(kind, positive_label),
        train=read_reference(train, opened.cell_types),
        families=read_families(opened, families),
        blocks=blocks,
        signal_transform=signal_transform,
    )
    budget = Budget.of(
        memory,
        partition_bytes=max((one.n_bytes for one in opened.partitions()), default=0),
        n_cell_types=len(opened.cell_types),
    )
    check_parameters(parameters, tuple(opened.models))
    with ExitStack() as stack:
        stack.enter_context(one_blas_thread())
        folder = stack.enter_context(scratch_folder(scratch))
        bars = stack.enter_context(show_progress(bool(progress)))
        runner = _runner(client, folder, stack)
        store = make_store(opened, folder, wanted, budget, runner, bars)
        refuse_bins(exact, store.label_kind)
        results = _audit_store(store, chosen, similarity, (budget, exact), runner, bars)
        within = within_locus_table(within_loci(store), confidence_level)
        return assemble(
            results,
            _facts(store, binned_notes(results)),
            _inputs(store, parameters),
            chosen,
            (store.n_blocks, store.blocks.kind),
            within,
            settings={"scale": {"memory": budget.limit} | binned_settings(results)},
        )


def _runner(client: Any, folder: Path, stack: ExitStack) -> Runner:
    """Who runs the tasks."""
    if client is None or client is False:
        return LocalRunner()
    from leakcheck.scale.dask_runner import DaskRunner  # noqa: PLC0415 - needs Dask

    runner = stack.enter_context(DaskRunner(client))
    runner.check_folder(folder)
    return runner


def _audit_store(
    store: Store,
    options: AuditOptions,
    similarity: Similarity | None,
    how: tuple[Budget, Exact],
    runner: Runner,
    bars: Any,
) -> list[TargetResult]:
    """Audit every target, in the batches of the audit in memory."""
    correlations = Correlations.of_columns(
        store.own_values, store.runs, len(store.cell_types), store.n_blocks
    )
    save_correlations(Path(store.folder), correlations)
    layout = Layout(
        label_kind=store.label_kind,
        metrics=options.computed_metrics(store.label_kind),
        level=options.confidence_level,
    )
    work = partial(audit_targets, store.folder, TargetOptions(layout, similarity, *how))
    batches = batches_of(store.targets, store.n_loci)
    found = runner.map(work, batches, done=bars("targets"), what="targets")
    return [result for batch in found for result in batch]


def _facts(store: Store, more: tuple[Note, ...]) -> InputFacts:
    """What findings say about the input."""
    return InputFacts(
        notes=(*store.notes, *more),
        n_chromosomes=store.n_chromosomes,
        n_audited_chromosomes=store.n_audited_chromosomes,
        has_signal=store.has_signal,
        label_kind=store.label_kind,
        labels=store.label_summary,
        cell_types=tuple(store.cell_types),
        chromosomes=store.chromosomes,
    )


def _inputs(store: Store, parameters: Mapping[str, int] | None) -> InputSettings:
    """What settings say about the input."""
    return InputSettings(
        label_kind=store.label_kind,
        reference_source=store.reference_source,
        references=store.references,
        targets=store.targets,
        models=store.models,
        n_loci=store.n_loci,
        families=store.families,
        parameters=dict(parameters or {}),
        hashes=store.hashes,
    )
