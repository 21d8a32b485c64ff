"""How fast one core reads a data set, and audits a target: the numbers behind a plan on paper.

    python -m benchmarks._throughput

writes docs/scale-throughput.txt. CPU time, one process, data written here; bytes are what the
operating system was asked for (Linux only).
"""

import pickle
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from leakcheck import scale
from leakcheck.scale import run
from leakcheck.scale.runner import LocalRunner

KEPT = Path(__file__).resolve().parents[1] / "docs" / "scale-throughput.txt"
N_CHROMOSOMES, N_CELL_TYPES = 22, 24
N_LOCI = N_CHROMOSOMES * 47_000
N_TARGETS = 1
MODELS = (1, 9)
REPEATS = 3  # the least of them counts: others share the machine


class Timed(LocalRunner):
    """Runs tasks here, and keeps what each stage took."""

    seconds: dict[str, float]
    n_bytes: dict[str, int]
    results: list

    def __init__(self):
        Timed.seconds, Timed.n_bytes = {}, {}

    def map(self, function, items, *, done=None, what="tasks"):
        start, read = time.process_time(), bytes_read()
        found = super().map(function, items, done=done, what=what)
        Timed.seconds[what] = time.process_time() - start
        Timed.n_bytes[what] = bytes_read() - read
        Timed.results = found
        return found


def bytes_read() -> int:
    """Bytes that this process has asked for."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def write(path: Path, n_models: int) -> list[str]:
    """Binary labels of cell types that are alike, float32 scores; a row group a chromosome."""
    rng = np.random.default_rng(0)
    cells = [f"c{number}" for number in range(N_CELL_TYPES)]
    size = N_LOCI // N_CHROMOSOMES
    writer = None
    for chrom in range(N_CHROMOSOMES):
        common = rng.normal(size=size)
        columns = {
            "chrom": pa.array([f"chr{chrom + 1}"] * size).dictionary_encode(),
            "start": np.arange(size) * 200,
            "end": np.arange(size) * 200 + 200,
        }
        for cell in cells:
            columns[f"label:{cell}"] = (common + rng.normal(size=size) > 1).astype(np.int8)
        for model in range(n_models):
            for cell in cells[:N_TARGETS]:
                noise = rng.normal(size=size)
                scores = (columns[f"label:{cell}"] + noise).astype(np.float32)
                columns[f"prediction:m{model}:{cell}"] = scores
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()
    return cells[N_TARGETS:]


def measure() -> dict[str, tuple[float, str]]:
    """Audit with one model and with several; the difference is what a model takes."""
    seconds, n_bytes = {}, {}
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(run, "LocalRunner", Timed):
        for n_models in MODELS:
            path = Path(folder, f"{n_models}.parquet")
            references = write(path, n_models)
            runs = []
            for _ in range(REPEATS):
                scale.audit(path, train=references, scratch=folder)
                runs.append(Timed.seconds)
            seconds[n_models] = {what: min(run[what] for run in runs) for what in runs[0]}
            n_bytes[n_models] = Timed.n_bytes
            result = len(pickle.dumps(Timed.results)) / (N_TARGETS * n_models)
    few, many = MODELS
    audited, extra = N_LOCI * N_TARGETS, many - few
    values = N_LOCI * (N_CELL_TYPES + many * N_TARGETS)
    ingest = seconds[many]["reading"] + seconds[many]["columns"]
    model = (seconds[many]["targets"] - seconds[few]["targets"]) / extra
    model_bytes = (n_bytes[many]["targets"] - n_bytes[few]["targets"]) / extra
    target = seconds[few]["targets"] - few * model
    target_bytes = n_bytes[few]["targets"] - few * model_bytes
    references = N_CELL_TYPES - N_TARGETS
    return {
        "ingest_values_per_second": (values / ingest, "labels and scores, read and stored"),
        "target_row_references_per_second": (
            audited * references / target,
            "loci x reference cell types of a target, without models",
        ),
        "model_rows_per_second": (audited / model, "loci of a target, for each model"),
        "label_passes": (target_bytes / audited / references, "bytes read for each of these"),
        "score_passes": (
            model_bytes / audited / 4,
            "float32 scores read for each of these",
        ),
        "result_bytes_per_model": (result, "what comes back of a target"),
    }


def main() -> int:
    """Measure and keep."""
    size = f"{N_LOCI:,} loci x {N_CELL_TYPES} cell types"
    lines = [f"# One core, {size}; written by python -m benchmarks._throughput"]
    lines += [f"{name} {value:.3g}  # {what}" for name, (value, what) in measure().items()]
    text = "\n".join(lines) + "\n"
    KEPT.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
