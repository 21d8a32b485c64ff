"""Tables of a target from orders, counts and sums in place of scores: the same to the last bit."""

from dataclasses import replace

import numpy as np
import pytest

from leakcheck import rank_profile
from leakcheck.base.level_counts import LevelCounts
from leakcheck.base.regression import RegressionSums, rank_of_top
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.families import family_rows
from leakcheck.metrics import evaluate
from leakcheck.rank_profile import RankGroups, rank_rows
from leakcheck.strata import Strata
from leakcheck.stratified import strata_rows
from tests.worlds import make_view

N = 700
FAMILIES = {"a0": "a", "a1": "a", "b0": "b", "b1": "b"}


@pytest.fixture
def world():
    """A target, strata, four models in single precision and a baseline of few levels."""
    rng = np.random.default_rng(9)
    latent = rng.normal(size=N)
    blocks = np.minimum(rng.integers(0, 14, N), 10)
    counts = rng.integers(0, 5, N)
    view = make_view((latent > 0.3).astype(float), counts / 4, blocks=blocks)
    strata = Strata(names=("1", "2", "3", "4"), codes=rng.integers(-1, 3, N))
    models = {name: (latent + rng.normal(size=N)).round(2).astype(np.float32) for name in FAMILIES}
    return view, strata, models, counts


def lean(view, strata):
    """The same target and strata in small types."""
    codes = np.where(strata.codes < 0, 255, strata.codes).astype(np.uint8)
    return (
        replace(view, labels=view.labels.astype(np.int8), blocks=view.blocks.astype(np.uint8)),
        replace(strata, codes=codes),
    )


def same(found, expected):
    assert found.values == expected.values
    assert found.replicates.keys() == expected.replicates.keys()
    for metric, rows in expected.replicates.items():
        np.testing.assert_array_equal(found.replicates[metric], rows)


def sorted_in_parts(scores):
    return SortedColumn.from_chunks(N, scores.dtype, np.array_split(scores, 9))


def test_binary_labels(world):
    view, strata, models, counts = world
    small, codes = lean(view, strata)
    orders = {name: sorted_in_parts(scores) for name, scores in models.items()}
    levels = LevelCounts.empty(5, n_blocks=len(view.block_sizes), n_strata=4)
    for part in np.array_split(np.arange(N), 6):
        levels.add(counts[part], view.positive[part], small.blocks[part], codes.codes[part])
    wide = {name: scores.astype(np.float64) for name, scores in models.items()}
    for intervals in (False, True):
        pairs = [(orders["a0"], wide["a0"]), (levels, view.average)]
        for form, scores in pairs:
            same(
                evaluate(small, "x", "model", form, "binary", intervals=intervals),
                evaluate(view, "x", "model", scores, "binary", intervals=intervals),
            )
    forms = {"a0": ("model", orders["a0"]), "c": ("baseline", levels)}
    arrays = {"a0": ("model", wide["a0"]), "c": ("baseline", view.average)}
    found = strata_rows(small, codes, forms, "binary", ("c",))
    assert repr(found) == repr(strata_rows(view, strata, arrays, "binary", ("c",)))
    whole = [evaluate(view, name, "model", scores, "binary") for name, scores in wide.items()]
    found = family_rows(small, codes, orders, whole, FAMILIES, "binary", 0.95)
    assert repr(found) == repr(family_rows(view, strata, wide, whole, FAMILIES, "binary", 0.95))
    assert len(found) == 2


@pytest.mark.parametrize("chunk", [5, 1 << 15])
@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_ranks(world, kind, chunk, monkeypatch):
    view, _, models, counts = world
    view = replace(view, label_kind=kind)
    scores = {"a": models["a0"], "z": np.maximum(models["b0"], 0)}  # a tie longer than a chunk
    whole = {name: SortedColumn.from_scores(one.astype(np.float64)) for name, one in scores.items()}
    expected = rank_rows(view, whole)
    monkeypatch.setattr(rank_profile, "_CHUNK", chunk)
    sides = 2 if kind == "binary" else 1
    cell = sides * counts + (view.positive if kind == "binary" else 0)
    table = np.bincount(cell, minlength=5 * sides).reshape(5, sides)
    groups = RankGroups.of_levels(np.arange(5) / 4, table)
    groups = groups._replace(of_rows=groups.of_rows.take(cell))
    forms = {name: sorted_in_parts(one) for name, one in scores.items()}
    for given in (None, groups):
        assert repr(rank_rows(view, forms, given)) == repr(expected)


def test_real_valued_labels(world):
    view, strata, models, _ = world
    rng = np.random.default_rng(3)
    view = replace(view, labels=rng.normal(size=N), label_kind="continuous")
    variance = rng.random(N)
    scores = models["a0"]
    columns = [SortedColumn.from_scores(values) for values in (view.labels, scores)]
    at = rank_of_top(N) - 1
    sums = RegressionSums(
        len(view.block_sizes),
        top_label=float(view.labels[columns[0].rows[at]]),
        top_prediction=float(scores[columns[1].rows[at]]),
    )
    ranks = columns[0].twice_mean_ranks(), columns[1].twice_mean_ranks()
    sums.add(
        view.labels,
        scores,
        blocks=view.blocks.astype(np.uint8),
        average=view.average,
        locus_variance=variance,
        ranks=ranks,
    )
    wide = scores.astype(np.float64)
    for intervals in (False, True):
        same(
            evaluate(view, "x", "model", sums, "continuous", intervals=intervals),
            evaluate(view, "x", "model", wide, "continuous", variance, intervals=intervals),
        )
    inside = RegressionSums(1, 4)
    inside.add(view.labels, scores, strata=strata.codes)
    assert repr(strata_rows(view, strata, {"x": ("model", inside)}, "continuous", ())) == repr(
        strata_rows(view, strata, {"x": ("model", wide)}, "continuous", ())
    )
    whole, both = [], {}
    for name, values in models.items():
        both[name] = RegressionSums(len(view.block_sizes), 4)
        both[name].add(view.labels, values, blocks=view.blocks, strata=strata.codes)
        whole.append(evaluate(view, name, "model", values, "continuous"))
    found = family_rows(view, strata, both, whole, FAMILIES, "continuous", 0.95)
    again = family_rows(view, strata, models, whole, FAMILIES, "continuous", 0.95)
    assert repr(found) == repr(again)


def test_sums_are_for_real_valued_labels_alone(world):
    view, strata, models, _ = world
    with pytest.raises(TypeError, match="sums have no order"):
        strata_rows(view, strata, {"x": ("model", RegressionSums())}, "binary", ())
    with pytest.raises(TypeError, match="binary labels"):
        evaluate(view, "x", "model", SortedColumn.from_scores(models["a0"]), "continuous")
