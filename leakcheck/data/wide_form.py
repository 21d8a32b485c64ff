"""The wide form: tables of loci x cell types, aligned by name."""

from typing import Any

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, LabelKind
from leakcheck.data.arrays import dimensions
from leakcheck.data.gathered import (
    Gathered,
    Reference,
    merge_labels,
    notes_of_input,
    on_join,
)
from leakcheck.data.label_table import join, read_label_table
from leakcheck.data.labels import as_signal, refuse_huge
from leakcheck.data.long_form import Request
from leakcheck.data.models import as_scores
from leakcheck.data.predictions import Predictions, ScoreColumns
from leakcheck.data.train import Train, read_train
from leakcheck.data.wide_axes import axes_of_labels
from leakcheck.data.wide_table import WideAxes, WideTable, read_wide
from leakcheck.data.wording import counted, listing
from leakcheck.exceptions import ValidationError

__all__ = ["gather_wide"]


def gather_wide(request: Request) -> Gathered:
    """Align wide tables on the rows and columns of the labels."""
    table = read_wide(request.labels, "labels")
    axes = axes_of_labels(table, request.loci, request.celltypes)
    train = read_train(request.train, axes.cell_types, wide=True)
    extra = None if train.table is None else read_label_table(train.table, request.names, axes)
    coding = request.coding(table.values, *([] if extra is None else [extra.values]))
    joined = None if extra is None else join(axes.loci, axes.cell_types, extra, axes.book)
    if joined is not None:
        axes = axes.extended(joined.loci, joined.cell_types)
    grid = (axes.loci, axes.cell_types)

    plan = axes.plan(table, "labels")
    coded = coding.apply(table.values)
    labels: FloatArray = plan.place(coded, grid, "labels")
    own = ~np.isnan(labels)
    reference = _reference(train, axes)
    if extra is not None and joined is not None:
        more = on_join(extra.coded(coding)[0], joined)
        labels = merge_labels(labels, more, grid)
        reference = Reference(source="table", pairs=~np.isnan(more))
    predictions, covered = _predictions(request, axes, coding.kind)
    return Gathered(
        loci=axes.loci,
        cell_types=axes.cell_types,
        label_kind=coding.kind,
        labels=labels,
        own=own,
        predictions=predictions,
        covered=covered,
        signal=_signal(request.signal, axes, needs_all=extra is None),
        reference=reference,
        notes=notes_of_input(coded, n_dropped=plan.n_dropped, noun="value", joined=joined),
    )


def _wide(values: Any, argument: str) -> WideTable:
    """Read a table that must be wide because the labels are."""
    if dimensions(values, argument) != 2:
        raise ValidationError(
            f"`{argument}` must be a table of loci x cell types, as `labels` is; it has one "
            "dimension. Pass a DataFrame or array of that form, or pass `labels` as one value per "
            "row too."
        )
    return read_wide(values, argument)


def _predictions(
    request: Request, axes: WideAxes, kind: LabelKind
) -> tuple[Predictions, BoolArray]:
    """Align the predictions of every model, and find which pairs their tables have."""
    stored: dict[str, ScoreColumns] = {}
    grid = (axes.loci, axes.cell_types)
    covered = np.zeros((len(axes.loci), len(axes.cell_types)), dtype=bool)
    for model, scores in request.models.items():
        argument = request.argument(model)
        table = _wide(scores, argument)
        plan = axes.plan(table, argument)
        values = as_scores(table.values, argument)
        if kind == "continuous":
            refuse_huge(values, argument)
        stored[model] = plan.place_scores(values, grid, argument)
        plan.mark(covered)
    return Predictions(stored), covered


def _signal(signal: Any, axes: WideAxes, *, needs_all: bool) -> FloatArray | None:
    """Align the signal; it must cover the loci and cell types of the labels."""
    if signal is None:
        return None
    table = _wide(signal, "signal")
    plan = axes.plan(table, "signal")
    if needs_all:
        _check_covers(plan.rows, axes, "signal", 0)
        _check_covers(plan.columns, axes, "signal", 1)
    return plan.place(as_signal(table.values), (axes.loci, axes.cell_types), "signal")


def _check_covers(codes: Any, axes: WideAxes, argument: str, axis: int) -> None:
    """Refuse a table that lacks loci or cell types of the labels."""
    names = (axes.loci.ids, axes.cell_types)[axis]
    lacking = np.setdiff1d(np.arange(len(names)), codes)
    if lacking.size:
        noun = ("locus", "cell type")[axis]
        raise ValidationError(
            f"`{argument}` must cover the loci and cell types of `labels`; it lacks "
            f"{counted(lacking.size, noun)} of {len(names)}: "
            f"{listing([names[i] for i in lacking], 3)}. Add them (NaN where nothing was "
            "observed), or take them out of `labels`."
        )


def _reference(train: Train, axes: WideAxes) -> Reference:
    """Find the pairs that `train` names."""
    if train.columns is not None:
        shape = (len(axes.loci), len(axes.cell_types))
        return Reference(source=train.source, pairs=np.broadcast_to(train.columns, shape))
    if isinstance(train.mask, WideTable):
        plan = axes.plan(train.mask, "train")
        _check_covers(plan.rows, axes, "train", 0)
        _check_covers(plan.columns, axes, "train", 1)
        grid = (axes.loci, axes.cell_types)
        return Reference(source="mask", pairs=plan.place(train.mask.values, grid, "train"))
    return Reference(source=train.source)
