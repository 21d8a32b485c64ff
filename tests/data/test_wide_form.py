"""Wide tables, aligned by name, in every form that means the same."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from leakcheck.data import Loci, build_evaluation_set

WIDE = {
    "all columns": lambda e: (e.wide(e.scores["first"]), e.wide_labels, None, None),
    "rows in another order": lambda e: (e.wide_preds.iloc[::-1], e.wide_labels, None, None),
    "columns in another order": lambda e: (
        e.wide(e.scores["first"]).iloc[:, ::-1],
        e.wide_labels,
        None,
        None,
    ),
    "arrays": lambda e: (e.scores["first"], e.labels, e.loci, e.cell_types),
    "nested lists": lambda e: (e.scores["first"].tolist(), e.labels.tolist(), e.loci, e.cell_types),
    "array and frame": lambda e: (e.wide_preds, e.labels, e.loci, list(e.cell_types)),
    "frame and array": lambda e: (e.scores["first"], e.wide_labels, None, None),
    "loci beside unnamed rows": lambda e: (
        e.wide_preds.reset_index(drop=True),
        e.wide_labels.reset_index(drop=True),
        e.loci,
        None,
    ),
    "all names beside frames": lambda e: (e.wide_preds, e.wide_labels, e.loci, e.cell_types),
    "cell types beside unnamed columns": lambda e: (
        pd.DataFrame(e.scores["first"]),
        pd.DataFrame(e.labels),
        pd.Series(e.loci),
        e.cell_types,
    ),
    "multiindex": lambda e: (
        e.wide_preds.set_axis(e.multi_index),
        e.wide_labels.set_axis(e.multi_index),
        None,
        None,
    ),
    "unnamed multiindex": lambda e: (
        e.wide_preds,
        e.wide_labels.set_axis(e.multi_index.set_names([None] * 3)),
        None,
        None,
    ),
    "interval frame": lambda e: (e.scores["first"], e.labels, e.intervals, e.cell_types),
    "a Loci": lambda e: (e.scores["first"], e.labels, Loci.from_any(e.loci), e.cell_types),
    "thousands separators": lambda e: (
        e.wide_preds.rename(with_commas),
        e.wide_labels,
        None,
        None,
    ),
    "categorical names": lambda e: (
        e.wide_preds.set_axis(pd.CategoricalIndex(e.loci)),
        e.wide_labels.set_axis(pd.CategoricalIndex(e.cell_types), axis=1),
        None,
        None,
    ),
    "nullable values": lambda e: (
        e.wide(e.scores["first"]).astype("Float64"),
        e.wide_labels.astype("Int8"),
        None,
        None,
    ),
    "objects": lambda e: (
        e.wide(e.scores["first"]).astype(object),
        e.wide_labels.astype(bool).astype(object),
        None,
        None,
    ),
    "mixed dtypes": lambda e: (
        e.wide_preds,
        e.wide_labels.astype({"E001": bool, "E002": "int8", "E003": "Int64"}),
        None,
        None,
    ),
    "polars": lambda e: (
        pl.DataFrame({"E003": e.scores["first"][:, 2]}),
        pl.DataFrame(dict(zip(e.cell_types, e.labels.T, strict=True))),
        e.loci,
        None,
    ),
}


def with_commas(locus: str) -> str:
    chrom, rest = locus.split(":")
    return chrom + ":" + "-".join(f"{int(number):,}" for number in rest.split("-"))


@pytest.mark.parametrize("make", WIDE.values(), ids=WIDE.keys())
@pytest.mark.parametrize("train", [("E001", "E002", "E004"), None])
def test_wide_tables(example, expected, make, train):
    preds, labels, loci, cell_types = make(example)
    built = build_evaluation_set(preds, labels, loci, cell_types, train=train)
    assert built.equals(expected)


def test_wide_masks(example, expected):
    mask = np.tile([True, True, False, True], (24, 1))
    frames = [example.wide(mask), example.wide(mask).iloc[::-1, ::-1], mask, mask.tolist()]
    frames.append(example.wide(mask).astype("boolean"))
    for train in frames:
        built = build_evaluation_set(example.wide_preds, example.wide_labels, train=train)
        assert built.equals(expected)
        assert built.reference_source == "mask"


def test_preds_may_cover_fewer_loci_than_labels(example):
    some = example.wide_preds.iloc[[5, 2, 9, 11]]
    built = build_evaluation_set(some, example.wide_labels, train=example.train)
    assert np.flatnonzero(built.audited[:, 2]).tolist() == [2, 5, 9, 11]
    assert np.isnan(built.predictions["model"]).sum() == 24 * 4 - 4
    assert built.reference.sum() == 72


def test_models_may_cover_the_same_part(example):
    some = example.wide_preds.iloc[:10]
    built = build_evaluation_set({"a": some, "b": some + 1}, example.wide_labels)
    assert built.audited.sum() == 10
    assert built.reference.sum() == 72 + 14  # the other loci of the target are labelled


def test_gene_ids_get_intervals_from_a_table(example):
    genes = [f"GENE{i}" for i in range(24)]
    preds, labels = example.wide_preds.set_axis(genes), example.wide_labels.set_axis(genes)
    named = example.intervals.set_axis(genes).iloc[::-1]
    for loci in (named, example.intervals, example.loci):
        built = build_evaluation_set(preds, labels, loci, train=example.train)
        assert built.loci.ids.tolist() == genes
        assert built.loci.start.tolist() == example.intervals["start"].tolist()
        assert [built.loci.chrom_names[i] for i in built.loci.chrom] == [
            locus.split(":")[0] for locus in example.loci
        ]
    unnamed = build_evaluation_set(
        example.scores["first"], example.labels, named, example.cell_types
    )
    assert unnamed.loci.ids.tolist() == genes[::-1]
    with_more = pd.concat([named, example.intervals.set_axis([f"X{i}" for i in range(24)])])
    assert build_evaluation_set(preds, labels, with_more).loci.ids.tolist() == genes


def test_ids_beside_intervals_say_whose_they_are(example):
    genes = [f"GENE{i}" for i in range(24)]
    preds, labels = example.wide_preds.set_axis(genes), example.wide_labels.set_axis(genes)
    table = example.intervals.reset_index(drop=True).assign(id=genes)
    backwards = table.iloc[::-1].reset_index(drop=True)
    more = pd.concat([table.assign(id=[f"X{i}" for i in range(24)]), backwards], ignore_index=True)
    for loci in (table, backwards, more, Loci.from_any(backwards)):
        built = build_evaluation_set(preds, labels, loci, train=example.train)
        assert built.loci.ids.tolist() == genes
        assert built.loci.start.tolist() == example.intervals["start"].tolist()


def test_opaque_ids_have_no_coordinates(example):
    genes = list(range(100, 124))
    built = build_evaluation_set(
        example.wide_preds.set_axis(genes), example.wide_labels.set_axis(map(str, genes))
    )
    assert not built.loci.has_coordinates
    assert built.loci.ids.tolist() == [str(gene) for gene in genes]
    assert "LK018" in {note.code for note in built.notes}


def test_rows_that_are_only_counted(example):
    built = build_evaluation_set(
        pd.DataFrame(example.scores["first"]), pd.DataFrame(example.labels)
    )
    assert built.loci.ids[:2].tolist() == ["0", "1"]
    assert built.cell_types == ("0", "1", "2", "3")
    assert built.targets == ("2",)
