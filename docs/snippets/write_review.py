"""Write what a referee has: the authors' table of predictions, and public labels and signal."""

from pathlib import Path

import pandas as pd

from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=3)
targets = world.held_out(2)


def write_long(wide: pd.DataFrame, column: str, name: str) -> None:
    """One row for each locus and cell type, with coordinates."""
    long = world.loci.join(wide).melt(
        ["chrom", "start", "end"], var_name="celltype", value_name=column
    )
    long.to_csv(name, index=False)


write_long(predict(world, "rough-copier", targets), "score", "supplement.csv")
write_long(world.labels, "label", "public_labels.csv")
write_long(world.signal, "signal", "public_signal.csv")
reference = [name for name in world.cell_types if name not in targets]
Path("training.txt").write_text("\n".join(reference) + "\n", encoding="utf-8")
