"""Controls take away what they say and nothing else; readings follow the numbers."""

import functools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import leakcheck
from leakcheck.controls import (
    CONTROLS,
    average_feature,
    random_features,
    random_sequences,
    read_control,
    shuffle_labels,
)
from leakcheck.exceptions import ValidationError
from leakcheck.features_check import constant_features, count_distinguished_loci

# --- random inputs ----------------------------------------------------------------------------


def test_random_features_name_the_locus_and_nothing_else():
    loci = [f"g{i}" for i in range(500)]
    rows = np.repeat(loci, 3)
    X = random_features(rows, 8)
    cell_types = np.tile(list("ABC"), 500)
    assert constant_features(X, rows, cell_types)["tells_loci_apart"].all()
    assert count_distinguished_loci(X, rows, cell_types) == (500, 500)
    once = X[::3].ravel().astype(float)
    assert stats.kstest(once, "norm").pvalue > 0.001
    assert abs(np.corrcoef(X[::3].T) - np.eye(8)).max() < 0.2


def test_features_of_a_locus_do_not_depend_on_the_table():
    whole, part = random_features(["a", "b", "c"], 5), random_features(["c", "a"], 5)
    np.testing.assert_array_equal(part, whole[[2, 0]])
    np.testing.assert_array_equal(random_features(["a"], 3), whole[:1, :3])
    assert not (random_features(["a"], 5, random_state=1) == whole[:1]).any()
    frame = pd.DataFrame({"chrom": ["chr1"], "start": [100], "end": [200]})
    np.testing.assert_array_equal(random_features(frame), random_features(["chr1:100-200"]))


def test_random_sequences_have_even_bases():
    x = random_sequences([f"g{i}" for i in range(200)], 300)
    counts = np.bincount(x.ravel(), minlength=4)
    assert stats.chisquare(counts).pvalue > 0.001
    assert len(np.unique(x, axis=0)) == 200
    pairs = np.bincount(4 * x[:, :-1].ravel() + x[:, 1:].ravel().astype(int), minlength=16)
    assert stats.chisquare(pairs).pvalue > 0.001


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: random_features(["a"], 0), "`n_features` must be a whole number, 1"),
        (lambda: random_sequences(["a"], 1.5), "`length` must be a whole number"),
        (lambda: random_features(["a"], random_state=-1), "`random_state` must be"),
    ],
)
def test_numbers_out_of_range(call, words):
    with pytest.raises(ValidationError, match=words):
        call()


# --- shuffled labels --------------------------------------------------------------------------

label = st.sampled_from([0.0, 1.0, 2.5, np.nan])
rows = st.lists(st.tuples(label, st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1,
                max_size=40)  # fmt: skip


@given(rows, st.sampled_from(["locus", "celltype"]), st.integers(0, 5))
def test_labels_stay_within_their_group(table, within, seed):
    frame = pd.DataFrame(table, columns=["label", "locus", "celltype"])
    frame["new"] = shuffle_labels(frame["label"], frame["locus"], frame["celltype"],
                                  within=within, random_state=seed)  # fmt: skip
    assert (frame["new"].isna() == frame["label"].isna()).all()
    for _, part in frame.groupby(within):
        assert sorted(part["new"].dropna()) == sorted(part["label"].dropna())


def test_every_order_is_equally_likely():
    y, loci = [0.0, 1.0, 2.0], ["g"] * 3
    rng = np.random.default_rng(0)
    orders = [str(shuffle_labels(y, loci, list("ABC"), within="locus", random_state=rng))
              for _ in range(600)]  # fmt: skip
    assert stats.chisquare(pd.Series(orders).value_counts().reindex(set(orders))).pvalue > 0.001
    assert len(set(orders)) == 6


def test_shuffling_refuses_nonsense():
    with pytest.raises(ValidationError, match="`within` must be"):
        shuffle_labels([1], ["a"], ["A"], within="chromosome")
    with pytest.raises(ValidationError, match=r"`random_state` must be .*; 'a' came"):
        shuffle_labels([1, 0], ["g1", "g1"], ["A", "B"], within="locus", random_state="a")
    with pytest.raises(ValidationError, match="2 in `labels`, 1 in `loci`"):
        shuffle_labels([1, 2], ["a"], ["A"], within="locus")
    with pytest.raises(ValidationError, match="`labels` must be numbers"):
        shuffle_labels(["x"], ["a"], ["A"], within="locus")


# --- the average ------------------------------------------------------------------------------


@given(rows, st.randoms(use_true_random=False))
def test_the_average_never_knows_the_row_s_own_cell_type(table, random):
    frame = pd.DataFrame(table, columns=["label", "locus", "celltype"])
    train = np.array([random.random() < 0.7 for _ in table])
    found = average_feature(frame["label"], frame["locus"], frame["celltype"], train=train)
    for row, value in zip(frame.itertuples(), found, strict=True):
        others = frame[train & (frame["locus"] == row.locus) & (frame["celltype"] != row.celltype)]
        expected = others["label"].dropna().mean()
        assert value == pytest.approx(expected, nan_ok=True)


def test_test_labels_change_no_average():
    y, loci, cell_types = [1.0, 0.0, 1.0], ["g"] * 3, list("ABC")
    train = np.array([True, True, False])
    one = average_feature(y, loci, cell_types, train=train)
    other = average_feature([1.0, 0.0, np.nan], loci, cell_types, train=train)
    np.testing.assert_array_equal(one, other)
    with pytest.raises(ValidationError, match="`train` must be a mask"):
        average_feature(y, loci, cell_types, train=[1, 1, 0])
    for train in ("leave-one-out", ["A", "B"]):
        with pytest.raises(ValidationError, match="`train` must be a mask"):
            average_feature(y, loci, cell_types, train=train)


# --- reading ----------------------------------------------------------------------------------


@functools.cache
def report(model, continuous=False, noise=0.0):
    world = leakcheck.simulate.epigenome(n_loci=1_200, n_cell_types=16, random_state=2)
    targets = world.held_out(3)
    preds = leakcheck.simulate.predict(world, model, targets, random_state=1)
    preds = preds + noise * np.random.default_rng(0).standard_normal(preds.shape)
    labels = np.arcsinh(world.signal) if continuous else world.labels
    references = [name for name in world.cell_types if name not in targets]
    return leakcheck.audit({model: preds}, labels, world.loci, train=references)


@pytest.mark.parametrize("control", CONTROLS)
def test_performance_that_stays_is_memory(control):
    found = read_control(report("memoriser"), report("jittered-average"), control=control)
    assert found.verdict == "stays"
    assert CONTROLS[control]["stays"] in found.words
    assert "stays at 3 of 3 targets" in found.words
    assert found.table["control_model"].tolist() == ["jittered-average"] * 3
    assert (found.table["kept_low"] < found.table["kept"]).all()


def test_performance_that_goes_needed_the_inputs():
    found = read_control(report("honest-strong"), report("random"), control="random-features")
    assert found.verdict == "gone"
    assert "needs the real inputs" in str(found)
    assert max(map(len, str(found).splitlines())) <= 96
    assert repr(found).startswith("<ControlReading of random-features: gone")


def test_performance_that_falls_is_part():
    found = read_control(
        report("honest-strong"), report("honest-weak", noise=2.0), control="labels-within-locus"
    )
    assert found.verdict == "falls"
    assert found.table["kept"].between(0.1, 0.9).all()


def test_kept_is_the_share_above_no_skill():
    real, control = report("honest-strong"), report("memoriser")
    found = read_control(real, control, control="average-input", metric="auroc")

    def auroc(one):
        scores = one.scores
        rows = scores[(scores["kind"] == "model") & (scores["metric"] == "auroc")]
        return rows["value"].to_numpy()

    expected = (auroc(control) - 0.5) / (auroc(real) - 0.5)
    np.testing.assert_allclose(found.table["kept"], expected, rtol=1e-12)


def test_a_model_at_chance_has_nothing_to_lose():
    found = read_control(report("random"), report("memoriser"), control="random-features")
    assert found.verdict == "not-testable"
    assert "no better than chance" in found.words
    assert found.table["kept"].isna().all()


def test_continuous_labels_are_read_by_pearson():
    found = read_control(report("memoriser", True), report("jittered-average", True),
                         control="average-input")  # fmt: skip
    assert found.table["metric"].unique().tolist() == ["pearson"]
    assert found.verdict == "stays"


def test_a_tight_tolerance_is_inconclusive():
    found = read_control(report("memoriser"), report("jittered-average"),
                         control="random-features", tolerance=1e-4)  # fmt: skip
    assert found.verdict == "inconclusive"
    assert "too small to tell" in found.words


def test_errors():
    one = report("memoriser")
    with pytest.raises(ValidationError, match="`control` must be one of random-features"):
        read_control(one, one, control="shuffled")
    with pytest.raises(ValidationError, match="`report_control` must be an AuditReport; it is a N"):
        read_control(one, None, control="average-input")
    with pytest.raises(ValidationError, match="`tolerance` must be a share"):
        read_control(one, one, control="average-input", tolerance=0.5)
    with pytest.raises(ValidationError, match=r"`tolerance` must be a share .*'0.1'"):
        read_control(one, one, control="average-input", tolerance="0.1")
    with pytest.raises(ValidationError, match="`metric` must be one of"):
        read_control(one, one, control="average-input", metric="mse")
    world = leakcheck.simulate.epigenome(n_loci=200, n_cell_types=8, random_state=5)
    preds = {"x": leakcheck.simulate.predict(world, "memoriser", ["C02"])}
    preds["y"] = preds["x"] * 2
    other = leakcheck.audit(preds, world.labels, world.loci, train=["C03", "C04", "C05", "C06"])
    with pytest.raises(ValidationError, match="a model and a target in common"):
        read_control(one, other, control="average-input")
