"""Which pairs are reference and which are audited, and the errors of a split that cannot be."""

from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data import role_errors as errors
from leakcheck.data.evaluation_set import Note
from leakcheck.data.gathered import Gathered
from leakcheck.data.mismatch import refuse_shifted

__all__ = ["Roles", "assign_roles"]


class Roles(NamedTuple):
    """Reference and audited pairs, on the grid."""

    reference: BoolArray
    audited: BoolArray
    predicted: BoolArray  # by any model
    notes: list[Note]


def assign_roles(gathered: Gathered) -> Roles:
    """Decide for every pair whether it is reference, audited or neither."""
    predicted = np.zeros(gathered.labels.shape, dtype=bool)
    for scores in gathered.stored.values():
        scores.mark_predicted(predicted)
    if not predicted.any():
        raise errors.nothing_predicted()
    if gathered.reference.source == "inferred":
        return _inferred(gathered, predicted)
    observed = ~np.isnan(gathered.labels)
    named = gathered.reference.pairs
    if named is None:
        _check_leave_one_out(gathered, observed)
        reference = observed
        candidates = observed & predicted.any(axis=0)
    else:
        reference = observed & named
        candidates = gathered.own & predicted.any(axis=0)
        _refuse_contaminated(gathered, reference, candidates & predicted)
        _check_split(gathered, named, predicted)
        candidates &= ~reference
    candidates &= gathered.covered
    _refuse_shifted(gathered, predicted)
    _refuse_missing(gathered, candidates)
    if not candidates.any():
        raise errors.nothing_audited()
    return Roles(reference, candidates, predicted, [])


def _check_leave_one_out(gathered: Gathered, observed: BoolArray) -> None:
    """Raise when no cell type has another one to be compared with."""
    names = gathered.cell_types_of(observed)
    if len(names) < 2:
        raise errors.too_few_for_leave_one_out(names)


def _inferred(gathered: Gathered, predicted: BoolArray) -> Roles:
    """Take labelled pairs without a prediction as reference."""
    observed = ~np.isnan(gathered.labels)
    audited = observed & predicted
    reference = observed & ~predicted
    _refuse_shifted(gathered, predicted)
    _refuse_missing(gathered, audited)
    if not audited.any():
        raise errors.nothing_audited()
    if not reference.any():
        names = gathered.cell_types_of(audited)
        raise errors.no_reference_to_infer(int(audited.sum()), names, gathered.cell_types)
    names = gathered.cell_types_of(reference)
    note = errors.inferred_reference(int(reference.sum()), names)
    return Roles(reference, audited, predicted, [note])


def _refuse_shifted(gathered: Gathered, predicted: BoolArray) -> None:
    """Raise when two tables were joined that share no locus because one counts from 1."""
    rows, labelled = predicted.any(axis=1), (~np.isnan(gathered.labels)).any(axis=1)
    if not (rows & labelled).any():
        loci, known = (gathered.loci.take(np.flatnonzero(which)) for which in (rows, labelled))
        refuse_shifted(loci, "preds", known, "labels")


def _refuse_missing(gathered: Gathered, candidates: BoolArray) -> None:
    """Raise when a model lacks predictions of pairs that are audited."""
    found = {model: scores.missing(candidates) for model, scores in gathered.stored.items()}
    lacking = {model: missing for model, missing in found.items() if missing is not None}
    if not lacking:
        return
    raise errors.missing_predictions(
        int(candidates.sum()),
        {model: int(missing.sum()) for model, missing in lacking.items()},
        gathered.pair(next(iter(lacking.values()))),
        n_models=len(gathered.stored),
        inferred=gathered.reference.source == "inferred",
    )


def _refuse_contaminated(gathered: Gathered, reference: BoolArray, predicted: BoolArray) -> None:
    """Raise when a separate table has pairs that are audited."""
    if gathered.reference.source != "table":
        return
    both = reference & predicted
    if both.any():
        raise errors.contaminated(int(both.sum()), int(predicted.sum()), gathered.pair(both))


def _check_split(gathered: Gathered, named: BoolArray, predicted: BoolArray) -> None:
    """Raise when nothing is left on one side of a split that `train` names."""
    if not (named & ~np.isnan(gathered.labels)).any():
        raise errors.nothing_named(gathered.cell_types_of(named))
    auditable = gathered.own & predicted
    if auditable.any() and not (auditable & ~named).any():
        raise errors.nothing_left_to_audit(gathered.cell_types_of(auditable))
