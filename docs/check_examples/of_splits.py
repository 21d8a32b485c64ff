"""Examples of the findings of a split: each function makes the one of its name."""

from world import labels, leakcheck, loci, new, np, pairs, pd, references

chr1 = pairs["chrom"] == "chr1"


def lk026():
    test = pd.concat([pairs[new], pairs[~new].head(400)])
    return leakcheck.detect_design(pairs[~new], test)


def lk031():
    rows = np.random.default_rng(0).random(len(loci)) < 0.5
    dealt = loci.assign(
        start=np.arange(len(loci)) * 40_000, end=np.arange(len(loci)) * 40_000 + 2000
    )
    return leakcheck.detect_design(
        dealt[rows].assign(celltype="C02"), dealt[~rows].assign(celltype="C02")
    )


def lk032():
    typed = pairs[new].assign(start=pairs["start"] + 1)  # from a genome browser
    return leakcheck.detect_design(pairs[~new], typed)


def lk033():
    train = loci.assign(locus=[f"a{row}" for row in range(len(loci))], celltype="C02")
    test = loci.head(100).assign(locus=[f"b{row}" for row in range(100)], celltype="C01")
    return leakcheck.detect_design(train, test)


def lk034():
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 60)) for _ in range(len(loci))]
    table = loci.assign(celltype="C02", sequence=texts)
    first = table["chrom"] == "chr1"
    copies = table[first].assign(sequence=texts[-1])  # of a locus on another chromosome
    return leakcheck.detect_design(table[~first], copies, sequences="sequence")


def lk035():
    copied = pairs[pairs["celltype"] == "C02"].assign(celltype="C02-again")
    values = labels["C02"].to_numpy()
    train = pairs[~new].assign(label=labels[references].to_numpy().ravel())
    return leakcheck.detect_design(train, copied.assign(label=values))


def lk036():
    test = pairs[pairs["celltype"] == "C02"].assign(celltype="c02")
    return leakcheck.detect_design(pairs[~new], test)


def lk037():
    return leakcheck.detect_design(pairs[~new], pairs[new], validation=pairs[new].head(500))


def lk038():
    return leakcheck.detect_design(pairs[~new], pairs[new & ~chr1], validation=pairs[new & chr1])


def lk039():
    return leakcheck.detect_design(pairs[~new & (pairs.index % 48 < 24)], pairs[new])


def lk040():
    train = np.random.default_rng(0).random(len(pairs)) < 0.8
    return leakcheck.detect_design(pairs[train], pairs[~train])


def lk041():
    named = pairs.assign(locus=pairs["chrom"] + "-" + pairs["start"].astype(str))
    named = named[["locus", "celltype"]]
    return leakcheck.detect_design(named[~new], named[new])


def lk042():
    names = [f"gene{row}" for row in range(len(loci))]
    train = loci.assign(locus=names, celltype="C02")
    test = loci.assign(
        locus=names, celltype="C01", start=loci["start"] + 5000, end=loci["end"] + 5000
    )
    return leakcheck.detect_design(train, test)


def lk043():
    ensembl = pairs[new].assign(chrom=pairs["chrom"].str.removeprefix("chr"))
    return leakcheck.detect_design(pairs[~new], ensembl)


def lk044():
    return leakcheck.detect_design(pairs[~new], pairs[new], aliases={"H1hESC": "C02"})
