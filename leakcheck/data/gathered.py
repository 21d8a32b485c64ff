"""What both forms give: every table on one grid, before it is decided which pairs are audited."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, LabelKind
from leakcheck.data.duplicates import Axes
from leakcheck.data.evaluation_set import Note, ReferenceSource
from leakcheck.data.label_table import Join
from leakcheck.data.loci import Loci
from leakcheck.data.note_texts import missing_labels, repeated_pairs
from leakcheck.data.predictions import Predictions, ScoreColumns
from leakcheck.data.wording import counted, share, shown
from leakcheck.exceptions import ValidationError

__all__ = ["Gathered", "Reference", "merge_labels", "notes_of_input", "on_join"]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """How the reference was named and, unless it follows from the predictions, its pairs."""

    source: ReferenceSource
    pairs: BoolArray | None = None  # on the grid; None for leave-one-out and inferred


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Labels, predictions and signal on one grid of loci x cell types."""

    loci: Loci
    cell_types: tuple[str, ...]
    label_kind: LabelKind
    labels: FloatArray
    own: BoolArray  # pairs with a label in `labels`, not only in a separate table
    predictions: Predictions
    covered: BoolArray  # pairs that a model's table has, with or without a value
    signal: FloatArray | None
    reference: Reference
    notes: list[Note] = field(default_factory=list)

    @cached_property
    def stored(self) -> dict[str, ScoreColumns]:
        """The scores of each model as they are stored."""
        return {model: self.predictions.columns_of(model) for model in self.predictions}

    def pair(self, pairs: BoolArray) -> str:
        """Write the first of some pairs."""
        row, column = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
        return f"({self.loci.ids[row]}, {self.cell_types[column]})"

    def cell_types_of(self, pairs: BoolArray) -> list[str]:
        """Give the cell types of some pairs."""
        return [self.cell_types[column] for column in np.flatnonzero(pairs.any(axis=0))]


def on_join(matrix: FloatArray, join: Join) -> FloatArray:
    """Lay the matrix of a separate table out on the joined grid."""
    grid = np.full((len(join.loci), len(join.cell_types)), np.nan)
    kept = np.flatnonzero(join.rows >= 0)
    grid[np.ix_(join.rows[kept], join.columns)] = matrix[kept]
    return grid


def merge_labels(labels: FloatArray, train: FloatArray, axes: Axes) -> FloatArray:
    """Add the labels of a separate table; where both have one they must agree."""
    both = ~np.isnan(labels) & ~np.isnan(train)
    differ = both & (labels != train)
    if differ.any():
        row, column = np.argwhere(differ)[0].tolist()
        raise ValidationError(
            "`train` and `labels` must agree where both have a label; "
            f"{share(int(differ.sum()), int(both.sum()), 'pair', 'differs/differ')}, the first is "
            f"({axes[0].ids[row]}, {axes[1][column]}): {shown(train[row, column])} in `train`, "
            f"{shown(labels[row, column])} in `labels`. Take the pair out of one of them; it must "
            "not be in `train` if it is audited."
        )
    return np.where(np.isnan(labels), train, labels)


def notes_of_input(
    labels: FloatArray, *, n_dropped: int, noun: str, joined: Join | None
) -> list[Note]:
    """Note missing labels, dropped duplicates and further loci that were left out."""
    notes: list[Note] = []
    notes += missing_labels(int(np.isnan(labels).sum()), labels.size)
    notes += repeated_pairs(n_dropped, noun)
    if joined is not None and joined.n_without_coordinates:
        notes.append(
            Note(
                "LK030",
                f"{counted(joined.n_without_coordinates, 'locus')} of `train` without coordinates, "
                "none of them in `labels`, were left out.",
            )
        )
    return notes
