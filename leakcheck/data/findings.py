"""Notes about an evaluation set: what a reader of the report should know about its input."""

import numpy as np
import pandas as pd

from leakcheck._typing import BoolArray, FloatArray
from leakcheck.data.evaluation_set import Note
from leakcheck.data.gathered import Gathered
from leakcheck.data.predictions import ScoreColumns
from leakcheck.data.roles import Roles
from leakcheck.data.wording import counted, listing

__all__ = ["collect_notes"]

_FEW_VALUES = 50
_MANY_TIES = 0.2
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
        *_coordinates(gathered),
        *_shared_intervals(gathered),
    ]
    return tuple(sorted(notes, key=lambda note: note.code))


def _unseen_loci(roles: Roles) -> list[Note]:
    """Note audited pairs whose locus has no reference label from another cell type."""
    n_references = roles.reference.sum(axis=1)[:, None]
    only_own = (n_references == 1) & roles.reference
    unseen = roles.audited & ((n_references == 0) | only_own)
    if not unseen.any():
        return []
    n_loci = int(unseen.any(axis=1).sum())
    return [
        Note(
            "LK005",
            f"{counted(n_loci, 'locus')} ({int(unseen.sum())} of "
            f"{counted(int(roles.audited.sum()), 'audited pair')}) have no reference label from "
            "another cell type; they have no baseline and are left out of every comparison.",
        )
    ]


def _is_call(scores: ScoreColumns, audited: BoolArray) -> bool:
    """Say whether the scores of audited pairs are only 0 and 1; the first cell type may tell."""
    own = (scores.column(int(at))[audited[:, at]] for at in scores.columns)
    return all(bool(((one == 0) | (one == 1)).all()) for one in own)


def _calls(gathered: Gathered, audited: BoolArray) -> list[Note]:
    """Note models whose predictions are 0/1 calls."""
    models = [model for model, scores in gathered.stored.items() if _is_call(scores, audited)]
    if not models:
        return []
    return [
        Note(
            "LK012",
            f"The predictions of {listing(models)} are only 0 and 1: calls, not scores. Ranking "
            "metrics see one threshold.",
        )
    ]


def _low_precision(gathered: Gathered, audited: BoolArray) -> list[Note]:
    """Note models with few distinct values or many ties among the loci of a target."""
    targets = _examined_targets(audited)
    if not targets:
        return []
    found = []
    for model, scores in gathered.stored.items():
        n_values, tied = _ties([scores.column(t)[audited[:, t]] for t in targets])
        few = n_values <= _FEW_VALUES or tied > _MANY_TIES
        if few and not _is_call(scores, audited):
            found.append((model, n_values, tied))
    if not found:
        return []
    model, n_values, tied = max(found, key=lambda entry: entry[2])
    return [
        Note(
            "LK007",
            f"{listing([name for name, _, _ in found])}: few distinct values. The most extreme is "
            f"{model!r}, with {counted(n_values, 'distinct value')} in a target and {tied:.0%} of "
            "scores tied with another. Scores may have lost precision (float16, rounding).",
        )
    ]


def _examined_targets(audited: BoolArray) -> list[int]:
    """Choose the targets whose ties are counted."""
    sizes = audited.sum(axis=0)
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
    both = int((roles.predicted & roles.reference).sum())
    if both == 0:
        return []
    return [
        Note(
            "LK015",
            f"{counted(both, 'reference pair')} {'has' if both == 1 else 'have'} a prediction; "
            "only pairs outside the reference are audited.",
        )
    ]


def _left_out(gathered: Gathered, roles: Roles) -> list[Note]:
    """Note cell types that are neither reference nor audited."""
    used = (roles.reference | roles.audited).any(axis=0)
    names = [gathered.cell_types[column] for column in np.flatnonzero(~used)]
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


def _coordinates(gathered: Gathered) -> list[Note]:
    """Note loci without intervals."""
    if gathered.loci.has_coordinates:
        return []
    return [
        Note(
            "LK018",
            f"{counted(len(gathered.loci), 'locus')} have no coordinates: the correlation of "
            "neighbouring loci cannot be allowed for.",
        )
    ]


def _shared_intervals(gathered: Gathered) -> list[Note]:
    """Note ids that share an interval."""
    loci = gathered.loci
    if loci.chrom is None:
        return []
    frame = pd.DataFrame({"chrom": loci.chrom, "start": loci.start, "end": loci.end})
    shared = frame.duplicated(keep=False).to_numpy()
    if not shared.any():
        return []
    return [
        Note(
            "LK029",
            f"{counted(int(shared.sum()), 'locus')} share their interval with another id, the "
            f"first is {loci.ids[int(np.argmax(shared))]}; they are kept as different loci.",
        )
    ]
