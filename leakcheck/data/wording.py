"""The words that the border's messages share: counts, short lists and "did you mean"."""

import difflib
import re
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["counted", "did_you_mean", "listing", "share", "shown"]

#: Above this many candidates a search for similar names would take seconds.
_MAX_CANDIDATES = 5_000

_PLURALS = {"locus": "loci", "entry": "entries"}


def counted(number: int, noun: str) -> str:
    """Write a count with its noun: ``1 row``, ``2 loci``."""
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, noun + 's')}"


def share(number: int, total: int, noun: str, verbs: str) -> str:
    """Write a count among all, with the form of the verb (``"is/are"``): ``1 of 9 rows is``."""
    one, _, many = verbs.partition("/")
    return f"{number} of {counted(total, noun)} {one if number == 1 else many}"


def listing(names: Iterable[object], limit: int = 5) -> str:
    """Write at most `limit` names in brackets, and how many there are when some are left out."""
    every = [str(name) for name in names]
    inside = ", ".join(repr(name) for name in every[:limit])
    return f"[{inside}]" if len(every) <= limit else f"[{inside}, ...] ({len(every)} in all)"


def did_you_mean(unknown: object, known: Sequence[str]) -> str:
    """Write `` Did you mean 'E003'?`` for the nearest known name, or nothing."""
    if len(known) > _MAX_CANDIDATES:
        return ""
    found = _nearest(str(unknown), known)
    return f" Did you mean {found!r}?" if found else ""


def _nearest(asked: str, known: Sequence[str]) -> str:
    """Find the name that is the same but for its case, or for how it is typed, else the nearest."""
    for form in (str.lower, _typed_alike):
        same = {form(name): name for name in reversed(known)}
        if form(asked) in same:
            return same[form(asked)]
    close = difflib.get_close_matches(asked, known, n=len(known) or 1, cutoff=0.6)
    # The first of those that are equally near: difflib would give the last in the alphabet.
    likeness = {name: difflib.SequenceMatcher(None, asked, name).ratio() for name in close}
    most = max(likeness.values(), default=0.0)
    return min((name for name, near in likeness.items() if near == most), default="")


def _typed_alike(name: str) -> str:
    """Write a name without what is mistaken for something else: C0l for C01, C2 for C02."""
    alike = name.lower().translate(str.maketrans("oil", "011"))
    return re.sub(r"(?<!\d)0+(?=\d)", "", alike)


def shown(value: object) -> str:
    """Write one value of the input: numbers plainly, anything else quoted."""
    if isinstance(value, str | bool | np.bool_):
        return repr(str(value)) if isinstance(value, str) else str(bool(value))
    try:
        return f"{float(value):g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return repr(value)
