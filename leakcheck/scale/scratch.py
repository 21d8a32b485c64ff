"""Floor 6: columns between the passes over a target, in files."""

import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from leakcheck.base.chunks import Column
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.scale.files import ColumnFile
from leakcheck.scale.store import CHUNK
from leakcheck.target_rows import Scratch

__all__ = ["FolderScratch", "stretches_of"]


class FolderScratch(Scratch):
    """Makes columns in a folder of its own, which goes with it.

    Parameters
    ----------
    parent : Path
        Folder in which to make it.
    """

    def __init__(self, parent: Path) -> None:
        self.folder = parent / f"work-{secrets.token_hex(8)}"
        self.folder.mkdir()
        self._n_columns = 0

    def column(self, name: str, dtype: Any, n: int) -> Column:
        """Make a column.

        Parameters
        ----------
        name : str
            What is in it.
        dtype : dtype
            Of its values.
        n : int
            Rows.

        Returns
        -------
        Column
            In a file.
        """
        self._n_columns += 1
        file = f"{self._n_columns}-{name.replace(' ', '-')}"
        return ColumnFile.create(self.folder / file, dtype, n)

    def rank(self, values: Column) -> Column:
        """Rank a column.

        Parameters
        ----------
        values : Column
            Finite values.

        Returns
        -------
        Column
            Mean ranks, float64.
        """
        n = len(values)
        parts = (values.read(rows) for rows in stretches_of(n))
        twice = SortedColumn.from_chunks(n, np.float64, parts).twice_mean_ranks()
        ranks = self.column("ranks", np.float64, n)
        for rows in stretches_of(n):
            ranks.write(rows, twice[rows] / 2)
        return ranks

    def close(self) -> None:
        """Take the columns away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "FolderScratch":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


def stretches_of(n: int) -> list[slice]:
    """Cut rows in stretches that are read at a time.

    Parameters
    ----------
    n : int
        Number of rows.

    Returns
    -------
    list of slice
    """
    return [slice(low, min(low + CHUNK, n)) for low in range(0, n, CHUNK)]
