"""The order of floats, from a sort of integers that carry their places."""

import numpy as np

from leakcheck._typing import FloatArray, IntArray

__all__ = ["argsort"]

_FEWEST, _MOST = 1 << 10, 1 << 20
_MAGNITUDE = np.int64(0x7FFF_FFFF_FFFF_FFFF)


def argsort(values: FloatArray) -> IntArray:
    """What ``numpy.argsort`` gives, in half of its time; equal values may come in another order.

    Integers sort several times faster than they are sorted indirectly. The bits of a float64 sort
    as the float does, with those of the magnitude turned round below 0, and the lowest of them
    make room for the place in the array. Values that differ in these alone may come out of order;
    then the common way is taken.
    """
    n = values.size
    if values.dtype != np.float64 or not _FEWEST <= n <= _MOST:
        return np.argsort(values)
    key = (values + 0.0).view(np.int64)  # -0.0 becomes 0.0
    key ^= (key >> 63) & _MAGNITUDE
    place = np.int64((1 << n.bit_length()) - 1)
    key &= ~place
    key |= np.arange(n)
    key.sort()
    key &= place
    ordered = values.take(key)
    return np.argsort(values) if (ordered[1:] < ordered[:-1]).any() else key
