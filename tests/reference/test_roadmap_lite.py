"""The small real data, here on files of the same forms whose answer is known."""

import gzip
import shutil

import numpy as np
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference import roadmap_lite, sources
from leakcheck.reference.boundaries import PAPER_CELL_TYPES
from leakcheck.reference.roadmap_lite import (
    FILES,
    PEAKS,
    find_data,
    load_roadmap_lite,
    read_promoters,
    shared_marks,
)

CELL_TYPES = ["E000", "E003", "E004", "E116", "E117", "E122", "E123", "E127"]
BASES = "ACGT" * 15


def _write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Gene k lies on chromosome k, its window at 8,000 to 10,000 or 12,000 to 14,000."""
    folder = tmp_path_factory.mktemp("data")
    ids = [f"ENSG{k:011d}" for k in range(1, 25)]
    rows = ["\t".join(["gene_id", *CELL_TYPES])]
    for k, gene in enumerate(ids, start=1):
        values = [f"{k + column / 10 if (k + column) % 3 else 0.5:.3f}" for column in range(8)]
        rows.append("\t".join([gene, *values]) + "\t")
    _write(folder, FILES["expression"], "\n".join(rows) + "\n")
    genes = [
        f"chr{k if k <= 22 else 'X'}\t10001\t12000\t{'+' if k % 2 else '-'}\t{gene}\tname{k}"
        for k, gene in enumerate(ids[:23], start=1)
    ]
    genes.append("chr5\t50001\t52000\t+\tENSG00000000077\tunmeasured")
    _write(folder, FILES["genes"], "\n".join(genes) + "\n")
    sequences = [f"P{k}_1\t{BASES.lower() if k % 2 else BASES[::-1]}" for k in range(1, 23)]
    sequences += [f"P3_2\t{'A' * 60}", f"P9_1\t{'A' * 59}"]
    _write(folder, FILES["promoters"], "\n".join(s for s in sequences if s[:3] != "P9_") + "\n")
    owners = ["P3_2\t" + ids[2]] + [f"P{k}_1\t{ids[k - 1]}" for k in range(1, 23)]
    _write(folder, FILES["promoter genes"], "\n".join(owners) + "\n")
    for number, files in enumerate(PEAKS.values(), start=1):
        for mark, name in files.items():
            height = number + 10 * (mark == "H3K27me3")
            _write(folder, name, f"chr1\t9000\t11000\t.\t0\t.\t{height}.0\t1\t-1\n")
    for name in PAPER_CELL_TYPES.values():
        _write(folder, f"tad-40kb/{name}.bed", "chr1\t20000\t60000\nchr3\t60000\t100000\n")
    _write(folder, FILES["gaps"], "#chrom\tstart\tend\nchr1\t0\t30000\nchr1\t78000\t81000\n")
    return folder


def test_expression_is_that_of_the_files(made):
    task = load_roadmap_lite(made)["expression"]
    assert task.n_loci == 21  # gene 9 has no promoter, 23 is on a sex chromosome
    assert task.cell_types == ("E003", "E116", "E117", "E122", "E123", "E127")
    expected = [(1 + column) % 3 != 0 for column in (1, 3, 4, 5, 6, 7)]
    assert task.labels[0].tolist() == expected
    assert task.activity[0, 0] == np.float32(1.1)
    assert task.activity[1, 0] == np.float32(0.5)  # not above 0.5
    assert task.labels[1, 0] == 0
    assert task.codes.shape == (21, 60)
    assert task.codes[0].tolist() == [0, 1, 2, 3] * 15  # small letters
    assert task.codes[2].tolist() == [0, 1, 2, 3] * 15  # the first of two promoters
    assert task.loci["start"].tolist()[:2] == [8_000, 12_000]
    assert task.loci["strand"].tolist()[:2] == ["+", "-"]


def test_signals_are_means_of_peaks(made):
    task = load_roadmap_lite(made)["expression"]
    assert task.marks == shared_marks() == ("H3K4me3", "H3K27me3")
    heights = np.array([[number, number + 10] for number in range(1, 7)])
    # Half of the window is a peak: the arcsinh of every base first, then the mean.
    np.testing.assert_allclose(task.signals[0], np.arcsinh(heights) / 2, rtol=1e-6)
    assert (task.signals[1:] == 0).all()


def test_roles_and_counts_are_stated(made):
    task = load_roadmap_lite(made)["expression"]
    assert task.splits.test_cell_type == "E003"
    assert task.splits.validation_cell_types == ("E127",)
    assert task.splits.train_cell_types == ("E116", "E117", "E122", "E123")
    assert np.isfinite(task.signals).all()
    assert task.counts["genes: with expression, without promoter"] == 1
    assert task.counts["genes: annotated, without expression"] == 1
    assert task.counts["genes: with expression, not annotated"] == 2
    assert task.counts["cell types: with expression, without peaks"] == 1
    assert task.counts["promoters: further ones of a gene"] == 1
    assert len(task.notes) == 6


def test_boundaries_are_labels_alone(made):
    task = load_roadmap_lite(made)["tad-boundaries"]
    assert task.cell_types == tuple(PAPER_CELL_TYPES)
    assert task.window == 0
    assert task.marks == ()
    assert task.counts["bins: dropped, middle in an assembly gap"] == 2
    assert task.n_loci == task.counts["bins: all"] - 2
    called = task.loci["id"][task.labels[:, 0] == 1]
    assert called.tolist() == ["chr1:20000-60000", "chr3:60000-100000"]
    assert task.splits.validation_cell_types == ("GM12878",)


def test_promoters_that_are_left_out_are_counted(tmp_path):
    _write(tmp_path, "s", "A_1\tACGT\nB_1\t" + BASES + "\nB_2\t" + BASES[::-1] + "\n")
    _write(tmp_path, "g", "A_1\tg1\nB_2\tg2\nB_1\tg2\nC_1\tg3\n")
    codes, counts = read_promoters(tmp_path / "s", tmp_path / "g")
    assert list(codes) == ["g2"]
    assert codes["g2"].tolist() == [0, 1, 2, 3] * 15
    assert counts == {
        "promoters: not 60 bp": 1,
        "promoters: without sequence": 1,
        "promoters: further ones of a gene": 1,
    }


def test_lines_of_another_form_are_refused(tmp_path):
    _write(tmp_path, "s", "A_1\tACGT\nB_1\n")
    with pytest.raises(ValidationError, match=r"two columns in s; 1 lines have not.*line 2"):
        read_promoters(tmp_path / "s", tmp_path / "s")


def test_the_folder_is_found_or_asked_for(made, tmp_path, monkeypatch):
    monkeypatch.setenv("LEAKCHECK_DATA", str(made))
    assert find_data() == made
    monkeypatch.setenv("LEAKCHECK_DATA", str(tmp_path))
    with pytest.raises(ValidationError, match=r"has no roadmap-rpkm.*Set LEAKCHECK_DATA"):
        find_data()
    monkeypatch.delenv("LEAKCHECK_DATA")
    (tmp_path / "shared").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "shared" / "data").symlink_to(made)
    monkeypatch.chdir(tmp_path / "here")
    assert find_data().resolve() == made.resolve()


def test_a_missing_file_is_named_before_any_is_read(made, tmp_path, monkeypatch):
    copy = shutil.copytree(made, tmp_path / "copy")
    (copy / PEAKS["E127"]["H3K27me3"]).unlink()
    monkeypatch.setattr(roadmap_lite, "read_rpkm", lambda *_: pytest.fail("read"))
    with pytest.raises(ValidationError, match=r"has no histone-peaks/NHEK/E127-H3K27me3"):
        load_roadmap_lite(copy)


def test_load_tasks_keeps_them(made, tmp_path, monkeypatch):
    monkeypatch.setenv("LEAKCHECK_DATA", str(made))
    seen = []
    first = sources.load_tasks(
        "roadmap-lite", cache=tmp_path, progress=lambda *state: seen.append(state)
    )
    assert seen[0] == ("E003 H3K4me3", 0, 12)
    monkeypatch.setattr(sources, "load_roadmap_lite", lambda *_a, **_k: pytest.fail("read again"))
    second = sources.load_tasks("roadmap-lite", cache=tmp_path)
    for name, task in first.items():
        np.testing.assert_array_equal(second[name].labels, task.labels)
        assert second[name].notes == task.notes
