"""What containers call models and reference cell types."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leakcheck.exceptions import ValidationError

__all__ = ["named_cell_types", "named_models", "named_reference"]


def named_models(predictions: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """Give each model the name of what holds its predictions."""
    if isinstance(predictions, Mapping):
        found = {str(model): str(name) for model, name in predictions.items()}
    else:
        names = [predictions] if isinstance(predictions, str) else list(predictions)
        found = {str(name): str(name) for name in names}
    if not found:
        raise ValidationError(
            "`predictions` must name at least one; it names none. Say where the predictions are."
        )
    return found


def named_reference(train: str | Sequence[str] | None) -> Any:
    """Read `train` where there are no columns: "leave-one-out", one name or several."""
    if train is None or train == "leave-one-out":
        return train
    return [train] if isinstance(train, str) else list(train)


def named_cell_types(cells: pd.DataFrame, train: str | Sequence[str] | None) -> Any:
    """Read `train`: "leave-one-out", names, or a column of booleans beside the cell types."""
    if not isinstance(train, str) or train not in cells.columns:
        return named_reference(train)
    column = cells[train]
    if isinstance(column.dtype, pd.BooleanDtype) and not column.isna().any():
        column = column.astype(bool)  # as anndata reads columns that once had gaps
    if column.dtype != np.bool_:
        raise ValidationError(
            f"`train` must name a column of booleans; {train!r} has the type "
            f"{column.dtype}{_gaps(column)}. Pass the names of the reference cell types instead."
        )
    return [str(name) for name in cells.index[column.to_numpy()]]


def _gaps(column: "pd.Series[Any]") -> str:
    """Count what is missing in a column, in words."""
    n = int(column.isna().sum())
    return f", and {n} of {len(column)} values are missing" if n else ""
