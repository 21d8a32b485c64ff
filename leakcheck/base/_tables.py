"""Tables of distinct scores with the positives and negatives at each, and what they give."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import tied_precision, tied_precision_of_weights
from leakcheck.base._keys import codable, encode, original_scores, plain_scores, sortable
from leakcheck.base._passes import RankSums

__all__ = [
    "TieTable",
    "count_levels",
    "count_table",
    "merge_tables",
    "precision_recall_of",
    "roc_of",
    "starts_of_runs",
    "sums_of_counts",
    "sums_of_weights",
    "weight_table",
]

_MOST_LEVELS = 1 << 16
_FEWEST_ROWS = 1 << 12
_CHUNK = 1 << 16


class TieTable(NamedTuple):
    """Distinct scores, highest first, with the number or weight of each label at every one."""

    thresholds: NDArray[Any]
    positives: NDArray[Any]
    negatives: NDArray[Any]


def count_levels(labels: BoolArray, scores: NDArray[Any]) -> TieTable | None:
    """Table of integer scores by counting, or None where sorting is faster."""
    if scores.dtype.kind not in "biu" or scores.size < _FEWEST_ROWS:
        return None
    codes = scores.view(np.uint8) if scores.dtype.kind == "b" else scores
    low, high = int(codes.min()), int(codes.max())
    n_levels = high - low + 1
    if n_levels > min(_MOST_LEVELS, scores.size):
        return None
    counts = _joint_counts(labels, codes, low, n_levels)[::-1]
    seen = np.flatnonzero(counts.sum(axis=1))
    # Modular arithmetic in the scores' own type: a difference that wraps around wraps back.
    thresholds = np.full(seen.size, high, dtype=codes.dtype) - seen.astype(codes.dtype)
    positives, negatives = np.ascontiguousarray(counts[seen].T)
    return TieTable(thresholds.astype(scores.dtype), positives, negatives)


def _joint_counts(labels: BoolArray, codes: IntArray, low: int, n_levels: int) -> IntArray:
    """Number of positives and of negatives at each level from `low` upwards."""
    counts = np.zeros(2 * n_levels, dtype=np.int64)
    step = max(_CHUNK, 2 * n_levels)
    lowest = np.full(1, low, dtype=codes.dtype)
    for start in range(0, codes.size, step):
        part = slice(start, start + step)
        level = codes[part] - lowest
        # As unsigned numbers, since a difference of signed ones may wrap around.
        joint = level.view(f"u{level.itemsize}").astype(np.intp)
        joint += joint
        joint += ~labels[part]
        counts += np.bincount(joint, minlength=counts.size)
    return counts.reshape(n_levels, 2)


def count_table(labels: BoolArray, scores: NDArray[Any]) -> TieTable:
    """Table of scores of any real dtype."""
    table = count_levels(labels, scores)
    if table is not None:
        return table
    plain, code = codable(scores)
    keys = encode(labels, plain, code)
    sortable(keys).sort()
    one = keys.dtype.type(1)
    first = starts_of_runs(keys >> one)
    size = np.diff(first, append=keys.size)
    below = np.concatenate(([0], np.cumsum(keys & one, dtype=np.int64)))
    negatives = np.diff(below.take(np.append(first, keys.size)))
    thresholds = original_scores(keys.take(first), code, scores.dtype)
    columns = thresholds, size - negatives, negatives
    return TieTable(*(np.ascontiguousarray(column[::-1]) for column in columns))


def merge_tables(tables: Sequence[TieTable]) -> TieTable:
    """Table of all rows from tables of counts of parts of them."""
    thresholds, positives, negatives = (
        np.concatenate(column) for column in zip(*tables, strict=True)
    )
    # Each part is sorted, and a stable sort makes use of that.
    order = np.argsort(thresholds, kind="stable")[::-1]
    thresholds = thresholds.take(order)
    first = starts_of_runs(thresholds)
    if first.size == 0:
        return TieTable(thresholds, positives, negatives)
    return TieTable(
        thresholds.take(first),
        np.add.reduceat(positives.take(order), first),
        np.add.reduceat(negatives.take(order), first),
    )


def starts_of_runs(values: NDArray[Any]) -> IntArray:
    """First place of every run of equal values."""
    is_first = np.ones(values.size, dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=is_first[1:])
    return is_first.nonzero()[0]


def weight_table(labels: BoolArray, scores: NDArray[Any], weights: FloatArray) -> TieTable:
    """Table of the weights at each distinct score; rows of weight 0 are left out."""
    kept = np.flatnonzero(weights)
    order = kept.take(np.argsort(plain_scores(scores.take(kept)), kind="stable")[::-1])
    values = scores.take(order)
    weight = np.asarray(weights.take(order), dtype=np.float64)
    positive = weight * labels.take(order)
    first = starts_of_runs(values)
    if first.size == 0:
        return TieTable(values, positive, positive)
    negative = weight * ~labels.take(order)
    return TieTable(
        values.take(first), np.add.reduceat(positive, first), np.add.reduceat(negative, first)
    )


def sums_of_counts(table: TieTable, *, ties: bool = True) -> RankSums:
    """The sums of `rank_sums` from a table of counts; without `ties` only `precision` is right."""
    rows = np.flatnonzero(table.positives)
    size = table.positives + table.negatives
    true_to, to = np.cumsum(table.positives).take(rows), np.cumsum(size).take(rows)
    positives, size = table.positives.take(rows), size.take(rows)
    precision = float(np.sum(positives * (true_to / to)))
    if not ties:
        return RankSums(precision, precision, 0)
    before = to - size
    true_before = true_to - positives
    n_negative = int(table.negatives.sum())
    negatives = size - positives
    twice = 2 * (n_negative - before + true_before) - negatives
    return RankSums(
        precision,
        float(tied_precision(true_before, before, positives, size).sum()),
        int(np.dot(positives, twice)),
    )


def sums_of_weights(table: TieTable) -> tuple[float, float, float]:
    """The sums of `rank_sums` from a table of weights."""
    rows = np.flatnonzero(table.positives)
    size = table.positives + table.negatives
    true_to, to = np.cumsum(table.positives).take(rows), np.cumsum(size).take(rows)
    false_to = np.cumsum(table.negatives)
    positives, negatives = table.positives.take(rows), table.negatives.take(rows)
    size = positives + negatives
    true_before = np.maximum(true_to - positives, 0.0)
    before = np.maximum(to - size, 0.0)
    n_negative = float(false_to[-1]) if false_to.size else 0.0
    twice = 2 * (n_negative - false_to.take(rows)) + negatives
    return (
        float(np.sum(positives * (true_to / to))),
        float(tied_precision_of_weights(true_before, before, positives, size).sum()),
        float(np.dot(positives, twice)),
    )


def precision_recall_of(table: TieTable) -> tuple[FloatArray, FloatArray, NDArray[Any]]:
    """Precision and recall, lowest threshold first, with the point (1, 0) at the end."""
    true_to = np.cumsum(table.positives)
    to = true_to + np.cumsum(table.negatives)
    n_positive = true_to[-1] if true_to.size and true_to[-1] > 0 else np.nan
    precision = np.append((true_to / to)[::-1], 1.0)
    recall = np.append((true_to / n_positive)[::-1], 0.0)
    return precision, recall, table.thresholds[::-1].copy()


def roc_of(table: TieTable) -> tuple[FloatArray, FloatArray, FloatArray]:
    """False and true positive rates, highest threshold first, from the point (0, 0) at infinity."""
    true_to = np.concatenate(([0.0], np.cumsum(table.positives)))
    false_to = np.concatenate(([0.0], np.cumsum(table.negatives)))
    with np.errstate(invalid="ignore"):
        rates = false_to / false_to[-1], true_to / true_to[-1]
    return (*rates, np.concatenate(([np.inf], table.thresholds)))
