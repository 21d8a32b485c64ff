"""What the page says of what was decided, and of what could not be told."""

import re

from .factory import make_report
from .markup import Page
from .test_html import full_report


def test_what_cannot_be_told_is_not_counted_as_nothing():
    report = full_report(3, 4, models=["honest", "memoriser", "copier"])
    text = Page(report.to_html()).text()
    assert "1 shows nothing specific to the cell type at most targets; for 1 that cannot be" in text


def test_the_interval_of_a_single_target_stands_in_the_table_of_verdicts():
    report = full_report(2, 1)
    row = report.verdict.iloc[0]
    text = Page(report.to_html()).text()
    assert "skill over targets" not in text
    shown = f"{row['skill']:+.2f} [{row['skill_ci_low']:+.2f}, {row['skill_ci_high']:+.2f}]"
    assert text.count(shown) >= 2  # in the table of verdicts as in that of scores


def test_the_companion_that_decides_stands_beside_the_verdict():
    report = full_report(models=["honest"], n_models=1, n_targets=1)
    verdict = report.verdict.assign(
        companion_difference=0.0003, companion_ci_low=-0.0027, companion_ci_high=0.0032
    )
    unsure = full_report(
        models=["honest"], n_models=1, n_targets=1, tables={"verdict": verdict}
    ).judge(0.05)
    page = unsure.to_html()
    companion = "AUROC +0.0003 [-0.0027, +0.0032]"
    assert f'<small class="because">{companion}</small>' in page
    assert f"inconclusive ({companion})" in page  # on the card
    assert companion in " ".join(str(unsure).split())


def test_intervals_of_families_stay_inside_their_chart():
    report = full_report(2, 1)
    rows = report.comparisons.assign(difference=0.1, ci_low=-0.5, ci_high=0.9)
    page = full_report(2, 1, tables={"comparisons": rows}).to_html()
    (low,) = re.findall(r'id="families-chart" data-low="([^"]+)"', page)
    (high,) = re.findall(r'id="families-chart" data-low="[^"]+" data-high="([^"]+)"', page)
    assert float(low) < -0.5
    assert float(high) > 0.9


def test_a_card_says_no_more_than_was_found():
    def card(specificity, utility):
        base = make_report(models=["random"], n_targets=4).information
        changed = base.assign(specificity=specificity, utility=utility)
        page = Page(
            make_report(models=["random"], n_targets=4, tables={"information": changed}).to_html()
        )
        return page.text().split("Better than free?")[1]

    memory = ["consistent-with-memorisation"] * 4
    assert card(memory, ["beats-neither"] * 4).startswith("No 0/4Cell-type-specific?Not found 0/4")
    halves = ["inconclusive"] * 2 + ["beats-neither"] * 2
    assert card(memory, halves).startswith("Cannot tell")
    assert card(["cell-type-specific", *memory[:3]], ["beats-both"] * 4).startswith(
        "Yes 4/4Cell-type-specific?At 1 of 4"
    )
