"""Reference columns that several tasks share are measured by the first of them."""

import numpy as np
import pytest

from leakcheck.base.folded_features import FoldedFeatures
from tests.scale.worlds import both_reports, make_source

TARGETS = ("C01", "C02", "C03", "C07")


@pytest.fixture
def measured(monkeypatch):
    """What each table of features was made from, in order."""
    seen = []
    made = FoldedFeatures.of

    def of(*arguments, **options):
        seen.append(options.get("measured") is None)
        return made(*arguments, **options)

    monkeypatch.setattr(FoldedFeatures, "of", of)
    return seen


def world(kind):
    source = make_source(targets=TARGETS, n_cell_types=8)
    if kind == "signal":
        source.signal = source.continuous
    elif kind == "continuous":
        source.labels = source.continuous
    return source


@pytest.mark.parametrize("kind", ["binary", "signal", "continuous"])
def test_targets_with_the_same_rows_share_what_was_measured(kind, measured):
    expected, found = both_reports(world(kind), train="leave-one-out")
    assert found == expected
    # One table in memory, then one for each task, of which the first is measured.
    assert measured == [True, True, False, False, False]


@pytest.mark.parametrize("kind", ["binary", "signal", "continuous"])
def test_targets_with_rows_of_their_own_do_not(kind, measured):
    source = world(kind)
    rng = np.random.default_rng(0)
    for column in (0, 1, 6):  # C01, C02 and C07, but not C03
        source.labels[rng.random(source.n_loci) < 0.1, column] = np.nan
    expected, found = both_reports(source, train="leave-one-out")
    assert found == expected
    assert measured == [True] * 8
