"""Where a memoriser fails: inside groups of loci that are equally active on average."""

import sys

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=2)
targets = world.held_out(1)
references = [name for name in world.cell_types if name not in targets]
preds = {name: predict(world, name, targets) for name in ("memoriser", "honest-weak")}
report = leakcheck.audit(preds, world.labels, world.loci, train=references)

rows = report.scores
overall = rows[rows["metric"] == "auroc"].set_index("model")["value"]
inside = rows[rows["metric"] == "conditional_auroc"].set_index("model")["value"]
for model in ("average-activity", "memoriser", "honest-weak"):
    print(f"{model:18} AUROC {overall[model]:.3f}, inside activity counts {inside[model]:.3f}")

if "--figure" in sys.argv:
    report.plot_strata(metric="auroc")[0].figure.savefig(sys.argv[-1])
