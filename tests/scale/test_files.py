"""Column files, the scratch folder, and limits on memory and disk."""

import multiprocessing
import os
import shutil

import numpy as np
import pytest
from numpy.lib import NumpyVersion

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.scale.budget import Budget, parse_bytes
from leakcheck.scale.files import ColumnFile, check_room, scratch_folder
from tests.scale.worlds import make_source


class TestColumnFile:
    @pytest.fixture
    def column(self, tmp_path):
        column = ColumnFile.create(tmp_path / "column", np.int32, 1000)
        column.write(slice(0, 1000), np.arange(1000))
        return column

    def test_stretches_come_back(self, column):
        assert column.read(slice(10, 13)).tolist() == [10, 11, 12]
        assert column.read(slice(990, 1000)).tolist() == list(range(990, 1000))
        assert column.read(slice(5, 5)).tolist() == []
        assert len(column) == 1000

    @pytest.mark.parametrize(
        "rows", [[], [3], [7, 3, 5], [0, 999, 500, 1], list(range(40, 60)), [1, 2, 900, 901, 902]]
    )
    def test_any_rows_come_back(self, column, rows):
        assert column.read(np.array(rows, dtype=int)).tolist() == rows

    def test_a_file_that_was_cut_off_is_no_shorter_column(self, column):
        os.truncate(column.path, 4 * column.dtype.itemsize)
        assert len(column.read(slice(1, 4))) == 3
        with pytest.raises(EOFError, match=f"{column.path.name} ends before row 5"):
            column.read(slice(1, 5))

    def test_a_wrong_length_is_refused(self, column):
        with pytest.raises(ValueError, match="3 values came for 2 rows"):
            column.write(slice(0, 2), np.arange(3))

    def test_a_new_column_is_zero(self, tmp_path):
        assert not ColumnFile.create(tmp_path / "new", np.float64, 9).read(slice(0, 9)).any()


def test_scratch_must_be_a_folder(tmp_path):
    with (
        pytest.raises(ValidationError, match="`scratch` must be an existing folder"),
        scratch_folder(tmp_path / "none"),
    ):
        pass


def test_scratch_that_cannot_be_written_to(tmp_path, monkeypatch):
    def refuse(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("leakcheck.scale.files.mkdtemp", refuse)
    with (
        pytest.raises(ValidationError, match=r"can be written to.*Permission denied"),
        scratch_folder(tmp_path),
    ):
        pass


def keep_writing(folder, started):
    """What a task of a run that ended does on another process, until its folder is no more."""
    for number in range(10**6):
        try:
            (folder / str(number)).touch()
        except FileNotFoundError:
            return
        started.set()


def test_scratch_goes_while_a_worker_still_writes_to_it(tmp_path):
    spawn = multiprocessing.get_context("spawn")  # a fork of many threads may hang
    started = spawn.Event()
    with scratch_folder(tmp_path) as folder:
        (folder / "work").mkdir()
        worker = spawn.Process(target=keep_writing, args=(folder / "work", started))
        worker.start()
        assert started.wait(30)
    worker.join(30)
    worker.kill()  # where it is still at it
    assert worker.exitcode == 0  # it found no folder
    assert list(tmp_path.iterdir()) == []


def test_scratch_that_cannot_be_renamed_goes_all_the_same(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with scratch_folder(tmp_path) as folder:
        (folder / "column").touch()
        monkeypatch.setattr("pathlib.Path.rename", refuse)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_seen_beforehand(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(ValidationError, match="`scratch` must have room"):
        check_room(tmp_path, 2)
    with pytest.raises(ValidationError, match="`scratch` must have room"):
        leakcheck.scale.audit(make_source(n=300))


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(5, 5), ("1 GiB", 2**30), ("512MiB", 2**29), ("2 GB", 2 * 10**9), ("1.5 kB", 1500), ("7", 7)],
)
def test_amounts_of_memory(memory, expected):
    assert parse_bytes(memory) == expected


@pytest.mark.parametrize("memory", [0, -1, "", "much", "1 XB", 1.5, True, "0 GiB", None])
def test_what_is_no_amount_of_memory(memory):
    with pytest.raises(ValidationError, match="`memory` must be a number of bytes above 0"):
        parse_bytes(memory)


class TestBudget:
    def test_the_least_that_works_is_named(self):
        with pytest.raises(ValidationError, match="`memory` must be at least 160 MiB") as refused:
            Budget.of("100 MiB", partition_bytes=32 << 20, n_cell_types=10)
        assert "100 MiB came" in str(refused.value)
        assert Budget.of("160 MiB", partition_bytes=32 << 20, n_cell_types=10).limit == 160 << 20

    def test_a_column_that_cannot_be_sorted_is_refused(self):
        # numpy from 2.5 on copies 4 bytes a row on the way
        n_rows = 28_000_000 if NumpyVersion(np.__version__) < "2.5.0" else 24_000_000
        Budget(512 << 20).require_sort(n_rows, 4)
        with pytest.raises(ValidationError, match="one column of 120000000 scores") as refused:
            Budget(1 << 30).require_sort(120_000_000, 4)
        least = int(str(refused.value).split("at least ")[1].split(" MiB")[0])
        Budget(least << 20).require_sort(120_000_000, 4)

    def test_an_audit_that_does_not_fit_says_so(self):
        with pytest.raises(ValidationError, match="`memory` must be at least"):
            leakcheck.scale.audit(make_source(n=300), memory="10 MiB")

    def test_targets_that_do_not_fit(self, monkeypatch):
        monkeypatch.setattr("leakcheck.scale.budget._SORT_PER_ROW", {4: 1 << 22, 8: 1 << 22})
        with pytest.raises(ValidationError, match="scores while it is sorted"):
            leakcheck.scale.audit(make_source(n=300), exact=True)
        source = make_source(n=300)
        source.labels = source.continuous
        monkeypatch.setattr("leakcheck.scale.real_valued._BYTES_PER_LOCUS", 1 << 22)
        with pytest.raises(ValidationError, match="target with real-valued labels"):
            leakcheck.scale.audit(source)
