"""Jackknife and block bootstrap against scikit-learn: ``python -m benchmarks.resampling``.

Ours gives average precision, expected average precision and AUROC of every replicate; the loop over
scikit-learn gives the first and the last.
"""

import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks._measure import Row, compare, run
from leakcheck.base.block_ranking import (
    block_ranking_scores,
    leave_one_block_out,
    leave_one_block_out_grouped,
)
from leakcheck.base.grouped import GroupPlan
from leakcheck.base.resampling import bootstrap_weights

N_BLOCKS = 22
# Replicates that scikit-learn computes; its time is scaled up from there.
N_LOOPED = 4


class Case(NamedTuple):
    """Loci in genome order, on chromosomes of unequal size."""

    name: str
    labels: np.ndarray
    scores: np.ndarray
    blocks: np.ndarray


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    found = []
    for n in (18_915, 1_000_000) if full else (18_915,):
        for case in cases(n):
            found.append(_jackknife(case))
            found.append(_bootstrap(case, 1_000 if n < 100_000 else 100))
    found.append(_grouped(next(cases(18_915)), n_groups=54, n_columns=20))
    return found


def cases(n: int) -> Iterator[Case]:
    """Scores without ties at two prevalences, low-precision scores, and an average activity."""
    rng = np.random.default_rng(1)
    sizes = rng.dirichlet(np.full(N_BLOCKS, 8.0))
    blocks = np.sort(rng.choice(N_BLOCKS, size=n, p=sizes))
    activity = rng.normal(size=n)
    noisy = activity + 0.5 * rng.normal(size=n)
    common, rare = noisy > np.quantile(noisy, 0.35), noisy > np.quantile(noisy, 0.99)
    levels = np.clip(np.rint(28 + 20 * activity), 0, 55) / 55
    yield Case(f"{n:,} loci, float64, 65% positive", common, activity, blocks)
    yield Case(f"{n:,} loci, float64, 1% positive", rare, activity, blocks)
    yield Case(f"{n:,} loci, float16, 65% positive", common, activity.astype(np.float16), blocks)
    yield Case(f"{n:,} loci, 56 levels, 65% positive", common, levels, blocks)


def _peer(case: Case, replicates: Iterable[np.ndarray]) -> list[tuple[float, float]]:
    """Average precision and AUROC of each selection of rows, by scikit-learn."""
    scores = case.scores.astype(np.float64)
    return [
        (
            average_precision_score(case.labels[rows], scores[rows]),
            roc_auc_score(case.labels[rows], scores[rows]),
        )
        for rows in replicates
    ]


def _jackknife(case: Case) -> Row:
    return compare(
        f"jackknife over {N_BLOCKS} blocks, {case.name}",
        lambda: leave_one_block_out(case.labels, case.scores, case.blocks, N_BLOCKS),
        lambda: _peer(case, (case.blocks != block for block in range(N_LOOPED))),
        peer="loop over scikit-learn",
        scale=N_BLOCKS / N_LOOPED,
        bound=25.0,
    )


def _bootstrap(case: Case, n_replicates: int) -> Row:
    weights = bootstrap_weights(N_BLOCKS, n_replicates, np.random.default_rng(2))
    looped = [
        np.repeat(np.arange(case.labels.size), w[case.blocks])
        for w in weights[:N_LOOPED].astype(int)
    ]
    return compare(
        f"bootstrap, {n_replicates:,} replicates, {case.name}",
        lambda: block_ranking_scores(case.labels, case.scores, case.blocks, N_BLOCKS, weights),
        lambda: _peer(case, looped),
        peer="loop over scikit-learn",
        scale=n_replicates / N_LOOPED,
        bound=20.0,
    )


def _grouped(case: Case, *, n_groups: int, n_columns: int) -> Row:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, n_groups, size=case.labels.size)
    plan = GroupPlan.from_codes(codes, n_groups)
    columns = case.scores[:, None] + rng.normal(size=(case.labels.size, n_columns))
    members = [np.flatnonzero(codes == group) for group in range(n_groups)]

    def loop() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a replicate of a stratum without a positive
            for group in members:
                kept = group[case.blocks[group] != 0]
                average_precision_score(case.labels[kept], columns[kept, 0])

    return compare(
        f"jackknife in {n_groups} strata, {n_columns} models, {case.name}",
        lambda: leave_one_block_out_grouped(case.labels, columns, plan, case.blocks, N_BLOCKS),
        loop,
        peer="loop over scikit-learn, average precision alone",
        scale=N_BLOCKS * n_columns,
        bound=100.0,
    )


if __name__ == "__main__":
    sys.exit(run("Jackknife and block bootstrap against resampling with scikit-learn.", rows))
