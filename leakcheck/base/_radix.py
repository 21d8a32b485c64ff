"""Floor 1: a radix sort of unsigned integers, compiled by numba where that is installed."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._optional import import_optional
from leakcheck.base._keys import KeyArray
from leakcheck.exceptions import MissingDependencyError

__all__ = ["compiled_radix_sort", "radix_sort"]

_Sort: TypeAlias = Callable[[KeyArray], None]
_BITS = 8


@lru_cache(maxsize=1)
def compiled_radix_sort() -> _Sort | None:
    """Give `radix_sort` compiled, or None without the extra `fast`."""
    try:
        numba = import_optional("numba", extra="fast", purpose="to sort by radix")
    except MissingDependencyError:
        return None
    scatter, count = _jit(numba, _scatter), _jit(numba, _count)
    return lambda keys: radix_sort(keys, count=count, scatter=scatter)


def _jit(numba: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call; the result is kept beside this file where one may write there."""
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither this folder nor the user's own can be written to
        compiled = numba.njit(nogil=True)(function)
    return compiled


def _count(keys: NDArray[Any], bits: np.uint64, counts: NDArray[Any]) -> None:
    """Count the digits of all places in one pass; `counts` has a row a place."""
    mask = (np.uint64(1) << bits) - np.uint64(1)
    for i in range(keys.size):
        rest = np.uint64(keys[i])
        for place in range(counts.shape[0]):
            counts[place, rest & mask] += 1
            rest >>= bits


def _scatter(
    keys: NDArray[Any], out: NDArray[Any], shift: np.uint64, mask: np.uint64, starts: NDArray[Any]
) -> None:
    """Put each key where the next one of its digit goes."""
    one = np.uint64(1)
    for i in range(keys.size):
        key = keys[i]
        digit = (np.uint64(key) >> shift) & mask
        at = starts[digit]
        out[at] = key
        starts[digit] = at + one


def radix_sort(
    keys: KeyArray,
    *,
    count: Callable[..., None] = _count,
    scatter: Callable[..., None] = _scatter,
) -> None:
    """Sort unsigned integers in place, lowest digit first, passing over digits that all share."""
    n_places = -(-8 * keys.itemsize // _BITS)
    counts = np.zeros((n_places, 1 << _BITS), dtype=np.int64)
    count(keys, np.uint64(_BITS), counts)
    mask = np.uint64((1 << _BITS) - 1)
    source, target = keys, np.empty_like(keys)
    for place in range(n_places):
        if counts[place].max() == keys.size:
            continue
        starts = (np.cumsum(counts[place]) - counts[place]).astype(np.uint64)
        scatter(source, target, np.uint64(place * _BITS), mask, starts)
        source, target = target, source
    if source is not keys:
        keys[...] = source
