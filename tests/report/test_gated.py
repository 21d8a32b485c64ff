"""Gates over named targets, over the mean, and as an assertion."""

import math

import numpy as np
import pytest
from scipy import stats

from leakcheck import GateError, ValidationError
from leakcheck._report.overall import OverallRule, judge_mean

from .factory import make_report, target_names
from .test_gate import with_verdicts

RULE = OverallRule(continuous=False, level=0.95, margin=0.05)


def rows_of(report, baseline: str = "average-activity"):
    """Rows of a verdict against one baseline."""
    return report.verdict[report.verdict["baseline"] == baseline]


def test_assert_beats_passes_and_raises():
    make_report(models=["honest"], n_targets=3).assert_beats("average-activity", margin=0.05)
    report = make_report(models=["honest", "memoriser"], n_targets=3)
    report.assert_beats("average-activity", models="honest")
    with pytest.raises(GateError, match="memoriser does not pass the gate") as caught:
        report.assert_beats(["average-activity", "nearest-celltype"])
    assert len(str(caught.value).splitlines()) == 10


def test_assert_beats_uses_its_margin():
    report = make_report(models=["honest"], n_targets=2)
    with pytest.raises(GateError, match=r"margin: +0\.9"):
        report.assert_beats("average-activity", margin=0.9)
    assert report.settings["margin"] == 0.05


def test_targets_are_looked_at_alone():
    report = make_report(models=["honest"], n_targets=3)
    words = report.verdict["verdict"].to_numpy().copy()
    targets = target_names(3)
    words[(report.verdict["target"] == targets[1]).to_numpy()] = "inconclusive"
    mixed = with_verdicts(report, verdict=words)
    assert not mixed.passed()
    assert mixed.passed(targets=targets[0])
    assert mixed.passed(targets=[targets[0], targets[2]])
    mixed.assert_beats("average-activity", targets=targets[2])
    with pytest.raises(GateError, match="1 testable target, and does at 0"):
        mixed.raise_if_failed(targets=[targets[1]])


@pytest.mark.parametrize("targets", [["E00"], [], "zzz"])
def test_unknown_targets_are_an_error(targets):
    with pytest.raises(ValidationError, match="`targets` must"):
        make_report(models=["honest"]).passed(targets=targets)


@pytest.mark.parametrize("argument", ["specific", "adjusted"])
@pytest.mark.parametrize("value", ["no", 1, None, "", [False]])
def test_a_switch_is_true_or_false(argument, value):
    report = make_report(models=["honest"])
    for ask in (report.passed, report.raise_if_failed):
        with pytest.raises(ValidationError, match=f"`{argument}` must be True or False; it is"):
            ask(**{argument: value})
    assert report.passed(**{argument: np.False_}) == report.passed()


def test_the_mean_agrees_with_a_jackknife_and_a_t_interval():
    report = make_report(models=["honest"], n_targets=5)
    rows = rows_of(report)
    found = judge_mean(rows, RULE)
    gain = (rows["model_value"] - rows["baseline_value"]).to_numpy()
    room = (1 - rows["baseline_value"]).to_numpy()
    without = [np.delete(gain, i).sum() / np.delete(room, i).sum() for i in range(5)]
    error = math.sqrt(4 / 5 * np.sum((without - np.mean(without)) ** 2))
    quantile = stats.t.ppf(0.95, 4)
    assert found.skill == pytest.approx(gain.sum() / room.sum())
    assert found.skill_ci_low == pytest.approx(found.skill - quantile * error)
    interval = stats.t.interval(
        0.9, 4, loc=rows["difference"].mean(), scale=stats.sem(rows["difference"])
    )
    assert (found.ci_low, found.ci_high) == pytest.approx(interval)
    assert found.verdict == "beats"
    assert (found.target, found.flag) == ("mean of 5", "")


def test_the_words_of_the_mean():
    honest = rows_of(make_report(models=["honest"], n_targets=4))
    assert judge_mean(honest, RULE._replace(margin=0.9)).flag == "negligible"
    memoriser = judge_mean(rows_of(make_report(models=["memoriser"], n_targets=4)), RULE)
    assert (memoriser.verdict, memoriser.flag) == ("does-not-beat", "worse")
    wide = honest.assign(model_value=honest["baseline_value"] + [0.05, -0.04, 0.05, -0.04])
    assert judge_mean(wide, RULE).verdict == "inconclusive"
    one_metric = honest.assign(companion_difference=[-0.01, 0.01, 0.0, 0.0])
    assert judge_mean(one_metric, RULE).verdict == "inconclusive"


def test_the_mean_leaves_untestable_targets_out_and_needs_two():
    report = make_report(models=["honest"], n_targets=4)
    rows = rows_of(report).copy()
    rows["verdict"] = ["beats", "beats", "beats", "not-testable"]
    assert judge_mean(rows, RULE).target == "mean of 3"
    rows["verdict"] = ["beats", *["not-testable"] * 3]
    found = judge_mean(rows, RULE)
    assert found.verdict == "not-testable"
    assert "two testable targets or more, and 1 came" in found.reason
    perfect = rows_of(report).assign(baseline_value=[1.0, 1.0, 1.0, 0.9])
    assert judge_mean(perfect, RULE).reason == "the baseline is perfect at all targets but one"


def test_per_overall_passes_and_fails():
    assert make_report(models=["honest"], n_targets=4).passed(per="overall")
    report = make_report(models=["memoriser"], n_targets=4)
    assert not report.passed(per="overall")
    with pytest.raises(GateError, match="in the mean of 4 targets") as caught:
        report.raise_if_failed(per="overall")
    assert "target:     mean of 4" in str(caught.value)
    with pytest.raises(GateError, match=r"not testable at any of 1 targets .*two testable"):
        make_report(models=["honest"], n_targets=1).raise_if_failed(per="overall")


def test_a_mean_can_pass_where_one_target_does_not():
    report = make_report(models=["honest"], n_targets=6)
    words = report.verdict["verdict"].to_numpy().copy()
    words[:2] = "inconclusive"
    mixed = with_verdicts(report, verdict=words)
    assert not mixed.passed()
    assert mixed.passed(per="overall")
    assert not mixed.passed(per="overall", margin=0.9)


def test_specific_is_asked_at_each_target_under_per_overall_too():
    report = make_report(models=["copier"], n_targets=4)
    assert report.passed("average-activity", per="overall")
    assert not report.passed("average-activity", per="overall", specific=True)


def test_what_per_cannot_be():
    report = make_report(models=["honest"])
    with pytest.raises(ValidationError, match="`per` must be 'celltype' or 'overall'"):
        report.passed(per="target")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="`adjusted` corrects p-values over targets"):
        report.passed(per="overall", adjusted=True)


def test_continuous_labels_have_a_mean_too():
    report = make_report(models=["honest"], n_targets=4)
    rows = rows_of(report).assign(
        metric="mse", model_value=[0.2, 0.25, 0.2, 0.22], baseline_value=0.4
    )
    found = judge_mean(rows, RULE._replace(continuous=True))
    assert found.skill == pytest.approx(1 - 0.87 / 1.6)
    assert found.verdict == "beats"
