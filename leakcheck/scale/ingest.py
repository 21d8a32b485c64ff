"""Floor 6: a partition of the source to plain columns in the scratch folder, checked on the way."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import LabelKind
from leakcheck.data.hashes import Form, forms_of
from leakcheck.data.labels import LabelCoding, as_signal, choose_coding, refuse_huge
from leakcheck.data.models import argument_of, as_scores
from leakcheck.exceptions import ValidationError
from leakcheck.scale.loci_of_part import PartLoci, write_loci
from leakcheck.scale.source import Part, Partition, Source

__all__ = [
    "IngestRules",
    "PartColumn",
    "PartSummary",
    "check_coding",
    "ingest_partition",
    "part_path",
]

#: Distinct labels that a part tells; more decide nothing.
_SOME: Final = 1000


@dataclass(frozen=True)
class IngestRules:
    """What the user said about labels.

    Parameters
    ----------
    label_kind : {"binary", "continuous"}, optional
        As asked for.
    positive_label : object, optional
        The label that means active.
    """

    label_kind: LabelKind | None = None
    positive_label: Any = None


@dataclass(frozen=True)
class PartColumn:
    """One column of a part: where it is, and what is in it.

    Attributes
    ----------
    dtype : str
        Type of the numbers in the file; int8 labels have -1 for missing.
    offset : int
        Place in the file, in bytes.
    n_known : int
        Numbers that are not missing.
    forms : tuple of bool
        Whether all are 0, 1 or missing, and whether float32 holds them.
    values : tuple
        Some distinct labels; all where they are few.
    """

    dtype: str
    offset: int
    n_known: int
    forms: tuple[bool, bool] = (False, False)
    values: tuple[Any, ...] = ()


@dataclass
class PartSummary:
    """What one part holds.

    Attributes
    ----------
    index : int
        Number of the partition.
    name : str
        Its name in errors.
    rows : tuple of int
        First row and the one after the last, in the source's order.
    columns : tuple of int
        Cell types.
    labels, signal : dict of int to PartColumn
        By cell type.
    predictions : dict of (int, int) to PartColumn
        By model and cell type; without those that hold nothing.
    raw_values : tuple
        Distinct labels as they came, where one value means active.
    loci : PartLoci or None
        Where the loci are; None where another part brings them.
    tally : dict of str to int
        Counts of the source.
    too_large : str
        Why its scores cannot be squared; an error where the labels of other parts are real numbers.
    """

    index: int
    name: str
    rows: tuple[int, int]
    columns: tuple[int, ...]
    labels: dict[int, PartColumn] = field(default_factory=dict)
    signal: dict[int, PartColumn] = field(default_factory=dict)
    predictions: dict[tuple[int, int], PartColumn] = field(default_factory=dict)
    raw_values: tuple[Any, ...] = ()
    loci: PartLoci | None = None
    tally: Mapping[str, int] = field(default_factory=dict)
    too_large: str = ""


def part_path(folder: Path, index: int) -> Path:
    """File of a part.

    Parameters
    ----------
    folder : Path
        The store.
    index : int
        Number of the partition.

    Returns
    -------
    Path
    """
    return folder / "parts" / f"{index:06d}.bin"


def ingest_partition(source: Source, folder: Path, rules: IngestRules, index: int) -> PartSummary:
    """Read a partition, check it, and write its columns into one file.

    Parameters
    ----------
    source : Source
        The data.
    folder : Path
        The store.
    rules : IngestRules
        What the user said about labels.
    index : int
        Number of the partition.

    Returns
    -------
    PartSummary
        Small; the file appears whole or not at all, and is the same when the task runs again.

    Raises
    ------
    CorruptPartitionError
        When the source cannot read it.
    ValidationError
        When its content breaks a rule; the partition is named.
    """
    partition = source.partitions()[index]
    part = source.read(partition)
    path = part_path(folder, index)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("wb") as file, _naming(partition):
            summary = _write(source, partition, part, rules, index, file)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return summary


@contextmanager
def _naming(partition: Partition) -> Iterator[None]:
    """Name the partition in errors about its content, whose counts are of it alone."""
    try:
        yield
    except ValidationError as error:
        named = ValidationError(f"In {partition.name}: {error}")
        named.code = error.code  # its page stands in the message already
        raise named from error


def _write(
    source: Source,
    partition: Partition,
    part: Part,
    rules: IngestRules,
    index: int,
    file: BinaryIO,
) -> PartSummary:
    """Check and write everything that a part holds."""
    rows = (partition.rows.start, partition.rows.stop)
    found = PartSummary(index, partition.name, rows, tuple(part.columns), tally=dict(part.tally))
    if part.loci is not None:
        found.loci = write_loci(part.loci, file)
    if part.signal is not None:
        as_signal(np.asarray(part.signal))
    labels = _coded(np.asarray(part.labels), rules, found)
    for place, column in enumerate(part.columns):
        found.labels[column] = _write_labels(labels[:, place], file)
        if part.signal is not None:
            found.signal[column] = _write_numbers(part.signal[:, place], file)
    squared = rules.label_kind == "continuous" or not _all_binary(found)
    for number, model in enumerate(source.models):
        own = set(source.predicted[model])
        argument = argument_of(model, source.models)
        scores = as_scores(np.asarray(part.predictions[model]), argument)
        try:
            refuse_huge(scores, argument)
        except ValidationError as error:
            if squared:
                raise
            found.too_large = found.too_large or f"In {partition.name}: {error}"
        for place, column in enumerate(part.columns):
            if column in own:
                written = _write_numbers(scores[:, place], file)
                if written.n_known:
                    found.predictions[number, column] = written
    return found


def _all_binary(found: PartSummary) -> bool:
    """Whether all labels of a part are 0, 1 or missing."""
    return all(one.forms[0] for one in found.labels.values())


def _coded(raw: NDArray[Any], rules: IngestRules, found: PartSummary) -> NDArray[Any]:
    """Check labels as the border does, and code them where one value means active."""
    if rules.positive_label is not None:
        # Whether there are two values is known when all parts are.
        found.raw_values = tuple(_distinct(raw.ravel(), _SOME))
        return LabelCoding(kind="binary", positive_label=rules.positive_label).apply(raw)
    choose_coding([raw], "labels", label_kind=rules.label_kind or "continuous")
    return raw


def _write_labels(values: NDArray[Any], file: BinaryIO) -> PartColumn:
    """Write a column of labels: as int8 where they are 0, 1 or missing."""
    values = np.ascontiguousarray(values)
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
    active = values == 1
    n_known = len(values) - int(np.count_nonzero(missing))
    if bool((active | (values == 0) | missing).all()):
        coded = active.astype(np.int8)
        coded[missing] = -1
        some = tuple(one for one, seen in ((0, n_known > active.sum()), (1, active.any())) if seen)
        return _put(coded, file, n_known, (True, True), some)
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    return _put(values, file, n_known, _forms(values), tuple(_distinct(values, 3)))


def _write_numbers(values: NDArray[Any], file: BinaryIO) -> PartColumn:
    """Write a column of scores or of a signal in its own width, unless nothing is known."""
    values = np.ascontiguousarray(values)
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float32 if values.dtype == np.float16 else np.float64)
    n_known = len(values) - int(np.count_nonzero(np.isnan(values)))
    if not n_known:
        return PartColumn(values.dtype.name, 0, 0, (True, True))
    return _put(values, file, n_known, _forms(values))


def _put(
    values: NDArray[Any],
    file: BinaryIO,
    n_known: int,
    forms: tuple[bool, bool],
    some: tuple[Any, ...] = (),
) -> PartColumn:
    """Append an array to the file."""
    offset = file.tell()
    file.write(values.data)
    return PartColumn(values.dtype.name, offset, n_known, forms, some)


def _forms(values: NDArray[Any]) -> tuple[bool, bool]:
    """Which forms of a hash hold these numbers."""
    form: Form = forms_of(values[:, None])[0]
    return form == "bits", form != "double"


def _distinct(values: NDArray[Any], most: int) -> list[Any]:
    """Distinct numbers in order of appearance, and not more than asked for."""
    found: list[Any] = []
    rest = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    while rest.size and len(found) < most:
        found.append(rest[0].item())
        rest = rest[rest != rest[0]]
    return found


def check_coding(summaries: list[PartSummary], rules: IngestRules) -> LabelKind:
    """Find what the labels of all parts together are, or say why they cannot be used.

    Parameters
    ----------
    summaries : list of PartSummary
        All parts.
    rules : IngestRules
        What the user said.

    Returns
    -------
    {"binary", "continuous"}
        Their kind.

    Raises
    ------
    ValidationError
        As `leakcheck.build_evaluation_set` does, from the distinct values.
    """
    if rules.positive_label is not None:
        raw = list(dict.fromkeys(value for part in summaries for value in part.raw_values))
        choose_coding(
            [np.array(raw)],
            "labels",
            positive_label=rules.positive_label,
            label_kind=rules.label_kind,
        )
        return "binary"
    if rules.label_kind is not None:
        return rules.label_kind
    columns = (one for part in summaries for one in part.labels.values())
    some = list(dict.fromkeys(value for one in columns for value in one.values))
    kind = choose_coding([np.array(some, dtype=np.float64)], "labels").kind
    if kind == "continuous":
        # A part whose labels happen to be 0, 1 or missing cannot know that the others are not.
        for part in summaries:
            if part.too_large:
                raise ValidationError(part.too_large)
    return kind
