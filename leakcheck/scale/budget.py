"""Floor 6: how a limit on memory is split among what must be held at once."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib import NumpyVersion

from leakcheck.exceptions import ValidationError

__all__ = ["Budget", "parse_bytes"]

_UNITS: Final = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY: Final = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_PATTERN: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)

#: Held whatever the size of the data: chunks of rows, tables of counts, products of features.
_FIXED: Final = 64 << 20
#: Bytes a row, of one target at a time: label twice, block, stratum, and group.
_HELD_PER_ROW: Final = 6
#: Bytes a row that numpy copies where an array gives back memory: it does so from 2.5 on.
_COPIED: Final = 4 if NumpyVersion(np.__version__) >= "2.5.0" else 0
#: Bytes a row of a sort at its peak, which is also what its result and its ranks take, by the
#: width of a score in bytes.
_SORT_PER_ROW: Final = {4: 9 + _COPIED, 8: 17 + _COPIED}
#: Bytes of a bin of one block or stratum, and of what is made of it on the way.
_BIN: Final = 8
_FEWEST_BINS: Final = 1 << 10


def parse_bytes(memory: int | str) -> int:
    """Read an amount of memory.

    Parameters
    ----------
    memory : int or str
        Bytes, or a number with a unit: "1 GiB", "512 MiB", "2 GB".

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    ValidationError
        When it is no amount.

    Examples
    --------
    >>> parse_bytes("1 GiB"), parse_bytes("1.5 kB")
    (1073741824, 1500)
    """
    if isinstance(memory, int) and not isinstance(memory, bool) and memory > 0:
        return memory
    found = _PATTERN.fullmatch(memory) if isinstance(memory, str) else None
    if found is None or float(found[1]) <= 0:
        raise ValidationError(
            f"`memory` must be a number of bytes above 0, or an amount such as '1 GiB'; {memory!r} "
            "came. Write a number and kB, MB, GB, KiB, MiB or GiB."
        )
    unit = found[2].lower()
    return int(float(found[1]) * (_BINARY[unit] if found[3] and unit else _UNITS[unit]))


@dataclass(frozen=True)
class Budget:
    """A limit on memory, and what it allows.

    Parameters
    ----------
    limit : int
        Bytes above what the process holds before the audit.
    """

    limit: int

    @classmethod
    def of(cls, memory: int | str, *, partition_bytes: int, n_cell_types: int) -> "Budget":
        """Read a limit, and refuse one that cannot work.

        Parameters
        ----------
        memory : int or str
            As in `parse_bytes`.
        partition_bytes : int
            Memory of reading the largest partition.
        n_cell_types : int
            Number of cell types, whose products are held.

        Returns
        -------
        Budget
            The limit.

        Raises
        ------
        ValidationError
            When not even one partition, or the tables of counts, would fit.
        """
        limit = parse_bytes(memory)
        least = _FIXED + max(3 * partition_bytes, 40 * n_cell_types**2 * 64)
        if limit < least:
            raise ValidationError(
                f"`memory` must be at least {-(-least // 2**20)} MiB for these data, whose largest "
                f"partition takes {partition_bytes / 2**20:.0f} MiB to read; "
                f"{limit / 2**20:.0f} MiB came. Allow more, or store the data in smaller pieces."
            )
        return cls(limit)

    def require(self, n_bytes: int, what: str) -> None:
        """Refuse what does not fit beside what is always held.

        Parameters
        ----------
        n_bytes : int
            Memory that is needed.
        what : str
            What for.

        Raises
        ------
        ValidationError
            Naming the least limit that works.
        """
        least = _FIXED + n_bytes
        if least > self.limit:
            raise ValidationError(
                f"`memory` must be at least {-(-least // 2**20)} MiB to hold {what}; "
                f"{self.limit / 2**20:.0f} MiB came. Allow more, or audit fewer loci at a time, "
                "chromosome by chromosome."
            )

    def require_sort(self, n_rows: int, itemsize: int) -> None:
        """Refuse a column of scores that is too long to be sorted.

        Parameters
        ----------
        n_rows : int
            Its length.
        itemsize : int
            Bytes of a score.

        Raises
        ------
        ValidationError
            Naming the least limit that works.
        """
        self.require(
            n_rows * (_HELD_PER_ROW + _SORT_PER_ROW[itemsize]),
            f"one column of {n_rows} scores while it is sorted",
        )

    def fits_sort(self, n_rows: int, itemsize: int) -> bool:
        """Whether a column of scores is short enough to be sorted.

        Parameters
        ----------
        n_rows : int
            Its length.
        itemsize : int
            Bytes of a score.

        Returns
        -------
        bool
        """
        return _FIXED + n_rows * (_HELD_PER_ROW + _SORT_PER_ROW[itemsize]) <= self.limit

    def room_for_bins(self, n_rows: int, n_cells: int) -> int:
        """Memory that a table of bins may take beside a target.

        Parameters
        ----------
        n_rows : int
            Rows of the target.
        n_cells : int
            Blocks, strata, or pairs of both, of which each has its own bins.

        Returns
        -------
        int
            Bytes.

        Raises
        ------
        ValidationError
            When there is no room for 1,024 bins.
        """
        held = n_rows * _HELD_PER_ROW
        self.require(held + _BIN * n_cells * _FEWEST_BINS, f"{n_rows} labels, and scores in bins")
        return self.limit - _FIXED - held
