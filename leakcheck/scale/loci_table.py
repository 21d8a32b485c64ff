"""Floor 6: the loci of all parts together: their genome order, repeats, chromosomes and hash."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from leakcheck._typing import IntArray
from leakcheck.data.chromosomes import check_one_style
from leakcheck.data.hashes import LociHash
from leakcheck.data.locus_forms import read_loci
from leakcheck.exceptions import ValidationError
from leakcheck.scale.files import ColumnFile
from leakcheck.scale.ingest import PartSummary
from leakcheck.scale.loci_of_part import interval_text
from leakcheck.scale.loci_reader import CHUNK, LociReader, Stretch

__all__ = ["LociTable", "settle_loci"]

#: Bytes a row that sorting the loci of a chromosome takes.
_SORT_BYTES: Final = 72


@dataclass
class LociTable:
    """What must be known of the loci, which stay on disk.

    Attributes
    ----------
    n_source : int
        Rows of the source.
    chrom_names : tuple of str
        Chromosomes by first appearance; empty without coordinates.
    sizes : ndarray of int, shape (n_chromosomes,)
        Loci of each, repeats left out.
    order : ColumnFile or None
        Source row of each place in genome order; None where they are the same.
    repeats : ndarray of int, shape (2, n_repeats)
        Rows that repeat an earlier locus, rising, and the earlier rows.
    digest : str
        SHA-256, as `EvaluationSet.content_hashes` gives it.
    n_shared : int
        Loci that share their interval with another id.
    first_shared : str
        The first of them.
    has_ids : bool
        Whether loci have names of their own.
    unsettled : list of (int, int)
        Places that loci of one start take, where their ends order them in another way than the
        source does, as first and one after the last.
    """

    n_source: int
    chrom_names: tuple[str, ...] = ()
    sizes: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    order: ColumnFile | None = None
    repeats: IntArray = field(default_factory=lambda: np.empty((2, 0), dtype=np.int64))
    digest: str = ""
    n_shared: int = 0
    first_shared: str = ""
    has_ids: bool = False
    unsettled: list[tuple[int, int]] = field(default_factory=list)

    @property
    def n_loci(self) -> int:
        """Loci that are kept."""
        return self.n_source - int(self.repeats.shape[1])

    @property
    def has_coordinates(self) -> bool:
        """Whether loci have intervals."""
        return bool(self.chrom_names)


def settle_loci(folder: Path, parts: Sequence[PartSummary], memory: int) -> LociTable:
    """Order the loci of all parts along the genome, and look for repeats.

    Parameters
    ----------
    folder : Path
        The store.
    parts : sequence of PartSummary
        All parts.
    memory : int
        Bytes that sorting may take.

    Returns
    -------
    LociTable
        Rows in genome order: chromosome by first appearance, start, end, row.

    Raises
    ------
    ValidationError
        When chromosomes are written in two styles, an id has two intervals, or loci that are out
        of order are too many to be sorted.
    """
    reader = LociReader(folder, parts)
    table = LociTable(n_source=sum(part.rows[1] - part.rows[0] for part in reader.parts))
    table.has_ids = any(reader.loci(part).ids is not None for part in reader.parts)
    table.chrom_names = reader.chrom_names
    check_one_style(reader.chrom_names, "loci")
    if table.has_ids:
        table.repeats = _repeated_ids(reader, table.n_source, memory)
    if table.has_coordinates:
        _order(folder, reader, table, memory)
    table.digest = _digest(reader, table)
    return table


def _repeated_ids(reader: LociReader, n: int, memory: int) -> IntArray:
    """Rows whose id came before, and where; an id has one interval."""
    _check_fits(16 * n, memory, "their ids")
    hashes = np.empty(n, dtype=np.uint64)
    for part in reader.parts:
        for low in range(part.rows[0], part.rows[1], CHUNK):
            rows = slice(low - part.rows[0], min(low + CHUNK, part.rows[1]) - part.rows[0])
            texts = np.array(reader.texts(part, rows), dtype=object)
            hashes[low : low + len(texts)] = pd.util.hash_array(texts, categorize=False)
    ordered = np.sort(hashes)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(twice):
        return np.empty((2, 0), dtype=np.int64)
    first: dict[str, int] = {}
    pairs = []
    for row in np.flatnonzero(np.isin(hashes, twice)).tolist():
        earlier = first.setdefault(reader.name(row), row)
        if earlier != row:
            _refuse_two_intervals(reader, earlier, row)
            pairs.append((row, earlier))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2).T


def _refuse_two_intervals(reader: LociReader, earlier: int, row: int) -> None:
    """Let the border refuse two intervals of one id."""
    frame = pd.concat([reader.frame(earlier), reader.frame(row)], ignore_index=True)
    if "chrom" in frame:
        read_loci(frame, "loci")


def _order(folder: Path, reader: LociReader, table: LociTable, memory: int) -> None:
    """Find the genome order, the sizes of chromosomes, repeats, and intervals that are shared."""
    seen = _scan(reader, len(reader.chrom_names))
    table.sizes = seen.sizes
    if not seen.is_rising or seen.adjacent.shape[1]:
        table.order, same = _sorted_order(folder, reader, table, seen.sizes, memory)
        if table.has_ids:
            _note_shared(reader, table, same)
        else:
            table.repeats = _first_of_runs(same)
    if table.repeats.shape[1]:
        table.order = _without(folder, table)
        codes = _codes_of_rows(reader, table.repeats[0])
        table.sizes = seen.sizes - np.bincount(codes, minlength=len(seen.sizes))


def _note_shared(reader: LociReader, table: LociTable, same: IntArray) -> None:
    """Count the loci that share their interval with another id, which is another locus."""
    rows = np.unique(same)
    rows = rows[~np.isin(rows, table.repeats[0])]
    rows = rows[~np.isin(rows, _only_repeats(same, table.repeats))]
    table.n_shared = len(rows)
    table.first_shared = reader.name(int(rows[0])) if len(rows) else ""


class _Scan(NamedTuple):
    """What one pass over the intervals sees."""

    sizes: IntArray
    is_rising: bool
    adjacent: IntArray  # (2, k) neighbours in the source with one interval


def _scan(reader: LociReader, n_chromosomes: int) -> _Scan:
    """Look whether loci are in genome order as they came."""
    sizes = np.zeros(n_chromosomes, dtype=np.int64)
    rising, before = True, None
    pairs = []
    for stretch in reader.stretches():
        sizes += np.bincount(stretch.chrom, minlength=n_chromosomes)
        columns = np.stack([stretch.chrom, stretch.start, stretch.end])
        row = stretch.row
        if before is not None:
            columns, row = np.concatenate([before, columns], axis=1), row - 1
        step = np.diff(columns, axis=1)
        rising = rising and bool((step[0] >= 0).all())
        same = step[0] == 0
        later = (step[1] > 0) | ((step[1] == 0) & (step[2] >= 0))
        rising = rising and bool((~same | later).all())
        equal = np.flatnonzero(same & (step[1] == 0) & (step[2] == 0))
        pairs.append(np.stack([equal + row, equal + row + 1]))
        before = columns[:, -1:].copy()
    found = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), dtype=np.int64)
    return _Scan(sizes, rising, found)


def _sorted_order(
    folder: Path, reader: LociReader, table: LociTable, sizes: IntArray, memory: int
) -> tuple[ColumnFile, IntArray]:
    """Sort chromosome by chromosome: rows in genome order, and pairs that share an interval."""
    _check_fits(_SORT_BYTES * int(sizes.max(initial=0)), memory, "the loci of a chromosome")
    n = table.n_source
    raw = [ColumnFile.create(folder / f"loci-{k}", np.int64, n) for k in ("row", "start", "end")]
    order = ColumnFile.create(folder / "order", np.int64, n)
    first = np.cumsum(sizes) - sizes
    fill = first.copy()
    for stretch in reader.stretches():
        rows = np.arange(stretch.row, stretch.row + len(stretch.chrom))
        for code in np.unique(stretch.chrom).tolist():
            own = stretch.chrom == code
            place = slice(int(fill[code]), int(fill[code]) + int(own.sum()))
            for column, values in zip(raw, (rows, stretch.start, stretch.end), strict=True):
                column.write(place, values[own])
            fill[code] = place.stop
    pairs = []
    for low, size in zip(first.tolist(), sizes.tolist(), strict=True):
        place = slice(low, low + size)
        rows, start, end = (column.read(place) for column in raw)
        by = np.lexsort((end, start))
        rows, start, end = rows.take(by), start.take(by), end.take(by)
        order.write(place, rows)
        equal = np.flatnonzero((np.diff(start) == 0) & (np.diff(end) == 0))
        pairs.append(np.stack([rows[equal], rows[equal + 1]]))
        table.unsettled += _unsettled(rows, start, low)
    for column in raw:
        column.path.unlink()
    return order, np.concatenate(pairs, axis=1)


def _unsettled(rows: IntArray, start: IntArray, first: int) -> list[tuple[int, int]]:
    """Stretches of one start in which the rows of the source are not in order."""
    begins = np.flatnonzero(np.diff(start, prepend=-1) != 0)
    odd = np.flatnonzero((np.diff(start) == 0) & (np.diff(rows) < 0))
    groups = np.unique(np.searchsorted(begins, odd, side="right") - 1)
    ends = np.append(begins[1:], len(rows))
    return [(first + int(begins[g]), first + int(ends[g])) for g in groups.tolist()]


def _first_of_runs(pairs: IntArray) -> IntArray:
    """Of pairs (earlier, later) that chain up, each later row with the first of its chain."""
    first: dict[int, int] = {}
    for earlier, later in pairs.T.tolist():
        first[later] = first.get(earlier, earlier)
    rows = sorted(first)
    return np.array([rows, [first[row] for row in rows]], dtype=np.int64).reshape(2, -1)


def _only_repeats(pairs: IntArray, repeats: IntArray) -> IntArray:
    """Rows that share their interval with repeats of themselves alone."""
    group = _first_of_runs(pairs)
    leader = dict(zip(group[0].tolist(), group[1].tolist(), strict=True))
    dropped = set(repeats[0].tolist())
    members: dict[int, list[int]] = {}
    for row in np.unique(pairs).tolist():
        if row not in dropped:
            members.setdefault(leader.get(row, row), []).append(row)
    return np.array([rows[0] for rows in members.values() if len(rows) == 1], dtype=np.int64)


def _codes_of_rows(reader: LociReader, rows: IntArray) -> IntArray:
    """Chromosome of some rows."""
    found = [stretch.chrom[_inside(rows, stretch)] for stretch in reader.stretches()]
    return np.concatenate(found)


def _inside(rows: IntArray, stretch: Stretch) -> IntArray:
    """Places of rows in a stretch."""
    inside = (rows >= stretch.row) & (rows < stretch.row + len(stretch.chrom))
    return rows[inside] - stretch.row


def _without(folder: Path, table: LociTable) -> ColumnFile:
    """Take the repeats out of an order."""
    kept = ColumnFile.create(folder / "order-kept", np.int64, table.n_loci)
    place = 0
    for low in range(0, table.n_source, CHUNK):
        rows = slice(low, min(low + CHUNK, table.n_source))
        own = np.arange(rows.start, rows.stop) if table.order is None else table.order.read(rows)
        own = own[~np.isin(own, table.repeats[0])]
        kept.write(slice(place, place + len(own)), own)
        place += len(own)
    return kept


def _digest(reader: LociReader, table: LociTable) -> str:
    """Hash the loci that are kept, in the order in which they came."""
    found = LociHash(has_coordinates=table.has_coordinates)
    dropped = table.repeats[0]
    intervals = reader.stretches()
    for part in reader.parts:
        for low in range(0, reader.loci(part).n_rows, CHUNK):
            rows = slice(low, min(low + CHUNK, reader.loci(part).n_rows))
            first = part.rows[0] + low
            kept = ~np.isin(np.arange(first, first + rows.stop - low), dropped)
            columns: tuple[IntArray, ...] = ()
            if table.has_coordinates:
                stretch = next(intervals)
                columns = tuple(c[kept] for c in (stretch.chrom, stretch.start, stretch.end))
            if table.has_ids:
                texts = reader.texts(part, rows)
                found.update(
                    [text for text, keep in zip(texts, kept, strict=True) if keep], *columns
                )
            else:
                found.update_encoded(*interval_text(table.chrom_names, *columns), *columns)
    return found.hexdigest(table.chrom_names)


def _check_fits(n_bytes: int, memory: int, what: str) -> None:
    """Refuse a sort that does not fit."""
    if n_bytes > memory:
        raise ValidationError(
            f"`memory` must hold {what} while they are put in order, because the source has them "
            f"out of genome order or by name; that takes {n_bytes / 2**20:.0f} MiB and "
            f"{memory / 2**20:.0f} MiB are allowed. Allow more, or sort the source by chromosome "
            "and start."
        )
