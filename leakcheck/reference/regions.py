"""`Regions`: the stretches of a genome that readers read, and the paper's windows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from leakcheck.exceptions import ValidationError

__all__ = ["WINDOW", "Regions", "centred", "promoters"]

#: Base pairs of a locus in the paper.
WINDOW = 2_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Regions:
    """Stretches of a genome, in a fixed order; 0-based and half-open (BED).

    Parameters
    ----------
    ids : numpy.ndarray of object, shape (n_regions,)
        A name for each, such as a gene's; need not be unique.
    chrom : numpy.ndarray of object, shape (n_regions,)
        Chromosome names.
    start, end : numpy.ndarray of int64, shape (n_regions,)
        In base pairs. A start below 0, or an end beyond the chromosome's, is allowed: the reader
        that meets the chromosome clips it and counts it.
    strand : numpy.ndarray of object, shape (n_regions,)
        ``+``, ``-``, or ``.`` for none.
    counts : mapping of str to int
        What the reader of a file left out or changed on the way here.

    Raises
    ------
    ValidationError
        When the columns differ in length, a region is empty, or a strand is unknown.

    Examples
    --------
    >>> genes = Regions(ids=["a"], chrom=["chr1"], start=[5_000], end=[9_000], strand=["-"])
    >>> len(genes), promoters(genes).start.tolist()
    (1, [9000])
    """

    ids: NDArray[np.object_]
    chrom: NDArray[np.object_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    strand: NDArray[np.object_]
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("ids", "chrom", "strand"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=object))
        for name in ("start", "end"):
            object.__setattr__(self, name, _whole(getattr(self, name), name))
        _check(self)

    def __len__(self) -> int:
        """Return the number of regions."""
        return len(self.start)

    @property
    def length(self) -> NDArray[np.int64]:
        """Base pairs of each region, shape (n_regions,)."""
        return self.end - self.start

    def take(self, index: ArrayLike) -> "Regions":
        """Choose regions by position or by a boolean mask; `counts` stay those of the file.

        Parameters
        ----------
        index : array-like of int or bool
            Positions, in the order wanted, or a mask of shape (n_regions,).

        Returns
        -------
        Regions
        """
        chosen: Any = np.asarray(index)
        chosen = chosen if chosen.size else chosen.astype(np.intp)  # [] is an array of floats
        return Regions(
            ids=self.ids[chosen],
            chrom=self.chrom[chosen],
            start=self.start[chosen],
            end=self.end[chosen],
            strand=self.strand[chosen],
            counts=self.counts,
        )

    def to_frame(self) -> pd.DataFrame:
        """Make a frame of the regions.

        Returns
        -------
        pandas.DataFrame
            Columns ``id, chrom, start, end, strand``, a row for each region, in order.
        """
        return pd.DataFrame(
            {
                "id": self.ids,
                "chrom": self.chrom,
                "start": self.start,
                "end": self.end,
                "strand": self.strand,
            }
        )


def promoters(genes: Regions, window: int = WINDOW) -> Regions:
    """Give the stretch upstream of each gene's transcription start, by strand.

    Parameters
    ----------
    genes : Regions
        Genes, or start sites of one base pair, with strands.
    window : int
        Base pairs upstream; the start itself is not part of the window.

    Returns
    -------
    Regions
        One for each gene, in order, with its id and strand. ``[start - window, start)`` on the
        plus strand and ``[end, end + window)`` on the minus strand. It may begin below 0.

    Raises
    ------
    ValidationError
        When a gene has no strand, or `window` is not positive.

    Examples
    --------
    >>> genes = Regions(
    ...     ids=["a", "b"], chrom=["chr1"] * 2, start=[500, 500], end=[900, 900], strand=["+", "-"]
    ... )
    >>> promoters(genes, window=200).start.tolist()
    [300, 900]
    """
    _check_window(window)
    unknown = np.flatnonzero(genes.strand == ".")
    if unknown.size:
        raise ValidationError(
            f"`genes` must have a strand each, + or -; {unknown.size} of {len(genes)} have none, "
            f"the first is {genes.ids[unknown[0]]}. Upstream has no meaning without it."
        )
    start = np.where(genes.strand == "+", genes.start - window, genes.end)
    return _moved(genes, start, window)


def centred(bins: Regions, window: int = WINDOW) -> Regions:
    """Give the middle of each bin.

    Parameters
    ----------
    bins : Regions
        Bins of any length.
    window : int
        Base pairs in the middle; where the rest is odd, one more is left on the right. A bin that
        is shorter than the window lies in the middle of it.

    Returns
    -------
    Regions
        One for each bin, in order, with its id and strand.

    Raises
    ------
    ValidationError
        When `window` is not positive.

    Examples
    --------
    >>> bins = Regions(ids=["a"], chrom=["chr1"], start=[20_000], end=[60_000], strand=["."])
    >>> centred(bins).start.tolist(), centred(bins).end.tolist()
    ([39000], [41000])
    """
    _check_window(window)
    return _moved(bins, bins.start + (bins.length - window) // 2, window)


def _moved(regions: Regions, start: NDArray[np.int64], window: int) -> Regions:
    """Return the same regions elsewhere."""
    return Regions(
        ids=regions.ids,
        chrom=regions.chrom,
        start=start,
        end=start + window,
        strand=regions.strand,
        counts=regions.counts,
    )


def _whole(values: Any, name: str) -> NDArray[np.int64]:
    """Positions as int64; anything but whole numbers is refused."""
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise ValidationError(
            f"`{name}` must hold whole numbers of base pairs; it holds {array.dtype}. "
            "Convert it with astype(int) after checking for missing positions."
        )
    return array.astype(np.int64)


def _check_window(window: int) -> None:
    """Refuse a window of no base pairs."""
    if window < 1:
        raise ValidationError(f"`window` must be at least 1 base pair; it is {window}. Give more.")


def _check(regions: Regions) -> None:
    """Refuse columns that do not fit together."""
    columns = ("ids", "chrom", "start", "end", "strand")
    shapes = {name: getattr(regions, name).shape for name in columns}
    if len(set(shapes.values())) > 1 or regions.start.ndim != 1:
        raise ValidationError(
            f"`Regions` must have columns of one length; the shapes are {shapes}. "
            "Give one value of each for every region."
        )
    empty = np.flatnonzero(regions.end <= regions.start)
    if empty.size:
        first = empty[0]
        raise ValidationError(
            f"`end` must be greater than `start`; {empty.size} of {len(regions)} regions are "
            f"empty, the first is {regions.ids[first]}, {regions.chrom[first]}:"
            f"{regions.start[first]}-{regions.end[first]}. Regions are 0-based, half-open (BED)."
        )
    strange = np.flatnonzero(~np.isin(regions.strand.astype(str), ["+", "-", "."]))
    if strange.size:
        raise ValidationError(
            f"`strand` must be '+', '-' or '.'; {strange.size} of {len(regions)} are not, the "
            f"first is {regions.strand[strange[0]]!r} of {regions.ids[strange[0]]}. "
            "Write '.' where there is no strand."
        )
