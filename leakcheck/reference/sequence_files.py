"""Files of DNA, FASTA and 2bit, behind one interface: lengths, and the letters of a stretch."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from leakcheck._optional import import_optional
from leakcheck.exceptions import ValidationError
from leakcheck.reference.text_files import check_file, starts_with
from leakcheck.reference.two_bit import SIGNATURES, TwoBitFile

__all__ = ["GenomeFile", "open_genome"]

_WHAT = "a genome in FASTA (plain or bgzip) or 2bit"
_GZIP = b"\x1f\x8b"


class GenomeFile(Protocol):
    """An open file of DNA."""

    @property
    def lengths(self) -> Mapping[str, int]:
        """Chromosomes and their lengths in base pairs."""

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Letters of a stretch that is not empty and lies within the chromosome."""


@contextlib.contextmanager
def open_genome(path: str | Path) -> Iterator[GenomeFile]:
    """Open a file of DNA; its first bytes say the format.

    Raises
    ------
    ValidationError
        When it does not exist, is damaged or of another format.
    """
    path = check_file(path, _WHAT)
    if starts_with(path, *SIGNATURES):
        genome: contextlib.AbstractContextManager[GenomeFile] = _open_two_bit(path)
    elif starts_with(path, _GZIP, b">", b";"):
        genome = _open_fasta(path)
    else:
        raise ValidationError(
            f"`path` must be {_WHAT}; {path} begins like neither. Convert it to one of them."
        )
    with genome as opened:
        yield opened


@contextlib.contextmanager
def _open_two_bit(path: Path) -> Iterator[GenomeFile]:
    """Open a 2bit file."""
    try:
        genome = TwoBitFile(path)
    except ValueError as error:
        raise _damaged(path, error) from error
    try:
        yield genome
    finally:
        genome.close()


class _Fasta:
    """An indexed FASTA file."""

    def __init__(self, handle: Any, path: Path) -> None:
        self._handle = handle
        self._path = path
        self.lengths: Mapping[str, int] = dict(zip(handle.references, handle.lengths, strict=True))

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Letters of a stretch."""
        try:
            letters = str(self._handle.fetch(chrom, start, end))
        except (OSError, ValueError) as error:
            raise _damaged(self._path, error) from error
        if len(letters) != end - start:
            raise _damaged(self._path, ValueError(f"{chrom} ends before its index says"))
        return letters


@contextlib.contextmanager
def _open_fasta(path: Path) -> Iterator[GenomeFile]:
    """Open a FASTA file with pysam, through an index that is up to date."""
    pysam = import_optional("pysam", extra="reference", purpose="to read FASTA files")
    compressed = starts_with(path, _GZIP)
    if compressed and not _is_bgzip(path):
        raise ValidationError(
            f"`path` must be {_WHAT}; {path} is compressed with gzip, in which no stretch can be "
            "found without reading all before it. Compress it with bgzip instead "
            "(gunzip -c genome.fa.gz | bgzip > genome.bgz), or give the 2bit file."
        )
    suffixes = (".gzi", ".fai") if compressed else (".fai",)  # the .fai last: it says all is there
    with tempfile.TemporaryDirectory(prefix="leakcheck-") as scratch, _silent(pysam):
        index = _index(pysam, path, suffixes, Path(scratch))
        try:
            handle = pysam.FastaFile(
                str(path),
                filepath_index=str(index[".fai"]),
                filepath_index_compressed=str(index[".gzi"]) if compressed else None,
            )
        except (OSError, ValueError) as error:
            raise _damaged(path, error) from error
        try:
            yield _Fasta(handle, path)
        finally:
            handle.close()


@contextlib.contextmanager
def _silent(pysam: Any) -> Iterator[None]:
    """Keep the C library from writing to stderr what the errors here say."""
    before = pysam.set_verbosity(0)
    try:
        yield
    finally:
        pysam.set_verbosity(before)


def _index(pysam: Any, path: Path, suffixes: tuple[str, ...], scratch: Path) -> dict[str, Path]:
    """Find the index beside the file, or make one: beside it if that can be, else in `scratch`."""
    beside = {suffix: path.with_name(path.name + suffix) for suffix in suffixes}
    age = path.stat().st_mtime
    if all(file.is_file() and file.stat().st_mtime >= age for file in beside.values()):
        return beside
    made = {suffix: scratch / f"index{suffix}" for suffix in suffixes}
    options = ["--fai-idx", str(made[".fai"])]
    if ".gzi" in made:
        options += ["--gzi-idx", str(made[".gzi"])]
    try:
        pysam.faidx(*options, str(path), catch_stdout=False)  # it prints nothing
    except pysam.SamtoolsError as error:
        raise _damaged(path, error) from error
    try:
        for suffix, file in made.items():
            _put(file, beside[suffix])
    except OSError:
        return made  # a folder that cannot be written to: the index serves this call alone
    return beside


def _put(file: Path, target: Path) -> None:
    """Copy an index beside its FASTA file and rename it, so that nobody reads half of one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as copy:
            copy.write(file.read_bytes())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_bgzip(path: Path) -> bool:
    """Whether gzipped data come in the blocks of bgzip: the header has an extra field ``BC``."""
    with path.open("rb") as file:
        header = file.read(14)
    return len(header) == 14 and bool(header[3] & 4) and header[12:14] == b"BC"


def _damaged(path: Path, error: Exception) -> ValidationError:
    """Say that a file could not be read."""
    told = str(error)
    reason = " ".join((told.partition("stderr=")[2] or told).split())  # samtools tells more
    return ValidationError(
        f"`path` must be {_WHAT}; {path} could not be read ({reason}). It is damaged or cut off: "
        "fetch it again."
    )
