"""The memoriser at all loci, and inside loci that are equally active on average."""

import numpy as np

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=0)
targets = world.held_out(1)
references = [name for name in world.cell_types if name not in targets]
rng = np.random.default_rng(0)
preds = {
    name: predict(world, name, targets, random_state=rng)
    for name in ("memoriser", "honest-weak", "honest-strong", "random")
}
report = leakcheck.audit(preds, world.labels, world.loci, train=references)

design = report.design.iloc[0]
print(
    f"{design.n_loci} loci: active in no reference {design.n_never_active}, in all "
    f"{design.n_always_active}, variable {design.n_variable}"
)
shown = ["expected_average_precision", "auroc", "conditional_auroc", "spearman_with_average"]
table = report.scores.pivot_table(index="model", columns="metric", values="value")[shown]
table.columns = ["AP", "AUROC", "AUROC within strata", "correlation with average"]
order = ["average-activity", "memoriser", "honest-weak", "honest-strong", "random"]
print(table.loc[order].round(3).to_string(na_rep=""))
