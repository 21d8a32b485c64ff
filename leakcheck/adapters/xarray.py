"""xarray: data variables of loci x cell types."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from leakcheck._typing import FloatArray
from leakcheck.adapters.column_names import INTERVAL
from leakcheck.adapters.names import named_cell_types, named_models
from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError

__all__ = ["evaluation_set_from_xarray"]


def evaluation_set_from_xarray(
    dataset: Any,
    *,
    predictions: str | Sequence[str] | Mapping[str, str],
    labels: str = "label",
    signal: str | None = None,
    locus: str = "locus",
    celltype: str = "celltype",
    model: str = "model",
    train: str | Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    positive_label: Any = None,
    label_kind: Literal["binary", "continuous"] | None = None,
) -> EvaluationSet:
    """Make an evaluation set of an xarray Dataset.

    Parameters
    ----------
    dataset : xarray.Dataset
        Its variables have the dimensions `locus` and `celltype`, in either order; both are named
        by coordinates. Coordinates ``chrom, start, end`` along `locus` are intervals (0-based,
        half-open).
    predictions : str, sequence of str or mapping of str to str
        Variables with predictions; a mapping gives each model the name of its variable. A variable
        with the further dimension `model` holds the models that its coordinate names.
    labels, signal : str
        Variables with the observed activity, and with continuous activity beside binary labels.
        NaN = not observed.
    locus, celltype, model : str
        Names of the dimensions.
    train : str or sequence of str, optional
        Reference cell types; ``"leave-one-out"``; or a coordinate of booleans along `celltype`.
    families, positive_label, label_kind
        As for `leakcheck.build_evaluation_set`.

    Returns
    -------
    EvaluationSet
        Loci and cell types in their order in `dataset`.

    Raises
    ------
    ValidationError
        When a variable, dimension or coordinate is not there; the message lists those that are.

    Examples
    --------
    >>> import xarray
    >>> dims, names = ("locus", "celltype"), {"locus": ["a", "b"], "celltype": ["K562", "H1"]}
    >>> nan = float("nan")
    >>> data = xarray.Dataset({"label": (dims, [[0, 1], [1, 0]]),
    ...                        "net": (dims, [[nan, 0.7], [nan, 0.2]])}, coords=names)
    >>> evaluation_set_from_xarray(data, predictions="net", train=["K562"]).targets
    ('H1',)
    """
    if not hasattr(dataset, "data_vars"):
        raise ValidationError(
            f"`dataset` must be an xarray Dataset; it is a {type(dataset).__name__}. Open a path "
            "with xarray.open_zarr or xarray.open_dataset, and make a DataArray one with "
            ".to_dataset(name=...)."
        )
    grid = (locus, celltype)
    scores: dict[str, FloatArray] = {}
    for name, variable in named_models(predictions).items():
        scores |= _scores(dataset, name, variable, grid, model)
    return build_evaluation_set(
        scores,
        _matrix(_variable(dataset, labels, "labels"), grid, "labels"),
        _loci(dataset, locus),
        _names(dataset, celltype, "celltype"),
        train=named_cell_types(_along(dataset, celltype, "celltype"), train),
        signal=None
        if signal is None
        else _matrix(_variable(dataset, signal, "signal"), grid, "signal"),
        families=families,
        positive_label=positive_label,
        label_kind=label_kind,
    )


def _variable(dataset: Any, name: str, argument: str) -> Any:
    """Find a variable."""
    if name in dataset.data_vars:
        return dataset[name]
    known = [str(key) for key in dataset.data_vars]
    raise ValidationError(
        f"`{argument}` names a variable that is not there: {name!r}.{did_you_mean(name, known)} "
        f"The variables are {listing(known, 12)}."
    )


def _scores(
    dataset: Any, name: str, variable: str, grid: tuple[str, str], model: str
) -> dict[str, FloatArray]:
    """Read the predictions of one model, or of all along a dimension."""
    array = _variable(dataset, variable, "predictions")
    if model not in array.dims:
        return {name: _matrix(array, grid, "predictions")}
    names = _names(dataset, model, "model")
    return {
        one: _matrix(array.isel({model: i}), grid, "predictions") for i, one in enumerate(names)
    }


def _matrix(array: Any, grid: tuple[str, str], argument: str) -> FloatArray:
    """Read a variable as loci x cell types."""
    if set(array.dims) != set(grid):
        raise ValidationError(
            f"`{argument}` must have the dimensions {listing(grid)}; {str(array.name)!r} has "
            f"{listing([str(dim) for dim in array.dims])}. Name the dimensions by `locus`, "
            "`celltype` and `model`, or select along the others first."
        )
    values: FloatArray = array.transpose(*grid).to_numpy()
    return values


def _names(dataset: Any, dimension: str, argument: str) -> list[str]:
    """Read the coordinate that names a dimension."""
    if dimension not in dataset.coords:
        known = [str(name) for name in dataset.coords]
        raise ValidationError(
            f"`{argument}` must be a dimension with a coordinate that names it; {dimension!r} has "
            f"none.{did_you_mean(dimension, known)} The coordinates are {listing(known, 12)}."
        )
    return [str(name) for name in dataset.coords[dimension].to_numpy()]


def _along(dataset: Any, dimension: str, argument: str) -> pd.DataFrame:
    """Collect the coordinates along a dimension."""
    columns = {
        str(name): coordinate.to_numpy()
        for name, coordinate in dataset.coords.items()
        if coordinate.dims == (dimension,) and name != dimension
    }
    return pd.DataFrame(columns, index=_names(dataset, dimension, argument))


def _loci(dataset: Any, dimension: str) -> Any:
    """Give names, with intervals where they stand beside them."""
    frame = _along(dataset, dimension, "locus")
    if not set(INTERVAL) <= set(frame.columns):
        return list(frame.index)
    return frame[list(INTERVAL)].assign(id=list(frame.index)).reset_index(drop=True)
