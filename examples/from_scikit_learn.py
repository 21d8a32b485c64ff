"""Train a scikit-learn model on all cell types but one, in turn, and audit it on that one."""

import sys

import numpy as np
from sklearn.linear_model import LogisticRegression

import leakcheck
from leakcheck.simulate import epigenome
from leakcheck.splits import CrossCellType

world = epigenome(n_loci=1_000, n_cell_types=8, random_state=0)
n_loci, n_cell_types = world.labels.shape
labels = world.labels.to_numpy().ravel()
loci = world.loci.loc[np.repeat(world.loci.index, n_cell_types)]
cell_types = np.tile(world.cell_types, n_loci)

# Two noisy assays of each pair: what a model may use that is particular to the cell type.
noise = np.random.default_rng(0).standard_normal((labels.size, 2))
features = world.latent.reshape(-1, 1) + 0.8 * noise

audited = leakcheck.audit_estimator(
    LogisticRegression(), features, labels, loci, cell_types, cv=CrossCellType("leave-one-out")
)
print(audited.reports[0])

if "--figure" in sys.argv:
    audited.reports[0].plot_scores().figure.savefig(sys.argv[-1])
