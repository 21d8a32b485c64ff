"""JSON: strict, versioned, and back without losing a bit."""

import dataclasses
import json
import math

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from leakcheck import ValidationError
from leakcheck.report import AuditReport
from leakcheck.results import TABLES, build_table

from .factory import make_report

SMALL = make_report(1, 1, n_strata=1)
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY_TEXT = st.text(st.characters(codec=None), max_size=12)


def assert_same(left: AuditReport, right: AuditReport) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(
            left.to_frame(name), right.to_frame(name), check_exact=True, check_column_type=True
        )
    assert left.settings == right.settings


def bits(values) -> list[bytes]:
    return [np.float64(value).tobytes() for value in values if not math.isnan(value)]


@pytest.mark.parametrize("size", [(2, 1), (3, 4), (0, 0)])
def test_a_report_comes_back_the_same(size):
    report = make_report(*size)
    assert_same(report, AuditReport.from_json(report.to_json()))


def test_a_file_comes_back_the_same(tmp_path):
    report = make_report(2, 2)
    assert report.to_json(tmp_path / "report.json") is None
    assert_same(report, AuditReport.from_json(tmp_path / "report.json"))
    assert_same(report, AuditReport.from_json(str(tmp_path / "report.json")))
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(ANY_TEXT, ANY_FLOAT, st.integers(-(2**63), 2**63 - 1)), max_size=5))
def test_any_text_float_and_integer_comes_back(rows):
    table = build_table(
        "within_locus",
        {
            "model": [text for text, _, _ in rows],
            "concordance": [number for _, number, _ in rows],
            "n_targets": [count for _, _, count in rows],
        },
    )
    report = dataclasses.replace(SMALL, within_locus=table)
    back = AuditReport.from_json(report.to_json()).within_locus
    pd.testing.assert_frame_equal(back, table, check_exact=True)
    assert bits(back["concordance"]) == bits(table["concordance"])


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        ANY_TEXT,
        st.recursive(
            st.none() | st.booleans() | st.integers() | ANY_TEXT | FINITE,
            lambda part: st.lists(part, max_size=3) | st.dictionaries(ANY_TEXT, part, max_size=3),
            max_leaves=6,
        ),
        max_size=3,
    )
)
def test_any_settings_come_back(choices):
    report = dataclasses.replace(SMALL, settings=SMALL.settings | {"choices": choices})
    assert AuditReport.from_json(report.to_json()).settings == report.settings


def test_the_text_is_strict_json_with_null_for_nan():
    verdict = make_report(1, 1).verdict.assign(skill=[math.nan, math.inf])
    text = make_report(1, 1, tables={"verdict": verdict}).to_json()

    def refuse(constant):
        raise AssertionError(constant)

    stored = json.loads(text, parse_constant=refuse)
    assert (stored["schema"], stored["version"]) == ("leakcheck-report", 1)
    assert stored["tables"]["verdict"]["skill"] == [None, "Infinity"]
    back = AuditReport.from_json(text)
    assert np.isnan(back.verdict["skill"][0])
    assert back.verdict["skill"][1] == math.inf


def test_strings_come_back_as_object_columns_of_str():
    back = AuditReport.from_json(make_report(2, 1).to_json())
    for name, columns in TABLES.items():
        for column, kind in columns.items():
            values = getattr(back, name)[column]
            if kind == "string":
                assert values.dtype == object
                assert all(type(value) is str for value in values)


def change(edit) -> str:
    content = json.loads(make_report(2, 1).to_json())
    edit(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.update(schema="other"), r"its `schema` is 'other'"),
        (lambda c: c.pop("schema"), r"its `schema` is None"),
        (lambda c: c.update(version=2), r"`version` of the report must be 1; this one is 2"),
        (lambda c: c.update(version=True), r"this one is True"),
        (lambda c: c.pop("version"), r"this one is None, written by leakcheck 0\.1\.0"),
        (lambda c: c.pop("tables"), r"it has no `tables` and `settings`"),
        (lambda c: c.pop("settings"), r"it has no `tables` and `settings`"),
        (lambda c: c["tables"].pop("strata"), r"1 of 10 tables are missing: \['strata'\]"),
        (lambda c: c["tables"].update(strata=[]), r"tables are missing"),
        (
            lambda c: c["tables"]["verdict"].pop("skill"),
            r"table `verdict` lacks 1 columns: \['skill'\]",
        ),
        (
            lambda c: c["tables"]["verdict"].update(extra=[1]),
            r"table `verdict` has 1 unknown columns: \['extra'\]",
        ),
        (
            lambda c: c["tables"]["verdict"]["skill"].pop(),
            r"columns of table `verdict` differ in length",
        ),
        (
            lambda c: c["tables"]["verdict"].update(skill="0.5"),
            r"column `verdict\.skill` is not a list",
        ),
        (
            lambda c: c["tables"]["verdict"]["skill"].__setitem__(2, "high"),
            r"column `verdict\.skill` must hold float values; row 2 is 'high'",
        ),
        (
            lambda c: c["tables"]["verdict"]["model"].__setitem__(0, None),
            r"column `verdict\.model` must hold string values; row 0 is None",
        ),
        (
            lambda c: c["tables"]["scores"]["n_loci"].__setitem__(1, True),
            r"column `scores\.n_loci` must hold integer values; row 1 is True",
        ),
        (
            lambda c: c["tables"]["scores"]["n_loci"].__setitem__(1, 1.5),
            r"row 1 is 1\.5",
        ),
        (lambda c: c["settings"].pop("margin"), r"`settings` must hold the float 'margin'"),
    ],
)  # fmt: skip
def test_what_is_no_whole_report_is_refused_by_name(edit, message):
    with pytest.raises(ValidationError, match=message):
        AuditReport.from_json(change(edit))


@pytest.mark.parametrize("text", ["{", '{"a": NaN}', "{'a': 1}", '{"a": 1} x'])
def test_text_that_is_no_json_is_refused(text):
    with pytest.raises(ValidationError, match="it is not JSON"):
        AuditReport.from_json(text)


def test_files_that_are_no_report_are_refused(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(ValidationError, match="it holds a list"):
        AuditReport.from_json(tmp_path / "list.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValidationError, match="JSON file in UTF-8"):
        AuditReport.from_json(tmp_path / "binary.json")
    with pytest.raises(ValidationError, match="there is no file"):
        AuditReport.from_json(tmp_path / "none.json")
    with pytest.raises(ValidationError, match=r"reading .* failed"):
        AuditReport.from_json(tmp_path)


def test_deep_nonsense_is_refused_rather_than_crashing():
    with pytest.raises(ValidationError, match="it is not JSON"):
        AuditReport.from_json('{"a":' * 100_000)


def test_settings_become_plain_json_values():
    report = make_report(
        1, 1, settings={"a": (1, np.int64(2)), "b": np.array([0.5]), "c": {"d": np.float64(1.5)}}
    )
    assert report.settings["a"] == [1, 2]
    assert report.settings["b"] == [0.5]
    assert type(report.settings["c"]["d"]) is float


@pytest.mark.parametrize("value", [math.nan, {1, 2}, object()])
def test_settings_that_are_no_json_are_refused(value):
    with pytest.raises(ValidationError, match=r"`settings` must hold JSON values; 'choices\.x'"):
        make_report(1, 1, settings={"choices": {"x": value}})


def test_settings_need_string_keys():
    with pytest.raises(ValidationError, match="must have string keys; one is 3"):
        make_report(1, 1, settings={"choices": {3: "x"}})


def test_a_missing_folder_is_an_error_before_anything_is_written(tmp_path):
    with pytest.raises(ValidationError, match="must lie in an existing folder"):
        make_report(1, 1).to_json(tmp_path / "no" / "report.json")


def test_a_report_of_an_older_release_lacks_the_later_tables():
    report = make_report(2, 1)
    content = json.loads(report.to_json())
    del content["tables"]["ranks"]
    old = AuditReport.from_json(json.dumps(content))
    assert old.ranks.empty
    assert list(old.ranks.columns) == list(TABLES["ranks"])
    pd.testing.assert_frame_equal(old.verdict, report.verdict)


@pytest.mark.parametrize("given", [json.loads(SMALL.to_json()), SMALL.to_json().encode(), None])
def test_what_is_no_text_and_no_path_is_refused(given):
    with pytest.raises(
        ValidationError, match=r"`path_or_text` must be a report's JSON text or its"
    ):
        AuditReport.from_json(given)
