"""What `import leakcheck` brings in, and what it gives."""

import importlib.util
import subprocess
import sys
from importlib.metadata import version

import pytest

import leakcheck

#: Packages that a user who only wants an exception class or the version should not wait for.
NOT_AT_IMPORT = [
    "matplotlib",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "scipy",
    "sklearn",
    "statsmodels",
    "tensorflow",
    "typer",
]
#: Packages that belong inside functions, even once the whole library is loaded.
NOT_WITHOUT_USE = [
    "matplotlib",
    "polars",
    "rich",
    "scipy.stats",
    "sklearn",
    "statsmodels",
    "tensorflow",
    "typer",
]


def run_python(code: str) -> str:
    """Standard output of a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_after(code: str, packages: list[str]) -> list[str]:
    """Those of `packages` that a fresh interpreter has loaded after `code`."""
    report = f"import sys; print(*(p for p in {packages!r} if p in sys.modules))"
    return run_python(f"{code}\n{report}").split()


def test_import_does_no_work():
    assert loaded_after("import leakcheck", NOT_AT_IMPORT) == []


def test_the_probe_sees_what_is_loaded():
    assert loaded_after("import json, numpy", ["json", "numpy", "tensorflow"]) == ["json", "numpy"]


def test_no_public_name_brings_a_heavy_package():
    names = "import leakcheck\nfor name in leakcheck.__all__: getattr(leakcheck, name)"
    assert loaded_after(names, NOT_WITHOUT_USE) == []


def test_all_is_sorted_and_complete():
    def isort_style(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    assert list(leakcheck.__all__) == sorted(leakcheck.__all__, key=isort_style)
    assert len(set(leakcheck.__all__)) == len(leakcheck.__all__)
    assert set(leakcheck.__all__) <= set(dir(leakcheck))


@pytest.mark.parametrize("name", leakcheck.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(leakcheck, name) is not None


def test_star_import_gives_all():
    names = run_python("from leakcheck import *\nprint(*dir())").split()
    assert set(leakcheck.__all__) <= set(names)


#: public names that a module of the package bears too, such as the function and module `audit`
SHARED_NAMES = [n for n in leakcheck.__all__ if importlib.util.find_spec(f"leakcheck.{n}")]


@pytest.mark.parametrize("name", SHARED_NAMES)
def test_a_public_name_survives_the_import_of_its_module(name):
    """`import leakcheck.audit` must not put the module in the place of the function."""
    kind = type(getattr(leakcheck, name)).__name__
    import_module = f"import importlib; importlib.import_module('leakcheck.{name}')"
    show = f"import leakcheck; print(type(leakcheck.{name}).__name__)"
    assert run_python(f"{import_module}\n{show}") == kind
    assert run_python(f"import leakcheck; leakcheck.{name}\n{import_module}\n{show}") == kind


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = leakcheck.no_such_name


def test_version_is_the_installed_one():
    assert leakcheck.__version__ == version("leakcheck")
