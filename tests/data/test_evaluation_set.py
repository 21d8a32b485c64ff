"""`EvaluationSet`: what it tells, its frame, its hashes, and that arrays are views."""

import pickle

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import build_evaluation_set


def test_repr(example, expected):
    assert repr(expected) == (
        "EvaluationSet: 24 loci on 3 chromosomes x 4 cell types, binary labels, 1 model ['model']\n"
        "  audited: 24 pairs in 1 cell type ['E003']\n"
        "  reference (cell types): 72 pairs in 3 cell types ['E001', 'E002', 'E004']"
    )
    inferred = build_evaluation_set(example.wide_preds, example.wide_labels)
    assert repr(inferred).splitlines()[-1] == "  notes: LK001"


def test_to_frame(example):
    built = build_evaluation_set(
        {"label": example.wide_preds},  # a model may have any name
        example.wide_labels,
        signal=example.wide_labels * 2,
    )
    frame = built.to_frame()
    assert list(frame.columns) == [
        "locus", "chrom", "start", "end", "celltype", "label", "reference", "audited", "signal",
        "prediction:label",
    ]  # fmt: skip
    table = example.table
    pd.testing.assert_series_equal(frame["label"], table["label"])
    pd.testing.assert_series_equal(frame["reference"], table["reference"])
    pd.testing.assert_series_equal(frame["audited"], ~table["reference"], check_names=False)
    pd.testing.assert_series_equal(frame["prediction:label"], table["first"], check_names=False)
    pd.testing.assert_series_equal(frame["signal"], table["label"] * 2, check_names=False)
    assert frame["locus"].tolist() == table["locus"].tolist()
    assert frame["celltype"].tolist() == table["celltype"].tolist()


def test_the_frame_builds_the_set_again(example, expected):
    again = build_evaluation_set(
        {"model": "prediction:model"},
        "label",
        ("chrom", "start", "end"),
        "celltype",
        data=expected.to_frame(),
        train="reference",
    )
    assert again.equals(expected)


def test_hashes_are_of_the_content(example, expected):
    hashes = expected.content_hashes()
    assert list(hashes) == [
        "loci", "cell_types", "labels", "reference", "audited", "prediction:model",
    ]  # fmt: skip
    assert all(len(value) == 64 for value in hashes.values())
    preds = example.wide(example.scores["first"])
    narrow = build_evaluation_set(preds.astype(np.float32), example.wide_labels)
    widened = build_evaluation_set(
        preds.astype(np.float32).astype(float),
        example.wide_labels.astype("int8"),
    )
    assert narrow.content_hashes() == widened.content_hashes()
    assert narrow.content_hashes()["labels"] == hashes["labels"]
    assert narrow.content_hashes()["prediction:model"] != hashes["prediction:model"]
    reversed_rows = build_evaluation_set(preds, example.wide_labels.iloc[::-1])
    assert reversed_rows.content_hashes()["labels"] != hashes["labels"]


def test_hashes_do_not_see_the_sign_of_zero_or_the_layout(example):
    labels = example.wide_labels
    a = build_evaluation_set(example.wide_preds, labels, signal=labels * 1.5)
    negative = (labels * -1.5).abs().where(labels > 0, -0.0)
    b = build_evaluation_set(
        example.wide_preds, labels.copy(), signal=np.asfortranarray(negative.to_numpy())
    )
    assert np.signbit(b.signal).any()
    assert a.content_hashes() == b.content_hashes()
    assert "signal" in a.content_hashes()


@pytest.mark.parametrize("change", ["labels", "loci", "cell_types", "models", "families", "train"])
def test_equals_sees_every_difference(example, change):
    def build(**changed):
        labels, preds = example.wide_labels, example.wide_preds
        options = {"train": example.train}
        if "labels" in changed:
            labels = 1 - labels
        if "loci" in changed:
            labels, preds = (t.set_axis([f"G{i}" for i in range(24)]) for t in (labels, preds))
        if "cell_types" in changed:
            labels = labels.rename(columns={"E004": "E005"})
            options["train"] = ["E001", "E002", "E005"]
        if "train" in changed:
            options["train"] = "leave-one-out"
        models = {"renamed" if "models" in changed else "model": preds}
        if "families" in changed:
            options["families"] = {"model": "trees"}
        return build_evaluation_set(models, labels, **options)

    assert build().equals(build())
    assert not build().equals(build(**{change: True}))


def test_leave_one_out(example):
    rng = np.random.default_rng(0)
    scores = rng.random((24, 4))
    built = build_evaluation_set(
        scores, example.labels, example.loci, example.cell_types, train="leave-one-out"
    )
    assert built.leave_one_out
    assert built.reference_source == "leave-one-out"
    assert built.reference.all()
    assert built.audited.all()
    assert built.targets == built.reference_cell_types == example.cell_types
    assert built.notes == ()


def test_leave_one_out_of_some_targets(example):
    built = build_evaluation_set(example.wide_preds, example.wide_labels, train="leave-one-out")
    assert built.targets == ("E003",)
    assert built.reference_cell_types == example.cell_types


def test_arrays_are_views_where_nothing_changed(example):
    labels, scores = example.labels, np.random.default_rng(0).random((24, 4)).astype(np.float32)
    signal = labels * 2.0
    built = build_evaluation_set(
        {"a": scores, "b": pd.DataFrame(scores, index=example.loci, columns=example.cell_types)},
        pd.DataFrame(labels, index=example.loci, columns=example.cell_types, copy=False),
        train="leave-one-out",
        signal=signal,
    )
    assert np.shares_memory(built.labels, labels)
    assert np.shares_memory(built.predictions["a"], scores)
    assert np.shares_memory(built.signal, signal)
    assert built.predictions["a"].dtype == built.predictions["b"].dtype == np.float32


def test_a_long_table_in_grid_order_is_a_view(example):
    table = example.table
    scores, labels = table["first"].to_numpy(), table["label"].to_numpy()
    built = build_evaluation_set(scores, labels, table["locus"], table["celltype"])
    assert np.shares_memory(built.predictions["model"], scores)
    assert np.shares_memory(built.labels, labels)


def test_arrays_are_read_only_and_the_input_is_not(example):
    labels, scores = example.labels, example.scores["first"]
    mask = np.tile([True, True, False, True], (24, 1))
    built = build_evaluation_set(
        scores, labels, example.loci, example.cell_types, train=mask, signal=labels
    )
    for matrix in (
        built.labels, built.reference, built.audited, built.signal, built.predictions["model"],
    ):  # fmt: skip
        assert not matrix.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            matrix[0, 0] = 1
    assert labels.flags.writeable
    assert scores.flags.writeable
    assert mask.flags.writeable


def test_it_can_be_pickled(expected):
    assert pickle.loads(pickle.dumps(expected)).equals(expected)  # noqa: S301


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.longdouble, np.float64),
        ("Float32", np.float32),
        ("Float64", np.float64),
    ],
)
def test_dtypes_of_predictions(example, dtype, kept):
    preds = example.table["first"].astype(dtype)
    built = build_evaluation_set(preds, *example.columns[1:])
    assert built.predictions["model"].dtype == kept


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, "Int64", bool, "boolean"])
def test_whole_predictions_become_float64(example, dtype):
    rng = np.random.default_rng(0)
    preds = pd.Series(rng.integers(0, 2, 96)).astype(dtype)
    built = build_evaluation_set(preds, *example.columns[1:], train=example.train)
    assert built.predictions["model"].dtype == np.float64
    np.testing.assert_array_equal(built.predictions["model"].ravel(), preds.astype(float))
