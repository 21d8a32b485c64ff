"""BED files with a score, and BED files of calls."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.adapters import evaluation_set_from_bed, read_bed
from leakcheck.exceptions import ValidationError


def write(path, loci, values):
    rows = zip(loci.itertuples(index=False), values, strict=True)
    lines = [f"{c}\t{s}\t{e}\tname\t{v!r}\n" for (c, s, e), v in rows if not np.isnan(v)]
    path.write_text("track name=x\n# comment\n\n" + "".join(lines))
    return path


@pytest.fixture
def files(world, tmp_path):
    """Predictions of both models and labels, one file each."""

    def each(name, grid):
        return {
            cell_type: write(tmp_path / f"{name}-{cell_type}.bed", world.loci, grid[:, i].tolist())
            for i, cell_type in enumerate(world.cell_types)
            if not np.isnan(grid[:, i]).all()
        }

    models = {name: each(name, scores) for name, scores in world.models.items()}
    return models, each("label", world.labels)


def test_equals_the_arrays(world, files):
    found = evaluation_set_from_bed(*files, train=world.reference)
    assert found.equals(world.build(signal=None))


def test_one_model_and_inferred_reference(world, files):
    found = evaluation_set_from_bed(files[0]["good"], files[1])
    assert found.models == ("model",)
    assert found.reference_cell_types == tuple(world.reference)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 400), st.integers(1, 60)), min_size=1)
)
def test_overlap_is_that_of_a_loop(tmp_path_factory, calls):
    folder = tmp_path_factory.mktemp("bed")
    loci = [(chrom, start, start + 25) for chrom in "ab" for start in range(0, 400, 50)]
    (folder / "p").write_text(
        "".join(f"{c}\t{s}\t{e}\t.\t{i}\n" for i, (c, s, e) in enumerate(loci))
    )
    (folder / "calls").write_text("".join(f"{c}\t{s}\t{s + w}\n" for c, s, w in calls))
    (folder / "other").write_text("a\t0\t10\n")
    expected = [any(c == d and s < t + w and t < e for d, t, w in calls) for c, s, e in loci]
    if all(expected) or not any(expected):
        return
    found = evaluation_set_from_bed(
        {"T": folder / "p"}, {"T": folder / "calls", "R": folder / "other"}, labels_from="overlap"
    )
    assert found.labels[:, 0].tolist() == expected


def test_read_bed(tmp_path):
    path = tmp_path / "x.bed.gz"
    with gzip.open(path, "wt") as file:
        file.write(
            "browser position chr1\nchr1\t5\t9\tn\t.\nchr2\t0\t3\tn\t1e-3\nchr2\t3\t4\tn\tnan\n"
        )
    found = read_bed(path)
    assert found["start"].tolist() == [5, 0, 3]
    np.testing.assert_array_equal(found["score"], [np.nan, 1e-3, np.nan])
    assert list(read_bed(path, score_column=None)) == ["chrom", "start", "end"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must have at least one interval; it has none"),
        ("chr1\t0\n", "must have at least 5 columns; line 1 has 2"),
        ("chrom\tstart\tend\ta\tb\n", "0 <= start < end in every line; line 1 begins 'chrom s"),
        ("chr1\t5\t5\ta\t1\n", "0 <= start < end in every line; line 1 begins 'chr1 5 5'"),
        ("chr1\t-1\t5\ta\t1\n", "0 <= start < end in every line"),
        (f"chr1\t0\t{1 << 63}\ta\t1\n", "line 1 begins 'chr1 0 9223372036854775808'"),
        ("chr1\t0\t5\ta\thigh\n", "must have numbers in column 5; line 1 has 'high'"),
    ],
)
def test_read_bed_refuses(tmp_path, text, message):
    path = tmp_path / "x.bed"
    path.write_text(text)
    with pytest.raises(ValidationError, match=message):
        read_bed(path)


def test_read_bed_refuses_files(tmp_path):
    with pytest.raises(ValidationError, match="it does not exist"):
        read_bed(tmp_path / "none.bed")
    (tmp_path / "x.bed.gz").write_bytes(gzip.compress(b"chr1\t0\t1\n" * 9999)[:60])
    with pytest.raises(ValidationError, match="it cannot be read as one"):
        read_bed(tmp_path / "x.bed.gz")
    with pytest.raises(ValidationError, match="`score_column` must be 4 or more"):
        read_bed(tmp_path / "x.bed.gz", score_column=2)


def test_refusals(world, files, tmp_path):
    models, labels = files
    with pytest.raises(ValidationError, match="`labels_from` must be 'score' or 'overlap'"):
        evaluation_set_from_bed(models, labels, labels_from="peaks")
    twice = tmp_path / "twice.bed"
    twice.write_text("chr1\t0\t5\t.\t1\nchr1\t0\t5\t.\t2\n")
    with pytest.raises(ValidationError, match=r"each interval once; 1 of 2 rows .* chr1:0-5"):
        evaluation_set_from_bed({"H1": twice}, labels)
    away = tmp_path / "away.bed"
    away.write_text("1\t0\t5\n")
    with pytest.raises(ValidationError, match="`labels` must overlap some loci"):
        evaluation_set_from_bed(models, dict.fromkeys(labels, away), labels_from="overlap")


@pytest.mark.parametrize(
    ("models", "labels", "message"),
    [
        ({}, {"a": "x"}, "`predictions` must map cell types to files"),
        ("x.bed", {"a": "x"}, "`predictions` must map cell types to files"),
        ({"a": "x", "m": {"a": "x"}}, {"a": "x"}, "`predictions` must map either cell types to"),
        ({"a": "x"}, {}, "`labels` must map cell types to files"),
        ({"b": "x"}, {"a": "x"}, "`labels` must have a file for every cell type"),
    ],
)
def test_mappings_are_checked(models, labels, message):
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_bed(models, labels)
    assert str(caught.value).startswith(message)


def test_a_name_with_a_blank_shifts_nothing_and_suffixes_do_not_matter(tmp_path):
    path = tmp_path / "peaks"
    path.write_bytes(gzip.compress(b"chr1\t0\t5\ta name\t1\t.\t2.5\n"))
    assert read_bed(path, score_column=7)["score"].tolist() == [2.5]
