"""From a job to its record: the right network, data and scores, and the same numbers each time."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from leakcheck.exceptions import MissingDependencyError
from leakcheck.reference import experiment
from leakcheck.reference.experiment import Trainer, job_seed, jobs_of_gaussians, jobs_of_tasks
from leakcheck.reference.gaussians import GAUSSIANS
from leakcheck.reference.models import n_parameters
from leakcheck.reference.presets import GaussianPreset, find_preset
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.runtime import backend
from leakcheck.reference.settings import make_split
from leakcheck.reference.store import Job
from tests.reference.standin import small_task

PRESET = replace(
    find_preset("tiny"),
    protocol=Protocol(steps_per_epoch=5, max_epochs=2, validation_size=20),
    gaussians=GaussianPreset(n_points=40, layers=(1,), units=(2,)),
)


def test_every_network_is_trained_in_both_settings():
    tasks = {name: small_task(name, window=60) for name in ("expression", "tad-boundaries")}
    jobs = jobs_of_tasks(tasks, PRESET, 0)
    networks = PRESET.architectures(window=60, n_marks=5)
    assert len(jobs) == 2 * 2 * len(networks)
    assert {job.trained_in for job in jobs} == {"cross-chromosome", "cross-cell-type"}
    costs = list(jobs.values())
    assert costs == sorted(costs, reverse=True)
    order = [job.model for job in jobs]
    assert [m for i, m in enumerate(order) if order[:i].count(m) == 0] == order[::4]


def test_a_task_without_inputs_has_no_jobs():
    assert jobs_of_tasks({"t": small_task(window=0, n_marks=0)}, PRESET, 0) == {}


def test_seeds_differ_by_job_and_by_sweep():
    jobs = [*jobs_of_tasks({"expression": small_task()}, PRESET, 0), *jobs_of_gaussians(PRESET)]
    seeds = {job_seed(seed, job) for job in jobs for seed in (0, 1)}
    assert len(seeds) == 2 * len(jobs)
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.fixture
def trainer(tmp_path):
    """A trainer with one task on disk."""
    path = tmp_path / "expression.npz"
    small_task(n_loci=80).save(path)
    return Trainer(tasks={"expression": path}, preset=PRESET, seed=4)


@pytest.mark.parametrize("model", ["signal-1x1", "dense-1x8", "both-s1x16-q1x1-j16"])
def test_a_record_says_everything(trainer, model):
    job = Job(task="expression", trained_in="cross-cell-type", model=model)
    record = trainer()(job)
    split = make_split(small_task(n_loci=80), "cross-cell-type")
    assert {s: len(p) for s, p in record.predictions.items()} == {
        s: len(p) for s, p in split.test.items()
    }
    assert all(p.dtype == np.float32 for p in record.predictions.values())
    assert all(((p >= 0) & (p <= 1)).all() for p in record.predictions.values())
    network = next(n for n in PRESET.architectures(window=20, n_marks=5) if n.name == model)
    assert record.n_parameters == n_parameters(network, window=20, n_marks=5)
    assert record.family == network.family
    assert record.seed == job_seed(4, job)
    assert record.configuration["architecture"]["kind"] == network.kind
    assert record.configuration["protocol"]["max_epochs"] == 2
    assert [epoch["number"] for epoch in record.history] == [1, 2]
    assert record.seconds > 0
    assert record.versions["numpy"] == np.__version__
    assert record.versions["backend"] == backend()
    assert record.versions[backend()] == sys.modules[backend()].__version__


def test_the_same_job_gives_the_same_numbers(trainer):
    job = Job(task="expression", trained_in="cross-chromosome", model="dense-1x8")
    first, second = trainer()(job), trainer()(job)
    np.testing.assert_array_equal(
        first.predictions["cross-chromosome"], second.predictions["cross-chromosome"]
    )
    assert first.history == second.history


def test_a_network_of_sequence_does_not_look_at_marks(trainer):
    job = Job(task="expression", trained_in="cross-cell-type", model="dense-1x8")
    before = trainer()(job).predictions["hybrid"]
    other = small_task(n_loci=80, signals=-small_task(n_loci=80).signals)
    other.save(trainer.tasks["expression"])
    np.testing.assert_array_equal(trainer()(job).predictions["hybrid"], before)


@pytest.mark.parametrize("trained_in", ["cross-cell-type", "cross-chromosome"])
def test_labels_of_the_target_reach_only_models_that_train_in_it(trainer, trained_in):
    job = Job(task="expression", trained_in=trained_in, model="both-s1x16-q1x1-j16")
    before = trainer()(job).predictions
    task = small_task(n_loci=80)
    labels, target = task.labels.copy(), task.columns([task.splits.test_cell_type])
    labels[:, target] = np.roll(labels[:, target], 1, axis=0)
    small_task(n_loci=80, labels=labels).save(trainer.tasks["expression"])
    after = trainer()(job).predictions
    same = {setting: np.array_equal(before[setting], after[setting]) for setting in before}
    assert set(same.values()) == {trained_in == "cross-cell-type"}


def test_gaussians_need_no_task():
    trainer = Trainer(tasks={}, preset=PRESET, seed=0)
    (job,) = jobs_of_gaussians(PRESET)
    record = trainer()(job)
    assert len(record.predictions[GAUSSIANS]) == 40
    assert record.n_parameters == 5 * 2 + 2 + 3
    assert record.family == "signal"


def test_without_keras_no_worker_starts(trainer, monkeypatch):
    def missing():
        raise MissingDependencyError("`keras` is needed")

    monkeypatch.setattr(experiment, "load_keras", missing)
    with pytest.raises(MissingDependencyError):
        trainer()
