import leakcheck

# 3,000 loci in 24 cell types, and two models whose truth is known
world = leakcheck.simulate.epigenome(random_state=0)
targets = world.held_out(4)
preds = {
    name: leakcheck.simulate.predict(world, name, targets)
    for name in ("memoriser", "honest-strong")
}
reference = [name for name in world.cell_types if name not in targets]

report = leakcheck.audit(preds, world.labels, world.loci, train=reference, signal=world.signal)
print(report)
