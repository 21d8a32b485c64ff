"""A trainer that guesses: memory for sequence, marks for the others, and no network at all."""

from dataclasses import dataclass

import numpy as np

from leakcheck.reference.experiment import job_seed
from leakcheck.reference.gaussians import GAUSSIANS
from leakcheck.reference.settings import make_split
from leakcheck.reference.task import Task
from tests.reference.fake_sweep import fake_record


@dataclass(frozen=True, kw_only=True)
class GuessingTrainer:
    """Stands for `Trainer`: memory of the training labels for sequence, marks for the others."""

    tasks: dict
    preset: object
    seed: int
    fail: tuple[str, ...] = ()

    def __call__(self):
        return self.train

    def train(self, job):
        if job.model in self.fail:
            raise ValueError("no")
        rng = np.random.default_rng(job_seed(self.seed, job))
        if job.task == GAUSSIANS:
            n = self.preset.gaussians.n_points
            return fake_record(job, {GAUSSIANS: rng.random(n).astype(np.float32)})
        task = Task.load(self.tasks[job.task])
        split = make_split(task, job.trained_in)
        columns = np.unique(split.train.cell_type)
        average = task.labels[:, columns].mean(axis=1)
        scores = {}
        for setting, pairs in split.test.items():
            known = average[pairs.locus]
            if not job.model.startswith("dense"):
                known = known + task.signals[pairs.locus, pairs.cell_type, 0]
            scores[setting] = (known + 0.1 * rng.random(len(pairs))).astype(np.float32)
        return fake_record(job, scores)
