"""Which exceptions a function raises, read from its source.

What helpers raise counts as well, in whatever module of leakcheck they are and however many of them
lie between, unless a helper is public: what that raises stands in its own docstring. What is caught
on the way does not count, nor do `AssertionError`, which says that leakcheck is wrong, and
`NotImplementedError`, which says that a class is abstract.
"""

import ast
import builtins
import functools
import importlib
import inspect
import sys
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

from tests.docstrings.public import documented

_MAKERS = ("__new__", "__init__", "__post_init__")
_Function = ast.FunctionDef | ast.AsyncFunctionDef
Exceptions: TypeAlias = tuple[type[BaseException], ...]


class _Facts(NamedTuple):
    """What the source of one function says: what it raises, and the helpers that it calls."""

    raised: set[type[BaseException]]
    calls: list[tuple[Any, Exceptions]]  # with what is caught around the call


def raised_by(function: Callable[..., Any]) -> set[type[BaseException]]:
    """Exceptions that a call may end with, as far as leakcheck's own `raise` statements say."""
    first = inspect.unwrap(function)
    found, waiting = {first: set(_facts(first).raised)}, [first]
    while waiting:
        for helper, _ in _facts(waiting.pop()).calls:
            if helper not in found:
                found[helper] = set(_facts(helper).raised)
                waiting.append(helper)
    grew = True
    while grew:
        before = sum(map(len, found.values()))
        for one, own in found.items():
            for helper, caught in _facts(one).calls:
                own |= {e for e in found[helper] if not issubclass(e, caught)}
        grew = sum(map(len, found.values())) > before
    return {e for e in found[first] if not issubclass(e, AssertionError | NotImplementedError)}


def raised_by_making(cls: type) -> set[type[BaseException]]:
    """Exceptions that making an object of a class may end with."""
    makers = [vars(cls).get(name) for name in _MAKERS]
    ours = [one for one in makers if getattr(one, "__module__", None) == cls.__module__]
    return {one for maker in ours for one in raised_by(maker)}


@functools.cache
def _functions(module: ModuleType) -> dict[str, _Function]:
    """Qualified name -> definition of the functions and methods of a module."""
    found: dict[str, _Function] = {}

    def collect(nodes: list[ast.stmt], prefix: str) -> None:
        for node in nodes:
            if isinstance(node, _Function):
                found[prefix + node.name] = node
            elif isinstance(node, ast.ClassDef):
                collect(node.body, f"{prefix}{node.name}.")

    collect(ast.parse(inspect.getsource(module)).body, "")
    return found


@functools.cache
def _facts(function: Any) -> _Facts:
    """Read one function."""
    module = sys.modules[function.__module__]
    node = _functions(module).get(function.__qualname__)
    if node is None:
        return _Facts(set(), [])
    reader = _Reader(module, function.__qualname__, node)
    for statement in node.body:
        reader.visit(statement)
    return reader.facts


class _Reader(ast.NodeVisitor):
    """Goes through the body of a function."""

    def __init__(self, module: ModuleType, name: str, node: _Function) -> None:
        self.facts = _Facts(set(), [])
        self._module, self._owner = module, name.rpartition(".")[0]
        self._ours = module.__name__.partition(".")[0]
        self._caught: Exceptions = ()
        inside = list(ast.walk(node))[1:]
        #: Functions defined inside, which raise where they are named and not where they are made.
        self._nested = {one.name: one for one in inside if isinstance(one, _Function)}
        self._imports = {
            alias.asname or alias.name: (str(one.module), alias.name)
            for one in inside
            if isinstance(one, ast.ImportFrom) and str(one.module).startswith(self._ours)
            for alias in one.names
        }
        self._assigned = {
            target.id: one.value
            for one in inside
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        }

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Leave it until it is named."""

    def visit_Name(self, node: ast.Name) -> None:
        """A function defined inside is read where it is named."""
        inside = self._nested.pop(node.id, None)
        if inside is not None:
            for statement in inside.body:
                self.visit(statement)
            self._nested[node.id] = inside

    def visit_Try(self, node: ast.Try) -> None:
        """What handlers take does not come out of the body."""
        before = self._caught
        self._caught += tuple(one for handler in node.handlers for one in self._taken(handler))
        for statement in node.body:
            self.visit(statement)
        self._caught = before
        for other in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(other)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Note what is raised."""
        raised = () if node.exc is None else self._classes(node.exc)
        assert raised or node.exc is None, f"{self._module.__name__}:{node.lineno}: raises what?"
        self.facts.raised.update(one for one in raised if not issubclass(one, self._caught))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Note the helpers that are called."""
        self.facts.calls.extend((helper, self._caught) for helper in self._helpers(node))
        self.generic_visit(node)

    def _taken(self, handler: ast.ExceptHandler) -> Exceptions:
        """Exceptions that a handler takes."""
        if handler.type is None:
            return (BaseException,)
        nodes = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        return tuple(one for node in nodes for one in self._classes(node))

    def _classes(self, node: ast.expr) -> Exceptions:
        """What is raised: a class, what a function says that it returns, or nothing we know."""
        if isinstance(node, ast.Name) and node.id in self._assigned:
            node = self._assigned[node.id]
        value = self._value(node.func if isinstance(node, ast.Call) else node)
        if inspect.isfunction(value):
            value = typing.get_type_hints(value).get("return")
        found = inspect.isclass(value) and issubclass(value, BaseException)
        return (value,) if found else ()

    def _helpers(self, call: ast.Call) -> list[Any]:
        """Functions without a page of their own that a call runs."""
        value = self._value(call.func)
        value = inspect.unwrap(getattr(value, "__func__", value)) if callable(value) else None
        ours = str(getattr(value, "__module__", "")).partition(".")[0] == self._ours
        if not ours or id(value) in documented():
            return []
        found = [vars(value).get(name) for name in _MAKERS] if inspect.isclass(value) else [value]
        return [one for one in found if inspect.isfunction(one)]

    def _value(self, node: ast.expr) -> Any:
        """The object that a name stands for; None where that shows only at run time."""
        if isinstance(node, ast.Attribute):
            return getattr(self._value(node.value), node.attr, None)
        if not isinstance(node, ast.Name):
            return None
        if node.id in ("self", "cls") and self._owner:
            return getattr(self._module, self._owner, None)
        if node.id in self._imports:
            package, name = self._imports[node.id]
            return getattr(importlib.import_module(package), name, None)
        return getattr(self._module, node.id, getattr(builtins, node.id, None))
