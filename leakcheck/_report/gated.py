"""The gates of a report: what must be beaten, asked as a question or as an assertion."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from leakcheck._report import gate
from leakcheck._report.gate_message import gate_error
from leakcheck.exceptions import ValidationError
from leakcheck.verdicts import PRIMARY_BASELINES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GatedReport", "Names", "Per"]

Names: TypeAlias = str | Sequence[str]
Per: TypeAlias = Literal["celltype", "overall"]


class _Asked(NamedTuple):
    """What a gate asks, in one piece."""

    baseline: Names
    margin: float | None
    min_share: float
    specific: bool
    adjusted: bool
    models: Names | None
    targets: Names | None
    per: Per


class GatedReport:
    """Questions of pass or fail, for a class that has `verdict`, `settings` and `judge`."""

    if TYPE_CHECKING:
        findings: "pd.DataFrame"
        verdict: "pd.DataFrame"
        information: "pd.DataFrame"
        settings: Mapping[str, Any]
        judge: "Callable[[float], GatedReport]"

    def passed(
        self,
        baseline: Names = PRIMARY_BASELINES,
        *,
        margin: float | None = None,
        min_share: float = 1.0,
        specific: bool = False,
        adjusted: bool = False,
        models: Names | None = None,
        targets: Names | None = None,
        per: Per = "celltype",
    ) -> bool:
        """Say whether every model beats every named baseline at enough targets.

        A model that puts the labels in perfect order (finding LK047) has most probably seen them,
        and does not pass, whatever it beats. A target of which the average activity says nothing
        (LK048), or where the signal does not rise with the labels (LK049), counts as not tested.

        Parameters
        ----------
        baseline : str or sequence of str
            Baselines that must be beaten.
        margin : float, optional
            Judge under this margin instead of the report's own. A win that may be smaller than
            the margin (flag ``negligible``) does not pass.
        min_share : float, default 1.0
            Share of the testable targets at which each baseline must be beaten, in (0, 1].
        specific : bool, default False
            Also ask for ``cell-type-specific`` at that share of targets.
        adjusted : bool, default False
            Also ask for a p-value that holds after Holm's correction over targets.
        models : str or sequence of str, optional
            Models that must pass; default all.
        targets : str or sequence of str, optional
            Targets that are looked at; default all.
        per : {"celltype", "overall"}
            Ask at each target, or once of the mean skill over the targets. The second takes
            targets as the independent units and needs two of them at least.

        Returns
        -------
        bool
            False where nothing could be tested: a gate never passes on nothing.

        Raises
        ------
        ValidationError
            When a name is not in the report, a number is out of range, or `specific` or
            `adjusted` is no boolean.
        """
        return not self._failed(
            _Asked(baseline, margin, min_share, specific, adjusted, models, targets, per)
        )[0]

    def raise_if_failed(
        self,
        baseline: Names = PRIMARY_BASELINES,
        *,
        margin: float | None = None,
        min_share: float = 1.0,
        specific: bool = False,
        adjusted: bool = False,
        models: Names | None = None,
        targets: Names | None = None,
        per: Per = "celltype",
    ) -> None:
        """Raise where `passed` would say False.

        Parameters
        ----------
        baseline : str or sequence of str
            As for `passed`, like all others.
        margin : float, optional
            Judge under this margin instead of the report's own.
        min_share : float, default 1.0
            Share of the testable targets at which each baseline must be beaten.
        specific : bool, default False
            Also ask for ``cell-type-specific``.
        adjusted : bool, default False
            Also ask for adjusted p-values.
        models : str or sequence of str, optional
            Models that must pass; default all.
        targets : str or sequence of str, optional
            Targets that are looked at; default all.
        per : {"celltype", "overall"}
            Ask at each target, or once of the mean skill over the targets.

        Raises
        ------
        GateError
            With the model, the baseline, both values, the difference with its interval, the
            verdict and what to look at next. It is an `AssertionError` too, for test suites.
        ValidationError
            When a name is not in the report, a number is out of range, or `specific` or
            `adjusted` is no boolean.
        """
        __tracebackhide__ = True  # in a test, the line that asked says more than this one
        self._raise(_Asked(baseline, margin, min_share, specific, adjusted, models, targets, per))

    def assert_beats(
        self,
        baseline: Names,
        *,
        margin: float | None = None,
        models: Names | None = None,
        targets: Names | None = None,
    ) -> None:
        """Raise unless every model beats a baseline at every testable target, for use in tests.

        Parameters
        ----------
        baseline : str or sequence of str
            Baselines that must be beaten: ``"average-activity"``, ``"nearest-celltype"``.
        margin : float, optional
            Judge under this margin instead of the report's own.
        models : str or sequence of str, optional
            Models that must pass; default all.
        targets : str or sequence of str, optional
            Targets that are looked at; default all.

        Raises
        ------
        GateError
            As `raise_if_failed` does; also where nothing could be tested.
        ValidationError
            When a name is not in the report, or a number is out of range.
        """
        __tracebackhide__ = True
        self._raise(_Asked(baseline, margin, 1.0, False, False, models, targets, "celltype"))

    def _raise(self, asked: _Asked) -> None:
        """Raise for the conditions that do not hold."""
        __tracebackhide__ = True
        failed, judged = self._failed(asked)
        if failed:
            margin = judged.settings["margin"]
            raise gate_error(failed, judged.findings, margin=margin, adjusted=asked.adjusted)

    def _failed(self, asked: _Asked) -> "tuple[list[gate.Condition], GatedReport]":
        """Conditions that do not hold, and the report as judged under the margin."""
        _check_switch("specific", asked.specific)
        _check_switch("adjusted", asked.adjusted)
        judged = self if asked.margin is None else self.judge(asked.margin)
        failed = gate.failed_conditions(
            judged.verdict,
            judged.information,
            judged.findings,
            baselines=_listed("baseline", asked.baseline),
            models=None if asked.models is None else _listed("models", asked.models),
            targets=None if asked.targets is None else _listed("targets", asked.targets),
            min_share=asked.min_share,
            specific=asked.specific,
            alpha=1.0 - float(self.settings["confidence_level"]) if asked.adjusted else None,
            overall=gate.overall_rule(asked.per, asked.adjusted, judged.settings),
        )
        return failed, judged


def _check_switch(argument: str, value: object) -> None:
    """Refuse what is neither true nor false: the text "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise ValidationError(
            f"`{argument}` must be True or False; it is {value!r}. Write {argument}=True to ask "
            "for it, or leave it out."
        )


def _listed(argument: str, names: Names) -> list[str]:
    """One name or several, as a list."""
    if isinstance(names, str):
        return [names]
    if not isinstance(names, Iterable):
        raise ValidationError(
            f"`{argument}` must be a name or a list of names; {names!r} came. Leave it out for the "
            "default."
        )
    return list(names)
