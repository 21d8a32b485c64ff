"""A trainer without networks: what it gives follows from the job alone, at any speed, or fails.

Run as a module, it sweeps in a process of its own that a test can kill:
``python -m tests.reference.fake_sweep FOLDER N_JOBS SECONDS``.
"""

import os
import signal
import sys
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leakcheck.reference.store import Job, Record, open_store
from leakcheck.reference.sweep import run_sweep


@dataclass(frozen=True, kw_only=True)
class FakeTrainer:
    """Trains nothing; models named in `fail` raise, those in `die` kill their process."""

    fail: tuple[str, ...] = ()
    die: tuple[str, ...] = ()
    seconds: float = 0.0
    unprepared: bool = False

    def __call__(self):
        if self.unprepared:
            raise RuntimeError("no backend\nsecond line")
        return self.train

    def train(self, job):
        time.sleep(self.seconds)
        if job.model in self.fail:
            raise ValueError(f"{job.model} cannot be trained\nand more")
        if job.model in self.die:
            os.kill(os.getpid(), signal.SIGKILL)
        return fake_record(job)


def fake_record(job: Job, predictions=None, **changes) -> Record:
    """A record whose scores are drawn by the job's name."""
    seed = zlib.crc32(job.name.encode())
    rng = np.random.default_rng(seed)
    scores = {"test": rng.random(50).astype(np.float32)} if predictions is None else predictions
    family = job.model.split("-")[0]
    parts = {
        "family": {"dense": "sequence", "conv": "sequence"}.get(family, family),
        "configuration": {"units": 3},
        "seed": seed,
        "n_parameters": int(rng.integers(10, 10_000)),
        "seconds": 0.5,
        "history": ({"number": 1, "loss": 0.7}, {"number": 2, "loss": 0.6}),
        "versions": {"python": "3"},
    }
    return Record(job=job, predictions=scores, **(parts | changes))


def some_jobs(n: int) -> dict[Job, float]:
    """Jobs that have nothing to do with any data."""
    return {
        Job(task="expression", trained_in="cross-cell-type", model=f"signal-{i}"): float(n - i)
        for i in range(n)
    }


def main(folder: str, n: str, seconds: str) -> None:
    """Sweep until it is done or killed."""
    store = open_store(Path(folder), {"seed": 0})
    outcome = run_sweep(some_jobs(int(n)), store, FakeTrainer(seconds=float(seconds)), workers=2)
    print(len(outcome.finished), len(outcome.found))


if __name__ == "__main__":
    main(*sys.argv[1:])
