"""Jackknife and bootstraps against scikit-learn: ``python -m benchmarks.resampling``.

Ours gives average precision, expected average precision and AUROC of every replicate; the loop over
scikit-learn gives the first and the last.
"""

import importlib.util
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks._measure import Row, Work, compare, run
from leakcheck.base.block_ranking import leave_one_block_out
from leakcheck.base.bootstrap import (
    Engine,
    LocusWeights,
    block_ranking_scores,
    locus_bootstrap_weights,
    locus_ranking_scores,
)
from leakcheck.base.column_ranking import column_without_blocks_in_strata
from leakcheck.base.ranking import average_precision
from leakcheck.base.resampling import bootstrap_weights
from leakcheck.base.sorted_column import SortedColumn

N_BLOCKS = 22
# Replicates that scikit-learn computes; its time is scaled up from there.
N_LOOPED = 4
# The compiled loops of the extra `fast` are measured where they are installed.
ENGINES: tuple[Engine, ...] = (
    ("numpy", "numba") if importlib.util.find_spec("numba") else ("numpy",)
)
# At least this many times scikit-learn, of one cell type and of many, by engine, where most loci
# are positive; rare positives reach ten times as much. Numpy alone passes over the tables of
# thresholds several times, which is where compiled loops gain.
BLOCK_BOUNDS = {"numpy": (100.0, 400.0), "numba": (450.0, 900.0)}
LOCUS_BOUNDS = {"numpy": (45.0, 130.0), "numba": (400.0, 1_200.0)}
# Cell types of the benchmark of many.
N_CELL_TYPES = 56


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
            for engine in ENGINES:
                found.append(_bootstrap(case, 1_000 if n < 100_000 else 100, engine))
                if n < 100_000:
                    found.append(_locus_bootstrap(case, 256, engine))
        found.append(_difference(*list(cases(n))[::3]))
    found += [
        _many(kind, engine, n_replicates)
        for engine in ENGINES
        for kind, n_replicates in (("blocks", 1_000), ("loci", 256))
    ]
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


def _difference(model: Case, baseline: Case) -> Row:
    def jackknives() -> None:
        for case in (model, baseline):
            leave_one_block_out(case.labels, case.scores, case.blocks, N_BLOCKS)

    def precisions() -> None:
        for case in (model, baseline):
            average_precision(case.labels, case.scores)

    return compare(
        f"jackknife of model minus baseline, {model.name}",
        jackknives,
        precisions,
        peer="one average precision of each, ours",
        bound=1 / 3 if model.labels.size < 100_000 else None,
    )


def _bootstrap(case: Case, n_replicates: int, engine: Engine) -> Row:
    weights = bootstrap_weights(N_BLOCKS, n_replicates, np.random.default_rng(2))
    return _against_loop(
        f"bootstrap over blocks, {engine}, {n_replicates:,} replicates, {case.name}",
        case,
        lambda: block_ranking_scores(
            case.labels, case.scores, case.blocks, N_BLOCKS, weights, engine=engine
        ),
        weights[:N_LOOPED].astype(int)[:, case.blocks],
        n_replicates,
        BLOCK_BOUNDS[engine][0],
    )


def _locus_bootstrap(case: Case, n_replicates: int, engine: Engine) -> Row:
    weights = locus_bootstrap_weights(case.labels.size, n_replicates, np.random.default_rng(2))
    return _against_loop(
        f"bootstrap over loci, {engine}, {n_replicates:,} replicates, {case.name}",
        case,
        lambda: locus_ranking_scores(case.labels, case.scores, weights, engine=engine),
        weights[:N_LOOPED],
        n_replicates,
        LOCUS_BOUNDS[engine][0],
    )


def _against_loop(
    name: str,
    case: Case,
    ours: Work,
    times: np.ndarray,
    n_replicates: int,
    bound: float,
) -> Row:
    """Against scikit-learn on the rows, each repeated as often as it was drawn."""
    looped = [np.repeat(np.arange(case.labels.size), row) for row in times]
    return compare(
        name,
        ours,
        lambda: _peer(case, looped),
        peer="loop over scikit-learn",
        scale=n_replicates / N_LOOPED,
        bound=bound,
    )


def _many(kind: str, engine: Engine, n_replicates: int) -> Row:
    """All cell types of a table with the same replicates, at prevalences from 1% to 30%."""
    rng = np.random.default_rng(4)
    first = next(cases(18_000))
    n = first.labels.size
    columns = []
    for prevalence in np.geomspace(0.01, 0.3, N_CELL_TYPES):
        scores = rng.normal(size=n)
        noisy = scores + 0.5 * rng.normal(size=n)
        labels = noisy > np.quantile(noisy, 1 - prevalence)
        columns.append(Case("", labels, scores.astype(np.float32), first.blocks))
    if kind == "blocks":
        weights = bootstrap_weights(N_BLOCKS, n_replicates, rng)
        times = weights[:1].astype(int)[:, first.blocks]
    else:
        weights = locus_bootstrap_weights(n, n_replicates, rng)
        times = weights[:1]
    drawn = [np.repeat(np.arange(n), row) for row in times]

    def ours() -> None:
        shared = LocusWeights(weights.astype(np.uint8))  # its tables are made within the time
        for case in columns:
            if kind == "blocks":
                block_ranking_scores(
                    case.labels, case.scores, case.blocks, N_BLOCKS, weights, engine=engine
                )
            else:
                locus_ranking_scores(case.labels, case.scores, shared, engine=engine)

    def loop() -> None:
        for case in columns[::8]:
            _peer(case, drawn)

    bounds = BLOCK_BOUNDS if kind == "blocks" else LOCUS_BOUNDS
    return compare(
        f"bootstrap over {kind}, {engine}, {n_replicates:,} replicates, "
        f"{n:,} loci x {N_CELL_TYPES} cell types, 1% to 30% positive",
        ours,
        loop,
        peer="loop over scikit-learn",
        scale=n_replicates * N_CELL_TYPES / len(columns[::8]),
        bound=bounds[engine][1],
    )


def _grouped(case: Case, *, n_groups: int, n_columns: int) -> Row:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, n_groups, size=case.labels.size).astype(np.uint8)
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
        lambda: [
            column_without_blocks_in_strata(
                case.labels,
                SortedColumn.from_scores(column),
                codes,
                n_groups,
                case.blocks,
                N_BLOCKS,
            )
            for column in columns.T
        ],
        loop,
        peer="loop over scikit-learn, average precision alone",
        scale=N_BLOCKS * n_columns,
        bound=100.0,
    )


if __name__ == "__main__":
    sys.exit(run("Jackknife and bootstraps against resampling with scikit-learn.", rows))
