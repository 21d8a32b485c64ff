"""Errors of cell types and of the reference."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from leakcheck.data import build_evaluation_set
from tests.data.refusals import message


def test_unknown_cell_types_in_train(long):
    assert message(long, train=["E001", "E0004"]) == (
        "`train` names cell types that are not in `celltypes`: ['E0004']. Did you mean 'E004'?"
    )
    text = message(long, train=["K562", "HeLa"])
    assert text.endswith("['K562', 'HeLa']. Known are ['E001', 'E002', 'E003', 'E004'].")


def test_the_case_of_a_name(long):
    assert message(long, train=["e001"]).endswith("['e001']. Did you mean 'E001'?")


@pytest.mark.parametrize("argument", ["preds", "signal", "train"])
def test_unknown_columns(wide, example, argument):
    table = example.wide(np.ones((24, 4)) > 0 if argument == "train" else example.labels)
    text = message(wide, **{argument: table.rename(columns={"E003": "E03"})})
    assert text == (
        f"`{argument}` names cell types that are not in `labels`: ['E03']. Did you mean 'E003'?"
    )


def test_missing_names(long, example):
    cell_types = example.table["celltype"].tolist()
    cell_types[4] = None
    cell_types[8] = float("nan")
    assert message(long, celltypes=cell_types) == (
        "`celltypes` must name every entry; 2 of 96 entries are missing or empty, the first is "
        "entry 4. Fill them in or drop these rows."
    )
    assert "1 of 96 entries is missing or empty, the first is entry 0" in message(
        long, loci=["", *example.table["locus"].tolist()[1:]]
    )


def test_names_of_two_dimensions(long, example):
    text = message(long, celltypes=np.array([["a"], ["b"]]))
    assert "`celltypes` must be one-dimensional; it has shape (2, 1)." in text


def test_cell_types_beside_a_wide_table(wide, example):
    text = message(wide, celltypes=["E001", "E002", "E003"])
    assert (
        "`celltypes` must name each column of `labels`; it has 3 names and `labels` has 4" in text
    )
    text = message(wide, celltypes=["E001", "E003", "E002", "E004"])
    assert (
        "the first that differs is number 1: 'E003' against 'E002'. Leave `celltypes` out" in text
    )
    text = message(wide, celltypes=["E001", "E002", "E001", "E004"])
    assert "`celltypes` must name each column once; 1 name came more than once: ['E001']" in text


def test_every_row_has_a_prediction_and_no_train(example):
    scores = np.random.default_rng(0).random((24, 4))
    assert message(
        build_evaluation_set, scores, example.labels, example.loci, example.cell_types
    ) == (
        "`train` must say which labels are the reference, because none can be inferred: every "
        "labelled pair has a prediction (96 pairs in 4 cell types). Either name the cell types "
        "that the model was trained on, for example train=['E001', 'E002'], or pass "
        'train="leave-one-out" to compare each cell type with all others.'
    )


def test_train_is_another_string(long):
    text = message(long, train="leave_one_out")
    assert text.startswith("`train` must be a boolean mask, a list of cell types, a separate table")
    assert "it is the string 'leave_one_out'. Did you mean 'leave-one-out'?" in text
    text = message(long, train="E001")
    assert text.endswith("To name one reference cell type, pass a list: train=['E001'].")


@pytest.mark.parametrize(("train", "kind"), [({"E001": 1}, "dict"), (5, "int"), (True, "bool")])
def test_train_of_another_type(long, train, kind):
    text = message(long, train=train)
    assert f"it is a {kind}. Name the reference cell types, for example train=[" in text


def test_empty_train(long):
    text = message(long, train=[])
    assert "`train` must name at least one reference cell type; it is empty." in text


@pytest.mark.parametrize(
    "train",
    [[1, 2], np.array([0, 1, 1]), [True, None, False], pd.array([True, None], dtype="boolean")],
)
def test_train_of_numbers_or_missing(long, train):
    text = message(long, train=train)
    assert (
        "`train` must be True or False everywhere, or names of cell types; it holds numbers" in text
    )
    assert "Convert a mask with .astype(bool)" in text


def test_masks_of_the_other_form(long, wide, example):
    mask = np.tile([True, True, False, True], (24, 1))
    text = message(long, train=mask)
    assert "`train` must be one boolean per row when `labels` is one value per row" in text
    assert "it is a table of shape (24, 4)" in text
    text = message(wide, train=mask.ravel())
    assert "`train` as a mask must have the shape of `labels` when they are a table" in text
    assert "it has 96 values in one dimension" in text


def test_masks_with_numbers_or_gaps(wide, example):
    text = message(wide, train=np.ones((24, 4)))
    assert "`train` as a table must be True or False everywhere, or a DataFrame of labels" in text
    mask = example.wide(np.ones((24, 4)) > 0).astype("boolean")
    mask.iloc[0, 0] = pd.NA
    assert "Fill it with .fillna(False)" in message(wide, train=mask)


def test_masks_that_do_not_cover(wide, example):
    mask = example.wide(np.tile([True, True, False, True], (24, 1)))
    text = message(wide, train=mask.iloc[:20])
    assert "`train` must cover the loci and cell types of `labels`; it lacks 4 loci of 24" in text
    text = message(wide, train=mask[["E001", "E003"]])
    assert "it lacks 2 cell types of 4: ['E002', 'E004']. Add them (NaN where" in text


def test_no_reference_labels(long, example):
    text = message(long, train=np.zeros(96, dtype=bool))
    assert "`train` must name labels, which are then the reference, and it has none." in text
    labels = example.table["label"].to_numpy(copy=True)
    labels[example.table["celltype"] == "E001"] = np.nan
    text = message(long, labels=labels, train=["E001"])
    assert "which are then the reference, and ['E001'] have none. Name cell types" in text


def test_predictions_and_labels_that_are_swapped(wide, long, example):
    few = example.wide(example.labels)[["E003"]]
    text = message(wide, preds=example.wide(example.labels), labels=few, train=None)
    assert text == (
        "`preds` must have cell types of `labels` only; it has all of them and 3 more: "
        "['E001', 'E002', 'E004']. Are the two swapped? If not, add the labels of these, or leave "
        "them out of `preds`."
    )
    scores = np.where(example.table["celltype"] == "E003", np.arange(96) / 96, np.nan)
    swapped = {"preds": example.table["label"], "labels": scores}
    text = message(long, **swapped, train=["E001", "E002"])
    assert "['E001', 'E002'] have none but predictions: are `preds` and `labels` swapped?" in text


def test_train_names_every_predicted_cell_type(long, wide):
    for build in (long, wide):
        text = message(build, train=["E001", "E003"])
        assert "`train` must leave some pairs to audit; it names every pair that has a pred" in text
        assert "(1 cell type: ['E003']), and a target cannot be its own reference." in text
        assert 'or pass train="leave-one-out"' in text


def test_nothing_is_labelled_and_predicted(long, example):
    labels = example.table["label"].to_numpy(copy=True)
    labels[example.table["celltype"] == "E003"] = np.nan
    for train in (None, ["E001"], example.table["reference"].to_numpy()):
        text = message(long, labels=labels, train=train)
        assert "`preds` and `labels` must share pairs to audit; no (locus, cell type) pair" in text
        assert "Predictions are of ['E003'], labels of ['E001', 'E002'" in text


def test_leave_one_out_of_one_cell_type(example):
    text = message(
        build_evaluation_set,
        example.wide_preds,
        example.wide_labels[["E003"]],
        train="leave-one-out",
    )
    assert '`train="leave-one-out"` needs labels of at least two cell types' in text
    assert "there are labels of ['E003']" in text


def test_contaminated_pairs(wide, example):
    labels = example.wide_labels
    assert message(wide, labels=labels[["E003"]], train=labels.iloc[:7]) == (
        "`train` must not hold audited pairs: the model would have seen the answer; 7 of 24 "
        "audited pairs are also in `train`, the first is (chr1:0-200, E003). Take them out of "
        "`train`, or out of `preds`."
    )


def test_labels_that_disagree(wide, example):
    train = example.wide_labels[["E001", "E002"]].copy()
    train.iloc[5, 1] = 1 - train.iloc[5, 1]
    text = message(wide, train=train)
    assert "`train` and `labels` must agree where both have a label; 1 of 48 pairs differs" in text
    assert f"the first is ({example.loci[5]}, E002): " in text


def test_label_tables_with_other_ids(wide, example):
    train = example.wide_labels.drop(columns="E003").set_axis([f"G{i}" for i in range(24)])
    text = message(wide, labels=example.wide_labels[["E003"]], train=train)
    assert "`train` must share loci with `labels`; none of its 24 loci is among the 24" in text
    assert "it has 'G0', `labels` has 'chr1:0-200'" in text


def test_label_tables_without_row_names(long, example):
    text = message(long, train=example.wide_labels.reset_index(drop=True))
    assert (
        "`train` as a table of labels must have loci as row names, or the columns locus, cell"
        in (text)
    )


def test_long_label_tables_without_loci(long, example):
    text = message(long, train=example.table[["celltype", "label"]])
    assert (
        "`train` as a long table must have rows and the columns locus (or chrom, start, end)"
        in text
    )
    assert "it has 96 rows and ['celltype', 'label']" in text
    assert "it has 0 rows" in message(long, train=example.table.iloc[:0])


def test_label_tables_of_another_kind(wide, example):
    train = example.wide_labels.drop(columns="E003") + 0.5
    text = message(wide, labels=example.wide_labels[["E003"]], train=train, label_kind="binary")
    assert "`labels` must be 0 or 1 when label_kind='binary'; 72 of 96 values are neither" in text


def test_polars_frames_as_train_need_locus_columns(long):
    assert "`train` as a table of labels must have loci" in message(
        long, train=pl.DataFrame({"E001": [1.0, 0.0]})
    )
