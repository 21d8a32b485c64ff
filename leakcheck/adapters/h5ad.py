"""Matrices of an .h5ad file, left in the file until a part of them is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from leakcheck._optional import import_optional
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError

__all__ = ["StoredAnnData", "stored_matrix"]


class StoredAnnData:
    """What an evaluation set needs of an .h5ad file: names in memory, matrices in the file.

    anndata's own backed mode leaves ``X`` in the file and reads every layer whole.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    ValidationError
        When it is not there, damaged or of another kind.
    """

    def __init__(self, path: str | Path) -> None:
        h5py = import_optional("h5py", extra="anndata", purpose="to read .h5ad files")
        read = import_optional("anndata.io", extra="anndata", purpose="to read .h5ad files")
        self.file: Any = _opened(h5py, Path(path))
        try:
            _check_groups(self.file, path)
            self.obs: pd.DataFrame = read.read_elem(self.file["obs"])
            self.var: pd.DataFrame = read.read_elem(self.file["var"])
            stored: Mapping[str, Any] = self.file.get("layers", {})
            self.layers = {name: stored_matrix(stored[name]) for name in stored}
            self.X = stored_matrix(self.file["X"]) if "X" in self.file else None
        except BaseException:
            self.file.close()
            raise

    @property
    def n_obs(self) -> int:
        """Number of observations."""
        return len(self.obs)

    @property
    def shape(self) -> tuple[int, int]:
        """Observations and variables."""
        return len(self.obs), len(self.var)


def _opened(h5py: Any, path: Path) -> Any:
    """Open an HDF5 file."""
    if not path.is_file():
        raise ValidationError(
            f"`{path}` must be an .h5ad file; it does not exist. Check the path and its spelling."
        )
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise ValidationError(
            f"`{path}` must be an .h5ad file; it cannot be read as one: {error}. Check how it was "
            "written, and that it is complete."
        ) from error


def _check_groups(file: Any, path: str | Path) -> None:
    """Refuse HDF5 of another kind."""
    absent = [name for name in ("obs", "var") if name not in file]
    if absent:
        raise ValidationError(
            f"`{path}` must be an .h5ad file; it is HDF5 without {listing(absent)} and has "
            f"{listing(file)}. Give what AnnData.write_h5ad wrote."
        )


def stored_matrix(stored: Any) -> Any:
    """Array of a file that gives its rows when it is sliced, dense or sparse."""
    if hasattr(stored, "shape"):
        return stored
    if stored.attrs.get("encoding-type") == "null":
        return None
    module = import_optional("anndata.io", extra="anndata", purpose="to read sparse matrices")
    return module.sparse_dataset(stored)
