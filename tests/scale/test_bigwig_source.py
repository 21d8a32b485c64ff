"""bigWig tracks over bins, read piece by piece, are those that the adapter reads at once."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from leakcheck.adapters import evaluation_set_from_bigwig
from leakcheck.exceptions import ValidationError
from leakcheck.scale import bigwig_source
from leakcheck.scale.source import CorruptPartitionError
from tests.scale.on_disk import assembled, assert_same, opened

pybigwig = pytest.importorskip("pyBigWig", reason="pyBigWig is not installed (extra bigwig)")

CHROMOSOMES = {"chr1": 9_130, "chr2": 7_000, "chr3": 150}
CELLS = ("K562", "H1", "A549")
BIN = 200


def track(path, seed, chromosomes=CHROMOSOMES, *, everywhere=False):
    """A track with values every 50 bases, a third of them not there; or every second."""
    rng = np.random.default_rng(seed)
    with pybigwig.open(str(path), "w") as file:
        file.addHeader(list(chromosomes.items()))
        for chrom, length in chromosomes.items():
            starts = np.arange(0, length - 50, 50)
            starts = starts[::2] if everywhere else starts[rng.random(len(starts)) < 0.66]
            if len(starts):
                values = rng.exponential(size=len(starts))
                file.addEntries(chrom, starts.tolist(), values=values.tolist(), span=50)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracks")
    labels = {name: track(folder / f"{name}.bw", at) for at, name in enumerate(CELLS)}
    models = {
        m: {"H1": track(folder / f"{m}.bw", 10 + at, everywhere=True)}
        for at, m in enumerate(("a", "b"))
    }
    return {"labels": labels, "predictions": models}


def bins(chromosomes):
    """Whole bins of each chromosome."""
    rows = [(c, s, s + BIN) for c in chromosomes for s in range(0, CHROMOSOMES[c] - BIN + 1, BIN)]
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


@pytest.mark.parametrize("missing", ["nan", "zero"])
@pytest.mark.parametrize("active_above", [None, 0.6])
@pytest.mark.parametrize("partition_bytes", [1_000, 1 << 25])
def test_stretches_are_the_whole(files, missing, active_above, partition_bytes):
    options = {"missing": missing, "active_above": active_above}
    source = opened(files, bin_size=BIN, partition_bytes=partition_bytes, **options)
    expected = evaluation_set_from_bigwig(
        files["predictions"],
        files["labels"],
        bins(["chr1", "chr2"]),
        train=["K562", "A549"],
        **options,
    )
    assert source.label_kind == expected.label_kind
    assert source.predicted == {"a": (1,), "b": (1,)}
    assert_same(source, expected, train=["K562", "A549"])
    *_, notes = assembled(source)
    assert notes == tuple(note for note in expected.notes if note.code == "LK045")


def test_many_bins_are_read_some_at_a_time(files, monkeypatch):
    whole = assembled(opened(files, bin_size=BIN, missing="nan"))
    monkeypatch.setattr("leakcheck.scale.bigwig_source._BASES", 1_000)
    parts = assembled(opened(files, bin_size=BIN, missing="nan"))
    np.testing.assert_array_equal(whole[1], parts[1])
    np.testing.assert_array_equal(whole[2]["a"], parts[2]["a"])


def test_chosen_chromosomes_come_in_the_order_asked_for(files):
    source = opened(files, bin_size=BIN, missing="zero", chromosomes=["chr2", "chr1"])
    loci, *_ = assembled(source)
    assert loci.equals(bins(["chr2", "chr1"]).astype({"chrom": object}))
    assert {p.name.partition(":")[0] for p in source.partitions()} == {"chr1", "chr2"}


def test_peaks_are_labels(files, tmp_path):
    peaks = {}
    for at, name in enumerate(CELLS):
        peaks[name] = tmp_path / f"{name}.bed"
        peaks[name].write_text(f"chr1\t{at * 200 + 199}\t{at * 200 + 201}\nchr2\t10\t20\n")
    source = opened({**files, "labels": peaks}, bin_size=BIN, missing="zero", partition_bytes=1_000)
    assert (source.label_kind, source.has_signal) == ("binary", False)
    loci, labels, *_, notes = assembled(source)
    active = {(loci["chrom"][r], loci["start"][r], CELLS[c]) for r, c in np.argwhere(labels == 1)}
    assert active == {("chr2", 0, name) for name in CELLS} | {
        ("chr1", start + at * 200, name) for at, name in enumerate(CELLS) for start in (0, 200)
    }
    assert " in 2 tracks had" in notes[0].evidence


def test_peaks_are_read_once_for_all_partitions_and_anew_for_another_audit(
    files, tmp_path, monkeypatch
):
    read, seen = bigwig_source.read_bed, []
    monkeypatch.setattr(
        bigwig_source, "read_bed", lambda path, **how: (seen.append(path), read(path, **how))[1]
    )
    peaks = {name: tmp_path / f"{name}.bed" for name in CELLS}
    for start in (0, 400):  # other peaks under the same names
        for path in peaks.values():
            path.write_text(f"chr1\t{start}\t{start + 1}\n")
        source = opened(
            {**files, "labels": peaks}, bin_size=BIN, missing="zero", partition_bytes=1_000
        )
        assert len(source.partitions()) > len(CELLS)
        loci, labels, *_ = assembled(source)
        assert set(loci["start"][np.argwhere(labels == 1)[:, 0]]) == {start}
    assert len(seen) == 2 * len(CELLS)


def test_tracks_without_gaps_say_nothing(tmp_path):
    path = tmp_path / "t.bw"
    with pybigwig.open(str(path), "w") as file:
        file.addHeader([("chr1", 1_000)])
        file.addEntries(["chr1"], [0], ends=[1_000], values=[2.0])
    data = {"labels": {"H1": path}, "predictions": {"H1": path}}
    source = opened(data, bin_size=BIN, missing="nan")
    assert source.models == ("model",)
    assert assembled(source)[-1] == ()


def test_a_chromosome_that_a_track_lacks_has_no_data(files, tmp_path):
    short = track(tmp_path / "short.bw", 5, {"chr1": CHROMOSOMES["chr1"]})
    data = {**files, "predictions": {"H1": short}}
    _, _, scores, *_ = assembled(opened(data, bin_size=BIN, missing="nan"))
    assert np.isnan(scores["model"][45:, 1]).all()
    assert not np.isnan(scores["model"][:45, 1]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "nan"}, "`bin_size` must be given for bigWig tracks"),
        ({"bin_size": BIN}, "`missing` must be given for bigWig tracks"),
        ({"bin_size": 0, "missing": "nan"}, "`bin_size` must be a whole number of bases"),
        ({"bin_size": 10**6, "missing": "nan"}, "`bin_size` must leave a bin"),
        ({"bin_size": BIN, "missing": "none"}, "`missing` must be 'nan' or 'zero'"),
        ({"bin_size": BIN, "missing": "nan", "active_above": np.inf}, "must be a finite number"),
        ({"bin_size": BIN, "missing": "nan", "chromosomes": ["chrX"]}, "'chrX' is not"),
        ({"bin_size": BIN, "missing": "nan", "label": "y"}, "no option of bigWig tracks"),
    ],
)
def test_options_out_of_range(files, options, message):
    with pytest.raises(ValidationError, match=message):
        opened(files, **options)


def test_files_that_do_not_fit(files, tmp_path):
    options = {"bin_size": BIN, "missing": "nan"}
    other = track(tmp_path / "o.bw", 5, {"chr1": 8_000})
    with pytest.raises(ValidationError, match=r"chr1 has 8,000 bp in .*o\.bw and 9,130 .* LK102$"):
        opened({**files, "labels": {**files["labels"], "H1": other}}, **options)
    bare = track(tmp_path / "bare.bw", 5, {"1": 9_130})
    with pytest.raises(
        ValidationError, match=r"one genome assembly; .*bare.bw has the chromosomes.* LK102$"
    ):
        opened({**files, "labels": {**files["labels"], "H1": bare}}, **options)
    with pytest.raises(ValidationError, match="must name bigWig files that exist"):
        opened({**files, "predictions": {"H1": tmp_path / "none.bw"}}, **options)
    mixed = {**files["labels"], "H1": tmp_path / "h1.bed"}
    with pytest.raises(ValidationError, match="tracks for every cell type or BED files"):
        opened({**files, "labels": mixed}, **options)
    peaks = {name: tmp_path / f"{name}.narrowPeak" for name in CELLS}
    with pytest.raises(ValidationError, match="`labels` must be files that exist"):
        opened({**files, "labels": peaks}, **options)
    with pytest.raises(ValidationError, match="`signal` must be left out for tracks"):
        opened({**files, "signal": files["labels"]}, **options)


def test_a_track_that_is_cut_off_is_named(files, tmp_path):
    path = tmp_path / "cut.bw"
    whole = files["labels"]["H1"].read_bytes()
    path.write_bytes(whole[:40])
    data = {**files, "labels": {**files["labels"], "H1": path}}
    with pytest.raises(CorruptPartitionError, match=r"cut\.bw cannot be read"):
        opened(data, bin_size=BIN, missing="nan")
    path.write_bytes(whole)
    source = opened(data, bin_size=BIN, missing="nan")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptPartitionError, match=r"cut\.bw, chr1:0-\d+ cannot be read") as error:
        assembled(replace(source))
    assert error.value.path == str(path)
