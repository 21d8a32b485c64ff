"""The whole path in seconds: a genome written and read, a sweep, audits, tables and figures.

Run as a module, it is a process that a test can kill: ``python -m tests.reference.very_small OUT``.
Figure S1 is left out: it needs no model, and importing UMAP takes longer than all the rest.
"""

import sys
from dataclasses import replace
from pathlib import Path

from leakcheck.reference.presets import GaussianPreset, find_preset
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.reproduce import reproduce
from leakcheck.reference.sources import load_tasks

PRESET = replace(
    find_preset("tiny"),
    networks=tuple(
        network
        for network in find_preset("tiny").networks
        if network.name in {"signal-1x1", "dense-1x1", "both-s1x16-q1x1-j16"}
    ),
    protocol=Protocol(steps_per_epoch=5, max_epochs=2, validation_size=20),
    gaussians=GaussianPreset(n_points=40, layers=(1,), units=(2,)),
)
GENOME = {"n_genes": 400, "n_bins": 60, "n_cell_types": 8, "window": 20}


def main(output: str) -> None:
    """Reproduce until it is done or killed."""
    folder = Path(output)
    tasks = load_tasks("simulated", cache=folder / "data", preset="tiny", genome=GENOME)
    reproduce(folder, tasks, PRESET, figures=["1", "S2", "S3"], workers=2, threads=1)


if __name__ == "__main__":
    main(sys.argv[1])
