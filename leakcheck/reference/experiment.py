"""From a job to its record: the data of one task and setting, one training, its predictions."""

import hashlib
import importlib
import importlib.metadata
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import TrainingData
from leakcheck.reference.gaussians import GAUSSIANS, draw_gaussian_data, gaussian_test
from leakcheck.reference.models import n_parameters
from leakcheck.reference.presets import Preset
from leakcheck.reference.runtime import backend, load_keras
from leakcheck.reference.settings import SETTINGS, Split, TrainedIn, make_split
from leakcheck.reference.store import Job, Record
from leakcheck.reference.task import Task
from leakcheck.reference.training import Fitted, fit, predict

__all__ = ["Trainer", "job_seed", "jobs_of_gaussians", "jobs_of_tasks"]

_SEEDS: Final = 2**31 - 1
_VERSIONED: Final = ("leakcheck", "numpy", "keras")
#: Steps that a training costs whatever the network is, in multiply-adds of one pair.
_OVERHEAD: Final = 20_000


def job_seed(seed: int, job: Job) -> int:
    """Seed of one model: it belongs to the job, whatever the order of the sweep.

    Examples
    --------
    >>> job = Job(task="expression", trained_in="cross-cell-type", model="signal-1x1")
    >>> job_seed(0, job) == job_seed(0, job), job_seed(0, job) == job_seed(1, job)
    (True, False)
    """
    digest = hashlib.sha256(f"{seed}/{job.name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _SEEDS


def jobs_of_tasks(tasks: Mapping[str, Task], preset: Preset, seed: int) -> dict[Job, float]:
    """List the models of all tasks, those that take longest first.

    Parameters
    ----------
    tasks : mapping of str to Task
        Name to data.
    preset : Preset
        Networks.
    seed : int
        Seed of the draw of networks of both inputs.

    Returns
    -------
    dict of Job to float
        With its cost, in multiply-adds. Each network once in each setting that models are trained
        in: hybrid is a test of cross-cell-type's models and adds none. Jobs of one network stand
        together, because it takes time to compile.
    """
    found: list[tuple[float, Job]] = []
    for name, task in tasks.items():
        for network in _networks(task, preset, seed):
            cost = _cost(network, window=task.window, n_marks=len(task.marks))
            found += [
                (cost, Job(task=name, trained_in=trained_in, model=network.name))
                for trained_in in dict.fromkeys(SETTINGS.values())
            ]
    return _longest_first(found)


def jobs_of_gaussians(preset: Preset) -> dict[Job, float]:
    """List the networks of Figure S2, those that take longest first."""
    size = preset.gaussians.n_dimensions
    return _longest_first(
        [
            (
                _cost(network, window=0, n_marks=size),
                Job(task=GAUSSIANS, trained_in=GAUSSIANS, model=network.name),
            )
            for network in preset.gaussians.architectures
        ]
    )


def _longest_first(found: list[tuple[float, Job]]) -> dict[Job, float]:
    """Sort by cost; jobs of one network stay together."""
    ordered = sorted(found, key=lambda one: (-one[0], one[1].model, one[1]))
    return {job: cost for cost, job in ordered}


def _networks(task: Task, preset: Preset, seed: int) -> tuple[Architecture, ...]:
    """Networks that the task's inputs allow."""
    return preset.architectures(window=task.window, n_marks=len(task.marks), seed=seed)


def _cost(network: Architecture, *, window: int, n_marks: int) -> float:
    """Roughly how long a step takes: a filter's weights are used at every position."""
    dense = n_parameters(network, window=window, n_marks=n_marks)
    convolved = window * network.filters * 32 if network.convolutions else 0
    return float(dense + convolved + _OVERHEAD)


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Trains the models of a sweep; sent to each worker, which calls it once.

    Attributes
    ----------
    tasks : mapping of str to Path
        Name to the file of a saved `Task`.
    preset : Preset
        Networks and protocol.
    seed : int
        Seed of the sweep.
    """

    tasks: Mapping[str, Path]
    preset: Preset
    seed: int

    def __call__(self) -> Callable[[Job], Record]:
        """Prepare a worker: without Keras none starts; data are read when a job needs them."""
        load_keras()
        return _Bench(trainer=self).train


@dataclass(kw_only=True)
class _Bench:
    """What a worker keeps between two jobs."""

    trainer: Trainer
    tasks: dict[str, Task] = field(default_factory=dict)
    splits: dict[tuple[str, str], Split] = field(default_factory=dict)
    gaussians: TrainingData | None = None

    def train(self, job: Job) -> Record:
        """Train one model and predict its test pairs."""
        network, data, window, n_marks = self._inputs(job)
        seed = job_seed(self.trainer.seed, job)
        protocol = self.trainer.preset.protocol
        fitted = fit(network, data, protocol, seed)
        return Record(
            job=job,
            family=network.family,
            configuration={"architecture": asdict(network), "protocol": asdict(protocol)},
            seed=seed,
            n_parameters=n_parameters(network, window=window, n_marks=n_marks),
            seconds=fitted.seconds,
            history=tuple(asdict(epoch) for epoch in fitted.history),
            predictions=self._predictions(job, fitted),
            versions=_versions(),
        )

    def _inputs(self, job: Job) -> tuple[Architecture, TrainingData, int, int]:
        """Network of a job, the data, and the sizes of its inputs."""
        preset = self.trainer.preset
        if job.task == GAUSSIANS:
            if self.gaussians is None:
                self.gaussians = draw_gaussian_data(preset.gaussians, self.trainer.seed)
            size = preset.gaussians.n_dimensions
            return _named(preset.gaussians.architectures, job), self.gaussians, 0, size
        task, split = self._task(job.task), self._split(job)
        data = TrainingData(
            train=split.train,
            validation=split.validation,
            codes=task.codes if task.window else None,
            signals=task.signals if task.marks else None,
        )
        network = _named(_networks(task, preset, self.trainer.seed), job)
        return network, data, task.window, len(task.marks)

    def _predictions(self, job: Job, fitted: Fitted) -> dict[str, NDArray[np.float32]]:
        """Scores of the test pairs of each setting."""
        if job.task == GAUSSIANS and self.gaussians is not None:
            points, _ = gaussian_test(self.gaussians, self.trainer.preset.gaussians)
            return {GAUSSIANS: predict(fitted, None, points.astype(np.float32))}
        task = self._task(job.task)
        return {
            setting: predict(
                fitted,
                task.codes[pairs.locus] if task.window else None,
                task.signals[pairs.locus, pairs.cell_type] if task.marks else None,
            )
            for setting, pairs in self._split(job).test.items()
        }

    def _task(self, name: str) -> Task:
        """Read a task when it is first needed."""
        if name not in self.tasks:
            self.tasks[name] = Task.load(self.trainer.tasks[name])
        return self.tasks[name]

    def _split(self, job: Job) -> Split:
        """Choose the pairs of a setting when they are first needed."""
        key = (job.task, job.trained_in)
        if key not in self.splits:
            self.splits[key] = make_split(self._task(job.task), cast("TrainedIn", job.trained_in))
        return self.splits[key]


def _named(networks: Sequence[Architecture], job: Job) -> Architecture:
    """Find the network that a job names."""
    return next(network for network in networks if network.name == job.model)


def _versions() -> dict[str, str]:
    """Versions of what the numbers depend on; the backend is the one that Keras runs on."""
    name = backend()
    module = importlib.import_module(name)  # Keras has loaded it
    return {
        "python": platform.python_version(),
        **{package: importlib.metadata.version(package) for package in _VERSIONED},
        "backend": name,
        name: str(module.__version__),
    }
