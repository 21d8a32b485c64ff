"""Which pairs are reference and which are audited, and the errors of a split that cannot be."""

from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data import role_errors as errors
from leakcheck.data.evaluation_set import Note
from leakcheck.data.gathered import Gathered
from leakcheck.data.mismatch import refuse_shifted
from leakcheck.data.models import argument_of

__all__ = ["Roles", "assign_roles", "refuse_other_loci"]


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
    _refuse_missing(gathered, candidates)
    _refuse_nothing_audited(gathered, candidates, predicted)
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
    labelled = observed[:, predicted.any(axis=0)]
    if errors.few_are_shared(*(int(pairs.sum()) for pairs in (audited, predicted, labelled))):
        refuse_other_loci(gathered, predicted, "preds")
    _refuse_missing(gathered, audited)
    _refuse_nothing_audited(gathered, audited, predicted)
    if not reference.any():
        names = gathered.cell_types_of(audited)
        raise errors.no_reference_to_infer(int(audited.sum()), names, gathered.cell_types)
    names = gathered.cell_types_of(reference)
    note = errors.inferred_reference(int(reference.sum()), names)
    return Roles(reference, audited, predicted, [note])


def refuse_other_loci(gathered: Gathered, filled: BoolArray, argument: str) -> None:
    """Raise when labels were joined with a table that shares few loci with them.

    `filled` are the pairs that the argument has. What only one of the tables has would be left out
    in silence, and the message would be about missing values, of which the tables have none.
    """
    rows, labelled = filled.any(axis=1), (~np.isnan(gathered.labels)).any(axis=1)
    n_shared, n_rows, n_labelled = (int(own.sum()) for own in (rows & labelled, rows, labelled))
    if not errors.few_are_shared(n_shared, n_rows, n_labelled):
        return
    loci = gathered.loci.take(np.flatnonzero(rows & ~labelled))
    known = gathered.loci.take(np.flatnonzero(labelled & ~rows))
    refuse_shifted(loci, argument, known, "labels")
    firsts = str(loci.ids[0]), str(known.ids[0])
    raise errors.other_loci(errors.SharedLoci(n_shared, n_rows, n_labelled, *firsts), argument)


def _refuse_missing(gathered: Gathered, candidates: BoolArray) -> None:
    """Raise when a model lacks predictions of pairs that are audited."""
    found = {model: scores.missing(candidates) for model, scores in gathered.stored.items()}
    lacking = {model: missing for model, missing in found.items() if missing is not None}
    if not lacking:
        return
    n_audited = int(candidates.sum())
    counts = {model: int(missing.sum()) for model, missing in lacking.items()}
    for model in (model for model, number in counts.items() if 2 * number > n_audited):
        predicted = np.zeros(candidates.shape, dtype=bool)
        gathered.stored[model].mark_predicted(predicted)
        refuse_other_loci(gathered, predicted, argument_of(model, gathered.stored))
    raise errors.missing_predictions(
        n_audited,
        counts,
        gathered.pair(next(iter(lacking.values()))),
        inferred=gathered.reference.source == "inferred",
        complete=[model for model in found if model not in lacking],
    )


def _refuse_nothing_audited(gathered: Gathered, audited: BoolArray, predicted: BoolArray) -> None:
    """Raise when no pair is left to audit."""
    if not audited.any():
        refuse_other_loci(gathered, predicted, "preds")
        observed = ~np.isnan(gathered.labels)
        raise errors.nothing_audited(*map(gathered.cell_types_of, (predicted, observed)))


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
        is_predicted = bool((named & predicted).any())
        raise errors.nothing_named(gathered.cell_types_of(named), predicted=is_predicted)
    auditable = gathered.own & predicted
    if auditable.any() and not (auditable & ~named).any():
        raise errors.nothing_left_to_audit(gathered.cell_types_of(auditable))
