"""What a test asks of its audits: the marker's arguments, checked, over the defaults."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pytest

__all__ = [
    "BASELINES",
    "CHECKS",
    "Gate",
    "as_fields",
    "did_you_mean",
    "faults_of_marks",
    "faults_of_values",
    "gate_of",
]

#: Baselines that a verdict can name. Written here so that checking a marker needs no numpy.
BASELINES: Final = ("average-activity", "average-signal", "nearest-celltype")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Arguments of the marker; `margin` None keeps that of the report."""

    baseline: tuple[str, ...] = ("average-activity", "nearest-celltype")
    margin: float | None = None
    per: str = "celltype"
    min_share: float = 1.0
    specific: bool = False
    adjusted: bool = False
    models: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None

    def arguments(self) -> dict[str, Any]:
        """Arguments for `AuditReport.raise_if_failed`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _is_number(value: object) -> bool:
    """Whether a value is a number and no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_names(value: object) -> bool:
    """Whether a value is a name or a list of names, not empty."""
    names = [value] if isinstance(value, str) else value
    return (
        isinstance(names, list | tuple)
        and len(names) > 0
        and all(isinstance(name, str) and name for name in names)
    )


#: argument -> whether a value will do, and what it must be
CHECKS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "baseline": (_are_names, f"a name or a list of names of {', '.join(BASELINES)}"),
    "margin": (lambda v: _is_number(v) and 0 <= v < 1, "a number in [0, 1)"),
    "per": (lambda v: v in ("celltype", "overall"), "'celltype' or 'overall'"),
    "min_share": (lambda v: _is_number(v) and 0 < v <= 1, "a number in (0, 1]"),
    "specific": (lambda v: isinstance(v, bool), "True or False"),
    "adjusted": (lambda v: isinstance(v, bool), "True or False"),
    "models": (_are_names, "a name or a list of names of models"),
    "targets": (_are_names, "a name or a list of names of target cell types"),
}


def faults_of_values(values: Mapping[str, Any], where: str) -> list[str]:
    """Say what is wrong with arguments of a gate; `where` they came from begins each line."""
    faults = []
    for name, value in values.items():
        if name not in CHECKS:
            faults.append(f"{where} has no argument `{name}`.{did_you_mean(name, CHECKS)}")
        elif not CHECKS[name][0](value):
            faults.append(f"{where}: `{name}` must be {CHECKS[name][1]}; it is {value!r}.")
    unknown = [name for name in _names(values.get("baseline")) if name not in BASELINES]
    if unknown and not faults:
        faults.append(
            f"{where}: `baseline` must be among {', '.join(BASELINES)}; {unknown[0]!r} is not."
            f"{did_you_mean(unknown[0], BASELINES, otherwise=False)}"
        )
    if not faults and values.get("adjusted") and values.get("per") == "overall":
        faults.append(
            f"{where}: `adjusted` corrects over targets, and `per='overall'` makes one test. "
            "Leave one of the two out."
        )
    return faults


def did_you_mean(name: object, known: Iterable[str], *, otherwise: bool = True) -> str:
    """Write `` Did you mean `margin`?``, or what is known.

    `leakcheck.data.wording` has such words too; importing it would import numpy.
    """
    known = list(known)
    close = difflib.get_close_matches(str(name).replace("-", "_"), known, n=1)
    close = close or difflib.get_close_matches(str(name), known, n=1)
    if close:
        return f" Did you mean `{close[0]}`?"
    return f" There are {', '.join(known)}." if otherwise else ""


def faults_of_marks(item: "pytest.Item", defaults: Gate) -> list[str]:
    """Say what is wrong with the marks of a test."""
    faults = []
    for mark in item.iter_markers("leakcheck"):
        if mark.args:
            faults.append(
                f"@pytest.mark.leakcheck takes named arguments only; {mark.args[0]!r} came "
                f"without a name. Write baseline={mark.args[0]!r}, or whatever it is."
            )
        faults += faults_of_values(mark.kwargs, "@pytest.mark.leakcheck")
    if not faults:
        merged = gate_of(item, defaults)
        if merged is not None:
            both = {"adjusted": merged.adjusted, "per": merged.per}
            faults += faults_of_values(both, "@pytest.mark.leakcheck with its defaults")
    return faults


def gate_of(item: "pytest.Item", defaults: Gate) -> Gate | None:
    """Gate of a marked test; a mark that is closer to the test wins, argument by argument."""
    marks = list(item.iter_markers("leakcheck"))
    if not marks:
        return None
    values: dict[str, Any] = {}
    for mark in reversed(marks):
        values |= mark.kwargs
    return replace(defaults, **as_fields(values))


def as_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked arguments as fields of a `Gate`: lists of names as tuples."""
    named = {"baseline", "models", "targets"}
    return {key: _names(value) if key in named else value for key, value in values.items()}


def _names(value: Any) -> tuple[str, ...]:
    """One name or several, as a tuple; what is neither gives none."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, Sequence) else ()
