"""Floor 4: whether a score says more about a target than the reference cell types do."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.conditional import (
    ConditionalCovariance,
    conditional_covariance,
    normal_scores,
    rank_average,
    rank_of_levels,
    scores_of_ranks,
)
from leakcheck.base.ridge import CrossFit
from leakcheck.features import ReferenceFeatures, curves
from leakcheck.panel import ReferencePanel, TargetView

__all__ = ["Information", "InformationTest", "TargetInformation", "specificity_of"]

#: Below these the test has no honest error rate, and says so instead of answering.
MIN_LOCI: Final = 200
MIN_BLOCKS: Final = 8

#: A partial correlation that is too small to matter: "consistent with memorisation" asks that
#: the upper bound is below it, not only that nothing was found.
PARTIAL_MARGIN: Final = 0.1


class Information(NamedTuple):
    """Answer for one score.

    Attributes
    ----------
    test : ConditionalCovariance
        NaN where it is not testable.
    spearman_with_average : float
        Rank correlation with the average activity, -1 to 1.
    reason : str
        Why it is not testable, else "".
    """

    test: ConditionalCovariance
    spearman_with_average: float
    reason: str


class TargetInformation(NamedTuple):
    """Answers for all scores of a target, and the ceiling that comes with them.

    Attributes
    ----------
    by_model : dict of str to Information
        Model name to answer.
    ceiling : ndarray of float, shape (n,), or None
        Cross-fitted ridge prediction of the target's labels from all reference columns; None
        where the test cannot run.
    """

    by_model: dict[str, Information]
    ceiling: FloatArray | None


class InformationTest:
    """The information test of every target, sharing the reference columns.

    Parameters
    ----------
    panel : ReferencePanel
        The references.

    Notes
    -----
    Labels and normal-scored ranks of the prediction are each regressed on what the reference cell
    types know, by ridge, cross-fitted over whole blocks; the products of the residuals are tested
    by `conditional_covariance`. What they know: signal, clipped signal and label of every
    reference, the mean of neighbouring loci, and splines of the averages, of the nearest cell type
    and of a first ridge prediction. Leaving the latter out calls memorisers of a few cell types
    specific far more often than the nominal 5% (the table of error rates in the documentation).
    """

    def __init__(self, panel: ReferencePanel) -> None:
        self._panel = panel
        self._shared: tuple[bytes, ReferenceFeatures] | None = None

    def of(
        self,
        view: TargetView,
        scores: Mapping[str, FloatArray],
        ranked: Mapping[str, FloatArray] | None = None,
        nearest: FloatArray | None = None,
    ) -> TargetInformation:
        """Test the scores of all models at the loci of one target.

        Parameters
        ----------
        view : TargetView
            The target.
        scores : mapping of str to ndarray of float, shape (n,)
            Model name to score.
        ranked : mapping of str to ndarray of float, shape (n,), optional
            Model name to the mean ranks of its score, where these are known.
        nearest : ndarray of float, shape (n,), optional
            Score of the nearest cell type, which a rough copy of it follows.

        Returns
        -------
        TargetInformation
            One answer for each model.
        """
        average_ranks = rank_of_levels(view.average_levels[1])
        ranks = ranked or {name: rank_average(values) for name, values in scores.items()}
        rho = {name: _correlation(average_ranks, values) for name, values in ranks.items()}
        refusal = _refusal(view)
        if refusal:
            nothing = {name: Information(_UNTESTED, rho[name], refusal) for name in scores}
            return TargetInformation(nothing, None)
        features = self._features(view)
        order = features.table.order
        fit = CrossFit(features.table, features.owner != view.column)
        binary = self._panel.data.label_kind == "binary"
        labels = (view.labels if binary else normal_scores(view.labels)).take(order)
        # The ceiling is in the unit of the labels, which normal scores of continuous ones are not.
        wanted = labels[None] if binary else np.stack([labels, view.labels.take(order)])
        first = fit.predict(wanted.T).T
        ceiling = np.empty(len(order))
        ceiling[order] = first[-1]
        extra = curves(view, first[0], features.neighbourhood, order, nearest)
        of_models = [scores_of_ranks(ranks[name].take(order)) for name in scores]
        responses = np.stack([labels, *of_models])
        residuals = responses - fit.predict(responses.T, extra).T
        blocks = view.blocks[order]
        found = {}
        for column, name in enumerate(scores, start=1):
            reason = _degenerate(self._panel, view, ranks[name])
            test = _UNTESTED
            if not reason:
                test = conditional_covariance(
                    residuals[0], residuals[column], blocks, len(view.block_sizes)
                )
            found[name] = Information(test, rho[name], reason)
        return TargetInformation(found, ceiling)

    def _features(self, view: TargetView) -> ReferenceFeatures:
        """Reference columns at the target's loci; the last ones made are kept for the next."""
        key, shared = view.rows.tobytes(), self._shared
        if shared is None or shared[0] != key:
            shared = (key, ReferenceFeatures.build(self._panel, view.rows))
            self._shared = shared  # another thread may put its own there at any time
        return shared[1]


_UNTESTED = ConditionalCovariance(np.nan, np.nan, np.nan, np.nan, np.nan)


def _refusal(view: TargetView) -> str:
    """Why no score of this target can be tested."""
    n_blocks = int(np.count_nonzero(view.block_sizes))
    if len(view.rows) < MIN_LOCI:
        return f"fewer than {MIN_LOCI} loci"
    if n_blocks < MIN_BLOCKS:
        return f"fewer than {MIN_BLOCKS} blocks"
    if np.ptp(view.labels) == 0:
        return "the target's labels are all the same"
    return ""


def _degenerate(panel: ReferencePanel, view: TargetView, ranks: FloatArray) -> str:
    """Why this score cannot be tested: it is constant, or a function of what anybody has."""
    if np.ptp(ranks) == 0:
        return "the prediction is constant"
    if _is_function(view, ranks):
        return "the prediction is a function of the average activity"
    signal, every = view.average_signal, np.arange(len(ranks))
    if signal is not None and _copied(signal[None], np.zeros(1, dtype=int), every, ranks):
        return "the prediction is a function of the average signal"
    for table in (panel.labels, panel.signal):
        copied = [] if table is None else _copied(table, view.references, view.rows, ranks)
        if copied:
            name = panel.data.cell_types[copied[0]]
            return f"the prediction is a function of the reference cell type {name}"
    return ""


def _copied(table: FloatArray, columns: IntArray, loci: IntArray, ranks: FloatArray) -> list[int]:
    """Find those columns that have these ranks; a few loci rule out nearly all of them."""
    some = np.arange(0, len(ranks), max(1, len(ranks) // 100))
    rising = loci[some[np.argsort(ranks[some], kind="stable")]]
    likely = columns[(np.diff(table[np.ix_(columns, rising)], axis=1) >= 0).all(axis=1)]
    return [c for c in likely.tolist() if np.array_equal(rank_average(table[c, loci]), ranks)]


def _is_function(view: TargetView, ranks: FloatArray) -> bool:
    """Whether loci of equal average have equal scores, or both have the same order."""
    levels, codes = view.average_levels
    if len(levels) > len(codes) // 2:
        return bool(np.array_equal(rank_average(view.average), ranks))
    some = np.empty(len(levels))
    some[codes] = ranks  # of each level, the rank of one locus
    return bool(np.array_equal(some[codes], ranks))


def _correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson's correlation; NaN where either is constant, and without loci."""
    if not len(first):
        return np.nan
    a, b = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else np.nan


def specificity_of(test: ConditionalCovariance, alpha: float, quantile: float) -> str:
    """Turn the test into an answer.

    Parameters
    ----------
    test : ConditionalCovariance
        NaN throughout where it was not testable.
    alpha : float
        One-sided level.
    quantile : float
        Student's t quantile at 1 - alpha on the test's degrees of freedom.

    Returns
    -------
    str
        ``cell-type-specific`` if p < alpha; ``consistent-with-memorisation`` if not, and the
        upper bound of the partial correlation is below 0.1; else ``inconclusive``;
        ``not-testable`` where it is undefined.

    Examples
    --------
    >>> test = ConditionalCovariance(0.3, 0.38, 21.0, 0.005, 0.02)
    >>> specificity_of(test, 0.05, 1.72)
    'consistent-with-memorisation'
    """
    if np.isnan(test.pvalue):
        return "not-testable"
    if test.pvalue < alpha:
        return "cell-type-specific"
    upper = test.partial_correlation + quantile * test.standard_error
    return "consistent-with-memorisation" if upper < PARTIAL_MARGIN else "inconclusive"
