"""What labels are taken for, and how they become numbers."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import build_evaluation_set
from leakcheck.data.arrays import plain
from leakcheck.data.labels import choose_coding


def kind_of(values, **options) -> str:
    return choose_coding([plain(values, "labels")], "labels", **options).kind


@pytest.mark.parametrize(
    "values",
    [
        [0, 1],
        [1, 1],
        [0.0, 1.0, np.nan],
        [True, False],
        [True, None],
        [True, 0, 1.0],
        np.array([0, 1], dtype=np.uint8),
        pd.array([0, 1, None], dtype="Int8"),
        pd.Series([1, 0, None], dtype="category"),
        [None, None],
    ],
)
def test_binary(values):
    assert kind_of(values) == "binary"


@pytest.mark.parametrize("values", [[0.1, 0.5, 0.9], [0, 1, 2, 3], [-1, 0, 2], [3, 1, 7, np.nan]])
def test_continuous(values):
    assert kind_of(values) == "continuous"
    assert kind_of(values, label_kind="continuous") == "continuous"


@pytest.mark.parametrize("values", [[0, 1], [True, False], [1, 2], [0.25, 0.25], [-1, 0, 1]])
def test_forced_to_be_continuous(values):
    assert kind_of(values, label_kind="continuous") == "continuous"


def test_forced_to_be_binary():
    assert kind_of([0, 1, np.nan], label_kind="binary") == "binary"


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["off", "on", None, "on"], "on"),
        ([1, 2, None, 2], 2),
        ([1, 0, np.nan, 0], 0),
        (pd.Categorical(["no", "yes", None, "yes"]), "yes"),
        (pd.array(["-", "+", pd.NA, "+"], dtype="string"), "+"),
        (np.array([False, True, None, True], dtype=object), True),
        ([None, "active", None, "active"], "active"),
    ],
)
def test_a_positive_label(values, positive):
    raw = plain(values, "labels")
    coding = choose_coding([raw], "labels", positive_label=positive)
    assert coding.kind == "binary"
    coded = coding.apply(raw)
    missing = pd.isna(raw)
    np.testing.assert_array_equal(coded[~missing], (raw[~missing] == positive).astype(float))
    assert np.isnan(coded[missing]).all()
    assert coded[3] == 1.0


def test_the_kind_is_that_of_all_tables_together():
    assert choose_coding([np.array([0, 1]), np.array([0.5, 3])], "labels").kind == "continuous"


def test_positive_label_through_the_border(example, expected):
    text = np.where(example.table["label"] == 1, "active", "inactive")
    preds, _, loci, cell_types = example.columns
    built = build_evaluation_set(
        preds, text, loci, cell_types, train=example.train, positive_label="active"
    )
    assert built.equals(expected)
    wide = example.wide_labels.replace({0.0: "inactive", 1.0: "active"})
    built = build_evaluation_set(
        example.wide_preds, wide, train=example.train, positive_label="active"
    )
    assert built.equals(expected)


def test_text_labels_beside_a_column_without_any(example):
    wide = example.wide_labels.replace({0.0: "off", 1.0: "on"}).assign(E005=np.nan)
    built = build_evaluation_set(example.wide_preds, wide, train=example.train, positive_label="on")
    np.testing.assert_array_equal(built.labels[:, :4], example.labels)
    assert np.isnan(built.labels[:, 4]).all()


def test_missing_labels_stay_missing(example):
    labels = example.wide_labels
    labels.iloc[[1, 3], [0, 2]] = np.nan
    built = build_evaluation_set(example.wide_preds, labels, train=example.train)
    np.testing.assert_array_equal(np.isnan(built.labels), labels.isna())
    assert built.audited.sum() == 22
    assert built.reference.sum() == 70
    (note,) = built.notes
    assert note.code == "LK017"
    assert note.evidence.startswith("4 of 96 labels are missing: taken as not observed, never as")


def test_one_class_in_one_target_is_no_error(example):
    labels = example.labels.copy()
    labels[:, 2] = 1
    scores = np.random.default_rng(0).random((24, 4))
    built = build_evaluation_set(
        scores, labels, example.loci, example.cell_types, train="leave-one-out"
    )
    assert built.targets == example.cell_types
