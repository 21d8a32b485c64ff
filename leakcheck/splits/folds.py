"""Folds of units (chromosomes, stretches, cell types) of about equal size."""

from typing import Any

import numpy as np

from leakcheck._typing import IntArray
from leakcheck.data.seeds import generator_of
from leakcheck.exceptions import ValidationError

__all__ = ["balanced_folds", "check_n_splits"]


def check_n_splits(n_splits: Any) -> int | None:
    """Refuse what is no number of folds; None stands for one fold for each unit."""
    if n_splits == "leave-one-out":
        return None
    if isinstance(n_splits, bool) or not isinstance(n_splits, int | np.integer) or n_splits < 2:
        raise ValidationError(
            f"`n_splits` must be 2 or more, or 'leave-one-out'; it is {n_splits!r}. Give `test` "
            "for a single split."
        )
    return int(n_splits)


def balanced_folds(
    sizes: IntArray, n_folds: int, random_state: int | np.random.Generator | None
) -> IntArray:
    """Put each unit, the largest first, into the fold that is smallest so far.

    With a `random_state`, units of about one size (within a factor of two) come in random order.
    Returns the fold of each unit.
    """
    if random_state is None:
        order = np.argsort(-sizes, kind="stable")
    else:
        shuffled = generator_of(random_state).permutation(len(sizes))
        octave = np.floor(np.log2(np.maximum(sizes[shuffled], 1)))
        order = shuffled[np.argsort(-octave, kind="stable")]
    folds = np.empty(len(sizes), dtype=np.int64)
    filled = np.zeros(n_folds, dtype=np.int64)
    for unit in order:
        folds[unit] = int(filled.argmin())
        filled[folds[unit]] += sizes[unit]
    return folds
