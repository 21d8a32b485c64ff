"""Examples of the findings of an audit: each function makes the one of its name."""

from world import (
    honest,
    labels,
    leakcheck,
    loci,
    memoriser,
    np,
    pd,
    predict,
    references,
    signal,
    targets,
    world,
)


def lk001():
    return leakcheck.audit(honest, labels, loci, signal=signal)


def lk002():
    return leakcheck.audit(memoriser, labels, loci, train=references, signal=signal)


def lk003():
    return leakcheck.audit(memoriser, labels, loci, train=references, signal=signal)


def lk004():
    return leakcheck.audit(honest, labels, loci, train=references[:2], signal=signal)


def lk005():
    unseen = labels.copy()
    unseen.loc[unseen.index[:150], references] = np.nan
    return leakcheck.audit(honest, unseen, loci, train=references)


def lk006():
    few = loci["chrom"].isin(["chr1", "chr2"])
    return leakcheck.audit(honest[few], labels[few], loci[few], train=references)


def lk007():
    saved = (1 / (1 + np.exp(-10 * honest))).astype("float16")
    return leakcheck.audit(saved, labels, loci, train=references, signal=signal)


def lk008():
    return leakcheck.audit(-honest, labels, loci, train=references, signal=signal)


def lk009():
    rng = np.random.default_rng(0)
    flips = rng.random(len(labels)) < 0.01
    twin = labels[references[0]].where(~flips, 1 - labels[references[0]])
    twice = labels.assign(twin=twin)  # a replicate of a reference cell type
    scores = pd.DataFrame({"twin": labels[references[0]] + 0.1 * rng.normal(size=len(twin))})
    return leakcheck.audit(scores, twice, loci, train=references)


def lk010():
    return leakcheck.audit(
        honest, labels, loci, train=references, signal=signal, signal_transform="none"
    )


def lk011():
    return leakcheck.audit(honest[targets[:1]], labels, loci, train=references, signal=signal)


def lk012():
    calls = (honest > honest.mean()) * 1.0
    return leakcheck.audit(calls, labels, loci, train=references, signal=signal)


def lk013():
    count = labels[references].sum(axis=1)
    column = pd.DataFrame({name: count / len(references) for name in targets})
    return leakcheck.audit(column, labels, loci, train=references)


def lk014():
    names = labels.index.to_numpy()
    table = pd.DataFrame({"locus": np.repeat(names, 24), "celltype": list(labels.columns) * 3000})
    table["label"], table["score"] = labels.to_numpy().ravel(), np.nan
    table.loc[table["celltype"].isin(targets), "score"] = honest.to_numpy().ravel()
    twice = pd.concat([table, table.tail(12)])  # files were joined twice
    return leakcheck.audit(
        "score", "label", "locus", "celltype", data=twice, train=references, label_kind="binary"
    )


def lk015():
    everywhere = predict(world, "random", list(world.cell_types))
    return leakcheck.audit(everywhere, labels, loci, train=references, signal=signal)


def lk016():
    return leakcheck.audit(honest, labels, loci, train=references[:-3], signal=signal)


def lk017():
    incomplete = labels.mask(loci["chrom"] == "chr9")[references[:3]]
    return leakcheck.audit(
        honest, labels.assign(**incomplete), loci, train=references, signal=signal
    )


def lk018():
    genes = [f"gene{row}" for row in range(len(labels))]
    return leakcheck.audit(honest.set_axis(genes), labels.set_axis(genes), train=references)


def lk019():
    rng = np.random.default_rng(0)
    usual = (labels[references].mean(axis=1) > 0.5) * 1.0
    flipped = {name: rng.random(len(usual)) < 0.003 for name in labels}
    easy = pd.DataFrame({name: usual.where(~odd, 1 - usual) for name, odd in flipped.items()})
    return leakcheck.audit(honest, easy, loci, train=references)


def lk020():
    noise = predict(world, "random", targets)
    return leakcheck.audit(noise, labels, loci, train=references, signal=signal)


def lk021():
    copier = predict(world, "nearest-copier", targets)
    return leakcheck.audit(copier, labels, loci, train=references, signal=signal)


def lk022():
    return leakcheck.audit(honest, labels, loci, train=references, signal=signal)


def lk023():
    families = {
        family: {
            f"{family}{seed}": predict(world, family, targets, random_state=seed)
            for seed in range(3)
        }
        for family in ("memoriser", "honest-weak")
    }
    return leakcheck.audit(families, labels, loci, train=references, signal=signal)


lk024 = lk023


def lk025():
    return leakcheck.audit(honest, labels, loci, train=references)


def lk027():
    return leakcheck.audit(honest, signal, loci, train=references)


def lk028():
    few = loci.index[::40]  # 75 loci
    weak = predict(world, "mixture", targets)
    return leakcheck.audit(weak.loc[few], labels.loc[few], loci.loc[few], train=references)


def lk029():
    twins = loci.reset_index(drop=True)
    twins.loc[1, ["chrom", "start", "end"]] = twins.loc[0, ["chrom", "start", "end"]]
    names = [f"transcript{row}" for row in range(len(twins))]
    return leakcheck.audit(
        honest.set_axis(names), labels.set_axis(names), twins.set_axis(names), train=references
    )


def lk030():
    more = labels[references].set_axis([f"gene{row}" for row in range(len(labels))])
    more.loc["gene-elsewhere"] = 1.0
    genes = list(more.index[:-1])
    return leakcheck.audit(
        honest.set_axis(genes), labels[targets].set_axis(genes), loci.set_axis(genes), train=more
    )


def lk047():
    joined = 0.9 * labels[targets] + 0.1 * honest.rank(pct=True)  # the labels came as a feature
    return leakcheck.audit(joined, labels, loci, train=references, signal=signal)


def lk048():
    mixed = labels.copy()
    order = np.random.default_rng(0).permutation(len(labels))
    mixed[references] = labels[references].to_numpy()[order]
    return leakcheck.audit(honest, mixed, loci, train=references)


def lk049():
    pvalues = 1 / (1 + signal)  # small where a locus is active
    return leakcheck.audit(honest, labels, loci, train=references, signal=pvalues)


def lk050():
    unmapped = loci["chrom"].isin(["chr21", "chr22"])
    zeros = labels.mask(unmapped, 0)  # not measured, and written as 0
    return leakcheck.audit(honest, zeros, loci, train=references, signal=signal)


def lk051():
    failed = labels.assign(**{references[0]: 0})
    return leakcheck.audit(honest, failed, loci, train=references, signal=signal)
