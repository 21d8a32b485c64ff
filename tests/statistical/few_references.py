"""One replicate of the simulation in which few cell types have labels, and nothing else."""

import leakcheck
from tests.statistical.scenarios import draw_world

#: Reference cell types of each target.
REFERENCES = (2, 3, 4, 5, 6, 8)
#: Weight of the neighbouring loci beside a locus's own average.
NEAR = 0.3


def few(seed, *, n_references):
    """Audit the average of few calls, its ties ordered by the neighbouring loci."""
    rng, world, _, _ = draw_world(seed)
    names = sorted(rng.permutation(world.cell_types)[: n_references + 1])
    labels = world.labels[names].astype(float)
    average = (labels.sum(axis=1).to_numpy()[:, None] - labels) / n_references
    grouped = average.groupby(world.loci["chrom"], sort=False)
    beside = (grouped.shift(1).fillna(average) + grouped.shift(-1).fillna(average)) / 2
    preds = {"ordered": average + NEAR * beside}
    report = leakcheck.audit(preds, labels, world.loci, train="leave-one-out")
    return {
        "useful": (report.information["utility"] == "beats-both").mean(),
        "specific": (report.information["specificity"] == "cell-type-specific").mean(),
        "warned": float("LK004" in set(report.findings["code"])),
    }
