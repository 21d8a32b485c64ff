"""What may be claimed: it follows from the verdicts, and from how new the loci are."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

import leakcheck
from leakcheck._report.chance import beyond_chance
from leakcheck._report.claim import claim
from leakcheck.checks import findings_table, make_finding
from leakcheck.simulate import epigenome, predict

from .factory import design_rows, make_report, target_names


def said(report) -> str:
    names = ("verdict", "information", "design", "findings")
    return claim({name: getattr(report, name) for name in names})


def test_one_model_claims_what_it_has_shown():
    assert said(make_report(models=["honest"], n_targets=1)).startswith(
        "You may claim that honest is better than what you get for free and cell-type-specific. "
        "One target supports no claim about cell types in general."
    )
    assert said(make_report(models=["mixture"], n_targets=3)).startswith(
        "You may claim that mixture is cell-type-specific at all 3 targets, and not that it is "
        "better than what you get for free."
    )


@pytest.mark.parametrize("n_targets", [1, 4])
def test_a_memoriser_claims_nothing_of_the_kind(n_targets):
    text = said(make_report(models=["memoriser"], n_targets=n_targets))
    assert text.startswith(
        "You may not claim that memoriser is better than what you get for free, or that it is "
        "cell-type-specific."
    )
    assert ("One target supports no claim" in text) == (n_targets == 1)
    assert "loci" not in text


def test_models_are_told_apart():
    text = said(make_report(models=["honest", "mixture", "memoriser"], n_targets=2))
    assert text.startswith(
        "You may claim for honest that it is better than what you get for free, and for honest, "
        "mixture that it is cell-type-specific."
    )
    many = said(make_report(models=["honest", "mixture", "memoriser", "random"], n_targets=2))
    assert many.startswith(
        "You may claim that 1 of 4 models are better than what you get for free, and 2 "
        "cell-type-specific."
    )
    same = said(make_report(models=["honest", "memoriser"], n_targets=2))
    assert same.startswith(
        "You may claim for honest that it is better than what you get for free and "
        "cell-type-specific."
    )
    some = said(make_report(models=["mixture", "memoriser"], n_targets=2))
    assert some.startswith("You may claim for mixture that it is cell-type-specific; not more.")
    none = said(make_report(models=["memoriser", "random"], n_targets=2))
    assert none == (
        "You may claim for no model that it is better than what you get for free, or that it is "
        "cell-type-specific."
    )


@pytest.mark.parametrize(
    ("model", "is_warned"), [("honest", True), ("mixture", False), ("memoriser", False)]
)
def test_a_win_over_few_references_is_not_to_be_claimed_yet(model, is_warned):
    report = make_report(models=[model], n_targets=2)
    few = findings_table([make_finding("LK004", evidence="seen")])
    text = said(dataclasses.replace(report, findings=few))
    assert ("With so few references (LK004)" in text) == is_warned
    assert "LK004" not in said(report)


def suspected(report, *models):
    """The report with a perfect order of these models among its findings."""
    more = [make_finding("LK047", model=model, evidence="AUROC is 1") for model in models]
    table = pd.concat([report.findings, findings_table(more)], ignore_index=True)
    return dataclasses.replace(report, findings=table)


def test_a_perfect_order_is_no_claim():
    assert said(suspected(make_report(models=["honest"], n_targets=4), "honest")) == (
        "You may claim nothing for honest: it puts the labels in perfect order, and has most "
        "probably seen them (LK047)."
    )
    report = make_report(models=["honest", "oracle", "memoriser"], n_targets=2)
    assert said(suspected(report, "oracle")).startswith(
        "You may claim for honest that it is better than what you get for free and "
        "cell-type-specific. You may claim nothing for oracle: it puts"
    )
    text = said(suspected(report, "honest", "oracle"))
    assert text.startswith("You may not claim that memoriser is")
    assert "nothing for honest, oracle: they put the labels in perfect order, and have" in text
    assert "Their spread" not in text


@pytest.mark.parametrize(
    ("n_yes", "adjusted", "words"),
    [
        (3, 0.5, "You may not claim"),
        (4, 0.5, "at 4 of 20 targets"),
        (1, 0.03, "You may not claim"),
        (1, 0.02, "at 1 of 20 targets"),
    ],
)
def test_what_chance_alone_gives_is_no_claim(n_yes, adjusted, words):
    report = make_report(models=["memoriser"], n_targets=20)
    specificity = report.information["specificity"].to_numpy().copy()
    specificity[:n_yes] = "cell-type-specific"
    found = report.information.assign(specificity=specificity, pvalue_adjusted=adjusted)
    tables = {"information": found}
    assert words in said(make_report(models=["memoriser"], n_targets=20, tables=tables))


@pytest.mark.parametrize("adjusted", [0.5, 0.001])
def test_one_win_of_several_may_be_chance(adjusted):
    report = make_report(models=["honest"], n_targets=4)
    useful = ["beats-both", *["beats-neither"] * 3]
    tables = {
        "information": report.information.assign(utility=useful),
        "verdict": report.verdict.assign(pvalue_adjusted=adjusted),
    }
    text = said(make_report(models=["honest"], n_targets=4, tables=tables))
    assert ("better than what you get for free at 1 of 4 targets" in text) == (adjusted < 0.01)
    assert ("not that it is better than what you get for free" in text) == (adjusted > 0.01)


class TestBeyondChance:
    def test_of_one_target_the_answer_decides(self):
        assert beyond_chance(1, 1)
        assert not beyond_chance(0, 1)

    @given(st.integers(2, 60), st.sampled_from([0.01, 0.05, 0.1]))
    def test_seldom_says_yes_where_there_is_nothing(self, n, alpha):
        least = next(k for k in range(n + 2) if k > n or beyond_chance(k, n, alpha=alpha))
        assert binom.sf(least - 1, n, alpha) <= alpha / 2
        assert binom.sf(least - 2, n, alpha) > alpha / 2
        assert all(beyond_chance(k, n, alpha=alpha) for k in range(least, n + 1))

    @pytest.mark.parametrize(("least", "n"), [(2, 3), (4, 20), (7, 56)])
    def test_how_many_it_takes_is_what_the_guide_says(self, least, n):
        assert beyond_chance(least, n)
        assert not beyond_chance(least - 1, n)

    def test_one_target_alone_may_decide(self):
        assert beyond_chance(1, 9, [0.024])
        assert not beyond_chance(1, 9, [0.026])
        assert not beyond_chance(0, 9, [])


def test_what_was_not_tested_supports_nothing():
    report = make_report(models=["honest"], n_targets=3)
    tables = {
        "verdict": report.verdict.assign(verdict="not-testable"),
        "information": report.information.assign(
            specificity="not-testable", utility="not-testable"
        ),
    }
    untested = make_report(models=["honest"], n_targets=3, tables=tables)
    assert said(untested) == "You may claim nothing from this."
    assert "<strong>What you may claim:</strong> You may claim nothing" in untested.to_html()
    assert "You may claim nothing from this." in str(untested)
    assert "You may claim nothing from this." in untested.to_markdown()


@pytest.mark.parametrize(
    ("near", "words"),
    [
        (0.25, "But 25% of the new loci lie near the reference's own (LK031): claim neighbouring"),
        (0.04, ""),
        (np.nan, "Whether new loci lie beside old ones is not known."),
    ],
)
@pytest.mark.parametrize("setting", ["cross-chromosome", "hybrid", "mixed"])
def test_new_loci_must_not_lie_near_others(setting, near, words):
    design = design_rows(target_names(2)).assign(
        setting=setting, n_hybrid_loci=[30, 10], near_share=near
    )
    text = said(make_report(models=["honest"], n_targets=2, tables={"design": design}))
    assert words in text
    assert words or "near" not in text


def hybrid_audit(*, spread: int, own_reference: bool = True, **arguments):
    """New loci in new cell types; every fourth locus is new, and loci are `spread` bases apart."""
    world = epigenome(n_loci=400)
    targets = world.held_out(2)
    start = np.arange(400) * spread
    loci = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + 100})
    new = np.arange(400) % 4 == 0
    labels = world.labels.astype(float).reset_index(drop=True)
    labels.loc[new, [name for name in labels if name not in targets]] = np.nan
    preds = predict(world, "honest-strong", targets).reset_index(drop=True)
    if own_reference:
        preds[~new] = np.nan
        labels.loc[~new, list(targets)] = np.nan
    train = [name for name in labels if name not in targets]
    return leakcheck.audit(preds, labels, loci, train=train, **arguments)


def test_the_audit_measures_how_near_new_loci_are():
    near = hybrid_audit(spread=1_000)
    assert near.design["near_share"].tolist() == [1.0, 1.0]
    (evidence,) = near.findings.loc[near.findings["code"] == "LK031", "evidence"]
    assert "200 of 200 audited pairs of loci that are new to the reference lie within" in evidence
    assert near.checks.set_index("code").loc["LK031", "status"] == "found"
    assert said(near) == "You may claim nothing from this."
    far = hybrid_audit(spread=300_000)
    assert far.design["near_share"].tolist() == [0.0, 0.0]
    assert "LK031" not in set(far.findings["code"])
    assert far.checks.set_index("code").loc["LK031", "status"] == "clear"


def test_a_mixed_audit_says_how_near_new_loci_are():
    mixed = hybrid_audit(spread=1_000, own_reference=False)
    assert set(mixed.design["setting"]) == {"mixed"}
    assert "But 100% of the new loci lie near the reference's own (LK031)" in said(mixed)


@pytest.mark.parametrize("column", ["near_share", "pvalue_loci_adjusted"])
def test_a_report_of_an_older_release_lacks_what_came_later(column):
    report = make_report(1, 1)
    text = report.to_json()
    line = next(line for line in text.splitlines() if f'"{column}"' in line)
    before = text.splitlines()[text.splitlines().index(line) - 1]
    older = text.replace(f"{before}\n{line}", before.rstrip(","))
    assert column not in older
    assert leakcheck.AuditReport.from_json(older).to_json() == text
