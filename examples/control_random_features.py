"""Replace the sequence by random numbers. If the performance stays, it was memory."""

import sys

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

import leakcheck
from leakcheck.controls import random_features, read_control
from leakcheck.simulate import epigenome

world = epigenome(n_loci=1_500, random_state=7)
targets = world.held_out(4)
references = [name for name in world.cell_types if name not in targets]
sequence = np.random.default_rng(0).standard_normal((len(world.loci), 16))  # what a network reads


def audit_trained_on(features):
    """Train on pairs of a locus and a reference cell type, and audit."""
    n = len(references)
    model = KNeighborsClassifier(n).fit(
        np.repeat(features, n, axis=0), world.labels[references].to_numpy().ravel()
    )
    chance = model.predict_proba(features)[:, 1]
    preds = pd.DataFrame(dict.fromkeys(targets, chance), index=world.labels.index)
    return leakcheck.audit({"model": preds}, world.labels, world.loci, train=references)


real = audit_trained_on(sequence)
control = audit_trained_on(random_features(world.loci, 16))
reading = read_control(real, control, control="random-features")
print(reading)

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    table = reading.table
    figure, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    ax.axvspan(0.9, 1.1, color="#eeeeee", lw=0)
    ax.hlines(table["target"], table["kept_low"], table["kept_high"], lw=2)
    ax.plot(table["kept"], table["target"], "o")
    ax.set_xlabel("share of the performance that is kept with random features")
    figure.savefig(sys.argv[-1])
