"""Examples of input that is refused: each function gets the error of its name."""

from world import honest, labels, leakcheck, loci, predict, references, targets, world


def lk101():
    everything = [*references, *targets]
    return leakcheck.audit(honest, labels, loci, train=everything)


def lk102():
    one_based = [f"{row.chrom}:{row.start + 1}-{row.end}" for row in loci.itertuples()]
    return leakcheck.audit(honest.set_axis(one_based), labels, loci, train=references)


def lk103():
    return leakcheck.audit(honest, labels, loci, train=[*references[:-1], "C-24"])


def lk104():
    everywhere = predict(world, "honest-strong", list(world.cell_types))
    return leakcheck.audit(everywhere, labels, loci)
