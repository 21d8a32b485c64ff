"""Which new loci of an audit lie near a locus of the reference."""

from typing import Final

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.base.intervals import IntervalIndex
from leakcheck.data import EvaluationSet

__all__ = ["GAP", "near_loci", "share_near"]

#: Bases below which a new locus is near: a gene's neighbour predicts it with AUROC 0.62 at 50 to
#: 200 kb, and 0.56 beyond (docs/roadmap_numbers.py).
GAP: Final = 200_000


def near_loci(data: EvaluationSet) -> BoolArray | None:
    """Say which loci without a reference pair lie near one that has some.

    Parameters
    ----------
    data : EvaluationSet
        The checked input.

    Returns
    -------
    numpy.ndarray of bool, shape (n_loci,), or None
        True where fewer than `GAP` bases, or none, lie between. None where that cannot be asked:
        without coordinates, and under leave-one-out, where every target has another reference.

    Examples
    --------
    >>> import leakcheck, numpy as np, pandas as pd
    >>> loci = [f"chr1:{at}-{at + 9}" for at in (0, 90_000, 900_000)]
    >>> labels = pd.DataFrame({"K562": [1, 0, 1], "H1": [1, np.nan, np.nan]}, index=loci)
    >>> data = leakcheck.build_evaluation_set(labels[["K562"]] * 0.5, labels, train=["H1"])
    >>> near_loci(data).tolist()
    [False, True, False]
    """
    loci = data.loci
    if data.leave_one_out or loci.chrom is None or loci.start is None or loci.end is None:
        return None
    known = data.reference_counts > 0
    near = np.zeros(len(known), dtype=np.bool_)
    if known.all():
        return near
    index = IntervalIndex(loci.chrom[known], loci.start[known], loci.end[known])
    found = index.nearest(loci.chrom[~known], loci.start[~known], loci.end[~known])
    near[~known] = found.distance < GAP
    return near


def share_near(n_near: int | None, n_new: int) -> float:
    """Share of the new loci that are near.

    Parameters
    ----------
    n_near : int or None
        How many are near; None where that is not known.
    n_new : int
        How many are new.

    Returns
    -------
    float
        0 to 1; NaN without new ones, or where that is not known.

    Examples
    --------
    >>> share_near(1, 4)
    0.25
    """
    return np.nan if n_near is None or not n_new else n_near / n_new
