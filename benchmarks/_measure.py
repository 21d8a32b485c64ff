"""How benchmarks measure: CPU time, contestants in turn, medians, ratios in one run."""

import argparse
import importlib.metadata
import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks._recorded import RECORDED, Record
from benchmarks._rows import Row, missing, table
from leakcheck._cpu import processor, sort_mode

__all__ = ["Row", "compare", "cpu_times", "environment", "missing", "run", "settled"]

Work = Callable[[], object]

_SHORTEST = 0.01  # seconds of work between two looks at the clock
_SECOND_LOOK = 3  # so many times the repeats where a line fails


@dataclass
class _Standard:
    """What rows are held against while they are measured; `run` sets it."""

    record: Record = field(default_factory=Record)
    slack: float = 1.0

    def held(self, row: Row) -> Row:
        """The row with the bound and the recorded ratio that count."""
        return self.record.beside(row.eased(self.slack))


_standard = _Standard()


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
    n: int | None = None,
) -> Row:
    """Measure two works in turn; the peer's time counts `scale` times."""

    def measure(rounds: int) -> Row:
        times = cpu_times({"ours": ours, "theirs": theirs}, repeats=rounds)
        ratios = [scale * b / a for a, b in zip(times["ours"], times["theirs"], strict=True)]
        return Row(
            name=name,
            ours=statistics.median(times["ours"]),
            peer=peer,
            theirs=scale * statistics.median(times["theirs"]),
            ratio=statistics.median(ratios),
            bound=bound,
            n=n,
        )

    return settled(measure, repeats)


def settled(measure: Callable[[int], Row], repeats: int) -> Row:
    """Measure a line; where it fails, once more with more repeats, and that is what counts.

    A machine that does other work for a second makes one line fail; a loss of speed makes it fail
    twice.
    """
    first = measure(repeats)
    if not _standard.held(first).failed:
        return first
    return replace(measure(_SECOND_LOOK * repeats), retried=True)


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


def environment() -> dict[str, str]:
    """What the numbers depend on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": importlib.metadata.version("scikit-learn"),
        "processor": processor(),
        "numpy sort": sort_mode(),
        "threads": "1",
    }


def run(
    description: str, rows: Callable[[bool], Sequence[Row]], argv: Sequence[str] | None = None
) -> int:
    """Command line of a benchmark: print a table, write JSON if asked; 1 if a line fails."""
    options = _options(description).parse_args(argv)
    _settle_allocator()
    settings = environment()
    mode = "full" if options.full else "quick"
    benchmark = Path(rows.__code__.co_filename).stem
    _standard.record = Record.read(options.recorded, mode, benchmark, settings)
    _standard.slack = options.slack
    print(", ".join(f"{key} {value}" for key, value in settings.items()))
    found = _measured_twice_where_failed(lambda: rows(options.full))
    print(table(found))
    notes = _standard.record.unmatched(found)
    print("".join(f"{note}\n" for note in notes), end="")
    if options.json:
        lines = [row.as_record() for row in found]
        content = {"environment": settings, "rows": lines, "notes": notes}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return int(any(row.failed for row in found))


def _measured_twice_where_failed(rows: Callable[[], Sequence[Row]]) -> list[Row]:
    """Measure all rows; where some failed that nobody looked at twice, all of them again."""
    found = [_standard.held(row) for row in rows()]
    if any(row.failed and not row.retried for row in found):
        print("some lines failed: measuring once more")
        again = {row.key: replace(_standard.held(row), retried=True) for row in rows()}
        found = [
            again.get(row.key, row) if row.failed and not row.retried else row for row in found
        ]
    return found


def _options(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes (default)")
    size.add_argument("--full", action="store_true", help="the largest sizes too")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument(
        "--slack", type=float, default=1.0, help="ease the bounds by this on a busy machine"
    )
    parser.add_argument(
        "--recorded", type=Path, default=RECORDED, help="fail on ratios twice as bad as in here"
    )
    return parser


def _settle_allocator() -> None:
    """Free one large array, as any program that has read a table did.

    Until then the C library returns every array of more than 128 KiB to the system, and the first
    sizes measured would pay for page faults that later ones do not.
    """
    np.empty(1 << 24, dtype=np.uint8)
