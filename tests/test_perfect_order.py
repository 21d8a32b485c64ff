"""Scores that have seen the labels: an audit finds them, in memory and on disk."""

import numpy as np
import pytest

import leakcheck
from tests.scale.worlds import both_reports, make_source
from tests.worlds import small_world


def perfect(report):
    return report.findings.loc[report.findings["code"] == "LK047", ["model", "target"]]


@pytest.mark.parametrize(
    "seen",
    [lambda y: y, lambda y: y + 0.1, lambda y: np.arctan(y) * 3 - 7, lambda y: y == 1],
    ids=["labels", "shifted", "transformed", "calls"],
)
def test_predictions_that_are_the_labels_are_no_claim(seen):
    world = small_world()
    preds = {"net": seen(world.labels[world.targets]).astype(float)}
    report = world.audit(preds=preds)
    assert perfect(report).to_numpy().tolist() == [["net", ""]]
    assert (report.information["specificity"] == "cell-type-specific").any()
    for text in (str(report), report.to_markdown(), report.to_html()):
        assert "nothing for net: it puts the labels in perfect order" in " ".join(text.split())
        assert "You may claim that" not in text
    assert report.judge(0.2).findings["code"].tolist().count("LK047") == 1


def test_the_labels_with_one_fault_are_left_alone():
    world = small_world()
    nearly = world.labels[world.targets].astype(float)
    for name in nearly:
        nearly.loc[nearly.index[nearly[name].argmax()], name] = -1.0
    assert perfect(world.audit(preds={"net": nearly})).empty


def test_other_models_keep_their_claim():
    world = small_world()
    preds = {**world.preds, "net": world.labels[world.targets] + 0.1}
    report = world.audit(preds=preds, metrics=["average_precision"])
    assert perfect(report)["model"].tolist() == ["net"]
    text = " ".join(str(report).split())
    assert "nothing for net: it puts" in text
    assert "You may claim for net" not in text


def test_labels_that_the_references_order_too_are_only_easy():
    world = small_world()
    labels = world.labels.copy()
    for name in world.targets:
        labels[name] = labels[world.references[0]]
    report = world.audit(
        labels=labels, preds={"net": labels[world.targets] * 2.0}, similarity=world.references[0]
    )
    assert perfect(report).empty


@pytest.mark.parametrize("metrics", [None, ["mse"]])
def test_real_valued_labels(metrics):
    world = small_world()
    net = np.arcsinh(world.signal[world.targets])
    options = {"labels": world.signal, "train": world.references, "metrics": metrics}
    report = leakcheck.audit({"net": net}, loci=world.loci, **options)
    assert perfect(report)["model"].tolist() == ["net"]
    assert report.checks.set_index("code").loc["LK047", "status"] == "found"
    worse = leakcheck.audit({"net": net.where(net.rank() > 2, -net)}, loci=world.loci, **options)
    assert perfect(worse).empty


def test_few_loci_of_a_class_are_not_looked_at():
    world = small_world()
    rows = world.loci.index[:30]
    report = world.audit(
        labels=world.labels.loc[rows], loci=world.loci.loc[rows],
        preds={"net": world.labels.loc[rows, world.targets] * 1.0},
    )  # fmt: skip
    status = report.checks.set_index("code").loc["LK047", ["status", "reason"]].tolist()
    assert status == ["not applicable", "no target is large enough"]
    assert small_world().audit().checks.set_index("code").loc["LK047", "status"] == "clear"


def source_that_has_seen(values_of):
    source = make_source(models=("memoriser", "honest-weak"))
    known = ~np.isnan(source.predictions["honest-weak"])
    source.predictions["honest-weak"][known] = values_of(source)[known] + 0.1
    return source


def test_on_disk_as_in_memory():
    expected, found = both_reports(source_that_has_seen(lambda source: source.labels))
    assert found == expected
    assert "LK047" in found["tables"]["findings"]["code"]


def test_real_valued_labels_on_disk():
    source = source_that_has_seen(lambda source: source.continuous)
    source.labels = source.continuous
    expected, found = both_reports(source, label_kind="continuous", metrics=["mse"])
    assert found == expected
    assert "LK047" in found["tables"]["findings"]["code"]


def test_on_disk_in_bins(monkeypatch):
    monkeypatch.setattr("leakcheck.scale.binned._FEW", 128)
    rng = np.random.default_rng(0)
    source = source_that_has_seen(
        lambda source: source.labels + rng.random(source.labels.shape) / 2
    )
    report = leakcheck.scale.audit(source, exact=False)
    assert {"LK046", "LK047"} <= set(report.findings["code"])
