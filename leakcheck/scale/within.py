"""Whether models order targets within loci as their labels do, chunk by chunk."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from leakcheck._audit.locus_strata import ActivityLevels, LocusStrata, Room, sample_step
from leakcheck._audit.within import WithinLoci
from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.cell_type_sums import count_rows, means, sum_others
from leakcheck.base.centring import Centring
from leakcheck.base.concordance import ConcordanceCounts, WithinLocus
from leakcheck.scale.store import Store

__all__ = ["within_loci"]


def within_loci(store: Store) -> WithinLoci:
    """Compare the targets of a store within loci, as `WithinLoci.of` does in memory.

    Parameters
    ----------
    store : Store
        The columns on disk.

    Returns
    -------
    WithinLoci
    """
    columns = np.flatnonzero(store.is_target)
    refusal = WithinLoci.why_not(columns, store.is_reference, leave_one_out=store.leave_one_out)
    if refusal:
        return WithinLoci(len(columns), refusal, dict.fromkeys(store.models))
    room = Room(store.n_loci, len(columns), store.n_blocks, len(store.references))
    sample = _Sample(store, columns)
    activity = ActivityLevels.of_sample(sample.average(), store.label_kind, room)
    levels = _levels(store, activity)
    levels_of_sample = sample.of(levels)
    found: dict[str, WithinLocus | None] = {}
    of_labels = _centring(store, columns, None)
    for model, name in enumerate(store.models):
        strata = LocusStrata.of_sample(levels_of_sample, activity.n, sample.scores(model), room)
        counts = ConcordanceCounts.empty(len(columns), store.n_blocks, strata.n)
        blocks, of_scores = _Blocks(store), _centring(store, columns, model)
        for rows in store.chunks():
            labels, scores = _audited(store, columns, model, rows)
            codes = strata.codes(levels[rows].astype(np.intp), scores)
            if of_labels is not None and of_scores is not None:
                labels, scores = of_labels.apply(labels), of_scores.apply(scores)
            counts.add(labels, scores, blocks.of(rows), codes)
        found[name] = counts.concordance()
    return WithinLoci(len(columns), "", found)


def _levels(store: Store, activity: ActivityLevels) -> IntArray:
    """Level of every locus, a byte each where that is enough: read once for all models."""
    levels: IntArray = np.empty(store.n_loci, dtype=np.min_scalar_type(activity.n))
    for rows in store.chunks():
        levels[rows] = activity.codes(_average(store, rows))
    return levels


def _audited(store: Store, columns: IntArray, model: int, rows: slice) -> tuple[Any, Any]:
    """Labels and a model's scores of targets, shape (n, n_targets); NaN where not audited."""
    targets = columns.tolist()
    labels = np.stack([_with_nan(store.audited_labels(one, rows)) for one in targets], axis=1)
    scores = np.stack([store.scores(model, one, rows) for one in targets], axis=1)
    return labels, np.where(np.isnan(labels), np.nan, scores)


class _Sample:
    """The loci from which strata are made: the same as in memory."""

    def __init__(self, store: Store, columns: IntArray) -> None:
        self._store, self._columns = store, columns
        self._step = sample_step(store.n_loci)

    def _parts(self) -> Iterator[tuple[slice, Any]]:
        """Stretches of rows, and which of their rows are in the sample."""
        order = self._store.order
        for rows in self._store.chunks():
            places = np.arange(rows.start, rows.stop) if order is None else order.read(rows)
            yield rows, places % self._step == 0

    def of(self, levels: IntArray) -> IntArray:
        """Levels of the sample."""
        parts: list[IntArray] = [levels[rows][own] for rows, own in self._parts()]
        return np.concatenate(parts).astype(np.intp)

    def average(self) -> FloatArray:
        """Average activity; nothing for binary labels, whose levels are counts."""
        if self._store.label_kind == "binary":
            return np.empty(0)
        return np.concatenate([_average(self._store, rows)[own] for rows, own in self._parts()])

    def scores(self, model: int) -> FloatArray:
        """Scores of a model, shape (n, n_targets)."""
        parts = [
            _audited(self._store, self._columns, model, rows)[1][own] for rows, own in self._parts()
        ]
        return np.concatenate(parts)


def _average(store: Store, rows: slice) -> FloatArray:
    """Average activity of a stretch of rows, as `ReferencePanel.shared_average`."""
    columns = np.flatnonzero(store.is_reference).tolist()
    table = np.stack([store.reference_labels(column, rows) for column in columns])
    if table.dtype == np.int8:
        return means(count_rows(table == 1), count_rows(table >= 0))
    return means(sum_others(table, None), count_rows(~np.isnan(table)))


def _centring(store: Store, columns: Any, model: int | None) -> Centring | None:
    """Means of the audited labels of each cell type, or of a model's scores there.

    Binary labels and their scores have none taken away.
    """
    if store.label_kind != "continuous":
        return None

    def parts(column: int) -> Iterator[Any]:
        for rows in store.chunks():
            labels = _with_nan(store.audited_labels(column, rows))
            if model is None:
                yield labels
            else:
                scores = store.scores(model, column, rows).astype(np.float64)
                yield np.where(np.isnan(labels), np.nan, scores)

    return Centring.of([partial(parts, column) for column in columns.tolist()])


def _with_nan(labels: Any) -> Any:
    """Labels as float64, NaN where missing."""
    return np.where(labels < 0, np.nan, labels) if labels.dtype == np.int8 else labels


class _Blocks:
    """Blocks of stretches of rows."""

    def __init__(self, store: Store) -> None:
        self._ends = np.cumsum(store.runs.lengths)
        self._blocks = store.runs.blocks

    def of(self, rows: slice) -> Any:
        """Block of each row of a stretch."""
        first, last = np.searchsorted(self._ends, [rows.start, rows.stop - 1], side="right")
        ends = np.minimum(self._ends[first : last + 1], rows.stop) - rows.start
        return np.repeat(self._blocks[first : last + 1], np.diff(ends, prepend=0))
