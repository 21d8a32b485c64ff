"""SHA-256 of the content of an evaluation set, column by column, so that parts may come in turn.

A column is hashed in the narrowest form that holds its numbers: bits where all are 0, 1 or
missing, else float32 where that is exact, else float64. The type in which numbers came does not
matter, nor how many rows come at a time.
"""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, IntArray

__all__ = [
    "ColumnHash",
    "Form",
    "LociHash",
    "forms_of",
    "hash_columns",
    "hash_matrix",
    "hash_scores",
    "hash_text",
]

Form: TypeAlias = Literal["bits", "single", "double"]

#: Numbers that are hashed at a time: few enough to stay near the processor.
_HASHED: Final = 1 << 19
_FIRST_ROWS: Final = 64


class ColumnHash:
    """Hash of one column, whose rows come in turn.

    Parameters
    ----------
    form : {"bits", "single", "double"}
        From `forms_of`, for the whole column.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._digest = hashlib.sha256(form.encode())
        self._missing = hashlib.sha256()
        self._rest = np.empty((2, 0), dtype=bool)

    def update(self, values: NDArray[Any]) -> None:
        """Add rows: booleans, integers, or floats in which NaN is missing."""
        if self.form == "bits":
            missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
            self.update_flags(values == 1, missing)
            return
        numbers = np.add(values, 0.0, dtype="<f4" if self.form == "single" else "<f8")
        missing = np.isnan(numbers)
        if missing.any():
            numbers[missing] = np.nan  # there is one NaN, as there is one zero
        self._digest.update(numbers.data)

    def update_flags(self, active: BoolArray, missing: BoolArray) -> None:
        """Add rows of a column of bits: which are 1, and which are missing."""
        flags = np.stack([active, missing])
        if self._rest.size:
            flags = np.concatenate([self._rest, flags], axis=1)
        whole = flags.shape[1] & ~7
        packed = np.packbits(flags[:, :whole], axis=1)
        self._digest.update(packed[0].data)
        self._missing.update(packed[1].data)
        self._rest = flags[:, whole:]

    def digest(self) -> bytes:
        """Finish."""
        if self.form == "bits":
            packed = np.packbits(self._rest, axis=1)
            self._digest.update(packed[0].tobytes())
            self._missing.update(packed[1].tobytes())
            self._digest.update(self._missing.digest())
        return self._digest.digest()


def hash_columns(shape: tuple[int, int], digests: Sequence[bytes]) -> str:
    """Hash a matrix from the digests of its columns, or of those that hold anything."""
    return hashlib.sha256(str(shape).encode() + b"".join(digests)).hexdigest()


def hash_matrix(matrix: NDArray[Any]) -> str:
    """Hash the shape and the numbers of a matrix.

    Parameters
    ----------
    matrix : numpy.ndarray of bool, int or float, shape (n, k)
        Numbers; NaN is missing.

    Returns
    -------
    str
        Hexadecimal; the same for equal numbers of any type and layout.
    """
    columns = [ColumnHash(form) for form in forms_of(matrix)]
    for low in range(0, len(matrix), _step(matrix)):
        block = np.ascontiguousarray(matrix[low : low + _step(matrix)].T)
        for column, values in zip(columns, block, strict=True):
            column.update(values)
    n, k = matrix.shape
    return hash_columns((n, k), [column.digest() for column in columns])


def hash_scores(shape: tuple[int, int], columns: Sequence[int], matrix_hash: str) -> str:
    """Hash scores from the hash of the columns that hold any, and which these are."""
    return hashlib.sha256(f"{shape} {list(columns)} {matrix_hash}".encode()).hexdigest()


def _step(matrix: NDArray[Any]) -> int:
    """Rows that are hashed at a time."""
    return max(8, _HASHED // max(1, int(matrix.shape[1])))


def forms_of(matrix: NDArray[Any]) -> list[Form]:
    """Find the narrowest form of each column; most show it in their first rows."""
    k = matrix.shape[1]
    bits, single = np.ones(k, dtype=bool), np.ones(k, dtype=bool)
    if matrix.dtype.kind != "b":
        step = _step(matrix)
        edges = [0, _FIRST_ROWS, *range(_FIRST_ROWS + step, len(matrix), step), len(matrix)]
        is_single = matrix.dtype.itemsize <= 4 and matrix.dtype.kind == "f"
        for low, high in pairwise(edges):
            if not (bits.any() or (single.any() and not is_single)):
                break
            part = matrix[low:high]
            missing = np.isnan(part) if part.dtype.kind == "f" else np.zeros(1, dtype=bool)
            bits &= ((part == 0) | (part == 1) | missing).all(axis=0)
            if not is_single:
                single &= ((_narrow(part) == part) | missing).all(axis=0)
    return [
        "bits" if bit else "single" if one else "double"
        for bit, one in zip(bits.tolist(), single.tolist(), strict=True)
    ]


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers as float32; those beyond its range become infinite, which none is."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def hash_text(lines: Sequence[str]) -> str:
    """Hash strings with their lengths, so that joints are unambiguous."""
    text = _Text()
    text.update(lines)
    return hashlib.sha256(text.digest()).hexdigest()


class _Text:
    """Hash of strings that come in turn."""

    def __init__(self) -> None:
        self._lengths, self._letters = hashlib.sha256(), hashlib.sha256()

    def update(self, lines: Sequence[str]) -> None:
        """Add strings."""
        self.update_encoded("".join(lines).encode(), np.array([*map(len, lines)], dtype="<i8"))

    def update_encoded(self, letters: bytes, lengths: IntArray) -> None:
        """Add strings that are written in one already, and their lengths."""
        self._lengths.update(lengths.astype("<i8").tobytes())
        self._letters.update(letters)

    def digest(self) -> bytes:
        """Finish."""
        return self._lengths.digest() + self._letters.digest()


class LociHash:
    """Hash of loci that come in turn: ids and intervals, chromosomes by name.

    Parameters
    ----------
    has_coordinates : bool
        Whether intervals come with the ids.
    """

    def __init__(self, has_coordinates: bool) -> None:
        self._ids = _Text()
        self._columns = [hashlib.sha256() for _ in range(3)] if has_coordinates else []

    def update(self, ids: Sequence[str], *columns: IntArray) -> None:
        """Add loci: ids, and chromosome (numbered by first appearance), start and end."""
        self.update_encoded(
            "".join(ids).encode(), np.array([*map(len, ids)], dtype=np.int64), *columns
        )

    def update_encoded(self, letters: bytes, lengths: IntArray, *columns: IntArray) -> None:
        """Add loci whose ids are written in one already, with the letters that each has."""
        self._ids.update_encoded(letters, lengths)
        for digest, column in zip(self._columns, columns, strict=True):
            digest.update(np.asarray(column).astype("<i8").tobytes())

    def hexdigest(self, chromosomes: Sequence[str] = ()) -> str:
        """Finish, with the names of the chromosomes in order of first appearance."""
        digest = hashlib.sha256(self._ids.digest())
        if self._columns:
            digest.update(hash_text(chromosomes).encode())
            for column in self._columns:
                digest.update(column.digest())
        return digest.hexdigest()
