"""What a worker does, watched from inside its process."""

import os
import signal
import threading
from collections import deque
from multiprocessing import Pipe

import pytest

from leakcheck.exceptions import MissingDependencyError
from leakcheck.reference import _workers
from leakcheck.reference.store import open_store
from tests.reference.fake_sweep import FakeTrainer, some_jobs


def answers(trainer, store, jobs):
    """Serve jobs in this process; give what is told."""
    here, there = Pipe()
    for job in jobs:
        here.send(job)
    told = []

    class Ending:
        """The worker's end: its jobs, then the end of the pipe."""

        def recv(self):
            if not there.poll():
                raise EOFError
            return there.recv()

        def send(self, answer):
            told.append(answer)

    _workers._serve(Ending(), trainer, store)
    here.close()
    there.close()
    return told


def test_models_are_kept_and_failures_told(tmp_path):
    store, jobs = open_store(tmp_path, {}), list(some_jobs(3))
    told = answers(FakeTrainer(fail=("signal-1",)), store, jobs)
    assert [kind for kind, *_ in told] == ["finished", "failed", "finished"]
    assert told[1][1] == "ValueError: signal-1 cannot be trained"
    assert "in train" in told[1][2]
    assert [store.has(job) for job in jobs] == [True, False, True]


def test_a_worker_that_is_not_prepared_says_so_to_each_job(tmp_path):
    told = answers(FakeTrainer(unprepared=True), open_store(tmp_path, {}), some_jobs(2))
    assert [answer[:2] for answer in told] == [("unprepared", "RuntimeError: no backend")] * 2


def test_an_error_raised_on_purpose_has_no_traceback(tmp_path):
    def unprepared():
        raise MissingDependencyError("`keras` is needed")

    told = answers(unprepared, open_store(tmp_path, {}), some_jobs(1))
    assert told == [("unprepared", "MissingDependencyError: `keras` is needed", "")]


def test_an_error_without_words_is_told_by_its_kind():
    assert _workers._in_words(KeyError()) == "KeyError"


def test_a_process_ends_with_its_parent(monkeypatch):
    ended = []

    class Gone:
        def join(self):
            ended.append("joined")

    monkeypatch.setattr(_workers, "parent_process", Gone)
    monkeypatch.setattr(os, "_exit", ended.append)
    _workers._end_with_parent()
    assert ended == ["joined", 1]
    monkeypatch.setattr(_workers, "parent_process", lambda: None)
    _workers._end_with_parent()
    assert ended == ["joined", 1]


@pytest.mark.parametrize("before", ["3", None])
def test_threads_are_set_for_a_while(monkeypatch, before):
    if before is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", before)
    with _workers._environment({"OMP_NUM_THREADS": "1"}):
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_a_job_for_a_worker_that_died_is_not_lost(tmp_path):
    store, todo = open_store(tmp_path, {}), list(some_jobs(1))
    worker = _workers.start_worker(FakeTrainer(), store, 1)
    worker.process.kill()
    worker.process.join()
    _workers.hand_out(worker, deque(todo))
    failure = _workers.read_answer(worker, todo[0])
    worker.pipe.close()
    assert failure.job == todo[0]
    assert failure.reason == "its process ended with signal 9"


def test_ctrl_c_is_heard_by_the_sweep_and_not_by_its_workers(tmp_path):
    store, (job,) = open_store(tmp_path, {}), some_jobs(1)
    heard = signal.getsignal(signal.SIGINT)
    worker = _workers.start_worker(FakeTrainer(), store, 1)
    assert signal.getsignal(signal.SIGINT) is heard
    os.kill(worker.process.pid, signal.SIGINT)
    _workers.hand_out(worker, deque([job]))
    os.kill(worker.process.pid, signal.SIGINT)
    assert _workers.read_answer(worker, job) is None
    assert store.has(job)
    worker.pipe.close()
    worker.process.join()


def test_a_thread_starts_workers_too(tmp_path):
    def start():
        with _workers._deaf_to_ctrl_c():
            told.append(signal.getsignal(signal.SIGINT))

    told = []
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert told == [signal.getsignal(signal.SIGINT)]
