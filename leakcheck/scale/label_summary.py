"""Floor 6: where real-valued labels lie, from passes over their columns."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray
from leakcheck.data.label_summary import LabelSummary
from leakcheck.scale.store import Store

__all__ = ["order_statistics", "summarise_labels"]

_DIGIT: Final = 16
_TOP: Final = np.uint64(1 << 63)


def summarise_labels(store: Store) -> LabelSummary:
    """Find the ends, the mean and the third quartile of all labels.

    Parameters
    ----------
    store : Store
        With real-valued labels.

    Returns
    -------
    LabelSummary
    """
    n, total = 0, 0.0
    for values in _labels(store):
        n += len(values)
        total += float(values.sum())
    place = 0.75 * (n - 1)
    below = int(place)
    ends = order_statistics(lambda: _labels(store), (below, min(below + 1, n - 1)))
    ranges = np.array([one.range for one in store.cells])
    return LabelSummary(
        least=float(np.nanmin(ranges[:, 0])),
        largest=float(np.nanmax(ranges[:, 1])),
        mean=total / n,
        third_quartile=float(np.quantile(np.array(ends), place - below)),
    )


def _labels(store: Store) -> Iterator[FloatArray]:
    """All labels that are not missing."""
    for column in range(len(store.cell_types)):
        for rows in store.chunks():
            values = store.labels(column, rows).astype(np.float64)
            yield values[~np.isnan(values)]


def order_statistics(read: Any, places: tuple[int, ...]) -> list[float]:
    """Find numbers by their place in rising order, in four passes and without a sort.

    Parameters
    ----------
    read : callable
        Gives an iterator over arrays of finite float64.
    places : tuple of int
        From 0.

    Returns
    -------
    list of float
        One for each place.

    Examples
    --------
    >>> order_statistics(lambda: iter([np.array([3.0, 1.0]), np.array([2.0])]), (0, 2))
    [1.0, 3.0]
    """
    known = [(0, place) for place in places]  # upper digits, and place among those that have them
    for shift in range(64 - _DIGIT, -1, -_DIGIT):
        counts = [np.zeros(1 << _DIGIT, dtype=np.int64) for _ in places]
        for values in read():
            keys = _keys(values)
            for (upper, _), total in zip(known, counts, strict=True):
                own = keys if shift == 64 - _DIGIT else _having(keys, upper, shift + _DIGIT)
                digits = (own >> np.uint64(shift)) & np.uint64((1 << _DIGIT) - 1)
                np.add(total, np.bincount(digits.astype(np.intp), minlength=1 << _DIGIT), out=total)
        for number, ((upper, place), count) in enumerate(zip(known, counts, strict=True)):
            ends = np.cumsum(count)
            digit = int(np.searchsorted(ends, place, side="right"))
            known[number] = (upper << _DIGIT) | digit, place - int(ends[digit] - count[digit])
    found = np.array([upper for upper, _ in known], dtype=np.uint64)
    bits = np.where(found >= _TOP, found ^ _TOP, ~found)
    return [float(one) for one in bits.view(np.float64)]


def _keys(values: FloatArray) -> NDArray[np.uint64]:
    """Whole numbers that rise with the values."""
    bits = (values + 0.0).view(np.uint64)
    return np.where(bits >= _TOP, ~bits, bits | _TOP)


def _having(keys: NDArray[np.uint64], upper: int, shift: int) -> NDArray[np.uint64]:
    """Keys with these upper digits."""
    own: NDArray[np.uint64] = keys[(keys >> np.uint64(shift)) == np.uint64(upper)]
    return own
