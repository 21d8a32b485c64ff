"""Scores against the libraries that have them, on the same arrays: ``python -m benchmarks.peers``.

Before a peer is timed its numbers are compared with ours: a ratio of two different things would say
nothing. A peer that is not installed has a line that says so: ``pip install -e '.[bench]'``.
"""

import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu, rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks._measure import Row, compare, missing, run
from leakcheck.base.block_ranking import block_ranking_scores
from leakcheck.base.conditional import rank_average
from leakcheck.base.grouped import GroupPlan, grouped_ranking_scores
from leakcheck.base.ranking import auroc, average_precision, ranking_scores
from leakcheck.base.resampling import bootstrap_weights

N_STRATA, N_GROUPS, N_BLOCKS, N_REPLICATES = 54, 3_024, 22, 1_000
#: float32 inside torchmetrics; the others compute in float64.
EXACT, SINGLE = 1e-9, 1e-4


class Data(NamedTuple):
    """Loci in genome order with a float32 score, in strata of activity and on chromosomes."""

    labels: np.ndarray
    scores: np.ndarray
    strata: np.ndarray
    blocks: np.ndarray


def rows(full: bool) -> list[Row]:
    """Every line of the benchmark."""
    found: list[Row] = []
    for n in (10_000, 1_000_000, 10_000_000) if full else (10_000, 300_000):
        data = draw(n)
        for lines in (_sklearn, _scipy, _torchmetrics):
            found += lines(data)
    data = draw(18_000)
    found += _fairlearn(data, full)
    found += _seqleak(data)
    return found


def draw(n: int, seed: int = 0) -> Data:
    """Draw 40% active loci and a score that knows something."""
    rng = np.random.default_rng(seed)
    activity = rng.standard_normal(n)
    labels = activity + rng.standard_normal(n) > 0.36
    scores = (activity + rng.standard_normal(n)).astype(np.float32)
    strata = np.clip(np.rint(27 + 14 * activity), 0, N_STRATA - 1).astype(np.int64)
    blocks = np.sort(rng.choice(N_BLOCKS, size=n, p=rng.dirichlet(np.full(N_BLOCKS, 8.0))))
    return Data(labels, scores, strata, blocks)


def _pair(
    name: str,
    data: Data,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    peer: str,
    tolerance: float = EXACT,
    **more: Any,
) -> Row:
    """Time two works whose results agree."""
    np.testing.assert_allclose(ours(), theirs(), rtol=0, atol=tolerance, err_msg=f"{name}, {peer}")
    n = len(data.labels)
    repeats = 3 if n >= 1_000_000 else 5
    return compare(f"{name}, {n:,} rows", ours, theirs, peer=peer, repeats=repeats, n=n, **more)


def _sklearn(data: Data) -> Iterator[Row]:
    labels, scores, _, _ = data
    work = partial(_pair, data=data, peer="scikit-learn")
    yield work(
        "average precision",
        ours=lambda: average_precision(labels, scores),
        theirs=lambda: average_precision_score(labels, scores),
    )
    yield work(
        "AUROC",
        ours=lambda: auroc(labels, scores),
        theirs=lambda: roc_auc_score(labels, scores),
    )
    yield work(
        "average precision and AUROC",
        ours=lambda: [ranking_scores(labels, scores)[i] for i in (0, 2)],
        theirs=lambda: [average_precision_score(labels, scores), roc_auc_score(labels, scores)],
    )


def _scipy(data: Data) -> Iterator[Row]:
    labels, scores, _, _ = data
    n_pairs = float(labels.sum()) * float((~labels).sum())
    double = scores.astype(np.float64)  # float32 would be summed in float32
    yield _pair(
        "AUROC",
        data,
        lambda: auroc(labels, scores),
        lambda: mannwhitneyu(double[labels], double[~labels], method="asymptotic")[0] / n_pairs,
        peer="scipy.stats.mannwhitneyu",
    )
    yield _pair(
        "mean ranks",
        data,
        lambda: rank_average(scores),
        lambda: rankdata(scores),
        peer="scipy.stats.rankdata",
    )


def _torchmetrics(data: Data) -> Iterator[Row]:
    labels, scores, _, _ = data
    n, peer = len(labels), "torchmetrics, functional, one thread"
    names = (f"average precision, {n:,} rows", f"AUROC, {n:,} rows")
    if _absent("torchmetrics"):
        yield from _skipped(names, peer)
        return
    import torch  # noqa: PLC0415 - may be absent
    from torchmetrics.functional.classification import (  # noqa: PLC0415
        binary_auroc,
        binary_average_precision,
    )

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    # It puts scores outside [0, 1] through a sigmoid: these are ranked as they are.
    chance = 1 / (1 + np.exp(-scores.astype(np.float64)))
    scores = chance.astype(np.float32)
    tensor, truth = torch.from_numpy(scores), torch.from_numpy(labels.astype(np.int64))
    kernels = ((average_precision, binary_average_precision), (auroc, binary_auroc))
    for name, (ours, theirs) in zip(("average precision", "AUROC"), kernels, strict=True):
        yield _pair(
            name,
            data,
            partial(ours, labels, scores),
            lambda theirs=theirs: float(theirs(tensor, truth, validate_args=False)),
            peer=peer,
            tolerance=SINGLE,
        )


def _fairlearn(data: Data, full: bool) -> Iterator[Row]:
    peer = "fairlearn.MetricFrame of scikit-learn's"
    n = len(data.labels)
    rng = np.random.default_rng(5)
    cases = ((N_STRATA, data.strata), (N_GROUPS, rng.integers(0, N_GROUPS, n)))
    for n_groups, codes in cases if full else cases[:1]:
        name = f"average precision in {n_groups:,} groups"
        if _absent("fairlearn"):
            yield from _skipped([f"{name}, {n:,} rows"], peer)
            continue
        from fairlearn.metrics import MetricFrame  # noqa: PLC0415 - may be absent

        ours = partial(_by_group, data, codes, n_groups)
        theirs = partial(_frame, MetricFrame, data, codes, n_groups)
        yield _pair(name, data, ours, theirs, peer=peer, bound=50.0)


def _by_group(data: Data, codes: np.ndarray, n_groups: int) -> np.ndarray:
    """Average precision in each group, the plan included; 0 without a positive."""
    plan = GroupPlan.from_codes(codes, n_groups)
    found = grouped_ranking_scores(data.labels, data.scores[:, None], plan).average_precision
    return np.nan_to_num(np.ravel(found))


def _frame(kind: Any, data: Data, codes: np.ndarray, n_groups: int) -> np.ndarray:
    """Give the same from a metric frame: scikit-learn says 0 without a positive."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = kind(
            metrics=average_precision_score,
            y_true=data.labels,
            y_pred=data.scores,
            sensitive_features=codes,
        )
    found = np.zeros(n_groups)
    found[frame.by_group.index.to_numpy()] = frame.by_group.to_numpy()
    return found


def _seqleak(data: Data) -> Iterator[Row]:
    labels, scores, strata, blocks = data
    n = len(labels)
    within = "AUROC inside 54 strata, weighted by pairs"
    bootstrap = f"bootstrap over {N_BLOCKS} chromosomes, {N_REPLICATES:,} replicates of the AUROC"
    peers = ("seqleak.within_auc", "seqleak.within_auc, cluster bootstrap of the AUROC alone")
    if _absent("seqleak"):
        for name, peer in zip((within, bootstrap), peers, strict=True):
            yield from _skipped([f"{name}, {n:,} rows"], peer)
        return
    from seqleak.bootstrap import Resample  # noqa: PLC0415 - may be absent
    from seqleak.metrics import within_auc  # noqa: PLC0415

    yield _pair(
        within,
        data,
        lambda: _within_strata(data),
        lambda: within_auc(labels, scores, strata).estimate,
        peer=peers[0],
    )
    plan = Resample(blocks, n_boot=N_REPLICATES)
    weights = bootstrap_weights(N_BLOCKS, N_REPLICATES, np.random.default_rng(0))
    plan.counts = weights.astype(np.int32)  # the same replicates for both
    yield _pair(
        bootstrap,
        data,
        lambda: block_ranking_scores(labels, scores, blocks, N_BLOCKS, weights).auroc,
        lambda: (
            within_auc(
                labels,
                scores,
                None,
                blocks,
                aggregate="pooled",
                compare="across_groups",
                resample=plan,
            ).replicates
        ),
        peer=peers[1],
    )


def _within_strata(data: Data) -> float:
    """AUROC of pairs inside a stratum."""
    plan = GroupPlan.from_codes(data.strata, N_STRATA)
    found = grouped_ranking_scores(data.labels, data.scores[:, None], plan)
    positive = np.bincount(data.strata, weights=data.labels, minlength=N_STRATA)
    pairs = positive * (np.bincount(data.strata, minlength=N_STRATA) - positive)
    return float(np.nansum(np.ravel(found.auroc) * pairs) / pairs.sum())


def _absent(module: str) -> bool:
    return importlib.util.find_spec(module) is None


def _skipped(names: Sequence[str], peer: str) -> Iterator[Row]:
    """Lines of a peer that is not there."""
    for name in names:
        yield missing(name, peer=peer, reason="not installed")


if __name__ == "__main__":
    sys.exit(run("Scores against the libraries that have them, on the same arrays.", rows))
