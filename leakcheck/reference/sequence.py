"""DNA as base codes: encoded, one-hot, reverse-complemented, and read for regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from leakcheck.exceptions import ValidationError
from leakcheck.reference.chromosomes import match_chromosomes
from leakcheck.reference.regions import Regions
from leakcheck.reference.sequence_files import GenomeFile, open_genome

__all__ = [
    "BASES",
    "MISSING",
    "Sequences",
    "encode",
    "one_hot",
    "read_sequences",
    "reverse_complement",
]

#: The bases in the order of their codes; a base and its complement add up to 3.
BASES = "ACGT"

#: The code of N, of every other letter, and of positions that are not in the file.
MISSING = 4

_CODE_OF = np.full(256, MISSING, dtype=np.uint8)
for _code, _base in enumerate(BASES):
    _CODE_OF[[ord(_base), ord(_base.lower())]] = _code

_COMPLEMENT = np.array([3, 2, 1, 0, MISSING], dtype=np.uint8)
_BITS = np.eye(5, 4, dtype=np.uint8)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sequences:
    """Base codes of regions, and what was not there.

    Parameters
    ----------
    codes : numpy.ndarray of uint8, shape (n_regions, window)
        0 to 3 for A, C, G, T in the direction of the strand; 4 for N and what is not in the file.
    counts : mapping of str to int
        Numbers of regions: ``clipped`` (partly or wholly beyond an end of their chromosome),
        ``absent chromosome`` (not in the file: all 4), ``renamed chromosome`` (found with or
        without ``chr``), ``with N`` (inside the chromosome, a letter other than A, C, G, T).
    """

    codes: NDArray[np.uint8]
    counts: Mapping[str, int]


def encode(text: str | bytes) -> NDArray[np.uint8]:
    """Write DNA as base codes.

    Parameters
    ----------
    text : str or bytes
        Letters; lower case (soft-masked repeats) counts as upper case.

    Returns
    -------
    numpy.ndarray of uint8, shape (n,)
        0, 1, 2, 3 for A, C, G, T; 4 for N and every other letter.

    Examples
    --------
    >>> encode("ACGTNacgt").tolist()
    [0, 1, 2, 3, 4, 0, 1, 2, 3]
    """
    letters = text if isinstance(text, bytes) else text.encode("ascii", "replace")
    return _CODE_OF[np.frombuffer(letters, dtype=np.uint8)]


def one_hot(codes: NDArray[np.uint8], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Write base codes as four bits a base: exactly one set, none for a missing base.

    Parameters
    ----------
    codes : numpy.ndarray of uint8, shape (..., n)
        0 to 4.
    dtype : data type
        Of the result.

    Returns
    -------
    numpy.ndarray, shape (..., n, 4)
        Columns in the order A, C, G, T.

    Raises
    ------
    ValidationError
        When a code is above 4.

    Examples
    --------
    >>> one_hot(encode("CN"), dtype=int).tolist()
    [[0, 1, 0, 0], [0, 0, 0, 0]]
    """
    bits: NDArray[Any] = _BITS.astype(dtype)[_checked(codes)]
    return bits


def reverse_complement(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Read base codes on the other strand: the last axis reversed, each base its complement.

    Parameters
    ----------
    codes : numpy.ndarray of uint8, shape (..., n)
        0 to 4; a missing base stays missing.

    Returns
    -------
    numpy.ndarray of uint8, shape (..., n)

    Raises
    ------
    ValidationError
        When a code is above 4.

    Examples
    --------
    >>> "".join("ACGTN"[code] for code in reverse_complement(encode("AACGN")))
    'NCGTT'
    """
    return _COMPLEMENT[_checked(codes)[..., ::-1]]


def read_sequences(path: str | Path, regions: Regions, *, window: int) -> Sequences:
    r"""Read the DNA of regions of one length.

    Parameters
    ----------
    path : str or pathlib.Path
        FASTA, plain or compressed with bgzip, or 2bit; seen from the first bytes. A FASTA file
        needs an index: a current one beside it is used, else one is made and kept beside it, or
        for this call only where that folder cannot be written to.
    regions : Regions
        Those with strand ``-`` are read as their reverse complement.
    window : int
        Length of every region in base pairs.

    Returns
    -------
    Sequences
        Codes in the regions' order, and counts of what was clipped, absent or unknown.

    Raises
    ------
    ValidationError
        When a region has another length, the file is missing, damaged or in another format, or
        it has none of the chromosomes.
    MissingDependencyError
        When pysam is not installed, which FASTA needs (``leakcheck[reference]``).

    Notes
    -----
    Positions before a chromosome's first base and after its last are missing (4), like every
    position of a chromosome that the file does not have.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genome.fa")
    >>> _ = path.write_text(">chr1\nAACCG\n")
    >>> minus = Regions(ids=["a"], chrom=["chr1"], start=[3], end=[7], strand=["-"])
    >>> read_sequences(path, minus, window=4).codes.tolist()
    [[4, 4, 1, 2]]
    """
    _check_lengths(regions, window)
    codes = np.full((len(regions), window), MISSING, dtype=np.uint8)
    with open_genome(path) as genome:
        match = match_chromosomes(regions.chrom, genome.lengths, path)
        clipped, with_n = _fill(codes, genome, regions, match.names)
    minus = regions.strand == "-"
    codes[minus] = reverse_complement(codes[minus])
    return Sequences(codes=codes, counts={"clipped": clipped, **match.counts, "with N": with_n})


def _fill(
    codes: NDArray[np.uint8], genome: GenomeFile, regions: Regions, names: NDArray[np.object_]
) -> tuple[int, int]:
    """Write the plus strand's codes into `codes`; count the clipped and those with an N."""
    clipped = with_n = 0
    for row in np.lexsort((regions.start, regions.chrom.astype(str))):  # as they lie on the disk
        if names[row] is None:
            continue
        start, end = int(regions.start[row]), int(regions.end[row])
        first, last = max(start, 0), min(end, genome.lengths[names[row]])
        clipped += (first, last) != (start, end)
        if first < last:
            read = encode(genome.fetch(names[row], first, last))
            codes[row, first - start : last - start] = read
            with_n += bool((read == MISSING).any())
    return clipped, with_n


def _check_lengths(regions: Regions, window: int) -> None:
    """Refuse regions that do not fit into an array of `window` columns."""
    wrong = np.flatnonzero(regions.length != window)
    if wrong.size:
        first = wrong[0]
        raise ValidationError(
            f"`regions` must be `window` = {window} base pairs long; {wrong.size} of "
            f"{len(regions)} are not, the first is {regions.ids[first]} with "
            f"{regions.length[first]}. Make them with `promoters` or `centred`."
        )


def _checked(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Refuse what is not a base code."""
    codes = np.asarray(codes)
    if codes.dtype != np.uint8 or (codes.size and codes.max() > MISSING):
        raise ValidationError(
            f"`codes` must be base codes 0 to {MISSING} of type uint8; they are of type "
            f"{codes.dtype} up to {codes.max() if codes.size else 'nothing'}. "
            "Make them with `encode`."
        )
    return codes
