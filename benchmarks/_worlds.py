"""Data for benchmarks: of any size, drawn in a second, and of the paper's size."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from leakcheck.simulate import epigenome

N_CHROMOSOMES = 22
#: As many as the paper's genes and cell types.
PAPER_LOCI, PAPER_CELL_TYPES = 18_915, 56


class World(NamedTuple):
    """Labels of all cell types, and scores of the first few, in genome order.

    Attributes
    ----------
    labels : DataFrame of int8, shape (n_loci, n_cell_types)
        0 and 1.
    preds : DataFrame of float32, shape (n_loci, n_targets)
        Scores of one model: the average activity of the others with noise.
    loci : DataFrame
        ``chrom, start, end``.
    """

    labels: pd.DataFrame
    preds: pd.DataFrame
    loci: pd.DataFrame


class PaperWorld(NamedTuple):
    """Tables of the paper's size; the scores of one model are the average with noise."""

    labels: pd.DataFrame
    preds: pd.DataFrame
    loci: pd.DataFrame
    signal: pd.DataFrame


def paper_world() -> PaperWorld:
    """Draw labels and a signal, and scores of every cell type."""
    sample = epigenome(
        n_loci=PAPER_LOCI, n_cell_types=PAPER_CELL_TYPES, n_lineages=7, random_state=0
    )
    rng = np.random.default_rng(1)
    labels = sample.labels
    others = labels.to_numpy().sum(axis=1, keepdims=True) - labels.to_numpy()
    scores = others / (PAPER_CELL_TYPES - 1) + 0.02 * rng.standard_normal(labels.shape)
    preds = pd.DataFrame(scores, index=labels.index, columns=labels.columns)
    return PaperWorld(labels, preds, sample.loci, sample.signal)


def world(n_loci: int, n_targets: int, n_cell_types: int = 56, seed: int = 0) -> World:
    """Draw loci of every activity, and cell types of a few lineages, which share what these do."""
    rng = np.random.default_rng(seed)
    # Neighbours are alike, and a third of the loci is nearly always or nearly never active.
    depth = np.convolve(rng.standard_normal(n_loci + 2), [0.4, 1.0, 0.4], mode="valid")
    labels = np.empty((n_loci, n_cell_types), dtype=np.int8)
    lineages = [0.8 * rng.standard_normal(n_loci, dtype=np.float32) for _ in range(7)]
    for column in range(n_cell_types):
        own = 0.7 * rng.standard_normal(n_loci, dtype=np.float32)
        labels[:, column] = 1.3 * depth + lineages[column % 7] + own > 0.2
    index = pd.Index(np.arange(n_loci), name="locus")
    names = [f"C{number:02d}" for number in range(1, n_cell_types + 1)]
    total = labels.sum(axis=1, dtype=np.int16)
    scores = np.empty((n_loci, n_targets), dtype=np.float32)
    for column in range(n_targets):
        others = (total - labels[:, column]) / np.float32(n_cell_types - 1)
        noise = 0.02 * rng.standard_normal(n_loci, dtype=np.float32)
        scores[:, column] = others + noise
    return World(
        labels=pd.DataFrame(labels, index=index, columns=names),
        preds=pd.DataFrame(scores, index=index, columns=names[:n_targets]),
        loci=_loci(n_loci).set_index(index),
    )


def _loci(n: int) -> pd.DataFrame:
    """Intervals of 200 bp on chromosomes of falling size."""
    sizes = np.linspace(2.0, 0.5, N_CHROMOSOMES)
    ends = np.rint(np.cumsum(sizes) / sizes.sum() * n).astype(int)
    counts = np.diff(ends, prepend=0)
    start = 200 * np.concatenate([np.arange(count) for count in counts])
    chrom = np.repeat([f"chr{number}" for number in range(1, N_CHROMOSOMES + 1)], counts)
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + 200})
