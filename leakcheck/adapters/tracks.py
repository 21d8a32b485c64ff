"""bigWig tracks: sums and means over given intervals, of every base and not of zoom levels."""

import contextlib
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._files import refuse_web_page
from leakcheck._optional import import_optional
from leakcheck._typing import FloatArray, IntArray
from leakcheck.data import Loci
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError

__all__ = ["MISSING", "TrackMeans", "base_sums", "loci_of_bins", "open_track", "track_means"]

MISSING = ("nan", "zero")
Transform: TypeAlias = Callable[[FloatArray], FloatArray]

_BIG_WIG = (b"\x26\xfc\x8f\x88", b"\x88\x8f\xfc\x26")
_BIG_BED = (b"\xeb\xf2\x89\x87", b"\x87\x89\xf2\xeb")
#: Intervals nearer than this are read together: one long read is cheaper than two short ones.
_NEAR = 1 << 14
_LONGEST = 1 << 22


class TrackMeans(NamedTuple):
    """Means of a track over bins.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
        Mean of each bin; NaN = no base has data (under ``missing="nan"``).
    n_gaps : int
        Bins with at least one base without data.
    n_empty : int
        Bins without any base with data.
    """

    values: FloatArray
    n_gaps: int
    n_empty: int


def track_means(
    path: str | Path,
    bins: Any,
    *,
    missing: Literal["nan", "zero"],
    transform: Transform | None = None,
) -> TrackMeans:
    """Average a bigWig track over bins.

    Parameters
    ----------
    path : str or pathlib.Path
        The track.
    bins : DataFrame, array-like, shape (n,), or Loci
        Intervals in base pairs, 0-based and half-open, on chromosomes named as in the track; they
        may overlap and come in any order. Any form that `leakcheck.data.Loci.from_any` takes.
    missing : {"nan", "zero"}
        What a base without data is: left out of the mean, or 0.
    transform : callable, optional
        Applied to the values of the bases, shape (n_bases,), before averaging, such as
        ``numpy.arcsinh``; it gives as many.

    Returns
    -------
    TrackMeans
        Exact but for rounding, in float64: zoom levels are not used.

    Raises
    ------
    ValidationError
        When the file is not a bigWig or damaged, when it has none of the chromosomes, when bins
        reach beyond the end of one, or when values are infinite.
    MissingDependencyError
        When pyBigWig is not installed (``leakcheck[bigwig]``).

    Examples
    --------
    >>> import pathlib, tempfile, pyBigWig
    >>> path = str(pathlib.Path(tempfile.mkdtemp(), "track.bw"))
    >>> with pyBigWig.open(path, "w") as track:
    ...     track.addHeader([("chr1", 100)])
    ...     track.addEntries(["chr1"], [0], ends=[10], values=[4.0])
    >>> track_means(path, ["chr1:0-20"], missing="zero").values
    array([2.])
    """
    if missing not in MISSING:
        raise ValidationError(
            f"`missing` must be 'nan' or 'zero'; it is {missing!r}. Say what a base without data "
            "is: not measured, or no signal."
        )
    bins = loci_of_bins(bins)
    if bins.chrom is None or bins.start is None or bins.end is None:
        raise ValidationError(
            "`bins` must have coordinates; they are ids. Pass chrom, start and end of each."
        )
    totals, counts = np.zeros(len(bins)), np.zeros(len(bins), dtype=np.int64)
    with open_track(path) as track:
        lengths = dict(track.chroms())
        _check_bins(lengths, bins, str(path))
        known = np.array([name in lengths for name in bins.chrom_names], dtype=np.bool_)
        rows = np.flatnonzero(known[bins.chrom])
        chroms = np.array(bins.chrom_names, dtype=object)[bins.chrom[rows]]
        totals[rows], counts[rows] = base_sums(
            track, path, chroms, bins.start[rows], bins.end[rows], transform=transform
        )
    sizes = bins.end - bins.start
    per_base = counts if missing == "nan" else sizes
    values = np.divide(totals, per_base, out=np.full(len(bins), np.nan), where=per_base > 0)
    return TrackMeans(values, int((counts < sizes).sum()), int((counts == 0).sum()))


def loci_of_bins(bins: Any) -> Loci:
    """Read bins in any form that loci have.

    Raises
    ------
    ValidationError
        When they are a path, or break a rule of loci.
    """
    if isinstance(bins, str | Path):
        raise ValidationError(
            f"`bins` must be a table of loci, or names such as chr1:100-200; it is a "
            f"{type(bins).__name__}. Read a BED file first: read_bed(path, score_column=None)."
        )
    return Loci.from_any(bins)


@contextlib.contextmanager
def open_track(path: str | Path) -> Iterator[Any]:
    """Open a bigWig file with pyBigWig, once it is known to be whole.

    Parameters
    ----------
    path : str or pathlib.Path
        The file. What is no bigWig, or ends before its index, is refused before the C library
        sees it: that would write to stderr, or crash.

    Yields
    ------
    pyBigWig.bigWigFile

    Raises
    ------
    ValidationError
        When there is no such file, or it cannot be read.
    MissingDependencyError
        When pyBigWig is not installed (extra ``bigwig``).

    Examples
    --------
    >>> with open_track("none.bw") as track:
    ...     pass
    Traceback (most recent call last):
    leakcheck.exceptions.ValidationError: `path` must be a bigWig file; none.bw does not exist. ...
    """
    path = Path(path)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise ValidationError(f"`path` must be a bigWig file; {path} {found}. Check its spelling.")
    library = import_optional("pyBigWig", extra="bigwig", purpose="to read bigWig tracks")
    _check_head(path)
    try:
        track = library.open(str(path))
    except RuntimeError as error:
        raise _damaged(path, error) from error
    with track:
        yield track


def base_sums(
    track: Any,
    path: str | Path,
    chroms: NDArray[np.object_],
    starts: IntArray,
    ends: IntArray,
    *,
    transform: Transform | None = None,
) -> tuple[FloatArray, IntArray]:
    """Add up the bases of intervals, and count those with data.

    Parameters
    ----------
    track : pyBigWig.bigWigFile
        From `open_track`.
    path : str or pathlib.Path
        Its file, for messages.
    chroms : ndarray of object, shape (n,)
        Chromosomes, each one of the track.
    starts, ends : ndarray of int, shape (n,)
        Half-open intervals within their chromosomes.
    transform : callable, optional
        Applied to the value of every base: an array of shape (n_bases,) to another.

    Returns
    -------
    sums : ndarray of float64, shape (n,)
        The sum of an interval does not depend on the others.
    counts : ndarray of int64, shape (n,)
        Bases with data.

    Raises
    ------
    ValidationError
        When a value is infinite, or the file is damaged.

    Examples
    --------
    >>> import pathlib, tempfile, pyBigWig
    >>> path = str(pathlib.Path(tempfile.mkdtemp(), "track.bw"))
    >>> with pyBigWig.open(path, "w") as new:
    ...     _ = new.addHeader([("chr1", 9)]), new.addEntries(["chr1"], [0], ends=[9], values=[4.0])
    >>> with open_track(path) as track:
    ...     base_sums(track, path, np.array(["chr1"], object), np.array([7]), np.array([9]))
    (array([8.]), array([2]))
    """
    sums, counts = np.zeros(len(starts)), np.zeros(len(starts), dtype=np.int64)
    for rows in _stretches(chroms, starts, ends):
        low, high = int(starts[rows].min()), int(ends[rows].max())
        try:
            values = track.values(chroms[rows[0]], low, high, numpy=True)
        except RuntimeError as error:
            raise _damaged(path, error) from error
        edges = np.column_stack([starts[rows], ends[rows]]).ravel() - low
        if np.isinf(values).any():
            _refuse_infinite(values, edges, path, chroms[rows], low)
        present = ~np.isnan(values)
        bases = np.where(present, values.astype(np.float64), 0.0)
        if transform is not None:
            bases = np.where(present, transform(bases), 0.0)
        # The last edge may be the end of the array, where `reduceat` takes no index.
        sums[rows] = np.add.reduceat(np.append(bases, 0.0), edges)[::2]
        counts[rows] = np.add.reduceat(np.append(present, False), edges, dtype=np.int64)[::2]
    return sums, counts


def _check_head(path: Path) -> None:
    """Refuse what does not begin like a bigWig, or ends before what its head announces."""
    with path.open("rb") as file:
        head = file.read(64)
        size = file.seek(0, os.SEEK_END)
    refuse_web_page(head, path, "a bigWig file")
    if not head.startswith(_BIG_WIG):
        found = "is a bigBed" if head.startswith(_BIG_BED) else "does not begin like one"
        raise ValidationError(
            f"`path` must be a bigWig file; {path} {found}. Convert it (bedGraphToBigWig, "
            "wigToBigWig), or give another path."
        )
    order = "<" if head.startswith(_BIG_WIG[0]) else ">"
    if len(head) < 64 or max(struct.unpack_from(f"{order}3Q", head, 8)) >= size:
        raise _damaged(path, EOFError(f"it ends after {size} bytes, before its index"))


def _check_bins(lengths: dict[str, int], bins: Loci, name: str) -> None:
    """Refuse bins on other chromosomes than the track's, and beyond their ends."""
    known = [chrom for chrom in bins.chrom_names if chrom in lengths]
    if not known:
        raise ValidationError(
            f"`bins` must lie on chromosomes of the track `{name}`; theirs are "
            f"{listing(bins.chrom_names, 5)}, those of the track {listing(list(lengths), 5)}. "
            "Name both in one way (chr1 or 1).",
            code="LK102",
        )
    limits = np.array([lengths.get(chrom, np.iinfo(np.int64).max) for chrom in bins.chrom_names])
    limit = limits[bins.chrom]
    beyond = np.flatnonzero(np.asarray(bins.end) > limit)
    if beyond.size:
        first = int(beyond[0])
        raise ValidationError(
            f"`bins` must end within the chromosomes of the track `{name}`; {beyond.size} of "
            f"{len(bins)} end beyond, the first is {bins.ids[first]} and the chromosome has "
            f"{limit[first]:,} bp. Check that both are of one genome assembly.",
            code="LK102",
        )


def _stretches(chroms: NDArray[np.object_], starts: IntArray, ends: IntArray) -> Iterator[IntArray]:
    """Cut intervals into stretches of one chromosome that are read at once."""
    codes = np.unique(chroms.astype(str), return_inverse=True)[1]
    order = np.lexsort((ends, starts, codes))
    first, reach = 0, -1
    for place, index in enumerate(order):
        head = order[first]
        apart = starts[index] > reach + _NEAR or ends[index] > starts[head] + _LONGEST
        if place > first and (codes[index] != codes[head] or apart):
            yield order[first:place]
            first, reach = place, -1
        reach = max(reach, int(ends[index]))
    if order.size:
        yield order[first:]


def _refuse_infinite(
    values: FloatArray, edges: IntArray, path: str | Path, chroms: NDArray[np.object_], low: int
) -> None:
    """Refuse infinite values inside intervals; between them they do no harm."""
    wrong = np.logical_or.reduceat(np.append(np.isinf(values), False), edges)[::2]
    if wrong.any():
        first = int(np.argmax(wrong))
        start, end = (edges[2 * first : 2 * first + 2] + low).tolist()
        raise ValidationError(
            f"`path` must hold finite values; {path} has infinite ones in {int(wrong.sum())} "
            f"intervals or more, the first is {chroms[first]}:{start}-{end}. Make the track again "
            "with a bound."
        )


def _damaged(path: str | Path, error: Exception) -> ValidationError:
    """Say that a track could not be read."""
    return ValidationError(
        f"`path` must be a bigWig file; {path} could not be read ({error}). It is damaged or cut "
        "off: fetch it again."
    )
