"""Floor 4: whether a score is a function of what anybody has, and nothing can be tested."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.cell_type_sums import is_known
from leakcheck.base.chunks import Layout
from leakcheck.base.columns import gather
from leakcheck.data.wording import counted
from leakcheck.features import columns_of_each
from leakcheck.target_rows import AverageRanks, Scratch, TargetRows, stretches, written

__all__ = ["MIN_BLOCKS", "MIN_LOCI", "why_degenerate", "why_untestable"]

#: Below these the test has no honest error rate, and says so instead of answering.
MIN_LOCI: Final = 200
MIN_BLOCKS: Final = 8

#: Regressions on many columns and few loci leave what the references know in both residuals: at
#: least so many loci for each column, and of binary labels one of either class.
_LOCI_OF_COLUMN: Final = 5
#: Columns that are not of one cell type: curves of the averages, of a prediction, of the nearest.
_OTHER_COLUMNS: Final = 30

#: Reads mean ranks at positions.
Ranks: TypeAlias = Callable[[Any], FloatArray]

_SOME: Final = 100

#: Share of the variance of the ranks by which a score may leave the order of what it follows: the
#: rounding of a sum in another precision or order moves a few loci by a place.
_ROUNDING: Final = 1e-6
#: The same over a few loci, which rules out nearly everything that a score does not follow.
_ROUNDING_OF_SOME: Final = 1e-3


def why_untestable(rows: TargetRows) -> str:
    """Say why no score of a target can be tested.

    Parameters
    ----------
    rows : TargetRows
        The target.

    Returns
    -------
    str
        A reason, or "": at least 200 loci in at least 8 blocks, and for each column of the
        regressions five loci and, of binary labels, one of either class.
    """
    n_columns = columns_of_each(rows) * len(rows.references) + _OTHER_COLUMNS
    sizes = rows.runs.block_sizes(rows.n_blocks)
    if sizes.sum() < MIN_LOCI:
        return f"fewer than {MIN_LOCI} loci"
    if np.count_nonzero(sizes) < MIN_BLOCKS:
        return f"fewer than {MIN_BLOCKS} blocks"
    least, largest = rows.label_range
    if least == largest:
        return "the target's labels are all the same"
    what_for = f"which {counted(len(rows.references), 'reference cell type')} need"
    if sizes.sum() < _LOCI_OF_COLUMN * n_columns:
        return f"fewer than the {_LOCI_OF_COLUMN * n_columns} loci {what_for}"
    if rows.label_kind == "binary" and _is_class_below(rows, n_columns):
        return f"fewer than the {n_columns} active and as many inactive loci {what_for}"
    return ""


def _is_class_below(rows: TargetRows, least: int) -> bool:
    """Whether a class of binary labels has fewer loci; no more is read than tells."""
    n = n_active = 0
    for part in stretches(rows.runs.n_rows):
        labels = rows.labels(part)
        n, n_active = n + len(labels), n_active + int(np.count_nonzero(labels > 0))
        if min(n_active, n - n_active) >= least:
            return False
    return True


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
    some = _spread(layout)
    own = ranks(some)
    if (
        rows.has_signal
        and _may_follow(rows.average_signal(some)[None], own)[0]
        and _follows(rows.average_signal, layout, ranks, scratch)
    ):
        return "the prediction is a function of the average signal"
    for read in [rows.active, rows.table] if rows.has_signal else [rows.table]:
        likely = _may_follow(read(some), own) & (rows.members != rows.column)
        for member in np.flatnonzero(likely).tolist():
            if _follows(partial(read, member=member), layout, ranks, scratch):
                name = rows.cell_types[rows.members[member]]
                return f"the prediction is a function of the reference cell type {name}"
    return ""


def _is_function(average: AverageRanks, layout: Layout, ranks: Ranks) -> bool:
    """Whether loci of equal average have equal scores, or the score follows the average."""
    if average.n_levels > layout.n_rows // 2:
        return _are_ordered(average.read, ranks, layout)
    rank_of = np.full(average.n_codes, np.nan)
    for chunk in layout.chunks:
        codes, own = average.codes(chunk.rows), ranks(chunk.rows)
        known = rank_of.take(codes)
        rank_of[codes] = own  # of each level, the rank of one locus
        if ((rank_of.take(codes) != own) | ((known != own) & ~np.isnan(known))).any():
            return False
    return True


def _spread(layout: Layout) -> IntArray:
    """Positions of a few loci."""
    at = layout.chunks[0].rows
    if isinstance(at, slice):
        at = np.arange(at.start, at.stop)
    some: IntArray = np.sort(at[:: max(1, len(at) // _SOME)])
    return some


def _may_follow(values: NDArray[Any], ranks: FloatArray) -> BoolArray:
    """Whether a score may rise or fall with each row of values, by a few loci."""
    in_order = ranks.take(np.argsort(values, axis=-1, kind="stable"))
    rising = np.sort(ranks)
    limit = _ROUNDING_OF_SOME * np.sum((ranks - ranks.mean()) ** 2)
    off = [((in_order - wanted) ** 2).sum(axis=-1) for wanted in (rising, rising[::-1])]
    found: BoolArray = (np.minimum(*off) <= limit) & is_known(values).all(axis=-1)
    return found


def _follows(
    read: Callable[[Any], NDArray[Any]], layout: Layout, ranks: Ranks, scratch: Scratch
) -> bool:
    """Whether a score rises or falls with values; not with gaps, which have no rank."""
    if not all(is_known(read(chunk.rows)).all() for chunk in layout.chunks):
        return False
    found = scratch.rank(written(read, layout.n_rows, scratch))
    return _are_ordered(lambda at: gather(found, at), ranks, layout)


def _are_ordered(values: Ranks, ranks: Ranks, layout: Layout) -> bool:
    """Whether one column of ranks is a function of another that never falls, or never rises.

    Values that one score holds together may take any place among the loci of its tie: so does a
    copy in a lower precision, whose loci are tied where those of the original are not. A rank
    outside of them is off by the distance to the nearest.
    """
    n = layout.n_rows
    ties = _tie_sizes(ranks, layout)
    rising = falling = spread = 0.0
    for chunk in layout.chunks:
        own, other = ranks(chunk.rows), values(chunk.rows)
        reach = (ties.take((2 * own).astype(np.intp)) - 1.0) / 2
        rising += float(np.sum(np.maximum(np.abs(other - own) - reach, 0) ** 2))
        falling += float(np.sum(np.maximum(np.abs(n + 1 - other - own) - reach, 0) ** 2))
        spread += float(np.sum((own - (n + 1) / 2) ** 2))
    return min(rising, falling) <= _ROUNDING * spread


def _tie_sizes(ranks: Ranks, layout: Layout) -> IntArray:
    """How many loci have each mean rank, by twice the rank."""
    sizes = np.zeros(2 * layout.n_rows + 1, dtype=np.uint32)
    for chunk in layout.chunks:
        codes, counts = np.unique((2 * ranks(chunk.rows)).astype(np.intp), return_counts=True)
        sizes[codes] += counts.astype(np.uint32)
    return sizes
