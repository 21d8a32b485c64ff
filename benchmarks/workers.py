"""Audits on several processes against one: ``python -m benchmarks.workers``.

Dask's local workers: what handing tasks to other processes costs on one machine, in processor time
of all processes and by the clock, in multiples of one process that audits the same file. Starting
the workers counts.

A pool of processes, with tables in memory, by the clock: against one process, and against the peer
that an audit of the paper's size is held against. The pool is there before, as it is in a program
that audits more than once.

Reports are compared: their JSON must be the same.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from statistics import median

import leakcheck
from benchmarks._measure import Row, run
from benchmarks._worlds import paper_world
from benchmarks.audit import N_LOOPED, N_SCORES, loop
from benchmarks.scale import N_CELL_TYPES, write_table
from leakcheck import scale

QUICK, FULL = 50_000, 1_000_000
WORKERS = (1, 2, 4)
N_PROCESSES = 2
_ROUNDS = 5


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
    return [*_on_dask(FULL if full else QUICK, WORKERS if full else WORKERS[1:2]), *_in_memory()]


def _on_dask(n: int, worker_counts: tuple[int, ...]) -> list[Row]:
    """Workers of a cluster, and a file."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "loci.parquet")
        write_table(path, n)
        alone = measure(0, path)
        for n_workers in worker_counts:
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


def _in_memory() -> list[Row]:
    """A pool of processes, and tables in memory."""
    labels, preds, loci, _ = paper_world()
    one_label, one_score = labels.iloc[:, 0].to_numpy(), preds.iloc[:, 0].to_numpy()

    def audit(executor: Executor | None) -> str:
        report = leakcheck.audit(preds, labels, loci, train="leave-one-out", executor=executor)
        return report.to_json() or ""

    with ProcessPoolExecutor(N_PROCESSES) as pool:
        if audit(pool) != audit(None):
            raise AssertionError("the report of a pool of processes is another")
        peers: dict[str, tuple[Callable[[], object], float]] = {
            "one process": (lambda: audit(None), 1.0),
            f"{N_SCORES} average precisions of {len(loci):,} by scikit-learn":
                (lambda: loop(one_label, one_score), N_SCORES / N_LOOPED),
        }  # fmt: skip
        return [
            _by_clock(
                f"audit of {len(loci):,} loci x {labels.shape[1]} targets on {N_PROCESSES} "
                "processes, clock",
                lambda: audit(pool), peer, *other,
            )
            for peer, other in peers.items()
        ]  # fmt: skip


def _by_clock(
    name: str,
    ours: Callable[[], object],
    peer: str,
    theirs: Callable[[], object],
    scale: float,
) -> Row:
    """Measure two works in turn, by the clock; no bound, for it counts what else is running."""
    times = [(_clock(ours), scale * _clock(theirs)) for _ in range(_ROUNDS)]
    return Row(
        name=name,
        ours=median(own for own, _ in times),
        peer=peer,
        theirs=median(other for _, other in times),
        ratio=median(other / own for own, other in times),
        recordable=False,
    )


def _clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(int(sys.argv[2]), sys.argv[3])
        sys.exit(0)
    sys.exit(run("Audits on local workers.", rows))
