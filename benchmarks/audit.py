"""A full audit against scikit-learn's average precision alone: ``python -m benchmarks.audit``.

18,915 loci and 56 cell types, each audited against the other 55: baselines, intervals, strata,
verdicts and the information test. The peer is 300 average precisions of 18,915 scores.
"""

import sys

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

import leakcheck
from benchmarks._measure import Row, compare, run
from leakcheck.simulate import epigenome

N_LOCI = 18_915
N_CELL_TYPES = 56
N_SCORES = 300
# Average precisions that scikit-learn computes; its time is scaled up from there.
N_LOOPED = 30


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark: labels alone, and labels with a signal."""
    world = epigenome(n_loci=N_LOCI, n_cell_types=N_CELL_TYPES, n_lineages=7, random_state=0)
    rng = np.random.default_rng(1)
    labels = world.labels.to_numpy()
    others = labels.sum(axis=1, keepdims=True) - labels
    noise = 0.02 * rng.standard_normal(labels.shape)
    preds = pd.DataFrame(
        others / (N_CELL_TYPES - 1) + noise, index=world.labels.index, columns=world.labels.columns
    )
    peer = _peer(labels[:, 0], preds.to_numpy()[:, 0])
    found = [_row("labels", preds, world, None, peer, bound=1.0, full=full)]
    found.append(_row("labels and signal", preds, world, world.signal, peer, bound=None, full=full))
    return found


def _peer(labels, scores):
    def loop() -> None:
        for _ in range(N_LOOPED):
            average_precision_score(labels, scores)

    return loop


def _row(name, preds, world, signal, peer, *, bound, full) -> Row:
    def work() -> None:
        leakcheck.audit(preds, world.labels, world.loci, train="leave-one-out", signal=signal)

    return compare(
        f"audit of {N_LOCI:,} loci x {N_CELL_TYPES} targets, {name}",
        work,
        peer,
        peer=f"{N_SCORES} average precisions of {N_LOCI:,} by scikit-learn",
        scale=N_SCORES / N_LOOPED,
        bound=bound,
        repeats=5 if full else 3,
    )


if __name__ == "__main__":
    sys.exit(run("A full audit against scikit-learn's average precision alone.", rows))
