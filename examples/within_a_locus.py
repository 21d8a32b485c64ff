"""Does a model order two cell types at one locus as their labels do? A memoriser cannot."""

import sys

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=4)
targets = world.held_out(4)
references = [name for name in world.cell_types if name not in targets]
names = ("memoriser", "offset-memoriser", "random", "honest-weak")
preds = {name: predict(world, name, targets) for name in names}
report = leakcheck.audit(preds, world.labels, world.loci, train=references)

for row in report.within_locus.itertuples():
    print(
        f"{row.model:17} {row.concordance:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}] "
        f"p = {row.pvalue:.2g}"
    )

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    table = report.within_locus
    figure, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
    ax.axvline(0.5, color="black", lw=1)
    ax.hlines(table["model"], table["ci_low"], table["ci_high"], lw=2)
    ax.plot(table["concordance"], table["model"], "o")
    ax.set_xlabel("pairs of cell types in the right order; a coin has 0.5")
    figure.savefig(sys.argv[-1])
