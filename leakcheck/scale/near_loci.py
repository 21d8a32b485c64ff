"""Floor 6: which new loci of a store lie near a locus of the reference, stretch by stretch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.design import GAP
from leakcheck.scale.files import ColumnFile
from leakcheck.scale.loci_reader import LociReader
from leakcheck.scale.plan import StorePlan
from leakcheck.scale.store import CHUNK

__all__ = ["find_near"]

#: Further than any place on a chromosome.
_FAR: Final = 1 << 61


class _Place(NamedTuple):
    """Loci of one chromosome that follow one another along the genome."""

    rows: slice
    start: IntArray
    end: IntArray


def find_near(folder: Path, plan: StorePlan, seen: ColumnFile) -> ColumnFile | None:
    """Say which loci lie near one that the reference observes.

    Parameters
    ----------
    folder : Path
        The store, before its parts go.
    plan : StorePlan
        Order of the loci.
    seen : ColumnFile of bool
        Whether any reference observes each locus, in genome order.

    Returns
    -------
    ColumnFile of bool, or None
        As `leakcheck.design.near_loci` says it, in genome order; None where that cannot be asked.
    """
    if not plan.loci.has_coordinates or plan.source == "leave-one-out":
        return None
    start, end = _intervals(folder, plan)
    near = ColumnFile.create(folder / "near", np.bool_, plan.loci.n_loci)
    for low, high in _chromosomes(plan):
        _look_back(start, end, seen, near, (low, high))
        _look_ahead(start, end, seen, near, (low, high))
    for column in (start, end):
        column.path.unlink()
    return near


def _chromosomes(plan: StorePlan) -> list[tuple[int, int]]:
    """First place of each chromosome in genome order, and one after its last."""
    ends = np.cumsum(plan.loci.sizes)
    return list(zip((ends - plan.loci.sizes).tolist(), ends.tolist(), strict=True))


def _intervals(folder: Path, plan: StorePlan) -> tuple[ColumnFile, ColumnFile]:
    """Starts and ends in genome order."""
    loci = plan.loci
    raw = [ColumnFile.create(folder / f"raw-{k}", np.int64, loci.n_source) for k in (0, 1)]
    for stretch in LociReader(folder, plan.parts).stretches():
        rows = slice(stretch.row, stretch.row + len(stretch.start))
        raw[0].write(rows, stretch.start)
        raw[1].write(rows, stretch.end)
    if loci.order is None:
        return raw[0], raw[1]
    ordered = [ColumnFile.create(folder / f"place-{k}", np.int64, loci.n_loci) for k in (0, 1)]
    for low in range(0, loci.n_loci, CHUNK):
        place = slice(low, min(low + CHUNK, loci.n_loci))
        sources = loci.order.read(place)
        for unordered, column in zip(raw, ordered, strict=True):
            column.write(place, unordered.read(sources))
    for column in raw:
        column.path.unlink()
    return ordered[0], ordered[1]


def _places(
    start: ColumnFile, end: ColumnFile, bounds: tuple[int, int], *, backwards: bool = False
) -> Iterator[_Place]:
    """Cut a chromosome in pieces that are read at a time."""
    lows = range(bounds[0], bounds[1], CHUNK)
    for low in reversed(lows) if backwards else lows:
        rows = slice(low, min(low + CHUNK, bounds[1]))
        yield _Place(rows, start.read(rows), end.read(rows))


def _look_back(
    start: ColumnFile, end: ColumnFile, seen: ColumnFile, near: ColumnFile, bounds: tuple[int, int]
) -> None:
    """Mark loci that lie near, or under, a seen locus before them."""
    reach = -_FAR
    for place in _places(start, end, bounds):
        known: BoolArray = seen.read(place.rows)
        ends = np.maximum.accumulate(np.where(known, place.end, -_FAR))
        ends = np.maximum(ends, reach)
        near.write(place.rows, ~known & (place.start - ends < GAP))
        reach = int(ends[-1])


def _look_ahead(
    start: ColumnFile, end: ColumnFile, seen: ColumnFile, near: ColumnFile, bounds: tuple[int, int]
) -> None:
    """Mark loci that lie near a seen locus behind them."""
    following = _FAR
    for place in _places(start, end, bounds, backwards=True):
        known: BoolArray = seen.read(place.rows)
        starts = np.minimum.accumulate(np.where(known, place.start, _FAR)[::-1])[::-1]
        starts = np.minimum(starts, following)
        near.write(place.rows, near.read(place.rows) | (~known & (starts - place.end < GAP)))
        following = int(starts[0])
