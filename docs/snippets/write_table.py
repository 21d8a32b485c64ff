"""Write a long table of predictions, and the names of the reference cell types."""

from pathlib import Path

from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=0)
targets = world.held_out(2)
models = {"memoriser": "memoriser", "honest": "honest-strong"}
table = world.loci.merge(
    world.labels.melt(var_name="celltype", value_name="label", ignore_index=False),
    left_index=True,
    right_index=True,
)
for column, model in models.items():
    scores = predict(world, model, targets).melt(
        var_name="celltype", value_name=column, ignore_index=False
    )
    table = table.merge(scores, how="left", on=["locus", "celltype"])
table.to_csv("predictions.csv", index=False)
reference = [name for name in world.cell_types if name not in targets]
Path("reference.txt").write_text("\n".join(reference) + "\n", encoding="utf-8")
