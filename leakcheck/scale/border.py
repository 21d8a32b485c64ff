"""Floor 6: the border of a data set on disk: the rules of `build_evaluation_set`, from counts.

Each part was checked when it was read; what concerns all parts together is decided here, by the
rules and with the words of `leakcheck.data`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data import Note
from leakcheck.data import note_texts as texts
from leakcheck.data import role_errors as errors
from leakcheck.data.hashes import hash_columns, hash_scores, hash_text
from leakcheck.data.models import read_models
from leakcheck.data.names import refuse_blanks
from leakcheck.data.train import read_train
from leakcheck.exceptions import ValidationError
from leakcheck.scale.loci_reader import name_of_locus
from leakcheck.scale.plan import CellTypeSummary, StorePlan
from leakcheck.scale.shared_loci import refuse_other_loci
from leakcheck.scale.source import Source

__all__ = [
    "ReadTrain",
    "check_roles",
    "content_hashes",
    "notes_of_store",
    "read_families",
    "read_reference",
]


@dataclass(frozen=True)
class ReadTrain:
    """How the reference was named.

    Attributes
    ----------
    source : {"inferred", "cell types", "leave-one-out"}
        In which way.
    named : ndarray of bool, shape (n_cell_types,)
        Cell types that were named.
    """

    source: Any
    named: BoolArray


def read_reference(train: Any, cell_types: tuple[str, ...]) -> ReadTrain:
    """Read `train` as `build_evaluation_set` does.

    Parameters
    ----------
    train : list of str, "leave-one-out", or None
        The reference; masks and tables are for data in memory.
    cell_types : tuple of str
        Names of the columns.

    Returns
    -------
    ReadTrain

    Raises
    ------
    ValidationError
        When it is anything else, or names unknown cell types.
    """
    refuse_blanks(cell_types)
    found = read_train(train, cell_types, wide=True)
    if found.source in {"mask", "table"}:
        raise ValidationError(
            "`train` must name cell types, be 'leave-one-out' or be left out when the data are on "
            f"disk; a {'mask of pairs' if found.source == 'mask' else 'table of labels'} came. "
            "Name the reference cell types, or leave the predictions of reference pairs out of "
            "the files and `train` too."
        )
    named = found.columns if found.columns is not None else np.zeros(len(cell_types), dtype=bool)
    return ReadTrain(found.source, named)


def read_families(source: Source, families: Mapping[str, str] | None) -> dict[str, str]:
    """Check the names of models and families as `build_evaluation_set` does.

    Parameters
    ----------
    source : Source
        Names the models.
    families : mapping of str to str, optional
        What the user says; the source may say it too.

    Returns
    -------
    dict of str to str
        Model to family.
    """
    given = dict(source.families) or None
    if given is not None and families is not None:
        raise ValidationError(
            "`families` must be left out when the files name the families of their models; both "
            "did. Keep one of the two."
        )
    return read_models(dict.fromkeys(source.models, 0), families or given, wide=True).families


def check_roles(folder: Path, plan: StorePlan, cells: Sequence[CellTypeSummary]) -> list[Note]:
    """Refuse a split that cannot be.

    Parameters
    ----------
    folder : Path
        The store, with its parts.
    plan : StorePlan
        How the reference was named.
    cells : sequence of CellTypeSummary
        All cell types.

    Returns
    -------
    list of Note
        LK001, where the reference was inferred.

    Raises
    ------
    ValidationError
        By the rules of `leakcheck.data.roles`, in their order.
    """

    def names_of(holds: Callable[[CellTypeSummary], Any]) -> list[str]:
        return [plan.cell_types[one.column] for one in cells if holds(one)]

    if not plan.predicted.any():
        raise errors.nothing_predicted()
    notes = []
    n_audited = sum(one.n_audited for one in cells)
    if plan.source == "leave-one-out":
        observed = names_of(lambda one: one.n_observed)
        if len(observed) < 2:
            raise errors.too_few_for_leave_one_out(observed)
    elif plan.source == "cell types":
        _check_named(plan, cells, names_of)
    elif _few_pairs_are_shared(cells):
        refuse_other_loci(folder, plan, cells)
    _refuse_missing(folder, plan, cells, n_audited)
    if not n_audited:
        refuse_other_loci(folder, plan, cells)
        kinds = (lambda one: one.n_predicted), (lambda one: one.n_observed)
        raise errors.nothing_audited(*map(names_of, kinds))
    if plan.source == "inferred":
        references = names_of(lambda one: one.n_reference)
        if not references:
            audited = names_of(lambda one: one.n_audited)
            raise errors.no_reference_to_infer(n_audited, audited, plan.cell_types)
        n_pairs = sum(one.n_reference for one in cells)
        notes.append(errors.inferred_reference(n_pairs, references))
    _check_values(plan, cells, n_audited)
    return notes


def _check_named(
    plan: StorePlan,
    cells: Sequence[CellTypeSummary],
    names_of: Callable[[Callable[[CellTypeSummary], Any]], list[str]],
) -> None:
    """Refuse a list of cell types that leaves nothing on one side."""
    if not any(one.n_reference for one in cells):
        named = [name for name, own in zip(plan.cell_types, plan.named, strict=True) if own]
        is_predicted = any(one.n_predicted for one in cells if plan.named[one.column])
        raise errors.nothing_named(named, predicted=is_predicted)
    auditable = [one for one in cells if one.n_auditable]
    if auditable and all(plan.named[one.column] for one in auditable):
        raise errors.nothing_left_to_audit(names_of(lambda one: one.n_auditable))


def _few_pairs_are_shared(cells: Sequence[CellTypeSummary]) -> bool:
    """Whether few pairs of the predicted cell types have both a prediction and a label."""
    own = [one for one in cells if one.n_predicted]
    return errors.few_are_shared(
        sum(one.n_auditable for one in own),
        sum(one.n_predicted for one in own),
        sum(one.n_observed for one in own),
    )


def _refuse_missing(
    folder: Path, plan: StorePlan, cells: Sequence[CellTypeSummary], n_audited: int
) -> None:
    """Refuse audited pairs without a prediction."""
    lacking = {
        name: sum(one.missing[number][0] for one in cells if number in one.missing)
        for number, name in enumerate(plan.models)
        if any(number in one.missing for one in cells)
    }
    if not lacking:
        return
    for model, number in lacking.items():
        if 2 * number > n_audited:
            refuse_other_loci(folder, plan, cells, model)
    first = plan.models.index(next(iter(lacking)))
    row, column = min((one.missing[first][1], one.column) for one in cells if first in one.missing)
    pair = f"({name_of_locus(folder, plan.parts, row)}, {plan.cell_types[column]})"
    inferred = plan.source == "inferred"
    complete = [name for name in plan.models if name not in lacking]
    raise errors.missing_predictions(n_audited, lacking, pair, inferred=inferred, complete=complete)


def _check_values(plan: StorePlan, cells: Sequence[CellTypeSummary], n_audited: int) -> None:
    """Refuse audited labels that are all the same, and a signal that says nothing."""
    audited = [one for one in cells if one.n_audited]
    first = audited[0].first_label
    if not any(one.varies or one.first_label != first for one in audited):
        raise errors.one_class(n_audited, first, binary=plan.label_kind == "binary")
    if plan.has_signal and not any(one.has_reference_signal for one in cells):
        raise errors.signal_unobserved(sum(one.n_reference for one in cells))


def notes_of_store(
    plan: StorePlan,
    cells: Sequence[CellTypeSummary],
    unseen: tuple[int, int],
    low_precision: Sequence[texts.TiesOfModel],
) -> list[Note]:
    """Say what a reader of the report should know about the input.

    Parameters
    ----------
    plan : StorePlan
        The loci and names.
    cells : sequence of CellTypeSummary
        All cell types.
    unseen : tuple of int
        Loci, and audited pairs, without a reference label from another cell type.
    low_precision : sequence of TiesOfModel
        Ties of each model in the targets that were looked at; empty where all are small.

    Returns
    -------
    list of Note
        As `leakcheck.data.findings` gives them, without LK001.
    """
    loci, columns = plan.loci, [one for part in plan.parts for one in _labels_of(part)]
    n_labels = loci.n_source * len(plan.cell_types)
    notes = texts.missing_labels(n_labels - sum(columns), n_labels)
    notes += texts.repeated_pairs(loci.repeats.shape[1] * len(plan.cell_types), "value")
    n_audited = sum(one.n_audited for one in cells)
    notes += texts.unseen_loci(*unseen, n_audited)
    is_call = {
        name: plan.label_kind == "binary" and all(one.is_call.get(number, True) for one in cells)
        for number, name in enumerate(plan.models)
    }
    notes += texts.low_precision(
        [one for one in low_precision if one.is_low and not is_call[one.model]]
    )
    notes += texts.calls([name for name, only in is_call.items() if only])
    if plan.source != "leave-one-out":
        both = [one for one in cells if one.n_predicted_reference]
        notes += texts.reference_predictions(
            sum(one.n_predicted_reference for one in both),
            [plan.cell_types[one.column] for one in both],
            whole=not any(one.n_audited for one in both),
        )
    unused = [plan.cell_types[one.column] for one in cells if not one.n_reference + one.n_audited]
    notes += texts.left_out(unused)
    notes += texts.constant_labels(
        [
            texts.LabelsOf(plan.cell_types[one.column], one.n_observed, *one.range)
            for one in cells
            if one.n_reference
        ]
    )
    if not loci.has_coordinates:
        notes += texts.no_coordinates(loci.n_loci)
    notes += texts.shared_intervals(loci.n_shared, loci.first_shared)
    return notes


def _labels_of(part: Any) -> list[int]:
    """Labels that each column of a part has."""
    return [one.n_known for one in part.labels.values()]


def content_hashes(plan: StorePlan, cells: Sequence[CellTypeSummary]) -> dict[str, str]:
    """Put the hashes of columns together as `EvaluationSet.content_hashes` does.

    Parameters
    ----------
    plan : StorePlan
        The loci and names.
    cells : sequence of CellTypeSummary
        All cell types.

    Returns
    -------
    dict of str to str
        Part of the content to its SHA-256.
    """
    shape = (plan.loci.n_loci, len(plan.cell_types))
    hashes = {"loci": plan.loci.digest, "cell_types": hash_text(plan.cell_types)}
    for kind in ("labels", "reference", "audited", *(["signal"] if plan.has_signal else [])):
        hashes[kind] = hash_columns(shape, [one.digests[kind] for one in cells])
    for number, name in enumerate(plan.models):
        used = [one for one in cells if one.n_scores.get(number)]
        digests = [one.digests[f"prediction:{number}"] for one in used]
        matrix = hash_columns((shape[0], len(used)), digests)
        hashes[f"prediction:{name}"] = hash_scores(shape, [one.column for one in used], matrix)
    return hashes
