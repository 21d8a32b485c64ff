"""Floor 6: a target with real-valued labels, whose numbers are held while it is audited."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._audit.rows import ScoredTarget
from leakcheck._audit.scoring import Scores, score_target
from leakcheck._typing import FloatArray
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.metrics import Evaluated, evaluate
from leakcheck.near_values import Neighbours, nearest_values, weighted_values
from leakcheck.panel import TargetView, variance_around
from leakcheck.panel_chunks import StoredTarget
from leakcheck.scale.budget import Budget
from leakcheck.scale.scratch import FolderScratch, stretches_of
from leakcheck.scale.store import Store
from leakcheck.strata import quantile_strata

__all__ = ["RealValuedTarget"]

#: Bytes a locus: labels, average, variance, blocks, strata, four baselines, one more for each
#: model, and what regression makes of two of them at a time.
_BYTES_PER_LOCUS: Final = 120
_BYTES_PER_MODEL: Final = 13


class RealValuedTarget:
    """Scores of one target with real-valued labels.

    Sums over all loci of squares and products run in the order of the source, as they do in
    memory, so the columns of the target are held as arrays, one target at a time.

    Parameters
    ----------
    store : Store
        The columns.
    target : StoredTarget
        The target.
    budget : Budget
        Limit on memory.
    scratch : FolderScratch
        Where columns are kept.
    """

    def __init__(
        self, store: Store, target: StoredTarget, budget: Budget, scratch: FolderScratch
    ) -> None:
        self.store, self.target, self.scratch = store, target, scratch
        per_row = _BYTES_PER_LOCUS + _BYTES_PER_MODEL * len(store.models)
        budget.require(target.n_rows * per_row, "the columns of a target with real-valued labels")
        self._to_source = self._order()
        self.view = self._view()

    def _order(self) -> NDArray[np.intp] | None:
        """Places of the target's rows in the order of the source; None where it is the same."""
        order = self.store.order
        if order is None:
            return None
        rows = np.concatenate(
            [order.read(at)[self.target.selected(at)] for at in self.store.chunks()]
        )
        return np.argsort(rows, kind="stable")

    def in_source_order(self, values: NDArray[Any]) -> NDArray[Any]:
        """Put a column of the target in the order of the source.

        Parameters
        ----------
        values : ndarray, shape (n,)
            In genome order.

        Returns
        -------
        ndarray, shape (n,)
        """
        return values if self._to_source is None else values.take(self._to_source)

    def _read(self, read: Any, dtype: Any) -> NDArray[Any]:
        """A whole column of the target, in the order of the source."""
        found = np.empty(self.target.n_rows, dtype=dtype)
        for at in stretches_of(len(found)):
            found[at] = read(at)
        return self.in_source_order(found)

    def _view(self) -> TargetView:
        """The target as it is in memory."""
        target = self.target
        rows: Any = range(target.n_rows)
        blocks = np.repeat(target.runs.blocks, target.runs.lengths).astype(np.intp)
        nothing: Any = np.empty(0)
        return TargetView(
            name=target.name,
            column=target.column,
            rows=rows,
            labels=self._read(target.labels, np.float64),
            blocks=self.in_source_order(blocks),
            block_sizes=target.block_sizes,
            average=self._read(target.average, np.float64),
            n_observed=nothing,
            average_signal=None,
            references=target.references,
            n_hybrid=target.n_hybrid,
            label_kind="continuous",
        )

    def score(self, neighbours: Neighbours, oracle: Neighbours, layout: Any) -> ScoredTarget:
        """Evaluate models and baselines, and keep ranks for the information test.

        Parameters
        ----------
        neighbours, oracle : Neighbours
            References in order of similarity, as rows of the target's table.
        layout : Layout
            Level of the bounds.

        Returns
        -------
        ScoredTarget
        """
        models = {name: self._model(model) for model, name in enumerate(self.store.models)}
        orders = {name: SortedColumn.from_scores(values) for name, values in models.items()}
        self.ranks = {name: self._ranks(order) for name, order in orders.items()}
        self._variance = self._read(self._variance_at, np.float64)
        self.nearest = self.scratch.column("nearest", np.float64, self.target.n_rows)
        for at in stretches_of(self.target.n_rows):
            self.nearest.write(at, self._nearest(at, neighbours))
        nearest = self._read(self.nearest.read, np.float64)
        best = self._read(lambda at: self._nearest(at, oracle), np.float64)
        several = self._read(lambda at: self._several(at, neighbours), np.float64)
        scores: Scores = {name: ("model", values) for name, values in models.items()} | {
            "average-activity": ("baseline", self.view.average),
            "nearest-celltype": ("baseline", nearest),
            "k-nearest-celltypes": ("baseline", several),
            "oracle": ("bound", best),
        }
        return score_target(
            self.view,
            scores,
            quantile_strata(self.view),
            layout,
            self.store.families,
            orders=orders,
            same_oracle=np.array_equal(best, nearest),
            variance=self._variance,
        )

    def ceiling(self, values: Any) -> Evaluated:
        """Evaluate the ceiling.

        Parameters
        ----------
        values : Column
            By position.

        Returns
        -------
        Evaluated
        """
        scores = self._read(values.read, np.float64)
        name = "supervised-ceiling"
        return evaluate(
            self.view, name, "bound", scores, "continuous", self._variance, intervals=False
        )

    def _model(self, model: int) -> NDArray[Any]:
        """Scores of a model."""
        store, target = self.store, self.target
        found = np.empty(target.n_rows, dtype=store.score_dtype(model, target.column))
        place = 0
        for at in store.chunks():
            values = store.scores(model, target.column, at)[target.selected(at)]
            found[place : place + len(values)] = values
            place += len(values)
        return self.in_source_order(found)

    def _ranks(self, order: SortedColumn) -> Any:
        """Twice the mean ranks by position, on disk."""
        twice = order.twice_mean_ranks()
        if self._to_source is not None:
            by_position = np.empty_like(twice)
            by_position[self._to_source] = twice
            twice = by_position
        kept = self.scratch.column("ranks", np.uint32, len(twice))
        kept.write(slice(0, len(twice)), twice)
        return kept

    def _variance_at(self, at: slice) -> FloatArray:
        """Variance of the label over the reference cell types."""
        table = self.target.table(at)[self.target.members != self.target.column]
        return variance_around(table, self.target.average(at))

    def _blocks(self, at: slice) -> NDArray[np.intp]:
        """Block of each row of a stretch, in genome order."""
        ends = np.cumsum(self.target.runs.lengths)
        runs = np.searchsorted(ends, np.arange(at.start, at.stop), side="right")
        return self.target.runs.blocks[runs].astype(np.intp)

    def _nearest(self, at: slice, neighbours: Neighbours) -> NDArray[Any]:
        """Activity of the nearest cell type in a stretch."""
        blocks = self._blocks(at)
        return nearest_values(self.target.table(at), slice(0, len(blocks)), blocks, neighbours)

    def _several(self, at: slice, neighbours: Neighbours) -> FloatArray:
        """Weighted mean of the nearest cell types in a stretch."""
        blocks, table = self._blocks(at), self.target.table(at)
        fallback = self.target.average(at)
        return weighted_values(table, slice(0, len(blocks)), blocks, neighbours, fallback)
