"""Floor 6: the loci of parts on disk, read stretch by stretch or one by one."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import IntArray
from leakcheck.data.locus_forms import read_loci
from leakcheck.scale.ingest import PartSummary, part_path
from leakcheck.scale.loci_of_part import PartLoci

__all__ = ["CHUNK", "LociReader", "Stretch", "name_of_locus"]

#: Loci that are read at a time.
CHUNK: Final = 1 << 16


class Stretch(NamedTuple):
    """Loci that follow one another in the source."""

    row: int  # of the first
    chrom: IntArray  # among the chromosomes of all parts
    start: IntArray
    end: IntArray


class LociReader:
    """Loci of the parts that bring them, part by part."""

    def __init__(self, folder: Path, parts: Sequence[PartSummary]) -> None:
        self._folder = folder
        bringing = [part for part in parts if part.loci is not None]
        self.parts = sorted(bringing, key=lambda part: part.rows)
        names = dict.fromkeys(name for part in self.parts for name in self.loci(part).chrom_names)
        self.chrom_names = tuple(names)
        codes = {name: code for code, name in enumerate(names)}
        self.codes = [
            np.array([codes[name] for name in self.loci(part).chrom_names], dtype=np.int64)
            for part in self.parts
        ]

    @staticmethod
    def loci(part: PartSummary) -> PartLoci:
        """Loci of a part that brings them."""
        assert part.loci is not None  # noqa: S101 - only such parts are kept
        return part.loci

    def column(self, part: PartSummary, offset: int, rows: slice) -> NDArray[Any]:
        """Read int64 numbers of a part."""
        path = part_path(self._folder, part.index)
        place = offset + 8 * rows.start
        return np.fromfile(path, dtype=np.int64, count=rows.stop - rows.start, offset=place)

    def stretches(self) -> Iterator[Stretch]:
        """Intervals of all loci, in the order of the source."""
        for part, codes in zip(self.parts, self.codes, strict=True):
            found = self.loci(part)
            if found.intervals is None:
                continue
            for low in range(0, found.n_rows, CHUNK):
                rows = slice(low, min(low + CHUNK, found.n_rows))
                chrom, start, end = (
                    self.column(part, found.intervals + 8 * found.n_rows * k, rows)
                    for k in range(3)
                )
                yield Stretch(part.rows[0] + low, codes[chrom], start, end)

    def ids(self, part: PartSummary, rows: slice) -> tuple[bytes, IntArray, IntArray]:
        """Ids of some rows of a part: the text, letters of each, and bytes of each."""
        found = self.loci(part)
        assert found.ids is not None  # noqa: S101 - asked for where there are ids
        letters, ends, text, _ = found.ids
        stops = self.column(part, ends, rows)
        first = (
            int(self.column(part, ends, slice(rows.start - 1, rows.start))[0]) if rows.start else 0
        )
        size = int(stops[-1]) - first if len(stops) else 0
        with part_path(self._folder, part.index).open("rb") as file:
            file.seek(text + first)
            written = file.read(size)
        return written, self.column(part, letters, rows), np.diff(stops, prepend=first)

    def texts(self, part: PartSummary, rows: slice) -> list[str]:
        """Ids of some rows of a part, one by one."""
        written, _, sizes = self.ids(part, rows)
        ends = np.cumsum(sizes).tolist()
        begins = [0, *ends[:-1]]
        return [written[a:b].decode() for a, b in zip(begins, ends, strict=True)]

    def frame(self, row: int) -> pd.DataFrame:
        """One locus as the user would write it."""
        part = next(one for one in self.parts if one.rows[0] <= row < one.rows[1])
        found, at = self.loci(part), row - part.rows[0]
        columns: dict[str, Any] = {}
        if found.ids is not None:
            columns["id"] = self.texts(part, slice(at, at + 1))
        if found.intervals is not None:
            values = [
                int(self.column(part, found.intervals + 8 * found.n_rows * k, slice(at, at + 1))[0])
                for k in range(3)
            ]
            columns |= {"chrom": [found.chrom_names[values[0]]], "start": [values[1]]}
            columns["end"] = [values[2]]
        return pd.DataFrame(columns)

    def name(self, row: int) -> str:
        """Id of a locus."""
        frame = self.frame(row)
        return (
            str(frame["id"].iloc[0]) if "id" in frame else str(read_loci(frame, "loci")[1].ids[0])
        )


def name_of_locus(folder: Path, parts: Sequence[PartSummary], row: int) -> str:
    """Look up the id of a locus for a message.

    Parameters
    ----------
    folder : Path
        The store, before its parts go.
    parts : sequence of PartSummary
        All parts.
    row : int
        Row of the source.

    Returns
    -------
    str
    """
    return LociReader(folder, parts).name(row)
