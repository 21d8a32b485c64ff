"""Peaks of memory, in multiples of the data: ``python -m benchmarks.memory``.

What is allocated above the start, by `tracemalloc`, over the bytes of the labels and scores that
come in. Peers are measured in the same way on the same arrays.
"""

import sys
import tracemalloc
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

import leakcheck
from benchmarks._measure import Row, run
from benchmarks._worlds import world
from benchmarks.growth import works

#: Least and largest number of rows of the kernels.
QUICK, FULL = 1_000_000, 10_000_000
AUDITED = {False: (50_000, 4), True: (1_000_000, 20)}
#: A key and its copy are what a sort needs: the rest is chunks.
BOUNDS = {"average precision": 4.0}


def rows(full: bool) -> list[Row]:
    """Kernels beside scikit-learn, then the whole audit."""
    n = FULL if full else QUICK
    found = [
        _row(f"{name}, {n:,} rows", work, 5 * n, peer=None, bound=BOUNDS.get(name))
        for name, work in works(n).items()
    ]
    found += _sklearn(n)
    n, n_targets = AUDITED[full]
    data = world(n, n_targets)
    size = data.labels.to_numpy().nbytes + data.preds.to_numpy().nbytes
    return [
        *found,
        _row(
            f"audit of {n:,} loci x {n_targets} targets, 56 cell types",
            lambda: leakcheck.audit(data.preds, data.labels, data.loci, train="leave-one-out"),
            size,
            peer=None,
            bound=None,
        ),
    ]


def _sklearn(n: int) -> list[Row]:
    """The same for two functions of scikit-learn; no bound is ours to keep."""
    rng = np.random.default_rng(0)
    labels = rng.random(n) < 0.4
    scores = rng.standard_normal(n, dtype=np.float32)
    kernels = {"average precision": average_precision_score, "AUROC": roc_auc_score}
    return [
        _row(f"{name}, {n:,} rows", lambda k=kernel: k(labels, scores), 5 * n, "scikit-learn", None)
        for name, kernel in kernels.items()
    ]


def _row(
    name: str, work: Callable[[], object], size: int, peer: str | None, bound: float | None
) -> Row:
    return Row(
        name=name,
        peer=peer or "leakcheck",
        ratio=peak(work) / size,
        bound=bound,
        unit="multiples of the data's bytes",
        at_most=True,
    )


def peak(work: Callable[[], object]) -> int:
    """Most bytes that a work has allocated at any time, above what was there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()  # imports, and tables that are kept
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


if __name__ == "__main__":
    sys.exit(run("Peaks of memory, in multiples of the data.", rows))
