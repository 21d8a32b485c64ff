"""Parsing `chr1:100-200`: all at once and one by one give the same."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.data import Loci
from leakcheck.data.interval_text import first_opaque, parse_intervals

PATTERN = re.compile(r"(\S+):(-?\d[\d,]*)-(-?\d[\d,]*)")


def naive(names):
    """Chromosome, start and end of each name, or how many are intervals."""
    matches = [PATTERN.fullmatch(name) for name in names]
    if None in matches:
        return sum(match is not None for match in matches)
    return [(m[1], *(int(m[group].replace(",", "")) for group in (2, 3))) for m in matches]


def parsed(names):
    found, n_found = parse_intervals(names)
    if found is None:
        return n_found
    chroms = np.array(found.chrom_names, dtype=object)[found.chrom].tolist()
    return list(zip(chroms, found.start.tolist(), found.end.tolist(), strict=True))


NUMBERS = st.one_of(
    st.integers(0, 3 * 10**8).map(str),
    st.integers(0, 3 * 10**8).map(lambda n: f"{n:,}"),
    st.integers(-5, 10**16).map(str),
    st.integers(0, 99).map(lambda n: f"{n:04d}"),
)
CHROMOSOMES = st.sampled_from(
    ["chr1", "2", "X", "HLA-A*01:01", "chrUn_gl000220", "chrÄ", "a b", ""]
)
ODD = st.sampled_from(["GENE1", "chr1:5", "chr1:-", "chr1:5-", ":1-2", "chr1 :1-2", "HLA-A", "-:"])
NAMES = st.one_of(st.builds("{}:{}-{}".format, CHROMOSOMES, NUMBERS, NUMBERS), ODD)
PLAIN = st.builds("chr{}:{}-{}".format, st.integers(1, 22), *[st.integers(0, 10**9)] * 2)


@given(st.lists(NAMES, min_size=1, max_size=4) | st.lists(PLAIN, min_size=1, max_size=30))
def test_it_agrees_with_one_by_one(names):
    assert parsed(names) == naive(names)


@given(st.lists(PLAIN, min_size=1, unique=True))
def test_plain_names_are_canonical(names):
    found, _ = parse_intervals(names)
    assert found.is_canonical
    chroms = [found.chrom_names[code] for code in found.chrom]
    again = zip(chroms, found.start, found.end, strict=True)
    assert [f"{chrom}:{start}-{end}" for chrom, start, end in again] == names


@pytest.mark.parametrize(
    "name",
    [
        "chr1:1,000-2,000",
        "chr1:-5-10",
        "chr1:0100-200",
        "chrÄ:1-2",
        "chr1:1-1000000000000000000",
    ],
)
def test_names_that_are_not_plain(name):
    for names in ([name, "chr2:5-6"], ["chr2:5-6", name]):
        found, n_found = parse_intervals(names)
        assert n_found == 2
        assert not found.is_canonical
        assert parsed(names) == naive(names)


def test_leading_zeros_are_not_part_of_an_id():
    assert Loci.from_any(["chr1:0100-0200"]).ids.tolist() == ["chr1:100-200"]


def test_the_first_of_each_kind():
    assert first_opaque(["G1", "G2", "chr1:1-2", "chr1:3-4"]) == ("chr1:1-2", "G1")


def test_no_loci():
    loci = Loci.from_any([])
    assert len(loci) == 0
    assert not loci.has_coordinates
