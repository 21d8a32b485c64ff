"""Raw average precision in strata: the prevalence moves it more than the model does."""

import numpy as np

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(n_loci=12_000, random_state=0)
targets = world.held_out(1)
references = [name for name in world.cell_types if name not in targets]
rng = np.random.default_rng(0)
preds = {
    name: predict(world, name, targets, random_state=rng)
    for name in ("memoriser", "honest-weak", "honest-strong", "random")
}
report = leakcheck.audit(preds, world.labels, world.loci, train=references)

rows = report.strata[report.strata["reason"] == ""]
rows = rows.assign(stratum=rows["stratum"].astype(int))
ap = rows[rows["metric"] == "expected_average_precision"]
auroc = rows[rows["metric"] == "auroc"]
table = ap.groupby("stratum")[["n_loci", "prevalence", "no_skill"]].first()
for name in ("random", "honest-weak"):
    table[f"AP {name}"] = ap[ap["model"] == name].set_index("stratum")["value"]
    table[f"AUROC {name}"] = auroc[auroc["model"] == name].set_index("stratum")["value"]
print(table.loc[[2, 7, 12, 17, 22]].round(3).to_string())
print()
mean = table["AP random"].mean()
print(f"Mean over {len(table)} strata of the AP of a random score: {mean:.3f}")
scores = report.scores[report.scores["metric"] == "conditional_auroc"].set_index("model")["value"]
for name in ("average-activity", "random", "honest-weak"):
    print(f"AUROC within strata (van Elteren's weights), {name}: {scores[name]:.3f}")
