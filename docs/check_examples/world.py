"""The small world that the examples of all codes begin with."""

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=0)  # 3,000 loci in 24 cell types
labels, loci, signal = world.labels, world.loci, world.signal
targets = world.held_out(2)
references = [name for name in world.cell_types if name not in targets]
honest = predict(world, "honest-strong", targets)
memoriser = predict(world, "memoriser", targets)

#: every (locus, cell type) pair as a row, for `detect_design`
pairs = loci.merge(pd.DataFrame({"celltype": world.cell_types}), how="cross")
new = pairs["celltype"].isin(targets)

__all__ = [
    "honest",
    "labels",
    "leakcheck",
    "loci",
    "memoriser",
    "new",
    "np",
    "pairs",
    "pd",
    "predict",
    "references",
    "signal",
    "targets",
    "world",
]
