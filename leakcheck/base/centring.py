"""Real-valued columns without their means, before they are compared with one another."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from leakcheck._typing import FloatArray

__all__ = ["Centring", "Parts"]

#: Gives a column in parts, from its start each time; NaN where it takes no part.
Parts: TypeAlias = Callable[[], Iterator[FloatArray]]

#: Differences below this share of the largest value are what rounding leaves of equal numbers.
_FINEST: Final = 2.0**-40


class Centring(NamedTuple):
    """The means of columns, and the unit in which what is left is counted.

    Attributes
    ----------
    means : ndarray of float, shape (n_columns,)
        0 for a column without numbers.
    unit : float
        Numbers that differ by less count as equal.
    """

    means: FloatArray
    unit: float

    @classmethod
    def of(cls, columns: Sequence[Parts]) -> "Centring":
        """Find the means of columns; the order and the parts of their rows change no bit.

        Parameters
        ----------
        columns : sequence of callable
            Each gives a column in parts, arrays of shape (n,).

        Returns
        -------
        Centring

        Examples
        --------
        >>> Centring.of([lambda: iter([np.array([1.0, np.nan]), np.array([4.0])])]).means
        array([2.5])
        """
        means, largest = [], 0.0
        for parts in columns:
            known = [0]

            def numbers(parts: Parts = parts, known: list[int] = known) -> Iterator[list[float]]:
                for part in parts():
                    kept = part[~np.isnan(part)]
                    known[0] += kept.size
                    yield kept.tolist()

            total = math.fsum(chain.from_iterable(numbers()))
            means.append(total / known[0] if known[0] else 0.0)
            ends = (float(np.abs(part[~np.isnan(part)]).max(initial=0.0)) for part in parts())
            largest = max(largest, *ends, 0.0)
        return cls(np.array(means), largest * _FINEST)

    def apply(self, table: FloatArray) -> FloatArray:
        """Take the mean of each column away.

        Parameters
        ----------
        table : ndarray of float, shape (n, n_columns)
            Some rows of the columns.

        Returns
        -------
        ndarray of float, shape (n, n_columns)
            Whole numbers of the unit, so that columns that differ by an offset are equal.
        """
        rest = table - self.means
        return np.rint(rest / self.unit) if self.unit else rest
