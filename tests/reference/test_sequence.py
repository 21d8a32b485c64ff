"""Base codes, one-hot bits, the other strand, and the DNA of regions against plain Python."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.reference.sequence import (
    BASES,
    MISSING,
    encode,
    one_hot,
    read_sequences,
    reverse_complement,
)
from tests.data.refusals import message
from tests.reference.conftest import GENOME
from tests.reference.files import regions

DNA = st.text(alphabet="ACGTNacgtnRYKM", max_size=60)
PAIRS = str.maketrans("ACGTN", "TGCAN")
LENGTHS = {"chr1": len(GENOME["chr1"]), "chr2": len(GENOME["chr2"]), "3": len(GENOME["3"])}


def letters(codes: np.ndarray) -> str:
    """Codes as upper-case letters."""
    return "".join((BASES + "N")[code] for code in codes)


def naive(chrom: str, start: int, end: int, strand: str) -> str:
    """The DNA of a region, one letter at a time."""
    text = GENOME.get(chrom, "")
    read = [text[i].upper() if 0 <= i < len(text) else "N" for i in range(start, end)]
    read = [letter if letter in "ACGT" else "N" for letter in read]
    return "".join(reversed(read)).translate(PAIRS) if strand == "-" else "".join(read)


@given(DNA)
def test_one_bit_is_set_for_a_base_and_none_for_another_letter(text):
    bits = one_hot(encode(text))
    assert bits.shape == (len(text), 4)
    assert bits.dtype == np.float32
    assert bits.sum(axis=1).tolist() == [float(letter in "ACGTacgt") for letter in text]
    assert [BASES[row.argmax()] for row in bits if row.any()] == [
        letter for letter in text.upper() if letter in BASES
    ]


@given(DNA)
def test_reverse_complement_twice_is_the_same(text):
    codes = encode(text)
    assert (reverse_complement(reverse_complement(codes)) == codes).all()
    assert letters(reverse_complement(codes)) == letters(codes)[::-1].translate(PAIRS)


@given(DNA)
def test_lower_case_counts_as_upper_case(text):
    assert (encode(text.lower()) == encode(text.upper())).all()
    assert (encode(text.encode()) == encode(text)).all()


def test_letters_that_are_no_base_are_missing():
    assert encode("N-*.Ré").tolist() == [MISSING] * 6
    assert encode("").tolist() == []


def test_one_hot_keeps_the_axes_before_and_the_type():
    codes = np.array([[[0, 4]], [[3, 1]]], dtype=np.uint8)
    bits = one_hot(codes, dtype=np.int8)
    assert bits.shape == (2, 1, 2, 4)
    assert bits.dtype == np.int8
    assert bits[1, 0].tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]
    assert reverse_complement(codes)[0, 0].tolist() == [4, 3]


@pytest.mark.parametrize("call", [one_hot, reverse_complement])
def test_what_is_no_code_is_refused(call):
    assert "`codes` must be base codes 0 to 4 of type uint8; they are of type uint8 up to 5" in (
        message(call, np.array([5], dtype=np.uint8))
    )
    assert "of type int64 up to 1" in message(call, np.array([1], dtype=np.int64))
    assert "up to nothing" in message(call, np.array([], dtype=np.float32))


def test_every_format_gives_the_same_letters(genome_path):
    rows = [
        (chrom, start, start + 9, strand)
        for chrom, size in LENGTHS.items()
        for start in range(-12, size + 4)
        for strand in "+-."
    ]
    found = read_sequences(genome_path, regions(*rows), window=9)
    assert found.codes.dtype == np.uint8
    assert [letters(codes) for codes in found.codes] == [naive(*row) for row in rows]


def test_what_is_not_there_is_counted(genome_path):
    rows = [
        ("chr1", -2, 3, "+"),  # before the beginning
        ("chr1", LENGTHS["chr1"] - 1, LENGTHS["chr1"] + 4, "-"),  # beyond the end
        ("chr1", 11, 16, "+"),  # all there
        ("chr1", 10, 15, "+"),  # one n
        ("chr2", 900, 905, "+"),  # wholly beyond the end
        ("chrX", 0, 5, "+"),  # no such chromosome
        ("chr3", 0, 5, "+"),  # the file says 3
    ]
    found = read_sequences(genome_path, regions(*rows), window=5)
    assert found.counts == {
        "clipped": 3,
        "absent chromosome": 1,
        "renamed chromosome": 1,
        "with N": 1,
    }
    assert letters(found.codes[6]) == "CATCA"
    assert letters(found.codes[0]) == "NNACG"
    assert letters(found.codes[1]) == "NNNNT"
    assert (found.codes[[4, 5]] == MISSING).all()


@given(st.lists(st.integers(0, 5), max_size=6))
def test_any_partition_of_the_regions_gives_the_same(tmp_path_factory, cuts):
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    path.write_text(">chr1\n" + GENOME["chr1"] + "\n")
    whole = regions(*[("chr1", start, start + 6, "+-"[start % 2]) for start in (30, -3, 8, 2, 37)])
    edges = [0, *sorted(min(cut, 5) for cut in cuts), 5]
    parts = [
        read_sequences(path, whole.take(np.arange(a, b)), window=6)
        for a, b in itertools.pairwise(edges)
    ]
    together = read_sequences(path, whole, window=6)
    assert (np.concatenate([part.codes for part in parts]) == together.codes).all()
    assert {k: sum(p.counts[k] for p in parts) for k in together.counts} == together.counts


def test_no_regions_give_no_codes(genome_path):
    assert read_sequences(genome_path, regions(), window=5).codes.shape == (0, 5)


def test_regions_of_another_length_are_refused(genome_path):
    rows = regions(("chr1", 0, 5), ("chr1", 0, 6))
    text = message(read_sequences, genome_path, rows, window=5)
    assert "`regions` must be `window` = 5 base pairs long" in text
    assert "1 of 2 are not, the first is r1 with 6" in text


def test_a_file_with_none_of_the_chromosomes_is_refused(genome_path):
    text = message(read_sequences, genome_path, regions(("NC_000001.10", 0, 5)), window=5)
    assert "`regions` must lie on chromosomes of" in text
    assert "none of ['NC_000001.10'] but ['chr1', 'chr2', '3']" in text
