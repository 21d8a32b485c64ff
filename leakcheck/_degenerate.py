"""Floor 4: whether a score is a function of what anybody has, and nothing can be tested."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.chunks import Layout
from leakcheck.base.columns import gather
from leakcheck.target_rows import AverageRanks, Scratch, TargetRows, written

__all__ = ["why_degenerate"]

#: Reads mean ranks at positions.
Ranks: TypeAlias = Callable[[Any], FloatArray]

_SOME = 100


def why_degenerate(
    rows: TargetRows, layout: Layout, average: AverageRanks, ranks: Ranks, scratch: Scratch
) -> str:
    """Say what a score is a function of.

    Parameters
    ----------
    rows : TargetRows
        The target.
    layout : Layout
        Its rows in canonical order.
    average : AverageRanks
        Ranks of its average activity.
    ranks : callable
        Reads the mean ranks of the score at positions.
    scratch : Scratch
        Where columns are kept.

    Returns
    -------
    str
        A reason, or "" where it is a function of nothing that anybody has.
    """
    if _is_function(average, layout, ranks):
        return "the prediction is a function of the average activity"
    some = _rising(layout, ranks)
    if (
        rows.has_signal
        and _follows(rows.average_signal(some))
        and _has_ranks(rows.average_signal, layout, ranks, scratch)
    ):
        return "the prediction is a function of the average signal"
    for read in [rows.active, rows.table] if rows.has_signal else [rows.table]:
        likely = _follows(read(some)) & (rows.members != rows.column)
        for member in np.flatnonzero(likely).tolist():
            if _has_ranks(partial(read, member=member), layout, ranks, scratch):
                name = rows.cell_types[rows.members[member]]
                return f"the prediction is a function of the reference cell type {name}"
    return ""


def _is_function(average: AverageRanks, layout: Layout, ranks: Ranks) -> bool:
    """Whether loci of equal average have equal scores, or both have the same order."""
    if average.n_levels > layout.n_rows // 2:
        return _same(average.read, ranks, layout)
    rank_of = np.full(average.n_codes, np.nan)
    for chunk in layout.chunks:
        codes, own = average.codes(chunk.rows), ranks(chunk.rows)
        known = rank_of.take(codes)
        rank_of[codes] = own  # of each level, the rank of one locus
        if ((rank_of.take(codes) != own) | ((known != own) & ~np.isnan(known))).any():
            return False
    return True


def _same(first: Ranks, second: Ranks, layout: Layout) -> bool:
    """Whether two columns are equal."""
    return all(np.array_equal(first(chunk.rows), second(chunk.rows)) for chunk in layout.chunks)


def _rising(layout: Layout, ranks: Ranks) -> IntArray:
    """Positions of a few loci in the order of their scores."""
    at = layout.chunks[0].rows
    if isinstance(at, slice):
        at = np.arange(at.start, at.stop)
    some = np.sort(at[:: max(1, len(at) // _SOME)])
    return some[np.argsort(ranks(some), kind="stable")]


def _follows(values: NDArray[Any]) -> Any:
    """Whether values never fall, which rules out nearly all; nor are there gaps."""
    return (np.diff(values, axis=-1) >= 0).all(axis=-1) & _known(values).all(axis=-1)


def _known(values: NDArray[Any]) -> BoolArray:
    """Which pairs are observed."""
    known: BoolArray = values >= 0 if values.dtype.kind == "i" else ~np.isnan(values)
    return known


def _has_ranks(
    read: Callable[[Any], NDArray[Any]], layout: Layout, ranks: Ranks, scratch: Scratch
) -> bool:
    """Whether values have these ranks; not with gaps, which have none."""
    if not all(_known(read(chunk.rows)).all() for chunk in layout.chunks):
        return False
    found = scratch.rank(written(read, layout.n_rows, scratch))
    return _same(lambda at: gather(found, at), ranks, layout)
