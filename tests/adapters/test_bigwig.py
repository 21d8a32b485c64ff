"""bigWig tracks: means of every base, by the stated rule for gaps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leakcheck
from leakcheck.adapters import evaluation_set_from_bigwig, read_bed, track_means
from leakcheck.data import Loci
from leakcheck.exceptions import ValidationError

pybigwig = pytest.importorskip("pyBigWig", reason="pyBigWig is not installed (extra bigwig)")


def write(path, chroms, entries):
    """A track of (chrom, start, end, value)."""
    with pybigwig.open(str(path), "w") as track:
        track.addHeader(list(chroms.items()))
        for chrom, start, end, value in entries:
            track.addEntries([chrom], [start], ends=[end], values=[value])
    return path


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    """10 kb on two chromosomes, a third of it without data."""
    rng = np.random.default_rng(0)
    entries, values = [], {}
    for chrom in ("chr1", "chr2"):
        values[chrom] = np.full(10_000, np.nan)
        for start in range(0, 10_000, 50):
            if rng.random() < 0.66:
                value = float(np.float32(rng.exponential()))
                entries.append((chrom, start, start + 50, value))
                values[chrom][start : start + 50] = value
    path = tmp_path_factory.mktemp("bw") / "track.bw"
    return write(path, {"chr1": 10_000, "chr2": 10_000, "chr3": 500}, entries), values


intervals = st.lists(
    st.tuples(st.sampled_from(["chr1", "chr2", "chr3"]), st.integers(0, 400), st.integers(1, 90)),
    min_size=1,
    unique=True,
)


@settings(max_examples=80)
@given(intervals, st.sampled_from(["nan", "zero"]), st.booleans())
def test_means_are_those_of_a_loop(track, triples, missing, transformed):
    path, values = track
    bins = Loci.from_any([f"{chrom}:{s}-{s + w}" for chrom, s, w in triples])
    found = track_means(path, bins, missing=missing, transform=np.arcsinh if transformed else None)
    for place, (chrom, start, width) in enumerate(triples):
        bases = values.get(chrom, np.full(500, np.nan))[start : start + width]
        bases = np.arcsinh(bases) if transformed else bases
        known = bases[~np.isnan(bases)]
        size = known.size if missing == "nan" else width
        expected = known.sum() / size if size else np.nan
        np.testing.assert_allclose(found.values[place], expected, rtol=1e-12)


def test_bins_of_another_stretch_change_nothing(track):
    path, _ = track
    near, far = ["chr1:0-200", "chr1:100-300"], ["chr2:9000-10000"]
    alone = track_means(path, Loci.from_any(near), missing="zero").values
    together = track_means(path, Loci.from_any([*far, *near]), missing="zero").values
    np.testing.assert_array_equal(together[1:], alone)


def test_far_bins_are_read_apart(tmp_path):
    path = write(tmp_path / "t.bw", {"chr1": 9_000_000}, [("chr1", 8_000_000, 8_000_010, 2.0)])
    bins = Loci.from_any(["chr1:0-10", "chr1:8000000-8000020"])
    found = track_means(path, bins, missing="zero")
    assert found.values.tolist() == [0.0, 1.0]
    assert (found.n_gaps, found.n_empty) == (2, 1)


def test_a_set_of_tracks(world, tmp_path):
    chroms = dict.fromkeys(world.loci["chrom"], 4000)

    def each(name, grid):
        rows = list(world.loci.itertuples(index=False))
        return {
            cell_type: write(
                tmp_path / f"{name}-{cell_type}.bw",
                chroms,
                [(*row, v) for row, v in zip(rows, grid[:, i], strict=True) if not np.isnan(v)],
            )
            for i, cell_type in enumerate(world.cell_types)
            if not np.isnan(grid[:, i]).all()
        }

    models = {name: each(name, scores) for name, scores in world.models.items()}
    found = evaluation_set_from_bigwig(
        models, each("truth", world.signal), world.loci, missing="nan", active_above=0.0,
        train=world.reference,
    )  # fmt: skip
    expected = world.build().signal
    np.testing.assert_allclose(found.signal, expected, rtol=1e-12)
    np.testing.assert_array_equal(found.labels, expected > 0)
    for model in world.models:
        np.testing.assert_allclose(found.predictions[model], world.models[model], rtol=1e-12)
    assert all(note.code != "LK045" for note in found.notes)

    continuous = evaluation_set_from_bigwig(
        models["good"], each("truth", world.signal), world.loci, missing="nan"
    )
    assert continuous.label_kind == "continuous"


def test_gaps_become_a_finding(tmp_path):
    rng = np.random.default_rng(1)
    chroms = {f"chr{i}": 2000 for i in range(1, 12)}
    spans = [(chrom, s, s + 100) for chrom in chroms for s in range(0, 2000, 100)]

    def draw(name, share):
        return write(
            tmp_path / name, chroms, [(*x, rng.random()) for x in spans if rng.random() < share]
        )

    labels = {name: draw(f"{name}.bw", 0.8) for name in ("A", "B", "T")}
    data = evaluation_set_from_bigwig(
        {"T": draw("p.bw", 1)}, labels, [f"{c}:{s}-{e}" for c, s, e in spans], missing="zero"
    )
    report = leakcheck.audit(data)
    (row,) = report.findings[report.findings["code"] == "LK045"].itertuples()
    assert "missing='zero'" in row.evidence
    assert "counted as 0" in row.evidence


def test_refusals(track, tmp_path):
    path, _ = track
    bins = Loci.from_any(["chr1:0-200"])
    with pytest.raises(ValidationError, match="`missing` must be 'nan' or 'zero'; it is 'skip'"):
        track_means(path, bins, missing="skip")
    with pytest.raises(ValidationError, match=r"`bins` must be a table of loci.*read_bed\("):
        track_means(path, "bins.bed", missing="zero")
    with pytest.raises(ValidationError, match="`bins` must have coordinates"):
        track_means(path, Loci.from_any(["gene"]), missing="nan")
    with pytest.raises(ValidationError, match="Name both in one way"):
        track_means(path, Loci.from_any(["1:0-200"]), missing="nan")
    with pytest.raises(ValidationError, match=r"1 of 1 end beyond, the first is chr1:9990-10001"):
        track_means(path, Loci.from_any(["chr1:9990-10001"]), missing="nan")
    with pytest.raises(ValidationError, match="does not exist"):
        track_means(tmp_path / "none.bw", bins, missing="nan")
    (tmp_path / "text.bw").write_text("fixedStep chrom=chr1 start=1\n" * 40)
    with pytest.raises(ValidationError, match="must be a bigWig file"):
        track_means(tmp_path / "text.bw", bins, missing="nan")
    with pytest.raises(ValidationError, match="`active_above` must be a finite number"):
        evaluation_set_from_bigwig(
            {"a": path}, {"a": path}, ["chr1:0-9"], missing="nan", active_above=float("nan")
        )


def test_bins_come_in_any_form_of_loci(tmp_path):
    path = str(tmp_path / "t.bw")
    with pybigwig.open(path, "w") as track:
        track.addHeader([("chr1", 1000)])
        track.addEntries(["chr1"], [0], ends=[100], values=[2.0])
    rows = [("chr1", 200, 300), ("chr1", 0, 200)]
    bed = tmp_path / "bins.bed"
    bed.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    with pytest.raises(ValidationError, match=r"counted from 1; None reads the intervals alone\."):
        read_bed(bed)
    frame = read_bed(bed, score_column=None)
    for bins in (frame, rows, ["chr1:200-300", "chr1:0-200"], Loci.from_any(frame)):
        assert track_means(path, bins, missing="zero").values.tolist() == [0.0, 1.0]
    with pytest.raises(ValidationError, match="with predictions in an array, read the labels"):
        evaluation_set_from_bigwig(np.zeros((2, 1)), {"K562": path}, frame, missing="zero")
