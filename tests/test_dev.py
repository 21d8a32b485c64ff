"""dev.py makes its environment once, mends a broken one, and leaves another's alone."""

import ast
import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def load():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("leakcheck_dev", ROOT / "dev.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """The script on an environment in a temporary folder, calling nothing."""
    monkeypatch.setenv("LEAKCHECK_VENV", str(tmp_path / "venv"))
    module = load()
    calls = []

    def call(command, trouble):
        calls.append(command)
        if command[1:3] == ["-m", "venv"]:
            make_interpreter(module)

    monkeypatch.setattr(module, "call", call)
    monkeypatch.setattr(module, "succeeds", lambda command: Path(command[0]).exists())
    monkeypatch.setattr(module, "say", lambda text: None)
    module.calls = calls
    return module


def make_interpreter(dev):
    """A file where the environment's interpreter would be."""
    dev.venv_python().parent.mkdir(parents=True, exist_ok=True)
    dev.venv_python().touch()


def steps(dev):
    """What was called, in a word each."""
    return ["venv" if "venv" in command else "install" for command in dev.calls]


@pytest.mark.parametrize("named", [True, False])
def test_the_newest_pandas_has_an_environment_of_its_own(tmp_path, monkeypatch, named):
    monkeypatch.delenv("LEAKCHECK_VENV", raising=False)
    if named:  # anndata, which holds pandas back, is in the one that is named
        monkeypatch.setenv("LEAKCHECK_VENV", str(tmp_path / "venv"))
    usual = tmp_path / "venv" if named else ROOT / ".venv"
    for command, expected in (("test", usual), ("newest", Path(f"{usual}-newest"))):
        monkeypatch.setattr("sys.argv", ["dev.py", command])
        assert str(load().VENV) == str(expected.resolve())


def test_the_environment_is_made_once(dev):
    dev.ensure_installed(["test"])
    assert steps(dev) == ["venv", "install"]
    assert dev.calls[-1][-1] == f"{ROOT}[test]"
    dev.ensure_installed(["test"])
    dev.ensure_installed([])
    assert steps(dev) == ["venv", "install"]


def test_another_extra_is_added_to_what_is_there(dev):
    dev.ensure_installed(["test"])
    dev.ensure_installed(["lint"])
    assert steps(dev) == ["venv", "install", "install"]
    assert dev.calls[-1][-1] == f"{ROOT}[lint,test]"


def test_a_changed_pyproject_installs_again(dev, tmp_path, monkeypatch):
    dev.ensure_installed(["test"])
    other = tmp_path / "checkout"
    other.mkdir()
    (other / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(dev, "ROOT", other)
    dev.ensure_installed(["test"])
    assert steps(dev) == ["venv", "install", "install"]


def test_an_interrupted_installation_is_taken_up_again(dev, monkeypatch):
    def interrupted(command, trouble):
        if "install" in command:
            raise KeyboardInterrupt
        make_interpreter(dev)

    with monkeypatch.context() as patch:
        patch.setattr(dev, "call", interrupted)
        with pytest.raises(KeyboardInterrupt):
            dev.ensure_installed(["test"])
    dev.ensure_installed([])
    assert steps(dev) == ["install"]
    assert dev.calls[-1][-1] == f"{ROOT}[test]"


def test_a_half_made_environment_is_made_again(dev):
    make_interpreter(dev)
    (dev.VENV / "rest").touch()
    dev.write_stamp({"state": "creating"})
    dev.ensure_installed([])
    assert steps(dev) == ["venv", "install"]
    assert not (dev.VENV / "rest").exists()


def test_a_broken_environment_of_ours_is_made_again(dev):
    dev.ensure_installed([])
    dev.venv_python().unlink()
    dev.ensure_installed([])
    assert steps(dev) == ["venv", "install"] * 2


def test_an_environment_of_another_that_works_is_used(dev):
    make_interpreter(dev)
    dev.ensure_installed([])
    assert steps(dev) == ["install"]


def test_an_environment_of_another_that_does_not_work_is_left_alone(dev):
    dev.VENV.mkdir()
    (dev.VENV / "precious").touch()
    with pytest.raises(dev.Stop, match=r"was not made by dev\.py.*LEAKCHECK_VENV"):
        dev.ensure_installed([])
    assert (dev.VENV / "precious").exists()
    assert dev.calls == []


def test_an_unreadable_stamp_counts_as_none(dev):
    dev.ensure_installed([])
    dev.STAMP.write_text("{", encoding="utf-8")
    dev.ensure_installed([])
    assert steps(dev) == ["venv", "install", "install"]
    assert json.loads(dev.STAMP.read_text(encoding="utf-8"))["state"] == "ready"


def test_an_old_python_is_told_so(dev, monkeypatch):
    monkeypatch.setattr(dev.sys, "version_info", (3, 8, 10))
    monkeypatch.setattr(dev, "succeeds", lambda command: command[0] == "python3.12")
    with pytest.raises(dev.Stop, match=r"needs Python 3\.11 or newer; .* is 3\.8\. .*python3\.12"):
        dev.check_interpreter()


def test_a_python_without_ensurepip_is_told_so(dev, monkeypatch):
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(dev.Stop, match=r"has no `venv`.*apt install python3\.\d+-venv"):
        dev.ensure_installed([])
    assert not dev.VENV.exists()


def test_arguments_go_to_the_last_step_and_replace_the_defaults(dev):
    assert dev.steps_of("test", [])[0][-1] == "--cov-report=term-missing:skip-covered"
    assert dev.steps_of("test", ["-k", "name"]) == [["-m", "pytest", "-k", "name"]]
    assert dev.steps_of("docs", [])[0] == ["docs/generate.py", "--check"]
    assert dev.steps_of("lint", ["--fix"]) == dev.LINT_FIX


def test_scripts_of_a_folder_are_steps_and_no_scripts_are_an_error(dev, tmp_path, monkeypatch):
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    for name in ("examples/second.py", "examples/first.py", "examples/_part.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    scripts = [Path(step[0]).name for step in dev.steps_of("examples", [])]
    assert scripts == ["first.py", "second.py"]
    monkeypatch.setattr(dev, "ROOT", tmp_path / "empty")
    with pytest.raises(dev.Stop, match="examples/ holds no scripts"):
        dev.steps_of("examples", [])


def test_large_peers_of_the_benchmarks_are_installed_where_asked(dev, monkeypatch):
    ran = []
    monkeypatch.setattr(dev.subprocess, "call", lambda command, **_: ran.append(command[1:]) or 0)
    assert dev.main(["bench", "--quick"]) == 0
    assert dev.calls[-1][-1] == f"{ROOT}[test]"
    assert dev.main(["bench", "--quick", "--peers"]) == 0
    assert dev.calls[-1][-1] == f"{ROOT}[bench,test]"
    assert ran == [["-m", "benchmarks", "--quick"]] * 2


def test_the_first_failure_stops_a_command(dev, monkeypatch):
    ran = []

    def failing(command, **options):
        ran.append(command)
        return 3

    monkeypatch.setattr(dev.subprocess, "call", failing)
    assert dev.main(["lint"]) == 3
    assert len(ran) == 1


def test_an_unknown_command_names_the_known(dev):
    with pytest.raises(dev.Stop, match=r"`tset` is not a command.*test"):
        dev.main(["tset"])


def test_help_names_every_command(dev, capsys):
    assert dev.main([]) == 0
    shown = capsys.readouterr().out
    assert all(f"dev.py {name}" in shown for name in [*dev.COMMANDS, "all"])


def test_the_makefile_knows_every_command(dev):
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("demo test")]
    assert line.rstrip(":").split() == [*dev.COMMANDS, "all"]


def test_old_interpreters_can_read_the_script():
    source = (ROOT / "dev.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__" not in source
