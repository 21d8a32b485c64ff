"""Ranking scores against scikit-learn and against one sort: ``python -m benchmarks.ranking``."""

import sys
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks._measure import Row, compare, run
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from leakcheck.base.ranking import average_precision, ranking_scores

SCORES = {
    "float32": lambda rng, n: rng.random(n, dtype=np.float32),
    "float64": lambda rng, n: rng.random(n),
    "float32 logits": lambda rng, n: rng.standard_normal(n).astype(np.float32),
    "float64 logits": lambda rng, n: rng.standard_normal(n),
    "56 levels uint8": lambda rng, n: rng.integers(0, 56, n).astype(np.uint8),
    "56 levels float64": lambda rng, n: rng.integers(0, 56, n) / 55,
}
SORTED_KINDS = ("float32", "float32 logits", "float64", "float64 logits")
# At least this many times scikit-learn, from 10,000 rows up.
BOUNDS = {"float32": 22.0, "56 levels uint8": 10.0}
FEW_BOUND, OTHER_BOUND, LARGEST_BOUND = 10.0, 8.0, 25.0
LARGEST = 10_000_000


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    sizes = (50, 1_000, 10_000, 100_000, 1_000_000, *([LARGEST] if full else []))
    found = [row for n in sizes for row in _against_sklearn(n)]
    found += _against_one_sort(1_000_000, SORTED_KINDS)
    found += _against_one_sort(LARGEST, SORTED_KINDS if full else SORTED_KINDS[:1])
    found += _all_scores(LARGEST if full else 1_000_000)
    found.append(_grouped(18_000, 54, 300))
    found.append(_grouped(60_000, 3_024, 20))
    return found


def _labels(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    labels = rng.random(n) < share
    labels[0] = True
    return labels


def _against_sklearn(n: int) -> Iterator[Row]:
    rng = np.random.default_rng(1)
    for kind, make in SCORES.items():
        scores = make(rng, n)
        bound = BOUNDS.get(kind, OTHER_BOUND) if n >= 10_000 else FEW_BOUND
        if kind == "float32" and n >= LARGEST:
            bound = LARGEST_BOUND
        for share in (0.01, 0.4) if kind == "float32" and n >= 10_000 else (0.4,):
            labels = _labels(rng, n, share)
            yield compare(
                f"average precision, {kind}, {n:,} rows, {share:.0%} positive",
                lambda labels=labels, scores=scores: average_precision(labels, scores),
                lambda labels=labels, scores=scores: average_precision_score(labels, scores),
                peer="scikit-learn",
                bound=bound,
                repeats=3 if n >= 1_000_000 else 5,
            )


def _against_one_sort(n: int, kinds: Sequence[str]) -> Iterator[Row]:
    rng = np.random.default_rng(2)
    for kind in kinds:
        scores = SCORES[kind](rng, n)
        for share in (0.01, 0.4):
            labels = _labels(rng, n, share)
            yield compare(
                f"average precision, {kind}, {n:,} rows, {share:.0%} positive",
                lambda labels=labels, scores=scores: average_precision(labels, scores),
                lambda scores=scores: np.sort(scores),
                peer="numpy.sort of the scores",
                bound=0.5 if kind == "float32" and n >= LARGEST else None,
            )


def _all_scores(n: int) -> Iterator[Row]:
    rng = np.random.default_rng(3)
    for kind in ("float32", "float64", "56 levels float64"):
        scores = SCORES[kind](rng, n)
        labels = _labels(rng, n, 0.4)
        yield compare(
            f"all three scores, {kind}, {n:,} rows, 40% positive",
            lambda labels=labels, scores=scores: ranking_scores(labels, scores),
            lambda labels=labels, scores=scores: average_precision(labels, scores),
            peer="average precision alone",
        )


def _grouped(n: int, n_groups: int, n_columns: int) -> Row:
    rng = np.random.default_rng(4)
    labels, codes = _labels(rng, n, 0.4), rng.integers(0, n_groups, n)
    scores = rng.random((n, n_columns), dtype=np.float32)
    plan = GroupPlan.from_codes(codes, n_groups)
    looped = 108
    groups, columns = rng.integers(0, n_groups, looped), rng.integers(0, n_columns, looped)
    members = [np.flatnonzero(codes == group) for group in groups]

    def loop() -> list[float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # groups without a positive
            return [
                average_precision_score(labels[rows], scores[rows, column])
                for rows, column in zip(members, columns, strict=True)
            ]

    return compare(
        f"all three scores, {n:,} rows in {n_groups:,} groups, {n_columns} columns",
        lambda: grouped_ranking_scores(labels, scores, plan),
        loop,
        peer=f"loop over scikit-learn, {looped} calls scaled up",
        scale=n_columns * n_groups / looped,
        bound=60.0,
    )


if __name__ == "__main__":
    sys.exit(run("Ranking scores against scikit-learn and one sort.", rows))
