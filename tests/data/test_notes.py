"""Notes: what the border saw or did, with its code and its evidence."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import build_evaluation_set
from leakcheck.data.findings import examined_targets


def notes(built) -> dict[str, str]:
    assert len({note.code for note in built.notes}) == len(built.notes)
    assert list(built.notes) == sorted(built.notes, key=lambda note: note.code)
    return {note.code: note.evidence for note in built.notes}


def large(scores, labels=None, n_targets=1, train=None):
    """Build a set of many loci whose first columns are targets."""
    rng = np.random.default_rng(1)
    n = len(next(iter(scores.values())))
    labels = (rng.random((n, n_targets + 2)) < 0.5).astype(float) if labels is None else labels
    loci = [f"chr1:{10 * i}-{10 * i + 5}" for i in range(n)]
    names = [f"T{i}" for i in range(n_targets)] + ["R1", "R2"]
    preds = {
        model: pd.DataFrame(np.reshape(s, (n, n_targets)), index=loci, columns=names[:n_targets])
        for model, s in scores.items()
    }
    return build_evaluation_set(preds, pd.DataFrame(labels, index=loci, columns=names), train=train)


def test_inferred_reference(example):
    built = build_evaluation_set(example.wide_preds, example.wide_labels[["E001", "E003"]])
    assert notes(built) == {
        "LK001": "No `train` was given: 24 labelled pairs without a prediction, in 1 cell type "
        "['E001'], were taken as the reference."
    }


def test_loci_never_seen_in_the_reference(example):
    labels = example.wide_labels
    labels.loc[example.loci[:5], ["E001", "E002", "E004"]] = np.nan
    built = build_evaluation_set(example.wide_preds, labels, train=example.train)
    assert notes(built)["LK005"] == (
        "5 loci (5 of 24 audited pairs) have no reference label from another cell type; they have "
        "no baseline and are left out of every comparison."
    )
    assert built.audited.sum() == 24


def test_a_target_s_own_reference_labels_do_not_count(example):
    mask = np.zeros((24, 4), dtype=bool)
    mask[:, [0, 1, 3]] = True
    mask[:12, 2] = True  # the target's own labels at other loci
    mask[12:14, [0, 1, 3]] = False
    mask[12:14, 2] = False
    labels = example.labels.copy()
    labels[12:14, [0, 1, 3]] = np.nan
    built = build_evaluation_set(
        example.scores["first"], labels, example.loci, example.cell_types, train=mask
    )
    assert notes(built)["LK005"].startswith("2 loci (2 of 12 audited pairs)")
    only_own = np.zeros((24, 4), dtype=bool)
    only_own[:, 0] = only_own[:12, 2] = True
    scores = np.random.default_rng(0).random((24, 4))
    labels = example.labels.copy()
    labels[:, [1, 3]] = np.nan
    built = build_evaluation_set(scores, labels, example.loci, example.cell_types, train=only_own)
    assert "LK005" not in notes(built)


def test_leave_one_out_leaves_loci_that_one_cell_type_has(example):
    labels = example.labels.copy()
    labels[:3, [0, 1, 3]] = np.nan
    built = build_evaluation_set(
        np.random.default_rng(0).random((24, 4)), labels, example.loci, example.cell_types,
        train="leave-one-out",
    )  # fmt: skip
    assert notes(built)["LK005"].startswith("3 loci (3 of 87 audited pairs)")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_continuous_scores_are_fine(dtype):
    scores = np.random.default_rng(0).random(1000).astype(dtype)
    assert set(notes(large({"m": scores}))) == {"LK001"}


def test_few_distinct_values():
    rng = np.random.default_rng(0)
    scores = {
        "rounded": rng.random(1000).round(1),
        "fine": rng.random(1000),
        "flat": np.ones(1000) / 2,
    }
    assert notes(large(scores))["LK007"] == (
        "['rounded', 'flat']: few distinct values. The most extreme is 'rounded', with 11 distinct "
        "values in a target and 100% of scores tied with another. Scores may have lost precision "
        "(float16, rounding)."
    )


def test_many_ties():
    rng = np.random.default_rng(0)
    scores = rng.random(1000)
    scores[:400] = scores[400:800]
    assert (
        "with 600 distinct values in a target and 80% of scores tied"
        in (notes(large({"m": scores}))["LK007"])
    )
    scores = rng.random(1000)
    scores[:200] = 0.5
    assert "LK007" not in notes(large({"m": scores}))
    scores[200] = 0.5
    assert "LK007" in notes(large({"m": scores}))


def test_float16_sigmoids():
    logits = np.random.default_rng(0).normal(12, 1, 5000)
    scores = (1 / (1 + np.exp(-logits))).astype(np.float16)
    built = large({"m": scores})
    assert built.predictions["m"].dtype == np.float32
    assert "LK007" in notes(built)
    assert "LK012" not in notes(built)


def test_ties_between_targets_are_no_ties():
    scores = np.random.default_rng(0).random(500)
    built = large({"m": np.column_stack([scores] * 4)}, n_targets=4)
    assert "LK007" not in notes(built)


def test_small_targets_are_not_judged():
    scores = np.random.default_rng(0).random(60).round(1)
    assert "LK007" not in notes(large({"m": scores}))


def test_targets_of_large_sets_are_sampled_evenly():
    audited = np.ones((1000, 1000), dtype=bool)
    audited[50:, ::2] = False
    chosen = examined_targets(audited.sum(axis=0))
    assert len(chosen) <= 200
    assert len(chosen) >= 100
    assert all(target % 2 for target in chosen)
    assert chosen[0] < 10
    assert chosen[-1] > 990 - 10
    assert examined_targets(audited[:50].sum(axis=0)) == []


def test_calls():
    rng = np.random.default_rng(0)
    calls = rng.integers(0, 2, 1000)
    built = large({"calls": calls, "scores": rng.random(1000), "booleans": calls > 0})
    assert set(notes(built)) == {"LK001", "LK012"}
    assert notes(built)["LK012"] == (
        "The predictions of ['calls', 'booleans'] are only 0 and 1: calls, not scores. Ranking "
        "metrics see one threshold."
    )


def test_identical_rows_are_dropped(example, expected):
    table = pd.concat([example.table, example.table.iloc[[2, 5, 2]]], ignore_index=True)
    built = build_evaluation_set(
        table["first"], table["label"], table["locus"], table["celltype"], train=example.train
    )
    assert built.equals(expected)
    assert notes(built) == {
        "LK014": "3 rows repeated a (locus, cell type) pair with identical values and were dropped."
    }
    one = table.iloc[:97]
    built = build_evaluation_set(
        one["first"], one["label"], one["locus"], one["celltype"], train=example.train
    )
    assert notes(built)["LK014"].startswith("1 row repeated a (locus, cell type) pair")


def test_identical_duplicates_of_a_wide_table_are_dropped(example, expected):
    labels = example.wide_labels
    rows = pd.concat([labels, labels.iloc[[3]]])
    preds = pd.concat([example.wide_preds, example.wide_preds.iloc[[7]]])
    built = build_evaluation_set(preds, rows, train=example.train)
    assert built.equals(expected)
    assert notes(built)["LK014"].startswith("4 values repeated a (locus, cell type) pair")
    columns = pd.concat([labels, labels[["E002"]]], axis=1)
    built = build_evaluation_set(example.wide_preds, columns, train=example.train)
    assert built.equals(expected)
    assert notes(built)["LK014"].startswith("24 values repeated")
    listed = build_evaluation_set(
        np.vstack([example.scores["first"]] * 2), np.vstack([example.labels] * 2),
        example.loci * 2, example.cell_types, train=example.train,
    )  # fmt: skip
    assert listed.equals(expected)


def test_predictions_of_reference_pairs(example, expected):
    scores = np.where(np.isnan(example.scores["first"]), 0.5, example.scores["first"])
    built = build_evaluation_set(
        scores, example.labels, example.loci, example.cell_types, train=example.train
    )
    np.testing.assert_array_equal(built.audited, expected.audited)
    assert notes(built) == {
        "LK015": "['E001', 'E002', 'E004'] are reference: the predictions of 72 pairs are not "
        "audited; only pairs outside the reference are."
    }
    assert (
        build_evaluation_set(
            scores, example.labels, example.loci, example.cell_types, train="leave-one-out"
        ).notes
        == ()
    )
    one = example.scores["first"].copy()
    one[0, 0] = 0.5
    built = build_evaluation_set(
        one, example.labels, example.loci, example.cell_types, train=example.train
    )
    assert notes(built)["LK015"].startswith(
        "['E001'] is reference: the predictions of 1 pair are not audited;"
    )


def test_predictions_of_pairs_that_are_reference_at_some_loci(example):
    mask = np.tile([True, True, False, True], (24, 1))
    mask[:10, 2] = True
    built = build_evaluation_set(
        example.scores["first"], example.labels, example.loci, example.cell_types, train=mask
    )
    assert built.audited.sum() == 14
    assert notes(built)["LK015"].startswith(
        "['E003'] is reference at some loci: the predictions of 10 pairs are not audited;"
    )


@pytest.mark.parametrize("form", ["wide", "long"])
def test_cell_types_that_are_neither(example, form):
    arguments = (example.wide_preds, example.wide_labels) if form == "wide" else example.columns
    built = build_evaluation_set(*arguments, train=["E001"])
    assert notes(built) == {
        "LK016": "2 cell types ['E002', 'E004'] are left out: neither reference nor both labelled "
        "and predicted."
    }
    built = build_evaluation_set(*arguments, train=["E001", "E002"])
    assert notes(built)["LK016"].startswith("1 cell type ['E004'] is left out:")


def test_a_cell_type_that_is_predicted_and_not_labelled(example):
    labels = example.wide_labels
    labels["E004"] = np.nan
    preds = example.wide(example.scores["first"])
    preds["E004"] = 0.5
    built = build_evaluation_set(preds, labels, train=["E001", "E002"])
    assert built.targets == ("E003",)
    assert set(notes(built)) == {"LK016", "LK017"}


def test_loci_without_coordinates(example):
    genes = [f"G{i}" for i in range(24)]
    built = build_evaluation_set(
        example.wide_preds.set_axis(genes), example.wide_labels.set_axis(genes), train=example.train
    )
    assert notes(built) == {
        "LK018": "24 loci have no coordinates: the correlation of neighbouring loci cannot be "
        "allowed for."
    }


def test_ids_that_share_an_interval(example):
    genes = [f"G{i}" for i in range(24)]
    loci = example.intervals.set_axis(genes)
    loci.iloc[5] = loci.iloc[7] = loci.iloc[3]
    built = build_evaluation_set(
        example.wide_preds.set_axis(genes),
        example.wide_labels.set_axis(genes),
        loci,
        train=example.train,
    )
    assert len(built.loci) == 24
    assert notes(built) == {
        "LK029": "3 loci share their interval with another id, the first is G3; they are kept as "
        "different loci."
    }


@pytest.mark.parametrize(
    ("columns", "label", "n_known", "evidence"),
    [
        ([2], 0, 200, "All labels of 'R1' are 0."),
        ([2], 1, 20, "All labels of 'R1' are 1."),
        ([2], 0, 19, None),
        ([0], 0, 200, None),  # a target, and no reference
        ([2, 3], 0, 200, "All labels of each of 2 references ['R1', 'R2'] are the same, 'R1': 0."),
    ],
)
def test_references_with_one_label(columns, label, n_known, evidence):
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 4)) < 0.5).astype(float)
    labels[:, columns] = label
    labels[n_known:, columns] = np.nan
    built = large({"net": rng.random((200, 2))}, labels, n_targets=2, train=["R1", "R2"])
    assert notes(built).get("LK051") == evidence
