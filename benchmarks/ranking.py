"""Ranking scores against scikit-learn and against one sort: ``python -m benchmarks.ranking``.

A bound of "at most 1.25 times one sort" is printed as a ratio of at least 1 / 1.25.
"""

import sys
import warnings
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
from scipy.stats import pearsonr
from sklearn.metrics import average_precision_score

from benchmarks._measure import Row, compare, missing, run
from leakcheck import _cpu
from leakcheck.base._radix import compiled_radix_sort
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from leakcheck.base.leave_one_out import leave_one_out_scores
from leakcheck.base.packed import PackedLabels
from leakcheck.base.ranking import average_precision, ranking_scores
from leakcheck.base.similarity import pearson_matrix

SCORES = {
    "float32": lambda rng, n: rng.random(n, dtype=np.float32),
    "float64": lambda rng, n: rng.random(n),
    "float32 logits": lambda rng, n: rng.standard_normal(n).astype(np.float32),
    "float64 logits": lambda rng, n: rng.standard_normal(n),
    "float16": lambda rng, n: rng.random(n).astype(np.float16),
    "56 levels uint8": lambda rng, n: rng.integers(0, 56, n).astype(np.uint8),
    "56 levels float32": lambda rng, n: (rng.integers(0, 56, n) / 55).astype(np.float32),
    "56 levels float64": lambda rng, n: rng.integers(0, 56, n) / 55,
}
SORTED_KINDS = ("float32", "float32 logits", "float64", "float64 logits")
LEVELS = tuple(kind for kind in SCORES if "levels" in kind)
MILLION, LARGE = 1_000_000, 10_000_000
SHARES = (0.01, 0.4)
# Multiples of one sort that are allowed, by share of positives.
SORTS = {0.01: {"float32": 1.25, "float64": 1.5}, 0.4: {"float32": 1.5, "float64": 1.5}}


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark; quick: up to 1e6 rows, and one sort of 1e7."""
    sizes = [10_000, 100_000, MILLION, *([LARGE] if full else [])]
    found = [row for n in (50, 1_000) for row in _against_sklearn(n, ("float32", "float64"))]
    for n in sizes:
        repeats = 5 if full or n < MILLION else 3
        found += _against_sklearn(n, tuple(SCORES), repeats=repeats)
    for n in (MILLION, LARGE):
        few = SORTED_KINDS[:1] if n >= LARGE else SORTED_KINDS[::2]
        found += _against_one_sort(n, SORTED_KINDS if full else few)
    found += _all_scores(LARGE if full else MILLION)
    found += _compiled(LARGE if full else MILLION)
    found.append(_packed(LARGE if full else MILLION))
    found.append(_grouped(18_000, 54, 300, bound=150.0))
    found.append(_grouped(60_000, 3_024, 20, bound=400.0))
    found += _all_cell_types(18_000, 56)
    return found


def _labels(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    labels = rng.random(n) < share
    labels[0] = True
    return labels


def _bound(kind: str, n: int) -> float:
    """Times scikit-learn that are asked for; small sizes and other kinds keep what they had."""
    if n < 10_000:
        return 10.0
    if kind in LEVELS and n >= (MILLION if "uint8" in kind else LARGE):
        return 60.0
    if n >= LARGE:
        return {"float32": 35.0, "float64": 24.0}.get(kind, 15.0)
    return 22.0 if kind == "float32" else 8.0


def _against_sklearn(n: int, kinds: tuple[str, ...], repeats: int = 5) -> Iterator[Row]:
    rng = np.random.default_rng(1)
    for kind in kinds:
        scores = SCORES[kind](rng, n)
        for share in SHARES if kind == "float32" and n >= 10_000 else (0.4,):
            labels = _labels(rng, n, share)
            yield compare(
                f"average precision, {kind}, {n:,} rows, {share:.0%} positive",
                lambda labels=labels, scores=scores: average_precision(labels, scores),
                lambda labels=labels, scores=scores: average_precision_score(labels, scores),
                peer="scikit-learn",
                bound=_bound(kind, n),
                repeats=repeats,
            )


def _against_one_sort(n: int, kinds: tuple[str, ...]) -> Iterator[Row]:
    rng = np.random.default_rng(2)
    for kind in kinds:
        scores = SCORES[kind](rng, n)
        for share, times in SORTS.items():
            labels = _labels(rng, n, share)
            yield compare(
                f"average precision, {kind}, {n:,} rows, {share:.0%} positive",
                lambda labels=labels, scores=scores: average_precision(labels, scores),
                lambda scores=scores: np.sort(scores),
                peer="numpy.sort of the scores",
                bound=1 / times[kind] if kind in times and n >= LARGE else None,
            )


def _all_scores(n: int) -> Iterator[Row]:
    rng = np.random.default_rng(3)
    for kind in ("float32", "float64", "56 levels float64"):
        scores = SCORES[kind](rng, n)
        for share in SHARES:
            labels = _labels(rng, n, share)
            yield compare(
                f"all three scores, {kind}, {n:,} rows, {share:.0%} positive",
                lambda labels=labels, scores=scores: ranking_scores(labels, scores),
                lambda labels=labels, scores=scores: average_precision(labels, scores),
                peer="average precision alone",
                bound=1 / 1.2,
            )


def _compiled(n: int) -> Iterator[Row]:
    """The radix sort of the extra `fast`, which is taken where numpy sorts slowly."""
    if compiled_radix_sort() is None:
        yield missing(
            f"average precision with `fast`, float32, {n:,} rows, 40% positive",
            peer="scikit-learn",
            reason="the extra `fast` (numba) is not installed",
            bound=20.0,
        )
        return
    rng = np.random.default_rng(5)
    for kind in ("float32", "float64"):
        scores, labels = SCORES[kind](rng, n), _labels(rng, n, 0.4)

        def by_radix(labels: np.ndarray = labels, scores: np.ndarray = scores) -> float:
            with mock.patch.object(_cpu, "numpy_sorts_slowly", return_value=True):
                return average_precision(labels, scores)

        works: list[tuple[str, Any, float | None]] = [
            ("scikit-learn", lambda y=labels, s=scores: average_precision_score(y, s), 20.0),
            ("numpy's own sort", lambda y=labels, s=scores: average_precision(y, s), None),
        ]
        for peer, work, bound in works:
            yield compare(
                f"average precision with `fast`, {kind}, {n:,} rows, 40% positive",
                by_radix,
                work,
                peer=peer,
                bound=bound if kind == "float32" else None,
            )


def _packed(n: int) -> Row:
    rng = np.random.default_rng(6)
    scores, labels = SCORES["float32"](rng, n), _labels(rng, n, 0.4)
    packed = PackedLabels.from_labels(labels)
    return compare(
        f"average precision, labels of one bit, float32, {n:,} rows, 40% positive",
        lambda: average_precision(packed, scores),
        lambda: average_precision(labels, scores),
        peer="labels of one byte",
    )


def _grouped(n: int, n_groups: int, n_columns: int, *, bound: float) -> Row:
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
        bound=bound,
    )


def _all_cell_types(n: int, n_cell_types: int) -> Iterator[Row]:
    rng = np.random.default_rng(8)
    labels = rng.random((n, n_cell_types)) < rng.random((n, 1))
    first, second = labels[:, :2].T.astype(np.float64)

    def one_left_out() -> float:
        return average_precision_score(labels[:, 0], labels[:, 1:].mean(axis=1))

    yield compare(
        f"every cell type by the average of the others, {n:,} loci x {n_cell_types}",
        lambda: leave_one_out_scores(labels),
        one_left_out,
        peer="loop over mean and scikit-learn, one cell type scaled up",
        scale=n_cell_types,
        bound=300.0,
    )
    pairs = n_cell_types * (n_cell_types - 1) // 2
    values = rng.standard_normal((n, n_cell_types))
    kinds: dict[str, tuple[Any, float | None]] = {
        "booleans": (lambda: pearson_matrix(labels), 800.0),
        "float64": (lambda: pearson_matrix(values), None),
        "float64, products in float32": (
            lambda: pearson_matrix(values, precision="float32"),
            None,
        ),
    }
    for kind, (work, bound) in kinds.items():
        yield compare(
            f"correlation of all pairs, {kind}, {n:,} loci x {n_cell_types}",
            work,
            lambda: pearsonr(first, second),
            peer="loop over scipy.stats.pearsonr, one pair scaled up",
            scale=pairs,
            bound=bound,
        )


if __name__ == "__main__":
    sys.exit(run("Ranking scores against scikit-learn and one sort.", rows))
