"""2bit files, UCSC's packed DNA: four bases a byte, with lists of the stretches of N."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SIGNATURES", "TwoBitFile"]

#: First bytes of a 2bit file -> byte order of its numbers.
SIGNATURES: Mapping[bytes, str] = {b"\x43\x27\x41\x1a": "<", b"\x1a\x41\x27\x43": ">"}

_BASES = np.frombuffer(b"TCAG", dtype=np.uint8)
#: The four letters of every byte; the first base is in the highest bits.
_LETTERS = _BASES[(np.arange(256)[:, None] >> np.array([6, 4, 2, 0])) & 3]
_N = ord("N")


class _Record(NamedTuple):
    """One sequence: where its packed bases begin, and its stretches of N."""

    packed: int
    n_start: NDArray[np.int64]
    n_end: NDArray[np.int64]


class TwoBitFile:
    """An open 2bit file, in either byte order, of version 0 or 1 (files above 4 GB).

    Parameters
    ----------
    path : pathlib.Path
        Begins with one of `SIGNATURES`.

    Raises
    ------
    ValueError
        When the file is cut off or contradicts itself.

    Notes
    -----
    The format: https://genome.ucsc.edu/FAQ/FAQformat.html#format7. Lower case (masked bases) is
    not read. Every length is checked against the file's before it is used; the C library that
    others use (py2bit) reads beyond the end of a file that was cut off, and takes Python with it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self._order = SIGNATURES[self._file.read(4)]
            self._records: dict[str, _Record] = {}
            self.lengths: dict[str, int] = {}
            for name, offset in self._index():
                self._read_record(name, offset)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Letters of a stretch that lies within the chromosome, in upper case."""
        record = self._records[chrom]
        first, last = start // 4, (end + 3) // 4
        self._file.seek(record.packed + first)
        packed = np.frombuffer(self._bytes(last - first), dtype=np.uint8)
        letters = _LETTERS[packed].ravel()[start - 4 * first : end - 4 * first]
        runs = slice(
            int(np.searchsorted(record.n_end, start, side="right")),
            int(np.searchsorted(record.n_start, end, side="left")),
        )
        for a, b in zip(record.n_start[runs], record.n_end[runs], strict=True):
            letters[max(a - start, 0) : b - start] = _N
        return bytes(letters).decode("ascii")

    def _index(self) -> list[tuple[str, int]]:
        """Names and offsets of the sequences."""
        version, n_sequences, _ = self._numbers(3).tolist()
        if version not in {0, 1}:
            raise ValueError(f"version {version} is unknown")
        entries = []
        for _ in range(n_sequences):
            name = self._bytes(self._bytes(1)[0]).decode("ascii")
            entries.append((name, int(self._numbers(1, 8 if version else 4)[0])))
        return entries

    def _read_record(self, name: str, offset: int) -> None:
        """Read the head of a sequence's record, and check that its bases are all there."""
        self._file.seek(offset)
        length, n_runs = self._numbers(2).tolist()
        n_start = self._numbers(n_runs)
        n_end = n_start + self._numbers(n_runs)
        masked = int(self._numbers(1)[0])
        packed = self._file.tell() + 8 * masked + 4  # a reserved number comes before the bases
        if packed + (length + 3) // 4 > self._size:
            raise ValueError(f"the bases of {name} go beyond the end of the file")
        if n_runs and ((n_start[1:] < n_end[:-1]).any() or n_end[-1] > length):
            raise ValueError(f"the stretches of N of {name} overlap or go beyond its end")
        self.lengths[name] = length
        self._records[name] = _Record(packed, n_start, n_end)

    def _numbers(self, count: int, width: int = 4) -> NDArray[np.int64]:
        """Read unsigned numbers of some bytes each."""
        return np.frombuffer(self._bytes(count * width), f"{self._order}u{width}").astype(np.int64)

    def _bytes(self, count: int) -> bytes:
        """Read so many bytes; they must be there."""
        if count > self._size - self._file.tell():
            raise ValueError(f"it ends after {self._size} bytes, before what it announces")
        return self._file.read(count)
