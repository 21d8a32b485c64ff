"""A sweep: many models trained by a few processes, each kept as soon as it is finished.

A sweep may be killed at any moment; started again, it trains what is not finished yet. A model
that fails, or takes its process down with it, is reported and does not end the sweep.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection

from leakcheck.exceptions import ValidationError
from leakcheck.reference._workers import (
    Failure,
    Prepare,
    Worker,
    hand_out,
    processes,
    read_answer,
    start_worker,
)
from leakcheck.reference.store import Job, Store

__all__ = ["Event", "Failure", "Outcome", "Prepare", "run_sweep"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a sweep tells while it runs: a model was finished or failed.

    Attributes
    ----------
    job : Job
        The model.
    n_done, n_total : int
        Models that are finished or failed, and all; those of an earlier sweep are among both.
    share : float
        Share of this sweep's own work that is done, by cost.
    seconds : float
        Time of this model.
    failure : Failure or None
        Why it failed.
    """

    job: Job
    n_done: int
    n_total: int
    share: float
    seconds: float
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a sweep ended.

    Attributes
    ----------
    finished : tuple of Job
        Models trained by this sweep.
    found : tuple of Job
        Models that were finished before.
    failures : tuple of Failure
        The others.
    """

    finished: tuple[Job, ...]
    found: tuple[Job, ...]
    failures: tuple[Failure, ...]


def run_sweep(
    jobs: Mapping[Job, float],
    store: Store,
    prepare: Prepare,
    *,
    workers: int = 1,
    threads: int | None = None,
    report: Callable[[Event], None] | None = None,
) -> Outcome:
    """Train the models that are not finished yet.

    Parameters
    ----------
    jobs : mapping of Job to float
        All models of the sweep, those that take longest first, and roughly how long each takes,
        in any unit.
    store : Store
        Where finished models are kept.
    prepare : callable
        Called once in each worker, which it must be possible to send there; gives the function
        that trains a model.
    workers : int, default 1
        Number of processes.
    threads : int, optional
        Threads of each; default its share of the processor.
    report : callable, optional
        Called with an `Event` after each model.

    Returns
    -------
    Outcome
        Models finished now, finished before, and failed.

    Raises
    ------
    ValidationError
        When `workers` or `threads` is not positive.
    LeakcheckError
        When no worker can be prepared.

    Notes
    -----
    The seed of a model belongs to its job, so the order of the jobs and the number of workers
    change nothing but the time, as long as `threads` is the same.
    """
    threads = max(1, (os.cpu_count() or 1) // max(workers, 1)) if threads is None else threads
    for name, value in (("workers", workers), ("threads", threads)):
        if value < 1:
            raise ValidationError(f"`{name}` must be 1 or more; {value} came. Leave it out.")
    found = [job for job in jobs if store.has(job)]
    todo = {job: cost for job, cost in jobs.items() if not store.has(job)}
    finished: list[Job] = []
    failures: list[Failure] = []
    work, done = sum(todo.values()), 0.0
    start = partial(start_worker, prepare, store, threads)
    with processes(min(workers, len(todo)), start) as team:
        for job, seconds, failure in _results(deque(todo), team, start):
            if failure is None:
                finished.append(job)
            else:
                failures.append(failure)
            done += todo[job]
            event = Event(
                job=job,
                n_done=len(found) + len(finished) + len(failures),
                n_total=len(jobs),
                share=done / work if work else 1.0,
                seconds=seconds,
                failure=failure,
            )
            if report is not None:
                report(event)
    return Outcome(finished=tuple(finished), found=tuple(found), failures=tuple(failures))


def _results(
    todo: deque[Job], team: list[Worker], start: "Callable[[], Worker]"
) -> Iterator[tuple[Job, float, Failure | None]]:
    """Hand out jobs, and give each as it ends."""
    for worker in team:
        hand_out(worker, todo)
    while busy := {w.pipe: (w, w.job) for w in team if w.job is not None}:
        ready = connection.wait(list(busy))
        for worker, job in [one for pipe, one in busy.items() if pipe in ready]:
            seconds = time.monotonic() - worker.started
            failure = read_answer(worker, job)
            if failure is None or worker.process.is_alive():
                hand_out(worker, todo)
            else:
                team.remove(worker)
                worker.pipe.close()
                if todo:
                    team.append(start())
                    hand_out(team[-1], todo)
            yield job, seconds, failure
