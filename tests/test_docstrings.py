"""Every public name has a numpydoc page that agrees with its signature.

Public is what `__all__` lists in a module without an underscore in its name. A package that gathers
names in its own `__all__` (`leakcheck.data`) speaks for its modules, which are details.

Exempt, and nothing else: commands and hooks (`EXEMPT_MODULES`: their reader sees `--help`); type
aliases and constants; fields of dataclasses and named tuples (a section that describes them is
checked where it is there); properties (a summary is enough); methods that delegate with "see
`leakcheck.module.function`", which must then document the same parameters; and examples of
functions with an argument that only an audit makes (`MADE_BY_AUDITS`).
"""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import leakcheck

EXEMPT_MODULES = {"leakcheck.cli", "leakcheck.pytest_plugin"}
MADE_BY_AUDITS = re.compile(r"\b(BaselineScores|Evaluated|ReferencePanel|Strata|TargetView)\b")
SECTIONS = {"Parameters", "Returns", "Yields", "Raises", "Notes", "Examples", "Attributes"}
OTHER_SECTIONS = {"See Also", "References", "Warns", "Warnings", "Other Parameters", "Methods"}
DELEGATES = re.compile(r"see `(leakcheck(?:\.\w+)+)`")


def public_modules() -> list[ModuleType]:
    """Every module of the package that users may import from."""
    found, details = [leakcheck], set()
    for info in pkgutil.walk_packages(leakcheck.__path__, "leakcheck."):
        package = info.name.rpartition(".")[0]
        if "._" in info.name or info.name in EXEMPT_MODULES or package in details:
            details.update({info.name} if package in details else ())
            continue
        module = importlib.import_module(info.name)
        found.append(module)
        if info.ispkg and hasattr(module, "__all__"):
            details.add(info.name)
    return found


def public_objects() -> dict[str, Any]:
    """Dotted name -> function or class of leakcheck, each once."""
    found: dict[int, tuple[str, Any]] = {}
    for module in public_modules():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            plain = inspect.isfunction(inspect.unwrap(value)) if callable(value) else False
            ours = str(getattr(value, "__module__", "")).startswith("leakcheck")
            if ours and (plain or inspect.isclass(value)):
                found.setdefault(id(value), (f"{module.__name__}.{name}", value))
    return dict(found.values())


def sections_of(doc: str) -> dict[str, str]:
    """Section -> text of a numpydoc docstring; the summary under ""."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", doc, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def documented_names(section: str) -> list[str]:
    """Names that a `Parameters` section describes, in order."""
    lines = [line for line in section.splitlines() if line and not line[0].isspace()]
    names = [name.strip() for line in lines for name in line.partition(" :")[0].split(",")]
    return [name.lstrip("*\\") for name in names]


def parameters_of(function: Callable[..., Any]) -> list[str]:
    """Names in a signature; `self` and `cls` are nobody's argument."""
    names = list(inspect.signature(function).parameters)
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def gives_nothing(function: Callable[..., Any]) -> bool:
    """Whether the signature says that nothing is returned."""
    annotation = str(inspect.signature(function).return_annotation)
    return annotation in ("None", "NoReturn", "Never", "typing.NoReturn", "typing.Never")


def faults_of_text(doc: str | None) -> list[str]:
    """What is wrong with a docstring whatever it documents."""
    if not doc:
        return ["no docstring"]
    faults = []
    summary = doc.splitlines()[0]
    if not summary.endswith("."):
        faults.append(f"the summary is not one sentence on one line: {summary!r}")
    unknown = set(sections_of(doc)) - SECTIONS - OTHER_SECTIONS - {""}
    if unknown:
        faults.append(f"unknown sections {sorted(unknown)}")
    return faults


def faults_of_parameters(doc: str, expected: list[str]) -> list[str]:
    """What is wrong with the `Parameters` section."""
    described = documented_names(sections_of(doc).get("Parameters", ""))
    if described == expected:
        return []
    return [f"`Parameters` describes {described}, the signature has {expected}"]


def faults_of_function(function: Callable[..., Any], *, example: bool) -> list[str]:
    """What is wrong with the docstring of a function or method."""
    doc = inspect.getdoc(function)
    faults = faults_of_text(doc)
    if not doc:
        return faults
    if delegate := DELEGATES.search(sections_of(doc)[""]):
        return faults + faults_of_delegation(function, delegate.group(1))
    sections = sections_of(doc)
    faults += faults_of_parameters(doc, parameters_of(function))
    if not gives_nothing(function) and not {"Returns", "Yields"} & set(sections):
        faults.append("no `Returns`")
    annotations = str(inspect.signature(function))
    needs_example = example and not MADE_BY_AUDITS.search(annotations)
    if needs_example and ">>>" not in sections.get("Examples", ""):
        faults.append("no `Examples`")
    return faults


def faults_of_delegation(method: Callable[..., Any], path: str) -> list[str]:
    """Whether the function that a docstring points to documents the same parameters."""
    try:
        target = pkgutil.resolve_name(path)
    except (AttributeError, ImportError):
        return [f"points to `{path}`, which is not there"]
    described = documented_names(sections_of(inspect.getdoc(target) or "").get("Parameters", ""))
    missing = [name for name in parameters_of(method) if name not in described]
    return [f"`{path}` does not describe {missing}"] if missing else []


def faults_of_class(cls: type) -> list[str]:
    """What is wrong with the docstring of a class; its methods are looked at one by one."""
    doc = cls.__dict__.get("__doc__") or ""
    doc = inspect.cleandoc(doc)
    faults = faults_of_text(doc)
    fields = field_names(cls)
    if faults or issubclass(cls, BaseException) or getattr(cls, "_is_protocol", False):
        return faults
    if fields is None:
        return faults_of_parameters(doc, parameters_of(cls))
    for section in ("Parameters", "Attributes"):
        unknown = set(documented_names(sections_of(doc).get(section, ""))) - set(fields)
        if unknown - set(dir(cls)):
            faults.append(f"`{section}` describes {sorted(unknown)}, which are no fields")
    return faults


def field_names(cls: type) -> list[str] | None:
    """Fields of a dataclass or named tuple; None for other classes."""
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    return list(cls._fields) if hasattr(cls, "_fields") else None


def methods_of(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that a class defines itself."""
    for name, value in vars(cls).items():
        if name.startswith("_") or (hasattr(cls, "_fields") and name in cls._fields):
            continue
        if isinstance(value, staticmethod | classmethod):
            yield name, value.__func__
        elif inspect.isfunction(value) or isinstance(value, property) or hasattr(value, "func"):
            yield name, value


def faults() -> list[str]:
    """Every fault of every public docstring, with the name of the culprit."""
    found = []
    for path, value in public_objects().items():
        if not inspect.isclass(value):
            found += [f"{path}: {f}" for f in faults_of_function(value, example=True)]
            continue
        found += [f"{path}: {f}" for f in faults_of_class(value)]
        for name, method in methods_of(value):
            plain = inspect.isfunction(method)
            texts = faults_of_function(method, example=False) if plain else []
            texts = texts if plain else faults_of_text(inspect.getdoc(method))
            found += [f"{path}.{name}: {text}" for text in texts]
    return found


def test_public_docstrings_agree_with_their_signatures():
    found = faults()
    assert not found, f"{len(found)} faults:\n" + "\n".join(found)


def test_public_modules_list_their_names():
    silent = [
        module.__name__
        for module in public_modules()
        if not hasattr(module, "__all__") and not hasattr(module, "__path__")
    ]
    assert not silent, f"modules without `__all__`: {silent}"


def test_public_is_what_users_import():
    names = {module.__name__ for module in public_modules()}
    assert {"leakcheck", "leakcheck.data", "leakcheck.base.ranking", "leakcheck.checks"} <= names
    assert not {name for name in names if name.startswith("leakcheck.data.") or "._" in name}


def _complete(labels, *, margin=0.05) -> float:
    """Add.

    Parameters
    ----------
    labels : array_like of bool, shape (n,)
        Some.
    margin : float, default 0.05
        Other.

    Returns
    -------
    float
        A number.

    Examples
    --------
    >>> 1 + 1
    2
    """


def _stale(labels, weights) -> float:
    """Add

    Parameters
    ----------
    labels, scores : array_like
        Some.
    """


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (_complete, []),
        (_stale, ["the summary", "`Parameters` describes", "no `Returns`", "no `Examples`"]),
        (lambda: None, ["no docstring"]),
    ],
)
def test_faults_of_function_sees_each_fault(function, expected):
    found = faults_of_function(function, example=True)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))
