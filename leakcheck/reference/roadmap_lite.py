"""Tasks from what little of the real data fits into a small download.

Labels are the paper's. Sequence and signal are real too, but not the paper's: 60 bp of promoter
instead of 2 kb, and called peaks of six cell types instead of tracks of 56.
"""

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck.exceptions import ValidationError
from leakcheck.reference.boundaries import (
    PAPER_CELL_TYPES,
    bins_of,
    overlapping,
    read_boundaries,
)
from leakcheck.reference.chromosomes import AUTOSOMES
from leakcheck.reference.expression import ACTIVE_ABOVE, read_rpkm
from leakcheck.reference.folder import Progress, locus_table
from leakcheck.reference.genes import genes_from_table
from leakcheck.reference.paper_roles import assign_roles, tad_roles
from leakcheck.reference.peaks import peak_signal
from leakcheck.reference.regions import WINDOW, Regions, centred, promoters
from leakcheck.reference.sequence import encode
from leakcheck.reference.task import Task

__all__ = ["FILES", "PEAKS", "find_data", "input_files", "load_roadmap_lite"]

#: What is read, from the folder of the data.
FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "expression": "roadmap-rpkm/57epigenomes.RPKM.pc.gz",
        "genes": "anno/genecode_10_simplified.tsv",
        "promoters": "hupta-epd/promoter_sequence.txt",
        "promoter genes": "hupta-epd/promoter_ensmbl.txt",
        "gaps": "tad-40kb/gap_regions_hg19.bed",
    }
)
_BROAD = "wgEncodeBroadHistone"
#: Cell type -> mark -> file of called peaks.
PEAKS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "E003": {
            "H3K4me3": f"igv-h1hesc/{_BROAD}H1hescH3k4me3StdPk.broadPeak.gz",
            "H3K27me3": f"igv-h1hesc/{_BROAD}H1hescH3k27me3StdPk.broadPeak.gz",
        },
        "E116": {
            "H3K4me3": f"histone-peaks/GM12878/{_BROAD}Gm12878H3k04me3StdPkV2.broadPeak.gz",
            "H3K4me1": f"histone-peaks/GM12878/{_BROAD}Gm12878H3k04me1StdPkV2.broadPeak.gz",
            "H3K36me3": f"histone-peaks/GM12878/{_BROAD}Gm12878H3k36me3StdPk.broadPeak.gz",
            "H3K27me3": f"histone-peaks/GM12878/{_BROAD}Gm12878H3k27me3StdPkV2.broadPeak.gz",
        },
        "E117": {
            "H3K4me3": f"histone-peaks/HeLa-S3/{_BROAD}Helas3H3k4me3StdPk.broadPeak.gz",
            "H3K4me1": f"histone-peaks/HeLa-S3/{_BROAD}Helas3H3k04me1StdPk.broadPeak.gz",
            "H3K36me3": f"histone-peaks/HeLa-S3/{_BROAD}Helas3H3k36me3StdPk.broadPeak.gz",
            "H3K27me3": f"histone-peaks/HeLa-S3/{_BROAD}Helas3H3k27me3StdPk.broadPeak.gz",
        },
        "E122": {
            mark: f"histone-peaks/HUVEC/E122-{mark}.narrowPeak.gz"
            for mark in ("H3K4me3", "H3K4me1", "H3K36me3", "H3K27me3")
        },
        "E123": {
            "H3K4me3": f"histone-peaks/K562/{_BROAD}K562H3k4me3StdPk.broadPeak.gz",
            "H3K4me1": f"histone-peaks/K562/{_BROAD}K562H3k4me1StdPk.broadPeak.gz",
            "H3K36me3": f"histone-peaks/K562/{_BROAD}K562H3k36me3StdPk.broadPeak.gz",
            "H3K27me3": f"histone-peaks/K562/{_BROAD}K562H3k27me3StdPk.broadPeak.gz",
        },
        "E127": {
            mark: f"histone-peaks/NHEK/E127-{mark}.narrowPeak.gz"
            for mark in ("H3K4me3", "H3K4me1", "H3K27me3")
        },
    }
)
#: Lengths of the three chromosomes of the paper's TAD task in hg19.
HG19_LENGTHS: Final = MappingProxyType(
    {"chr1": 249_250_621, "chr2": 243_199_373, "chr3": 198_022_430}
)
_NOTES = (
    "Sequence: 60 bp (-49 to +10) of each gene's first EPDnew promoter.",
    "Loci: the 2 kb upstream of the gene in GENCODE v10, where the signal is read.",
    "Marks: those that all six cell types have peaks of.",
    "Signal: mean over the 2 kb of the arcsinh of every base, 0 between called peaks.",
    "Roles: E003 test, E127 validation, E116, E117, E122 and E123 training.",
    "Left out: the other 50 cell types of the table, which have no peaks.",
)
_TAD_NOTES = (
    "Labels alone, for baselines: the small download has no sequence or signal of the bins.",
    "GM12878 and IMR90 were called at 25 kb and moved to bins of 40 kb, which makes them alike.",
)
_TEST = "E003"
_VALIDATION = "E127"
_PROMOTER = 60
_NOT_FOUND = (
    "`data` must be the folder of the real data; {where} has no {file}. Set LEAKCHECK_DATA to the "
    "folder, or put it at ../shared/data."
)


def find_data(data: str | os.PathLike[str] | None = None) -> Path:
    """Find the folder of the real data.

    Parameters
    ----------
    data : str or path-like, optional
        Where it is. By default the folder that ``LEAKCHECK_DATA`` names, or ``../shared/data``.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValidationError
        When the expression table is not in it.
    """
    folder = Path(data or os.environ.get("LEAKCHECK_DATA") or Path("..") / "shared" / "data")
    if not (folder / FILES["expression"]).is_file():
        raise ValidationError(_NOT_FOUND.format(where=folder, file=FILES["expression"]))
    return folder


def input_files(folder: Path) -> list[Path]:
    """List what is read from the folder of the real data.

    Parameters
    ----------
    folder : pathlib.Path
        See `find_data`.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    ValidationError
        When one is missing.
    """
    names = [*FILES.values()]
    names += [f"tad-40kb/{name}.bed" for name in PAPER_CELL_TYPES.values()]
    names += [files[mark] for files in PEAKS.values() for mark in shared_marks()]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ValidationError(_NOT_FOUND.format(where=folder, file=missing[0]))
    return [folder / name for name in names]


def shared_marks() -> tuple[str, ...]:
    """Marks with peaks in every one of the six cell types, so that no signal is missing.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> shared_marks()
    ('H3K4me3', 'H3K27me3')
    """
    first, *others = PEAKS.values()
    return tuple(mark for mark in first if all(mark in other for other in others))


def load_roadmap_lite(
    data: str | os.PathLike[str] | None = None, *, progress: Progress | None = None
) -> dict[str, Task]:
    """Read real labels with the sequence and signal that there is.

    Parameters
    ----------
    data : str or path-like, optional
        See `find_data`.
    progress : callable, optional
        Called before each file of peaks.

    Returns
    -------
    dict of str to Task
        ``"expression"``: genes of the table on chr1 to chr22 that have a promoter of 60 bp, in
        the six cell types with peaks; E003 is for test, E127 for validation, the other four for
        training. ``"tad-boundaries"``: bins of 40 kb on chr1 to chr3 outside assembly gaps, in
        the paper's seven cell types; neither sequence nor signal.

    Raises
    ------
    ValidationError
        When the data are not found, or a file is missing or damaged.

    Notes
    -----
    Sequence is 49 bp upstream to 10 bp downstream of the start site of the gene's first EPDnew
    promoter. Signal is, as with tracks, the arcsinh of every base (the signal of the peak there, 0
    between peaks), then the mean over the 2 kb upstream of the gene's start in GENCODE v10. Broad
    peaks (E003, E116, E117, E123) and narrow ones (E122, E127) are on different scales: a batch
    effect that models have to live with.
    """
    folder = find_data(data)
    input_files(folder)  # all of them, before minutes are spent on some
    return {
        "expression": _expression(folder, progress),
        "tad-boundaries": _boundaries(folder),
    }


def _expression(folder: Path, progress: Progress | None) -> Task:
    """Genes with a promoter, in the cell types with peaks."""
    rpkm = read_rpkm(folder / FILES["expression"])
    genes = genes_from_table(folder / FILES["genes"])
    sequences, counts = read_promoters(
        folder / FILES["promoters"], folder / FILES["promoter genes"]
    )
    measured = pd.Index(genes.ids).isin(rpkm.index)
    with_sequence = pd.Index(genes.ids).isin(sequences)
    counts |= {f"genes: {name}": n for name, n in genes.counts.items()}
    counts["genes: annotated, without expression"] = int((~measured).sum())
    counts["genes: with expression, not annotated"] = int((~rpkm.index.isin(genes.ids)).sum())
    counts["genes: with expression, without promoter"] = int((measured & ~with_sequence).sum())
    counts["cell types: with expression, without peaks"] = len(rpkm.columns.difference(list(PEAKS)))
    kept = genes.take(np.flatnonzero(measured & with_sequence))
    windows = promoters(kept, WINDOW)
    loci = locus_table(windows)
    activity = rpkm.loc[list(kept.ids), list(PEAKS)].to_numpy(np.float32)
    return Task(
        name="expression",
        loci=loci,
        cell_types=tuple(PEAKS),
        labels=(activity > ACTIVE_ABOVE).astype(np.float32),
        activity=activity,
        codes=np.stack([sequences[gene] for gene in kept.ids]),
        signals=_signals(folder, windows, progress),
        marks=shared_marks(),
        counts=counts,
        splits=assign_roles(tuple(PEAKS), loci["chrom"], _TEST, (_VALIDATION,), AUTOSOMES),
        notes=_NOTES,
    )


def _signals(folder: Path, windows: Regions, progress: Progress | None) -> NDArray[np.float32]:
    """Signal of the shared marks; regions x cell types x marks."""
    marks = shared_marks()
    keys = [(cell_type, mark) for cell_type in PEAKS for mark in marks]
    columns = []
    for done, (cell_type, mark) in enumerate(keys):
        if progress is not None:
            progress(f"{cell_type} {mark}", done, len(keys))
        path = folder / PEAKS[cell_type][mark]
        columns.append(peak_signal(path, windows, scale="arcsinh"))
    return np.stack(columns, axis=1).reshape(len(windows), len(PEAKS), len(marks))


def read_promoters(
    sequences: Path, genes: Path
) -> tuple[dict[str, NDArray[np.uint8]], dict[str, int]]:
    """Read one promoter for each gene.

    Parameters
    ----------
    sequences : pathlib.Path
        Promoter and its letters, a tab between.
    genes : pathlib.Path
        Promoter and its gene, a tab between; promoters of a gene end in ``_1``, ``_2`` and so on.

    Returns
    -------
    dict of str to ndarray of uint8, shape (60,)
        Gene to the base codes of its promoter with the lowest number.
    dict of str to int
        How many promoters were left out, and why.

    Raises
    ------
    ValidationError
        When a line has not two fields.
    """
    letters = dict(_two_columns(sequences))
    counts = Counter({"promoters: not 60 bp": 0, "promoters: without sequence": 0})
    counts["promoters: further ones of a gene"] = 0
    first: dict[str, tuple[int, str]] = {}
    for promoter, gene in _two_columns(genes):
        number = int(promoter.rpartition("_")[2])
        if promoter not in letters:
            counts["promoters: without sequence"] += 1
        elif len(letters[promoter]) != _PROMOTER:
            counts["promoters: not 60 bp"] += 1
        else:
            counts["promoters: further ones of a gene"] += gene in first
            first[gene] = min(first.get(gene, (number, promoter)), (number, promoter))
    codes = {gene: encode(letters[promoter]) for gene, (_, promoter) in first.items()}
    return codes, dict(counts)


def _two_columns(path: Path) -> list[tuple[str, str]]:
    """Lines of a table of two columns."""
    rows = [line.split("\t") for line in path.read_text(encoding="ascii").splitlines()]
    wrong = [number for number, row in enumerate(rows, start=1) if len(row) != 2]
    if wrong:
        raise ValidationError(
            f"`data` must have two columns in {path.name}; {len(wrong)} lines have not, the first "
            f"is line {wrong[0]}. Fetch the file again."
        )
    return [(row[0], row[1]) for row in rows]


def _boundaries(folder: Path) -> Task:
    """Labels alone: there is no sequence of the bins, and peaks of two of the cell types."""
    bins = bins_of(HG19_LENGTHS)
    in_gap = overlapping(folder / FILES["gaps"], centred(bins, WINDOW))
    kept = bins.take(np.flatnonzero(~in_gap))
    paths = {name: folder / "tad-40kb" / f"{file}.bed" for name, file in PAPER_CELL_TYPES.items()}
    labels = read_boundaries(paths, bins)
    loci = locus_table(centred(kept, WINDOW))
    return Task(
        name="tad-boundaries",
        loci=loci,
        cell_types=tuple(paths),
        labels=labels[~in_gap].astype(np.float32),
        activity=None,
        codes=np.empty((len(kept), 0), dtype=np.uint8),
        signals=np.empty((len(kept), len(paths), 0), dtype=np.float32),
        marks=(),
        counts={
            "bins: all": len(bins),
            "bins: dropped, middle in an assembly gap": int(in_gap.sum()),
            "bins: dropped, though a boundary somewhere": int(labels[in_gap].any(axis=1).sum()),
        },
        splits=tad_roles(tuple(paths), loci["chrom"]),
        notes=_TAD_NOTES,
    )
