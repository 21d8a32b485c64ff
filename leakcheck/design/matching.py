"""Which loci and pairs of one table are in another: by id, place, overlap or sequence."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.intervals import FAR, IntervalIndex, distinct_intervals
from leakcheck.data import Loci
from leakcheck.data.chromosomes import plain_chromosome
from leakcheck.design.pairs import Pairs

__all__ = [
    "FAR",
    "KINDS",
    "SEEN_FROM",
    "LocusMatch",
    "Matcher",
    "chromosome_codes",
    "sequence_codes",
]

#: How a locus is known, from not at all to exactly.
KINDS: Final = ("new", "near", "sequence", "overlap", "other id", "same")
#: From this kind on, a locus counts as seen.
SEEN_FROM: Final = KINDS.index("sequence")

_COMPLEMENT: Final = str.maketrans("ACGT", "TGCA")


class LocusMatch(NamedTuple):
    """How each locus of one table is known to another.

    Attributes
    ----------
    kind : numpy.ndarray of int8
        Position in `KINDS`.
    partner : numpy.ndarray of int
        The locus of the other table; -1 where there is none.
    distance : numpy.ndarray of int64
        Bases to it: 0 for loci that were seen, `FAR` where none is on the chromosome, or unknown.
    """

    kind: NDArray[np.int8]
    partner: IntArray
    distance: IntArray

    @property
    def seen(self) -> BoolArray:
        """Whether each locus counts as seen."""
        return np.asarray(self.kind >= SEEN_FROM, dtype=np.bool_)


def chromosome_codes(tables: Sequence[Loci]) -> list[IntArray | None]:
    """Number the chromosomes of all tables alike."""
    names: dict[str, int] = {}
    found: list[IntArray | None] = []
    for loci in tables:
        codes = [names.setdefault(plain_chromosome(name), len(names)) for name in loci.chrom_names]
        found.append(None if loci.chrom is None else np.array(codes, dtype=np.int64)[loci.chrom])
    return found


def _digest(sequence: str) -> bytes | None:
    """Digest of a sequence or its reverse complement, whichever comes first; None for all N."""
    forward = sequence.upper()
    if not any(base in forward for base in "ACGT"):
        return None
    backward = forward.translate(_COMPLEMENT)[::-1]
    return hashlib.blake2b(min(forward, backward).encode(), digest_size=16).digest()


def sequence_codes(
    tables: Sequence[Pairs], sequences: Mapping[str, str] | None
) -> list[IntArray | None]:
    """Number the sequences of all tables alike; -1 for loci without one."""
    numbers: dict[bytes, int] = {}
    found: list[IntArray | None] = []
    for table in tables:
        given: Sequence[Any] = table.sequences
        if sequences is not None:
            given = [sequences.get(name) for name in table.loci.ids.tolist()]
        if not any(given):
            found.append(None)
            continue
        digests = [_digest(text) if isinstance(text, str) else None for text in given]
        found.append(
            np.array(
                [-1 if d is None else numbers.setdefault(d, len(numbers)) for d in digests],
                dtype=np.int64,
            )
        )
    return found


class _Side(NamedTuple):
    """One of the two tables, with the codes that both share."""

    pairs: Pairs
    chrom: IntArray | None
    sequence: IntArray | None

    @property
    def start(self) -> IntArray:
        return np.asarray(self.pairs.loci.start)

    @property
    def end(self) -> IntArray:
        return np.asarray(self.pairs.loci.end)


class Matcher:
    """Compares the pairs of one table (`asked`) with those of another (`known`).

    Parameters
    ----------
    known, asked : Pairs
        The tables.
    chromosomes, sequences : pair of numpy.ndarray of int, or None
        Codes of each table's loci, shared by both.
    gap : int
        Bases below which a locus that was not seen is near.
    min_overlap : int
        Bases that loci must share to be one.
    """

    def __init__(
        self,
        known: Pairs,
        asked: Pairs,
        *,
        chromosomes: tuple[IntArray | None, IntArray | None],
        sequences: tuple[IntArray | None, IntArray | None],
        gap: int,
        min_overlap: int,
    ) -> None:
        self._known = _Side(known, chromosomes[0], sequences[0])
        self._asked = _Side(asked, chromosomes[1], sequences[1])
        self._gap = gap
        self._min_overlap = min_overlap

    @property
    def has_places(self) -> bool:
        """Whether both tables have coordinates."""
        return self._known.chrom is not None and self._asked.chrom is not None

    @property
    def has_sequences(self) -> bool:
        """Whether both tables have sequences."""
        return self._known.sequence is not None and self._asked.sequence is not None

    @cached_property
    def by_id(self) -> IntArray:
        """The known locus of the same id, or -1."""
        found: IntArray = self._known.pairs.loci.index_of(self._asked.pairs.loci.ids)
        return found

    @cached_property
    def by_place(self) -> IntArray:
        """A known locus of the same interval, or -1."""
        if not self.has_places:
            return self._nowhere
        return self._at(self._asked.start, self._asked.end)

    @property
    def _nowhere(self) -> IntArray:
        return np.full(len(self._asked.pairs.loci), -1, dtype=np.int64)

    def _at(self, start: IntArray, end: IntArray, of: IntArray | None = None) -> IntArray:
        """Known loci with exactly these intervals."""
        chrom = np.asarray(self._asked.chrom) if of is None else np.asarray(self._asked.chrom)[of]
        n_known = len(self._known.pairs.loci)
        codes, _ = distinct_intervals(
            np.concatenate([np.asarray(self._known.chrom), chrom]),
            np.concatenate([self._known.start, start]),
            np.concatenate([self._known.end, end]),
        )
        where = np.full(int(codes.max(initial=-1)) + 1, -1, dtype=np.int64)
        where[codes[:n_known][::-1]] = np.arange(n_known - 1, -1, -1)
        return np.asarray(where[codes[n_known:]], dtype=np.int64)

    @cached_property
    def moved_ids(self) -> IntArray:
        """Loci whose id is known with another interval."""
        if not self.has_places or not self._asked.pairs.is_named:
            return np.zeros(0, dtype=np.int64)
        found = np.flatnonzero(self.by_id >= 0)
        theirs = self.by_id[found]
        differ = self._known.start[theirs] != self._asked.start[found]
        differ |= self._known.end[theirs] != self._asked.end[found]
        differ |= np.asarray(self._known.chrom)[theirs] != np.asarray(self._asked.chrom)[found]
        moved: IntArray = found[differ]
        return moved

    def shifted(self, shift: int, *, both: bool = False) -> IntArray:
        """Loci that are known exactly when their start (or both ends) is moved, and only then."""
        if not self.has_places:
            return np.zeros(0, dtype=np.int64)
        open_ones = np.flatnonzero(self.by_place < 0)
        start = self._asked.start[open_ones] + shift
        end = self._asked.end[open_ones] + (shift if both else 0)
        return open_ones[self._at(start, end, open_ones) >= 0]

    @cached_property
    def n_askew(self) -> int:
        """How many loci overlap a known one without being the same place."""
        return int(((self._overlapping() >= 0) & (self.by_place < 0)).sum())

    @property
    def n_elsewhere(self) -> int:
        """How many loci have the place of no known one."""
        return int((self.by_place < 0).sum())

    @cached_property
    def loci(self) -> LocusMatch:
        """How each asked locus is known."""
        kind = np.zeros(len(self._asked.pairs.loci), dtype=np.int8)
        partner, distance = self._nowhere, np.full(len(kind), FAR, dtype=np.int64)
        renamed = self._known.pairs.is_named and self._asked.pairs.is_named
        for name, found in (
            ("same", self.by_id),
            ("other id" if renamed else "same", self.by_place),
            ("overlap", self._overlapping()),
            ("sequence", self._alike()),
        ):
            fresh = (kind == 0) & (found >= 0)
            kind[fresh], partner[fresh], distance[fresh] = KINDS.index(name), found[fresh], 0
        self._add_near(kind, partner, distance)
        return LocusMatch(kind, partner, distance)

    def _add_near(self, kind: NDArray[np.int8], partner: IntArray, distance: IntArray) -> None:
        """Find how far away the others are."""
        rest = np.flatnonzero(kind == 0)
        if not self.has_places or not rest.size:
            return
        asked = self._asked
        nearest = self._index.nearest(
            np.asarray(asked.chrom)[rest], asked.start[rest], asked.end[rest]
        )
        distance[rest], partner[rest] = nearest
        kind[rest[nearest.distance < self._gap]] = KINDS.index("near")

    @cached_property
    def _index(self) -> IntervalIndex:
        return IntervalIndex(np.asarray(self._known.chrom), self._known.start, self._known.end)

    def _overlapping(self) -> IntArray:
        """A known locus that shares enough bases, or -1."""
        if not self.has_places:
            return self._nowhere
        asked = self._asked
        return self._index.overlapping(
            np.asarray(asked.chrom), asked.start, asked.end, min_overlap=self._min_overlap
        )

    def _alike(self) -> IntArray:
        """A known locus of the same sequence, or -1."""
        if self._known.sequence is None or self._asked.sequence is None:
            return self._nowhere
        size = int(max(self._known.sequence.max(initial=-1), self._asked.sequence.max())) + 1
        where = np.full(size + 1, -1, dtype=np.int64)  # the last stays empty: -1 finds nothing
        has = np.flatnonzero(self._known.sequence >= 0)[::-1]
        where[self._known.sequence[has]] = has
        return np.asarray(where[self._asked.sequence], dtype=np.int64)

    @cached_property
    def _cell_types(self) -> tuple[IntArray, IntArray]:
        """Cell types of both tables' pairs, numbered alike."""
        known, asked = self._known.pairs, self._asked.pairs
        names = pd.Index(asked.cell_types)
        theirs = np.asarray(names.get_indexer(pd.Index(known.cell_types)), dtype=np.int64)
        return theirs[known.cell_type], asked.cell_type

    @cached_property
    def cell_types_seen(self) -> BoolArray:
        """Whether each asked cell type has any known pair."""
        return np.isin(np.array(self._asked.pairs.cell_types), self._known.pairs.cell_types)

    def pairs_seen(self) -> BoolArray:
        """Whether each asked pair is known: its cell type at the same or an overlapping locus."""
        known, asked = self._known.pairs, self._asked.pairs
        theirs, ours = self._cell_types
        kept = np.flatnonzero(
            theirs >= 0
        )  # pairs of cell types that nobody asks for decide nothing
        seen = np.zeros(len(asked), dtype=np.bool_)
        if not kept.size:
            return seen
        n = len(asked.cell_types)
        for locus_of, partner in ((known.locus, self.by_id), (known.locus, self.by_place)):
            found = partner[asked.locus]
            keys = locus_of[kept] * n + theirs[kept]
            seen |= (found >= 0) & np.isin(found * n + ours, keys)
        if self._known.sequence is not None and self._asked.sequence is not None:
            mine = self._asked.sequence[asked.locus]
            keys = self._known.sequence[known.locus[kept]] * n + theirs[kept]
            seen |= (mine >= 0) & np.isin(mine * n + ours, keys)
        if self.has_places:
            seen |= self._pairs_overlap(kept, n)
        return seen

    def _pairs_overlap(self, kept: IntArray, n: int) -> BoolArray:
        """Whether a known pair of the same cell type overlaps: one axis for each cell type."""
        theirs, ours = self._cell_types
        known, asked = self._known.pairs.locus[kept], self._asked.pairs.locus
        index = IntervalIndex(
            np.asarray(self._known.chrom)[known] * n + theirs[kept],
            self._known.start[known],
            self._known.end[known],
        )
        found = index.overlapping(
            np.asarray(self._asked.chrom)[asked] * n + ours,
            self._asked.start[asked],
            self._asked.end[asked],
            min_overlap=self._min_overlap,
        )
        return np.asarray(found >= 0, dtype=np.bool_)

    def seen_by_others(self) -> BoolArray:
        """Whether another cell type has a known pair at each asked pair's locus: leave-one-out."""
        known, asked = self._known.pairs, self._asked.pairs
        theirs, ours = self._cell_types
        at_locus = np.bincount(known.locus, minlength=len(known.loci))
        found = self.by_id[asked.locus]
        everybody = np.where(found >= 0, at_locus[found], 0)
        n = len(asked.cell_types)
        own = np.isin(found * n + ours, known.locus * n + theirs) & (found >= 0)
        return np.asarray(everybody - own > 0, dtype=np.bool_)
