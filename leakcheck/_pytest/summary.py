"""What the terminal shows at the end: a line for each audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from leakcheck._report.words import clean, plural, signed_interval

__all__ = ["line_of", "outcome_of"]

_NAN = float("nan")


def outcome_of(audit: Mapping[str, Any]) -> str:
    """Word for the outcome, in capitals as pytest writes its own."""
    words = {"passed": "PASSED", "failed": "FAILED"}
    return words.get(audit["outcome"], "AUDITED")


def line_of(audit: Mapping[str, Any]) -> str:
    """One line: the outcome, the test, the audit's name, and what its models beat."""
    name = f" {audit['name']}" if audit["name"] else ""
    said = _what_was_found(audit) if audit["summary"] else "marked, and audited nothing"
    compared = _compared(audit["comparison"])
    return clean(f"{outcome_of(audit)} {audit['nodeid']}{name}: {said}{compared}")


def _what_was_found(audit: Mapping[str, Any]) -> str:
    """What the models beat, and whether they know the cell types."""
    gate = audit["gate"] or {}
    baselines = gate.get("baseline") or ("average-activity", "nearest-celltype")
    models = gate.get("models") or audit["settings"]["models"]
    targets = gate.get("targets") or audit["settings"]["targets"]
    one = f"{_of(models, audit['settings']['models'], 'model')} at "
    one += _of(targets, audit["settings"]["targets"], "target")
    verdicts = [
        row for row in audit["verdicts"] if row["model"] in models and row["target"] in targets
    ]
    summary = [row for row in audit["summary"] if row["model"] in models]
    if len(targets) < len(audit["settings"]["targets"]):  # its counts are over all targets
        summary = _recounted(summary, verdicts)
    parts = [_against(summary, baseline, len(models)) for baseline in baselines]
    return "; ".join([one, *filter(None, parts), _specific(verdicts, models)])


def _of(asked: Sequence[str], every: Sequence[str], noun: str) -> str:
    """How many a gate asks for, and of how many."""
    if len(asked) == len(every):
        return plural(len(asked), noun)
    return f"{len(asked)} of {plural(len(every), noun)}"


def _recounted(
    summary: Sequence[Mapping[str, Any]], verdicts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Count the verdicts over some of the targets; the skill over all of them is left out."""
    found = []
    for row in summary:
        own = [
            one["verdict"]
            for one in verdicts
            if one["model"] == row["model"] and one["baseline"] == row["baseline"]
        ]
        counts = {
            "n_targets": len(own),
            "n_beats": own.count("beats"),
            "n_not_testable": own.count("not-testable"),
        }
        found.append({**row, **counts, "skill": None, "ci_low": None, "ci_high": None})
    return found


def _against(summary: Sequence[Mapping[str, Any]], baseline: str, n_models: int) -> str:
    """One baseline: at how many targets a model beats it, or how many models beat it at all."""
    rows = [row for row in summary if row["baseline"] == baseline]
    if not rows:
        return ""
    if n_models == 1:
        row = rows[0]
        numbers = (_NAN if row[key] is None else row[key] for key in ("skill", "ci_low", "ci_high"))
        testable = row["n_targets"] - row["n_not_testable"]
        skill = "" if row["skill"] is None else f", skill {_interval(*numbers)}"
        return f"beats {baseline} at {row['n_beats']} of {testable}{skill}"
    better = sum(0 < row["n_beats"] == row["n_targets"] - row["n_not_testable"] for row in rows)
    return f"{better} of {n_models} beat {baseline}"


def _interval(skill: float, low: float, high: float) -> str:
    """Skill with its interval."""
    return signed_interval(skill, low, high)


def _specific(verdicts: Sequence[Mapping[str, Any]], models: Sequence[str]) -> str:
    """At how many pairs of model and target something specific was found."""
    found = {(row["model"], row["target"]): row["specificity"] for row in verdicts}
    n = sum(word == "cell-type-specific" for word in found.values())
    unit = "targets" if len(models) == 1 else "models x targets"
    return f"cell-type-specific at {n} of {len(found)} {unit}"


def _compared(comparison: Mapping[str, Any] | None) -> str:
    """What the comparison with a saved run found."""
    if comparison is None:
        return ""
    run = comparison["run"]
    if not comparison["known"]:
        return f"; not in the saved run {run!r}"
    n = len(comparison["falls"])
    other = "" if comparison["same_labels"] else ", on other labels or loci"
    return f"; skill fell in {n} of {comparison['n']} comparisons with run {run!r}{other}"
