"""Signal of peaks against a loop over bases, and against overlaps by bioframe."""

import bioframe
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.reference.peaks import SIGNAL_COLUMN, peak_signal
from tests.data.refusals import message
from tests.reference.files import regions

#: bioframe asks pandas 3.1 for something that it will drop.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


def write(path, *rows: tuple):
    """A broadPeak file of (chrom, start, end, signal)."""
    path.write_text("".join(f"{c}\t{a}\t{b}\t.\t9\t.\t{v}\t8\t7\n" for c, a, b, v in rows))
    return path


def naive(rows, region) -> float:
    """Mean of the largest signal, one base at a time."""
    chrom, start, end = region
    heights = [
        max((v for c, a, b, v in rows if c == chrom and a <= base < b), default=0.0)
        for base in range(start, end)
    ]
    return sum(heights) / len(heights)


peaks = st.lists(
    st.tuples(
        st.sampled_from(["chr1", "chr2"]),
        st.integers(0, 90),
        st.integers(1, 30),
        st.floats(0, 1e3, width=32),
    ),
    max_size=10,
)
places = st.tuples(
    st.sampled_from(["chr1", "chr2", "chr3"]), st.integers(-9, 120), st.integers(1, 50)
)


@settings(max_examples=80)
@given(peaks, st.lists(places, max_size=8))
def test_a_base_has_the_largest_signal_of_its_peaks(tmp_path_factory, made, asked):
    rows = [("chr1", 60, 70, 3.0), *((c, a, a + n, v) for c, a, n, v in made)]
    wanted = [("chr1", 50, 90), *((c, a, a + n) for c, a, n in asked)]
    path = write(tmp_path_factory.mktemp("peaks") / "x.broadPeak", *rows)
    found = peak_signal(path, regions(*wanted))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [naive(rows, r) for r in wanted], rtol=1e-5, atol=1e-9)
    columns = ["chrom", "start", "end", "v"]
    above = pd.DataFrame([row for row in rows if row[3] > 0], columns=columns)
    counted = bioframe.count_overlaps(pd.DataFrame(wanted, columns=columns[:3]), above)
    tiny = above["v"].min() < 1e-30  # a float32 mean may round to 0
    assert tiny or ((found > 0) == (counted["count"] > 0).to_numpy()).all()


def test_arcsinh_is_of_every_base(tmp_path):
    path = write(tmp_path / "x.bed", ("chr1", 10, 15, 8.0), ("chr1", 15, 20, 80.0))
    found = peak_signal(path, regions(("chr1", 0, 20)), scale="arcsinh")
    assert found[0] == pytest.approx((np.arcsinh(8.0) + np.arcsinh(80.0)) / 4)


def test_chromosomes_may_be_named_without_chr_and_have_no_peaks(tmp_path):
    path = write(tmp_path / "x.bed", ("1", 10, 20, 8.0))
    assert peak_signal(path, regions(("chr1", 0, 20), ("chr2", 0, 20))).tolist() == [4.0, 0.0]


def test_no_regions_have_no_signal(tmp_path):
    assert peak_signal(write(tmp_path / "x.bed", ("1", 1, 2, 1)), regions()).shape == (0,)


def test_peaks_on_other_chromosomes_are_refused(tmp_path):
    path = write(tmp_path / "x.bed", ("chrX", 10, 20, 8.0))
    assert "it has none of ['chr1'] but ['chrX']" in message(
        peak_signal, path, regions(("chr1", 0, 20))
    )


def test_a_file_without_signal_is_refused(tmp_path):
    path = tmp_path / "x.bed"
    path.write_text("chr1\t1\t5\tname\t0\t.\n")
    assert SIGNAL_COLUMN == 7
    assert "at least 7 columns; line 1 has 6" in message(
        peak_signal, path, regions(("chr1", 0, 20))
    )
    path.write_text("chr1\t1\t5\tname\t0\t.\t.\n")
    assert "finite signal in column 7 of every line; 1 of 1 peaks" in message(
        peak_signal, path, regions(("chr1", 0, 20))
    )


def test_an_unknown_scale_is_refused(tmp_path):
    path = write(tmp_path / "x.bed", ("chr1", 1, 2, 1))
    text = message(peak_signal, path, regions(("chr1", 0, 20)), scale="log")
    assert "`scale` must be 'plain' or 'arcsinh'; it is 'log'" in text
