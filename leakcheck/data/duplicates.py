"""Pairs that come twice: identical ones are dropped, conflicting ones are an error."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data.loci import Loci
from leakcheck.data.names import as_a_date
from leakcheck.data.wording import share, shown
from leakcheck.exceptions import ValidationError

__all__ = ["Axes", "first_positions", "refuse_long_conflicts", "refuse_wide_conflicts"]

#: The rows and columns of a grid.
Axes = tuple[Loci, tuple[str, ...]]


def first_positions(codes: IntArray) -> IntArray:
    """Find, for each entry, the first position that has the same code."""
    _, index, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return np.asarray(index[inverse.reshape(-1)], dtype=np.int64)


def _differ(a: NDArray[Any], b: NDArray[Any]) -> BoolArray:
    """Compare values; two missing ones do not differ."""
    differ = np.asarray(a != b, dtype=bool)
    if a.dtype.kind == "f":
        differ &= ~(np.isnan(a) & np.isnan(b))
    return differ


def refuse_long_conflicts(
    first: IntArray,
    flat: IntArray,
    axes: Axes,
    columns: Mapping[str, NDArray[Any]],
    argument: str,
) -> None:
    """Raise when two rows of one pair differ in any column."""
    repeats = np.flatnonzero(first != np.arange(len(first)))
    clashes = {
        name: _differ(values[repeats], values[first[repeats]]) for name, values in columns.items()
    }
    clash = np.logical_or.reduce(list(clashes.values()))
    if not clash.any():
        return
    at = int(np.argmax(clash))
    name = next(name for name, differs in clashes.items() if differs[at])
    row = int(repeats[at])
    earlier = int(first[row])
    values = columns[name]
    locus, cell_type = divmod(int(flat[row]), len(axes[1]))
    raise ValidationError(
        f"`{argument}` must have one row per (locus, cell type) pair; "
        f"{share(int(clash.sum()), len(flat), 'row', 'repeats/repeat')} an earlier pair with other "
        f"values, the first is ({axes[0].ids[locus]}, {axes[1][cell_type]}): {name} "
        f"{shown(values[earlier])} in row {earlier}, {shown(values[row])} in row {row}. Keep one "
        "of them, or give loci that share an interval (transcripts, replicates) ids of their own."
        f"{as_a_date(str(axes[0].ids[locus]))}"
    )


def refuse_wide_conflicts(
    values: NDArray[Any],
    first: tuple[IntArray, IntArray],
    names: tuple[IntArray, IntArray],
    axes: Axes,
    argument: str,
) -> None:
    """Raise when rows of one locus, or columns of one cell type, differ."""
    earlier = values[np.ix_(*first)]
    clash = _differ(values, earlier)
    if not clash.any():
        return
    row, column = np.argwhere(clash)[0].tolist()
    pair = f"({axes[0].ids[names[0][row]]}, {axes[1][names[1][column]]})"
    raise ValidationError(
        f"`{argument}` must have one row per locus and one column per cell type; "
        f"{share(int(clash.sum()), values.size, 'value', 'differs/differ')} from an earlier one, "
        f"the first is {pair}: {shown(earlier[row, column])} and {shown(values[row, column])}. "
        "Keep one of them, or give the rows names of their own."
    )
