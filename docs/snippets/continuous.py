"""Continuous labels: error against the average, the scale, and the anomaly correlation."""

import numpy as np

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=5)
targets = world.held_out(2)
references = [name for name in world.cell_types if name not in targets]
labels = np.arcsinh(world.signal)

# The same ranking of loci on the scale of the labels, and on a straight line through them
score = predict(world, "honest-strong", targets)
inactive = np.quantile(world.latent, 0.35)  # below it a locus is not active
line = labels.to_numpy().std() / world.latent.std()
preds = {
    "right scale": np.arcsinh(0.5 * np.exp(2 * (score - inactive))),
    "wrong scale": labels.to_numpy().mean() + line * (score - world.latent.mean()),
    "noise": labels.to_numpy().mean() + 0.1 * predict(world, "random", targets),
}
report = leakcheck.audit(preds, labels, world.loci, train=references)

verdict = report.verdict[report.verdict["baseline"] == "average-activity"]
columns = ["model", "target", "model_value", "baseline_value", "skill", "verdict", "flag"]
print(verdict[columns].round(3).to_string(index=False))
print()
rows = report.scores[report.scores["target"] == targets[0]]
shown = ["mse", "pearson", "spearman", "r2", "msevar", "anomaly_correlation"]
table = rows.pivot_table(index="model", columns="metric", values="value")[shown]
print(table.loc[[*preds, "average-activity", "nearest-celltype"]].round(3).to_string())
