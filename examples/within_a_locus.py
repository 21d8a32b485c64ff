"""Does a model order two cell types at one locus as their labels do? A memoriser cannot."""

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
