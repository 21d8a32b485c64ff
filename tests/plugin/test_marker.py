"""Arguments of the marker are checked at collection; thresholds come from three places."""

import pytest

from leakcheck._pytest.gates import BASELINES
from leakcheck.verdicts import PRIMARY_BASELINES
from tests.report.factory import make_report

pytest_plugins = ["pytester"]

WRONG = {
    "margn=0.1": "has no argument `margn`. Did you mean `margin`?",
    "minshare=1": "has no argument `minshare`. Did you mean `min_share`?",
    "zzz=1": "has no argument `zzz`. There are baseline, margin, per,",
    "margin=1.0": "`margin` must be a number in [[]0, 1); it is 1.0.",
    "margin=True": "`margin` must be a number in [[]0, 1); it is True.",
    "margin='a'": "`margin` must be a number in [[]0, 1); it is 'a'.",
    "margin=float('nan')": "`margin` must be a number in [[]0, 1); it is nan.",
    "min_share=0": "`min_share` must be a number in (0, 1]; it is 0.",
    "per='cell'": "`per` must be 'celltype' or 'overall'; it is 'cell'.",
    "specific=1": "`specific` must be True or False; it is 1.",
    "adjusted='yes'": "`adjusted` must be True or False; it is 'yes'.",
    "baseline=[]": "`baseline` must be a name or a list of names of average-activity,",
    "baseline=3": "`baseline` must be a name or a list of names",
    "baseline=['avrage-activity']": "'avrage-activity' is not. Did you mean `average-activity`?",
    "baseline='oracle'": "`baseline` must be among average-activity, *; 'oracle' is not.",
    "models=[1]": "`models` must be a name or a list of names of models",
    "targets=''": "`targets` must be a name or a list of names of target cell types",
    "'average-activity'": "takes named arguments only; 'average-activity' came without a name.",
    "adjusted=True, per='overall'": "`adjusted` corrects over targets, and `per='overall'`",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_arguments_stop_the_collection(project, arguments):
    project.write(f"@pytest.mark.leakcheck({arguments})\ndef test_a(leakcheck_audit): pass\n")
    result = project.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"test_gate.py::test_a: *{WRONG[arguments]}*"])


def test_xfail_does_not_excuse_a_wrong_mark_nor_do_workers(project):
    project.write("@pytest.mark.xfail\n@pytest.mark.leakcheck(margn=1)\ndef test_a(): pass\n")
    for args, status in (((), 2), (("-n", "2"), 1)):
        result = project.run_outside(*args)
        assert result.ret == status
        result.stdout.fnmatch_lines(["*Did you mean `margin`?*"])


def test_every_fault_is_told_once(project):
    project.write("@pytest.mark.leakcheck(margn=1, per='x')\ndef test_a(): pass\n")
    lines = project.run().outlines
    # Where the variable CI is set, pytest prints a message of several lines whole in its summary.
    errors = lines[: next(i for i, line in enumerate(lines) if "short test summary" in line)]
    assert sum(line.startswith("test_gate.py::test_a: ") for line in errors) == 2


def test_the_marker_is_registered(project):
    project.run("--markers").stdout.fnmatch_lines(["@pytest.mark.leakcheck(baseline=*"])
    project.write(
        "@pytest.mark.leakcheck\ndef test_a(leakcheck_audit): leakcheck_audit(report('honest'))\n"
    )
    project.run("--strict-markers").assert_outcomes(passed=1)


def test_the_known_baselines_are_those_of_a_report():
    assert set(PRIMARY_BASELINES) < set(BASELINES)
    assert set(make_report().verdict["baseline"]) <= set(BASELINES)


def test_a_margin_of_the_file_of_the_command_line_and_of_the_test(project):
    """The honest model's skill ends at 0.4 or so: a margin of 0.9 makes its win negligible."""
    project.write(
        "@pytest.mark.leakcheck\n"
        "def test_a(leakcheck_audit): leakcheck_audit(report('honest'))\n"
        "@pytest.mark.leakcheck(margin=0.05)\n"
        "def test_b(leakcheck_audit): leakcheck_audit(report('honest'))\n"
    )
    assert project.outcomes() == {"test_a": "passed", "test_b": "passed"}
    project.settings("[tool.leakcheck]\nmargin = 0.9\n")
    assert project.outcomes() == {"test_a": "failed", "test_b": "passed"}
    assert project.outcomes("--leakcheck-margin=0.01")["test_a"] == "passed"
    assert project.outcomes("-n", "2", outside=True)["test_a"] == "failed"


def test_baselines_and_shares_as_defaults(project):
    project.write(
        "@pytest.mark.leakcheck\n"
        "def test_a(leakcheck_audit): leakcheck_audit(report('copier'))\n"
        "@pytest.mark.leakcheck(baseline='nearest-celltype')\n"
        "def test_b(leakcheck_audit): leakcheck_audit(report('copier'))\n"
    )
    project.settings('[tool.leakcheck]\nbaseline = ["average-activity"]\n')
    assert project.outcomes() == {"test_a": "passed", "test_b": "failed"}
    assert project.outcomes("--leakcheck-baseline=nearest-celltype")["test_a"] == "failed"
    assert project.outcomes("--leakcheck-min-share=0.5")["test_a"] == "passed"


def test_defaults_and_a_mark_that_contradict_are_an_error(project):
    project.settings('[tool.leakcheck]\nper = "overall"\n')
    project.write("@pytest.mark.leakcheck(adjusted=True)\ndef test_a(): pass\n")
    project.run().stdout.fnmatch_lines(["*with its defaults: `adjusted` corrects over targets*"])


def test_per_overall_and_targets_and_models(project):
    project.put_report("honest", n_targets=4)
    project.put_report("honest", "one_target", n_targets=1)
    project.write(
        """
@pytest.mark.leakcheck(per="overall")
@pytest.mark.parametrize("kind", ["honest", "memoriser", "one_target"])
def test_overall(kind, leakcheck_audit): leakcheck_audit(report(kind))

@pytest.mark.leakcheck(targets=["E000"], models="honest")
def test_named(leakcheck_audit): leakcheck_audit(report("honest"))

@pytest.mark.leakcheck(targets=["E0"])
def test_unknown(leakcheck_audit): leakcheck_audit(report("honest"))
""".replace("E000", "{first}").format(first=first_target())
    )
    result = project.run()
    result.stdout.fnmatch_lines(["*@pytest.mark.leakcheck: `targets` must be in the report*"])
    result.stdout.fnmatch_lines(["*the mean needs two testable targets or more, and 1 came*"])
    assert project.outcomes() == {
        "test_overall[honest]": "passed",
        "test_overall[memoriser]": "failed",
        "test_overall[one_target]": "failed",
        "test_named": "passed",
        "test_unknown": "failed",
    }


def first_target() -> str:
    """A target of the made reports."""
    return make_report(n_targets=1).settings["targets"][0]
