"""Columns of few levels: the regression on the same columns written out, from sums by group."""

import numpy as np
import pytest

from leakcheck.base._ridge_tables import Regression
from leakcheck.base.folded_features import FoldedFeatures
from leakcheck.base.level_columns import GroupedRows, LevelColumns, RowGroups, sums_of_groups
from leakcheck.base.ridge import CrossFit, Together
from tests.base.tables_in_memory import folded

N, N_MEMBERS = 600, 6


@pytest.fixture
def world():
    """Labels of some cell types that are alike, and features from them."""
    rng = np.random.default_rng(5)
    shared = rng.normal(size=(N, 1))
    labels = (shared + 0.8 * rng.normal(size=(N, N_MEMBERS)) > 0).astype(np.int64)
    features = np.hstack([labels, shared + rng.normal(size=(N, 3))])
    return labels, features, rng.integers(0, 5, N), rng.normal(size=(N, 1)) + shared


def levels_of(labels, column, order, curve):
    """A curve of the count over the others (all, where the target is no member), as a table."""
    count = labels.sum(axis=1)
    own = labels[:, column] if column is not None else np.zeros(N, dtype=int)
    levels, codes = np.unique(count - own, return_inverse=True)
    places = np.zeros((2, N_MEMBERS + 1), dtype=int)
    places[own, count] = codes
    at = codes[order]
    marked = (own == 1)[order]
    return LevelColumns(
        values=curve(levels).astype(np.float32),
        counts=np.bincount(codes),
        codes=lambda chunk: at[chunk.places],
        marks=None if column is None else lambda chunk: marked[chunk.places],
        places=places,
    )


def curve_of(levels):
    """Three columns: straight, bent, and 1 at the least level."""
    levels = np.asarray(levels, dtype=float)
    return np.stack([levels, levels**2, levels == 0])


def predictions(world, columns, *, tabled, chunk_rows=None, remember=1 << 30):
    """Predict the responses for several targets, the curves as a table or written out."""
    labels, features, folds, responses = world
    table = folded(features, folds, chunk_rows=chunk_rows, groups=labels.sum(axis=1))
    if not remember:
        rows = np.ascontiguousarray(features.T)
        table = FoldedFeatures.of(
            table.layout, lambda chunk: rows[:, chunk.rows], features.shape[1],
            remember=0, groups=table.groups,
        )  # fmt: skip
    order, asked = table.order, []
    for column in columns:
        used = np.arange(features.shape[1]) != (-1 if column is None else column)
        levels = levels_of(labels, column, order, curve_of)
        noise = features[order, -1:].T ** 2

        def extras(chunk, levels=levels, noise=noise):
            own = noise[:, chunk.places]
            if tabled:
                return own
            return np.concatenate([levels.values.take(levels.codes(chunk), axis=1), own])

        asked.append(
            Regression(
                CrossFit(table, used),
                lambda chunk: responses[order].T[:, chunk.places],
                extras,
                levels if tabled else None,
            )
        )
    together = Together(asked, remember=remember)
    parts = [together.predict(chunk) for chunk in table.layout.chunks]
    return np.array([np.concatenate(one, axis=1)[0] for one in zip(*parts, strict=True)])


@pytest.mark.parametrize("columns", [(0,), (0, 1, 5), (None, None), (2, None, 2)])
@pytest.mark.parametrize("chunk_rows", [None, 40])
def test_say_the_same_as_columns_that_are_written_out(world, columns, chunk_rows):
    found = predictions(world, columns, tabled=True, chunk_rows=chunk_rows)
    expected = predictions(world, columns, tabled=False, chunk_rows=chunk_rows)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)
    assert np.ptp(found) > 1


def test_what_is_kept_changes_no_bit(world):
    kept = predictions(world, (0, 3), tabled=True, chunk_rows=64)
    anew = predictions(world, (0, 3), tabled=True, chunk_rows=64, remember=0)
    np.testing.assert_array_equal(kept, anew)


def test_features_without_groups_are_refused(world):
    labels, features, folds, responses = world
    table = folded(features, folds)
    levels = levels_of(labels, 0, table.order, curve_of)
    fit = CrossFit(table, np.ones(features.shape[1], dtype=bool))
    with pytest.raises(ValueError, match="need the groups"):
        Together([Regression(fit, lambda chunk: responses[chunk.rows].T, None, levels)])
    with pytest.raises(ValueError, match="have no groups"):
        table.grouped(table.layout.chunks[0])


def test_sums_of_groups_are_sums_of_rows(world):
    labels, features, folds, _ = world
    table = folded(features, folds, chunk_rows=70)
    count = labels.sum(axis=1).astype(np.uint8)
    groups = RowGroups(N_MEMBERS + 1, lambda chunk: count[chunk.rows])
    asked = [levels_of(labels, column, table.order, curve_of) for column in (1, None)]
    for chunk in table.layout.chunks:
        rows = table.wide(chunk)
        grouped = GroupedRows.of(groups, chunk, rows)
        sums = sums_of_groups(grouped, chunk, asked)
        own = count[chunk.rows]
        assert grouped.present.tolist() == np.unique(own).tolist()
        for place, group in enumerate(grouped.present):
            inside = np.flatnonzero(own == group)
            marked = inside[labels[chunk.rows, 1][inside] == 1]
            np.testing.assert_allclose(sums[place, 0], rows[:, inside].sum(axis=1), atol=1e-12)
            np.testing.assert_allclose(sums[place, 1], rows[:, marked].sum(axis=1), atol=1e-12)
            assert not sums[place, 2].any()


def test_moments_are_those_of_the_rows(world):
    labels = world[0]
    levels = levels_of(labels, 2, np.arange(N), curve_of)
    rows = levels.values.take(labels.sum(axis=1) - labels[:, 2], axis=1)
    np.testing.assert_allclose(levels.moments.mean, rows.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(levels.moments.variance, rows.var(axis=1), rtol=1e-5)
