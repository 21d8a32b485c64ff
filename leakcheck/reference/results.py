"""Scores and verdicts of a sweep's models: one audit for each task and setting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.reference.settings import SETTINGS, Setting, make_split

if TYPE_CHECKING:
    from leakcheck.reference.batches import LabelledPairs
    from leakcheck.reference.store import Record
    from leakcheck.reference.task import Task
    from leakcheck.report import AuditReport

__all__ = ["AVERAGE", "METRIC", "Audited", "audit_models", "baseline_table", "score_table"]

#: What the figures show and the verdicts are about.
METRIC: Final = "expected_average_precision"
AVERAGE: Final = "average-activity"
_NEAREST: Final = "nearest-celltype"


@dataclass(frozen=True, kw_only=True, eq=False)
class Audited:
    """The report of all models of one task in one setting.

    Attributes
    ----------
    task, setting : str
        What was audited.
    report : AuditReport
        leakcheck's own answer; models carry their names, families and numbers of parameters.
    """

    task: str
    setting: Setting
    report: "AuditReport"


def audit_models(
    task: "Task", setting: Setting, pairs: "LabelledPairs", records: Sequence["Record"]
) -> Audited:
    """Audit all models of one setting at its test pairs, in one call.

    Parameters
    ----------
    task : Task
        Labels of all cell types, and loci.
    setting : {"cross-chromosome", "cross-cell-type", "hybrid"}
        Which predictions of the models to take.
    pairs : LabelledPairs
        The test pairs of that setting, all in one cell type.
    records : sequence of Record
        The models.

    Returns
    -------
    Audited
        With baselines from the labels of the training and validation cell types at the tested
        loci. In the cross-chromosome and hybrid settings no model has seen these: they are what
        anybody gets for free who has other cell types at hand.

    Raises
    ------
    ValidationError
        When there are no models, or one has not as many scores as there are pairs.

    Notes
    -----
    The average is that of the binary labels, as in the paper's figure: it is what the models were
    trained on, too. An audit of a new model should give ``signal`` beside the labels, which makes
    both baselines finer and harder to beat.
    """
    labels = _labels(task, pairs)
    report = leakcheck.audit(
        _predictions(setting, pairs, records, labels.index, task.splits.test_cell_type),
        labels,
        _intervals(task, pairs, labels.index),
        train=list(task.splits.reference_cell_types),
        families={record.job.model: record.family for record in records},
        parameters={record.job.model: record.n_parameters for record in records},
    )
    return Audited(task=task.name, setting=setting, report=report)


def _labels(task: "Task", pairs: "LabelledPairs") -> pd.DataFrame:
    """Labels of the target and of the reference cell types at the tested loci."""
    # The ids of bins read as intervals, which are not those of the windows: names without meaning.
    ids = pd.Index([f"locus-{row}" for row in pairs.locus], dtype=object)
    names = [task.splits.test_cell_type, *task.splits.reference_cell_types]
    labels = task.labels[np.ix_(pairs.locus, task.columns(names))]
    return pd.DataFrame(labels, index=ids, columns=names)


def _predictions(
    setting: Setting,
    pairs: "LabelledPairs",
    records: Sequence["Record"],
    ids: pd.Index,
    target: str,
) -> dict[str, pd.DataFrame]:
    """Scores of every model as a table of one column."""
    if not records:
        raise ValidationError(
            f"`records` must hold finished models of {setting}; none came. Run the sweep first."
        )
    found = {}
    for record in records:
        scores = record.predictions[setting]
        if len(scores) != len(pairs):
            raise ValidationError(
                f"`records` must have a score for each of the {len(pairs)} test pairs; "
                f"{record.job.name} has {len(scores)}. Were the data changed? Sweep again."
            )
        found[record.job.model] = pd.DataFrame({target: scores}, index=ids)
    return found


def _intervals(task: "Task", pairs: "LabelledPairs", ids: pd.Index) -> pd.DataFrame:
    """Loci of the test pairs; a window that reaches over a chromosome's start begins there."""
    table = task.loci.iloc[pairs.locus]
    return pd.DataFrame(
        {
            "chrom": table["chrom"].to_numpy(),
            "start": np.maximum(table["start"].to_numpy(), 0),
            "end": table["end"].to_numpy(),
        },
        index=ids,
    )


def score_table(
    audited: Sequence[Audited], records: Mapping[tuple[str, str], Sequence["Record"]]
) -> pd.DataFrame:
    """List every model's score beside what one gets for free.

    Parameters
    ----------
    audited : sequence of Audited
        Reports of tasks and settings.
    records : mapping of (task, trained in) to sequence of Record
        The models, for the time and length of their training.

    Returns
    -------
    pandas.DataFrame
        Columns ``task, setting, model, family, n_parameters, value, ci_low, ci_high,
        average_activity, difference, verdict, verdict_nearest, specificity, no_skill, n_loci,
        epochs, seconds``; rows sorted by task, setting, family and number of parameters. Values
        are expected average precision.
    """
    trained = {
        (record.job.task, record.job.model, setting): record
        for group in records.values()
        for record in group
        for setting in record.predictions
    }
    parts = [_rows(one, trained) for one in audited]
    table = pd.concat(parts, ignore_index=True)
    order = ["task", "setting", "family", "n_parameters", "model"]
    return table.sort_values(order, ignore_index=True)


def _rows(one: Audited, trained: Mapping[tuple[str, str, str], "Record"]) -> pd.DataFrame:
    """Rows of one task and setting."""
    report = one.report
    scores = report.scores[report.scores["metric"] == METRIC].set_index("model")
    verdict = report.verdict.set_index(["baseline", "model"])
    models = scores.index[scores["kind"] == "model"]
    records = [trained[one.task, model, one.setting] for model in models]
    table = pd.DataFrame(
        {
            "task": one.task,
            "setting": one.setting,
            "model": models,
            "family": [record.family for record in records],
            "n_parameters": [record.n_parameters for record in records],
        }
    )
    for column in ("value", "ci_low", "ci_high"):
        table[column] = scores.loc[models, column].to_numpy()
    table["average_activity"] = float(scores["value"].loc[AVERAGE])
    table["difference"] = table["value"] - table["average_activity"]
    against = {"verdict": AVERAGE, "verdict_nearest": _NEAREST}
    for column, baseline in against.items():
        table[column] = [verdict.loc[(baseline, model), "verdict"] for model in models]
    information = report.information.set_index("model")
    table["specificity"] = information.loc[models, "specificity"].to_numpy()
    table["no_skill"] = scores.loc[models, "no_skill"].to_numpy()
    table["n_loci"] = scores.loc[models, "n_loci"].to_numpy()
    table["epochs"] = [len(record.history) for record in records]
    table["seconds"] = [round(record.seconds, 2) for record in records]
    return table


def baseline_table(tasks: Mapping[str, "Task"]) -> pd.DataFrame:
    """List what is free at the tested loci, whether a task has models or not.

    Parameters
    ----------
    tasks : mapping of str to Task
        Name to data.

    Returns
    -------
    pandas.DataFrame
        Columns ``task, setting, target, n_loci, no_skill, average_activity, nearest_celltype``, one
        row for each task and setting. Values are expected average precision, of the baselines that
        the audit of models compares with.
    """
    rows = [
        _free(task, setting, pairs)
        for task in tasks.values()
        for trained_in in dict.fromkeys(SETTINGS.values())
        for setting, pairs in make_split(task, trained_in).test.items()
    ]
    return pd.DataFrame(rows)


def _free(task: "Task", setting: Setting, pairs: "LabelledPairs") -> dict[str, object]:
    """Scores of the baselines at the test pairs of a setting."""
    target, labels = task.splits.test_cell_type, _labels(task, pairs)
    data = leakcheck.build_evaluation_set(
        labels.drop(columns=target).mean(axis=1).to_frame(target),  # only says what is audited
        labels,
        _intervals(task, pairs, labels.index),
        train=list(task.splits.reference_cell_types),
    )
    free = leakcheck.compute_baseline_scores(data, target)
    truth = labels.loc[free.index, target].to_numpy()
    ranked = (free[AVERAGE].to_numpy(), free[_NEAREST].to_numpy(), np.zeros(len(truth)))
    average, nearest, tied = (
        float(leakcheck.expected_average_precision(truth, scores)) for scores in ranked
    )
    return {
        "task": task.name,
        "setting": setting,
        "target": target,
        "n_loci": len(truth),
        "no_skill": tied,  # one tie: the mean over all orders
        "average_activity": average,
        "nearest_celltype": nearest,
    }
