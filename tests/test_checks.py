"""The coded findings, and their page."""

import dataclasses
import re
from pathlib import Path

import pytest

import leakcheck
from leakcheck.checks import (
    CHECKS,
    SEVERITIES,
    docs_url,
    findings_table,
    make_finding,
)
from leakcheck.exceptions import ValidationError
from leakcheck.results import TABLES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "checks.md"


def test_codes_are_numbered_without_a_gap():
    assert list(CHECKS) == [f"LK{number:03d}" for number in range(1, len(CHECKS) + 1)]
    assert all(code == check.code for code, check in CHECKS.items())


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.code)
def test_every_check_says_what_to_do(check):
    assert check.severity in SEVERITIES
    assert check.title
    assert not check.title.endswith(".")
    assert check.remedy.endswith(".")
    assert len(check.title) <= 80


def test_every_code_is_found_by_something_and_every_finding_has_a_code():
    package = Path(leakcheck.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    used = {
        code
        for name, text in texts.items()
        if not name.startswith("_codes")
        for code in re.findall(r'"(LK\d{3})"', text)
    }
    assert used <= set(CHECKS)
    assert set(CHECKS) == used, "a code that nothing finds"


def test_titles_are_distinct():
    titles = [check.title for check in CHECKS.values()]
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


@pytest.mark.parametrize("function", [docs_url, lambda code: make_finding(code, evidence="seen")])
def test_an_unknown_code_is_an_error(function):
    with pytest.raises(ValidationError, match=r"`code` .* 'LK999'.*LK001 to LK\d{3}"):
        function("LK999")


def test_a_finding_without_evidence_is_an_error():
    with pytest.raises(ValidationError, match="`evidence` must say what was seen"):
        make_finding("LK001", evidence=" ")


def test_the_table_has_the_fixed_columns_and_the_worst_first():
    codes = ["LK011", "LK020", "LK004", "LK001", "LK003"]
    table = findings_table([make_finding(code, evidence="seen") for code in codes])
    assert list(table.columns) == list(TABLES["findings"])
    assert table["code"].tolist() == ["LK003", "LK020", "LK004", "LK001", "LK011"]


def test_findings_of_one_code_keep_their_order_and_repeats_go():
    found = [make_finding("LK003", model=name, evidence="seen") for name in ("b", "a", "b")]
    assert findings_table(found)["model"].tolist() == ["b", "a"]


def test_no_findings_give_an_empty_table():
    table = findings_table([])
    assert table.shape == (0, len(TABLES["findings"]))


def test_every_code_has_its_section_with_the_same_title_and_severity():
    text = PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## (LK\d{3})\n\n\*\*(.+?)\*\* \((\w+)\)$", text, flags=re.MULTILINE)
    assert sections == [(c.code, c.title, c.severity) for c in CHECKS.values()]


def test_every_section_says_what_it_means_when_and_what_to_do():
    text = PAGE.read_text(encoding="utf-8")
    for section in re.split(r"^## (?=LK\d{3})", text, flags=re.MULTILINE)[1:]:
        code = section[:5]
        for heading in ("What it means.", "Example.", "What to do."):
            assert f"*{heading}*" in section, f"{code} lacks {heading!r}"


def test_the_page_lies_where_docs_url_says():
    page, _, anchor = docs_url("LK001").partition("#")
    assert PAGE.parents[1] / page == PAGE
    assert anchor == "lk001"
