"""The ratios of an earlier run on a quiet machine, which later runs are held against."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks._rows import Row

#: Committed; written by ``python -m benchmarks --record``.
RECORDED = Path(__file__).with_name("recorded.json")

#: In the place of a record: a run that is to be recorded is held against nothing.
NO_RECORD = Path(os.devnull)

#: A record is held against a run where these are the same: ratios differ between processors.
_COMPARABLE = ("processor", "numpy sort")


@dataclass(frozen=True)
class Record:
    """Recorded ratios of one benchmark in one mode.

    Attributes
    ----------
    ratios : mapping of str to float
        `Row.key` to ratio.
    note : str
        Why there are none, or why they are not held against this run; else "".
    """

    ratios: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def read(
        cls, path: Path, mode: str, benchmark: str, environment: Mapping[str, str]
    ) -> "Record":
        """Read the ratios that this run is to be held against."""
        if path == NO_RECORD:
            return cls()
        if not path.exists():
            return cls(note=f"no recorded ratios: {path.name} is absent")
        part = json.loads(path.read_text(encoding="utf-8")).get(mode, {})
        ratios = part.get("ratios", {}).get(benchmark)
        if not ratios:
            return cls(note=f"no recorded ratios of {benchmark} in the mode {mode}")
        then = part["environment"]
        for key in _COMPARABLE:
            if then.get(key) != environment.get(key):
                return cls(
                    note=f"not held against the recorded ratios: {key} was {then.get(key)}, "
                    f"and is {environment.get(key)}"
                )
        return cls(ratios)

    def beside(self, row: Row) -> Row:
        """The row with its recorded ratio."""
        return replace(row, recorded=self.ratios.get(row.key) if row.recordable else None)

    def unmatched(self, rows: Iterable[Row]) -> list[str]:
        """Say which measured rows have no record, and which records have no row."""
        keys = {row.key: row for row in rows if row.recordable}
        if not self.ratios:
            return [self.note] if self.note else []
        new = [key for key, row in keys.items() if key not in self.ratios and not row.skipped]
        gone = [key for key in self.ratios if key not in keys]
        found = [f"no recorded ratio: {key}" for key in new]
        return found + [f"recorded, and no longer measured: {key}" for key in gone]


def write_record(path: Path, mode: str, results: Mapping[str, Any]) -> None:
    """Keep the ratios of a run: of every benchmark that it holds, whole; others stay.

    Parameters
    ----------
    path : pathlib.Path
        The file; beside it a new one is written and renamed.
    mode : str
        "quick" or "full".
    results : mapping
        What `benchmarks.report.collect` gives.
    """
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    before = old.get(mode, {})
    ratios = dict(before.get("ratios", {}))
    for row in results["rows"]:
        ratios[row["benchmark"]] = {}
    for row in results["rows"]:
        if row["ratio"] is not None and row["recordable"]:
            ratios[row["benchmark"]][f"{row['name']} | {row['peer']}"] = round(row["ratio"], 4)
    old[mode] = {"environment": results["environment"], "ratios": ratios}
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(old, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)
