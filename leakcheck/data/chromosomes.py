"""Styles of chromosome names: `chr1` or `1`, never both in one audit."""

import re
from collections.abc import Sequence

from leakcheck.exceptions import ValidationError

__all__ = ["check_one_style", "check_same_style", "has_one_style", "plain_chromosome"]

#: Names that mean a chromosome of an assembly without "chr": 1, X, MT, 2L, IV. Scaffolds such as
#: GL000192.1 have one spelling in both styles and decide nothing.
_BARE = re.compile(r"\d{1,2}[LR]?|[XYWZ]|MT?|[IVX]+")


def _first_of_each(names: Sequence[str]) -> tuple[str | None, str | None]:
    """Find the first name in the style `chr1` and the first in the style `1`."""
    prefixed = next((name for name in names if name.lower().startswith("chr")), None)
    bare = next((name for name in names if _BARE.fullmatch(name)), None)
    return prefixed, bare


def _in_two_styles(names: Sequence[str], known: Sequence[str]) -> tuple[str, str] | None:
    """Find one of each in another style: `chr1` and `1`, or `chr1` and `Chr1`."""
    for mine, theirs in zip(_first_of_each(names), reversed(_first_of_each(known)), strict=True):
        if mine is not None and theirs is not None:
            return mine, theirs
    spelt = {name.lower(): name for name in known if name.lower().startswith("chr")}
    pairs = ((name, spelt.get(name.lower(), name)) for name in names)
    return next(((mine, theirs) for mine, theirs in pairs if mine != theirs), None)


def _restyled(name: str, like: str) -> str:
    """Write `name` in the style of `like`."""
    bare = name[3:] if name.lower().startswith("chr") else name
    return f"{like[:3]}{bare}" if like.lower().startswith("chr") else bare


def plain_chromosome(name: str) -> str:
    """Write a chromosome without its style: `chr1` and `1` are one, so are `chrM` and `MT`."""
    bare = name[3:] if name.lower().startswith("chr") else name
    return "MT" if bare in ("M", "MT") else bare


def has_one_style(names: Sequence[str]) -> bool:
    """Say whether `chr1` is not mixed with `1` or `Chr1`."""
    return _in_two_styles(names, names) is None


def check_one_style(names: Sequence[str], argument: str) -> None:
    """Refuse `chr1` and `1`, or `chr1` and `Chr1`, in one input."""
    found = _in_two_styles(names, names)
    if found is not None:
        usual, odd = found
        raise ValidationError(
            f"`{argument}` must write chromosomes in one style; it has both {usual!r} and "
            f"{odd!r}, which would be taken as different chromosomes. Rename one of them, for "
            f"example {odd!r} to {_restyled(odd, usual)!r}.",
            code="LK102",
        )


def check_same_style(
    names: Sequence[str], argument: str, known: Sequence[str], known_argument: str
) -> None:
    """Refuse `chr1` in one table and `1` in another."""
    found = _in_two_styles(names, known)
    if found is not None:
        mine, theirs = found
        raise ValidationError(
            f"`{argument}` and `{known_argument}` must write chromosomes in one style; "
            f"`{argument}` has {mine!r} and `{known_argument}` has {theirs!r}. Rename the "
            f"chromosomes of `{argument}`, for example {mine!r} to {_restyled(mine, theirs)!r}.",
            code="LK102",
        )
