"""Every public name has a numpydoc page that is true to its signature and to what it raises.

What is public stands in `tests/docstrings/public.py`; the rules in `rules.py`, which reads what is
raised from the source (`raised.py`); what a page must say of a score in `scores.py`. Whatever
`docs/api.md` lists is public. Exempt are type aliases and constants, and examples of methods. The
examples are run by ``python3 dev.py doctest``; here it is made sure that it finds each of them.
"""

import doctest
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from leakcheck.exceptions import LeakcheckError, ValidationError
from leakcheck.metrics import METRICS
from tests.docstrings import rules, scores
from tests.docstrings.public import methods_of, public_modules, public_objects
from tests.docstrings.raised import raised_by

ROOT = Path(__file__).resolve().parents[1]


def judged() -> Iterator[tuple[str, Any, list[str]]]:
    """Name, function or class, and faults of everything public, methods included."""
    for path, value in public_objects().items():
        if not inspect.isclass(value):
            yield path, value, rules.faults_of_function(value, example=True)
            continue
        yield path, value, rules.faults_of_class(value)
        for one in methods_of(value):
            rule = rules.faults_of_property if one.is_property else rules.faults_of_method
            yield f"{path}.{one.name}", one.function, rule(one.function)


def listed(faults: list[str]) -> str:
    """The message of a failed test."""
    return f"{len(faults)} faults:\n" + "\n".join(faults)


def test_public_docstrings_say_what_they_must():
    found = [f"{path}: {fault}" for path, _, faults in judged() for fault in faults]
    assert not found, listed(found)


def test_every_metric_has_a_page_that_defines_it():
    shown = {metric for metrics in METRICS.values() for metric in metrics}
    assert shown <= set(scores.HOMES), f"without a home: {sorted(shown - set(scores.HOMES))}"
    homes = sorted({path for paths in scores.HOMES.values() for path in paths})
    assert set(scores.WITHOUT_DOI) <= set(homes)
    found = [
        f"{path}: {fault}"
        for path in homes
        for fault in scores.faults_of_home(path, pkgutil.resolve_name(path))
    ]
    assert not found, listed(found)


def test_records_of_scores_say_range_no_skill_and_nan():
    found = [
        f"{path}: {fault}"
        for path, names in scores.RECORDS.items()
        for fault in scores.faults_of_record(pkgutil.resolve_name(path), names)
    ]
    found += [
        f"{path}: {fault}"
        for path, value, _ in judged()
        if not inspect.isclass(value)
        for fault in scores.faults_of_giver(value)
    ]
    assert not found, listed(found)


def test_doctest_finds_every_example():
    finder, found = doctest.DocTestFinder(), set()
    for module in {inspect.unwrap(value).__module__ for value in public_objects().values()}:
        found |= {one.name for one in finder.find(sys.modules[module]) if one.examples}
    plain = [inspect.unwrap(value) for _, value, _ in judged()]
    written = {
        f"{one.__module__}.{one.__qualname__}" for one in plain if ">>>" in (one.__doc__ or "")
    }
    assert len(written) > 150
    assert not written - found, f"examples that are never run: {sorted(written - found)}"


def test_what_the_site_lists_is_judged():
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    judged_ids = {id(value) for value in public_objects().values()}
    names = []
    for block in re.split(r"currentmodule:: ", text)[1:]:
        module, _, rest = block.partition("\n")
        entries = re.findall(r"^   (\w[\w.]*)$", rest.partition("```")[0], flags=re.MULTILINE)
        names += [f"{module.strip()}:{entry}" for entry in entries]
    assert len(names) > 80
    strange = [name for name in names if id(pkgutil.resolve_name(name)) not in judged_ids]
    assert not strange, f"on the site, and not public: {strange}"


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


def test_methods_of_private_bases_are_judged():
    report = public_objects()["leakcheck.AuditReport"]
    assert {"passed", "assert_beats", "to_html"} <= {one.name for one in methods_of(report)}


# What the rules see: each docstring below has the faults that its test names, and no others.


def _complete(labels: NDArray[Any], *, margin: float = 0.05) -> NDArray[Any]:
    """Add.

    Parameters
    ----------
    labels : ndarray of bool, shape (n,)
        Some.
    margin : float, default 0.05
        Other.

    Returns
    -------
    ndarray of float, shape (n,)
        Numbers.

    Raises
    ------
    ValidationError
        When there are none.

    Examples
    --------
    >>> 1 + 1
    2
    """
    if not len(labels):
        raise ValidationError("none came")
    return labels + margin


def _stale(labels: NDArray[Any], weights: float) -> NDArray[Any]:
    """Add

    Returns
    -------
    ndarray
        Numbers.

    Parameters
    ----------
    labels, scores : array_like
        Some.
    """
    raise _refusal(weights)


def _refusal(weight: float) -> ValidationError:
    return ValidationError(f"{weight}")


def _lax(width: int, values: NDArray[Any]) -> None:
    """Add.

    Parameters
    ----------
    width : int
        How far.
    values : ndarray
        As in `_complete`.

    Returns
    -------
    None

    Raises
    ------
    ValidationError

    Examples
    --------
    >>> a = 1
    >>> b = 1
    >>> c = 1
    >>> d = 1
    >>> e = 1
    >>> f = 1
    >>> g = 1
    """


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (_complete, []),
        (
            _stale,
            [
                "the summary is not one sentence on one line: 'Add'",
                "sections out of order: ['Returns', 'Parameters']",
                (
                    "`Parameters` describes ['labels', 'scores'], the signature has "
                    "['labels', 'weights']"
                ),
                "no shape of `labels, scores`",
                "no shape of `ndarray`",
                "`Raises` lacks ['ValidationError']",
                "no `Examples`",
            ],
        ),
        (
            _lax,
            [
                "no unit of `width`",
                "`_complete` does not describe ['values']",
                "no shape of `values`",
                "`Returns` of a function that returns nothing",
                "`Raises` does not say when for ['ValidationError']",
                "`Examples` has 7 lines of code, more than 6",
                "`Examples` shows nothing",
            ],
        ),
        (lambda: None, ["no docstring"]),
    ],
)
def test_rules_see_each_fault(function, expected):
    assert rules.faults_of_function(function, example=True) == expected


def _caught() -> None:
    try:
        _outer()
    except LeakcheckError:
        raise KeyError("x") from None


def _outer() -> None:
    def inner() -> None:
        raise ValidationError("x")

    assert inner is not None
    _again()


def _again() -> None:
    if np.pi < 3:
        _outer()
    raise OSError


class _Base:
    def public(self) -> None:
        self._private()

    def _private(self) -> None:
        raise LookupError


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (_caught, {KeyError, OSError}),
        (_outer, {ValidationError, OSError}),
        (_Base.public, {LookupError}),
        (_refusal, set()),
    ],
)
def test_raised_by_follows_helpers_and_handlers(function, expected):
    assert raised_by(function) == expected


def _home() -> float:
    """Score.

    Returns
    -------
    float
        Between 0 and 1.

    Notes
    -----
    The mean of all.
    """
    return 0.5


class _Record:
    """Scores.

    Attributes
    ----------
    auroc : float
        Range 0 to 1, no-skill value 0.5.
    """


def test_rules_of_scores_see_each_fault():
    asked = ["range", "no-skill value", "undefined case (NaN)", "formula in `Notes`"]
    expected = [f"no {what}" for what in (*asked, "source with a DOI")]
    assert scores.faults_of_home("tests.home", _home) == expected
    assert scores.faults_of_record(_Record, ("auroc",)) == ["no undefined case (NaN) of `auroc`"]
