"""Small genome files for the tests, written by hand: what the readers read is known."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyBigWig
import pysam

from leakcheck.reference.regions import Regions


def regions(*rows: tuple, ids: Sequence[str] | None = None) -> Regions:
    """Regions from (chrom, start, end) or (chrom, start, end, strand)."""
    rows = [(*row, ".")[:4] for row in rows]
    chrom, start, end, strand = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Regions(
        ids=np.array(ids or [f"r{i}" for i in range(len(rows))], dtype=object),
        chrom=np.array(chrom, dtype=object),
        start=np.array(start, dtype=np.int64),
        end=np.array(end, dtype=np.int64),
        strand=np.array(strand, dtype=object),
    )


def fasta_text(genome: Mapping[str, str], width: int = 7) -> str:
    """FASTA in lines of `width` letters."""
    lines = []
    for name, letters in genome.items():
        lines += [f">{name}", *(letters[i : i + width] for i in range(0, len(letters), width))]
    return "\n".join(lines) + "\n"


def write_fasta(path: Path, genome: Mapping[str, str]) -> Path:
    """A plain FASTA file."""
    path.write_text(fasta_text(genome))
    return path


def write_bgzip(path: Path, genome: Mapping[str, str]) -> Path:
    """A FASTA file compressed with bgzip."""
    with pysam.BGZFile(str(path), "w") as file:
        file.write(fasta_text(genome).encode())
    return path


def write_two_bit(path: Path, genome: Mapping[str, str]) -> Path:
    """A 2bit file by UCSC's description of the format; letters other than ACGT are runs of N."""
    header = struct.pack("<4I", 0x1A412743, 0, len(genome), 0)
    offset = len(header) + sum(1 + len(name) + 4 for name in genome)
    index, records = b"", b""
    for name, letters in genome.items():
        index += bytes([len(name)]) + name.encode() + struct.pack("<I", offset + len(records))
        records += _record(letters)
    path.write_bytes(header + index + records)
    return path


def _record(letters: str) -> bytes:
    """One sequence of a 2bit file."""
    unknown = _runs([letter.upper() not in "ACGT" for letter in letters])
    masked = _runs([letter.islower() for letter in letters])
    packed = bytearray((len(letters) + 3) // 4)
    for i, letter in enumerate(letters.upper()):
        code = "TCAG".find(letter) if letter in "TCAG" else 0
        packed[i // 4] |= code << (6 - 2 * (i % 4))
    blocks = b""
    for runs in (unknown, masked):
        numbers = [len(runs), *(start for start, _ in runs), *(length for _, length in runs)]
        blocks += struct.pack(f"<{len(numbers)}I", *numbers)
    return struct.pack("<I", len(letters)) + blocks + struct.pack("<I", 0) + bytes(packed)


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Start and length of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, int), [0]])))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def write_big_wig(
    path: Path, sizes: Mapping[str, int], entries: Sequence[tuple[str, int, int, float]]
) -> Path:
    """A bigWig file of (chrom, start, end, value), in the order of the chromosomes."""
    with pyBigWig.open(str(path), "w") as track:
        track.addHeader(list(sizes.items()))
        if entries:
            chrom, start, end, value = (list(column) for column in zip(*entries, strict=True))
            track.addEntries(chrom, start, ends=end, values=value)
    return path


def bases_by_pybigtools(track, chrom: str, start: int, end: int) -> np.ndarray:
    """Value of every base of a stretch, 0 where there is none, as another library reads them."""
    values = np.zeros(end - start)
    for a, b, value in track.records(chrom, start, end):
        values[max(a - start, 0) : b - start] = value
    return values
