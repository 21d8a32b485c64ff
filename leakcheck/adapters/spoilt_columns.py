"""Columns of text that were meant as scores: spoilt by one word, a dash or a decimal comma."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

import pandas as pd

from leakcheck.data.wording import counted
from leakcheck.exceptions import ValidationError

__all__ = ["refuse_spoilt"]

#: Values that tell whether a column of text was meant as one of scores.
_LOOKED_AT: Final = 1_000
#: What sets thousands apart: a point, comma, blank or apostrophe before three digits at a time.
_THOUSANDS: Final = re.compile(r"(?<=\d)[.,\s'\N{RIGHT SINGLE QUOTATION MARK}](?=\d{3}(?:\D|$))")


def refuse_spoilt(names: Iterable[str], read: Callable[[str], Iterable[Any]]) -> None:
    """Refuse text that is scores for the most part: the model would be left out in silence.

    `names` are columns of text that nothing else is made of; `read` gives the values of one in
    pieces, each a Series, as often as it is called. Of other text only the first are read, or
    as many as are all the same.
    """
    for name in names:
        _refuse_if_scores(name, partial(_present, partial(read, name)))


def _present(read: Callable[[], Iterable[Any]]) -> Iterator["pd.Series[Any]"]:
    """Give the values of a column that are not missing, in pieces."""
    return (piece.dropna() for piece in read())


def _refuse_if_scores(name: str, pieces: Callable[[], Iterator["pd.Series[Any]"]]) -> None:
    """Refuse a column of text that was meant as scores."""
    if not _are_meant_as_scores(pieces()):
        return  # names, or whole numbers such as chromosomes
    n = n_bad = 0
    shown: list[Any] = []
    for piece in pieces():
        bad = piece[_numbers(piece).isna()]
        shown = shown or bad.head(1).tolist()
        n, n_bad = n + len(piece), n_bad + len(bad)
    if not shown:
        n_bad, shown = n, next(piece for piece in pieces() if len(piece)).head(1).tolist()
    raise ValidationError(
        f"`predictions` must be columns of numbers; the column {name!r} holds text in "
        f"{n_bad} of {counted(n, 'value')}, the first {str(shown[0])!r}. "
        "Write decimals with a point, no % behind them, nothing between thousands, and nothing "
        "where there is no prediction; "
        "or name the columns to audit with `predictions`, in a terminal: --prediction NAME."
    )


def _are_meant_as_scores(pieces: "Iterator[pd.Series[Any]]") -> bool:
    """Say whether most of the distinct values of a column are numbers, not all of them whole.

    Percentages, decimal commas and thousands set apart are numbers too. Signs such as a dash,
    which stand for nothing, count for neither, however many rows have them.
    """
    numbers: set[str] = set()
    signs: set[str] = set()
    words: set[str] = set()
    n_looked_at = 0
    is_broken = False
    for sample in _samples(pieces):
        texts = sample.astype(str).drop_duplicates()
        exact, meant = _numbers(texts), _numbers(_as_meant(texts))
        numbers.update(texts[meant.notna()])
        for text in texts[meant.isna()]:
            (words if _is_word(text) else signs).add(text)
        is_broken |= bool(((exact % 1 > 0) | (exact.isna() & meant.notna())).any())
        n_looked_at += len(sample)
        if n_looked_at >= _LOOKED_AT and (numbers or len(words) > 1):
            break
    is_broken |= bool(signs) and not words
    return bool(numbers) and len(words) <= len(numbers) and is_broken


def _samples(pieces: "Iterator[pd.Series[Any]]") -> "Iterator[pd.Series[Any]]":
    """Give the first values of each piece, then its others: those are asked for seldom."""
    for piece in pieces:
        yield piece.head(_LOOKED_AT)
        if len(piece) > _LOOKED_AT:
            yield piece.iloc[_LOOKED_AT:].drop_duplicates().head(_LOOKED_AT)


def _as_meant(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Write numbers as a computer does, where a spreadsheet or a person wrote them."""
    trimmed = texts.str.strip().str.removesuffix("%").str.strip()
    signed = trimmed.str.replace("\N{MINUS SIGN}", "-", regex=False)
    joined = signed.str.replace(_THOUSANDS, "", regex=True)
    return joined.str.replace(",", ".", regex=False)


def _is_word(text: str) -> bool:
    """Say whether a text says something, as a dash and the errors of a spreadsheet do not."""
    return any(map(str.isalnum, text)) and not text.startswith("#")


def _numbers(column: "pd.Series[Any]") -> "pd.Series[float]":
    """Read what can be read as a number; the rest is NaN."""
    return pd.to_numeric(column, errors="coerce").astype("float64")
