"""What hypothesis draws for the tests of ranking: labels and scores that are hard to rank."""

import numpy as np
from hypothesis import strategies as st

FLOATS = [np.float64, np.float32, np.float16]
INTEGERS = [np.int64, np.int32, np.int16, np.int8, np.uint64, np.uint32, np.uint16, np.uint8]
DTYPES = [*FLOATS, *INTEGERS, np.bool_]


def _special(dtype):
    """Values at the ends of a type, around zero, and so close that they are nearly tied."""
    if dtype == np.bool_:
        return [False, True]
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        close = [info.max - 1, info.min + 1, info.max // 2, info.max // 2 + 1]
        return [info.min, info.max, 0, 1, *close]
    info = np.finfo(dtype)
    sizes = [info.max, info.tiny, info.smallest_subnormal, info.eps, 1, 1 + info.eps, 0.5]
    return [0.0, -0.0, *(float(size) for size in sizes), *(-float(size) for size in sizes)]


def _values(dtype):
    """Any value of the type."""
    if dtype == np.bool_:
        return st.booleans()
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return st.integers(int(info.min), int(info.max))
    width = 8 * dtype.itemsize
    return st.floats(allow_nan=False, allow_infinity=False, width=width)


@st.composite
def scores_of(draw, n, dtypes=tuple(DTYPES)):
    """Scores of one type: few levels, or any values and special ones mixed."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    value = st.one_of(st.sampled_from(_special(dtype)), _values(dtype))
    if draw(st.booleans()):
        levels = draw(st.lists(value, min_size=1, max_size=5))
        value = st.sampled_from(levels)
    return np.array(draw(st.lists(value, min_size=n, max_size=n)), dtype=dtype)


@st.composite
def labels_of(draw, n):
    """Labels from none positive to all."""
    return np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=np.bool_)


@st.composite
def rankings(draw, dtypes=tuple(DTYPES), max_size=30, min_size=0):
    """Labels and scores of one length."""
    n = draw(st.integers(min_size, max_size))
    return draw(labels_of(n)), draw(scores_of(n, dtypes))
