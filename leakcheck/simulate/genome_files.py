"""Writers of the formats that genomes come in: FASTA, 2bit, GTF, BED, RPKM table, bigWig."""

import gzip
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._files import write_bytes, write_text
from leakcheck._optional import import_optional
from leakcheck._typing import FloatArray, IntArray

__all__ = [
    "write_boundaries",
    "write_chromosome_sizes",
    "write_expression",
    "write_fasta",
    "write_genes",
    "write_track",
    "write_two_bit",
]

_LINE = 60
_NEWLINE = ord("\n")
_GTF_ELEMENTS = ("gene", "transcript", "exon")
_TWO_BIT_SIGNATURE = 0x1A412743
# 2bit packs T, C, A, G as 0 to 3; every other letter counts as T under a block of N
_TWO_BIT_CODES = np.zeros(256, dtype=np.uint8)
for _code, _letters in enumerate((b"Tt", b"Cc", b"Aa", b"Gg")):
    _TWO_BIT_CODES[list(_letters)] = _code


def write_fasta(path: Path, sequences: Mapping[str, NDArray[np.uint8]]) -> Path:
    """Write letters as plain FASTA, and as bgzip with its indices beside it.

    Parameters
    ----------
    path : path-like
        The plain file, ``genome.fa``; the other is ``genome.fa.gz``.
    sequences : mapping of str to ndarray of uint8
        Chromosome to its letters in ASCII.

    Returns
    -------
    pathlib.Path
        The compressed file.
    """
    pysam = import_optional("pysam", extra="reference", purpose="to write a bgzip FASTA")
    write_bytes(path, b"".join(_fasta_record(name, text) for name, text in sequences.items()))
    compressed = path.with_name(path.name + ".gz")
    pysam.tabix_compress(os.fspath(path), os.fspath(compressed), force=True)
    for file in (path, compressed):
        pysam.faidx(os.fspath(file))
    return compressed


def _fasta_record(name: str, text: NDArray[np.uint8]) -> bytes:
    """One chromosome in lines of 60 letters."""
    whole = len(text) // _LINE * _LINE
    lines = np.full((whole // _LINE, _LINE + 1), _NEWLINE, dtype=np.uint8)
    lines[:, :_LINE] = text[:whole].reshape(-1, _LINE)
    rest = text[whole:].tobytes()
    return b">" + name.encode() + b"\n" + lines.tobytes() + (rest + b"\n" if rest else b"")


def write_two_bit(path: Path, sequences: Mapping[str, NDArray[np.uint8]]) -> None:
    """Write letters as 2bit, with its blocks of N and of small letters.

    Parameters
    ----------
    path : path-like
        The file to write.
    sequences : mapping of str to ndarray of uint8
        Chromosome to its letters in ASCII.

    Notes
    -----
    The format of UCSC: https://genome.ucsc.edu/FAQ/FAQformat.html#format7
    """
    names = [name.encode() for name in sequences]
    records = [_two_bit_record(text) for text in sequences.values()]
    header = np.array([_TWO_BIT_SIGNATURE, 0, len(names), 0], dtype="<u4").tobytes()
    offset = len(header) + sum(1 + len(name) + 4 for name in names)
    index = b""
    for name, record in zip(names, records, strict=True):
        index += bytes([len(name)]) + name + offset.to_bytes(4, "little")
        offset += len(record)
    write_bytes(path, header + index + b"".join(records))


def _two_bit_record(text: NDArray[np.uint8]) -> bytes:
    """Length, blocks of N, blocks of small letters, and four bases to a byte."""
    unknown = np.isin(text, np.frombuffer(b"Nn", dtype=np.uint8))
    blocks = [_runs(unknown), _runs(text >= ord("a"))]
    codes = _TWO_BIT_CODES[text]
    codes = np.concatenate([codes, np.zeros(-len(codes) % 4, dtype=np.uint8)]).reshape(-1, 4)
    packed = codes[:, 0] << 6 | codes[:, 1] << 4 | codes[:, 2] << 2 | codes[:, 3]
    parts = [np.array([len(text)], dtype="<u4").tobytes()]
    for starts, sizes in blocks:
        parts.append(np.concatenate([[len(starts)], starts, sizes]).astype("<u4").tobytes())
    return b"".join([*parts, b"\0\0\0\0", packed.astype(np.uint8).tobytes()])


def _runs(mask: NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """Starts and lengths of the stretches where `mask` holds."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2] - edges[::2]


def write_chromosome_sizes(path: Path, lengths: Mapping[str, int]) -> None:
    """Write chromosome and length, a tab between.

    Parameters
    ----------
    path : path-like
        The file to write.
    lengths : mapping of str to int
        Chromosome to its length.
    """
    write_text(path, "".join(f"{name}\t{length}\n" for name, length in lengths.items()))


def write_genes(path: Path, genes: pd.DataFrame, *, version: int = 1) -> None:
    """Write a gzipped GTF: a ``gene``, a ``transcript`` and an ``exon`` for each gene.

    Parameters
    ----------
    path : path-like
        The file to write.
    genes : pandas.DataFrame
        Columns ``id, chrom, start, end, strand``, 0-based and half-open; GTF is 1-based, closed.
    version : int
        The ids in the file end in a dot and this number, as GENCODE's do.
    """
    lines = ["##description: a simulated genome\n##format: gtf\n"]
    rows: Iterable[Any] = genes.itertuples(index=False)
    for row in rows:
        gene = f'gene_id "{row.id}.{version}"; gene_type "protein_coding"; gene_name "{row.id}";'
        place = f"{row.start + 1}\t{row.end}\t.\t{row.strand}\t.\t{gene}\n"
        lines += [f"{row.chrom}\tSIMULATED\t{kind}\t{place}" for kind in _GTF_ELEMENTS]
    write_bytes(path, _gzipped("".join(lines)))


def write_expression(path: Path, rpkm: pd.DataFrame) -> None:
    """Write a gzipped RPKM table in Roadmap's form, whose every data row ends in a tab.

    Parameters
    ----------
    path : path-like
        The file to write.
    rpkm : pandas.DataFrame, shape (n_genes, n_columns)
        Genes in rows; the header has no tab at its end, and that is the trap of this format.
    """
    values = np.char.mod("%.3f", rpkm.to_numpy(dtype=np.float64))
    lines = ["\t".join(["gene_id", *map(str, rpkm.columns)]) + "\n"]
    lines += [
        f"{gene}\t" + "\t".join(row) + "\t\n" for gene, row in zip(rpkm.index, values, strict=True)
    ]
    write_bytes(path, _gzipped("".join(lines)))


def _gzipped(text: str) -> bytes:
    """Compressed bytes that do not tell the time."""
    return gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)


def write_boundaries(path: Path, bins: pd.DataFrame) -> None:
    """Write boundary calls as BED, three columns and no header.

    Parameters
    ----------
    path : path-like
        The file to write.
    bins : pandas.DataFrame
        Columns ``chrom, start, end``.
    """
    rows = bins[["chrom", "start", "end"]].itertuples(index=False)
    write_text(path, "".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in rows))


def write_track(
    path: Path,
    lengths: Mapping[str, int],
    entries: Iterable[tuple[str, IntArray, IntArray, FloatArray]],
) -> None:
    """Write a bigWig, beside `path` first and then renamed.

    Parameters
    ----------
    path : path-like
        The file to write.
    lengths : mapping of str to int
        Chromosome to its length, in the order of `entries`.
    entries : iterable of (str, ndarray, ndarray, ndarray)
        Chromosome, starts, ends and values; sorted, not overlapping.
    """
    bigwig = import_optional("pyBigWig", extra="reference", purpose="to write bigWig tracks")
    beside = path.with_name(f".{path.name}.tmp")
    try:
        _write_entries(bigwig.open(os.fspath(beside), "w"), lengths, entries)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _write_entries(
    file: Any,
    lengths: Mapping[str, int],
    entries: Iterable[tuple[str, IntArray, IntArray, FloatArray]],
) -> None:
    """Write header and entries to an open bigWig, and close it."""
    try:
        file.addHeader(list(lengths.items()))
        for chrom, starts, ends, values in entries:
            if len(starts):
                names = np.full(len(starts), chrom)
                file.addEntries(
                    names,
                    starts.astype(np.int64),
                    ends=ends.astype(np.int64),
                    values=values.astype(np.float64),
                )
    finally:
        file.close()
