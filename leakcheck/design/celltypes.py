"""Cell types under two names: names that differ in writing only, and labels that agree."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.design.pairs import Pairs

__all__ = ["MIN_COMMON", "Copy", "find_copies", "same_but_for_writing", "written_twice"]

#: With fewer loci in common, two cell types may agree by chance.
MIN_COMMON: Final = 30
_CELLS_AT_ONCE: Final = 4_000_000
#: Signs and blanks mean nothing, but for a plus: `CD4+` and `CD4-` are two.
_NO_LETTERS = re.compile(r"(?:[^\w+]|_)+")
#: Between digits they part two numbers: `1.1` is not `11`.
_BETWEEN_DIGITS = re.compile(rf"(?<=\d){_NO_LETTERS.pattern}(?=\d)")


class Copy(NamedTuple):
    """The cell type of one table that is most like one of another."""

    cell_type: str
    closest: str
    correlation: float
    n_loci: int


def same_but_for_writing(names: Sequence[str], known: Sequence[str]) -> list[tuple[str, str]]:
    """Names that are a known one but for case, blanks and signs: `H1-hESC` and `h1 hesc`."""
    by_core = {_core(name): name for name in reversed(known)}
    both = [(name, by_core.get(_core(name))) for name in names if name not in set(known)]
    return [(name, other) for name, other in both if other is not None]


def written_twice(names: Sequence[str]) -> list[tuple[str, str]]:
    """Names that are an earlier one of the same list but for case, blanks and signs."""
    first: dict[str, str] = {}
    both = [(name, first.setdefault(_core(name), name)) for name in names]
    return [(name, other) for name, other in both if name != other]


def _core(name: str) -> str:
    """Letters and digits of a name, in lower case; a name of signs alone stays as it is."""
    parted = _BETWEEN_DIGITS.sub("+", name.casefold())
    return _NO_LETTERS.sub("", parted) or name


def find_copies(known: Pairs, asked: Pairs, partner: IntArray) -> list[Copy]:
    """For each asked cell type, the known one of another name whose labels agree best.

    `partner` gives the known locus of each asked locus where both are the same place, else -1.
    Agreement is the correlation over loci that both have labels for.
    """
    if known.labels is None or asked.labels is None:
        return []
    n, sums = _moments(known, asked, partner)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = sums["x"] / n, sums["y"] / n
        var_x, var_y = sums["xx"] / n - mean_x**2, sums["yy"] / n - mean_y**2
        tiny = 1e-12 * np.maximum(sums["xx"], sums["yy"]) / n
        defined = (n >= MIN_COMMON) & (var_x > tiny) & (var_y > tiny)
        r = np.where(defined, (sums["xy"] / n - mean_x * mean_y) / np.sqrt(var_x * var_y), -np.inf)
    same_name = np.array(known.cell_types)[:, None] == np.array(asked.cell_types)[None, :]
    r[same_name] = -np.inf
    best = r.argmax(axis=0)
    return [
        Copy(name, known.cell_types[best[column]], float(r[best[column], column]),
             int(n[best[column], column]))
        for column, name in enumerate(asked.cell_types)
        if np.isfinite(r[best[column], column])
    ]  # fmt: skip


def _moments(
    known: Pairs, asked: Pairs, partner: IntArray
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Counts and sums over common loci for every known x asked cell type, a chunk at a time."""
    shape = (len(known.cell_types), len(asked.cell_types))
    n: FloatArray = np.zeros(shape)
    sums: dict[str, FloatArray] = {name: np.zeros(shape) for name in ("x", "y", "xx", "yy", "xy")}
    for labels_x, labels_y in _common_labels(known, asked, partner):
        has_x, has_y = np.isfinite(labels_x), np.isfinite(labels_y)
        x, y = np.where(has_x, labels_x, 0.0), np.where(has_y, labels_y, 0.0)
        one_x, one_y = has_x.astype(float), has_y.astype(float)
        n += one_x.T @ one_y
        sums["x"] += x.T @ one_y
        sums["y"] += one_x.T @ y
        sums["xx"] += (x * x).T @ one_y
        sums["yy"] += one_x.T @ (y * y)
        sums["xy"] += x.T @ y
    return n, sums


def _common_labels(
    known: Pairs, asked: Pairs, partner: IntArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Labels of both tables at common loci as matrices loci x cell types; NaN where there is none.

    Labels are centred on each cell type's mean, so that sums of squares keep their digits.
    """
    common = np.flatnonzero(partner >= 0)
    step = max(1, _CELLS_AT_ONCE // (len(known.cell_types) + len(asked.cell_types)))
    sides = []
    for pairs, loci in ((known, partner[common]), (asked, common)):
        order = np.argsort(pairs.locus, kind="stable")
        labels = np.asarray(pairs.labels, dtype=np.float64)
        sides.append((pairs, loci, order, pairs.locus[order], labels - _means(pairs, labels)))
    for first in range(0, len(common), step):
        matrices = []
        for pairs, loci, order, sorted_locus, labels in sides:
            wanted = loci[first : first + step]
            matrix = np.full((len(wanted), len(pairs.cell_types)), np.nan)
            begin = np.searchsorted(sorted_locus, wanted, side="left")
            counts = np.searchsorted(sorted_locus, wanted, side="right") - begin
            inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            rows = order[np.repeat(begin, counts) + inside]
            matrix[np.repeat(np.arange(len(wanted)), counts), pairs.cell_type[rows]] = labels[rows]
            matrices.append(matrix)
        yield matrices[0], matrices[1]


def _means(pairs: Pairs, labels: FloatArray) -> FloatArray:
    """Mean observed label of each pair's cell type."""
    seen = np.isfinite(labels)
    size = len(pairs.cell_types)
    count = np.bincount(pairs.cell_type[seen], minlength=size)
    total = np.bincount(pairs.cell_type[seen], weights=labels[seen], minlength=size)
    return np.asarray((total / np.maximum(count, 1))[pairs.cell_type])
