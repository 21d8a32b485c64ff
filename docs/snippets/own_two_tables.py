"""Write predictions and labels as they come from two places: other spellings, other coordinates."""

from leakcheck.simulate import epigenome, predict


def long(wide, name):
    """One row for each locus and cell type that has a value, with coordinates."""
    table = world.loci.join(wide).melt(
        ["chrom", "start", "end"], var_name="celltype", value_name=name
    )
    return table.dropna()


world = epigenome(n_loci=1200, random_state=7)
targets = world.held_out(2)
long(predict(world, "mixture", targets), "my_net").to_csv("scores.csv", index=False)

labels = long(world.labels, "label")
labels.assign(chrom=labels["chrom"].str[3:]).to_csv("labels_without_chr.csv", index=False)
labels.assign(start=labels["start"] + 1).to_csv("labels_from_1.csv", index=False)
moved = {"start": labels["start"] + 10_000, "end": labels["end"] + 10_000}
labels.assign(**moved).to_csv("labels_moved.csv", index=False)
labels.to_csv("labels.csv", index=False)
