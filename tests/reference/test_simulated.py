"""Simulated tasks: written once, told apart by their arguments, and made for the pitfall."""

import inspect
import os
import time

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.reference.folder import load_folder
from leakcheck.reference.presets import PRESETS
from leakcheck.reference.simulated import simulated_folder
from leakcheck.simulate import MarkModel, Tree

LITTLE = {"n_genes": 120, "n_bins": 30, "n_cell_types": 8, "window": 20}


@pytest.fixture
def calls(monkeypatch):
    """Names of the folders that a genome was written to."""
    made = []
    write = leakcheck.simulate.write_genome

    def counted(folder, **arguments):
        made.append(folder.name)
        return write(folder, **arguments)

    counted.__signature__ = inspect.signature(write)
    monkeypatch.setattr(leakcheck.simulate, "write_genome", counted)
    return made


def test_a_genome_is_written_once(tmp_path, calls):
    first = simulated_folder(tmp_path / "cache", "tiny", LITTLE)
    assert simulated_folder(tmp_path / "cache", "tiny", LITTLE) == first
    assert len(calls) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.name]
    assert (first / "layout.json").is_file()


@pytest.mark.parametrize(
    "change",
    [
        {"random_state": 1},
        {"tree": Tree(own_sd=0.5)},
        {"marks": MarkModel(noise_sd=2.0)},
        {"chromosome_weights": [2.0] * 22},
        {"window": 21},
    ],
)
def test_every_argument_makes_a_folder_of_its_own(tmp_path, change):
    names = {
        simulated_folder(tmp_path, "tiny", {**LITTLE, **changes}).name for changes in ({}, change)
    }
    assert len(names) == 2


def test_a_default_said_aloud_is_the_same_genome(tmp_path, calls):
    one = simulated_folder(tmp_path, "tiny", LITTLE)
    said = {**LITTLE, "tree": Tree(), "marks": MarkModel(), "random_state": 0, "prevalence": 0.6}
    assert simulated_folder(tmp_path, "tiny", said) == one
    assert len(calls) == 1


def test_a_genome_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("leakcheck.simulate.genome.files.write_track", fail)
    with pytest.raises(OSError, match="no space left"):
        simulated_folder(tmp_path, "tiny", LITTLE)
    assert list(tmp_path.iterdir()) == []


def test_another_process_may_be_first(tmp_path, monkeypatch):
    write = leakcheck.simulate.write_genome
    final = simulated_folder(tmp_path / "a", "tiny", LITTLE).name

    def overtaken(folder, **arguments):
        write(tmp_path / "b" / final, **arguments)
        return write(folder, **arguments)

    overtaken.__signature__ = inspect.signature(write)
    monkeypatch.setattr(leakcheck.simulate, "write_genome", overtaken)
    assert simulated_folder(tmp_path / "b", "tiny", LITTLE).name == final
    assert [path.name for path in (tmp_path / "b").iterdir()] == [final]


def test_a_folder_in_the_way_is_said(tmp_path):
    final = simulated_folder(tmp_path / "a", "tiny", LITTLE).name
    (tmp_path / "b" / final).mkdir(parents=True)
    (tmp_path / "b" / final / "strange").write_text("")
    with pytest.raises(OSError, match=final):
        simulated_folder(tmp_path / "b", "tiny", LITTLE)


def test_strange_arguments_are_refused(tmp_path):
    with pytest.raises(ValidationError, match="`preset` must be one of tiny, small, paper"):
        simulated_folder(tmp_path, "huge")
    with pytest.raises(ValidationError, match=r"`genome` must name arguments.*'n_loci'"):
        simulated_folder(tmp_path, "tiny", {"n_loci": 3})
    with pytest.raises(ValidationError, match="`random_state` must be a whole number"):
        simulated_folder(tmp_path, "tiny", {"random_state": np.random.default_rng(0)})


def test_presets_are_for_write_genome():
    parameters = inspect.signature(leakcheck.simulate.write_genome).parameters
    assert all(set(preset.genome) <= set(parameters) for preset in PRESETS.values())


def test_a_genome_is_the_presets(tmp_path, monkeypatch):
    """One table: what the manifest says of the genome is what was written."""
    given = {}

    def write(folder, **arguments):
        given.update(arguments)
        (folder / "layout.json").parent.mkdir(parents=True)
        (folder / "layout.json").write_text("{}")

    write.__signature__ = inspect.signature(leakcheck.simulate.write_genome)
    monkeypatch.setattr(leakcheck.simulate, "write_genome", write)
    for name, preset in PRESETS.items():
        simulated_folder(tmp_path, name, {"random_state": 3})
        assert {key: given[key] for key in preset.genome} == dict(preset.genome)
        assert given["random_state"] == 3


def test_what_a_killed_process_left_is_removed_once_it_is_old(tmp_path):
    old, young = (tmp_path / f".simulated-tiny-{name}.tmp" for name in ("0a", "0b"))
    for folder in (old, young):
        (folder / "tracks").mkdir(parents=True)
        (folder / "tracks" / "half.bigwig").write_bytes(b"x")
    long_ago = time.time() - 2 * 3600
    for folder in (old, young):  # of the young one, the file is new
        for path in (folder, folder / "tracks"):
            os.utime(path, (long_ago, long_ago))
    os.utime(old / "tracks" / "half.bigwig", (long_ago, long_ago))
    simulated_folder(tmp_path, "tiny", LITTLE)
    assert not old.exists()
    assert young.exists()


# What the figures rest on, this time through files and readers.


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    genome = {"n_genes": 1_400, "n_bins": 450, "n_cell_types": 8, "window": 40, "step": 20}
    return load_folder(simulated_folder(tmp_path_factory.mktemp("cache"), "tiny", genome))


def one_hot(codes):
    return (codes[:, :, None] == np.arange(4)).reshape(len(codes), -1).astype(np.float32)


def test_sequence_predicts_nothing_at_new_loci_and_is_remembered_at_old_ones(tasks):
    task = tasks["expression"]
    train = task.rows(task.splits.train_chromosomes[3:])
    test = np.setdiff1d(np.arange(task.n_loci), train)
    active = (task.labels.mean(axis=1) > 0.5).astype(int)
    model = LogisticRegression(C=100.0, max_iter=300)
    model.fit(one_hot(task.codes[train]), active[train])
    seen = roc_auc_score(active[train], model.decision_function(one_hot(task.codes[train])))
    new = roc_auc_score(active[test], model.decision_function(one_hot(task.codes[test])))
    assert seen > 0.65
    assert new == pytest.approx(0.5, abs=0.06)  # a standard error is 0.025


@pytest.mark.parametrize(
    ("name", "average_floor", "least"), [("expression", 0.90, 0.84), ("tad-boundaries", 0.80, 0.65)]
)
def test_marks_predict_the_target_and_stay_below_the_average(tasks, name, average_floor, least):
    task = tasks[name]
    target = task.columns([task.splits.test_cell_type])[0]
    train = task.columns(task.splits.train_cell_types)
    reference = task.columns(task.splits.reference_cell_types)
    model = LogisticRegression()
    model.fit(task.signals[:, train].reshape(-1, 5), task.labels[:, train].ravel())
    score = model.decision_function(task.signals[:, target])
    truth = task.labels[:, target]
    average = average_precision_score(truth, task.labels[:, reference].mean(axis=1))
    assert average > average_floor
    assert least < average_precision_score(truth, score) < average
    count = task.labels[:, reference].sum(axis=1)
    middle = (count > 1) & (count < len(reference) - 1)
    assert roc_auc_score(truth[middle], score[middle]) > 0.7


def test_sequence_is_unique_to_each_locus(tasks):
    for task in tasks.values():
        known = task.codes[(task.codes < 4).all(axis=1)]
        assert len(np.unique(known, axis=0)) == len(known) > 0.8 * task.n_loci
