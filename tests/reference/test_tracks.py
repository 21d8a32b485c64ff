"""Means of tracks against a loop over bases, and against pybigtools."""

import itertools
import struct

import numpy as np
import pybigtools
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.adapters.tracks import base_sums
from leakcheck.reference.tracks import mean_arcsinh
from tests.data.refusals import message
from tests.reference.files import bases_by_pybigtools, regions, write_big_wig

SIZES = {"chr1": 60, "2": 30, "chrEmpty": 10}
ENTRIES = [
    ("chr1", 0, 3, 0.5),
    ("chr1", 3, 4, -1.5),
    ("chr1", 10, 40, 7.25),
    ("chr1", 58, 60, 300.0),
    ("2", 5, 6, 0.0),
]
ROWS = [
    ("chr1", 0, 4),
    ("chr1", 2, 12, "-"),
    ("chr1", 4, 10),  # a gap
    ("chr1", -5, 5, "+"),
    ("chr1", 55, 80),
    ("chr1", 90, 95),  # wholly beyond the end
    ("chr2", 0, 30),  # the file says 2
    ("chrEmpty", 0, 10),
    ("chrX", 0, 10),
]


@pytest.fixture
def path(tmp_path):
    return write_big_wig(tmp_path / "track.bw", SIZES, ENTRIES)


def naive(entries, region, gaps="zero") -> float:
    """Mean of the arcsinh, one base at a time."""
    chrom, start, end = region[:3]
    total, known = 0.0, 0
    for base in range(start, end):
        for name, a, b, value in entries:
            if name == chrom and a <= base < b:
                total, known = total + float(np.arcsinh(value)), known + 1
    divisor = end - start if gaps == "zero" else known
    return total / divisor if divisor else float("nan")


@pytest.mark.parametrize("gaps", ["zero", "skip"])
def test_every_base_counts_once(path, gaps):
    found = mean_arcsinh(path, regions(*ROWS), gaps=gaps)
    entries = [("chr2" if e[0] == "2" else e[0], *e[1:]) for e in ENTRIES]
    expected = [naive(entries, row, gaps) for row in ROWS]
    np.testing.assert_allclose(found.values, expected, rtol=1e-6, atol=0)
    assert found.values.dtype == np.float32
    assert found.gaps == gaps


def test_what_is_not_there_is_counted(path):
    found = mean_arcsinh(path, regions(*ROWS))
    assert found.counts == {
        "clipped": 3,
        "absent chromosome": 1,
        "renamed chromosome": 1,
        "with gaps": 8,
        "without values": 4,
    }
    assert found.values[[2, 5, 7, 8]].tolist() == [0.0] * 4
    skipped = mean_arcsinh(path, regions(*ROWS), gaps="skip")
    assert np.isnan(skipped.values[[2, 5, 7, 8]]).all()
    assert skipped.counts == found.counts


def test_arcsinh_comes_before_the_mean(path):
    found = mean_arcsinh(path, regions(("chr1", 30, 60)))
    assert found.values[0] == pytest.approx(np.arcsinh([7.25] * 10 + [300.0] * 2).sum() / 30)
    assert found.values[0] != pytest.approx(np.arcsinh((7.25 * 10 + 600) / 30), rel=0.1)


@st.composite
def worlds(draw):
    """Entries of one chromosome that do not overlap, and regions anywhere near it."""
    edges = sorted(draw(st.sets(st.integers(0, 200), min_size=2, max_size=20)))
    spans = list(itertools.pairwise(edges))
    kept = [span for span in spans if draw(st.booleans())] or spans[:1]
    values = st.floats(0, 1e4, width=32)
    entries = [("chr1", a, b, draw(values)) for a, b in kept]
    starts = draw(st.lists(st.integers(-20, 210), min_size=1, max_size=8))
    return entries, [("chr1", a, a + draw(st.integers(1, 40))) for a in starts]


@settings(max_examples=60)
@given(worlds())
def test_regions_do_not_depend_on_each_other_and_the_loop_agrees(tmp_path_factory, world):
    entries, rows = world
    path = write_big_wig(tmp_path_factory.mktemp("track") / "t.bw", {"chr1": 200}, entries)
    whole = mean_arcsinh(path, regions(*rows))
    apart = [mean_arcsinh(path, regions(row)).values[0] for row in rows]
    assert whole.values.tolist() == apart
    np.testing.assert_allclose(whole.values, [naive(entries, row) for row in rows], rtol=1e-5)


def test_zoom_levels_are_not_used(tmp_path):
    rng = np.random.default_rng(3)
    starts = np.arange(0, 200_000, 10)
    values = rng.exponential(5, len(starts)).astype(np.float32)
    entries = [("chr1", int(a), int(a) + 7, float(v)) for a, v in zip(starts, values, strict=True)]
    path = write_big_wig(tmp_path / "track.bw", {"chr1": 200_000}, entries)
    begin = np.sort(rng.integers(0, 190_000, 50))
    found = mean_arcsinh(path, regions(*[("chr1", int(a), int(a) + 2_000) for a in begin]))
    with pybigtools.open(str(path)) as other:
        expected = [
            np.arcsinh(bases_by_pybigtools(other, "chr1", int(a), int(a) + 2_000)).mean()
            for a in begin
        ]
    np.testing.assert_allclose(found.values, expected, rtol=1e-6)
    with pyBigWig.open(str(path)) as track:
        assert track.header()["nLevels"] > 0  # there were zoom levels to be misled by


def test_no_regions_have_no_means(path):
    found = mean_arcsinh(path, regions())
    assert found.values.shape == (0,)
    assert set(found.counts.values()) == {0}


def test_the_order_of_regions_is_kept(path):
    order = np.array([4, 0, 2, 1, 3])
    some = regions(*ROWS[:5])
    shuffled = mean_arcsinh(path, some.take(order))
    assert (shuffled.values == mean_arcsinh(path, some).values[order]).all()


def test_infinite_values_are_refused(tmp_path):
    entries = [("chr1", 0, 5, 1.0), ("chr1", 20, 25, float("inf"))]
    path = write_big_wig(tmp_path / "t.bw", {"chr1": 100}, entries)
    text = message(mean_arcsinh, path, regions(("chr1", 0, 10), ("chr1", 15, 30)))
    assert "`path` must hold finite values" in text
    assert "in 1 intervals or more, the first is chr1:15-30" in text
    assert mean_arcsinh(path, regions(("chr1", 0, 10))).values[0] > 0


def test_a_file_that_is_no_bigwig_is_refused(tmp_path, capfd):
    path = tmp_path / "track.bw"
    path.write_text("fixedStep chrom=chr1 start=1\n0.5\n")
    text = message(mean_arcsinh, path, regions(("chr1", 0, 4)))
    assert "`path` must be a bigWig file" in text
    assert "does not begin like one" in text
    assert "does not exist" in message(mean_arcsinh, tmp_path / "no.bw", regions(("chr1", 0, 4)))
    assert capfd.readouterr().err == ""  # the C library was not asked


def test_a_bigwig_that_is_cut_off_is_refused(path, capfd):
    content = path.read_bytes()
    (index,) = struct.unpack_from("<Q", content, 24)
    for size in (4, 63, 64, 70, 200, index // 2, index):
        path.write_bytes(content[:size])
        text = message(mean_arcsinh, path, regions(("chr1", 0, 4)))
        assert f"could not be read (it ends after {size} bytes, before its index)" in text
        assert "fetch it again" in text
    assert capfd.readouterr().err == ""


def test_a_bigwig_with_a_broken_index_is_refused(path):
    content = bytearray(path.read_bytes())
    (index,) = struct.unpack_from("<Q", content, 24)
    content[index : index + 4] = b"\0" * 4
    path.write_bytes(bytes(content))
    assert "could not be read" in message(mean_arcsinh, path, regions(("chr1", 0, 4)))


def test_a_track_that_fails_in_the_middle_is_refused(path):
    class Broken:
        def values(self, *_, **__):
            raise RuntimeError("An error occurred while fetching values!")

    place = np.array(["chr1"], dtype=object), np.array([0]), np.array([4])
    text = message(base_sums, Broken(), path, *place)
    assert "could not be read (An error occurred while fetching values!)" in text


def test_an_unknown_rule_for_gaps_is_refused(path):
    text = message(mean_arcsinh, path, regions(("chr1", 0, 4)), gaps="mean")
    assert "`gaps` must be 'zero' or 'skip'; it is 'mean'" in text
