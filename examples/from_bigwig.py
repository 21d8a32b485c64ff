"""Audit tracks: a bigWig of predictions against a bigWig of what was observed, over given bins."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pyBigWig

import leakcheck
from leakcheck.adapters import evaluation_set_from_bigwig
from leakcheck.simulate import epigenome, predict


def write(path, loci, values):
    """Write one value for each bin."""
    with pyBigWig.open(str(path), "w") as track:
        ends = loci.groupby("chrom", sort=False)["end"].max()
        track.addHeader([(chrom, int(end)) for chrom, end in ends.items()])
        chroms, starts, ends = (loci[name].tolist() for name in ("chrom", "start", "end"))
        track.addEntries(chroms, starts, ends=ends, values=np.asarray(values, float).tolist())
    return path


world = epigenome(n_loci=1_000, n_cell_types=8, random_state=0)
(target,) = world.held_out(1)
scores = predict(world, "honest-strong", [target], random_state=0)[target]

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    observed = {
        cell: write(folder / f"{cell}.bw", world.loci, world.signal[cell])
        for cell in world.cell_types
    }
    data = evaluation_set_from_bigwig(
        {target: write(folder / "predicted.bw", world.loci, scores)},
        observed,
        bins=world.loci,
        missing="zero",
        active_above=0.5,
    )
report = leakcheck.audit(data)
print(report)

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
