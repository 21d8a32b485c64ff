"""`Loci`: reading, looking up, taking and comparing."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import Loci
from leakcheck.data.locus_forms import read_loci
from leakcheck.exceptions import ValidationError


def test_strings_become_intervals_in_order_of_appearance():
    codes, loci = read_loci(["chr2:5-9", "chrX:1-2", "chr2:5-9", "chr2:0-1"], "loci")
    assert codes.tolist() == [0, 1, 0, 2]
    assert loci.ids.tolist() == ["chr2:5-9", "chrX:1-2", "chr2:0-1"]
    assert loci.chrom_names == ("chr2", "chrX")
    assert loci.chrom.tolist() == [0, 1, 0]
    assert (loci.start.tolist(), loci.end.tolist()) == ([5, 1, 0], [9, 2, 1])


def test_two_spellings_of_an_interval_are_one_locus():
    codes, loci = read_loci(["1:1,000-2,000", "1:5-6", "1:1000-2000"], "loci")
    assert codes.tolist() == [0, 1, 0]
    assert loci.ids.tolist() == ["1:1000-2000", "1:5-6"]


def test_names_of_chromosomes_may_hold_colons_and_dashes():
    loci = Loci.from_any(["HLA-A*01:01:1-300", "HLA-B:5-7"])
    assert loci.chrom_names == ("HLA-A*01:01", "HLA-B")


def test_frames_with_many_rows_agree_with_a_plain_loop():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "chrom": rng.choice(["chr1", "chr2", "chr10"], 500),
            "start": rng.integers(0, 6, 500),
            "end": rng.integers(6, 9, 500),
        }
    )
    codes, loci = read_loci(frame, "loci")
    seen: dict[str, int] = {}
    expected = [
        seen.setdefault(f"{row.chrom}:{row.start}-{row.end}", len(seen))
        for row in frame.itertuples()
    ]
    assert codes.tolist() == expected
    assert loci.ids.tolist() == list(seen)
    again, same = read_loci([loci.ids[code] for code in codes], "loci")
    assert again.tolist() == expected
    assert same.equals(loci)


def test_take_keeps_only_the_chromosomes_that_are_left():
    loci = Loci.from_any(["chr1:1-2", "chr2:3-4", "chr3:5-6"])
    some = loci.take(np.array([2, 0]))
    assert some.ids.tolist() == ["chr3:5-6", "chr1:1-2"]
    assert some.chrom_names == ("chr3", "chr1")
    assert some.chrom.tolist() == [0, 1]
    assert some.equals(Loci.from_any(["chr3:5-6", "chr1:1-2"]))
    ids = Loci.from_any(["b", "a"])
    assert ids.take(np.array([1])).ids.tolist() == ["a"]


def test_index_of():
    loci = Loci.from_any(["b", "a", "c"])
    assert loci.index_of(["a", "x", "c", "a"]).tolist() == [1, -1, 2, 1]
    assert loci.index_of(np.array([], dtype=object)).tolist() == []


def test_equals():
    a = Loci.from_any(["chr1:1-2", "chr1:3-4"])
    assert a.equals(Loci.from_any(["chr1:1-2", "chr1:3-4"]))
    assert not a.equals(Loci.from_any(["chr1:3-4", "chr1:1-2"]))
    assert not a.equals(Loci.from_any(["chr1:1-2"]))
    assert not a.equals(Loci(ids=a.ids))


def test_chromosomes_and_frames():
    loci = Loci.from_any(["chr2:1-2", "chr1:3-4"])
    assert loci.chromosomes().tolist() == ["chr2", "chr1"]
    assert loci.to_frame().to_dict("list") == {
        "locus": ["chr2:1-2", "chr1:3-4"],
        "chrom": ["chr2", "chr1"],
        "start": [1, 3],
        "end": [2, 4],
    }
    ids = Loci.from_any(["a"])
    assert ids.chromosomes().tolist() == [""]
    assert ids.to_frame().to_dict("list") == {"locus": ["a"]}


@pytest.mark.parametrize(
    ("loci", "text"),
    [
        (["chr1:1-2", "chr2:3-4"], "Loci(2 loci on 2 chromosomes)"),
        (["chr1:1-2"], "Loci(1 locus on 1 chromosome)"),
        (["a", "b"], "Loci(2 loci)"),
    ],
)
def test_repr(loci, text):
    assert repr(Loci.from_any(loci)) == text


def test_a_loci_is_read_as_it_is():
    loci = Loci.from_any(["a", "b"])
    assert Loci.from_any(loci) is loci


def test_a_frame_may_name_its_intervals():
    frame = pd.DataFrame(
        {"id": ["g2", "g1", "g2"], "chrom": "chr1", "start": [5, 5, 5], "end": [9, 9, 9]}
    )
    loci = Loci.from_any(frame.iloc[:2])
    assert list(loci.ids) == ["g2", "g1"]
    assert loci.start.tolist() == [5, 5]


def test_an_id_has_one_interval():
    frame = pd.DataFrame({"id": ["a", "a"], "chrom": "chr1", "start": [5, 6], "end": [9, 9]})
    with pytest.raises(
        ValidationError, match=r"`loci` must give each id one interval; 1 of 2 rows has"
    ):
        Loci.from_any(frame)
