"""Indexes of FASTA files, and files that are not what they should be."""

import gzip
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pysam
import pytest

from leakcheck.reference import sequence_files
from leakcheck.reference.sequence_files import open_genome
from tests.data.refusals import message
from tests.reference.conftest import GENOME
from tests.reference.files import fasta_text, write_bgzip, write_fasta, write_two_bit


def fetch(path: Path, chrom: str = "chr1", start: int = 0, end: int = 4) -> str:
    with open_genome(path) as genome:
        return genome.fetch(chrom, start, end).upper()


def test_an_index_is_made_beside_the_file_and_used_again(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", GENOME)
    assert fetch(path) == "ACGT"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["genome.fa", "genome.fa.fai"]
    made = (tmp_path / "genome.fa.fai").stat().st_mtime_ns
    assert fetch(path, "chr2", 8, 15) == "GATTACA"
    assert (tmp_path / "genome.fa.fai").stat().st_mtime_ns == made
    assert pysam.FastaFile(str(path)).fetch("chr2", 8, 15) == "GATTACA"  # others can use it too


def test_bgzip_gets_both_indexes(tmp_path):
    path = write_bgzip(tmp_path / "genome.fa.gz", GENOME)
    assert fetch(path) == "ACGT"
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["genome.fa.gz", "genome.fa.gz.fai", "genome.fa.gz.gzi"]
    assert fetch(path, "3", 0, 3) == "CAT"


def test_an_index_older_than_its_file_is_made_again(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", {"chr1": "TTTTTTTTT"})
    assert fetch(path) == "TTTT"
    write_fasta(path, {"chrlonger": "CC", "chr1": "ACGTACGT"})
    later = (tmp_path / "genome.fa.fai").stat().st_mtime + 10
    os.utime(path, (later, later))
    assert fetch(path) == "ACGT"


@pytest.mark.parametrize("write", [write_fasta, write_bgzip])
def test_a_folder_that_cannot_be_written_to_is_left_alone(tmp_path, monkeypatch, write):
    path = write(tmp_path / "genome.fa", GENOME)
    asked, make = [], tempfile.mkstemp

    def refuse(**where):
        if "dir" not in where:
            return make(**where)  # pysam keeps what samtools says in a file of its own
        asked.append(where["dir"])
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sequence_files.tempfile, "mkstemp", refuse)
    assert fetch(path, "chr2", 8, 15) == "GATTACA"
    assert asked == [tmp_path]
    assert [p.name for p in tmp_path.iterdir()] == ["genome.fa"]


@pytest.mark.skipif(os.geteuid() == 0, reason="no folder is closed to root")
def test_a_read_only_folder_is_read_from(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", GENOME)
    tmp_path.chmod(0o500)
    try:
        assert fetch(path) == "ACGT"
        assert [p.name for p in tmp_path.iterdir()] == ["genome.fa"]
    finally:
        tmp_path.chmod(0o700)


def test_half_an_index_is_never_left(tmp_path, monkeypatch):
    path = write_fasta(tmp_path / "genome.fa", GENOME)

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    assert fetch(path) == "ACGT"
    assert [p.name for p in tmp_path.iterdir()] == ["genome.fa"]


def test_gzip_is_not_bgzip(tmp_path):
    path = tmp_path / "genome.fa.gz"
    path.write_bytes(gzip.compress(fasta_text(GENOME).encode()))
    text = message(fetch, path)
    assert "is compressed with gzip" in text
    assert "gunzip -c genome.fa.gz | bgzip > genome.bgz" in text


def test_the_first_bytes_count_and_not_the_suffix(tmp_path):
    path = write_two_bit(tmp_path / "genome.fa", GENOME)
    assert fetch(path, "chr2", 8, 15) == "GATTACA"


def test_no_file_is_an_error(tmp_path):
    assert "must be a genome in FASTA (plain or bgzip) or 2bit" in message(fetch, tmp_path / "no")
    assert "does not exist" in message(fetch, tmp_path / "no")
    assert "is a folder" in message(fetch, tmp_path)


def test_another_format_is_an_error(tmp_path):
    path = tmp_path / "genome.txt"
    path.write_text("ACGT\n")
    assert "begins like neither" in message(fetch, path)


def test_a_2bit_file_that_is_cut_off_is_an_error(tmp_path):
    path = write_two_bit(tmp_path / "genome.2bit", GENOME)
    path.write_bytes(path.read_bytes()[:10])
    assert "could not be read" in message(fetch, path)


def test_a_fasta_file_that_cannot_be_indexed_is_an_error(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(">chr1\nACGT\nAC\nACGT\n")  # lines of different lengths
    text = message(fetch, path)
    assert "could not be read" in text
    assert "fetch it again" in text


def test_an_index_of_another_kind_is_an_error(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", GENOME)
    (tmp_path / "genome.fa.fai").write_text("this is no index\n")
    shutil.copystat(path, tmp_path / "genome.fa.fai")
    assert "could not be read" in message(fetch, path)


def long_genome() -> dict[str, str]:
    """More than one block of bgzip."""
    bases = np.random.default_rng(1).choice(list("ACGT"), 200_000)
    return {"chr1": "".join(bases), "chr2": "ACGT" * 50}


@pytest.mark.parametrize("write", [write_fasta, write_bgzip])
def test_a_file_that_was_cut_off_after_its_index_was_made_is_an_error(tmp_path, write, capfd):
    path = write(tmp_path / "genome.fa", long_genome())
    assert fetch(path, "chr2", 100, 108) == "ACGTACGT"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for index in tmp_path.glob("*.?ai"):
        os.utime(index)  # the index looks newer than the file
    for index in tmp_path.glob("*.gzi"):
        os.utime(index)
    text = message(fetch, path, "chr2", 100, 108)
    assert "could not be read" in text
    assert "damaged or cut off: fetch it again" in text
    assert capfd.readouterr().err == ""


def test_bgzip_that_was_cut_off_cannot_be_indexed(tmp_path, capfd):
    path = write_bgzip(tmp_path / "genome.fa.gz", long_genome())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged or cut off: fetch it again" in message(fetch, path)
    assert capfd.readouterr().err == ""
    assert [p.name for p in tmp_path.iterdir()] == ["genome.fa.gz"]


def test_a_chromosome_that_ends_before_its_index_says_is_an_error(tmp_path):
    path = write_fasta(tmp_path / "genome.fa", {"chr1": "ACGTACG"})
    (tmp_path / "genome.fa.fai").write_text("chr1\t700\t6\t7\t8\n")
    os.utime(tmp_path / "genome.fa.fai")
    assert "could not be read" in message(fetch, path, "chr1", 5, 600)


def test_fewer_letters_than_asked_for_are_an_error(tmp_path):
    class Short:
        references, lengths = ("chr1",), (9,)

        def fetch(self, chrom, start, end):
            return "ACG"

    genome = sequence_files._Fasta(Short(), tmp_path / "genome.fa")
    assert genome.fetch("chr1", 2, 5) == "ACG"
    assert "chr1 ends before its index says" in message(genome.fetch, "chr1", 2, 6)
