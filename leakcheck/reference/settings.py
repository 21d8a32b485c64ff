"""The paper's three settings: which pairs of locus and cell type train, validate and test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.exceptions import ValidationError
from leakcheck.reference.batches import LabelledPairs

if TYPE_CHECKING:
    from leakcheck.reference.task import Task

__all__ = ["SETTINGS", "Setting", "Split", "TrainedIn", "make_split", "usable_pairs"]

Setting: TypeAlias = Literal["cross-chromosome", "cross-cell-type", "hybrid"]
TrainedIn: TypeAlias = Literal["cross-chromosome", "cross-cell-type"]

#: Setting -> the setting whose models it tests.
SETTINGS: Final[dict[Setting, TrainedIn]] = {
    "cross-chromosome": "cross-chromosome",
    "cross-cell-type": "cross-cell-type",
    "hybrid": "cross-cell-type",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """What one model is trained, stopped and tested on.

    Attributes
    ----------
    trained_in : {"cross-chromosome", "cross-cell-type"}
        The setting that the pairs of training and validation belong to.
    train, validation : LabelledPairs
        Disjoint.
    test : mapping of str to LabelledPairs
        Setting to its pairs: one model of cross-cell-type is tested there and in hybrid.
    """

    trained_in: TrainedIn
    train: LabelledPairs
    validation: LabelledPairs
    test: Mapping[Setting, LabelledPairs]


def make_split(task: "Task", trained_in: TrainedIn) -> Split:
    """Choose the pairs of one setting.

    Parameters
    ----------
    task : Task
        Loci, cell types, labels, signals, and the roles of chromosomes and cell types.
    trained_in : {"cross-chromosome", "cross-cell-type"}
        How models are trained. Models of cross-cell-type are tested in the hybrid setting too.

    Returns
    -------
    Split
        Pairs with a label and all signals, so that every kind of model sees the same ones.

    Raises
    ------
    ValidationError
        When a part is empty, or has labels of one class only.

    Notes
    -----
    Cross-chromosome: the target cell type in every part; chromosomes differ. Cross-cell-type: the
    same chromosomes in every part, none of them the hybrid test's; cell types differ. Hybrid: the
    target cell type on the chromosomes that no part of cross-cell-type has.
    """
    roles, usable = task.splits, usable_pairs(task)
    every = roles.train_chromosomes, roles.validation_chromosomes, roles.test_chromosomes
    target: tuple[str, ...] = (roles.test_cell_type,)
    if trained_in == "cross-chromosome":
        parts = [(chromosomes, target) for chromosomes in every]
        tests: list[Setting] = ["cross-chromosome"]
    else:
        seen = (*roles.train_chromosomes, *roles.validation_chromosomes)
        parts = [
            (seen, roles.train_cell_types),
            (seen, roles.validation_cell_types),
            (seen, target),
            (roles.test_chromosomes, target),
        ]
        tests = ["cross-cell-type", "hybrid"]
    pairs = [_pairs(task, usable, *part) for part in parts]
    for name, found in zip(("training", "validation", *tests), pairs, strict=True):
        _check_classes(found, f"{name} pairs of {task.name}, {trained_in}")
    return Split(
        trained_in=trained_in,
        train=pairs[0],
        validation=pairs[1],
        test=dict(zip(tests, pairs[2:], strict=True)),
    )


def usable_pairs(task: "Task") -> BoolArray:
    """Mark the pairs with a label and all signals; shape (n_loci, n_cell_types)."""
    usable: BoolArray = np.isfinite(task.labels) & np.isfinite(task.signals).all(axis=2)
    return usable


def _pairs(
    task: "Task", usable: BoolArray, chromosomes: tuple[str, ...], cell_types: tuple[str, ...]
) -> LabelledPairs:
    """Usable pairs of the named chromosomes and cell types."""
    rows, columns = task.rows(chromosomes), np.sort(task.columns(cell_types))
    at_row, at_column = np.nonzero(usable[np.ix_(rows, columns)])
    locus, cell_type = rows[at_row], columns[at_column]
    return LabelledPairs(locus=locus, cell_type=cell_type, label=task.labels[locus, cell_type] == 1)


def _check_classes(pairs: LabelledPairs, what: str) -> None:
    """Refuse a part that nothing can be learnt from or measured on."""
    positive = int(pairs.label.sum())
    if 0 < positive < len(pairs):
        return
    raise ValidationError(
        f"`task` must have active and inactive loci in every part; the {what} are {len(pairs)}, "
        f"of them {positive} active. Give more loci, or other roles of chromosomes and cell types."
    )
