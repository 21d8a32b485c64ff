"""Bins, boundaries on bins, and overlaps against bioframe."""

import bioframe
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.reference.boundaries import (
    BIN_OFFSET,
    BIN_WIDTH,
    PAPER_CELL_TYPES,
    ROADMAP_IDS,
    bins_of,
    overlapping,
    read_boundaries,
)
from tests.data.refusals import message
from tests.reference.files import regions

#: bioframe asks pandas 3.1 for something that it will drop.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

SIZES = {"chr1": 130_000, "chr2": 60_000, "chr3": 9_000}


def write(path, *rows: tuple):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def test_bins_begin_with_half_a_window():
    bins = bins_of(SIZES)
    assert bins.to_frame()[["chrom", "start", "end"]].values.tolist() == [
        ["chr1", 0, 20_000],
        ["chr1", 20_000, 60_000],
        ["chr1", 60_000, 100_000],
        ["chr1", 100_000, 130_000],
        ["chr2", 0, 20_000],
        ["chr2", 20_000, 60_000],
        ["chr3", 0, 9_000],
    ]
    assert (BIN_WIDTH, BIN_OFFSET) == (40_000, 20_000)
    assert set(bins.strand) == {"."}
    assert bins.ids[6] == "chr3:0-9000"


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 500), min_size=1),
    st.integers(1, 60),
    st.data(),
)
def test_bins_cover_every_base_once(sizes, width, data):
    offset = data.draw(st.integers(0, width - 1))
    bins = bins_of(sizes, width, offset=offset)
    for name, size in sizes.items():
        here = bins.chrom == name
        assert bins.start[here][0] == 0
        assert bins.end[here][-1] == size
        assert (bins.start[here][1:] == bins.end[here][:-1]).all()
        assert ((bins.start[here][1:] - offset) % width == 0).all()
        assert (bins.length[here] <= width).all()


def test_no_chromosomes_have_no_bins():
    assert len(bins_of({})) == 0


def test_bins_refuse_what_makes_none():
    assert "`offset` must be at least 0 and less than `width` = 10; it is 10" in message(
        bins_of, SIZES, 10, offset=10
    )
    text = message(bins_of, {"chr1": 5, "chr2": 0})
    assert "`chrom_sizes` must be positive; 1 of 2 are not, the first is chr2 with 0" in text


def test_boundaries_are_bins(tmp_path):
    one = write(
        tmp_path / "a.bed",
        ("chr1", 0, 20_000),
        ("chr1", 100_000, 140_000),  # beyond the end of the chromosome, like its bin's grid
        ("chrX", 20_000, 60_000),  # no bins there
    )
    two = write(tmp_path / "b.bed", ("2", 20_000, 60_000), ("2", 20_000, 60_000))
    called = read_boundaries({"B": two, "A": one}, bins_of(SIZES))
    assert called.dtype == bool
    assert called[:, 0].nonzero()[0].tolist() == [5]
    assert called[:, 1].nonzero()[0].tolist() == [0, 3]
    assert read_boundaries({}, bins_of(SIZES)).shape == (7, 0)


@pytest.mark.parametrize(
    "row",
    [
        ("chr1", 0, 40_000),  # another offset
        ("chr1", 40_000, 80_000),
        ("chr1", 20_000, 59_999),
        ("chr1", 100_000, 120_000),
        ("chr1", 140_000, 180_000),  # beyond the end
    ],
)
def test_a_boundary_that_is_no_bin_is_refused(tmp_path, row):
    path = write(tmp_path / "a.bed", ("chr1", 60_000, 100_000), row)
    text = message(read_boundaries, {"H1": path}, bins_of(SIZES))
    assert "`paths` must hold boundaries that are bins; 1 of 2 of H1 are not" in text
    assert f"the first is {row[0]}:{row[1]}-{row[2]}" in text


def test_a_file_without_boundaries_on_the_bins_is_refused(tmp_path):
    path = write(tmp_path / "a.bed", ("chrX", 20_000, 60_000))
    text = message(read_boundaries, {"H1": path}, bins_of(SIZES))
    assert "it has none of ['chr1', 'chr2', 'chr3'] but ['chrX']" in text


spans = st.lists(
    st.tuples(st.sampled_from(["chr1", "chr2"]), st.integers(0, 90), st.integers(1, 30)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(spans, spans)
def test_overlaps_are_those_of_bioframe(tmp_path_factory, intervals, asked):
    rows = [("chr1", 200, 201), *((c, a, a + n) for c, a, n in intervals)]
    path = write(tmp_path_factory.mktemp("bed") / "x.bed", *rows)
    wanted = [("chr1", 200, 300), *((c, a, a + n) for c, a, n in asked)]
    columns = ["chrom", "start", "end"]
    counted = bioframe.count_overlaps(
        pd.DataFrame(wanted, columns=columns), pd.DataFrame(rows, columns=columns)
    )
    found = overlapping(path, regions(*wanted))
    assert found.tolist() == (counted["count"] > 0).tolist()


def test_the_papers_cell_types_are_those_of_both_sources():
    assert list(PAPER_CELL_TYPES) == ["TRO", "H1", "NPC", "GM12878", "MES", "IMR90", "MSC"]
    assert list(ROADMAP_IDS) == list(PAPER_CELL_TYPES)
    assert len(set(PAPER_CELL_TYPES.values())) == len(set(ROADMAP_IDS.values())) == 7
    with pytest.raises(TypeError):
        PAPER_CELL_TYPES["H9"] = "x"  # nobody changes it for everybody


def test_a_bin_is_found_whatever_the_order_of_bins(tmp_path):
    path = write(tmp_path / "a.bed", ("chr1", 60_000, 100_000), ("chr2", 0, 20_000))
    order = np.array([6, 3, 0, 5, 2, 4, 1])
    bins = bins_of(SIZES)
    straight = read_boundaries({"H1": path}, bins)
    assert (read_boundaries({"H1": path}, bins.take(order)) == straight[order]).all()
