"""Quartiles of the rank of a score along the rank of the average activity."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

import leakcheck
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.panel import TargetView
from leakcheck.rank_profile import rank_rows
from leakcheck.simulate import epigenome, predict


def view_of(average, labels, *, n_references=20, kind="binary"):
    """A target whose loci have these averages and labels."""
    n = len(average)
    return TargetView(
        name="T", column=0, rows=np.arange(n), labels=np.asarray(labels, dtype=float),
        blocks=np.zeros(n, dtype=int), block_sizes=np.array([n]),
        average=np.asarray(average, dtype=float), n_observed=np.full(n, n_references),
        average_signal=None, references=np.arange(1, n_references + 1), n_hybrid=0,
        label_kind=kind,
    )  # fmt: skip


def rows_of(view, **scores):
    ranked = {
        name: SortedColumn.from_scores(np.asarray(values, dtype=float))
        for name, values in scores.items()
    }
    return pd.DataFrame(rank_rows(view, ranked))


def naive(view, scores, *, binary=True):
    """The same by loops over bins and loci."""
    n = len(scores)
    average_rank = (rankdata(view.average) - 0.5) / n
    score_rank = (rankdata(scores) - 0.5) / n
    bins = np.minimum((average_rank * 10).astype(int), 9)
    rows = []
    for one in range(10):
        for side in (0, 1) if binary else (None,):
            own = bins == one
            if side is not None:
                own &= (view.labels > 0) == bool(side)
            if own.sum():
                values = np.sort(score_rank[own])
                places = [int(q * (own.sum() - 1)) for q in (0.25, 0.5, 0.75)]
                quartiles = values[places] if own.sum() >= 10 else [np.nan] * 3
                rows.append((one, own.sum(), average_rank[own].mean(), *quartiles))
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_it_is_what_loops_over_loci_give(seed, kind):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 700))
    average = rng.integers(0, 21, n) / 20
    labels = rng.random(n) < average if kind == "binary" else rng.random(n)
    view = view_of(average, labels, kind=kind)
    scores = np.round(rng.random(n) + average, 1)  # with ties
    found = rows_of(view, m=scores)
    columns = ["bin", "n_loci", "average_rank", "score_q25", "score_median", "score_q75"]
    expected = naive(view, scores, binary=kind == "binary")
    np.testing.assert_allclose(found[columns].to_numpy(dtype=float), expected, atol=1e-12)
    assert (found["reason"] != "").tolist() == (found["n_loci"] < 10).tolist()
    assert set(found["loci"]) <= ({"active", "inactive"} if kind == "binary" else {"all"})
    inside = (found["average_low"] <= found["average_high"]) & (found["average_low"] >= 0)
    assert inside.all()


def test_a_memoriser_lies_on_the_diagonal_and_one_who_knows_does_not():
    rng = np.random.default_rng(1)
    average = rng.integers(0, 21, 5000) / 20
    labels = (rng.random(5000) < average).astype(float)
    found = rows_of(view_of(average, labels), memory=average, oracle=labels + 0.01 * average)
    memory = found[found["model"] == "memory"].dropna()
    np.testing.assert_allclose(memory["score_median"], memory["average_rank"], atol=0.06)
    knows = found[found["model"] == "oracle"].pivot_table(
        index="bin", columns="loci", values="score_median"
    )
    assert (knows["active"] - knows["inactive"]).dropna().min() > 0.2


def test_a_monotone_map_of_the_scores_changes_nothing():
    rng = np.random.default_rng(2)
    average, scores = rng.integers(0, 21, 400) / 20, rng.normal(size=400)
    view = view_of(average, rng.random(400) < 0.5)
    pd.testing.assert_frame_equal(rows_of(view, m=scores), rows_of(view, m=np.exp(3 * scores) - 7))


def test_nothing_in_nothing_out():
    assert rank_rows(view_of([], []), {}) == {}


def test_an_audit_has_the_table_for_every_model_and_target():
    world = epigenome(n_loci=600)
    preds = {name: predict(world, name, ("C01", "C02")) for name in ("memoriser", "honest-weak")}
    report = leakcheck.audit(preds, world.labels, train=list(world.cell_types[2:]))
    sums = report.ranks.groupby(["model", "target"])["n_loci"].sum()
    assert len(sums) == 4
    assert sums.to_dict() == {
        (model, row.target): row.n_loci
        for row in report.design.itertuples()
        for model in ("honest-weak", "memoriser")
    }
    again = leakcheck.AuditReport.from_json(report.to_json())
    pd.testing.assert_frame_equal(again.ranks, report.ranks)
