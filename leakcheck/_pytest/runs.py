"""Saved runs: results kept under ``.leakcheck/`` of the root directory, and compared with.

Not in pytest's cache, which can be switched off or cleared: a run may be a reference for months.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from leakcheck._files import write_text
from leakcheck._pytest.gates import did_you_mean

__all__ = ["compare", "describe_fall", "fall_bounds", "load_run", "run_path", "save_run"]

FOLDER: Final = ".leakcheck"
SCHEMA: Final = "leakcheck-run"
VERSION: Final = 1


def run_path(root: Path, name: str) -> Path:
    """File of a saved run."""
    return root / FOLDER / f"{name}.json"


def save_run(root: Path, name: str, audits: Sequence[Mapping[str, Any]]) -> Path:
    """Write a run beside and rename it; a run of that name is replaced."""
    path = run_path(root, name)
    write_text(path, dumps(SCHEMA, {audit["key"]: audit for audit in audits}))
    return path


def dumps(schema: str, audits: Any) -> str:
    """Results as a JSON text with a header."""
    content = {"schema": schema, "version": VERSION, "audits": audits}
    return json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def load_run(root: Path, name: str) -> dict[str, Any]:
    """Audits of a saved run, by key.

    Raises
    ------
    pytest.UsageError
        When there is no such run, or the file is not a run of this version.
    """
    path = run_path(root, name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = sorted(file.stem for file in path.parent.glob("*.json"))
        hint = did_you_mean(name, known) if known else " No run is saved there yet."
        raise pytest.UsageError(
            f"leakcheck: there is no saved run {name!r} in {path.parent}.{hint} "
            f"Save one: pytest --leakcheck-save={name}"
        ) from None
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"leakcheck: {path} cannot be read: {error}") from None
    header = {key: content.get(key) for key in ("schema", "version")} if _is_run(content) else {}
    if header != {"schema": SCHEMA, "version": VERSION}:
        raise pytest.UsageError(
            f"leakcheck: {path} is not a saved run of version {VERSION}. Save it again: "
            f"pytest --leakcheck-save={name}"
        )
    audits: dict[str, Any] = content["audits"]
    return audits


def _is_run(content: Any) -> bool:
    """Whether a JSON value looks like a run."""
    return isinstance(content, dict) and isinstance(content.get("audits"), dict)


def compare(
    now: Mapping[str, Any],
    saved: Mapping[str, Any] | None,
    baselines: Sequence[str],
    *,
    models: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Compare the skills of an audit with those of the saved run, target by target.

    Parameters
    ----------
    now, saved : mapping
        Payloads of the same audit; None where the saved run does not have it.
    baselines : sequence of str
        Baselines that are looked at.
    models, targets : sequence of str, optional
        Models and targets that are looked at; by default all.

    Returns
    -------
    dict
        ``known`` (the saved run has this audit), ``n`` comparisons, ``falls``: those where skill
        fell by more than its interval, the largest first, and ``same_labels``.
    """
    if saved is None:
        return {"known": False, "n": 0, "falls": [], "same_labels": None}
    before = {_row_key(row): row for row in saved["verdicts"]}
    asked = {"baseline": baselines, "model": models, "target": targets}
    falls, n = [], 0
    for row in now["verdicts"]:
        old = before.get(_row_key(row))
        if old is None or not _comparable(row, old):
            continue
        if any(names is not None and row[key] not in names for key, names in asked.items()):
            continue
        n += 1
        fall, low, high = fall_bounds(_skill(row), _skill(old))
        if low > 0:
            kept = ("model", "target", "baseline")
            values = {"fall": fall, "low": low, "high": high, "now": row["skill"]}
            falls.append({key: row[key] for key in kept} | values | {"saved": old["skill"]})
    falls.sort(key=lambda found: -found["fall"])
    parts = [audit["settings"].get("inputs") or {} for audit in (now, saved)]
    same = all(parts[0].get(part) == parts[1].get(part) for part in ("loci", "labels"))
    return {"known": True, "n": n, "falls": falls, "same_labels": same}


def _row_key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """What a row of verdicts is about."""
    return row["model"], row["target"], row["baseline"]


def _skill(row: Mapping[str, Any]) -> tuple[float, float, float]:
    """Skill with its interval."""
    return row["skill"], row["skill_ci_low"], row["skill_ci_high"]


def _comparable(*rows: Mapping[str, Any]) -> bool:
    """Whether every row has a skill with an interval."""
    return all(value is not None for row in rows for value in _skill(row))


def fall_bounds(
    now: tuple[float, float, float], saved: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Fall of a skill from the saved run to now, with its interval.

    Parameters
    ----------
    now, saved : tuple of float
        Skill, lower and upper bound.

    Returns
    -------
    tuple of float
        The fall (positive: worse than before), its lower and its upper bound.

    Notes
    -----
    The two intervals are put together as if the runs were independent (MOVER; Zou & Donner,
    Statistics in Medicine 27:1693, 2008, doi:10.1002/sim.3095). On the same loci the errors of
    both runs go together, and the interval is then wider than need be: fewer false alarms.

    Examples
    --------
    >>> [round(x, 3) for x in fall_bounds((0.3, 0.26, 0.34), (0.5, 0.47, 0.53))]
    [0.2, 0.15, 0.25]
    """
    fall = saved[0] - now[0]
    low = fall - math.hypot(saved[0] - saved[1], now[2] - now[0])
    high = fall + math.hypot(saved[2] - saved[0], now[0] - now[1])
    return fall, low, high


def describe_fall(title: str, run: str, comparison: Mapping[str, Any], where: str) -> str:
    """Say in ten lines what fell most, by how much, and where to look."""
    worst, n = comparison["falls"][0], len(comparison["falls"])
    same = "the same" if comparison["same_labels"] else "NOT the same"
    lines = (
        f"{title}: skill fell by more than its interval against the saved run {run!r}",
        f"  in:         {n} of {comparison['n']} comparisons; the largest fall:",
        f"  model:      {worst['model']}",
        f"  target:     {worst['target']}",
        f"  baseline:   {worst['baseline']}",
        f"  skill:      {worst['now']:+.3f}, and {worst['saved']:+.3f} in the saved run",
        f"  fall:       {worst['fall']:.3f} [{worst['low']:.3f}, {worst['high']:.3f}]",
        f"  labels:     {same} labels and loci as in the saved run",
        f"  look at:    {where}",
    )
    return "\n".join(lines)
