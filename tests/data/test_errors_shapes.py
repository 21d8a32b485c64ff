"""Errors of input that is missing, empty or of the wrong shape."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from leakcheck.data import build_evaluation_set
from tests.data.refusals import message


def test_no_labels():
    assert message(build_evaluation_set, [0.5]) == (
        "`labels` must hold the observed activity; it is missing. Pass one value per row, a table "
        "of loci x cell types, or a column name together with `data`."
    )


def test_a_column_name_without_data(long):
    assert "it is the string 'label'. Pass one value per row" in message(long, labels="label")
    text = message(long, celltypes="celltype")
    assert "`celltypes` must be a sequence with one name per entry" in text
    assert "it is a str. Pass a list, an array or a Series (or a column name together" in text


def test_no_predictions(long):
    text = message(long, preds=None)
    assert "`preds` must be the predictions of at least one model; it is missing (None)" in text


def test_no_loci_or_cell_types(long, wide, example):
    text = message(long, loci=None)
    assert "`loci` must be given when `labels` is one value per row; it is missing." in text
    assert "`celltypes` must be given when" in message(long, celltypes=None)
    text = message(
        wide, preds=example.scores["first"], labels=example.labels, celltypes=list("abcd")
    )
    assert "`loci` must name the rows when `labels` is an array of loci x cell types" in text
    assert "Pass 24 loci" in text
    text = message(wide, preds=example.scores["first"], labels=example.labels, loci=example.loci)
    assert "`celltypes` must name the columns when `labels` is an array" in text
    assert "Pass 4 names" in text


@pytest.mark.parametrize("empty", [[], np.array([]), pd.Series([], dtype=float), ()])
def test_empty_long_input(empty):
    text = message(build_evaluation_set, empty, empty, empty, empty)
    assert text.startswith("`labels` must have at least one row; it is empty.")


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_empty_wide_input(shape):
    text = message(build_evaluation_set, np.zeros(shape), np.zeros(shape), [], [])
    assert "`labels` must be a table of loci x cell types with at least one value" in text
    assert f"its shape is {shape}" in text


def test_empty_frame():
    frame = pd.DataFrame({"a": [], "b": []})
    text = message(build_evaluation_set, "a", "b", "a", "a", data=frame)
    assert "`data` must have at least one row; it has 0 rows and 2 columns." in text


@pytest.mark.parametrize("argument", ["preds", "loci", "celltypes", "signal", "train"])
def test_mismatched_lengths(long, example, argument):
    values = {
        "preds": np.zeros(95),
        "loci": example.table["locus"].tolist()[:95],
        "celltypes": example.table["celltype"].tolist()[:95],
        "signal": np.zeros(95),
        "train": np.zeros(95, dtype=bool),
    }
    assert message(long, **{argument: values[argument]}) == (
        f"`{argument}` must have one entry per row of `labels`; it has 95 and `labels` has 96. "
        "Pass arrays of one length, row by row."
    )


def test_the_length_of_one_of_several_models(long):
    text = message(long, preds={"a": np.zeros(96), "b": np.zeros(3)})
    assert text.startswith("`preds['b']` must have one entry per row of `labels`; it has 3")


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        (5.0, "it is a float"),
        (np.zeros((2, 2, 2)), "it is a ndarray with 3 dimensions"),
        (np.float64(1), "it is a float64 with 0 dimensions"),
        ((y for y in [1, 0]), "it is a generator"),
        ({1, 0}, "it is a set"),
        ({"a": [1]}, "it is a dict"),
    ],
)
def test_labels_that_are_no_sequence(long, labels, what):
    text = message(long, labels=labels)
    assert text.startswith("`labels` must be a sequence with one entry per row, or a table of loci")
    assert what in text


def test_sparse_matrices(wide, example):
    text = message(wide, labels=csr_array(example.labels))
    assert "it is a csr_array with 2 dimensions. Pass a list, a numpy array" in text


def test_ragged_lists(wide, example):
    rows = example.labels.tolist()
    rows[3] = rows[3][:2]
    text = message(wide, labels=rows, loci=example.loci, celltypes=example.cell_types)
    assert text == (
        "`labels` must have rows of one length; row 0 has 4 entries and row 3 has 2. Give every "
        "row the same cell types."
    )
    rows[3] = 1.0
    assert "row 0 has 4 entries and row 3 has 1." in message(
        wide, labels=rows, loci=example.loci, celltypes=example.cell_types
    )


def test_long_and_wide_mixed(long, wide, example):
    text = message(long, preds=example.scores["first"])
    assert text.startswith("`preds` must be one value per row, as `labels` is; it has two dim")
    assert "(several models: a mapping from model name to column)" in text
    text = message(wide, preds=example.table["first"].to_numpy())
    assert text.startswith("`preds` must be a table of loci x cell types, as `labels` is; it has")
    text = message(wide, signal=[1.0, 2.0])
    assert text.startswith("`signal` must be a table of loci x cell types")


def test_arrays_of_another_shape(wide, example):
    text = message(wide, preds=example.scores["first"][:, :3])
    assert text == (
        "`preds` as an array must have the shape of `labels`, (24, 4), because it has no row and "
        "column names; its shape is (24, 3). Pass a DataFrame to align it by name."
    )


def test_series_in_two_orders(long, example):
    table = example.table
    shuffled = table.sample(frac=1, random_state=0)
    text = message(long, labels=table["label"], preds=shuffled["first"])
    assert "`preds` and `labels` must be in one order, because rows are matched by position" in text
    assert "first 0 and " in text
    assert "Reorder one: preds.loc[labels.index]." in text
    reset = shuffled.reset_index(drop=True)  # its row names are those of `labels`, row by row
    long(labels=table["label"], preds=reset["first"], drop_train=True)


def test_wide_table_with_a_column_of_text(wide, example):
    labels = example.wide_labels.rename_axis("gene").reset_index()
    assert message(wide, labels=labels) == (
        "`labels` as a wide table must hold values only; its column 'gene' holds text. Make it the "
        "row names: labels.set_index('gene'); a table without row names (polars) goes through "
        "`leakcheck.adapters.evaluation_set_from_table`. In a terminal: --loci NAME for the column "
        "of loci; leave out what describes them."
    )


def test_wide_table_with_columns_of_intervals(wide, example):
    labels = example.wide_labels.reset_index(drop=True)
    labels = labels.assign(chrom="chr1", start=range(len(labels)), end=range(1, len(labels) + 1))
    assert message(wide, labels=labels) == (
        "`labels` as a wide table must hold values only; its columns chrom, start, end say where "
        "its loci are. Make them the row names: labels.set_index(['chrom', 'start', 'end']); a "
        "table without row names (polars) goes through "
        "`leakcheck.adapters.evaluation_set_from_table`."
    )


def test_wide_table_with_values_that_are_text(wide, example):
    preds = example.wide_preds.astype(object)
    head = "`preds` as a wide table must hold values only; its column 'E003' holds text, the first"
    preds.insert(0, "E004", 0.5)
    preds["E003"] = "-"
    assert f"{head} is '-'. Write decimals with a point" in message(wide, preds=preds)
    preds["E002"] = "x"
    text = message(wide, preds=preds)
    assert "its column 'E003' and 1 more hold text, the first is '-'. Write decimals" in text


def test_columns_of_two_levels(wide, example):
    labels = example.wide_labels.copy()
    labels.columns = pd.MultiIndex.from_product([["a"], labels.columns])
    text = message(wide, labels=labels)
    assert "must have one row of column names, the cell types; it has 2 levels" in text


def test_a_table_that_lies_on_its_side(wide, example):
    turned = example.wide_preds.T
    names = list(turned.index)
    text = message(wide, preds=turned)
    assert text.startswith("`preds` must be a table of loci x cell types, as `labels` is; ")
    assert f"of `labels`, the first {names[0]!r}. Turn the table round: frame.T." in text
    assert "`signal` must be a table of loci" in message(wide, signal=example.wide_labels.T)


def test_cell_types_that_differ_in_blanks(long, wide, example):
    halves = example.table["celltype"].astype(object).to_numpy(copy=True)
    halves[halves == "E002"] = ["E002 ", *["E002"] * (sum(halves == "E002") - 1)]
    assert message(long, celltypes=halves) == (
        "`celltypes` must differ by more than blanks at the ends of their names; 'E002 ' and "
        "'E002' came, and would be two cell types. Take the blanks away, for example with "
        ".str.strip()."
    )
    labels = example.wide_labels.assign(**{"E002 ": 1})
    assert "'E002' and 'E002 ' came" in message(wide, labels=labels)
