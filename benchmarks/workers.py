"""Audits on Dask's local workers against one process: ``python -m benchmarks.workers``.

What handing tasks to other processes costs on one machine: processor time of all processes, and the
clock, in multiples of one process that audits the same file. Starting the workers counts. Reports
are compared: their JSON must be the same.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from benchmarks._measure import Row, run
from benchmarks.scale import N_CELL_TYPES, write_table
from leakcheck import scale

QUICK, FULL = 50_000, 1_000_000
WORKERS = (1, 2, 4)


def child(n_workers: int, path: str) -> None:
    """Audit in this process (0) or on so many workers, and print what it took."""
    from leakcheck.scale.dask_runner import DaskRunner  # noqa: PLC0415 - one process needs no Dask

    start = time.perf_counter()
    workers = DaskRunner("local", n_workers=n_workers) if n_workers else nullcontext()
    with workers as runner:
        client = None if runner is None else runner.client
        report = scale.audit(path, train="leave-one-out", client=client)
    wall = time.perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    text = report.to_json() or ""
    found = {
        "wall": wall,
        "cpu": sum(one.ru_utime + one.ru_stime for one in used),
        "report": hashlib.sha256(text.encode()).hexdigest(),
    }
    print(json.dumps(found))


def measure(n_workers: int, path: Path) -> dict[str, float | str]:
    """Measure in a process of its own; numpy keeps to one thread in all of them."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.workers", "--child", str(n_workers), str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    n = FULL if full else QUICK
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "loci.parquet")
        write_table(path, n)
        alone = measure(0, path)
        for n_workers in WORKERS if full else WORKERS[1:2]:
            taken = measure(n_workers, path)
            if taken["report"] != alone["report"]:
                raise AssertionError(f"the report of {n_workers} workers is another")
            found += [
                Row(
                    name=f"audit on {n_workers} local workers, {clock}, {n:,} x {N_CELL_TYPES}",
                    peer="one process",
                    ours=float(taken[key]),
                    theirs=float(alone[key]),
                    ratio=float(taken[key]) / float(alone[key]),
                    unit="times one process",
                    at_most=True,
                    recordable=False,  # most of the quick one is the start of the workers
                    n=n,
                )
                for key, clock in (("cpu", "processor"), ("wall", "clock"))
            ]
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(int(sys.argv[2]), sys.argv[3])
        sys.exit(0)
    sys.exit(run("Audits on local workers.", rows))
