"""Floor 3: what the reference cell types know, as columns of a regression."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.conditional import normal_scores, scores_of_ranks
from leakcheck.base.ridge import FoldedFeatures, assign_folds
from leakcheck.base.splines import natural_spline
from leakcheck.panel import ReferencePanel, TargetView

__all__ = ["Neighbourhood", "ReferenceFeatures", "curves"]

_FOLDS = 5
_WINDOWS = (1, 2, 4)


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Loci beside one another on a chromosome.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Rows in genome order.
    chrom : ndarray of int, shape (n,)
        Chromosome of the rows in that order.
    """

    order: IntArray
    chrom: IntArray

    def mean(self, columns: FloatArray, window: int) -> FloatArray:
        """Mean over up to `window` loci on either side, without the locus itself.

        Parameters
        ----------
        columns : ndarray of float, shape (n, m)
            Values by row.
        window : int
            Loci to each side, on the same chromosome.

        Returns
        -------
        ndarray of float64, shape (n, m)
            A locus alone on its chromosome keeps its own value.
        """
        return next(self.means(columns.T, (window,))).T

    def means(self, rows: FloatArray, windows: Iterable[int]) -> Iterator[FloatArray]:
        """Mean over each of several windows, as `mean` gives them, from one running sum.

        Parameters
        ----------
        rows : ndarray of float, shape (m, n)
            Values, a variable in each row.
        windows : iterable of int
            Loci to each side, on the same chromosome.

        Yields
        ------
        ndarray of float64, shape (m, n)
            The means of one window.
        """
        running = np.zeros((len(rows), rows.shape[1] + 1))
        ordered = rows if self._in_order else rows.take(self.order, axis=1)
        np.cumsum(ordered, axis=1, out=running[:, 1:])
        for window in windows:
            reach = self._reach(window)
            mean = running.take(reach.last, axis=1)
            mean -= running.take(reach.first, axis=1)
            mean -= rows
            mean *= reach.share
            mean[:, reach.alone] = rows[:, reach.alone]
            yield mean

    @cached_property
    def _in_order(self) -> bool:
        """Whether the rows are in genome order as they are."""
        return bool((np.diff(self.order) > 0).all())

    @cached_property
    def _reaches(self) -> dict[int, "_Reach"]:
        """Windows that were asked for already."""
        return {}

    def _reach(self, window: int) -> "_Reach":
        """Places of a window, found once."""
        if window not in self._reaches:
            self._reaches[window] = self._find_reach(window)
        return self._reaches[window]

    def _find_reach(self, window: int) -> "_Reach":
        """Clip windows to their chromosomes."""
        places = np.arange(len(self.order))
        begins = np.flatnonzero(np.diff(self.chrom, prepend=self.chrom[:1] - 1))
        ends = np.append(begins[1:], len(places))
        sizes = ends - begins
        first, last = np.empty_like(places), np.empty_like(places)
        first[self.order] = np.maximum(places - window, np.repeat(begins, sizes))
        last[self.order] = np.minimum(places + window + 1, np.repeat(ends, sizes))
        others = last - first - 1
        return _Reach(first, last, 1 / np.maximum(others, 1), np.flatnonzero(others == 0))


class _Reach(NamedTuple):
    """The window around each row, in genome order."""

    first: IntArray  # (n,) its first locus
    last: IntArray  # (n,) the one after its last
    share: FloatArray  # (n,) 1 over the number of others in it
    alone: IntArray  # rows without others


@dataclass(frozen=True, eq=False)
class ReferenceFeatures:
    """Reference cell types as regression columns, for all targets that share their loci.

    Attributes
    ----------
    table : FoldedFeatures
        Standardised columns in an order in which each fold of whole blocks is one stretch.
    owner : ndarray of int, shape (p,)
        Cell type that each column comes from: a target's own columns are never used.
    neighbourhood : Neighbourhood or None
        Which loci are beside one another; None without coordinates.
    """

    table: FoldedFeatures
    owner: IntArray
    neighbourhood: Neighbourhood | None

    @classmethod
    def build(cls, panel: ReferencePanel, rows: IntArray) -> "ReferenceFeatures":
        """Lay out the columns of the references at some loci.

        Parameters
        ----------
        panel : ReferencePanel
            The references.
        rows : ndarray of int, shape (n,)
            Loci.

        Returns
        -------
        ReferenceFeatures
            For each reference cell type: transformed signal, the same clipped to its lower and to
            its upper quartile, label, and the mean of the neighbouring loci; without a signal:
            label and mean of the neighbouring loci. Unobserved pairs take the cell type's own
            mean, so that no column holds anything of another cell type.
        """
        members = np.flatnonzero(panel.is_reference)
        neighbourhood = _neighbourhood(panel, rows)
        parts = [_complete(panel.values, members, rows)]
        if panel.signal is not None:
            low, high = np.quantile(parts[0], [0.25, 0.75], axis=1)[:, :, None]
            parts += [np.minimum(parts[0], low), np.maximum(parts[0], high)]
            parts.append(_complete(panel.labels, members, rows))
        if neighbourhood is not None:
            parts.append(next(neighbourhood.means(parts[0], (1,))).astype(np.float32))
        blocks = panel.blocks[rows]
        folds = assign_folds(np.bincount(blocks, minlength=panel.n_blocks), _FOLDS)[blocks]
        return cls(
            table=FoldedFeatures.build(np.vstack(parts).T, folds),
            owner=np.tile(members, len(parts)),
            neighbourhood=neighbourhood,
        )


def _complete(table: FloatArray, members: IntArray, loci: IntArray) -> FloatArray:
    """Rows of a table at some loci as float32; unobserved pairs take the row's mean."""
    values = table[np.ix_(members, loci)]
    seen = ~np.isnan(values)
    if not seen.all():
        count = np.maximum(seen.sum(axis=1, keepdims=True), 1)
        total = np.where(seen, values, 0).sum(axis=1, keepdims=True)
        values = np.where(seen, values, total / count)
    single: FloatArray = values.astype(np.float32)
    return single


def _neighbourhood(panel: ReferencePanel, rows: IntArray) -> Neighbourhood | None:
    """Genome order of the rows, where loci have coordinates."""
    loci = panel.data.loci
    if loci.chrom is None or loci.start is None:
        return None
    chrom = loci.chrom[rows]
    order = np.lexsort((loci.start[rows], chrom))
    return Neighbourhood(order=order, chrom=chrom[order])


def curves(
    view: TargetView,
    ridge: FloatArray,
    neighbourhood: Neighbourhood | None,
    order: IntArray | None = None,
    nearest: FloatArray | None = None,
) -> FloatArray:
    """Columns that differ between targets: splines of the averages and of a ridge prediction.

    Parameters
    ----------
    view : TargetView
        The target.
    ridge : ndarray of float, shape (n,)
        Cross-fitted prediction of the labels from the reference columns, in `order`.
    neighbourhood : Neighbourhood or None
        Which loci are beside one another.
    order : ndarray of int, shape (n,), optional
        Rows of the view in the order in which they are wanted; default as they are.
    nearest : ndarray of float, shape (n,), optional
        Activity of the nearest cell type, in the order of the view.

    Returns
    -------
    ndarray of float32, shape (n, q)
        Natural cubic splines of the average activity, of `ridge`, of the average signal and of
        the normal scores of `nearest`, and the averages over 1, 2 and 4 neighbouring loci on
        either side; column by column in memory.
    """
    rows = [view.average] if view.average_signal is None else [view.average, view.average_signal]
    levels, codes = view.average_levels
    of_levels = natural_spline(levels, counts=np.bincount(codes)).T
    splines = [natural_spline(ridge).T]
    if view.average_signal is not None:
        signal = view.average_signal
        splines.append(natural_spline(signal if order is None else signal.take(order)).T)
    if nearest is not None:
        wanted = nearest if order is None else nearest.take(order)
        splines.append(_spline_of_scores(wanted))
    n_means = 0 if neighbourhood is None else len(_WINDOWS) * len(rows)
    n_splines = [len(part) for part in (of_levels, *splines)]
    found = np.empty((sum(n_splines) + n_means, len(ridge)), dtype=np.float32)
    of_levels.take(
        codes if order is None else codes.take(order),
        axis=1,
        out=found[: n_splines[0]],
        mode="clip",
    )
    np.concatenate(splines, out=found[n_splines[0] : len(found) - n_means])
    if neighbourhood is not None:
        means = neighbourhood.means(np.stack(rows), _WINDOWS)
        for mean, place in zip(means, range(sum(n_splines), len(found), len(rows)), strict=True):
            found[place : place + len(rows)] = mean if order is None else mean.take(order, axis=1)
    return found.T


def _spline_of_scores(values: FloatArray) -> FloatArray:
    """Natural spline of the normal scores of values, a column in each row."""
    if not ((values == 0) | (values == 1)).all():
        return natural_spline(normal_scores(values)).T
    # Labels have two levels, whose scores need no sort.
    codes = values.astype(np.intp)
    counts = np.bincount(codes, minlength=2)
    if not counts.all():
        return np.empty((0, len(values)), dtype=np.float32)
    levels = scores_of_ranks(np.cumsum(counts) - (counts - 1) / 2, len(values))
    return natural_spline(levels, counts=counts).T.take(codes, axis=1)
