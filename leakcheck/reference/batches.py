"""Training pairs, balanced mini-batches of them, and the one fixed validation batch."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.exceptions import ValidationError
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.protocol import Protocol

__all__ = ["Balanced", "Inputs", "LabelledPairs", "TrainingData", "draw_validation"]

# Streams of random numbers that follow from one seed, kept apart by a number of their own.
_VALIDATION_STREAM = 1
_TRAINING_STREAM = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledPairs:
    """Pairs of a locus and a cell type with their labels.

    Parameters
    ----------
    locus : array-like of int, shape (n,)
        Rows of the tables in `TrainingData`.
    cell_type : array-like of int, shape (n,)
        Columns of the tables in `TrainingData`.
    label : array-like, shape (n,)
        1 or True where active, 0 or False where not; NaN is refused.

    Raises
    ------
    ValidationError
        When lengths differ, an index is negative or no integer, or a label is neither 0 nor 1.

    Examples
    --------
    >>> pairs = LabelledPairs(locus=[0, 1], cell_type=[0, 0], label=[1, 0])
    >>> len(pairs), int(pairs.label.sum())
    (2, 1)
    """

    locus: IntArray
    cell_type: IntArray
    label: BoolArray

    def __post_init__(self) -> None:
        label = np.asarray(self.label)
        wrong = np.flatnonzero(~((label == 0) | (label == 1)))
        if len(wrong):
            raise ValidationError(
                f"`label` must be 0 or 1; {len(wrong)} of {label.size} are not, the first is "
                f"{label.flat[wrong[0]]} at {wrong[0]}. Leave out pairs that were not observed."
            )
        object.__setattr__(self, "label", label.astype(bool))
        for name in ("locus", "cell_type"):
            object.__setattr__(self, name, _index(name, getattr(self, name), len(label)))

    def __len__(self) -> int:
        return len(self.label)

    def take(self, index: IntArray) -> "LabelledPairs":
        """Select pairs by position."""
        return LabelledPairs(
            **{field.name: getattr(self, field.name)[index] for field in fields(self)}
        )


def _index(name: str, values: Any, length: int) -> IntArray:
    index = np.asarray(values)
    if index.shape != (length,):
        raise ValidationError(
            f"`{name}` must have one entry per label; got shape {index.shape} for {length} "
            "labels. Give arrays of one length."
        )
    if length and (not np.issubdtype(index.dtype, np.integer) or index.min() < 0):
        raise ValidationError(
            f"`{name}` must hold integers from 0; got {index.dtype}, smallest {index.min()}. "
            "Give row or column numbers."
        )
    return index.astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """All that training reads: each locus's bases once, each pair's signals once.

    Parameters
    ----------
    codes : ndarray of uint8, shape (n_loci, window), optional
        Bases 0 to 3 (A, C, G, T), 4 where there is none. Not needed by signal networks.
    signals : ndarray of float32, shape (n_loci, n_cell_types, n_marks), optional
        Histone marks; NaN where there is no track. Not needed by sequence networks.
    train, validation : LabelledPairs
        Which pairs are trained and validated on.

    Raises
    ------
    ValidationError
        When a table has the wrong shape, or pairs point outside it.
    """

    train: LabelledPairs
    validation: LabelledPairs
    codes: NDArray[np.uint8] | None = None
    signals: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        _check_table("codes", self.codes, 2, "(n_loci, window)")
        _check_table("signals", self.signals, 3, "(n_loci, n_cell_types, n_marks)")
        if self.codes is not None and self.codes.dtype != np.uint8:
            raise ValidationError(
                f"`codes` must be of type uint8; got {self.codes.dtype}. "
                "Make them with `leakcheck.reference.sequence.encode`."
            )
        for role in ("train", "validation"):
            self._check_pairs(role, getattr(self, role))

    def _check_pairs(self, role: str, pairs: LabelledPairs) -> None:
        if not (pairs.label.any() and (~pairs.label).any()):
            raise ValidationError(
                f"`{role}` must hold active and inactive pairs; got {int(pairs.label.sum())} "
                f"active of {len(pairs)}. Choose other loci or cell types."
            )
        tables = (("codes", self.codes), ("signals", self.signals))
        for name, table in tables:
            if table is not None and pairs.locus.max() >= len(table):
                raise ValidationError(
                    f"`{role}` must name rows of `{name}`; got locus {pairs.locus.max()} of "
                    f"{len(table)}. Number the loci from 0."
                )
        if self.signals is not None and pairs.cell_type.max() >= self.signals.shape[1]:
            raise ValidationError(
                f"`{role}` must name columns of `signals`; got cell type {pairs.cell_type.max()} "
                f"of {self.signals.shape[1]}. Number the cell types from 0."
            )

    @property
    def window(self) -> int:
        """Length of the sequence in bp; 0 without one."""
        return 0 if self.codes is None else self.codes.shape[1]

    @property
    def n_marks(self) -> int:
        """Number of signals; 0 without them."""
        return 0 if self.signals is None else self.signals.shape[2]


def _check_table(name: str, table: NDArray[Any] | None, n_axes: int, shape: str) -> None:
    if table is not None and table.ndim != n_axes:
        raise ValidationError(
            f"`{name}` must have shape {shape}; got {table.shape}. Reshape the table."
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """What a network is given for some pairs; None where it does not look."""

    codes: NDArray[np.uint8] | None
    signals: NDArray[np.float32] | None

    @classmethod
    def of(cls, architecture: Architecture, data: TrainingData, pairs: LabelledPairs) -> "Inputs":
        """Gather the bases and signals of pairs; a row of the result for each pair."""
        codes = signals = None
        if architecture.uses_sequence and data.codes is not None:
            codes = data.codes[pairs.locus]
        if architecture.uses_signal and data.signals is not None:
            signals = data.signals[pairs.locus, pairs.cell_type].astype(np.float32, copy=False)
        return cls(codes=codes, signals=signals)

    def rows(self, selection: slice) -> "Inputs":
        """Select rows of both parts."""
        return Inputs(
            codes=None if self.codes is None else self.codes[selection],
            signals=None if self.signals is None else self.signals[selection],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Balanced:
    """Draws balanced mini-batches, half active; the draws of an epoch depend on its number only.

    Parameters
    ----------
    pairs : LabelledPairs
        The pairs to draw from, with replacement.
    protocol : Protocol
        Batch size and steps.
    seed : int
        Seed of the draws.
    """

    pairs: LabelledPairs
    protocol: Protocol
    seed: int

    def epoch(self, number: int) -> IntArray:
        """Positions in `pairs` of an epoch's mini-batches, (steps_per_epoch, batch_size)."""
        rng = np.random.default_rng([_TRAINING_STREAM, self.seed, number])
        shape = (self.protocol.steps_per_epoch, self.protocol.batch_size // 2)
        halves = [side[rng.integers(len(side), size=shape)] for side in self._sides]
        return np.concatenate(halves, axis=1)

    @cached_property
    def _sides(self) -> tuple[IntArray, IntArray]:
        return np.flatnonzero(self.pairs.label), np.flatnonzero(~self.pairs.label)


def draw_validation(pairs: LabelledPairs, size: int) -> LabelledPairs:
    """Draw the fixed validation batch: half active, the same for every network and seed.

    Parameters
    ----------
    pairs : LabelledPairs
        Validation pairs.
    size : int
        Pairs in the batch, even.

    Returns
    -------
    LabelledPairs
        The active half first. A class that has fewer pairs than half of `size` is drawn with
        replacement, else without.

    Examples
    --------
    >>> pairs = LabelledPairs(locus=[0, 1, 2], cell_type=[0, 0, 0], label=[1, 0, 0])
    >>> draw_validation(pairs, 4).locus.tolist()[:2]
    [0, 0]
    """
    rng = np.random.default_rng(_VALIDATION_STREAM)
    halves = []
    for active in (True, False):
        side = np.flatnonzero(pairs.label == active)
        halves.append(rng.choice(side, size=size // 2, replace=len(side) < size // 2))
    return pairs.take(np.concatenate(halves))
