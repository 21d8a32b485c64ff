"""What does a split test, and what may be claimed from it?"""

import sys

import pandas as pd

import leakcheck
from leakcheck.simulate import epigenome

world = epigenome(n_loci=500, random_state=0)
pairs = world.loci.merge(pd.DataFrame({"celltype": world.cell_types}), how="cross")
chr1, own = pairs["chrom"] == "chr1", pairs["celltype"] == "C01"
at_random = pd.Series(range(len(pairs))) % 5 == 0
splits = {
    "a cell type": (~own, own),
    "a chromosome": (~chr1, chr1),
    "both together": (~chr1 & ~own, chr1 & own),
    "either": (~chr1 & ~own, chr1 | own),
    "pairs at random": (~at_random, at_random),
}
designs = {
    held_out: leakcheck.detect_design(pairs[train], pairs[test])
    for held_out, (train, test) in splits.items()
}
for held_out, design in designs.items():
    print(f"{held_out:16} held out: {design.setting}, {design.share:.0%} of the test pairs")

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    shares = pd.DataFrame(
        {name: design.shares.set_index("setting")["share"] for name, design in designs.items()}
    ).fillna(0.0)
    ax = shares.T.plot.barh(stacked=True, figsize=(7, 3.2), width=0.7)
    ax.invert_yaxis()
    ax.set(xlabel="share of the test pairs", ylabel="held out")
    ax.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    plt.tight_layout()
    plt.savefig(sys.argv[-1])
