"""Errors of the signal and of column names."""

import numpy as np

from leakcheck.data import build_evaluation_set
from tests.data.refusals import message


def test_signal_of_text(long):
    text = message(long, signal=["x"] * 96)
    assert "`signal` must be numbers; 96 of 96 values are text, the first is 'x'." in text


def test_signal_with_text_among_numbers(long):
    signal = np.arange(96).astype(object)
    signal[[3, 5]] = "low", "high"
    text = message(long, signal=signal)
    assert "`signal` must be numbers; 2 of 96 values are text, the first is 'low'." in text


def test_infinite_signal(wide, example):
    signal = example.wide_labels * 5
    signal.iloc[2, 3] = np.inf
    text = message(wide, signal=signal)
    assert (
        "`signal` must be finite; 1 of 96 values is infinite, the first is row 2, column 3" in text
    )


def test_signal_that_does_not_cover(wide, example):
    text = message(wide, signal=example.wide_labels.iloc[:, :2])
    assert "`signal` must cover the loci and cell types of `labels`; it lacks 2 cell types" in text
    assert "it lacks 20 loci of 24: ['chr2:4000-4200'" in message(
        wide, signal=example.wide_labels[:4]
    )


def test_signal_without_the_reference(wide, example):
    signal = example.wide_labels.copy()
    signal[["E001", "E002", "E004"]] = np.nan
    text = message(wide, signal=signal)
    assert "`signal` must be observed in the reference cell types" in text
    assert "it is missing (NaN) in all 72 reference pairs" in text


def test_columns_that_are_not_there(example):
    names = {"preds": "frist", "labels": "label", "loci": "locus", "celltypes": "celltype"}
    text = message(build_evaluation_set, **names, data=example.table)
    assert text == (
        "`preds` names a column that is not in `data`: 'frist'. Did you mean 'first'? The columns "
        "are ['locus', 'celltype', 'label', 'first', 'second', 'reference']."
    )
    names = names | {"preds": "first", "loci": ("chrom", "start", "end")}
    assert "`loci` names a column that is not in `data`: 'chrom'." in message(
        build_evaluation_set, **names, data=example.table
    )
    names = names | {"loci": "locus"}
    assert "`train` names a column that is not in `data`: 'E001'." in message(
        build_evaluation_set, **names, data=example.table, train="E001"
    )
    assert "`signal` names a column" in message(
        build_evaluation_set, **names, data=example.table, signal="rpkm"
    )


def test_a_column_twice(example):
    table = example.table.rename(columns={"second": "first"})
    text = message(build_evaluation_set, "first", "label", "locus", "celltype", data=table)
    assert "`data` must have the column 'first' once (for `preds`); it has it 2 times" in text


def test_a_train_column_that_is_no_mask(example):
    text = message(
        build_evaluation_set,
        "first",
        "label",
        "locus",
        "celltype",
        data=example.table,
        train="celltype",
    )
    assert (
        "`train` must name a column of booleans (True = reference); 'celltype' holds other" in text
    )
    assert "the first is 'E001'" in text


def test_data_that_is_no_frame():
    text = message(build_evaluation_set, "a", "b", "c", "d", data=[1])
    assert (
        "`data` must be a DataFrame with one row per (locus, cell type) pair; it is a list" in text
    )
