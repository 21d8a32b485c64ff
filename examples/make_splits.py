"""Hold out chromosomes, cell types, or both: scikit-learn splitters for the three settings."""

import sys

import numpy as np
import pandas as pd

from leakcheck.simulate import epigenome
from leakcheck.splits import CrossCellType, CrossChromosome, Hybrid

world = epigenome(n_loci=500, random_state=0)
pairs = world.loci.merge(pd.DataFrame({"celltype": world.cell_types}), how="cross")
chromosomes, cell_types = CrossChromosome(5, validation="next"), CrossCellType(4, validation="next")
splitters = {
    "cross-chromosome": chromosomes,
    "cross-cell-type": cell_types,
    "hybrid": Hybrid(chromosomes, cell_types),
}
first = {
    name: next(splitter.split_with_validation(groups=pairs)) for name, splitter in splitters.items()
}
for name, parts in first.items():
    print(f"{name}: {splitters[name].get_n_splits(groups=pairs)} splits")
    print("  of the first, train, validation, test pairs:", *map(len, parts))
print()
print(splitters["hybrid"])

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt
    from matplotlib.colors import ListedColormap

    colours = ListedColormap(["white", "#c8c8c8", "#56B4E9", "#D55E00"])
    figure, axes = plt.subplots(1, 3, figsize=(8, 3.4), sharey=True, layout="constrained")
    for ax, (name, parts) in zip(axes, first.items(), strict=True):
        part_of = np.zeros(len(pairs))
        for number, rows in enumerate(parts, start=1):
            part_of[rows] = number
        ax.imshow(part_of.reshape(len(world.loci), -1), aspect="auto", cmap=colours, vmin=0, vmax=3,
                  interpolation="nearest")  # fmt: skip
        ax.set(title=name, xlabel="cell types", xticks=[], yticks=[])
    axes[0].set_ylabel("loci")
    for name, colour in zip(("train", "validation", "test"), colours.colors[1:], strict=True):
        axes[0].plot([], [], "s", color=colour, label=name)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(sys.argv[-1])
