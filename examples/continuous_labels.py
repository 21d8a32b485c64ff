"""Signal instead of calls: mean squared error against the average, on a transformed scale."""

import sys

import numpy as np

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=5)
targets = world.held_out(2)
references = [name for name in world.cell_types if name not in targets]
labels = np.arcsinh(world.signal)

# Predictions on the scale of the labels, as a regression model gives them.
spread = labels.to_numpy().std() / world.latent.std()
centre = labels.to_numpy().mean() - world.latent.mean() * spread
preds = {
    name: predict(world, name, targets) * spread + centre for name in ("honest-strong", "mixture")
}
report = leakcheck.audit(preds, labels, world.loci, train=references)

rows = report.verdict[report.verdict["baseline"] == "average-activity"]
print(rows[["model", "target", "metric", "skill", "verdict"]].to_string(index=False))

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
