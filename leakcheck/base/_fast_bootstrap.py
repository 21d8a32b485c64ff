"""Ranking sums of weighted loci by compiled loops, many replicates at once (extra ``fast``)."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from leakcheck._optional import import_optional
from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._bootstrap_loops import loops
from leakcheck.base._harmonic import harmonic_parts
from leakcheck.base._places import Places
from leakcheck.base._weighted import WeightedSums
from leakcheck.base.sorted_column import SortedColumn

__all__ = ["CompiledSums", "Lanes", "compiled_sums"]

# Replicates of a batch at the most: what is counted of them fits the first cache.
_MOST_LANES = 256
# Lanes are made up to whole vectors where they must be copied anyway; a full batch holds such.
_VECTOR = 16
# Harmonic numbers that are looked up; further ones come from a series.
_TABLE = 1 << 20


class Lanes(NamedTuple):
    """Weights of batches of replicates, those of a locus (or block) side by side."""

    batches: list[IntArray]
    """Each of shape (n_units, n_lanes); lanes beyond the replicates repeat the last of these."""
    n_replicates: int
    heaviest: int

    @classmethod
    def of(cls, weights: IntArray) -> "Lanes":
        """Lanes of weights of shape (n_replicates, n_units), in the smallest numbers that do."""
        heaviest = int(weights.max(initial=0))
        small = weights.astype(np.min_scalar_type(heaviest), copy=False)
        starts = range(0, len(weights), _MOST_LANES)
        batches = [_side_by_side(small[low : low + _MOST_LANES]) for low in starts]
        return cls(batches, len(weights), heaviest)


def _side_by_side(weights: IntArray) -> IntArray:
    """Turn the weights of a batch, if they do not lie so already."""
    if weights.T.flags.c_contiguous:
        return weights.T
    n_replicates, n_units = weights.shape
    lanes = np.empty((n_units, -(-n_replicates // _VECTOR) * _VECTOR), dtype=weights.dtype)
    lanes[:, :n_replicates] = weights.T
    lanes[:, n_replicates:] = weights[-1:].T
    return lanes


class CompiledSums(NamedTuple):
    """Sums of each replicate, and the weights of its positives and of all its loci."""

    sums: WeightedSums
    positives: FloatArray
    loci: FloatArray


def compiled_sums(
    labels: BoolArray, column: SortedColumn, lanes: Lanes, blocks: IntArray | None
) -> CompiledSums:
    """Sums of replicates that weigh loci or, where `blocks` are given, blocks of loci."""
    places = Places.of(labels, column)
    positive = np.zeros(column.n_loci, dtype=np.bool_)
    positive[places.place] = True
    is_mixed = np.zeros(places.cell_ends.size, dtype=np.bool_)
    is_mixed[places.mixed] = True
    unit = places.rows if blocks is None else blocks.take(places.rows).astype(np.uint32)
    most = lanes.heaviest * column.n_loci
    tables = harmonic_parts(min(most, _TABLE))
    counts = np.int32 if most < np.iinfo(np.int32).max else np.int64
    walk = _compiled()
    found = [np.zeros((5, 0))]
    for batch in lanes.batches:
        part = np.empty((5, batch.shape[1]))
        walk(
            batch,
            unit,
            positive,
            (places.ends, places.cell_starts, places.cell_ends, is_mixed),
            tables,
            lanes.heaviest,
            int(np.iinfo(batch.dtype).max // max(lanes.heaviest, 1)),
            np.zeros(batch.shape[1], dtype=counts),
            part,
        )
        found.append(part)
    *sums, positives, loci = np.concatenate(found, axis=1)[:, : lanes.n_replicates]
    return CompiledSums(WeightedSums(*sums), positives, loci)


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., None]:
    """The loops, compiled once in a process."""
    numba = import_optional("numba", extra="fast", purpose="to bootstrap by compiled loops")
    # Inside the walk, which makes the arrays, the parts see that these do not overlap.
    return loops(
        numba.njit(nogil=True, error_model="numpy"),
        numba.njit(forceinline=True, error_model="numpy"),
    )
