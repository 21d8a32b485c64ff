"""`detect_design`: forms of input, the record, and errors."""

import numpy as np
import pandas as pd
import polars
import pytest

import leakcheck
from leakcheck.design import detect_design
from leakcheck.exceptions import ValidationError
from leakcheck.results import TABLES
from tests.test_design_detect import CELL_TYPES, grid, one, paper, places, status


@pytest.fixture(scope="module")
def table():
    return grid(places())


# --- forms ------------------------------------------------------------------------------------


def as_strings(table):
    return table["chrom"] + ":" + table["start"].astype(str) + "-" + table["end"].astype(str)


@pytest.mark.parametrize("setting", ["cross-chromosome", "cross-cell-type", "hybrid"])
def test_every_form_says_the_same(table, setting):
    train, _, test = paper(table, setting)
    expected = detect_design(train, test)
    forms = {
        "arrays": lambda t: (as_strings(t).to_numpy(), t["celltype"].tolist(), t["label"]),
        "polars": polars.from_pandas,
        "loci": lambda t: pd.DataFrame({"locus": as_strings(t), "cell_type": t["celltype"],
                                        "y": t["label"]}),
    }  # fmt: skip
    for make in forms.values():
        found = detect_design(make(train), make(test))
        for name in ("shares", "targets", "cell_types", "checks", "findings", "pairs", "loci"):
            pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))
        assert found.claim == expected.claim


def test_one_based_strings_and_single_bases():
    train = (["chr1:5-5", "chr2:7-9"], ["A", "A"])
    design = detect_design(train, (["chr1:4-5"], ["B"]), coordinates={"train": "1-based"})
    assert design.loci["match"].tolist() == ["same"]
    ids = detect_design((["g1"], ["A"]), (["g1"], ["B"]), coordinates="1-based")
    assert ids.setting == "cross-cell-type"


def evaluation_set(table, **train):
    wide = table.assign(locus=as_strings(table)).pivot(
        index="locus", columns="celltype", values="label"
    )
    preds = wide if train.get("train") == "leave-one-out" else wide[["E003"]]
    return leakcheck.build_evaluation_set(preds, wide, **train)


def test_an_evaluation_set_is_both_tables(table):
    data = evaluation_set(table, train=[c for c in CELL_TYPES if c != "E003"])
    design = detect_design(data)
    assert (design.setting, design.share) == ("cross-cell-type", 1.0)
    assert detect_design(data, data).setting == "cross-cell-type"
    own = table[table["celltype"] == "E003"]
    assert detect_design(own, data).setting == "contaminated"


def test_under_leave_one_out_every_target_is_new(table):
    design = detect_design(evaluation_set(table, train="leave-one-out"))
    assert (design.setting, design.share) == ("cross-cell-type", 1.0)
    assert status(design, "LK026") == "not applicable"
    assert len(design.targets) == len(CELL_TYPES)


def test_leave_one_out_at_loci_that_nobody_else_has():
    wide = pd.DataFrame({"A": [1.0, 0, 1, 0], "B": [1.0, 1, np.nan, np.nan]},
                        index=[f"g{i}" for i in range(4)])  # fmt: skip
    data = leakcheck.build_evaluation_set(wide, wide, train="leave-one-out")
    shares = detect_design(data).shares.set_index("setting")["n_pairs"]
    assert shares["cross-cell-type"] == 4
    assert shares["hybrid"] == 2


# --- the record -------------------------------------------------------------------------------


def test_the_record_is_tidy_and_readable(table):
    train, validation, test = paper(table, "hybrid")
    design = detect_design(train, test, validation=validation)
    text = str(design)
    assert text.startswith("Setting: hybrid (100.0% of the test pairs)")
    assert "Claim: " in text
    assert "Findings: none." in text
    assert max(map(len, text.splitlines())) <= 100
    assert repr(design).startswith(f"<Design: hybrid, {len(test)} test pairs, 0 findings (0 err")
    assert list(design.findings.columns) == list(TABLES["findings"])
    assert set(design.checks["status"]) <= {"found", "clear", "not applicable"}
    assert (design.checks["reason"] != "").equals(design.checks["status"] == "not applicable")
    assert design.raise_if_failed() is None
    with pytest.raises(AttributeError):
        design.setting = "random"


def test_row_order_and_inputs_do_not_matter(table):
    train, _, test = paper(table, "cross-cell-type")
    before = train.copy()
    shuffled = detect_design(train.sample(frac=1, random_state=1), test)
    assert shuffled.claim == detect_design(train, test).claim
    pd.testing.assert_frame_equal(train, before)


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"train": [1, 2]}, "`train` must be a table"),
        ({"train": pd.DataFrame({"locus": ["a"]})}, r"`train` must have a column called celltype"),
        ({"test": pd.DataFrame({"celltype": ["A"]})}, r"`test` must have a column called locus"),
        ({"test": None}, "`test` must be given"),
        ({"test": (["a", "b"], ["A"])}, "as many loci as cell types"),
        ({"test": (["a"], ["A"], ["x"])}, "labels must be numbers"),
        ({"test": ([], [])}, r"`test` must have at least one"),
        ({"gap": -1}, "`gap` must be a whole number"),
        ({"min_overlap": 0}, "`min_overlap` must be a whole number"),
        ({"copies_above": 0}, "`copies_above` must be a correlation"),
        ({"copies_above": "0.9"}, "`copies_above` must be a correlation .*; '0.9' came"),
        ({"copies_above": None}, "`copies_above` must be a correlation .*; None came"),
        ({"aliases": ["a"]}, "`aliases` must be a mapping .*; it is a list"),
        ({"train": None}, "`train` must be a table .* it is missing"),
        ({"coordinates": "BED"}, "`coordinates` must be"),
        ({"coordinates": {"tests": "1-based"}}, "'tests'"),
        ({"aliases": {"a": "b", "b": "c"}}, "'a' to 'c'"),
        ({"sequences": 3}, "`sequences` must be a mapping"),
        ({"sequences": "dna"}, "a column that `train` does not have: 'dna'"),
    ],
)
def test_errors_name_argument_rule_and_remedy(arguments, words):
    given = {"train": one(0, 10), "test": one(20, 30)} | arguments
    with pytest.raises(ValidationError, match=words):
        detect_design(given.pop("train"), given.pop("test"), **given)


@pytest.mark.parametrize("table", [one(0, 10), (["chr1:0-10"], ["A"])])
def test_a_start_of_zero_is_not_one_based(table):
    with pytest.raises(ValidationError, match="`train` is said to be 1-based"):
        detect_design(table, one(20, 30), coordinates="1-based")


def test_checked_loci_are_zero_based_by_definition(table):
    data = evaluation_set(table, train=[c for c in CELL_TYPES if c != "E003"])
    with pytest.raises(ValidationError, match="an EvaluationSet, whose loci are 0-based"):
        detect_design(data, coordinates="1-based")
    with pytest.raises(ValidationError, match="Loci, whose loci are 0-based"):
        detect_design((data.loci, ["A"] * len(data.loci)), data, coordinates={"train": "1-based"})
    left = evaluation_set(table, train="leave-one-out")
    with pytest.raises(ValidationError, match="under leave-one-out"):
        detect_design(left, one(0, 10))


def test_text_in_starts_is_left_to_the_border():
    with pytest.raises(ValidationError, match="whole numbers"):
        detect_design(one(1, 10).assign(start="x"), one(20, 30), coordinates="1-based")
