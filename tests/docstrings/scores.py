"""What is asked of a docstring that says how good a score is.

Every metric of the tables has a home, where its range, no-skill value, undefined cases, formula and
source stand. A function that gives a record of scores says when they are NaN, or points to what
says it; the record says what each of its numbers may be.
"""

import inspect
import re
from typing import Any, Final

from tests.docstrings.rules import resolve
from tests.docstrings.text import entries_of, sections_of

_RANKING = "leakcheck.base.ranking"
_CONTINUOUS = "leakcheck.base.regression.RegressionScores"

#: Metric -> functions that define it.
HOMES: Final[dict[str, tuple[str, ...]]] = {
    "average_precision": ("leakcheck.average_precision", f"{_RANKING}.average_precision"),
    "expected_average_precision": (
        "leakcheck.expected_average_precision",
        f"{_RANKING}.expected_average_precision",
    ),
    "auroc": ("leakcheck.auroc", f"{_RANKING}.auroc"),
    "conditional_auroc": ("leakcheck.base.ranktests.van_elteren_auroc",),
    "spearman_with_average": ("leakcheck.information.Information",),
    "mse": (_CONTINUOUS,),
    "pearson": (_CONTINUOUS,),
    "spearman": (_CONTINUOUS,),
    "r2": (_CONTINUOUS,),
    "msevar": (_CONTINUOUS,),
    "mse1obs": (_CONTINUOUS,),
    "mse1imp": (_CONTINUOUS,),
    "anomaly_correlation": (_CONTINUOUS,),
    # What the tables `verdict`, `information`, `within_locus` and `comparisons` rest on.
    "skill": ("leakcheck.comparison.summarise_skill",),
    "partial_correlation": ("leakcheck.base.conditional.covariance_of_sums",),
    "concordance": ("leakcheck.base.concordance.within_locus_concordance",),
    "effect_size": ("leakcheck.base.ranktests.mann_whitney",),
    "similarity": ("leakcheck.base.similarity.pearson_matrix",),
    "no_skill": (f"{_RANKING}.no_skill_average_precision",),
}

#: Homes whose quantity has no source with a DOI, and why.
WITHOUT_DOI: Final = {
    "leakcheck.comparison.summarise_skill": "leakcheck's own",
    "leakcheck.base.concordance.within_locus_concordance": "leakcheck's own",
    "leakcheck.base.ranktests.van_elteren_auroc": "the bulletin of 1960 has none",
}

#: Records of scores -> those of their fields that are scores.
RECORDS: Final[dict[str, tuple[str, ...]]] = {
    f"{_RANKING}.RankingScores": ("average_precision", "expected_average_precision", "auroc"),
    "leakcheck.base.grouped.GroupedScores": (
        "average_precision",
        "expected_average_precision",
        "auroc",
    ),
    "leakcheck.base.regression.RegressionScores": (
        *("mse", "pearson", "spearman", "r2"),
        *("msevar", "mse1obs", "mse1imp", "anomaly_correlation"),
    ),
    "leakcheck.base.regression.ErrorAndCorrelation": ("mse", "pearson"),
    "leakcheck.base.concordance.WithinLocus": ("concordance",),
    "leakcheck.base.conditional.ConditionalCovariance": ("pvalue", "partial_correlation"),
    "leakcheck.base.ranktests.MannWhitney": ("pvalue", "effect_size"),
    "leakcheck.information.Information": ("spearman_with_average",),
}

#: Fields that are no measure of skill: a probability under the null hypothesis.
_WITHOUT_SKILL: Final = {"pvalue"}
_RANGE = re.compile(r"\brange\b", flags=re.IGNORECASE)
_NO_SKILL = re.compile(r"\bno[- ]skill\b", flags=re.IGNORECASE)
_NAN = re.compile(r"\bNaN\b")
_DOI = re.compile(r"\b10\.\d{4,9}/\S+")
_MATHS = re.compile(r":math:`|\.\. math::|``[^`]*(?: [-+*/] |\*\*)[^`]*``")
_NAME = re.compile(r"`([\w.]+)`")


def faults_of_home(path: str, value: Any) -> list[str]:
    """What a docstring that defines a metric does not say."""
    doc = inspect.getdoc(value) or ""
    sections = sections_of(doc)
    told = sections.get("Notes", "") + sections.get("References", "")
    asked = {
        "range": _RANGE.search(doc),
        "no-skill value": _NO_SKILL.search(doc),
        "undefined case (NaN)": _NAN.search(doc),
        "formula in `Notes`": _MATHS.search(sections.get("Notes", "")),
        "source with a DOI": path in WITHOUT_DOI or _DOI.search(told),
    }
    return [f"no {what}" for what, found in asked.items() if not found]


def faults_of_record(value: Any, scores: tuple[str, ...]) -> list[str]:
    """What the description of a record does not say of its scores."""
    sections = sections_of(inspect.getdoc(value) or "")
    entries = {
        name: entry for entry in entries_of(sections.get("Attributes", "")) for name in entry.names
    }
    faults = []
    for name in scores:
        text = entries[name].text if name in entries else ""
        if not _RANGE.search(text):
            faults.append(f"no range of `{name}`")
        if name not in _WITHOUT_SKILL and not _NO_SKILL.search(text):
            faults.append(f"no no-skill value of `{name}`")
        if not _NAN.search(text):
            faults.append(f"no undefined case (NaN) of `{name}`")
    return faults


def faults_of_giver(function: Any) -> list[str]:
    """Whether a function that gives a record of scores says when they are undefined."""
    gives = str(inspect.signature(function).return_annotation)
    if not any(re.search(rf"\b{path.rpartition('.')[2]}\b", gives) for path in RECORDS):
        return []
    sections = sections_of(inspect.getdoc(function) or "")
    text = sections.get("Returns", "") + sections.get("Notes", "")
    pointers = (resolve(name, function) for name in _NAME.findall(text))
    points = any(_NAN.search(inspect.getdoc(one) or "") for one in pointers if one is not None)
    return [] if points or _NAN.search(text) else ["does not say when its scores are NaN"]
