"""Packages that only some features need: given, or named with the extra that brings them."""

import sys

import pytest

from leakcheck._optional import import_optional
from leakcheck.exceptions import LeakcheckError, MissingDependencyError


def test_gives_the_module():
    assert import_optional("json.decoder", extra="x", purpose="to y") is sys.modules["json.decoder"]


@pytest.mark.parametrize("module", ["no_such_module_x", "no_such_module_x.inner"])
def test_a_missing_package_is_named_with_its_extra(module):
    match = rf"`{module}` is needed to read X .* in the clone of .*: pip install '\.\[all\]'$"
    with pytest.raises(MissingDependencyError, match=match) as raised:
        import_optional(module, extra="all", purpose="to read X")
    assert isinstance(raised.value, ImportError)
    assert isinstance(raised.value, LeakcheckError)
    assert isinstance(raised.value.__cause__, ModuleNotFoundError)


def test_a_missing_part_of_an_installed_package_is_missing():
    with pytest.raises(MissingDependencyError, match=r"`json\.no_such_part`"):
        import_optional("json.no_such_part", extra="all", purpose="to read X")


def test_a_package_that_lacks_another_speaks_for_itself(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import no_such_module_x\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_x") as raised:
        import_optional("half_installed", extra="all", purpose="to read X")
    assert not isinstance(raised.value, MissingDependencyError)
