"""Floor 3: what the reference cell types know, as columns of a regression."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base._ridge_tables import Measured
from leakcheck.base.cell_type_sums import is_known
from leakcheck.base.chunks import Chunk, Layout
from leakcheck.base.columns import CHUNK_ROWS
from leakcheck.base.folded_features import REMEMBERED, FoldedFeatures
from leakcheck.base.level_columns import MOST_BYTES, RowGroups
from leakcheck.base.neighbours import neighbour_means
from leakcheck.base.normal_map import NormalMap, map_places
from leakcheck.target_rows import TargetRows, layout_of, stretches

__all__ = ["MeasuredFeatures", "ReferenceFeatures", "columns_of_each"]

#: Quartiles of the standard normal distribution, to which normal scores are clipped.
_LOW, _HIGH = np.float32(-0.6744898), np.float32(0.6744898)


def columns_of_each(rows: TargetRows) -> int:
    """Count the regression columns that each reference cell type has.

    Parameters
    ----------
    rows : TargetRows
        The target.

    Returns
    -------
    int
        1 to 5: see `ReferenceFeatures.build`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> columns_of_each(SimpleNamespace(has_signal=True, label_kind="binary", has_neighbours=True))
    5
    """
    return 1 + 3 * (rows.has_signal or rows.label_kind == "continuous") + rows.has_neighbours


class MeasuredFeatures(NamedTuple):
    """What the passes over the references of some rows found; has no row, and can be pickled.

    Attributes
    ----------
    columns : object
        What makes the columns of a chunk, without the rows that it reads.
    table : Measured
        Their scale, products and sums.
    """

    columns: Any
    table: Measured


@dataclass(frozen=True, eq=False)
class ReferenceFeatures:
    """Reference cell types as regression columns, for all targets that share their rows.

    Attributes
    ----------
    table : FoldedFeatures
        Standardised columns in canonical order.
    owner : ndarray of int, shape (p,)
        Cell type that each column comes from: a target's own columns are never used.
    measured : MeasuredFeatures
        From which `build` makes them again, at the same rows.
    """

    table: FoldedFeatures
    owner: IntArray
    measured: MeasuredFeatures

    @property
    def layout(self) -> Layout:
        """The canonical order and its chunks."""
        return self.table.layout

    @property
    def label_means(self) -> FloatArray | None:
        """Mean of the known labels of each member, shape (n_members, 1); None without gaps."""
        means: FloatArray | None = self.measured.columns.means_beside_gaps
        return means

    @property
    def floors(self) -> FloatArray | None:
        """Least label of each member in float32, NaN where few are as low; shape (n_members,).

        None of binary labels, and where all are NaN.
        """
        floors = np.array([one.floor for one in self.measured.columns.maps], dtype=np.float64)
        return None if np.isnan(floors).all() else floors

    def serves(self, n_targets: int) -> bool:
        """Say whether averages of some targets are tables of levels rather than columns.

        Parameters
        ----------
        n_targets : int
            Targets that share passes.

        Returns
        -------
        bool
            Where no label is missing, as sums by group serve several targets in one pass, and
            where these, and a chunk in the order of its groups, do not take too much memory.
        """
        groups = self.table.groups
        if groups is None or n_targets < 2:
            return False
        n_folds, p = self.table.sums.shape
        sums = 8 * n_folds * groups.n_groups * (1 + n_targets) * p
        sorted_chunk = 8 * p * min(self.layout.n_rows, CHUNK_ROWS)
        return bool(sums <= MOST_BYTES and sorted_chunk <= 4 * MOST_BYTES)

    @classmethod
    def build(
        cls,
        rows: TargetRows,
        *,
        remember: int = REMEMBERED,
        measured: MeasuredFeatures | None = None,
    ) -> "ReferenceFeatures":
        """Lay out the columns of the references at the rows of a target.

        Parameters
        ----------
        rows : TargetRows
            Where.
        remember : int
            Bytes that may be kept, so that columns are not made anew for each pass.
        measured : MeasuredFeatures, optional
            Of the same rows: what would be found again.

        Returns
        -------
        ReferenceFeatures
            For each reference cell type: transformed signal, the same clipped to its lower and to
            its upper quartile, label, and the mean of the neighbouring loci. Of binary labels
            without a signal: label and mean of the neighbouring loci. Of continuous labels: label,
            clipped where its normal scores are three, these scores, the same clipped to either
            quartile, and their mean over the neighbouring loci. Unobserved pairs take the cell
            type's own mean (a normal score of 0), so that no column holds anything of another cell
            type.
        """
        layout = layout_of(rows)
        if measured is None:
            columns, known = _columns_of(rows, layout), None
        else:
            columns, known = replace(measured.columns, rows=rows), measured.table
        n_parts = columns_of_each(rows)
        table = FoldedFeatures.of(
            layout,
            columns,
            n_parts * len(rows.members),
            remember=remember,
            measured=known,
            groups=_groups_of(rows) if columns.complete else None,
        )
        without_rows = MeasuredFeatures(replace(columns, rows=None), table.measured)
        return cls(table, np.tile(rows.members, n_parts), without_rows)


def _columns_of(rows: TargetRows, layout: Layout) -> Any:
    """Makes the columns of a chunk, one in each row, float32."""
    known = _Known.of(rows.table, layout)
    if rows.label_kind == "continuous":
        ordered = _ordered(rows)
        maps = [NormalMap.of(one, n) for one, n in ordered]
        ends = np.array([(one[1], one[-2]) for one, _ in ordered], dtype=np.float32)
        return _RealColumns(
            rows, known.means, known.means_beside_gaps, ends[:, :1], ends[:, 1:], maps
        )
    if not rows.has_signal:
        return _LabelColumns(rows, known.means, known.complete)
    low, high = _quartiles(rows)
    labels = _Known.of(rows.active, layout)
    return _SignalColumns(rows, known.means, labels.means, low, high, labels.complete)


def _groups_of(rows: TargetRows) -> RowGroups:
    """Rows by the number of active members, from which the averages of all targets follow."""

    def codes(chunk: Chunk) -> NDArray[Any]:
        found: NDArray[Any] = rows.active(chunk.rows).sum(axis=0, dtype=np.uint16)
        return found

    return RowGroups(len(rows.members) + 1, codes)


@dataclass(frozen=True, eq=False)
class _LabelColumns:
    """Binary labels."""

    rows: TargetRows
    means: FloatArray  # of each member, for its unobserved pairs
    complete: bool  # whether no label is missing
    maps: ClassVar[Sequence[NormalMap]] = ()

    @property
    def means_beside_gaps(self) -> FloatArray | None:
        """Means of the labels, where any is missing."""
        return None if self.complete else self.means

    def __call__(self, chunk: Chunk) -> FloatArray:
        """Columns of a chunk."""
        own, beside = _with_neighbours(self.rows, chunk, partial(_filled, means=self.means))
        return np.concatenate([own, *beside])


@dataclass(frozen=True, eq=False)
class _SignalColumns:
    """Signal beside binary labels."""

    rows: TargetRows
    means: FloatArray  # of the signal of each member, for its unobserved pairs
    label_means: FloatArray
    low: FloatArray  # quartiles of the signal of each member
    high: FloatArray
    complete: bool  # whether no label is missing
    maps: ClassVar[Sequence[NormalMap]] = ()

    @property
    def means_beside_gaps(self) -> FloatArray | None:
        """Means of the labels, where any is missing."""
        return None if self.complete else self.label_means

    def __call__(self, chunk: Chunk) -> FloatArray:
        """Columns of a chunk."""
        own, beside = _with_neighbours(self.rows, chunk, partial(_filled, means=self.means))
        parts = [own, np.minimum(own, self.low), np.maximum(own, self.high)]
        parts.append(_filled(self.rows.active(chunk.rows), self.label_means))
        return np.concatenate([*parts, *beside])


@dataclass(frozen=True, eq=False)
class _RealColumns:
    """Continuous labels: as they are, for the ceiling, and as normal scores, which are tested."""

    rows: TargetRows
    means: FloatArray  # of each member, for its unobserved pairs
    means_beside_gaps: FloatArray | None  # the same, where any label is missing
    low: FloatArray  # values of each member whose normal scores are -3 and 3
    high: FloatArray
    maps: list[NormalMap]
    complete: ClassVar[bool] = False  # these labels have no few levels

    def __call__(self, chunk: Chunk) -> FloatArray:
        """Columns of a chunk."""
        scores, beside = _with_neighbours(self.rows, chunk, self._scores)
        # One huge value would bend the fit of all loci, and what is said of them.
        own = _filled(self.rows.table(chunk.rows), self.means)
        within = np.clip(own, self.low, self.high)
        parts = [within, scores, np.minimum(scores, _LOW), np.maximum(scores, _HIGH)]
        return np.concatenate([*parts, *beside])

    def _scores(self, values: FloatArray) -> FloatArray:
        """Normal scores, each member by its own map; their mean, 0, where it is not observed."""
        found = np.empty(values.shape, dtype=np.float32)
        for row, own, one in zip(found, values, self.maps, strict=True):
            row[:] = one.apply(np.asarray(own, dtype=np.float32))
        return np.nan_to_num(found, copy=False, nan=0.0)


def _with_neighbours(
    rows: TargetRows, chunk: Chunk, make: Callable[[NDArray[Any]], FloatArray]
) -> tuple[FloatArray, list[FloatArray]]:
    """What is made of the finer activity, and its mean over the neighbours, where loci have any.

    Neighbours are loci that any reference observes, audited or not: a model may have seen them.
    """
    if not rows.has_neighbours:
        return make(rows.table(chunk.rows)), []
    if rows.is_complete:  # the neighbours are rows themselves, and are read with them
        window = chunk.window(1)
        values = make(rows.table(window.rows))
        values[:, window.gaps] = 0
        return values[:, window.inner], neighbour_means(values, chunk, (1,))
    own = make(rows.table(chunk.rows))
    total, count = np.zeros_like(own), np.zeros(own.shape[1], dtype=np.float32)
    for step in (-1, 1):
        values, is_there = rows.beside(chunk.rows, step)
        is_there = is_there & is_known(values).any(axis=0)
        np.add(total, make(values), out=total, where=is_there)
        count += is_there
    np.copyto(total, own, where=count == 0)
    total /= np.maximum(count, 1)
    return own, [total]


def _filled(values: NDArray[Any], means: FloatArray) -> FloatArray:
    """Values as float32, unobserved ones replaced by their row's mean."""
    # The layout in memory decides in which order values are summed.
    single: FloatArray = np.array(values, dtype=np.float32, order="C")
    known = is_known(values)
    if not known.all():
        np.copyto(single, means.astype(np.float32), where=~known)
    return single


class _Known(NamedTuple):
    """What is known of some members."""

    means: FloatArray  # (m, 1) over the known values of each; 0 for one without any
    complete: bool  # whether every value is known

    @property
    def means_beside_gaps(self) -> FloatArray | None:
        """The means, where any value is missing."""
        return None if self.complete else self.means

    @classmethod
    def of(cls, read: Any, layout: Layout) -> "_Known":
        """Read everything once."""
        total: Any = 0
        count: Any = 0
        for chunk in layout.chunks:
            values = np.ascontiguousarray(read(chunk.rows))
            seen = is_known(values)
            total = total + np.where(seen, values, 0).sum(axis=1)
            count = count + seen.sum(axis=1)
        means = np.asarray(total / np.maximum(count, 1))[:, None]
        return cls(means, bool((count == layout.n_rows).all()))


def _quartiles(rows: TargetRows) -> tuple[FloatArray, FloatArray]:
    """Lower and upper quartile of each member, as float32 columns."""
    found = np.empty((2, len(rows.members), 1), dtype=np.float32)
    for member, own in enumerate(_known_values(rows)):
        place = np.array([0.25, 0.75]) * (len(own) - 1)
        low = place.astype(np.intp)
        both = np.minimum([low, low + 1], len(own) - 1)
        own.partition(np.unique(both))
        below, above = own.take(both).astype(np.float64)
        found[:, member, 0] = below + (place - low) * (above - below)
    return found[0], found[1]


def _ordered(rows: TargetRows) -> list[tuple[FloatArray, int]]:
    """Order statistics for the normal scores of each member, and of how many values."""
    found = []
    for own in _known_values(rows):
        places = map_places(len(own))
        own.partition(np.unique(places))
        found.append((own.take(places), len(own)))
    return found


def _known_values(rows: TargetRows) -> Iterator[FloatArray]:
    """Known values of each member, one at a time; a zero where there is none.

    What stands in for unobserved ones takes no part: half of the values would be one, and the
    normal scores of the others were pushed apart there.
    """
    n = rows.runs.n_rows
    for member in range(len(rows.members)):
        values, end = np.empty(n, dtype=np.float32), 0
        for at in stretches(n):
            part = np.asarray(rows.table(at, member), dtype=np.float32)
            part = part[is_known(part)]
            values[end : end + len(part)] = part
            end += len(part)
        yield values[:end] if end else np.zeros(1, dtype=np.float32)
