"""Floor 6: a target with binary labels: all is counted, or read off sorted columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._audit.rows import JUDGED, ScoredTarget
from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.chunks import Column
from leakcheck.base.column_ranking import ColumnScores
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.baselines import BOUNDS, Likeness
from leakcheck.families import family_rows
from leakcheck.metrics import Columns, Evaluated, Kind, evaluate
from leakcheck.panel import TargetView
from leakcheck.rank_profile import RankGroups, rank_rows
from leakcheck.scale.baseline_pass import BaselinePass
from leakcheck.scale.binned import BinnedColumn, RowsOfTarget
from leakcheck.scale.scratch import FolderScratch, stretches_of
from leakcheck.scale.store import Store
from leakcheck.scale.work import TargetOptions, TargetWork
from leakcheck.strata import Strata, activity_strata
from leakcheck.stratified import strata_rows

__all__ = ["CountedWork"]


class CountedWork(TargetWork):
    """A target with binary labels: all is counted, or read off sorted columns."""

    def __init__(
        self, store: Store, name: str, scratch: FolderScratch, options: TargetOptions
    ) -> None:
        super().__init__(store, name, scratch, options)
        column = self.target.column
        widths = [store.score_dtype(model, column).itemsize for model in range(len(store.models))]
        widest = 8 if store.has_signal else max(widths)
        self._room = self._room_for_bins(widest)
        self.view = self._view()

    def _room_for_bins(self, width: int) -> int:
        """Bytes for a table of bins; 0 where scores are sorted."""
        budget, exact, n = self.options.budget, self.options.exact, self.target.n_rows
        if not n or exact is True:
            budget.require_sort(n, width)
            return 0
        if exact == "auto" and budget.fits_sort(n, width):
            return 0
        n_strata = max(len(self.target.references) - 1, 1)
        most = max(self.store.n_blocks, n_strata)
        if len(set(self.store.families.values())) > 1:
            most = self.store.n_blocks * n_strata
        return budget.room_for_bins(n, most)

    def _view(self) -> TargetView:
        """Labels and blocks in the narrowest types, which is all of a view that is read."""
        target = self.target
        labels: Any = np.empty(target.n_rows, dtype=np.uint8)
        for at in stretches_of(target.n_rows):
            labels[at] = target.labels(at)
        dtype = np.min_scalar_type(max(self.store.n_blocks - 1, 0))
        nothing: Any = np.empty(0)
        rows: Any = range(target.n_rows)
        return TargetView(
            name=target.name,
            column=target.column,
            rows=rows,
            labels=labels,
            blocks=np.repeat(target.runs.blocks.astype(dtype), target.runs.lengths),
            block_sizes=target.block_sizes,
            average=nothing,
            n_observed=nothing,
            average_signal=None,
            references=target.references,
            n_hybrid=target.n_hybrid,
            label_kind=target.label_kind,
        )

    def rank(self, likeness: Likeness) -> None:
        """Do all that needs the order of a score, one score after another."""
        view, target = self.view, self.target
        strata = self._strata()
        neighbours = likeness.neighbours(target)
        labels: Any = view.labels
        rows = RowsOfTarget(
            labels, view.blocks, strata.codes, self.store.n_blocks, len(strata.names)
        )
        self._baselines = BaselinePass(
            target, rows, neighbours, likeness.by_test_labels(target), self.scratch, self._room
        )
        self._rows = rows
        self.nearest = self._baselines.nearest
        self.evaluated: dict[str, Evaluated] = {}
        self.parts: list[Columns] = []
        self.conditional: dict[str, float] = {}
        self.profile: Columns = {}
        groups = self._groups()
        for model, name in enumerate(self.store.models):
            column = self._model(model)
            for key, values in rank_rows(view, {name: column}, groups).items():
                self.profile.setdefault(key, []).extend(values)
            self._add(name, "model", column, strata)
            self.ranks[name] = self._ranks(column)
            del column
        del groups
        for name in self._baselines.names:
            self._add_baseline(name, strata)
        whole = [self.evaluated[name] for name in self.store.models]
        level, kind = self.options.layout.level, self.options.layout.label_kind
        models = _Lazy(self.store.models, self._model)
        families = self.store.families
        comparisons = family_rows(view, strata, models, whole, families, kind, level)
        self._bound_strata(models.bounds())
        self.scored = ScoredTarget(
            self.evaluated, self.parts, self.conditional, comparisons, self.profile
        )
        self._say(likeness, neighbours, self._baselines.agreement)
        del self._baselines

    def _bound_strata(self, bounds: Mapping[str, float]) -> None:
        """Widen the bounds in strata by those of the comparison of families."""
        self.bins = [
            one._replace(
                in_a_stratum=float(np.fmax(one.in_a_stratum, bounds.get(one.name, np.nan)))
            )
            for one in self.bins
        ]

    def _add_baseline(self, name: str, strata: Strata) -> None:
        """Take in a baseline; the oracle is often the nearest cell type over again."""
        kind: Kind = "bound" if name in BOUNDS else "baseline"
        if name == "oracle" and self._baselines.same_oracle:
            self.evaluated[name] = self.evaluated["nearest-celltype"].renamed(name, kind)
        else:
            self._add(name, kind, self._baselines.scores(name), strata)

    def _add(self, name: str, kind: Kind, scores: ColumnScores, strata: Strata) -> None:
        """Evaluate a score, in strata too where it has rows there."""
        judged = kind == "model" or name in JUDGED
        label_kind = self.options.layout.label_kind
        self.evaluated[name] = evaluate(self.view, name, kind, scores, label_kind, intervals=judged)
        if judged:
            parts, conditional = strata_rows(
                self.view, strata, {name: (kind, scores)}, label_kind, JUDGED
            )
            self.parts += parts
            self.conditional |= conditional
        if isinstance(scores, BinnedColumn) and not scores.is_exact:
            self.bins.append(scores.said(self.view.name, name))

    def _model(self, model: int) -> SortedColumn | BinnedColumn:
        """Sort the scores of a model, or put them into bins."""
        store, target = self.store, self.target

        def parts() -> Iterator[NDArray[Any]]:
            for at in store.chunks():
                values = store.scores(model, target.column, at)
                yield values if target.is_complete else values[target.selected(at)]

        if self._room:
            return BinnedColumn(parts, self._rows, self._room)
        dtype = store.score_dtype(model, target.column)
        return SortedColumn.from_chunks(target.n_rows, dtype, parts())

    def _ranks(self, column: SortedColumn | BinnedColumn) -> Column:
        """Twice the mean ranks, on disk."""
        kept = self.scratch.column("ranks", np.uint32, self.target.n_rows)
        if isinstance(column, BinnedColumn):
            return column.write_ranks(kept)
        kept.write(slice(0, column.n_loci), column.twice_mean_ranks())
        return kept

    def _strata(self) -> Strata:
        """Activity counts: what stratum a locus is in follows from its average activity."""
        levels = self._levels()
        of_levels = activity_strata(_view_of_levels(self.view, levels))
        n = len(of_levels.names)
        narrow = np.where(of_levels.codes < 0, n, of_levels.codes).astype(np.min_scalar_type(n))
        codes = np.empty(self.target.n_rows, dtype=narrow.dtype)
        for at in stretches_of(self.target.n_rows):
            codes[at] = narrow.take(self.target.codes(at))
        return Strata(names=of_levels.names, codes=codes)

    def _levels(self) -> FloatArray:
        """Distinct average activities."""
        assert self.target.levels is not None  # noqa: S101 - labels are binary
        return self.target.levels[0]

    def _groups(self) -> RankGroups | None:
        """Groups of the rows by the rank of their average activity."""
        levels, n = self._levels(), self.target.n_rows
        if not n:
            return None
        table = np.zeros(2 * len(levels), dtype=np.int64)
        for at in stretches_of(n):
            table += np.bincount(self._cells(at), minlength=len(table))
        found = RankGroups.of_levels(levels, table.reshape(-1, 2))
        of_rows = np.empty(n, dtype=np.uint8)
        for at in stretches_of(n):
            of_rows[at] = found.of_rows.take(self._cells(at))
        return found._replace(of_rows=of_rows)

    def _cells(self, at: slice) -> IntArray:
        """Level of the average and label, in one number."""
        return 2 * self.target.codes(at) + (self.view.labels[at] > 0)

    def _ceiling(self, ceiling: Column) -> Evaluated:
        """Evaluate the ceiling."""
        n, name = self.target.n_rows, "supervised-ceiling"

        def parts() -> Iterator[NDArray[Any]]:
            return (ceiling.read(at) for at in stretches_of(n))

        column: ColumnScores
        if self._room:
            column = binned = BinnedColumn(parts, self._rows, self._room)
            found = evaluate(self.view, name, "bound", column, "binary", intervals=False)
            if not binned.is_exact:
                self.bins.append(binned.said(self.view.name, name))
            return found
        column = SortedColumn.from_chunks(n, np.float32, parts())
        return evaluate(self.view, name, "bound", column, "binary", intervals=False)


class _Lazy(Mapping[str, Any]):
    """Columns of models, each made when it is asked for."""

    def __init__(self, names: Sequence[str], make: Any) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        self._make = make
        self._binned: dict[str, BinnedColumn] = {}

    def __getitem__(self, name: str) -> SortedColumn | BinnedColumn:
        column: SortedColumn | BinnedColumn = self._make(self._places[name])
        if isinstance(column, BinnedColumn):
            self._binned[name] = column  # holds no rows
        return column

    def bounds(self) -> dict[str, float]:
        """Bounds in strata of what was asked for in bins."""
        return {name: column.in_a_stratum for name, column in self._binned.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _view_of_levels(view: TargetView, levels: FloatArray) -> TargetView:
    """A view with one row for each average activity."""
    zeros = np.zeros(len(levels), dtype=np.intp)
    return TargetView(
        name=view.name,
        column=view.column,
        rows=zeros,
        labels=levels,
        blocks=zeros,
        block_sizes=view.block_sizes,
        average=levels,
        n_observed=zeros,
        average_signal=None,
        references=view.references,
        n_hybrid=0,
        label_kind=view.label_kind,
    )
