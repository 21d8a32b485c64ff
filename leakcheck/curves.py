"""Floor 3: smooth functions of the averages and of predictions, as columns of a regression."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.cell_type_sums import is_known
from leakcheck.base.chunks import Chunk, Layout
from leakcheck.base.columns import Column, Moments, gather, ordered_values
from leakcheck.base.conditional import ranks_of_counts, scores_of_ranks
from leakcheck.base.level_columns import LevelColumns
from leakcheck.base.neighbours import neighbour_means
from leakcheck.base.splines import NaturalSpline, knot_places, natural_spline
from leakcheck.target_rows import AverageRanks, Scratch, TargetRows, stretches

__all__ = ["Curves", "level_columns"]

_WINDOWS: Final = (1, 2, 4)


class Curves:
    """Columns that differ between targets: splines of the averages and of a ridge prediction.

    Natural cubic splines of the average activity, of the prediction, of the average signal and of
    the normal scores of the nearest cell type's activity, and the averages over 1, 2 and 4
    neighbouring loci on either side. An average of binary labels has few levels, and most loci may
    share one of them: its knots lie at equal shares of the loci, and again at equal shares of the
    levels, and the least and the largest level have a column of their own. A continuous average
    enters by its normal scores. Where labels are missing, what the gaps tell (`_OfGaps`); where
    many continuous labels are the least, how many are (`_OfFloors`).

    Parameters
    ----------
    rows : TargetRows
        The target.
    layout : Layout
        Its rows in canonical order.
    average : AverageRanks
        Ranks of its average activity.
    ridge : Column
        Cross-fitted prediction of the labels from the reference columns, by position.
    nearest : Column or None
        Activity of the nearest cell type, by position.
    scratch : Scratch, optional
        Where columns between the passes are kept.
    tabled : bool
        Whether the splines of an average of few levels are left to `level_columns`.
    label_means : ndarray of float, shape (n_members, 1), optional
        Mean of the known labels of each member; none where no label is missing.
    floors : ndarray of float, shape (n_members,), optional
        Least label of each member in float32, NaN where few are as low; none where all are.
    """

    def __init__(
        self,
        rows: TargetRows,
        layout: Layout,
        average: AverageRanks,
        ridge: Column,
        nearest: Column | None = None,
        scratch: Scratch | None = None,
        *,
        tabled: bool = False,
        label_means: FloatArray | None = None,
        floors: FloatArray | None = None,
    ) -> None:
        self._rows, self._ridge, self._nearest = rows, ridge, nearest
        scratch = Scratch() if scratch is None else scratch
        self._of_levels: FloatArray | None = None
        self._of_average: _OfRanks | None = None
        if rows.levels is None:
            self._of_average = _OfRanks(average.read, layout)
        elif not tabled:
            self._of_levels = _values_at(*rows.levels)
        self._of_ridge = _spline(lambda at: gather(ridge, at), layout)
        self._of_signal = None
        if rows.has_signal:
            self._of_signal = _spline(rows.average_signal, layout)
        self._of_nearest = None if nearest is None else _OfNearest(nearest, layout, scratch)
        self._of_gaps = None
        if label_means is not None:
            self._of_gaps = _OfGaps(rows, layout, scratch, label_means)
        self._of_floors = None if floors is None else _OfFloors(rows, layout, scratch, floors)

    def __call__(self, chunk: Chunk) -> FloatArray:
        """Columns of a chunk, one in each row, float32."""
        rows, at = self._rows, chunk.rows
        parts = []
        if self._of_average is not None:
            parts.append(self._of_average.rows(at))
        if self._of_levels is not None:
            parts.append(self._of_levels.take(rows.codes(at), axis=1))
        parts.append(self._of_ridge.rows(gather(self._ridge, at)))
        if self._of_signal is not None:
            parts.append(self._of_signal.rows(rows.average_signal(at)))
        if self._of_nearest is not None:
            parts.append(self._of_nearest.rows(at))
        if self._of_gaps is not None:
            parts.append(self._of_gaps.rows(at))
        if self._of_floors is not None:
            parts.append(self._of_floors.rows(at))
        if rows.has_neighbours:
            parts += self._beside(chunk)
        return np.concatenate(parts, dtype=np.float32, casting="same_kind")

    def _beside(self, chunk: Chunk) -> list[FloatArray]:
        """The averages over neighbouring loci."""
        window = chunk.window(_WINDOWS[-1])
        of_average = self._rows.average if self._of_average is None else self._of_average.scores
        rows = [of_average(window.rows)]
        if self._rows.has_signal:
            rows.append(self._rows.average_signal(window.rows))
        beside = np.stack(rows)
        beside[:, window.gaps] = 0
        return neighbour_means(beside, chunk, _WINDOWS)


def level_columns(rows: TargetRows) -> LevelColumns:
    """Splines of an average of few levels as a table, where no label of a member is missing.

    Parameters
    ----------
    rows : TargetRows
        The target, with binary labels.

    Returns
    -------
    LevelColumns
        The level follows from how many members are active, which is the group, and from whether
        the target is one of them, which is the mark.

    Raises
    ------
    ValueError
        When the average has no levels.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = SimpleNamespace(
    ...     levels=(np.array([0.0, 0.5, 1.0]), np.array([4, 3, 3])), column=0,
    ...     members=np.array([0, 1, 2]), references=np.array([1, 2]),
    ... )
    >>> level_columns(rows).places  # of loci with 0, 1, 2 or 3 active members
    array([[0, 1, 2, 2],
           [0, 0, 1, 2]])
    """
    if rows.levels is None:
        raise ValueError("averages of continuous labels have no levels")
    levels, counts = rows.levels
    n_active = np.arange(len(rows.members) + 1)
    shares = np.maximum([n_active, n_active - 1], 0) / len(rows.references)
    own = np.flatnonzero(rows.members == rows.column)
    marks = None
    if own.size:
        member = int(own[0])

        def marks(chunk: Chunk) -> BoolArray:
            return np.asarray(rows.active(chunk.rows, member) == 1)

    return LevelColumns(
        values=_values_at(levels, counts),
        counts=counts,
        codes=lambda chunk: rows.codes(chunk.rows),
        marks=marks,
        places=np.minimum(np.searchsorted(levels, shares), len(levels) - 1),
    )


def _values_at(levels: FloatArray, counts: IntArray) -> FloatArray:
    """Columns of an average of few levels, (n_columns, n_levels).

    Knots at equal shares of the loci meet where one level holds many of them, which leaves the
    steps beside it uncurved: a score that is a rising function of the average would keep some of
    it. Knots at equal shares of the levels do not meet.
    """
    ends = np.stack([levels == levels[0], levels == levels[-1]], axis=1)
    by_loci = natural_spline(levels, counts=counts)
    by_levels = natural_spline(levels, counts=np.ones_like(counts))
    columns = np.concatenate([by_loci, by_levels, ends], axis=1, dtype=np.float32)
    return np.ascontiguousarray(columns.T)


class _OfRanks:
    """Natural spline of normal scores, by mean ranks."""

    def __init__(self, ranks: Callable[[Any], FloatArray], layout: Layout) -> None:
        self._ranks, self._n = ranks, layout.n_rows
        ordered = scores_of_ranks(ordered_values(ranks, self._n, knot_places(self._n)), self._n)
        moments = Moments.of(self.scores(chunk.rows)[None] for chunk in layout.chunks)
        self._spline = NaturalSpline.of(moments.mean[0], moments.variance[0], ordered, self._n)

    def scores(self, at: Any) -> FloatArray:
        """Normal scores at some positions."""
        return scores_of_ranks(self._ranks(at), self._n)

    def rows(self, at: Any) -> FloatArray:
        """Columns at some positions."""
        return self._spline.rows(self.scores(at))


class _OfNearest:
    """Natural spline of the normal scores of values."""

    def __init__(self, values: Column, layout: Layout, scratch: Scratch) -> None:
        counts = _binary_counts(values, layout)
        self._values = values
        self._of_ranks: _OfRanks | None = None
        if counts is None:
            ranks = scratch.rank(values)
            self._of_ranks = _OfRanks(lambda at: gather(ranks, at), layout)
        elif not counts.all():
            self._levels = np.empty((0, 2), dtype=np.float32)
        else:  # labels have two levels, whose scores need no sort
            scores = scores_of_ranks(ranks_of_counts(counts), layout.n_rows)
            self._levels = np.ascontiguousarray(natural_spline(scores, counts=counts).T)

    def rows(self, at: Any) -> FloatArray:
        """Columns at some positions."""
        if self._of_ranks is not None:
            return self._of_ranks.rows(at)
        return self._levels.take(gather(self._values, at).astype(np.intp), axis=1)


class _OfGaps:
    """What gaps in the reference labels tell: how many there are, and the average without them.

    The average of few labels says less than that of many. So memory that leans the average of a
    locus towards that of all loci, the more the less is observed there (a prior, weights that
    decay, gaps filled with the mean of their cell type), knows what no curve of the average tells.
    There are splines of the average with gaps filled and of the number of labels, and the first
    times the second.
    """

    def __init__(
        self, rows: TargetRows, layout: Layout, scratch: Scratch, means: FloatArray
    ) -> None:
        n = layout.n_rows
        filled = scratch.column("filled average", np.float64, n)
        self._counts = scratch.column("labels of a locus", np.float64, n)
        for at in stretches(n):
            total, count = _filled_sum(rows, at, means)
            filled.write(at, total)
            self._counts.write(at, count)
        ranks = scratch.rank(filled)
        self._of_filled = _OfRanks(lambda at: gather(ranks, at), layout)
        self._of_count = _spline(lambda at: gather(self._counts, at), layout)

    def rows(self, at: Any) -> FloatArray:
        """Columns at some positions; none where all loci have as many labels."""
        counts = self._of_count.rows(gather(self._counts, at))
        if not len(counts):
            return counts
        filled = self._of_filled.rows(at)
        return np.concatenate([counts, filled, filled * counts[0]])


class _OfFloors:
    """How many references have their least label at a locus, as those have that found nothing.

    A mean of such labels says less than a median or a trimmed mean, which leave out what was not
    found, and memory may be either.
    """

    def __init__(
        self, rows: TargetRows, layout: Layout, scratch: Scratch, floors: FloatArray
    ) -> None:
        self._counts = scratch.column("least labels of a locus", np.float64, layout.n_rows)
        members = np.flatnonzero((rows.members != rows.column) & ~np.isnan(floors)).tolist()
        for at in stretches(layout.n_rows):
            total = np.zeros(at.stop - at.start)
            for member in members:
                # In the precision of the floors: -3.32 is another number in float64.
                total += np.asarray(rows.table(at, member), dtype=np.float32) == floors[member]
            self._counts.write(at, total)
        self._of_count = _spline(lambda at: gather(self._counts, at), layout)

    def rows(self, at: Any) -> FloatArray:
        """Columns at some positions; none where all loci have as many."""
        return self._of_count.rows(gather(self._counts, at))


def _filled_sum(rows: TargetRows, at: slice, means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum over the references of their labels, or else their means; and how many have labels."""
    read = rows.active if rows.label_kind == "binary" else rows.table
    total, count = np.zeros(at.stop - at.start), np.zeros(at.stop - at.start)
    for member in np.flatnonzero(rows.members != rows.column).tolist():
        labels = read(at, member)
        known = is_known(labels)
        total += np.where(known, labels, means[member, 0])
        count += known
    return total, count


def _binary_counts(values: Column, layout: Layout) -> IntArray | None:
    """How many values are 0 and 1; None where there are others."""
    total = np.zeros(2, dtype=np.int64)
    for chunk in layout.chunks:
        part = gather(values, chunk.rows)
        n_one = int(np.count_nonzero(part == 1))
        n_zero = int(np.count_nonzero(part == 0))
        if n_one + n_zero < len(part):
            return None
        total += [n_zero, n_one]
    return total


def _spline(read: Callable[[Any], NDArray[Any]], layout: Layout) -> NaturalSpline:
    """Fit the splines of a variable, which is read at any positions."""
    n = layout.n_rows
    moments = Moments.of(
        np.asarray(read(chunk.rows), dtype=np.float64)[None] for chunk in layout.chunks
    )
    ordered = ordered_values(read, n, knot_places(n))
    return NaturalSpline.of(moments.mean[0], moments.variance[0], ordered, n)
