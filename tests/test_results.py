"""Tables have exactly their columns, their types, and nothing where nothing was given."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.results import TABLES, build_table, empty_table

DTYPES = {"string": object, "float": np.float64, "integer": np.int64}

#: Columns that users rely on: they come first, in this order, for good.
FIXED = {
    "scores": "model target metric value ci_low ci_high prevalence n_loci n_positive reason",
    "verdict": (
        "model target baseline metric difference ci_low ci_high skill pvalue pvalue_adjusted "
        "verdict flag specificity reason"
    ),
    "strata": "model target stratum metric value prevalence n_loci n_positive reason",
    "comparisons": (
        "family_a family_b target stratum metric statistic pvalue pvalue_adjusted effect_size "
        "n_a n_b method reason"
    ),
    "findings": "code severity model target title evidence remedy docs",
}


@pytest.mark.parametrize("name", FIXED)
def test_fixed_columns_come_first(name):
    expected = FIXED[name].split()
    assert list(TABLES[name])[: len(expected)] == expected


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_all_columns_with_their_types(name):
    table = empty_table(name)
    assert list(table.columns) == list(TABLES[name])
    assert len(table) == 0
    for column, kind in TABLES[name].items():
        assert table[column].dtype == DTYPES[kind]


@pytest.mark.parametrize("name", TABLES)
def test_absent_columns_are_filled(name):
    first = next(iter(TABLES[name]))
    table = build_table(name, {first: ["a", "b"]})
    fills = {"string": "", "float": np.nan, "integer": 0}
    for column, kind in TABLES[name].items():
        if column == first:
            continue
        assert table[column].dtype == DTYPES[kind]
        expected = pd.Series([fills[kind]] * 2, dtype=DTYPES[kind])
        pd.testing.assert_series_equal(table[column], expected, check_names=False)


def test_columns_come_in_their_order_whatever_the_order_given():
    table = build_table("within_locus", {"reason": ["r"], "pvalue": [0.5], "model": ["m"]})
    assert list(table.columns) == list(TABLES["within_locus"])
    assert table.loc[0, ["model", "pvalue", "reason"]].tolist() == ["m", 0.5, "r"]


def test_values_are_converted_and_rows_counted_anew():
    values = pd.Series([1, 2], index=[7, 9])
    table = build_table("scores", {"value": values.to_numpy(), "n_loci": np.array([1.0, 2.0])})
    assert table["value"].tolist() == [1.0, 2.0]
    assert table["n_loci"].tolist() == [1, 2]
    assert table.index.tolist() == [0, 1]
    assert table["model"].tolist() == ["", ""]


def test_unknown_columns_are_refused():
    with pytest.raises(KeyError, match=r"table 'scores' has no columns \['f1', 'mcc'\]"):
        build_table("scores", {"model": ["m"], "f1": [0.5], "mcc": [0.1]})


def test_unknown_tables_are_refused():
    with pytest.raises(KeyError, match="nothing"):
        build_table("nothing", {})


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="length"):
        build_table("scores", {"model": ["a", "b"], "target": ["t", "t"], "value": [1.0]})
