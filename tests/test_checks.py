"""The coded findings, and their page."""

import dataclasses
import pickle
import re
from pathlib import Path

import pytest

import leakcheck
from leakcheck._codes import CAUSES
from leakcheck.checks import (
    CHECKS,
    REFUSALS,
    SEVERITIES,
    docs_url,
    explain,
    findings_table,
    make_finding,
    reading_order,
)
from leakcheck.exceptions import ValidationError
from leakcheck.results import TABLES

ROOT = Path(__file__).resolve().parents[1]
CODES = CHECKS | REFUSALS


def test_codes_are_numbered_without_a_gap():
    assert list(CHECKS) == [f"LK{number:03d}" for number in range(1, len(CHECKS) + 1)]
    assert all(code == check.code for code, check in CHECKS.items())


@pytest.mark.parametrize("check", CODES.values(), ids=lambda check: check.code)
def test_every_check_says_what_to_do(check):
    assert check.severity in SEVERITIES
    assert check.title
    assert not check.title.endswith(".")
    assert check.remedy.endswith(".")
    assert len(check.title) <= 80


def test_every_code_is_found_by_something_and_every_finding_has_a_code():
    package = Path(leakcheck.__file__).parent
    used = {
        code
        for path in package.rglob("*.py")
        if not path.name.startswith("_codes")
        for code in re.findall(r'"(LK\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert used <= set(CODES)
    assert set(CODES) == used, "a code that nothing finds"


def test_titles_are_distinct():
    titles = [check.title for check in CODES.values()]
    assert len(set(titles)) == len(titles)


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        CHECKS["LK001"] = CHECKS["LK002"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        CHECKS["LK001"].title = "other"


def test_a_finding_takes_the_words_of_its_check():
    finding = make_finding("LK008", model="m", target="E003", evidence="AUROC 0.12")
    check = CHECKS["LK008"]
    assert (finding.title, finding.severity, finding.remedy) == (
        check.title,
        check.severity,
        check.remedy,
    )
    assert (finding.model, finding.target, finding.evidence) == ("m", "E003", "AUROC 0.12")


def test_a_finding_may_have_a_remedy_of_its_own():
    assert make_finding("LK008", evidence="seen", remedy="Turn it.").remedy == "Turn it."


def finding_of(code):
    return make_finding(code, evidence="seen")


@pytest.mark.parametrize("function", [docs_url, explain, finding_of])
def test_an_unknown_code_is_an_error(function):
    found, refused = (f"{min(codes)} to {max(codes)}" for codes in (CHECKS, REFUSALS))
    known = found if function is finding_of else f"{found} and {refused}"
    match = rf"`code` must be the code of a check; it is 'LK999'\. .*The codes are {known}\.$"
    with pytest.raises(ValidationError, match=match):
        function("LK999")


def test_a_finding_without_evidence_is_an_error():
    with pytest.raises(ValidationError, match="`evidence` must say what was seen"):
        make_finding("LK001", evidence=" ")


def test_the_table_has_the_fixed_columns_and_the_worst_first():
    codes = ["LK011", "LK020", "LK004", "LK001", "LK003"]
    table = findings_table([make_finding(code, evidence="seen") for code in codes])
    assert list(table.columns) == list(TABLES["findings"])
    assert table["code"].tolist() == ["LK020", "LK003", "LK004", "LK001", "LK011"]


def test_findings_of_one_code_keep_their_order_and_repeats_go():
    found = [make_finding("LK003", model=name, evidence="seen") for name in ("b", "a", "b")]
    assert findings_table(found)["model"].tolist() == ["b", "a"]


def test_no_findings_give_an_empty_table():
    table = findings_table([])
    assert table.shape == (0, len(TABLES["findings"]))


def test_a_cause_stands_before_what_it_explains():
    found = [make_finding(code, model="m", evidence="seen") for code in ("LK020", "LK026", "LK007")]
    calls = make_finding("LK012", evidence="the calls of m")
    table = findings_table([*found, calls])
    assert table["code"].tolist() == ["LK012", "LK020", "LK026", "LK007"]
    assert table["severity"].tolist()[0] == "warning"


def test_a_cause_of_another_model_keeps_its_place():
    found = [
        make_finding("LK003", model="a", evidence="seen"),
        make_finding("LK004", evidence="seen"),
        make_finding("LK008", model="b", evidence="seen"),
    ]
    assert [one.code for one in reading_order(found)] == ["LK003", "LK004", "LK008"]


@pytest.mark.parametrize(
    ("cause", "effect", "first"),
    [("", "C1", True), ("C1", "", True), ("C1", "C1", True), ("C1", "C2", False)],
)
def test_a_cause_explains_findings_of_its_target(cause, effect, first):
    found = [
        make_finding("LK003", model="m", target=effect, evidence="seen"),
        make_finding("LK008", model="m", target=cause, evidence="seen"),
    ]
    assert (reading_order(found)[0].code == "LK008") == first


def test_causes_are_codes_and_run_in_no_circle():
    assert set(CAUSES) <= set(CHECKS)
    for cause, effects in CAUSES.items():
        assert set(effects) <= set(CHECKS)
        assert all(cause not in CAUSES.get(effect, ()) for effect in effects)


@pytest.mark.parametrize("check", CODES.values(), ids=lambda check: check.code)
def test_every_code_has_its_page_with_the_same_title_and_severity(check):
    text = (ROOT / docs_url(check.code)).read_text(encoding="utf-8")
    title, severity, *_ = text.split("\n\n")
    assert title == f"# {check.code}: {check.title}"
    assert severity.startswith(f"**{check.severity}**")
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings == ["What it means", "Example", "What to do"]


@pytest.mark.parametrize("code", CODES)
def test_the_page_of_a_code_is_packed_as_plain_text(code):
    text = explain(code.lower())
    assert text.startswith(f"{code} ({CODES[code].severity}): {CODES[code].title}\n")
    for heading in ("What it means", "Example", "What to do"):
        assert f"\n{heading}\n" in text
    assert max(map(len, text.splitlines())) <= 110
    assert not re.search(r"\{\w+\}`|```|\]\(", text), "marks of Markdown are left"
    *_, where, path = text.splitlines()
    assert "in the clone of leakcheck" in where, "an installed package has no docs/"
    assert path == docs_url(code)


def test_a_page_under_an_address():
    assert docs_url("LK101", "https://d.org/x/") == "https://d.org/x/checks/lk101.html"


def test_a_wrong_code_is_answered_with_the_nearest():
    with pytest.raises(ValidationError, match="Did you mean 'LK011'"):
        explain("LK0011")


def test_every_code_that_an_error_carries_is_of_refused_input():
    package = Path(leakcheck.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in package.rglob("*.py")]
    carried = {code for text in texts for code in re.findall(r' code="(LK1\d\d)"', text)}
    assert carried == set(REFUSALS)


def test_an_error_with_a_page_travels_between_processes():
    error = ValidationError("`train` is wrong.", code="LK101")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.code) == (str(error), "LK101")
    assert str(error) == "`train` is wrong. Read more: leakcheck explain LK101"
    assert ValidationError("`a` is wrong.").code == ""
