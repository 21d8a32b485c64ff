"""Where the time of an audit goes, by part, whatever its functions are called.

Time is booked on the module that spends it. Time in numpy, pandas, the standard library and the
kernels of floor 1 goes to the modules that called them, in proportion to their calls' time.
"""

import cProfile
import pstats
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import leakcheck

#: file, line, name, as in pstats
Function: TypeAlias = tuple[str, int, str]
Shares: TypeAlias = dict[str, float]

_ROOT = f"{Path(leakcheck.__file__).parent}/"
_OTHER = "other"

#: The first pattern that fits `module.function` names the part; where none fits, the caller's.
PARTS = (
    (r".*hash.*", "hashing"),
    (r"data/", "reading input"),
    (r"base/(block_ranking|_leave_out)|base/.*\bcolumn_without_blocks", "intervals"),
    (
        r"(memorization|information|_degenerate|features|panel_chunks|target_rows)\b",
        "information test",
    ),
    (r"base/(ridge|_ridge_tables|splines|columns)", "information test"),
    (r"(stratified|strata)\b|base/grouped|base/.*\bscores_in_strata", "strata"),
    (r"(correlations|likeness|nearest|near_values|baselines|panel|panel_rows)\b", "baselines"),
    (r"base/cell_type_sums", "baselines"),
    (r"metrics\b|base/(ranking|sorted_column|column_ranking)|.*_ranked\b", "ranking"),
    (r"base/conditional.*\bof\b", "ranking"),
    (r"(_audit/|_report|report|diagnosis|verdicts|comparison)", "tables and findings"),
    (r"(checks|design/|families|results|rank_profile)", "tables and findings"),
)


def seconds_by_part(work: Callable[[], object]) -> dict[str, float]:
    """Time of each part of a work by the clock, largest first.

    The clock costs less to look at than the processor's time, of which a hundred thousand small
    calls would make a second; take the shares from here and the whole from elsewhere.

    Parameters
    ----------
    work : callable
        Calls leakcheck; everything that it imports should have been imported.

    Returns
    -------
    dict of str to float
        Seconds; they sum to the whole.
    """
    profile = cProfile.Profile()
    profile.runcall(work)
    found: Shares = {}
    shares = _Callers(pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    for function, (_, _, own, _, _) in shares.stats.items():
        for part, share in shares.of(function).items():
            found[part] = found.get(part, 0.0) + own * share
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


class _Callers:
    """Shares of the parts in what each function does."""

    def __init__(self, stats: dict[Function, tuple[int, int, float, float, dict]]) -> None:
        self.stats = stats
        self._known: dict[Function, Shares] = {}
        self._open: set[Function] = set()

    def of(self, function: Function) -> Shares:
        """Parts that a function works for."""
        if function not in self._known:
            part = part_of(function)
            self._known[function] = {part: 1.0} if part else self._inherited(function)
        return self._known[function]

    def _inherited(self, function: Function) -> Shares:
        """Parts of the callers, by the time that they spend in it; recursion counts once."""
        self._open.add(function)
        callers = self.stats[function][4]
        found: Shares = {}
        for caller, (_, _, _, spent) in callers.items():
            if caller not in self._open and caller in self.stats:
                for part, share in self.of(caller).items():
                    found[part] = found.get(part, 0.0) + share * max(spent, 1e-12)
        self._open.discard(function)
        total = sum(found.values())
        return {part: share / total for part, share in found.items()} if total else {_OTHER: 1.0}


def part_of(function: Function) -> str:
    """Name the part that a function of leakcheck belongs to; "" where its callers decide."""
    file, _, name = function
    if not file.startswith(_ROOT):
        return ""
    place = f"{file.removeprefix(_ROOT).removesuffix('.py')}.{name}"
    return next((part for pattern, part in PARTS if re.match(pattern, place)), "")
