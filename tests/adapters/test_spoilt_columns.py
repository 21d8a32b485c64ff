"""Columns that are not what they were meant to be: no model is left out in silence."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.adapters import evaluation_set_from_parquet, evaluation_set_from_table
from leakcheck.adapters.spoilt_columns import refuse_spoilt
from leakcheck.adapters.tables import read_table
from leakcheck.exceptions import ValidationError
from leakcheck.scale.open import open_source


@pytest.fixture
def table() -> pd.DataFrame:
    """Twelve loci in three cell types, the last of which has predictions."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "locus": [f"chr{1 + i % 2}:{100 * i}-{100 * i + 50}" for i in range(12)] * 3,
            "celltype": np.repeat(["E001", "E002", "E003"], 12),
            "label": rng.permutation(np.arange(36) % 2),
            "deep": np.where(np.arange(36) < 24, np.nan, rng.random(36)),
        }
    )


SPOILT = pytest.mark.parametrize(
    ("spoil", "shown"),
    [
        (lambda text: text.where(text.index != 27, "failed"), "1 of 12 values, the first 'failed'"),
        (lambda text: text.str.replace(".", ","), "12 of 12 values, the first '0,"),
        (lambda text: text, "12 of 12 values, the first '0."),
        (lambda text: text + "%", "12 of 12 values, the first '0."),
        (lambda text: text.str[2:] + "%", "12 of 12 values, the first '"),
        (lambda text: text.reindex(range(36), fill_value="-"), "24 of 36 values, the first '-'"),
        (lambda text: text.reindex(range(36), fill_value="nd"), "24 of 36 values, the first 'nd'"),
        (
            lambda text: text.reindex(range(36), fill_value="#DIV/0!"),
            "24 of 36 values, the first '#DIV/0!'",
        ),
        (lambda text: "\N{NO-BREAK SPACE}" + text, "12 of 12 values, the first '\\xa00."),
        (lambda text: "\N{MINUS SIGN}" + text, "12 of 12 values, the first '\N{MINUS SIGN}0."),
        (lambda text: "1 " + text.str[2:], "12 of 12 values, the first '1 "),
        (lambda text: "1." + text.str[2:] + ",5", "12 of 12 values, the first '1."),
        (lambda text: text.str[-1].where(text.index > 26, "."), "3 of 12 values, the first '.'"),
    ],
)
OTHER = pytest.mark.parametrize(
    "column",
    [["1", "2", "X"] * 12, ["+", "-", "."] * 12, ["a", "b", "0.5"] * 12, [True, False, True] * 12,
     [None] * 36, pd.Categorical(["x", "y", "z"] * 12), pd.to_datetime(["2020-01-02"] * 36)],
)  # fmt: skip


@SPOILT
def test_scores_that_are_text_are_refused(table, spoil, shown):
    table["ridge"] = spoil(table["deep"].dropna().map("{:.3f}".format))
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_table(table)
    text = str(caught.value)
    assert text.startswith("`predictions` must be columns of numbers; the column 'ridge' holds ")
    assert f"text in {shown}" in text
    assert text.endswith("in a terminal: --prediction NAME.")
    assert evaluation_set_from_table(table, predictions=["deep"]).models == ("deep",)


@OTHER
def test_other_columns_are_left_out_as_before(table, column):
    assert evaluation_set_from_table(table.assign(more=column)).models == ("deep",)


def written(table, path, **options):
    """The table as Parquet, three row groups a cell type."""
    table.to_parquet(path, index=False, row_group_size=4, **options)
    return path


@SPOILT
def test_scores_that_are_text_are_refused_in_parquet_too(table, tmp_path, spoil, shown):
    table["ridge"] = spoil(table["deep"].dropna().map("{:.3f}".format))
    path = written(table, tmp_path / "t.parquet")
    with pytest.raises(ValidationError) as expected:
        evaluation_set_from_table(table)
    for read in (evaluation_set_from_parquet, open_source):
        with pytest.raises(ValidationError) as caught:
            read(path)
        assert str(caught.value) == str(expected.value)
        assert shown in str(caught.value)
        assert tuple(read(path, predictions=["deep"]).models) == ("deep",)
        written(table.assign(ridge=table["ridge"].astype("category")), tmp_path / "c.parquet")
        with pytest.raises(ValidationError, match="the column 'ridge' holds text in"):
            read(tmp_path / "c.parquet")


@OTHER
def test_other_columns_of_parquet_are_left_out_too(table, tmp_path, column):
    path = written(table.assign(more=column), tmp_path / "t.parquet")
    assert evaluation_set_from_parquet(path).models == ("deep",)
    models = open_source(path).models
    assert models == ("deep",) if any(column) else models == ("deep", "more")  # not read yet


def test_row_numbers_are_no_model(table, tmp_path):
    table["ridge"] = table["deep"]
    table.to_csv(tmp_path / "t.csv")
    read = read_table(tmp_path / "t.csv")
    path = written(read, tmp_path / "t.parquet")
    for make, source in (
        (evaluation_set_from_table, read),
        (evaluation_set_from_parquet, path),
        (open_source, path),
    ):
        with pytest.raises(ValidationError) as caught:
            make(source)
        text = str(caught.value)
        assert "that the header names; 1 is not, the first is 'Unnamed: 0', as row numbers" in text
        assert text.endswith("in a terminal: --prediction NAME.")
        assert tuple(make(source, predictions=["deep"]).models) == ("deep",)
    usual = read.drop(columns="ridge").rename(columns={"deep": "pred"})
    assert evaluation_set_from_table(usual).models == ("model",)
    empty = read.assign(**{"Unnamed: 0": np.nan})  # a blank column of a spreadsheet
    assert evaluation_set_from_table(empty).models == ("deep", "ridge")


def test_no_more_is_read_of_other_text_than_its_beginning(table, monkeypatch):
    monkeypatch.setattr("leakcheck.adapters.spoilt_columns._LOOKED_AT", 5)
    seen = []

    def read(name):
        for at in range(0, 36, 4):
            seen.append(name)
            yield table[name].iloc[at : at + 4]

    refuse_spoilt(["locus"], read)
    assert seen == ["locus"] * 2


def test_signs_are_looked_through_to_the_numbers_behind(table, monkeypatch):
    monkeypatch.setattr("leakcheck.adapters.spoilt_columns._LOOKED_AT", 5)
    table["ridge"] = table["deep"].map(lambda score: "-" if np.isnan(score) else f"{score:.3f}")
    with pytest.raises(ValidationError, match="'ridge' holds text in 24 of 36 values"):
        evaluation_set_from_table(table)


def test_a_wide_table_by_itself_needs_labels(table):
    wide = table.pivot(index="locus", columns="celltype", values="deep").reset_index()
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_table(wide)
    assert str(caught.value).endswith("with `labels_frame`; in a terminal: --labels FILE.")
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_table(table.rename(columns={"celltype": "tissue"}))
    assert str(caught.value).endswith("in a terminal: --celltype NAME.")


def test_models_are_named_one_by_one(table):
    table["ridge"] = table["deep"]
    with pytest.raises(ValidationError) as caught:
        evaluation_set_from_table(table, predictions=["deep, ridge"])
    assert "'deep, ridge' names 2" in str(caught.value)
    assert str(caught.value).endswith("in a terminal: --prediction deep --prediction ridge")
    odd = table.rename(columns={"ridge": "deep,label"})
    assert evaluation_set_from_table(odd, predictions=["deep,label"]).models == ("deep,label",)
