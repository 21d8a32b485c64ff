"""Signal of regions from called peaks: narrowPeak and broadPeak."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck.adapters import read_bed
from leakcheck.exceptions import ValidationError
from leakcheck.reference.chromosomes import match_chromosomes
from leakcheck.reference.regions import Regions

__all__ = ["SIGNAL_COLUMN", "peak_signal"]

#: Column of the signal value in narrowPeak and broadPeak, counted from 1.
SIGNAL_COLUMN = 7


def peak_signal(
    path: str | Path, regions: Regions, *, scale: Literal["plain", "arcsinh"] = "plain"
) -> NDArray[np.float32]:
    r"""Average the signal of peaks over every base of each region; 0 between peaks.

    Parameters
    ----------
    path : str or pathlib.Path
        narrowPeak or broadPeak, plain or gzipped.
    regions : Regions
        Of any length; strands make no difference.
    scale : {"plain", "arcsinh"}
        The signal as it is, or the arcsinh of every base, as `mean_arcsinh` takes of tracks.

    Returns
    -------
    numpy.ndarray of float32, shape (n_regions,)
        On a chromosome without peaks, 0.

    Raises
    ------
    ValidationError
        When a line has no signal value, or no peak lies on any of the chromosomes.

    Notes
    -----
    Where peaks overlap (a peak with two summits comes twice), a base has the largest signal.
    The mean is the integral of that step function over the region, divided by its length.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "peaks.broadPeak")
    >>> _ = path.write_text("chr1\t100\t200\t.\t0\t.\t8.0\t1\t-1\n")
    >>> region = Regions(ids=["a"], chrom=["chr1"], start=[150], end=[350], strand=["."])
    >>> peak_signal(path, region).tolist()
    [2.0]
    """
    if scale not in {"plain", "arcsinh"}:
        raise ValidationError(f"`scale` must be 'plain' or 'arcsinh'; it is {scale!r}. Choose one.")
    peaks = read_bed(path, score_column=SIGNAL_COLUMN)
    wrong = ~np.isfinite(peaks["score"])
    if wrong.any():
        chrom, start, end, value = peaks[wrong].iloc[0]
        raise ValidationError(
            f"`path` must have a finite signal in column {SIGNAL_COLUMN} of every line; "
            f"{int(wrong.sum())} of {len(peaks)} peaks of {path} do not, the first is "
            f"{chrom}:{start}-{end} with {value}. Give a narrowPeak or broadPeak file."
        )
    if scale == "arcsinh":
        peaks["score"] = np.arcsinh(peaks["score"])
    by_chrom = {str(name): part for name, part in peaks.groupby("chrom", sort=False)}
    names = match_chromosomes(regions.chrom, by_chrom, path).names
    means = np.zeros(len(regions))
    for name, part in by_chrom.items():
        rows = np.flatnonzero(names == name)
        edges, integral = _integral(part)
        total = np.interp(regions.end[rows], edges, integral)
        total -= np.interp(regions.start[rows], edges, integral)
        means[rows] = total / regions.length[rows]
    return means.astype(np.float32)


def _integral(peaks: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges of the step function that peaks make, and its integral from the first edge to each."""
    edges = np.unique(peaks[["start", "end"]].to_numpy())
    height = np.zeros(len(edges) - 1)
    painted = peaks.sort_values("score", kind="stable")  # the largest is painted last
    first = np.searchsorted(edges, painted["start"]).tolist()
    last = np.searchsorted(edges, painted["end"]).tolist()
    for a, b, value in zip(first, last, painted["score"].tolist(), strict=True):
        height[a:b] = value
    return edges, np.concatenate([[0.0], np.cumsum(height * np.diff(edges))])
