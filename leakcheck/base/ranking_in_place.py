"""Ranking metrics of a column that is not needed any more, in the column's own memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray
from leakcheck.base._keys import encode, find_code, plain_scores, widened
from leakcheck.base._levels import count_few
from leakcheck.base._passes import rank_sums
from leakcheck.base._sorting import sort_keys, sorts_in_place
from leakcheck.base._tables import sums_of_counts
from leakcheck.base.ranking import RankingScores

__all__ = ["bytes_beside", "ranking_scores_in_place"]

# Bytes a row of keys of twice the width, and of the ranks of scores that no key tells apart.
_WIDENED, _RANKED = 8, 48


def bytes_beside(itemsize: int) -> int:
    """Memory that `ranking_scores_in_place` takes beside a column, as a rule.

    Parameters
    ----------
    itemsize : int
        Bytes of a score, 4 or 8.

    Returns
    -------
    int
        Bytes a row.

    Examples
    --------
    >>> bytes_beside(8) >= 4
    True
    """
    narrowed = 4 if itemsize == 8 else 0
    return narrowed if sorts_in_place() else itemsize


def ranking_scores_in_place(
    labels: BoolArray, scores: NDArray[Any], *, require: Callable[[int], None]
) -> RankingScores:
    """Compute what `ranking_scores` does, in the memory of the scores.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,)
        True where the locus is active.
    scores : ndarray of float32 or float64, shape (n,)
        Scores, finite; larger = more active. **They are overwritten.**
    require : callable
        Called with a number of bytes before they are taken beside the column, where that is more
        than `bytes_beside` says: few columns have scores so far apart, on both sides of 0. It may
        raise.

    Returns
    -------
    RankingScores
        The same floats, to the last bit; NaN where these are undefined.

    Examples
    --------
    >>> labels = np.array([True, False, True, False])
    >>> scores = np.array([0.9, 0.5, 0.5, 0.1])
    >>> ranking_scores_in_place(labels, scores, require=print).auroc
    0.875
    """
    n_positive = int(np.count_nonzero(labels))
    levels = count_few(labels, scores)
    if levels is None:
        plain = plain_scores(scores)
        code = find_code(plain)
        if code is None:
            require(plain.size * (_WIDENED if plain.itemsize == 4 else _RANKED))
            plain, code = widened(plain)
        keys = encode(labels, plain, code, out=plain)
        sort_keys(keys)
        sums = rank_sums(keys, n_positive)
    else:
        sums = sums_of_counts(levels)
    return RankingScores.from_sums(sums, n_positive, labels.size - n_positive)
