"""TAD boundaries on the bins of a genome."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck.adapters import read_bed
from leakcheck.exceptions import ValidationError
from leakcheck.reference.chromosomes import match_chromosomes
from leakcheck.reference.regions import Regions

__all__ = [
    "BIN_OFFSET",
    "BIN_WIDTH",
    "PAPER_CELL_TYPES",
    "ROADMAP_IDS",
    "bins_of",
    "overlapping",
    "read_boundaries",
]

#: Base pairs of a bin in the paper.
BIN_WIDTH = 40_000

#: Where the second bin begins: windows are a position and 20 kb to either side.
BIN_OFFSET = 20_000

#: The paper's seven cell types and the names that the source of the calls gives them.
PAPER_CELL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "TRO": "H1_trophoblastLike_Dixon2015",
        "H1": "H1_ESC_Dixon2015",
        "NPC": "H1_neuralSC_Dixon2015",
        "GM12878": "GM12878_lymphoblastoid_Lieberman",
        "MES": "H1_mesendoderm_Dixon2015",
        "IMR90": "IMR90_fetalLungFibroblast_Lieberman",
        "MSC": "H1_mesenchymalSC_Dixon2015",
    }
)

#: The same cell types among Roadmap's epigenomes.
ROADMAP_IDS: Mapping[str, str] = MappingProxyType(
    {
        "TRO": "E005",
        "H1": "E003",
        "NPC": "E007",
        "GM12878": "E116",
        "MES": "E004",
        "IMR90": "E017",
        "MSC": "E006",
    }
)


def bins_of(
    chrom_sizes: Mapping[str, int], width: int = BIN_WIDTH, *, offset: int = BIN_OFFSET
) -> Regions:
    """Cut chromosomes into bins.

    Parameters
    ----------
    chrom_sizes : mapping of str to int
        Chromosomes and their lengths in base pairs.
    width : int
        Base pairs of a bin.
    offset : int
        Where the bins begin, in base pairs: at ``offset + width * k``. With an offset above 0, the
        first bin of a chromosome is ``[0, offset)``.

    Returns
    -------
    Regions
        Chromosome by chromosome, each covered without gaps; the last bin of a chromosome ends
        where the chromosome does. Ids are ``chr1:0-20000``.

    Raises
    ------
    ValidationError
        When `offset` is not between 0 and `width`, or a length is not positive.

    Examples
    --------
    >>> bins_of({"chr1": 130_000}).ids.tolist()
    ['chr1:0-20000', 'chr1:20000-60000', 'chr1:60000-100000', 'chr1:100000-130000']
    """
    if not 0 <= offset < width:
        raise ValidationError(
            f"`offset` must be at least 0 and less than `width` = {width}; it is {offset}. "
            "Bins begin at offset + width * k."
        )
    short = [name for name, size in chrom_sizes.items() if size < 1]
    if short:
        raise ValidationError(
            f"`chrom_sizes` must be positive; {len(short)} of {len(chrom_sizes)} are not, the "
            f"first is {short[0]} with {chrom_sizes[short[0]]}. Leave such chromosomes out."
        )
    chrom, start, end = [], [], []
    for name, size in chrom_sizes.items():
        edges = np.unique(np.concatenate([[0], np.arange(offset, size, width), [size]]))
        chrom.extend([name] * (len(edges) - 1))
        start.append(edges[:-1])
        end.append(edges[1:])
    starts = np.concatenate([*start, np.empty(0, dtype=np.int64)])
    ends = np.concatenate([*end, np.empty(0, dtype=np.int64)])
    ids = [f"{c}:{a}-{b}" for c, a, b in zip(chrom, starts, ends, strict=True)]
    return Regions(
        ids=np.array(ids, dtype=object),
        chrom=np.array(chrom, dtype=object),
        start=starts,
        end=ends,
        strand=np.full(len(ids), ".", dtype=object),
    )


def read_boundaries(paths: Mapping[str, str | Path], bins: Regions) -> NDArray[np.bool_]:
    r"""Say which bins are a boundary in which cell type.

    Parameters
    ----------
    paths : mapping of str to path
        Cell type -> BED file of its boundaries, each line one bin.
    bins : Regions
        Made by `bins_of` with the width and offset of the calls. Boundaries on chromosomes
        without bins are passed over: the paper uses three.

    Returns
    -------
    numpy.ndarray of bool, shape (n_bins, n_cell_types)
        Columns in the order of `paths`.

    Raises
    ------
    ValidationError
        When a boundary on a chromosome with bins is not one of the bins, or a file has no
        boundary on any of them.

    Notes
    -----
    A boundary is a bin when it begins where the bin does and ends where the bin does; at the end
    of a chromosome, where the bin is cut short, it may end later.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "H1.bed")
    >>> _ = path.write_text("chr1\t20000\t60000\n")
    >>> read_boundaries({"H1": path}, bins_of({"chr1": 90_000})).ravel().tolist()
    [False, True, False]
    """
    index = pd.MultiIndex.from_arrays([bins.chrom, bins.start])
    is_last = bins.end == pd.Series(bins.end).groupby(bins.chrom).transform("max").to_numpy()
    called = np.zeros((len(bins), len(paths)), dtype=bool)
    for column, (name, path) in enumerate(paths.items()):
        calls = read_bed(path, score_column=None)
        calls["chrom"] = _as_in_bins(calls, bins, path)
        calls = calls[calls["chrom"].notna()]
        found = index.get_indexer(pd.MultiIndex.from_frame(calls[["chrom", "start"]]))
        end = calls["end"].to_numpy()
        fits = (end == bins.end[found]) | (is_last[found] & (end > bins.end[found]))
        wrong = np.flatnonzero((found < 0) | ~fits)
        if wrong.size:
            first = calls.iloc[wrong[0]]
            raise ValidationError(
                f"`paths` must hold boundaries that are bins; {wrong.size} of {len(calls)} of "
                f"{name} are not, the first is {first['chrom']}:{first['start']}-{first['end']}. "
                "Make the bins with the width and the offset of the calls (`bins_of`)."
            )
        called[found, column] = True
    return called


def overlapping(path: str | Path, regions: Regions) -> NDArray[np.bool_]:
    r"""Say which regions share a base with an interval of a BED file.

    Parameters
    ----------
    path : str or pathlib.Path
        Assembly gaps or a blacklist, say.
    regions : Regions
        Of any length.

    Returns
    -------
    numpy.ndarray of bool, shape (n_regions,)

    Raises
    ------
    ValidationError
        When the file is missing or broken, or has none of the chromosomes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "gaps.bed")
    >>> _ = path.write_text("chr1\t0\t10000\n")
    >>> overlapping(path, bins_of({"chr1": 90_000})).tolist()
    [True, False, False]
    """
    intervals = read_bed(path, score_column=None)
    by_chrom = {str(name): part for name, part in intervals.groupby("chrom", sort=False)}
    names = match_chromosomes(regions.chrom, by_chrom, path).names
    shared = np.zeros(len(regions), dtype=bool)
    for name, part in by_chrom.items():
        rows = np.flatnonzero(names == name)
        begun = np.searchsorted(np.sort(part["start"]), regions.end[rows], side="left")
        ended = np.searchsorted(np.sort(part["end"]), regions.start[rows], side="right")
        shared[rows] = begun > ended  # more have begun before its end than ended before its start
    return shared


def _as_in_bins(calls: pd.DataFrame, bins: Regions, path: str | Path) -> NDArray[np.object_]:
    """Chromosomes of the calls as the bins name them, None for those without bins."""
    present = {str(name): None for name in calls["chrom"].unique()}
    unique = pd.unique(bins.chrom)
    theirs = match_chromosomes(unique, present, path).names
    ours = {their: our for our, their in zip(unique, theirs, strict=True) if their is not None}
    return np.array([ours.get(name) for name in calls["chrom"]], dtype=object)
