"""A copy of a similar cell type beats the average activity. It does not beat that cell type."""

import sys

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=8)
targets = world.held_out(2)
references = [name for name in world.cell_types if name not in targets]
preds = {name: predict(world, name, targets) for name in ("rough-copier", "honest-strong")}
report = leakcheck.audit(preds, world.labels, world.loci, train=references, signal=world.signal)

for row in report.design.itertuples():
    print(f"{row.target}: nearest {row.nearest}, correlation {row.nearest_correlation:.2f}")
for row in report.information.itertuples():
    print(f"{row.model} in {row.target}: {row.conclusion}")

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
