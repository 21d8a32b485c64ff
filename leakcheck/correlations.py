"""Floor 3: correlation of the activity of cell types, over all loci and without each block."""

import itertools
from dataclasses import dataclass

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.panel import ReferencePanel

__all__ = ["Correlations"]


class Correlations:
    """Correlation of cell types over loci, whole and without each block, from block sums.

    Parameters
    ----------
    panel : ReferencePanel
        The references; a cell type's own values are those of its references and audited pairs.
    """

    def __init__(self, panel: ReferencePanel) -> None:
        own = self._own_values(panel)
        self._own = _Sums.of(own, self._centres(own, panel), panel)

    @staticmethod
    def _centres(own: FloatArray, panel: ReferencePanel) -> FloatArray:
        """What to subtract for accuracy: 1/2 from 0 and 1 keeps every sum exact."""
        if panel.target_signal is None and panel.data.label_kind == "binary":
            return np.full(len(own), 0.5)
        return _row_means(own)

    @staticmethod
    def _own_values(panel: ReferencePanel) -> FloatArray:
        """Activity of every cell type at its reference and audited loci."""
        data = panel.data
        source = panel.target_signal if panel.target_signal is not None else data.labels
        seen = data.reference | data.audited
        return np.where(seen.T, source.T, np.nan)

    def whole(self) -> FloatArray:
        """Correlate all cell types over all loci.

        Returns
        -------
        ndarray of float, shape (n_cell_types, n_cell_types)
            NaN where two share fewer than 3 loci, or one of them is constant there.
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
    def of(cls, values: FloatArray, centre: FloatArray, panel: ReferencePanel) -> "_Sums":
        """Sum products by block; values by cell type, NaN where unknown."""
        seen = ~np.isnan(values)
        filled = np.where(seen, values - centre[:, None], 0.0)
        order = np.argsort(panel.blocks, kind="stable")
        bounds = np.searchsorted(panel.blocks[order], np.arange(panel.n_blocks + 1))
        complete = bool(seen.all())
        parts = []
        for low, high in itertools.pairwise(bounds):
            rows = order[low:high]
            v = filled[:, rows]
            m = seen[:, rows].astype(np.float64)
            size = len(v)
            if complete:
                n = np.full((size, size), float(len(rows)))
                x = np.repeat(v.sum(axis=1)[:, None], size, axis=1)
                xx = np.repeat((v * v).sum(axis=1)[:, None], size, axis=1)
            else:
                n, x, xx = m @ m.T, v @ m.T, (v * v) @ m.T
            parts.append((n, x, xx, v @ v.T))
        n, x, xx, xy = (np.stack(kind) for kind in zip(*parts, strict=True))
        return cls(n, x, xx, xy)

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
