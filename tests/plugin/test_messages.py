"""What a failure says, and what the terminal shows."""

from leakcheck._pytest.summary import line_of
from tests.report.factory import make_report

pytest_plugins = ["pytester"]

FAILS = """
@pytest.mark.leakcheck(margin=0.1)
def test_release(leakcheck_audit):
    leakcheck_audit(report("memoriser"), name="enformer-ct")
"""


def message_of(lines: list[str], title: str = "test_release") -> list[str]:
    """Lines of a failure, without its title and what follows."""
    start = next(i for i, line in enumerate(lines) if line.strip("_ ") == title) + 1
    end = next(i for i in range(start, len(lines)) if lines[i][:2] in ("==", "__", "--"))
    return lines[start:end]


def test_ten_lines_say_all(project):
    project.write(FAILS)
    result = project.run()
    lines = message_of(result.outlines)
    assert len(lines) == 10
    wanted = ["memoriser does not pass", "target:", "baseline:", "AP:", "difference:", "skill:",
              "verdict:", "margin:", "also:", "look at:"]  # fmt: skip
    assert all(word in line for word, line in zip(wanted, lines, strict=True))
    assert "average-activity" in lines[2]
    assert "against" in lines[3]
    assert lines[4].count("[") == lines[5].count("[") == 1
    assert "does-not-beat (worse)" in lines[6]
    assert "--leakcheck-report=DIR" in lines[9]
    result.stdout.fnmatch_lines(["FAILED test_gate.py::test_release - memoriser does not pass *"])


def test_the_message_points_to_the_page_that_was_written(project):
    project.write(FAILS)
    result = project.run("--leakcheck-report=pages")
    page = message_of(result.outlines)[-1].rpartition("; ")[2].removeprefix("  look at:    ")
    assert page.startswith("pages/")
    assert page.endswith(".html")
    assert (project.path / page).stat().st_size > 1000


def test_a_failed_assertion_shows_its_message_and_where_to_look(project):
    project.write(
        "def test_release(leakcheck_audit):\n"
        "    leakcheck_audit(report('memoriser')).assert_beats('average-activity', margin=0.1)\n"
    )
    result = project.run()
    lines = message_of(result.outlines)
    assert len(lines) == 9
    assert lines[0].startswith("memoriser does not pass the gate")
    result.stdout.fnmatch_lines(["*- leakcheck -*", "test_release: *--leakcheck-report=DIR*"])
    assert "assert_beats" in project.run("--full-trace").stdout.str()


def test_two_failed_audits_are_named(project):
    project.write(
        "@pytest.mark.leakcheck\n"
        "def test_release(leakcheck_audit):\n"
        "    leakcheck_audit(report('memoriser'), name='first')\n"
        "    leakcheck_audit(report('copier'), name='second')\n"
    )
    assert "  also:       second" in project.run().outlines


def test_one_line_for_each_audit(project):
    project.write(
        FAILS + "@pytest.mark.leakcheck\n"
        "def test_two(leakcheck_audit):\n"
        "    leakcheck_audit(report('honest'), name='a')\n"
        "    leakcheck_audit(report('honest'), name='a')\n"
        "def test_shown(leakcheck_audit): leakcheck_audit(report('copier'))\n"
    )
    for run in (project.run, lambda: project.run_outside("-n", "2")):
        lines = run().outlines
        section = [i for i, line in enumerate(lines) if line.strip("= ") == "leakcheck"]
        assert len(section) == 1
        shown = lines[section[0] + 1 : section[0] + 5]
        assert [line.partition(": ")[0] for line in shown] == [
            "FAILED test_gate.py::test_release enformer-ct",
            "AUDITED test_gate.py::test_shown",
            "PASSED test_gate.py::test_two a",
            "PASSED test_gate.py::test_two a",
        ]
        assert "beats average-activity at 0 of 2, skill -0.600 [-0.660, -0.540]" in shown[0]
        assert lines[section[0] + 5].startswith("=")


def test_the_line_of_an_audit_of_several_models(project):
    make_report(models=["honest", "memoriser"], n_targets=3).to_json(project.path / "both.json")
    project.write("def test_a(leakcheck_audit): leakcheck_audit(report('both'))\n")
    line = (
        "AUDITED *: 2 models at 3 targets; 1 of 2 beat average-activity; "
        "1 of 2 beat nearest-celltype; cell-type-specific at 3 of 6 models x targets"
    )
    project.run().stdout.fnmatch_lines([line])


def test_names_cannot_break_the_line():
    audit = {"outcome": "", "nodeid": "a\x1b[31m", "name": "b\nc", "summary": [],
             "comparison": None}  # fmt: skip
    line = line_of(audit)
    assert "\x1b" not in line
    assert "\n" not in line


def test_report_only_fails_nothing_and_says_so(project):
    project.write(
        FAILS
        + """
@pytest.mark.leakcheck
def test_nothing(): pass

def test_assertion(leakcheck_audit):
    leakcheck_audit(report("memoriser")).assert_beats("average-activity")

@pytest.fixture
def checked(leakcheck_audit):
    leakcheck_audit(report("memoriser")).assert_beats("average-activity")

def test_in_a_fixture(checked): pass

@pytest.fixture
def after(leakcheck_audit):
    yield
    leakcheck_audit(report("memoriser")).assert_beats("average-activity")

def test_in_a_teardown(after): pass

@pytest.mark.leakcheck
@pytest.mark.xfail(strict=True)
def test_xfail(leakcheck_audit): leakcheck_audit(report("memoriser"))

@pytest.mark.leakcheck
def test_own(leakcheck_audit):
    leakcheck_audit(report("memoriser"))
    assert 1 == 2
"""
    )
    words = {"passed": 4, "failed": 1, "skipped": 1, "xfailed": 1}
    result = project.run("--leakcheck-report-only", "-rs")
    result.assert_outcomes(**words)
    result.stdout.fnmatch_lines(["report only: 7 failed, and no test fails because of it"])
    result.stdout.fnmatch_lines(["SKIPPED *test_gate.py:*a gate failed (reports only)"])
    project.run_outside("-n", "2", "--leakcheck-report-only").assert_outcomes(**words)
    project.settings("[tool.leakcheck]\nreport_only = true\n")
    project.run().assert_outcomes(**words)
    (project.path / "pyproject.toml").unlink()
    project.run().assert_outcomes(passed=1, failed=4, errors=2, xfailed=1)


def test_the_line_is_about_the_models_and_targets_of_the_gate(project):
    make_report(models=["honest", "memoriser", "random"], n_targets=3).to_json(
        project.path / "many.json"
    )
    project.write(
        "@pytest.mark.leakcheck(models='honest', targets=['E003', 'E004'])\n"
        "def test_one(leakcheck_audit): leakcheck_audit(report('many'))\n"
        "@pytest.mark.leakcheck(models=['honest', 'random'])\n"
        "def test_two(leakcheck_audit): leakcheck_audit(report('many'))\n"
    )
    project.run().stdout.fnmatch_lines(
        [
            (
                "PASSED *test_one: 1 of 3 models at 2 of 3 targets; beats average-activity at 2 "
                "of 2; beats nearest-celltype at 2 of 2; cell-type-specific at 2 of 2 targets"
            ),
            "FAILED *test_two: 2 of 3 models at 3 targets; 1 of 2 beat average-activity; *",
        ]
    )


def test_the_finding_is_that_of_the_model_that_fails(project):
    make_report(models=["memoriser", "honest"], n_targets=2).to_json(project.path / "both.json")
    project.write(
        "@pytest.mark.leakcheck(models='honest', margin=0.9)\n"
        "def test_honest(leakcheck_audit): leakcheck_audit(report('both'))\n"
        "@pytest.mark.leakcheck(models='memoriser', baseline='average-activity')\n"
        "def test_memoriser(leakcheck_audit): leakcheck_audit(report('both'))\n"
    )
    lines = project.run().outlines
    last = message_of(lines, "test_memoriser")[-1]
    assert "leakcheck explain LK003" in last
    assert last.endswith("; the report that --leakcheck-report=DIR writes")
    assert "LK003" not in message_of(lines, "test_honest")[-1]
