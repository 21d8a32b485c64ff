"""Scores whole and by stratum: scikit-learn and scipy, a literal jackknife, and every reason."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, mean_squared_error, r2_score, roc_auc_score

from leakcheck.exceptions import ValidationError
from leakcheck.metrics import (
    COMPANION_METRIC,
    METRICS,
    PRIMARY_METRIC,
    RANKING_METRICS,
    Evaluated,
    check_metrics,
    evaluate,
    is_no_better_than_chance,
    score_rows,
)
from leakcheck.results import TABLES, build_table
from tests.worlds import expected_ap, literal_bounds, make_view


@pytest.fixture
def binary():
    """A target of 240 loci in unequal blocks, with a score of few values and a fine one."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 240)
    coarse = np.clip(labels + rng.integers(-2, 3, 240), 0, 2) / 2
    fine = labels + rng.normal(size=240)
    blocks = np.minimum(rng.integers(0, 14, 240), 9)
    return make_view(labels, rng.random(240).round(1), blocks=blocks), coarse, fine


@pytest.fixture
def continuous():
    rng = np.random.default_rng(2)
    average = rng.normal(size=240)
    labels = average + rng.normal(size=240)
    scores = average + rng.normal(size=240)
    blocks = np.minimum(rng.integers(0, 14, 240), 9)
    return make_view(labels, average, blocks=blocks), scores, rng.random(240)


class TestCheckMetrics:
    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    def test_none_is_all_and_names_keep_their_order(self, kind):
        assert check_metrics(None, kind) == METRICS[kind]
        assert check_metrics(METRICS[kind][::-1], kind) == METRICS[kind][::-1]
        assert check_metrics(METRICS[kind][0], kind) == METRICS[kind][:1]
        assert {PRIMARY_METRIC[kind], COMPANION_METRIC[kind]} < set(METRICS[kind])

    @pytest.mark.parametrize(
        ("metrics", "kind", "match"),
        [
            (["auc", "auroc", "f1"], "binary", "binary labels; 2 others came, the first 'auc'"),
            ("mse", "binary", "binary labels; 1 other came, the first 'mse'"),
            (["auroc"], "continuous", "continuous labels; 1 other came, the first 'auroc'"),
            ([], "binary", "binary labels; none came"),
        ],
    )
    def test_others_are_refused(self, metrics, kind, match):
        with pytest.raises(ValidationError, match=f"`metrics` must name metrics of {match}.*mse|p"):
            check_metrics(metrics, kind)

    def test_what_is_no_list_is_refused_and_any_list_is_one(self):
        with pytest.raises(ValidationError, match="1 other came, the first 3"):
            check_metrics(3, "binary")
        assert check_metrics((name for name in ["auroc"]), "binary") == ("auroc",)
        assert check_metrics({"auroc": 1}.keys(), "binary") == ("auroc",)


class TestEvaluate:
    @pytest.mark.parametrize("which", [1, 2], ids=["ties", "fine"])
    def test_binary_equals_scikit_learn(self, binary, which):
        view, scores = binary[0], binary[which]
        one = evaluate(view, "m", "model", scores, "binary")
        ap = average_precision_score(view.labels, scores)
        assert one.values["average_precision"] == pytest.approx(ap, rel=1e-12)
        assert one.values["auroc"] == pytest.approx(roc_auc_score(view.labels, scores), rel=1e-12)
        expected = expected_ap(view.labels, scores)
        assert one.values["expected_average_precision"] == pytest.approx(expected, rel=1e-12)
        assert (expected == pytest.approx(ap, rel=1e-9)) == (which == 2)
        for block in range(10):
            kept = view.blocks != block
            again = roc_auc_score(view.labels[kept], scores[kept])
            assert one.replicates["auroc"][block] == pytest.approx(again, rel=1e-12)
            again = average_precision_score(view.labels[kept], scores[kept])
            assert one.replicates["average_precision"][block] == pytest.approx(again, rel=1e-12)

    def test_continuous_equals_scikit_learn_and_scipy(self, continuous):
        view, scores, variance = continuous
        values = evaluate(view, "m", "model", scores, "continuous", variance).values
        y = view.labels
        top = int(0.01 * 240)
        by_label, by_score = np.argsort(y)[-top:], np.argsort(scores)[-top:]
        squared = (y - scores) ** 2
        anomaly = stats.pearsonr(y - view.average, scores - view.average).statistic
        expected = {
            "mse": mean_squared_error(y, scores),
            "pearson": stats.pearsonr(y, scores).statistic,
            "spearman": stats.spearmanr(y, scores).statistic,
            "r2": r2_score(y, scores),
            "msevar": np.average(squared, weights=variance),
            "mse1obs": squared[by_label].mean(),
            "mse1imp": squared[by_score].mean(),
            "anomaly_correlation": anomaly,
        }
        assert values == pytest.approx(expected, rel=1e-10)
        assert {*expected, "spearman_with_average"} == set(METRICS["continuous"])

    def test_continuous_replicates_leave_the_block_out(self, continuous):
        view, scores, _ = continuous
        replicates = evaluate(view, "m", "model", scores, "continuous").replicates
        assert set(replicates) == {"mse", "pearson"}
        for block in range(10):
            kept = view.blocks != block
            mse = mean_squared_error(view.labels[kept], scores[kept])
            assert replicates["mse"][block] == pytest.approx(mse)
            pearson = np.corrcoef(view.labels[kept], scores[kept])[0, 1]
            assert replicates["pearson"][block] == pytest.approx(pearson)

    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    def test_without_intervals_the_values_are_the_same(self, request, kind):
        view, scores, _ = request.getfixturevalue(kind)
        whole = evaluate(view, "m", "model", scores, kind)
        alone = evaluate(view, "m", "model", scores, kind, intervals=False)
        assert alone.replicates == {}
        assert alone.values == pytest.approx(whole.values, rel=1e-12, nan_ok=True)

    @pytest.mark.parametrize("kind", ["binary", "continuous"])
    def test_chance_is_where_the_lower_bound_is_at_no_skill(self, request, kind):
        view, scores, _ = request.getfixturevalue(kind)
        noise = np.random.default_rng(9).normal(size=240)
        for values, chance in ((scores, False), (noise, True), (-scores, True)):
            one = evaluate(view, "m", "model", values, kind)
            assert is_no_better_than_chance(one, view, kind, 0.95) is chance
        constant = evaluate(view, "m", "model", np.ones(240), kind)
        undefined = kind == "continuous"  # no correlation
        assert is_no_better_than_chance(constant, view, kind, 0.95) is not undefined

    def test_another_name_has_values_of_its_own(self, binary):
        one = evaluate(binary[0], "m", "model", binary[1], "binary")
        two = one.renamed("oracle", "bound")
        two.values["conditional_auroc"] = 0.7
        assert (two.name, two.kind) == ("oracle", "bound")
        assert "conditional_auroc" not in one.values


def table_of(view, evaluated, kind="binary", metrics=None, level=0.95):
    columns = {}
    score_rows(columns, view, evaluated, metrics or METRICS[kind], kind, level)
    return build_table("scores", columns).set_index(["model", "metric"])


class TestScoreRows:
    def test_numbers_beside_the_score(self, binary):
        view, coarse, fine = binary
        models = [evaluate(view, n, "model", s, "binary") for n, s in (("c", coarse), ("f", fine))]
        table = table_of(view, models)
        assert set(table["target"]) == {"T"}
        assert set(table["n_loci"]) == {240}
        assert set(table["n_positive"]) == {int(view.labels.sum())}
        assert table["prevalence"].unique() == pytest.approx([view.labels.mean()])
        assert table.loc[("c", "auroc"), "no_skill"] == 0.5
        no_skill = table.loc[("c", "average_precision"), "no_skill"]
        assert no_skill == pytest.approx(expected_ap(view.labels, np.zeros(240)))
        assert {metric for _, metric in table.index} == set(RANKING_METRICS)

    @pytest.mark.parametrize("level", [0.95, 0.8])
    def test_bounds_are_those_of_a_literal_jackknife(self, binary, level):
        view, coarse, fine = binary
        models = [evaluate(view, n, "model", s, "binary") for n, s in (("c", coarse), ("f", fine))]
        table = table_of(view, models, level=level)
        for name, scores in (("c", coarse), ("f", fine)):
            for metric, function in (
                ("auroc", roc_auc_score),
                ("average_precision", average_precision_score),
            ):
                expected = literal_bounds(
                    lambda kept, f=function, s=scores: f(view.labels[kept], s[kept]),
                    view.blocks,
                    level,
                )
                row = table.loc[(name, metric), ["value", "ci_low", "ci_high"]]
                np.testing.assert_allclose(row.to_numpy(float), expected, rtol=1e-9)

    def test_bounds_of_continuous_labels(self, continuous):
        view, scores, _ = continuous
        table = table_of(view, [evaluate(view, "m", "model", scores, "continuous")], "continuous")
        expected = literal_bounds(
            lambda kept: mean_squared_error(view.labels[kept], scores[kept]), view.blocks
        )
        row = table.loc[("m", "mse"), ["value", "ci_low", "ci_high"]]
        np.testing.assert_allclose(row.to_numpy(float), expected, rtol=1e-9)
        assert table["prevalence"].isna().all()
        assert (table["n_positive"] == 0).all()
        assert table.loc[("m", "pearson"), "no_skill"] == 0
        assert np.isnan(table.loc[("m", "mse"), "no_skill"])

    def test_metrics_that_are_not_for_all_have_rows_where_they_were_asked(self, binary):
        view, coarse, _ = binary
        models = [evaluate(view, name, "model", coarse, "binary") for name in "xy"]
        models[1].values.update({"conditional_auroc": 0.7, "spearman_with_average": 0.3})
        table = table_of(view, models)
        assert set(table.loc["x"].index) == set(RANKING_METRICS)
        assert set(table.loc["y"].index) == set(METRICS["binary"])
        assert table.loc[("y", "conditional_auroc"), ["value", "no_skill"]].tolist() == [0.7, 0.5]
        assert np.isnan(table.loc[("y", "spearman_with_average"), "no_skill"])

    def test_only_the_metrics_asked_for_in_their_order(self, binary):
        view, coarse, _ = binary
        metrics = ("auroc", "average_precision")
        table = table_of(view, [evaluate(view, "m", "model", coarse, "binary")], metrics=metrics)
        assert table.index.get_level_values("metric").tolist() == list(metrics)

    @pytest.mark.parametrize(
        ("labels", "reason", "undefined"),
        [
            ([1, 1, 1], "no negative label", {"auroc", "conditional_auroc"}),
            ([0, 0, 0], "no positive label", set(METRICS["binary"]) - {"spearman_with_average"}),
            ([0, 1, 1], "no stratum has both classes", {"conditional_auroc"}),
        ],
    )
    def test_every_undefined_value_has_its_reason(self, labels, reason, undefined):
        view = make_view(labels, [0.1, 0.5, 0.9])
        one = evaluate(view, "m", "model", np.array([0.3, 0.2, 0.1]), "binary")
        one.values.update({"spearman_with_average": 0.5, "conditional_auroc": np.nan})
        table = table_of(view, [one]).loc["m"]
        assert set(table.index[table["value"].isna()]) == undefined
        assert set(table.loc[table["value"].isna(), "reason"]) == {reason}
        assert set(table.loc[table["value"].notna(), "reason"]) <= {""}

    def test_no_loci(self):
        view = make_view([], [])
        table = table_of(view, [evaluate(view, "m", "model", np.empty(0), "binary")])
        assert table["value"].isna().all()
        assert set(table["reason"]) == {"no audited locus is observed in a reference cell type"}

    def test_constants(self, continuous):
        view = continuous[0]
        table = table_of(
            view, [evaluate(view, "m", "model", np.ones(240), "continuous")], "continuous"
        )
        undefined = table[table["value"].isna()]
        metrics = undefined.index.get_level_values("metric")
        assert set(metrics) == {"pearson", "spearman", "msevar"}
        assert set(undefined["reason"]) == {"a variance is zero"}

    def test_without_replicates_there_are_no_bounds(self, binary):
        one = Evaluated(name="prevalence", kind="baseline", values={"auroc": 0.5})
        table = table_of(binary[0], [one])
        assert table.loc[("prevalence", "auroc"), "value"] == 0.5
        assert table["ci_low"].isna().all()

    def test_rows_are_appended(self, binary):
        view, coarse, _ = binary
        columns = {}
        for _ in range(2):
            score_rows(
                columns, view, [evaluate(view, "m", "model", coarse, "binary")], ["auroc"],
                "binary", 0.95,
            )  # fmt: skip
        assert {len(values) for values in columns.values()} == {2}
        assert list(columns) == list(TABLES["scores"])
