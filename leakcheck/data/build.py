"""`build_evaluation_set`: from any form of input to one checked evaluation set."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leakcheck.data.arrays import dimensions, frozen
from leakcheck.data.column_form import columns_of
from leakcheck.data.evaluation_set import EvaluationSet
from leakcheck.data.findings import collect_notes
from leakcheck.data.gathered import Gathered
from leakcheck.data.long_form import Request, gather_long
from leakcheck.data.models import read_models
from leakcheck.data.names import refuse_blanks
from leakcheck.data.role_errors import one_class, signal_unobserved
from leakcheck.data.roles import Roles, assign_roles, refuse_other_loci
from leakcheck.data.train import ColumnNames
from leakcheck.data.wide_form import gather_wide
from leakcheck.exceptions import ValidationError

__all__ = ["build_evaluation_set"]


def build_evaluation_set(
    preds: Any,
    labels: Any = None,
    loci: Any = None,
    celltypes: Any = None,
    *,
    data: Any = None,
    train: Any = None,
    signal: Any = None,
    families: Mapping[str, str] | None = None,
    positive_label: Any = None,
    label_kind: Literal["binary", "continuous"] | None = None,
) -> EvaluationSet:
    """Check predictions and labels, and align them on one grid of loci x cell types.

    Parameters
    ----------
    preds : array-like, DataFrame, str, mapping or EvaluationSet
        Predictions of one model in the shape of `labels`, larger = more active; or a mapping from
        model name to predictions, or from family to model to predictions. An `EvaluationSet` is
        returned as it is. Missing = NaN.
    labels : array-like, DataFrame or str
        Observed activity, 0/1 or real numbers; missing = NaN. One value per row (long, shape
        (n_rows,)), or a table of loci x cell types (wide, shape (n_loci, n_cell_types)): then
        `preds` are tables too, matched to it by name.
    loci : array-like, DataFrame, str or tuple of str, optional
        Intervals ``chrom, start, end`` in base pairs, 0-based and half-open, shape (n_rows, 3),
        strings ``chr1:100-200``, or opaque ids, shape (n_rows,): one per row of `labels`. Optional
        when the rows of a wide table are named; a table with the same row names adds intervals to
        ids.
    celltypes : array-like or str, optional
        Cell type of each row (long, shape (n_rows,)) or column (wide, shape (n_cell_types,));
        optional when the columns are named.
    data : DataFrame, optional
        A long table. The other arguments then name its columns; `loci` may name three columns
        (chrom, start, end), or four (an id before these).
    train : mask, list of str, DataFrame, "leave-one-out" or str, optional
        The reference: a boolean mask in the form of `labels`, the names of cell types, a separate
        table of labels (wide, or long with the same columns), or ``"leave-one-out"``: for each
        target, all other cell types. When absent, labels without a prediction are the reference.
    signal : array-like, DataFrame or str, optional
        Continuous activity beside binary labels, in the form and shape of `labels`; missing = NaN.
    families : mapping of str to str, optional
        Family of each model.
    positive_label : object, optional
        The label that means active, where labels are not 0/1.
    label_kind : {"binary", "continuous"}, optional
        What the labels must be; by default their values decide.

    Returns
    -------
    EvaluationSet
        Loci and cell types in the order in which they came. Labels and signal are float64;
        predictions keep float32, all else becomes float64. Arrays are read-only, and views of the
        input where nothing had to change, its layout in memory included.

    Raises
    ------
    ValidationError
        When the input breaks a rule; the message names the argument, the rule, the first offender
        and the remedy.

    Examples
    --------
    >>> import pandas as pd
    >>> loci = ["chr1:0-200", "chr1:200-400"]
    >>> labels = pd.DataFrame([[0, 1], [1, 0]], index=loci, columns=["K562", "H1"])
    >>> preds = pd.DataFrame([[0.7], [0.2]], index=loci, columns=["H1"])
    >>> build_evaluation_set(preds, labels, train=["K562"]).targets
    ('H1',)
    """
    options = {
        "labels": labels, "loci": loci, "celltypes": celltypes, "data": data, "train": train,
        "signal": signal, "families": families, "positive_label": positive_label,
        "label_kind": label_kind,
    }  # fmt: skip
    if isinstance(preds, EvaluationSet):
        _refuse_options(options)
        return preds
    if data is not None:
        arguments, names = columns_of(data, preds, labels, loci, celltypes, train, signal)
        preds, labels, loci, celltypes, train, signal = arguments
    else:
        names = ColumnNames()
    if labels is None or isinstance(labels, str):
        raise ValidationError(
            "`labels` must hold the observed activity; it is "
            f"{'missing' if labels is None else f'the string {labels!r}'}. Pass one value per row, "
            f"a table of loci x cell types, or a column name together with `data`.{_reader(preds)}"
        )
    wide = dimensions(labels, "labels") == 2
    models = read_models(preds, families, wide=wide)
    request = Request(
        models=models.predictions,
        labels=labels,
        loci=loci,
        celltypes=celltypes,
        train=train,
        signal=signal,
        positive_label=positive_label,
        label_kind=label_kind,
        names=names,
    )
    gathered = gather_wide(request) if wide else gather_long(request)
    refuse_blanks(gathered.cell_types)
    roles = assign_roles(gathered)
    _check_classes(gathered, roles)
    _check_signal(gathered, roles)
    return _finished(gathered, roles, models.families)


def _reader(preds: Any) -> str:
    """Say which adapter reads what was given in the place of `preds`: a file or a container."""
    if isinstance(preds, str | Path) and Path(preds).suffix == ".json":
        return " A stored report is read by leakcheck.AuditReport.from_json(path)."
    if isinstance(preds, str | Path) and Path(preds).exists():
        return (
            " `preds` is a path: read it with leakcheck.adapters, such as "
            "evaluation_set_from_table(read_table(path)); in a terminal: leakcheck audit PATH."
        )
    kinds = {"AnnData": "anndata", "Dataset": "xarray"}
    kind = kinds.get(type(preds).__name__)
    return "" if kind is None else f" Read it with leakcheck.adapters.evaluation_set_from_{kind}."


def _refuse_options(options: Mapping[str, Any]) -> None:
    """Refuse arguments beside a finished evaluation set."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValidationError(
            f"`{given[0]}` must be left out when `preds` is an EvaluationSet, which holds it "
            f"already; given were {', '.join(f'`{name}`' for name in given)}. Build a new set "
            "instead."
        )


def _check_classes(gathered: Gathered, roles: Roles) -> None:
    """Refuse audited labels that are all the same."""
    first = gathered.labels.flat[np.argmax(roles.audited)]  # of the audited pairs, row by row
    if not ((gathered.labels != first) & roles.audited).any():
        n_audited = int(np.count_nonzero(roles.audited))
        raise one_class(n_audited, first, binary=gathered.label_kind == "binary")


def _check_signal(gathered: Gathered, roles: Roles) -> None:
    """Refuse a signal that says nothing about the reference."""
    if gathered.signal is None:
        return
    missing = np.isnan(gathered.signal[roles.reference])
    if 2 * int(missing.sum()) > missing.size:
        refuse_other_loci(gathered, ~np.isnan(gathered.signal), "signal")
    if missing.all():
        raise signal_unobserved(missing.size)


def _finished(gathered: Gathered, roles: Roles, families: dict[str, str]) -> EvaluationSet:
    """Put the parts together as read-only arrays."""
    return EvaluationSet(
        loci=gathered.loci,
        cell_types=gathered.cell_types,
        labels=_matrix(gathered.labels),
        label_kind=gathered.label_kind,
        predictions=gathered.predictions,
        reference=_matrix(roles.reference),
        audited=_matrix(roles.audited),
        leave_one_out=gathered.reference.source == "leave-one-out",
        reference_source=gathered.reference.source,
        signal=None if gathered.signal is None else _matrix(gathered.signal),
        families=families,
        notes=collect_notes(gathered, roles),
    )


def _matrix(values: NDArray[Any]) -> NDArray[Any]:
    """Lay the rows of a matrix one after the other: sums of another layout may round otherwise."""
    return frozen(np.ascontiguousarray(values))
