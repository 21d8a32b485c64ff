"""The words that the border's messages share: counts, short lists and "did you mean"."""

import difflib
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
    asked = str(unknown)
    by_lower_case = {name.lower(): name for name in reversed(known)}
    if asked.lower() in by_lower_case:
        return f" Did you mean {by_lower_case[asked.lower()]!r}?"
    found = difflib.get_close_matches(asked, known, n=1, cutoff=0.6)
    return f" Did you mean {found[0]!r}?" if found else ""


def shown(value: object) -> str:
    """Write one value of the input: numbers plainly, anything else quoted."""
    if isinstance(value, str | bool | np.bool_):
        return repr(value) if isinstance(value, str) else str(bool(value))
    try:
        return f"{float(value):g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return repr(value)
