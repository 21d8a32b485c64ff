"""`load_tasks`: the tasks of every source of data, kept once they are read."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leakcheck._files import write_text
from leakcheck.exceptions import ValidationError
from leakcheck.reference.download import Report
from leakcheck.reference.folder import HISTONE_MARKS, Folder, Progress, load_folder
from leakcheck.reference.roadmap import fetch_roadmap
from leakcheck.reference.roadmap_lite import find_data, input_files, load_roadmap_lite
from leakcheck.reference.simulated import simulated_folder
from leakcheck.reference.task import Task

__all__ = ["load_tasks"]

_NAMES = ("expression", "tad-boundaries")
_READING = 2  # raise it when the same files give other tasks than before


def load_tasks(
    source: str | os.PathLike[str] = "simulated",
    *,
    cache: str | os.PathLike[str],
    preset: str = "small",
    marks: Sequence[str] | None = None,
    genome: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    fetch_progress: Report | None = None,
) -> dict[str, Task]:
    """Load the paper's two tasks from one of the sources.

    Parameters
    ----------
    source : {"simulated", "roadmap-lite", "roadmap"} or path-like
        A simulated genome; the real labels with what else fits into a small download; the paper's
        files, fetched when first asked for; or a folder laid out as in the notes.
    cache : str or path-like
        Folder for what is written, fetched and read; made if it does not exist. A second call is
        answered from it.
    preset : {"tiny", "small", "paper"}
        Size of the simulated genome; no matter for the others.
    marks : sequence of str, optional
        Tracks to read, by default the five histone marks; ``DNase`` may be added. One that no cell
        type has is left out, and counted. Not for ``roadmap-lite``, which has the marks it has.
    genome : mapping of str to object, optional
        Arguments of `leakcheck.simulate.write_genome` that differ from the preset's.
    progress : callable, optional
        Called before each track with its name, the number done and the number of all.
    fetch_progress : callable, optional
        Called while a file comes with its name, the bytes here and those of all of it (0: not
        stated).

    Returns
    -------
    dict of str to Task
        ``"expression"`` and ``"tad-boundaries"``; one of them where a folder has files for one.

    Raises
    ------
    ValidationError
        When the source is unknown, or a file of it is missing or damaged.
    DownloadError
        When a file of ``"roadmap"`` cannot be fetched, or is not the one that it should be.
    MissingDependencyError
        When a package that the source needs is not installed (``leakcheck[reference]``).

    Notes
    -----
    A folder holds, under names like those that the sources give them:

    - the sequence: ``*.2bit``, else ``*.fa.gz`` (bgzip), else ``*.fa``;
    - the annotation, whose ``gene`` elements are read: ``*.gtf.gz``, else ``*.gtf``;
    - for expression, Roadmap's table: ``*RPKM*``;
    - for TAD boundaries, the calls of the paper's seven cell types,
      ``tads/H1_ESC_Dixon2015.bed`` and so on, and the chromosomes' lengths, ``*.chrom.sizes``;
    - one track for each cell type and mark: ``tracks/E003-H3K4me3.pval.signal.bigwig``;
    - where they are not the paper's 2,000, 40,000 and 20,000: ``window``, ``bin_size`` and
      ``bin_offset`` in ``layout.json``.

    Examples
    --------
    >>> import tempfile
    >>> tasks = load_tasks("simulated", cache=tempfile.mkdtemp(), preset="tiny")
    >>> tasks["tad-boundaries"].cell_types
    ('TRO', 'H1', 'NPC', 'GM12878', 'MES', 'IMR90', 'MSC')
    """
    if genome is not None and source != "simulated":
        raise ValidationError(
            f"`genome` is for the simulated source; it came with {os.fspath(source)!r}. "
            "Leave it out."
        )
    if marks is not None and source == "roadmap-lite":
        raise ValidationError(
            f"`marks` is for sources with tracks; {', '.join(marks)} came with 'roadmap-lite', "
            "which has called peaks of two marks. Leave it out."
        )
    wanted = HISTONE_MARKS if marks is None else tuple(marks)
    place = Path(cache)
    place.mkdir(parents=True, exist_ok=True)
    if source == "roadmap-lite":
        files = input_files(find_data())
        return _kept(
            place, files, source, lambda: load_roadmap_lite(find_data(), progress=progress)
        )
    if source == "simulated":
        folder = simulated_folder(place, preset, genome)
    elif source == "roadmap":
        folder = fetch_roadmap(place / "roadmap", marks=wanted, progress=fetch_progress)
    else:
        folder = Path(source)
    return _kept(
        place,
        Folder.find(folder).all_files(),
        ",".join(wanted),
        lambda: load_folder(folder, marks=wanted, progress=progress),
    )


def _kept(
    cache: Path, files: Sequence[Path], what: str, load: Callable[[], dict[str, Task]]
) -> dict[str, Task]:
    """Tasks from the cache where the files are those of before, else from the files."""
    digest = _digest(files, what)
    paths = {name: cache / f"task-{name}-{digest}.npz" for name in _NAMES}
    listed = cache / f"tasks-{digest}.json"
    names = _listed(listed)
    if names and all(paths[name].is_file() for name in names):
        return {name: Task.load(paths[name]) for name in names}
    tasks = load()
    for name, task in tasks.items():
        task.save(paths[name])
    write_text(listed, json.dumps(list(tasks)))  # last: it says that all are there
    return tasks


def _listed(file: Path) -> list[str]:
    """Names of the kept tasks; none where the list is absent or damaged: they are read anew."""
    try:
        names = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [name for name in _NAMES if name in names] if isinstance(names, list) else []


def _digest(files: Sequence[Path], what: str) -> str:
    """Short name of the files, as they are now, and of what is read from them."""
    states = [(os.fspath(file.resolve()), *_state(file)) for file in sorted(files)]
    text = json.dumps([_READING, what, states])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _state(file: Path) -> tuple[int, int]:
    """What changes when a file does."""
    status = file.stat()
    return status.st_size, status.st_mtime_ns
