"""Two models with excellent scores: which of them knows the cell type?"""

import sys

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=1)
targets = world.held_out(4)
references = [name for name in world.cell_types if name not in targets]
preds = {name: predict(world, name, targets) for name in ("memoriser", "honest-strong")}

report = leakcheck.audit(preds, world.labels, world.loci, train=references, signal=world.signal)
print(report)

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
