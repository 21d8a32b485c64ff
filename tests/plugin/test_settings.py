"""pyproject.toml and options: what is wrong is said before any test runs."""

import pytest

pytest_plugins = ["pytester"]

TEST = "def test_a(): pass\n"
WRONG_FILES = {
    "margn = 0.1": "[[]tool.leakcheck] in *.toml has no key `margn`. Did you mean `margin`?",
    "report-only = true": "*has no key `report-only`. Did you mean `report_only`?",
    'models = ["a"]': "*has no key `models`.*",
    'save = "a"': "*has no key `save`.*",
    "margin = 2": "*`margin` must be a number in [[]0, 1); it is 2.",
    'report_only = "yes"': "*`report_only` must be true or false; it is 'yes'.",
    "report = 3": "*`report` must be the name of a folder; it is 3.",
    'json = ""': "*`json` must be the name of a file; it is ''.",
    'baseline = "nearest"': "*`baseline` must be among *Did you mean*",
    "compare_fail = true": "*--leakcheck-compare-fail needs --leakcheck-compare=NAME*",
}
WRONG_OPTIONS = {
    "--leakcheck-margin=7": "*--leakcheck options: `margin` must be *in [[]0, 1); it is 7.0.",
    "--leakcheck-baseline=avg": "*`baseline` must be among *",
    "--leakcheck-save=../up": "*the name of a run must be letters, *it is '../up'.*",
    "--leakcheck-save=.hidden": "*begin with none of*",
    "--leakcheck-compare=a b": "*it is 'a b'.*",
    "--leakcheck-compare-fail": "*--leakcheck-compare-fail needs --leakcheck-compare=NAME*",
    "--leakcheck-compare=none": "*there is no saved run 'none' in *No run is saved there yet.*",
    "--leakcheck-report=test_gate.py": "*results cannot be written: *",
    "--leakcheck-json=.": "*results cannot be written: *is a folder*",
}


@pytest.mark.parametrize("line", WRONG_FILES)
def test_wrong_keys_are_a_usage_error(project, line):
    project.write(TEST)
    project.settings(f"[tool.leakcheck]\n{line}\n")
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: leakcheck: {WRONG_FILES[line]}"])


def test_every_wrong_key_is_named(project):
    project.write(TEST)
    project.settings("[tool.leakcheck]\nmargn = 1\nreprot = 'a'\n")
    project.run().stderr.fnmatch_lines(["*`margn`*", "*`reprot`. Did you mean `report`?"])


@pytest.mark.parametrize("option", WRONG_OPTIONS)
def test_wrong_options_are_a_usage_error(project, option):
    project.write(TEST)
    result = project.run(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([WRONG_OPTIONS[option]])


def test_the_controller_of_workers_says_it_too(project):
    project.write(TEST)
    result = project.run_outside("-n", "2", "--leakcheck-compare=none")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("spelling", ["[tool]\nleakcheck.margn = 1", "[tool]\nleakcheck = 3"])
def test_the_table_is_found_however_it_is_spelled(project, spelling):
    project.write(TEST)
    project.settings(spelling + "\n")
    assert project.run().ret == pytest.ExitCode.USAGE_ERROR


def test_the_file_is_read_beside_another_configuration(project):
    project.write(TEST)
    project.settings("[tool.leakcheck]\nmargn = 1\n")
    (project.path / "pytest.ini").write_text("[pytest]\n")
    assert project.run().ret == pytest.ExitCode.USAGE_ERROR


def test_a_file_that_is_not_toml_is_named(project):
    project.write(TEST)
    project.settings("[tool.leakcheck\n")
    (project.path / "pytest.ini").write_text("[pytest]\n")
    result = project.run("-c", "pytest.ini")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml is not TOML: *"])


def test_no_file_and_no_table_are_fine(project):
    project.write(TEST)
    project.run().assert_outcomes(passed=1)
    project.settings('[project]\ndependencies = ["leakcheck"]\n')
    project.run().assert_outcomes(passed=1)


def test_all_options_have_the_prefix(project):
    shown = project.run("--help").stdout.str()
    section = shown.partition("leakcheck: models against")[2].partition("\n\n")[0]
    options = [line.split()[0] for line in section.splitlines() if line.strip().startswith("-")]
    assert len(options) == 10
    assert all(option.startswith("--leakcheck-") for option in options)
