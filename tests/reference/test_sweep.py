"""A sweep ends with the same results however often it is killed, and tells of what failed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from leakcheck.exceptions import LeakcheckError, ValidationError
from leakcheck.reference import sweep
from leakcheck.reference._workers import start_worker
from leakcheck.reference.store import open_store
from leakcheck.reference.sweep import run_sweep
from tests.reference.fake_sweep import FakeTrainer, some_jobs

ROOT = Path(__file__).resolve().parents[2]


def contents(store, jobs):
    """Everything that a finished sweep says, but the time."""
    return {
        job.model: (found.predictions["test"].tobytes(), found.seed, found.n_parameters)
        for job in jobs
        for found in [store.load(job)]
    }


def test_every_model_is_kept_and_told(tmp_path):
    store, jobs, events = open_store(tmp_path, {}), some_jobs(5), []
    outcome = run_sweep(jobs, store, FakeTrainer(), workers=2, report=events.append)
    assert sorted(outcome.finished) == sorted(jobs)
    assert (outcome.found, outcome.failures) == ((), ())
    assert [event.n_done for event in events] == [1, 2, 3, 4, 5]
    assert {event.n_total for event in events} == {5}
    shares = [event.share for event in events]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    again = run_sweep(jobs, store, FakeTrainer(fail=tuple(job.model for job in jobs)), workers=2)
    assert sorted(again.found) == sorted(jobs)
    assert not again.finished


def test_a_model_that_fails_does_not_end_the_sweep(tmp_path):
    store, jobs = open_store(tmp_path, {}), some_jobs(4)
    outcome = run_sweep(jobs, store, FakeTrainer(fail=("signal-1",)))
    assert len(outcome.finished) == 3
    (failure,) = outcome.failures
    assert failure.job.model == "signal-1"
    assert failure.reason == "ValueError: signal-1 cannot be trained"
    assert "Traceback" in failure.details
    assert not store.has(failure.job)
    mended = run_sweep(jobs, store, FakeTrainer())
    assert [job.model for job in mended.finished] == ["signal-1"]
    assert len(mended.found) == 3


def test_a_model_that_takes_its_process_down_does_not_end_the_sweep(tmp_path):
    store, jobs = open_store(tmp_path, {}), some_jobs(5)
    outcome = run_sweep(jobs, store, FakeTrainer(die=("signal-0", "signal-3")), workers=2)
    assert len(outcome.finished) == 3
    assert {failure.job.model for failure in outcome.failures} == {"signal-0", "signal-3"}
    assert {failure.reason for failure in outcome.failures} == {"its process ended with signal 9"}


def test_nobody_is_started_in_place_of_a_worker_that_nothing_is_left_for(tmp_path, monkeypatch):
    started = []

    def counted(*given):
        started.append(given)
        return start_worker(*given)

    monkeypatch.setattr(sweep, "start_worker", counted)
    store, jobs = open_store(tmp_path, {}), some_jobs(3)
    outcome = run_sweep(jobs, store, FakeTrainer(die=("signal-0", "signal-2")))
    assert [failure.job.model for failure in outcome.failures] == ["signal-0", "signal-2"]
    assert len(started) == 2  # the first, and one after signal-0; none after the last


def test_workers_that_cannot_be_prepared_end_the_sweep(tmp_path):
    store = open_store(tmp_path, {})
    with pytest.raises(LeakcheckError, match="No model can be trained: RuntimeError: no backend"):
        run_sweep(some_jobs(3), store, FakeTrainer(unprepared=True))


@pytest.mark.parametrize("name", ["workers", "threads"])
def test_numbers_below_one_are_refused(tmp_path, name):
    with pytest.raises(ValidationError, match=f"`{name}` must be 1 or more; 0 came"):
        run_sweep(some_jobs(1), open_store(tmp_path, {}), FakeTrainer(), **{name: 0})


def test_nothing_to_do_starts_no_process(tmp_path):
    outcome = run_sweep({}, open_store(tmp_path, {}), FakeTrainer(unprepared=True))
    assert outcome == type(outcome)(finished=(), found=(), failures=())


def test_the_environment_is_left_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("LEAKCHECK_THREADS", raising=False)
    run_sweep(some_jobs(1), open_store(tmp_path, {}), FakeTrainer(), threads=1)
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "LEAKCHECK_THREADS" not in os.environ


@pytest.mark.slow
def test_a_sweep_killed_at_any_moment_goes_on(tmp_path):
    jobs = some_jobs(12)
    calm = open_store(tmp_path / "calm", {"seed": 0})
    run_sweep(jobs, calm, FakeTrainer(), workers=2)
    command = [sys.executable, "-m", "tests.reference.fake_sweep", str(tmp_path / "killed"), "12"]
    store = open_store(tmp_path / "killed", {"seed": 0})
    rng, kept, killed = np.random.default_rng(0), 0, 0
    while kept < len(jobs) and killed < 40:
        process = subprocess.Popen([*command, "0.3"], cwd=ROOT, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        wanted = min(kept + int(rng.integers(1, 5)), len(jobs))
        while sum(map(store.has, jobs)) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(rng.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        now = sum(map(store.has, jobs))
        assert now >= wanted
        contents(
            store, [job for job in jobs if store.has(job)]
        )  # every file that is there is whole
        kept = now
    assert killed >= 3
    assert sum(map(store.has, jobs)) == len(jobs)
    assert contents(store, jobs) == contents(calm, jobs)


@pytest.mark.slow
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    folder = tmp_path / "killed"
    store, jobs = open_store(folder, {"seed": 0}), some_jobs(60)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reference.fake_sweep", str(folder), "60", "0.2"], cwd=ROOT
    )
    deadline = time.monotonic() + 60
    while not any(map(store.has, jobs)) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    time.sleep(1.5)  # long enough for a worker that lives on to finish more
    kept = sum(map(store.has, jobs))
    time.sleep(1.0)
    assert 0 < kept < len(jobs)
    assert sum(map(store.has, jobs)) == kept


def test_one_worker_and_two_give_the_same(tmp_path):
    jobs = some_jobs(4)
    stores = []
    for workers in (1, 2):
        stores.append(open_store(tmp_path / str(workers), {}))
        run_sweep(jobs, stores[-1], FakeTrainer(), workers=workers)
    assert contents(stores[0], jobs) == contents(stores[1], jobs)
    assert len({np.frombuffer(c[0]).tobytes() for c in contents(stores[0], jobs).values()}) == 4
