"""Floor 6: what a report says of scores that were put into bins."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from leakcheck._audit.rows import TargetResult
from leakcheck._typing import LabelKind
from leakcheck.data import Note
from leakcheck.exceptions import ValidationError
from leakcheck.scale.binned import BinsOfScore

__all__ = ["binned_notes", "binned_settings", "check_exact", "refuse_bins"]

_FIELDS = (
    "average_precision",
    "expected_average_precision",
    "auroc",
    "without_a_block",
    "in_a_stratum",
)


def check_exact(exact: Any) -> None:
    """Refuse what is no choice.

    Parameters
    ----------
    exact : bool or "auto"
        As the user gave it.

    Raises
    ------
    ValidationError
        When it is anything else.
    """
    if not (isinstance(exact, bool) or (isinstance(exact, str) and exact == "auto")):
        raise ValidationError(
            f"`exact` must be True, False or 'auto'; {exact!r} came. 'auto' puts scores into bins "
            "only where `memory` does not hold them."
        )


def refuse_bins(exact: Any, label_kind: LabelKind) -> None:
    """Refuse bins for labels that are not ranked.

    Parameters
    ----------
    exact : bool or "auto"
        The choice.
    label_kind : {"binary", "continuous"}
        What the labels are.

    Raises
    ------
    ValidationError
        When bins are asked for and labels are real numbers.
    """
    if exact is False and label_kind == "continuous":
        raise ValidationError(
            "`exact` must be True or 'auto' for continuous labels; False came. Their metrics are "
            "sums, which bins would not shorten: leave it out."
        )


def _bins(results: Sequence[TargetResult]) -> list[BinsOfScore]:
    """Scores in bins, of all targets."""
    return [one for result in results for one in result.bins]


def binned_notes(results: Sequence[TargetResult]) -> tuple[Note, ...]:
    """Say how far bins may have moved the numbers.

    Parameters
    ----------
    results : sequence of TargetResult
        All targets.

    Returns
    -------
    tuple of Note
        LK046, or nothing.
    """
    bins = _bins(results)
    if not bins:
        return ()
    worst = max(bins, key=lambda one: np.nan_to_num(one.largest))
    fewest = min(one.n_bins for one in bins)
    inside = [bound for one in bins for bound in (one.without_a_block, one.in_a_stratum)]
    largest = max(np.nan_to_num(inside), default=0.0)
    return (
        Note(
            "LK046",
            f"{len(bins)} columns of scores were counted in bins, {fewest:,} or more of one width. "
            f"A metric of all loci is off by at most {worst.largest:.2g} ({worst.name}, "
            f"{worst.target}), one in a stratum or without a block, and `conditional_auroc`, by at "
            f"most {largest:.2g}. Scores in one bin are a tie in the ranks of the information "
            "test. `settings` has the bounds of each column.",
        ),
    )


def binned_settings(results: Sequence[TargetResult]) -> dict[str, Any]:
    """Lay out the bounds of each column.

    Parameters
    ----------
    results : sequence of TargetResult
        All targets.

    Returns
    -------
    dict
        ``exact`` and, where it is False, ``bins``: target to score to bounds; None where a metric
        is undefined.
    """
    bins: dict[str, dict[str, Any]] = {}
    for one in _bins(results):
        bounds = {field: getattr(one, field) for field in _FIELDS}
        bins.setdefault(one.target, {})[one.name] = {"n_bins": one.n_bins} | {
            field: None if np.isnan(value) else float(value) for field, value in bounds.items()
        }
    return {"exact": True} if not bins else {"exact": False, "bins": bins}
