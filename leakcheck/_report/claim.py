"""What the verdicts of a report allow one to say, and what they do not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from leakcheck._report.chance import ALPHA, beyond_chance
from leakcheck._report.doubts import BLIND, CONTRARY, SUSPICION, blind_targets, suspects
from leakcheck._report.rows import distinct
from leakcheck._report.words import joined, plural, short
from leakcheck.small_wins import is_useful
from leakcheck.verdicts import PRIMARY_BASELINES

__all__ = ["Found", "claim", "found_of"]

#: From this share on, new loci that lie near the reference's own decide what may be claimed.
_MANY_NEAR: Final = 0.05
_MOST_NAMES: Final = 3
_LONGEST_NAME: Final = 32
_NOTHING: Final = "You may claim nothing from this."
_BETTER: Final = "better than what you get for free"

_ALLOWS: Final = {
    "cross-cell-type": "The loci are the reference's own: nothing is said about new loci.",
    "cross-chromosome": "The cell types are the reference's own: nothing is said about new ones.",
    "hybrid": "Loci and cell types are new to the reference.",
    "random": "Only the pairs are new, no locus and no cell type: this tests imputation.",
    "mixed": "The pairs are of several settings: see report.design before any claim.",
}


class Found(NamedTuple):
    """At how many of its targets a model is better than free, and cell-type-specific.

    Attributes
    ----------
    model : str
        Name.
    better, specific : int
        Targets.
    total : int
        All of its targets.
    says_better, says_specific : bool
        Whether they are more than chance alone gives: what may be claimed.
    """

    model: str
    better: int
    specific: int
    total: int
    says_better: bool
    says_specific: bool


def claim(tables: dict[str, pd.DataFrame], alpha: float = ALPHA) -> str:
    """Say what the verdicts allow one to say, at most a share `alpha` of it by chance alone."""
    information, verdict = tables["information"], tables["verdict"]
    tested = (verdict["verdict"] != "not-testable").any()
    answered = (information["specificity"] != "not-testable").any()
    if information.empty or not (tested or answered):
        return _NOTHING
    suspected = information["model"].isin(suspects(tables["findings"]))
    withheld = _withheld(distinct(information[suspected], "model"))
    information = information[~suspected]
    if information.empty:
        return withheld
    blind = information["target"].isin(blind_targets(tables["findings"]))
    unbeaten = _nothing_to_beat(tables["findings"])
    information = information[~blind]
    if information.empty:
        return " ".join(filter(None, [unbeaten, withheld]))
    verdict = verdict[verdict["target"].isin(information["target"])]
    of_model = dict(iter(verdict.groupby("model", sort=False)))
    found = [
        found_of(str(model), rows, of_model.get(model, verdict[:0]), alpha)
        for model, rows in information.groupby("model", sort=False)
    ]
    words = _one(found[0]) if len(found) == 1 else _several(found)
    reach = _reach(len(distinct(information, "target")), len(found))
    parts = [words, withheld, unbeaten]
    if any(one.says_better or one.says_specific for one in found):
        shown = {**tables, "information": information}
        better = any(one.says_better for one in found)
        parts += [reach, _limits(tables), _low_bar(shown) if better else "", _untested(shown)]
    elif found[0].total == 1:
        parts.append(reach)
    return " ".join(filter(None, parts))


def _withheld(models: Sequence[str]) -> str:
    """Refuse a claim for models that order the labels perfectly; empty where there are none."""
    if not models:
        return ""
    names = joined([short(name, _LONGEST_NAME) for name in models], _MOST_NAMES)
    puts, has = ("it puts", "has") if len(models) == 1 else ("they put", "have")
    return (
        f"You may claim nothing for {names}: {puts} the labels in perfect order, and {has} most "
        f"probably seen them ({SUSPICION})."
    )


def _nothing_to_beat(findings: pd.DataFrame) -> str:
    """Refuse a claim at targets without a baseline; empty where there are none."""
    why = {
        BLIND: f"there the average activity says nothing ({BLIND}), and whoever beats nothing has "
        "shown nothing. First look whether the reference's labels stand at the loci of the "
        "target's.",
        CONTRARY: f"there the signal does not rise with the labels ({CONTRARY}), and anything "
        "beats the nearest cell type. First turn the signal round, or leave `signal` out.",
    }
    parts = []
    for code, words in why.items():
        names = [short(name, _LONGEST_NAME) for name in blind_targets(findings, [code])]
        if names:
            parts.append(f"You may claim nothing at {joined(names, _MOST_NAMES)}: {words}")
    return " ".join(parts)


def found_of(model: str, information: pd.DataFrame, verdict: pd.DataFrame, alpha: float) -> Found:
    """Count the answers of a model, and decide which of them may be claimed.

    Parameters
    ----------
    model : str
        Name.
    information, verdict : DataFrame
        Its rows of these tables.
    alpha : float
        Level of each single answer.

    Returns
    -------
    Found
    """
    better = information.loc[is_useful(information, verdict), "target"]
    specific = information["specificity"] == "cell-type-specific"
    judged = verdict[verdict["target"].isin(better) & verdict["baseline"].isin(PRIMARY_BASELINES)]
    worst = judged.groupby("target", sort=False)["pvalue_adjusted"].max()
    total = len(information)
    return Found(
        model=model,
        better=len(better),
        specific=int(specific.sum()),
        total=total,
        says_better=beyond_chance(len(better), total, worst.tolist(), alpha),
        says_specific=beyond_chance(
            int(specific.sum()), total, information["pvalue_adjusted"][specific].tolist(), alpha
        ),
    )


def _one(found: Found) -> str:
    """What may be claimed of the only model."""
    name = short(found.model, _LONGEST_NAME)
    counts = {
        _BETTER: (found.better, found.says_better),
        "cell-type-specific": (found.specific, found.says_specific),
    }
    if found.better == found.specific and found.says_better and found.says_specific:
        counts = {" and ".join(counts): (found.better, True)}
    yes = [what + _at(n, found.total) for what, (n, says) in counts.items() if says]
    no = [what for what, (_, says) in counts.items() if not says]
    if not yes:
        return f"You may not claim that {name} is {no[0]}, or that it is {no[1]}."
    rest = f", and not that it is {no[0]}" if no else ""
    return f"You may claim that {name} is {' and '.join(yes)}{rest}."


def _at(count: int, total: int) -> str:
    """At how many targets, where there are several."""
    if total == 1:
        return ""
    return f" at all {total} targets" if count == total else f" at {count} of {total} targets"


def _several(found: Sequence[Found]) -> str:
    """What may be claimed of which of several models; many are counted."""
    better = [(one, one.better) for one in found if one.says_better]
    specific = [(one, one.specific) for one in found if one.says_specific]
    if not better and not specific:
        return f"You may claim for no model that it is {_BETTER}, or that it is cell-type-specific."
    if len(found) > _MOST_NAMES:
        return (
            f"You may claim that {len(better) or 'none'} of {plural(len(found), 'model')} are "
            f"{_BETTER}, and {len(specific) or 'none'} cell-type-specific."
        )
    some = ((better, _BETTER), (specific, "cell-type-specific"))
    if _named(better) == _named(specific):
        both = f"{_BETTER} and cell-type-specific"
        return f"You may claim for {_named(better)} that it is {both}."
    parts = [f"for {_named(models)} that it is {what}" for models, what in some if models]
    return f"You may claim {', and '.join(parts)}{'' if len(parts) > 1 else '; not more'}."


def _named(some: Sequence[tuple[Found, int]]) -> str:
    """Names of models, with the number of targets where it is not all of them."""
    names = [
        short(one.model, _LONGEST_NAME) + (f" (at {n} of {one.total})" if n < one.total else "")
        for one, n in some
    ]
    return joined(names, _MOST_NAMES)


def _reach(n_targets: int, n_models: int) -> str:
    """How far a claim about these targets reaches."""
    if n_targets > 1 and n_models > _MOST_NAMES:
        return ""  # the report shows the targets of fewer models
    if n_targets == 1:
        return "One target supports no claim about cell types in general."
    return "Their spread tells what to expect of other targets."


def _limits(tables: dict[str, pd.DataFrame]) -> str:
    """What the setting allows, and whether new loci are new."""
    design = tables["design"]
    settings = distinct(design, "setting")
    limit = _ALLOWS.get(settings[0], "") if len(settings) == 1 else ""
    new = design["n_hybrid_loci"].to_numpy()
    if not new.any():
        return limit
    near = design["near_share"].to_numpy()
    if np.isnan(near[new > 0]).any():
        unknown = "Whether new loci lie beside old ones is not known."
        return f"{limit} {unknown}".strip()
    share = float((np.nan_to_num(near) * new).sum() / new.sum())
    if share < _MANY_NEAR:
        return limit
    close = (
        f"But {share:.0%} of the new loci lie near the reference's own (LK031): claim neighbouring "
        "loci at the most."
    )
    return f"{limit} {close}".strip()


def _low_bar(tables: dict[str, pd.DataFrame]) -> str:
    """Warn of a win over the average of few references."""
    if not (tables["findings"]["code"] == "LK004").any():
        return ""
    return (
        "With so few references (LK004), memory of them can be better than their average as well: "
        "do not claim that yet."
    )


def _untested(tables: dict[str, pd.DataFrame]) -> str:
    """Warn of `cell-type-specific` that was found without a signal: labels hide what is copied."""
    specific = (tables["information"]["specificity"] == "cell-type-specific").any()
    if not specific or not (tables["findings"]["code"] == "LK025").any():
        return ""
    return (
        "Without `signal` (LK025), a rough copy of a similar cell type can look "
        "cell-type-specific: do not claim it yet."
    )
