"""Hashes of numbers: the same on every machine, in every order of rows."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["GOLDEN", "canonical_bits", "hash_rows", "mix"]

#: Increment of SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195).
GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit numbers (the finaliser of SplitMix64, a bijection).

    Parameters
    ----------
    values : numpy.ndarray of uint64, shape (...)
        Numbers.

    Returns
    -------
    numpy.ndarray of uint64, shape (...)
        In the shape of `values`; equal for equal numbers only.

    Examples
    --------
    >>> int(mix(np.array([0x9E3779B97F4A7C15], dtype=np.uint64))[0]) == 0xE220A8397B1DCDAF
    True
    """
    z = values ^ (values >> np.uint64(30))
    z = z * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def canonical_bits(values: NDArray[Any]) -> NDArray[np.uint64]:
    """Give the bits of numbers, equal where the numbers are: one zero and one NaN.

    Parameters
    ----------
    values : numpy.ndarray of bool, int or float, shape (...)
        Numbers.

    Returns
    -------
    numpy.ndarray of uint64, shape (...)
        Those of whole numbers as 64-bit integers, those of others as float64.

    Examples
    --------
    >>> bits = canonical_bits(np.array([0.0, -0.0, np.nan, -np.nan]))
    >>> bool(bits[0] == bits[1]), bool(bits[2] == bits[3])
    (True, True)
    """
    if values.dtype.kind in "bu":
        return values.astype(np.uint64)
    if values.dtype.kind == "i":
        return values.astype(np.int64).view(np.uint64)
    doubles = values.astype(np.float64) + 0.0  # -0.0 becomes 0.0
    doubles[np.isnan(doubles)] = np.nan
    return doubles.view(np.uint64)


def hash_rows(values: NDArray[Any], first_column: int = 0) -> NDArray[np.uint64]:
    """Hash the rows of a matrix; hashes of column blocks add up to that of the whole.

    Parameters
    ----------
    values : numpy.ndarray of bool, int or float, shape (n, k)
        Numbers; equal numbers count as equal, NaN equals NaN.
    first_column : int, default 0
        Position of the block in the whole matrix.

    Returns
    -------
    numpy.ndarray of uint64, shape (n,)
        Equal for equal rows; different rows collide with a chance of about 2**-64 a pair.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [1.0, 0.0], [-0.0, 1.0]])
    >>> h = hash_rows(x)
    >>> bool(h[0] == h[2]), bool(h[0] == h[1])
    (True, False)
    """
    columns = np.arange(first_column + 1, first_column + values.shape[1] + 1, dtype=np.uint64)
    salted = mix(canonical_bits(values)) + mix(columns * GOLDEN)
    return np.asarray(mix(salted).sum(axis=1, dtype=np.uint64))
