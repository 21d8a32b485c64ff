"""Errors of loci, and of pairs that come twice."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import Loci, build_evaluation_set
from tests.data.refusals import message


def test_conflicting_rows(example):
    table = pd.concat([example.table, example.table.iloc[[2, 5]]], ignore_index=True)
    table.loc[97, "label"] = 1 - table.loc[97, "label"]
    values = table.loc[5, "label"], table.loc[97, "label"]
    text = message(
        build_evaluation_set,
        *(table[name] for name in ("first", "label", "locus", "celltype")),
        train=example.train,
    )
    assert text.startswith(
        "`labels` must have one row per (locus, cell type) pair; 1 of 98 rows repeats an earlier "
        "pair with other values, the first is (chr2:1000-1200, E002): label "
        f"{values[0]:g} in row 5, {values[1]:g} in row 97."
    )


@pytest.mark.parametrize("column", ["first", "reference", "signal"])
def test_rows_that_differ_elsewhere(example, column):
    base = example.table.assign(signal=np.arange(96.0))
    table = pd.concat([base, base.iloc[[2]]], ignore_index=True)
    table.loc[96, column] = True if column == "reference" else 0.123
    text = message(
        build_evaluation_set,
        "first",
        "label",
        "locus",
        "celltype",
        data=table,
        train="reference",
        signal="signal",
    )
    shown = {
        "first": "preds ",
        "reference": "train False in row 2, True in row 96",
        "signal": "signal 2",
    }
    assert shown[column] in text


def test_conflicting_wide_rows_and_columns(wide, example):
    labels = example.wide_labels
    rows = pd.concat([labels, 1 - labels.iloc[[3]]])
    text = message(wide, labels=rows)
    assert (
        "`labels` must have one row per locus and one column per cell type; 4 of 100 values differ"
        in text
    )
    assert f"the first is ({example.loci[3]}, E001): {labels.iloc[3, 0]:g} and " in text
    columns = pd.concat([labels, 1 - labels[["E002"]]], axis=1)
    assert "(chr1:0-200, E002)" in message(wide, labels=columns)


@pytest.mark.parametrize("bad", ["chr1:500-500", "chr1:500-400"])
def test_empty_intervals(bad, long, example):
    loci = [f"chr2:{i}-{i + 10}" for i in range(20)]
    loci[17] = loci[19] = bad
    loci[18] = "chr1:9-2"
    assert message(Loci.from_any, loci) == (
        f"`loci`: 3 of 20 loci have `end` <= `start`; the first is row 17, {bad}. Loci are "
        "0-based, half-open (BED): `start` counts from 0 and `end` is not part of the locus."
    )
    frame = pd.DataFrame({"chrom": ["a"] * 3, "start": [1, 5, 1], "end": [2, 5, 3]})
    assert "1 of 3 loci has `end` <= `start`; the first is row 1, a:5-5." in message(
        Loci.from_any, frame
    )


def test_negative_starts():
    for loci in (
        ["chr1:1-2", "chr1:-5-10"],
        pd.DataFrame({"chrom": ["chr1"], "start": [-5], "end": [10]}),
    ):
        text = message(Loci.from_any, loci)
        assert " a negative `start`; the first is row " in text
        assert "chr1:-5-10" in text


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        (np.array([9, 2**63 + 5], dtype=np.uint64), "9.22337e+18"),
        (np.array([9, 1e30]), "1e+30"),
        (np.array([9, -1e30]), "-1e+30"),
    ],
)
def test_positions_beyond_64_bits(end, shown):
    frame = pd.DataFrame({"chrom": ["chr1", "chr1"], "start": [0, 0], "end": end})
    assert message(Loci.from_any, frame) == (
        "`loci.end` must hold whole numbers (base pairs); 1 of 2 rows is too large for 64 bits, "
        f"the first is row 1: {shown}. Correct or drop these rows."
    )


def test_written_positions_beyond_64_bits():
    names = ["chr1:0-9", f"chr1:1,000-{10**20}", f"chr1:-{10**20}-5"]
    assert message(Loci.from_any, names) == (
        "`loci` must have positions of 64 bits at the most; the first that has more is "
        "'chr1:1,000-100000000000000000000'. Correct or drop it."
    )
    assert Loci.from_any([f"chr1:0-{2**63 - 1}"]).end.tolist() == [2**63 - 1]


def test_text_among_positions_is_what_is_named():
    frame = pd.DataFrame({"chrom": ["chr1"] * 3, "start": [0, None, "x"], "end": [9, 9, 9]})
    assert "must hold whole numbers (base pairs); it holds text, the first is row 2: 'x'." in (
        message(Loci.from_any, frame)
    )


@pytest.mark.parametrize("name", ["chrom", "start", "end", "id"])
def test_a_column_that_comes_twice(name):
    frame = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [9], "id": ["a"]})
    assert message(Loci.from_any, pd.concat([frame, frame[[name]]], axis=1)) == (
        f"`loci` as a table must have the column {name!r} once; it has it 2 times. Rename the "
        "others."
    )


def test_intervals_and_ids_mixed():
    assert message(Loci.from_any, ["GENE1", "chr1:1-2", "chr1:3-4"]) == (
        "`loci` must be all intervals or all ids; 2 of 3 loci are intervals, the first 'chr1:1-2', "
        "and the rest not, the first 'GENE1'. Write all as chrom:start-end, or none."
    )


def test_repeated_loci():
    text = message(Loci.from_any, ["a", "b", "b", "b", "a"])
    assert (
        "`loci` must name each locus once; 3 of 5 rows repeat an earlier one, the first is a"
        in text
    )


@pytest.mark.parametrize(
    ("names", "first", "second"),
    [
        (["chr1", "2"], "chr1", "2"),
        (["X", "chrX"], "chrX", "X"),
        (["chr1", "MT"], "chr1", "MT"),
        (["chr2L", "2R"], "chr2L", "2R"),
        (["chrI", "IV"], "chrI", "IV"),
        (["chr1", "Chr2", "Chr1"], "Chr1", "chr1"),
    ],
)
def test_two_styles_in_one_input(names, first, second):
    text = message(Loci.from_any, [f"{name}:{i}-{i + 5}" for i, name in enumerate(names)])
    assert text.startswith("`loci` must write chromosomes in one style; it has both ")
    assert repr(first) in text
    assert repr(second) in text
    assert "Rename one of them, for example " in text


@pytest.mark.parametrize("names", [["chr1", "chrUn_gl000220", "chrX"], ["1", "GL000192.1", "X"]])
def test_scaffolds_have_no_style(names):
    assert Loci.from_any([f"{name}:1-2" for name in names]).chrom_names == tuple(names)


@pytest.mark.parametrize("argument", ["preds", "signal", "train"])
def test_another_style_in_another_table(wide, example, argument):
    table = example.wide_labels if argument != "train" else example.wide(example.labels > 9)
    text = message(wide, **{argument: table.rename(index=lambda locus: locus[3:])})
    assert text == (
        f"`{argument}` and `labels` must write chromosomes in one style; `{argument}` has '1' and "
        f"`labels` has 'chr1'. Rename the chromosomes of `{argument}`, for example '1' to 'chr1'."
    )


def test_another_style_in_a_label_table(wide, example):
    labels = example.wide_labels
    bare = labels.drop(columns="E003").rename(index=lambda locus: locus[3:])
    text = message(wide, labels=labels[["E003"]], train=bare)
    assert text.startswith("`train` and `labels` must write chromosomes in one style")


@pytest.mark.parametrize("shift", [1, -1])
def test_starts_off_by_one(wide, example, shift):
    """The remedy is for the table that counts from 1, whichever it is: the other one is right."""

    def moved(locus):
        chrom, start, end = locus.replace("-", ":").split(":")
        return f"{chrom}:{int(start) + 1 + shift}-{end}"

    def base(locus):
        chrom, start, end = locus.replace("-", ":").split(":")
        return f"{chrom}:{int(start) + 1}-{end}"

    labels = example.wide_labels.rename(base)
    preds = example.wide_preds.rename(moved)
    text = message(wide, labels=labels, preds=preds)
    assert (
        "`preds` and `labels` must give the same loci the same intervals; 24 of 24 loci match"
        in text
    )
    assert "only when `start` is shifted by one" in text
    assert f"the first is {preds.index[0]}, which `labels` has as {labels.index[0]}." in text
    assert f"Subtract 1 from every `start` of `{'preds' if shift == 1 else 'labels'}`" in text
    text = message(
        wide,
        labels=labels[["E003"]],
        preds=example.wide_preds.rename(base),
        train=example.wide_labels.drop(columns="E003").rename(moved),
    )
    assert f"Subtract 1 from every `start` of `{'train' if shift == 1 else 'labels'}`" in text


def test_unknown_loci(wide, example):
    preds = example.wide_preds.rename({example.loci[4]: "chr2:4000-4201"})
    assert message(wide, preds=preds) == (
        "`preds` must have loci of `labels` only; 1 of 24 loci is unknown, the first is "
        "'chr2:4000-4201', where `labels` has loci such as 'chr1:0-200'. Bring both to one "
        "assembly, one way of counting bases and one spelling, or drop these rows."
    )
    versions = example.wide_preds.set_axis([f"ENSG{i}.{i}" for i in range(24)])
    plain = example.wide_labels.set_axis([f"ENSG{i}" for i in range(24)])
    text = message(wide, preds=versions, labels=plain)
    assert "the first is 'ENSG0.0', where" in text
    assert "Did you mean 'ENSG0'? Bring both to" in text
    genes = example.wide_preds.set_axis([f"G{i}" for i in range(24)])
    text = message(wide, preds=genes)
    assert (
        "24 of 24 loci are unknown, the first is 'G0', where `labels` has loci such as 'chr1:0-"
        in text
    )


def test_rows_and_columns_that_are_only_counted(example):
    labels = pd.DataFrame(example.labels)
    text = message(build_evaluation_set, pd.DataFrame(example.scores["first"][:10]), labels)
    assert (
        "`preds` must name its rows when it has fewer or more than `labels`; they are only" in text
    )
    assert "10 here and 24 in `labels`" in text
    text = message(build_evaluation_set, pd.DataFrame(example.scores["first"][:, 2:]), labels)
    assert "`preds` must name its columns when it has fewer or more" in text


def test_loci_beside_a_wide_table(wide, example):
    text = message(wide, loci=example.loci[:20])
    assert (
        "`loci` must name each row of `labels`; it has 20 entries and `labels` has 24 rows" in text
    )
    other = [*example.loci[:3], "chr9:1-2", *example.loci[4:]]
    text = message(wide, loci=other)
    assert (
        "`loci` must agree with the row names of `labels`; 1 of 24 rows differs, the first" in text
    )
    assert "number 3: 'chr9:1-2' against 'chr1:3000-3200'" in text


def gene_frame(example, names):
    parts = [locus.replace("-", ":").split(":") for locus in example.loci]
    frame = pd.DataFrame(parts, columns=["chrom", "start", "end"], index=names)
    return frame.astype({"start": int, "end": int})


def test_a_locus_table_that_lacks_loci(wide, example):
    genes = [f"GENE{i:02d}" for i in range(24)]
    labels, preds = example.wide_labels.set_axis(genes), example.wide_preds.set_axis(genes)
    loci = gene_frame(example, genes).rename({"GENE05": "gene05"})
    text = message(wide, labels=labels, preds=preds, loci=loci)
    assert "`loci` must have a row for every locus of `labels`; 1 of 24 loci is not among" in text
    assert "the first is 'GENE05'. Did you mean 'gene05'?" in text
    text = message(wide, labels=labels, preds=preds, loci=pd.concat([loci, loci]))
    assert "`loci.index` must name each locus once; 24 names came more than once" in text.replace(
        "entry", "column"
    )


def test_a_locus_table_that_disagrees_with_the_row_names(wide, example):
    loci = gene_frame(example, example.loci)
    loci.iloc[2, 2] += 5
    text = message(wide, loci=loci)
    assert "`loci` must agree with the row names of `labels`; 1 of 24 rows differs" in text


def test_locus_tables_without_their_columns(long, example):
    frame = gene_frame(example, None).loc[np.repeat(np.arange(24), 4)]
    text = message(long, loci=frame.rename(columns={"start": "Start"}))
    assert "`loci` as a table must have the columns chrom, start, end; it lacks ['start']" in text
    assert "Did you mean 'Start'?" in text
    indexed = frame.set_index(["chrom", "start"]).index
    text = message(Loci.from_any, indexed)
    assert (
        "`loci` as a MultiIndex must have the levels chrom, start, end; it has ['chrom', 's" in text
    )


@pytest.mark.parametrize(
    ("start", "what"),
    [
        ([1.0, 2.5], "1 of 2 rows is missing or fractional, the first is row 1: 2.5"),
        ([np.nan, 2], "1 of 2 rows is missing or fractional, the first is row 0: nan"),
        ([1.0, 1e25], "the first is row 1: 1e+25"),
        (["a", "b"], "it holds text, the first is row 0: 'a'. Correct it."),
        (["1", "2,000"], "it holds text, the first is row 1: '2,000'. Correct it."),
        (["1", "1" + "0" * 25], "the first is row 1: '10000000000000000000000000'"),
        (["1", "2"], "it holds text, the first is '1'. Convert it: pandas.to_numeric(...)."),
    ],
)
def test_positions_that_are_no_whole_numbers(start, what):
    frame = pd.DataFrame({"chrom": ["chr1", "chr1"], "start": start, "end": [10, 20]})
    text = message(Loci.from_any, frame)
    assert text.startswith("`loci.start` must hold whole numbers (base pairs); ")
    assert what in text


def test_whole_floats_are_positions():
    frame = pd.DataFrame({"chrom": ["chr1"], "start": [1.0], "end": pd.array([9], dtype="Int64")})
    assert Loci.from_any(frame).ids.tolist() == ["chr1:1-9"]


def test_ids_that_are_not_those_of_the_labels(example):
    genes = [f"GENE{i}" for i in range(24)]
    loci = example.intervals.reset_index(drop=True).assign(id=["TP53", "MYC.2", *genes[2:]])
    text = message(
        build_evaluation_set,
        example.wide_preds.set_axis(genes),
        example.wide_labels.set_axis(genes),
        loci,
        train=example.train,
    )
    assert text == (
        "`loci` must have a row for every locus of `labels`; 2 of 24 loci are not among its ids, "
        "the first is 'GENE0'. Write the ids as `labels` does, or drop the column with "
        "loci.drop(columns='id') where the rows are in the order of `labels`."
    )


@pytest.mark.parametrize("date", ["1-Mar", "Sep-02", "2006-03-01", "3/1/2006"])
def test_genes_that_a_spreadsheet_took_for_dates(long, wide, example, date):
    genes = [f"GENE{i}" for i in range(24)]
    labels, preds = (one.set_axis(genes) for one in (example.wide_labels, example.wide_preds))
    text = message(wide, labels=labels, preds=preds.rename({"GENE1": date}))
    assert f"{date!r} looks like a date, as which a spreadsheet takes names of genes" in text
    assert "looks like" not in message(wide, labels=labels, preds=preds.rename({"GENE1": "TP53"}))
    twice = pd.Series(np.repeat([date, date, *genes[2:]], 4))
    assert f"{date!r} looks like a date" in message(long, loci=twice)
