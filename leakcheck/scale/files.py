"""Floor 6: the scratch folder: plain column files, and what to do when there is no room."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck.exceptions import ValidationError

__all__ = ["ColumnFile", "check_room", "scratch_folder"]


class ColumnFile:
    """A column of numbers in a plain file, read and written by stretches.

    Nothing is mapped: what was read is all the memory that it takes. It holds a path and no open
    file, so that it can be sent to a worker.

    Parameters
    ----------
    path : path-like
        The file; `create` makes it.
    dtype : str or dtype
        Type of the numbers, in the byte order of the machine.
    n_rows : int
        Length of the column.
    """

    def __init__(self, path: str | os.PathLike[str], dtype: Any, n_rows: int) -> None:
        self.path = Path(path)
        self._name = str(path)
        self.dtype = np.dtype(dtype)
        self.n_rows = n_rows

    @classmethod
    def create(cls, path: str | os.PathLike[str], dtype: Any, n_rows: int) -> "ColumnFile":
        """Make a file of the right length.

        Parameters
        ----------
        path : path-like
            An old file of that name goes.
        dtype : str or dtype
            Type of the numbers.
        n_rows : int
            Length.

        Returns
        -------
        ColumnFile
            All zeros, and where the system allows it without room on the disk yet.
        """
        column = cls(path, dtype, n_rows)
        with column.path.open("wb") as file:
            file.truncate(n_rows * column.dtype.itemsize)
        return column

    def __len__(self) -> int:
        return self.n_rows

    def read(self, rows: Any) -> NDArray[Any]:
        """Read some rows.

        Parameters
        ----------
        rows : slice or ndarray of int
            A stretch; or any rows, which are picked from the stretch that they span where they
            are close to one another, and else from its pieces.

        Returns
        -------
        ndarray
            A new array.
        """
        if not isinstance(rows, slice):
            return self._pick(np.asarray(rows))
        start, stop, _ = rows.indices(self.n_rows)
        found = np.empty(max(stop - start, 0), dtype=self.dtype)
        into, done = found.view(np.uint8).data, 0
        # `numpy.fromfile` opens a second stream and asks thrice where it is: most of a short read.
        with open(self._name, "rb", buffering=0) as file:  # noqa: PTH123 - a Path takes longer
            file.seek(start * self.dtype.itemsize)
            while done < len(into):
                n_bytes = file.readinto(into[done:])
                if not n_bytes:
                    raise EOFError(f"{self.path.name} ends before row {stop}")
                done += n_bytes
        return found

    def _pick(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Read rows that are no stretch, run by run."""
        found = np.empty(len(rows), dtype=self.dtype)
        if not len(rows):
            return found
        low, high = int(rows.min()), int(rows.max()) + 1
        if high - low <= 4 * len(rows):
            return np.asarray(self.read(slice(low, high)).take(rows - low))
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        edges = np.concatenate([[0], breaks, [len(rows)]]).tolist()
        for begin, end in pairwise(edges):
            first = int(rows[begin])
            found[begin:end] = self.read(slice(first, first + end - begin))
        return found

    def write(self, rows: slice, values: NDArray[Any]) -> None:
        """Replace a stretch of rows.

        Parameters
        ----------
        rows : slice
            The stretch.
        values : ndarray
            As many numbers.
        """
        start, stop, _ = rows.indices(self.n_rows)
        data = np.ascontiguousarray(values, dtype=self.dtype)
        if len(data) != stop - start:
            raise ValueError(f"{len(data)} values came for {stop - start} rows of {self.path.name}")
        with self.path.open("r+b") as file:
            file.seek(start * self.dtype.itemsize)
            file.write(data.data)


@contextmanager
def scratch_folder(scratch: str | os.PathLike[str] | None) -> Iterator[Path]:
    """Make a folder for the columns, and take it away again whatever happens.

    Parameters
    ----------
    scratch : path-like, optional
        An existing folder to make it in; default: the system's temporary one.

    Yields
    ------
    Path
        The new folder.

    Raises
    ------
    ValidationError
        When `scratch` is no folder that can be written to.
    """
    parent = Path(gettempdir() if scratch is None else scratch)
    if not parent.is_dir():
        raise ValidationError(
            f"`scratch` must be an existing folder; {parent} is none. Create it, or leave "
            "`scratch` out for the system's temporary folder."
        )
    try:
        folder = Path(mkdtemp(prefix="leakcheck-", dir=parent))
    except OSError as error:
        raise ValidationError(
            f"`scratch` must be a folder that can be written to; {parent} refused: "
            f"{error.strerror or error}. Give another folder."
        ) from error
    try:
        yield folder
    finally:
        _take_away(folder)


def _take_away(folder: Path) -> None:
    """Remove a folder in which workers may still write: the task of a run that ended goes on.

    Under another name first, so that no file comes while the others go: it would keep the folder.
    """
    gone = folder.with_name(f"{folder.name}-gone")
    try:
        folder.rename(gone)
    except OSError:  # another system holds it; what can go, goes
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


def check_room(folder: Path, n_bytes: int) -> None:
    """Refuse to start where the disk is too small.

    Parameters
    ----------
    folder : Path
        Scratch folder.
    n_bytes : int
        What will be written.

    Raises
    ------
    ValidationError
        When less is free.
    """
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise ValidationError(
            f"`scratch` must have room for a copy of the columns; {n_bytes / 2**30:.2f} GiB are "
            f"needed and {free / 2**30:.2f} GiB are free in {folder.parent}. Free some space, or "
            "give a folder on a larger disk."
        )
