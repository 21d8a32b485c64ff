"""Reports with known content, made without an audit."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leakcheck.checks import findings_table, make_finding
from leakcheck.report import AuditReport
from leakcheck.results import build_table, empty_table
from leakcheck.small_wins import too_small_wins
from leakcheck.verdicts import (
    conclusion,
    judge_verdicts,
    summarise_verdicts,
    utility,
)

#: model kind -> (skill over the average, specificity)
KINDS: dict[str, tuple[float, str]] = {
    "honest": (0.42, "cell-type-specific"),
    "memoriser": (-0.60, "consistent-with-memorisation"),
    "mixture": (0.02, "cell-type-specific"),
    "copier": (0.20, "inconclusive"),
    "random": (-3.80, "consistent-with-memorisation"),
    "oracle": (0.95, "cell-type-specific"),
}
BASELINES = {"average-activity": 0.90, "nearest-celltype": 0.92}
WIDTH = 0.12


def model_names(n_models: int) -> list[str]:
    kinds = list(KINDS)
    if n_models <= len(kinds):
        return kinds[:n_models]
    return [f"{kinds[i % len(kinds)]}-{i:03d}" for i in range(n_models)]


def kind_of(model: str) -> str:
    return next((kind for kind in KINDS if model.startswith(kind)), "random")


def target_names(n_targets: int) -> list[str]:
    return [f"E{3 + i:03d}" for i in range(n_targets)]


def verdict_rows(models: list[str], targets: list[str], margin: float) -> pd.DataFrame:
    rows = []
    for m, model in enumerate(models):
        centre, specificity = KINDS[kind_of(model)]
        for t, target in enumerate(targets):
            shift = 0.03 * np.sin(t)
            average = BASELINES["average-activity"] + shift
            score = average + (centre + 0.05 * np.cos(3 * t + m)) * (1 - average)
            for baseline, value in BASELINES.items():
                gap = 1 - (value + shift)
                skill = 1 - (1 - score) / gap
                rows.append(
                    {
                        "model": model,
                        "target": target,
                        "baseline": baseline,
                        "metric": "expected_average_precision",
                        "difference": skill * gap,
                        "ci_low": (skill - WIDTH) * gap,
                        "ci_high": (skill + WIDTH) * gap,
                        "skill": skill,
                        "pvalue": 0.001 if skill > WIDTH else 0.4,
                        "pvalue_adjusted": 0.01 if skill > WIDTH else 1.0,
                        "specificity": specificity,
                        "model_value": score,
                        "baseline_value": 1 - gap,
                        "skill_ci_low": skill - WIDTH,
                        "skill_ci_high": skill + WIDTH,
                        "skill_se": WIDTH / 1.72,
                        "degrees_of_freedom": 21.0,
                        "companion_metric": "auroc",
                        "companion_difference": skill / 20,
                        "companion_ci_low": (skill - WIDTH) / 20,
                        "companion_ci_high": (skill + WIDTH) / 20,
                        "companion_se": WIDTH / 20,
                        "minimum_detectable_gain": 2.6 * WIDTH / 1.72,
                        "tested": "skill",
                        "difference_se": WIDTH * gap / 1.72,
                    }
                )
    frame = pd.DataFrame(rows)
    verdict = build_table("verdict", {name: frame[name] for name in frame} if rows else {})
    words, flags = judge_verdicts(verdict, margin)
    return verdict.assign(verdict=words, flag=flags)


def scores_rows(verdict: pd.DataFrame, targets: list[str]) -> pd.DataFrame:
    first = verdict.drop_duplicates(["model", "target"])
    rows = [
        (row.model, row.target, row.model_value, "model") for row in first.itertuples(index=False)
    ]
    for t, target in enumerate(targets):
        for baseline, value in BASELINES.items():
            rows.append((baseline, target, value + 0.03 * np.sin(t), "baseline"))
        rows.append(("prevalence", target, 0.52, "baseline"))
        rows.append(("supervised-ceiling", target, 0.985, "bound"))
        rows.append(("oracle", target, 0.99, "bound"))
    columns: dict[str, list[Any]] = {name: [] for name in (
        "model", "target", "metric", "value", "ci_low", "ci_high", "prevalence", "n_loci",
        "n_positive", "kind", "no_skill")}  # fmt: skip
    for metric, shift in (
        ("average_precision", 0.0),
        ("expected_average_precision", 0.0),
        ("auroc", -0.01),
    ):
        for model, target, value, kind in rows:
            noise = metric == "auroc" and kind == "model" and kind_of(model) == "random"
            here = 0.502 if noise else float(np.clip(value + shift, 0, 1))
            values = (model, target, metric, here, max(here - 0.01, 0), min(here + 0.01, 1), 0.52,
                      18915, 9836, kind, 0.5 if metric == "auroc" else 0.52)  # fmt: skip
            for name, item in zip(columns, values, strict=True):
                columns[name].append(item)
    return build_table("scores", columns)


def strata_rows(models: list[str], targets: list[str], n_strata: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    columns: dict[str, list[Any]] = {name: [] for name in (
        "model", "target", "stratum", "metric", "value", "prevalence", "n_loci", "n_positive",
        "reason", "kind", "no_skill")}  # fmt: skip
    entries = [(model, "model") for model in models] + [(name, "baseline") for name in BASELINES]
    gain = {"honest": 0.5, "oracle": 0.95, "mixture": 0.2, "copier": 0.3, "nearest": 0.3}
    for target in targets:
        for k in range(1, n_strata + 1):
            prevalence = k / (n_strata + 1)
            for model, kind in entries:
                undefined = k == 2
                skill = gain.get(kind_of(model), 0.0)
                value = prevalence + skill * (1 - prevalence) + rng.normal(0, 0.015)
                values = (model, target, str(k), "average_precision",
                          np.nan if undefined else float(np.clip(value, 0, 1)), prevalence, 300,
                          int(300 * prevalence), "fewer than 10 of a class" if undefined else "",
                          kind, prevalence)  # fmt: skip
                for name, item in zip(columns, values, strict=True):
                    columns[name].append(item)
    return build_table("strata", columns)


def comparison_rows(targets: list[str], n_strata: int) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    columns: dict[str, list[Any]] = {}
    for target in targets:
        for k in range(1, n_strata + 1):
            p = float(10 ** -rng.uniform(0, 5))
            row = {
                "family_a": "honest", "family_b": "memoriser", "target": target, "stratum": str(k),
                "metric": "average_precision", "statistic": 90.0,
                "pvalue": np.nan if k == 2 else p, "pvalue_adjusted": np.nan if k == 2 else
                min(1.0, 2 * p), "effect_size": 0.9, "n_a": 10, "n_b": 10, "method": "exact",
                "reason": "fewer than 5 of a class" if k == 2 else "",
                "difference": 0.02, "ci_low": 0.01, "ci_high": 0.03, "pvalue_loci": 0.01,
            }  # fmt: skip
            for name, item in row.items():
                columns.setdefault(name, []).append(item)
    return build_table("comparisons", columns)


def finding_rows(models: list[str]) -> pd.DataFrame:
    worst = next((model for model in models if kind_of(model) == "memoriser"), "")
    lost = [make_finding("LK003", evidence="AP 0.840", model=worst, target="E003")] if worst else []
    findings = [
        *lost,
        make_finding("LK018", evidence="12 of 18,915 loci have none"),
        make_finding(
            "LK009",
            evidence="E024 is nearer (r = 0.973) than 95% of pairs of reference cell types (0.951)",
            target="E003",
        ),
        make_finding("LK017", evidence="20 of 18,915 labels are missing", target="E003"),
        make_finding("LK017", evidence="31 of 18,915 labels are missing", target="E004"),
    ]
    return findings_table(findings)


def make_report(
    n_models: int = 2,
    n_targets: int = 1,
    *,
    n_strata: int = 6,
    margin: float = 0.05,
    models: list[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> AuditReport:
    """A report whose models are of the kinds of `KINDS`."""
    names = model_names(n_models) if models is None else models
    targets = target_names(n_targets)
    verdict = verdict_rows(names, targets, margin)
    made = {
        "scores": scores_rows(verdict, targets),
        "verdict": verdict,
        "information": information_rows(verdict),
        "strata": strata_rows(names, targets, n_strata),
        "comparisons": comparison_rows(targets, n_strata),
        "findings": finding_rows(names),
        "design": design_rows(targets),
        "summary": summary_rows(verdict),
        "within_locus": empty_table("within_locus"),
    }
    base = {
        "schema_version": 1,
        "leakcheck_version": "0.1.0",
        "label_kind": "binary",
        "margin": margin,
        "confidence_level": 0.95,
        "random_state": 0,
        "reference_note": "",
        "n_loci": 18915,
        "n_models": len(names),
        "n_targets": n_targets,
        "targets": targets,
        "models": names,
        "reference_cell_types": [f"E{i:03d}" for i in range(100, 155)],
        "parameters": {},
        "versions": {"numpy": "2.0"},
        "inputs": {},
        "choices": {"similarity": "labels of other chromosomes"},
    }
    return AuditReport(**(made | dict(tables or {})), settings=base | dict(settings or {}))


def information_rows(verdict: pd.DataFrame) -> pd.DataFrame:
    judged = utility(verdict)
    specificities = [KINDS[kind_of(model)][1] for model in judged["model"]]
    chance = [kind_of(model) == "random" for model in judged["model"]]
    small = too_small_wins(verdict)
    little = [pair in small for pair in zip(judged["model"], judged["target"], strict=True)]
    pairs = zip(judged["utility"], specificities, chance, little, strict=True)
    return build_table(
        "information",
        {
            "model": judged["model"],
            "target": judged["target"],
            "specificity": specificities,
            "statistic": np.full(len(judged), 2.5),
            "pvalue": np.full(len(judged), 0.02),
            "pvalue_adjusted": np.full(len(judged), 0.04),
            "degrees_of_freedom": np.full(len(judged), 21.0),
            "spearman_with_average": np.full(len(judged), 0.93),
            "utility": judged["utility"],
            "conclusion": [conclusion(*pair) for pair in pairs],
        },
    )


def summary_rows(verdict: pd.DataFrame) -> pd.DataFrame:
    counts = summarise_verdicts(verdict)
    skill = [
        verdict.loc[(verdict["model"] == m) & (verdict["baseline"] == b), "skill"].mean()
        for m, b in zip(counts["model"], counts["baseline"], strict=True)
    ]
    columns = {name: counts[name] for name in counts}
    low, high = np.array(skill) - WIDTH / 2, np.array(skill) + WIDTH / 2
    return build_table("summary", columns | {"skill": skill, "ci_low": low, "ci_high": high})


def design_rows(targets: list[str]) -> pd.DataFrame:
    n = len(targets)
    return build_table(
        "design",
        {
            "target": targets, "setting": ["cross-cell-type"] * n, "setting_share": [1.0] * n,
            "n_loci": [18915] * n, "n_hybrid_loci": [0] * n, "n_reference": [55] * n,
            "n_never_active": [1180] * n, "n_always_active": [7349] * n, "n_variable": [10386] * n,
            "nearest": ["E024"] * n, "nearest_source": ["labels of other chromosomes"] * n,
            "nearest_correlation": [0.972856] * n, "nearest_agreement": [0.961195] * n,
            "n_blocks": [22] * n, "blocks": ["chromosomes"] * n,
        },
    )  # fmt: skip
