"""Floor 6: whether predictions and labels on disk are of the same loci: a pass that few need."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data import role_errors as errors
from leakcheck.data.models import argument_of
from leakcheck.scale.files import ColumnFile
from leakcheck.scale.loci_reader import name_of_locus
from leakcheck.scale.plan import CellTypeSummary, StorePlan, column_name

__all__ = ["refuse_other_loci"]

_CHUNK: Final = 1 << 17


def refuse_other_loci(
    folder: Path, plan: StorePlan, cells: Sequence[CellTypeSummary], model: str | None = None
) -> None:
    """Raise where predictions and labels share few loci.

    Parameters
    ----------
    folder : Path
        The store, with its parts.
    plan : StorePlan
        The loci and names.
    cells : sequence of CellTypeSummary
        All cell types.
    model : str, optional
        Whose predictions; those of any model by default.

    Raises
    ------
    ValidationError
        As `leakcheck.data.roles` does; starts that are shifted by one are not looked for.
    """
    wanted = range(len(plan.models)) if model is None else [plan.models.index(model)]
    sizes = np.zeros(3, dtype=np.int64)  # both, predicted, labelled
    first = np.full(2, plan.loci.n_source)  # rows of the source: only predicted, only labelled
    for rows, predicted, labelled in _loci(folder, plan, cells, wanted):
        kinds = (predicted & labelled, predicted, labelled)
        sizes += [np.count_nonzero(kind) for kind in kinds]
        for at, only in enumerate((predicted & ~labelled, labelled & ~predicted)):
            if only.any():
                first[at] = min(first[at], _source_rows(plan, rows)[only].min())
    n_shared, n_predicted, n_labelled = sizes.tolist()
    if not errors.few_are_shared(n_shared, n_predicted, n_labelled):
        return
    names = (name_of_locus(folder, plan.parts, row) for row in first.tolist())
    argument = "preds" if model is None else argument_of(model, plan.models)
    raise errors.other_loci(errors.SharedLoci(n_shared, n_predicted, n_labelled, *names), argument)


def _loci(
    folder: Path, plan: StorePlan, cells: Sequence[CellTypeSummary], models: Iterable[int]
) -> Iterator[tuple[slice, BoolArray, BoolArray]]:
    """Give stretches of loci: which any model predicts, and which have any label."""
    wanted = list(models)
    for low in range(0, plan.loci.n_loci, _CHUNK):
        rows = slice(low, min(low + _CHUNK, plan.loci.n_loci))
        predicted, labelled = np.zeros((2, rows.stop - rows.start), dtype=bool)
        for cell in cells:
            names = [column_name("prediction", cell.column, model) for model in wanted]
            for name in (name for name in names if name in cell.dtypes):
                predicted |= _filled(folder, cell, name, rows, plan.loci.n_loci)
            if cell.n_observed:
                name = column_name("labels", cell.column)
                labelled |= _filled(folder, cell, name, rows, plan.loci.n_loci)
        yield rows, predicted, labelled


def _filled(folder: Path, cell: CellTypeSummary, name: str, rows: slice, n_loci: int) -> BoolArray:
    """Rows in which a column has a value: labels of one byte are -1 where they are missing."""
    values = ColumnFile(folder / name, cell.dtypes[name], n_loci).read(rows)
    return values >= 0 if values.dtype == np.int8 else ~np.isnan(values)


def _source_rows(plan: StorePlan, rows: slice) -> IntArray:
    """Rows of the source that stand at some places of the store."""
    if plan.loci.order is not None:
        return plan.loci.order.read(rows)
    places, repeats = np.arange(rows.start, rows.stop), plan.loci.repeats[0]
    before = repeats - np.arange(len(repeats))  # rows that are kept before each repeat
    return places + np.searchsorted(before, places, side="right")
