"""A plan on paper: tasks, bytes and time of an audit that nobody has run yet.

Every time follows from throughputs that were measured on one core; they are in
docs/scale-throughput.txt, which `python -m benchmarks._throughput` writes.
"""

from pathlib import Path

LOCI, CELL_TYPES, MODELS = 120_000_000, 50, 20  # 25 bp bins of the genome, leave-one-out
WORKERS = (1, 16, 64)
ROWS_PER_GROUP = 1 << 20  # a row group as most programs write it
HOUR, GB = 3600, 1e9

file = Path(__file__).resolve().parents[1] / "scale-throughput.txt"
lines = (line.partition("#")[0].split() for line in file.read_text(encoding="utf-8").splitlines())
measured = {line[0]: float(line[1]) for line in lines if line}

row_groups = -(-LOCI // ROWS_PER_GROUP)
pieces = row_groups * CELL_TYPES  # wide row groups are read one cell type at a time
values = LOCI * CELL_TYPES * (1 + MODELS)
store = LOCI * CELL_TYPES * (1 + 4 * MODELS)  # one byte a label, four a score
of_target = LOCI * (CELL_TYPES * measured["label_passes"] + 4 * MODELS * measured["score_passes"])
results = CELL_TYPES * MODELS * measured["result_bytes_per_model"]

ingest = values / measured["ingest_values_per_second"]
target = LOCI * CELL_TYPES / measured["target_row_references_per_second"]
models = LOCI * MODELS / measured["model_rows_per_second"]

print(f"{LOCI:,} loci x {CELL_TYPES} cell types x {MODELS} models, leave-one-out")
print()
print(f"{'stage':<24}{'tasks':>8}{'core hours':>12}  read and written")
print(
    f"{'read the source':<24}{pieces + CELL_TYPES:>8,}{ingest / HOUR:>12,.1f}  "
    f"{2 * store / GB:,.0f} GB"
)
print(
    f"{'audit the targets':<24}{CELL_TYPES:>8,}{CELL_TYPES * (target + models) / HOUR:>12,.1f}  "
    f"{CELL_TYPES * of_target / GB:,.0f} GB"
)
print(f"{'results to the client':<24}{'':>8}{'':>12}  {results / GB:,.4f} GB")
print()
print(f"scratch folder {store / GB:,.0f} GB; one target takes {(target + models) / HOUR:.1f} hours")
for workers in WORKERS:
    rounds = -(-CELL_TYPES // workers)  # a target is one task
    hours = (ingest / workers + rounds * (target + models)) / HOUR
    speed = (2 * store + CELL_TYPES * of_target) / (hours * HOUR) / GB
    print(f"{workers:>4} workers: {hours:>8,.1f} hours, {speed:>6.2f} GB a second from the scratch")
