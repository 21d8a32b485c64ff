"""What was read for the tasks: how much was left out and why, and what was chosen on the way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from leakcheck.reference.task import Task

__all__ = ["count_table", "data_markdown"]


def count_table(tasks: Mapping[str, "Task"]) -> pd.DataFrame:
    """List everything that was counted while the tasks were read.

    Parameters
    ----------
    tasks : mapping of str to Task
        Name to data.

    Returns
    -------
    pandas.DataFrame
        Columns ``task, what, count``: the loci and cell types that are there, the readers' own
        counts, and the pairs of locus and cell type that no model can be trained or tested on.

    Examples
    --------
    >>> count_table({}).columns.tolist()
    ['task', 'what', 'count']
    """
    rows = [
        (name, what, count)
        for name, task in tasks.items()
        for what, count in (_sizes(task) | dict(task.counts) | _pairs(task)).items()
    ]
    return pd.DataFrame(rows, columns=["task", "what", "count"])


def _sizes(task: "Task") -> dict[str, int]:
    """What is there."""
    return {"loci: kept": task.n_loci, "cell types: kept": len(task.cell_types)}


def _pairs(task: "Task") -> dict[str, int]:
    """Pairs in all, and those that are dropped: all kinds of model see the same ones."""
    no_label = np.isnan(task.labels)
    no_track = ~np.isfinite(task.signals).all(axis=2)
    return {
        "pairs: all": int(no_label.size),
        "pairs: dropped, no label": int(no_label.sum()),
        "pairs: dropped, a mark without a track": int((no_track & ~no_label).sum()),
    }


def data_markdown(tasks: Mapping[str, "Task"]) -> str:
    """Write the counts and notes of the tasks as a page.

    Parameters
    ----------
    tasks : mapping of str to Task
        Name to data.

    Returns
    -------
    str
        Markdown: for each task its notes, then its counts as a table.
    """
    counts = count_table(tasks)
    parts = ["# Data"]
    for name, task in tasks.items():
        rows = counts.loc[counts["task"] == name, ["what", "count"]]
        table = [f"| {what} | {count:,} |" for what, count in rows.itertuples(index=False)]
        head = [f"**{name}**, {', '.join(task.marks) or 'no marks'}, window {task.window} bp"]
        parts.append("\n".join(head))
        if task.notes:
            parts.append("\n".join(f"- {note}" for note in task.notes))
        parts.append("\n".join(["| what | count |", "|---|---:|", *table]))
    return "\n\n".join(parts) + "\n"
