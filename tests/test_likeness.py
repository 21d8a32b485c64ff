"""When a target is hardly new: it resembles a reference more than references do one another."""

from types import SimpleNamespace

import numpy as np
import pytest

from leakcheck.likeness import Likeness


def resembles(n_references, closest, *, pair=0.9, usual=0.5):
    """A target beside references of which two are alike; its second reference is the closest."""
    whole = np.full((n_references + 1, n_references + 1), usual)
    whole[-2, -1] = whole[-1, -2] = pair
    whole[0, 2] = whole[2, 0] = closest
    np.fill_diagonal(whole, 1.0)
    names = ("T", *(f"R{k}" for k in range(1, n_references + 1)))
    cells = SimpleNamespace(
        cell_types=names,
        targets=("T",),
        is_reference=np.arange(n_references + 1) > 0,
        n_blocks=1,
    )
    view = SimpleNamespace(name="T", column=0, references=np.arange(1, n_references + 1))
    correlations = SimpleNamespace(whole=lambda: whole)
    return Likeness(cells, None, correlations).resembles(view)


@pytest.mark.parametrize(
    ("n_references", "closest", "found"),
    [
        (20, 0.92, ("R2", 0.92)),
        (20, 0.9, None),
        (19, 0.92, None),
        (19, 0.95, None),
        (19, 0.96, ("R2", 0.96)),
    ],
)
def test_the_bar_is_a_percentile_of_twenty_and_half_way_to_one_of_fewer(
    n_references, closest, found
):
    assert resembles(n_references, closest) == found


@pytest.mark.parametrize(("n_references", "found"), [(2, None), (3, ("R2", 0.99))])
def test_two_references_have_one_likeness_which_is_no_bar(n_references, found):
    assert resembles(n_references, 0.99) == found


def test_a_target_without_a_correlation_resembles_nothing():
    assert resembles(5, np.nan, usual=np.nan) is None
