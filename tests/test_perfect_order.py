"""Scores that have seen the labels: an audit finds them, in memory and on disk."""

import re

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


@pytest.fixture(scope="module")
def report():
    """One model that has seen the labels, and one that is honest."""
    world = small_world(0, ("honest-strong",), n_loci=1500)
    return world.audit(preds={"net": world.labels[world.targets] + 0.1, **world.preds})


class TestGate:
    """No gate lets a model pass that has most probably seen the labels."""

    def test_it_is_closed_and_says_why(self, report):
        assert not report.passed()
        with pytest.raises(leakcheck.GateError) as caught:
            report.raise_if_failed()
        message = str(caught.value)
        assert message.startswith(
            "net does not pass the gate: it puts the labels in perfect order, and has most "
            "probably seen them (AUROC is 1"
        )
        assert "leakcheck explain LK047" in message
        assert "margin" not in message

    def test_each_kind_of_gate_is_closed(self, report):
        assert not report.passed(min_share=0.01, models="net")
        assert not report.passed(per="overall", models="net")
        assert not report.passed(targets=report.settings["targets"][0], models="net")
        with pytest.raises(leakcheck.GateError, match="seen them"):
            report.assert_beats("average-activity", models="net")

    def test_others_pass(self, report):
        assert report.passed("average-activity", models="honest-strong")

    def test_what_else_fails_is_named_beside(self, report):
        with pytest.raises(leakcheck.GateError) as caught:
            report.raise_if_failed(margin=0.999)
        lines = str(caught.value).splitlines()
        assert lines[0].startswith("net does not pass")
        assert "honest-strong against average-activity" in lines[1]

    def test_a_reason_on_record_opens_it(self, report):
        muted = report.muted("LK047", reason="the labels are the prediction in this test")
        assert muted.passed(models="net")
        again = leakcheck.AuditReport.from_json(muted.to_json())
        assert again.passed(models="net")
        assert not leakcheck.AuditReport.from_json(report.to_json()).passed(models="net")

    def test_the_first_words_do_not_praise(self, report):
        page, alone = report.to_html(), report.muted("LK047", reason="a test").to_html()
        assert "net is not to be trusted: it puts the labels" in re.sub("<[^>]+>", "", page)
        assert page.count('<b class="bad">Not to be trusted</b>') == 2
        assert "not to be trusted" not in alone
        start = " ".join(str(report).split("model ")[0].split())
        assert "net, at all 3 targets: not to be trusted, as it puts" in start
        assert "**net**: not to be trusted" in report.to_markdown()

    def test_a_page_of_suspects_alone(self):
        world = small_world()
        labels = world.labels[world.targets]
        report = world.audit(preds={"a": labels + 0.1, "b": labels * 2.0})
        with pytest.raises(leakcheck.GateError, match=r"also: +b: not to have seen the labels"):
            report.raise_if_failed()
        page = report.to_html()
        assert "<strong>2</strong> models are <strong>not to be trusted</strong>: they" in page
        assert "Of 0 models" not in page


def test_a_perfect_order_at_another_target_does_not_count():
    world = small_world(0, ("honest-strong",), n_loci=1500)
    preds = world.preds["honest-strong"].copy()
    preds[world.targets[0]] = world.labels[world.targets[0]] + 0.1
    report = world.audit(preds={"net": preds})
    assert perfect(report).to_numpy().tolist() == [["net", world.targets[0]]]
    assert not report.passed("average-activity")
    assert not report.passed("average-activity", targets=world.targets[0])
    assert report.passed("average-activity", targets=world.targets[1:])
