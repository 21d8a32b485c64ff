"""Regions, promoters by strand, and the middle of bins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.reference.regions import WINDOW, Regions, centred, promoters
from tests.data.refusals import message
from tests.reference.files import regions

GENES = regions(("chr1", 5_000, 9_000, "+"), ("chr1", 5_000, 9_000, "-"), ("chr2", 10, 20, "+"))


def test_columns_are_coerced_and_kept():
    made = Regions(ids=["a"], chrom=["chr1"], start=[1], end=[5], strand=["+"], counts={"x": 2})
    assert (made.start.dtype, made.ids.dtype) == (np.int64, object)
    assert len(made) == 1
    assert made.length.tolist() == [4]
    assert made.counts == {"x": 2}


def test_no_regions_are_regions():
    none = regions()
    assert len(none) == 0
    assert len(promoters(none)) == len(centred(none)) == len(none.take([])) == 0
    assert list(none.to_frame().columns) == ["id", "chrom", "start", "end", "strand"]


def test_take_keeps_the_order_asked_for():
    assert GENES.take([2, 0]).ids.tolist() == ["r2", "r0"]
    assert GENES.take(np.array([False, True, False])).ids.tolist() == ["r1"]
    counted = Regions(ids=["a"], chrom=["1"], start=[1], end=[5], strand=["."], counts={"x": 2})
    assert counted.take([0]).counts == {"x": 2}


def test_to_frame_has_every_column():
    frame = GENES.to_frame()
    assert frame.iloc[1].tolist() == ["r1", "chr1", 5_000, 9_000, "-"]
    assert len(frame) == 3


def test_promoters_lie_upstream_by_strand():
    found = promoters(GENES)
    assert WINDOW == 2_000
    assert found.start.tolist() == [3_000, 9_000, -1_990]
    assert found.end.tolist() == [5_000, 11_000, 10]
    assert found.strand.tolist() == ["+", "-", "+"]
    assert found.ids.tolist() == GENES.ids.tolist()


def test_centred_takes_the_middle():
    bins = regions(("chr1", 20_000, 60_000), ("chr1", 0, 20_000), ("chr1", 7, 12), ("chr1", 0, 3))
    assert centred(bins).to_frame()[["start", "end"]].values.tolist()[:2] == [
        [39_000, 41_000],
        [9_000, 11_000],
    ]
    assert centred(bins, 2).start.tolist() == [39_999, 9_999, 8, 0]
    assert centred(bins, 9).start[3] == -3  # a bin in the middle of a longer window


@given(
    st.integers(0, 10_000),
    st.integers(1, 5_000),
    st.integers(1, 3_000),
    st.integers(20_000, 30_000),
)
def test_promoters_of_the_minus_strand_mirror_those_of_the_plus_strand(start, long, window, size):
    plus = promoters(regions(("chr1", start, start + long, "+")), window)
    minus = promoters(regions(("chr1", size - start - long, size - start, "-")), window)
    assert (size - minus.end[0], size - minus.start[0]) == (plus.start[0], plus.end[0])


@given(st.integers(-5_000, 5_000), st.integers(1, 5_000), st.integers(1, 5_000))
def test_the_middle_is_as_far_from_both_ends(start, long, window):
    found = centred(regions(("chr1", start, start + long)), window)
    left, right = found.start[0] - start, start + long - found.end[0]
    assert found.length[0] == window
    assert right - left in {0, 1}


def test_a_gene_without_a_strand_has_no_upstream():
    text = message(promoters, regions(("chr1", 5, 9, "+"), ("chr1", 5, 9)))
    assert "`genes` must have a strand each" in text
    assert "1 of 2 have none, the first is r1" in text


@pytest.mark.parametrize("call", [promoters, centred])
def test_a_window_of_nothing_is_refused(call):
    assert "`window` must be at least 1 base pair; it is 0" in message(call, GENES, 0)


def test_empty_regions_are_refused():
    text = message(regions, ("chr1", 1, 5), ("chr1", 7, 7))
    assert "1 of 2 regions are empty, the first is r1, chr1:7-7" in text
    assert "0-based, half-open" in text


def test_unknown_strands_are_refused():
    text = message(regions, ("chr1", 1, 5, "+"), ("chr1", 1, 5, "minus"))
    assert "`strand` must be '+', '-' or '.'; 1 of 2 are not, the first is 'minus' of r1" in text


def test_columns_of_other_lengths_are_refused():
    columns = {"ids": ["a"], "chrom": ["chr1"], "start": [1], "end": [2, 3], "strand": ["+"]}
    text = message(Regions, **columns)
    assert "`Regions` must have columns of one length" in text
    assert "'end': (2,)" in text


def test_positions_that_are_not_whole_are_refused():
    columns = {"ids": ["a"], "chrom": ["chr1"], "start": [1.5], "end": [2], "strand": ["+"]}
    assert "`start` must hold whole numbers of base pairs; it holds float64" in message(
        Regions, **columns
    )
