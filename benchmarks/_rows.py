"""One line of a benchmark, how it is judged and how it is printed."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

#: A ratio so many times worse than the recorded one fails.
WORSE = 2.0

_SIZE = re.compile(r"([\d,]+) (?:rows|loci|x )")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a benchmark: how many times faster than a peer, and what is asked for.

    Where `at_most` is set, less is better: `ratio` is a slope, a memory peak or a multiple of some
    other work (`unit` says of what), and `bound` is its upper limit.
    """

    name: str
    peer: str
    ratio: float  # theirs / ours, the median over rounds
    ours: float = math.nan  # seconds of CPU time
    theirs: float = math.nan  # seconds of CPU time
    bound: float | None = None  # the ratio is to be at least this
    n: int | None = None
    unit: str = "times faster"
    at_most: bool = False
    skipped: str = ""  # why nothing was measured
    recorded: float | None = None  # the ratio of an earlier run
    retried: bool = False
    recordable: bool = True  # whether a later run is held against this one

    @property
    def size(self) -> int | None:
        """Rows of data, as given or as the name says."""
        found = _SIZE.search(self.name)
        return self.n if self.n or not found else int(found[1].replace(",", ""))

    @property
    def key(self) -> str:
        """What tells this line from others of one benchmark."""
        return f"{self.name} | {self.peer}"

    @property
    def keeps_bound(self) -> bool:
        """Whether the bound is kept, if there is one; a NaN keeps none."""
        return self.bound is None or self._as_good_as(self.bound)

    @property
    def keeps_record(self) -> bool:
        """Whether the ratio is less than twice as bad as the recorded one, if there is one."""
        if self.recorded is None:
            return True
        return self._as_good_as(self.recorded * WORSE if self.at_most else self.recorded / WORSE)

    @property
    def passed(self) -> bool:
        """Whether it was measured and keeps what is asked."""
        return not self.skipped and self.keeps_bound and self.keeps_record

    @property
    def failed(self) -> bool:
        """Whether it was measured and does not keep what is asked."""
        return not self.skipped and not self.passed

    @property
    def status(self) -> str:
        """Say in a word or two how the line stands."""
        if self.skipped:
            return "not measured"
        if not self.keeps_bound:
            return "MISSED"
        if not self.keeps_record:
            return "WORSE THAN RECORDED"
        return "passed"

    def _as_good_as(self, limit: float) -> bool:
        return self.ratio <= limit if self.at_most else self.ratio >= limit

    def eased(self, slack: float) -> "Row":
        """The row with an easier bound."""
        if self.bound is None:
            return self
        return replace(self, bound=self.bound * slack if self.at_most else self.bound / slack)

    def as_record(self) -> dict[str, Any]:
        """What the machine-readable file holds of it; no number that is not finite."""
        seconds = {"ours_seconds": self.ours, "theirs_seconds": self.theirs}
        numbers = {"ratio": self.ratio, **seconds}
        return {
            "name": self.name,
            "n": self.size,
            "peer": self.peer,
            **{key: value if math.isfinite(value) else None for key, value in numbers.items()},
            "unit": self.unit,
            "bound": self.bound,
            "at_most": self.at_most,
            "recorded": self.recorded,
            "recordable": self.recordable,
            "status": self.status,
            "reason": self.skipped,
        }


def missing(name: str, *, peer: str, reason: str, bound: float | None = None) -> Row:
    """Make the line of a peer that is not there: it is neither passed nor failed."""
    return Row(name=name, peer=peer, ratio=math.nan, bound=bound, skipped=reason)


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as text, with their ratios and bounds."""
    width = max((len(row.name) for row in rows), default=0)
    head = f"{'':{width}}  {'ours':>12}  {'theirs':>12}  {'ratio':>9}  {'bound':>8}  peer"
    return "\n".join([head, *(_line(row, width) for row in rows)])


def _line(row: Row, width: int) -> str:
    bound = "" if row.bound is None else f"{'<=' if row.at_most else ''}{_number(row.bound)}"
    if row.skipped:
        cells = f"{'-':>12}  {'-':>12}  {'-':>9}"
    else:
        cells = f"{_time(row.ours)}  {_time(row.theirs)}  {_number(row.ratio):>9}"
    note = "" if row.unit == "times faster" else f", {row.unit}"
    mark = "" if row.status == "passed" else f"  {row.status}"
    mark += f": {row.skipped}" if row.skipped else ""
    if row.failed and not row.keeps_record:
        mark += f" ({row.recorded:.2f})"
    mark += " (after a second look)" if row.retried and row.failed else ""
    return f"{row.name:{width}}  {cells}  {bound:>8}  {row.peer}{note}{mark}"


def _number(value: float) -> str:
    return f"{value:.1e}" if 0 < abs(value) < 0.01 else f"{value:.2f}"


def _time(seconds: float) -> str:
    return f"{'-':>12}" if math.isnan(seconds) else f"{seconds * 1e3:10.3f}ms"
