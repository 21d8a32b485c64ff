"""BED files with a score column, one for each cell type."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from leakcheck._files import refuse_web_page
from leakcheck._typing import FloatArray
from leakcheck.adapters.column_names import INTERVAL
from leakcheck.adapters.names import named_reference
from leakcheck.adapters.per_cell_type import Files, cell_types_of, models_of
from leakcheck.base.intervals import IntervalIndex
from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError

__all__ = ["evaluation_set_from_bed", "read_bed"]

_INTERVAL = list(INTERVAL)
#: Lines that say how a browser shows the file.
_HEADERS = ("#", "track", "browser")


def read_bed(path: str | Path, *, score_column: int | None = 5) -> pd.DataFrame:
    r"""Read intervals and their scores.

    Parameters
    ----------
    path : str or pathlib.Path
        BED, also compressed (``.gz``); fields are separated by tabs or blanks. Lines that start
        with ``#``, ``track`` or ``browser`` are left out.
    score_column : int or None
        Number of the column with the score, from 1: 5 in BED, 7 in narrowPeak and broadPeak, 4 in
        bedGraph. None reads no score.

    Returns
    -------
    DataFrame
        Columns ``chrom, start, end`` and ``score`` (float64; a dot or nothing is NaN).

    Raises
    ------
    ValidationError
        When the file is missing, damaged or empty, a line has too few columns or no interval, or
        a score is no number.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "preds.bed")
    >>> _ = path.write_text("chr1\t0\t200\ta\t0.5\n")
    >>> read_bed(path)["score"].tolist()
    [0.5]
    """
    return _read(Path(path), score_column, "score_column", "; None reads the intervals alone")


def _read(path: Path, column: int | None, argument: str, otherwise: str = "") -> pd.DataFrame:
    """Read intervals and the column that an argument named."""
    if column is not None and column < 4:
        raise ValidationError(
            f"`{argument}` must be 4 or more, counted from 1; it is {column}. Columns 1 to 3 are "
            "the interval."
        )
    rows = _rows(path)
    needed = max(3, column or 3)
    remedy = (
        "Write chromosome, start and end."
        if column is None
        else f"Say by `{argument}` where the values are, counted from 1{otherwise}."
    )
    intervals = [_interval(path, number, fields, needed, remedy) for number, fields in rows]
    frame = pd.DataFrame(intervals, columns=_INTERVAL)
    if column is not None:
        frame["score"] = _numbers(path, rows, column - 1, remedy)
    return frame.astype({"start": np.int64, "end": np.int64})


def evaluation_set_from_bed(
    predictions: Files | Mapping[str, Files],
    labels: Files,
    *,
    score_column: int = 5,
    labels_from: Literal["score", "overlap"] = "score",
    label_column: int | None = None,
    train: str | Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    positive_label: Any = None,
    label_kind: Literal["binary", "continuous"] | None = None,
) -> EvaluationSet:
    r"""Make an evaluation set of BED files.

    Parameters
    ----------
    predictions : mapping of str to path, or of str to such mappings
        Cell type to BED file with the scores of one model; or model to such a mapping. The
        intervals of the files are the loci.
    labels : mapping of str to path
        Cell type to BED file with what was observed, of the reference cell types too.
    score_column : int
        Number of the column with the predictions, from 1.
    labels_from : {"score", "overlap"}
        ``"score"``: the label of a locus is the score of the same interval in the file of labels.
        ``"overlap"``: the files of labels are calls, such as peaks; a locus is active where it
        shares at least one base with one of them.
    label_column : int, optional
        Number of the column with the labels, from 1; by default `score_column`.
    train, families, positive_label, label_kind
        As for `leakcheck.build_evaluation_set`.

    Returns
    -------
    EvaluationSet
        Loci in the order in which they first come.

    Raises
    ------
    ValidationError
        When a file cannot be read, or holds an interval twice.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "K562").write_text("chr1 150 160"), (folder / "H1").write_text("chr1 10 20")
    >>> _ = (folder / "net").write_text("chr1 0 100 . 0.9\nchr1 100 200 . 0.2\n")
    >>> evaluation_set_from_bed({"H1": folder / "net"}, {c: folder / c for c in ("K562", "H1")},
    ...                         labels_from="overlap").labels.tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    if labels_from not in ("score", "overlap"):
        raise ValidationError(
            f"`labels_from` must be 'score' or 'overlap'; it is {labels_from!r}. Say whether the "
            "files of labels have a value for each locus, or intervals that are active."
        )
    models = models_of(predictions)
    cell_types = cell_types_of(models, labels)
    scores = {
        model: _columns(files, score_column, "score_column") for model, files in models.items()
    }
    observed = {}
    if labels_from == "score":
        column = score_column if label_column is None else label_column
        observed = _columns(labels, column, "label_column")
    loci = _loci(
        [*(s for columns in scores.values() for s in columns.values()), *observed.values()]
    )
    if labels_from == "overlap":
        grid = _overlaps(loci, labels, cell_types)
    else:
        grid = _grid(observed, loci, cell_types)
    return build_evaluation_set(
        {model: _grid(columns, loci, cell_types) for model, columns in scores.items()},
        grid,
        loci.to_frame(index=False),
        list(cell_types),
        train=named_reference(train),
        families=families,
        positive_label=positive_label,
        label_kind=label_kind,
    )


def _columns(files: Files, column: int, argument: str) -> dict[str, "pd.Series[float]"]:
    """Read the scores of each cell type, by interval."""
    found = {}
    for cell_type, path in files.items():
        scores = _read(Path(path), column, argument).set_index(_INTERVAL)["score"]
        twice = scores.index.duplicated()
        if twice.any():
            chrom, start, end = scores.index[int(np.argmax(twice))]
            raise ValidationError(
                f"`{path}` must have each interval once; {int(twice.sum())} of {len(scores)} rows "
                f"repeat an earlier one, the first is {chrom}:{start}-{end}. Keep one of them."
            )
        found[str(cell_type)] = scores
    return found


def _loci(columns: "Sequence[pd.Series[float]]") -> pd.MultiIndex:
    """Join the intervals of all files in the order in which they first come."""
    index = columns[0].index
    for column in columns[1:]:
        if not column.index.equals(index):
            index = index.append(column.index.difference(index, sort=False))
    return pd.MultiIndex.from_tuples(index, names=_INTERVAL)


def _grid(
    columns: "Mapping[str, pd.Series[float]]", loci: pd.MultiIndex, cell_types: Sequence[str]
) -> FloatArray:
    """Lay columns out on loci x cell types; what a file does not have is NaN."""
    found = np.full((len(loci), len(cell_types)), np.nan)
    for cell_type, column in columns.items():
        found[:, cell_types.index(cell_type)] = column.reindex(loci).to_numpy()
    return found


def _overlaps(loci: pd.MultiIndex, files: Files, cell_types: Sequence[str]) -> FloatArray:
    """Say for each locus and cell type whether a call shares a base with it."""
    frame = loci.to_frame(index=False)
    groups, names = pd.factorize(frame["chrom"])
    code_of = {name: code for code, name in enumerate(names)}
    found = np.zeros((len(loci), len(cell_types)))
    elsewhere: dict[str, None] = {}
    for column, cell_type in enumerate(cell_types):
        calls = read_bed(files[cell_type], score_column=None)
        own = calls["chrom"].map(code_of)
        elsewhere |= dict.fromkeys(calls["chrom"][own.isna()])
        calls = calls[own.notna()]
        index = IntervalIndex(
            own.dropna().to_numpy(np.int64), calls["start"].to_numpy(), calls["end"].to_numpy()
        )
        hits = index.overlapping(groups, frame["start"].to_numpy(), frame["end"].to_numpy())
        found[:, column] = hits >= 0
    if not found.any():
        raise ValidationError(
            "`labels` must overlap some loci of the predictions; none of them does. The "
            f"predictions lie on {listing(list(names), 5)}, the labels also on "
            f"{listing(list(elsewhere), 5)}. Name chromosomes in one way (chr1 or 1), and use one "
            "genome assembly.",
            code="LK102",
        )
    return found


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Read the fields of each line and its number."""
    import gzip  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    if not path.is_file():
        raise ValidationError(
            f"`{path}` must be a BED file; it does not exist. Check the path and its spelling."
        )
    with path.open("rb") as file:
        start = file.read(512)
    refuse_web_page(start, path, "a BED file")
    packed = start[:2] == b"\x1f\x8b"
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if packed
            else path.open(encoding="utf-8") as lines
        ):
            rows = [
                (number, line.rstrip("\r\n").split("\t") if "\t" in line else line.split())
                for number, line in enumerate(lines, start=1)
                if line.strip() and not line.startswith(_HEADERS)
            ]
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise ValidationError(
            f"`{path}` must be a BED file, plain or gzipped; it cannot be read as one: {error}. "
            "Check that it is whole."
        ) from error
    if not rows:
        raise ValidationError(
            f"`{path}` must have at least one interval; it has none. Check how it was written."
        )
    return rows


def _interval(
    path: Path, number: int, fields: list[str], needed: int, remedy: str
) -> tuple[str, int, int]:
    """Read the interval of a line."""
    if len(fields) < needed:
        raise ValidationError(
            f"`{path}` must have at least {needed} columns; line {number} has {len(fields)}. "
            f"{remedy}"
        )
    is_interval = fields[1].isdecimal() and fields[2].isdecimal()
    if not (is_interval and int(fields[1]) < int(fields[2]) < 1 << 63):
        raise ValidationError(
            f"`{path}` must have a chromosome and 0 <= start < end in every line; line {number} "
            f"begins {' '.join(fields[:3])!r}. Intervals are 0-based, half-open (BED); a header "
            "begins with #, track or browser."
        )
    return fields[0], int(fields[1]), int(fields[2])


def _numbers(
    path: Path, rows: Sequence[tuple[int, list[str]]], place: int, remedy: str
) -> FloatArray:
    """Read a column of scores; a dot or nothing is NaN."""
    values = np.full(len(rows), np.nan)
    for i, (number, fields) in enumerate(rows):
        text = fields[place].strip()
        if text in ("", "."):
            continue
        try:
            values[i] = float(text)
        except ValueError:
            raise ValidationError(
                f"`{path}` must have numbers in column {place + 1}; line {number} has {text!r}. "
                f"{remedy}"
            ) from None
    return values
