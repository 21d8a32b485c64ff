"""The errors of a split that cannot be, and the note of one that was inferred, from counts.

The pairs themselves may be in memory or on disk.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leakcheck.data.evaluation_set import Note
from leakcheck.data.wording import counted, listing, share, shown
from leakcheck.exceptions import ValidationError

__all__ = [
    "SharedLoci",
    "contaminated",
    "few_are_shared",
    "inferred_reference",
    "missing_predictions",
    "no_reference_to_infer",
    "nothing_audited",
    "nothing_left_to_audit",
    "nothing_named",
    "nothing_predicted",
    "one_class",
    "other_loci",
    "signal_unobserved",
    "too_few_for_leave_one_out",
]


class SharedLoci(NamedTuple):
    """How many loci have predictions and labels, and the first that has only one of them."""

    n_shared: int
    n_predicted: int
    n_labelled: int
    first_predicted: str
    first_labelled: str


def few_are_shared(n_shared: int, n_first: int, n_second: int) -> bool:
    """Say whether two tables share so little that they hardly are of the same things."""
    return 2 * n_shared < min(n_first, n_second)


def other_loci(shared: SharedLoci, argument: str) -> ValidationError:
    """Predictions and labels are of other loci."""
    return ValidationError(
        f"`{argument}` and `labels` must be of the same loci; {shared.n_shared} of "
        f"{counted(shared.n_predicted, 'locus')} of `{argument}` "
        f"{'is' if shared.n_shared == 1 else 'are'} among the {shared.n_labelled} of `labels`, the "
        f"first that is not is {shared.first_predicted}, where `labels` has loci such as "
        f"{shared.first_labelled}. Bring both to one assembly, one way of counting bases and one "
        "spelling, or leave out what only one of them has.",
        code="LK102",
    )


def nothing_predicted() -> ValidationError:
    """No pair has a prediction."""
    return ValidationError(
        "`preds` must hold predictions of pairs to audit; all are missing (NaN). Check that "
        "rows and columns were selected as intended and, where they were joined to the labels, "
        "that both have the same loci.",
        code="LK102",
    )


def too_few_for_leave_one_out(names: Sequence[str]) -> ValidationError:
    """No cell type has another one to be compared with."""
    return ValidationError(
        '`train="leave-one-out"` needs labels of at least two cell types, because each target '
        f"is compared with the others; there are labels of {listing(names)}. Add the labels of "
        "other cell types."
    )


def no_reference_to_infer(
    n_audited: int, audited: Sequence[str], cell_types: Sequence[str]
) -> ValidationError:
    """Every labelled pair has a prediction."""
    example = list(cell_types[: max(1, min(2, len(cell_types) - 1))])
    return ValidationError(
        "`train` must say which labels are the reference, because none can be inferred: every "
        f"labelled pair has a prediction ({counted(n_audited, 'pair')} in "
        f"{counted(len(audited), 'cell type')}). Either name the cell types that the model was "
        f"trained on, for example train={example!r}, or pass "
        'train="leave-one-out" to compare each cell type with all others.',
        code="LK104",
    )


def inferred_reference(n_pairs: int, names: Sequence[str]) -> Note:
    """Labelled pairs without a prediction are the reference."""
    return Note(
        "LK001",
        f"No `train` was given: {counted(n_pairs, 'labelled pair')} without a prediction, in "
        f"{counted(len(names), 'cell type')} {listing(names)}, "
        f"{'was' if n_pairs == 1 else 'were'} taken as the reference.",
    )


def missing_predictions(
    n_audited: int,
    lacking: Mapping[str, int],
    first: str,
    *,
    inferred: bool,
    complete: Sequence[str] = (),
) -> ValidationError:
    """A model lacks predictions of pairs that are audited; `first` is one of its pairs.

    `complete` are the models that lack none.
    """
    counts = ", ".join(f"{model!r} {number}" for model, number in list(lacking.items())[:5])
    more = f", ... ({len(lacking)} models in all)" if len(lacking) > 5 else ""
    are_most = 2 * max(lacking.values()) > n_audited
    check = "Check that predictions and labels have the same loci. " if are_most else ""
    if complete and are_most:
        check += (
            f"{listing(complete)} {'has' if len(complete) == 1 else 'have'} a value everywhere: "
            "where a column is no model, leave it out of the predictions; in a terminal: "
            "--prediction NAME. "
        )
    if inferred:
        remedy = "A pair that is reference must be missing in all models"
    else:
        remedy = "A pair that is not to be audited must have no label"
    return ValidationError(
        f"`preds` must have a prediction of every audited pair from every model; of "
        f"{n_audited} audited pairs these are missing (NaN): {counts}{more}. The first "
        f"is {first}. {check}Fill them in, or leave these pairs out. {remedy}.",
        code="LK102" if are_most else "",
    )


def contaminated(n_both: int, n_predicted: int, first: str) -> ValidationError:
    """A separate table has pairs that are audited."""
    return ValidationError(
        "`train` must not hold audited pairs: the model would have seen the answer; "
        f"{share(n_both, n_predicted, 'audited pair', 'is/are')} also in "
        f"`train`, the first is {first}. Take them out of `train`, or out of "
        "`preds`.",
        code="LK101",
    )


def nothing_named(names: Sequence[str], *, predicted: bool = False) -> ValidationError:
    """What `train` names has no label; `predicted` says that it has predictions."""
    what = f"{listing(names)} have none" if names else "it has none"
    swapped = " but predictions: are `preds` and `labels` swapped?" if predicted else "."
    return ValidationError(
        "`train` must name labels, which are then the reference, and "
        f"{what}{swapped} Name cell types or rows with labels, or pass "
        'train="leave-one-out" to compare each cell type with all others.'
    )


def nothing_left_to_audit(names: Sequence[str]) -> ValidationError:
    """`train` names every pair that has a prediction."""
    return ValidationError(
        "`train` must leave some pairs to audit; it names every pair that has a prediction "
        f"({counted(len(names), 'cell type')}: {listing(names)}), and a target cannot be its "
        "own reference. Name only what the model was trained on, or pass "
        'train="leave-one-out" to compare each cell type with all others.',
        code="LK101",
    )


def nothing_audited(predicted: Sequence[str], labelled: Sequence[str]) -> ValidationError:
    """No pair has both a label and a prediction: cell types that have the one and the other."""
    return ValidationError(
        "`preds` and `labels` must share pairs to audit; no (locus, cell type) pair outside the "
        f"reference has both a prediction and a label. Predictions are of {listing(predicted)}, "
        f"labels of {listing(labelled)}. Add the labels of the predicted cell types, or check that "
        "both use the same names.",
        code="LK102",
    )


def one_class(n_audited: int, first: object, *, binary: bool) -> ValidationError:
    """All audited labels are the same."""
    what = "both 0 and 1" if binary else "different values"
    return ValidationError(
        f"`labels` must have {what} among the audited pairs; all {n_audited} are "
        f"{shown(first)}, so no ranking can be right or wrong. Audit more loci or cell "
        "types, or check how the labels were made."
    )


def signal_unobserved(n_reference: int) -> ValidationError:
    """The signal says nothing about the reference."""
    return ValidationError(
        "`signal` must be observed in the reference cell types, from which the average is made; it "
        f"is missing (NaN) in all {n_reference} reference pairs. Add it for the "
        "reference, or leave `signal` out."
    )
