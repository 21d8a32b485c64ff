"""Nothing is seen of the plugin, and nothing is imported, until a test asks."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import leakcheck

pytest_plugins = ["pytester"]

PROBE = """
import sys
def test_modules():
    ours = sorted(name for name in sys.modules if name.startswith("leakcheck"))
    assert ours == ["leakcheck", "leakcheck.exceptions", "leakcheck.pytest_plugin"], ours
    assert not {"numpy", "pandas", "scipy"} & set(sys.modules)
"""


def test_an_unused_plugin_imports_nothing_and_says_nothing(project):
    project.write(PROBE, head=False)
    result = project.run_outside("-W", "error")
    result.assert_outcomes(passed=1)
    assert "leakcheck" not in result.stdout.str().partition("plugins:")[2].partition("\n")[2]


def test_a_marked_test_is_collected_without_numpy(project):
    project.write(
        "import sys, pytest\n"
        "def test_a(): assert not {'numpy', 'pandas', 'scipy'} & set(sys.modules)\n"
        "@pytest.mark.leakcheck\ndef test_b(leakcheck_audit): pass\n",
        head=False,
    )
    project.run_outside("-W", "error").assert_outcomes(passed=1, failed=1)


def test_the_installed_plugin_is_found_without_being_named(project, monkeypatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    project.write("@pytest.mark.leakcheck\ndef test_a(): pass\n")
    project.pytester.runpytest_subprocess("--strict-markers").assert_outcomes(failed=1)


def test_the_plugin_can_be_switched_off(pytester):
    pytester.makepyfile("def test_a(leakcheck_audit): pass\n")
    result = pytester.runpytest_inprocess("-p", "no:leakcheck")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'leakcheck_audit' not found*"])


@pytest.mark.parametrize("name", ["leakcheck", "leakcheck.exceptions", "leakcheck.pytest_plugin"])
def test_a_fresh_copy_of_what_pytest_loads_brings_in_nothing(name):
    """Loaded before any measurement starts, so loaded here once more; no class is replaced."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    spec = importlib.util.spec_from_file_location(name, found.origin)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    assert copy.__doc__
    assert sys.modules["leakcheck"] is leakcheck


def test_the_entry_point_is_installed():
    code = "import importlib.metadata as m; print(*m.entry_points(group='pytest11').names)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "leakcheck" in done.stdout.split()
    assert Path(leakcheck.__file__).with_name("pytest_plugin.py").exists()
