"""Verdicts from intervals, against a plain reading of the rule."""

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from leakcheck.results import build_table, empty_table
from leakcheck.verdicts import (
    PRIMARY_BASELINES,
    SPECIFICITIES,
    UTILITIES,
    VERDICTS,
    combine_verdicts,
    conclusion,
    judge_verdicts,
    summarise_verdicts,
    utility,
)

BOUND = st.one_of(st.floats(-2, 1), st.just(0.0), st.just(math.nan))


def naive(row, margin):
    """The rule of one row, as one reads it."""
    by_difference = row["tested"] == "difference"
    low = row["ci_low"] if by_difference else row["skill_ci_low"]
    high = row["ci_high"] if by_difference else row["skill_ci_high"]
    # A difference is judged by the same share of the room above the baseline.
    margin = margin * (1 - row["baseline_value"]) if by_difference else margin
    is_full = by_difference and row["baseline_value"] == 1 and high == 0
    if math.isnan(low) or math.isnan(high) or (math.isnan(row["companion_ci_low"]) and high >= 0):
        return "not-testable", ""
    if low > 0 and row["companion_ci_low"] > 0:
        return "beats", "negligible" if high < margin else ""
    verdict = "does-not-beat" if high < margin or is_full else "inconclusive"
    return verdict, "worse" if high < 0 else ""


def table(rows):
    return build_table("verdict", {name: [row[name] for row in rows] for name in rows[0]})


@st.composite
def comparisons(draw):
    low, high = (draw(BOUND) for _ in range(2))
    skill_low, skill_high = (draw(BOUND) for _ in range(2))
    return {
        "tested": draw(st.sampled_from(["skill", "difference"])),
        "ci_low": min(low, high),
        "ci_high": max(low, high),
        "skill_ci_low": min(skill_low, skill_high),
        "skill_ci_high": max(skill_low, skill_high),
        "companion_ci_low": draw(BOUND),
        "baseline_value": draw(st.floats(0.995, 1)),
    }


@given(st.lists(comparisons(), min_size=1, max_size=8), st.floats(0, 0.5))
def test_the_rule_is_the_one_of_a_plain_loop(rows, margin):
    words, flags = judge_verdicts(table(rows), margin)
    assert list(zip(words, flags, strict=True)) == [naive(row, margin) for row in rows]


@given(st.lists(comparisons(), min_size=1, max_size=8), st.floats(0, 0.4), st.floats(0, 0.4))
def test_a_wider_margin_changes_neither_wins_nor_what_was_lost(rows, margin, more):
    before, _ = judge_verdicts(table(rows), margin)
    after, _ = judge_verdicts(table(rows), margin + more)
    for old, new in zip(before, after, strict=True):
        assert new == old or (old, new) == ("inconclusive", "does-not-beat")


def test_a_bound_of_zero_does_not_beat_and_is_not_worse():
    row = {"tested": "skill", "skill_ci_low": 0.0, "skill_ci_high": 0.0, "companion_ci_low": 0.0}
    words, flags = judge_verdicts(table([row]), margin=0.05)
    assert (words[0], flags[0]) == ("does-not-beat", "")


def test_one_metric_alone_is_not_enough():
    row = {"tested": "skill", "skill_ci_low": 0.2, "skill_ci_high": 0.4, "companion_ci_low": -0.01}
    words, _ = judge_verdicts(table([row]), margin=0.05)
    assert words[0] == "inconclusive"


def test_a_win_that_may_be_smaller_than_the_margin_is_negligible():
    row = {"tested": "skill", "skill_ci_low": 0.01, "skill_ci_high": 0.04, "companion_ci_low": 0.1}
    words, flags = judge_verdicts(table([row]), margin=0.05)
    assert (words[0], flags[0]) == ("beats", "negligible")


def test_the_difference_is_judged_where_it_was_tested():
    row = {
        "tested": "difference", "ci_low": 0.001, "ci_high": 0.002, "skill_ci_low": -1.0,
        "skill_ci_high": 1.0, "companion_ci_low": 0.001,
    }  # fmt: skip
    words, _ = judge_verdicts(table([row]), margin=0.0)
    assert words[0] == "beats"


def test_the_margin_of_a_difference_is_a_share_of_the_room():
    row = {
        "tested": "difference", "baseline_value": 0.996, "ci_low": 0.0005, "ci_high": 0.001,
        "skill_ci_low": 0.1, "skill_ci_high": 0.25, "companion_ci_low": 0.001,
    }  # fmt: skip
    # The room is 0.004, so that 0.001 of it is a skill of 0.25.
    for margin, flag in ((0.2, ""), (0.3, "negligible")):
        assert judge_verdicts(table([row]), margin)[1][0] == flag


@pytest.mark.parametrize(
    ("high", "expected"), [(-0.1, "does-not-beat"), (0.0, "does-not-beat"), (0.1, "inconclusive")]
)
@pytest.mark.parametrize("margin", [0.0, 0.05])
def test_nothing_lies_above_a_perfect_baseline(high, expected, margin):
    row = {
        "tested": "difference", "baseline_value": 1.0, "ci_low": -0.2, "ci_high": high,
        "skill_ci_low": math.nan, "skill_ci_high": math.nan, "companion_ci_low": 0.0,
    }  # fmt: skip
    assert judge_verdicts(table([row]), margin)[0][0] == expected


def test_what_was_not_testable_stays_so_under_any_margin():
    row = {"tested": "skill", "skill_ci_low": 0.2, "skill_ci_high": 0.4, "companion_ci_low": 0.1}
    rows = table([row]).assign(verdict=["not-testable"])
    words, flags = judge_verdicts(rows, margin=0.0)
    assert (words[0], flags[0]) == ("not-testable", "")


def test_words_need_not_be_there_yet():
    row = {"tested": "skill", "skill_ci_low": 0.2, "skill_ci_high": 0.4, "companion_ci_low": 0.1}
    words, _ = judge_verdicts(table([row]).drop(columns=["verdict", "flag"]), margin=0.05)
    assert words[0] == "beats"


def test_judging_changes_no_input():
    rows = table([{"tested": "skill", "skill_ci_low": 0.2, "skill_ci_high": 0.4}])
    before = rows.copy(deep=True)
    judge_verdicts(rows, margin=0.3)
    pd.testing.assert_frame_equal(rows, before)


def judged(words, models=None, baselines=None, pvalues=None):
    n = len(words)
    return pd.DataFrame(
        {
            "model": models or ["m"] * n,
            "target": [f"E{i:03d}" for i in range(n)],
            "baseline": baselines or ["average-activity"] * n,
            "verdict": words,
            "pvalue_adjusted": pvalues or [math.nan] * n,
        }
    )


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(VERDICTS)), min_size=1))
def test_counts_add_up_for_each_model(pairs):
    rows = judged([word for _, word in pairs], models=[model for model, _ in pairs])
    summary = summarise_verdicts(rows)
    words = ["n_beats", "n_does_not_beat", "n_inconclusive", "n_not_testable"]
    assert (summary[words].sum(axis=1) == summary["n_targets"]).all()
    assert summary["n_targets"].sum() == len(pairs)
    for row in summary.itertuples():
        own = [word for model, word in pairs if model == row.model]
        assert row.n_beats == own.count("beats")
        assert row.n_not_testable == own.count("not-testable")


def test_adjusted_wins_need_both_the_verdict_and_the_p_value():
    rows = judged(["beats", "beats", "inconclusive"], pvalues=[0.01, 0.2, 0.01])
    summary = summarise_verdicts(rows)
    assert summary["n_beats_adjusted"].tolist() == [1]
    assert summarise_verdicts(rows, alpha=0.5)["n_beats_adjusted"].tolist() == [2]


def test_counts_fit_the_table_of_summaries_and_keep_the_order():
    rows = judged(["beats"] * 3, models=["z", "a", "z"])
    summary = summarise_verdicts(rows)
    assert summary["model"].tolist() == ["z", "a"]
    fitting = build_table("summary", {name: summary[name] for name in summary})
    assert fitting["n_targets"].tolist() == [2, 1]
    assert (summary.drop(columns=["model", "baseline"]).dtypes == np.int64).all()


def test_no_verdict_gives_empty_tables_of_the_same_columns():
    empty = empty_table("verdict")
    assert summarise_verdicts(empty).columns[:2].tolist() == ["model", "baseline"]
    assert len(summarise_verdicts(empty)) == 0
    assert utility(empty).columns.tolist() == ["model", "target", "utility"]


@pytest.mark.parametrize(
    ("average", "nearest", "expected"),
    [
        ("beats", "beats", "beats-both"),
        ("beats", "does-not-beat", "beats-average-only"),
        ("does-not-beat", "beats", "beats-nearest-only"),
        ("does-not-beat", "does-not-beat", "beats-neither"),
        ("does-not-beat", "inconclusive", "beats-neither"),
        ("not-testable", "does-not-beat", "beats-neither"),
        ("beats", "inconclusive", "inconclusive"),
        ("inconclusive", "inconclusive", "inconclusive"),
        ("beats", "not-testable", "not-testable"),
        ("not-testable", "not-testable", "not-testable"),
    ],
)
def test_utility_of_two_verdicts(average, nearest, expected):
    assert combine_verdicts(average, nearest) == expected


def test_utility_is_one_of_its_words_and_both_only_for_two_wins():
    for average, nearest in itertools.product(VERDICTS, repeat=2):
        word = combine_verdicts(average, nearest)
        assert word in UTILITIES
        assert (word == "beats-both") == (average == nearest == "beats")


def test_utility_pairs_the_primary_baselines_of_each_target():
    rows = pd.DataFrame(
        [
            ("m", "E003", "nearest-celltype", "does-not-beat"),
            ("m", "E004", "average-activity", "beats"),
            ("m", "E003", "average-activity", "beats"),
            ("m", "E003", "prevalence", "does-not-beat"),
            ("m", "E004", "nearest-celltype", "beats"),
            ("k", "E004", "average-activity", "beats"),
        ],
        columns=["model", "target", "baseline", "verdict"],
    )
    found = utility(rows)
    assert found.to_numpy().tolist() == [
        ["m", "E003", "beats-average-only"],
        ["m", "E004", "beats-both"],
        ["k", "E004", "not-testable"],
    ]


def test_every_combination_has_words_and_none_accuses():
    texts = {conclusion(use, know) for use in UTILITIES for know in SPECIFICITIES}
    assert len(texts) >= 15
    for text in texts:
        assert "is a memoriser" not in text
        assert text == text.strip()
        assert text


@pytest.mark.parametrize(
    ("use", "know", "expected"),
    [
        ("beats-both", "cell-type-specific", "useful, and cell-type-specific"),
        ("beats-neither", "consistent-with-memorisation", "consistent with memorisation"),
        ("beats-nearest-only", "consistent-with-memorisation", "consistent with memorisation"),
        ("inconclusive", "inconclusive", "inconclusive"),
        ("not-testable", "not-testable", "not testable"),
    ],
)
def test_conclusions_of_the_design(use, know, expected):
    assert conclusion(use, know) == expected


def test_beating_the_average_only_always_speaks_of_copying():
    for know in SPECIFICITIES:
        assert "copying a similar cell type" in conclusion("beats-average-only", know)


def test_a_model_that_beats_both_is_called_useful_and_no_other():
    for use, know in itertools.product(UTILITIES, SPECIFICITIES):
        assert conclusion(use, know).startswith("useful") == (use == "beats-both")


def test_the_primary_baselines_are_the_two_of_the_paper():
    assert PRIMARY_BASELINES == ("average-activity", "nearest-celltype")
