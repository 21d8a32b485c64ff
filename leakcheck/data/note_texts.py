"""The notes about an evaluation set, from counts: the pairs may be in memory or on disk."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from leakcheck.data.evaluation_set import Note
from leakcheck.data.wording import counted, listing, share

__all__ = [
    "LabelsOf",
    "TiesOfModel",
    "calls",
    "constant_labels",
    "left_out",
    "low_precision",
    "missing_labels",
    "no_coordinates",
    "reference_predictions",
    "repeated_pairs",
    "shared_intervals",
    "unseen_loci",
]

_FEW_VALUES: Final = 50
_MANY_TIES: Final = 0.2
# Fewer labels of a cell type may be the same by chance.
_FEW_LABELS: Final = 20


class TiesOfModel(NamedTuple):
    """Ties among the audited scores of a model, in the targets that were looked at."""

    model: str
    n_values: int  # distinct scores, most in any target
    tied: float  # share of scores that are tied with another

    @property
    def is_low(self) -> bool:
        """Whether the scores may have lost precision."""
        return self.n_values <= _FEW_VALUES or self.tied > _MANY_TIES


class LabelsOf(NamedTuple):
    """Labels of a reference cell type: how many, the least and the largest."""

    name: str
    n_labels: int
    low: float
    high: float

    @property
    def are_constant(self) -> bool:
        """Whether all are the same, and enough to say so."""
        return self.n_labels >= _FEW_LABELS and self.low == self.high


def missing_labels(n_missing: int, n_labels: int) -> list[Note]:
    """Labels that are NaN."""
    if not n_missing:
        return []
    return [
        Note(
            "LK017",
            f"{share(n_missing, n_labels, 'label', 'is/are')} missing: taken as not "
            "observed, never as "
            "inactive.",
        )
    ]


def repeated_pairs(n_dropped: int, noun: str) -> list[Note]:
    """Pairs that came twice with identical values."""
    if not n_dropped:
        return []
    return [
        Note(
            "LK014",
            f"{counted(n_dropped, noun)} repeated a (locus, cell type) pair with identical "
            f"values and {'was' if n_dropped == 1 else 'were'} dropped.",
        )
    ]


def unseen_loci(n_loci: int, n_pairs: int, n_audited: int) -> list[Note]:
    """Audited pairs whose locus has no reference label from another cell type."""
    if not n_pairs:
        return []
    return [
        Note(
            "LK005",
            f"{counted(n_loci, 'locus')} ({n_pairs} of "
            f"{counted(n_audited, 'audited pair')}) have no reference label from "
            "another cell type; they have no baseline and are left out of every comparison.",
        )
    ]


def calls(models: Sequence[str]) -> list[Note]:
    """Models whose predictions are 0/1 calls."""
    if not models:
        return []
    return [
        Note(
            "LK012",
            f"The predictions of {listing(models)} are only 0 and 1: calls, not scores. Ranking "
            "metrics see one threshold.",
        )
    ]


def low_precision(found: Sequence[TiesOfModel]) -> list[Note]:
    """Models with few distinct values or many ties among the loci of a target."""
    if not found:
        return []
    model, n_values, tied = max(found, key=lambda one: one.tied)
    return [
        Note(
            "LK007",
            f"{listing([one.model for one in found])}: few distinct values. The most extreme is "
            f"{model!r}, with {counted(n_values, 'distinct value')} in a target and {tied:.0%} of "
            "scores tied with another. Scores may have lost precision (float16, rounding).",
        )
    ]


def reference_predictions(n_pairs: int, names: Sequence[str], *, whole: bool) -> list[Note]:
    """Predictions of reference pairs, which are not audited; `whole`: nor are other pairs."""
    if not n_pairs:
        return []
    where = f"{'is' if len(names) == 1 else 'are'} reference{'' if whole else ' at some loci'}"
    return [
        Note(
            "LK015",
            f"{listing(names)} {where}: the predictions of {counted(n_pairs, 'pair')} are not "
            "audited; only pairs outside the reference are.",
        )
    ]


def left_out(names: Sequence[str]) -> list[Note]:
    """Cell types that are neither reference nor audited."""
    if not names:
        return []
    return [
        Note(
            "LK016",
            f"{counted(len(names), 'cell type')} {listing(names)} "
            f"{'is' if len(names) == 1 else 'are'} left out: neither reference nor both labelled "
            "and predicted.",
        )
    ]


def constant_labels(references: Sequence[LabelsOf]) -> list[Note]:
    """Reference cell types with one label at all loci."""
    found = [one for one in references if one.are_constant]
    if not found:
        return []
    first = found[0]
    whose = f"{first.name!r} are {first.low:g}"
    if len(found) > 1:
        several = f"{len(found)} references {listing([one.name for one in found])}"
        whose = f"each of {several} are the same, {first.name!r}: {first.low:g}"
    return [Note("LK051", f"All labels of {whose}.")]


def no_coordinates(n_loci: int) -> list[Note]:
    """Loci without intervals."""
    return [
        Note(
            "LK018",
            f"{counted(n_loci, 'locus')} have no coordinates: the correlation of "
            "neighbouring loci cannot be allowed for.",
        )
    ]


def shared_intervals(n_loci: int, first: str) -> list[Note]:
    """Ids that share an interval."""
    if not n_loci:
        return []
    return [
        Note(
            "LK029",
            f"{counted(n_loci, 'locus')} share their interval with another id, the "
            f"first is {first}; they are kept as different loci.",
        )
    ]
