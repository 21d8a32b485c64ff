"""Audit a long table in Parquet; columns that the audit does not need are not read."""

import sys
import tempfile
from pathlib import Path

import pandas as pd

import leakcheck
from leakcheck.adapters import evaluation_set_from_parquet
from leakcheck.simulate import epigenome, predict

world = epigenome(n_loci=1_000, random_state=0)
targets = world.held_out(2)
scores = predict(world, "memoriser", targets, random_state=0)

table = pd.DataFrame({"label": world.labels.stack(), "pred": scores.stack()})
table.index.names = ["locus", "celltype"]
table = table.join(world.loci.rename_axis("locus")).reset_index()

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "predictions.parquet")
    table.to_parquet(path)
    report = leakcheck.audit(evaluation_set_from_parquet(path, predictions=["pred"]))
print(report)

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
