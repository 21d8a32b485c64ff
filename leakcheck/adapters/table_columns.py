"""Tables and the names of their columns: what a long or wide table means."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from leakcheck.adapters.column_names import CELLTYPE, flat
from leakcheck.adapters.long_tables import long_arguments
from leakcheck.adapters.wide_tables import wide_arguments
from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.data.arrays import as_frame, is_frame
from leakcheck.exceptions import ValidationError

__all__ = ["evaluation_set_from_table"]


def evaluation_set_from_table(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    form: Literal["auto", "long", "wide"] = "auto",
    predictions: Sequence[str] | None = None,
    label: str | None = None,
    locus: Sequence[str] | None = None,
    celltype: str | None = None,
    train: pd.DataFrame | Sequence[str] | str | None = None,
    train_column: str | None = None,
    signal: str | None = None,
    labels_frame: pd.DataFrame | None = None,
    signal_frame: pd.DataFrame | None = None,
    families: Mapping[str, str] | None = None,
    positive_label: Any = None,
    label_kind: Literal["binary", "continuous"] | None = None,
) -> EvaluationSet:
    """Make an evaluation set of a table as it was read from a file.

    Parameters
    ----------
    frame : DataFrame, or mapping of str to DataFrame
        Long: one row per (locus, cell type) pair. Wide: predictions of loci x cell types, one
        table per model. pandas or polars, as all tables here; a polars LazyFrame is collected.
    form : {"auto", "long", "wide"}
        ``"auto"``: long when the table has a column of cell types, else wide.
    predictions : sequence of str, optional
        Columns of predictions; by default ``pred``, ``prediction``, ``predictions`` or ``score``,
        else every further column of numbers.
    label : str, optional
        Column of labels; by default the first there is of ``label, labels, y, active``.
    locus : sequence of str, optional
        One column of ids or intervals, or three: chromosome, start, end. By default ``locus,
        loci, gene, gene_id, id``, else ``chrom, start, end``. Where the latter stand beside an
        id they are its interval.
    celltype : str, optional
        Column of cell types; by default the first there is of ``celltype, cell_type, celltypes,
        cell``.
    train : str, sequence of str or DataFrame, optional
        ``"leave-one-out"``, a list of cell types, or a separate table of labels. One name by
        itself is a cell type, or a column as in `train_column`.
    train_column : str, optional
        Column of booleans, or of 0 and 1, of a long table: true where a row was used to train.
    signal : str, optional
        Column of the signal.
    labels_frame, signal_frame : DataFrame, optional
        Labels and signal in tables of their own, in the form of `frame`.
    families, positive_label, label_kind
        As for `build_evaluation_set`.

    Returns
    -------
    EvaluationSet

    Raises
    ------
    ValidationError
        When a column is not there; the message lists those that are.

    Examples
    --------
    >>> table = pd.DataFrame({"gene": ["a", "b"] * 2, "cell": ["K562"] * 2 + ["H1"] * 2,
    ...                       "y": [0, 1, 1, 0], "pred": [None, None, 0.7, 0.2]})
    >>> evaluation_set_from_table(table).reference_cell_types
    ('K562',)
    """
    if isinstance(frame, Mapping):
        frame = {model: _as_pandas(table) for model, table in frame.items()}
    else:
        frame = _as_pandas(frame)
    labels_frame, signal_frame, train = map(_as_pandas, (labels_frame, signal_frame, train))
    _refuse_no_tables(frame, {"labels_frame": labels_frame, "signal_frame": signal_frame})
    options: dict[str, Any] = {
        "families": families,
        "positive_label": positive_label,
        "label_kind": label_kind,
    }
    if _is_wide(frame, form, celltype, has_labels=labels_frame is not None):
        _refuse_long_options(
            {
                "predictions": predictions,
                "label": label,
                "celltype": celltype,
                "train_column": train_column,
                "signal": signal,
            }
        )
        arguments = wide_arguments(frame, labels_frame, signal_frame, train, locus)
        return build_evaluation_set(**arguments, **options)
    if not isinstance(frame, pd.DataFrame):
        raise ValidationError(
            f"`frame` must be one table in the long form; there are {len(frame)}. Put the "
            "predictions of every model into columns of one table."
        )
    arguments = long_arguments(
        frame,
        predictions=predictions,
        label=label,
        locus=locus,
        celltype=celltype,
        train=train,
        train_column=train_column,
        signal=signal,
        labels_frame=labels_frame,
        signal_frame=signal_frame,
    )
    return build_evaluation_set(**arguments, **options)


def _as_pandas(table: Any) -> Any:
    """Table of any library as a pandas frame; what is no table is left alone."""
    if hasattr(table, "collect_schema") and hasattr(table, "collect"):  # a polars LazyFrame
        table = table.collect()
    return as_frame(table) if is_frame(table) else table


def _refuse_no_tables(frame: Any, others: Mapping[str, Any]) -> None:
    """Refuse what is no table, a path above all; only `frame` must be there."""
    given = {argument: table for argument, table in others.items() if table is not None}
    for argument, table in {"frame": frame, **given}.items():
        every = table.values() if isinstance(table, Mapping) else [table]
        other = [one for one in every if not isinstance(one, pd.DataFrame)]
        if other:
            raise ValidationError(
                f"`{argument}` must be a table (pandas or polars); it is a "
                f"{type(other[0]).__name__}. Read a file first: read_table(path)."
            )


def _is_wide(
    frame: pd.DataFrame | Mapping[str, pd.DataFrame],
    form: str,
    celltype: str | None,
    *,
    has_labels: bool,
) -> bool:
    """Decide the form: wide tables have no column of cell types and come with labels."""
    if form not in ("auto", "long", "wide"):
        raise ValidationError(
            f"`form` must be 'auto', 'long' or 'wide'; it is {form!r}. Leave it out to let the "
            "columns decide."
        )
    if form != "auto":
        return form == "wide"
    if not isinstance(frame, pd.DataFrame):
        return True
    columns = flat(frame).columns
    is_long = celltype is not None or any(name in columns for name in CELLTYPE)
    return has_labels and not is_long


def _refuse_long_options(options: Mapping[str, Any]) -> None:
    """Refuse names of columns that only long tables have."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValidationError(
            f"`{given[0]}` must be left out for wide tables, whose columns are cell types; it is "
            f"{options[given[0]]!r}. Leave it out, or pass form='long' if the table has one row "
            "per (locus, cell type) pair."
        )
