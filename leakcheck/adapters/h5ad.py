"""Matrices of an .h5ad file, left in the file until a part of them is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from leakcheck._optional import import_optional

__all__ = ["StoredAnnData", "stored_matrix"]


class StoredAnnData:
    """What an evaluation set needs of an .h5ad file: names in memory, matrices in the file.

    anndata's own backed mode leaves ``X`` in the file and reads every layer whole.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: str | Path) -> None:
        h5py = import_optional("h5py", extra="anndata", purpose="to read .h5ad files")
        read = import_optional("anndata.io", extra="anndata", purpose="to read .h5ad files")
        self.file: Any = h5py.File(path, "r")
        try:
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


def stored_matrix(stored: Any) -> Any:
    """Array of a file that gives its rows when it is sliced, dense or sparse."""
    if hasattr(stored, "shape"):
        return stored
    if stored.attrs.get("encoding-type") == "null":
        return None
    module = import_optional("anndata.io", extra="anndata", purpose="to read sparse matrices")
    return module.sparse_dataset(stored)
