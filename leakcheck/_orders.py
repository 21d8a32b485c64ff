"""Floor 5: findings about the order that a score puts labels in: wrong, perfect, or none."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from leakcheck.checks import Finding, make_finding
from leakcheck.data.wording import counted

__all__ = ["findings_of_orders", "is_small", "named", "only"]

#: Below this the sign of the scores is in doubt.
SIGN_AUROC: Final = 0.4
#: Loci of each class, or loci with a real-valued label, below which a perfect order may be luck.
LEAST_OF_CLASS: Final = 20
LEAST_RANKED: Final = 50
#: An average activity whose interval ends below this does not know the target: AUROC of binary
#: labels, Pearson's correlation of real-valued ones. On real genes it has 0.9 and more.
BLIND_AUROC: Final = 0.6
BLIND_CORRELATION: Final = 0.2
#: Rounding of a correlation of ranks; at 50 loci two neighbours that change places cost 1e-4.
_ROUNDING: Final = 1e-9


def findings_of_orders(scores: pd.DataFrame) -> Iterator[Finding]:
    """Make the findings that rest on how scores order the labels.

    Parameters
    ----------
    scores : DataFrame
        Table `scores`.

    Yields
    ------
    Finding
        One for each model and kind.

    Examples
    --------
    >>> from leakcheck.results import build_table
    >>> row = {"model": ["m"], "target": ["A"], "kind": ["model"], "metric": ["auroc"]}
    >>> sizes = {"n_loci": [90], "n_positive": [30]}
    >>> table = build_table("scores", row | sizes | {"value": [1.0]})
    >>> [one.code for one in findings_of_orders(table)]
    ['LK047']
    """
    yield from _signs(scores)
    yield from _perfect(scores)
    yield from _blind(scores)
    yield from _contrary(scores)


def _signs(scores: pd.DataFrame) -> Iterator[Finding]:
    """Models whose AUROC asks whether the sign is right."""
    rows = scores.loc[
        (scores["kind"] == "model") & (scores["metric"] == "auroc") & (scores["value"] < SIGN_AUROC)
    ]
    for model, part in rows.groupby("model", sort=False):
        targets = part["target"].tolist()
        evidence = f"AUROC {part['value'].min():.3f} at the least, at {named(targets)}."
        yield make_finding("LK008", model=str(model), target=only(targets), evidence=evidence)


def is_small(scores: pd.DataFrame) -> bool:
    """Whether every target has so few loci that a perfect order may be luck.

    Parameters
    ----------
    scores : DataFrame
        Table `scores`.

    Returns
    -------
    bool

    Examples
    --------
    >>> from leakcheck.results import build_table
    >>> sizes = {"n_loci": [90], "prevalence": [1 / 3], "n_positive": [30]}
    >>> is_small(build_table("scores", {"model": ["m"], "target": ["A"]} | sizes))
    False
    """
    return not _large(scores).any()


def _large(scores: pd.DataFrame) -> "pd.Series[bool]":
    """Rows of targets that are large enough; without a prevalence labels are continuous."""
    rarer = scores["n_positive"].clip(upper=scores["n_loci"] - scores["n_positive"])
    ranked = scores["prevalence"].isna() & (scores["n_loci"] >= LEAST_RANKED)
    return (rarer >= LEAST_OF_CLASS) | ranked


def _perfect(scores: pd.DataFrame) -> Iterator[Finding]:
    """Models without a single fault, where no baseline and no bound is without one."""
    by_class = (scores["metric"] == "auroc") & (scores["value"] == 1.0)
    by_rank = (scores["metric"] == "spearman") & (scores["value"] >= 1.0 - _ROUNDING)
    rows = scores.loc[(by_class | by_rank) & _large(scores)]
    of_model = rows["kind"] == "model"
    easy = rows.loc[~of_model, "target"]
    found = rows.loc[of_model & ~rows["target"].isin(easy)]
    for model, part in found.groupby("model", sort=False):
        targets = part["target"].tolist()
        said = (
            "AUROC is 1: every active locus scores above every inactive one"
            if part["metric"].iloc[0] == "auroc"
            else "Spearman's correlation is 1: the ranks of the score are those of the labels"
        )
        evidence = f"{said}, at {named(targets)}."
        yield make_finding("LK047", model=str(model), target=only(targets), evidence=evidence)


def _blind(scores: pd.DataFrame) -> Iterator[Finding]:
    """Targets of which the average activity says nothing."""
    of_average = scores["model"] == "average-activity"
    auroc, pearson = scores["metric"] == "auroc", scores["metric"] == "pearson"
    # Where a model's correlation is defined, labels differ, and it is the average that does not.
    of_model = scores.loc[(scores["kind"] == "model") & pearson & scores["value"].notna(), "target"]
    constant = pearson & scores["value"].isna() & scores["target"].isin(of_model)
    top = scores["ci_high"]
    low = (auroc & (top < BLIND_AUROC)) | (pearson & (top < BLIND_CORRELATION))
    rows: Iterator[Any] = scores.loc[of_average & (low | constant)].itertuples(index=False)
    for row in rows:
        what = "AUROC" if row.metric == "auroc" else "Pearson's correlation"
        same = np.isnan(row.value) or row.ci_low == row.ci_high
        evidence = (
            "It is the same at all loci."
            if same
            else f"Its {what} is {row.value:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]."
        )
        yield make_finding("LK048", target=str(row.target), evidence=evidence)


def _contrary(scores: pd.DataFrame) -> Iterator[Finding]:
    """Targets of which the average activity tells, and the average signal does not, or wrongly."""
    rows = scores.loc[scores["metric"] == "auroc"]
    tops = {name: part.set_index("target")["ci_high"] for name, part in rows.groupby("model")}
    if "average-signal" not in tops:
        return
    signal = tops["average-signal"]
    activity = tops["average-activity"].reindex(signal.index)
    found = signal.index[(signal < BLIND_AUROC) & (activity >= BLIND_AUROC)]
    values = rows.set_index(["model", "target"])["value"]
    for target in found:
        evidence = (
            f"The AUROC of the average signal is {values['average-signal', target]:.3f}, that of "
            f"the average activity {values['average-activity', target]:.3f}."
        )
        yield make_finding("LK049", target=str(target), evidence=evidence)


def only(targets: Sequence[str]) -> str:
    """Give the target, where there is one.

    Parameters
    ----------
    targets : sequence of str
        Names.

    Returns
    -------
    str
        "" for several.

    Examples
    --------
    >>> only(["A"]), only(["A", "B"])
    ('A', '')
    """
    return targets[0] if len(targets) == 1 else ""


def named(targets: Iterable[str], most: int = 4) -> str:
    """Name a few targets, and count the rest.

    Parameters
    ----------
    targets : iterable of str
        Names.
    most : int
        How many are named.

    Returns
    -------
    str

    Examples
    --------
    >>> named("ABC", 2)
    'A, B and 1 more target'
    """
    names = list(targets)
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {counted(len(names) - most, 'more target')}"
