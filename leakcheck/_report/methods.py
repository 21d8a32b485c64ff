"""What was done, in sentences with the numbers used."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from leakcheck._report.rows import distinct
from leakcheck._report.words import interval_level, joined, metric_label, plural
from leakcheck.information import ALLOWANCE

__all__ = ["held_out_in_turn", "methods", "setting"]

_SETTINGS: Final = {
    "cross-cell-type": "cross-cell-type: the same loci, a cell type that is new",
    "cross-chromosome": "cross-chromosome: new loci, a cell type that was seen",
    "hybrid": "hybrid: new loci in a new cell type",
    "random": "random: only the pairs of locus and cell type are new",
    "mixed": "mixed: pairs of several settings",
}


def setting(design: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Name the settings of the targets, and what the references are."""
    counts = Counter(design["setting"].tolist())
    several = len(counts) > 1
    names = [
        _SETTINGS.get(key, key) + (f" ({count} of {len(design)} targets)" if several else "")
        for key, count in counts.most_common()
    ]
    references = plural(len(settings.get("reference_cell_types", [])), "reference cell type")
    return f"{'; '.join(names) or 'unknown'}. {references}{held_out_in_turn(settings)}."


def held_out_in_turn(settings: Mapping[str, Any]) -> str:
    """Say under leave-one-out that no target is its own reference: the references count it too."""
    in_turn = settings.get("reference_source") == "leave-one-out"
    return ", each target held out in turn" if in_turn else ""


def methods(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> str:
    """Describe the audit as a paper's methods section would."""
    return " ".join(
        [
            _compared(tables["verdict"], settings),
            _baselines(tables["design"], settings),
            _metrics(tables["verdict"]),
            _intervals(tables["design"], settings),
            _rules(settings),
        ]
    )


def _compared(verdict: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Count models, loci and targets."""
    models, targets = distinct(verdict, "model"), distinct(verdict, "target")
    return (
        f"Predictions of {plural(len(models), 'model')} at "
        f"{plural(settings.get('n_loci', 0), 'locus', 'loci')} were compared with the labels of "
        f"{plural(len(targets), 'target cell type')} ({joined(targets, 6) or 'none'})."
    )


def _baselines(design: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Say what the baselines were computed from."""
    references = _references(design, len(settings.get("reference_cell_types", [])))
    return (
        f"Baselines were computed from {references}, never from a target: the average activity of "
        f"each locus, and the nearest cell type{_nearest(design)}."
    )


def _intervals(design: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Say how the intervals were made."""
    return (
        "Intervals are those of a weighted leave-one-block-out jackknife of the paired difference "
        f"over {_blocks(design)}; each bound holds with "
        f"{100 * settings['confidence_level']:.3g}% confidence, so that two make the "
        f"{interval_level(settings)} interval."
    )


def _rules(settings: Mapping[str, Any]) -> str:
    """Say how verdicts follow from intervals."""
    return (
        "A model beats a baseline where the lower bounds of both metrics are above zero; it does "
        "not beat it where the upper bound of the skill is below the margin of "
        f"{settings['margin']:g}; otherwise the comparison is inconclusive. P-values were adjusted "
        "over targets by Holm's method. Whether a model is cell-type-specific was tested by the "
        "generalised covariance measure, given everything that the reference cell types tell, "
        f"against a part correlation of {ALLOWANCE:g}."
    )


def _metrics(verdict: pd.DataFrame) -> str:
    """Name the metric, its companion and the skill."""
    metrics = [metric_label(metric) for metric in distinct(verdict, "metric")]
    companions = [metric_label(name) for name in distinct(verdict, "companion_metric") if name]
    name = " or ".join(metrics) or "the metric"
    ties = ", averaged over random orders inside ties" if "AP" in metrics else ""
    beside = f"; {' or '.join(companions)} was tested beside it" if companions else ""
    return (
        f"Skill is the share of the way from the baseline to perfection in {name}{ties}: 0 is the "
        f"baseline, 1 is perfect{beside}."
    )


def _span(design: pd.DataFrame, column: str) -> tuple[int, int]:
    """Least and greatest count over the targets."""
    counts = design[column].tolist()
    return (min(counts), max(counts)) if counts else (0, 0)


def _references(design: pd.DataFrame, total: int) -> str:
    """Count the reference cell types, where targets have different ones too."""
    low, high = _span(design, "n_reference")
    if not high:
        return plural(total, "reference cell type")
    return (
        plural(high, "reference cell type")
        if low == high
        else (f"{low} to {high} reference cell types (by target)")
    )


def _nearest(design: pd.DataFrame) -> str:
    """Say how the nearest cell type was found, and which it was where targets are few."""
    sources = [source for source in distinct(design, "nearest_source") if source]
    found = f" (found by: {', '.join(sources)}" if sources else " ("
    pairs = zip(design["target"].tolist(), design["nearest"].tolist(), strict=True)
    named = [f"{nearest} for {target}" for target, nearest in pairs if nearest]
    if not sources and not named:
        return ""
    return f"{found}{'; ' if sources and named else ''}{joined(named, 6)})"


def _blocks(design: pd.DataFrame) -> str:
    """Count the blocks and say what they are."""
    low, high = _span(design, "n_blocks")
    counts = str(high) if low == high else f"{low} to {high}"
    kinds = [kind for kind in distinct(design, "blocks") if kind]
    return f"{counts} blocks" + (f" ({', '.join(kinds)})" if kinds else "")
