"""Normal scores of a variable from a few of its quantiles, without its ranks."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from leakcheck._typing import FloatArray, IntArray

__all__ = ["NormalMap", "map_places"]

#: Normal scores at which the map is exact, beside the least and the largest value.
_SCORES: Final[FloatArray] = np.linspace(-3, 3, 25)

#: A least value that fewer share is a value like others. Its score is in the middle of its share.
_SHARE_OF_FLOOR: Final = 0.01


class NormalMap(NamedTuple):
    """A rising function that gives a variable about a standard normal distribution.

    Attributes
    ----------
    values : ndarray of float64, shape (k,)
        Distinct quantiles of the variable, rising.
    scores : ndarray of float64, shape (k,)
        Normal scores there; of a value that is several quantiles, that of the middle one.
    """

    values: FloatArray
    scores: FloatArray

    @classmethod
    def of(cls, ordered: FloatArray, n: int) -> "NormalMap":
        """Make the map.

        Parameters
        ----------
        ordered : ndarray of float, shape (n_places,)
            Order statistics of the variable at `map_places`.
        n : int
            Number of its values.

        Returns
        -------
        NormalMap
            Straight between the quantiles.
        """
        shares = (map_places(n) + 0.5) / n
        values, first, count = np.unique(
            ordered.astype(np.float64), return_index=True, return_counts=True
        )
        return cls(values, ndtri((shares[first] + shares[first + count - 1]) / 2))

    @property
    def floor(self) -> float:
        """The least value, where one in a hundred is as low; else NaN."""
        return float(self.values[0]) if ndtr(self.scores[0]) >= _SHARE_OF_FLOOR / 2 else np.nan

    def apply(self, values: NDArray[Any]) -> FloatArray:
        """Normal scores of values.

        Parameters
        ----------
        values : ndarray of float, shape (n,)
            Between the least and the largest value that it was made from.

        Returns
        -------
        ndarray of float64, shape (n,)
            Each follows from its own value alone.
        """
        scores: FloatArray = np.interp(values, self.values, self.scores)
        return scores


def map_places(n: int) -> IntArray:
    """Places, among the sorted values, of the quantiles that a map needs.

    Parameters
    ----------
    n : int
        Number of values.

    Returns
    -------
    ndarray of int, shape (n_places,)
        The first, the last, and between them those of evenly spaced normal scores, -3 to 3.

    Examples
    --------
    >>> map_places(1000)[[0, 1, 13, -1]]
    array([  0,   1, 500, 999])
    >>> ordered = np.arange(1000.0).take(map_places(1000))
    >>> NormalMap.of(ordered, 1000).apply(np.array([0.0, 800.0, 999.0])).round(2)
    array([-3.29,  0.85,  3.29])
    """
    inner = np.rint(ndtr(_SCORES) * n - 0.5)
    places: IntArray = np.clip([0, *inner, n - 1], 0, n - 1).astype(np.intp)
    return places
