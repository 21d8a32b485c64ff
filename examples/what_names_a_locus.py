"""What could a model memorise with? Features that are the same in all cell types name the locus."""

import sys

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.features_check import count_distinguished_loci
from leakcheck.simulate import epigenome

world = epigenome(n_loci=1_000, n_cell_types=8, random_state=0)
n_loci, n_cell_types = world.labels.shape
rng = np.random.default_rng(0)
per_locus = {"GC content": rng.beta(8, 8, n_loci).round(3), "CpG island": rng.random(n_loci) < 0.3}
features = pd.DataFrame({name: np.repeat(v, n_cell_types) for name, v in per_locus.items()})
features["H3K4me3"] = world.latent.ravel() + rng.standard_normal(n_loci * n_cell_types)
loci = np.repeat(world.loci.index, n_cell_types)
cell_types = np.tile(world.cell_types, n_loci)

found = leakcheck.constant_features(features, loci, cell_types)
print(found[["feature", "constant", "n_values", "tells_loci_apart"]].to_string(index=False))
n_alone, n_all = count_distinguished_loci(features, loci, cell_types)
print(
    f"{n_alone} of {n_all} loci have a name of their own: nobody else has their constant features"
)

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    ax = found.set_index("feature")["share_of_loci_constant"].plot.barh(figsize=(6, 2.4))
    ax.set_xlabel("share of loci where it is the same in all cell types")
    plt.tight_layout()
    plt.savefig(sys.argv[-1])
