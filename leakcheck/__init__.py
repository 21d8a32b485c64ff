"""Audit models that predict across cell types against what you get for free.

Names are imported when first used, so that ``import leakcheck`` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from leakcheck.exceptions import (
    GateError,
    LeakcheckError,
    LeakcheckWarning,
    MissingDependencyError,
    ValidationError,
)

if TYPE_CHECKING:
    from leakcheck import controls, scale, simulate, splits
    from leakcheck._audit.run import audit
    from leakcheck.baselines import compute_baseline_scores
    from leakcheck.callbacks import audit_callback
    from leakcheck.data import EvaluationSet, Loci, build_evaluation_set
    from leakcheck.design import Design, detect_design
    from leakcheck.estimators import audit_estimator
    from leakcheck.features_check import constant_features
    from leakcheck.ranking_metrics import auroc, average_precision, expected_average_precision
    from leakcheck.report import AuditReport

__version__ = "0.1.0"

__all__ = [
    "AuditReport",
    "Design",
    "EvaluationSet",
    "GateError",
    "LeakcheckError",
    "LeakcheckWarning",
    "Loci",
    "MissingDependencyError",
    "ValidationError",
    "audit",
    "audit_callback",
    "audit_estimator",
    "auroc",
    "average_precision",
    "build_evaluation_set",
    "compute_baseline_scores",
    "constant_features",
    "controls",
    "detect_design",
    "expected_average_precision",
    "scale",
    "simulate",
    "splits",
]

_HOMES = {
    "AuditReport": "leakcheck.report",
    "Design": "leakcheck.design",
    "EvaluationSet": "leakcheck.data",
    "Loci": "leakcheck.data",
    "audit": "leakcheck._audit.run",
    "audit_callback": "leakcheck.callbacks",
    "audit_estimator": "leakcheck.estimators",
    "auroc": "leakcheck.ranking_metrics",
    "average_precision": "leakcheck.ranking_metrics",
    "build_evaluation_set": "leakcheck.data",
    "compute_baseline_scores": "leakcheck.baselines",
    "constant_features": "leakcheck.features_check",
    "detect_design": "leakcheck.design",
    "expected_average_precision": "leakcheck.ranking_metrics",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in {"controls", "scale", "simulate", "splits"}:
        return importlib.import_module(f"leakcheck.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'leakcheck' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
