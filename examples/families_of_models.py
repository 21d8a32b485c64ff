"""Ten models of one family against ten of another, stratum by stratum, as the paper's Figure S3."""

import sys

import numpy as np

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=3)
targets = world.held_out(1)
references = [name for name in world.cell_types if name not in targets]
rng = np.random.default_rng(0)
preds = {
    family: {f"{family}-{i}": predict(world, kind, targets, random_state=rng) for i in range(10)}
    for family, kind in (("sequence", "memoriser"), ("signal", "honest-weak"))
}
report = leakcheck.audit(preds, world.labels, world.loci, train=references)

rows = report.comparisons
rows = rows[(rows["family_a"] == "signal") & (rows["pvalue"].notna())]
whole = rows[rows["stratum"] == "all"].iloc[0]
strata = rows[rows["stratum"] != "all"]
won = (strata["pvalue_adjusted"] < 0.05).sum()
print(f"all loci: signal minus sequence {whole['difference']:+.3f} expected AP")
print(f"inside activity counts: signal is better in {won} of {len(strata)} groups")

if "--figure" in sys.argv:
    report.plot_strata()[0].figure.savefig(sys.argv[-1])
