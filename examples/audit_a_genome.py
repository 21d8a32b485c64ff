"""Audit a table that need not fit in memory: it is written and read a chromosome at a time."""

import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(n_loci=3_000, n_cell_types=8, random_state=0)
targets = world.held_out(2)
references = [cell for cell in world.cell_types if cell not in targets]
models = {
    kind: predict(world, kind, targets, random_state=0) for kind in ("memoriser", "honest-strong")
}


def rows_of(chrom):
    """Loci of a chromosome, a column of labels for each cell type, a column for each prediction."""
    rows = world.loci.index[world.loci["chrom"] == chrom]
    table = world.loci.loc[rows].reset_index(drop=True)
    for cell in world.cell_types:
        table[f"label:{cell}"] = world.labels.loc[rows, cell].to_numpy("int8")
    for model, scores in models.items():
        for cell in targets:
            table[f"prediction:{model}:{cell}"] = scores.loc[rows, cell].to_numpy("float32")
    return pa.Table.from_pandas(table, preserve_index=False)


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "genome.parquet")
    chromosomes = world.loci["chrom"].unique()
    with pq.ParquetWriter(path, rows_of(chromosomes[0]).schema) as file:
        for chrom in chromosomes:
            file.write_table(rows_of(chrom))  # one row group each

    report = leakcheck.scale.audit(path, train=references, memory="512 MiB", scratch=folder)
    print(report)

    # A reader in a hurry: exact average precision without the rest of the audit.
    for (model, target), counts in leakcheck.scale.rank_counts(path).items():
        print(f"{model:<15}{target:<10} average precision {counts.average_precision():.3f}")

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
