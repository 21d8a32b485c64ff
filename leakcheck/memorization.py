"""Floor 4: whether a score says more about a target than the reference cell types do."""

from collections.abc import Mapping, Sequence
from itertools import groupby
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
from leakcheck.base.ridge import CrossFit, predict_together
from leakcheck.features import ReferenceFeatures, curves
from leakcheck.panel import ReferencePanel, TargetView

__all__ = ["Information", "InformationTest", "Question", "TargetInformation", "specificity_of"]

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

    def of(self, question: "Question") -> TargetInformation:
        """Test the scores of all models at the loci of one target.

        Parameters
        ----------
        question : Question
            The target and the scores.

        Returns
        -------
        TargetInformation
            One answer for each model.
        """
        return self.of_all([question])[0]

    def of_all(self, questions: Sequence["Question"]) -> list[TargetInformation]:
        """Test the scores of several targets; those with the same loci share their passes.

        Parameters
        ----------
        questions : sequence of Question
            Targets and scores.

        Returns
        -------
        list of TargetInformation
            One for each question.
        """
        asked = [_Asked.of(question) for question in questions]
        answers = [one.refused(_refusal(one.view)) for one in asked]
        testable = [i for i, one in enumerate(asked) if not _refusal(one.view)]
        for _, group in groupby(testable, key=lambda i: asked[i].view.rows.tobytes()):
            places = list(group)
            found = self._test([asked[i] for i in places])
            for i, answer in zip(places, found, strict=True):
                answers[i] = answer
        return answers

    def _test(self, asked: Sequence["_Asked"]) -> list[TargetInformation]:
        """Answer questions about targets with the same loci."""
        features = self._features(asked[0].view)
        order = features.table.order
        fits = [CrossFit(features.table, features.owner != one.view.column) for one in asked]
        binary = self._panel.data.label_kind == "binary"
        labels = [one.view.labels.take(order) for one in asked]
        # The ceiling is in the unit of the labels, which normal scores of continuous ones are not.
        tested = labels if binary else [normal_scores(one) for one in labels]
        pairs = zip(tested, labels, strict=True)
        wanted = [np.stack(pair[: 1 if binary else 2]) for pair in pairs]
        first = [found.T for found in predict_together(fits, [one.T for one in wanted])]
        extras = [
            curves(one.view, ridge[0], features.neighbourhood, order, one.nearest)
            for one, ridge in zip(asked, first, strict=True)
        ]
        responses = [
            np.stack([own, *(scores_of_ranks(ranks.take(order)) for ranks in one.ranks.values())])
            for one, own in zip(asked, tested, strict=True)
        ]
        second = predict_together(fits, [one.T for one in responses], extras)
        answers = []
        for one, response, fitted, ridge in zip(asked, responses, second, first, strict=True):
            ceiling = np.empty(len(order))
            ceiling[order] = ridge[-1]
            by_model = self._judge(one, response - fitted.T, one.view.blocks.take(order))
            answers.append(TargetInformation(by_model, ceiling))
        return answers

    def _judge(
        self, asked: "_Asked", residuals: FloatArray, blocks: IntArray
    ) -> dict[str, Information]:
        """Test the residuals of each model, which follow those of the labels."""
        found = {}
        n_blocks = len(asked.view.block_sizes)
        for row, (name, ranks) in zip(residuals[1:], asked.ranks.items(), strict=True):
            reason = _degenerate(self._panel, asked.view, ranks)
            test = _UNTESTED
            if not reason:
                test = conditional_covariance(residuals[0], row, blocks, n_blocks)
            found[name] = Information(test, asked.rho[name], reason)
        return found

    def _features(self, view: TargetView) -> ReferenceFeatures:
        """Reference columns at the target's loci; the last ones made are kept for the next."""
        key, shared = view.rows.tobytes(), self._shared
        if shared is None or shared[0] != key:
            shared = (key, ReferenceFeatures.build(self._panel, view.rows))
            self._shared = shared  # another thread may put its own there at any time
        return shared[1]


class Question(NamedTuple):
    """A target, and the scores to be tested there.

    Attributes
    ----------
    view : TargetView
        The target.
    scores : mapping of str to ndarray of float, shape (n,)
        Model name to score.
    ranked : mapping of str to ndarray of float, shape (n,), or None
        Model name to the mean ranks of its score, where these are known.
    nearest : ndarray of float, shape (n,), or None
        Score of the nearest cell type, which a rough copy of it follows.
    """

    view: TargetView
    scores: Mapping[str, FloatArray]
    ranked: Mapping[str, FloatArray] | None = None
    nearest: FloatArray | None = None


class _Asked(NamedTuple):
    """A question with what every answer to it needs."""

    view: TargetView
    ranks: Mapping[str, FloatArray]
    rho: dict[str, float]
    nearest: FloatArray | None

    @classmethod
    def of(cls, question: Question) -> "_Asked":
        """Rank the scores, and compare the ranks with those of the average activity."""
        ranks = question.ranked
        if ranks is None:
            ranks = {name: rank_average(values) for name, values in question.scores.items()}
        average = rank_of_levels(question.view.average_levels[1])
        rho = {name: _correlation(average, values) for name, values in ranks.items()}
        return cls(question.view, ranks, rho, question.nearest)

    def refused(self, reason: str) -> TargetInformation:
        """Give every model the same reason for no answer."""
        found = {name: Information(_UNTESTED, rho, reason) for name, rho in self.rho.items()}
        return TargetInformation(found, None)


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
