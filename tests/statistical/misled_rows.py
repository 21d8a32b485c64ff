"""What is claimed of the simulations in `misled`."""

from functools import partial

from tests.statistical import misled
from tests.statistical.rows import repeat


def gapped(replicates, jobs):
    """Gaps on whole chromosomes: what only remembers is not specific, but where tails are heavy."""
    for what in misled.GAPPED:
        found = repeat(partial(misled.gapped, what=what), replicates, jobs)
        where = f"information, {what} with gaps on {misled.N_GONE} of 22 chromosomes"
        for model, values in found.items():
            bound = (">=", 0.88) if model == misled.MIXTURE else ("<=", 0.09)
            yield f"{where}, {model}", values, *bound
    for unit in misled.UNITS:
        found = repeat(partial(misled.of_some, unit=unit), replicates, jobs)
        where = f"information, heavy tails ({unit}), references on half of the chromosomes"
        for model, values in found.items():
            bound = ("", None) if unit == "raw" else ("<=", 0.09)
            yield f"{where}, {model} of half of them", values, *bound


def slopes(replicates, jobs):
    """A property of loci, on which labels depend by another slope in each library."""
    found = repeat(misled.slopes, replicates, jobs)
    for model, name in (("property", "it alone"), ("average", "with the average")):
        claim = f"a property of loci with a slope for each library, {name}"
        yield f"information, {claim}", found[model], "", None
        if model == "property":
            yield f"within loci, {claim}: mean concordance", found[f"within|{model}"], "=", 0.5


def scattered(replicates, jobs):
    """Targets audited at scattered loci: what remembers the loci between them is not specific."""
    for signal, what in ((False, "labels only"), (True, "with a signal")):
        found = repeat(partial(misled.scattered, signal=signal), replicates, jobs)
        share = f"{misled.SHARE_AUDITED:.0%} of {misled.SCATTERED['n_loci']:,} loci audited"
        for model, values in found.items():
            bound = (">=", 0.88) if model == misled.MIXTURE else ("<=", 0.09)
            yield f"information, {share}, {what}, {model}", values, *bound
