"""The report on one screen."""

import dataclasses
import math

import pandas as pd
import pytest

from leakcheck._report.text import Paragraph
from leakcheck._report.words import clean, number, short, shortened, signed, signed_interval
from leakcheck.results import empty_table

from .factory import make_report

#: the longest of the usual ones
CONCLUSION = (
    "informative, but does not beat the average activity: combine it with the average activity"
)
SIZES = [(1, 1), (2, 1), (6, 1), (9, 1), (2, 3), (3, 3), (6, 4), (1, 56), (300, 5), (300, 1)]


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_on_a_screen(size):
    lines = str(make_report(*size)).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 32


def test_it_fits_with_long_names_and_inferred_references():
    note = "Reference cell types inferred from missing predictions: " + ", ".join(["E003"] * 99)
    names = [f"honest-{'x' * 90}-{i}" for i in range(6)]
    lines = str(
        make_report(models=names, n_targets=4, settings={"reference_note": note})
    ).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 36


def test_inferred_references_stand_in_the_first_line():
    note = "Reference cell types inferred from missing predictions: E001, E002"
    text = str(make_report(2, 1, settings={"reference_note": note}))
    assert text.splitlines()[0] == note
    assert str(make_report(2, 1)).splitlines()[0].startswith("leakcheck 0.1.0: 2 models at 18,915")


def test_one_target_gets_a_sentence_with_all_its_numbers():
    report = make_report(models=["memoriser"], n_targets=1)
    row = report.verdict.iloc[0]
    text = " ".join(str(report).split())
    assert "memoriser: consistent with memorisation. At E003 it is worse than the average" in text
    assert f"AP {row['model_value']:.3f} against {row['baseline_value']:.3f}" in text
    skill = f"skill {row['skill']:+.3f} [{row['skill_ci_low']:+.3f}, {row['skill_ci_high']:+.3f}]"
    assert skill in text
    assert "One target supports no claim about cell types in general" in text


def test_many_targets_are_counted_with_the_worst_and_the_best():
    report = make_report(models=["honest"], n_targets=56)
    text = " ".join(str(report).split())
    assert "honest, at all 56 targets: useful, and cell-type-specific." in text
    average = report.verdict[report.verdict["baseline"] == "average-activity"]
    worst = average.loc[average["skill"].idxmin()]
    best = average.loc[average["skill"].idxmax()]
    assert f"worst {worst['target']} {worst['skill']:+.2f}" in text
    assert f"best {best['target']} {best['skill']:+.2f}" in text
    assert "56/56" in text


def test_few_comparisons_have_a_row_each():
    report = make_report(2, 3)
    text = str(report)
    for row in report.verdict.itertuples():
        line = f"{row.model:<9}  {row.target:<6}  {row.baseline}"
        assert sum(line in shown and row.verdict in shown for shown in text.splitlines()) == 1


def test_many_models_are_grouped_by_conclusion_and_cut_to_best_and_worst():
    text = str(make_report(300, 5))
    assert "100 models: useful, and cell-type-specific (honest-000, oracle-005" in text
    assert "The 4 best and 4 worst of 300 models by skill over average-activity" in text


def test_a_single_target_of_many_models_shows_the_interval_of_its_loci():
    report = make_report(9, 1)
    summary = report.summary.assign(ci_low=math.nan, ci_high=math.nan)
    text = str(make_report(9, 1, tables={"summary": summary}))
    row = report.verdict.iloc[0]
    assert f"{row['skill']:+.2f} [{row['skill_ci_low']:+.2f}, {row['skill_ci_high']:+.2f}]" in text


def test_mixed_conclusions_are_counted():
    text = " ".join(str(make_report(6, 4)).split())
    assert "copier, of 4 targets at 3: inconclusive; at 1: consistent with copying" in text


def test_three_conclusions_and_more_are_cut():
    report = make_report(models=["copier"], n_targets=4)
    words = report.information.assign(conclusion=["a", "b", "c", "d"])
    text = str(make_report(models=["copier"], n_targets=4, tables={"information": words}))
    assert "copier, of 4 targets at 1: a; at 1: b; otherwise at 2." in text


def test_what_is_not_testable_is_said_with_its_reason():
    report = make_report(models=["honest"], n_targets=1)
    verdict = report.verdict.assign(
        verdict="not-testable", reason="the target's labels are all the same"
    )
    text = " ".join(str(make_report(1, 1, tables={"verdict": verdict})).split())
    expected = "cannot be compared with the average activity (the target's labels are all the same)"
    assert expected in text


def test_one_testable_target_of_several_has_no_worst_and_best():
    report = make_report(models=["honest"], n_targets=2)
    words = ["beats", "beats", "not-testable", "not-testable"]
    verdict = report.verdict.assign(verdict=words)
    judged = dataclasses.replace(report, verdict=verdict).judge(0.05)
    text = " ".join(str(judged).split())
    assert "It beats the average activity at 1 of 1 target (mean AP" in text
    assert "worst" not in text


def test_a_nearly_perfect_baseline_shows_the_difference():
    report = make_report(models=["honest"], n_targets=1)
    verdict = report.verdict.assign(
        tested="difference", difference=0.0012, ci_low=0.0004, ci_high=0.002
    )
    text = str(make_report(1, 1, tables={"verdict": verdict}))
    assert "diff. +0.0012 [+0.0004, +0.0020]" in text
    assert "difference +0.0012" in " ".join(text.split())


def test_an_audit_of_nothing_says_so():
    text = str(make_report(0, 0))
    assert "there is no answer" in text
    assert "You may claim nothing from this." in text


def test_baselines_that_are_missing_are_left_out():
    report = make_report(6, 4)
    average = report.verdict[report.verdict["baseline"] == "average-activity"]
    summary = report.summary[report.summary["baseline"] == "average-activity"]
    text = str(make_report(6, 4, tables={"verdict": average, "summary": summary}))
    assert "> average" in text
    assert "> nearest" not in text


def test_a_model_without_one_of_the_baselines_has_no_number_there():
    report = make_report(6, 4)
    summary = report.summary.iloc[1:].reset_index(drop=True)
    text = str(make_report(6, 4, tables={"summary": summary}))
    row = next(line for line in text.splitlines() if line.startswith("honest    "))
    assert "n/a" in row


def test_models_without_a_tested_information_have_no_count_there():
    report = make_report(6, 4)
    information = report.information.assign(specificity="not-testable")
    text = str(make_report(6, 4, tables={"information": information}))
    assert next(x for x in text.splitlines() if x.startswith("honest    ")).endswith("n/a")


def test_findings_are_shown_worst_first_and_restated_ones_only_named():
    lines = str(make_report(2, 1)).splitlines()
    codes = [line[:5] for line in lines if line.startswith("LK")]
    assert codes == ["LK009", "LK018", "LK017"]
    assert "More in report.findings: LK003. Read more: leakcheck explain LK003" in lines
    assert next(line for line in lines if line.startswith("LK017")).endswith("(and 1 more)")


def test_what_is_cut_keeps_its_indent_and_its_tail():
    text = "word " * 60
    lines = Paragraph(text, most=2, tail=" (and 3 more)").lines(60)
    assert len(lines) == 2
    assert lines[1].startswith("  word")
    assert lines[1].endswith("word ... (and 3 more)")
    assert max(map(len, lines)) <= 60
    (line,) = Paragraph(text, most=1).lines(60)
    assert line.startswith("word word")


@pytest.mark.parametrize("n_hidden", [1, 5, 6, 7, 8, 9, 20])
def test_the_command_that_prints_a_page_is_never_cut(n_hidden):
    report = make_report(2, 1)
    codes = ["LK012", *(f"LK{100 + number}" for number in range(3 + n_hidden))]
    row = report.findings.iloc[[0]].assign(severity="warning", evidence="seen")
    findings = pd.concat([row.assign(code=code) for code in codes], ignore_index=True)
    lines = str(make_report(2, 1, tables={"findings": findings})).splitlines()
    (line,) = [line for line in lines if "More in report.findings: LK" in line]
    assert line.endswith(" Read more: leakcheck explain LK012")
    assert len(line) <= 100


def test_the_answer_about_one_or_two_models_is_whole():
    names = ["memoriser", "honest"]
    report = make_report(models=names, n_targets=2)
    words = ["consistent with memorisation", CONCLUSION]
    information = report.information.assign(conclusion=[*words, *words])
    text = " ".join(
        str(make_report(models=names, n_targets=2, tables={"information": information})).split()
    )
    assert len(report.summary) == 4
    for row in report.summary.itertuples():
        assert f"skill {row.skill:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}]; worst" in text


def test_no_finding_is_said_and_an_unknown_severity_does_no_harm():
    assert "Findings: none." in str(make_report(2, 1, tables={"findings": empty_table("findings")}))
    odd = make_report(2, 1).findings.assign(severity="odd")
    assert "LK009 odd: " in str(make_report(2, 1, tables={"findings": odd}))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("cross-cell-type", "nothing is said about new loci"),
        ("cross-chromosome", "nothing is said about new ones"),
        ("hybrid", "Loci and cell types are new"),
        ("random", "this tests imputation"),
        ("mixed", "see report.design before any claim"),
    ],
)
def test_the_setting_limits_the_claim(setting, words):
    report = make_report(2, 2)
    design = report.design.assign(setting=setting)
    assert words in " ".join(str(make_report(2, 2, tables={"design": design})).split())


def test_different_settings_make_no_statement():
    report = make_report(2, 2)
    design = report.design.assign(setting=["hybrid", "cross-cell-type"])
    assert "The loci are" not in str(make_report(2, 2, tables={"design": design}))


def test_names_of_users_cannot_drive_the_terminal_or_break_lines():
    text = str(make_report(models=["honest\x1b[31m\n\tevil"], n_targets=1))
    assert "\x1b" not in text
    assert "\t" not in text
    assert clean("a\x1b\nb") == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.nan, "n/a"), (0.5, "0.500"), (0.99412, "0.9941"), (0.0, "0.000"), (-0.2, "-0.200"),
     (0.00012, "1.20e-04"), (12345.0, "1.23e+04"), (1.0, "1.000"), (17.25, "17.250")],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.nan, "n/a"), (0.1234, "+0.123"), (-12.345, "-12.35"), (123.4, "+123.4"),
     (-20000.0, "-2.0e+04"), (0.0, "+0.000")],
)  # fmt: skip
def test_signed_numbers(value, text):
    assert signed(value) == text


def test_intervals():
    assert signed_interval(0.1, 0.05, 0.15) == "+0.100 [+0.050, +0.150]"
    assert signed_interval(0.1, math.nan, math.nan) == "+0.100"
    assert signed_interval(2e-6, 1e-6, 3e-6) == "+2.0e-06 [+1.0e-06, +3.0e-06]"
    assert signed_interval(0.0, 0.0, 0.0) == "+0.000 [+0.000, +0.000]"
    assert signed_interval(math.nan, math.nan, math.nan) == "n/a"
    assert signed_interval(0.0001, math.nan, 0.0002) == "+1.0e-04 [n/a, +2.0e-04]"


def test_long_names_keep_both_ends():
    assert short("abcdefghijklmnop", 9) == "abc...nop"
    assert short("abc", 9) == "abc"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["abcdefghijklmnop", "abc"], ["abc...nop", "abc"]),
        (["abcdefghijklmnop", "abxdefghijklmnop"], ["abc...nop", "abx...nop"]),
        (["abcdeXghijklmnop", "abcdeYghijklmnop"], ["abcdeX...", "abcdeY..."]),
        (["abcdefghijkXmnop", "abcdefghijkYmnop"], ["a...Xmnop", "a...Ymnop"]),
        (["abcdefgXijklmnop", "abcdefgYijklmnop"], ["...Xijklm", "...Yijklm"]),
        (["abcdefghijklmnop"] * 2, ["abc...nop"]),
        ([], []),
    ],
)
def test_names_that_are_cut_stay_apart(names, expected):
    assert list(shortened(names, 9).values()) == expected


def test_models_and_targets_with_long_names_can_be_told_apart():
    models = [f"honest-network_of_seed_{seed}_after_40_epochs_of_training" for seed in range(4)]
    for n_targets in (1, 4):
        lines = str(make_report(models=models, n_targets=n_targets)).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("model "))
        names = {line.split("  ")[0] for line in lines[start + 1 : lines.index("", start)]}
        assert len(names) == 4


def test_targets_with_long_names_can_be_told_apart():
    report = make_report(models=["honest"], n_targets=2)
    verdict = report.verdict.replace(
        {"target": {name: f"CD4-positive T cell {name} rested" for name in ("E003", "E004")}}
    )
    lines = str(make_report(models=["honest"], n_targets=2, tables={"verdict": verdict}))
    assert "CD4...3 rested" in lines
    assert "CD4...4 rested" in lines
