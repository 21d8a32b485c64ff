"""Signals that do not rise with the labels: anything beats the nearest cell type by them."""

import re

import numpy as np
import pytest

import leakcheck
from tests.scale.worlds import both_reports, make_source
from tests.worlds import small_world


def found(report):
    rows = report.findings[report.findings["code"] == "LK049"]
    return dict(zip(rows["target"], rows["evidence"], strict=True))


def flat(text):
    return " ".join(re.sub("<[^>]+>", "", text).split())


@pytest.fixture(scope="module")
def world():
    return small_world(0, ("honest-strong", "memoriser"), n_loci=1500)


@pytest.fixture(scope="module", params=["p-values", "noise"])
def report(request, world):
    signal = 1 / (1 + world.signal)
    if request.param == "noise":
        signal = signal.sample(frac=1, random_state=0).set_axis(signal.index)
    return world.audit(signal=signal)


def test_every_target_is_named_with_both_values(world, report):
    assert list(found(report)) == list(world.targets)
    for evidence in found(report).values():
        assert re.fullmatch(
            r"The AUROC of the average signal is 0\.[0-5]\d\d, that of the average activity "
            r"0\.9\d\d\.",
            evidence,
        )
    assert "LK048" not in set(report.findings["code"])


def test_nothing_may_be_claimed_in_any_form(report):
    assert (report.verdict["verdict"] == "beats").any()
    for text in (str(report), report.to_markdown(), report.to_html()):
        assert "You may claim nothing at C01" in flat(text)
        assert "You may claim that" not in flat(text)
        assert "useful, and cell-type-specific" not in flat(text)
    said = "there is nothing to beat, as the signal does not rise with the labels (LK049)"
    assert said in flat(str(report))
    assert "there is nothing to beat: the signal does not rise with the labels" in flat(
        report.to_html()
    )


def test_the_gate_points_to_it_and_not_to_what_else_is_said(world):
    few = world.loci["chrom"].isin(["chr1", "chr2", "chr3", "chr4"]).to_numpy()
    labels = world.labels.astype(float)
    labels.loc[~few, list(world.targets)] = np.nan
    report = world.audit(signal=1 / (1 + world.signal), labels=labels)
    assert {"LK006", "LK049"} <= set(report.findings["code"])
    with pytest.raises(leakcheck.GateError, match=r"look at: +leakcheck explain LK049"):
        report.raise_if_failed(models="honest-strong")


def test_no_gate_is_open(report):
    with pytest.raises(leakcheck.GateError) as caught:
        report.raise_if_failed(models="honest-strong")
    message = " ".join(str(caught.value).split())
    assert "as the signal does not rise with the labels" in message
    assert "leakcheck explain LK049" in message
    assert report.muted("LK049", reason="so").passed("average-activity", models="honest-strong")


def test_a_signal_that_rises_and_none_are_left_alone(world):
    assert not found(world.audit())
    assert not found(world.audit(signal=None))
    checks = world.audit(signal=None).checks.set_index("code")
    assert checks.loc["LK049", "reason"] == "no `signal` was given"


def test_where_the_average_says_nothing_either_that_is_said(world):
    order = np.random.default_rng(0).permutation(len(world.labels))
    labels, signal = world.labels.copy(), world.signal.copy()
    for table in (labels, signal):
        table[world.references] = table[world.references].to_numpy()[order]
    report = world.audit(labels=labels, signal=signal)
    assert not found(report)
    assert "LK048" in set(report.findings["code"])


def test_both_audits_say_so():
    source = make_source()
    source.signal = 1 / (1 + source.continuous)
    expected, on_disk = both_reports(source)
    assert on_disk == expected
    assert "LK049" in on_disk["tables"]["findings"]["code"]
