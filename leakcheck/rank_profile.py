"""Floor 4: how the ranks of a score follow those of the average activity."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.conditional import Ranked
from leakcheck.metrics import Columns
from leakcheck.panel import TargetView

__all__ = ["rank_rows"]

_N_BINS: Final = 10
#: A group of fewer loci would show the ranks of single ones.
_FEWEST: Final = 10
_QUANTILES: Final = (0.25, 0.5, 0.75)


def rank_rows(view: TargetView, ranked: Mapping[str, Ranked]) -> Columns:
    """Make rows of the table ``ranks``: quartiles of each score's rank along the average's rank.

    Parameters
    ----------
    view : TargetView
        The target.
    ranked : mapping of str to Ranked
        Model to the order and the ranks of its scores at the rows of `view`.

    Returns
    -------
    dict of str to list
        One row for each model, bin of the average activity and, for binary labels, label.

    Notes
    -----
    Ranks are mid-ranks divided by the number of loci, 0 to 1. Bins are tenths of the average
    activity's rank; loci with the same average are always in one bin. Where active and inactive
    loci of a bin have the same ranks, the score orders loci as the average does and knows no
    more; their distance is what it adds.
    """
    n = len(view.rows)
    if n == 0:
        return {}
    binary = view.label_kind == "binary"
    groups, sizes, middle, low, high = _Groups.of(view, binary)
    found = np.flatnonzero(sizes)
    names = [("inactive", "active")[g % 2] if binary else "all" for g in found]
    columns: Columns = {}
    for model, one in ranked.items():
        quartiles = _quartiles(one, groups, sizes)[:, found]
        few = sizes[found] < _FEWEST
        quartiles[:, few] = np.nan
        parts = {
            "model": [model] * len(found),
            "target": [view.name] * len(found),
            "bin": [int(g) // 2 if binary else int(g) for g in found],
            "loci": names,
            "n_loci": sizes[found].tolist(),
            "average_rank": middle[found].tolist(),
            "average_low": low[found].tolist(),
            "average_high": high[found].tolist(),
            "score_q25": quartiles[0].tolist(),
            "score_median": quartiles[1].tolist(),
            "score_q75": quartiles[2].tolist(),
            "reason": [f"fewer than {_FEWEST} loci" if short else "" for short in few],
        }
        for key, values in parts.items():
            columns.setdefault(key, []).extend(values)
    return columns


class _Groups(NamedTuple):
    """Loci by tenth of the average activity's rank and, for binary labels, by label."""

    of_rows: NDArray[np.uint8]  # (n,)
    sizes: IntArray  # (n_groups,), as all that follow
    middle: FloatArray  # mean rank of the average activity, 0 to 1
    low: FloatArray  # least average activity
    high: FloatArray

    @classmethod
    def of(cls, view: TargetView, binary: bool) -> "_Groups":
        """Group the levels of the average activity, of which there are few, and then the loci."""
        levels, codes = view.average_levels
        n_sides = 2 if binary else 1
        cell = 2 * codes + view.positive if binary else codes
        table = np.bincount(cell, minlength=n_sides * len(levels)).reshape(-1, n_sides)
        counts = table.sum(axis=1)
        rank = (np.cumsum(counts) - counts / 2) / len(codes)
        bins = np.minimum((rank * _N_BINS).astype(np.uint8), _N_BINS - 1)
        group_of = n_sides * bins[:, None] + np.arange(n_sides, dtype=np.uint8)
        level, side = np.nonzero(table)
        group, size = group_of[level, side], table[level, side]
        n_groups = n_sides * _N_BINS
        sizes = np.bincount(group, weights=size, minlength=n_groups).astype(np.intp)
        total = np.bincount(group, weights=size * rank[level], minlength=n_groups)
        low, high = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
        np.minimum.at(low, group, levels[level])
        np.maximum.at(high, group, levels[level])
        of_rows = group_of.ravel().take(cell)
        return cls(of_rows, sizes, total / np.maximum(sizes, 1), low, high)


def _quartiles(one: Ranked, groups: NDArray[np.uint8], sizes: IntArray) -> FloatArray:
    """Quartiles of the ranks in each group, shape (3, n_groups); the value at or below."""
    by_group = np.argsort(groups.take(one.order), kind="stable")
    starts = np.cumsum(sizes) - sizes
    last = np.maximum(sizes - 1, 0)
    places = [starts + (quantile * last).astype(np.intp) for quantile in _QUANTILES]
    wanted = by_group.take(np.minimum(places, len(groups) - 1))
    quartiles: FloatArray = (one.ranks.take(one.order.take(wanted)) - 0.5) / len(groups)
    return quartiles
