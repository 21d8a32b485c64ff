"""Text `chr1:100-200` to intervals: all lines at once where they are plain, else one by one."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray
from leakcheck.exceptions import ValidationError

__all__ = ["Intervals", "first_opaque", "parse_intervals"]

_INTERVAL = re.compile(r"(\S+):(-?\d[\d,]*)-(-?\d[\d,]*)")
_MAX_DIGITS = 15


class Intervals(NamedTuple):
    """Intervals, one per name."""

    chrom: IntArray
    chrom_names: tuple[str, ...]
    start: IntArray
    end: IntArray
    is_canonical: bool  # every name is how its interval is written, so that no two are the same


def parse_intervals(names: Sequence[str], argument: str = "loci") -> tuple[Intervals | None, int]:
    """Parse names: the intervals when all are such, and how many are."""
    if ":" in names[0]:
        plain = _parse_plain(names)
        if plain is not None:
            return plain, len(names)
    elif not any(":" in name for name in names):  # ids, as most names that are no intervals
        return None, 0
    matches = [_INTERVAL.fullmatch(name) for name in names]
    found = [match for match in matches if match is not None]
    if len(found) < len(names):
        return None, len(found)
    start, end = _positions(found, argument)
    return _with_chromosomes([match[1] for match in found], start, end, False), len(found)


def first_opaque(names: Sequence[str]) -> tuple[str, str]:
    """Give the first name that is an interval and the first that is none."""
    kinds = [_INTERVAL.fullmatch(name) is not None for name in names]
    return names[kinds.index(True)], names[kinds.index(False)]


def _positions(matches: Sequence[re.Match[str]], argument: str) -> tuple[IntArray, IntArray]:
    """Read starts and ends, whose thousands may be set apart."""
    pairs = [tuple(int(match[group].replace(",", "")) for group in (2, 3)) for match in matches]
    limit = np.iinfo(np.int64)
    for match, pair in zip(matches, pairs, strict=True):
        if not limit.min <= min(pair) <= max(pair) <= limit.max:
            raise ValidationError(
                f"`{argument}` must have positions of 64 bits at the most; the first that has "
                f"more is {match[0]!r}. Correct or drop it."
            )
    start, end = np.array([*zip(*pairs, strict=True)], dtype=np.int64)
    return start, end


def _with_chromosomes(
    chroms: list[str], start: IntArray, end: IntArray, is_canonical: bool
) -> Intervals:
    """Number the chromosomes."""
    codes, chrom_names = pd.factorize(np.array(chroms, dtype=object))
    return Intervals(codes.astype(np.int64), tuple(chrom_names), start, end, is_canonical)


def _parse_plain(names: Sequence[str]) -> Intervals | None:
    """Parse names that all are plain (digits alone, no sign, comma or leading zero), else None."""
    text = "\n".join(names) + "\n"
    if not text.isascii() or text.count("\n") != len(names):
        return None
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    if (data < ord("\n")).any() or ((data > ord("\n")) & (data <= ord(" "))).any():
        return None
    ends = np.flatnonzero(data == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    dashes = _last_before(np.flatnonzero(data == ord("-")), ends)
    colons = _last_before(np.flatnonzero(data == ord(":")), dashes)
    if (colons <= starts).any() or (dashes <= starts).any():
        return None
    start = _digits(data, colons + 1, dashes)
    end = _digits(data, dashes + 1, ends)
    if start is None or end is None:
        return None
    widths = (colons - starts).tolist()
    chroms = [name[:width] for name, width in zip(names, widths, strict=True)]
    return _with_chromosomes(chroms, start, end, True)


def _last_before(positions: IntArray, bounds: IntArray) -> IntArray:
    """Find the last of some positions before each bound; -1 where there is none."""
    padded = np.concatenate([[-1], positions])
    return np.asarray(padded[np.searchsorted(positions, bounds)], dtype=np.int64)


def _digits(data: NDArray[np.uint8], first: IntArray, last: IntArray) -> IntArray | None:
    """Read numbers from their digits, a place of all numbers at a time."""
    lengths = last - first
    if (lengths < 1).any() or (lengths > _MAX_DIGITS).any():
        return None
    leading_zero: BoolArray = (data[first] == ord("0")) & (lengths > 1)
    if leading_zero.any():
        return None
    numbers = np.zeros(len(first), dtype=np.int64)
    for place in range(int(lengths.max())):
        inside = place < lengths
        digits = data[np.where(inside, first + place, first)].astype(np.int64) - ord("0")
        if ((digits < 0) | (digits > 9)).any():
            return None
        numbers = np.where(inside, numbers * 10 + digits, numbers)
    return numbers
