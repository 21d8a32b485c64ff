"""Tasks from a folder of files: sequence, annotation, expression, tracks and boundary calls.

The real data and the simulated ones lie in folders of this one layout and are read by this one
module, so that what is tested on the latter holds for the former.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray
from leakcheck.exceptions import ValidationError
from leakcheck.reference.boundaries import (
    BIN_OFFSET,
    BIN_WIDTH,
    PAPER_CELL_TYPES,
    ROADMAP_IDS,
    bins_of,
    read_boundaries,
)
from leakcheck.reference.chromosomes import read_chrom_sizes
from leakcheck.reference.expression import ACTIVE_ABOVE, read_rpkm
from leakcheck.reference.genes import read_genes
from leakcheck.reference.paper_roles import TAD_CHROMOSOMES, expression_roles, tad_roles
from leakcheck.reference.regions import WINDOW, Regions, centred, promoters
from leakcheck.reference.sequence import MISSING, read_sequences
from leakcheck.reference.task import Task
from leakcheck.reference.tracks import mean_arcsinh

__all__ = [
    "HISTONE_MARKS",
    "LAYOUT",
    "Folder",
    "Progress",
    "load_folder",
    "locus_table",
]

#: Called with what is being read, how many are done, and how many there are.
Progress: TypeAlias = Callable[[str, int, int], None]

#: The paper's five histone marks. ``DNase`` may be asked for beside them.
HISTONE_MARKS: Final = ("H3K4me3", "H3K4me1", "H3K36me3", "H3K27me3", "H3K9me3")
#: What a folder holds: patterns in order of preference, from the folder.
LAYOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "sequence": ("*.2bit", "*.fa.gz", "*.fasta.gz", "*.fa", "*.fasta"),
    "genes": ("*.gtf.gz", "*.gtf"),
    "expression": ("*RPKM*",),
    "chromosome sizes": ("*.chrom.sizes",),
}
TRACK_NAMES: Final = ("{cell_type}-{mark}.pval.signal.bigwig", "{cell_type}-{mark}.bigWig")


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The files of a folder, found by name.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    files : mapping of str to pathlib.Path
        Those of `LAYOUT` that there are.
    boundaries : mapping of str to pathlib.Path
        Cell type to its BED of TAD boundaries; either all seven of the paper or none.
    window, bin_size, bin_offset : int
        In bases, from ``layout.json`` where there is one; else 2,000, 40,000 and 20,000.
    """

    path: Path
    files: Mapping[str, Path]
    boundaries: Mapping[str, Path]
    window: int
    bin_size: int
    bin_offset: int

    @classmethod
    def find(cls, path: str | os.PathLike[str]) -> "Folder":
        """Look for the files of `LAYOUT`.

        Raises
        ------
        ValidationError
            When the folder does not exist, has neither an expression table nor boundary calls,
            has some boundary calls but not all, or its ``layout.json`` is damaged.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise ValidationError(
                f"`source` must be simulated, roadmap-lite, roadmap or a folder; {folder} is no "
                "folder. Check the path."
            )
        found = {kind: _first(folder, patterns) for kind, patterns in LAYOUT.items()}
        calls = {
            name: folder / "tads" / f"{source}.bed" for name, source in PAPER_CELL_TYPES.items()
        }
        absent = [name for name, file in calls.items() if not file.is_file()]
        if 0 < len(absent) < len(calls):
            raise ValidationError(
                f"`source` must have the boundary calls of all {len(calls)} cell types or of none; "
                f"{len(absent)} are missing from {folder}, the first is {calls[absent[0]].name}. "
                "Add them to tads/."
            )
        files = {kind: file for kind, file in found.items() if file is not None}
        if "expression" not in files and absent:
            raise ValidationError(
                f"`source` must hold an expression table or boundary calls; {folder} has neither "
                f"{LAYOUT['expression'][0]} nor tads/{calls[absent[0]].name}. See the layout in "
                "the documentation of `load_tasks`."
            )
        return cls(path=folder, files=files, boundaries={} if absent else calls, **_shape(folder))

    def need(self, kind: str) -> Path:
        """Path of a file of `LAYOUT`; an error where it is missing."""
        if kind not in self.files:
            raise ValidationError(
                f"`source` must hold the {kind}; {self.path} has no file named like "
                f"{' or '.join(LAYOUT[kind])}. Put it there."
            )
        return self.files[kind]

    def track(self, cell_type: str, mark: str) -> Path | None:
        """Path of a bigWig, None where there is none."""
        names = [name.format(cell_type=cell_type, mark=mark) for name in TRACK_NAMES]
        paths = [self.path / "tracks" / name for name in names]
        return next((path for path in paths if path.is_file()), None)

    def all_files(self) -> list[Path]:
        """Every file that tasks may be read from; indices and unfinished files are none."""
        own = [*self.files.values(), *self.boundaries.values(), self.path / "layout.json"]
        tracks = [file for file in (self.path / "tracks").glob("[!.]*") if file.is_file()]
        return sorted(file for file in [*own, *tracks] if file.is_file())


def _first(folder: Path, patterns: Sequence[str]) -> Path | None:
    """First file by pattern, then by name; files that are being written begin with a dot."""
    found = [file for pattern in patterns for file in sorted(folder.glob(pattern))]
    return next((file for file in found if not file.name.startswith(".")), None)


def _shape(folder: Path) -> dict[str, int]:
    """Sizes of windows and bins."""
    shape = {"window": WINDOW, "bin_size": BIN_WIDTH, "bin_offset": BIN_OFFSET}
    file = folder / "layout.json"
    if not file.is_file():
        return shape
    try:
        stated = json.loads(file.read_text(encoding="utf-8"))
        return {name: int(stated[name]) for name in shape}
    except (ValueError, KeyError, TypeError) as error:
        raise ValidationError(
            f"`source` must have a layout.json with {', '.join(shape)}; {file} has not: {error}. "
            "Mend it, or delete it where the paper's sizes hold."
        ) from error


def load_folder(
    folder: str | os.PathLike[str],
    *,
    marks: Sequence[str] = HISTONE_MARKS,
    progress: Progress | None = None,
) -> dict[str, Task]:
    """Read the tasks that a folder has files for.

    Parameters
    ----------
    folder : str or path-like
        Laid out as `load_tasks` describes.
    marks : sequence of str
        Tracks to read, by name. One that no cell type has is left out, and counted.
    progress : callable, optional
        Called before each track with its name, the number done and the number of all.

    Returns
    -------
    dict of str to Task
        Under ``"expression"``, ``"tad-boundaries"``, or both.

    Raises
    ------
    ValidationError
        When a file is missing or damaged.
    """
    found = Folder.find(folder)
    tasks = {}
    if "expression" in found.files:
        tasks["expression"] = _expression(found, tuple(marks), progress)
    if found.boundaries:
        tasks["tad-boundaries"] = _boundaries(found, tuple(marks), progress)
    return tasks


def _expression(folder: Folder, marks: tuple[str, ...], progress: Progress | None) -> Task:
    """Genes that are annotated and measured."""
    genes = read_genes(folder.need("genes"))
    rpkm = read_rpkm(folder.need("expression"))
    measured = pd.Index(genes.ids).isin(rpkm.index)
    counts = {
        **{f"genes: {name}": n for name, n in genes.counts.items()},
        "genes: annotated, without expression": int((~measured).sum()),
        "genes: with expression, not annotated": int((~rpkm.index.isin(genes.ids)).sum()),
    }
    kept = genes.take(np.flatnonzero(measured))
    activity = rpkm.loc[list(kept.ids)].to_numpy(np.float32)
    return _task(
        "expression",
        folder,
        promoters(kept, folder.window),
        cell_types=tuple(rpkm.columns),
        tracks=tuple(rpkm.columns),
        labels=activity > ACTIVE_ABOVE,
        activity=activity,
        marks=marks,
        counts=counts,
        progress=progress,
    )


def _boundaries(folder: Folder, marks: tuple[str, ...], progress: Progress | None) -> Task:
    """Bins of the paper's three chromosomes."""
    sizes = read_chrom_sizes(folder.need("chromosome sizes"))
    sizes = {name: sizes[name] for name in TAD_CHROMOSOMES if name in sizes}
    bins = bins_of(sizes, folder.bin_size, offset=folder.bin_offset)
    return _task(
        "tad-boundaries",
        folder,
        centred(bins, folder.window),
        cell_types=tuple(folder.boundaries),
        tracks=tuple(ROADMAP_IDS[name] for name in folder.boundaries),
        labels=read_boundaries(folder.boundaries, bins),
        activity=None,
        marks=marks,
        counts={},
        progress=progress,
    )


def _task(
    name: str,
    folder: Folder,
    windows: Regions,
    *,
    cell_types: tuple[str, ...],
    tracks: tuple[str, ...],
    labels: BoolArray,
    activity: NDArray[np.float32] | None,
    marks: tuple[str, ...],
    counts: dict[str, int],
    progress: Progress | None,
) -> Task:
    """Read sequence and tracks of the windows; leave out windows without a known base."""
    sequences = read_sequences(folder.need("sequence"), windows, window=folder.window)
    known = (sequences.codes != MISSING).any(axis=1)
    kept = np.flatnonzero(known)
    counts |= {f"sequence: {key}": n for key, n in sequences.counts.items()}
    counts["loci: dropped, no known base"] = int((~known).sum())
    windows = windows.take(kept)
    signals, here, found = _signals(folder, windows, tracks, marks, progress)
    loci = locus_table(windows)
    roles = expression_roles if name == "expression" else tad_roles
    return Task(
        name="expression" if name == "expression" else "tad-boundaries",
        loci=loci,
        cell_types=cell_types,
        labels=labels[kept].astype(np.float32),
        activity=None if activity is None else activity[kept],
        codes=sequences.codes[kept],
        signals=signals,
        marks=here,
        counts={**counts, **found},
        splits=roles(cell_types, loci["chrom"]),
        notes=(
            "Bases without a value in a track count as 0.",
            "Windows without a known base are left out.",
        ),
    )


def _signals(
    folder: Folder,
    windows: Regions,
    tracks: tuple[str, ...],
    marks: tuple[str, ...],
    progress: Progress | None,
) -> tuple[NDArray[np.float32], tuple[str, ...], dict[str, int]]:
    """Mean arcsinh signal of every track that there is, the marks it has, and what was counted."""
    paths = {(track, mark): folder.track(track, mark) for mark in marks for track in tracks}
    here = tuple(mark for mark in marks if any(paths[track, mark] for track in tracks))
    values = np.full((len(windows), len(tracks), len(here)), np.nan, dtype=np.float32)
    counts: Counter[str] = Counter()
    wanted = [key for key, path in paths.items() if path is not None]
    for done, key in enumerate(wanted):
        if progress is not None:
            progress(f"{key[0]} {key[1]}", done, len(wanted))
        read = mean_arcsinh(str(paths[key]), windows, gaps="zero")
        values[:, tracks.index(key[0]), here.index(key[1])] = read.values
        counts.update({f"tracks: windows {name}": n for name, n in read.counts.items()})
    counts["tracks: read"] = len(wanted)
    counts["tracks: absent"] = len(tracks) * len(here) - len(wanted)
    counts["tracks: marks that no cell type has"] = len(marks) - len(here)
    return values, here, dict(counts)


def locus_table(windows: Regions) -> pd.DataFrame:
    """Make the table of a task's loci.

    Parameters
    ----------
    windows : Regions
        May begin below 0.

    Returns
    -------
    pandas.DataFrame
        Columns ``id, chrom, start, end, strand``; cut off at 0, one base at least.
    """
    frame = windows.to_frame()
    frame["start"] = frame["start"].clip(lower=0)
    frame["end"] = np.maximum(frame["end"], frame["start"] + 1)
    return frame
