"""One replicate of each simulation in which some labels are not there."""

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.simulate import predict
from tests.statistical.scenarios import MEMORISERS, draw_world

#: Two labels in five of the references are missing, at random.
GAPS = {"n_loci": 6_000}
GAP_SHARE = 0.4
#: Targets are audited on three of the 22 chromosomes of their references.
HELD_OUT = {"n_loci": 9_000}
HELD_OUT_CHROMOSOMES = ("chr1", "chr8", "chr21")
#: Every cell type is a target, and silent on chromosomes that were not measured.
SILENT = {"n_cell_types": 8}
N_SILENT_CELL_TYPES, N_SILENT_CHROMOSOMES = 5, 4
LEANED = ("average-with-prior", "filled-average", "number-of-labels")


def gaps(seed):
    """Audit what leans the average to the mean where few labels are known, without a signal."""
    rng, world, targets, references = draw_world(seed, **GAPS)
    labels = world.labels.astype(float)
    hidden = rng.random((len(labels), len(references))) < GAP_SHARE
    hidden[hidden.all(axis=1), 0] = False
    labels[references] = labels[references].mask(hidden)
    table = labels[references]
    total, count, mean = table.sum(axis=1), table.notna().sum(axis=1), table.stack().mean()
    columns = {
        "average-with-prior": (total + 5 * mean) / (count + 5),
        "filled-average": table.fillna(table.mean()).mean(axis=1),
        "number-of-labels": count,
    }
    jitter = 1e-6 * rng.standard_normal(len(labels))
    preds = {
        name: pd.DataFrame(dict.fromkeys(targets, values + jitter))
        for name, values in columns.items()
    }
    preds["mixture"] = predict(world, "mixture", targets, random_state=rng)
    report = leakcheck.audit(preds, labels, world.loci, train=references)
    specific = report.information.set_index(["model", "target"])["specificity"]
    return {name: (specific.loc[name] == "cell-type-specific").mean() for name in preds}


def half(seed):
    """Audit memory of real-valued labels, each reference on half of the chromosomes."""
    rng, world, targets, references = draw_world(seed)
    # Heavy tails, as of RPKM: what stands in for a missing label is far from the middle.
    labels = np.exp(2.5 * world.latent + 0.7 * rng.standard_normal(world.latent.shape))
    labels = pd.DataFrame(labels, index=world.labels.index, columns=world.labels.columns)
    own, chrom = labels[targets].copy(), world.loci["chrom"].to_numpy()
    names = pd.unique(chrom)
    for name in references:
        labels.loc[np.isin(chrom, rng.permutation(names)[: len(names) // 2]), name] = np.nan
    table = labels[references]
    average, noise = table.mean(axis=1), rng.standard_normal((3, len(labels)))
    columns = {
        "average-with-noise": average + 0.05 * average.std() * noise[0],
        "median": table.median(axis=1) + 1e-6 * noise[1],
        "noise": noise[2],
    }
    preds = {
        name: pd.DataFrame(dict.fromkeys(targets, values), index=labels.index)
        for name, values in columns.items()
    }
    preds["mixture"] = 0.2 * own + 0.8 * np.tile(average.to_numpy()[:, None], len(targets))
    report = leakcheck.audit(preds, labels, world.loci, train=references)
    specific = report.information.set_index(["model", "target"])["specificity"]
    return {name: (specific.loc[name] == "cell-type-specific").mean() for name in preds}


def uneven(seed):
    """Audit memory that knows which references are good, and which labels fell out."""
    rng, world, targets, references = draw_world(seed)
    shape, index, names = world.latent.shape, world.labels.index, world.labels.columns
    poor = rng.random(shape[1])
    quality = world.latent * (1 - 0.5 * poor) + 0.8 * poor * rng.standard_normal(shape)
    above = world.latent - np.quantile(world.latent, 0.35)
    zeros = np.where((above <= 0) | (rng.random(shape) < 0.15), 0, np.expm1(1.5 * above))
    out = {}
    # Not a number of single precision, in which the columns of the regressions are kept.
    tenths = np.maximum(zeros, 0.1)
    for name, values in (("quality", quality), ("zeros", zeros), ("tenths", tenths)):
        labels = pd.DataFrame(values, index=index, columns=names)
        table = labels[references].to_numpy()
        likeness = np.maximum(np.corrcoef(table.T).mean(axis=0), 0) ** 4
        cut = table.shape[1] // 5
        columns = {
            "weights": table @ (likeness / likeness.sum()),
            "trimmed": np.sort(table, axis=1)[:, cut:-cut].mean(axis=1),
            "median": np.median(table, axis=1) + 1e-6 * rng.standard_normal(len(table)),
        }
        preds = {
            key: pd.DataFrame(dict.fromkeys(targets, one), index=index)
            for key, one in columns.items()
        }
        preds["mixture"] = 0.2 * labels[targets] + 0.8 * table.mean(axis=1)[:, None]
        report = leakcheck.audit(preds, labels, world.loci, train=references)
        useful = report.information.set_index("model")["utility"] == "beats-both"
        specific = report.information.set_index("model")["specificity"] == "cell-type-specific"
        for key in preds:
            out[f"{name}|{key}|both"] = useful[key].mean()
            out[f"{name}|{key}|specific"] = specific[key].mean()
    return out


def held_out(seed):
    """Audit models on a few chromosomes of four targets; references have labels on all."""
    rng, world, targets, references = draw_world(seed, **HELD_OUT)
    names = ["jittered-average", *MEMORISERS, "random", "honest-weak", "mixture"]
    preds = {name: predict(world, name, targets, random_state=rng) for name in names}
    labels = world.labels.astype(float)
    labels.loc[~world.loci["chrom"].isin(HELD_OUT_CHROMOSOMES), targets] = np.nan
    report = leakcheck.audit(preds, labels, world.loci, train=references, signal=world.signal)
    rows = report.verdict[report.verdict["baseline"] == "average-activity"]
    beats = rows.set_index("model")["verdict"] == "beats"
    specific = report.information.set_index("model")["specificity"] == "cell-type-specific"
    out = {f"beats|{name}": beats[name].mean() for name in names}
    return out | {f"specific|{name}": specific[name].mean() for name in names}


def silent(seed, *, unit="labels", active=0.0, n_gone=N_SILENT_CHROMOSOMES, part=1.0):
    """Audit memory where labels of chromosomes are 0, or but for a share of the pairs.

    `part` is how much of each of these chromosomes is silent, from its beginning.
    """
    rng, world, _, _ = draw_world(seed, **SILENT)
    names = sorted(rng.permutation(world.cell_types)[:N_SILENT_CELL_TYPES])
    labels = (world.labels if unit == "labels" else np.arcsinh(world.signal))[names].astype(float)
    chrom = world.loci["chrom"]
    within = chrom.groupby(chrom, sort=False)
    gone = chrom.isin(rng.permutation(chrom.unique())[:n_gone]).to_numpy()
    gone = gone & (within.cumcount() < part * within.transform("size")).to_numpy()
    labels[gone] = 1.0 * (rng.random((int(gone.sum()), len(names))) < active)
    average = (labels.sum(axis=1).to_numpy()[:, None] - labels) / (len(names) - 1)
    grouped = average.groupby(chrom, sort=False)
    beside = (grouped.shift(1).fillna(average) + grouped.shift(-1).fillna(average)) / 2
    noise = average.to_numpy().std() * rng.standard_normal((2, *average.shape))
    preds = {
        "average-with-noise": average + 0.05 * noise[0],
        "smoothed-average": (average + beside) / 2 + 0.01 * noise[1],
        "random": average * 0 + noise[0],
        "mixture": 0.8 * average + 0.2 * labels + 0.01 * noise[1],
    }
    report = leakcheck.audit(preds, labels, world.loci, train="leave-one-out")
    specific = report.information.set_index(["model", "target"])["specificity"]
    rows = report.verdict[report.verdict["baseline"] == "average-activity"]
    beats = rows.set_index("model")["verdict"] == "beats"
    out = {f"specific|{name}": (specific[name] == "cell-type-specific").mean() for name in preds}
    return out | {f"beats|{name}": beats[name].mean() for name in preds}
