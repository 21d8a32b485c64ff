"""Floor 6: from a source to a checked store: reading, roles, order and notes."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data.findings import examined_targets
from leakcheck.data.note_texts import TiesOfModel
from leakcheck.exceptions import ValidationError
from leakcheck.scale.blocks import chromosome_blocks, store_blocks
from leakcheck.scale.border import (
    ReadTrain,
    check_roles,
    content_hashes,
    notes_of_store,
)
from leakcheck.scale.budget import Budget
from leakcheck.scale.cell_type import settle_cell_type
from leakcheck.scale.files import ColumnFile, check_room
from leakcheck.scale.ingest import IngestRules, PartSummary, check_coding, ingest_partition
from leakcheck.scale.label_summary import summarise_labels
from leakcheck.scale.loci_table import settle_loci
from leakcheck.scale.near_loci import find_near
from leakcheck.scale.plan import CellTypeSummary, StorePlan
from leakcheck.scale.progress import Progress
from leakcheck.scale.runner import Runner
from leakcheck.scale.source import Source
from leakcheck.scale.store import CHUNK, Store

__all__ = ["Wanted", "make_store"]

#: Bytes a locus: its interval, its order, and columns between passes.
_BYTES_PER_LOCUS: Final = 80


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the user said about the input.

    Attributes
    ----------
    rules : IngestRules
        About labels.
    train : ReadTrain
        About the reference.
    families : dict of str to str
        Model to family.
    blocks : array-like or None
        Block of each locus.
    signal_transform : str
        Transformation of the signal.
    """

    rules: IngestRules
    train: ReadTrain
    families: dict[str, str]
    blocks: Any
    signal_transform: str


def make_store(
    source: Source, folder: Path, wanted: Wanted, budget: Budget, runner: Runner, progress: Progress
) -> Store:
    """Read a source into columns, with every check of the border.

    Parameters
    ----------
    source : Source
        The data.
    folder : Path
        Scratch folder.
    wanted : Wanted
        What the user said.
    budget : Budget
        Limit on memory.
    runner : Runner
        Runs the tasks.
    progress : callable
        Hears how far they are.

    Returns
    -------
    Store
        Saved in the folder.

    Raises
    ------
    ValidationError
        By the rules of `leakcheck.build_evaluation_set`.
    CorruptPartitionError
        When a piece of the data cannot be read.
    """
    if source.n_loci == 0 or not source.cell_types:
        raise ValidationError(
            "`source` must hold at least one locus and one cell type; it has "
            f"{source.n_loci} loci and {len(source.cell_types)} cell types. Check its path."
        )
    check_room(folder, _bytes_on_disk(source))
    (folder / "parts").mkdir()
    ingest = partial(ingest_partition, source, folder, wanted.rules)
    numbers = range(len(source.partitions()))
    parts = runner.map(ingest, numbers, done=progress("reading"), what="reading")
    plan = _plan(source, folder, parts, wanted, budget)
    plan.save(folder)
    settle = partial(settle_cell_type, folder)
    columns = range(len(source.cell_types))
    cells = runner.map(settle, columns, done=progress("columns"), what="columns")
    notes = check_roles(folder, plan, cells)
    store = _store(folder, plan, cells, wanted)
    seen = ColumnFile.create(folder / "seen", np.bool_, store.n_loci)
    unseen = _find_unseen(store, seen)
    audited = _audited_chromosomes(store, seen, plan.loci.sizes)
    store.blocks = store_blocks(plan.loci, wanted.blocks, audited)
    store.n_audited_chromosomes = int(np.count_nonzero(audited))
    _count_near(store, find_near(folder, plan, seen) if unseen[0] else None)
    shutil.rmtree(folder / "parts")
    if store.label_kind == "continuous":
        store.label_summary = summarise_labels(store)
    notes += notes_of_store(plan, cells, unseen, _low_precision(store, budget))
    tally: dict[str, int] = {}
    for part in parts:
        for key, count in part.tally.items():
            tally[key] = tally.get(key, 0) + count
    ordered = sorted(notes, key=lambda note: note.code)
    store.notes = (*ordered, *source.notes(tally))
    store.save()
    return store


def _bytes_on_disk(source: Source) -> int:
    """Room that the columns take, as they were read and in order."""
    sizes = {"float32": 4, "float64": 8}
    scores = sum(
        sizes[source.score_dtypes[model]] * len(source.predicted[model]) for model in source.models
    )
    labels = len(source.cell_types) * (1 if source.label_kind == "binary" else 8)
    signal = 8 * len(source.cell_types) if source.has_signal else 0
    return source.n_loci * (2 * (scores + labels + signal) + _BYTES_PER_LOCUS)


def _plan(
    source: Source, folder: Path, parts: list[PartSummary], wanted: Wanted, budget: Budget
) -> StorePlan:
    """Decide what the labels are, and in which order loci stand."""
    label_kind = check_coding(parts, wanted.rules)
    predicted = np.zeros(len(source.cell_types), dtype=bool)
    for part in parts:
        predicted[[column for _, column in part.predictions]] = True
    return StorePlan(
        parts=parts,
        loci=settle_loci(folder, parts, budget.limit // 2),
        cell_types=tuple(source.cell_types),
        models=tuple(source.models),
        label_kind=label_kind,
        has_signal=source.has_signal,
        source=wanted.train.source,
        named=wanted.train.named,
        predicted=predicted,
    )


def _store(
    folder: Path,
    plan: StorePlan,
    cells: Sequence[CellTypeSummary],
    wanted: Wanted,
) -> Store:
    """Put together what is known of the columns."""
    if plan.has_signal and plan.label_kind == "continuous":
        raise ValidationError(
            "`signal` goes beside binary labels; it came beside continuous ones. Leave it out: "
            "continuous labels are a signal themselves."
        )
    return Store(
        folder=str(folder),
        n_loci=plan.loci.n_loci,
        cell_types=plan.cell_types,
        models=plan.models,
        label_kind=plan.label_kind,
        has_signal=plan.has_signal,
        signal_transform=wanted.signal_transform,
        reference_source=plan.source,
        families=wanted.families,
        blocks=chromosome_blocks(plan.loci),  # until it is known where loci are audited
        has_coordinates=plan.loci.has_coordinates,
        n_chromosomes=int(np.count_nonzero(plan.loci.sizes)),
        chromosomes=tuple(sorted(plan.loci.chrom_names)),
        cells=list(cells),
        hashes=content_hashes(plan, cells),
        order=plan.loci.order,
    )


def _find_unseen(store: Store, seen: ColumnFile) -> tuple[int, int]:
    """Count loci, and audited pairs, without a reference label from another cell type.

    `seen` takes whether each locus has a reference label at all.
    """
    n_loci, pairs = 0, {int(column): 0 for column in np.flatnonzero(store.is_target)}
    references = np.flatnonzero(store.is_reference).tolist()
    for rows in store.chunks():
        own = {column: store.reference(column, rows) for column in references}
        count = np.zeros(rows.stop - rows.start, dtype=np.int32)
        for one in own.values():
            count += one
        seen.write(rows, count > 0)
        unseen_anywhere = np.zeros(len(count), dtype=bool)
        for column in pairs:
            others = count - own[column] if column in own else count
            if others.all():
                continue
            unseen = store.audited(column, rows) & (others == 0)
            pairs[column] += int(np.count_nonzero(unseen))
            unseen_anywhere |= unseen
        n_loci += int(np.count_nonzero(unseen_anywhere))
    store.unseen = pairs
    return n_loci, sum(pairs.values())


def _audited_chromosomes(store: Store, seen: ColumnFile, sizes: IntArray) -> BoolArray:
    """Which chromosomes hold audited loci with a reference label; looks until it finds one."""
    ends = np.cumsum(sizes).tolist()
    return np.array(
        [
            any(
                (seen.read(rows) & store.audited(column, rows)).any()
                for rows in store.chunks(low, high)
                for column in np.flatnonzero(store.is_target).tolist()
            )
            for low, high in pairwise([0, *ends])
        ],
        dtype=bool,
    )


def _count_near(store: Store, near: ColumnFile | None) -> None:
    """Count the unseen pairs of each target that lie near a reference locus."""
    known = store.has_coordinates and not store.leave_one_out
    store.near = dict.fromkeys(store.unseen, 0) if known else {}
    if near is None:
        return
    for rows in store.chunks():
        here: BoolArray = near.read(rows)
        for column in store.near if here.any() else ():
            store.near[column] += int(np.count_nonzero(here & store.audited(column, rows)))


def _low_precision(store: Store, budget: Budget) -> list[TiesOfModel]:
    """Count ties of every model in some targets."""
    sizes = np.array([one.n_audited for one in store.cells])
    targets = examined_targets(sizes)
    found = []
    for model, name in enumerate(store.models) if targets else []:
        ties = [_ties(store, model, target, budget) for target in targets]
        n_rows = int(sizes[targets].sum())
        found.append(
            TiesOfModel(name, max(one[0] for one in ties), sum(one[1] for one in ties) / n_rows)
        )
    return found


def _ties(store: Store, model: int, target: int, budget: Budget) -> tuple[int, int]:
    """Distinct scores among the audited pairs of a target, and scores tied with another."""
    dtype = store.score_dtype(model, target)
    n = store.cells[target].n_audited
    n_parts = max(1, -(-n * dtype.itemsize * 4 // budget.limit))
    edges = _edges(store, model, target, n_parts)
    n_values = n_tied = 0
    for low, high in pairwise(edges):
        ordered = _between(store, model, target, n, (low, high))
        ordered.sort()
        for at in range(0, len(ordered), CHUNK):
            # One more on either side: a score is tied where a neighbour has it.
            part = ordered[max(at - 1, 0) : at + CHUNK + 1]
            same = part[1:] == part[:-1]
            tied = np.zeros(len(part), dtype=bool)
            tied[1:] |= same
            tied[:-1] |= same
            own = slice(min(at, 1), min(at, 1) + CHUNK)
            n_tied += int(np.count_nonzero(tied[own]))
            before = same[: CHUNK - 1] if at == 0 else same[:CHUNK]
            n_values += len(part[own]) - int(np.count_nonzero(before))
    return n_values, n_tied


def _edges(store: Store, model: int, target: int, n_parts: int) -> list[float]:
    """Cut the range of scores where the first audited rows have about as many in each part."""
    if n_parts == 1:
        return [-np.inf, np.inf]
    own = (store.scores(model, target, at)[store.audited(target, at)] for at in store.chunks())
    scores = next(part for part in own if len(part))
    inner = np.unique(np.quantile(scores, np.linspace(0, 1, 2 * n_parts + 1)[1:-1]))
    return [-np.inf, *inner.tolist(), np.inf]


def _between(store: Store, model: int, target: int, n: int, edges: tuple[float, float]) -> Any:
    """Audited scores from one edge up to the next."""
    found = np.empty(n if edges == (-np.inf, np.inf) else 0, dtype=store.score_dtype(model, target))
    parts, place = [], 0
    for rows in store.chunks():
        scores = store.scores(model, target, rows)[store.audited(target, rows)]
        if len(found):
            found[place : place + len(scores)] = scores
            place += len(scores)
        else:
            parts.append(scores[(scores >= edges[0]) & (scores < edges[1])])
    return found if not parts else np.concatenate(parts)
