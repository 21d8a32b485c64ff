"""Wins by less than the margin: a gain, beyond chance, that nobody has a use for."""

import dataclasses
import re

import pandas as pd
import pytest

from leakcheck import AuditReport
from leakcheck.small_wins import is_useful, too_small_wins
from leakcheck.verdicts import conclusion
from tests.worlds import small_world

LITTLE = "better than both baselines, though not by enough to matter"


@pytest.fixture(scope="module")
def world():
    return small_world(0, ("honest-strong",), n_loci=1500)


def flat(text):
    return " ".join(re.sub("<[^>]+>", "", text).split())


def test_a_negligible_win_is_not_called_useful():
    assert conclusion("beats-both", "cell-type-specific", too_little=True) == (
        f"{LITTLE}, and cell-type-specific"
    )
    assert conclusion("beats-average-only", "inconclusive", too_little=True) == (
        "consistent with copying a similar cell type"
    )


def test_what_the_margin_calls_negligible_is_claimed_in_no_form(world):
    report = world.audit(margin=0.99)
    primary = report.verdict["baseline"] != "average-signal"
    assert set(report.verdict["verdict"][primary]) == {"beats"}
    assert "negligible" in set(report.verdict["flag"][primary])
    for text in (str(report), report.to_markdown(), report.to_html()):
        assert "though not by enough to matter, and cell-type-specific" in flat(text)
        assert "useful, and cell-type-specific" not in flat(text)
        assert "and not that it is better than what you get for free" in flat(text)
    assert not report.passed()


def test_the_margin_decides_again_when_a_report_is_judged_again(world):
    report = world.audit()
    assert set(report.information["conclusion"]) == {"useful, and cell-type-specific"}
    assert report.passed()
    assert not report.passed(margin=0.99)


def test_the_words_of_a_conclusion_decide_nothing(world):
    report = world.audit(margin=0.99)
    reworded = report.information.assign(conclusion="gains too little")
    told = dataclasses.replace(report, information=reworded)
    for text in (str(told), told.to_html()):
        assert "and not that it is better than what you get for free" in flat(text)
    stored = AuditReport.from_json(report.to_json())
    assert is_useful(stored.information, stored.verdict).sum() == 0
    assert is_useful(world.audit().information, world.audit().verdict).all()


def test_a_win_against_a_secondary_baseline_may_be_as_small_as_it_likes():
    rows = pd.DataFrame({"model": "m", "target": ["A", "B", "C"], "flag": "negligible"})
    rows["baseline"] = ["average-activity", "nearest-celltype", "k-nearest-celltypes"]
    assert too_small_wins(rows) == {("m", "A"), ("m", "B")}
