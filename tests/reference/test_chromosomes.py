"""Chromosome names with and without chr, and tables of lengths."""

import numpy as np
import pytest

from leakcheck.reference.chromosomes import (
    AUTOSOMES,
    match_chromosomes,
    read_chrom_sizes,
    spelled_like,
)
from tests.data.refusals import message


@pytest.mark.parametrize(
    ("name", "present", "found"),
    [
        ("chr1", {"chr1", "1"}, "chr1"),
        ("1", {"chr1", "1"}, "1"),
        ("chr1", {"1"}, "1"),
        ("1", ["chr1"], "chr1"),
        ("chrM", {"MT"}, "MT"),
        ("MT", {"chrM": 1}, "chrM"),
        ("chr1", {"Chr1", "CHR1", "chr11"}, None),
        ("chrX", set(), None),
    ],
)
def test_chr_may_be_there_or_not_and_nothing_else_is_guessed(name, present, found):
    assert spelled_like(name, present) == found


def test_regions_are_counted_and_not_chromosomes():
    wanted = np.array(["chr1", "chrX", "chr1", "2", "chrX", "chrX"], dtype=object)
    match = match_chromosomes(wanted, {"1": 0, "2": 0}, "file")
    assert match.names.tolist() == ["1", None, "1", "2", None, None]
    assert match.counts == {"absent chromosome": 3, "renamed chromosome": 2}


def test_no_regions_match_anything():
    match = match_chromosomes(np.array([], dtype=object), {}, "file")
    assert match.names.tolist() == []
    assert set(match.counts.values()) == {0}


def test_none_of_the_chromosomes_is_an_error():
    text = message(match_chromosomes, np.array(["chrX", "chrX"], dtype=object), {"1": 0}, "a.bw")
    assert "chromosomes of a.bw; it has none of ['chrX'] but ['1']" in text


def test_autosomes():
    assert (len(AUTOSOMES), AUTOSOMES[0], AUTOSOMES[-1]) == (22, "chr1", "chr22")


def test_lengths_are_read_from_chrom_sizes_and_fai(tmp_path):
    path = tmp_path / "sizes"
    path.write_text("# hg19\nchr2\t30\n\nchr1\t20\t6\t60\t61\n")
    assert list(read_chrom_sizes(path).items()) == [("chr2", 30), ("chr1", 20)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("chr1\t20\nchr1\t20\n", 2),
        ("chr1\t0\n", 1),
        ("chr1\n", 1),
        ("chr1 20\n", 1),
        ("chr1\t-5\n", 1),
        ("chr1\t1.5\n", 1),
    ],
)
def test_lines_without_a_length_are_errors(tmp_path, text, line):
    path = tmp_path / "sizes"
    path.write_text(text)
    found = message(read_chrom_sizes, path)
    assert "`path` must name each chromosome once with its length" in found
    assert f"line {line} of" in found
