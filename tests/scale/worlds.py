"""Simulated data sets as sources, and the comparison of both audits."""

import json

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.simulate.predictions import predict
from tests.scale.arrays import ArraySource

TARGETS = ("C01", "C07")
MODELS = ("memoriser", "honest-weak")


def make_source(
    n=900, targets=TARGETS, models=MODELS, dtype=np.float32, n_cell_types=10, **options
) -> ArraySource:
    """Draw a data set; partitions are far smaller than it."""
    world = leakcheck.simulate.epigenome(n_loci=n)
    names = tuple(world.cell_types)[:n_cell_types]
    predictions = {}
    for seed, model in enumerate(models):
        scores = predict(world, model, list(targets), random_state=seed)
        table = np.full((n, len(names)), np.nan, dtype=dtype)
        for target in targets:
            table[:, names.index(target)] = scores[target]
        predictions[model] = table
    loci = world.loci if isinstance(world.loci, pd.DataFrame) else world.loci.to_frame()
    source = ArraySource(
        labels=world.labels.to_numpy()[:, :n_cell_types].astype(float),
        predictions=predictions,
        loci=loci[["chrom", "start", "end"]].reset_index(drop=True),
        cell_types=names,
        **({"rows_each": 211, "columns_each": 4} | options),
    )
    source.continuous = world.signal.to_numpy()[:, :n_cell_types].copy()
    return source


def take(source: ArraySource, rows) -> ArraySource:
    """Take some rows, in the order given."""
    source.labels = source.labels[rows]
    source.loci = source.loci.iloc[rows].reset_index(drop=True)
    source.predictions = {name: values[rows] for name, values in source.predictions.items()}
    source.signal = None if source.signal is None else source.signal[rows]
    source.continuous = source.continuous[rows]
    return source


def both_reports(source: ArraySource, *, memory="1 GiB", client=None, **options):
    """The JSON of the audit in memory, and of the one on disk without its settings of the run."""
    expected = json.loads(leakcheck.audit(**source.in_memory(), **options).to_json())
    report = leakcheck.scale.audit(source, memory=memory, client=client, **options)
    found = json.loads(report.to_json())
    assert found["settings"].pop("scale")["memory"] > 0
    return expected, found
