"""Every cell type in turn: how well do the baselines do, and which cell types are alike?"""

import sys

import pandas as pd

import leakcheck
from leakcheck.simulate import epigenome

world = epigenome(random_state=6)
count = world.labels.sum(axis=1)
average = pd.DataFrame({name: count - world.labels[name] for name in world.labels}) * 1.0
report = leakcheck.audit(average, world.labels, world.loci, train="leave-one-out")

rows = report.scores[report.scores["metric"] == "average_precision"]
wide = rows.pivot_table(index="target", columns="model", values="value")
wide["nearest"] = report.design.set_index("target")["nearest"]
columns = ["average-activity", "nearest-celltype", "supervised-ceiling", "nearest"]
print(wide[columns].round(3).to_string())

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for name, marker in zip(columns[:3], ("o", "s", "_"), strict=True):
        ax.plot(wide.index, wide[name], marker, ms=6, label=name)
    ax.tick_params(axis="x", rotation=90)
    ax.set(xlabel="target", ylabel="average precision")
    ax.legend(frameon=False)
    figure.savefig(sys.argv[-1])
