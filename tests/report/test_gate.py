"""The gate: who passes, who does not, and what it says."""

import math
from dataclasses import replace

import numpy as np
import pytest

from leakcheck import LeakcheckError, ValidationError
from leakcheck.checks import findings_table, make_finding
from leakcheck.exceptions import GateError
from leakcheck.report import AuditReport

from .factory import make_report


def with_verdicts(report: AuditReport, **columns) -> AuditReport:
    verdict = report.verdict.assign(**columns)
    return AuditReport(
        **{name: getattr(report, name) for name in ("scores", "information", "strata",
           "comparisons", "findings", "design", "summary", "within_locus")},
        verdict=verdict, settings=report.settings,
    )  # fmt: skip


def test_an_honest_model_passes_and_a_memoriser_does_not():
    assert make_report(models=["honest"], n_targets=3).passed()
    assert not make_report(models=["memoriser"], n_targets=3).passed()
    make_report(models=["honest"], n_targets=3).raise_if_failed()


def test_one_bad_model_fails_all_unless_models_are_named():
    report = make_report(models=["honest", "memoriser"], n_targets=1)
    assert not report.passed()
    assert report.passed(models="honest")
    assert report.passed(models=["honest"])
    assert not report.passed(models=["memoriser"])


def test_every_named_baseline_counts():
    report = make_report(models=["copier"], n_targets=1)
    assert report.passed("average-activity")
    assert not report.passed("nearest-celltype")
    assert not report.passed(["average-activity", "nearest-celltype"])


def test_min_share_is_of_the_testable_targets():
    report = make_report(models=["honest"], n_targets=4)
    words = report.verdict["verdict"].to_numpy().copy()
    words[:2] = "inconclusive"
    words[2:4] = "not-testable"
    mixed = with_verdicts(report, verdict=words)
    assert not mixed.passed()
    assert mixed.passed(min_share=2 / 3)
    assert not mixed.passed(min_share=0.67)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_shares_that_floats_cannot_write_are_met_exactly(share):
    report = make_report(models=["honest"], n_targets=10)
    words = np.full(20, "inconclusive", dtype=object)
    words[: round(share * 10) * 2] = "beats"
    assert with_verdicts(report, verdict=words).passed(min_share=share)


@pytest.mark.parametrize("share", [0, -0.1, 1.1, math.nan])
def test_shares_outside_the_range_are_refused(share):
    with pytest.raises(ValidationError, match=r"`min_share` must lie in \(0, 1\]"):
        make_report(1, 1).passed(min_share=share)


def test_a_gate_never_passes_on_nothing():
    report = make_report(models=["honest"], n_targets=2)
    nothing = with_verdicts(
        report, verdict="not-testable", reason="the target's labels are all the same"
    )
    assert not nothing.passed(min_share=0.01)
    with pytest.raises(GateError, match=r"not testable at any of 2 targets \(the target's labels"):
        nothing.raise_if_failed()


def test_a_report_without_models_does_not_pass():
    with pytest.raises(ValidationError, match="`models` must name at least one; none came"):
        make_report(0, 0).passed()


def test_a_primary_baseline_that_is_not_in_the_report_fails_with_its_reason():
    report = make_report(models=["honest"], n_targets=1)
    average = report.verdict[report.verdict["baseline"] == "average-activity"]
    short = make_report(models=["honest"], n_targets=1, tables={"verdict": average})
    assert short.passed("average-activity")
    with pytest.raises(GateError, match="the report has no verdict against nearest-celltype"):
        short.raise_if_failed()


def test_negligible_wins_do_not_pass():
    report = make_report(models=["honest"], n_targets=1)
    assert not with_verdicts(report, flag="negligible").passed()


def test_another_margin_is_judged_from_the_stored_numbers():
    report = make_report(models=["honest"], n_targets=1)
    assert report.passed()
    assert not report.passed(margin=0.9)
    with pytest.raises(GateError, match=r"margin:\s+0\.9"):
        report.raise_if_failed(margin=0.9)


def test_adjusted_p_values_are_asked_for_on_request():
    report = make_report(models=["honest"], n_targets=1)
    assert report.passed(adjusted=True)
    weak = with_verdicts(report, pvalue_adjusted=0.2)
    assert weak.passed()
    assert not weak.passed(adjusted=True)
    unknown = with_verdicts(report, pvalue_adjusted=math.nan)
    assert not unknown.passed(adjusted=True)


def with_information(report: AuditReport, **columns) -> AuditReport:
    """The same report with other answers about specificity, in both tables."""
    information = report.information.assign(**columns)
    known = {(row.model, row.target): row.specificity for row in information.itertuples()}
    pairs = zip(report.verdict["model"], report.verdict["target"], strict=True)
    verdict = report.verdict.assign(specificity=[known[pair] for pair in pairs])
    return replace(report, information=information, verdict=verdict)


def test_specific_asks_for_information_too():
    report = make_report(models=["honest"], n_targets=2)
    assert report.passed(specific=True)
    vague = with_information(report, specificity="inconclusive")
    assert vague.passed()
    assert not vague.passed(specific=True)
    with pytest.raises(GateError, match="it must be cell-type-specific at 100% of 2"):
        vague.raise_if_failed(specific=True)
    untested = with_information(
        report, specificity="not-testable", reason="fewer than 200 loci", pvalue=math.nan
    )
    with pytest.raises(
        GateError, match=r"not testable at any of 2 targets \(fewer than 200 loci\)"
    ):
        untested.raise_if_failed(specific=True)


def test_the_worst_target_of_a_failed_specificity_has_the_largest_p_value():
    report = with_information(
        make_report(models=["honest"], n_targets=3),
        specificity=["inconclusive", "consistent-with-memorisation", "cell-type-specific"],
        pvalue=[0.21, 0.84, 0.01],
        pvalue_adjusted=[0.42, 0.84, 0.03],
        statistic=[0.8, -1.01, 3.0],
        reason=["", "the prediction is a function of the average", ""],
    )
    with pytest.raises(GateError) as caught:
        report.raise_if_failed(specific=True)
    text = str(caught.value)
    for part in (
        "at 100% of 3 testable targets, and does at 1.",
        "target:     E004",
        "answer:     consistent-with-memorisation",
        "statistic:  -1.010 (t on 21 degrees of freedom",
        "p-value:    0.840, over all targets 0.840 (Holm)",
        "utility:    beats-both",
        "reason:     the prediction is a function of the average",
        "report.information",
    ):
        assert part in text
    assert len(text.splitlines()) <= 10
    assert "margin" not in text  # nothing of it was asked


def test_the_companion_that_decides_is_shown():
    report = make_report(models=["honest"], n_targets=1)
    unsure = with_verdicts(
        report, companion_difference=0.0003, companion_ci_low=-0.0027, companion_ci_high=0.0032
    ).judge(0.05)
    with pytest.raises(GateError) as caught:
        unsure.raise_if_failed()
    line = "verdict:    inconclusive; what decides is AUROC +0.0003 [-0.0027, +0.0032]"
    assert line in str(caught.value)
    with pytest.raises(GateError, match=r"what decides is AUROC"):
        with_verdicts(
            make_report(models=["honest"], n_targets=3),
            companion_difference=[0.01, 0.01, -0.01, -0.01, 0.0, 0.0],
        ).raise_if_failed(per="overall")
    assert "what decides" not in str(failure(make_report(models=["memoriser"], n_targets=1)))


def failure(report: AuditReport, **asked) -> GateError:
    with pytest.raises(GateError) as caught:
        report.raise_if_failed(**asked)
    return caught.value


def findings_of(*codes_and_models: tuple[str, str, str]):
    return findings_table(
        make_finding(code, model=model, evidence=evidence)
        for code, model, evidence in codes_and_models
    )


def test_the_finding_that_is_pointed_to_is_about_this_model_and_this_question():
    findings = findings_of(
        ("LK020", "other", "Below average-activity at E003."),
        ("LK002", "memoriser", "At E003."),
        ("LK003", "memoriser", "At 1 of 1 targets."),
        ("LK020", "memoriser", "Below nearest-celltype at E003."),
    )
    report = make_report(models=["memoriser", "other"], n_targets=1, tables={"findings": findings})

    def code(**asked) -> str:
        line = str(failure(report, models="memoriser", **asked)).splitlines()[-1]
        return line.partition("leakcheck explain ")[2][:5]

    assert code(baseline="average-activity") == "LK003"
    assert code(baseline="nearest-celltype") == "LK020"
    specific = with_information(
        replace(report, verdict=report.verdict.assign(verdict="beats", flag="")),
        specificity="consistent-with-memorisation",
    )
    text = str(failure(specific, models="memoriser", specific=True))
    assert "leakcheck explain LK002" in text
    nothing = findings_of(("LK020", "other", "Below average-activity at E003."))
    clear = str(failure(replace(report, findings=nothing), models="memoriser"))
    assert "leakcheck explain" not in clear


def test_what_else_failed_is_named_in_the_words_of_the_gate():
    report = make_report(models=["memoriser"], n_targets=1)
    text = str(failure(report, baseline="average-activity", specific=True))
    assert "also:       memoriser: cell-type-specific" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"baseline": "avarage-activity"}, r"`baseline` .* Did you mean 'average-activity'\?"),
        ({"baseline": []}, "`baseline` must name at least one"),
        ({"models": ["honset"]}, r"`models` .* 'honset'\. Did you mean 'honest'\?"),
        ({"models": "zzz"}, r"1 of 1 are not, the first is 'zzz'\. The report has \['honest'\]"),
        ({"margin": 1.0}, r"`margin` must lie in \[0, 1\)"),
        ({"margin": -0.1}, r"`margin` must lie in \[0, 1\)"),
        ({"margin": "0.1"}, r"`margin` must lie in \[0, 1\)"),
        ({"min_share": "1"}, r"`min_share` must lie in \(0, 1\]"),
    ],
)
def test_names_and_numbers_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ValidationError, match=message):
        make_report(models=["honest"], n_targets=1).passed(**arguments)


def test_the_error_says_what_failed_by_how_much_and_where_to_look():
    report = make_report(models=["honest", "memoriser"], n_targets=4)
    with pytest.raises(GateError) as caught:
        report.raise_if_failed()
    text = str(caught.value)
    rows = report.verdict[
        (report.verdict["model"] == "memoriser")
        & (report.verdict["baseline"] == "average-activity")
    ]
    worst = rows.loc[rows["skill"].idxmin()]
    assert text.startswith("memoriser does not pass the gate: it must beat average-activity at ")
    assert "at 100% of 4 testable targets, and does at 0" in text
    for part in (
        f"target:     {worst['target']}",
        f"{worst['model_value']:.3f} against {worst['baseline_value']:.3f}",
        f"{worst['difference']:+.4f} [{worst['ci_low']:+.4f}, {worst['ci_high']:+.4f}]",
        "verdict:    does-not-beat (worse)",
        "also:       memoriser against nearest-celltype",
        "report.findings",
    ):
        assert part in text
    assert 8 <= len(text.splitlines()) <= 12


def test_many_failures_are_counted():
    report = make_report(models=[f"memoriser-{i}" for i in range(6)], n_targets=1)
    with pytest.raises(GateError, match="and 8 more"):
        report.raise_if_failed()


def test_the_error_is_an_assertion_for_test_suites_and_one_of_ours():
    assert issubclass(GateError, AssertionError)
    assert issubclass(GateError, LeakcheckError)
