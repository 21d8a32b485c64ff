"""Floor 6: a Zarr group of loci x cell types, as xarray writes it or with plain arrays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._optional import import_optional
from leakcheck._typing import LabelKind
from leakcheck.adapters.column_names import INTERVAL
from leakcheck.data import Note
from leakcheck.exceptions import ValidationError
from leakcheck.scale.loci_columns import LocusColumns
from leakcheck.scale.source import CorruptPartitionError, Light, Part, Partition

__all__ = ["Grid", "ZarrSource", "guarded", "open_group", "plain_values"]

_COPIES = 2
_LOCUS_BYTES = 120


@dataclass(frozen=True)
class Grid:
    """An array of loci x cell types, or one model of an array of several.

    Attributes
    ----------
    array : str
        Path of the array in the group.
    axes : tuple of int
        Which axis is the loci and which the cell types.
    dtype : str
        Its type.
    chunks : tuple of int
        Loci and cell types of a chunk.
    model : tuple of int, or None
        Axis of the models and the position in it.
    missing : float or None
        A number that means missing, beside NaN.
    """

    array: str
    axes: tuple[int, int]
    dtype: str
    chunks: tuple[int, int]
    model: tuple[int, int] | None = None
    missing: float | None = None

    def index(self, rows: slice, columns: slice) -> tuple[Any, ...]:
        """Select a rectangle of the array."""
        found: list[Any] = [None] * (2 + (self.model is not None))
        found[self.axes[0]], found[self.axes[1]] = rows, columns
        if self.model is not None:
            found[self.model[0]] = self.model[1]
        return tuple(found)

    @property
    def result(self) -> np.dtype[Any]:
        """Type of what is read: floats where a value can be missing."""
        dtype = np.dtype(self.dtype)
        if self.missing is None or dtype.kind == "f":
            return dtype
        return np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)


@dataclass(frozen=True)
class ZarrSource(Light):
    """A source over the arrays of a Zarr group.

    Attributes
    ----------
    path : str
        The group.
    cell_types : tuple of str
        Names of the columns.
    n_loci : int
        Number of loci.
    grids : mapping of str to Grid
        ``labels``, ``signal`` and ``predictions/<model>``.
    loci : mapping of str to str
        ``chrom, start, end`` and ``id``, as far as there are, to arrays.
    is_text : bool
        Whether ids alone are intervals such as ``chr1:100-200``.
    families : mapping of str to str
        Model to family.
    partition_bytes : int
        Memory that one partition may take, where chunks allow.
    """

    path: str
    cell_types: tuple[str, ...]
    n_loci: int
    grids: Mapping[str, Grid]
    loci: Mapping[str, str]
    is_text: bool = False
    families: Mapping[str, str] = field(default_factory=dict)
    partition_bytes: int = 1 << 25

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(k.partition("/")[2] for k in self.grids if k.startswith("predictions/"))

    @property
    def has_signal(self) -> bool:
        """Whether parts bring a signal."""
        return "signal" in self.grids

    @property
    def label_kind(self) -> LabelKind | None:
        """Unknown until the labels are read."""
        return None

    @property
    def score_dtypes(self) -> Mapping[str, str]:
        """Model to ``"float32"`` or ``"float64"``."""
        kinds = {model: self.grids[f"predictions/{model}"].result for model in self.models}
        return {
            model: "float32" if kind in (np.float16, np.float32) else "float64"
            for model, kind in kinds.items()
        }

    @property
    def predicted(self) -> Mapping[str, tuple[int, ...]]:
        """Every cell type: an array of predictions may be NaN for some."""
        return {model: tuple(range(len(self.cell_types))) for model in self.models}

    def partitions(self) -> tuple[Partition, ...]:
        """List stretches of whole chunks; wide ones are split by cell type."""
        return self._pieces

    @cached_property
    def _pieces(self) -> tuple[Partition, ...]:
        width = _COPIES * sum(grid.result.itemsize for grid in self.grids.values())
        chunk = max(grid.chunks[0] for grid in self.grids.values())
        across = max(grid.chunks[1] for grid in self.grids.values())
        n_cells = len(self.cell_types)
        fits = self.partition_bytes // (width * n_cells + _LOCUS_BYTES)
        step = max(chunk, fits - fits % chunk)
        most = max(1, (self.partition_bytes // step - _LOCUS_BYTES) // width)
        most = n_cells if most >= n_cells else max(across, most - most % across)
        found = []
        for start in range(0, self.n_loci, step):
            rows = slice(start, min(start + step, self.n_loci))
            for first in range(0, n_cells, most):
                columns = tuple(range(first, min(first + most, n_cells)))
                of = "" if len(columns) == n_cells else f", {self.cell_types[first]}"
                each = width * len(columns) + _LOCUS_BYTES * (first == 0)
                found.append(
                    Partition(
                        name=f"{self.path}, loci {rows.start} to {rows.stop}{of}",
                        rows=rows,
                        columns=columns,
                        n_bytes=(rows.stop - rows.start) * each,
                        has_loci=first == 0,
                    )
                )
        return tuple(found)

    def read(self, partition: Partition) -> Part:
        """Read a rectangle of every array."""
        group = open_group(self.path)
        values = {key: self._matrix(group, grid, partition) for key, grid in self.grids.items()}
        scores = {
            model: values[f"predictions/{model}"].astype(dtype, copy=False)
            for model, dtype in self.score_dtypes.items()
        }
        return Part(
            rows=partition.rows,
            columns=partition.columns,
            loci=self._loci(group, partition) if partition.has_loci else None,
            labels=values["labels"],
            predictions=scores,
            signal=values.get("signal"),
        )

    def _matrix(self, group: Any, grid: Grid, partition: Partition) -> NDArray[Any]:
        """Read the loci and cell types of a partition, a cell type after the other in memory."""
        columns = slice(partition.columns[0], partition.columns[-1] + 1)
        values = self._read(group, grid.array, grid.index(partition.rows, columns), partition)
        if grid.axes[0] > grid.axes[1]:
            values = values.T
        values = np.asfortranarray(values, dtype=grid.result)
        if grid.missing is not None:
            values[values == grid.missing] = np.nan
        return values

    def _loci(self, group: Any, partition: Partition) -> pd.DataFrame:
        """Read the coordinates of the loci."""
        found = {
            name: self._read(group, array, (partition.rows,), partition)
            for name, array in self.loci.items()
        }
        frame = pd.DataFrame({name: plain_values(values) for name, values in found.items()})
        if set(INTERVAL) <= set(frame.columns):
            return frame[[name for name in ("id", *INTERVAL) if name in frame.columns]]
        return LocusColumns(("id",), is_text=self.is_text).loci(frame)

    def _read(
        self, group: Any, array: str, index: tuple[Any, ...], partition: Partition
    ) -> NDArray[Any]:
        """Read a part of an array, and name the partition when that fails."""
        values = np.asarray(
            guarded(lambda: group[array][index], str(Path(self.path, array)), partition.name)
        )
        expected = tuple(one.stop - one.start for one in index if isinstance(one, slice))
        if values.shape != expected:
            raise CorruptPartitionError(
                partition.name,
                str(Path(self.path, array)),
                f"it has the shape {values.shape} here and not {expected}: it was changed since it "
                "was opened",
            )
        return values

    def notes(self, tally: Mapping[str, int]) -> tuple[Note, ...]:
        """Nothing is noticed on the way."""
        del tally
        return ()


def open_group(path: str | Path) -> Any:
    """Open a group for reading.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder of the group.

    Returns
    -------
    zarr.Group

    Raises
    ------
    ValidationError
        When there is none.
    MissingDependencyError
        When zarr is not installed (extra ``scale``).
    """
    zarr = import_optional("zarr", extra="scale", purpose="to read Zarr")
    try:
        return zarr.open_group(str(path), mode="r")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValidationError(
            f"`{path}` must be a Zarr group; it cannot be opened as one "
            f"({str(error).splitlines()[0] if str(error) else type(error).__name__}). Check how it "
            "was written."
        ) from error


def guarded(read: Callable[[], Any], path: str, name: str) -> Any:
    """Call what reads a group.

    Parameters
    ----------
    read : callable
        Takes nothing.
    path : str
        What it reads, for the error.
    name : str
        What that is a part of.

    Returns
    -------
    any
        What it gives.

    Raises
    ------
    CorruptPartitionError
        When it fails.
    """
    try:
        return read()
    except MemoryError:
        raise
    except Exception as error:  # codecs raise what they like
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CorruptPartitionError(name, path, cause) from error


def plain_values(values: NDArray[Any]) -> Any:
    """Give texts as objects, whatever type of text the array has."""
    if values.dtype.kind in "iuf":
        return values
    texts: Sequence[Any] = values.astype(object).tolist()
    return np.array(
        [text.decode() if isinstance(text, bytes) else text for text in texts], dtype=object
    )
