#!/usr/bin/env python3
"""Run leakcheck's demo, tests and checks in a private environment.

    python3 dev.py demo         audit a simulated epigenome; writes leakcheck-demo/
    python3 dev.py test         every test, with the coverage floor
    python3 dev.py test ARGS    pytest with your own arguments, without the coverage floor
    python3 dev.py newest       the tests of tables under the newest pandas, in .venv-newest
    python3 dev.py doctest      the examples in the docstrings
    python3 dev.py lint         ruff: rules and format (lint --fix mends both)
    python3 dev.py types        mypy --strict
    python3 dev.py docs         build the documentation into docs/_build/html
    python3 dev.py links        check the links of the built pages, other sites too where reached
    python3 dev.py generate     write docs/generated and the README's output again
    python3 dev.py examples     every script in examples/
    python3 dev.py bench        speed against peers, as ratios in one run (--quick, --full,
                                --peers: with torchmetrics and others, which are large)
    python3 dev.py stats        error rates and power on simulations with a known answer; slow
    python3 dev.py wheel        build the wheel and run the demo from it
    python3 dev.py all          most of what CI runs: all of these but newest, generate and stats

The environment is `.venv`, or the folder that LEAKCHECK_VENV names; that of `newest` has `-newest`
behind its name. It is made when it is absent and filled again when pyproject.toml changes. Nothing
but Python 3.11 or newer is needed beforehand.
"""

# Written so that Python 3.6 can read it: an old interpreter must reach the message about its age.
# ruff: noqa: S603, T201 - a script that calls programs and speaks to a person
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("LEAKCHECK_VENV") or ROOT / ".venv").resolve()
if sys.argv[1:2] == ["newest"]:  # without anndata, which holds pandas below 3
    VENV = VENV.with_name(f"{VENV.name}-newest")
STAMP = VENV / "leakcheck-dev.json"

#: command -> extras it needs, then the arguments for the environment's Python, step by step
COMMANDS = {
    "demo": ([], [["-m", "leakcheck", "demo"]]),
    "test": (["test"], [["-m", "pytest"]]),
    "newest": (
        ["test-core"],
        [["-c", "import pandas; print('pandas', pandas.__version__)"], ["-m", "pytest"]],
    ),
    "doctest": (["test"], [["-m", "pytest", "-q", "--doctest-modules", "leakcheck"]]),
    "lint": (["lint"], [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."]]),
    "types": (["lint"], [["-m", "mypy", "--strict"]]),
    "docs": (
        ["docs"],
        [
            ["docs/generate.py", "--check"],
            ["-m", "sphinx", "-W", "--keep-going", "-q", "docs", "docs/_build/html"],
            ["docs/check_links.py"],
        ],
    ),
    "links": (["docs"], [["docs/check_links.py", "--external"]]),
    "generate": (["docs"], [["docs/generate.py"]]),
    "examples": (["test"], []),
    "bench": (["test"], [["-m", "benchmarks"]]),
    "stats": (["test"], [["-m", "tests.statistical.error_rates"]]),
    "wheel": ([], []),
}
#: arguments of a command that is called without any
DEFAULTS = {
    "newest": [
        *("-q", "-n", "auto", "--maxprocesses", "8"),
        *("tests/data", "tests/adapters", "tests/report", "tests/test_audit.py"),
        *("tests/test_audit_edges.py", "tests/test_cli.py", "tests/test_results.py"),
    ],
    "demo": ["-o", "leakcheck-demo"],
    "stats": ["--replicates", "400", "--write", "docs/statistics-table.md"],
    "test": [
        *("-q", "-n", "auto", "--maxprocesses", "8"),
        *("--cov", "--cov-report=term-missing:skip-covered"),
    ],
}
LINT_FIX = [["-m", "ruff", "check", "--fix", "."], ["-m", "ruff", "format", "."]]
#: what `all` runs, with its arguments
ALL = {
    "test": [],
    "doctest": [],
    "lint": [],
    "types": [],
    "docs": [],
    "examples": [],
    "bench": ["--quick"],
    "wheel": [],
    "demo": [],
}


class Stop(Exception):  # noqa: N818 - a message for the reader rather than an error of this script
    """Something that the reader has to mend; the message says what and how."""


# The commands -------------------------------------------------------------------------------------


def main(argv):
    """Read the command line and run what it asks for; the exit status."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    name, args = argv[0], argv[1:]
    if name != "all" and name not in COMMANDS:
        raise Stop(f"`{name}` is not a command. The commands: {', '.join([*COMMANDS, 'all'])}.")
    check_interpreter()
    return run_all() if name == "all" else run(name, args)


def run(name, args):
    """Run one command; the exit status of its first step that fails, else 0."""
    extras = COMMANDS[name][0]
    if name == "bench" and "--peers" in args:
        args = [arg for arg in args if arg != "--peers"]
        extras = [*extras, "bench"]
    ensure_installed(extras)
    if name == "wheel":
        return run_wheel()
    env = environment()
    if name == "test":  # one process for each core is enough; each with a pool of threads is not
        env.setdefault("OPENBLAS_NUM_THREADS", "1")
    for step in steps_of(name, args):
        status = subprocess.call([str(venv_python()), *step], cwd=str(ROOT), env=env)
        if status:
            return status
    return 0


def steps_of(name, args):
    """List the steps of a command; the caller's arguments go to the last of them."""
    if name == "lint" and args == ["--fix"]:
        return LINT_FIX
    if name == "examples":
        return [[str(path), *args] for path in scripts_in("examples")]
    *before, last = COMMANDS[name][1]
    return [*before, [*last, *(args or DEFAULTS.get(name, []))]]


def scripts_in(folder):
    """List the scripts of a folder; those with an underscore are parts of others."""
    scripts = sorted(path for path in (ROOT / folder).glob("*.py") if path.name[0] != "_")
    if not scripts:
        raise Stop(f"{folder}/ holds no scripts: nothing was run.")
    return scripts


def run_all():
    """Run what CI runs; stop at the first failure."""
    for name, args in ALL.items():
        say(f"== {name}")
        status = run(name, args)
        if status:
            return status
    return 0


def run_wheel():
    """Run the demo from a wheel, not from the working tree: shows that all files are packed."""
    with tempfile.TemporaryDirectory(prefix="leakcheck-wheel-") as name:
        folder = Path(name)
        pip = [str(venv_python()), "-m", "pip", "-qq", "--disable-pip-version-check"]
        call([*pip, "wheel", "--no-deps", "-w", name, str(ROOT)], "the wheel could not be built")
        (built,) = folder.glob("*.whl")
        with zipfile.ZipFile(str(built)) as archive:
            archive.extractall(str(folder / "site"))
        env = dict(environment(), PYTHONPATH=str(folder / "site"))
        where = "import leakcheck; print('leakcheck from', leakcheck.__file__)"
        for step in (["-c", where], ["-m", "leakcheck", "demo", "-o", "demo"]):
            status = subprocess.call([str(venv_python()), *step], cwd=name, env=env)
            if status:
                return status
    return 0


# The environment ----------------------------------------------------------------------------------


def ensure_installed(extras):
    """Install leakcheck, editable, with `extras`, unless the stamp says that this was done."""
    stamp = read_stamp()
    key = hashlib.sha256(str(ROOT).encode() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    ready = stamp.get("key") == key and venv_python().exists()
    if ready and set(extras) <= set(stamp["extras"]):
        return
    ensure_venv()
    wanted = sorted(set(extras) | set(stamp.get("extras", [])))
    say(f"Installing leakcheck{' for ' + ', '.join(wanted) if wanted else ''} (once)")
    write_stamp({"state": "installing", "extras": wanted})
    target = f"{ROOT}[{','.join(wanted)}]" if wanted else str(ROOT)
    pip = [str(venv_python()), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    call([*pip, "--no-input", "--editable", target], "the installation failed; pip says why above")
    write_stamp({"state": "ready", "extras": wanted, "key": key})


def ensure_venv():
    """Make the environment where it is absent, half made or broken; never touch another's."""
    half_made = read_stamp().get("state") == "creating"
    if venv_works() and not half_made:
        return
    if VENV.exists() and not STAMP.exists() and any(VENV.iterdir()):
        raise Stop(
            f"{VENV} exists, was not made by dev.py, and holds no Python of {_dotted(OLDEST)} or "
            "newer with pip. Remove it, or name another folder: LEAKCHECK_VENV=folder"
        )
    check_venv_module()
    say(f"Making {VENV.name if VENV.parent == ROOT else VENV} (once)")
    shutil.rmtree(str(VENV), ignore_errors=True)
    VENV.mkdir(parents=True)
    write_stamp({"state": "creating"})
    call([sys.executable, "-m", "venv", str(VENV)], "the environment could not be made")
    write_stamp({"state": "empty"})


def venv_python():
    """Where the environment keeps its interpreter."""
    return VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"


def venv_works():
    """Whether the environment has a new enough interpreter that finds pip."""
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    return venv_python().exists() and succeeds([str(venv_python()), "-c", probe])


def check_interpreter():
    """Stop on a Python that is too old, and name one on this machine that is not."""
    if sys.version_info >= OLDEST:
        return
    names = [f"python3.{minor}" for minor in range(14, OLDEST[1] - 1, -1)]
    found = [name for name in names if succeeds([name, "--version"])]
    raise Stop(
        f"leakcheck needs Python {_dotted(OLDEST)} or newer; {sys.executable} is "
        f"{_dotted(sys.version_info)}. "
        + (
            f"This machine has {found[0]}: {found[0]} {' '.join(sys.argv)}"
            if found
            else "Install one from https://www.python.org/downloads/ and call dev.py with it."
        )
    )


def check_venv_module():
    """Stop where Python came without the modules that make an environment (Debian splits them)."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise Stop(
            f"{sys.executable} has no `{missing[0]}`, which makes environments. On Debian or "
            f"Ubuntu: sudo apt install python{_dotted(sys.version_info)}-venv. Or make an "
            "environment with pip in it by another tool and name it: LEAKCHECK_VENV=folder"
        )


def read_stamp():
    """Read what the environment says of itself; empty where it says nothing readable."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_stamp(stamp):
    """Leave the stamp in the environment."""
    STAMP.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def environment():
    """Give the caller's environment, with figures drawn to files and UTF-8 on every platform."""
    env = dict(os.environ)
    env.setdefault("MPLBACKEND", "Agg")
    env.setdefault("PYTHONUTF8", "1")
    return env


def succeeds(command):
    """Whether a command ends well, in silence."""
    quiet = subprocess.DEVNULL
    try:
        return subprocess.call(command, stdin=quiet, stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def call(command, trouble):
    """Run a step that must succeed."""
    if subprocess.call(command) != 0:
        raise Stop(f"{trouble}. The command was: {' '.join(command)}")


def say(text):
    """Print a line before what follows it."""
    print(text, flush=True)


def _dotted(version):
    """Write a version as 3.11."""
    return f"{version[0]}.{version[1]}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        print(f"dev.py: {stop}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
