"""Does the score say anything that the references do not? A naive test, and leakcheck's."""

import sys

import numpy as np
import pandas as pd
from scipy.stats import pearsonr, rankdata

import leakcheck
from leakcheck.simulate import epigenome, predict

MODELS = ("memoriser", "smoothed-average", "random-weights", "random", "mixture", "honest-weak")
world = epigenome(random_state=9)
targets = world.held_out(4)
references = [name for name in world.cell_types if name not in targets]
preds = {name: predict(world, name, targets) for name in MODELS}
report = leakcheck.audit(preds, world.labels, world.loci, train=references, signal=world.signal)

# Naive: does the score still correlate with the labels when the average is taken out of both?
average = rankdata(world.labels[references].mean(axis=1))
naive = dict.fromkeys(MODELS, 0)
for model in MODELS:
    for target in targets:
        ranks = rankdata(preds[model][target]), world.labels[target].to_numpy(float)
        left = [values - np.polyval(np.polyfit(average, values, 1), average) for values in ranks]
        naive[model] += pearsonr(*left, alternative="greater").pvalue < 0.05
specific = report.information["specificity"] == "cell-type-specific"
found = specific.groupby(report.information["model"]).sum().astype(int)
table = pd.DataFrame({"partial correlation": naive, "information test": found}).loc[list(MODELS)]
print("called cell-type-specific, of 4 targets (only the last two models know them):")
print(table.to_string())

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    ax.axvspan(-9, 1.72, color="#eeeeee", lw=0)  # above 5% one-sided, 21 degrees of freedom
    rows = report.information
    ax.plot(rows["statistic"].clip(-9), rows["model"], "o", alpha=0.7)
    ax.invert_yaxis()
    ax.set_xlabel("statistic of the information test; grey: not significant")
    figure.savefig(sys.argv[-1])
