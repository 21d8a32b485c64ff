"""A test that is run again is judged by its last run alone, as `pytest-rerunfailures` does it."""

from tests.plugin.conftest import junit_cases

pytest_plugins = ["pytester"]

#: Runs each test up to twice on one item, and reports the last run.
RERUNS = """
from _pytest.runner import runtestprotocol


def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for last in (False, True):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if last or not any(report.failed for report in reports):
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            break
        item._initrequest()
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""
FLAKY = """
ATTEMPTS = []


@pytest.mark.leakcheck
def test_flaky(leakcheck_audit):
    ATTEMPTS.append({kinds})
    leakcheck_audit(report(ATTEMPTS[-1]), name="m")
"""


def test_a_second_run_that_passes_recovers(project):
    project.pytester.makeconftest(RERUNS)
    project.write(FLAKY.format(kinds="'honest' if ATTEMPTS else 'memoriser'"))
    project.settings("[tool.leakcheck]\njunit = true\n")
    result = project.run("--junitxml=junit.xml")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["PASSED test_gate.py::test_flaky m: *at 2 of 2*"])
    assert "FAILED" not in result.stdout.str()
    (case,) = junit_cases(project.path / "junit.xml")
    outcomes = [one.attrib for one in case.iter("property") if "outcome" in one.attrib["name"]]
    assert outcomes == [{"name": "leakcheck.m.outcome", "value": "passed"}]


def test_a_second_run_that_fails_too_says_what_it_found(project):
    project.pytester.makeconftest(RERUNS)
    project.write(FLAKY.format(kinds="'copier' if ATTEMPTS else 'memoriser'"))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["copier does not pass the gate*"])
    assert (
        "memoriser"
        not in result.stdout.str()
        .partition("short test summary")[0]
        .partition("FAILURES")[2]
        .partition("ATTEMPTS")[0]
    )
