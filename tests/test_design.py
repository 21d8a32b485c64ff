"""Which setting a target's pairs test: new cell type, new loci, both, neither, or a mixture."""

import numpy as np
import pytest

from leakcheck.design import MIN_SHARE, setting_of
from tests.worlds import make_set


def setting(reference, audited, **options):
    reference, audited = np.asarray(reference, dtype=bool), np.asarray(audited, dtype=bool)
    return setting_of(make_set(np.ones(reference.shape), reference, audited, **options), "A")


def masks(n=100, m=4):
    return np.zeros((n, m), dtype=bool), np.zeros((n, m), dtype=bool)


def test_new_cell_type_at_known_loci_is_cross_cell_type():
    reference, audited = masks()
    audited[:, 0] = True
    reference[:, 2] = True
    assert setting(reference, audited) == ("cross-cell-type", 1.0)


def test_known_cell_type_at_new_loci_is_cross_chromosome():
    reference, audited = masks()
    reference[:50] = True
    audited[50:] = True
    assert setting(reference, audited) == ("cross-chromosome", 1.0)


def test_both_new_is_hybrid():
    reference, audited = masks()
    reference[:50, 1:] = True
    audited[50:, 0] = True
    assert setting(reference, audited) == ("hybrid", 1.0)


def test_both_known_but_not_the_pair_is_random():
    reference = np.random.default_rng(0).random((100, 4)) < 0.8
    assert setting(reference, ~reference).name == "random"


def test_under_leave_one_out_the_target_counts_as_new():
    everything = np.ones((100, 4), dtype=bool)
    found = setting(everything, everything, leave_one_out=True)
    assert found == ("cross-cell-type", 1.0)


@pytest.mark.parametrize("n_new", [0, 5, 6, 50, 94, 95, 100])
@pytest.mark.parametrize("own_seen", [False, True])
def test_below_95_percent_it_is_mixed(n_new, own_seen):
    reference, audited = masks(n=120)
    audited[:100, 0] = True
    reference[n_new:, 1] = True
    reference[100:, 0] = own_seen
    known, new = ("random", "cross-chromosome") if own_seen else ("cross-cell-type", "hybrid")
    share = max(n_new, 100 - n_new) / 100
    found = setting(reference, audited)
    expected = "mixed" if share < MIN_SHARE else new if n_new > 50 else known
    assert found == (expected, pytest.approx(share))


def test_a_locus_that_only_the_target_has_seen_is_new():
    reference, audited = masks()
    reference[:, 0] = True
    reference[:, 1] = False
    audited[:, 0] = True
    assert setting(reference, audited).name == "cross-chromosome"


def test_without_pairs_there_is_no_setting():
    found = setting(*masks())
    assert found.name == ""
    assert np.isnan(found.share)
