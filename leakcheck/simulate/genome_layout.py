"""Where genes and bins of the simulated genome lie, and its sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import IntArray

__all__ = ["BIN_CHROMOSOMES", "CHROMOSOMES", "Layout", "lay_out", "random_sequence"]

CHROMOSOMES: Final = tuple(f"chr{number}" for number in range(1, 23))
#: The paper's TAD task has these alone.
BIN_CHROMOSOMES: Final = CHROMOSOMES[:3]
_SLOT_WINDOWS = 6  # windows in a slot: one bin, and room for one gene clear of the bin's middle
_BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
_LOWER = 32  # distance from a capital to its small letter
_UNKNOWN = ord("N")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Places, 0-based and half-open.

    Attributes
    ----------
    lengths : mapping of str to int
        Length of each chromosome.
    bin_size : int
        Size of a bin; bins start at half of it, as the real calls do.
    genes : pandas.DataFrame
        Columns ``id, chrom, start, end, strand, window_start``; the window ends at the start of
        transcription.
    bins : pandas.DataFrame
        Columns ``chrom, start, end, window_start``; the window is the bin's middle.
    """

    lengths: dict[str, int]
    bin_size: int
    genes: pd.DataFrame
    bins: pd.DataFrame


def lay_out(
    n_genes: int, n_bins: int, window: int, weights: Sequence[float], rng: np.random.Generator
) -> Layout:
    """Give every gene a slot of its own, and every bin of the first three chromosomes too."""
    size = _SLOT_WINDOWS * window
    genes_on = _shares(n_genes, weights)
    bins_on = np.zeros(len(CHROMOSOMES), dtype=np.int64)
    bins_on[: len(BIN_CHROMOSOMES)] = _shares(n_bins, [1.0] * len(BIN_CHROMOSOMES))
    slots = np.maximum(genes_on, bins_on)
    genes, bins = [], []
    for chrom, n_slots, n_here, n_called in zip(CHROMOSOMES, slots, genes_on, bins_on, strict=True):
        taken = np.sort(rng.choice(n_slots, size=n_here, replace=False))
        genes.append(_genes(chrom, size // 2 + taken * size, window, rng))
        starts = size // 2 + np.arange(n_called) * size
        middle = starts + (size - window) // 2
        bins.append(
            pd.DataFrame(
                {"chrom": chrom, "start": starts, "end": starts + size, "window_start": middle}
            )
        )
    table = pd.concat(genes, ignore_index=True)
    table.insert(0, "id", [f"ENSG{number:011d}" for number in range(1, n_genes + 1)])
    lengths = {
        chrom: int(size // 2 + n * size) for chrom, n in zip(CHROMOSOMES, slots, strict=True)
    }
    return Layout(
        lengths=lengths, bin_size=size, genes=table, bins=pd.concat(bins, ignore_index=True)
    )


def _shares(total: int, weights: Sequence[float]) -> IntArray:
    """Split `total` in proportion to `weights`, to the last one."""
    edges = np.rint(total * np.cumsum(weights) / np.sum(weights)).astype(np.int64)
    shares: IntArray = np.diff(edges, prepend=0)
    return shares


def _genes(chrom: str, slots: IntArray, window: int, rng: np.random.Generator) -> pd.DataFrame:
    """One gene in each slot, its window clear of the slot's middle.

    On the plus strand the window is in the left third of the slot and the gene to its right; on the
    minus strand the window is in the right third and the gene to its left.
    """
    n = len(slots)
    plus = rng.random(n) < 0.5
    length = rng.integers(window // 2, window, size=n)
    place = rng.integers(0, window, size=n)
    window_start = slots + np.where(plus, place, 4 * window + place)
    start = np.where(plus, window_start + window, window_start - length)
    return pd.DataFrame(
        {
            "chrom": chrom,
            "start": start,
            "end": start + length,
            "strand": np.where(plus, "+", "-"),
            "window_start": window_start,
        }
    )


def random_sequence(length: int, unknown: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw letters that say nothing: uniform bases, small letters here and there, runs of N.

    A fifth of the stretches of 200 bases is in small letters, as repeats are; the share `unknown`
    of stretches of 20 bases is N. None of it depends on where loci are.
    """
    letters = _BASES[rng.integers(0, 4, size=length)]
    small = np.repeat(rng.random(length // 200 + 1) < 0.2, 200)[:length]
    letters = letters + np.where(small, np.uint8(_LOWER), np.uint8(0))
    hidden = np.repeat(rng.random(length // 20 + 1) < unknown, 20)[:length]
    letters[hidden] = _UNKNOWN
    return letters
