"""Walking over the rows and the distinct values of a table."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

__all__ = ["distinct", "walk"]


def walk(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples."""
    return iter(frame.itertuples(index=False))


def distinct(frame: pd.DataFrame, column: str) -> list[str]:
    """Distinct strings of a column, in order of first appearance."""
    return list(dict.fromkeys(frame[column].tolist()))
