"""Reports do not depend on how many threads matrix products may take."""

import os
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from leakcheck._blas import one_blas_thread

SCRIPT = """
import hashlib, leakcheck
world = leakcheck.simulate.epigenome(n_loci=3_000, random_state=0)
targets = world.held_out(4)
preds = {"net": leakcheck.simulate.predict(world, "honest-weak", targets)}
reference = [name for name in world.cell_types if name not in targets]
report = leakcheck.audit(preds, world.labels, world.loci, train=reference, signal=world.signal)
print(hashlib.sha256(report.to_json().encode()).hexdigest())
"""


def blas_threads():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_blas_has_one_thread_inside_and_as_many_as_before_outside():
    before = blas_threads()
    with one_blas_thread():
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_the_last_of_overlapping_blocks_lifts_the_limit():
    with threadpool_limits(limits=2, user_api="blas"):
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        with one_blas_thread():
            second.__enter__()
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        with pytest.raises(KeyError), one_blas_thread():
            raise KeyError
        assert blas_threads() == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == {2}


@pytest.mark.slow
def test_a_report_is_the_same_with_one_thread_and_with_two():
    found = set()
    for threads in ("1", "2"):
        environment = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1
