"""The long form: arrays of one length, one entry per (locus, cell type) pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, LabelKind
from leakcheck.data.arrays import dimensions, plain
from leakcheck.data.gathered import (
    Gathered,
    Reference,
    merge_labels,
    notes_of_input,
    on_join,
)
from leakcheck.data.label_table import Join, join, read_label_table
from leakcheck.data.labels import LabelCoding, as_signal, choose_coding, refuse_huge
from leakcheck.data.locus_forms import read_loci_of_any_style
from leakcheck.data.mismatch import check_styles_of_rows
from leakcheck.data.models import argument_of, as_scores
from leakcheck.data.names import factorize_names
from leakcheck.data.placing import LongPlan
from leakcheck.data.predictions import Predictions, ScoreColumns
from leakcheck.data.train import ColumnNames, Train, read_train
from leakcheck.exceptions import ValidationError

__all__ = ["Request", "gather_long"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The arguments of `build_evaluation_set`, with models told apart."""

    models: Mapping[str, Any]
    labels: Any
    loci: Any
    celltypes: Any
    train: Any
    signal: Any
    positive_label: Any
    label_kind: LabelKind | None
    names: ColumnNames

    def coding(self, *raws: NDArray[Any]) -> LabelCoding:
        """Find what the labels are."""
        return choose_coding(
            raws, "labels", positive_label=self.positive_label, label_kind=self.label_kind
        )

    def argument(self, model: str) -> str:
        """Write the argument that a model's predictions came in."""
        return argument_of(model, self.models)


def gather_long(request: Request) -> Gathered:
    """Lay long arrays out on the grid of their loci and cell types."""
    for name in ("loci", "celltypes"):
        if getattr(request, name) is None:
            raise ValidationError(
                f"`{name}` must be given when `labels` is one value per row; it is missing. Pass "
                "one entry per row, or pass `preds` and `labels` as tables of loci x cell types."
            )
    raw = _column(request.labels, "labels")
    if len(raw) == 0:
        raise ValidationError(
            "`labels` must have at least one row; it is empty. Check how the table was read or "
            "filtered."
        )
    _check_order(request)
    rows, loci = read_loci_of_any_style(request.loci, "loci")
    columns, cell_types = factorize_names(request.celltypes, "celltypes")
    _check_length(len(rows), len(raw), "loci")
    _check_length(len(columns), len(raw), "celltypes")
    train = read_train(request.train, cell_types, wide=False)
    table = None if train.table is None else read_label_table(train.table, request.names)
    coding = request.coding(raw, *([] if table is None else [table.values]))

    values = _values(request, coding, raw, train)
    others = {name: column for name, column in values.items() if name not in ("label", "train")}
    check_styles_of_rows(loci, rows, {"labels": values["label"], **others})
    joined = None if table is None else join(loci, cell_types, table, None)
    axes = (loci, cell_types) if joined is None else (joined.loci, joined.cell_types)
    plan = LongPlan.make(rows, columns, axes, values)
    labels = plan.place(values["label"])
    signal = plan.place(values["signal"]) if "signal" in values else None
    own = ~np.isnan(labels)
    reference = _reference(train, plan, values, axes_shape=labels.shape)
    if table is not None and joined is not None:
        labels, signal, reference = _with_table(table.coded(coding), joined, labels, signal, axes)
    return Gathered(
        loci=axes[0],
        cell_types=axes[1],
        label_kind=coding.kind,
        labels=labels,
        own=own,
        predictions=Predictions(
            {
                model: ScoreColumns.of_grid(plan.place(values[request.argument(model)]))
                for model in request.models
            }
        ),
        covered=plan.present(),
        signal=signal,
        reference=reference,
        notes=notes_of_input(values["label"], n_dropped=plan.n_dropped, noun="row", joined=joined),
    )


def _column(values: Any, argument: str) -> NDArray[Any]:
    """Read one column."""
    if dimensions(values, argument) != 1:
        raise ValidationError(
            f"`{argument}` must be one value per row, as `labels` is; it has two dimensions. Pass "
            "one column (several models: a mapping from model name to column), or pass `labels` as "
            "a table of loci x cell types too."
        )
    return plain(values, argument)


def _check_length(length: int, expected: int, argument: str) -> None:
    """Refuse arrays of different lengths."""
    if length != expected:
        raise ValidationError(
            f"`{argument}` must have one entry per row of `labels`; it has {length} and `labels` "
            f"has {expected}. Pass arrays of one length, row by row."
        )


def _check_order(request: Request) -> None:
    """Refuse pandas Series that have one set of row names in two orders."""
    given = {"labels": request.labels, "loci": request.loci, "celltypes": request.celltypes}
    given |= {request.argument(model): scores for model, scores in request.models.items()}
    given |= {"train": request.train, "signal": request.signal}
    series = {name: value.index for name, value in given.items() if isinstance(value, pd.Series)}
    first = next(iter(series), None)
    for name, index in series.items():
        known = series[first] if first is not None else index
        if len(index) != len(known) or index.equals(known) or not known.is_unique:
            continue
        if (known.get_indexer(index) >= 0).all():
            raise ValidationError(
                f"`{name}` and `{first}` must be in one order, because rows are matched by "
                f"position; their row names are the same in another order, first "
                f"{known[:1].tolist()[0]!r} and {index[:1].tolist()[0]!r}. Reorder one: "
                f"{name}.loc[{first}.index]."
            )


def _values(
    request: Request, coding: LabelCoding, labels: NDArray[Any], train: Train
) -> dict[str, NDArray[Any]]:
    """Read every column of values, under the name that a message gives it."""
    values: dict[str, NDArray[Any]] = {"label": coding.apply(labels)}
    for model, scores in request.models.items():
        argument = request.argument(model)
        column = _column(scores, argument)
        _check_length(len(column), len(labels), argument)
        values[argument] = as_scores(column, argument)
        if coding.kind == "continuous":
            refuse_huge(values[argument], argument)
    if request.signal is not None:
        signal = _column(request.signal, "signal")
        _check_length(len(signal), len(labels), "signal")
        values["signal"] = as_signal(signal)
    if isinstance(train.mask, np.ndarray):
        _check_length(len(train.mask), len(labels), "train")
        values["train"] = train.mask
    return values


def _reference(
    train: Train, plan: LongPlan, values: dict[str, NDArray[Any]], axes_shape: tuple[int, ...]
) -> Reference:
    """Find the pairs that `train` names."""
    pairs: BoolArray | None = None
    if train.columns is not None:
        pairs = np.broadcast_to(train.columns, axes_shape)
    elif "train" in values:
        pairs = plan.place(values["train"])
    return Reference(source=train.source, pairs=pairs)


def _with_table(
    coded: tuple[FloatArray, FloatArray | None],
    joined: Join,
    labels: FloatArray,
    signal: FloatArray | None,
    axes: Any,
) -> tuple[FloatArray, FloatArray | None, Reference]:
    """Add the labels, and the signal where it has one, of a separate table."""
    more = on_join(coded[0], joined)
    if signal is not None and coded[1] is not None:
        extra = on_join(coded[1], joined)
        signal = np.where(np.isnan(signal), extra, signal)
    reference = Reference(source="table", pairs=~np.isnan(more))
    return merge_labels(labels, more, axes), signal, reference
