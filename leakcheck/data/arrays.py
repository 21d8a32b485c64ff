"""Any array-like to a plain numpy array: numbers as numbers, everything else as objects.

Lists, tuples, numpy arrays, pandas objects of every dtype, and whatever has ``to_numpy`` (polars).
A missing value (None, NaN, ``pd.NA``) becomes NaN among numbers and stays missing among objects.
"""

from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck.data.usual_columns import INTERVAL
from leakcheck.exceptions import ValidationError

__all__ = [
    "as_frame",
    "converted",
    "dimensions",
    "frozen",
    "is_default_index",
    "is_frame",
    "is_number",
    "is_numeric",
    "named_frame",
    "no_numbers",
    "plain",
    "text_among",
    "unread_table",
]

_NUMERIC_KINDS = "biuf"
_NUMERIC_OBJECTS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal", "empty"}


def is_frame(values: object) -> bool:
    """Say whether `values` is a table with named columns (pandas, polars and their like)."""
    if isinstance(values, pd.DataFrame):
        return True
    # In this order: a LazyFrame of polars warns that its columns cost much.
    return hasattr(values, "to_numpy") and hasattr(values, "columns")


def unread_table(values: object) -> str:
    """Say how a table whose columns are no arrays yet becomes a frame; else nothing.

    Of dask, a LazyFrame of polars, a Table of pyarrow: as arrays, they would lose their names.
    """
    kind = type(values)  # asked of itself, a LazyFrame warns that its columns cost much
    if is_frame(values) or not hasattr(kind, "columns") or getattr(values, "ndim", 2) != 2:
        return ""
    ways = ("compute", "collect", "to_pandas")
    way = next((name for name in ways if hasattr(kind, name)), None)
    return f"It is not in memory as a frame yet: pass what its method {way}() gives." if way else ""


def named_frame(values: Any) -> pd.DataFrame | None:
    """Give a table with named columns, or an xarray DataArray of two dimensions, as a frame.

    None for arrays without names.
    """
    if is_frame(values):
        return as_frame(values)
    if hasattr(values, "dims") and hasattr(values, "to_pandas"):
        frame = values.to_pandas()
        return frame if isinstance(frame, pd.DataFrame) else None
    return None


def as_frame(values: Any) -> pd.DataFrame:
    """Give `values` as a pandas frame; columns of other libraries come through their arrays."""
    if isinstance(values, pd.DataFrame):
        return values
    return pd.DataFrame({str(name): values[name].to_numpy() for name in values.columns})


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Give a read-only view; the array of the user keeps its own flag."""
    view = array.view()
    view.flags.writeable = False
    return view


def is_default_index(index: pd.Index) -> bool:
    """Say whether an index only counts 0, 1, 2, ..., so that it names nothing."""
    return isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index)))


def is_numeric(array: NDArray[Any]) -> bool:
    """Say whether an array holds booleans, integers or real numbers."""
    return array.dtype.kind in _NUMERIC_KINDS


def is_number(value: Any) -> bool:
    """Say whether a value is a finite real number, and no boolean."""
    is_real = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    return is_real and bool(np.isfinite(value))


def text_among(array: NDArray[Any]) -> list[Any]:
    """Give the entries of an array that are neither numbers nor missing, in order."""
    entries = array.ravel().tolist()
    return [one for one in entries if not (isinstance(one, Real | np.bool_) or pd.isna(one))]


def no_numbers(array: NDArray[Any]) -> tuple[list[Any], str]:
    """Give the entries that cannot be read as numbers, or all text if all can; and the remedy."""
    text = text_among(array)
    unread = pd.to_numeric(pd.Series(text, dtype=object), errors="coerce").isna().tolist()
    odd = [one for one, bad in zip(text, unread, strict=True) if bad and str(one).lower() != "nan"]
    if not odd:
        return text, "Convert them: pandas.to_numeric(...)."
    return odd, (
        "Write decimals with a point, nothing between thousands, and NaN (in a file: an empty "
        "field) where there is no value."
    )


def dimensions(values: object, argument: str) -> int:
    """Count the dimensions of an argument: 1 (long) or 2 (wide); anything else is an error."""
    if is_frame(values):
        return 2
    shape = _shape_of(values)
    if shape is not None:
        found = len(shape)
    elif isinstance(values, Sequence) and not isinstance(values, str | bytes):
        nested = len(values) > 0 and isinstance(values[0], list | tuple | np.ndarray)
        found = 2 if nested else 1
    else:
        found = 0
    if isinstance(values, str | Path):
        raise ValidationError(
            f"`{argument}` must be a sequence with one entry per row, or a table of loci x cell "
            f"types; it is the {type(values).__name__} {str(values)!r}. Read a file first, with "
            "numpy.load or leakcheck.adapters.read_table; a column's name goes together with "
            "`data`."
        )
    unread = unread_table(values)
    if found not in (1, 2) or unread or hasattr(values, "tocsr") or hasattr(values, "obs_names"):
        remedy = unread or (
            "Pass a list, a numpy array, a pandas Series or a DataFrame, or read other containers "
            "with `leakcheck.adapters`."
        )
        raise ValidationError(
            f"`{argument}` must be a sequence with one entry per row, or a table of loci x cell "
            f"types; it is {_described(values)}. {remedy}"
        )
    return found


def _shape_of(values: object) -> tuple[Any, ...] | None:
    """Shape of an array or tensor; None of what has none, or does not know it yet."""
    shape = getattr(values, "shape", None)
    try:
        return None if shape is None else tuple(shape)
    except (TypeError, ValueError):
        return None


def plain(values: Any, argument: str) -> NDArray[Any]:
    """Give the numpy array of an array-like, without a copy where it is one already."""
    if is_frame(values):
        return _plain_frame(as_frame(values), argument)
    if isinstance(values, pd.Series | pd.Index | pd.api.extensions.ExtensionArray):
        return _plain_series(pd.Series(values))
    if isinstance(values, np.ma.MaskedArray):
        return _plain_masked(values)
    if not isinstance(values, np.ndarray) and hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, list | tuple):
        return _plain_objects(_object_array(values, argument))
    return _numbers_or_objects(converted(values, argument))


def converted(values: Any, argument: str) -> NDArray[Any]:
    """Give the array that a container of another library makes of itself.

    Raises
    ------
    ValidationError
        When it cannot: tensors with gradients, on another device, of a type that numpy lacks.
    """
    try:
        return np.asarray(values)
    except (RuntimeError, TypeError, ValueError) as error:
        why = str(error).strip().splitlines()
        raise ValidationError(
            f"`{argument}` must be readable as a numpy array; converting the "
            f"{type(values).__name__} failed: {why[0] if why else repr(error)} Convert it first; "
            "a tensor of PyTorch with .detach().cpu().float().numpy()."
        ) from error


def _numbers_or_objects(array: NDArray[Any]) -> NDArray[Any]:
    """Leave numbers alone; dates become text, for as objects they would be whole numbers."""
    if is_numeric(array):
        return array
    return _plain_objects((array.astype(str) if array.dtype.kind in "mM" else array).astype(object))


def _object_array(values: Sequence[Any], argument: str) -> NDArray[Any]:
    """Make an object array of a list: numpy alone would turn a NaN among strings into 'nan'."""
    if len(values) > 0 and isinstance(values[0], list | tuple | np.ndarray):
        lengths = [np.size(row) for row in values]
        odd = next((i for i, length in enumerate(lengths) if length != lengths[0]), None)
        if odd is not None:
            raise ValidationError(
                f"`{argument}` must have rows of one length; row 0 has {lengths[0]} entries and "
                f"row {odd} has {lengths[odd]}. Give every row the same cell types."
            )
        return np.array([list(row) for row in values], dtype=object)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _plain_masked(values: Any) -> NDArray[Any]:
    """Turn masked entries into missing ones; `np.asarray` would uncover what lies under them."""
    mask = np.ma.getmaskarray(values)
    data = np.array(values.data) if values.dtype.kind == "f" else values.data.astype(object)
    data[mask] = np.nan if values.dtype.kind == "f" else None
    return data if is_numeric(data) else _plain_objects(data)


def _plain_series(series: "pd.Series[Any]") -> NDArray[Any]:
    """Give the array of a Series; nullable numbers become floats only where some are missing."""
    dtype: Any = series.dtype
    if isinstance(dtype, np.dtype):
        return _numbers_or_objects(series.to_numpy())
    if isinstance(dtype, pd.CategoricalDtype):
        return _numbers_or_objects(np.asarray(series.array))
    inner = getattr(dtype, "numpy_dtype", None)
    if isinstance(inner, np.dtype) and inner.kind in _NUMERIC_KINDS:
        if not series.isna().any():
            return series.to_numpy(dtype=inner)
        return series.to_numpy(dtype=inner if inner.kind == "f" else np.float64, na_value=np.nan)
    if isinstance(dtype, pd.SparseDtype):
        return np.asarray(series.array.to_dense())
    return _plain_objects(series.to_numpy(dtype=object))


def _plain_frame(frame: pd.DataFrame, argument: str) -> NDArray[Any]:
    """Give the matrix of a frame: a view where all columns have one numpy dtype."""
    dtypes = set(frame.dtypes)
    only: Any = next(iter(dtypes)) if len(dtypes) == 1 else None
    if isinstance(only, np.dtype) and only.kind in _NUMERIC_KINDS:
        return frame.to_numpy()
    columns = [_plain_series(frame.iloc[:, position]) for position in range(frame.shape[1])]
    text = [position for position, column in enumerate(columns) if not is_numeric(column)]
    n_numbers = sum(is_numeric(column) and not pd.isna(column).all() for column in columns)
    if text and n_numbers:
        raise _text_in_columns(frame, text, columns[text[0]], argument)
    dtype = np.dtype(object) if text else np.result_type(*columns) if columns else np.dtype(float)
    matrix = np.empty(frame.shape, dtype=dtype)
    for position, column in enumerate(columns):
        matrix[:, position] = column
    return matrix


def _text_in_columns(
    frame: pd.DataFrame, text: list[int], first: NDArray[Any], argument: str
) -> ValidationError:
    """Write the error of a wide table with text: values that are none, or the names of loci."""
    name = str(frame.columns[text[0]])
    if set(INTERVAL) <= set(frame.columns):
        return ValidationError(
            f"`{argument}` as a wide table must hold values only; its columns chrom, start, end "
            f"say where its loci are. Make them the row names: {argument}.set_index(['chrom', "
            "'start', 'end']); a table without row names (polars) goes through "
            "`leakcheck.adapters.evaluation_set_from_table`."
        )
    odd, remedy = no_numbers(first)
    if len(text) > 1 or len(set(map(str, odd))) < 2:
        more = f" and {len(text) - 1} more hold" if len(text) > 1 else " holds"
        return ValidationError(
            f"`{argument}` as a wide table must hold values only; its column {name!r}{more} text, "
            f"the first is {str(odd[0])!r}. {remedy} Leave out columns that are no cell types."
        )
    return ValidationError(
        f"`{argument}` as a wide table must hold values only; its column {name!r} holds text. "
        f"Make it the row names: {argument}.set_index({name!r}); a table without row names "
        "(polars) goes through `leakcheck.adapters.evaluation_set_from_table`. In a terminal: "
        "--loci NAME for the column of loci; leave out what describes them."
    )


def _plain_objects(array: NDArray[Any]) -> NDArray[Any]:
    """Turn an object array that holds only numbers and missing values into numbers."""
    flat = array.ravel()
    kind = pd.api.types.infer_dtype(flat, skipna=True)
    missing = np.asarray(pd.isna(flat), dtype=bool)
    present = flat[~missing]
    if kind not in _NUMERIC_OBJECTS and not _all_real(present):
        return array
    if kind == "boolean" and not missing.any():
        return array.astype(bool)
    numbers = np.full(flat.shape, np.nan)
    numbers[~missing] = present.astype(np.float64)
    return numbers.reshape(array.shape)


def _all_real(present: NDArray[Any]) -> bool:
    """Say whether all objects are real numbers, such as a mix of True, 0 and 1.0."""
    return all(issubclass(kind, Real | np.bool_) for kind in set(map(type, present)))


def _described(values: object) -> str:
    """Say what an argument is, for a message."""
    shape = _shape_of(values)
    name = type(values).__name__
    kind = f"{'an' if name[:1] in 'AEIOUaeio' else 'a'} {name}"
    if shape is not None:
        return f"{kind} with {len(shape)} dimensions"
    return kind if values is not None else "missing (None)"
