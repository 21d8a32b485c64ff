"""Floor 1: keys sorted in place, by numpy or, where that is slow, by a compiled radix sort."""

from leakcheck import _cpu
from leakcheck.base._keys import KeyArray, sortable
from leakcheck.base._radix import compiled_radix_sort

__all__ = ["sort_keys", "sorts_in_place"]

# Below, a sort of either kind takes less than the passes of a radix sort over its counters.
_FEWEST = 1 << 13


def sort_keys(keys: KeyArray) -> None:
    """Sort keys in place; the result is the same whichever way is taken.

    The radix sort of the extra `fast` is taken where the processor makes numpy's sort slow (see
    `leakcheck._cpu`): elsewhere the two are about equally fast.
    """
    if keys.size >= _FEWEST and not sorts_in_place():
        radix_sort = compiled_radix_sort()
        if radix_sort is not None:
            radix_sort(keys)
            return
    sortable(keys).sort()


def sorts_in_place() -> bool:
    """Whether many keys are sorted in their own memory, and not beside it by the radix sort."""
    return not _cpu.numpy_sorts_slowly() or compiled_radix_sort() is None
