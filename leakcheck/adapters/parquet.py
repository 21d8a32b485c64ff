"""Parquet: long tables of which only the columns that are needed are read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from leakcheck._optional import import_optional
from leakcheck.adapters.column_names import (
    CELLTYPE,
    INTERVAL,
    LABEL,
    find_column,
    find_locus,
    flat,
    require_column,
)
from leakcheck.adapters.long_tables import (
    further_columns,
    refuse_nameless,
    score_columns,
    usual_score,
)
from leakcheck.adapters.spoilt_columns import refuse_spoilt
from leakcheck.adapters.table_columns import evaluation_set_from_table
from leakcheck.data import EvaluationSet
from leakcheck.data.wording import counted
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evaluation_set_from_parquet"]


def evaluation_set_from_parquet(
    path: str | Path,
    *,
    predictions: Sequence[str] | None = None,
    label: str | None = None,
    locus: Sequence[str] | None = None,
    celltype: str | None = None,
    train: Sequence[str] | str | None = None,
    train_column: str | None = None,
    signal: str | None = None,
    families: Mapping[str, str] | None = None,
    positive_label: Any = None,
    label_kind: Literal["binary", "continuous"] | None = None,
) -> EvaluationSet:
    """Make an evaluation set of a long table in Parquet, one file or a partitioned folder.

    Parameters
    ----------
    path : str or pathlib.Path
        A file, or a folder of files with the same columns; keys of a partitioned folder
        (``celltype=K562/``) are columns too.
    predictions, label, locus, celltype, train, train_column, signal
        Columns, as for `evaluation_set_from_table`; no others are read from the disk. Without
        `predictions`, every further column of numbers is a model, and the first values of text are
        read too: scores that are text are refused.
    families, positive_label, label_kind
        As for `leakcheck.build_evaluation_set`.

    Returns
    -------
    EvaluationSet
        The same as from the whole table.

    Raises
    ------
    ValidationError
        When there is no such table or column, or scores are text.
    MissingDependencyError
        When pyarrow is not installed.

    Examples
    --------
    >>> import pandas as pd, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "preds.parquet")
    >>> pd.DataFrame({"gene": ["a", "b"] * 2, "cell": ["K562"] * 2 + ["H1"] * 2,
    ...               "y": [0, 1, 1, 0], "pred": [None, None, 0.7, 0.2]}).to_parquet(path)
    >>> evaluation_set_from_parquet(path).reference_cell_types
    ('K562',)
    """
    source = _open(Path(path))
    empty = flat(source.schema.empty_table().to_pandas())
    loci = find_locus(empty, locus)
    keys = [*loci, find_column(empty, celltype, CELLTYPE, "celltype")]
    keys.append(find_column(empty, label, LABEL, "label"))
    if len(loci) == 1 and set(INTERVAL) <= set(empty.columns):
        keys += INTERVAL
    if signal is not None:
        keys.append(require_column(empty, signal, "signal"))
    if isinstance(train, str) and train in empty.columns:
        keys.append(train)
    if train_column is not None:
        keys.append(require_column(empty, train_column, "train_column"))
    if predictions is None:
        usual = usual_score(empty, keys)
        chosen = [usual] if usual is not None else _scores(source, empty, keys)
    else:
        asked = [predictions] if isinstance(predictions, str) else list(predictions)
        chosen = [require_column(empty, name, "predictions") for name in asked]
    columns = list(dict.fromkeys([*keys, *chosen]))
    return evaluation_set_from_table(
        source.to_table(columns=columns).to_pandas(ignore_metadata=True),
        form="long",
        predictions=predictions,
        label=label,
        locus=locus,
        celltype=celltype,
        train=train,
        train_column=train_column,
        signal=signal,
        families=families,
        positive_label=positive_label,
        label_kind=label_kind,
    )


def _scores(source: Any, empty: "pd.DataFrame", used: Sequence[str]) -> list[str]:
    """Find the columns of scores; text is looked at, and not read as a whole."""
    types = import_optional("pyarrow.types", extra="all", purpose="to read Parquet")
    kinds = {name: source.schema.field(name).type for name in further_columns(empty, used)}
    plain = {n: k.value_type if types.is_dictionary(k) else k for n, k in kinds.items()}
    text = [n for n, k in plain.items() if types.is_string(k) or types.is_large_string(k)]
    refuse_spoilt(text, partial(_values, source))
    found = score_columns(empty, [*used, *text])
    refuse_nameless(found)
    return found


def _values(source: Any, column: str) -> "Iterator[pd.Series[Any]]":
    """Read one column, piece by piece."""
    for batch in source.to_batches(columns=[column]):
        yield batch.column(0).to_pandas()


def _open(path: Path) -> Any:
    """Open a file or a folder; nothing but its columns is read yet."""
    dataset = import_optional("pyarrow.dataset", extra="all", purpose="to read Parquet")
    if not path.exists():
        raise ValidationError(
            f"`{path}` must be a Parquet file or a folder of them; it does not exist. Check the "
            "path and its spelling."
        )
    _refuse_lost_links(path)
    try:
        found = dataset.dataset(path, format="parquet", partitioning="hive")
        names = _names_with_zeros(path, found.files)
        if names:
            keys = _text_keys(found.schema, names)
            found = dataset.dataset(
                path, format="parquet", partitioning=dataset.partitioning(keys, flavor="hive")
            )
        if not found.files:
            raise ValidationError(
                f"`{path}` must hold Parquet files; it holds none. Check how it was written."
            )
        for fragment in found.get_fragments():
            fragment.ensure_complete_metadata()  # the first file alone was opened: are all Parquet?
    except (OSError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise
        raise ValidationError(
            f"`{path}` must be a Parquet file or a folder of them; it cannot be read as such: "
            f"{str(error).splitlines()[0].rstrip('.')}. Check how it was written."
        ) from error
    return found


def _names_with_zeros(root: Path, files: Sequence[str]) -> dict[str, bool]:
    """Keys of folders, and which has values such as 01; nothing where none has: all are read well.

    pyarrow makes the number 1 of the folder ``celltype=01``.
    """
    found: dict[str, bool] = {}
    for file in files:
        for part in Path(file).parts[len(root.parts) : -1]:
            name, is_key, value = part.partition("=")
            if is_key:
                found[name] = found.get(name, False) or re.fullmatch(r"0\d+", value) is not None
    return found if any(found.values()) else {}


def _text_keys(schema: Any, names: Mapping[str, bool]) -> Any:
    """Types of the keys of folders: text for those with values such as 01."""
    pa = import_optional("pyarrow", extra="all", purpose="to read Parquet")
    return pa.schema(
        [(name, pa.string() if text else schema.field(name).type) for name, text in names.items()]
    )


def _refuse_lost_links(path: Path) -> None:
    """Refuse links in a folder that lead nowhere: they were files, which pyarrow leaves out."""
    lost = [
        link
        for link in (sorted(path.rglob("*")) if path.is_dir() else [])
        if link.is_symlink() and not link.exists() and not link.name.startswith((".", "_"))
    ]
    if lost:
        raise ValidationError(
            f"`{path}` must hold Parquet files; {counted(len(lost), 'link')} in it "
            f"{'leads' if len(lost) == 1 else 'lead'} nowhere, the first is {lost[0].name!r}. "
            "Put back what it stood for, or remove it."
        )
