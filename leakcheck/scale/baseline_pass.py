"""Floor 6: baselines of a target as counts of few levels, or as sorted columns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.chunks import Column
from leakcheck.base.column_ranking import ColumnScores
from leakcheck.base.level_counts import LevelCounts
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.near_values import (
    Neighbours,
    nearest_values,
    weighted_codes,
    weighted_levels,
    weighted_values,
)
from leakcheck.panel_chunks import StoredTarget
from leakcheck.scale.binned import BinnedColumn, RowsOfTarget
from leakcheck.scale.scratch import FolderScratch, stretches_of

__all__ = ["BaselinePass", "placed_among"]


def placed_among(target: StoredTarget, found: Neighbours) -> Neighbours:
    """Give cell types by their place among the members, which the rows of a table are.

    Parameters
    ----------
    target : StoredTarget
        The target.
    found : Neighbours
        References, by column.

    Returns
    -------
    Neighbours
        The same order.
    """
    place = np.full(len(target.cell_types), -1, dtype=np.intp)
    place[target.members] = np.arange(len(target.members))
    return Neighbours(order=place[found.order], similarity=found.similarity, source=found.source)


@dataclass
class _Levels:
    """A score of few whole numbers, counted."""

    codes: Callable[[slice], IntArray]
    counts: LevelCounts


@dataclass
class BaselinePass:
    """Baselines of one target with binary labels, from passes over its rows.

    Parameters
    ----------
    target : StoredTarget
        The target.
    rows : RowsOfTarget
        Its labels, blocks and strata.
    neighbours, oracle : Neighbours
        References in order of similarity.
    scratch : FolderScratch
        Where columns are kept.
    room : int
        Bytes that a table of bins may take; 0 to sort what is not counted.

    Attributes
    ----------
    nearest : Column
        Activity of the nearest cell type.
    same_oracle : bool
        Whether the oracle is the nearest cell type over again.
    n_seen, n_same : int
        Rows at which the chosen nearest cell type is observed, and has the target's label.
    """

    target: StoredTarget
    rows: RowsOfTarget
    neighbours: Neighbours
    oracle: Neighbours
    scratch: FolderScratch
    room: int = 0
    nearest: Column = field(init=False)
    same_oracle: bool = True
    n_seen: int = 0
    n_same: int = 0
    _levels: dict[str, _Levels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._near = placed_among(self.target, self.neighbours)
        self._best = placed_among(self.target, self.oracle)
        self._chosen = self._near.chosen
        self._weighted: FloatArray | None = None
        self._codes_of_levels: IntArray | None = None
        dtype = np.float64 if self.target.has_signal else np.int8
        self.nearest = self.scratch.column("nearest", dtype, self.target.n_rows)
        self._scan()

    def _scan(self) -> None:
        """Go through the rows once."""
        counted = not self.target.has_signal and self.target.n_rows > 0
        counts = self._begin() if counted else {}
        for at in stretches_of(self.target.n_rows):
            active = self.target.active(at)
            table = self.target.table(at) if self.target.has_signal else active
            blocks = self.rows.blocks[at].astype(np.intp)
            nearest = nearest_values(table, slice(0, len(blocks)), blocks, self._near)
            oracle = nearest_values(table, slice(0, len(blocks)), blocks, self._best)
            self.nearest.write(at, nearest)
            self.same_oracle = self.same_oracle and np.array_equal(nearest, oracle)
            self._agree(active, at)
            if counted:
                self._count(counts, at, active, {"nearest-celltype": nearest, "oracle": oracle})
        if counted:
            self._keep(counts)

    def _begin(self) -> dict[str, LevelCounts]:
        """Empty tables of counts."""
        levels = self.target.levels
        assert levels is not None  # noqa: S101 - labels are binary
        sizes = {"average-activity": len(levels[0]), "nearest-celltype": 2, "oracle": 2}
        self._weighted = weighted_levels(self._near, self.target.n_rows)
        if self._weighted is not None:
            distinct, codes = np.unique(self._weighted, return_inverse=True)
            self._codes_of_levels = codes.astype(np.int32)
            sizes["k-nearest-celltypes"] = len(distinct)
        n_blocks, n_strata = self.rows.n_blocks, self.rows.n_strata
        return {
            name: LevelCounts.empty(size, n_blocks=n_blocks, n_strata=n_strata)
            for name, size in sizes.items()
        }

    def _count(
        self,
        counts: dict[str, LevelCounts],
        at: slice,
        active: NDArray[np.int8],
        found: dict[str, NDArray[Any]],
    ) -> None:
        """Count the levels of a stretch."""
        found["average-activity"] = self.target.codes(at)
        if "k-nearest-celltypes" in counts:
            codes = self._weighted_codes(at, active)
            if codes is None:  # a cell type is not observed somewhere: there are other values
                del counts["k-nearest-celltypes"]
            else:
                found["k-nearest-celltypes"] = codes
        active_rows = self.rows.labels[at] > 0
        for name, values in counts.items():
            values.add(found[name], active_rows, self.rows.blocks[at], self.rows.strata[at])

    def _weighted_codes(self, at: slice, active: NDArray[np.int8]) -> IntArray | None:
        """Levels of the weighted mean of the nearest cell types, rising with it."""
        blocks = self.rows.blocks[at].astype(np.intp)
        codes = weighted_codes(active, slice(0, len(blocks)), blocks, self._near)
        assert self._codes_of_levels is not None  # noqa: S101 - made before
        return None if codes is None else self._codes_of_levels.take(codes)

    def _keep(self, counts: dict[str, LevelCounts]) -> None:
        """Keep the counts, with what reads the levels again."""
        for name, values in counts.items():
            self._levels[name] = _Levels(self._reader(name), values)

    def _reader(self, name: str) -> Callable[[slice], Any]:
        """What gives the values of a baseline at some rows."""
        if name == "average-activity":
            return self.target.codes
        if name == "nearest-celltype":
            return self.nearest.read
        return lambda at: self._again(name, at)

    def _again(self, name: str, at: slice) -> Any:
        """Make a baseline at some rows anew."""
        table = self.target.table(at)
        blocks = self.rows.blocks[at].astype(np.intp)
        every = slice(0, len(blocks))
        if name == "oracle":
            return nearest_values(table, every, blocks, self._best)
        if name in self._levels:
            return self._weighted_codes(at, table)
        signal = self.target.has_signal
        fallback = self.target.average_signal(at) if signal else self.target.average(at)
        return weighted_values(table, every, blocks, self._near, fallback)

    def _agree(self, active: NDArray[np.int8], at: slice) -> None:
        """Compare the nearest cell type with the target."""
        if self._chosen is None:
            return
        other = active[self._chosen]
        seen = other >= 0
        self.n_seen += int(np.count_nonzero(seen))
        self.n_same += int(np.count_nonzero(seen & (other == self.rows.labels[at])))

    @property
    def agreement(self) -> float:
        """Share of loci where the nearest cell type has the target's label."""
        return self.n_same / self.n_seen if self.n_seen else np.nan

    @property
    def names(self) -> list[str]:
        """Baselines and bounds, in the order of the tables."""
        signal = ["average-signal"] if self.target.has_signal else []
        return ["average-activity", *signal, "nearest-celltype", "k-nearest-celltypes", "oracle"]

    def scores(self, name: str) -> ColumnScores:
        """A baseline as what ranking takes.

        Parameters
        ----------
        name : str
            One of `names`.

        Returns
        -------
        LevelCounts, SortedColumn or BinnedColumn
        """
        if name not in self._levels:
            return self._sorted(np.float64, self._values(name))
        levels = self._levels[name]
        counted = levels.counts.is_few or self.room > 0
        return levels.counts if counted else self._sorted(np.int32, levels.codes)

    def _values(self, name: str) -> Callable[[slice], Any]:
        """What gives the values of a baseline that is not counted."""
        if name == "average-activity":
            return self._with_signal() if self.target.has_signal else self.target.codes
        if name == "average-signal":
            return self.target.average_signal
        if name == "nearest-celltype":
            return self.nearest.read
        return lambda at: self._again(name, at)

    def _with_signal(self) -> Callable[[slice], FloatArray]:
        """Average activity, ties broken by the rank of the average signal."""
        n = self.target.n_rows
        column = self._sorted(np.float64, self.target.average_signal)
        if isinstance(column, BinnedColumn):
            kept = column.write_ranks(self.scratch.column("ranks of the signal", np.uint32, n))
            return lambda at: self.target.codes(at) * float(n + 1) + kept.read(at) / 2
        within = column.twice_mean_ranks()
        return lambda at: self.target.codes(at) * float(n + 1) + within[at] / 2

    def _sorted(self, dtype: Any, read: Callable[[slice], Any]) -> SortedColumn | BinnedColumn:
        """Sort what is read stretch by stretch, or put it into bins."""
        n = self.target.n_rows

        def parts() -> Iterator[NDArray[Any]]:
            return (read(at) for at in stretches_of(n))

        if self.room:
            return BinnedColumn(parts, self.rows, self.room)
        return SortedColumn.from_chunks(n, dtype, parts())
