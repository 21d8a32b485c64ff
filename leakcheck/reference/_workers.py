"""Processes that train models one after another, told what to do through pipes."""

import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final, Literal, TypeAlias

from leakcheck.exceptions import LeakcheckError
from leakcheck.reference.store import Job, Record, Store

__all__ = ["Failure", "Prepare", "Worker", "hand_out", "processes", "read_answer", "start_worker"]

#: Makes, inside a worker, the function that trains one model.
Prepare: TypeAlias = Callable[[], Callable[[Job], Record]]

_THREADS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "LEAKCHECK_THREADS",
)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A model that could not be trained, and why."""

    job: Job
    reason: str
    details: str = ""


@dataclass(kw_only=True)
class Worker:
    """A process, the pipe to it, and what it works on."""

    process: SpawnProcess
    pipe: Connection
    job: Job | None = None
    started: float = field(default_factory=time.monotonic)


@contextmanager
def processes(count: int, start: "Callable[[], Worker]") -> Iterator[list[Worker]]:
    """Start workers; whatever happens, none outlives the sweep."""
    team: list[Worker] = []
    try:
        team += [start() for _ in range(count)]
        yield team
    finally:
        for worker in team:
            worker.pipe.close()
            worker.process.terminate()
            worker.process.join()


def start_worker(prepare: Prepare, store: Store, threads: int) -> Worker:
    """Start a worker; it reads the number of threads before it imports numpy."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, prepare, store), daemon=True)
    with _environment(dict.fromkeys(_THREADS, str(threads))), _deaf_to_ctrl_c():
        process.start()
    there.close()
    return Worker(process=process, pipe=here)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let what is started ignore Ctrl-C, which a terminal sends to all: the sweep ends its workers.

    Otherwise each of them would print a traceback of its own. Only the main thread may say so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def hand_out(worker: Worker, todo: deque[Job]) -> None:
    """Give a worker its next job, if there is one."""
    worker.job = todo.popleft() if todo else None
    worker.started = time.monotonic()
    if worker.job is not None:
        # A worker that has died meanwhile is found when its answer is read.
        try:
            worker.pipe.send(worker.job)
        except OSError:
            return


_Answer: TypeAlias = tuple[Literal["finished", "failed", "unprepared"], str, str]


def read_answer(worker: Worker, job: Job) -> Failure | None:
    """Read how a job ended; the end of the pipe is the end of the worker."""
    try:
        kind, reason, details = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        code = worker.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Failure(job=job, reason=f"its process ended with {how}")
    if kind == "unprepared":
        raise LeakcheckError(f"No model can be trained: {reason}\n{details}".rstrip())
    return None if kind == "finished" else Failure(job=job, reason=reason, details=details)


def _serve(pipe: Connection, prepare: Prepare, store: Store) -> None:
    """Work in a process of its own until there is nothing more to do."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer: _Answer
    try:
        work = prepare()
    except Exception as error:
        # What is raised on purpose says all that there is to say.
        known = isinstance(error, LeakcheckError)
        details = "" if known else traceback.format_exc()
        work, answer = None, ("unprepared", _in_words(error), details)
    while True:
        try:
            job: Job = pipe.recv()
        except (EOFError, OSError):
            return
        if work is not None:
            answer = _trained(work, job, store)
        pipe.send(answer)


def _trained(work: Callable[[Job], Record], job: Job, store: Store) -> _Answer:
    """Train and keep one model."""
    try:
        store.save(work(job))
    except Exception as error:
        return "failed", _in_words(error), traceback.format_exc()
    return "finished", "", ""


def _in_words(error: Exception) -> str:
    """Kind and first line of an error."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
