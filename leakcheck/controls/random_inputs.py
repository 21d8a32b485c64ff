"""Random inputs in place of real ones: unique for each locus, and empty of biology."""

import hashlib
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from leakcheck._typing import IntArray
from leakcheck.base.hashing import GOLDEN, mix
from leakcheck.data.locus_forms import read_loci
from leakcheck.exceptions import ValidationError

__all__ = ["random_features", "random_sequences"]


def random_features(
    loci: Any, n_features: int = 16, *, random_state: int = 0
) -> NDArray[np.float32]:
    """Make random features that name the locus and say nothing else.

    They stand in for the sequence (or for whatever does not change between cell types). A model
    that does as well with them had memorised its loci.

    Parameters
    ----------
    loci : DataFrame, Loci or sequence of str, length n
        Locus of each row.
    n_features : int, default 16
        Features of each locus.
    random_state : int, default 0
        Seed. The features of a locus depend on it and on the locus's name alone, not on the other
        rows: training and test tables made apart fit together.

    Returns
    -------
    numpy.ndarray of float32, shape (n, n_features)
        Standard normal; equal in all rows of a locus.

    Raises
    ------
    ValidationError
        When a number is out of range.

    Examples
    --------
    >>> x = random_features(["g1", "g2", "g1"], 3)
    >>> x.shape, bool((x[0] == x[2]).all()), bool((x[0] == x[1]).any())
    ((3, 3), True, False)
    """
    codes, bits = _bits(loci, n_features, "n_features", random_state)
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    features: NDArray[np.float32] = ndtri(uniform).astype(np.float32)
    return features[codes]


def random_sequences(loci: Any, length: int, *, random_state: int = 0) -> NDArray[np.uint8]:
    """Make random DNA for each locus: for models that take nothing but sequence.

    Parameters
    ----------
    loci : DataFrame, Loci or sequence of str, length n
        Locus of each row.
    length : int
        Bases of each sequence.
    random_state : int, default 0
        Seed, as for `random_features`.

    Returns
    -------
    numpy.ndarray of uint8, shape (n, length)
        0 to 3 for A, C, G, T with equal chances; equal in all rows of a locus. ``np.eye(4)[x]`` is
        one-hot, ``"ACGT"`` by position gives letters.

    Raises
    ------
    ValidationError
        When a number is out of range.

    Examples
    --------
    >>> x = random_sequences(["g1", "g2", "g1"], 50)
    >>> x.shape, bool((x[0] == x[2]).all()), int(x.max())
    ((3, 50), True, 3)
    """
    codes, bits = _bits(loci, length, "length", random_state)
    return (bits >> np.uint64(62)).astype(np.uint8)[codes]


def _bits(
    loci: Any, size: int, argument: str, random_state: int
) -> tuple[IntArray, NDArray[np.uint64]]:
    """Random bits for each distinct locus, and which locus each row has."""
    numbers: tuple[tuple[str, Any, int], ...] = (
        (argument, size, 1),
        ("random_state", random_state, 0),
    )
    for name, value, least in numbers:
        if not isinstance(value, Integral) or value < least:
            raise ValidationError(
                f"`{name}` must be a whole number, {least} or more; it is {value!r}. Give for "
                f"example {name}={max(least, 16)}."
            )
    codes, distinct = read_loci(loci, "loci")
    key = int(random_state).to_bytes(16, "little")
    digests = [
        hashlib.blake2b(str(name).encode(), digest_size=8, key=key).digest()
        for name in distinct.ids.tolist()
    ]
    seeds = np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
    steps = np.arange(1, size + 1, dtype=np.uint64) * GOLDEN
    return codes, mix(mix(seeds)[:, None] + steps[None, :])
