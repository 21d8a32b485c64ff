"""Floor 6: one target of a store on its way: what all kinds of labels share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from leakcheck._audit.rows import Layout, ScoredTarget, TargetResult, lay_out
from leakcheck.base.chunks import Column
from leakcheck.baselines import Likeness
from leakcheck.design import Setting, setting_of_counts
from leakcheck.diagnosis import TargetFacts
from leakcheck.information import Asked
from leakcheck.metrics import Evaluated
from leakcheck.nearest import Neighbours, Similarity
from leakcheck.panel import TargetView, extremes
from leakcheck.panel_chunks import StoredTarget
from leakcheck.scale.binned import BinsOfScore
from leakcheck.scale.budget import Budget
from leakcheck.scale.scratch import FolderScratch, stretches_of
from leakcheck.scale.store import Store

__all__ = ["Exact", "TargetOptions", "TargetWork"]

#: Whether every score is sorted; "auto": where it fits.
Exact: TypeAlias = bool | Literal["auto"]


@dataclass(frozen=True)
class TargetOptions:
    """How targets are audited; small.

    Attributes
    ----------
    layout : Layout
        Metrics and level of the rows.
    similarity : str, mapping, DataFrame or None
        How the nearest cell type is found.
    budget : Budget
        Limit on memory.
    exact : bool or "auto"
        Whether scores are sorted, or put into bins; "auto": sorted where they fit.
    """

    layout: Layout
    similarity: Similarity | None
    budget: Budget
    exact: Exact = "auto"


class TargetWork(ABC):
    """One target on its way."""

    view: TargetView
    scored: ScoredTarget
    nearest: Column

    def __init__(
        self, store: Store, name: str, scratch: FolderScratch, options: TargetOptions
    ) -> None:
        self.store, self.scratch, self.options = store, scratch, options
        panel: Any = store  # a `PanelStore` whose attributes are read-only
        self.target = StoredTarget(panel, name, store.n_blocks, scratch)
        self.ranks: dict[str, Column] = {}
        self.bins: list[BinsOfScore] = []

    @abstractmethod
    def rank(self, likeness: Likeness) -> None:
        """Evaluate everything but the ceiling, and set `view`, `scored`, `ranks` and `nearest`.

        Parameters
        ----------
        likeness : Likeness
            Which cell types are alike.
        """

    def asked(self) -> Asked:
        """The question to the information test."""
        return Asked(rows=self.target, ranks=self.ranks, nearest=self.nearest, scratch=self.scratch)

    def finish(self, by_model: Mapping[str, Any], ceiling: Column | None) -> TargetResult:
        """Add the ceiling, and lay everything out."""
        if ceiling is not None:
            self.scored.evaluated["supervised-ceiling"] = self._ceiling(ceiling)
        layout = self.options.layout
        found = lay_out(self.view, self.facts, self._setting(), self.scored, by_model, layout)
        return found._replace(bins=tuple(self.bins))

    @abstractmethod
    def _ceiling(self, ceiling: Column) -> Evaluated:
        """Evaluate the ceiling."""

    def _setting(self) -> Setting:
        """What the audited pairs of the target test."""
        cell = self.store.cells[self.target.column]
        own = cell.n_reference > 0 and not self.store.leave_one_out
        unseen = self.store.unseen.get(self.target.column, 0)
        return setting_of_counts(cell.n_audited - unseen, cell.n_audited, own_seen=own)

    def _say(self, likeness: Likeness, neighbours: Neighbours, agreement: float) -> None:
        """Keep what is said about the target."""
        nearest = neighbours.chosen
        never = always = variable = 0
        if self.target.levels is not None:
            levels, counts = self.target.levels
            never, always = int(counts[levels == 0].sum()), int(counts[levels == 1].sum())
            variable = self.target.n_rows - never - always
        self.facts = TargetFacts(
            name=self.target.name,
            n_loci=self.target.n_rows,
            n_hybrid=self.target.n_hybrid,
            n_references=len(self.target.references),
            n_observed=self._n_observed(),
            n_never=never,
            n_always=always,
            n_variable=variable,
            nearest="" if nearest is None else self.store.cell_types[nearest],
            nearest_source=neighbours.source,
            correlation=likeness.correlation(self.target, nearest),
            agreement=agreement,
            resembles=likeness.resembles(self.target),
            n_near=self.store.near.get(self.target.column),
            n_blocks=int(np.count_nonzero(self.target.block_sizes)),
        )

    def _n_observed(self) -> tuple[int, int]:
        """Fewest and most reference cell types that are observed at a locus."""
        target = self.target
        found: list[int] = []
        own = target.members == target.column
        for at in stretches_of(target.n_rows):
            if target.levels is not None:
                found += extremes(target.n_observed(at))
            else:
                found += extremes((~np.isnan(target.table(at)[~own])).sum(axis=0))
        return extremes(np.array(found, dtype=np.int64))
