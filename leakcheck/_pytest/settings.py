"""Settings of a test run: ``[tool.leakcheck]`` of pyproject.toml under the command line."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from leakcheck._files import check_path
from leakcheck._pytest.gates import CHECKS, Gate, as_fields, did_you_mean, faults_of_values
from leakcheck._pytest.runs import run_path
from leakcheck.exceptions import ValidationError

__all__ = ["Settings", "read_settings"]

_WHERE: Final = "[tool.leakcheck] in pyproject.toml"
#: gate arguments that a whole project can set; models and targets belong to one test
_GATE_KEYS: Final = tuple(name for name in CHECKS if name not in ("models", "targets"))


def _is_text(value: object) -> bool:
    """Whether a value is a text and not empty."""
    return isinstance(value, str) and value != ""


def _is_flag(value: object) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


#: other keys -> whether a value will do, and what it must be
_KEYS: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "report": (_is_text, "the name of a folder"),
    "json": (_is_text, "the name of a file"),
    "report_only": (_is_flag, "true or false"),
    "compare": (_is_text, "the name of a saved run"),
    "compare_fail": (_is_flag, "true or false"),
    "junit": (_is_flag, "true or false"),
}
_RUN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What holds for all tests of a run."""

    gate: Gate
    report: Path | None
    json: Path | None
    report_only: bool
    save: str | None
    compare: str | None
    compare_fail: bool
    junit: bool


def read_settings(
    config: pytest.Config, table: Mapping[str, Any], options: Mapping[str, Any]
) -> Settings:
    """Check both sources and let options win over the file.

    Raises
    ------
    pytest.UsageError
        With every fault of the file, or of the options.
    """
    _refuse(_faults_of_table(table))
    given = {key: value for key, value in options.items() if value is not None}
    gate_options = {key: value for key, value in given.items() if key in _GATE_KEYS}
    _refuse(faults_of_values(gate_options, "--leakcheck options"))
    gate_table = {key: value for key, value in table.items() if key in _GATE_KEYS}
    values = {**table, **given}
    for key in ("save", "compare"):
        if key in values and not _RUN_NAME.fullmatch(values[key]):
            _refuse([_wrong_name(key, values[key])])
    if values.get("compare_fail") and "compare" not in values:
        _refuse(["--leakcheck-compare-fail needs --leakcheck-compare=NAME: a run to compare with."])
    settings = Settings(
        gate=Gate(**as_fields(gate_table | gate_options)),
        report=_path(config, "report", table, given),
        json=_path(config, "json", table, given),
        report_only=bool(values.get("report_only")),
        save=values.get("save"),
        compare=values.get("compare"),
        compare_fail=bool(values.get("compare_fail")),
        junit=bool(values.get("junit")),
    )
    _prepare_outputs(config, settings)
    return settings


def _faults_of_table(table: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with ``[tool.leakcheck]``."""
    known = [*_GATE_KEYS, *_KEYS]
    faults = [
        f"{_WHERE} has no key `{key}`.{did_you_mean(key, known)}"
        for key in table
        if key not in known
    ]
    faults += [
        f"{_WHERE}: `{key}` must be {rule}; it is {table[key]!r}."
        for key, (check, rule) in _KEYS.items()
        if key in table and not check(table[key])
    ]
    gates = {key: value for key, value in table.items() if key in _GATE_KEYS}
    return faults + faults_of_values(gates, _WHERE)


def _wrong_name(key: str, name: str) -> str:
    """Say what the name of a run must be."""
    return (
        f"--leakcheck-{key}: the name of a run must be letters, digits, '.', '_' and '-', and "
        f"begin with none of '.' and '-'; it is {name!r}. Choose another name."
    )


def _refuse(faults: list[str]) -> None:
    """Stop pytest with every fault on a line of its own."""
    if faults:
        raise pytest.UsageError("leakcheck: " + "\n  ".join(faults))


def _prepare_outputs(config: pytest.Config, settings: Settings) -> None:
    """Make the folders that results go to, and refuse what cannot be written, before tests run."""
    runs = run_path(config.rootpath, settings.save).parent if settings.save else None
    folders = [settings.report, settings.json and settings.json.parent, runs]
    try:
        for folder in filter(None, folders):
            folder.mkdir(parents=True, exist_ok=True)
        if settings.json is not None:
            check_path(settings.json)
    except (OSError, ValidationError) as error:
        _refuse([f"results cannot be written: {error}"])


def _path(
    config: pytest.Config, key: str, table: Mapping[str, Any], given: Mapping[str, Any]
) -> Path | None:
    """Path from an option, relative to where pytest was called, or from the file, to the root."""
    if key in given:
        return Path(config.invocation_params.dir, given[key])
    return Path(config.rootpath, table[key]) if key in table else None
