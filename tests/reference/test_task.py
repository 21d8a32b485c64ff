"""A task refuses what does not fit together, and comes back from its file to the bit."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.task import Roles, Task

ROLES = Roles(
    test_cell_type="A",
    validation_cell_types=("B",),
    train_cell_types=("C", "D"),
    test_chromosomes=("chr1",),
    validation_chromosomes=("chr2",),
    train_chromosomes=("chr3",),
)


def make(**changes):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, size=(6, 4)).astype(np.float32)
    labels[0, 0] = np.nan
    signals = rng.random((6, 4, 2), dtype=np.float32)
    signals[:, 2, 1] = np.nan
    fields = {
        "name": "expression",
        "loci": pd.DataFrame(
            {
                "id": [f"g{i}" for i in range(6)],
                "chrom": ["chr1", "chr2", "chr3"] * 2,
                "start": np.arange(6) * 100,
                "end": np.arange(6) * 100 + 50,
                "strand": ["+", "-"] * 3,
            }
        ),
        "cell_types": ("A", "B", "C", "D"),
        "labels": labels,
        "activity": rng.random((6, 4), dtype=np.float32),
        "codes": rng.integers(0, 5, size=(6, 50)).astype(np.uint8),
        "signals": signals,
        "marks": ("m1", "m2"),
        "counts": {"dropped": 3},
        "splits": ROLES,
        "notes": ("A note.",),
    }
    return Task(**{**fields, **changes})


def same(one, two):
    for field in dataclasses.fields(Task):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
        elif isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_dtype=False)
        else:
            assert a == b, field.name


def test_what_is_saved_comes_back(tmp_path):
    task = make()
    task.save(tmp_path / "task.npz")
    back = Task.load(tmp_path / "task.npz")
    same(task, back)
    assert back.loci["chrom"].tolist() == task.loci["chrom"].tolist()
    assert [file.name for file in tmp_path.iterdir()] == ["task.npz"]


def test_a_task_without_activity_sequence_and_marks_comes_back(tmp_path):
    task = make(
        name="tad-boundaries",
        activity=None,
        codes=np.empty((6, 0), np.uint8),
        signals=np.empty((6, 4, 0), np.float32),
        marks=(),
    )
    task.save(tmp_path / "task.npz")
    back = Task.load(tmp_path / "task.npz")
    same(task, back)
    assert back.window == 0


def test_rows_and_columns():
    task = make()
    assert task.n_loci == 6
    assert task.window == 50
    assert task.rows(["chr2", "chr3"]).tolist() == [1, 2, 4, 5]
    assert task.columns(["D", "A"]).tolist() == [3, 0]
    with pytest.raises(ValidationError, match=r"`cell_types` must be of the task; 1 are not.*'X'"):
        task.columns(["A", "X"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "other"}, "`name` must be one of expression"),
        ({"labels": np.zeros((6, 3), np.float32)}, r"`labels` must be float32 of shape \(6, 4\)"),
        ({"labels": np.zeros((6, 4))}, "`labels` must be float32"),
        ({"labels": np.full((6, 4), 2, np.float32)}, "`labels` must be 0, 1 or NaN; 24 are not"),
        ({"activity": np.zeros((5, 4), np.float32)}, "`activity` must be float32"),
        ({"signals": np.zeros((6, 4, 3), np.float32)}, "`signals` must be float32"),
        ({"codes": np.zeros((5, 50), np.uint8)}, "`codes` must be uint8"),
        ({"codes": np.full((6, 50), 5, np.uint8)}, "`codes` must be 0 to 4; 5 came"),
        (
            {"splits": dataclasses.replace(ROLES, test_cell_type="Z")},
            "`cell_types` must be of the task",
        ),
        (
            {"splits": dataclasses.replace(ROLES, train_chromosomes=("chr3", "chr9"))},
            "`splits` must name chromosomes with loci; 1 have none, the first is 'chr9'",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        make(**changes)


def test_loci_have_all_columns_and_unique_ids():
    loci = make().loci
    with pytest.raises(ValidationError, match=r"`loci` must have the columns.*'strand'"):
        make(loci=loci.drop(columns="strand"))
    with pytest.raises(ValidationError, match=r"one row for each id; 5 are repeated.*'g'"):
        make(loci=loci.assign(id="g"))


def test_roles_name_everything_once():
    assert ROLES.reference_cell_types == ("C", "D", "B")
    assert ROLES.cell_types == ("A", "B", "C", "D")
    assert ROLES.chromosomes == ("chr1", "chr2", "chr3")
    with pytest.raises(ValidationError, match=r"`cell_types` must have one role.*'A'"):
        dataclasses.replace(ROLES, train_cell_types=("A",))
    with pytest.raises(ValidationError, match=r"`chromosomes` must have one role.*'chr1'"):
        dataclasses.replace(ROLES, train_chromosomes=("chr1",))
    with pytest.raises(ValidationError, match="`validation_cell_types` must name at least one"):
        dataclasses.replace(ROLES, validation_cell_types=())
    with pytest.raises(ValidationError, match="`test_cell_type` must name at least one"):
        dataclasses.replace(ROLES, test_cell_type="")


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04cut off"])
def test_files_that_are_none_are_refused(tmp_path, content):
    path = tmp_path / "task.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValidationError, match=r"`path` must be a file that `Task.save` wrote"):
        Task.load(path)


def test_other_archives_and_formats_are_refused(tmp_path, monkeypatch):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ValidationError, match=r"`path` must be a file that `Task.save` wrote"):
        Task.load(tmp_path / "other.npz")
    monkeypatch.setattr("leakcheck.reference.task._FORMAT", 99)
    make().save(tmp_path / "later.npz")
    monkeypatch.undo()
    with pytest.raises(ValidationError, match="its format is 99, not 1"):
        Task.load(tmp_path / "later.npz")
