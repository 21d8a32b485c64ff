"""The border: order, dtype, form and chromosome naming change nothing, and no input is changed."""

import copy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.exceptions import ValidationError

#: Half of the profile's examples: each builds several sets.
FEWER = settings(max_examples=settings().max_examples // 2)


@st.composite
def tables(draw) -> pd.DataFrame:
    """Long tables of 2 to 8 loci x 2 to 5 cell types, with gaps, of which some are predicted."""
    n_loci, n_cell_types = draw(st.integers(2, 8)), draw(st.integers(2, 5))
    n_targets = draw(st.integers(1, n_cell_types - 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    table = pd.DataFrame(
        {
            "locus": np.repeat(
                [f"chr{1 + i % 3}:{100 * i}-{100 * i + 50}" for i in range(n_loci)], n_cell_types
            ),
            "celltype": np.tile([f"C{i}" for i in range(n_cell_types)], n_loci),
            "label": rng.integers(0, 2, n_loci * n_cell_types).astype(float),
            "a": rng.normal(size=n_loci * n_cell_types).astype(np.float32).astype(float),
            "b": rng.integers(0, 3, n_loci * n_cell_types).astype(float),
        }
    )
    table["train"] = np.tile(np.arange(n_cell_types) >= n_targets, n_loci)
    table.loc[table["train"], ["a", "b"]] = np.nan
    # a target with both classes and a reference label, which no gap takes away
    fixed = [0, n_cell_types, n_cell_types - 1]
    table.loc[fixed[:2], "label"] = [0.0, 1.0]
    kept = np.isin(np.arange(len(table)), fixed)
    missing, absent = (
        ~kept & (rng.random(len(table)) < draw(st.sampled_from([0.0, 0.2]))) for _ in range(2)
    )
    table.loc[missing, "label"] = np.nan
    return table[~absent]


def build(table: pd.DataFrame, **options) -> EvaluationSet:
    """Build the set of a table."""
    return build_evaluation_set(
        {"a": table["a"], "b": table["b"]},
        table["label"],
        table["locus"],
        table["celltype"],
        **({"train": table["train"]} | options),
    )


def pivoted(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """A wide table of one column; pairs without a row are missing."""
    return table.set_index(["locus", "celltype"])[name].unstack()


def content(built: EvaluationSet) -> pd.DataFrame:
    """What a set says of each pair, whatever the order of its rows and columns."""
    frame = built.to_frame().drop(columns=["chrom"], errors="ignore")
    return frame.sort_values(["locus", "celltype"], ignore_index=True)


def same(a: EvaluationSet, b: EvaluationSet) -> None:
    pd.testing.assert_frame_equal(content(a), content(b), check_dtype=False)
    assert a.label_kind == b.label_kind


@FEWER
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(table, random):
    rows = list(range(len(table)))
    random.shuffle(rows)
    shuffled = table.iloc[rows]
    a = build(table)
    b = build(shuffled)
    same(a, b)
    assert [note.code for note in a.notes] == [note.code for note in b.notes]


DTYPES = {
    "label": ["float32", "float16", "Int8", "Float64", "boolean", object, "category"],
    "b": ["float32", "Int64", "Float32", object],
    "locus": ["category", "string", object, "str"],
    "celltype": ["category", "string", object, "str"],
    "train": [bool, "boolean", object],
}


@FEWER
@given(tables(), st.fixed_dictionaries({name: st.sampled_from(d) for name, d in DTYPES.items()}))
def test_dtypes_change_nothing(table, dtypes):
    expected = build(table)
    same(build(table.astype(dtypes)), expected)
    assert build(table.astype({"a": "float32"})).predictions["a"].dtype == np.float32
    same(build(table.astype({"a": "float32"})), expected)


@FEWER
@given(tables())
def test_the_naming_of_chromosomes_changes_nothing(table):
    bare = table.assign(locus=table["locus"].str.removeprefix("chr"))
    a, b = build(table), build(bare)
    for name in ("labels", "reference", "audited"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    np.testing.assert_array_equal(a.loci.start, b.loci.start)
    np.testing.assert_array_equal(a.loci.chrom, b.loci.chrom)
    assert a.loci.chrom_names == tuple(f"chr{name}" for name in b.loci.chrom_names)


@FEWER
@given(tables(), st.randoms(use_true_random=False))
def test_wide_tables_say_the_same_as_long_ones(table, random):
    long = build(table)
    wide = {name: pivoted(table, name) for name in "ab"}
    labels = pivoted(table, "label")
    targets = sorted(set(table.loc[~table["train"], "celltype"]))
    train = [name for name in labels.columns if name not in targets]
    rows = list(labels.index)
    random.shuffle(rows)
    models = {"a": wide["a"].loc[rows], "b": wide["b"][list(reversed(targets))]}
    same(build_evaluation_set(models, labels, train=train), long)


@FEWER
@given(tables(), st.integers(0, 5))
def test_identical_duplicates_change_nothing(table, n_twice):
    again = pd.concat([table, table.iloc[:n_twice], table.iloc[: n_twice // 2]], ignore_index=True)
    expected = build(table)
    built = build(again)
    same(built, expected)
    n_dropped = len(again) - len(table)
    assert ("LK014" in {note.code for note in built.notes}) == (n_dropped > 0)


@FEWER
@given(tables())
def test_each_way_to_name_the_reference_gives_the_same_pairs(table):
    by_mask = build(table)
    names = sorted(set(table.loc[table["train"], "celltype"]))
    same(build(table, train=names), by_mask)
    same(build(table, train=None), by_mask)
    reference = table[table["train"]].drop(columns=["a", "b", "train"])
    rest = table[~table["train"]]
    by_table = build(rest, train=reference)
    np.testing.assert_array_equal(by_table.audited.sum(), by_mask.audited.sum())
    np.testing.assert_array_equal(by_table.reference.sum(), by_mask.reference.sum())


@FEWER
@given(tables())
def test_reference_and_audited_pairs_are_labelled_and_apart(table):
    built = build(table)
    assert not (built.reference & built.audited).any()
    used = built.reference | built.audited
    assert not np.isnan(built.labels[used]).any()
    for scores in built.predictions.values():
        assert not np.isnan(scores[built.audited]).any()


@FEWER
@given(tables())
def test_the_input_is_unchanged(table):
    before = copy.deepcopy(table)
    arrays = {name: table[name].to_numpy(copy=True) for name in ("a", "b", "label", "train")}
    copies = {name: array.copy() for name, array in arrays.items()}
    build(table)
    build_evaluation_set(
        {"a": arrays["a"], "b": arrays["b"]},
        arrays["label"],
        table["locus"].tolist(),
        table["celltype"].tolist(),
        train=arrays["train"],
    )
    pd.testing.assert_frame_equal(table, before)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, copies[name])
        assert array.flags.writeable


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
@FEWER
@given(tables(), st.data())
def test_no_infinite_prediction_passes(bad, table, data):
    build(table)
    row = data.draw(st.integers(0, len(table) - 1))
    scores = table["a"].to_numpy(copy=True)
    scores[row] = bad
    with pytest.raises(ValidationError, match="must be finite"):
        build_evaluation_set(scores, table["label"], table["locus"], table["celltype"])
