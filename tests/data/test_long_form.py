"""Long arrays and column names, in every form that means the same."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from leakcheck.data import build_evaluation_set
from leakcheck.data.names import factorize_names
from leakcheck.exceptions import ValidationError


def test_the_matrices_are_those_that_were_given(example, expected):
    np.testing.assert_array_equal(expected.labels, example.labels)
    np.testing.assert_array_equal(expected.predictions["model"], example.scores["first"])
    assert expected.loci.ids.tolist() == example.loci
    assert expected.cell_types == example.cell_types
    assert expected.targets == ("E003",)
    assert expected.reference_cell_types == ("E001", "E002", "E004")
    assert expected.reference_source == "cell types"
    assert not expected.leave_one_out
    assert expected.notes == ()
    np.testing.assert_array_equal(expected.audited.sum(axis=0), [0, 0, 24, 0])
    np.testing.assert_array_equal(expected.reference.sum(axis=0), [24, 24, 0, 24])


LONG = {
    "series": lambda c: c,
    "lists": lambda c: [x.tolist() for x in c],
    "tuples": lambda c: [tuple(x.tolist()) for x in c],
    "numpy": lambda c: [x.to_numpy() for x in c],
    "numpy strings": lambda c: [*(x.to_numpy() for x in c[:2]), *(x.to_numpy(str) for x in c[2:])],
    "bytes": lambda c: [*c[:2], *(np.array(x.tolist(), dtype="S") for x in c[2:])],
    "masked": lambda c: [np.ma.masked_invalid(c[0].to_numpy()), *c[1:]],
    "objects": lambda c: [x.astype(object).where(x.notna(), None) for x in c],
    "categorical": lambda c: [
        c[0],
        c[1].astype("category"),
        *(x.astype("category") for x in c[2:]),
    ],
    "nullable": lambda c: [
        c[0].astype("Float64"),
        c[1].astype("Int64"),
        *(x.astype("string") for x in c[2:]),
    ],
    "nullable boolean": lambda c: [c[0], c[1].astype("boolean"), *c[2:]],
    "arrow": lambda c: [
        c[0].astype("double[pyarrow]"),
        c[1].astype("int8[pyarrow]"),
        *(x.astype("string[pyarrow]") for x in c[2:]),
    ],
    "extension arrays": lambda c: [
        c[0].astype("Float64").array,
        c[1].astype("Int8").array,
        c[2].astype("string").array,
        c[3].astype("category").array,
    ],
    "index": lambda c: [pd.Index(x) for x in c],
    "polars": lambda c: [pl.Series(x.tolist()) for x in c],
    "polars categorical": lambda c: [
        *(pl.Series(x.tolist()) for x in c[:2]),
        *(pl.Series(x.tolist(), dtype=pl.Categorical) for x in c[2:]),
    ],
    "sparse": lambda c: [c[0].astype(pd.SparseDtype(float, np.nan)), *c[1:]],
}


@pytest.mark.parametrize("convert", LONG.values(), ids=LONG.keys())
def test_long_arrays(example, expected, convert):
    built = build_evaluation_set(*convert(example.columns), train=example.train)
    assert built.equals(expected)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, np.float32, object])
def test_dtypes_of_labels_change_nothing(example, expected, dtype):
    preds, labels, loci, cell_types = example.columns
    built = build_evaluation_set(preds, labels.astype(dtype), loci, cell_types, train=example.train)
    assert built.equals(expected)
    assert built.labels.dtype == np.float64


@pytest.mark.parametrize("how", ["list", "array", "mask series", "nullable", "object", "polars"])
def test_masks_over_rows(example, expected, how):
    mask = example.table["reference"]
    forms = {
        "list": mask.tolist(),
        "array": mask.to_numpy(),
        "mask series": mask,
        "nullable": mask.astype("boolean"),
        "object": mask.astype(object),
        "polars": pl.Series(mask.tolist()),
    }
    built = build_evaluation_set(*example.columns, train=forms[how])
    assert built.equals(expected)
    assert built.reference_source == "mask"


@pytest.mark.parametrize(
    "convert",
    [list, tuple, set, frozenset, np.array, pd.Index, pd.Series, pl.Series, dict.fromkeys],
)
def test_lists_of_cell_types(example, expected, convert):
    train = convert(example.train)
    if isinstance(train, dict):
        train = train.keys()
    assert build_evaluation_set(*example.columns, train=train).equals(expected)
    wide = build_evaluation_set(example.wide_preds, example.wide_labels, train=train)
    assert wide.equals(expected)


def test_reference_inferred_from_missing_predictions(example, expected):
    long = build_evaluation_set(*example.columns)
    wide = build_evaluation_set(example.wide_preds, example.wide_labels)
    for built in (long, wide):
        assert built.equals(expected)
        assert built.reference_source == "inferred"
        assert [note.code for note in built.notes] == ["LK001"]
        assert "['E001', 'E002', 'E004']" in built.notes[0].evidence


def test_a_locus_frame_as_long_loci(example, expected):
    table = example.table
    loci = example.intervals.loc[np.repeat(np.arange(24), 4)]
    for long_loci in (loci, pl.from_pandas(loci), loci.astype({"chrom": "category"})):
        built = build_evaluation_set(
            table["first"], table["label"], long_loci, table["celltype"], train=example.train
        )
        assert built.equals(expected)


def test_column_names(example, expected):
    table = example.table
    for data in (table, pl.from_pandas(table)):
        built = build_evaluation_set(
            "first", "label", "locus", "celltype", data=data, train=example.train
        )
        assert built.equals(expected)
        by_column = build_evaluation_set(
            "first", "label", "locus", "celltype", data=data, train="reference"
        )
        assert by_column.equals(expected)


def test_three_column_names_for_the_locus(example, expected):
    table = example.table
    parts = example.intervals.loc[np.repeat(np.arange(24), 4)].reset_index(drop=True)
    data = pd.concat([table, parts.set_axis(["Chr", "from", "to", "strand"], axis=1)], axis=1)
    built = build_evaluation_set(
        "first", "label", ("Chr", "from", "to"), "celltype", data=data, train=example.train
    )
    assert built.equals(expected)


def test_a_numeric_column_of_0_and_1_is_a_mask_when_it_is_named(example, expected):
    data = example.table.assign(reference=lambda t: t["reference"].astype(int))
    built = build_evaluation_set(
        "first", "label", "locus", "celltype", data=data, train="reference"
    )
    assert built.equals(expected)


def test_float_and_integer_names_are_one(example):
    table = example.table
    cell_types = table["celltype"].str[1:].astype(float)
    built = build_evaluation_set(table["first"], table["label"], table["locus"], cell_types)
    assert built.cell_types == ("1", "2", "3", "4")
    mixed = [3 if c == 3.0 and i % 8 == 2 else str(int(c)) for i, c in enumerate(cell_types)]
    again = build_evaluation_set(table["first"], table["label"], table["locus"], mixed)
    assert again.equals(built)


def test_absent_pairs_of_a_long_table_are_not_observed(example):
    rows = np.random.default_rng(1).permutation(96)[:70]
    table = example.table.iloc[rows]
    built = build_evaluation_set(
        table["first"], table["label"], table["locus"], table["celltype"], train=example.train
    )
    frame = built.to_frame().set_index(["locus", "celltype"])
    given = table.set_index(["locus", "celltype"])
    assert len(frame) == 70
    np.testing.assert_array_equal(frame["label"], given.loc[frame.index, "label"])
    np.testing.assert_array_equal(frame["prediction:model"], given.loc[frame.index, "first"])
    np.testing.assert_array_equal(frame["reference"], given.loc[frame.index, "reference"])


def test_arrays_beside_column_names(example, expected):
    built = build_evaluation_set(
        example.table["first"].tolist(), "label", example.table["locus"], "celltype",
        data=example.table, train=example.table["reference"].to_numpy(),
    )  # fmt: skip
    assert built.equals(expected)


def test_series_with_row_names_of_their_own(example, expected):
    preds, labels, loci, cell_types = example.columns
    built = build_evaluation_set(
        preds.set_axis([f"row {i}" for i in range(96)]), labels, loci, cell_types,
        train=example.train,
    )  # fmt: skip
    assert built.equals(expected)
    repeated = labels.set_axis(np.repeat(np.arange(24), 4))
    assert build_evaluation_set(preds, repeated, loci, cell_types, train=example.train).equals(
        expected
    )


def test_names_in_bytes_that_are_no_utf8():
    with pytest.raises(ValidationError, match=r"b'caf\\xe9' came, bytes that are no UTF-8"):
        factorize_names([b"caf\xe9", b"tea"], "celltypes")
