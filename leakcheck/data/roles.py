"""Which pairs are reference and which are audited, and the errors of a split that cannot be."""

from typing import NamedTuple

import numpy as np

from leakcheck._typing import BoolArray
from leakcheck.data.evaluation_set import Note
from leakcheck.data.gathered import Gathered
from leakcheck.data.mismatch import refuse_shifted
from leakcheck.data.wording import counted, listing, share
from leakcheck.exceptions import ValidationError

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
        raise ValidationError(
            "`preds` must hold predictions of pairs to audit; all are missing (NaN). Check that "
            "rows and columns were selected as intended."
        )
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
        _refuse_nothing_audited(gathered)
    return Roles(reference, candidates, predicted, [])


def _check_leave_one_out(gathered: Gathered, observed: BoolArray) -> None:
    """Raise when no cell type has another one to be compared with."""
    names = gathered.cell_types_of(observed)
    if len(names) < 2:
        raise ValidationError(
            '`train="leave-one-out"` needs labels of at least two cell types, because each target '
            f"is compared with the others; there are labels of {listing(names)}. Add the labels of "
            "other cell types."
        )


def _inferred(gathered: Gathered, predicted: BoolArray) -> Roles:
    """Take labelled pairs without a prediction as reference."""
    observed = ~np.isnan(gathered.labels)
    audited = observed & predicted
    reference = observed & ~predicted
    _refuse_shifted(gathered, predicted)
    _refuse_missing(gathered, audited)
    if not audited.any():
        _refuse_nothing_audited(gathered)
    if not reference.any():
        cell_types = counted(len(gathered.cell_types_of(audited)), "cell type")
        raise ValidationError(
            "`train` must say which labels are the reference, because none can be inferred: every "
            f"labelled pair has a prediction ({counted(int(audited.sum()), 'pair')} in "
            f"{cell_types}). Either name the cell types that the model was trained on, for "
            f"example train={_example(gathered)!r}, or pass "
            'train="leave-one-out" to compare each cell type with all others.',
            code="LK104",
        )
    names = gathered.cell_types_of(reference)
    n_pairs = int(reference.sum())
    note = Note(
        "LK001",
        f"No `train` was given: {counted(n_pairs, 'labelled pair')} without a prediction, in "
        f"{counted(len(names), 'cell type')} {listing(names)}, "
        f"{'was' if n_pairs == 1 else 'were'} taken as the reference.",
    )
    return Roles(reference, audited, predicted, [note])


def _example(gathered: Gathered) -> list[str]:
    """Give cell types for an example in a message."""
    return list(gathered.cell_types[: max(1, min(2, len(gathered.cell_types) - 1))])


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
    nothing_shared = all(bool(m[candidates].all()) for m in lacking.values())
    counts = ", ".join(f"{model!r} {int(m.sum())}" for model, m in list(lacking.items())[:5])
    more = f", ... ({len(lacking)} models in all)" if len(lacking) > 5 else ""
    first = gathered.pair(next(iter(lacking.values())))
    if gathered.reference.source == "inferred":
        remedy = "A pair that is reference must be missing in all models"
    else:
        remedy = "A pair that is not to be audited must have no label"
    raise ValidationError(
        f"`preds` must have a prediction of every audited pair from every model; of "
        f"{int(candidates.sum())} audited pairs these are missing (NaN): {counts}{more}. The first "
        f"is {first}. Fill them in, or leave these pairs out. {remedy}.",
        code="LK102" if nothing_shared and len(lacking) == len(gathered.stored) else "",
    )


def _refuse_contaminated(gathered: Gathered, reference: BoolArray, predicted: BoolArray) -> None:
    """Raise when a separate table has pairs that are audited."""
    if gathered.reference.source != "table":
        return
    both = reference & predicted
    if both.any():
        raise ValidationError(
            "`train` must not hold audited pairs: the model would have seen the answer; "
            f"{share(int(both.sum()), int(predicted.sum()), 'audited pair', 'is/are')} also in "
            f"`train`, the first is {gathered.pair(both)}. Take them out of `train`, or out of "
            "`preds`.",
            code="LK101",
        )


def _check_split(gathered: Gathered, named: BoolArray, predicted: BoolArray) -> None:
    """Raise when nothing is left on one side of a split that `train` names."""
    if not (named & ~np.isnan(gathered.labels)).any():
        what = (
            f"{listing(gathered.cell_types_of(named))} have none" if named.any() else "it has none"
        )
        raise ValidationError(
            "`train` must name labels, which are then the reference, and "
            f"{what}. Name cell types or rows with labels, or pass "
            'train="leave-one-out" to compare each cell type with all others.'
        )
    auditable = gathered.own & predicted
    if auditable.any() and not (auditable & ~named).any():
        names = gathered.cell_types_of(auditable)
        raise ValidationError(
            "`train` must leave some pairs to audit; it names every pair that has a prediction "
            f"({counted(len(names), 'cell type')}: {listing(names)}), and a target cannot be its "
            "own reference. Name only what the model was trained on, or pass "
            'train="leave-one-out" to compare each cell type with all others.',
            code="LK101",
        )


def _refuse_nothing_audited(gathered: Gathered) -> None:
    """Raise when no pair has both a label and a prediction."""
    raise ValidationError(
        "`preds` and `labels` must share pairs to audit; no (locus, cell type) pair outside the "
        "reference has both a prediction and a label. Add the labels of the predicted cell types, "
        "or check that both use the same names.",
        code="LK102",
    )
