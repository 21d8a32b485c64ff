"""Predictions of few cell types are stored as their columns, and look like whole matrices."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from leakcheck.data import build_evaluation_set
from leakcheck.data.predictions import Predictions, ScoreColumns


@pytest.fixture
def some() -> ScoreColumns:
    values = np.array([[0.1, 0.2], [np.nan, 0.4], [0.5, 0.6]])
    return ScoreColumns(values=values, columns=np.array([1, 3]), n_cell_types=5)


def test_the_grid(some):
    grid = np.full((3, 5), np.nan)
    grid[:, [1, 3]] = some.values
    np.testing.assert_array_equal(some.grid(), grid)
    assert some.shape == (3, 5)
    whole = ScoreColumns.of_grid(grid)
    assert np.shares_memory(whole.grid(), grid)
    for cell_type in range(5):
        for stored in (some, whole):
            np.testing.assert_array_equal(stored.column(cell_type), grid[:, cell_type])
            assert not stored.column(cell_type).flags.writeable


def test_pairs_that_have_scores(some):
    marked = np.zeros((3, 5), dtype=bool)
    marked[0, 0] = True
    some.mark_predicted(marked)
    expected = ~np.isnan(some.grid())
    expected[0, 0] = True
    np.testing.assert_array_equal(marked, expected)


def test_pairs_that_lack_scores(some):
    pairs = ~np.isnan(some.grid())
    assert some.missing(pairs) is None
    for cell in ((1, 1), (0, 4)):  # a gap in a column, and a column that is not there
        asked = pairs.copy()
        asked[cell] = True
        missing = some.missing(asked)
        assert np.argwhere(missing).tolist() == [list(cell)]


def test_the_mapping(some):
    predictions = Predictions({"a": some, "b": some})
    assert list(predictions) == ["a", "b"]
    assert len(predictions) == 2
    assert "a" in predictions
    assert repr(predictions) == "Predictions(['a', 'b'])"
    np.testing.assert_array_equal(predictions["b"], some.grid())
    assert predictions.columns_of("a") is some
    with pytest.raises(KeyError):
        predictions["c"]
    again = pickle.loads(pickle.dumps(predictions))  # noqa: S301
    np.testing.assert_array_equal(again["a"], some.grid())


def test_columns_of_a_table_are_not_copied(example):
    preds = example.wide(np.random.default_rng(0).random((24, 4)))[["E002", "E003"]]
    built = build_evaluation_set(preds, example.wide_labels)
    stored = built.predictions.columns_of("model")
    assert stored.columns.tolist() == [1, 2]
    assert np.shares_memory(stored.values, preds.to_numpy())
    turned = build_evaluation_set(preds.iloc[:, ::-1], example.wide_labels)
    assert turned.equals(built)


def test_scores_of_one_cell_type(example, expected):
    for data in (expected, replace(expected, predictions=dict(expected.predictions))):
        np.testing.assert_array_equal(data.scores_of("model", 2), example.scores["first"][:, 2])
        assert np.isnan(data.scores_of("model", 0)).all()
        assert data.equals(expected)
