"""Out-of-core audits against reading the same columns: ``python -m benchmarks.scale``.

Loci x 10 cell types with binary labels and one model's float32 scores, from Parquet that the
benchmark writes itself. Every measurement is a process of its own, so that its memory peak is its
own; time is CPU time of one process. `--full` goes to 30 million loci, the slope from 1e5 to 3e7.
The ranking part is AP, expected AP and AUROC of every column, from the file to the numbers, beside
pyarrow reading the same columns. It keeps no store (`leakcheck.scale.column_scores`), from which
an audit ranks: the line that follows is what all but the information test takes beyond it. Memory
peaks are what Linux says of a process.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks._measure import Row, run
from benchmarks._rehearsal import rank_only
from leakcheck import scale

N_CELL_TYPES = 10
GROUP = 1 << 18
QUICK = (100_000,)
FULL = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000)
#: Ranking is to take at most so many times as long as reading, and an audit so much memory, from
#: these numbers of loci on.
RANKING_BOUND, RANKING_FROM = 1.8, 3_000_000
#: What is short is measured several times.
ROUNDS = {"read": 3, "rank": 3}
MEMORY_BOUND, MEMORY_FROM = 0.5, 1_000_000


def write_table(path: Path, n_loci: int, seed: int = 0) -> None:
    """Write labels that are alike in all cell types, and scores that know a little."""
    rng = np.random.default_rng(seed)
    names = [f"C{k:02d}" for k in range(N_CELL_TYPES)]
    schema = pa.schema(
        [("chrom", pa.dictionary(pa.int32(), pa.string())), ("start", pa.int64())]
        + [("end", pa.int64())]
        + [(f"label:{name}", pa.int8()) for name in names]
        + [(f"prediction:net:{name}", pa.float32()) for name in names]
    )
    chroms = pa.array([f"chr{k}" for k in range(1, 23)])
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for low in range(0, n_loci, GROUP):
            rows = np.arange(low, min(low + GROUP, n_loci))
            code = (rows * 22 // n_loci).astype(np.int32)
            start = 200 * rows
            activity = rng.standard_normal(len(rows)).astype(np.float32) - 0.5
            columns: list[Any] = [
                pa.DictionaryArray.from_arrays(pa.array(code), chroms), start, start + 200,
            ]  # fmt: skip
            own = [activity + 0.6 * _noise(rng, len(rows)) for _ in names]
            columns += [(one > 0).astype(np.int8) for one in own]
            columns += [0.5 * activity + 0.1 * one + 0.3 * _noise(rng, len(rows)) for one in own]
            writer.write_table(pa.table(dict(zip(schema.names, columns, strict=True)), schema))


def _noise(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.standard_normal(n, dtype=np.float32)


def read_columns(path: Path) -> None:
    """Read the columns of labels and scores with pyarrow, group by group, and drop them."""
    pa.set_cpu_count(1)
    file = pq.ParquetFile(path)
    names = [name for name in file.schema_arrow.names if ":" in name]
    for group in range(file.num_row_groups):
        file.read_row_group(group, columns=names, use_threads=False)


def rank_columns(path: Path) -> None:
    """Read, sort and score: AP, expected AP and AUROC of every column."""
    scale.column_scores(path, memory="512 MiB")


def rank_everything(path: Path) -> None:
    """Check, store, and score models and baselines, with the jackknife and strata."""
    rank_only(path, train="leave-one-out")


def audit_whole(path: Path) -> None:
    """Audit everything."""
    scale.audit(path, train="leave-one-out")


PARTS: dict[str, Callable[[Path], None]] = {
    "read": read_columns,
    "rank": rank_columns,
    "strata": rank_everything,
    "audit": audit_whole,
}


def child(part: str, path: str) -> None:
    """Measure one part in this process, and print CPU seconds and bytes above the start.

    What is imported by then counts as the start.
    """
    before = peak_bytes()
    cpu, wall = time.process_time(), time.perf_counter()
    PARTS[part](Path(path))
    found = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "bytes": peak_bytes() - before,
    }
    print(json.dumps(found))


def peak_bytes() -> int:
    """The most memory that this program has held.

    Not what `resource` says: on Linux that begins with the memory of the process that started it.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def measure(part: str, path: Path) -> dict[str, float]:
    """Measure one part in a fresh process on one core."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.scale", "--child", part, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def best_of(rounds: int, part: str, path: Path) -> dict[str, float]:
    """Measure one part in some processes: the least time, and the largest peak."""
    found = [measure(part, path) for _ in range(rounds)]
    return {
        "cpu": min(one["cpu"] for one in found),
        "bytes": max(one["bytes"] for one in found),
    }


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    found, costs = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for n in FULL if full else QUICK:
            path = Path(folder, f"{n}.parquet")
            write_table(path, n)
            parts = {part: best_of(ROUNDS.get(part, 1), part, path) for part in PARTS}
            path.unlink()
            costs[n] = parts["audit"]["cpu"]
            found += _rows(n, parts)
    if not full:
        return found
    sizes = np.log(list(costs))
    slope = float(np.polyfit(sizes, np.log(list(costs.values())), 1)[0])
    found.append(
        Row(
            name=f"log-log slope of the audit, {min(costs):,} to {max(costs):,} loci",
            peer="linear cost",
            ratio=slope,
            bound=1.05,
            unit="slope",
            at_most=True,
        )
    )
    return found


def _rows(n: int, parts: dict[str, dict[str, float]]) -> list[Row]:
    """Lines of one size: multiples of reading, and memory."""
    cpu = {part: found["cpu"] for part, found in parts.items()}
    costs = {
        "ranking part (read, sort, AP, expected AP, AUROC)": cpu["rank"],
        "store, jackknife, strata and baselines": cpu["strata"] - cpu["rank"],
        "information test": cpu["audit"] - cpu["strata"],
        "audit": cpu["audit"],
    }
    found = [
        Row(
            name=f"{name}, {n:,} x {N_CELL_TYPES}",
            peer="reading the columns with pyarrow",
            ours=cost,
            theirs=cpu["read"],
            ratio=cost / cpu["read"],
            bound=RANKING_BOUND if name.startswith("ranking") and n >= RANKING_FROM else None,
            unit="times reading",
            at_most=True,
            n=n,
        )
        for name, cost in costs.items()
    ]
    found += [
        Row(
            name=f"memory of the {name}, {n:,} x {N_CELL_TYPES}",
            peer="above the start",
            ratio=parts[part]["bytes"] / 2**30,
            bound=MEMORY_BOUND if n >= MEMORY_FROM else None,
            unit="GiB",
            at_most=True,
            recordable=n >= MEMORY_FROM,  # below, it is what modules take
            n=n,
        )
        for part, name in (("rank", "ranking part"), ("audit", "audit"))
    ]
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:4])
        sys.exit(0)
    sys.exit(run("Audits out of core.", rows))
