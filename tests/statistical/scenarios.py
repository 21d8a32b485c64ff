"""One replicate of each simulation: what it asks, as numbers that can be averaged.

Every function takes a seed and returns a dict of names to values (1.0 and 0.0 for events).
"""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

import leakcheck
from leakcheck._report.claim import found_of
from leakcheck.base.block_ranking import leave_one_block_out
from leakcheck.base.concordance import within_locus_concordance
from leakcheck.base.resampling import blocks_of_loci, jackknife, upper_tail_pvalue
from leakcheck.baselines import genome_blocks
from leakcheck.likeness import Likeness
from leakcheck.panel import ReferencePanel
from leakcheck.simulate import autoregression, epigenome, predict
from tests.statistical.naive import delong_pvalue, variance_strata_auroc

N_TARGETS = 4
MEMORISERS = ("memoriser", "three-celltypes", "random-weights", "smoothed-average")
NOTHING_KNOWN = (*MEMORISERS, "offset-memoriser", "random")
COPIERS = ("nearest-copier", "rough-copier")
HONEST = ("honest-weak", "honest-strong", "mixture", "perfect")
CLAIMED_NOTHING = ("memoriser", "smoothed-average", "random")
#: Memory under noise that each target has of its own; without it the concordance is 0.5 exactly.
NOISY = ("memoriser with own noise", "offset-memoriser with own noise", "random")
#: What a model remembers of a locus, for all targets.
MEMORIES = ("mean-label", "mean-signal", "three-celltypes")
#: Units of continuous labels.
UNITS = ("arcsinh", "ranks", "signal")
REMEMBERED = (
    "jittered-average",
    "float16-average",
    "average-with-noise",
    "square-of-average",
    "three-celltypes",
    "random-weights",
    "two-thirds",
    "smoothed-average",
    "random",
)
LEVEL = 0.05
#: As few loci, and of the rarer class, as the information test asks for (four cell types are
#: targets).
FEWEST = {
    "650 loci, 20 references": {"n_loci": 650, "prevalence": 0.5},
    "650 loci, 20 references, a fifth active": {"n_loci": 650, "prevalence": 0.22},
    "350 loci, 20 references, labels only": {"n_loci": 350, "prevalence": 0.5, "signal": False},
    "1,450 loci, 52 references": {"n_loci": 1_450, "prevalence": 0.5, "n_cell_types": 56},
}
#: One active locus in a hundred, and 130 of them, as 20 references need.
RARE = {"n_loci": 14_000, "prevalence": 0.01}
HONEST_WHERE_RARE = ("honest-weak", "honest-strong", "perfect")


def draw_world(seed, **options):
    rng = np.random.default_rng([20201119, seed])
    world = epigenome(random_state=rng, **options)
    targets = world.held_out(N_TARGETS)
    references = [name for name in world.cell_types if name not in targets]
    return rng, world, targets, references


def _audit(world, references, preds, **options):
    return leakcheck.audit(
        preds, world.labels, world.loci, train=references, signal=world.signal, **options
    )


def verdicts(seed):
    """Audit models of every kind at four targets of one simulated epigenome."""
    rng, world, targets, references = draw_world(seed)
    names = ["jittered-average", *NOTHING_KNOWN, *COPIERS, *HONEST]
    preds = {name: predict(world, name, targets, random_state=rng) for name in names}
    preds["mixture-5%"] = predict(world, "mixture", targets, weight=0.05, random_state=rng)
    for name in ("memoriser", "offset-memoriser"):
        noise = 0.05 * rng.standard_normal(preds[name].shape)
        preds[f"{name} with own noise"] = preds[name] + noise
    report = _audit(world, references, preds)
    out = {}
    verdict = report.verdict.pivot(index=["model", "target"], columns="baseline", values="verdict")
    specific = report.information.set_index(["model", "target"])["specificity"]
    within = report.within_locus.set_index("model")
    for name in preds:
        average = verdict.loc[name]["average-activity"]
        nearest = verdict.loc[name]["nearest-celltype"]
        out[f"average|{name}"] = (average == "beats").mean()
        out[f"both|{name}"] = ((average == "beats") & (nearest == "beats")).mean()
        out[f"lost|{name}"] = (average == "does-not-beat").mean()
        out[f"information|{name}"] = (specific.loc[name] == "cell-type-specific").mean()
        out[f"within|{name}"] = float(within.loc[name, "pvalue"] < LEVEL)
        out[f"concordance|{name}"] = within.loc[name, "concordance"]
    rows = report.verdict[report.verdict["baseline"] == "average-activity"]
    for name in ("honest-weak", "honest-strong", "memoriser", "mixture"):
        part = rows[rows["model"] == name]
        for i, (_, row) in enumerate(part.iterrows()):
            for column in ("skill", "skill_ci_low", "skill_ci_high"):
                out[f"{column}|{name}|{i}"] = row[column]
    return out


def information(seed, unit):
    """Audit what remembers labels of some unit, and what knows the target, at four targets."""
    rng, world, targets, references = draw_world(seed)
    labels = {
        "labels": lambda: world.labels,
        "arcsinh": lambda: np.arcsinh(world.signal),
        "ranks": lambda: world.signal.rank() / len(world.signal),
        "signal": lambda: world.signal,
    }[unit]()
    preds = _remembered(world, labels, targets, references, rng)
    for name in ("honest-weak", "mixture"):
        preds[name] = predict(world, name, targets, random_state=rng)
    report = leakcheck.audit(preds, labels, world.loci, train=references)
    specific = report.information.set_index(["model", "target"])["specificity"]
    return {name: (specific.loc[name] == "cell-type-specific").mean() for name in preds}


def fewest(seed, signal=True, **options):
    """Audit what remembers labels, where there are as few loci as the information test takes."""
    rng, world, targets, references = draw_world(seed, **options)
    preds = _remembered(world, world.labels, targets, references, rng)
    report = leakcheck.audit(
        preds, world.labels, world.loci, train=references, signal=world.signal if signal else None
    )
    answers = report.information.pivot(index="target", columns="model", values="specificity")
    # A target with fewer loci of a class is not testable.
    tested = answers[(answers != "not-testable").any(axis=1)]
    out = {name: (tested[name] == "cell-type-specific").mean() for name in preds}
    return out | {"tested": len(tested) / len(answers)}


def rare(seed):
    """Audit models where active loci are rare: who is called what."""
    rng, world, targets, references = draw_world(seed, **RARE)
    preds = {
        name: predict(world, name, targets, random_state=rng)
        for name in (*MEMORISERS, *HONEST_WHERE_RARE)
    }
    answers = _audit(world, references, preds).information.set_index("model")["specificity"]
    out = {f"specific|{name}": (answers[name] == "cell-type-specific").mean() for name in preds}
    for name in HONEST_WHERE_RARE:
        out[f"memory|{name}"] = (answers[name] == "consistent-with-memorisation").mean()
    return out


def likeness(seed, n_references):
    """Say whether LK009 names a target like any other, and one that is a replicate."""
    rng, world, _, _ = draw_world(seed, n_cell_types=n_references + 1)
    target = world.cell_types[rng.integers(n_references + 1)]
    references = [name for name in world.cell_types if name != target]
    preds = {"random": predict(world, "random", [target], random_state=rng)}
    out = {"any": _is_hardly_new(world, world.labels, references, preds)}
    # A replicate disagrees at one locus in fifty with a reference cell type.
    labels, column = world.labels.copy(), world.cell_types.index(target)
    flipped = rng.random(len(labels)) < 0.02
    labels[target] = np.abs(labels.iloc[:, column - 1 if column else 1] - flipped)
    return out | {"replicate": _is_hardly_new(world, labels, references, preds)}


def _is_hardly_new(world, labels, references, preds):
    """Whether the only target gets LK009: what an audit asks, without the rest of an audit."""
    data = leakcheck.build_evaluation_set(preds, labels, world.loci, train=references)
    codes, n_blocks, _ = genome_blocks(data)
    panel = ReferencePanel(data, codes, n_blocks)
    return float(Likeness(panel).resembles(panel.view(*data.targets)) is not None)


def _remembered(world, labels, targets, references, rng):
    """Models of nothing but the reference labels, each the same in all targets, and noise."""
    table = labels[references].to_numpy(dtype=float)
    average = table.mean(axis=1)
    n, spread = len(average), average.std()
    # What is next to a target may truly tell of it: that is copying, not memory.
    sublineage = dict(zip(world.cell_types, world.sublineage, strict=True))
    taken = {sublineage[name] for name in targets}
    distant = table[:, [sublineage[name] not in taken for name in references]]
    noise = spread * rng.standard_normal((4, n))
    chosen = rng.permutation(distant.shape[1])[:3], rng.permutation(table.shape[1])
    grouped = pd.Series(average).groupby(world.loci["chrom"].to_numpy(), sort=False)
    beside = pd.concat([grouped.shift(1), grouped.shift(-1)], axis=1).mean(axis=1).to_numpy()
    columns = {
        "jittered-average": average + 1e-6 * noise[0],
        "float16-average": average.astype(np.float16).astype(float),
        "average-with-noise": average + 0.05 * noise[1],
        "square-of-average": average**2 + 0.01 * noise[2],
        "three-celltypes": distant[:, chosen[0]].mean(axis=1),
        "random-weights": distant @ rng.dirichlet(np.ones(distant.shape[1])),
        "two-thirds": table[:, chosen[1][: 2 * table.shape[1] // 3]].mean(axis=1),
        "smoothed-average": (average + beside) / 2 + 0.01 * noise[3],
    }
    preds = {
        name: pd.DataFrame(dict.fromkeys(targets, values), index=labels.index)
        for name, values in columns.items()
    }
    preds["random"] = predict(world, "random", targets, random_state=rng)
    return preds


def claims(seed):
    """What may be claimed over four targets: whether of models with nothing, or with something."""
    rng, world, targets, references = draw_world(seed)
    preds = {
        name: predict(world, name, targets, random_state=rng)
        for name in (*CLAIMED_NOTHING, "honest-weak", "honest-strong")
    }
    report = _audit(world, references, preds)
    out = {}
    for name in preds:
        tables = (one[one["model"] == name] for one in (report.information, report.verdict))
        found = found_of(name, *tables, alpha=LEVEL)
        out[f"better|{name}"] = float(found.says_better)
        out[f"specific|{name}"] = float(found.says_specific)
        out[f"any|{name}"] = float(found.specific > 0)
    return out


def gains(seed):
    """Audit memory with a gain and an offset for each target, where labels differ in quality.

    A poor cell type is active alone where the average is low, and silent alone where it is high.
    """
    rng, world, targets, references = draw_world(seed)
    labels = world.labels.copy()
    for name in world.cell_types:
        changed = rng.random(len(labels)) < 0.3 * rng.random()
        labels.loc[changed, name] = rng.integers(2, size=int(changed.sum()), dtype=np.int8)
    own, table = labels[targets].to_numpy(dtype=float), labels[references].to_numpy(dtype=float)
    columns = {
        "mean-label": table.mean(axis=1),
        "mean-signal": np.arcsinh(world.signal[references].to_numpy()).mean(axis=1),
        "three-celltypes": table[:, rng.permutation(table.shape[1])[:3]].mean(axis=1),
    }
    preds, n_targets = {}, len(targets)
    for name, values in columns.items():
        memory = (values - values.mean()) / values.std()
        gain, offset = np.exp(0.5 * rng.standard_normal(n_targets)), rng.standard_normal(n_targets)
        scores = memory[:, None] * gain + offset
        preds[name] = scores
        preds[f"{name} with own noise"] = scores + 0.3 * rng.standard_normal(scores.shape)
        mixed = scores + 0.05 * own / own.std() * gain
        preds[f"{name} with 5% of the label"] = mixed + 0.3 * rng.standard_normal(scores.shape)
    blocks = pd.factorize(world.loci["chrom"])[0]
    plain = within_locus_concordance(own, preds["mean-label with own noise"], blocks, 22)
    found = jackknife(plain.concordance, plain.replicates, plain.block_sizes)
    out = {"plain": float(upper_tail_pvalue(found, 0.5) < LEVEL)}
    frames = {
        name: pd.DataFrame(scores, index=labels.index, columns=targets)
        for name, scores in preds.items()
    }
    report = leakcheck.audit(frames, labels, world.loci, train=references)
    within = report.within_locus.set_index("model")["pvalue"]
    return out | {name: float(within[name] < LEVEL) for name in frames}


def jitter(seed):
    """Audit the average activity with a jitter against the average, labels only."""
    rng, world, targets, references = draw_world(seed)
    preds = {"jitter": predict(world, "jittered-average", targets, random_state=rng)}
    report = leakcheck.audit(preds, world.labels, world.loci, train=references)
    labels = world.labels.to_numpy()
    average = world.labels[references].to_numpy().mean(axis=1)
    higher = []
    for target in targets:
        own = labels[:, world.cell_types.index(target)]
        jittered = average_precision_score(own, preds["jitter"][target])
        higher.append(jittered > average_precision_score(own, average))
    rows = report.verdict[report.verdict["baseline"] == "average-activity"]
    return {
        "rule": np.mean(higher),
        "one metric": (rows["ci_low"] > 0).mean(),
        "verdict": (rows["verdict"] == "beats").mean(),
    }


def correlated(seed, correlation, n_contigs=0):
    """Compare two scores of equal quality whose errors are correlated along chromosomes.

    The last loci may each be on a contig of its own.
    """
    rng, world, targets, _ = draw_world(seed, autocorrelation=correlation)
    chrom = pd.factorize(world.loci["chrom"])[0]
    chrom = np.concatenate([chrom[: len(chrom) - n_contigs], 22 + np.arange(n_contigs)])
    chrom = np.unique(chrom, return_inverse=True)[1]
    lengths = np.bincount(chrom)
    column = world.cell_types.index(targets[0])
    own = world.latent[:, column]
    errors = autoregression(lengths, 2, correlation, rng)
    first, second = own + errors[:, 0], own + errors[:, 1]
    labels = world.labels.to_numpy()[:, column] == 1
    out = {"iid": float(delong_pvalue(labels, first, second) < LEVEL)}
    blocks = blocks_of_loci(chrom, world.loci["start"].to_numpy()).codes
    for name, codes in (("jackknife", blocks), ("each a block", chrom)):
        sizes = np.bincount(codes)
        found = [leave_one_block_out(labels, one, codes, len(sizes)) for one in (first, second)]
        for metric in ("expected_average_precision", "auroc"):
            estimate = getattr(found[0][0], metric) - getattr(found[1][0], metric)
            rows = getattr(found[0][1], metric) - getattr(found[1][1], metric)
            pvalue = upper_tail_pvalue(jackknife(estimate, rows, sizes))
            out[f"{name}|{metric}"] = float(pvalue < LEVEL)
    return out


def at_margin(seed, weight):
    """Audit a mixture against the average; with the right weight its true skill is the margin."""
    rng, world, targets, references = draw_world(seed)
    preds = {"mixture": predict(world, "mixture", targets, weight=weight, random_state=rng)}
    report = _audit(world, references, preds)
    rows = report.verdict[report.verdict["baseline"] == "average-activity"]
    return {"lost": (rows["verdict"] == "does-not-beat").mean(), "skill": rows["skill"].mean()}


def families(seed, n_models=100, shared=0.5):
    """Compare two families of equal quality whose models share part of their error."""
    rng, world, targets, references = draw_world(seed)
    target = targets[0]
    own = world.latent[:, world.cell_types.index(target)]
    preds = {}
    for family in ("a", "b"):
        common = rng.standard_normal(len(own))
        preds[family] = {
            f"{family}{i}": pd.DataFrame(
                {
                    target: own
                    + np.sqrt(shared) * common
                    + np.sqrt(1 - shared) * rng.standard_normal(len(own))
                },
                index=world.labels.index,
            )
            for i in range(n_models)
        }
    table = _audit(world, references, preds).comparisons
    table = table[table["family_a"] == "a"]
    whole, strata = table[table["stratum"] == "all"], table[table["stratum"] != "all"]
    out = {}
    for name, column in (("mann-whitney", "pvalue"), ("loci", "pvalue_loci")):
        out[name] = float((whole[column] < LEVEL).any())
        out[f"{name}, any"] = float((strata[column] < LEVEL).any())
        out[f"{name}, any adjusted"] = float((strata[f"{column}_adjusted"] < LEVEL).any())
    return out


def discoveries(seed):
    """Compare two families of independent models, equally good, over 54 strata."""
    rng, world, targets, _ = draw_world(seed, n_cell_types=56, n_loci=6_000, n_lineages=7)
    target = targets[0]
    references = [name for name in world.cell_types if name != target]
    own = world.latent[:, world.cell_types.index(target)]
    preds = {
        family: {
            f"{family}{i}": pd.DataFrame(
                {target: own + rng.standard_normal(len(own))}, index=world.labels.index
            )
            for i in range(10)
        }
        for family in ("a", "b")
    }
    table = _audit(world, references, preds).comparisons
    rows = table[(table["family_a"] == "a") & (table["stratum"] != "all")]
    return {
        "any": float((rows["pvalue_adjusted"] < LEVEL).any()),
        "strata": float(len(rows)),
        "tested": float(rows["pvalue"].notna().sum()),
    }


def strata(seed):
    """Look for the average activity inside strata of activity count, and of variance."""
    rng, world, targets, references = draw_world(seed)
    preds = {"memoriser": predict(world, "memoriser", targets, random_state=rng)}
    report = leakcheck.audit(preds, world.labels, world.loci, train=references)
    rows = report.scores[
        (report.scores["model"] == "average-activity")
        & (report.scores["metric"] == "conditional_auroc")
    ]
    table = world.labels[references].to_numpy()
    by_variance = [variance_strata_auroc(world.labels[t].to_numpy(), table) for t in targets]
    return {"count": rows["value"].mean(), "variance": np.mean(by_variance)}
