"""The section for a model card."""

import re

import pandas as pd
import pytest

from leakcheck._report.markdown import escaped
from leakcheck.results import empty_table

from .factory import make_report


def tables_of(text: str) -> list[list[str]]:
    """Tables as lists of lines."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", text, flags=re.MULTILINE)
    return [table.strip().splitlines() for table in found]


def cells(line: str) -> int:
    return len(re.findall(r"(?<!\\)\|", line)) - 1


@pytest.mark.parametrize("size", [(2, 1), (3, 4), (6, 4), (2, 56), (40, 3)])
def test_every_row_of_a_table_has_the_cells_of_its_header(size):
    names = None if size[0] < 40 else [f"a|b{i}" for i in range(40)]
    text = make_report(*size, models=names).to_markdown()
    tables = tables_of(text)
    assert len(tables) == 2
    for table in tables:
        assert len({cells(line) for line in table}) == 1
        assert set(table[1]) <= set("| -")


def test_it_has_the_parts_of_a_model_card():
    text = make_report(2, 1).to_markdown()
    for heading in ("Verdicts", "Strata", "Methods", "Caveats", "Citation"):
        assert f"\n### {heading}\n" in text
    assert text.startswith("## ")
    assert text.endswith("\n")


def test_few_comparisons_are_all_listed_with_their_numbers():
    report = make_report(2, 2)
    text = report.to_markdown()
    for row in report.verdict.itertuples():
        assert (
            f"| {row.model} | {row.target} | {row.baseline} | AP | {row.model_value:.3f} |" in text
        )


def test_many_comparisons_are_counted():
    text = make_report(2, 56).to_markdown()
    assert "beats after Holm" in text
    assert "| honest | average-activity | 56 | 56 | 56 | 0 | 0 | 0 |" in text


def test_very_many_rows_are_cut_and_said_so():
    text = make_report(40, 3).to_markdown()
    assert "... and 56 more rows in `report.summary`." in text


def test_methods_use_the_numbers_of_the_audit():
    text = make_report(2, 1).to_markdown().replace("\\", "")
    for part in (
        "2 models at 18,915 loci", "1 target cell type (E003)", "55 reference cell types",
        "E024 for E003", "22 blocks (chromosomes)", "each bound holds with 95% confidence",
        "90% interval", "margin of 0.05", "generalised covariance measure",
    ):  # fmt: skip
        assert part in text


def test_methods_give_ranges_where_targets_differ():
    report = make_report(2, 2)
    design = report.design.assign(n_reference=[54, 55], n_blocks=[20, 22], nearest=["", "E024"])
    text = make_report(2, 2, tables={"design": design}).to_markdown()
    assert "54 to 55 reference cell types (by target)" in text
    assert "20 to 22 blocks" in text
    assert "E024 for E004" in text


def test_methods_do_without_a_design():
    text = make_report(2, 1, tables={"design": empty_table("design")}).to_markdown()
    assert "computed from 55 reference cell types" in text
    assert "the nearest cell type." in text
    assert "over 0 blocks" in text


def test_the_paper_is_cited():
    text = make_report(2, 1).to_markdown()
    assert "Schreiber J, Singh R, Bilmes J, Noble WS" in text
    assert "https://doi.org/10.1186/s13059-020-02177-y" in text
    assert "Made with leakcheck 0.1.0." in text


def test_caveats_are_the_claim_and_the_serious_findings():
    text = make_report(2, 1).to_markdown()
    assert "One target supports no claim" in text
    assert "- LK009: the target is hardly new (E003)" in text
    assert "LK017" not in text


def test_a_code_is_listed_once_and_its_other_places_are_counted():
    findings = make_report(2, 1).findings.iloc[[0] * 14].reset_index(drop=True)
    text = make_report(2, 1, tables={"findings": findings}).to_markdown()
    assert text.count("\n- LK003") == 1
    assert "AP 0.840 And 13 more." in text


def test_many_codes_are_cut_and_said_so():
    codes = [f"LK{number:03d}" for number in range(2, 16)]
    one = make_report(2, 1).findings.iloc[[0] * len(codes)].reset_index(drop=True)
    text = make_report(2, 1, tables={"findings": one.assign(code=codes)}).to_markdown()
    assert len(re.findall(r"\n- LK\d+", text)) == 10
    assert "... and 4 more codes in `report.findings`." in text


def test_it_says_how_to_make_it_again():
    inputs = {f"predictions:m|{place}": "sha256:ab`c" for place in range(30)}
    text = make_report(2, 1, settings={"inputs": inputs}).to_markdown()
    assert "- versions: leakcheck 0.1.0, numpy 2.0\n- seed: 0\n" in text
    assert "- checksum of predictions:m\\|0: `sha256:abc`\n" in text
    assert "... and 6 more in `report.settings`." in text


def test_a_single_target_is_not_counted():
    text = make_report(2, 1).to_markdown()
    assert "- **honest**: useful, and cell-type-specific\n" in text
    assert "(4 of 4 targets)" in make_report(2, 4).to_markdown()


def test_the_setting_is_named():
    text = make_report(2, 1).to_markdown()
    assert "**Setting:** cross-cell-type: the same loci, a cell type that is new. 55 ref" in text


def test_inferred_references_come_first():
    note = "Reference cell types inferred from missing predictions: E001"
    text = make_report(2, 1, settings={"reference_note": note}).to_markdown()
    assert text.splitlines()[2] == f"> {note}"


def test_strata_count_where_a_model_is_above_each_baseline():
    report = make_report(models=["honest"], n_targets=1)
    strata = report.strata
    values = {
        name: strata[strata["model"] == name].set_index("stratum")["value"].dropna()
        for name in ("honest", "average-activity")
    }
    above = int((values["honest"] > values["average-activity"]).sum())
    assert f"| honest | {len(values['honest'])} | {above} |" in report.to_markdown()


def test_expected_average_precision_is_preferred_in_strata():
    report = make_report(models=["honest"], n_targets=1)
    both = pd.concat(
        [report.strata, report.strata.assign(metric="expected_average_precision")],
        ignore_index=True,
    )
    text = make_report(1, 1, tables={"strata": both}).to_markdown()
    assert "(AP; strata of all targets" in text


def test_no_strata_no_section():
    text = make_report(2, 1, tables={"strata": empty_table("strata")}).to_markdown()
    assert "### Strata" not in text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a|b", r"a\|b"),
        ("<script>", "&lt;script&gt;"),
        ("a&b", "a&amp;b"),
        ("*x* _y_ `z` [l](u)", r"\*x\* \_y\_ \`z\` \[l\](u)"),
        ("two\nlines\r\nmore", "two lines more"),
        ("# head", r"\# head"),
        ("back\\slash", r"back\\slash"),
        ("\x1b[0m", "\N{REPLACEMENT CHARACTER}\\[0m"),
    ],
)
def test_words_of_users_are_no_markdown(text, safe):
    assert escaped(text) == safe


def test_it_is_written_to_a_file(tmp_path):
    report = make_report(2, 1)
    assert report.to_markdown(tmp_path / "card.md") is None
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == report.to_markdown()


def test_a_report_of_nothing_still_has_a_card():
    text = make_report(0, 0).to_markdown()
    assert "You may claim nothing from this." in text
