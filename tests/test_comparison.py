"""A model against a baseline: a literal jackknife, reasons for what is undefined, and Holm."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, mean_squared_error, roc_auc_score
from statsmodels.stats.multitest import multipletests

from leakcheck.comparison import (
    adjust_pvalues,
    adjust_within,
    comparison_rows,
    summarise_skill,
)
from leakcheck.metrics import evaluate
from leakcheck.results import build_table
from leakcheck.verdicts import judge_verdicts
from tests.worlds import literal_jackknife, make_view


def compare(view, model, baseline, kind="binary", level=0.95):
    """The only row of the table `verdict`."""
    columns = {}
    first = evaluate(view, "m", "model", np.asarray(model, dtype=float), kind)
    second = evaluate(view, "b", "baseline", np.asarray(baseline, dtype=float), kind)
    comparison_rows(columns, view, [first], [second], kind, level)
    return build_table("verdict", columns).iloc[0]


@pytest.fixture
def target():
    """Fine scores without ties, in unequal blocks."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, 260)
    blocks = np.minimum(rng.integers(0, 14, 260), 9)
    view = make_view(labels, rng.random(260), blocks=blocks)
    return view, labels + rng.normal(size=260), labels + 1.5 * rng.normal(size=260)


def check(row, name, statistic, blocks, level, suffixes):
    """One quantity of a row against the literal jackknife."""
    full, error, degrees = literal_jackknife(statistic, blocks)
    reach = stats.t.ppf(level, degrees) * error
    value, low, high, se = suffixes
    assert row[value] == pytest.approx(full, rel=1e-9), name
    assert row[low] == pytest.approx(full - reach, rel=1e-9), name
    assert row[high] == pytest.approx(full + reach, rel=1e-9), name
    assert row[se] == pytest.approx(error, rel=1e-9), name
    assert row["degrees_of_freedom"] == degrees
    return stats.t.sf(full / error, degrees)


DIFFERENCE = ("difference", "ci_low", "ci_high", "difference_se")
SKILL = ("skill", "skill_ci_low", "skill_ci_high", "skill_se")
COMPANION = (
    "companion_difference", "companion_ci_low", "companion_ci_high", "companion_se",
)  # fmt: skip


class TestBinary:
    @pytest.mark.parametrize("level", [0.95, 0.9])
    def test_equals_the_definitions(self, target, level):
        view, model, baseline = target
        y = view.labels
        row = compare(view, model, baseline, level=level)

        def ap(scores):
            return lambda kept: average_precision_score(y[kept], scores[kept])

        def auroc(scores):
            return lambda kept: roc_auc_score(y[kept], scores[kept])

        def skill(kept):
            return (ap(model)(kept) - ap(baseline)(kept)) / (1 - ap(baseline)(kept))

        def gain(kept):
            return ap(model)(kept) - ap(baseline)(kept)

        def companion(kept):
            return auroc(model)(kept) - auroc(baseline)(kept)

        check(row, "difference", gain, view.blocks, level, DIFFERENCE)
        p_skill = check(row, "skill", skill, view.blocks, level, SKILL)
        p_companion = check(row, "companion", companion, view.blocks, level, COMPANION)
        assert row["pvalue"] == pytest.approx(max(p_skill, p_companion), rel=1e-6)
        assert row["model_value"] == pytest.approx(average_precision_score(y, model))
        assert row["baseline_value"] == pytest.approx(average_precision_score(y, baseline))
        assert (row["model"], row["baseline"], row["target"]) == ("m", "b", "T")
        assert row["metric"] == "expected_average_precision"
        assert row["companion_metric"] == "auroc"
        assert row["tested"] == "skill"
        assert row["reason"] == ""
        assert row["minimum_detectable_gain"] == pytest.approx(2.6 * row["difference_se"])

    def test_the_last_digits_of_a_sum_are_no_gain(self):
        rng = np.random.default_rng(3)
        labels, scores = rng.normal(size=(2, 400))
        view = make_view(labels, scores, blocks=np.arange(400) % 10)
        for factor, same in ((1 + 4e-16, True), (1 + 1e-12, False)):
            row = compare(view, scores * factor, scores, "continuous")
            assert (row["difference"] == 0) == same
            assert (row["skill"] == 0) == (row["skill_se"] == 0) == same

    def test_a_model_that_is_the_baseline_gains_nothing_for_sure(self, target):
        view, model, _ = target
        row = compare(view, model, model)
        assert row[["difference", "skill", "companion_difference", "skill_se"]].tolist() == [0] * 4
        assert row["pvalue"] == 1
        assert row["reason"] == ""

    def test_skill_is_not_clipped(self, target):
        view, model, _ = target
        assert compare(view, view.labels, model)["skill"] == 1
        assert compare(view, -model, model)["skill"] < -1

    def test_above_0995_the_difference_is_tested(self):
        rng = np.random.default_rng(5)
        labels = np.arange(400) % 2
        view = make_view(labels, rng.random(400), blocks=np.arange(400) % 10)
        baseline = labels + 0.24 * rng.normal(size=400)
        baseline_ap = average_precision_score(labels, baseline)
        assert 0.995 < baseline_ap < 1
        row = compare(view, rng.random(400), baseline)
        assert row["tested"] == "difference"
        assert row["pvalue"] > 0.99
        better = compare(view, labels + 0.0, baseline)
        gain = stats.t.sf(better["difference"] / better["difference_se"], 9)
        companion = stats.t.sf(better["companion_difference"] / better["companion_se"], 9)
        assert better["pvalue"] == pytest.approx(max(gain, companion))
        assert compare(view, labels + 0.0, rng.random(400))["tested"] == "skill"

    def test_against_a_perfect_baseline_the_skill_is_undefined_and_the_difference_is_tested(self):
        rng = np.random.default_rng(6)
        labels = np.arange(100) % 2
        view = make_view(labels, rng.random(100))
        row = compare(view, rng.random(100), labels)
        assert np.isnan(row["skill"])
        assert row["tested"] == "difference"
        assert row["difference"] < 0
        assert row["pvalue"] > 0.99
        assert row["reason"] == "the baseline is perfect: there is no room for skill above it"
        equal = compare(view, labels, labels)
        assert equal["pvalue"] == 1
        words = judge_verdicts(pd.DataFrame([row, equal]), margin=0.05)[0]
        assert list(words) == ["does-not-beat"] * 2

    @pytest.mark.parametrize(
        ("labels", "blocks", "reason"),
        [
            (np.ones(60), np.arange(60) % 10, "the target's labels are all the same"),
            (np.zeros(60), np.arange(60) % 10, "the target's labels are all the same"),
            (np.arange(60) < 6, np.arange(60) // 6, "too few blocks, or a block holds all"),
            (np.arange(60) % 2, np.zeros(60, int), "too few blocks, or a block holds all"),
            ([], np.empty(0, int), "no audited locus is observed in a reference"),
        ],
        ids=["no negative", "no positive", "all in a block", "one block", "no loci"],
    )
    def test_what_is_not_testable_says_why(self, labels, blocks, reason):
        labels = np.asarray(labels, dtype=float)
        rng = np.random.default_rng(7)
        view = make_view(labels, rng.random(len(labels)), blocks=blocks)
        row = compare(view, rng.random(len(labels)), rng.random(len(labels)))
        assert row["reason"].startswith(reason)
        assert np.isnan(row["pvalue"])

    def test_every_model_meets_every_baseline(self, target):
        view, model, baseline = target
        columns = {}
        models = [evaluate(view, n, "model", model, "binary") for n in "xy"]
        baselines = [evaluate(view, n, "baseline", baseline, "binary") for n in "ab"]
        comparison_rows(columns, view, models, baselines, "binary", 0.95)
        pairs = list(zip(columns["model"], columns["baseline"], strict=True))
        assert pairs == [("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")]


class TestContinuous:
    @pytest.fixture
    def target(self):
        rng = np.random.default_rng(8)
        average = rng.normal(size=260)
        labels = average + rng.normal(size=260)
        blocks = np.minimum(rng.integers(0, 14, 260), 9)
        return make_view(labels, average, blocks=blocks), 0.7 * labels + rng.normal(size=260) / 3

    def test_equals_the_definitions(self, target):
        view, model = target
        y, baseline = view.labels, view.average
        row = compare(view, model, baseline, "continuous")

        def mse(scores, kept):
            return mean_squared_error(y[kept], scores[kept])

        def pearson(scores, kept):
            return stats.pearsonr(y[kept], scores[kept]).statistic

        def skill(kept):
            return 1 - mse(model, kept) / mse(baseline, kept)

        def gain(kept):
            return mse(baseline, kept) - mse(model, kept)

        def companion(kept):
            return pearson(model, kept) - pearson(baseline, kept)

        check(row, "difference", gain, view.blocks, 0.95, DIFFERENCE)
        p_skill = check(row, "skill", skill, view.blocks, 0.95, SKILL)
        p_companion = check(row, "companion", companion, view.blocks, 0.95, COMPANION)
        assert row["pvalue"] == pytest.approx(max(p_skill, p_companion), rel=1e-6)
        assert (row["metric"], row["companion_metric"]) == ("mse", "pearson")
        assert row["tested"] == "skill"
        assert row["skill"] > 0

    def test_a_large_error_is_not_taken_for_a_nearly_perfect_baseline(self, target):
        view, model = target
        far = view.average + 3.0
        row = compare(view, model, far, "continuous")
        assert row["baseline_value"] > 1
        assert row["tested"] == "skill"

    def test_a_constant_prediction_has_no_correlation_and_says_so(self, target):
        view, _ = target
        row = compare(view, np.zeros(260), view.average, "continuous")
        assert np.isnan(row["companion_difference"])
        assert row["skill_ci_high"] < 0
        assert row["pvalue"] == 1  # lost already
        noisy = compare(view, np.zeros(260), np.full(260, 9.0), "continuous")
        assert noisy["skill_ci_low"] > 0
        assert np.isnan(noisy["pvalue"])
        assert row["reason"] == "pearson is undefined: a variance is zero"
        assert np.isfinite(row["skill"])

    def test_a_perfect_baseline_leaves_no_room(self, target):
        view, model = target
        row = compare(view, model, view.labels, "continuous")
        assert np.isnan(row["skill"])
        assert row["reason"] == "the metric or the room above the baseline is undefined"


PVALUES = st.lists(st.floats(0, 1) | st.just(np.nan), max_size=30)


class TestAdjust:
    @settings(max_examples=25)  # statsmodels collects garbage at every call
    @given(PVALUES, st.sampled_from(["holm", "fdr_bh"]))
    def test_equals_statsmodels_where_defined(self, pvalues, method):
        pvalues = np.array(pvalues, dtype=float)
        found = adjust_pvalues(pvalues, method)
        defined = ~np.isnan(pvalues)
        np.testing.assert_array_equal(np.isnan(found), ~defined)
        if defined.any():
            expected = multipletests(pvalues[defined], method=method)[1]
            np.testing.assert_allclose(found[defined], expected, rtol=1e-12)

    def test_input_is_unchanged(self):
        pvalues = np.array([0.04, np.nan, 0.01])
        adjust_pvalues(pvalues)
        np.testing.assert_array_equal(pvalues, [0.04, np.nan, 0.01])

    def test_families_of_tests_are_apart(self):
        table = pd.DataFrame(
            {
                "model": ["x", "y", "x", "y", "x"],
                "baseline": ["a", "a", "a", "b", "b"],
                "pvalue": [0.01, 0.02, np.nan, 0.03, 0.04],
            },
            index=[9, 9, 3, 1, 0],
        )
        found = adjust_within(table, ["model", "baseline"], method="holm")
        np.testing.assert_allclose(found, [0.01, 0.02, np.nan, 0.03, 0.04])
        found = adjust_within(table, ["model"], method="holm")
        np.testing.assert_allclose(found, [0.02, 0.04, np.nan, 0.04, 0.04])

    def test_no_rows(self):
        table = pd.DataFrame({"model": [], "pvalue": []})
        assert adjust_within(table, ["model"], method="holm").shape == (0,)


def verdict_of(values, baselines, model="m", baseline="b", words=None):
    n = len(values)
    return build_table(
        "verdict",
        {
            "model": [model] * n,
            "baseline": [baseline] * n,
            "model_value": values,
            "baseline_value": baselines,
            "verdict": words or ["beats"] * n,
        },
    )


QUANTILE = {df: float(stats.t.ppf(0.95, df)) for df in range(1, 9)}


class TestSummariseSkill:
    @pytest.mark.parametrize(("kind", "perfect"), [("binary", 1.0), ("continuous", 0.0)])
    def test_is_a_ratio_of_sums_with_targets_as_units(self, kind, perfect):
        own = np.array([0.7, 0.75, 0.9, 0.6])
        other = np.array([0.6, 0.8, 0.7, 0.5])
        verdict = verdict_of([*own, np.nan], [*other, 0.4])
        row = summarise_skill(verdict, kind, QUANTILE).iloc[0]

        def ratio(kept):
            gain = own - other if perfect else other - own
            return gain[kept].sum() / np.abs(perfect - other)[kept].sum()

        full, error, _ = literal_jackknife(ratio, np.arange(4))
        assert row["skill"] == pytest.approx(full)
        assert row["ci_low"] == pytest.approx(full - QUANTILE[3] * error)
        assert row["ci_high"] == pytest.approx(full + QUANTILE[3] * error)
        assert row["reason"] == ""

    @pytest.mark.parametrize(
        ("own", "other", "skill", "reason"),
        [
            ([0.8], [0.6], 0.5, "one target says nothing about others"),
            ([np.nan], [0.6], np.nan, "no target is testable"),
            ([0.8, np.nan], [0.6, 0.7], 0.5, "one target says nothing about others"),
            ([0.8, 0.9], [1.0, 1.0], np.nan, "the baseline is perfect at every target"),
            ([0.8], [1.0], np.nan, "the baseline is perfect at every target"),
            ([0.8, 0.9], [0.6, 1.0], 0.25, "the baseline is perfect at all targets but one"),
        ],
    )
    def test_what_is_unknown_says_why(self, own, other, skill, reason):
        row = summarise_skill(verdict_of(own, other), "binary", QUANTILE).iloc[0]
        assert row["skill"] == pytest.approx(skill, nan_ok=True)
        assert np.isnan([row["ci_low"], row["ci_high"]]).all()
        assert row["reason"] == reason

    def test_targets_that_are_not_testable_take_no_part(self):
        words = ["beats", "not-testable", "inconclusive"]
        table = verdict_of([0.8, 0.1, 0.7], [0.6, 0.9, 0.5], words=words)
        row = summarise_skill(table, "binary", QUANTILE).iloc[0]
        expected = summarise_skill(verdict_of([0.8, 0.7], [0.6, 0.5]), "binary", QUANTILE).iloc[0]
        assert row["skill"] == pytest.approx(0.4 / 0.9)
        pd.testing.assert_series_equal(row, expected)
        none = verdict_of([0.8, 0.7], [0.6, 0.5], words=["not-testable"] * 2)
        row = summarise_skill(none, "binary", QUANTILE).iloc[0]
        assert np.isnan(row["skill"])
        assert row["reason"] == "no target is testable"

    def test_one_row_for_each_model_and_baseline_in_their_order(self):
        parts = [verdict_of([0.5, 0.6], [0.4, 0.4], m, b) for m in "yx" for b in "ba"]
        table = summarise_skill(pd.concat(parts, ignore_index=True), "binary", QUANTILE)
        pairs = list(zip(table["model"], table["baseline"], strict=True))
        assert pairs == [("y", "b"), ("y", "a"), ("x", "b"), ("x", "a")]
