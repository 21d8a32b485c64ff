"""Floor 3: correlation of the activity of cell types, over all loci and without each block."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray
from leakcheck.base.chunks import Layout, Runs
from leakcheck.base.columns import Positions, gather_last
from leakcheck.panel import ReferencePanel
from leakcheck.panel_rows import GenomeOrder

__all__ = ["Correlations"]

#: Values of all cell types in a stretch of loci.
OwnValues: TypeAlias = Callable[[slice], NDArray[Any]]


class Correlations:
    """Correlation of cell types over loci, whole and without each block, from block sums.

    Parameters
    ----------
    panel : ReferencePanel
        The references; a cell type's own values are those of its references and audited pairs.
    """

    def __init__(self, panel: ReferencePanel) -> None:
        genome = GenomeOrder(panel, np.arange(len(panel.data.loci)))
        data, signal = panel.data, panel.target_signal
        known = panel.observed if signal is None else panel.signal_pairs
        exact = signal is None and data.label_kind == "binary"

        def read(rows: Positions) -> NDArray[Any]:
            at = genome.loci(rows)
            seen = known[:, at] | data.audited[at].T
            values = (data.labels if signal is None else signal)[at].T
            if not exact:
                return np.where(seen, values, np.nan)
            found = np.full(seen.shape, -1, dtype=np.int8)
            np.copyto(found, values, casting="unsafe", where=seen)
            return found

        self._own = _Sums.of(read, genome.runs, len(data.cell_types), panel.n_blocks)

    @classmethod
    def of_columns(
        cls, read: OwnValues, runs: Runs, n_cell_types: int, n_blocks: int
    ) -> "Correlations":
        """Correlate cell types whose values are read stretch by stretch, once.

        Parameters
        ----------
        read : callable
            Gives the values of all cell types in some loci, shape (n_cell_types, n): int8 and -1
            where unknown for binary labels without a signal, else float64 and NaN.
        runs : Runs
            All loci in genome order.
        n_cell_types : int
            Cell types.
        n_blocks : int
            Blocks.

        Returns
        -------
        Correlations
            The same, bit for bit, as of a panel in memory.
        """
        found = cls.__new__(cls)
        found._own = _Sums.of(lambda rows: gather_last(read, rows), runs, n_cell_types, n_blocks)
        return found

    def whole(self) -> FloatArray:
        """Correlate all cell types over all loci.

        Returns
        -------
        ndarray of float, shape (n_cell_types, n_cell_types)
            Pearson's correlation, range -1 to 1. NaN where two share fewer than 3 loci, or one of
            them is constant there.
        """
        return self._own.correlation(None)

    def without_blocks(self, column: int) -> FloatArray:
        """Correlate one cell type with all, each block left out in turn.

        Parameters
        ----------
        column : int
            Position of the cell type.

        Returns
        -------
        ndarray of float, shape (n_blocks, n_cell_types)
            NaN as for `whole`.
        """
        return self._own.correlation_without(column)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums by block over the loci that two cell types share: n, x, y, xx, yy, xy."""

    n: FloatArray
    x: FloatArray
    xx: FloatArray
    xy: FloatArray

    @classmethod
    def of(
        cls, read: Callable[[Positions], NDArray[Any]], runs: Runs, n_cell_types: int, n_blocks: int
    ) -> "_Sums":
        """Sum products over chunks of each block."""
        sums = np.zeros((4, n_blocks, n_cell_types, n_cell_types))
        centre: FloatArray | None = None
        for chunk in Layout.of(runs, np.arange(n_blocks)).chunks:
            # The layout in memory decides in which order values are summed.
            values = np.ascontiguousarray(read(chunk.rows))
            if values.dtype.kind == "i":  # quarters, whose sums over a chunk float32 holds exactly
                seen = values >= 0
                filled = np.where(seen, values - np.float32(0.5), np.float32(0))
            else:
                seen = ~np.isnan(values)
                if centre is None:  # any number near the values will do: it is for accuracy alone
                    centre = _row_means(values)[:, None]
                filled = np.where(seen, values - centre, 0.0)
            for kind, part in enumerate(_products(filled, seen)):
                sums[kind, chunk.fold] += part
        return cls(*sums)

    def correlation(self, column: int | None) -> FloatArray:
        """Correlation over all blocks."""
        pick = slice(None) if column is None else slice(column, column + 1)
        total = (kind.sum(axis=0) for kind in (self.n, self.x, self.xx, self.xy))
        n, x, xx, xy = total
        return _correlation(n[pick], x[pick], x.T[pick], xx[pick], xx.T[pick], xy[pick])

    def correlation_without(self, column: int) -> FloatArray:
        """Correlation of one cell type with all, each block left out in turn."""
        n, x, xx, xy = (kind[:, column] for kind in (self.n, self.x, self.xx, self.xy))
        y, yy = self.x[:, :, column], self.xx[:, :, column]
        left = (kind.sum(axis=0) - kind for kind in (n, x, y, xx, yy, xy))
        return _correlation(*left)


def _products(filled: FloatArray, seen: BoolArray) -> tuple[FloatArray | float, ...]:
    """Sums of n, x, xx and xy over the loci that two cell types share."""
    products, squares = filled @ filled.T, filled * filled
    if seen.all():
        n = float(filled.shape[1])
        return n, filled.sum(axis=1)[:, None], squares.sum(axis=1)[:, None], products
    known = seen.astype(filled.dtype)
    return known @ known.T, filled @ known.T, squares @ known.T, products


def _correlation(
    n: FloatArray, x: FloatArray, y: FloatArray, xx: FloatArray, yy: FloatArray, xy: FloatArray
) -> FloatArray:
    """Pearson's correlation from sums; NaN where a variance is zero or fewer than 3 loci."""
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = xy - x * y / n
        scale = (xx - x * x / n) * (yy - y * y / n)
        enough = (n >= 3) & (scale > 1e-12 * np.maximum(xx * yy, 1e-300))
        found: FloatArray = np.where(
            enough, covariance / np.sqrt(np.where(enough, scale, 1.0)), np.nan
        )
        return found


def _row_means(values: FloatArray) -> FloatArray:
    """Mean of each row over known values, 0 for a row that knows none."""
    seen = ~np.isnan(values)
    count = seen.sum(axis=1)
    total = np.where(seen, values, 0.0).sum(axis=1)
    means: FloatArray = np.divide(total, count, out=np.zeros(len(values)), where=count > 0)
    return means
