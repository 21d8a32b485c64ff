"""Errors of long tables that were joined from two that write loci in different ways."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.data import build_evaluation_set
from leakcheck.exceptions import ValidationError
from tests.data.refusals import message

MODELS = ("first", "second")


def renamed(frame, change):
    """The same rows, whose loci are written in another way."""
    if change is None:
        return frame
    parts = frame["locus"].str.extract(r"(.+):(\d+)-(\d+)")
    found = [change(c, int(s), int(e)) for c, s, e in parts.itertuples(index=False)]
    return frame.assign(locus=[f"{chrom}:{start}-{end}" for chrom, start, end in found])


def bare(chrom, start, end):
    return chrom[3:], start, end


def capital(chrom, start, end):
    return chrom.capitalize(), start, end


def one_based(chrom, start, end):
    return chrom, start + 1, end


def moved(chrom, start, end):
    """Six of the 24 loci meet another one; a chromosome has loci that lie 3000 bp apart."""
    return chrom, start + 18_000, end + 18_000


def other(chrom, start, end):
    return chrom, start + 77, end + 77


def put_together(first, second, *, how="outer"):
    """Rows of both, those of the first in front and in their order."""
    keys = ["locus", "celltype"]
    found = first.merge(second, how="left", on=keys)
    known = pd.MultiIndex.from_frame(first[keys])
    only = second[~pd.MultiIndex.from_frame(second[keys]).isin(known)]
    return found if how == "left" else pd.concat([found, only], ignore_index=True)


@pytest.fixture
def joined(example):
    """Labels and predictions of two tables, joined as somebody would join them."""

    def make(labels=None, models=None, signal=None, how="outer"):
        keys, table = ["locus", "celltype"], example.table
        found = renamed(table[[*keys, "label"]], labels)
        for model, change in (models or {"first": None}).items():
            rows = table[[*keys, model]].dropna()
            found = put_together(found, renamed(rows, change), how=how)
        if signal is not None:
            rows = table[[*keys, "label"]].rename(columns={"label": "signal"})
            found = put_together(found, renamed(rows, signal), how=how)
        return found

    return make


def build(table, train, models=("first",), **options):
    names = {"labels": "label", "loci": "locus", "celltypes": "celltype", "data": table}
    return build_evaluation_set(
        list(models) if len(models) > 1 else models[0], **names, train=train, **options
    )


def refusal(table, train, models=("first",), **options):
    """The message, and the code behind it."""
    text = message(build, table, train, models, **options)
    with pytest.raises(ValidationError) as caught:
        build(table, train, models, **options)
    return text, caught.value.code


@pytest.fixture(params=["named", "inferred"])
def train(request, example):
    return example.train if request.param == "named" else None


@pytest.mark.parametrize("change", [bare, capital])
def test_chromosomes_of_two_styles_in_two_tables(joined, train, change):
    chrom = change("chr1", 0, 1)[0]
    text, code = refusal(joined(models={"first": change}), train)
    assert code == "LK102"
    assert text == (
        "`preds` and `labels` must write chromosomes in one style; `preds` has "
        f"{chrom!r} and `labels` has 'chr1'. Rename the chromosomes of `preds`, for example "
        f"{chrom!r} to 'chr1'."
    )
    text, code = refusal(joined(labels=change), train)
    assert f"`preds` has 'chr1' and `labels` has {chrom!r}. Rename the chromosomes of `pre" in text
    assert f"for example 'chr1' to {chrom!r}." in text
    assert code == "LK102"


def test_the_model_and_the_signal_of_another_style_are_named(joined, train):
    table = joined(models={"first": None, "second": bare})
    text, _ = refusal(table, train, MODELS)
    assert text.startswith("`preds['second']` and `labels` must write chromosomes in one style;")
    text, _ = refusal(joined(signal=bare), train, signal="signal")
    assert text.startswith("`signal` and `labels` must write chromosomes in one style;")


def test_two_styles_in_each_table_are_of_the_loci(example, joined):
    table = joined()
    table["locus"] = table["locus"].where(
        table["locus"].str.startswith("chr1"), table["locus"].str[3:]
    )
    text, code = refusal(table, example.train)
    assert text.startswith(
        "`loci` must write chromosomes in one style; it has both 'chr1' and '2',"
    )
    assert code == "LK102"


def test_two_styles_in_rows_without_any_value_are_refused(example, joined):
    table = joined()
    empty = table.iloc[[0]].assign(locus="1:0-200", label=np.nan, first=np.nan)
    text, _ = refusal(pd.concat([table, empty]), example.train)
    assert text.startswith(
        "`loci` must write chromosomes in one style; it has both 'chr1' and '1',"
    )


@pytest.mark.parametrize("labels_are", [True, False])
def test_starts_that_count_from_one_in_one_table(joined, train, labels_are):
    table = joined(**({"labels": one_based} if labels_are else {"models": {"first": one_based}}))
    text, code = refusal(table, train)
    assert "24 of 24 loci match only when `start` is shifted by one, the first is chr1:" in text
    assert f"Subtract 1 from every `start` of `{'labels' if labels_are else 'preds'}`" in text
    assert code == "LK102"


def test_starts_of_the_signal_that_count_from_one(joined, train):
    text, _ = refusal(joined(signal=one_based), train, signal="signal")
    assert text.startswith("`signal` and `labels` must give the same loci the same intervals;")
    assert "Subtract 1 from every `start` of `signal`" in text


@pytest.mark.parametrize(("change", "n_shared"), [(moved, 6), (other, 0)])
def test_few_loci_are_shared(joined, train, change, n_shared):
    """The tables have no missing value: the message is about their loci."""
    table = joined(models={"first": change})
    own = [set(table.dropna(subset=[name])["locus"]) for name in ("first", "label")]
    assert (len(own[0] & own[1]), *map(len, own)) == (n_shared, 24, 24)
    first = "chr1:24000-24200" if change is moved else "chr1:77-277"
    text, code = refusal(table, train)
    assert code == "LK102"
    assert text == (
        f"`preds` and `labels` must be of the same loci; {n_shared} of 24 loci of `preds` are "
        f"among the 24 of `labels`, the first that is not is {first}, where `labels` has loci such "
        "as chr1:0-200. Bring both to one assembly, one way of counting bases and one spelling, or "
        "leave out what only one of them has."
    )


def test_the_model_at_other_loci_is_named(joined, train):
    text, code = refusal(joined(models={"first": None, "second": moved}), train, MODELS)
    assert text.startswith("`preds['second']` and `labels` must be of the same loci; 6 of 24 loci")
    assert code == "LK102"


def test_ids_with_a_version_in_one_table(example, joined, train):
    table = joined()
    names = {locus: f"ENSG{row:02d}" for row, locus in enumerate(example.loci)}
    plain = table.assign(locus=table["locus"].map(names))
    versions = plain.assign(locus=plain["locus"] + ".3")[["locus", "celltype", "first"]].dropna()
    both = put_together(plain.drop(columns="first"), versions)
    text, code = refusal(both, train)
    assert "0 of 24 loci of `preds` are among the 24 of `labels`, the first that is not is " in text
    assert "is ENSG00.3, where `labels` has loci such as ENSG00." in text
    assert code == "LK102"
    intervals = put_together(plain.drop(columns="first"), table.drop(columns="label").dropna())
    text, code = refusal(intervals, train)
    assert text.startswith("`loci` must be all intervals or all ids; 24 of 48 loci are intervals")
    assert code == "LK102"


@pytest.mark.parametrize("how", ["left", "outer"])
def test_most_predictions_are_missing(example, joined, how):
    """Where predictions were joined to the labels, those of other loci are gone."""
    table = joined(models={"first": moved}, how=how)
    table = table[table["locus"].isin(example.loci)]
    text, code = refusal(table, example.train)
    assert (
        "of 24 audited pairs these are missing (NaN): 'model' 18. The first is (chr1:0-200" in text
    )
    assert "Check that predictions and labels have the same loci. Fill them in, or leave" in text
    assert code == "LK102"


def test_half_of_the_predictions_is_not_most(example, joined):
    table = joined()
    half = table["locus"].isin(example.loci[:12])
    table["first"] = table["first"].where(half)
    text, code = refusal(table, example.train)
    assert "'model' 12." in text
    assert "same loci" not in text
    assert code == ""


def test_no_prediction_is_left_by_a_join(joined, train):
    text, code = refusal(joined(models={"first": other}, how="left"), train)
    assert "where they were joined to the labels, that both have the same loci." in text
    assert code == "LK102"


def test_targets_without_labels_at_other_loci(example, joined):
    table = joined(models={"first": other})
    table = table[(table["celltype"] != "E003") | table["first"].notna()]
    text, code = refusal(table, example.train)
    assert text.startswith("`preds` and `labels` must be of the same loci; 0 of 24 loci of `preds`")
    assert code == "LK102"


def test_labels_of_part_of_the_predicted_loci_are_fine(example, joined):
    """Predictions of the whole genome beside labels of few loci, and labels beside few."""
    table = joined()
    few = table["locus"].isin(example.loci[:6])
    some = build(table.assign(label=table["label"].where(few)), example.train)
    assert some.audited.sum() == 6
    some = build(table.assign(first=table["first"].where(few)), None)
    assert some.audited.sum() == 6
    assert some.reference[:, 2].sum() == 18


def test_inferred_with_labels_of_a_target_elsewhere_is_fine(example, joined):
    """Few pairs have both, but the loci are the same: the other cell types are labelled there."""
    table = joined()
    is_target, row = table["celltype"] == "E003", table["locus"].map(example.loci.index)
    table["first"] = table["first"].where(row < 12)
    table["label"] = table["label"].where(~is_target | (row >= 9))
    some = build(table, None)
    assert some.audited.sum() == 3
