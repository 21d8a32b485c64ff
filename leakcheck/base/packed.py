"""Floor 1: boolean labels of one bit each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray

__all__ = ["PackedLabels", "count_positives", "unpacked"]

_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedLabels:
    """Boolean labels of one bit each, an eighth of the memory and of the reading.

    The ranking functions take them in place of an array of labels.

    Attributes
    ----------
    bits : ndarray of uint8, shape (ceil(size / 8),)
        What `numpy.packbits` gives; bits behind the last label are not read.
    size : int
        Number of labels.

    Examples
    --------
    >>> labels = PackedLabels.from_labels(np.array([True, False, True]))
    >>> labels.bits, labels.size, labels.n_positive
    (array([160], dtype=uint8), 3, 2)
    >>> labels[1:]
    array([False,  True])
    """

    bits: NDArray[np.uint8]
    size: int

    @classmethod
    def from_labels(cls, labels: BoolArray) -> "PackedLabels":
        """Pack labels.

        Parameters
        ----------
        labels : ndarray of bool, shape (n,)
            True where the locus is active.

        Returns
        -------
        PackedLabels
        """
        return cls(bits=np.packbits(labels), size=labels.size)

    def __getitem__(self, part: slice) -> BoolArray:
        """Labels of a stretch of rows without gaps."""
        start, stop, _ = part.indices(self.size)
        first = start // 8
        whole = np.unpackbits(self.bits[first : -(-stop // 8)], count=max(stop - 8 * first, 0))
        return whole[start - 8 * first :].view(np.bool_)

    @property
    def n_positive(self) -> int:
        """Number of positives."""
        return sum(
            int(np.count_nonzero(self[start : start + _CHUNK]))
            for start in range(0, self.size, _CHUNK)
        )


def count_positives(labels: BoolArray | PackedLabels) -> int:
    """Count the positives among labels in either form.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.

    Returns
    -------
    int

    Examples
    --------
    >>> count_positives(np.array([True, False, True]))
    2
    """
    if isinstance(labels, PackedLabels):
        return labels.n_positive
    return int(np.count_nonzero(labels))


def unpacked(labels: BoolArray | PackedLabels) -> BoolArray:
    """Give labels in either form as an array.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,), or PackedLabels
        True where the locus is active.

    Returns
    -------
    ndarray of bool, shape (n,)
        The array itself where it is one.

    Examples
    --------
    >>> unpacked(PackedLabels.from_labels(np.array([True, False])))
    array([ True, False])
    """
    return labels[:] if isinstance(labels, PackedLabels) else labels
