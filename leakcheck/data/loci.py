"""`Loci`: the rows of an audit, as ids with or without genomic intervals."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import IntArray
from leakcheck.data.wording import counted, share
from leakcheck.exceptions import ValidationError

__all__ = ["Loci"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Loci:
    """Loci in a fixed order: unique ids and, where known, genomic intervals.

    Parameters
    ----------
    ids : numpy.ndarray of str, shape (n_loci,)
        Unique ids: ``chr1:100-200`` for intervals, else the names that were given.
    chrom : numpy.ndarray of int, shape (n_loci,), optional
        Position of each locus's chromosome in `chrom_names`; None without coordinates.
    chrom_names : tuple of str
        Chromosomes in order of first appearance.
    start, end : numpy.ndarray of int64, shape (n_loci,), optional
        0-based, half-open interval in base pairs (BED); None without coordinates.

    Examples
    --------
    >>> loci = Loci.from_any(["chr1:100-200", "chr2:1,000-2,000"])
    >>> loci.ids[1], loci.chrom_names, loci.start.tolist()
    ('chr2:1000-2000', ('chr1', 'chr2'), [100, 1000])
    """

    ids: NDArray[np.object_]
    chrom: IntArray | None = None
    chrom_names: tuple[str, ...] = ()
    start: IntArray | None = None
    end: IntArray | None = None

    @classmethod
    def from_any(cls, loci: Any) -> "Loci":
        """Read loci from any of the forms that `audit` takes, each locus once.

        Parameters
        ----------
        loci : Loci, DataFrame, MultiIndex, sequence of str, or array of shape (n, 3)
            A frame or MultiIndex with ``chrom, start, end``, or rows of these three; strings
            ``chr1:100-200``; or ids.

        Returns
        -------
        Loci
            In the order given.

        Raises
        ------
        ValidationError
            When a locus comes twice, or an interval breaks a rule.

        Examples
        --------
        >>> Loci.from_any(["GENE1", "GENE2"]).has_coordinates
        False
        """
        from leakcheck.data.locus_forms import read_loci  # noqa: PLC0415 (it builds on this class)

        codes, read = read_loci(loci, "loci")
        if len(codes) > len(read):
            first = int(np.flatnonzero(np.bincount(codes) > 1)[0])
            raise ValidationError(
                "`loci` must name each locus once; "
                f"{share(len(codes) - len(read), len(codes), 'row', 'repeats/repeat')} an earlier "
                f"one, the first is {read.ids[first]}. Drop the repeated rows."
            )
        return read

    @property
    def has_coordinates(self) -> bool:
        """Whether the loci have genomic intervals."""
        return self.chrom is not None

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        where = f" on {counted(len(self.chrom_names), 'chromosome')}"
        return f"Loci({counted(len(self), 'locus')}{where if self.has_coordinates else ''})"

    def index_of(self, ids: Any) -> IntArray:
        """Find the position of each id.

        Parameters
        ----------
        ids : sequence of str
            Ids to look for.

        Returns
        -------
        numpy.ndarray of int64, shape (n_ids,)
            Positions in `self`; -1 where an id is unknown.
        """
        return np.asarray(pd.Index(self.ids).get_indexer(pd.Index(ids)), dtype=np.int64)

    def take(self, positions: IntArray) -> "Loci":
        """Take some of the loci.

        Parameters
        ----------
        positions : numpy.ndarray of int, shape (n,)
            Which loci, in the order wanted.

        Returns
        -------
        Loci
            With only the chromosomes that are left.
        """
        if self.chrom is None or self.start is None or self.end is None:
            return replace(self, ids=self.ids[positions])
        codes, present = pd.factorize(self.chrom[positions])
        return Loci(
            ids=self.ids[positions],
            chrom=codes.astype(np.int64),
            chrom_names=tuple(self.chrom_names[code] for code in present),
            start=self.start[positions],
            end=self.end[positions],
        )

    def chromosomes(self) -> NDArray[np.object_]:
        """Give each locus's chromosome by name.

        Returns
        -------
        numpy.ndarray of str, shape (n_loci,)
            One name per locus; "" without coordinates.
        """
        if self.chrom is None:
            return np.full(len(self), "", dtype=object)
        return np.array(self.chrom_names, dtype=object)[self.chrom]

    def to_frame(self) -> pd.DataFrame:
        """Make a frame of ids and, where known, intervals.

        Returns
        -------
        pandas.DataFrame
            ``locus`` and, with coordinates, ``chrom, start, end``.

        Examples
        --------
        >>> Loci.from_any(["chr1:100-200"]).to_frame().columns.tolist()
        ['locus', 'chrom', 'start', 'end']
        """
        columns: dict[str, Any] = {"locus": self.ids}
        if self.has_coordinates:
            columns |= {"chrom": self.chromosomes(), "start": self.start, "end": self.end}
        return pd.DataFrame(columns)

    def equals(self, other: "Loci") -> bool:
        """Say whether two are the same loci in the same order, with the same intervals.

        Parameters
        ----------
        other : Loci
            The loci to compare with.

        Returns
        -------
        bool
        """
        if len(self) != len(other) or self.has_coordinates != other.has_coordinates:
            return False
        return bool(self.to_frame().equals(other.to_frame()))
