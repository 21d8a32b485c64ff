"""The small world that the examples of all codes begin with."""

import atexit
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=0)  # 3,000 loci in 24 cell types
labels, loci, signal = world.labels, world.loci, world.signal
targets = world.held_out(2)
references = [name for name in world.cell_types if name not in targets]
honest = predict(world, "honest-strong", targets)
memoriser = predict(world, "memoriser", targets)

#: every (locus, cell type) pair as a row, for `detect_design`
pairs = loci.merge(pd.DataFrame({"celltype": world.cell_types}), how="cross")
new = pairs["celltype"].isin(targets)

_temporary = tempfile.TemporaryDirectory()
atexit.register(_temporary.cleanup)
folder = Path(_temporary.name)


def track(name, values):
    """A bigWig track with the values of one cell type; where they are NaN it has no data."""
    import pyBigWig  # noqa: PLC0415 - two examples need it, and an extra of leakcheck brings it

    path = folder / f"{name}.bw"
    rows = loci[values.notna()]
    with pyBigWig.open(str(path), "w") as file:
        ends = loci.groupby("chrom", sort=False)["end"].max()
        file.addHeader([(chrom, int(end)) for chrom, end in ends.items()])
        chroms, starts, stops = (rows[column].tolist() for column in ("chrom", "start", "end"))
        file.addEntries(chroms, starts, ends=stops, values=values.dropna().tolist())
    return path


__all__ = [
    "folder",
    "honest",
    "labels",
    "leakcheck",
    "loci",
    "memoriser",
    "new",
    "np",
    "pairs",
    "pd",
    "predict",
    "references",
    "signal",
    "targets",
    "track",
    "world",
]
