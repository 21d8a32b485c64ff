"""Gates hold in every form a test can take, in one process and in several."""

import pytest

pytest_plugins = ["pytester"]

FORMS = """
gate = pytest.mark.leakcheck(baseline="average-activity")

@gate
def test_function_good(leakcheck_audit):
    leakcheck_audit(report("honest"))

@gate
def test_function_bad(leakcheck_audit):
    leakcheck_audit(report("memoriser"))

@pytest.mark.leakcheck
def test_bare_mark_good(leakcheck_audit):
    leakcheck_audit(report("honest"))

@pytest.mark.leakcheck
def test_bare_mark_bad(leakcheck_audit):
    leakcheck_audit(report("copier"))

@gate
def test_never_audits_bad(leakcheck_audit):
    pass

@gate
def test_never_asks_bad():
    pass

@gate
def test_second_audit_bad(leakcheck_audit):
    leakcheck_audit(report("honest"), name="first")
    leakcheck_audit(report("memoriser"), name="second")

@gate
class TestClass:
    def test_class_good(self, leakcheck_audit):
        leakcheck_audit(report("honest"))

    def test_class_bad(self, leakcheck_audit):
        leakcheck_audit(report("memoriser"))

    @pytest.mark.leakcheck(baseline=["average-activity", "nearest-celltype"])
    def test_closer_mark_bad(self, leakcheck_audit):
        leakcheck_audit(report("copier"))

    def test_farther_mark_good(self, leakcheck_audit):
        leakcheck_audit(report("copier"))

@gate
@pytest.mark.parametrize("kind", ["honest", "memoriser"])
def test_parametrised(kind, leakcheck_audit):
    leakcheck_audit(report(kind), name=kind)

@pytest.mark.parametrize("kind", [
    pytest.param("memoriser", id="free"), pytest.param("memoriser", marks=gate, id="marked")])
def test_marked_parameter(kind, leakcheck_audit):
    leakcheck_audit(report(kind))

@pytest.fixture
def audited(request, leakcheck_audit):
    return leakcheck_audit(report(getattr(request, "param", "honest")))

@gate
def test_audited_by_a_fixture_good(audited):
    pass

@gate
@pytest.mark.parametrize("audited", ["memoriser"], indirect=True)
def test_audited_by_a_fixture_bad(audited):
    pass

def test_assertion_good(leakcheck_audit):
    leakcheck_audit(report("copier")).assert_beats("average-activity", margin=0.05)

def test_assertion_bad(leakcheck_audit):
    leakcheck_audit(report("copier")).assert_beats(["average-activity", "nearest-celltype"])

def test_unmarked_good(leakcheck_audit):
    leakcheck_audit(report("memoriser"))

def test_own_failure_bad(leakcheck_audit):
    leakcheck_audit(report("honest"))
    assert 1 == 2

@gate
def test_own_failure_marked_bad(leakcheck_audit):
    leakcheck_audit(report("honest"))
    assert 1 == 2

@gate
@pytest.mark.skip(reason="not now")
def test_skip_mark_skipped(leakcheck_audit):
    leakcheck_audit(report("memoriser"))

@gate
def test_skip_inside_skipped(leakcheck_audit):
    pytest.skip("not now")

@gate
@pytest.mark.xfail(raises=leakcheck.GateError, strict=True)
def test_xfail_skipped(leakcheck_audit):
    leakcheck_audit(report("memoriser"))

@pytest.mark.xfail(raises=leakcheck.GateError, strict=True)
def test_xfail_assertion_skipped(leakcheck_audit):
    leakcheck_audit(report("memoriser")).assert_beats("average-activity")

@gate
@pytest.mark.xfail(strict=True)
def test_xfail_that_passes_bad(leakcheck_audit):
    leakcheck_audit(report("honest"))

@gate
@pytest.mark.xfail(run=False)
def test_xfail_not_run_skipped(leakcheck_audit):
    leakcheck_audit(report("honest"))

@gate
@pytest.mark.xfail(raises=KeyError)
def test_xfail_for_another_reason_bad(leakcheck_audit):
    leakcheck_audit(report("memoriser"))

class TestUnittest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _ask(self, leakcheck_audit):
        self.audit = leakcheck_audit

    @gate
    def test_unittest_good(self):
        self.audit(report("honest"))

    @gate
    def test_unittest_bad(self):
        self.audit(report("memoriser"))

    @gate
    def test_unittest_nothing_bad(self):
        pass

    @gate
    def test_unittest_skipped(self):
        self.skipTest("not now")

    @gate
    def test_unittest_own_failure_bad(self):
        self.audit(report("honest"))
        self.fail("no")
"""

ENDS = {"_good": "passed", "_bad": "failed", "_skipped": "skipped"}
PARAMETRISED = {
    "test_parametrised[honest]": "passed",
    "test_parametrised[memoriser]": "failed",
    "test_marked_parameter[free]": "passed",
    "test_marked_parameter[marked]": "failed",
    "test_audited_by_a_fixture_bad[memoriser]": "failed",
}


def expected(name: str) -> str:
    """Outcome that the name of a test announces."""
    if name in PARAMETRISED:
        return PARAMETRISED[name]
    return next(outcome for end, outcome in ENDS.items() if name.endswith(end))


@pytest.mark.parametrize(
    ("args", "outside"),
    [
        ((), False),
        (("-p", "no:cacheprovider"), False),
        (("-p", "no:terminal"), False),
        (("-n", "2"), True),
        (("-n", "2", "-p", "no:cacheprovider", "--dist", "loadfile"), True),
    ],
    ids=["serial", "no cache", "no terminal", "two workers", "two workers without cache"],
)
def test_every_form(project, args, outside):
    project.write(FORMS)
    found = project.outcomes(*args, outside=outside)
    assert len(found) == 34
    assert found == {name: expected(name) for name in found}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "two"])
def test_last_failed_runs_the_failed_gates_again(project, workers):
    project.write(FORMS)
    failed = {name for name, word in project.outcomes().items() if word == "failed"}
    again = project.outcomes("--lf", *workers, outside=bool(workers))
    assert {name for name, word in again.items() if word == "failed"} == failed
    assert len(again) == len(failed)


def test_a_mark_added_while_running_is_checked_too(project):
    project.write(
        """
@pytest.fixture
def late(request):
    request.node.add_marker(pytest.mark.leakcheck(margn=0.1))

def test_in_the_fixture(late, leakcheck_audit):
    pass

def test_without_asking(late):
    pass
"""
    )
    result = project.run()
    result.assert_outcomes(errors=1, failed=1)
    result.stdout.fnmatch_lines(["*has no argument `margn`. Did you mean `margin`?*"] * 2)


def test_a_module_can_be_marked(project):
    project.write(
        "pytestmark = pytest.mark.leakcheck(specific=True)\n"
        "def test_a(leakcheck_audit): leakcheck_audit(report('memoriser'))\n"
        "def test_b(leakcheck_audit): leakcheck_audit(report('honest'))\n"
    )
    assert project.outcomes() == {"test_a": "failed", "test_b": "passed"}
