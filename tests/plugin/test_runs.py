"""Saved runs, and what fell since."""

import json
import math

import numpy as np
import pytest

from leakcheck._pytest.runs import compare, fall_bounds

pytest_plugins = ["pytester"]

TESTS = """
@pytest.mark.leakcheck(baseline="average-activity")
def test_marked(leakcheck_audit): leakcheck_audit(report("now"), name="model")

def test_unmarked(leakcheck_audit): leakcheck_audit(report("now"))
"""
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2", "-p", "no:cacheprovider")])


def run(project, workers, *args):
    """Run in this process, or with workers."""
    return (project.run_outside if workers else project.run)(*workers, *args)


@WORKERS
def test_a_fall_is_shown_and_fails_where_asked(project, workers):
    project.write(TESTS)
    project.put_report("honest", "now")
    result = run(project, workers, "--leakcheck-save=main")
    result.stdout.fnmatch_lines(["run 'main': 2 audits saved in *.leakcheck/main.json"])
    saved = json.loads((project.path / ".leakcheck/main.json").read_text("utf-8"))
    assert saved["schema"] == "leakcheck-run"
    assert len(saved["audits"]) == 2

    same = run(project, workers, "--leakcheck-compare=main", "--leakcheck-compare-fail")
    same.assert_outcomes(passed=2)
    same.stdout.fnmatch_lines(["PASSED *skill fell in 0 of 2 comparisons with run 'main'"])

    swap(project, "now", "honest", skill=-0.3)
    shown = run(project, workers, "--leakcheck-compare=main")
    shown.assert_outcomes(passed=2)
    shown.stdout.fnmatch_lines(["*skill fell in 2 of 2 comparisons with run 'main'*"])
    failed = run(project, workers, "--leakcheck-compare=main", "--leakcheck-compare-fail")
    failed.assert_outcomes(failed=2)
    failed.stdout.fnmatch_lines(
        [
            "*: skill fell by more than its interval against the saved run 'main'",
            "  in:         2 of 2 comparisons; the largest fall:",
            "  model:      honest",
            "  target:     E00*",
            "  baseline:   average-activity",
            "  skill:      +0.*, and +0.* in the saved run",
            "  fall:       0.300 [[]0.130, 0.470[]]",
            "  labels:     the same labels and loci as in the saved run",
            "  look at:    *",
        ]
    )


def swap(project, name: str, kind: str, *, skill: float, target: str | None = None) -> None:
    """Move every skill of a stored report, or those at one target, as a worse model would."""
    content = json.loads((project.path / f"{kind}.json").read_text("utf-8"))
    verdict = content["tables"]["verdict"]
    for column in ("skill", "skill_ci_low", "skill_ci_high"):
        verdict[column] = [
            value + skill if target in (None, at) else value
            for value, at in zip(verdict[column], verdict["target"], strict=True)
        ]
    (project.path / f"{name}.json").write_text(json.dumps(content), "utf-8")


def test_a_fall_counts_where_the_gate_looks(project):
    """Everything falls at E004; the gates look at E003, at E004, or at all targets of a model."""
    gates = {"here": 'targets="E003"', "there": 'targets="E004"', "model": 'models="honest"'}
    project.write(
        "".join(
            f"@pytest.mark.leakcheck({gate}, baseline='average-activity')\n"
            f"def test_{name}(leakcheck_audit): leakcheck_audit(report('now'))\n"
            for name, gate in gates.items()
        )
    )
    project.put_report("honest", "now")
    project.run("--leakcheck-save=main")
    swap(project, "now", "honest", skill=-0.3, target="E004")
    found = project.outcomes("--leakcheck-compare=main", "--leakcheck-compare-fail")
    assert found == {"test_here": "passed", "test_there": "failed", "test_model": "failed"}


def test_report_only_holds_for_falls_too(project):
    project.write(TESTS)
    project.put_report("honest", "now")
    project.run("--leakcheck-save=main")
    swap(project, "now", "honest", skill=-0.3)
    project.settings('[tool.leakcheck]\ncompare = "main"\ncompare_fail = true\n')
    project.run().assert_outcomes(failed=2)
    project.run("--leakcheck-report-only").assert_outcomes(passed=2)


def test_other_labels_new_audits_and_missing_ones_are_told(project):
    project.write(TESTS)
    project.put_report("honest", "now")
    project.run("--leakcheck-save=main")
    project.put_report("honest", "now", settings={"inputs": {"labels": "other"}})
    project.write(TESTS.replace("test_unmarked", "test_renamed"))
    result = project.run("--leakcheck-compare=main")
    result.stdout.fnmatch_lines(
        [
            "*test_marked model*with run 'main', on other labels or loci",
            "*test_renamed*; not in the saved run 'main'",
            "1 of 2 audits of run 'main' were not made, the first: test_gate.py::test_unmarked",
        ]
    )


def test_an_empty_run_replaces_nothing(project):
    project.write(TESTS)
    project.put_report("honest", "now")
    project.run("--leakcheck-save=main")
    before = (project.path / ".leakcheck/main.json").read_bytes()
    result = project.run("--leakcheck-save=main", "-k", "nothing_of_that_name")
    result.stdout.fnmatch_lines(["run 'main' was not saved: no audit was made"])
    assert (project.path / ".leakcheck/main.json").read_bytes() == before
    assert [path.name for path in (project.path / ".leakcheck").iterdir()] == ["main.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "*main.json cannot be read: *"),
        ("[]", "*main.json is not a saved run of version 1. Save it again: *"),
        ('{"schema": "leakcheck-run", "version": 9, "audits": {}}', "*is not a saved run of*"),
    ],
)
def test_a_broken_run_is_a_usage_error(project, content, message):
    project.write("def test_a(): pass\n")
    project.pytester.mkdir(".leakcheck")
    (project.path / ".leakcheck/main.json").write_text(content)
    result = project.run("--leakcheck-compare=main")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    hint = project.run("--leakcheck-compare=mian")
    hint.stderr.fnmatch_lines(["*there is no saved run 'mian' in *Did you mean `main`?*"])


def payload(skill: float | None, half: float = 0.1, **labels: str) -> dict:
    """As little of an audit as a comparison needs."""
    low, high = (None, None) if skill is None else (skill - half, skill + half)
    row = {"model": "m", "target": "t", "baseline": "average-activity", "skill": skill,
           "skill_ci_low": low, "skill_ci_high": high}  # fmt: skip
    return {"verdicts": [row], "settings": {"inputs": labels or None}}


def test_a_fall_counts_beyond_both_intervals_together():
    limit = math.hypot(0.1, 0.1)
    for fall, n in ((limit - 0.001, 0), (limit + 0.001, 1), (-0.5, 0)):
        found = compare(payload(0.5 - fall), payload(0.5), ["average-activity"])
        assert found["n"] == 1
        assert len(found["falls"]) == n
    assert compare(payload(0.1), payload(0.9), ["nearest-celltype"])["n"] == 0
    assert compare(payload(None), payload(0.9), ["average-activity"])["n"] == 0
    assert compare(payload(0.1), None, ["average-activity"])["known"] is False
    for looked_at, n in (({"models": ["m"]}, 1), ({"models": ["n"]}, 0), ({"targets": ["u"]}, 0)):
        found = compare(payload(0.1), payload(0.9), ["average-activity"], **looked_at)
        assert found["n"] == len(found["falls"]) == n
    assert not compare(payload(0.1, labels="a"), payload(0.1, labels="b"), [])["same_labels"]


def test_the_interval_of_a_fall_keeps_its_level():
    """Two independent runs of one model: 5% of falls at most look real."""
    rng = np.random.default_rng(0)
    half = 1.6448536 * 0.1
    draws = rng.normal(0.5, 0.1, size=(4000, 2))
    low = [fall_bounds((a, a - half, a + half), (b, b - half, b + half))[1] for a, b in draws]
    assert 0.035 < np.mean(np.array(low) > 0) < 0.065
