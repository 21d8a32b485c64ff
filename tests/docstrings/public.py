"""What is public: the names in `__all__` of every module without an underscore in its name.

A package that gathers names in its own `__all__` (`leakcheck.data`) speaks for its modules, which
are details. Commands and hooks are left out: their reader sees `--help`.
"""

import dataclasses
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import leakcheck

EXEMPT_MODULES = {"leakcheck.cli", "leakcheck.pytest_plugin"}


class Method(NamedTuple):
    """A method that a class defines itself; a property has its getter as function."""

    name: str
    function: Callable[..., Any]
    is_property: bool


@functools.cache
def public_modules() -> tuple[ModuleType, ...]:
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
    return tuple(found)


@functools.cache
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


@functools.cache
def documented() -> frozenset[int]:
    """Ids of the functions and classes that have a documentation of their own."""
    found = {id(inspect.unwrap(value)) for value in public_objects().values()}
    classes = [value for value in public_objects().values() if inspect.isclass(value)]
    return frozenset(found | {id(one.function) for cls in classes for one in methods_of(cls)})


def methods_of(cls: type) -> Iterator[Method]:
    """Public methods and properties of a class; those of a private base class are its own."""
    public = {id(value) for value in public_objects().values()}
    bases = [base for base in cls.__mro__[1:] if base.__module__.startswith("leakcheck")]
    seen = set(getattr(cls, "_fields", ()))
    for owner in (cls, *(base for base in bases if id(base) not in public)):
        for name, value in vars(owner).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            if isinstance(value, property):
                yield Method(name, value.fget, is_property=True)
            elif isinstance(value, functools.cached_property):
                yield Method(name, value.func, is_property=True)
            elif isinstance(value, staticmethod | classmethod):
                yield Method(name, value.__func__, is_property=False)
            elif inspect.isfunction(value):
                yield Method(name, value, is_property=False)


def fields_of(cls: type) -> dict[str, Any] | None:
    """Public fields of a dataclass or named tuple with their types; None for other classes."""
    if dataclasses.is_dataclass(cls):
        named = {field.name: field.type for field in dataclasses.fields(cls)}
    elif hasattr(cls, "_fields"):
        named = {name: cls.__annotations__.get(name, Any) for name in cls._fields}
    else:
        return None
    return {name: kind for name, kind in named.items() if not name.startswith("_")}


def parameters_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Names in a signature with their types; `self` and `cls` are nobody's argument."""
    named = {p.name: p.annotation for p in inspect.signature(function).parameters.values()}
    first = next(iter(named), None)
    if first in ("self", "cls"):
        del named[first]
    return named
