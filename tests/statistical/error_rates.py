"""Measure the error rates that the documentation states.

    python -m tests.statistical.error_rates --replicates 400 --write docs/statistics-table.md

Every row is a simulation with a known answer, the bound that it must keep, and what was measured.
"""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from leakcheck.diagnosis import FEW_CALLS
from tests.statistical import few_references, scenarios, unobserved
from tests.statistical.misled_rows import gapped, scattered, slopes
from tests.statistical.rows import Row, repeat

MARGIN = 0.05


def calibrated_weight(replicates, jobs):
    """Find the admixture whose true skill over the average activity is the margin."""
    weights = (0.0, 0.02, 0.04, 0.08)
    skills = []
    for weight in weights:
        found = repeat(partial(scenarios.at_margin, weight=weight), replicates, jobs, 10_000)
        skills.append(found["skill"].mean())
    return float(np.interp(MARGIN, skills, weights))


def coverage(found, name):
    """Share of intervals that hold the mean skill over all replicates."""
    targets = range(scenarios.N_TARGETS)
    skill = np.stack([found[f"skill|{name}|{i}"] for i in targets])
    low = np.stack([found[f"skill_ci_low|{name}|{i}"] for i in targets])
    high = np.stack([found[f"skill_ci_high|{name}|{i}"] for i in targets])
    return float(np.mean((low <= skill.mean()) & (skill.mean() <= high)))


def jitter(replicates, jobs):
    """The average activity with its ties broken at random."""
    found = repeat(scenarios.jitter, replicates, jobs)
    yield "average activity with a jitter, scikit-learn's AP is higher", found["rule"], ">=", 0.40
    yield "average activity with a jitter, expected AP alone", found["one metric"], "", None
    yield "average activity with a jitter, our verdict `beats`", found["verdict"], "<=", 0.085


def null(replicates, jobs):
    """Two scores of equal quality, errors correlated along chromosomes."""
    # DeLong's test is right where loci are independent, wrong where they are alike, and in between
    # it is what it is.
    naive = {0.0: ("<=", 0.085), 0.5: ("", None), 0.9: (">=", 0.15), 0.98: (">=", 0.15)}
    for correlation, bound in naive.items():
        found = repeat(partial(scenarios.correlated, correlation=correlation), replicates, jobs)
        name = f"null, errors correlated {correlation:g} along chromosomes"
        yield f"{name}: DeLong over loci", found["iid"], *bound
        rates = found["jackknife|expected_average_precision"]
        yield f"{name}: jackknife, expected AP", rates, "<=", 0.085
        yield f"{name}: jackknife, AUROC", found["jackknife|auroc"], "<=", 0.085
    found = repeat(partial(scenarios.correlated, correlation=0.9, n_contigs=150), replicates, jobs)
    name = "null, errors correlated 0.9, 19 chromosomes and 150 contigs of one locus"
    rates = found["each a block|expected_average_precision"]
    yield f"{name}: jackknife over each, expected AP", rates, ">=", 0.12
    rates = found["jackknife|expected_average_precision"]
    yield f"{name}: jackknife, expected AP", rates, "<=", 0.085
    yield f"{name}: jackknife, AUROC", found["jackknife|auroc"], "<=", 0.085


def verdicts(replicates, jobs):
    """Models of every kind, audited."""
    found = repeat(scenarios.verdicts, replicates, jobs)
    for name in ("honest-weak", "honest-strong", "memoriser", "mixture"):
        yield f"coverage of the 90% interval, {name}", coverage(found, name), ">=", 0.84
    for name in scenarios.MEMORISERS:
        yield f"{name}: beats the average", found[f"average|{name}"], "<=", 0.05
        yield f"{name}: beats both", found[f"both|{name}"], "<=", 0.02
        yield f"{name}: does not beat the average", found[f"lost|{name}"], ">=", 0.85
    for name in scenarios.COPIERS:
        yield f"{name}: beats the average", found[f"average|{name}"], ">=", 0.95
        yield f"{name}: beats both", found[f"both|{name}"], "<=", 0.02
    for name in ("honest-strong", "perfect"):
        yield f"{name}: beats both", found[f"both|{name}"], ">=", 0.98
    for name in ("jittered-average", *scenarios.NOTHING_KNOWN):
        yield f"information, {name}", found[f"information|{name}"], "<=", 0.09
    yield "information, honest-weak", found["information|honest-weak"], ">=", 0.95
    yield "information, mixture of 20%", found["information|mixture"], ">=", 0.88
    # An exact copy is refused; a rough one is the hardest case, and has a wider bound.
    yield "information, nearest-copier", found["information|nearest-copier"], "<=", 0.09
    yield "information, rough-copier", found["information|rough-copier"], "<=", 0.15
    yield "within locus, concordance of a memoriser", found["concordance|memoriser"], "=", 0.5
    for name in scenarios.NOISY:
        yield f"within locus, {name}", found[f"within|{name}"], "<=", 0.09
    yield "within locus, mixture of 5%", found["within|mixture-5%"], ">=", 0.75


def gains(replicates, jobs):
    """Memory with a gain and an offset for each target: it does not order targets within loci."""
    found = repeat(scenarios.gains, replicates, jobs)
    claim = "within locus, gains differ"
    yield f"{claim}, mean-label with own noise, without strata", found["plain"], "", None
    for name in scenarios.MEMORIES:
        yield f"{claim}, {name}", found[name], "<=", 0.09
        yield f"{claim}, {name} with own noise", found[f"{name} with own noise"], "<=", 0.09
        mixed = f"{name} with 5% of the label"
        yield f"{claim}, {mixed}", found[mixed], ">=", 0.90


def claims(replicates, jobs):
    """What a report says may be claimed over several targets."""
    found = repeat(scenarios.claims, replicates, jobs)
    for name in scenarios.CLAIMED_NOTHING:
        claim = f"claim over {scenarios.N_TARGETS} targets, {name}"
        yield f"{claim}: better than free", found[f"better|{name}"], "<=", 0.02
        yield f"{claim}: cell-type-specific", found[f"specific|{name}"], "<=", 0.05
        yield f"{claim}: some target is called specific", found[f"any|{name}"], "", None
    for name in ("honest-weak", "honest-strong"):
        claim = f"claim over {scenarios.N_TARGETS} targets, {name}"
        yield f"{claim}: cell-type-specific", found[f"specific|{name}"], ">=", 0.95
    yield f"{claim}: better than free", found[f"better|{name}"], ">=", 0.95


def continuous(replicates, jobs):
    """Continuous labels in several units: what has only memory is not called specific."""
    for unit in scenarios.UNITS:
        yield from _information(unit, f"continuous labels ({unit})", replicates, jobs)


def labels_only(replicates, jobs):
    """Binary labels without a signal: the same of models that have seen labels alone."""
    yield from _information("labels", "labels only", replicates, jobs)


def _information(unit, name, replicates, jobs):
    """Rows of the information test for labels of one kind."""
    found = repeat(partial(scenarios.information, unit=unit), replicates, jobs)
    for model in scenarios.REMEMBERED:
        yield f"information, {name}, {model}", found[model], "<=", 0.09
    yield f"information, {name}, honest-weak", found["honest-weak"], ">=", 0.95
    yield f"information, {name}, mixture of 20%", found["mixture"], ">=", 0.88


def fewest(replicates, jobs):
    """As few loci as the information test takes: what has only memory is not called specific."""
    for name, case in scenarios.FEWEST.items():
        found = repeat(partial(scenarios.fewest, **case), replicates, jobs)
        yield f"{name}: targets that are testable", found["tested"], "", None
        for model in scenarios.REMEMBERED:
            tested = found[model][found["tested"] > 0]
            yield f"information, {name}, {model}", tested, "<=", 0.09


def gaps(replicates, jobs):
    """Reference labels that are missing: what leans on how many there are is not specific."""
    found = repeat(unobserved.gaps, replicates, jobs)
    n_loci, missing = unobserved.GAPS["n_loci"], unobserved.GAP_SHARE
    claim = f"information, {n_loci:,} loci, {missing:.0%} of labels missing"
    for model in unobserved.LEANED:
        yield f"{claim}, {model}", found[model], "<=", 0.09
    yield f"{claim}, mixture of 20%", found["mixture"], ">=", 0.88


def half(replicates, jobs):
    """References with real-valued labels on half of the chromosomes each: nothing is specific."""
    found = repeat(unobserved.half, replicates, jobs)
    claim = "information, heavy tails, references on half of the chromosomes"
    for model in ("average-with-noise", "median", "noise"):
        yield f"{claim}, {model}", found[model], "<=", 0.09
    yield f"{claim}, mixture of 20%", found["mixture"], ">=", 0.88


def few(replicates, jobs):
    """References with calls alone: when their average is a low bar, a finding says so."""
    for n in few_references.REFERENCES:
        found = repeat(partial(few_references.few, n_references=n), replicates, jobs)
        name = f"labels only, {n} references, average with ties in the order of neighbours"
        is_low = n < FEW_CALLS
        yield f"{name}: beats both", found["useful"], *(("", None) if is_low else ("<=", 0.085))
        yield f"{name}: LK004 warns", found["warned"], "=", float(is_low)
        yield f"information, {name}", found["specific"], "<=", 0.09


def uneven(replicates, jobs):
    """Memory that is better than the plain average: what is not covered is said."""
    found = repeat(unobserved.uneven, replicates, jobs)
    memories = {
        "weights": "weighted by likeness to one another",
        "trimmed": "a trimmed mean",
        "median": "the median",
    }
    worlds = {
        "quality": "differ in quality",
        "zeros": "have zeros for labels",
        "tenths": "have 0.1 for labels",
    }
    for world, name in worlds.items():
        for key, memory in memories.items():
            claim = f"references that {name}, {memory}"
            yield f"{claim}: beats both", found[f"{world}|{key}|both"], "", None
            yield f"information, {claim}", found[f"{world}|{key}|specific"], "<=", 0.09
        mixture = f"information, references that {name}, mixture of 20%"
        yield mixture, found[f"{world}|mixture|specific"], ">=", 0.88


def held_out(replicates, jobs):
    """Few chromosomes are audited, and cut into stretches: what is better, and what is specific."""
    found = repeat(unobserved.held_out, replicates, jobs)
    n_loci, n = unobserved.HELD_OUT["n_loci"], len(unobserved.HELD_OUT_CHROMOSOMES)
    where = f"{n_loci:,} loci, {n} of 22 chromosomes audited"
    for model in ("jittered-average", *scenarios.MEMORISERS):
        yield f"{where}, {model}: beats the average", found[f"beats|{model}"], "<=", 0.085
    for model in (*scenarios.MEMORISERS, "random"):
        yield f"information, {where}, {model}", found[f"specific|{model}"], "<=", 0.09
    yield f"information, {where}, honest-weak", found["specific|honest-weak"], "", None
    yield f"information, {where}, mixture of 20%", found["specific|mixture"], ">=", 0.88


def silent(replicates, jobs):
    """Chromosomes on which all labels are 0: what only remembers is not specific, nor better."""
    n, n_gone = unobserved.N_SILENT_CELL_TYPES, unobserved.N_SILENT_CHROMOSOMES
    where = f"{n} cell types, {n_gone} of 22 chromosomes silent"
    for unit, name in (("labels", "labels only"), ("arcsinh", "continuous labels")):
        found = repeat(partial(unobserved.silent, unit=unit), replicates, jobs)
        for model in ("average-with-noise", "smoothed-average", "random"):
            claim = f"{name}, {where}, {model}"
            yield f"information, {claim}", found[f"specific|{model}"], "<=", 0.09
            yield f"{claim}: beats the average", found[f"beats|{model}"], "<=", 0.085
        mixture = f"information, {name}, {where}, mixture of 20%"
        yield mixture, found["specific|mixture"], ">=", 0.88


def quiet(replicates, jobs):
    """Chromosomes on which next to nothing is active, and chromosomes of which half is silent."""
    n, memory = unobserved.N_SILENT_CELL_TYPES, ("average-with-noise", "smoothed-average")
    for unit, name in (("labels", "labels only"), ("arcsinh", "continuous labels")):
        for n_gone, active in ((1, 0.005), (4, 0.005), (4, 0.02), (10, 0.02)):
            share = f"{n_gone} of 22 chromosomes silent but for {active:.1%} of the labels"
            where = f"information, {name}, {n} cell types, {share}"
            scenario = partial(unobserved.silent, unit=unit, active=active, n_gone=n_gone)
            found = repeat(scenario, replicates, jobs)
            for model in memory:
                yield f"{where}, {model}", found[f"specific|{model}"], "<=", 0.09
            yield f"{where}, mixture of 20%", found["specific|mixture"], ">=", 0.88
        where = f"information, {name}, {n} cell types, half of each of 4 chromosomes silent"
        found = repeat(partial(unobserved.silent, unit=unit, part=0.5), replicates, jobs)
        for model in memory:
            yield f"{where}, {model}", found[f"specific|{model}"], "", None
        yield f"{where}, mixture of 20%", found["specific|mixture"], ">=", 0.88


def rare(replicates, jobs):
    """One active locus in a hundred: what is called specific, and what is called memory."""
    found = repeat(scenarios.rare, replicates, jobs)
    for model in scenarios.MEMORISERS:
        yield f"information, 1% active, {model}", found[f"specific|{model}"], "<=", 0.09
    for model in scenarios.HONEST_WHERE_RARE:
        claim = f"information, 1% active, {model}"
        yield claim, found[f"specific|{model}"], "", None
        # What adds as little as the weak one does may be called so.
        bound = ("", None) if model == "honest-weak" else ("<=", 0.05)
        yield f"{claim}: called memory", found[f"memory|{model}"], *bound


def likeness(replicates, jobs):
    """Which targets are called hardly new: those as new as the references are, and replicates."""
    for n_references in (7, 15, 23, 47):
        found = repeat(partial(scenarios.likeness, n_references=n_references), replicates, jobs)
        claim = f"LK009, {n_references} references"
        yield f"{claim}, a target as new as they are", found["any"], "<=", 0.15
        yield f"{claim}, a replicate", found["replicate"], ">=", 0.95


def margin(replicates, jobs):
    """A model whose true skill is exactly the margin."""
    weight = calibrated_weight(max(replicates // 4, 8), jobs)
    found = repeat(partial(scenarios.at_margin, weight=weight), replicates, jobs)
    skill = found["skill"].mean()
    name = f"true skill at the margin (mixture of {weight:.3f}, mean skill {skill:.3f})"
    yield f"{name}: `does-not-beat`", found["lost"], "<=", 0.08


def families(replicates, jobs):
    """Two families of equal quality whose models share half of their error."""
    found = repeat(scenarios.families, replicates, jobs)
    shared = "families of 100 that share half their error"
    yield f"{shared}: Mann-Whitney", found["mann-whitney"], ">=", 0.30
    yield f"{shared}: jackknife over loci", found["loci"], "<=", 0.085


def few_models(replicates, jobs):
    """Families of a few models of equal quality that share half of their error, and the strata."""
    tests = {"mann-whitney": "Mann-Whitney", "loci": "jackknife over loci"}
    for n_models in (2, 3, 7):
        found = repeat(partial(scenarios.families, n_models=n_models), replicates, jobs)
        shared = f"families of {n_models} that share half their error"
        yield f"{shared}: jackknife over loci", found["loci"], "<=", 0.085
        for key, test in tests.items():
            bound = ("<=", 0.085) if key == "loci" else ("", None)
            yield f"{shared}, any stratum: {test}", found[f"{key}, any"], "", None
            adjusted = found[f"{key}, any adjusted"]
            yield f"{shared}, any stratum: {test}, adjusted", adjusted, *bound


def discoveries(replicates, jobs):
    """Families of independent models over the 54 strata."""
    found = repeat(scenarios.discoveries, replicates, jobs)
    name = f"any discovery over {found['strata'].mean():.0f} strata without a difference"
    yield name, found["any"], "<=", 0.08


def strata(replicates, jobs):
    """The average activity inside strata of two kinds."""
    found = repeat(scenarios.strata, replicates, jobs)
    yield "AUROC of the average inside count strata", found["count"], "=", 0.5
    yield "AUROC of the average inside variance strata", found["variance"], ">=", 0.75


#: Simulations by name; each yields (claim, values, side, bound).
SIMULATIONS = {
    one.__name__: one
    for one in (
        jitter, null, verdicts, gains, claims, continuous, labels_only, fewest, few, gaps,
        half, uneven, gapped, scattered, slopes, held_out, silent, quiet, rare, likeness, margin,
        families, few_models, discoveries, strata,
    )
}  # fmt: skip


def measure(name, replicates, jobs):
    """Run one simulation and lay out its rows."""
    for claim, values, side, bound in SIMULATIONS[name](replicates, jobs):
        yield Row(claim, float(np.mean(values)), side, bound, replicates)


def table(rows, replicates):
    """Lay the rows out as Markdown."""
    head = (
        f"Measured over {replicates} simulated epigenomes (3,000 loci on 22 chromosomes, 24 cell "
        "types, four targets, where a row says nothing else; 6,000 loci and 56 cell types for the "
        f"54 strata, {scenarios.RARE['n_loci']:,} loci where 1% is active) by "
        f"`python -m tests.statistical.error_rates --replicates {replicates}`.\n\n"
        "| claim | bound | measured | replicates |\n|---|---|---|---|\n"
    )
    return head + "\n".join(str(row) for row in rows) + "\n"


def main() -> int:
    """Parse, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="+", choices=SIMULATIONS, default=list(SIMULATIONS))
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    rows = []
    for name in arguments.only:
        for row in measure(name, arguments.replicates, arguments.jobs):
            print(row, file=sys.stderr, flush=True)
            rows.append(row)
    text = table(rows, arguments.replicates)
    print(text)
    print(f"{time.perf_counter() - begun:.0f} seconds", file=sys.stderr)
    if arguments.write:
        arguments.write.write_text(text, encoding="utf-8")
    return 0 if all(row.holds() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
