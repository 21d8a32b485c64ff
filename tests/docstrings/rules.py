"""The rules of a docstring; each gives the faults that it finds, in words.

A method may delegate with "see `leakcheck.module.function`" and no section of its own: the sections
of that function are then judged as if they were the method's. A parameter may be described by "As
in `name`": `name` must then describe a parameter of that name.
"""

import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from tests.docstrings.public import fields_of, parameters_of
from tests.docstrings.raised import raised_by, raised_by_making
from tests.docstrings.text import (
    ORDER,
    Entry,
    code_lines,
    entries_of,
    names_in,
    sections_of,
)

LONGEST_EXAMPLE = 6
DELEGATES = re.compile(r"see `(leakcheck(?:\.\w+)+)`")
_AS_IN = re.compile(r"\bAs (?:in|for|of) `([\w.]+)`")
_ARRAY_TYPE = re.compile(r"ndarray|NDArray|_SupportsArray")  # from numpy 2.5 on an alias
_ARRAY_WORD = re.compile(r"\b(?:nd)?arrays?\b", flags=re.IGNORECASE)
_SHAPE = re.compile(r"\bshapes?\b", flags=re.IGNORECASE)

_ON_GENOME = re.compile(r"\b(?:bases?|bp)\b", flags=re.IGNORECASE)
_IN_MEMORY = re.compile(r"\bbytes?\b", flags=re.IGNORECASE)
#: Names of parameters whose description says a unit, and the unit.
UNITS = {
    **dict.fromkeys(("start", "end", "distance", "gap", "min_overlap", "stretch"), _ON_GENOME),
    **dict.fromkeys(("length", "offset", "width", "window"), _ON_GENOME),
    **dict.fromkeys(("memory", "n_bytes", "remember"), _IN_MEMORY),
}


def is_array(annotation: Any) -> bool:
    """Whether an annotation speaks of a numpy array."""
    return bool(_ARRAY_TYPE.search(str(annotation)))


def faults_of_text(doc: str | None) -> list[str]:
    """What is wrong with a docstring whatever it documents."""
    if not doc:
        return ["no docstring"]
    faults = []
    summary = doc.splitlines()[0]
    if not summary.endswith("."):
        faults.append(f"the summary is not one sentence on one line: {summary!r}")
    named = [section for section in sections_of(doc) if section]
    if unknown := sorted(set(named) - set(ORDER)):
        faults.append(f"unknown sections {unknown}")
    elif named != sorted(named, key=ORDER.index):
        faults.append(f"sections out of order: {named}")
    return faults


def target_of(doc: str) -> str | None:
    """Function that a docstring without sections of its own points to."""
    sections = sections_of(doc)
    found = DELEGATES.search(sections[""])
    return found.group(1) if found and not {"Parameters", "Returns"} & set(sections) else None


def sections_to_judge(doc: str, path: str | None) -> dict[str, str] | None:
    """Sections of a docstring, or of what it points to; None where that is not there."""
    if path is None:
        return sections_of(doc)
    found = resolve(path, None)
    return None if found is None else sections_of(inspect.getdoc(found) or "")


def resolve(path: str, near: Any) -> Any:
    """The object that a name in backticks means, as seen from a function or class."""
    module = sys.modules.get(getattr(near, "__module__", ""))
    owner = getattr(near, "__qualname__", "").rpartition(".")[0]
    for start in (getattr(module, owner, None), module):
        found = start
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return found
    try:
        return pkgutil.resolve_name(path)
    except (AttributeError, ImportError, ValueError):
        return None


def faults_of_names(described: list[str], expected: Iterable[str]) -> list[str]:
    """What is wrong with the names of a `Parameters` section."""
    expected = list(expected)
    if described == expected:
        return []
    return [f"`Parameters` describes {described}, the signature has {expected}"]


def faults_of_entries(entries: list[Entry], types: dict[str, Any], near: Any) -> list[str]:
    """What is wrong with single entries: nothing said, no unit, or an array without a shape."""
    faults = []
    for entry in entries:
        label = ", ".join(entry.names) or entry.kind
        pointer = _AS_IN.search(entry.text)
        if pointer and entry.names and not entry.gathers:
            faults += faults_of_pointer(entry, pointer.group(1), near)
        if not entry.text.strip() and entry.names:
            faults.append(f"nothing is said of `{label}`")
        faults += [
            f"no unit of `{name}`"
            for name in entry.names
            if name in UNITS and not pointer and not UNITS[name].search(entry.text)
        ]
        an_array = any(is_array(types.get(name)) for name in entry.names)
        if pointer and not entry.kind:
            continue
        if (an_array or _ARRAY_WORD.search(entry.kind)) and not _SHAPE.search(entry.whole):
            faults.append(f"no shape of `{label}`")
    return faults


def faults_of_pointer(entry: Entry, path: str, near: Any) -> list[str]:
    """Whether what "As in `path`" points to describes the same names."""
    found = resolve(path, near)
    if found is None:
        return [f"points to `{path}`, which is not there"]
    sections = sections_of(inspect.getdoc(found) or "")
    there = names_in(sections.get("Parameters", "")) + names_in(sections.get("Attributes", ""))
    missing = [name for name in entry.names if name not in there]
    return [f"`{path}` does not describe {missing}"] if missing else []


def faults_of_returns(function: Callable[..., Any], sections: dict[str, str]) -> list[str]:
    """What is wrong with `Returns` or `Yields`."""
    gives = inspect.signature(function).return_annotation
    if str(gives) in ("None", "NoReturn", "Never", "typing.NoReturn", "typing.Never"):
        return ["`Returns` of a function that returns nothing"] if "Returns" in sections else []
    text = sections.get("Returns") or sections.get("Yields")
    if text is None:
        return ["no `Returns`"]
    faults = faults_of_entries(entries_of(text, typed=True), {}, function)
    if is_array(gives) and not _SHAPE.search(text) and not faults:
        faults.append("no shape of what is returned")
    return faults


def faults_of_raises(raised: set[type[BaseException]], section: str) -> list[str]:
    """Exceptions that are raised and not described, or described and no exceptions."""
    described = [name.rpartition(".")[2] for name in names_in(section)]
    missing = [
        one.__name__
        for one in sorted(raised, key=lambda one: one.__name__)
        if not set(described) & {base.__name__ for base in one.__mro__ if base is not Exception}
    ]
    faults = [f"`Raises` lacks {missing}"] if missing else []
    strange = [name for name in described if not name.endswith("Error")]
    strange += [e.names[0] for e in entries_of(section) if not e.text.strip()]
    return faults + ([f"`Raises` does not say when for {strange}"] if strange else [])


def faults_of_example(section: str, *, needed: bool) -> list[str]:
    """Whether an example is there, short, run, and shows what comes out."""
    n = code_lines(section)
    if not n:
        return ["no `Examples`"] if needed else []
    faults = []
    if n > LONGEST_EXAMPLE:
        faults.append(f"`Examples` has {n} lines of code, more than {LONGEST_EXAMPLE}")
    if "doctest: +SKIP" in section:
        faults.append("`Examples` is not run")
    last = section.rstrip().rpartition("\n")[2].lstrip()
    if last.startswith((">>>", "...")):
        faults.append("`Examples` shows nothing")
    return faults


def faults_of_function(function: Callable[..., Any], *, example: bool) -> list[str]:
    """What is wrong with the docstring of a function or method."""
    doc = inspect.getdoc(function)
    faults = faults_of_text(doc)
    if not doc:
        return faults
    path = target_of(doc)
    sections = sections_to_judge(doc, path)
    if sections is None:
        return [*faults, f"points to `{path}`, which is not there"]
    types = parameters_of(function)
    entries = entries_of(sections.get("Parameters", ""))
    described = [name for entry in entries for name in entry.names]
    if path is None:
        faults += faults_of_names(described, types)
        near = function
    else:
        missing = [name for name in types if name not in described]
        faults += [f"`{path}` does not describe {missing}"] if missing else []
        near = resolve(path, None)
    faults += faults_of_entries(entries, types, near)
    faults += faults_of_returns(function, sections)
    faults += faults_of_raises(raised_by(function), sections.get("Raises", ""))
    return faults + faults_of_example(sections.get("Examples", ""), needed=example)


def faults_of_method(function: Callable[..., Any]) -> list[str]:
    """What is wrong with the docstring of a method, which needs no example of its own."""
    return faults_of_function(function, example=False)


def faults_of_property(function: Callable[..., Any]) -> list[str]:
    """What is wrong with a property: a summary is enough, with its errors and a shape."""
    doc = inspect.getdoc(function)
    faults = faults_of_text(doc)
    if not doc:
        return faults
    if is_array(inspect.signature(function).return_annotation) and not _SHAPE.search(doc):
        faults.append("no shape")
    return faults + faults_of_raises(raised_by(function), sections_of(doc).get("Raises", ""))


def faults_of_class(cls: type) -> list[str]:
    """What is wrong with the docstring of a class; its methods are looked at one by one."""
    doc = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    faults = faults_of_text(doc)
    if not doc or getattr(cls, "_is_protocol", False):
        return faults
    if issubclass(cls, BaseException) and "__init__" not in vars(cls):
        return faults
    sections = sections_of(doc)
    parameters, attributes = (sections.get(name, "") for name in ("Parameters", "Attributes"))
    fields = fields_of(cls)
    types = parameters_of(cls) if fields is None else fields
    if fields is None:
        faults += faults_of_names(names_in(parameters), types)
    else:
        faults += faults_of_fields(cls, fields, names_in(parameters) + names_in(attributes))
    faults += faults_of_entries(entries_of(parameters) + entries_of(attributes), types, cls)
    faults += faults_of_raises(raised_by_making(cls), sections.get("Raises", ""))
    return faults + faults_of_example(sections.get("Examples", ""), needed=False)


def faults_of_fields(cls: type, fields: Iterable[str], described: list[str]) -> list[str]:
    """Fields of a dataclass or named tuple that are not described, and names that are no fields."""
    missing = [name for name in fields if name not in described]
    strange = [name for name in described if name not in fields and not hasattr(cls, name)]
    faults = [f"the fields {missing} are not described"] if missing else []
    return faults + ([f"{strange} are described and are no fields"] if strange else [])
