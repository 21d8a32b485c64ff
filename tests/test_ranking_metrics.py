"""The metrics of the front door: what base computes, for whatever can be understood."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.base import ranking
from leakcheck.exceptions import ValidationError

NAMES = ("average_precision", "expected_average_precision", "auroc")
SCORES = np.array([0.9, 0.5, 0.5, 0.1, 0.7])
TRUTH = np.array([True, False, True, False, False])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "labels",
    [TRUTH, TRUTH.astype(np.int8), TRUTH.astype(float), TRUTH.tolist(), pd.Series(TRUTH) * 1],
    ids=["bool", "int8", "float", "list", "series"],
)
def test_labels_of_every_type_give_what_booleans_give(name, labels):
    expected = getattr(ranking, name)(TRUTH, SCORES)
    assert getattr(leakcheck, name)(labels, SCORES) == expected
    assert getattr(leakcheck, name)(labels, SCORES.tolist()) == expected
    weights = [1, 2, 1, 0, 3]
    weighted = getattr(ranking, name)(TRUTH, SCORES, weights=np.array(weights, dtype=float))
    assert getattr(leakcheck, name)(labels, SCORES, weights=weights) == weighted != expected


@pytest.mark.parametrize(
    ("labels", "scores", "weights", "message"),
    [
        ([0, 2, 1], [1, 2, 3], None, "`labels` must be 0 or 1; 1 of 3 are not, .* row 1: 2"),
        ([0, np.nan, 1], [1, 2, 3], None, "`labels` must be 0 or 1; 1 of 3 are not"),
        (["a", "b"], [1, 2], None, "`labels` must be numbers"),
        ([[0, 1]], [1, 2], None, "`labels` must be numbers, one for each row; .* 2 dimensions"),
        ([0, 1], [1, 2, 3], None, "`scores` must have one entry for each label; 3 came for 2"),
        ([0, 1], [1, np.nan], None, "`scores` must be finite; 1 of 2 are not, .* row 1: nan"),
        ([0, 1], [1, np.inf], None, "`scores` must be finite"),
        ([0, 1], [1, 2], [1, -1], "`weights` must be finite and 0 or more; .* row 1: -1.0"),
        ([0, 1], [1, 2], [1], "`weights` must have one entry"),
        ([0, 1], np.ma.array([1, 2], mask=[0, 1]), None, "`scores` must .* 1 of 2 are masked"),
        (np.ma.array([0, 1], mask=[1, 0]), [1, 2], None, "`labels` must have no masked entries"),
        ([0, 1], [[1], [2, 3]], None, "`scores` must be numbers, .* of several lengths came"),
        ([0, 1], np.array([0, "1e400"], dtype=np.longdouble), None, "`scores` must be finite"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_understood_is_refused(name, labels, scores, weights, message):
    with pytest.raises(ValidationError, match=message):
        getattr(leakcheck, name)(labels, scores, weights=weights)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scores", [SCORES, SCORES - 0.5], ids=["positive", "of both signs"])
def test_scores_of_extended_precision_are_read_as_doubles(name, scores):
    expected = getattr(ranking, name)(TRUTH, scores)
    assert getattr(leakcheck, name)(TRUTH, scores.astype(np.longdouble)) == expected
    assert getattr(leakcheck, name)(TRUTH, np.ma.array(scores)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_scores_of_bfloat16_are_numbers(name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    scores = SCORES.astype(ml_dtypes.bfloat16)
    expected = getattr(ranking, name)(TRUTH, scores.astype(np.float32))
    assert getattr(leakcheck, name)(TRUTH, scores) == expected


def test_what_came_is_not_changed():
    labels, scores = TRUTH.astype(int), SCORES.copy()
    leakcheck.auroc(labels, scores)
    assert (labels == TRUTH).all()
    assert (scores == SCORES).all()
