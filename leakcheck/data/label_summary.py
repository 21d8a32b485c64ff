"""Where real-valued labels lie."""

from typing import NamedTuple

import numpy as np

from leakcheck._typing import FloatArray

__all__ = ["LabelSummary"]


class LabelSummary(NamedTuple):
    """Where real-valued labels lie, reference and audited ones together.

    Attributes
    ----------
    least, largest, mean, third_quartile : float
        Over all labels that are not missing.
    """

    least: float
    largest: float
    mean: float
    third_quartile: float

    @classmethod
    def of(cls, labels: FloatArray) -> "LabelSummary":
        """Summarise labels that are in memory.

        Parameters
        ----------
        labels : ndarray of float
            NaN where missing.

        Returns
        -------
        LabelSummary
        """
        values = labels[~np.isnan(labels)]
        ends = float(values.min()), float(values.max())
        return cls(*ends, float(values.mean()), float(np.quantile(values, 0.75)))
