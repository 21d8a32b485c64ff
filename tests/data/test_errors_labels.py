"""Errors of labels."""

import numpy as np
import pandas as pd
import pytest

from tests.data.refusals import message


def test_labels_1_and_2(long, example):
    assert message(long, labels=example.table["label"] + 1) == (
        "`labels` must be 0/1 (False/True) or real numbers; there are only 2 distinct values: 1, 2."
        " Name the one that means active, for example positive_label=2, or pass "
        "label_kind='continuous'; in a terminal: --positive-label 2, or --label-kind continuous."
    )


def test_labels_of_text(long, example):
    labels = np.where(example.table["label"] == 1, "on", "off")
    text = message(long, labels=labels)
    assert "they are text with 2 distinct values: ['" in text
    assert text.endswith(  # the first row is "off", which nobody is to copy
        "Name the one that means active, positive_label='off' or positive_label='on'; in a "
        "terminal: --positive-label off, or --positive-label on."
    )


@pytest.mark.parametrize("code", [-1, 2, 0.5, 255])
def test_labels_0_1_and_a_code(long, example, code):
    labels = example.table["label"].to_numpy(dtype=float, copy=True)
    labels[[3, 7]] = code
    text = message(long, labels=labels)
    assert "there are only 3 distinct values: " in text
    assert "Set what was not observed to NaN (in a table: an empty field), or pass " in text
    assert text.endswith("in a terminal: --label-kind continuous.")
    assert long(labels=labels, label_kind="continuous").label_kind == "continuous"


@pytest.mark.parametrize(
    ("third", "end"),
    [
        ("poised", "with NaN (in a file: an empty field) where nothing was observed."),
        ("1", "of what is no number; in a file leave such a field empty."),
    ],
)  # fmt: skip
def test_labels_of_three_texts(long, third, end):
    text = message(long, labels=np.array(["on", ".", third])[np.arange(96) % 3])
    assert "they are text with 3 distinct values: ['on', '.', " in text
    assert text.endswith(end)


def test_a_positive_label_that_is_not_there(long, example):
    labels = np.where(example.table["label"] == 1, "on", "off")
    text = message(long, labels=labels, positive_label="yes")
    assert text.startswith("`positive_label` must be one of the labels; it is 'yes' and the labels")
    assert "'on'" in text
    assert "in the same type" in message(long, positive_label="1")


def test_a_positive_label_among_three(long, example):
    labels = np.array(["on", "off", "poised"])[np.arange(96) % 3]
    text = message(long, labels=labels, positive_label="on")
    assert "`labels` must have two distinct values when `positive_label` is given; there are 3" in (
        text
    )
    assert "labels == 'on', and NaN where nothing was observed." in text


def test_a_positive_label_for_continuous_labels(long):
    text = message(long, positive_label=1, label_kind="continuous")
    assert "`positive_label` makes labels binary, and label_kind='continuous' was asked" in text


def test_labels_that_are_not_what_was_asked(long, example):
    labels = example.table["label"].to_numpy(copy=True)
    labels[[3, 7]] = 0.25
    text = message(long, labels=labels, label_kind="binary")
    assert "`labels` must be 0 or 1 when label_kind='binary'; 2 of 96 values are neither" in text
    assert "the first is 0.25. Threshold them first, for example (labels > 0.5)" in text
    text = message(long, label_kind="ordinal")
    assert text.startswith("`label_kind` must be 'binary' or 'continuous'; it is 'ordinal'.")


def test_infinite_labels(long, wide, example):
    labels = example.table["label"].to_numpy(copy=True)
    labels[[5, 9]] = [np.inf, -np.inf]
    assert message(long, labels=labels) == (
        "`labels` must be finite; 2 of 96 values are infinite, the first is row 5. Set them to NaN "
        "if they were not observed, or cap them."
    )
    table = example.wide_labels
    table.iloc[3, 1] = np.inf
    assert "the first is row 3, column 1" in message(wide, labels=table)


def test_labels_too_large_to_square(long, wide, example):
    labels = example.table["label"].to_numpy(copy=True) + 0.5
    labels[[5, 9]] = [1e200, -1e75]
    rule = (
        "`labels` must be below 1e+75 in size when labels are real numbers, because their errors "
        "are squared; "
    )
    assert message(long, labels=labels, label_kind="continuous") == (
        f"{rule}2 of 96 values are not, the first is row 5: 1e+200. Correct the unit, or cap them."
    )
    table = example.wide_labels + 0.5
    table.iloc[3, 1] = -1e80
    text = message(wide, labels=table, label_kind="continuous")
    assert text.startswith(f"{rule}1 of 96 values is not, the first is row 3, column 1: -1e+80.")


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_only(long, example, value):
    labels = example.table["label"].to_numpy(copy=True)
    labels[example.table["celltype"] == "E003"] = value
    assert message(long, labels=labels) == (
        f"`labels` must have both 0 and 1 among the audited pairs; all 24 are {value:g}, so no "
        "ranking can be right or wrong. Audit more loci or cell types, or check how the labels "
        "were made."
    )


def test_constant_continuous_labels(long, example):
    labels = example.table["label"].to_numpy() + np.arange(96)
    labels[example.table["celltype"] == "E003"] = 2.5
    text = message(long, labels=labels)
    assert "`labels` must have different values among the audited pairs; all 24 are 2.5" in text


def test_of_many_labels_that_are_text_those_are_shown_that_are_no_numbers(long, example):
    labels = pd.Series(np.arange(96) / 8).map("{:.2f}".format)
    labels[40] = "high"
    text = message(long, labels=labels)
    assert "they are text with 96 distinct values, 1 of them no number: ['high']. Convert" in text
    text = message(long, labels=labels.str.replace(".", ","))
    assert text.endswith("Write decimals with a point, and nothing between thousands.")
