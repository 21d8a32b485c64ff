"""Floor 1: rows in one fixed order, cut in chunks that every float sum is made over.

A float sum depends on the order of its terms. Here the order follows from what the rows are (their
fold, block, chromosome and place on it), and so do the chunks, so that neither the order in which
rows came nor how they are stored changes a bit of any sum.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import IntArray
from leakcheck.base.columns import CHUNK_ROWS, Column, Positions

__all__ = ["Chunk", "Column", "Layout", "Runs", "Window", "at_once"]

#: Chunks of no more pieces keep what was found of them.
_FEW_PIECES: Final = 256

#: Rows that are few enough to be made in one go.
_AT_ONCE: Final = 1 << 17


@dataclass(frozen=True, eq=False)
class Runs:
    """Rows in genome order as stretches of one block and one chromosome.

    Attributes
    ----------
    lengths : ndarray of int, shape (n_runs,)
        Rows of each stretch.
    blocks : ndarray of int, shape (n_runs,)
        Code of its block.
    chroms : ndarray of int, shape (n_runs,)
        Its chromosome, numbered in any fixed order; stretches of one chromosome follow another.
    """

    lengths: IntArray
    blocks: IntArray
    chroms: IntArray

    @classmethod
    def of_codes(cls, blocks: IntArray, chroms: IntArray | None = None) -> "Runs":
        """Find the stretches.

        Parameters
        ----------
        blocks : ndarray of int, shape (n,)
            Block of each row, in genome order.
        chroms : ndarray of int, shape (n,), optional
            Chromosome of each row; default: one.

        Returns
        -------
        Runs
            The fewest that there are.
        """
        n = len(blocks)
        begins = np.flatnonzero(np.diff(blocks)) + 1
        if chroms is not None:
            begins = np.union1d(begins, np.flatnonzero(np.diff(chroms)) + 1)
        begins = np.concatenate([[0][: min(n, 1)], begins]).astype(np.intp)
        return cls(
            lengths=np.diff(np.append(begins, n)),
            blocks=np.asarray(blocks)[begins],
            chroms=np.zeros(len(begins), dtype=np.intp) if chroms is None else chroms[begins],
        )

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return int(self.lengths.sum())

    def block_sizes(self, n_blocks: int) -> IntArray:
        """Count the rows of each block.

        Parameters
        ----------
        n_blocks : int
            Number of blocks.

        Returns
        -------
        ndarray of int, shape (n_blocks,)
            0 for blocks without rows.
        """
        sizes = np.zeros(n_blocks, dtype=np.int64)
        np.add.at(sizes, self.blocks, self.lengths)
        return sizes


class Window(NamedTuple):
    """The rows of a chunk with their neighbours, laid out for sums over shifted copies.

    Attributes
    ----------
    rows : slice or ndarray of int, shape (n_slots,)
        Positions to read, slot by slot.
    inner : slice or ndarray of int, shape (n,)
        Slots of the chunk's own rows.
    gaps : ndarray of int, shape (n_gaps,)
        Slots that hold no row, between stretches that do not touch.
    """

    rows: Positions
    inner: Positions
    gaps: IntArray


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some rows of one fold, in canonical order.

    Attributes
    ----------
    fold : int
        Their fold.
    places : slice
        Their places in canonical order.
    starts, stops : ndarray of int, shape (n_pieces,)
        Stretches of positions that they are, in order.
    begins, ends : ndarray of int, shape (n_pieces,)
        Positions at which the chromosome of each stretch begins and ends.
    blocks : ndarray of int, shape (n_pieces,)
        Block of each stretch; pieces of one block follow one another.
    """

    fold: int
    places: slice
    starts: IntArray
    stops: IntArray
    begins: IntArray
    ends: IntArray
    blocks: IntArray

    def __len__(self) -> int:
        return int(self.places.stop - self.places.start)

    @property
    def rows(self) -> Positions:
        """Positions of the rows: a stretch, or an array of shape (n,)."""
        found: Positions = self._kept("rows", self._find_rows)
        return found

    def _find_rows(self) -> Positions:
        """One stretch where the pieces touch."""
        if (self.starts[1:] == self.stops[:-1]).all():
            return slice(int(self.starts[0]), int(self.stops[-1]))
        return _ranges(self.starts, self.stops - self.starts)

    @cached_property
    def block_starts(self) -> tuple[IntArray, IntArray]:
        """Blocks of the chunk, and where the rows of each begin in it; two of one shape."""
        first = np.flatnonzero(np.diff(self.blocks, prepend=self.blocks[:1] - 1))
        begins = np.cumsum(self.stops - self.starts) - (self.stops - self.starts)
        return self.blocks[first], begins[first]

    @cached_property
    def _found(self) -> dict[str, Any]:
        """What was asked for already."""
        return {}

    def _kept(self, name: str, find: Callable[[], Any]) -> Any:
        """Find something once, unless it may be as large as the rows of every chunk."""
        if len(self.starts) > _FEW_PIECES:
            return find()
        if name not in self._found:
            self._found[name] = find()
        return self._found[name]

    def window(self, reach: int) -> Window:
        """Lay the rows out with their neighbours.

        Parameters
        ----------
        reach : int
            Neighbours to each side at the most, on the same chromosome.

        Returns
        -------
        Window
            Stretches that do not touch are `reach` empty slots apart.
        """
        found: Window = self._kept(f"window {reach}", lambda: self._find_window(reach))
        return found

    def _find_window(self, reach: int) -> Window:
        """Clip the neighbours to chromosomes."""
        left = np.minimum(self.starts - self.begins, reach)
        right = np.minimum(self.ends - self.stops, reach)
        sizes = self.stops - self.starts
        if len(sizes) == 1:
            first, before, n = int(self.starts[0]), int(left[0]), int(sizes[0])
            rows = slice(first - before, int(self.stops[0] + right[0]))
            return Window(rows, slice(before, before + n), np.empty(0, dtype=np.intp))
        slots = left + sizes + right
        firsts = np.cumsum(slots + reach) - (slots + reach)
        positions = _ranges(self.starts - left, slots + reach)
        gaps = _ranges(firsts + slots, np.full(len(slots), reach))
        # A gap that follows on what is before it is read with that, and not by itself.
        positions[gaps[positions[gaps] >= self.ends.max()]] = positions[0]
        return Window(positions, _ranges(firsts + left, sizes), gaps)

    def edges(self, reach: int) -> tuple[IntArray, IntArray]:
        """Find the rows near the ends of their chromosome.

        Parameters
        ----------
        reach : int
            Neighbours to each side.

        Returns
        -------
        places : ndarray of int, shape (n_edges,)
            Places in the chunk of the rows that have fewer than ``2 * reach`` neighbours, rising.
        n_neighbours : ndarray of int, shape (n_edges,)
            How many they have.
        """
        found: tuple[IntArray, IntArray] = self._kept(
            f"edges {reach}", lambda: self._find_edges(reach)
        )
        return found

    def _find_edges(self, reach: int) -> tuple[IntArray, IntArray]:
        """Count the neighbours of the first and last rows of each piece."""
        sizes = self.stops - self.starts
        firsts = np.cumsum(sizes) - sizes
        n_first = np.clip(self.begins + reach - self.starts, 0, sizes)
        n_last = np.minimum(np.clip(self.stops - (self.ends - reach), 0, sizes), sizes - n_first)
        places = np.concatenate([firsts, firsts + sizes - n_last])
        places = np.sort(_ranges(places, np.concatenate([n_first, n_last])))
        piece = np.searchsorted(firsts, places, side="right") - 1
        position = self.starts[piece] + places - firsts[piece]
        before = np.minimum(position - self.begins[piece], reach)
        return places, before + np.minimum(self.ends[piece] - 1 - position, reach)


def _ranges(starts: IntArray, lengths: IntArray) -> IntArray:
    """Stretches of whole numbers, one behind the other."""
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths))


@dataclass(frozen=True, eq=False)
class Layout:
    """Canonical order of rows: fold by fold whole blocks, each in genome order, cut in chunks.

    Attributes
    ----------
    bounds : tuple of int
        Places where the folds begin, and the end.
    chunks : tuple of Chunk
        In order; none crosses the bounds of a fold.
    whole : Chunk
        All rows in canonical order, for what is done to each row by itself; its fold says nothing.
    """

    bounds: tuple[int, ...]
    chunks: tuple[Chunk, ...]
    whole: Chunk

    @classmethod
    def of(cls, runs: Runs, folds: IntArray, chunk_rows: int | None = None) -> "Layout":
        """Order the rows.

        Parameters
        ----------
        runs : Runs
            The rows in genome order.
        folds : ndarray of int, shape (n_blocks,)
            Fold of each block.
        chunk_rows : int, optional
            Rows of a chunk at the most; default: `CHUNK_ROWS`.

        Returns
        -------
        Layout
            Sorted by fold, block, chromosome and position.
        """
        stops = np.cumsum(runs.lengths)
        starts = stops - runs.lengths
        begins, ends = _chromosome_bounds(runs.chroms, starts, stops)
        fold = folds[runs.blocks]
        order = np.lexsort((starts, runs.chroms, runs.blocks, fold))
        order = order[runs.lengths.take(order) > 0]
        pieces = np.stack([starts, stops, begins, ends, runs.blocks]).take(order, axis=1)
        fold = fold.take(order)
        sizes = np.bincount(fold, weights=pieces[1] - pieces[0]).astype(np.int64)
        bounds = (0, *np.cumsum(sizes).tolist())
        chunk_rows = CHUNK_ROWS if chunk_rows is None else chunk_rows
        chunks: list[Chunk] = []
        for number in range(len(sizes)):
            chunks += _cut(number, bounds[number], pieces[:, fold == number], chunk_rows)
        whole = Chunk(0, slice(0, bounds[-1]), *pieces)
        return cls(bounds=bounds, chunks=tuple(chunks), whole=whole)

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return self.bounds[-1]

    @cached_property
    def order(self) -> IntArray:
        """Positions in canonical order, shape (n_rows,)."""
        return _ranges(self.whole.starts, self.whole.stops - self.whole.starts)


def at_once(make: Callable[[Chunk], NDArray[Any]], layout: Layout) -> Callable[[Chunk], Any]:
    """Make the columns of few rows in one go, and give each chunk its part.

    Parameters
    ----------
    make : callable
        Makes columns, one in each row, of a chunk, shape (n_columns, n); each value follows from
        its own row alone.
    layout : Layout
        The rows.

    Returns
    -------
    callable
        Gives the same as `make`, with fewer calls of it where there are few rows.

    Examples
    --------
    >>> layout = Layout.of(Runs.of_codes(np.array([0, 0, 1, 1])), np.array([0, 1]))
    >>> squares = at_once(lambda chunk: np.arange(4.0)[None, chunk.rows] ** 2, layout)
    >>> [squares(chunk).tolist() for chunk in layout.chunks]
    [[[0.0, 1.0]], [[4.0, 9.0]]]
    """
    if layout.n_rows > _AT_ONCE:
        return make
    found: list[NDArray[Any]] = []

    def part(chunk: Chunk) -> NDArray[Any]:
        if not found:
            found.append(make(layout.whole))
        return found[0][:, chunk.places]

    return part


def _chromosome_bounds(
    chroms: IntArray, starts: IntArray, stops: IntArray
) -> tuple[IntArray, IntArray]:
    """Where the chromosome of each run begins and ends."""
    first = np.flatnonzero(np.diff(chroms, prepend=chroms[:1] - 1))
    n_runs = np.diff(np.append(first, len(chroms)))
    last = np.append(first[1:], len(chroms)) - 1
    return np.repeat(starts[first], n_runs), np.repeat(stops[last], n_runs)


def _cut(fold: int, first: int, pieces: IntArray, chunk_rows: int) -> Iterator[Chunk]:
    """Cut the pieces of a fold in chunks of as many rows, the last one of fewer."""
    lengths = pieces[1] - pieces[0]
    ends = np.cumsum(lengths)
    begins = ends - lengths
    n = int(ends[-1]) if len(ends) else 0
    for low in range(0, n, chunk_rows):
        high = min(low + chunk_rows, n)
        which = slice(
            int(np.searchsorted(ends, low, side="right")), int(np.searchsorted(begins, high))
        )
        part = pieces[:, which].copy()
        part[0] += np.maximum(low - begins[which], 0)
        part[1] -= np.maximum(ends[which] - high, 0)
        yield Chunk(fold, slice(first + low, first + high), *part)
