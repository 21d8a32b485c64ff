"""One model, several, families of models, and a finished evaluation set."""

import numpy as np
import polars as pl
import pytest

from leakcheck.data import build_evaluation_set
from leakcheck.exceptions import ValidationError


def two_models(example):
    table = example.table
    return {
        "long": lambda **kw: build_evaluation_set(
            {"first": table["first"], "second": table["second"].tolist()},
            table["label"],
            table["locus"],
            table["celltype"],
            **kw,
        ),
        "long frame": lambda **kw: build_evaluation_set(
            table[["first", "second"]], table["label"], table["locus"], table["celltype"], **kw
        ),
        "long polars frame": lambda **kw: build_evaluation_set(
            pl.from_pandas(table[["first", "second"]]),
            table["label"],
            table["locus"],
            table["celltype"],
            **kw,
        ),
        "columns": lambda **kw: build_evaluation_set(
            ["first", "second"], "label", "locus", "celltype", data=table, **kw
        ),
        "column mapping": lambda **kw: build_evaluation_set(
            {"first": "first", "second": "second"},
            "label",
            "locus",
            "celltype",
            data=table,
            **kw,
        ),
        "wide": lambda **kw: build_evaluation_set(
            {"first": example.wide_preds, "second": example.scores["second"]},
            example.wide_labels,
            **kw,
        ),
    }


@pytest.mark.parametrize(
    "form", ["long", "long frame", "long polars frame", "columns", "column mapping", "wide"]
)
def test_two_models(example, form):
    built = two_models(example)[form](train=example.train)
    assert built.models == ("first", "second")
    for model in built.models:
        np.testing.assert_array_equal(built.predictions[model], example.scores[model])
    assert built.families == {}
    assert built.equals(two_models(example)["long"]())


def test_families_nested_or_beside(example):
    nested = {
        "trees": {"first": example.wide_preds},
        "networks": {"second": example.scores["second"]},
    }
    flat = {"first": example.wide_preds, "second": example.scores["second"]}
    families = {"first": "trees", "second": "networks"}
    a = build_evaluation_set(nested, example.wide_labels)
    b = build_evaluation_set(flat, example.wide_labels, families=families)
    assert a.families == b.families == families
    assert a.equals(b)
    partly = build_evaluation_set(flat, example.wide_labels, families={"first": "trees"})
    assert partly.families == {"first": "trees"}


def test_nested_column_names(example):
    built = build_evaluation_set(
        {"trees": {"a": "first"}, "networks": {"b": "second"}},
        "label",
        "locus",
        "celltype",
        data=example.table,
    )
    assert built.families == {"a": "trees", "b": "networks"}
    np.testing.assert_array_equal(built.predictions["b"], example.scores["second"])


def test_an_evaluation_set_is_returned_as_it_is(expected):
    assert build_evaluation_set(expected) is expected


def test_an_evaluation_set_takes_no_further_arguments(expected, example):
    with pytest.raises(ValidationError, match="`train` must be left out when `preds` is an Eval"):
        build_evaluation_set(expected, train=example.train, label_kind="binary")
