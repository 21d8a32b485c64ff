"""How long Dask workers of this machine are waited for: those at work, and those that died."""

import sys
import threading
import time
from functools import partial

import pytest

from leakcheck.scale import dask_runner
from leakcheck.scale.dask_runner import DaskRunner, WorkerDiedError

distributed = pytest.importorskip(
    "distributed", reason="distributed is not installed (extra scale)"
)
import cloudpickle  # noqa: E402
import dask  # noqa: E402

# The workers are given what this file defines, for they do not import tests.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

LOST = "distributed.deploy.lost-worker-timeout"


def wait(seconds, number):
    time.sleep(seconds)
    return number


def time_out(number):
    raise TimeoutError(f"number {number}")


@pytest.mark.slow
def test_processes_that_do_not_come_back_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(dask_runner, "_LOOK_AGAIN", 0.2)
    with DaskRunner(True, n_workers=1) as runner:
        cluster = runner.client.cluster
        (nanny,) = cluster.workers.values()
        threading.Timer(2.0, cluster.sync, [nanny.close]).start()
        with pytest.raises(WorkerDiedError, match=r"not started again, before task 1 of 2 \(cells"):
            runner.map(partial(wait, 60), [1, 2], what="cells")


@pytest.mark.slow
def test_a_process_that_died_has_time_to_start_again_and_a_task_to_end(monkeypatch):
    before = dask.config.get(LOST)
    with DaskRunner(True, n_workers=1, retries=0) as runner:
        assert dask.config.get(LOST) == "1 hour"
        monkeypatch.setattr(dask_runner, "_LOOK_AGAIN", 0.05)
        assert runner.map(partial(wait, 0.3), range(2)) == [0, 1]
        with pytest.raises(TimeoutError, match="number 1"):
            runner.map(time_out, [1])
    assert dask.config.get(LOST) == before
