"""Floor 4: families of models against one another, stratum by stratum (the paper's Figure S3)."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from math import comb
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.column_ranking import (
    SummedColumn,
    column_without_blocks_in_strata,
    narrow_codes,
)
from leakcheck.base.ranktests import MannWhitney, mann_whitney
from leakcheck.base.regression import RegressionSums
from leakcheck.base.resampling import Jackknife, confidence_bounds, jackknife, upper_tail_pvalue
from leakcheck.base.sorted_column import SortedColumn
from leakcheck.metrics import Columns, Evaluated
from leakcheck.panel import TargetView
from leakcheck.strata import WHOLE, Strata

__all__ = ["FAMILY_METRIC", "MIN_CLASS", "are_too_few", "family_rows"]

#: Labels of each class that a stratum needs to be tested.
MIN_CLASS: Final = 5

#: Strata of the paper's 55 reference cell types, by activity count.
_STRATA: Final = 54

#: A model's scores, their order or sums (binary labels), or their sums (real-valued ones).
ModelScores: TypeAlias = FloatArray | SortedColumn | SummedColumn | RegressionSums

_CHUNK: Final = 1 << 16

FAMILY_METRIC: Final[dict[LabelKind, str]] = {
    "binary": "expected_average_precision",
    "continuous": "pearson",
}


def are_too_few(n_a: int, n_b: int, n_strata: int = _STRATA) -> bool:
    """Say whether two families cannot reach 5% under Holm's correction, however they differ.

    Parameters
    ----------
    n_a, n_b : int
        Models of each.
    n_strata : int
        Tests that are corrected for.

    Returns
    -------
    bool
        Of the orders of the models one, the most telling, has the smallest p-value.

    Examples
    --------
    >>> are_too_few(6, 6), are_too_few(7, 7), are_too_few(6, 7)
    (True, False, False)
    """
    return n_strata > 0.05 * comb(n_a + n_b, n_a)


class _Values(NamedTuple):
    """A metric of every model in every stratum, the whole set last."""

    full: FloatArray  # (n_models, k + 1)
    replicates: FloatArray  # (n_blocks, n_models, k + 1)
    block_sizes: IntArray  # (n_blocks, k + 1)
    testable: BoolArray  # (k + 1,)


def family_rows(
    view: TargetView,
    strata: Strata,
    scores: Mapping[str, ModelScores],
    evaluated: Sequence[Evaluated],
    families: Mapping[str, str],
    label_kind: LabelKind,
    level: float,
) -> list[Columns]:
    """Make the rows of the table `comparisons` for one target.

    Parameters
    ----------
    view : TargetView
        The target.
    strata : Strata
        Its strata.
    scores : mapping of str to ndarray, shape (n,), SortedColumn, SummedColumn or RegressionSums
        Model name to score; for binary labels its order does as well, for real-valued ones its
        sums by block and stratum. They are asked for one after another, so that the mapping may
        make them then.
    evaluated : sequence of Evaluated
        The same models on the whole target.
    families : mapping of str to str
        Model to family; models without one take no part.
    label_kind : {"binary", "continuous"}
        Expected average precision, or Pearson's correlation.
    level : float
        One-sided confidence level of each bound.

    Returns
    -------
    list of dict of str to list
        One set of columns for each ordered pair of families: "a scores higher than b", by a
        one-sided Mann-Whitney test of the models' scores and, beside it, by the jackknife over
        blocks of the difference of family means. Strata with fewer than 5 of a class are not
        tested.

    Notes
    -----
    Models of a family share their errors, so the Mann-Whitney p-value speaks of these models on
    these loci; the jackknife carries the sampling of loci.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, metrics, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> scores, strata = {"a": view.labels, "b": -view.labels}, Strata(names=(), codes=view.blocks)
    >>> own = [metrics.evaluate(view, name, "model", scores[name], "binary") for name in scores]
    >>> family_rows(view, strata, scores, own, {"a": "A", "b": "B"}, "binary", 0.9)[0]["difference"]
    [0.5]
    """
    members: dict[str, list[int]] = {}
    used = [name for name in scores if name in families]
    for position, name in enumerate(used):
        members.setdefault(families[name], []).append(position)
    if len(members) < 2:
        return []
    whole = {one.name: one for one in evaluated}
    values = _evaluate(view, strata, scores, used, whole, label_kind)
    names = [*strata.names, WHOLE]
    return [
        _pair(view, names, (a, b), (members[a], members[b]), values, label_kind, level)
        for a, b in permutations(members, 2)
    ]


def _evaluate(
    view: TargetView,
    strata: Strata,
    scores: Mapping[str, ModelScores],
    used: Sequence[str],
    whole: Mapping[str, Evaluated],
    label_kind: LabelKind,
) -> _Values:
    """Score every model in every stratum, whole and without each block."""
    metric = FAMILY_METRIC[label_kind]
    all_full = np.array([whole[name].values[metric] for name in used])
    all_rows = np.stack([whole[name].replicates[metric] for name in used], axis=1)
    sizes = _sizes(view, strata)
    if label_kind == "binary":
        full, rows = _precisions(view, strata, scores, used)
        testable = sizes.sum(axis=0).min(axis=-1) >= MIN_CLASS
    else:
        full, rows = _correlations(view, strata, scores, used)
        testable = sizes.sum(axis=(0, 2)) >= 2 * MIN_CLASS
    return _Values(
        full=np.column_stack([full, all_full]),
        replicates=np.concatenate([rows, all_rows[:, :, None]], axis=2),
        block_sizes=np.column_stack([sizes.sum(axis=2), view.block_sizes]),
        testable=np.append(testable, True),
    )


def _sizes(view: TargetView, strata: Strata) -> IntArray:
    """Negatives and positives in each block and stratum, shape (n_blocks, k, 2)."""
    n_blocks, k = len(view.block_sizes), len(strata.names)
    counts = np.zeros(n_blocks * k * 2, dtype=np.int64)
    for low in range(0, len(view.labels), _CHUNK):
        part = slice(low, low + _CHUNK)
        codes = strata.codes[part]
        inside = ((codes >= 0) & (codes < k)).nonzero()[0]
        cell = view.blocks[part].take(inside).astype(np.intp) * k + codes.take(inside)
        cell = 2 * cell + (view.labels[part].take(inside) > 0)
        counts += np.bincount(cell, minlength=counts.size)
    return counts.reshape(n_blocks, k, 2)


def _precisions(
    view: TargetView,
    strata: Strata,
    scores: Mapping[str, ModelScores],
    used: Sequence[str],
) -> tuple[FloatArray, FloatArray]:
    """Expected average precision of every model in every stratum, and without each block."""
    n_blocks, k = len(view.block_sizes), len(strata.names)
    positive = view.positive
    codes, blocks = narrow_codes(strata.codes, k), narrow_codes(view.blocks, n_blocks)
    full, rows = np.empty((len(used), k)), np.empty((n_blocks, len(used), k))
    for model, name in enumerate(used):
        column: Any = scores[name]
        if isinstance(column, np.ndarray):
            column = SortedColumn.from_scores(column)
        full[model], rows[:, model] = column_without_blocks_in_strata(
            positive, column, codes, k, blocks, n_blocks
        )
    return full, rows


def _correlations(
    view: TargetView, strata: Strata, scores: Mapping[str, ModelScores], used: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Pearson's correlation of every model in every stratum, whole and without each block."""
    n_blocks, k = len(view.block_sizes), len(strata.names)
    full, rows = np.empty((len(used), k)), np.empty((n_blocks, len(used), k))
    for model, name in enumerate(used):
        sums = scores[name]
        if not isinstance(sums, RegressionSums):
            values, sums = np.asarray(sums), RegressionSums(n_blocks, k)
            sums.add(view.labels, values, blocks=view.blocks, strata=strata.codes)
        full[model], rows[:, model] = sums.within_strata_without_blocks()
    return full, rows


def _pair(
    view: TargetView,
    names: list[str],
    families: tuple[str, str],
    members: tuple[list[int], list[int]],
    values: _Values,
    label_kind: LabelKind,
    level: float,
) -> Columns:
    """Columns of one ordered pair of families."""
    first, second = values.full[members[0]], values.full[members[1]]
    test = mann_whitney(first, second, alternative="greater")
    difference = first.mean(axis=0) - second.mean(axis=0)
    rows = values.replicates[:, members[0]].mean(axis=1)
    rows = rows - values.replicates[:, members[1]].mean(axis=1)
    k = len(names)
    low, high, pvalue = (np.full(k, np.nan) for _ in range(3))
    for column in range(k):
        found = jackknife(difference[column], rows[:, column], values.block_sizes[:, column])
        if values.testable[column] and np.all(found.standard_error >= 0):
            low[column], high[column] = _scalar_bounds(found, level)
            pvalue[column] = float(upper_tail_pvalue(found))
    usable = values.testable
    n_a, n_b = ((~np.isnan(own)).sum(axis=0).tolist() for own in (first, second))
    return {
        "family_a": [families[0]] * k,
        "family_b": [families[1]] * k,
        "target": [view.name] * k,
        "stratum": names,
        "metric": [FAMILY_METRIC[label_kind]] * k,
        "statistic": np.where(usable, test.statistic, np.nan).tolist(),
        "pvalue": np.where(usable, test.pvalue, np.nan).tolist(),
        "effect_size": np.where(usable, test.effect_size, np.nan).tolist(),
        "n_a": n_a,
        "n_b": n_b,
        "method": [method if ok else "" for method, ok in zip(test.method, usable, strict=True)],
        "reason": _reasons(test, usable, pvalue, (n_a, n_b), label_kind),
        "difference": difference.tolist(),
        "ci_low": low.tolist(),
        "ci_high": high.tolist(),
        "pvalue_loci": pvalue.tolist(),
    }


def _scalar_bounds(found: Jackknife, level: float) -> tuple[float, float]:
    """Bounds of a single quantity."""
    low, high = confidence_bounds(found, level)
    return float(low), float(high)


def _reasons(
    test: MannWhitney,
    usable: BoolArray,
    over_loci: FloatArray,
    sizes: tuple[list[int], list[int]],
    kind: LabelKind,
) -> list[str]:
    """Why a stratum was not tested, or what limits its test; the whole set is the last."""
    few = f"{MIN_CLASS} of a class" if kind == "binary" else f"{2 * MIN_CLASS} loci"
    n_strata = int(np.count_nonzero(usable[:-1] & ~np.isnan(test.pvalue[:-1])))
    corrected = [*[n_strata] * (len(usable) - 1), 1]
    reasons = []
    for i, (n, n_a, n_b) in enumerate(zip(corrected, *sizes, strict=True)):
        if not usable[i]:
            reasons.append(f"fewer than {few}: not tested")
        elif np.isnan(test.pvalue[i]):
            reasons.append("not computable")
        elif np.isnan(over_loci[i]):
            reasons.append("no interval: a score is undefined, or would be without a block")
        elif are_too_few(n_a, n_b, n):
            after = f" after Holm over {n} strata" if n > 1 else ""
            reasons.append(f"{n_a} and {n_b} models are too few to reach 5%{after}")
        else:
            reasons.append("")
    return reasons
