"""Data for the tests of the sweep: small tasks made of arrays, without any file format."""

import numpy as np
import pandas as pd

from leakcheck.reference.task import Roles, Task

ROLES = Roles(
    test_cell_type="C1",
    validation_cell_types=("C2", "C3"),
    train_cell_types=("C4", "C5", "C6", "C7", "C8"),
    test_chromosomes=("chr1",),
    validation_chromosomes=("chr2",),
    train_chromosomes=("chr3", "chr4"),
)


def small_task(name="expression", *, n_loci=240, window=20, n_marks=5, seed=0, **changes) -> Task:
    """A locus effect, a part of its own in each cell type, and marks that tell of both."""
    rng = np.random.default_rng(seed)
    cell_types = ("C8", "C7", "C6", "C5", "C4", "C3", "C2", "C1")
    shape = (n_loci, len(cell_types))
    latent = rng.normal(size=(n_loci, 1)) + 0.6 * rng.normal(size=shape)
    weights = rng.normal(size=(1, 1, n_marks))
    chrom = np.repeat(["chr1", "chr2", "chr3", "chr4"], n_loci // 4)
    start = np.arange(n_loci) * 1000 - window // 2  # the first window hangs over the start
    labels = (latent > 0).astype(np.float32)
    activity = np.exp(latent).astype(np.float32)
    signals = latent[:, :, None] * weights + 0.5 * rng.normal(size=(*shape, n_marks))
    parts = {
        "loci": pd.DataFrame(
            {
                "id": [f"g{i}" for i in range(n_loci)],
                "chrom": chrom,
                "start": start,
                "end": start + max(window, 1),  # loci have a place without a sequence, too
                "strand": "+",
            }
        ),
        "cell_types": cell_types,
        "labels": labels,
        "activity": activity if name == "expression" else None,
        "codes": rng.integers(0, 4, size=(n_loci, window)).astype(np.uint8),
        "signals": signals.astype(np.float32),
        "marks": tuple(f"m{i}" for i in range(n_marks)),
        "counts": {},
        "splits": ROLES,
    }
    return Task(name=name, **(parts | changes))
