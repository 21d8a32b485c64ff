"""`EvaluationSet`: the labels and predictions of an audit, checked, on one grid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.data.hashes import LociHash, hash_matrix, hash_scores, hash_text
from leakcheck.data.loci import Loci
from leakcheck.data.predictions import Predictions, ScoreColumns
from leakcheck.data.wording import counted, listing

__all__ = ["EvaluationSet", "Note", "ReferenceSource"]

#: How the reference cell types were named.
ReferenceSource: TypeAlias = Literal["mask", "cell types", "table", "leave-one-out", "inferred"]


class Note(NamedTuple):
    """What the border saw or did.

    Attributes
    ----------
    code : str
        Code of a finding, a key of `leakcheck.checks.CHECKS`.
    evidence : str
        What was seen, in words with numbers.
    """

    code: str
    evidence: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EvaluationSet:
    """Labels and predictions of an audit, checked and aligned.

    Every matrix has the shape ``(n_loci, n_cell_types)`` and is read-only. Loci and cell types
    keep the order in which they came. `build_evaluation_set` makes it from any form of input.

    Parameters
    ----------
    loci : Loci
        The rows.
    cell_types : tuple of str
        The columns.
    labels : numpy.ndarray of float, shape (n_loci, n_cell_types)
        Observed activity, 0/1 or real numbers; NaN = not observed.
    label_kind : {"binary", "continuous"}
        What the labels are.
    predictions : mapping of str to numpy.ndarray of float, shape (n_loci, n_cell_types)
        One matrix of scores per model; NaN = no prediction. A model of few cell types is stored
        as their columns, and its matrix made when asked for: see `scores_of`.
    reference : numpy.ndarray of bool, shape (n_loci, n_cell_types)
        Labelled pairs from which baselines may be computed.
    audited : numpy.ndarray of bool, shape (n_loci, n_cell_types)
        Labelled and predicted pairs that are audited. It overlaps `reference` only under
        leave-one-out.
    leave_one_out : bool
        Whether every cell type is a reference for all others. A target's own labels are left out
        of its baselines in any case.
    reference_source : {"mask", "cell types", "table", "leave-one-out", "inferred"}
        How the reference was named.
    signal : numpy.ndarray of float, shape (n_loci, n_cell_types), optional
        Continuous activity beside binary labels; NaN = not observed.
    families : mapping of str to str
        Family of each model that has one.
    notes : tuple of Note
        What the border saw or did.
    """

    loci: Loci
    cell_types: tuple[str, ...]
    labels: FloatArray
    label_kind: LabelKind
    predictions: Mapping[str, FloatArray]
    reference: BoolArray
    audited: BoolArray
    leave_one_out: bool
    reference_source: ReferenceSource
    signal: FloatArray | None = None
    families: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(self.predictions)

    @property
    def targets(self) -> tuple[str, ...]:
        """Cell types with at least one audited pair."""
        return self._named(self.audited)

    @property
    def reference_cell_types(self) -> tuple[str, ...]:
        """Cell types with at least one reference pair."""
        return self._named(self.reference)

    @cached_property
    def reference_counts(self) -> IntArray:
        """Number of reference pairs of each locus, shape (n_loci,)."""
        counts: IntArray = self.reference.sum(axis=1)
        return counts

    def _named(self, pairs: BoolArray) -> tuple[str, ...]:
        """Give the cell types that have any of `pairs`."""
        return tuple(np.array(self.cell_types, dtype=object)[pairs.any(axis=0)].tolist())

    def to_frame(self) -> pd.DataFrame:
        """Make a tidy long frame of all pairs that have a label or a prediction.

        Returns
        -------
        pandas.DataFrame
            One row per pair, locus by locus: ``locus`` (and ``chrom, start, end`` where known),
            ``celltype, label, reference, audited``, ``signal`` where given, and one column
            ``prediction:<model>`` for each model.
        """
        known = ~np.isnan(self.labels)
        for model in self.predictions:
            self._stored(model).mark_predicted(known)
        rows, columns = np.nonzero(known)
        frame = self.loci.to_frame().iloc[rows].reset_index(drop=True)
        frame["celltype"] = np.array(self.cell_types, dtype=object)[columns]
        pairs: dict[str, NDArray[Any]] = {
            "label": self.labels,
            "reference": self.reference,
            "audited": self.audited,
        }
        if self.signal is not None:
            pairs["signal"] = self.signal
        pairs |= {f"prediction:{model}": scores for model, scores in self.predictions.items()}
        values = pd.DataFrame({name: matrix[rows, columns] for name, matrix in pairs.items()})
        return pd.concat([frame, values], axis=1)

    def content_hashes(self) -> dict[str, str]:
        """Compute the SHA-256 of each part of the content.

        Loci and cell types are hashed in the order in which they came: another order of rows gives
        other hashes, another dtype of the same numbers does not. Matrices are hashed column by
        column, after their shape: as packed bits where all numbers are 0 and 1, else as
        little-endian float32 where that holds them exactly, else as float64.

        Returns
        -------
        dict of str to str
            Hexadecimal digests of ``loci, cell_types, labels, reference, audited``, ``signal``
            where given, and ``prediction:<model>`` for each model.
        """
        hashes = {
            "loci": _loci_hash(self.loci),
            "cell_types": hash_text(self.cell_types),
            "labels": hash_matrix(self.labels),
            "reference": hash_matrix(self.reference),
            "audited": hash_matrix(self.audited),
        }
        if self.signal is not None:
            hashes["signal"] = hash_matrix(self.signal)
        for model in self.predictions:
            hashes[f"prediction:{model}"] = _scores_hash(self._stored(model))
        return hashes

    def scores_of(self, model: str, column: int) -> FloatArray:
        """Give the scores of a model in one cell type, without making its whole matrix.

        Parameters
        ----------
        model : str
            Name of the model.
        column : int
            Position of the cell type in `cell_types`.

        Returns
        -------
        numpy.ndarray of float, shape (n_loci,)
            Read-only; NaN = no prediction.
        """
        return self._stored(model).column(column)

    def _stored(self, model: str) -> ScoreColumns:
        """Give the scores of a model in the columns that it predicts."""
        if isinstance(self.predictions, Predictions):
            return self.predictions.columns_of(model)
        return ScoreColumns.of_grid(self.predictions[model])

    def equals(self, other: "EvaluationSet") -> bool:
        """Say whether two sets hold the same content in the same order.

        Parameters
        ----------
        other : EvaluationSet
            The set to compare with.

        Returns
        -------
        bool
            Notes and the form in which the reference was named do not count.
        """
        return (
            self.loci.equals(other.loci)
            and self.cell_types == other.cell_types
            and self.label_kind == other.label_kind
            and self.models == other.models
            and self.leave_one_out == other.leave_one_out
            and dict(self.families) == dict(other.families)
            and self.content_hashes() == other.content_hashes()
        )

    def __repr__(self) -> str:
        loci = repr(self.loci)[len("Loci(") : -1]
        columns = counted(len(self.cell_types), "cell type")
        models = f"{counted(len(self.models), 'model')} {listing(self.models, 3)}"
        lines = [
            f"EvaluationSet: {loci} x {columns}, {self.label_kind} labels, {models}",
            f"  audited: {self._described(self.audited, self.targets)}",
            f"  reference ({self.reference_source}): "
            + self._described(self.reference, self.reference_cell_types),
        ]
        if self.notes:
            lines.append("  notes: " + ", ".join(dict.fromkeys(note.code for note in self.notes)))
        return "\n".join(lines)

    @staticmethod
    def _described(pairs: BoolArray, names: tuple[str, ...]) -> str:
        """Write how many pairs in which cell types."""
        cell_types = f"{counted(len(names), 'cell type')} {listing(names, 3)}"
        return f"{counted(int(pairs.sum()), 'pair')} in {cell_types}"


def _loci_hash(loci: Loci) -> str:
    """Hash ids and intervals; chromosomes by name, however they are numbered."""
    if loci.chrom is None or loci.start is None or loci.end is None:
        found = LociHash(has_coordinates=False)
        found.update(loci.ids.tolist())
        return found.hexdigest()
    codes, present = pd.factorize(loci.chrom)
    found = LociHash(has_coordinates=True)
    found.update(loci.ids.tolist(), codes, loci.start, loci.end)
    return found.hexdigest([loci.chrom_names[code] for code in present])


def _scores_hash(scores: ScoreColumns) -> str:
    """Hash scores: which columns have any, and their numbers."""
    used = np.isnan(scores.values).sum(axis=0) < len(scores.values)
    values = scores.values if used.all() else scores.values[:, used]
    return hash_scores(scores.shape, scores.columns[used].tolist(), hash_matrix(values))
