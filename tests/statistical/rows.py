"""A row of the table of error rates, and the replicates that it is the mean of."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One claim: a rate, the side on which it must stay, and its bound; context has neither."""

    claim: str
    rate: float
    side: str
    bound: float | None
    n: int

    def holds(self, errors: float = 0.0) -> bool:
        """Whether the rate keeps its bound, give or take some binomial standard errors."""
        if self.bound is None:
            return True
        slack = errors * np.sqrt(self.bound * (1 - self.bound) / self.n)
        if self.side == "=":
            return abs(self.rate - self.bound) < 1e-12
        if self.side == "<=":
            return self.rate <= self.bound + slack
        return self.rate >= self.bound - slack

    def __str__(self) -> str:
        mark = "" if self.holds() else " **missed**"
        bound = "none: for comparison" if self.bound is None else f"{self.side} {self.bound:g}"
        return f"| {self.claim} | {bound} | {self.rate:.3f}{mark} | {self.n} |"


def repeat(scenario, replicates, jobs, first_seed=0):
    """Run a scenario with many seeds; one array for each name."""
    seeds = range(first_seed, first_seed + replicates)
    if jobs == 1:
        found = [scenario(seed) for seed in seeds]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            found = list(pool.map(scenario, seeds, chunksize=4))
    return {name: np.array([one[name] for one in found]) for name in found[0]}
