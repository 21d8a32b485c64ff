"""Notes about an evaluation set: what a reader of the report should know about its input."""

import numpy as np
import pandas as pd

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.data import note_texts as texts
from leakcheck.data.evaluation_set import Note
from leakcheck.data.gathered import Gathered
from leakcheck.data.note_texts import TiesOfModel
from leakcheck.data.predictions import ScoreColumns
from leakcheck.data.roles import Roles

__all__ = ["collect_notes", "examined_targets"]

_MIN_PAIRS = 100
#: Ties are counted within targets; above this many pairs, in targets spread over all of them.
_MAX_PAIRS = 200_000


def collect_notes(gathered: Gathered, roles: Roles) -> tuple[Note, ...]:
    """Collect every note, in order of code."""
    notes = [
        *gathered.notes,
        *roles.notes,
        *_unseen_loci(roles),
        *_low_precision(gathered, roles.audited),
        *_calls(gathered, roles.audited),
        *_reference_predictions(gathered, roles),
        *_left_out(gathered, roles),
        *_constant_labels(gathered, roles),
        *_coordinates(gathered),
        *_shared_intervals(gathered),
    ]
    return tuple(sorted(notes, key=lambda note: note.code))


def _unseen_loci(roles: Roles) -> list[Note]:
    """Note audited pairs whose locus has no reference label from another cell type."""
    n_references = roles.reference.sum(axis=1)[:, None]
    only_own = (n_references == 1) & roles.reference
    unseen = roles.audited & ((n_references == 0) | only_own)
    n_loci, n_audited = int(unseen.any(axis=1).sum()), int(roles.audited.sum())
    return texts.unseen_loci(n_loci, int(unseen.sum()), n_audited)


def _is_call(gathered: Gathered, scores: ScoreColumns, audited: BoolArray) -> bool:
    """Say whether scores of binary labels are only 0 and 1; the first cell type may tell."""
    if gathered.label_kind != "binary":
        return False  # 0 and 1 predict a real number like any others
    own = (scores.column(int(at))[audited[:, at]] for at in scores.columns)
    return all(bool(((one == 0) | (one == 1)).all()) for one in own)


def _calls(gathered: Gathered, audited: BoolArray) -> list[Note]:
    """Note models whose predictions are 0/1 calls."""
    stored = gathered.stored.items()
    return texts.calls([model for model, scores in stored if _is_call(gathered, scores, audited)])


def _low_precision(gathered: Gathered, audited: BoolArray) -> list[Note]:
    """Note models with few distinct values or many ties among the loci of a target."""
    targets = examined_targets(audited.sum(axis=0))
    if not targets:
        return []
    found = []
    for model, scores in gathered.stored.items():
        n_values, tied = _ties([scores.column(t)[audited[:, t]] for t in targets])
        one = TiesOfModel(model, n_values, tied)
        if one.is_low and not _is_call(gathered, scores, audited):
            found.append(one)
    return texts.low_precision(found)


def examined_targets(sizes: IntArray) -> list[int]:
    """Choose the targets whose ties are counted, from the audited pairs of each cell type."""
    targets = np.flatnonzero(sizes >= _MIN_PAIRS)
    if targets.size == 0:
        return []
    n_affordable = max(1, int(_MAX_PAIRS // sizes[targets].mean()))
    step = max(1, -(-targets.size // n_affordable))
    return [int(target) for target in targets[::step]]


def _ties(columns: list[FloatArray]) -> tuple[int, float]:
    """Count distinct values (most in any target) and the share of tied scores."""
    n_values, n_tied = 0, 0
    for column in columns:
        ordered = np.sort(column)
        ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(ordered))
        counts = np.diff(ends, prepend=0)
        n_values = max(n_values, len(counts))
        n_tied += int(counts[counts > 1].sum())
    return n_values, n_tied / sum(len(column) for column in columns)


def _reference_predictions(gathered: Gathered, roles: Roles) -> list[Note]:
    """Note predictions of reference pairs, which are not audited."""
    if gathered.reference.source == "leave-one-out":
        return []
    both = roles.predicted & roles.reference
    whole = not roles.audited[:, both.any(axis=0)].any()
    return texts.reference_predictions(int(both.sum()), gathered.cell_types_of(both), whole=whole)


def _left_out(gathered: Gathered, roles: Roles) -> list[Note]:
    """Note cell types that are neither reference nor audited."""
    used = (roles.reference | roles.audited).any(axis=0)
    names = [gathered.cell_types[column] for column in np.flatnonzero(~used)]
    return texts.left_out(names)


def _constant_labels(gathered: Gathered, roles: Roles) -> list[Note]:
    """Note reference cell types whose labels are all the same."""
    labels = gathered.labels
    if not len(labels):
        return []
    low, high = np.fmin.reduce(labels, axis=0), np.fmax.reduce(labels, axis=0)
    suspects = np.flatnonzero((low == high) & roles.reference.any(axis=0))
    return texts.constant_labels(
        [
            texts.LabelsOf(
                gathered.cell_types[column],
                int(np.count_nonzero(~np.isnan(labels[:, column]))),
                float(low[column]),
                float(high[column]),
            )
            for column in suspects.tolist()
        ]
    )


def _coordinates(gathered: Gathered) -> list[Note]:
    """Note loci without intervals."""
    if gathered.loci.has_coordinates:
        return []
    return texts.no_coordinates(len(gathered.loci))


def _shared_intervals(gathered: Gathered) -> list[Note]:
    """Note ids that share an interval."""
    loci = gathered.loci
    if loci.chrom is None:
        return []
    frame = pd.DataFrame({"chrom": loci.chrom, "start": loci.start, "end": loci.end})
    shared = frame.duplicated(keep=False).to_numpy()
    n_shared = int(shared.sum())
    return texts.shared_intervals(n_shared, str(loci.ids[int(np.argmax(shared))]))
