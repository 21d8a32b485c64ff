"""How cost grows with the number of loci: ``python -m benchmarks.growth``.

Each line is the slope of log time on log number of rows, by least squares: 1 is time in proportion
to the data, and a sort's n log n has about 1.06 between 1e4 and 3e7. The times of every size stand
in lines of their own, in multiples of ``np.sort`` of the same float32 scores.
"""

import math
import sys
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks._measure import Row, cpu_times, run, settled
from leakcheck.base.block_ranking import leave_one_block_out
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from leakcheck.base.ranking import average_precision

SIZES = {
    False: (10_000, 100_000, 1_000_000),
    True: (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000),
}
N_STRATA, N_BLOCKS = 54, 22
#: Where the data leave the caches a byte costs more: a slope may be a little above a sort's.
STEEPEST = 1.2

Work = Callable[[], object]


def rows(full: bool) -> list[Row]:
    """Multiples of a sort at each size, then the slopes."""
    sizes = SIZES[full]
    found = [row for n in sizes for row in _at(n)]
    names = list(dict.fromkeys(row.name.partition(", ")[0] for row in found))
    return found + [_slope(name, [r for r in found if r.name.startswith(name)]) for name in names]


def works(n: int) -> dict[str, Work]:
    """What is timed, on arrays that are made once; the last one is the yardstick."""
    rng = np.random.default_rng(0)
    activity = rng.standard_normal(n, dtype=np.float32)
    labels = activity + rng.standard_normal(n, dtype=np.float32) > 0.36
    scores = activity + rng.standard_normal(n, dtype=np.float32)
    strata = np.clip(np.rint(27 + 14 * activity), 0, N_STRATA - 1).astype(np.uint8)
    blocks = (np.arange(n) * N_BLOCKS // n).astype(np.uint8)

    def grouped() -> object:
        plan = GroupPlan.from_codes(strata, N_STRATA)
        return grouped_ranking_scores(labels, scores[:, None], plan)

    return {
        "average precision": lambda: average_precision(labels, scores),
        "three scores in 54 strata": grouped,
        "three scores without each of 22 blocks": lambda: leave_one_block_out(
            labels, scores, blocks, N_BLOCKS
        ),
        "numpy.sort": lambda: np.sort(scores),
    }


def _at(n: int) -> list[Row]:
    """Measure one size, all works taking turns."""
    times = cpu_times(works(n), repeats=5 if n <= 1_000_000 else 3)
    *ours, yardstick = times
    return [
        Row(
            name=f"{name}, {n:,} rows",
            peer="numpy.sort of the scores",
            ratio=_median([a / b for a, b in zip(times[name], times[yardstick], strict=True)]),
            ours=_median(times[name]),
            theirs=_median(times[yardstick]),
            n=n,
            unit="multiples of the sort",
            at_most=True,
        )
        for name in ours
    ]


def _slope(name: str, measured: Sequence[Row]) -> Row:
    """Slope of log time on log size; where it is too steep, sizes are measured again."""

    def fit(rounds: int) -> Row:
        used = measured if rounds == 1 else _again(name, measured)
        x = [math.log(row.size or 1) for row in used]
        y = [math.log(row.ours) for row in used]
        first, last = used[0].size, used[-1].size
        return Row(
            name=f"{name}: slope from {first:,} to {last:,} loci",
            peer="log time on log size",
            ratio=float(np.polyfit(x, y, 1)[0]),
            bound=STEEPEST,
            n=last,
            unit="slope",
            at_most=True,
        )

    return settled(fit, 1)


def _again(name: str, measured: Sequence[Row]) -> list[Row]:
    found = [row for old in measured for row in _at(old.size or 1)]
    return [row for row in found if row.name.startswith(name)]


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


if __name__ == "__main__":
    sys.exit(run("How cost grows with the number of loci.", rows))
