"""Models: their names, their families, and their scores as numbers."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import FloatArray
from leakcheck.data.arrays import as_frame, is_frame, is_numeric, no_numbers
from leakcheck.data.wording import did_you_mean, listing, share, shown
from leakcheck.exceptions import ValidationError

__all__ = ["RESERVED_NAMES", "Models", "argument_of", "as_scores", "read_models"]

#: Names of baselines and bounds: they are rows of the tables of scores beside the models.
RESERVED_NAMES = (
    "average-activity",
    "average-signal",
    "nearest-celltype",
    "k-nearest-celltypes",
    "prevalence",
    "oracle",
    "supervised-ceiling",
)


class Models(NamedTuple):
    """Predictions as they came, by model, and the families that were named."""

    predictions: dict[str, Any]
    families: dict[str, str]


def argument_of(model: str, models: Iterable[str]) -> str:
    """Write the argument that the predictions of one of the models came in."""
    return "preds" if set(models) == {"model"} else f"preds[{model!r}]"


def read_models(preds: Any, families: Mapping[str, str] | None, *, wide: bool) -> Models:
    """Read `preds`: one model, a mapping of models, or a mapping of families of models."""
    if preds is None:
        raise ValidationError(
            "`preds` must be the predictions of at least one model; it is missing (None). Pass an "
            "array, a table of loci x cell types, or a mapping from model name to these."
        )
    if not wide and is_frame(preds):
        frame = as_frame(preds)
        preds = {name: frame.iloc[:, i] for i, name in enumerate(_checked(list(frame.columns)))}
    if not isinstance(preds, Mapping):
        flat: dict[str, Any] = {"model": preds}
        nested: dict[str, str] = {}
    else:
        flat, nested = _flatten(preds)
    if families is not None and nested:
        raise ValidationError(
            "`families` must be left out when `preds` is nested, family -> model -> predictions; "
            "both were given. Keep one of the two."
        )
    return Models(flat, nested or _check_families(families, tuple(flat)))


def _flatten(preds: Mapping[Any, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Flatten family -> model -> predictions; a flat mapping has no families."""
    inner = [name for name, value in preds.items() if isinstance(value, Mapping)]
    if not preds or any(not preds[family] for family in inner):
        raise ValidationError(
            "`preds` must hold at least one model; the mapping is empty. Pass a mapping from model "
            "name to predictions."
        )
    if not inner:
        return dict(zip(_checked(list(preds)), preds.values(), strict=True)), {}
    if len(inner) < len(preds):
        flat = next(name for name in preds if name not in inner)
        raise ValidationError(
            "`preds` must be model -> predictions or family -> model -> predictions throughout; "
            f"{inner[0]!r} is a family and {flat!r} is not. Put {flat!r} into a family."
        )
    pairs = [(family, model) for family in preds for model in preds[family]]
    names = _checked([model for _, model in pairs])
    _checked(list(preds), "families")
    return (
        {model: preds[family][model] for family, model in pairs},
        dict(zip(names, (family for family, _ in pairs), strict=True)),
    )


def _checked(names: list[Any], what: str = "models") -> list[str]:
    """Refuse names that are not strings, empty, repeated or those of baselines."""
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise ValidationError(
                f"`preds` must name its {what} with non-empty strings; one name is {name!r}. "
                "Rename it."
            )
    taken = [name for name in names if name in RESERVED_NAMES]
    if taken:
        raise ValidationError(
            f"`preds` must not use the names of baselines for its {what}; it has {listing(taken)}. "
            f"Rename {'it' if len(taken) == 1 else 'them'}, for example 'my-{taken[0]}'."
        )
    twice = list(dict.fromkeys(name for name in names if names.count(name) > 1))
    if twice:
        raise ValidationError(
            f"`preds` must name each of its {what} once; repeated: {listing(twice)}. Rename them."
        )
    return names


def _check_families(families: Any, models: tuple[str, ...]) -> dict[str, str]:
    """Refuse families of models that are not there."""
    if families is None:
        return {}
    if not isinstance(families, Mapping):
        raise ValidationError(
            "`families` must map names of models to names of families; it is a "
            f"{type(families).__name__}. Give for example {{{models[0]!r}: 'net'}}."
        )
    unknown = [name for name in families if name not in models]
    if unknown:
        raise ValidationError(
            f"`families` names models that are not in `preds`: {listing(unknown)}."
            f"{did_you_mean(unknown[0], models) or f' Known are {listing(models)}.'}"
        )
    bad = [family for family in families.values() if not isinstance(family, str) or not family]
    if bad:
        raise ValidationError(
            f"`families` must name families with non-empty strings; one is {bad[0]!r}. Rename it."
        )
    return dict(families)


def as_scores(raw: NDArray[Any], argument: str) -> FloatArray:
    """Give the scores of a model as float32 or float64; neither is copied."""
    if not is_numeric(raw):
        text, remedy = no_numbers(raw)
        raise ValidationError(
            f"`{argument}` must be numbers; {share(len(text), raw.size, 'value', 'is/are')} not, "
            f"the first is {shown(text[0])}. {remedy}"
        )
    narrow = raw.dtype in (np.float16, np.float32)
    scores: FloatArray = raw.astype(np.float32 if narrow else np.float64, copy=False)
    infinite = int(np.isinf(scores).sum())
    if infinite:
        first = np.argwhere(np.isinf(scores))[0]
        where = f"row {first[0]}" + (f", column {first[1]}" if scores.ndim == 2 else "")
        raise ValidationError(
            f"`{argument}` must be finite; {share(infinite, raw.size, 'value', 'is/are')} "
            f"infinite, the first is {where}. Clip them, for example numpy.clip(p, 1e-7, 1 - 1e-7) "
            "before a logit."
        )
    return scores
