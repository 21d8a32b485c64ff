"""The same data in every form that can be audited piece by piece."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyBigWig
import zarr

from leakcheck.scale import open_source, rank_counts
from leakcheck.simulate import epigenome, predict

world = epigenome(n_loci=2_000, n_cell_types=8, random_state=1)
target = world.held_out(1)[0]
scores = predict(world, "honest-strong", [target], random_state=1)
temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)


def long_table():
    """One row a (locus, cell type) pair, sorted by cell type."""
    parts = [
        world.loci.assign(
            celltype=cell,
            label=world.labels[cell].astype("int8"),
            net=scores[cell].astype("float32") if cell == target else np.float32("nan"),
        )
        for cell in world.cell_types
    ]
    return pd.concat(parts)


def wide_table():
    """One row a locus."""
    table = world.loci.reset_index(drop=True)
    for cell in world.cell_types:
        table[f"label:{cell}"] = world.labels[cell].to_numpy("int8")
    return table.assign(**{f"prediction:net:{target}": scores[target].to_numpy("float32")})


def zarr_group(path):
    """Arrays of loci x cell types, a chunk for each 500 loci."""
    group = zarr.open_group(path, mode="w")
    predictions = np.full(world.labels.shape, np.nan, dtype="float32")
    predictions[:, world.cell_types.index(target)] = scores[target]
    arrays = {"labels": world.labels.to_numpy("int8"), "predictions/net": predictions}
    for name, values in arrays.items():
        group.create_array(name, data=values, chunks=(500, len(world.cell_types)))
    codes, names = pd.factorize(world.loci["chrom"])
    texts = {"celltype": np.array(world.cell_types), "chrom": np.array(names)[codes]}
    for name, values in texts.items():
        group.create_array(name, shape=values.shape, dtype="str")[:] = values.astype(object)
    for name in ("start", "end"):
        group.create_array(name, data=world.loci[name].to_numpy())


def track(path, values):
    """One value for each locus."""
    with pyBigWig.open(str(path), "w") as file:
        lengths = world.loci.groupby("chrom", sort=False)["end"].max()
        file.addHeader([(chrom, int(length)) for chrom, length in lengths.items()])
        chroms, starts, ends = (world.loci[name].tolist() for name in ("chrom", "start", "end"))
        file.addEntries(chroms, starts, ends=ends, values=values.astype(float).tolist())
    return path


def show(name, source):
    """Open a source; nothing but footers and names is read."""
    pieces = source.partitions()
    print(f"{name:<22}{source.n_loci:>8,} loci {len(source.cell_types):>3} cell types", end=" ")
    print(f"{len(pieces):>3} pieces, models {source.models}")


long_table().to_parquet(folder / "long.parquet", row_group_size=1_000, index=False)
show("long, one file", open_source(folder / "long.parquet"))

long_table().to_parquet(folder / "long", partition_cols=["celltype"], index=False)
show("long, partitioned", open_source(folder / "long"))

wide_table().to_parquet(folder / "wide.parquet", row_group_size=1_000, index=False)
show("wide, one table", open_source(folder / "wide.parquet"))

labels = wide_table().filter(regex="^(?!prediction)").rename(columns=lambda c: c.split(":")[-1])
labels.to_parquet(folder / "labels.parquet", index=False)
own = wide_table()[["chrom", "start", "end", f"prediction:net:{target}"]]
own.rename(columns=lambda c: c.split(":")[-1]).to_parquet(folder / "net.parquet", index=False)
tables = {"labels": folder / "labels.parquet", "predictions": {"net": folder / "net.parquet"}}
show("wide, several tables", open_source(tables))

zarr_group(folder / "data.zarr")
show("Zarr", open_source(folder / "data.zarr"))

tracks = {
    "labels": {c: track(folder / f"{c}.bw", world.signal[c].to_numpy()) for c in world.cell_types},
    "predictions": {target: track(folder / "net.bw", scores[target].to_numpy())},
}
show("bigWig, bins of 2 kb", open_source(tracks, bin_size=2_000, missing="zero", active_above=0.5))

print()
for form in ("long.parquet", "long", "wide.parquet", "data.zarr"):
    counts = rank_counts(folder / form)["net", target]
    print(
        f"{form:<14} average precision {counts.average_precision():.4f}, AUROC {counts.auroc():.4f}"
    )
temporary.cleanup()
