"""Words of the command line into arguments of the library."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "label_value",
    "locus_columns",
    "of_models",
    "parameters_of_models",
    "separator_character",
    "signal_source",
    "train_argument",
]

LEAVE_ONE_OUT: Final = "leave-one-out"


def locus_columns(text: str | None) -> tuple[str, ...] | None:
    """Column of ids after ``--loci``, or the three of ``chrom,start,end``."""
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    if len(names) not in {1, 3} or not all(names):
        raise ValidationError(
            f"`--loci` must be one column or three (chrom,start,end); {text!r} names {len(names)}. "
            "Give for example: --loci chrom,start,end"
        )
    return names


def train_argument(entries: Sequence[str] | None, column: str | None) -> str | list[str] | None:
    """What every ``--train`` says beside a ``--train-column``: cell types or leave-one-out."""
    if not entries:
        return None
    if column is not None:
        raise ValidationError(
            "`--train` and `--train-column` must not both be given; both came. Give one of them."
        )
    if [*entries] == [LEAVE_ONE_OUT]:
        return LEAVE_ONE_OUT
    names = [name for entry in entries for name in _train_names(entry)]
    if len(entries) > 1 and LEAVE_ONE_OUT in names:
        raise ValidationError(
            f"`--train` must be cell types or {LEAVE_ONE_OUT}; both came. Give one of them."
        )
    return names


def _train_names(entry: str) -> list[str]:
    """Names of cell types in one ``--train``."""
    if entry.startswith("@"):
        return _named(entry, _lines(Path(entry[1:])))
    if entry.endswith((".txt", ".tsv", ".csv")) and Path(entry).is_file():
        raise ValidationError(
            f"`--train` must name cell types; {entry!r} is a file. To read their names from "
            f"it, one in each line, write --train @{entry}"
        )
    if entry != LEAVE_ONE_OUT and re.fullmatch("leave[-_ ]?one[-_ ]?out", entry, re.IGNORECASE):
        raise ValidationError(
            f"`--train` must be cell types or {LEAVE_ONE_OUT}; {entry!r} came. Write it so: "
            f"--train {LEAVE_ONE_OUT}"
        )
    return _named(entry, entry.split(","))


def _named(text: str, entries: list[str]) -> list[str]:
    """Names without blanks around them; at least one."""
    names = [entry.strip() for entry in entries if entry.strip()]
    if not names:
        raise ValidationError(
            f"`--train` must name cell types; {text!r} names none. Give for example: "
            "--train E001,E002, or --train @file with one name in each line."
        )
    return names


def _lines(path: Path) -> list[str]:
    """Lines of a file, without comments."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ValidationError(
            f"`--train @{path}` must be a text file with one cell type in each line; reading it "
            f"failed: {error}. Check the path."
        ) from error
    return [line for line in lines if not line.lstrip().startswith("#")]


def of_models(option: str, entries: Sequence[str] | None) -> dict[str, str] | None:
    """What ``MODEL=...`` says of models, each after the option's name."""
    if not entries:
        return None
    found: dict[str, str] = {}
    for entry in entries:
        model, equals, value = (part.strip() for part in entry.rpartition("="))
        if not (model and equals and value):
            raise ValidationError(
                f"`{option}` must be a model and a value, MODEL=VALUE; {entry!r} came. Repeat the "
                f"option for each model, for example: {option} net=..."
            )
        if model in found:
            raise ValidationError(
                f"`{option}` must name each model once; {model!r} came twice. Leave one out."
            )
        found[model] = value
    return found


def parameters_of_models(entries: Sequence[str] | None) -> dict[str, int] | None:
    """Numbers after ``--parameters MODEL=NUMBER``."""
    texts = of_models("--parameters", entries)
    if texts is None:
        return None
    wrong = [f"{model}={text}" for model, text in texts.items() if not text.isdecimal()]
    if wrong:
        raise ValidationError(
            f"`--parameters` must give whole numbers; {wrong[0]!r} came. Give for example: "
            f"--parameters {next(iter(texts))}=12000"
        )
    return {model: int(text) for model, text in texts.items()}


def signal_source(text: str | None, columns: Sequence[str]) -> tuple[str | None, Path | None]:
    """Column of the table, or the file, that ``--signal`` names."""
    if text is None:
        return None, None
    if text in columns:
        return text, None
    path = Path(text)
    if path.is_file():
        return None, path
    raise ValidationError(
        f"`--signal` must be a column of the table or a file; {text!r} is neither. The table has "
        f"{list(columns)[:12]}."
    )


def separator_character(text: str | None) -> str | None:
    """Character after ``--separator``: itself, or tab by name."""
    return "\t" if text in {"tab", "\\t"} else text


def label_value(text: str, labels: "pd.DataFrame", column: str | None) -> str | int | float:
    """Label after ``--positive-label``, in the type that the labels have in their table.

    Labels are the column that was named, the usual one, or, of loci x cell types, the last.
    """
    from pandas.api.types import is_numeric_dtype  # noqa: PLC0415 - numpy, once it is prepared

    from leakcheck.adapters.column_names import LABEL  # noqa: PLC0415

    usual = column or next((name for name in LABEL if name in labels.columns), None)
    values = labels[usual] if usual in labels.columns else labels.iloc[:, -1]
    if not is_numeric_dtype(values):
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
