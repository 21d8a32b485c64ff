"""Scores inside strata: scikit-learn in every stratum, van Elteren's weights, and every reason."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, mean_squared_error, roc_auc_score

from leakcheck.results import TABLES, build_table
from leakcheck.strata import Strata
from leakcheck.stratified import strata_rows
from tests.worlds import expected_ap, make_view


@pytest.fixture
def binary():
    """A target of 240 loci, with a score of few values and a fine one."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 240)
    coarse = np.clip(labels + rng.integers(-2, 3, 240), 0, 2) / 2
    return make_view(labels, rng.random(240).round(1)), coarse, labels + rng.normal(size=240)


@pytest.fixture
def continuous():
    rng = np.random.default_rng(2)
    average = rng.normal(size=240)
    return make_view(average + rng.normal(size=240), average), average + rng.normal(size=240)


class TestStrataRows:
    @pytest.fixture
    def strata(self):
        codes = np.random.default_rng(3).integers(-1, 4, 240)
        return Strata(names=("1", "2", "3", "4", "5"), codes=codes)

    def table(self, view, strata, scores, kind="binary", shown=("b",)):
        parts, conditional = strata_rows(view, strata, scores, kind, shown)
        columns = {key: [v for part in parts for v in part[key]] for key in parts[0]}
        assert list(columns) == list(TABLES["strata"])
        table = build_table("strata", columns).set_index(["model", "stratum", "metric"])
        return table.sort_index(), conditional

    def test_equal_scikit_learn_in_every_stratum(self, binary, strata):
        view, coarse, fine = binary
        scores = {"m": ("model", fine), "b": ("baseline", coarse), "o": ("bound", fine)}
        table, _ = self.table(view, strata, scores)
        for name in ("m", "b"):
            for code, stratum in enumerate(strata.names[:4]):
                inside = strata.codes == code
                y, s = view.labels[inside], scores[name][1][inside]
                row = table.loc[(name, stratum)]
                assert row.loc["auroc", "value"] == pytest.approx(roc_auc_score(y, s))
                ap = average_precision_score(y, s)
                assert row.loc["average_precision", "value"] == pytest.approx(ap, rel=1e-12)
                assert (row["n_loci"] == inside.sum()).all()
                assert (row["n_positive"] == y.sum()).all()
                assert row["prevalence"].to_numpy() == pytest.approx([y.mean()] * 3)
                assert row.loc["auroc", "no_skill"] == 0.5
                expected = row.loc["expected_average_precision", "value"]
                assert expected == pytest.approx(expected_ap(y, s), rel=1e-12)
                no_skill = row.loc["expected_average_precision", "no_skill"]
                assert no_skill == pytest.approx(expected_ap(y, 0 * s))

    def test_baselines_that_are_not_asked_for_have_no_rows(self, binary, strata):
        scores = {
            "m": ("model", binary[2]),
            "b": ("baseline", binary[1]),
            "o": ("bound", binary[2]),
        }
        table, conditional = self.table(binary[0], strata, scores)
        assert set(table.index.get_level_values("model")) == {"m", "b"}
        assert set(table.loc["b", "kind"]) == {"baseline"}
        assert set(conditional) == {"m", "b", "o"}
        table, _ = self.table(binary[0], strata, scores, shown=())
        assert set(table.index.get_level_values("model")) == {"m"}

    def test_an_empty_stratum_says_so(self, binary, strata):
        table, _ = self.table(binary[0], strata, {"m": ("model", binary[2])})
        empty = table.loc[("m", "5")]
        assert empty[["value", "prevalence", "no_skill"]].isna().all(axis=None)
        assert set(empty["reason"]) == {"no locus"}
        assert (empty["n_loci"] == 0).all()

    @pytest.mark.parametrize(
        ("positives", "reason"),
        [
            (0, "no positive label"),
            (30, "no negative label"),
            (9, "fewer than 10 of a class: too few to interpret"),
            (21, "fewer than 10 of a class: too few to interpret"),
            (10, ""),
            (20, ""),
        ],
    )
    def test_small_strata_say_so(self, positives, reason):
        labels = np.arange(30) < positives
        view = make_view(labels, np.full(30, 0.5))
        strata = Strata(names=("1",), codes=np.zeros(30, dtype=int))
        table, _ = self.table(view, strata, {"m": ("model", np.arange(30.0))})
        assert set(table["reason"]) == {reason}
        assert np.isnan(table.loc[("m", "1", "auroc"), "value"]) == (positives in {0, 30})

    def test_conditional_auroc_has_van_elterens_weights(self, binary, strata):
        view, coarse, fine = binary
        _, conditional = self.table(view, strata, {"f": ("model", fine), "c": ("model", coarse)})
        for name, scores in (("f", fine), ("c", coarse)):
            weights, values = [], []
            for code in range(4):
                y, s = view.labels[strata.codes == code], scores[strata.codes == code]
                m, n = y.sum(), (1 - y).sum()
                weights.append(m * n / (m + n + 1))
                values.append(roc_auc_score(y, s))
            assert conditional[name] == pytest.approx(np.average(values, weights=weights))

    def test_without_strata_there_is_nothing(self, binary):
        strata = Strata(names=(), codes=np.full(240, -1))
        found = strata_rows(binary[0], strata, {"m": ("model", binary[1])}, "binary", ())
        assert found == ([], {})

    def test_continuous_labels(self, continuous):
        view, scores = continuous
        codes = np.arange(240) % 3
        strata = Strata(names=("q01", "q02", "q03"), codes=codes)
        given = {"m": ("model", scores), "b": ("baseline", view.average), "x": ("bound", scores)}
        table, conditional = self.table(view, strata, given, "continuous")
        assert conditional == {}
        assert set(table.index.get_level_values("model")) == {"m", "b"}
        for code, stratum in enumerate(strata.names):
            y, s = view.labels[codes == code], scores[codes == code]
            row = table.loc[("m", stratum)]
            assert row.loc["mse", "value"] == pytest.approx(mean_squared_error(y, s))
            assert row.loc["pearson", "value"] == pytest.approx(np.corrcoef(y, s)[0, 1])
            assert row.loc["pearson", "no_skill"] == 0
            assert np.isnan(row.loc["mse", "no_skill"])
            assert (row["n_loci"] == 80).all()
            assert set(row["reason"]) == {""}

    def test_continuous_constants_have_a_reason(self, continuous):
        view = continuous[0]
        strata = Strata(names=("q01",), codes=np.zeros(240, dtype=int))
        table, _ = self.table(view, strata, {"m": ("model", np.ones(240))}, "continuous")
        assert table.loc[("m", "q01", "pearson"), "reason"] == "a variance is zero"
        assert table.loc[("m", "q01", "mse"), "reason"] == ""
