import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.base.small_chromosomes import join_small_chromosomes

#: Loci of genes on the chromosomes of a human, the largest first, and Y.
HUMAN = np.array([2000, 1250, 1050, 750, 860, 1020, 900, 680, 770, 730, 1270, 1010, 320, 600, 580,
                  840, 1160, 270, 1400, 540, 230, 440, 820, 50])  # fmt: skip


def everything(sizes):
    return np.ones(len(sizes), dtype=bool)


@given(
    sizes=st.lists(st.integers(0, 300), max_size=60),
    counts=st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_every_locus_stays_and_only_small_chromosomes_that_count_are_joined(sizes, counts):
    sizes = np.array(sizes, dtype=np.int64)
    counts = np.array(counts[: len(sizes)], dtype=bool)
    found = join_small_chromosomes(sizes, counts)
    assert found.codes.shape == sizes.shape
    n_blocks = len(found.sizes)
    assert sorted(set(found.codes.tolist())) == list(range(n_blocks))
    assert found.sizes.sum() == sizes.sum()
    together = ~found.is_single[found.codes]
    assert counts[together].all()
    if together.any():
        typical = (sizes[counts] ** 2).sum() / sizes[counts].sum()
        assert (sizes[together] < 0.1 * typical).all()
        assert (found.sizes[~found.is_single] < 1.1 * typical).all()


def test_chromosomes_of_a_human_stay_as_they_are():
    found = join_small_chromosomes(HUMAN, everything(HUMAN))
    assert found.codes.tolist() == list(range(24))
    assert found.is_single.all()


def test_contigs_beside_them_are_one_block():
    sizes = np.concatenate([HUMAN, np.full(80, 2)])
    found = join_small_chromosomes(sizes, everything(sizes))
    assert len(found.sizes) == 24
    assert found.sizes[-1] == 50 + 160
    assert found.codes[23:].tolist() == [23] * 81


def test_scaffolds_without_end_fill_several_blocks():
    sizes = np.concatenate([np.full(3, 100), np.full(300, 1)])
    found = join_small_chromosomes(sizes, everything(sizes))
    assert found.sizes.tolist()[:3] == [100] * 3
    assert len(found.sizes) == 9  # the chromosome of a typical locus has 50.5 loci
    assert found.sizes[3:8].tolist() == [51, 50, 51, 50, 51]


def test_small_ones_alike_are_not_small():
    sizes = np.full(200, 3)
    assert len(join_small_chromosomes(sizes, everything(sizes)).sizes) == 200


def test_chromosomes_that_do_not_count_are_left_and_say_nothing_of_size():
    sizes = np.array([5, 4, 6, 1000, 1])
    found = join_small_chromosomes(sizes, np.array([True, True, True, False, False]))
    assert found.codes.tolist() == [0, 1, 2, 3, 4]
    assert found.counts.tolist() == [True, True, True, False, False]


def test_no_chromosomes():
    assert len(join_small_chromosomes(np.empty(0, dtype=int), np.empty(0, dtype=bool)).sizes) == 0
