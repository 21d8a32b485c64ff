"""Floor 6: the loci of one part: checked, and as plain columns."""

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import IntArray
from leakcheck.data.locus_forms import ID_COLUMN, read_loci
from leakcheck.data.names import factorize_names
from leakcheck.data.usual_columns import INTERVAL

__all__ = ["PartLoci", "interval_text", "write_loci"]


@dataclass(frozen=True)
class PartLoci:
    """Where the loci of a part are in its file.

    Attributes
    ----------
    n_rows : int
        How many.
    chrom_names : tuple of str
        Chromosomes in order of first appearance; empty without coordinates.
    intervals : int or None
        Place of chromosome, start and end, each an int64 column; None without coordinates.
    ids : tuple of int, or None
        Place of the lengths of the ids in letters (int64), of their ends in bytes (int64), of
        their text, and its length in bytes; None where the interval is the name.
    is_rising : bool
        Whether each locus comes after the one before it: chromosomes each in one stretch, then
        start, then end; always so without coordinates.
    first, last : tuple of (int, int, int)
        Chromosome (its place in `chrom_names`), start and end of the first and last locus.
    """

    n_rows: int
    chrom_names: tuple[str, ...]
    intervals: int | None
    ids: tuple[int, int, int, int] | None
    is_rising: bool
    first: tuple[int, int, int] = (0, 0, 0)
    last: tuple[int, int, int] = (0, 0, 0)


def write_loci(frame: pd.DataFrame, file: BinaryIO) -> PartLoci:
    """Check the loci of a part and append them to its file.

    Parameters
    ----------
    frame : DataFrame
        Columns ``chrom, start, end``, ``id`` beside them, or ``id`` alone.
    file : binary file
        Open for writing.

    Returns
    -------
    PartLoci
        Where they are.

    Raises
    ------
    ValidationError
        As `leakcheck.build_evaluation_set` does.
    """
    known = {str(name) for name in frame.columns}
    ids = _write_ids(frame[ID_COLUMN], file) if ID_COLUMN in known else None
    if ids is not None and known.isdisjoint(INTERVAL):
        return PartLoci(len(frame), (), None, ids, is_rising=True)
    chrom, names, start, end = _intervals(frame)
    place = file.tell()
    for column in (chrom, start, end):
        file.write(np.ascontiguousarray(column, dtype=np.int64).data)
    edges = [(int(chrom[at]), int(start[at]), int(end[at])) for at in (0, -1)] if len(chrom) else []
    first, last = edges or [(0, 0, 0), (0, 0, 0)]
    return PartLoci(len(frame), names, place, ids, _is_rising(chrom, start, end), first, last)


def _intervals(frame: pd.DataFrame) -> tuple[IntArray, tuple[str, ...], IntArray, IntArray]:
    """Chromosome, start and end of each row; the border's own reader looks at what is odd."""
    if set(INTERVAL) <= {str(name) for name in frame.columns}:
        chrom, names = factorize_names(frame["chrom"], "loci.chrom")
        start, end = (frame[name].to_numpy() for name in ("start", "end"))
        plain = start.dtype.kind in "iu" and end.dtype.kind in "iu"
        if plain and bool((start >= 0).all() and (end > start).all()):
            return chrom, names, start.astype(np.int64), end.astype(np.int64)
    codes, loci = read_loci(frame, "loci")
    if loci.chrom is None or loci.start is None or loci.end is None:
        raise AssertionError("a frame has coordinates")
    return loci.chrom[codes], loci.chrom_names, loci.start[codes], loci.end[codes]


def _write_ids(column: Any, file: BinaryIO) -> tuple[int, int, int, int]:
    """Write ids: their lengths in letters, where each ends in bytes, and the text."""
    codes, names = factorize_names(column, "loci.id")
    texts = [names[code] for code in codes.tolist()]
    encoded = [text.encode() for text in texts]
    places = [file.tell()]
    file.write(np.array([*map(len, texts)], dtype=np.int64).data)
    places.append(file.tell())
    file.write(np.cumsum([*map(len, encoded)], dtype=np.int64).data)
    places.append(file.tell())
    size = file.write(b"".join(encoded))
    return places[0], places[1], places[2], size


def _is_rising(chrom: IntArray, start: IntArray, end: IntArray) -> bool:
    """Whether loci are in genome order as they came."""
    same = chrom[1:] == chrom[:-1]
    # Codes count up by first appearance: a chromosome that comes back has a lower one.
    if (chrom[1:] < chrom[:-1]).any():
        return False
    step = start[1:] - start[:-1]
    later = (step > 0) | ((step == 0) & (end[1:] >= end[:-1]))
    return bool((~same | later).all())


def interval_text(
    names: tuple[str, ...], chrom: IntArray, start: IntArray, end: IntArray
) -> tuple[bytes, IntArray]:
    """Write intervals as `chr1:100-200`, all in one.

    Parameters
    ----------
    names : tuple of str
        Chromosomes.
    chrom, start, end : ndarray of int, shape (n,)
        The intervals.

    Returns
    -------
    tuple of (bytes, ndarray of int of shape (n,))
        The text as UTF-8, and how many letters each takes.
    """
    encoded = [name.encode() for name in names]
    width = max(map(len, encoded), default=0)
    letters = np.frombuffer(b"".join(one.ljust(width, b"\0") for one in encoded), dtype=np.uint8)
    n = len(chrom)
    columns = [letters.reshape(-1, width)[chrom], np.full((n, 1), ord(":"), dtype=np.uint8)]
    columns += [_digits(start), np.full((n, 1), ord("-"), dtype=np.uint8), _digits(end)]
    text = np.concatenate(columns, axis=1)
    written = text != 0
    in_letters = np.array([len(name) - len(one) for name, one in zip(names, encoded, strict=True)])
    lengths = written.sum(axis=1) + in_letters[chrom]
    return text[written].tobytes(), lengths


def _digits(numbers: IntArray) -> NDArray[np.uint8]:
    """Decimal digits of numbers that are 0 or more, right-aligned in zeros."""
    width = len(str(int(numbers.max()))) if len(numbers) else 1
    rest = numbers.astype(np.int64)
    digits = np.zeros((len(numbers), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        digits[:, place] = digit + ord("0")
    for place in range(width - 1):  # no zeros in front
        digits[numbers < 10 ** (width - 1 - place), place] = 0
    return digits
