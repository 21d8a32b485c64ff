"""Overlaps of intervals against bioframe: ``python -m benchmarks.intervals``."""

import sys

import bioframe
import numpy as np
import pandas as pd

from benchmarks._measure import Row, compare, run
from leakcheck.base.intervals import IntervalIndex

QUICK, FULL = 100_000, 1_000_000


def rows(full: bool) -> list[Row]:
    """One line for each question: which of many intervals have an overlap, and how many."""
    n = FULL if full else QUICK
    rng = np.random.default_rng(0)
    known, asked = _intervals(rng, n), _intervals(rng, n)
    ours, theirs = _arrays(known), _arrays(asked)
    return [
        compare(
            f"overlaps of {n:,} x {n:,} intervals, {what}",
            lambda ask=ask: ask(IntervalIndex(*ours))(*theirs),
            lambda: bioframe.count_overlaps(asked, known),
            peer="bioframe.count_overlaps",
            bound=bound,
            repeats=5 if full else 3,
        )
        for what, ask, bound in (
            ("any", lambda index: index.overlapping, 2.0),
            ("counted", lambda index: index.count, 1.5),
        )
    ]


def _intervals(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Intervals of 500 bp at most on 22 chromosomes."""
    start = rng.integers(0, 200_000_000, n)
    chrom = np.array([f"chr{i}" for i in range(1, 23)], dtype=object)[rng.integers(0, 22, n)]
    return pd.DataFrame({"chrom": chrom, "start": start, "end": start + rng.integers(1, 500, n)})


def _arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of chromosomes, starts and ends."""
    codes = frame["chrom"].str.removeprefix("chr").astype(np.int64).to_numpy()
    return codes, frame["start"].to_numpy(), frame["end"].to_numpy()


if __name__ == "__main__":
    sys.exit(run("Overlaps of intervals against bioframe.", rows))
