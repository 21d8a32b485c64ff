"""`train` as a separate table of labels."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import build_evaluation_set


def parts(example):
    """Labels of the target, and of the others."""
    labels = example.wide_labels
    return labels[["E003"]], labels[["E001", "E002", "E004"]]


def reordered(built, cell_types):
    return [built.cell_types.index(name) for name in cell_types]


def check(built, expected):
    """The same content with the target in front."""
    assert built.reference_source == "table"
    assert built.cell_types == ("E003", "E001", "E002", "E004")
    columns = reordered(built, expected.cell_types)
    for name in ("labels", "reference", "audited"):
        np.testing.assert_array_equal(getattr(built, name)[:, columns], getattr(expected, name))
    np.testing.assert_array_equal(
        built.predictions["model"][:, columns], expected.predictions["model"]
    )
    assert built.loci.equals(expected.loci)


TABLES = {
    "wide": lambda t: t,
    "wide in another order": lambda t: t.iloc[::-1],
    "wide integers": lambda t: t.astype(int),
    "multiindex": lambda t: t.set_axis(
        pd.MultiIndex.from_tuples(
            [(c, int(s), int(e)) for c, s, e in (i.replace("-", ":").split(":") for i in t.index)],
            names=["chrom", "start", "end"],
        )
    ),
    "long": lambda t: long_table(t).iloc[np.arange(72).reshape(3, 24)[:, ::-1].ravel()],
    "long with intervals": lambda t: pd.concat(
        [
            long_table(t)["locus"]
            .str.extract(r"(?P<chrom>.*):(?P<start>.*)-(?P<end>.*)")
            .astype({"start": int, "end": int}),
            long_table(t)[["celltype", "label"]],
        ],
        axis=1,
    ),
}


def long_table(table):
    long = table.rename_axis("locus").reset_index()
    return long.melt("locus", var_name="celltype", value_name="label")


@pytest.mark.parametrize("convert", TABLES.values(), ids=TABLES.keys())
def test_tables_in_the_wide_form(example, expected, convert):
    target, others = parts(example)
    built = build_evaluation_set(example.wide_preds, target, train=convert(others))
    check(built, expected)


@pytest.mark.parametrize("convert", TABLES.values(), ids=TABLES.keys())
def test_tables_in_the_long_form(example, expected, convert):
    _, others = parts(example)
    table = example.table[example.table["celltype"] == "E003"]
    built = build_evaluation_set(
        table["first"], table["label"], table["locus"], table["celltype"], train=convert(others)
    )
    check(built, expected)


def test_tables_with_the_column_names_of_the_data(example, expected):
    _, others = parts(example)
    names = {"locus": "gene", "celltype": "cell", "label": "y"}
    table = example.table[example.table["celltype"] == "E003"].rename(columns=names)
    train = long_table(others).rename(columns=names)
    built = build_evaluation_set("first", "y", "gene", "cell", data=table, train=train)
    check(built, expected)


def test_rows_that_are_only_counted_match_by_position_in_both(example, expected):
    target, others = (part.reset_index(drop=True) for part in parts(example))
    preds = example.wide_preds.reset_index(drop=True)
    check(build_evaluation_set(preds, target, example.loci, train=others), expected)


def test_arrays_beside_a_table(example, expected):
    target, others = parts(example)
    built = build_evaluation_set(
        example.wide_preds.to_numpy(), target.to_numpy(), example.loci, ["E003"], train=others
    )
    check(built, expected)


def test_labels_may_hold_the_reference_too(example, expected):
    _, others = parts(example)
    built = build_evaluation_set(example.wide_preds, example.wide_labels, train=others)
    assert built.cell_types == expected.cell_types
    np.testing.assert_array_equal(built.labels, expected.labels)
    np.testing.assert_array_equal(built.reference, expected.reference)


def test_missing_labels_of_the_table_are_not_reference(example):
    target, others = parts(example)
    others = others.copy()
    others.iloc[:4, 0] = np.nan
    built = build_evaluation_set(example.wide_preds, target, train=others)
    assert built.reference.sum() == 68
    assert built.notes == ()


def test_a_table_may_hold_more_loci(example):
    target, others = parts(example)
    preds = example.wide_preds.iloc[:10]
    built = build_evaluation_set(preds, target.iloc[:10], train=others)
    assert built.loci.ids.tolist() == example.loci
    assert built.loci.chrom_names == ("chr1", "chr2", "chr3")
    assert built.loci.start.tolist() == example.intervals["start"].tolist()
    assert built.audited.sum() == 10
    assert built.reference.sum() == 72
    genes = [f"G{i}" for i in range(24)]
    built = build_evaluation_set(
        preds.set_axis(genes[:10]),
        target.iloc[:10].set_axis(genes[:10]),
        train=others.set_axis(genes),
    )
    assert built.loci.ids.tolist() == genes
    assert not built.loci.has_coordinates


def test_further_loci_get_the_intervals_of_the_locus_table(example):
    genes = [f"G{i}" for i in range(24)]
    target, others = (part.set_axis(genes) for part in parts(example))
    preds = example.wide_preds.set_axis(genes).iloc[:10]
    loci = example.intervals.set_axis(genes)
    built = build_evaluation_set(preds, target.iloc[:10], loci, train=others)
    assert built.loci.ids.tolist() == genes
    assert built.loci.end.tolist() == loci["end"].tolist()
    fewer = build_evaluation_set(preds, target.iloc[:10], loci.iloc[:15], train=others)
    assert fewer.loci.ids.tolist() == genes[:15]
    assert fewer.reference.sum() == 45
    assert next(note for note in fewer.notes if note.code == "LK030").evidence == (
        "9 loci of `train` without coordinates, none of them in `labels`, were left out."
    )
    listed = build_evaluation_set(preds, target.iloc[:10], example.loci[:10], train=others)
    assert listed.loci.ids.tolist() == genes[:10]


def test_tables_of_other_chromosomes_leave_every_locus_unseen(example):
    target, others = parts(example)
    here = [locus for locus in example.loci if locus.startswith("chr1:")]
    there = [locus for locus in example.loci if not locus.startswith("chr1:")]
    built = build_evaluation_set(
        example.wide_preds.loc[here], target.loc[here], train=others.loc[there]
    )
    assert [note.code for note in built.notes] == ["LK005"]
    assert built.notes[0].evidence.startswith("8 loci (8 of 8 audited pairs)")


def test_predictions_of_pairs_that_only_the_table_labels(example, expected):
    target, others = parts(example)
    preds = example.wide(example.scores["first"]).fillna(0.5)
    built = build_evaluation_set(preds, target, train=others)
    assert built.targets == ("E003",)
    assert [note.code for note in built.notes] == ["LK015"]


def test_duplicates_of_a_table(example, expected):
    target, others = parts(example)
    twice = pd.concat([others, others.iloc[[2]]])
    check(build_evaluation_set(example.wide_preds, target, train=twice), expected)
    long = long_table(others)
    check(
        build_evaluation_set(example.wide_preds, target, train=pd.concat([long, long.iloc[:3]])),
        expected,
    )
    clash = pd.concat([long, long.iloc[[0]].assign(label=lambda t: 1 - t["label"])])
    with pytest.raises(ValueError, match=r"`train` must have one row per .* pair; 1 of 73 rows"):
        build_evaluation_set(example.wide_preds, target, train=clash)


def test_signal_of_the_union_in_the_wide_form(example):
    target, others = parts(example)
    signal = example.wide_labels * 3
    built = build_evaluation_set(example.wide_preds, target, train=others, signal=signal)
    columns = reordered(built, example.cell_types)
    np.testing.assert_array_equal(built.signal[:, columns], signal)


def test_signal_of_a_long_table(example):
    _, others = parts(example)
    data = example.table[example.table["celltype"] == "E003"].assign(rpkm=1.5)
    train = long_table(others).assign(rpkm=lambda t: t["label"] * 2)
    built = build_evaluation_set(
        "first", "label", "locus", "celltype", data=data, train=train, signal="rpkm"
    )
    np.testing.assert_array_equal(built.signal[:, 0], np.full(24, 1.5))
    np.testing.assert_array_equal(built.signal[:, 1:], others * 2)
    with pytest.raises(ValueError, match="`signal` must be observed in the reference"):
        build_evaluation_set(
            "first", "label", "locus", "celltype", data=data, train=train.drop(columns="rpkm"),
            signal="rpkm",
        )  # fmt: skip


def test_positive_label_holds_for_both(example, expected):
    target, others = (part.replace({0.0: "no", 1.0: "yes"}) for part in parts(example))
    built = build_evaluation_set(example.wide_preds, target, train=others, positive_label="yes")
    check(built, expected)
