"""Errors of predictions and of the names of models."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data.models import RESERVED_NAMES
from tests.data.refusals import message


def test_infinite_predictions(long, wide, example):
    scores = example.table["first"].to_numpy(copy=True)
    scores[[2, 6, 10]] = np.inf
    text = message(long, preds=scores)
    assert text.startswith(
        "`preds` must be finite; 3 of 96 values are infinite, the first is row 2."
    )
    assert "Clip them" in text
    scores = example.scores["first"].astype(np.float16)
    scores[4, 2] = -np.inf
    text = message(wide, preds={"a": scores})
    assert (
        "`preds['a']` must be finite; 1 of 96 values is infinite, the first is row 4, column 2"
        in (text)
    )


def test_predictions_too_large_to_square(long, wide, example):
    scores = example.table["first"].to_numpy(copy=True)
    scores[[2, 6]] = [1e200, -1e100]
    text = message(long, preds=scores, label_kind="continuous")
    assert text == (
        "`preds` must be below 1e+75 in size when labels are real numbers, because their errors "
        "are squared; 2 of 96 values are not, the first is row 2: 1e+200. Correct the unit, or cap "
        "them."
    )
    table = example.scores["first"].copy()
    table[4, 2] = -1e80
    text = message(wide, preds={"a": example.wide(table)}, label_kind="continuous")
    assert "`preds['a']` must be below 1e+75" in text
    assert "1 of 96 values is not, the first is row 4, column 2: -1e+80." in text


def test_ranks_need_no_squares(wide, example):
    assert wide(preds=example.wide_preds * 1e300).label_kind == "binary"


def test_predictions_of_text(long, example):
    scores = example.table["first"].astype(object)
    scores[10] = "high"
    assert message(long, preds=scores) == (
        "`preds` must be numbers; 1 of 96 values is not, the first is 'high'. Write decimals with "
        "a point, nothing between thousands, and NaN (in a file: an empty field) where there is no "
        "value."
    )
    scores[11] = 1j
    scores[10] = 0.5
    assert "the first is 1j" in message(long, preds=scores)


def test_of_numbers_that_are_text_only_what_is_none_is_counted(long, example):
    scores = example.table["first"].map(repr).astype(object)
    scores[[4, 9]] = "-", "1,047.5"
    assert "2 of 96 values are not, the first is '-'. Write decimals" in message(long, preds=scores)
    assert "2 of 96 values are text, the first is '-'. Write" in message(long, signal=scores)
    scores[[4, 9]] = "0.1"
    text = message(long, preds=scores)
    assert "96 of 96 values are not, the first is " in text
    assert text.endswith("Convert them: pandas.to_numeric(...).")


def test_dates_are_no_numbers(long, example):
    days = np.datetime64("2020-01-01", "ns") + np.arange(96)
    for dates in (days, pd.Series(days)):
        assert "96 of 96 values are not, the first is '2020-01-" in message(long, preds=dates)


def test_a_container_that_is_no_table(wide):
    adata = pytest.importorskip("anndata").AnnData(np.zeros((3, 2)))
    assert "it is an AnnData with 2 dimensions" in message(wide, preds=adata)
    assert "it is an AnnData" in message(wide, preds={"net": adata})


def test_missing_predictions_of_audited_pairs(long, example):
    scores = example.table["first"].to_numpy(copy=True)
    scores[[2, 6]] = np.nan
    assert message(long, preds=scores) == (
        "`preds` must have a prediction of every audited pair from every model; of 24 audited "
        "pairs these are missing (NaN): 'model' 2. The first is (chr1:0-200, E003). Fill them in, "
        "or leave these pairs out. A pair that is not to be audited must have no label."
    )


def test_missing_in_some_models_only(long, example):
    second = example.table["second"].to_numpy(copy=True)
    second[[6, 10, 14]] = np.nan
    text = message(
        long, preds={"first": example.table["first"].to_numpy(), "second": second}, train=None
    )
    assert (
        "of 24 audited pairs these are missing (NaN): 'second' 3. The first is (chr2:1000-" in text
    )
    assert text.endswith("A pair that is reference must be missing in all models.")
    many = {f"m{i}": second for i in range(7)} | {"first": example.table["first"].to_numpy()}
    assert ", ... (7 models in all)" in message(long, preds=many)


def test_all_predictions_missing(long, wide, example):
    text = message(long, preds=np.full(96, np.nan))
    assert text.startswith("`preds` must hold predictions of pairs to audit; all are missing (NaN)")
    assert "all are missing" in message(wide, preds=example.wide_preds * np.nan)


def test_models_that_cover_different_parts(wide, example):
    preds = {"a": example.wide_preds, "b": example.wide_preds.iloc[:20]}
    assert "these are missing (NaN): 'b' 4" in message(wide, preds=preds)


@pytest.mark.parametrize("name", RESERVED_NAMES)
def test_reserved_names(wide, example, name):
    text = message(wide, preds={name: example.wide_preds})
    assert f"must not use the names of baselines for its models; it has ['{name}']" in text
    assert f"Rename it, for example 'my-{name}'." in text


@pytest.mark.parametrize("name", ["", " ", 3, None])
def test_names_that_are_no_names(wide, example, name):
    text = message(wide, preds={name: example.wide_preds})
    assert f"`preds` must name its models with non-empty strings; one name is {name!r}." in text


def test_names_twice(wide, example):
    nested = {"x": {"a": example.wide_preds}, "y": {"a": example.wide_preds}}
    text = message(wide, preds=nested)
    assert text == "`preds` must name each of its models once; repeated: ['a']. Rename them."


def test_no_models(wide, example):
    assert "the mapping is empty" in message(wide, preds={})
    assert "the mapping is empty" in message(wide, preds={"x": {}, "y": {"a": example.wide_preds}})


def test_half_nested(wide, example):
    preds = {"x": {"a": example.wide_preds}, "b": example.wide_preds}
    text = message(wide, preds=preds)
    assert (
        "`preds` must be model -> predictions or family -> model -> predictions throughout" in text
    )
    assert "'x' is a family and 'b' is not. Put 'b' into a family." in text


def test_families(wide, example):
    preds = {"linear": example.wide_preds, "forest": example.wide_preds}
    text = message(wide, preds=preds, families={"forrest": "trees"})
    assert text == (
        "`families` names models that are not in `preds`: ['forrest']. Did you mean 'forest'?"
    )
    text = message(wide, preds=preds, families={"xyz": "trees"})
    assert text.endswith("['xyz']. Known are ['linear', 'forest'].")
    text = message(wide, preds=preds, families=["forest"])
    assert text == (
        "`families` must map names of models to names of families; it is a list. Give for example "
        "{'linear': 'net'}."
    )
    text = message(wide, preds=preds, families={"forest": ""})
    assert "`families` must name families with non-empty strings; one is ''" in text
    text = message(wide, preds={"x": preds}, families={"forest": "trees"})
    assert "`families` must be left out when `preds` is nested" in text


def test_a_column_that_is_no_model_is_named(long, example):
    second = example.table["second"].to_numpy(copy=True)
    models = {"first": second, "gc": np.linspace(0, 1, len(second))}
    text = message(long, preds=models, train=None)
    assert "['gc'] has a value everywhere: where a column is no model, leave it out of the" in text
