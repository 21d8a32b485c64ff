"""Canonical order: what it follows from, and where it is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base import chunks
from leakcheck.base.chunks import Layout, Runs, at_once
from leakcheck.base.columns import CHUNK_ROWS


def drawn(seed, n, *, scattered):
    """Blocks and chromosomes of rows in genome order, and the fold of each block."""
    rng = np.random.default_rng(seed)
    chrom = rng.permutation(4)[np.sort(rng.integers(0, 4, n))]
    blocks = rng.integers(0, 6, n) if scattered else chrom + 1
    return blocks, chrom, rng.integers(0, 3, 7)


class TestLayout:
    @given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 20), st.booleans())
    def test_rows_are_sorted_by_fold_block_chromosome_and_position(
        self, seed, n, chunk_rows, scattered
    ):
        blocks, chrom, folds = drawn(seed, n, scattered=scattered)
        layout = Layout.of(Runs.of_codes(blocks, chrom), folds, chunk_rows)
        expected = np.lexsort((np.arange(n), chrom, blocks, folds[blocks]))
        np.testing.assert_array_equal(layout.order, expected)
        assert layout.n_rows == n
        np.testing.assert_array_equal(np.diff(layout.bounds), np.bincount(folds[blocks]))
        done = 0
        for chunk in layout.chunks:
            assert chunk.places.start == done
            done = chunk.places.stop
            own = expected[chunk.places]
            assert 0 < len(chunk) <= chunk_rows
            assert set(folds[blocks[own]]) == {chunk.fold}
            np.testing.assert_array_equal(np.arange(n)[chunk.rows], own)
            codes, starts = chunk.block_starts
            np.testing.assert_array_equal(codes, list(dict.fromkeys(blocks[own])))
            lengths = np.diff(starts, append=len(own))
            np.testing.assert_array_equal(np.repeat(codes, lengths), blocks[own])
        assert done == n
        ends = np.cumsum([len(chunk) for chunk in layout.chunks])
        assert set(layout.bounds) <= {0, *ends.tolist()}

    def test_many_pieces_are_found_anew_and_few_are_kept(self):
        for n, kept in ((40, True), (2000, False)):
            blocks = np.arange(n) % 2
            chunk = Layout.of(Runs.of_codes(blocks), np.zeros(2, int)).chunks[0]
            assert (chunk.window(2) is chunk.window(2)) == kept
            np.testing.assert_array_equal(chunk.rows, np.argsort(blocks, kind="stable"))

    @given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 3))
    def test_gaps_of_a_window_are_read_with_what_is_before_them(self, seed, n, reach):
        blocks, chrom, folds = drawn(seed, n, scattered=True)
        for chunk in Layout.of(Runs.of_codes(blocks, chrom), folds, 20).chunks:
            window = chunk.window(reach)
            read = np.arange(n)[window.rows]  # all are rows
            np.testing.assert_array_equal(read[window.inner], np.arange(n)[chunk.rows])
            # Behind the last row of all nothing can be read.
            at_end = np.count_nonzero(chunk.stops + 2 * reach > chunk.ends.max())
            n_breaks = np.count_nonzero(np.diff(read) != 1)
            assert n_breaks < len(chunk.starts) + at_end * (1 + reach)

    def test_a_chunk_has_32768_rows(self):
        layout = Layout.of(Runs.of_codes(np.zeros(70_000, int)), np.zeros(1, int))
        assert [len(chunk) for chunk in layout.chunks] == [32768, 32768, 4464]
        assert CHUNK_ROWS == 32768
        assert layout.chunks[1].rows == slice(32768, 65536)


class TestRuns:
    def test_are_the_fewest(self):
        runs = Runs.of_codes(np.array([2, 2, 2, 0, 0]), np.array([1, 1, 3, 3, 3]))
        np.testing.assert_array_equal(runs.lengths, [2, 1, 2])
        np.testing.assert_array_equal(runs.blocks, [2, 2, 0])
        np.testing.assert_array_equal(runs.chroms, [1, 3, 3])
        np.testing.assert_array_equal(runs.block_sizes(4), [2, 0, 3, 0])

    def test_of_nothing_are_none(self):
        runs = Runs.of_codes(np.empty(0, dtype=int), np.empty(0, dtype=int))
        assert runs.n_rows == 0
        assert len(runs.lengths) == 0


@pytest.mark.parametrize(("few", "n_made"), [(40, 1), (39, 4)])
def test_few_rows_are_made_in_one_go(monkeypatch, few, n_made):
    monkeypatch.setattr(chunks, "_AT_ONCE", few)
    values, made = np.random.default_rng(0).normal(size=(2, 40)), []
    layout = Layout.of(Runs.of_codes(np.arange(40) % 2), np.array([1, 0]), 10)
    part = at_once(lambda chunk: made.append(len(chunk)) or values[:, chunk.rows], layout)
    for chunk in layout.chunks:
        np.testing.assert_array_equal(part(chunk), values[:, chunk.rows])
    assert len(made) == n_made
