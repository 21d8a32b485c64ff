"""Results as files, as properties of test reports and in JUnit XML."""

import json
import os
from pathlib import Path

import pytest

from leakcheck import AuditReport
from leakcheck._pytest.record import audit_key, file_stem, plain

from .conftest import junit_cases

pytest_plugins = ["pytester"]

SEVERAL = """
@pytest.mark.leakcheck
@pytest.mark.parametrize("kind", ["honest", "memoriser", "copier", "../up", "a/b:c*?", "A/B:C*?"])
def test_many(kind, leakcheck_audit):
    known = kind if kind in ("honest", "memoriser") else "copier"
    leakcheck_audit(report(known), name=kind)
    leakcheck_audit(report(known), name=kind)

def test_shown(leakcheck_audit): leakcheck_audit(report("honest"))
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "two workers"])
def test_files_of_every_audit(project, workers):
    project.write(SEVERAL)
    run = project.run_outside if workers else project.run
    result = run("--leakcheck-report=out/pages", "--leakcheck-json=out/all/results.json", *workers)
    result.assert_outcomes(passed=2, failed=5)
    files = sorted((project.path / "out/pages").iterdir())
    assert len({path.name.lower() for path in files}) == 2 * 13
    assert {path.suffix for path in files} == {".html", ".json"}
    assert all(set(path.stem) <= set(SAFE) and len(path.name) < 110 for path in files)
    audits = json.loads((project.path / "out/all/results.json").read_text("utf-8"))["audits"]
    assert len(audits) == 13
    assert [audit["outcome"] for audit in audits].count("failed") == 10
    for audit in audits:
        kept = AuditReport.from_json(project.path / audit["files"]["json"])
        assert kept.settings["models"] == audit["settings"]["models"]
        page = (project.path / audit["files"]["html"]).read_text("utf-8")
        assert page.lower().startswith("<!doctype html>")
    result.stdout.fnmatch_lines(["results: *results.json", "reports: *pages"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("kind", "status"),
    [("honest", pytest.ExitCode.USAGE_ERROR), ("memoriser", pytest.ExitCode.TESTS_FAILED)],
)
def test_results_that_find_no_space_hide_no_result_of_a_test(project, kind, status):
    project.write(
        f"@pytest.mark.leakcheck\ndef test_a(leakcheck_audit): leakcheck_audit(report({kind!r}))\n"
    )
    result = project.run("--leakcheck-json=/dev/full", "--leakcheck-save=main")
    assert result.ret == status
    result.stdout.fnmatch_lines(
        ["*ED test_gate.py::test_a*", "results were not written: *No space left on device*"]
    )


SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"


def test_names_of_files_are_safe_and_differ():
    keys = [
        audit_key("t.py::test", name, i) for name in ("", "a", "A", "é", "x" * 300) for i in (1, 2)
    ]
    keys += [f"t.py::test[{text}]" for text in ("..", "/", "\\", "CON", "a b", "a-b", "\ud800")]
    stems = [file_stem(key) for key in keys]
    assert len({stem.lower() for stem in stems}) == len(keys)
    assert all(set(stem) <= set(SAFE) and len(stem) <= 91 for stem in stems)
    assert file_stem("::") == file_stem("::")
    assert file_stem("::").startswith("audit-")


def test_an_absolute_folder_and_one_of_the_file(project, tmp_path_factory):
    project.write("def test_a(leakcheck_audit): leakcheck_audit(report('honest'))\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    project.run(f"--leakcheck-report={elsewhere}").assert_outcomes(passed=1)
    assert len(list(elsewhere.iterdir())) == 2
    project.settings('[tool.leakcheck]\nreport = "from-file"\njson = "from-file.json"\n')
    below = project.pytester.mkdir("below")
    os.chdir(below)
    project.run(str(project.path)).assert_outcomes(passed=1)
    assert len(list((project.path / "from-file").iterdir())) == 2
    assert (project.path / "from-file.json").exists()


def test_a_test_that_changes_the_folder_writes_where_it_should(project):
    project.write(
        "def test_a(leakcheck_audit, tmp_path, monkeypatch):\n"
        "    known = report('honest')\n"
        "    monkeypatch.chdir(tmp_path)\n"
        "    leakcheck_audit(known)\n"
    )
    project.run("--leakcheck-report=pages").assert_outcomes(passed=1)
    assert len(list((project.path / "pages").iterdir())) == 2


def test_results_without_an_audit_are_written_too(project):
    project.write("def test_a(): pass\n")
    project.run("--leakcheck-json=results.json").assert_outcomes(passed=1)
    content = json.loads((project.path / "results.json").read_text("utf-8"))
    assert content == {"schema": "leakcheck-pytest", "version": 1, "audits": []}


def test_results_ride_in_properties_as_json(project):
    project.write(
        "@pytest.mark.leakcheck\n"
        "def test_a(leakcheck_audit): leakcheck_audit(report('honest'), name='n')\n"
    )
    items, record = (
        project.pytester.inline_genitems()[0],
        project.pytester.inline_run("-p", "leakcheck"),
    )
    assert len(items) == 1
    (call,) = [r for r in record.getreports("pytest_runtest_logreport") if r.when == "call"]
    ((key, value),) = call.user_properties
    assert key == "leakcheck"
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert value["gate"]["baseline"] == ["average-activity", "nearest-celltype"]
    assert value["outcome"] == "passed"
    assert len(value["verdicts"]) == 4
    (teardown,) = [r for r in record.getreports("pytest_runtest_logreport") if r.when == "teardown"]
    assert teardown.user_properties == []


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "two workers"])
def test_junit_properties_are_optional_and_valid(project, workers):
    project.put_report("honest", "hostile")
    text = (project.path / "hostile.json").read_text("utf-8")
    hostile = '<script>&\\"\\u0001\\ufffe\\ud83d\\ude00\\u202e'
    (project.path / "hostile.json").write_text(text.replace("honest", hostile), "utf-8")
    project.write(
        "@pytest.mark.leakcheck\n"
        "def test_a(leakcheck_audit): leakcheck_audit(report('hostile'), name='<&\\x01')\n"
        "@pytest.mark.leakcheck\n"
        "def test_b(leakcheck_audit): leakcheck_audit(report('memoriser'), name='<&\\x01')\n"
        "@pytest.fixture\n"
        "def broken():\n    yield\n    raise ValueError('after')\n"
        "@pytest.mark.leakcheck\n"
        "def test_c(leakcheck_audit, broken): leakcheck_audit(report('memoriser'))\n"
    )
    run = project.run_outside if workers else project.run
    run("--junitxml=without.xml", *workers)
    names = {case.attrib["name"]: [p.attrib["name"] for p in case.iter("property")]
             for case in junit_cases(project.path / "without.xml")}  # fmt: skip
    assert names["test_a"] == names["test_b"] == []
    run("--junitxml=with.xml", "--leakcheck-junit", *workers)
    cases = {case.attrib["name"]: case for case in junit_cases(project.path / "with.xml")}
    values = {p.attrib["name"]: p.attrib["value"] for p in cases["test_a"].iter("property")}
    assert values["leakcheck.<&\N{REPLACEMENT CHARACTER}.outcome"] == "passed"
    assert "beats" in values.values()
    failed = {p.attrib["name"]: p.attrib["value"] for p in cases["test_b"].iter("property")}
    assert failed["leakcheck.<&\N{REPLACEMENT CHARACTER}.outcome"] == "failed"
    assert cases["test_b"].find("failure") is not None


def test_plain_values():
    assert plain({"a": (1, True, None, float("nan"), float("inf"), 0.5), 3: "\ud800"}) == {
        "a": [1, True, None, None, None, 0.5],
        "3": "?",
    }
