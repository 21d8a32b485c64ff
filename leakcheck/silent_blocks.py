"""Floor 3: the blocks on which the references of a target hardly vary."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.target_rows import AverageRanks, TargetRows, stretches

__all__ = ["silent_blocks"]

#: Blocks of fewer rows may have one average by chance, or may hardly vary.
_ROWS_OF_ONE: Final = 20
_ROWS_OF_FEW: Final = 50

#: A block is silent below this share of the variance that blocks have on average.
_SHARE: Final = 0.1

#: The same of the ranks of continuous averages. In units with heavy tails a block may hardly vary
#: whose loci are as many ranks apart as those of others.
_SHARE_OF_RANKS: Final = 0.9

#: This share of the rows lies beyond each of the two averages at which the others are clipped.
_OUTERMOST: Final = 0.05

#: What gaps and rounding leave between averages of one number, as a share of it; and a variance
#: that one locus in a thousand million has.
_ROUNDING: Final = 1e-9


def silent_blocks(rows: TargetRows, ranks: AverageRanks) -> BoolArray:
    """Find the blocks on which the average activity hardly varies.

    Parameters
    ----------
    rows : TargetRows
        The target. Its labels are not read: a choice that knew them would bias what is tested.
    ranks : AverageRanks
        Of the same rows.

    Returns
    -------
    ndarray of bool, shape (n_blocks,)
        Blocks of fifty rows or more in which the variance of the average activity is below a tenth
        of what it is inside blocks on average, and of twenty rows or more in which there is none.
        The largest and the smallest twentieth of continuous averages are clipped first, so that no
        outlier sways it, and the variance of their ranks must be below nine tenths as well.
        None where no other block varies.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from leakcheck.base.chunks import Runs
    >>> runs = Runs.of_codes(np.repeat([0, 1], 30))
    >>> parts = {"runs": runs, "n_blocks": 2, "label_kind": "binary"}
    >>> rows = SimpleNamespace(average=(np.arange(60.0) > 45).astype(float).__getitem__, **parts)
    >>> silent_blocks(rows, ranks=None)
    array([ True, False])
    """
    sizes = rows.runs.block_sizes(rows.n_blocks)
    large = sizes >= _ROWS_OF_ONE
    if not large.any():
        return large
    is_binary = rows.label_kind == "binary"
    average = rows.average if is_binary else _clipped(rows, ranks)
    silent = _quieter(rows, average, _SHARE, _ROUNDING)
    # Where none varies, regressions are not off on some: they are means throughout. Ranks would
    # tell apart what rounding leaves of one average.
    if not (large & ~silent).any():
        return np.zeros_like(silent)
    if not is_binary:
        n = rows.runs.n_rows
        silent &= _quieter(rows, lambda at: ranks.read(at) / n, _SHARE_OF_RANKS, _SHARE_OF_RANKS)
    return silent


def _quieter(
    rows: TargetRows, read: Callable[[slice], FloatArray], share: float, of_small: float
) -> BoolArray:
    """Blocks with less than a share of the usual variance of what lies between 0 and 1."""
    sizes = rows.runs.block_sizes(rows.n_blocks)
    large = sizes >= _ROWS_OF_ONE
    inside = _variances(rows, read)
    usual = float(np.average(inside[large], weights=sizes[large]))
    least = np.where(sizes < _ROWS_OF_FEW, of_small, share) * max(usual, _ROUNDING)
    quieter: BoolArray = large & (inside < least)
    return quieter


def _clipped(rows: TargetRows, ranks: AverageRanks) -> Callable[[slice], FloatArray]:
    """Averages without their outermost, which are clipped, from 0 to 1."""
    low, high = _middle(rows, ranks)
    if high - low <= _ROUNDING * max(abs(low), abs(high)):
        return lambda at: np.zeros(at.stop - at.start)
    return lambda at: (rows.average(at).clip(low, high) - low) / (high - low)


def _middle(rows: TargetRows, ranks: AverageRanks) -> tuple[float, float]:
    """The averages between which all but the outermost lie."""
    n, low, high = rows.runs.n_rows, np.inf, -np.inf
    for at in stretches(n):
        place = ranks.read(at) / n
        values = rows.average(at)
        low = min(low, float(values.min(initial=np.inf, where=place > _OUTERMOST)))
        high = max(high, float(values.max(initial=-np.inf, where=place <= 1 - _OUTERMOST)))
    return (low, high) if low < high else (0.0, 0.0)


class _Part(NamedTuple):
    """A stretch of rows, cut at its runs."""

    at: slice
    cuts: IntArray  # where each run begins in the stretch
    blocks: IntArray  # of the runs


def _parts(rows: TargetRows) -> Iterator[_Part]:
    """The stretches of a target."""
    runs = rows.runs
    stops = np.cumsum(runs.lengths)
    for at in stretches(runs.n_rows):
        first, last = np.searchsorted(stops, [at.start, at.stop - 1], side="right")
        here = np.arange(first, last + 1)
        here = here[runs.lengths[here] > 0]
        cuts = np.maximum(stops[here] - runs.lengths[here], at.start) - at.start
        yield _Part(at, cuts, runs.blocks[here])


def _variances(rows: TargetRows, read: Callable[[slice], FloatArray]) -> FloatArray:
    """Variance inside each block of what lies between 0 and 1; 0 without rows."""
    total, squares = np.zeros(rows.n_blocks), np.zeros(rows.n_blocks)
    for at, cuts, blocks in _parts(rows):
        values = read(at) - 0.5
        np.add.at(total, blocks, np.add.reduceat(values, cuts))
        np.add.at(squares, blocks, np.add.reduceat(values * values, cuts))
    sizes = np.maximum(rows.runs.block_sizes(rows.n_blocks), 1)
    return np.maximum(squares / sizes - (total / sizes) ** 2, 0)
