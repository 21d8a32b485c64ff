"""Audit predictions in a layer of an AnnData: cell types are observations, loci variables."""

import sys

import anndata
import numpy as np
import pandas as pd

import leakcheck
from leakcheck.adapters import evaluation_set_from_anndata
from leakcheck.simulate import epigenome, predict

world = epigenome(n_loci=1_000, random_state=0)
targets = world.held_out(2)
scores = np.full(world.labels.shape, np.nan)
for target in targets:
    column = world.cell_types.index(target)
    scores[:, column] = predict(world, "honest-strong", [target], random_state=0)[target]

cells = pd.DataFrame({"training": ~np.isin(world.cell_types, targets)}, index=world.cell_types)
loci = world.loci.set_axis(world.loci.index.astype(str))
data = anndata.AnnData(world.labels.to_numpy(float).T, obs=cells, var=loci)
data.layers["network"] = scores.T

report = leakcheck.audit(evaluation_set_from_anndata(data, predictions="network", train="training"))
print(report)

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
