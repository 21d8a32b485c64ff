"""Finished models on disk: whole or absent, and of one configuration."""

import json
import os
import time

import numpy as np
import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.store import Job, open_store
from tests.reference.fake_sweep import fake_record

JOB = Job(task="expression", trained_in="cross-cell-type", model="conv-1x16-d128")


def test_a_record_comes_back_as_it_was(tmp_path):
    store = open_store(tmp_path, {"seed": 1})
    scores = {"hybrid": np.array([0.1, 1e-30, 1], np.float32), "cross-cell-type": np.zeros(0, "f4")}
    record = fake_record(JOB, scores, seconds=1 / 3)
    assert not store.has(JOB)
    store.save(record)
    assert store.has(JOB)
    found = store.load(JOB)
    assert found.predictions.keys() == scores.keys()
    for name, values in scores.items():
        assert found.predictions[name].dtype == np.float32
        np.testing.assert_array_equal(found.predictions[name], values)
    for name in ("job", "family", "configuration", "seed", "n_parameters", "seconds", "history"):
        assert getattr(found, name) == getattr(record, name)
    assert found.versions == record.versions
    assert [path.name for path in (tmp_path / "models").iterdir()] == [f"{JOB.name}.npz"]


def test_the_folder_opens_again_under_the_same_configuration(tmp_path):
    configuration = {"seed": 1, "preset": {"layers": (1, 2), "epsilon": 1e-8}}
    open_store(tmp_path, configuration).save(fake_record(JOB))
    assert open_store(tmp_path, configuration).has(JOB)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"seed": 2, "preset": {"layers": [1, 2]}}, r"1 settings differ.*seed \(1 there, 2 now\)"),
        ({"seed": 1, "preset": {"layers": [1, 3]}}, r"preset\.layers\.1 \(2 there, 3 now\)"),
        ({"seed": 1, "preset": {"layers": [1]}}, r"preset\.layers\.1 \(2 there, nothing now\)"),
        ({"seed": 1, "preset": {"layers": [1, 2]}, "x": "y"}, r"x \(nothing there, \"y\" now\)"),
    ],
)
def test_results_of_another_configuration_are_refused(tmp_path, other, said):
    open_store(tmp_path, {"seed": 1, "preset": {"layers": [1, 2]}})
    with pytest.raises(ValidationError, match=said):
        open_store(tmp_path, other)


def test_what_the_user_chose_is_named_before_what_follows_from_it(tmp_path):
    open_store(tmp_path, {"data": {"expression": "58060b55"}, "seed": 1})
    with pytest.raises(ValidationError, match=r"2 settings differ, the first is seed \(1 there"):
        open_store(tmp_path, {"data": {"expression": "0cbc3601"}, "seed": 2})


@pytest.mark.parametrize("text", ["{", ""])
def test_a_damaged_manifest_is_said(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValidationError, match=r"readable manifest\.json"):
        open_store(tmp_path, {"seed": 1})


def test_a_manifest_of_something_else_is_another_configuration(tmp_path):
    (tmp_path / "manifest.json").write_text("[1]")
    with pytest.raises(ValidationError, match="results of another"):
        open_store(tmp_path, {"seed": 1})


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ValidationError, match="folder that can be made"):
        open_store(tmp_path / "taken", {"seed": 1})


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "text", "other"])
def test_a_damaged_model_is_said(tmp_path, damage):
    store = open_store(tmp_path, {"seed": 1})
    store.save(fake_record(JOB))
    path = store.path(JOB)
    whole = path.read_bytes()
    if damage == "absent":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "text":
        path.write_bytes(b"hello")
    else:
        with path.open("wb") as file:
            np.savez(file, about=np.array(json.dumps({"task": "expression"})))
    with pytest.raises(ValidationError, match=r"cannot be read.*Delete it"):
        store.load(JOB)


def test_what_a_killed_process_left_is_removed_once_it_is_old(tmp_path):
    open_store(tmp_path, {"seed": 1})
    old, young = (tmp_path / "models" / f".a.npz.{name}.tmp" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    past = time.time() - 7200
    os.utime(old, (past, past))
    store = open_store(tmp_path, {"seed": 1})
    assert not old.exists()
    assert young.exists()
    assert not store.has(JOB)
