"""Labels: which kind they are, and from any values to 0/1 or real numbers with NaN for missing."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, LabelKind
from leakcheck.data.arrays import is_numeric, no_numbers
from leakcheck.data.wording import counted, listing, share, shown
from leakcheck.exceptions import ValidationError

__all__ = ["LabelCoding", "as_signal", "choose_coding", "refuse_huge"]

#: Products of four such numbers, as a weighted sum of squares has, are finite still.
_HUGE = 1e75
#: Of as many distinct labels a message names all.
_FEW = 5


@dataclass(frozen=True, kw_only=True)
class LabelCoding:
    """How raw labels become numbers: their kind, and the value that means active."""

    kind: LabelKind
    positive_label: Any = None

    def apply(self, raw: NDArray[Any]) -> FloatArray:
        """Code raw labels as float64; missing ones are NaN. A float64 array is not copied."""
        if self.positive_label is None:
            numbers: FloatArray = raw.astype(np.float64, copy=False)
            return numbers
        present = ~_missing(raw)
        coded = np.full(raw.shape, np.nan)
        coded[present] = raw[present] == self.positive_label
        return coded


def choose_coding(
    raws: Sequence[NDArray[Any]],
    argument: str,
    *,
    positive_label: Any = None,
    label_kind: LabelKind | None = None,
) -> LabelCoding:
    """Find what the labels of all tables together are, or say why they cannot be used."""
    if label_kind not in (None, "binary", "continuous"):
        raise ValidationError(
            f"`label_kind` must be 'binary' or 'continuous'; it is {label_kind!r}. Leave it out "
            "to let the values decide."
        )
    if positive_label is not None:
        return _coding_of_positive(raws, argument, positive_label, label_kind)
    for raw in raws:
        _check_numbers(raw, argument)
    if label_kind == "continuous":
        return _continuous(raws, argument)
    other = _first_not_binary(raws)
    if other is None:
        return LabelCoding(kind="binary")
    if label_kind == "binary":
        raise ValidationError(
            f"`{argument}` must be 0 or 1 when label_kind='binary'; "
            f"{share(other[0], sum(raw.size for raw in raws), 'value', 'is/are')} neither, the "
            f"first is {shown(other[1])}. Threshold them first, for example (labels > 0.5), or "
            "name the active one with `positive_label`; in a terminal: --positive-label."
        )
    _refuse_few(_distinct(raws), argument)
    return _continuous(raws, argument)


def _continuous(raws: Sequence[NDArray[Any]], argument: str) -> LabelCoding:
    """Coding of real numbers, whose squares are summed."""
    for raw in raws:
        refuse_huge(raw, argument)
    return LabelCoding(kind="continuous")


def _refuse_few(values: Sequence[Any], argument: str) -> None:
    """Refuse codes of classes, which would be scored as real numbers.

    Two values are classes; 0, 1 and one more are classes and a code, often -1 for "not observed".
    """
    if len(values) > 3 or (len(values) == 3 and not {0, 1} <= set(values)):
        return
    head = (
        f"`{argument}` must be 0/1 (False/True) or real numbers; there are only "
        f"{counted(len(values), 'distinct value')}: {', '.join(map(shown, values))}."
    )
    if len(values) == 3:
        raise ValidationError(
            f"{head} Set what was not observed to NaN (in a table: an empty field), or pass "
            "label_kind='continuous' if the third is an activity; in a terminal: --label-kind "
            "continuous."
        )
    raise ValidationError(
        f"{head} Name the one that means active, for example positive_label={shown(values[-1])}, "
        f"or pass label_kind='continuous'; in a terminal: --positive-label {values[-1]:g}, or "
        "--label-kind continuous."
    )


def _coding_of_positive(
    raws: Sequence[NDArray[Any]], argument: str, positive_label: Any, kind: LabelKind | None
) -> LabelCoding:
    """Check that the labels have two values, one of which is `positive_label`."""
    if kind == "continuous":
        raise ValidationError(
            "`positive_label` makes labels binary, and label_kind='continuous' was asked. Leave "
            "one of the two out."
        )
    values = list(dict.fromkeys(v for raw in raws for v in pd.unique(raw[~_missing(raw)])))
    if len(values) > 2:
        raise ValidationError(
            f"`{argument}` must have two distinct values when `positive_label` is given; there "
            f"are {len(values)}: {listing(values)}. Make them binary first, for example "
            f"labels == {positive_label!r}, and NaN where nothing was observed."
        )
    if positive_label not in values:
        raise ValidationError(
            f"`positive_label` must be one of the labels; it is {positive_label!r} and the labels "
            f"are {listing(values)}. Give one of these, in the same type."
        )
    return LabelCoding(kind="binary", positive_label=positive_label)


def as_signal(raw: NDArray[Any], argument: str = "signal") -> FloatArray:
    """Check that a signal holds finite or missing numbers, and give them as float64."""
    if not is_numeric(raw):
        text, remedy = no_numbers(raw)
        raise ValidationError(
            f"`{argument}` must be numbers; {share(len(text), raw.size, 'value', 'is/are')} text, "
            f"the first is {shown(text[0])}. {remedy}"
        )
    _check_finite(raw, argument)
    return raw.astype(np.float64, copy=False)


def _missing(raw: NDArray[Any]) -> BoolArray:
    """Find missing values."""
    return np.asarray(pd.isna(raw), dtype=bool)


def _check_numbers(raw: NDArray[Any], argument: str) -> None:
    """Refuse text and infinite values among labels."""
    if not is_numeric(raw):
        text = pd.unique(raw[~_missing(raw)])
        raise ValidationError(
            f"`{argument}` must be 0/1 (False/True) or real numbers; they are text with "
            f"{counted(len(text), 'distinct value')}{_which(text)}. {_remedy_of_text(text)}"
        )
    _check_finite(raw, argument)


def _which(text: NDArray[Any]) -> str:
    """List distinct values: where most of many are numbers, those that are none."""
    odd = text[_no_numbers(text)]
    if len(text) > _FEW and 0 < 2 * len(odd) < len(text):
        return f", {len(odd)} of them no {'numbers' if len(odd) > 1 else 'number'}: {listing(odd)}"
    return f": {listing(text)}"


def _no_numbers(text: NDArray[Any]) -> BoolArray:
    """Find the values that cannot be read as numbers."""
    return np.asarray(pd.to_numeric(pd.Series(text), errors="coerce").isna(), dtype=bool)


def _remedy_of_text(text: NDArray[Any]) -> str:
    """Say what to do with text; which of two words means active is not for us to propose."""
    if len(text) <= 2:
        words = " or ".join(f"positive_label={value!r}" for value in text)
        typed = ", or ".join(f"--positive-label {shlex.quote(str(value))}" for value in text)
        return f"Name the one that means active, {words}; in a terminal: {typed}."
    points = pd.Series(text).map(str).str.replace(",", ".", regex=False)
    if (_no_numbers(text) & ~_no_numbers(points.to_numpy(dtype=object))).any():
        return "Write decimals with a point, and nothing between thousands."
    if not _no_numbers(text).all():
        return (
            "Convert them: pandas.to_numeric(labels, errors='coerce') makes NaN, which is not "
            "observed, of what is no number; in a file leave such a field empty."
        )
    return "Make them two classes, with NaN (in a file: an empty field) where nothing was observed."


def _check_finite(raw: NDArray[Any], argument: str) -> None:
    """Refuse infinite values; missing ones are NaN."""
    infinite = np.isinf(raw) if raw.dtype.kind == "f" else np.zeros(1, dtype=bool)
    if infinite.any():
        raise ValidationError(
            f"`{argument}` must be finite; "
            f"{share(int(infinite.sum()), raw.size, 'value', 'is/are')} infinite, the first is "
            f"{_entry(infinite)}. Set them to NaN if they were not observed, or cap them."
        )


def refuse_huge(raw: NDArray[Any], argument: str) -> None:
    """Refuse real numbers whose squared errors would be infinite."""
    if raw.dtype.kind != "f" or float(np.finfo(raw.dtype).max) < _HUGE:
        return
    # NaN, which is missing, is passed over.
    ends = np.fmin.reduce(raw, None, initial=0), np.fmax.reduce(raw, None, initial=0)
    if max(-ends[0], ends[1]) < _HUGE:
        return
    huge = np.abs(raw) >= _HUGE
    raise ValidationError(
        f"`{argument}` must be below {_HUGE:g} in size when labels are real numbers, because "
        f"their errors are squared; {share(int(huge.sum()), raw.size, 'value', 'is/are')} not, the "
        f"first is {_entry(huge)}: {raw[huge][0]:g}. Correct the unit, or cap them."
    )


def _entry(bad: BoolArray) -> str:
    """Say where the first offender stands: its row, or its row and column."""
    first = np.argwhere(bad)[0]
    return f"row {first[0]}" if bad.ndim == 1 else f"row {first[0]}, column {first[1]}"


def _first_not_binary(raws: Sequence[NDArray[Any]]) -> tuple[int, Any] | None:
    """Count the values that are neither 0, 1 nor missing, and give the first."""
    number, first = 0, None
    for raw in raws:
        if raw.dtype.kind == "b":
            continue
        other = (raw != 0) & (raw != 1)
        if raw.dtype.kind == "f":
            other &= ~np.isnan(raw)
        if other.any():
            first = raw[other][0] if first is None else first
            number += int(other.sum())
    return None if first is None else (number, first)


def _distinct(raws: Sequence[NDArray[Any]]) -> list[Any]:
    """Give the distinct values in rising order; of more than three, four."""
    values: list[Any] = []
    for raw in raws:
        rest = raw[~_missing(raw)]
        while rest.size and len(values) <= 3:
            values.append(rest[0].item())
            rest = rest[~np.isin(rest, values)]
    return sorted(values)
