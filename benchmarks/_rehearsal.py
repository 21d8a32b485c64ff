"""The audit without its information test: what reading and ranking alone cost."""

import os
from pathlib import Path
from typing import Any

from leakcheck._audit.rows import Layout
from leakcheck.baselines import Likeness
from leakcheck.correlations import Correlations
from leakcheck.metrics import Evaluated, check_metrics
from leakcheck.scale.border import read_families, read_reference
from leakcheck.scale.budget import Budget
from leakcheck.scale.files import scratch_folder
from leakcheck.scale.ingest import IngestRules
from leakcheck.scale.open import open_source
from leakcheck.scale.prepare import Wanted, make_store
from leakcheck.scale.progress import show_progress
from leakcheck.scale.runner import LocalRunner
from leakcheck.scale.scratch import FolderScratch
from leakcheck.scale.target import work_of
from leakcheck.scale.work import TargetOptions

__all__ = ["rank_only"]


def rank_only(
    source: Any,
    *,
    train: Any = None,
    memory: int | str = "1 GiB",
    scratch: str | os.PathLike[str] | None = None,
) -> dict[str, dict[str, Evaluated]]:
    """Read and check a data set on disk, and score models and baselines, intervals and all.

    Parameters
    ----------
    source, train, memory, scratch
        As for `leakcheck.scale.audit`.

    Returns
    -------
    dict of str to dict of str to Evaluated
        Target to score to its metrics, whole and without each block.
    """
    opened = open_source(source)
    wanted = Wanted(
        rules=IngestRules(opened.label_kind),
        train=read_reference(train, opened.cell_types),
        families=read_families(opened, None),
        blocks=None,
        signal_transform="arcsinh",
    )
    largest = max((one.n_bytes for one in opened.partitions()), default=0)
    budget = Budget.of(memory, partition_bytes=largest, n_cell_types=len(opened.cell_types))
    found = {}
    with scratch_folder(scratch) as folder, show_progress(wanted=False) as bars:
        store = make_store(opened, folder, wanted, budget, LocalRunner(), bars)
        correlations = Correlations.of_columns(
            store.own_values, store.runs, len(store.cell_types), store.n_blocks
        )
        likeness = Likeness(store, None, correlations)
        layout = Layout(
            label_kind=store.label_kind, metrics=check_metrics(None, store.label_kind), level=0.95
        )
        options = TargetOptions(layout, None, budget)
        for name in store.targets:
            with FolderScratch(Path(folder)) as kept:
                work = work_of(store, name, kept, options)
                work.rank(likeness)
                found[name] = work.scored.evaluated
    return found
