"""Run every benchmark in a process of its own, and put their results into one file.

A benchmark is a module of this folder with a function ``rows(full)``. In a process of its own none
meets the memory, the threads or the imports of another.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent

#: Exit statuses of a benchmark that came to its end.
_ENDED = (0, 1)

Runner = Callable[[Sequence[str]], tuple[int, str]]


def names() -> list[str]:
    """Name the benchmarks of this folder."""
    files = sorted(path for path in FOLDER.glob("*.py") if path.name[0] != "_")
    return [path.stem for path in files if "\ndef rows(" in path.read_text(encoding="utf-8")]


def collect(
    wanted: Sequence[str], mode: str, options: Sequence[str], runner: Runner | None = None
) -> dict[str, Any]:
    """Run benchmarks one after the other.

    Parameters
    ----------
    wanted : sequence of str
        Their names.
    mode : str
        "quick" or "full".
    options : sequence of str
        Further arguments for each of them.
    runner : callable, optional
        Runs a command; gives its status and what it printed.

    Returns
    -------
    dict
        ``environment``, ``rows`` (each with its ``benchmark``), ``notes``, ``broken``: benchmarks
        that did not come to their end; ``printed``: what each printed, under its name and sizes.
    """
    results: dict[str, Any] = {
        "environment": {}, "rows": [], "notes": [], "broken": [], "printed": {},
    }  # fmt: skip
    for name in wanted:
        status, text, found = _one(name, mode, options, runner or _tee)
        results["printed"][name] = f"== {name}, {mode} sizes\n{text}"
        if status not in _ENDED or found is None:
            results["broken"].append(name)
            continue
        results["environment"] |= found["environment"]
        results["rows"] += [{"benchmark": name, **row} for row in found["rows"]]
        results["notes"] += [f"{name}: {note}" for note in found["notes"]]
    return results


def beside(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Results of some benchmarks, and of the others from an earlier run.

    Parameters
    ----------
    new, old : dict
        From `collect`.

    Returns
    -------
    dict
        Of each benchmark the new results where there are any; sorted by name.

    Raises
    ------
    ValueError
        When the earlier run was on another machine: its ratios do not belong beside these.
    """
    if new["environment"] != old["environment"]:
        raise ValueError(
            f"the other benchmarks were measured with {old['environment']}, and these with "
            f"{new['environment']}; measure all of them, without --only"
        )
    printed = dict(sorted((old["printed"] | new["printed"]).items()))
    kept = [name for name in printed if name not in new["printed"]]
    rows = [row for row in old["rows"] if row["benchmark"] in kept] + new["rows"]
    notes = [note for note in old["notes"] if note.partition(":")[0] in kept] + new["notes"]
    return {
        "environment": new["environment"],
        "rows": sorted(rows, key=lambda row: row["benchmark"]),
        "notes": sorted(notes, key=lambda note: note.partition(":")[0]),
        "broken": [name for name in old["broken"] if name in kept] + new["broken"],
        "printed": printed,
    }


def as_text(results: dict[str, Any]) -> str:
    """Everything that was printed, and how it ended."""
    return "\n".join([*results["printed"].values(), summary(results)]) + "\n"


def _one(
    name: str, mode: str, options: Sequence[str], runner: Runner
) -> tuple[int, str, dict[str, Any] | None]:
    """Run one benchmark; what it found is None where it wrote nothing."""
    print(f"\n== {name}", flush=True)
    with TemporaryDirectory(prefix="leakcheck-bench-") as folder:
        path = Path(folder) / "rows.json"
        module = [sys.executable, "-m", f"benchmarks.{name}", f"--{mode}"]
        status, text = runner([*module, "--json", str(path), *options])
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return status, text, found


def _tee(command: Sequence[str]) -> tuple[int, str]:
    """Run a command, show what it prints as it comes, and keep it."""
    kept = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            kept.append(line)
    return process.returncode, "".join(kept)


def summary(results: dict[str, Any]) -> str:
    """Say in a few lines how a run ended."""
    rows = results["rows"]
    count = {
        word: sum(row["status"] == word for row in rows) for word in ("passed", "not measured")
    }
    failed = [row for row in rows if row["status"] not in count]
    lines = [f"{count['passed']} lines passed, {len(failed)} failed, {_not_measured(rows)}"]
    lines += [
        f"{row['status']}: {row['benchmark']}: {row['name']} | {row['peer']}" for row in failed
    ]
    lines += [f"BROKEN: {name} did not come to its end" for name in results["broken"]]
    return "\n".join([*lines, *results["notes"]])


def _not_measured(rows: Sequence[dict[str, Any]]) -> str:
    reasons = [f"{row['peer']}: {row['reason']}" for row in rows if row["status"] == "not measured"]
    listed = f" ({'; '.join(dict.fromkeys(reasons))})" if reasons else ""
    return f"{len(reasons)} not measured{listed}"


def has_failed(results: dict[str, Any]) -> bool:
    """Whether a line failed or a benchmark broke."""
    good = ("passed", "not measured")
    return bool(results["broken"]) or any(row["status"] not in good for row in results["rows"])
