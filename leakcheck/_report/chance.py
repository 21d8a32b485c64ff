"""Whether so many answers of yes are more than chance alone gives."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["ALPHA", "beyond_chance", "level_of_claims"]

#: Level of a single answer, unless a report says otherwise.
ALPHA: Final = 0.05


def beyond_chance(n_yes: int, n: int, adjusted: Sequence[float] = (), alpha: float = ALPHA) -> bool:
    """Say whether a model that has nothing of it would seldom get as many answers of yes.

    Parameters
    ----------
    n_yes : int
        Targets at which the answer is yes, each at level `alpha`.
    n : int
        Targets.
    adjusted : sequence of float
        Their p-values, adjusted over the targets by Holm's method: one target alone may decide.
    alpha : float
        Level of the whole, too: half of it is for the number of targets, half for the smallest
        p-value.

    Returns
    -------
    bool
        Never without a yes; of one target, its answer.

    Examples
    --------
    >>> beyond_chance(1, 3), beyond_chance(2, 3), beyond_chance(1, 3, [0.001])
    (False, True, True)
    """
    if n_yes == 0 or n == 1:
        return n_yes > 0
    tail = sum(math.comb(n, k) * alpha**k * (1 - alpha) ** (n - k) for k in range(n_yes, n + 1))
    return tail <= alpha / 2 or any(p < alpha / 2 for p in adjusted)


def level_of_claims(settings: Mapping[str, Any]) -> float:
    """Level of the answers of a report, from its settings."""
    return 1 - float(settings.get("confidence_level", 1 - ALPHA))
