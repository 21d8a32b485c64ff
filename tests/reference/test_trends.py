"""The trends as numbers: each is computed from tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from leakcheck.reference.trends import compute_trends, trends_markdown


def models(task, setting, family, sizes, values, verdict="does-not-beat", average=0.95):
    """Rows of the table of scores."""
    return pd.DataFrame(
        {
            "task": task,
            "setting": setting,
            "model": [f"{family}-{size}" for size in sizes],
            "family": family,
            "n_parameters": sizes,
            "value": values,
            "difference": np.asarray(values) - average,
            "verdict": verdict,
        }
    )


SIZES = [10, 150, 1_000, 10_000, 100_000, 1_000_000]


def scores():
    """The paper's picture."""
    rising = [0.6, 0.62, 0.7, 0.8, 0.9, 0.94]
    return pd.concat(
        [
            models("expression", "cross-cell-type", "sequence", SIZES, rising),
            models("expression", "hybrid", "sequence", SIZES, [0.6, 0.6, 0.7, 0.7, 0.61, 0.63]),
            models("expression", "cross-cell-type", "both", SIZES, rising),
            models("expression", "hybrid", "both", SIZES, [0.9, 0.9, 0.9, 0.9, 0.85, 0.85]),
            *(
                models("expression", setting, "signal", SIZES, [0.5, 0.9, 0.91, 0.92, 0.93, 0.94])
                for setting in ("cross-chromosome", "cross-cell-type", "hybrid")
            ),
        ]
    )


def value_of(table, where, trend):
    """The one row whose place and trend begin so."""
    rows = table[table["where"].str.contains(where) & table["trend"].str.startswith(trend)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_numbers_are_those_done_by_hand():
    table = compute_trends(scores())
    assert len(table) == 3 + 1 + 3 + 2
    assert table["holds"].all()
    same, new = "cross-cell-type", "hybrid"
    assert value_of(table, same, "sequence only: Spearman")["value"] == pytest.approx(1.0)
    gap = value_of(table, same, "sequence only: average activity less best")
    assert gap["value"] == pytest.approx(0.01)
    assert gap["bound"] == "<= 0.02"
    assert value_of(table, same, "sequence only: models that beat")["value"] == 0
    assert value_of(table, new, "sequence only: largest")["value"] == pytest.approx(0.02)
    assert value_of(table, new, "signal only: spread")["value"] == pytest.approx(0.04)
    assert value_of(table, same, "both: largest")["value"] == pytest.approx(0.92 - 0.61)
    assert value_of(table, new, "both: largest")["value"] == pytest.approx(-0.05)


@pytest.mark.parametrize(
    ("change", "where", "trend"),
    [
        (
            lambda t: t.assign(value=t["value"].to_numpy()[::-1]),
            "cross-cell-type",
            "sequence only: Sp",
        ),
        (
            lambda t: t.assign(difference=-0.03),
            "cross-cell-type",
            "sequence only: average activity",
        ),
        (lambda t: t.assign(verdict="beats"), "cross-cell-type", "sequence only: models that beat"),
    ],
)
def test_a_trend_that_is_not_there_does_not_hold(change, where, trend):
    rows = models(
        "expression", "cross-cell-type", "sequence", SIZES, [0.6, 0.62, 0.7, 0.8, 0.9, 0.94]
    )
    table = compute_trends(change(rows))
    assert not value_of(table, where, trend)["holds"]


def test_the_smallest_model_does_not_count_towards_the_rise():
    values = [0.99, 0.62, 0.7, 0.8, 0.9, 0.94]
    table = compute_trends(models("expression", "cross-cell-type", "sequence", SIZES, values))
    found = value_of(table, "cross-cell-type", "sequence only: Spearman")
    assert found["value"] == pytest.approx(1)


def test_a_rise_of_one_model_is_undefined_and_does_not_hold():
    table = compute_trends(models("expression", "cross-cell-type", "sequence", [1, 2], [0.5, 0.6]))
    row = value_of(table, "cross-cell-type", "sequence only: Spearman")
    assert np.isnan(row["value"])
    assert not row["holds"]
    assert "undefined" in trends_markdown(table, "About.")


def test_thirds_need_three_models():
    table = compute_trends(models("expression", "hybrid", "sequence", [1, 2], [0.5, 0.6]))
    assert not table["trend"].str.contains("third").any()


def test_spread_needs_large_models():
    table = compute_trends(models("expression", "hybrid", "signal", [1, 2], [0.5, 0.6]))
    assert not len(table)


def strata(pvalues):
    """Tests of groups 1, 2 ..."""
    return pd.DataFrame(
        {
            "stratum": range(1, len(pvalues) + 1),
            "pvalue": pvalues,
            "minus_log10_p": -np.log10(pvalues),
        }
    )


def test_share_of_groups_and_where_they_are():
    table = compute_trends(tests=strata([0.5, np.nan, 0.5, 0.01, 0.01, 0.01, 0.01, 0.01, 0.5]))
    share = value_of(table, "S3", "groups where signal only is higher")
    assert share["value"] == pytest.approx(5 / 8)
    assert share["holds"]
    middle = value_of(table, "S3", "mean -log10 p, middle half")
    low, high = -np.log10(0.01), -np.log10(0.5)  # outer: 0.5, 0.5, 0.01, 0.5
    assert middle["value"] == pytest.approx(low - (low + 3 * high) / 4)
    assert middle["holds"]


def test_where_signal_wins_everywhere_the_middle_is_told_by_the_strength():
    """The share of groups says nothing there: it is 1 in the middle and at the ends."""
    name = "mean -log10 p, middle half"
    steeper = value_of(compute_trends(tests=strata([1e-3, 1e-9, 1e-9, 1e-4])), "S3", name)
    assert steeper["value"] == pytest.approx(9 - 3.5)
    assert steeper["holds"]
    for pvalues in ([1e-9] * 8, [1e-9, 1e-3, 1e-4, 1e-9]):  # level, or more at the ends
        table = compute_trends(tests=strata(pvalues))
        assert value_of(table, "S3", "groups where signal only is higher")["value"] == 1
        assert not value_of(table, "S3", name)["holds"]


def test_a_rank_correlation_equal_to_its_bound_holds():
    for order in ([1.0, 2.0, 4.0, 3.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0], [1.0, 3.0, 2.0, 5.0, 4.0]):
        values = [0.5, *order]
        table = compute_trends(models("expression", "cross-cell-type", "sequence", SIZES, values))
        row = value_of(table, "cross-cell-type", "sequence only: Spearman")
        exact = 1 - 6 * sum((rank - i) ** 2 for i, rank in enumerate(order, 1)) / (5 * 24)
        assert row["value"] == round(exact, 12)
        assert row["holds"] == (round(exact, 12) >= 0.8)


def test_without_a_testable_group_nothing_holds():
    table = compute_trends(tests=strata([np.nan, np.nan]))
    assert table["value"].isna().all()
    assert not table["holds"].any()


def test_range_over_sizes():
    flat = pd.DataFrame({"value": [0.9, 0.91, 0.915]})
    row = compute_trends(gaussians=flat).iloc[0]
    assert row["value"] == pytest.approx(0.015)
    assert row["holds"]
    assert not compute_trends(gaussians=flat.iloc[:0])["holds"].any()


def test_the_page_has_a_row_for_each_trend():
    table = compute_trends(scores(), strata([0.01] * 8), pd.DataFrame({"value": [0.9, 0.95]}))
    lines = trends_markdown(table, "What was run.").splitlines()
    assert lines[2] == "What was run."
    assert len(lines) == 6 + len(table)
    assert lines[-1].endswith("| 0.05 | <= 0.02 | does not hold |")
