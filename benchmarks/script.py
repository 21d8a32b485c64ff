"""The audit as one writes it with pandas and scikit-learn, step by step, for the same numbers.

For each target: the average activity and the nearest cell type (chosen without the chromosome that
is scored), average precision, expected average precision and AUROC of the model and of both
baselines, at all loci and inside each activity count; intervals by leaving out one chromosome at a
time and scoring again; skill; and the information test with `sklearn.linear_model.Ridge`.

`leakcheck.audit` does more: two further baselines, bounds, checks of the input, hashes, ranks and
findings. The script leaves these out, which is to its advantage in `benchmarks.audit`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
from scipy.special import digamma
from scipy.stats import norm, rankdata
from scipy.stats import t as student
from sklearn.linear_model import Ridge
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.preprocessing import StandardScaler

METRICS = ("average_precision", "expected_average_precision", "auroc")
LEVEL = 0.95
N_FOLDS, N_KNOTS, WINDOWS = 5, 8, (1, 2, 4)
PENALTY, EXTRA_SHARE, ALLOWANCE = 3e-3, 1e-2, 0.003

Metrics = dict[str, float]


class Clock:
    """Seconds of processor time of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        start = time.process_time()
        yield
        spent = time.process_time() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + spent


def audit(
    preds: pd.DataFrame, labels: pd.DataFrame, loci: pd.DataFrame, clock: Clock
) -> dict[str, dict[str, float]]:
    """Audit every column of `preds` against the other columns of `labels`; target to numbers."""
    return {name: _audit_target(preds[name], labels, loci, name, clock) for name in preds}


def _audit_target(preds, labels, loci, target, clock):
    chrom, y = loci["chrom"].to_numpy(), labels[target].to_numpy()
    others = labels.drop(columns=target)
    with clock.stage("baselines"):
        average = others.mean(axis=1).to_numpy()
        nearest = nearest_cell_type(y, others, chrom)
    scores = {
        "model": preds.to_numpy(),
        "average-activity": average,
        "nearest-celltype": nearest,
    }
    with clock.stage("ranking"):
        full = {name: evaluate(y, score) for name, score in scores.items()}
    with clock.stage("strata"):
        strata = by_stratum(y, scores, np.rint(average * others.shape[1]), others.shape[1])
    with clock.stage("intervals"):
        found = intervals(y, scores, chrom, full)
    with clock.stage("information test"):
        found |= information_test(y, scores, others, loci)
    return found | strata


# Baselines and metrics ----------------------------------------------------------------------------


def nearest_cell_type(y: np.ndarray, others: pd.DataFrame, chrom: np.ndarray) -> np.ndarray:
    """Labels of the cell type that correlates best with the target on the other chromosomes."""
    values = others.to_numpy()
    score = np.empty(len(y))
    for name in pd.unique(chrom):
        here = chrom == name
        both = np.column_stack([y[~here], values[~here]])
        similarity = np.corrcoef(both, rowvar=False)[0, 1:]
        score[here] = values[here, np.argmax(similarity)]
    return score


def expected_average_precision(y: np.ndarray, score: np.ndarray) -> float:
    """Mean of average precision over random orders inside ties."""
    fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
    hits = np.rint(tpr * y.sum())
    rank = hits + np.rint(fpr * (len(y) - y.sum()))
    positive, size = np.diff(hits), np.diff(rank)
    above, true_above = rank[:-1], hits[:-1]
    slope = (positive - 1) / np.maximum(size - 1, 1)
    harmonic = digamma(rank[1:] + 1) - digamma(above + 1)
    total = (true_above + 1 - slope * (above + 1)) * harmonic + slope * size
    return float((total * positive / size).sum() / y.sum())


SCORERS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "average_precision": average_precision_score,
    "expected_average_precision": expected_average_precision,
    "auroc": roc_auc_score,
}


def evaluate(y: np.ndarray, score: np.ndarray) -> Metrics:
    """Every metric of one score."""
    return {name: float(scorer(y, score)) for name, scorer in SCORERS.items()}


def by_stratum(
    y: np.ndarray, scores: dict[str, np.ndarray], count: np.ndarray, n_others: int
) -> dict[str, float]:
    """Every metric inside each count, above 0 and below all, that has both classes."""
    found = {}
    for stratum in range(1, n_others):
        inside = count == stratum
        if 0 < y[inside].sum() < inside.sum():
            for name, score in scores.items():
                for metric, value in evaluate(y[inside], score[inside]).items():
                    found[f"stratum {stratum}, {name}, {metric}"] = value
    return found


# Intervals ----------------------------------------------------------------------------------------


def intervals(
    y: np.ndarray, scores: dict[str, np.ndarray], chrom: np.ndarray, full: dict[str, Metrics]
) -> dict[str, float]:
    """Values with bounds, by scoring again without each chromosome (Busing et al. 1999)."""
    blocks = pd.unique(chrom)
    sizes = np.array([(chrom == block).sum() for block in blocks])
    without: dict[str, list[Metrics]] = {name: [] for name in scores}
    for block in blocks:
        kept = chrom != block
        for name, score in scores.items():
            without[name].append(evaluate(y[kept], score[kept]))
    found = {}
    for name, values in full.items():
        for metric, value in values.items():
            replicates = np.array([one[metric] for one in without[name]])
            low, high = _bounds(value, replicates, sizes)
            found |= {f"{name}, {metric}": value}
            found |= {f"{name}, {metric}, low": low, f"{name}, {metric}, high": high}
    for name in ("average-activity", "nearest-celltype"):
        pairs = zip(without["model"], without[name], strict=True)
        replicates = np.array([_skill(own, other) for own, other in pairs])
        skill = _skill(full["model"], full[name])
        low, high = _bounds(skill, replicates, sizes)
        found |= {f"skill over {name}": skill}
        found |= {f"skill over {name}, low": low, f"skill over {name}, high": high}
    return found


def _skill(own: Metrics, other: Metrics) -> float:
    key = "expected_average_precision"
    return (own[key] - other[key]) / (1 - other[key])


def _bounds(value: float, replicates: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """Student's t interval from the weighted jackknife."""
    h = sizes.sum() / sizes
    pseudo = h * value - (h - 1) * replicates
    mean = (pseudo / h).sum()
    error = np.sqrt(((pseudo - mean) ** 2 / (h - 1)).mean())
    reach = student.ppf(LEVEL, len(sizes) - 1) * error
    return value - reach, value + reach


# Information test ---------------------------------------------------------------------------------


def information_test(
    y: np.ndarray, scores: dict[str, np.ndarray], others: pd.DataFrame, loci: pd.DataFrame
) -> dict[str, float]:
    """Whether labels and score agree beyond what the other cell types tell (Shah & Peters 2020)."""
    chrom = loci["chrom"].to_numpy()
    folds = chromosome_folds(chrom)
    average = scores["average-activity"]
    beside = others.groupby(chrom, sort=False).transform(lambda column: _neighbours(column, 1))
    features = StandardScaler().fit_transform(np.hstack([others.to_numpy(), beside.to_numpy()]))
    ceiling = cross_fitted(features, y.astype(float), folds)
    by_chrom = pd.Series(average).groupby(chrom, sort=False)
    means = [by_chrom.transform(_neighbours, window).to_numpy() for window in WINDOWS]
    splines = [natural_spline(values) for values in (average, ceiling, scores["nearest-celltype"])]
    levels = np.unique(average)
    splines += [natural_spline(average, levels), average[:, None] == levels[[0, -1]]]
    curves = StandardScaler().fit_transform(np.column_stack([*splines, *means]))
    # A hundredth of the penalty is ten times the unit.
    everything = np.hstack([features, curves / np.sqrt(EXTRA_SHARE)])
    ranks = norm.ppf((rankdata(scores["model"]) - 0.5) / len(y))
    residual = without_means(y - cross_fitted(everything, y.astype(float), folds), chrom)
    products = residual * without_means(ranks - cross_fitted(everything, ranks, folds), chrom)
    sums = pd.Series(products).groupby(chrom).sum()
    allowance = ALLOWANCE * np.sqrt((residual**2).sum() * ((ranks - ranks.mean()) ** 2).sum())
    statistic = (sums.sum() - allowance) / (np.sqrt(len(sums)) * sums.std(ddof=1))
    return {
        "information statistic": float(statistic),
        "information p-value": float(student.sf(statistic, len(sums) - 1)),
        "spearman with average": float(np.corrcoef(rankdata(average), ranks_of(scores))[0, 1]),
    }


def without_means(values: np.ndarray, chrom: np.ndarray) -> np.ndarray:
    """What is left when each chromosome's mean is taken away."""
    series = pd.Series(values)
    return (series - series.groupby(chrom, sort=False).transform("mean")).to_numpy()


def ranks_of(scores: dict[str, np.ndarray]) -> np.ndarray:
    """Mean ranks of the model's score."""
    return rankdata(scores["model"])


def chromosome_folds(chrom: np.ndarray) -> np.ndarray:
    """Whole chromosomes in folds of about equal size: the largest first, to the smallest fold."""
    sizes = pd.Series(chrom).value_counts(sort=False).sort_index()
    sizes = sizes.sort_values(ascending=False, kind="stable")
    load, fold_of = np.zeros(N_FOLDS), {}
    for name, size in sizes.items():
        fold_of[name] = int(np.argmin(load))
        load[fold_of[name]] += size
    return pd.Series(chrom).map(fold_of).to_numpy()


def cross_fitted(x: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Predict each fold by ridge regression on the others."""
    fitted = np.empty(len(y))
    for fold in range(N_FOLDS):
        train = folds != fold
        mean = y[train].mean()
        model = Ridge(alpha=PENALTY * train.sum(), fit_intercept=False)
        model.fit(x[train], y[train] - mean)
        fitted[~train] = model.predict(x[~train]) + mean
    return fitted


def _neighbours(column: pd.Series, window: int) -> pd.Series:
    """Mean of up to `window` loci on either side, without the locus itself."""
    near = column.rolling(2 * window + 1, center=True, min_periods=1)
    return (near.sum() - column) / (near.count() - 1)


def natural_spline(values: np.ndarray, levels: np.ndarray | None = None) -> np.ndarray:
    """Natural cubic spline columns (Hastie, Tibshirani & Friedman, equations 5.4 and 5.5).

    Knots lie at quantiles of the values or, where they are given, of the levels; these then set the
    unit as well.
    """
    unit = values if levels is None else levels
    scaled = (values - unit.mean()) / unit.std()
    at = (unit - unit.mean()) / unit.std()
    knots = np.unique(np.quantile(at, np.linspace(0, 1, N_KNOTS)))
    if len(knots) < 3:
        return scaled[:, None]

    def cube(knot: float) -> np.ndarray:
        return np.maximum(scaled - knot, 0) ** 3 / (knots[-1] - knot)

    final = cube(knots[-2])
    return np.column_stack([scaled, *(cube(knot) - final for knot in knots[:-2])])
