"""Floor 6: the blocks of the loci of a store, as stretches in genome order."""

from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.chunks import Runs
from leakcheck.base.resampling import stretch_lengths
from leakcheck.base.small_chromosomes import join_small_chromosomes
from leakcheck.baselines import genome_blocks
from leakcheck.data.arrays import is_default_index
from leakcheck.exceptions import ValidationError
from leakcheck.scale.loci_table import LociTable

__all__ = ["StoreBlocks", "chromosome_blocks", "in_genome_order", "store_blocks"]

_CHUNK: Final = 1 << 18
_MIN_CHROMOSOMES: Final = 10


class StoreBlocks(NamedTuple):
    """Blocks of the loci in genome order.

    Attributes
    ----------
    runs : Runs
        Stretches of one block and one chromosome; chromosomes are numbered by name.
    n_blocks : int
        Number of blocks.
    kind : {"given", "chromosome", "stretch"}
        What they are.
    """

    runs: Runs
    n_blocks: int
    kind: str


def chromosome_blocks(loci: LociTable) -> StoreBlocks:
    """Give each chromosome as a block; all loci are one where they have no coordinates.

    Parameters
    ----------
    loci : LociTable
        The loci.

    Returns
    -------
    StoreBlocks
        In genome order.
    """
    sizes, chroms = _chromosomes(loci)
    return StoreBlocks(Runs(sizes, chroms, chroms), len(sizes), "chromosome")


def _chromosomes(loci: LociTable) -> tuple[IntArray, IntArray]:
    """Sizes of the chromosomes by first appearance, and their places among their names."""
    if not loci.has_coordinates:
        return np.array([loci.n_loci]), np.zeros(1, dtype=np.int64)
    return loci.sizes, _ranks(loci.chrom_names)


def store_blocks(loci: LociTable, blocks: Any, audited: BoolArray) -> StoreBlocks:
    """Find the blocks that `leakcheck.baselines.genome_blocks` gives the same loci.

    Parameters
    ----------
    loci : LociTable
        The loci.
    blocks : array-like of shape (n_loci,) or None
        Block id of each locus, in the order of the source.
    audited : ndarray of bool, shape (n_chromosomes,)
        Chromosomes, by first appearance, that hold audited loci with a reference label.

    Returns
    -------
    StoreBlocks
        In genome order.

    Raises
    ------
    ValidationError
        As `genome_blocks` does.
    """
    sizes, chroms = _chromosomes(loci)
    if blocks is not None:
        if isinstance(blocks, pd.Series) and not is_default_index(blocks.index):
            raise ValidationError(
                "`blocks` must be in the order of the source when the data are on disk; a Series "
                f"with names of its own came, the first is {blocks.index[0]!r}. Put it in that "
                "order and pass .to_numpy()."
            )
        # Only their number is asked for where blocks are given.
        data: Any = SimpleNamespace(loci=range(loci.n_loci))
        codes, n_blocks, kind = genome_blocks(data, blocks)
        codes = in_genome_order(loci, codes)
        return StoreBlocks(Runs.of_codes(codes, np.repeat(chroms, sizes)), n_blocks, kind)
    counts = audited if loci.has_coordinates and audited.any() else np.ones(len(sizes), dtype=bool)
    by_name, counts_by_name = np.empty_like(sizes), np.empty_like(counts)
    by_name[chroms], counts_by_name[chroms] = sizes, counts
    joined = join_small_chromosomes(by_name, counts_by_name)
    if loci.has_coordinates and np.count_nonzero(joined.counts) >= _MIN_CHROMOSOMES:
        runs = Runs(sizes, joined.codes.take(chroms), chroms)
        return StoreBlocks(runs, joined.sizes.size, "chromosome")
    parts = stretch_lengths(joined.sizes, audited=joined.counts & joined.is_single)
    first = np.cumsum([0, *map(len, parts)])
    # What was joined is one stretch; each of its chromosomes is a run of it.
    whole = ~joined.is_single[joined.codes]
    own = [
        np.array([by_name[rank]]) if whole[rank] else parts[joined.codes[rank]]
        for rank in chroms.tolist()
    ]
    begin = first[joined.codes[chroms]].tolist()
    runs = Runs(
        lengths=np.concatenate(own),
        blocks=np.concatenate([low + np.arange(len(k)) for low, k in zip(begin, own, strict=True)]),
        chroms=np.repeat(chroms, [len(one) for one in own]),
    )
    _refuse_unsettled(loci, np.cumsum(runs.lengths)[:-1])
    return StoreBlocks(runs, int(first[-1]), "stretch")


def _refuse_unsettled(loci: LociTable, bounds: IntArray) -> None:
    """Refuse stretches whose bounds depend on the order of rows among loci of one start."""
    n_repeats = loci.repeats.shape[1]  # each may have moved what follows it
    for low, high in loci.unsettled:
        if ((bounds > low - n_repeats) & (bounds < high)).any():
            raise ValidationError(
                "`blocks` must be given for these loci: fewer than 10 chromosomes are audited, and "
                f"a stretch of neighbouring loci would end among {high - low} loci with one start, "
                "which the source does not have in order of their ends. Sort the source by "
                "chromosome, start and end, or give `blocks`."
            )


def _ranks(names: tuple[str, ...]) -> IntArray:
    """Places of chromosomes among their names in order."""
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def in_genome_order(loci: LociTable, values: Any) -> Any:
    """Put one value for each locus in genome order.

    Parameters
    ----------
    loci : LociTable
        The loci.
    values : ndarray, shape (n_loci,)
        In the order of the source, without repeats.

    Returns
    -------
    ndarray, shape (n_loci,)
        `values` itself where the source is in genome order.
    """
    if loci.order is None:
        return values
    found = np.empty_like(values)
    for low in range(0, loci.n_loci, _CHUNK):
        rows = slice(low, min(low + _CHUNK, loci.n_loci))
        source = loci.order.read(rows)
        found[rows] = values[source - np.searchsorted(loci.repeats[0], source)]
    return found
