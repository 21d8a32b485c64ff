"""Floor 3: features that do not change across cell types: what a model can memorise with."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.hashing import hash_rows
from leakcheck.data.arrays import as_frame, is_frame, is_numeric, plain
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.names import factorize_names
from leakcheck.exceptions import ValidationError

__all__ = ["constant_features", "count_distinguished_loci"]

#: Values compared at a time: 64 MB of float64 and its copies.
_CELLS_AT_ONCE: Final = 8_000_000


def constant_features(X: Any, loci: Any, celltypes: Any) -> pd.DataFrame:  # noqa: N803
    """Find the features that have one value at a locus whatever the cell type.

    Sequence, k-mers, GC content, conservation, a fixed panel of other cell types: a model can
    tell loci apart by these, and so remember how active each locus is on average. It can do so
    whether or not it also has features that differ between cell types.

    Parameters
    ----------
    X : array-like, DataFrame or scipy sparse matrix, shape (n_rows, n_features)
        Features, one row for each (locus, cell type) pair. Missing values equal each other, and
        -0.0 equals 0.0. Read in blocks of columns; never copied whole.
    loci : DataFrame, Loci or sequence of str, length n_rows
        Locus of each row.
    celltypes : sequence of str, length n_rows
        Cell type of each row.

    Returns
    -------
    pandas.DataFrame
        One row for each feature: ``feature``; ``constant``: it never changes across cell types;
        ``n_loci_checked``: loci with two or more cell types; ``n_loci_constant`` and
        ``share_of_loci_constant`` among these; ``n_values``: distinct values over all loci
        (of a locus's first row); ``tells_loci_apart``: it is constant and has two or more values.

    Raises
    ------
    ValidationError
        When lengths differ, or no locus has two cell types: then nothing can be seen to change.

    Notes
    -----
    Every value is compared with that of the locus's first row, which is exact. Text is numbered by
    hashing first. For what constant features do together see
    `leakcheck.features_check.count_distinguished_loci`.

    Examples
    --------
    >>> X = np.array([[0.3, 1.0], [0.3, 2.0], [0.7, 1.0], [0.7, 1.0]])
    >>> found = constant_features(X, ["g1", "g1", "g2", "g2"], ["A", "B", "A", "B"])
    >>> found["constant"].tolist(), found["share_of_loci_constant"].tolist()
    ([True, False], [1.0, 0.5])
    """
    table = _Table.of(X, loci, celltypes)
    checked = table.checked_loci()
    constant_loci, values = [], []
    for _, block in table.blocks():
        constant_loci.append(_constant_loci(block, table, checked))
        values.append([pd.Series(column).nunique(dropna=False) for column in block[table.first].T])
    n_constant = np.concatenate(constant_loci) if constant_loci else np.zeros(0, dtype=np.int64)
    n_values = np.array([n for part in values for n in part], dtype=np.int64)
    n_checked = int(checked.sum())
    constant = n_constant == n_checked
    return pd.DataFrame(
        {
            "feature": np.array(table.names, dtype=object),
            "constant": constant,
            "n_loci_checked": np.full(len(constant), n_checked),
            "n_loci_constant": n_constant,
            "share_of_loci_constant": n_constant / n_checked,
            "n_values": n_values,
            "tells_loci_apart": constant & (n_values > 1),
        }
    )


def count_distinguished_loci(
    X: Any,  # noqa: N803
    loci: Any,
    celltypes: Any,
    features: Any = None,
) -> tuple[int, int]:
    """Count the loci that the constant features tell apart from every other locus.

    Parameters
    ----------
    X, loci, celltypes : optional
        As for `constant_features`.
    features : sequence of str, optional
        Features to look at; those that `constant_features` finds constant by default.

    Returns
    -------
    n_alone, n_loci : int
        Loci whose values no other locus has, and all loci. With `n_alone` near `n_loci`, a model
        of enough parameters can memorise every locus.

    Raises
    ------
    ValidationError
        As for `constant_features`, and when a feature is unknown.

    Examples
    --------
    >>> X = np.array([[0.3, 1.0], [0.3, 2.0], [0.7, 1.0], [0.7, 1.0]])
    >>> count_distinguished_loci(X, ["g1", "g1", "g2", "g2"], ["A", "B", "A", "B"])
    (2, 2)
    """
    table = _Table.of(X, loci, celltypes)
    if features is None:
        found = constant_features(X, loci, celltypes)
        wanted = found["constant"].to_numpy()
    else:
        asked = [str(name) for name in features]
        unknown = [name for name in asked if name not in table.names]
        if unknown:
            raise ValidationError(
                f"`features` must name features of `X`; {unknown[0]!r} is none. They run from "
                f"{table.names[0]!r} to {table.names[-1]!r}."
            )
        wanted = np.isin(np.array(table.names, dtype=object), asked)
    hashes = np.zeros(len(table.first), dtype=np.uint64)
    for begin, block in table.blocks():
        chosen = wanted[begin : begin + block.shape[1]]
        if chosen.any():
            values = np.where(chosen, block[table.first], np.zeros(1, dtype=block.dtype))
            hashes += hash_rows(values, begin)
    _, counts = np.unique(hashes, return_counts=True)
    return int((counts == 1).sum()), len(hashes)


class _Table(NamedTuple):
    """Features with the locus and cell type of each row."""

    X: Any  # a two-dimensional array, a frame, or a sparse matrix in columns
    names: list[str]
    locus: IntArray
    first: IntArray  # first row of each locus
    cell_type: IntArray
    order: IntArray | None  # rows locus by locus; None where they come so
    starts: IntArray  # where each locus begins in that order

    @classmethod
    def of(cls, X: Any, loci: Any, celltypes: Any) -> "_Table":  # noqa: N803
        """Read and check the three."""
        values, names = _matrix(X)
        locus, _ = read_loci(loci, "loci")
        cell_type, _ = factorize_names(celltypes, "celltypes")
        sizes = {"X": int(values.shape[0]), "loci": len(locus), "celltypes": len(cell_type)}
        if len(set(sizes.values())) > 1:
            words = ", ".join(f"{size} in `{name}`" for name, size in sizes.items())
            raise ValidationError(
                f"`X`, `loci` and `celltypes` must have one entry for each row; they have {words}. "
                "Give them row by row."
            )
        n_loci = int(locus.max(initial=-1)) + 1
        first = np.empty(n_loci, dtype=np.int64)
        first[locus[::-1]] = np.arange(len(locus) - 1, -1, -1)
        starts = np.concatenate([[0], np.cumsum(np.bincount(locus))[:-1]]).astype(np.int64)
        is_ordered = bool((np.diff(locus) >= 0).all())
        order = None if is_ordered else np.argsort(locus, kind="stable")
        return cls(values, names, locus, first, cell_type, order, starts)

    def checked_loci(self) -> BoolArray:
        """Loci with two or more cell types."""
        found = np.zeros(len(self.first), dtype=np.bool_)
        found[self.locus[self.cell_type != self.cell_type[self.first][self.locus]]] = True
        if not found.any():
            raise ValidationError(
                "`loci` must have a locus with two cell types or more; none has. Without one, "
                "nothing can be seen to change across cell types."
            )
        return found

    def blocks(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """Blocks of columns as plain arrays, with the position of the first."""
        step = max(1, _CELLS_AT_ONCE // max(1, self.X.shape[0]))
        for begin in range(0, self.X.shape[1], step):
            yield begin, _block(self.X, begin, begin + step)


def _matrix(X: Any) -> tuple[Any, list[str]]:  # noqa: N803
    """Features as something with columns, and their names."""
    if hasattr(X, "tocsc"):
        columns = X.tocsc()
        return columns, [str(number) for number in range(columns.shape[1])]
    if is_frame(X):
        frame = as_frame(X)
        return frame, [str(name) for name in frame.columns]
    values = X if isinstance(X, np.ndarray) else np.asarray(X)
    if values.ndim != 2:
        raise ValidationError(
            f"`X` must be a table of rows x features; it has {values.ndim} dimensions. Reshape it, "
            "for example X.reshape(len(X), -1)."
        )
    return values, [str(number) for number in range(values.shape[1])]


def _block(values: Any, begin: int, end: int) -> NDArray[Any]:
    """Some columns as a plain array of numbers; text is numbered by hashing."""
    if hasattr(values, "tocsc"):
        dense: NDArray[Any] = values[:, begin:end].toarray()
        return dense
    if isinstance(values, np.ndarray):
        block = values[:, begin:end]
        return block if is_numeric(block) else _numbered(block.T)
    columns = [plain(values.iloc[:, i], "X") for i in range(begin, min(end, values.shape[1]))]
    if all(is_numeric(column) for column in columns):
        return np.column_stack(columns)
    return _numbered(columns)


def _numbered(columns: Any) -> NDArray[Any]:
    """Columns of anything as columns of codes; missing values share one."""
    return np.column_stack(
        [pd.factorize(np.asarray(column, dtype=object), use_na_sentinel=True)[0]
         for column in columns]
    )  # fmt: skip


def _constant_loci(block: NDArray[Any], table: _Table, checked: BoolArray) -> IntArray:
    """Count, for each feature, the checked loci at which no row differs from the first."""
    of_first = block[table.first][table.locus]
    differs = block != of_first
    if block.dtype.kind == "f":
        differs &= (block == block) | (of_first == of_first)  # noqa: PLR0124 - NaN equals NaN here
    ordered = differs if table.order is None else differs[table.order]
    changed = np.logical_or.reduceat(ordered, table.starts, axis=0)
    return np.asarray((~changed[checked]).sum(axis=0), dtype=np.int64)
