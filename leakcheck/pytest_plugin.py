"""Roof: the pytest plugin: its options and hooks.

Everything else is in `leakcheck._pytest`, which is imported when a test is marked, when it asks for
the fixture, or when an option or ``[tool.leakcheck]`` asks for something. Until then pytest pays
for one look at the marks of each test and at the properties of each result.
"""

import tomllib
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from leakcheck._pytest.audits import AuditPlugin

__all__ = ["leakcheck_audit"]

_MARKER: Final = (
    "leakcheck(baseline=[...], margin=0.05, per='celltype' or 'overall', min_share=1.0, "
    "specific=False, adjusted=False, models=None, targets=None): "
    "fail the test unless every audit that it makes with `leakcheck_audit` beats the baselines."
)

#: option -> how argparse reads it, and what it is for
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "baseline": {
        "action": "append", "metavar": "NAME",
        "help": "baseline that marked tests must beat; repeat for several",
    },
    "margin": {
        "type": float, "metavar": "SKILL",
        "help": "skill below which a win is of no practical use (default 0.05)",
    },
    "min-share": {
        "type": float, "metavar": "SHARE",
        "help": "share of testable targets at which marked tests must pass (default 1.0)",
    },
    "report": {"metavar": "DIR", "help": "write HTML and JSON of each audit into DIR"},
    "json": {"metavar": "FILE", "help": "write the results of all audits into one JSON file"},
    "report-only": {
        "action": "store_true", "default": None,
        "help": "judge and show, but fail no test because of a gate",
    },
    "save": {"metavar": "NAME", "help": "keep the results as run NAME in .leakcheck/"},
    "compare": {"metavar": "NAME", "help": "compare skills with those of the saved run NAME"},
    "compare-fail": {
        "action": "store_true", "default": None,
        "help": "with --leakcheck-compare: fail where skill fell by more than its interval",
    },
    "junit": {
        "action": "store_true", "default": None,
        "help": "write results as properties into the JUnit XML too",
    },
}  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each prefixed with ``--leakcheck-``."""
    group = parser.getgroup("leakcheck", "leakcheck: models against what you get for free")
    for name, how in _OPTIONS.items():
        group.addoption(f"--leakcheck-{name}", **how)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; read the settings where there are any, so that faults are seen now."""
    config.addinivalue_line("markers", _MARKER)
    config.pluginmanager.register(_Listener(config), "leakcheck-listener")
    if any(_option(config, name) for name in _OPTIONS) or _table(config):
        _audits(config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse wrong arguments of the marker where tests are collected."""
    report = yield
    marked = [
        node
        for node in report.result or ()
        if isinstance(node, pytest.Item) and node.get_closest_marker("leakcheck") is not None
    ]
    if marked:
        _audits(collector.config).check_marks(marked, report)
    return report


@pytest.fixture
def leakcheck_audit(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Audit as `leakcheck.audit` does, and let the marker's gate judge the report.

    ``leakcheck_audit(preds, labels, loci, celltypes, ..., name="my-model")`` takes every argument
    of `leakcheck.audit`, and a name: that of the audit in the summary and in files, and that of
    the model where there is one. A finished report can be given in the place of `preds`.
    """
    return _audits(request.config).auditor_of(request.node)


class _Listener:
    """Hears the results of all tests, those of other processes too."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Pass on what audits left in a result."""
        for name, value in report.user_properties:
            if name == "leakcheck" and isinstance(value, dict):
                _audits(self._config).collect(value)


def _option(config: pytest.Config, name: str) -> Any:
    """Value of an option; None where it was not given."""
    return config.getoption(f"leakcheck_{name.replace('-', '_')}")


def _table(config: pytest.Config) -> dict[str, Any]:
    """``[tool.leakcheck]`` of the pyproject.toml that pytest reads, or of the root directory."""
    path = config.inipath
    if path is None or path.name != "pyproject.toml":
        path = config.rootpath / "pyproject.toml"
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    if b"leakcheck" not in content:
        return {}
    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get("leakcheck", {})
    except ValueError as error:
        raise pytest.UsageError(f"{path} is not TOML: {error}") from None
    if not isinstance(table, dict):
        raise pytest.UsageError(f"{path}: `tool.leakcheck` must be a table; it is {table!r}.")
    return table


def _audits(config: pytest.Config) -> "AuditPlugin":
    """Give the part that knows audits, registered when it is first asked for."""
    found = config.pluginmanager.get_plugin("leakcheck-audits")
    if found is None:
        from leakcheck._pytest.audits import AuditPlugin  # noqa: PLC0415 - once it is needed

        options = {name.replace("-", "_"): _option(config, name) for name in _OPTIONS}
        found = AuditPlugin(config, _table(config), options)
        config.pluginmanager.register(found, "leakcheck-audits")
    audits: AuditPlugin = found
    return audits
