"""From the results of all targets to a report, wherever the data were."""

import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from leakcheck import __version__
from leakcheck._audit.options import AuditOptions
from leakcheck._audit.rows import TargetResult
from leakcheck._audit.tables import design_table, join, judged_tables, summary_table
from leakcheck._few_blocks import findings_of_silence
from leakcheck._typing import LabelKind
from leakcheck.checks import findings_table
from leakcheck.comparison import adjust_within
from leakcheck.diagnosis import InputFacts, findings_of_input, findings_of_results
from leakcheck.metrics import PRIMARY_METRIC, check_metrics
from leakcheck.report import AuditReport
from leakcheck.strata import WHOLE

__all__ = ["InputSettings", "assemble"]


@dataclass(frozen=True, kw_only=True)
class InputSettings:
    """What the report says about its input.

    Attributes
    ----------
    label_kind : {"binary", "continuous"}
        What the labels are.
    reference_source : str
        How the reference was named.
    references, targets, models : tuple of str
        Names.
    n_loci : int
        Number of loci.
    families : mapping of str to str
        Model to family.
    parameters : mapping of str to int
        Model to its number of parameters.
    hashes : mapping of str to str
        SHA-256 of each part of the content.
    """

    label_kind: LabelKind
    reference_source: str
    references: tuple[str, ...]
    targets: tuple[str, ...]
    models: tuple[str, ...]
    n_loci: int
    families: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, int] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    def as_settings(self) -> dict[str, Any]:
        """Lay them out as the report keeps them."""
        names, note = self.references, ""
        if self.reference_source == "inferred":
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            note = (
                "Reference cell types inferred from missing predictions: "
                f"{', '.join(names[:8])}{more}"
            )
        return {
            "leakcheck_version": __version__,
            "label_kind": self.label_kind,
            "reference_source": self.reference_source,
            "reference_note": note,
            "n_loci": self.n_loci,
            "n_models": len(self.models),
            "n_targets": len(self.targets),
            "targets": list(self.targets),
            "models": list(self.models),
            "reference_cell_types": list(names),
            "families": dict(self.families),
            "parameters": {name: int(count) for name, count in self.parameters.items()},
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "pandas": pd.__version__,
                "scipy": importlib.metadata.version("scipy"),
            },
            "inputs": dict(self.hashes),
        }


def assemble(
    results: Sequence[TargetResult],
    facts: InputFacts,
    inputs: InputSettings,
    options: AuditOptions,
    blocks: tuple[int, str],
    within_locus: pd.DataFrame,
    *,
    settings: Mapping[str, Any] | None = None,
) -> AuditReport:
    """Put the results of all targets together.

    Parameters
    ----------
    results : sequence of TargetResult
        All targets, in order.
    facts : InputFacts
        What findings say about the input.
    inputs : InputSettings
        What settings say about it.
    options : AuditOptions
        As the user gave them.
    blocks : tuple of (int, str)
        How many there are, and what they are.
    within_locus : DataFrame
        The table of that name.
    settings : mapping of str to any, optional
        Settings of the run.

    Returns
    -------
    AuditReport
    """
    kind, level = inputs.label_kind, options.confidence_level
    tables = _tables(results, kind, options, blocks) | {"within_locus": within_locus}
    found = findings_of_input(
        facts, [result.facts for result in results], blocks, options.signal_transform
    )
    left_out = {
        result.facts.name: answer.left_out
        for result in results
        for answer in result.information.values()
        if answer.left_out is not None
    }
    found += findings_of_silence(left_out, blocks[1], facts.chromosomes)
    found += findings_of_results(tables, options.margin, inputs.families)
    scores = tables["scores"]
    shown = check_metrics(options.metrics, kind)
    tables["scores"] = scores.loc[scores["metric"].isin(shown)].reset_index(drop=True)
    said = inputs.as_settings() | {
        "margin": float(options.margin),
        "confidence_level": float(level),
        "random_state": options.seed,
        "choices": {
            "blocks": blocks[1],
            "n_blocks": blocks[0],
            "nearest": results[0].facts.nearest_source,
            "strata": options.strata if isinstance(options.strata, str) else "custom",
            "signal_transform": options.signal_transform if facts.has_signal else "",
            "primary_metric": PRIMARY_METRIC[kind],
        },
    }
    said |= settings or {}
    return AuditReport(**tables, findings=findings_table(found), settings=said)


def _tables(
    results: Sequence[TargetResult],
    kind: LabelKind,
    options: AuditOptions,
    blocks: tuple[int, str],
) -> dict[str, pd.DataFrame]:
    """Make all tables but the findings and the comparison within loci."""
    level = options.confidence_level
    verdict, information = judged_tables(results, options.margin, level)
    comparisons = join("comparisons", (part for r in results for part in r.comparisons))
    by = comparisons.assign(whole=comparisons["stratum"] == WHOLE)
    keys = ["family_a", "family_b", "target", "whole"]
    for column in ("pvalue", "pvalue_loci"):
        comparisons[f"{column}_adjusted"] = adjust_within(by, keys, method="fdr_bh", column=column)
    return {
        "scores": join("scores", (result.scores for result in results)),
        "verdict": verdict,
        "information": information,
        "strata": join("strata", (part for result in results for part in result.strata)),
        "comparisons": comparisons,
        "design": design_table(results, blocks[1]),
        "summary": summary_table(verdict, kind, level),
        "ranks": join("ranks", (result.ranks for result in results if result.ranks)),
    }
