"""How benchmarks measure: CPU time, contestants in turn, medians, ratios in one run."""

import argparse
import importlib.metadata
import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy._core._multiarray_umath import __cpu_features__

Work = Callable[[], object]

_SHORTEST = 0.01  # seconds of work between two looks at the clock


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a benchmark: how many times faster than a peer, and what is asked for."""

    name: str
    ours: float  # seconds of CPU time
    peer: str
    theirs: float  # seconds of CPU time
    ratio: float  # theirs / ours, the median over rounds
    bound: float | None = None  # the ratio is to be at least this

    @property
    def passed(self) -> bool:
        """Whether the ratio keeps the bound, if there is one."""
        return self.bound is None or self.ratio >= self.bound

    def eased(self, slack: float) -> "Row":
        """The row with its bound divided."""
        return replace(self, bound=None if self.bound is None else self.bound / slack)


def cpu_times(works: Mapping[str, Work], *, repeats: int = 5) -> dict[str, list[float]]:
    """CPU seconds of one call of each work, `repeats` times, the works taking turns."""
    calls = {name: _calls_needed(work) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            times[name].append(_time(work, calls[name]))
    return times


def compare(
    name: str,
    ours: Work,
    theirs: Work,
    *,
    peer: str,
    scale: float = 1.0,
    bound: float | None = None,
    repeats: int = 5,
) -> Row:
    """Measure two works in turn; the peer's time counts `scale` times."""
    times = cpu_times({"ours": ours, "theirs": theirs}, repeats=repeats)
    ratios = [scale * b / a for a, b in zip(times["ours"], times["theirs"], strict=True)]
    return Row(
        name=name,
        ours=statistics.median(times["ours"]),
        peer=peer,
        theirs=scale * statistics.median(times["theirs"]),
        ratio=statistics.median(ratios),
        bound=bound,
    )


def _time(work: Work, calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - start) / calls


def _calls_needed(work: Work) -> int:
    """Calls that fill the shortest measurement; the first call also warms up."""
    seconds = _time(work, 1)
    if seconds < _SHORTEST:
        seconds = _time(work, max(1, int(_SHORTEST / 10 / max(seconds, 1e-6))))
    return max(1, int(_SHORTEST / max(seconds, 1e-7)))


def sort_mode() -> str:
    """Which of numpy's vectorised sorts runs here; see `leakcheck._cpu`."""
    names = {"AVX-512": ("X86_V4", "AVX512_SKX"), "AVX2": ("X86_V3", "AVX2"), "NEON": ("ASIMD",)}
    for mode, keys in names.items():
        if any(__cpu_features__.get(key, False) for key in keys):
            return mode
    return "plain"


def environment() -> dict[str, str]:
    """What the numbers depend on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": importlib.metadata.version("scikit-learn"),
        "machine": platform.machine(),
        "numpy sort": sort_mode(),
        "threads": "1",
    }


def run(
    description: str, rows: Callable[[bool], Sequence[Row]], argv: Sequence[str] | None = None
) -> int:
    """Command line of a benchmark: print a table, write JSON if asked; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=description)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="under a minute (default)")
    size.add_argument("--full", action="store_true", help="the largest sizes too")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument(
        "--slack", type=float, default=1.0, help="divide the bounds by this on a busy machine"
    )
    options = parser.parse_args(argv)
    _settle_allocator()
    settings = environment()
    print(", ".join(f"{key} {value}" for key, value in settings.items()))
    found = [row.eased(options.slack) for row in rows(options.full)]
    print_table(found)
    if options.json:
        content = {"environment": settings, "rows": [vars(row) for row in found]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return int(not all(row.passed for row in found))


def _settle_allocator() -> None:
    """Free one large array, as any program that has read a table did.

    Until then the C library returns every array of more than 128 KiB to the system, and the first
    sizes measured would pay for page faults that later ones do not.
    """
    np.empty(1 << 24, dtype=np.uint8)


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows with their ratios and bounds."""
    width = max(len(row.name) for row in rows)
    print(f"{'':{width}}  {'ours':>10}  {'theirs':>10}  {'ratio':>7}  {'bound':>6}  peer")
    for row in rows:
        bound = "" if row.bound is None else f"{row.bound:.2f}"
        mark = "" if row.passed else "  MISSED"
        print(
            f"{row.name:{width}}  {row.ours * 1e3:8.3f}ms  {row.theirs * 1e3:8.3f}ms  "
            f"{row.ratio:7.2f}  {bound:>6}  {row.peer}{mark}"
        )
