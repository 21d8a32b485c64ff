"""Examples of findings about data in files: each function makes the one of its name."""

from world import folder, honest, labels, leakcheck, loci, pd, references, signal, targets, track

from leakcheck.adapters import evaluation_set_from_bigwig


def lk045():
    reads = signal.where(signal > signal.quantile(0.05))  # the rest: stretches without reads
    observed = {name: track(name, reads[name]) for name in signal}
    predicted = {name: track(f"net-{name}", honest[name]) for name in targets}
    # evaluation_set_from_bigwig is one of leakcheck.adapters
    data = evaluation_set_from_bigwig(
        predicted, observed, loci, missing="zero", active_above=1, train=references
    )
    return leakcheck.audit(data)


def lk046():
    wide = [loci, labels.add_prefix("label:"), honest.add_prefix("prediction:net:")]
    pd.concat(wide, axis=1).to_parquet(folder / "genome.parquet", index=False)
    return leakcheck.scale.audit(folder / "genome.parquet", train=references, exact=False)
