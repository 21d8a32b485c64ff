"""What the verdicts of a report allow one to say, and what they do not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from leakcheck._report.rows import distinct
from leakcheck._report.words import joined, plural, short

__all__ = ["RARE", "claim"]

#: So few targets say yes by chance alone, now and then.
RARE: Final = 0.1
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


class _Found(NamedTuple):
    """At how many of its targets a model is better than free, and cell-type-specific."""

    model: str
    better: int
    specific: int
    total: int

    def said(self, count: int) -> bool:
        """Whether a count is more than chance alone gives now and then."""
        return count > (RARE * self.total if self.total > 1 else 0)


def claim(tables: dict[str, pd.DataFrame]) -> str:
    """Say what the verdicts allow one to say."""
    information, verdict = tables["information"], tables["verdict"]
    tested = (verdict["verdict"] != "not-testable").any()
    answered = (information["specificity"] != "not-testable").any()
    if information.empty or not (tested or answered):
        return _NOTHING
    found = [_found(str(model), rows) for model, rows in information.groupby("model", sort=False)]
    words = _one(found[0]) if len(found) == 1 else _several(found)
    reach = _reach(len(distinct(information, "target")), len(found))
    if not any(one.said(one.better) or one.said(one.specific) for one in found):
        return f"{words} {reach}" if found[0].total == 1 else words
    return " ".join(filter(None, [words, reach, _limits(tables), _untested(tables)]))


def _found(model: str, rows: pd.DataFrame) -> _Found:
    """Count the answers of a model."""
    better = int((rows["utility"] == "beats-both").sum())
    specific = int((rows["specificity"] == "cell-type-specific").sum())
    return _Found(model, better, specific, len(rows))


def _one(found: _Found) -> str:
    """What may be claimed of the only model."""
    name = short(found.model, _LONGEST_NAME)
    counts = {_BETTER: found.better, "cell-type-specific": found.specific}
    if found.better == found.specific and found.said(found.better):
        counts = {" and ".join(counts): found.better}
    yes = [what + _at(n, found.total) for what, n in counts.items() if found.said(n)]
    no = [what for what, n in counts.items() if not found.said(n)]
    if not yes:
        return f"You may not claim that {name} is {no[0]}, or that it is {no[1]}."
    rest = f", and not that it is {no[0]}" if no else ""
    return f"You may claim that {name} is {' and '.join(yes)}{rest}."


def _at(count: int, total: int) -> str:
    """At how many targets, where there are several."""
    if total == 1:
        return ""
    return f" at all {total} targets" if count == total else f" at {count} of {total} targets"


def _several(found: Sequence[_Found]) -> str:
    """What may be claimed of which of several models; many are counted."""
    better = [(one, one.better) for one in found if one.said(one.better)]
    specific = [(one, one.specific) for one in found if one.said(one.specific)]
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


def _named(some: Sequence[tuple[_Found, int]]) -> str:
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


def _untested(tables: dict[str, pd.DataFrame]) -> str:
    """Warn of `cell-type-specific` that was found without a signal: labels hide what is copied."""
    specific = (tables["information"]["specificity"] == "cell-type-specific").any()
    if not specific or not (tables["findings"]["code"] == "LK025").any():
        return ""
    return (
        "Without `signal` (LK025), a rough copy of a similar cell type can look "
        "cell-type-specific: do not claim it yet."
    )
