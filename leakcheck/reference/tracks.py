"""Signal of regions from bigWig tracks: arcsinh of every base, then the mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck.adapters import base_sums, open_track
from leakcheck.exceptions import ValidationError
from leakcheck.reference.chromosomes import match_chromosomes
from leakcheck.reference.regions import Regions

__all__ = ["Gaps", "TrackMeans", "mean_arcsinh"]

Gaps: TypeAlias = Literal["zero", "skip"]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackMeans:
    """Mean signal of regions, and what the track did not cover.

    Parameters
    ----------
    values : numpy.ndarray of float32, shape (n_regions,)
        Mean of the arcsinh of every base; NaN where `gaps` is ``skip`` and no base has a value.
    gaps : {"zero", "skip"}
        How bases without a value were treated.
    counts : mapping of str to int
        Numbers of regions: ``clipped`` (partly or wholly beyond an end of their chromosome),
        ``absent chromosome``, ``renamed chromosome``, ``with gaps`` (some base has no value),
        ``without values`` (no base has one; clipped and absent ones are among both).
    """

    values: NDArray[np.float32]
    gaps: Gaps
    counts: Mapping[str, int]


def mean_arcsinh(path: str | Path, regions: Regions, *, gaps: Gaps = "zero") -> TrackMeans:
    """Average the arcsinh of a track over every base of each region, exactly.

    Parameters
    ----------
    path : str or pathlib.Path
        A bigWig file.
    regions : Regions
        Of any length; strands make no difference.
    gaps : {"zero", "skip"}
        A base without a value, beyond an end of its chromosome or on a chromosome that the track
        does not have: ``zero`` counts it as 0 (the mean is over the whole region), ``skip``
        leaves it out (the mean is over the bases that have a value).

    Returns
    -------
    TrackMeans
        One mean for each region, in their order, and counts of what the track did not cover.

    Raises
    ------
    ValidationError
        When the file is missing, damaged or no bigWig, has none of the chromosomes, or a value
        is infinite.
    MissingDependencyError
        When pyBigWig is not installed (``leakcheck[bigwig]``).

    Notes
    -----
    Values are read base by base; the summaries of a bigWig file (its zoom levels) are never used.
    For a region of n bases with values v, those without one 0: mean = sum(arcsinh(v_i)) / n,
    in double precision. Tracks hold -log10 p, so 0, "no evidence", is what a gap means there.

    Examples
    --------
    >>> import tempfile, pyBigWig
    >>> path, where = tempfile.mkdtemp() + "/a.bw", {"chrom": ["chr1"], "start": [8], "end": [14]}
    >>> with pyBigWig.open(path, "w") as track:
    ...     track.addHeader([("chr1", 100)])
    ...     track.addEntries(["chr1"], [10], ends=[12], values=[np.sinh(3)])
    >>> mean_arcsinh(path, Regions(ids=["a"], strand=["."], **where)).values.tolist()
    [1.0]
    """
    if gaps not in {"zero", "skip"}:
        raise ValidationError(f"`gaps` must be 'zero' or 'skip'; it is {gaps!r}. Choose one.")
    with open_track(path) as track:
        lengths: Mapping[str, int] = track.chroms()
        match = match_chromosomes(regions.chrom, lengths, path)
        limit = np.array([lengths.get(name, 0) for name in match.names], dtype=np.int64)
        first, last = np.maximum(regions.start, 0), np.minimum(regions.end, limit)
        sums, covered = np.zeros(len(regions)), np.zeros(len(regions), dtype=np.int64)
        rows = np.flatnonzero(first < last)
        sums[rows], covered[rows] = base_sums(
            track, path, match.names[rows], first[rows], last[rows], transform=np.arcsinh
        )
    present = match.names != None  # noqa: E711 (element by element)
    clipped = present & ((first != regions.start) | (last != regions.end))
    with np.errstate(invalid="ignore"):
        means = sums / (regions.length if gaps == "zero" else covered)
    return TrackMeans(
        values=means.astype(np.float32),
        gaps=gaps,
        counts={
            "clipped": int(clipped.sum()),
            **match.counts,
            "with gaps": int((covered < regions.length).sum()),
            "without values": int((covered == 0).sum()),
        },
    )
