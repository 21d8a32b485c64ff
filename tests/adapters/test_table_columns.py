"""What the columns of long and wide tables mean."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.adapters import evaluation_set_from_table
from leakcheck.data import build_evaluation_set
from leakcheck.exceptions import ValidationError

CELL_TYPES = ["E001", "E002", "E003"]
LOCI = [f"chr{1 + i % 2}:{100 * i}-{100 * i + 50}" for i in range(12)]
RNG = np.random.default_rng(0)
LABELS = pd.DataFrame((RNG.random((12, 3)) < 0.5).astype(int), index=LOCI, columns=CELL_TYPES)
PREDS = pd.DataFrame(RNG.random((12, 1)), index=LOCI, columns=["E003"])
EXPECTED = build_evaluation_set(PREDS, LABELS)


def melted(table: pd.DataFrame, value: str) -> pd.DataFrame:
    long = table.rename_axis("locus").reset_index()
    return long.melt("locus", var_name="celltype", value_name=value)


@pytest.fixture
def table() -> pd.DataFrame:
    """Rows locus by locus, so that loci and cell types keep their order."""
    long = melted(LABELS, "label").merge(melted(PREDS, "pred"), how="left")
    order = np.arange(36).reshape(3, 12).T.ravel()
    return long.iloc[order].reset_index(drop=True)


def same_content(built, expected=EXPECTED) -> bool:
    """Compare whatever the order of rows and columns."""
    rows = built.loci.index_of(expected.loci.ids)
    columns = [built.cell_types.index(name) for name in expected.cell_types]
    grids = [(built.labels, expected.labels), (built.audited, expected.audited)]
    grids += [(built.reference, expected.reference)]
    grids += [(built.predictions[m], expected.predictions[m]) for m in expected.models]
    return (
        built.models == expected.models
        and len(built.loci) == len(expected.loci)
        and all(np.array_equal(a[np.ix_(rows, columns)], b, equal_nan=True) for a, b in grids)
    )


def refusal(*args, **options) -> str:
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_table(*args, **options)
    return str(caught.value)


def test_usual_names(table):
    assert evaluation_set_from_table(table).equals(EXPECTED)
    assert evaluation_set_from_table(table, form="long").equals(EXPECTED)


@pytest.mark.parametrize("label", ["label", "labels", "y", "active"])
@pytest.mark.parametrize("celltype", ["celltype", "cell_type", "celltypes", "cell"])
@pytest.mark.parametrize("score", ["pred", "prediction", "predictions", "score"])
def test_other_usual_names(table, label, celltype, score):
    names = {"label": label, "celltype": celltype, "pred": score}
    assert evaluation_set_from_table(table.rename(columns=names)).equals(EXPECTED)


@pytest.mark.parametrize("locus", ["locus", "loci", "gene", "gene_id", "id"])
def test_usual_names_of_loci(table, locus):
    assert evaluation_set_from_table(table.rename(columns={"locus": locus})).equals(EXPECTED)


def test_three_columns_for_the_locus(table):
    parts = table["locus"].str.extract(r"(?P<chrom>.*):(?P<start>.*)-(?P<end>.*)")
    parts = parts.astype({"start": int, "end": int})
    three = pd.concat([parts, table.drop(columns="locus")], axis=1)
    assert evaluation_set_from_table(three).equals(EXPECTED)
    renamed = three.rename(columns={"chrom": "Chr", "start": "from", "end": "to"})
    built = evaluation_set_from_table(
        renamed, locus=["Chr", "from", "to"], predictions=["pred"], label="label"
    )
    assert built.models == ("pred",)
    assert same_content(
        evaluation_set_from_table(
            renamed.rename(columns={"pred": "score"}), locus=["Chr", "from", "to"]
        )
    )


def test_named_columns(table):
    names = {"locus": "region", "celltype": "biosample", "label": "peak", "pred": "my_net"}
    built = evaluation_set_from_table(
        table.rename(columns=names),
        locus="region",
        celltype="biosample",
        label="peak",
        predictions=["my_net"],
        train=["E001", "E002"],
    )
    assert built.models == ("my_net",)
    assert built.reference_source == "cell types"


def test_every_further_column_of_numbers_is_a_model(table):
    more = table.rename(columns={"pred": "forest"}).assign(
        linear=lambda t: t["forest"] * 2, strand="+", flag=True, empty=np.nan, signal=1.0,
        chrom="chr1", start=1, end=2,
    )  # fmt: skip
    assert evaluation_set_from_table(more).models == ("forest", "linear")
    families = {"forest": "trees", "linear": "lines"}
    assert evaluation_set_from_table(more, families=families).families == families
    with_signal = evaluation_set_from_table(more, signal="signal")
    assert with_signal.signal is not None
    assert with_signal.models == ("forest", "linear")


@pytest.mark.parametrize(
    "named",
    [{"train": "reference"}, {"train_column": "reference"}, {"train": ["E001", "E002"]}],
    ids=["word", "column", "cell types"],
)
def test_train(table, named):
    table["reference"] = table["celltype"] != "E003"
    built = evaluation_set_from_table(table, **named)
    assert built.equals(EXPECTED)


def test_a_column_is_never_taken_as_a_cell_type_nor_a_cell_type_as_a_column(table):
    absent = "`train_column` names a column that is not in the table: 'E001'"
    assert absent in refusal(table, train_column="E001")
    table["E001"] = table["celltype"] != "E003"
    assert evaluation_set_from_table(table, train_column="E001").equals(EXPECTED)
    by_name = evaluation_set_from_table(table, train=["E001"])
    assert by_name.reference_cell_types == ("E001",)
    assert "'E001' is both in this table" in refusal(table, train="E001")
    both = refusal(table, train=["E001"], train_column="E001")
    assert "`train` and `train_column` must not both be given" in both
    assert "`train_column` must be left out for wide tables" in refusal(
        PREDS, labels_frame=LABELS, train_column="E001"
    )


def test_one_cell_type_and_leave_one_out(table):
    assert evaluation_set_from_table(table, train="E001").reference_cell_types == ("E001",)
    for train in ("leave-one-out", ["leave-one-out"]):
        assert evaluation_set_from_table(table, train=train).leave_one_out
        built = evaluation_set_from_table(PREDS, labels_frame=LABELS, train=train)
        assert built.leave_one_out
    assert "Did you mean 'E001'?" in refusal(table, train="E0001")


def test_row_names_of_parquet(table):
    assert evaluation_set_from_table(table.set_index(["locus", "celltype"])).equals(EXPECTED)


def test_labels_and_signal_in_long_tables_of_their_own(table):
    preds = table.loc[table["pred"].notna(), ["locus", "celltype", "pred"]]
    labels = table[["locus", "celltype", "label"]]
    built = evaluation_set_from_table(preds, labels_frame=labels)
    assert built.equals(EXPECTED)
    without = evaluation_set_from_table(preds, labels_frame=labels.iloc[1:])
    assert without.audited.sum() == 12
    fewer = evaluation_set_from_table(preds, labels_frame=labels[labels["locus"] != LOCI[3]])
    assert fewer.audited.sum() == 11
    assert len(fewer.loci) == 12  # predictions without a label are kept, and not audited
    twice = pd.concat([preds, preds.iloc[:2]])
    assert evaluation_set_from_table(twice, labels_frame=labels).equals(EXPECTED)
    signal = labels.assign(value=2.5)[["locus", "celltype", "value"]]
    with_signal = evaluation_set_from_table(preds, labels_frame=labels, signal_frame=signal)
    assert (with_signal.signal == 2.5).all()
    assert same_content(with_signal)


def test_numbers_and_text_in_the_columns_of_two_tables(table):
    table = table.assign(locus=np.repeat(np.arange(12), 3))
    preds = table.loc[table["pred"].notna(), ["locus", "celltype", "pred"]]
    labels = table[["locus", "celltype", "label"]].astype({"locus": str})
    built = evaluation_set_from_table(preds, labels_frame=labels)
    assert built.loci.ids.tolist() == [str(i) for i in range(12)]
    assert built.audited.sum() == 12


def test_errors_of_long_tables_of_their_own(table):
    preds, labels = table[["locus", "celltype", "pred"]], table[["locus", "celltype", "label"]]
    text = refusal(preds, labels_frame=labels.rename(columns={"celltype": "cell"}))
    assert "`label` from a table of its own must stand beside the same columns" in text
    assert "['locus', 'celltype'] as the predictions" not in text
    assert "that table lacks ['celltype'] and has ['locus', 'cell', 'label']" in text
    text = refusal(table, labels_frame=labels)
    assert "`label` must come from one table; both have the column 'label'" in text
    clash = pd.concat([preds, preds.iloc[[0]].assign(pred=9.0)])
    text = refusal(clash, labels_frame=labels)
    assert (
        "`predictions` must have one row per (locus, cell type) pair; 1 of 37 rows repeats" in text
    )
    assert "(chr1:0-50, E001)" in text


WIDE = {
    "row names": lambda t: t,
    "first column unnamed": lambda t: t.reset_index().rename(columns={"index": "Unnamed: 0"}),
    "usual column": lambda t: t.rename_axis("gene_id").reset_index(),
    "first column of text": lambda t: t.rename_axis("whatever").reset_index(),
    "intervals": lambda t: pd.concat(
        [
            t.index.to_series()
            .str.extract(r"(?P<chrom>.*):(?P<start>.*)-(?P<end>.*)")
            .astype({"start": int, "end": int}),
            t,
        ],
        axis=1,
    ).reset_index(drop=True),
}


@pytest.mark.parametrize("convert", WIDE.values(), ids=WIDE.keys())
@pytest.mark.parametrize("form", ["auto", "wide"])
def test_wide_tables(convert, form):
    built = evaluation_set_from_table(
        convert(PREDS), labels_frame=convert(LABELS), signal_frame=convert(LABELS * 2.0), form=form
    )
    assert same_content(built)
    np.testing.assert_array_equal(built.signal, LABELS * 2)


def test_wide_tables_of_several_models():
    built = evaluation_set_from_table(
        {"a": PREDS, "b": WIDE["usual column"](PREDS + 1)}, labels_frame=LABELS, train=["E001"]
    )
    assert built.models == ("a", "b")
    assert built.reference_cell_types == ("E001",)
    assert evaluation_set_from_table(PREDS, labels_frame=LABELS, train="E002").reference_source == (
        "cell types"
    )


def test_wide_tables_with_ids_and_intervals():
    parts = WIDE["intervals"](LABELS)
    parts.insert(0, "gene", [f"G{i}" for i in range(12)])
    parts.insert(1, "strand", "+")
    preds = PREDS.set_axis(pd.Index(parts["gene"], name="gene")).reset_index()
    built = evaluation_set_from_table(preds, labels_frame=parts)
    assert built.loci.ids.tolist() == parts["gene"].tolist()
    assert built.loci.start.tolist() == parts["start"].tolist()
    indexed = parts.set_index("gene")
    assert evaluation_set_from_table(preds, labels_frame=indexed).equals(built)


def test_a_wide_locus_column_may_be_named():
    named = LABELS.rename_axis("5").reset_index()
    built = evaluation_set_from_table(
        PREDS.rename_axis("5").reset_index(), labels_frame=named, locus=["5"]
    )
    assert same_content(built)
    three = WIDE["intervals"](LABELS).rename(columns={"chrom": "c", "start": "s", "end": "e"})
    preds = WIDE["intervals"](PREDS).rename(columns={"chrom": "c", "start": "s", "end": "e"})
    assert same_content(evaluation_set_from_table(preds, labels_frame=three, locus=["c", "s", "e"]))


def test_a_wide_table_of_reference_labels():
    target, others = LABELS[["E003"]], LABELS[["E001", "E002"]]
    built = evaluation_set_from_table(
        PREDS, labels_frame=target, train=WIDE["usual column"](others)
    )
    assert built.reference_source == "table"
    assert same_content(built)


def test_positive_labels_and_kinds(table):
    table["label"] = table["label"].map({0: "off", 1: "on"})
    assert evaluation_set_from_table(table, positive_label="on").equals(EXPECTED)
    with pytest.raises(ValidationError, match="label_kind='binary'"):
        evaluation_set_from_table(table.assign(label=lambda t: t["pred"]), label_kind="binary")


def test_columns_that_are_not_found(table):
    text = refusal(table, label="lable")
    assert text == (
        "`label` names a column that is not in the table: 'lable'. Did you mean 'label'? The "
        "columns are ['locus', 'celltype', 'label', 'pred']."
    )
    text = refusal(table.rename(columns={"label": "truth"}))
    assert text == (
        "`label` must be a column of the table; none is called label, labels, y, active. The "
        "columns are ['locus', 'celltype', 'truth', 'pred']. Name the right one with `label`; in a "
        "terminal: --label NAME."
    )
    text = refusal(table.rename(columns={"locus": "region"}))
    assert "`locus` must be a column of the table; none is called locus, loci, gene," in text
    assert "id, or chrom, start, end." in text
    text = refusal(table.rename(columns={"celltype": "sample"}))
    assert "`celltype` must be a column of the table" in text
    assert "`predictions` names a column" in refusal(table, predictions=["prod"])
    assert "`signal` names a column" in refusal(table, signal="rpkm")
    text = refusal(table.drop(columns="pred"))
    assert "`predictions` must be columns of numbers; none is called pred, prediction" in text
    text = refusal(table, locus=["locus", "celltype"])
    assert (
        "`locus` must name one column, or three for chromosome, start and end; it names 2" in text
    )


def test_errors_of_wide_tables(table):
    assert "`labels_frame` must be given when predictions are a table of loci x cell types" in (
        refusal(PREDS, form="wide")
    )
    text = refusal(PREDS, labels_frame=LABELS, signal="rpkm")
    assert "`signal` must be left out for wide tables, whose columns are cell types; it is" in text
    numbers = LABELS.reset_index(drop=True)
    text = refusal(PREDS, labels_frame=numbers)
    assert (
        "`locus` must be a column of the table of labels, because loci are matched by name" in text
    )
    assert "the first column 'E001' holds numbers" in text
    text = refusal(PREDS, labels_frame=LABELS, locus=["a", "b"])
    assert "`locus` must name one column, or three" in text
    assert "`locus` names a column" in refusal(PREDS, labels_frame=LABELS, locus=["a"])


def test_errors_of_forms(table):
    assert "`form` must be 'auto', 'long' or 'wide'; it is 'tall'" in refusal(table, form="tall")
    text = refusal({"a": table, "b": table}, form="long")
    assert "`frame` must be one table in the long form; there are 2" in text


def test_the_input_is_not_changed(table):
    before = table.copy(deep=True)
    evaluation_set_from_table(table, train=["E001"])
    pd.testing.assert_frame_equal(table, before)
    named = WIDE["intervals"](LABELS)
    copy = named.copy(deep=True)
    evaluation_set_from_table(WIDE["intervals"](PREDS), labels_frame=named)
    pd.testing.assert_frame_equal(named, copy)


def test_a_long_table_with_ids_and_intervals_keeps_both():
    table = pd.DataFrame(
        {
            "gene": ["a", "b"] * 2,
            "chrom": "chr1",
            "start": [10, 10] * 2,
            "end": [20, 20] * 2,
            "cell": ["K562"] * 2 + ["H1"] * 2,
            "y": [0, 1, 1, 0],
            "pred": [None, None, 0.7, 0.2],
        }
    )
    found = evaluation_set_from_table(table)
    assert list(found.loci.ids) == ["a", "b"]
    assert found.loci.start.tolist() == [10, 10]


@pytest.mark.parametrize("lazy", [False, True])
def test_polars_says_what_pandas_says(table, lazy):
    polars = pytest.importorskip("polars", reason="polars is not installed")

    def given(frame: pd.DataFrame):
        found = polars.from_pandas(frame)
        return found.lazy() if lazy else found

    long = given(table).with_columns(polars.col("pred").fill_nan(None))
    assert evaluation_set_from_table(long).equals(evaluation_set_from_table(table))
    named = [frame.rename_axis("locus").reset_index() for frame in (PREDS, LABELS)]
    expected = evaluation_set_from_table(named[0], labels_frame=named[1])
    preds, labels = map(given, named)
    assert evaluation_set_from_table(preds, labels_frame=labels).equals(expected)
    several = {"model": preds, "other": preds}
    found = evaluation_set_from_table(several, labels_frame=labels, signal_frame=labels)
    assert found.models == ("model", "other")
    train = given(melted(LABELS[["E001", "E002"]], "label"))
    rest = given(table[table["celltype"] == "E003"])
    held_out = evaluation_set_from_table(rest, train=train)
    assert held_out.reference_cell_types == ("E001", "E002")


def test_a_wide_polars_table_without_row_names_is_told_where_to_go():
    polars = pytest.importorskip("polars", reason="polars is not installed")
    labels = polars.from_pandas(LABELS.rename_axis("locus").reset_index())
    with pytest.raises(ValidationError, match="evaluation_set_from_table"):
        build_evaluation_set(labels, labels)
