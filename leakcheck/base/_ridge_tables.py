"""Floor 1: columns of regressions, made chunk by chunk and standardised over all rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.base.chunks import Chunk, Layout
from leakcheck.base.columns import Moments
from leakcheck.base.level_columns import LevelColumns

__all__ = [
    "FEW",
    "Measured",
    "Regression",
    "Remembered",
    "RowsOf",
    "Scale",
    "Table",
    "combine",
    "empty_rows",
    "others",
]

#: Makes the columns of a chunk, a column in each row.
RowsOf: TypeAlias = Callable[[Chunk], FloatArray]

FEW: Final = 4
_REGISTER: Final = 16


class Remembered:
    """What is made of chunks, kept where it is small enough."""

    def __init__(self, make: Callable[[Chunk], Any], keep: bool) -> None:
        self._make = make
        self._kept: dict[int, Any] | None = {} if keep else None

    def __call__(self, chunk: Chunk) -> Any:
        """What is made of a chunk."""
        if self._kept is None:
            return self._make(chunk)
        found = self._kept.get(chunk.places.start)
        if found is None:
            found = self._kept[chunk.places.start] = self._make(chunk)
        return found

    def forget(self) -> None:
        """Keep nothing, from now on."""
        self._kept = None

    def last(self, chunk: Chunk) -> Any:
        """The same, and forget it."""
        if self._kept is None:
            return self._make(chunk)
        kept = self._kept.pop(chunk.places.start, None)
        return self._make(chunk) if kept is None else kept


class Scale(NamedTuple):
    """What makes columns of mean 0 and variance 1; constant ones become 0."""

    mean: FloatArray
    factor: FloatArray

    @classmethod
    def of(cls, moments: Moments) -> "Scale":
        """From the moments of the columns."""
        spread = np.sqrt(moments.variance)
        # What rounding leaves of equal numbers, whatever their unit.
        constant = spread <= 1e-6 * np.abs(moments.mean)
        factor = np.where(constant, 0, 1 / np.where(constant, 1, spread))
        return cls(moments.mean[:, None], factor.astype(np.float32)[:, None])

    def apply(self, rows: FloatArray, out: FloatArray) -> None:
        """Write the standardised rows."""
        mean = self.mean.astype(rows.dtype)  # arithmetic in the precision of the rows is faster
        np.subtract(rows, mean, out=out, casting="same_kind")
        out *= self.factor


class Measured(NamedTuple):
    """What two passes over a table of features found; with it these are not made again."""

    scale: Scale
    products: FloatArray  # (n_folds, p, p)
    sums: FloatArray  # (n_folds, p)


def empty_rows(n_rows: int, n: int) -> FloatArray:
    """Rows to be filled, with zeros behind the n-th column to whole registers."""
    rows = np.empty((n_rows, -(-n // _REGISTER) * _REGISTER), dtype=np.float32)
    rows[:, n:] = 0
    return rows


def combine(coefficients: FloatArray, rows: FloatArray, n: int) -> FloatArray:
    """Sums of the rows, one for each column of coefficients, as float32.

    Whole registers are summed: what is left over would round in another way, and tell apart
    loci that are alike in everything.
    """
    wanted = np.ascontiguousarray(coefficients.T, dtype=np.float32)
    # A product of a matrix with few columns is slower than one of a vector for each of them.
    sums = np.stack([one @ rows for one in wanted]) if len(wanted) <= FEW else wanted @ rows
    return sums[:, :n]


class Regression(NamedTuple):
    """One regression of several, its columns made chunk by chunk.

    Attributes
    ----------
    fit : CrossFit
        Which features it may see.
    responses : callable
        Makes the responses of a chunk, shape (m, n).
    extras : callable or None
        Makes further columns of a chunk, float32, shape (q, n).
    levels : LevelColumns or None
        More further columns, of few levels; all regressions of a table have them, or none.
    """

    fit: Any
    responses: RowsOf
    extras: RowsOf | None = None
    levels: LevelColumns | None = None


@dataclass(frozen=True, eq=False)
class Table:
    """Further columns and responses of several fits, as rows of float32."""

    rows: Callable[[Chunk], FloatArray]  # of each fit standardised further columns, then responses
    n_rows: int
    places: list[slice]  # rows of each fit
    n_extra: list[int]
    means: list[FloatArray]  # of the responses
    levels: list[LevelColumns]  # standardised columns of few levels

    @property
    def n_further(self) -> list[int]:
        """Columns of each fit beside the features: of few levels, and others."""
        if not self.levels:
            return self.n_extra
        pairs = zip(self.levels, self.n_extra, strict=True)
        return [len(one.values) + q for one, q in pairs]

    @classmethod
    def of(cls, asked: Sequence[Regression], layout: Layout, remember: int) -> "Table":
        """Measure the columns, and lay them out."""
        raw = Remembered(lambda chunk: [_raw(one, chunk) for one in asked], keep=True)
        first = raw(layout.chunks[0])
        n_extra = [len(extra) for extra, _ in first]
        sizes = [len(extra) + len(own) for extra, own in first]
        ends = np.cumsum(sizes).tolist()
        # Rows of zeros to a multiple of four make products of many rows faster.
        n_rows = ends[-1] if ends[-1] <= FEW else -(-ends[-1] // FEW) * FEW
        places = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        keep = 8 * n_rows * layout.n_rows <= remember
        if not keep:
            raw.forget()
        moments: list[Moments] = [Moments() for _ in asked]
        totals: list[Any] = [0.0 for _ in asked]
        for chunk in layout.chunks:
            for i, (extra, own) in enumerate(raw(chunk)):
                moments[i].add(extra)
                totals[i] = totals[i] + own.sum(axis=1)
        means = [total / layout.n_rows for total in totals]
        scales = [Scale.of(one) if q else None for one, q in zip(moments, n_extra, strict=True)]

        def laid_out(chunk: Chunk) -> FloatArray:
            n, found = len(chunk), empty_rows(n_rows, len(chunk))
            found[ends[-1] :] = 0
            parts = zip(raw.last(chunk), places, scales, means, strict=True)
            for (extra, own), place, scale, mean in parts:
                mine = found[place, :n]
                if scale is not None:
                    scale.apply(extra, mine[: len(extra)])
                np.subtract(own, mean[:, None], out=mine[len(extra) :], casting="same_kind")
            return found

        levels = [_standard_levels(one.levels) for one in asked if one.levels is not None]
        return cls(Remembered(laid_out, keep), n_rows, places, n_extra, means, levels)


def _standard_levels(one: LevelColumns) -> LevelColumns:
    """Columns of few levels with mean 0 and variance 1 over the rows."""
    values = np.empty(one.values.shape, dtype=np.float32)
    Scale.of(one.moments).apply(one.values, values)
    return replace(one, values=values)


def _raw(one: Regression, chunk: Chunk) -> tuple[FloatArray, FloatArray]:
    """Further columns and responses of a chunk."""
    own = one.responses(chunk)
    extra = one.extras(chunk) if one.extras is not None else np.empty((0, own.shape[1]))
    return extra, own


def others(parts: FloatArray) -> FloatArray:
    """Of sums by fold, for each fold the sum over the others."""
    return np.asarray(parts.sum(axis=0) - parts)
