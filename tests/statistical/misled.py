"""One replicate of each simulation in which the information test is, or was, misled."""

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.simulate.predictions import predict
from tests.statistical.scenarios import draw_world

#: Chromosomes of 22 on which a reference has gaps.
N_GONE = 9
GAPPED = ("labels", "signal", "both")
MIXTURE = "mixture of 20%"
#: Loci of each target that are audited, each by itself.
SCATTERED = {"n_loci": 10_000}
SHARE_AUDITED = 0.3
UNITS = {"raw": lambda values: values, "logarithms": np.log}


def _same_in(targets, columns, index):
    """Scores that are the same in all targets."""
    return {
        name: pd.DataFrame(dict.fromkeys(targets, values), index=index)
        for name, values in columns.items()
    }


def _specific(preds, *arguments, **options):
    """The report, and the share of the targets in which each score is called specific."""
    report = leakcheck.audit(preds, *arguments, **options)
    found = report.information.set_index(["model", "target"])["specificity"]
    return report, {name: (found.loc[name] == "cell-type-specific").mean() for name in preds}


def gapped(seed, *, what):
    """Audit averages where references have no labels, or no signal, on whole chromosomes."""
    rng, world, targets, references = draw_world(seed)
    labels, signal = world.labels.astype(float), world.signal.astype(float)
    chrom = world.loci["chrom"].to_numpy()
    for name in references:
        gone = np.isin(chrom, rng.permutation(pd.unique(chrom))[:N_GONE])
        if what in ("labels", "both"):
            labels.loc[gone, name] = np.nan
        if what in ("signal", "both"):
            signal.loc[gone, name] = np.nan
    noise = rng.standard_normal((2, len(labels)))
    of_signal = np.arcsinh(signal[references]).mean(axis=1)
    of_labels = labels[references].mean(axis=1)
    columns = {
        "average signal": of_signal,
        "average signal with noise": of_signal + 0.05 * of_signal.std() * noise[0],
        "average of the labels with noise": of_labels + 0.05 * of_labels.std() * noise[1],
    }
    preds = _same_in(targets, columns, labels.index)
    preds[MIXTURE] = predict(world, "mixture", targets, random_state=rng)
    return _specific(preds, labels, world.loci, train=references, signal=signal)[1]


def scattered(seed, *, signal):
    """Audit memory of neighbouring loci at some of the loci of each target."""
    rng, world, targets, references = draw_world(seed, **SCATTERED)
    labels, chrom = world.labels.astype(float), world.loci["chrom"]
    table = np.arcsinh(world.signal[references]) if signal else labels[references]
    some = table[list(rng.permutation(references)[:3])]
    columns = {
        "smoothed average": _smoothed(table.mean(axis=1), chrom),
        "smoothed average of three": _smoothed(some.mean(axis=1), chrom),
        "average with noise": table.mean(axis=1) + 0.05 * rng.standard_normal(len(table)),
    }
    for target in targets:
        labels.loc[rng.random(len(labels)) >= SHARE_AUDITED, target] = np.nan
    preds = _same_in(targets, columns, labels.index)
    preds[MIXTURE] = predict(world, "mixture", targets, random_state=rng)
    known = {"signal": world.signal} if signal else {}
    return _specific(preds, labels, world.loci, train=references, **known)[1]


def _smoothed(values, chrom):
    """Mean over a locus and those beside it; at the ends of chromosomes it stands in for one."""
    grouped = values.groupby(chrom, sort=False)
    beside = [grouped.shift(step).fillna(values) for step in (-1, 1)]
    return (values + beside[0] + beside[1]) / 3


def of_some(seed, *, unit):
    """Audit averages of half of the references, each of which has half of the chromosomes."""
    rng, world, targets, references = draw_world(seed)
    values = np.exp(2.5 * world.latent + 0.7 * rng.standard_normal(world.latent.shape))
    labels = pd.DataFrame(UNITS[unit](values), world.labels.index, world.labels.columns)
    chrom = world.loci["chrom"].to_numpy()
    names = pd.unique(chrom)
    for name in references:
        labels.loc[np.isin(chrom, rng.permutation(names)[: len(names) // 2]), name] = np.nan
    some = labels[list(rng.permutation(references)[: len(references) // 2])]
    rest = labels[references].mean(axis=1)
    columns = {
        "mean": some.mean(axis=1).fillna(rest),
        "median": some.median(axis=1).fillna(rest) + 1e-6 * rng.standard_normal(len(rest)),
    }
    preds = _same_in(targets, columns, labels.index)
    return _specific(preds, labels, world.loci, train=references)[1]


def slopes(seed):
    """Audit a property of loci on which labels depend, in each library by another slope."""
    rng, world, targets, references = draw_world(seed)
    own = rng.standard_normal(len(world.labels))
    values = world.latent + 0.5 * own[:, None] * rng.standard_normal(world.latent.shape[1])
    active = 1.0 * (values > np.quantile(values, 0.35, axis=0))
    labels, signal = (
        pd.DataFrame(table, world.labels.index, world.labels.columns)
        for table in (active, np.exp(values))
    )
    columns = {"property": own, "average": labels[references].mean(axis=1) + 0.05 * own}
    preds = _same_in(targets, columns, labels.index)
    report, found = _specific(preds, labels, world.loci, train=references, signal=signal)
    within = report.within_locus.set_index("model")["concordance"]
    return found | {f"within|{name}": within[name] for name in preds}
