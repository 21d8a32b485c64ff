"""Floor 1: how well the average of all other cell types ranks each cell type, without a loop."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._harmonic import tied_precision
from leakcheck.base.ranking import RankingScores

__all__ = ["leave_one_out_scores"]

# Rows whose bytes are added at once, so that no sum passes 255.
_STRETCH = 255
# Words of 8 bytes, each 0 or 1, whose sum over all bytes fits a byte.
_WORDS = 31
# Words that stay in the cache.
_CHUNK = 1 << 17
_ALL_BYTES = np.uint64(0x0101_0101_0101_0101)
_TOP_BYTE = np.uint64(56)


def leave_one_out_scores(labels: BoolArray | FloatArray) -> RankingScores:
    r"""Rank every cell type's loci by the average activity of the other cell types.

    Parameters
    ----------
    labels : ndarray of bool or float, shape (n_loci, n_cell_types)
        Whether each locus is active: booleans, or 0 and 1 with NaN where not observed.

    Returns
    -------
    RankingScores
        Three arrays of shape (n_cell_types,). Ranges, no-skill values and undefined cases (NaN)
        are those of `leakcheck.base.ranking`. A locus counts for a cell type where that is observed
        together with at least one other.

    Notes
    -----
    A locus active in :math:`k` of its :math:`o` observed cell types has the score
    :math:`(k - y) / (o - 1)` for the cell type where its label is :math:`y`. All scores and labels
    of all cell types follow from one table: how many loci of each :math:`(o, k)` are active, and
    observed, in each cell type. The loci are sorted by :math:`(o, k)` once, and the table is a sum
    of bytes, eight cell types to a machine word. The counts are whole numbers, so that this equals
    a loop over the cell types to 1e-12.

    Examples
    --------
    >>> labels = np.array([[1, 1, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    >>> leave_one_out_scores(labels).average_precision.round(2)
    array([0.75, 1.  , 0.75])
    """
    real = labels.dtype.kind == "f"
    seen = ~np.isnan(labels) if real else None
    if seen is not None and seen.all():
        seen = None
    active = _words(np.asarray(labels > 0.5 if real else labels, dtype=np.bool_))
    observed = None if seen is None else _words(seen)
    n_cell_types = labels.shape[1]
    groups = _Groups.of(active, observed, n_cell_types)
    positives = groups.sums(active)[:, :n_cell_types]
    if observed is None:
        total = np.repeat(groups.sizes[:, None], n_cell_types, axis=1)
    else:
        total = groups.sums(observed)[:, :n_cell_types]
    return _scores(*_levels(groups.active, groups.observed, positives, total - positives))


def _words(flags: BoolArray) -> NDArray[np.uint64]:
    """Flags as bytes of 0 and 1, eight to a word, padded with zeros."""
    n_rows, n_columns = flags.shape
    width = -(-n_columns // 8) * 8
    if width == n_columns and flags.flags.c_contiguous:
        return flags.view(np.uint64)
    padded = np.zeros((n_rows, width), dtype=np.bool_)
    padded[:, :n_columns] = flags
    return padded.view(np.uint64)


def _parts(words: NDArray[np.uint64]) -> Iterator[slice]:
    """Stretches of rows that fill a chunk."""
    step = max(1, _CHUNK // max(words.shape[1], 1))
    for start in range(0, len(words), step):
        yield slice(start, start + step)


def _row_sums(words: NDArray[np.uint64]) -> IntArray:
    """Number of flags in each row."""
    count = np.zeros(len(words), dtype=np.int64)
    for part in _parts(words):
        rows = words[part]
        for start in range(0, rows.shape[1], _WORDS):
            total = np.einsum("ij->i", rows[:, start : start + _WORDS])
            # The top byte of the product is the sum of all bytes.
            total *= _ALL_BYTES
            total >>= _TOP_BYTE
            count[part] += total.view(np.int64)
    return count


class _Groups(NamedTuple):
    """Loci by the number of cell types that are observed, and active, at them."""

    observed: IntArray
    active: IntArray
    sizes: IntArray
    group: IntArray
    """Group of each locus."""

    @classmethod
    def of(
        cls, active: NDArray[np.uint64], observed: NDArray[np.uint64] | None, n_cell_types: int
    ) -> "_Groups":
        """Group the loci; all cell types are observed everywhere where `observed` is None."""
        width = n_cell_types + 1
        code = _row_sums(active)
        if observed is not None:
            code += width * _row_sums(observed)
        sizes = np.bincount(code, minlength=width)
        present = np.flatnonzero(sizes)
        group = np.zeros(sizes.size, dtype=np.intp)
        group[present] = np.arange(present.size)
        known = np.full(present.size, n_cell_types) if observed is None else present // width
        # Small numbers, so that they are sorted by radix.
        kind = np.min_scalar_type(max(present.size - 1, 0))
        return cls(known, present % width, sizes.take(present), group.astype(kind).take(code))

    def sums(self, words: NDArray[np.uint64]) -> IntArray:
        """Number of flags in each column among the loci of each group."""
        found = np.zeros((self.sizes.size, 8 * words.shape[1]), dtype=np.int64)
        for part in _parts(words):
            group = self.group[part]
            order = np.argsort(group, kind="stable")
            ordered = group.take(order)
            is_start = np.ones(order.size, dtype=np.bool_)
            np.not_equal(ordered[1:], ordered[:-1], out=is_start[1:])
            is_cut = is_start.copy()
            is_cut[::_STRETCH] = True
            cuts = is_cut.nonzero()[0]
            partial = np.add.reduceat(words[part].take(order, axis=0), cuts, axis=0)
            of_bytes = partial.view(np.uint8).astype(np.int64)
            starts = is_start.take(cuts).nonzero()[0]
            found[ordered.take(cuts.take(starts))] += np.add.reduceat(of_bytes, starts, axis=0)
        return found


def _levels(
    k: IntArray, o: IntArray, positives: IntArray, negatives: IntArray
) -> tuple[IntArray, IntArray]:
    """Positives and negatives at each score, highest first, shape (n_scores, n_cell_types)."""
    others = o - 1
    known = others > 0
    k, others, positives, negatives = k[known], others[known], positives[known], negatives[known]
    # A quotient of small whole numbers rounds alike whenever it is the same fraction. Where no
    # cell type is active, (k - 1) is met by no positive, and where all are, k by no negative.
    score = np.concatenate([np.maximum(k - 1, 0) / others, np.minimum(k, others) / others])
    order = np.argsort(-score)
    falling = score.take(order)
    is_new = np.ones(score.size, dtype=np.bool_)
    np.not_equal(falling[1:], falling[:-1], out=is_new[1:])
    place = np.empty(score.size, dtype=np.intp)
    place[order] = np.cumsum(is_new) - 1
    at_positive, at_negative = place.reshape(2, -1)
    n = int(np.count_nonzero(is_new))
    return _added(positives, at_positive, n), _added(negatives, at_negative, n)


def _added(counts: IntArray, place: IntArray, n: int) -> IntArray:
    """Rows of counts added up by their place among n."""
    found = np.zeros((n, counts.shape[1]), dtype=np.int64)
    if place.size:
        order = np.argsort(place, kind="stable")
        ordered = place.take(order)
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        found[ordered.take(starts)] = np.add.reduceat(counts.take(order, axis=0), starts, axis=0)
    return found


def _scores(positives: IntArray, negatives: IntArray) -> RankingScores:
    """Scores of each column of counts at falling scores."""
    size = positives + negatives
    hits, rank = np.cumsum(positives, axis=0), np.cumsum(size, axis=0)
    n_positive, n_negative = positives.sum(axis=0), negatives.sum(axis=0)
    precision = (positives * (hits / np.maximum(rank, 1))).sum(axis=0)
    expected = tied_precision(hits - positives, rank - size, positives, np.maximum(size, 1))
    below = 2 * (n_negative - (rank - hits)) + negatives
    with np.errstate(invalid="ignore"):
        return RankingScores(
            precision / n_positive,
            expected.sum(axis=0) / n_positive,
            (positives * below).sum(axis=0) / (2 * n_positive * n_negative),
        )
