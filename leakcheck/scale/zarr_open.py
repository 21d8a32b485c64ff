"""Floor 6: finds labels, predictions and loci among the arrays of a Zarr group."""

import base64
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck.adapters.column_names import CELLTYPE, INTERVAL, LABEL, LOCUS
from leakcheck.adapters.names import named_models
from leakcheck.data.interval_text import parse_intervals
from leakcheck.data.names import unique_names
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError
from leakcheck.scale.zarr_source import Grid, ZarrSource, guarded, open_group, plain_values

__all__ = ["holds_zarr", "open_zarr"]

_MARKS = (".zgroup", "zarr.json", ".zmetadata")


def holds_zarr(path: Path) -> bool:
    """Say whether a folder is a Zarr group.

    Parameters
    ----------
    path : pathlib.Path
        The folder.

    Returns
    -------
    bool
    """
    return path.is_dir() and any((path / mark).is_file() for mark in _MARKS)


def open_zarr(
    path: str | Path,
    *,
    predictions: str | Sequence[str] | Mapping[str, str] | None,
    label: str | None,
    locus: str | None,
    celltype: str | None,
    signal: str | None,
    families: Mapping[str, str],
    partition_bytes: int,
) -> ZarrSource:
    """Make a source of a Zarr group; only the names of cell types are read.

    Parameters
    ----------
    path : str or pathlib.Path
        The group.
    predictions : str, sequence of str or mapping of str to str, optional
        Arrays of predictions, or model to array; an array with a dimension ``model`` holds
        several. Default: every array of the group ``predictions``, else an array of that name.
    label, signal : str, optional
        Arrays of labels and of the signal. Default: ``label``, ``labels`` ...; no signal.
    locus, celltype : str, optional
        Names of the dimensions and of the arrays that name them.
    families : mapping of str to str
        Model to family.
    partition_bytes : int
        Memory that one partition may take.

    Returns
    -------
    ZarrSource

    Raises
    ------
    ValidationError
        When an array is not there, or has another shape.
    CorruptPartitionError
        When what says so, or the names, cannot be read.
    """
    group = open_group(path)
    look = guarded(lambda: _Look(group, str(path)), str(path), str(path))
    cells = look.array_named(celltype, CELLTYPE, "celltype")
    cell_types = unique_names(look.values(cells).astype(object), "celltype")
    labels = look.array_named(label, LABEL, "label")
    n_loci, rows = look.loci(locus)
    dims = (locus or rows.get("id", "locus"), celltype or cells)
    shape = (n_loci, len(cell_types))
    grids = {"labels": look.grid(labels, dims, shape, "label")}
    for model, name in look.predictions(predictions).items():
        grids |= look.models(model, name, dims, shape)
    if signal is not None:
        grids["signal"] = look.grid(look.existing(signal, "signal"), dims, shape, "signal")
    is_text = False
    if "chrom" not in rows:
        (first,) = plain_values(look.values(rows["id"], slice(1)))
        is_text = parse_intervals([str(first)])[0] is not None
    return ZarrSource(
        path=str(path),
        cell_types=cell_types,
        n_loci=n_loci,
        grids=grids,
        loci=rows,
        is_text=is_text,
        families=families,
        partition_bytes=partition_bytes,
    )


class _Look:
    """The arrays of a group, by path, and what they are."""

    def __init__(self, group: Any, path: str) -> None:
        self.path = path
        found: dict[str, Any] = dict(group.arrays())
        for name, inner in group.groups():
            found |= {f"{name}/{key}": array for key, array in inner.arrays()}
        self.arrays = dict(sorted(found.items()))  # they are listed in any order

    def existing(self, name: str, argument: str) -> str:
        """Give the name of an array back if it is there."""
        if name in self.arrays:
            return name
        known = list(self.arrays)
        raise ValidationError(
            f"`{argument}` names an array that is not in {self.path}: {name!r}."
            f"{did_you_mean(name, known)} The arrays are {listing(known, 12)}."
        )

    def values(self, name: str, rows: slice = slice(None)) -> NDArray[Any]:
        """Read an array of names, or its first ones."""
        path = str(Path(self.path, name))
        return np.asarray(guarded(lambda: self.arrays[name][rows], path, path))

    def array_named(self, name: str | None, usual: Sequence[str], argument: str) -> str:
        """Find the array that was named, or the first of the usual names."""
        if name is not None:
            return self.existing(name, argument)
        found = next((one for one in usual if one in self.arrays), None)
        if found is None:
            raise ValidationError(
                f"`{argument}` must be an array of {self.path}; none is called {', '.join(usual)}. "
                f"The arrays are {listing(list(self.arrays), 12)}. Name the right one."
            )
        return found

    def loci(self, locus: str | None) -> tuple[int, dict[str, str]]:
        """Find the arrays of the loci, in the group itself or in a group ``loci``."""
        found: dict[str, str] = {}
        for name in INTERVAL:
            at = next((one for one in (name, f"loci/{name}") if one in self.arrays), None)
            if at is not None:
                found[name] = at
        if len(found) < len(INTERVAL):
            found = {}
        names = [locus] if locus is not None else [*LOCUS, *(f"loci/{one}" for one in LOCUS)]
        named = next((one for one in names if one in self.arrays), None)
        if named is not None and not (found and self.arrays[named].dtype.kind in "iu"):
            found["id"] = named  # xarray counts rows that have no name of their own
        if not found:
            raise ValidationError(
                f"`locus` must be an array of {self.path} with the loci, or arrays chrom, start "
                f"and end; there is none. The arrays are {listing(list(self.arrays), 12)}. Add "
                "them."
            )
        sizes = {name: self.arrays[at].shape for name, at in found.items()}
        n_loci = next(iter(sizes.values()))[0]
        odd = next((name for name, shape in sizes.items() if shape != (n_loci,)), None)
        if odd is not None:
            raise ValidationError(
                f"`locus` must have one entry for each locus; {found[odd]!r} of {self.path} has "
                f"the shape {sizes[odd]} and others have ({n_loci},). Write them with one length."
            )
        return n_loci, found

    def predictions(self, asked: str | Sequence[str] | Mapping[str, str] | None) -> dict[str, str]:
        """Find the arrays of predictions."""
        if asked is not None:
            named = named_models(asked)
            return {
                model: self.existing(
                    name if name in self.arrays else f"predictions/{name}", "predictions"
                )
                for model, name in named.items()
            }
        inner = [name for name in self.arrays if name.startswith("predictions/")]
        if inner:
            return {name.partition("/")[2]: name for name in inner}
        usual = next((n for n in ("predictions", "prediction", "pred") if n in self.arrays), None)
        if usual is None:
            raise ValidationError(
                f"`predictions` must name the arrays of predictions of {self.path}; there is no "
                f"group or array 'predictions'. The arrays are {listing(list(self.arrays), 12)}."
            )
        return {"model": usual}

    def models(
        self, model: str, name: str, dims: tuple[str, str], shape: tuple[int, int]
    ) -> dict[str, Grid]:
        """Give the grid of a model, or of each along a dimension ``model``."""
        array, names = self.arrays[name], self.dimensions(name)
        if array.ndim == 2:
            return {f"predictions/{model}": self.grid(name, dims, shape, "predictions")}
        axis = names.index("model") if names is not None and "model" in names else 2
        if array.ndim != 3 or (names is None and "model" not in self.arrays):
            raise self._shape(name, "predictions", shape)
        listed = self.values(self.existing("model", "model")).astype(object)
        models = unique_names(listed, "model", "model")
        return {
            f"predictions/{one}": self.grid(name, dims, shape, "predictions", (axis, number))
            for number, one in enumerate(models)
        }

    def dimensions(self, name: str) -> tuple[str, ...] | None:
        """Read the names of the dimensions, as Zarr 3 keeps them or as xarray notes them."""
        array = self.arrays[name]
        own = getattr(array.metadata, "dimension_names", None) or array.attrs.get(
            "_ARRAY_DIMENSIONS"
        )
        return None if own is None or None in own else tuple(own)

    def grid(
        self,
        name: str,
        dims: tuple[str, str],
        shape: tuple[int, int],
        argument: str,
        model: tuple[int, int] | None = None,
    ) -> Grid:
        """Check an array, and find which of its axes are loci and cell types."""
        array, names = self.arrays[name], self.dimensions(name)
        rest = [axis for axis in range(array.ndim) if model is None or axis != model[0]]
        axes = (rest[0], rest[1]) if len(rest) == 2 else None
        if axes is not None and names is not None and names[rest[0]] == dims[1]:
            axes = (rest[1], rest[0])
        elif axes is not None and tuple(array.shape[axis] for axis in axes) == shape[::-1]:
            axes = axes[::-1] if shape[0] != shape[1] else axes
        if axes is None or tuple(array.shape[axis] for axis in axes) != shape:
            raise self._shape(name, argument, shape)
        if array.dtype.kind not in "biuf":
            raise ValidationError(
                f"`{argument}` must be an array of numbers; {name!r} of {self.path} is of type "
                f"{array.dtype}. Write it as numbers (0/1 for labels)."
            )
        return Grid(
            array=name,
            axes=axes,
            dtype=str(array.dtype),
            chunks=(array.chunks[axes[0]], array.chunks[axes[1]]),
            model=model,
            missing=self._missing(name, argument),
        )

    def _missing(self, name: str, argument: str) -> float | None:
        """Find the number that xarray wrote for NaN; packed numbers are refused."""
        array = self.arrays[name]
        packed = [key for key in ("scale_factor", "add_offset") if key in array.attrs]
        if packed:
            raise ValidationError(
                f"`{argument}` must hold its numbers as they are; {name!r} of {self.path} is "
                f"packed ({listing(packed)}). Write it without that encoding."
            )
        value = array.attrs.get("_FillValue")
        if value is None and "_ARRAY_DIMENSIONS" in array.attrs:
            value = array.fill_value  # where xarray keeps it in the second version of the format
        if isinstance(value, str):  # how xarray writes floats in the third
            value = struct.unpack("<d", base64.standard_b64decode(value))[0]
        return None if value is None or np.isnan(value) else float(value)

    def _shape(self, name: str, argument: str, shape: tuple[int, int]) -> ValidationError:
        """Say that an array has another shape than loci x cell types."""
        return ValidationError(
            f"`{argument}` must be an array of loci x cell types, here {shape[0]:,} x {shape[1]}; "
            f"{name!r} of {self.path} has the shape {self.arrays[name].shape}. Check how it was "
            "written."
        )
