"""What counts as a neighbour of a training locus, and when it is said of a claim."""

import numpy as np
import pytest

from leakcheck.data import Loci
from leakcheck.design import GAP, near_loci
from leakcheck.design.claim import Caveats, claim_of
from tests.worlds import make_set


@pytest.mark.parametrize(("between", "expected"), [(0, True), (GAP - 1, True), (GAP, False)])
@pytest.mark.parametrize("side", ["before", "behind"])
def test_near_is_less_than_the_gap_between_the_ends(between, expected, side):
    start = 1_000_000 + 100 + between if side == "behind" else 1_000_000 - 100 - between
    loci = Loci.from_any(["chr1:1000000-1000100", f"chr1:{start}-{start + 100}", "chr2:0-100"])
    reference = np.array([[False, True], [False, False], [False, False]])
    audited = np.array([[True, False]] * 3)
    data = make_set(np.ones((3, 2)), reference, audited, loci=loci)
    assert near_loci(data).tolist() == [False, expected, False]


@pytest.mark.parametrize(("share", "said"), [(0.049, False), (0.05, True), (np.nan, False)])
@pytest.mark.parametrize("setting", ["hybrid", "cross-cell-type"])
def test_one_pair_in_twenty_near_a_training_locus_is_said_of_new_loci(share, said, setting):
    caveats = Caveats(
        n_contaminated=0,
        n_pairs=100,
        near_share=share,
        gap=GAP,
        n_copies=0,
        n_validated=0,
        n_not_new=0,
        has_places=True,
    )
    claim = claim_of(setting, caveats)
    assert ("of a training locus" in claim) == (said and setting == "hybrid")
