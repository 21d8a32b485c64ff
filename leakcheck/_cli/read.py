"""Tables on disk and words of the command line into what `leakcheck.audit` takes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leakcheck._cli.inputs import label_value, separator_character, signal_source

if TYPE_CHECKING:
    import pandas as pd

    from leakcheck.data import EvaluationSet

__all__ = ["Tables", "read_inputs"]


class Tables(NamedTuple):
    """Where the tables are, and how their fields are separated.

    Attributes
    ----------
    predictions : Path
        Predictions, with labels or not.
    labels : Path, optional
        Labels in a table of their own.
    signal : str, optional
        A column or a table.
    similarity : str, optional
        A cell type or a table.
    separator : str, optional
        Character between the fields.
    """

    predictions: Path
    labels: Path | None
    signal: str | None
    similarity: str | None
    separator: str | None


def read_inputs(
    tables: Tables,
    *,
    blocks: str | None,
    strata: str | None,
    positive_label: str | None,
    **columns: Any,
) -> tuple["EvaluationSet", dict[str, Any]]:
    """Read the tables: the evaluation set, and what was named of blocks, strata and similarity.

    Parameters
    ----------
    tables : Tables
        What to read.
    blocks, strata : str, optional
        Columns of blocks and of strata.
    positive_label : str, optional
        The label that means active, as it was typed.
    **columns
        Options of `evaluation_set_from_table`.

    Returns
    -------
    tuple of (EvaluationSet, dict of str to any)
        The set, and further arguments of the audit.
    """
    from leakcheck.adapters.locus_column import (  # noqa: PLC0415 - numpy, once it is prepared
        take_locus_column,
    )
    from leakcheck.adapters.tables import (  # noqa: PLC0415
        evaluation_set_from_table,
        read_table,
    )

    separator = separator_character(tables.separator)

    def read(path: Path | None) -> "pd.DataFrame | None":
        return None if path is None else read_table(path, separator=separator)

    frame, labels = read_table(tables.predictions, separator=separator), read(tables.labels)
    further: dict[str, Any] = {}
    if blocks is not None:
        further["blocks"], (frame, labels) = take_locus_column(
            blocks, frame, labels, columns["locus"], of="blocks"
        )
    if strata is not None:
        further["strata"], (frame, labels) = take_locus_column(
            strata, frame, labels, columns["locus"], of="strata"
        )
    if tables.similarity is not None:
        further["similarity"] = _similarity(tables.similarity, read)
    signal_column, signal_path = signal_source(tables.signal, [str(name) for name in frame.columns])
    if positive_label is not None:
        of = frame if labels is None else labels
        columns["positive_label"] = label_value(positive_label, of, columns["label"])
    data = evaluation_set_from_table(
        frame,
        signal=signal_column,
        labels_frame=labels,
        signal_frame=read(signal_path),
        **columns,
    )
    return data, further


def _similarity(text: str, read: Any) -> Any:
    """Table of similarities or features, cell types in its first column; else a cell type."""
    path = Path(text)
    if not path.is_file():
        return text
    frame = read(path)
    return frame.set_index(frame.columns[0]) if frame.index.names == [None] else frame
