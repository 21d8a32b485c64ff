"""The audit of a referee in Python."""

from pathlib import Path

import write_review  # noqa: F401 - writes the files; not needed with yours

import leakcheck
from leakcheck.adapters import read_table

scores, labels = read_table("supplement.csv"), read_table("public_labels.csv")
signal = read_table("public_signal.csv")
training = Path("training.txt").read_text().split()

keys = ["chrom", "start", "end", "celltype"]
table = labels.merge(signal, on=keys).merge(scores, how="left", on=keys)
report = leakcheck.audit(
    "score",
    "label",
    ("chrom", "start", "end"),
    "celltype",
    data=table,
    signal="signal",
    train=training,
)
print(report.information[["model", "target", "conclusion"]].to_string(index=False))
