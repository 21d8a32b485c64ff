"""Scores in bins: the report of an audit whose columns are not sorted."""

import re

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.base.ranking import ranking_scores
from leakcheck.exceptions import ValidationError
from leakcheck.scale.binned import BinnedColumn, RowsOfTarget
from leakcheck.scale.budget import Budget
from leakcheck.scale.scratch import FolderScratch
from tests.scale.worlds import make_source

EXACT = ["n_loci", "n_positive", "prevalence", "no_skill", "kind", "reason"]


@pytest.fixture(autouse=True)
def _few_loci_have_more_scores_than_levels(monkeypatch):
    monkeypatch.setattr("leakcheck.scale.binned._FEW", 128)


def both(source, **options):
    exact = leakcheck.scale.audit(source, exact=True, **options)
    return exact, leakcheck.scale.audit(source, exact=False, **options)


def bounds_of(report):
    return {
        (name, target): values
        for target, scores in report.settings["scale"]["bins"].items()
        for name, values in scores.items()
    }


def check_scores(exact, binned):
    """Compare each metric with its bound; what has none is the same."""
    assert binned.scores[EXACT].equals(exact.scores[EXACT])
    bounds = bounds_of(binned)
    compared = 0
    for one, two in zip(exact.scores.itertuples(), binned.scores.itertuples(), strict=True):
        if one.metric in {"average_precision", "expected_average_precision", "auroc"}:
            limit = bounds.get((one.model, one.target), {}).get(one.metric, 0.0)
            compared += limit > 0
            if one.model != "supervised-ceiling":  # fitted to ranks, which bins change
                assert abs(one.value - two.value) <= (limit or 0.0) + 1e-12
    assert compared
    for table in ("verdict", "strata", "comparisons", "ranks", "information", "design"):
        before, after = getattr(exact, table), getattr(binned, table)
        assert list(before.columns) == list(after.columns)
        numbers = before.select_dtypes("number").columns
        pd.testing.assert_frame_equal(before[numbers].isna(), after[numbers].isna())
    names = ["model", "target", "metric", "baseline"]
    shared = [name for name in names if name in exact.verdict]
    assert exact.verdict[shared].equals(binned.verdict[shared])


def test_metrics_lie_within_the_bounds_that_the_report_gives():
    exact, binned = both(make_source())
    check_scores(exact, binned)
    assert exact.settings["scale"]["exact"] is True
    assert "LK046" not in set(exact.findings["code"])
    said = binned.findings.set_index("code").loc["LK046"]
    assert binned.settings["scale"]["exact"] is False
    assert "1,048,576 or more" in said["evidence"]
    metric = exact.scores["metric"] == "conditional_auroc"
    moved = (exact.scores["value"] - binned.scores["value"])[metric].abs().max()
    bound = re.search(r"`conditional_auroc`, by at most ([^ ]+)\. ", said["evidence"])
    assert moved <= float(bound[1])
    assert binned.verdict["verdict"].equals(exact.verdict["verdict"])


def test_families_are_compared_in_bins():
    source = make_source(models=("memoriser", "honest-weak", "mixture"))
    source.families = {"memoriser": "a", "honest-weak": "b", "mixture": "a"}
    exact, binned = both(source)
    check_scores(exact, binned)
    gap = (exact.comparisons["difference"] - binned.comparisons["difference"]).abs()
    limit = max(
        value for one in bounds_of(binned).values() for k, value in one.items()
        if k != "n_bins" and value is not None
    )  # fmt: skip
    assert gap.max() <= 2 * limit


def test_baselines_of_a_signal_and_with_missing_labels():
    source = make_source(dtype=np.float64)
    source.labels[np.random.default_rng(1).random(source.labels.shape) < 0.1] = np.nan
    exact, binned = both(source)
    check_scores(exact, binned)
    source.signal = source.continuous
    exact, binned = both(source)
    check_scores(exact, binned)
    assert ("average-signal", "C01") in bounds_of(binned)


def test_scores_of_few_values_stay_exact():
    source = make_source()
    for table in source.predictions.values():
        table[:] = np.clip(np.round(table, 1), -4, 4)
    exact, binned = both(source)
    shown = binned.scores["model"] != "supervised-ceiling"
    values = ["value", "ci_low", "ci_high"]
    pd.testing.assert_frame_equal(exact.scores[shown][values], binned.scores[shown][values])
    for table in ("verdict", "strata", "ranks", "information"):
        pd.testing.assert_frame_equal(getattr(exact, table), getattr(binned, table))
    assert {name for name, _ in bounds_of(binned)} <= {"supervised-ceiling"}


def test_auto_sorts_what_fits_and_bins_what_does_not(monkeypatch):
    source = make_source()
    assert leakcheck.scale.audit(source).settings["scale"]["exact"] is True
    monkeypatch.setattr(Budget, "fits_sort", lambda self, n_rows, itemsize: False)
    assert leakcheck.scale.audit(source).settings["scale"]["exact"] is False


def test_little_room_makes_fewer_bins_with_wider_bounds(monkeypatch):
    source = make_source()
    wide = leakcheck.scale.audit(source, exact=False)
    monkeypatch.setattr(Budget, "room_for_bins", lambda self, n_rows, n_cells: 1)
    narrow = leakcheck.scale.audit(source, exact=False)
    for key, values in bounds_of(narrow).items():
        assert values["n_bins"] == 1024
        assert values["auroc"] >= bounds_of(wide)[key]["auroc"]
    check_scores(leakcheck.scale.audit(source), narrow)


@pytest.mark.parametrize("exact", ["no", None, 1, np.bool_(True)])
def test_what_is_no_choice_is_refused(exact):
    with pytest.raises(ValidationError, match="`exact` must be True, False or 'auto'"):
        leakcheck.scale.audit(make_source(n=200), exact=exact)


def test_bins_are_not_for_continuous_labels():
    source = make_source(n=200)
    source.labels = source.continuous
    with pytest.raises(ValidationError, match="`exact` must be True or 'auto' for continuous"):
        leakcheck.scale.audit(source, exact=False)


def test_budget_of_bins():
    budget = Budget(1 << 30)
    assert budget.fits_sort(10**6, 4)
    assert not budget.fits_sort(10**8, 4)
    assert budget.room_for_bins(10**8, 22) == (1 << 30) - (64 << 20) - 6 * 10**8
    with pytest.raises(ValidationError, match="`memory` must be at least 5787 MiB"):
        budget.room_for_bins(10**9, 22)
    with pytest.raises(ValidationError, match="while it is sorted"):
        budget.require_sort(10**8, 4)


def test_ranks_of_bins(tmp_path):
    rng = np.random.default_rng(0)
    n = 5000
    scores, labels = rng.normal(size=n), rng.random(n) < 0.3
    blocks, strata = rng.integers(0, 5, n), rng.integers(0, 4, n)
    rows = RowsOfTarget(labels.astype(np.uint8), blocks.astype(np.uint8), strata, 5, 3)
    column = BinnedColumn(lambda: iter([scores[:0], scores[:3000], scores[3000:]]), rows, 1 << 30)
    assert not column.is_exact
    found = column.without_blocks()
    exact = ranking_scores(labels, scores)
    expected = found.expected[-1, 0] / found.positives[-1, 0]
    assert abs(expected - exact.expected_average_precision) < 1e-4
    with FolderScratch(tmp_path) as scratch:
        ranks = column.write_ranks(scratch.column("ranks", np.uint32, n)).read(slice(0, n)) / 2
    assert ranks.sum() == n * (n + 1) / 2
    assert np.abs(ranks - (scores.argsort().argsort() + 1)).max() <= 2
    places = np.array([[0, 0, 0], [0, 3, 0]])
    groups = np.where(np.arange(n) < 10, 1, 0).astype(np.uint8)
    at = column.ranks_at(groups, places)
    assert np.isnan(at[:, 2]).all()
    own = np.sort(ranks[:10])[::-1]
    assert at[:, 1].tolist() == [own[0], own[3]]
