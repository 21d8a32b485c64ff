"""Neighbouring loci are not independent: two intervals for a difference that is truly zero."""

import sys

import numpy as np
from scipy.special import stdtrit

from leakcheck import auroc
from leakcheck.base.resampling import jackknife
from leakcheck.simulate import autoregression, epigenome

N_RUNS, N_DRAWS = 60, 100
found = []
for run in range(N_RUNS):
    # Two models that are equally good: the same truth, under noise of the same kind.
    world = epigenome(n_loci=1_500, n_cell_types=8, autocorrelation=0.9, random_state=run)
    rng = np.random.default_rng(1_000 + run)
    chrom = world.loci["chrom"].factorize()[0]
    sizes = np.bincount(chrom)
    noise = autoregression(sizes, 2, 0.9, rng)
    y, models = world.labels["C01"].to_numpy(bool), world.latent[:, :1] + noise

    def difference(rows, y=y, models=models):
        """AUROC of the first model less that of the second."""
        return auroc(y[rows], models[rows, 0]) - auroc(y[rows], models[rows, 1])

    own = difference(np.arange(len(y)))
    by_locus = np.std([difference(rng.integers(len(y), size=len(y))) for _ in range(N_DRAWS)])
    without = np.array([difference(chrom != block) for block in range(len(sizes))])
    by_chromosome = jackknife(own, without, sizes)
    reach = stdtrit(by_chromosome.degrees_of_freedom, 0.95) * by_chromosome.standard_error
    found.append((own, 1.645 * by_locus, reach))

own, loci, chromosomes = np.array(found).T
print(f"of {N_RUNS} 90% intervals, this share misses the truth, which is 0 (10% would be right):")
print(f"  loci taken as independent:      {np.mean(np.abs(own) > loci):.0%}")
print(f"  jackknife over the chromosomes: {np.mean(np.abs(own) > chromosomes):.0%}")

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, figsize=(7, 4.2), sharey=True, layout="constrained")
    places, order = np.arange(N_RUNS), np.argsort(own)
    for ax, reach, title in (
        (axes[0], loci, "loci taken as independent"),
        (axes[1], chromosomes, "jackknife over chromosomes"),
    ):
        colours = np.where(np.abs(own) > reach, "#D55E00", "#8c8c8c")[order]
        ax.vlines(places, (own - reach)[order], (own + reach)[order], color=colours, lw=1.5)
        ax.axhline(0, color="black", lw=1)
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_xticks([])
    axes[1].set_xlabel("simulated studies; orange: the interval misses 0")
    figure.supylabel("difference of AUROC", fontsize=10)
    figure.savefig(sys.argv[-1])
