"""Options of an audit, refused before anything is read where they cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from leakcheck._typing import LabelKind
from leakcheck.baselines import check_signal_transform
from leakcheck.data.arrays import is_number
from leakcheck.data.wording import counted
from leakcheck.exceptions import ValidationError
from leakcheck.metrics import COMPANION_METRIC, check_metrics
from leakcheck.nearest import Similarity, check_similarity
from leakcheck.strata import StrataChoice

__all__ = ["AuditOptions", "check_calls", "check_options", "check_parameters"]


@dataclass(frozen=True, kw_only=True)
class AuditOptions:
    """Options of an audit that do not depend on where the data are; see `leakcheck.audit`.

    Attributes
    ----------
    margin, confidence_level : float
        Of the verdicts.
    random_state : int or numpy.random.Generator, optional
        Kept in the report.
    metrics : sequence of str, optional
        Metrics of the table `scores`.
    signal_transform : str
        Transformation of the signal.
    strata : "activity", array-like or callable
        Strata of the loci.
    similarity : str, mapping, or DataFrame, optional
        How the nearest cell type is found.
    """

    margin: float = 0.05
    confidence_level: float = 0.95
    random_state: int | np.random.Generator | None = 0
    metrics: Sequence[str] | None = None
    signal_transform: str = "arcsinh"
    strata: StrataChoice = "activity"
    similarity: Similarity | None = None

    def computed_metrics(self, label_kind: LabelKind) -> tuple[str, ...]:
        """Metrics that are shown, and the companion and ranks, which findings look at anyway."""
        shown = check_metrics(self.metrics, label_kind)
        ranks = ("spearman",) if label_kind == "continuous" else ()
        return tuple(dict.fromkeys((*shown, COMPANION_METRIC[label_kind], *ranks)))

    @property
    def seed(self) -> int | str | None:
        """The random state as a report can keep it: a generator by its name."""
        state = self.random_state
        if isinstance(state, np.random.Generator):
            return str(state)
        return None if state is None else int(state)


def check_options(options: AuditOptions) -> None:
    """Refuse options of another type or outside their range.

    Parameters
    ----------
    options : AuditOptions
        As the user gave them.

    Raises
    ------
    ValidationError
        Naming the first that is.
    """
    if not (is_number(options.margin) and 0 <= options.margin < 1):
        raise ValidationError(
            f"`margin` must be a skill in [0, 1); {options.margin!r} came. 0.05 is the default."
        )
    if not (is_number(options.confidence_level) and 0.5 < options.confidence_level < 1):
        raise ValidationError(
            f"`confidence_level` must be between 0.5 and 1; {options.confidence_level!r} came. "
            "Give 0.95 for one-sided tests at 5%."
        )
    check_signal_transform(options.signal_transform)
    state = options.random_state
    if not (state is None or isinstance(state, np.random.Generator) or _is_whole(state)):
        raise ValidationError(
            f"`random_state` must be a whole number or a numpy Generator; {state!r} came. Leave it "
            "out for 0."
        )
    check_similarity(options.similarity)


def check_parameters(parameters: Any, models: Sequence[str]) -> None:
    """Refuse numbers of parameters that are none, and those of models that are not there.

    Parameters
    ----------
    parameters : mapping of str to int, or None
        Model to its number of parameters.
    models : sequence of str
        Names of the models.

    Raises
    ------
    ValidationError
        Naming the first.
    """
    if parameters is not None and not isinstance(parameters, Mapping):
        raise ValidationError(
            "`parameters` must map names of models to their numbers of parameters; a "
            f"{type(parameters).__name__} came. Give for example {{{models[0]!r}: 12000}}."
        )
    unknown = [name for name in parameters or {} if name not in models]
    if unknown:
        raise ValidationError(
            f"`parameters` must name models of `preds`; {counted(len(unknown), 'other')} "
            f"came, the first {unknown[0]!r}. The models are {', '.join(models[:8])}."
        )
    for name, count in (parameters or {}).items():
        if not (is_number(count) and count >= 1 and count == np.floor(count)):
            raise ValidationError(
                f"`parameters` must be whole numbers of 1 or more; {count!r} came for {name!r}. "
                "Count the parameters, or leave the model out."
            )


def check_calls(executor: Any, progress: Any) -> None:
    """Refuse an executor that runs nothing, and a progress that cannot be called.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None
        Runs the targets.
    progress : callable or None
        Called with targets done and targets in all.

    Raises
    ------
    ValidationError
        Naming the one that is wrong.
    """
    if executor is not None and not callable(getattr(executor, "map", None)):
        raise ValidationError(
            f"`executor` must have a method `map`, as concurrent.futures has; {executor!r} came. "
            "Give for example ProcessPoolExecutor(4), or leave it out."
        )
    if progress is not None and not callable(progress):
        raise ValidationError(
            f"`progress` must be a function of (targets done, targets in all); {progress!r} came. "
            "Give for example print, or leave it out."
        )


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number, and no boolean."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)
