"""Memory that exact ranking needs, and what counts of distinct scores take."""

from bisect import bisect_left

import numpy as np

from leakcheck.base.counts import RankCounts
from leakcheck.scale.budget import Budget, parse_bytes

GIB = 1 << 30
WIDTHS = {"float32": 4, "float64": 8}


def least(n_loci, width):
    """The least limit under which a column of scores is ranked exactly."""
    return bisect_left(range(1 << 45), True, key=lambda b: Budget(b).fits_sort(n_loci, width))


def most(limit, width):
    """The longest column that is ranked exactly under a limit, to the nearest million below."""
    millions = range(1, 1_000)
    fits = [n for n in millions if Budget(limit).fits_sort(n * 1_000_000, width)]
    return fits[-1]


print(f"{'loci of a target':>16}" + "".join(f"{name:>12}" for name in WIDTHS))
for n_loci in (1_000_000, 10_000_000, 120_000_000):
    sizes = [f"{least(n_loci, width) / GIB:>8.2f} GiB" for width in WIDTHS.values()]
    print(f"{n_loci:>16,}" + "".join(sizes))
fits = " and ".join(f"{most(parse_bytes('1 GiB'), w)} million {n}" for n, w in WIDTHS.items())
print(f"The default of 1 GiB ranks {fits} scores exactly.")

scores = np.random.default_rng(0).permutation(10_000).astype(np.float32)
counts = RankCounts.from_scores(scores > 9_000, scores)
taken = counts.thresholds.nbytes + counts.positives.nbytes + counts.negatives.nbytes
print(f"Counts of distinct float32 scores: {taken / len(scores):.0f} bytes a locus.")
