"""Floor 4: whether a score says more about a target than the reference cell types do."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.base.columns import ArrayColumn, Column
from leakcheck.base.conditional import ConditionalCovariance, largest_correlation, rank_average
from leakcheck.information import (
    Asked,
    Information,
    SharedFeatures,
    TargetInformation,
    answer_all,
)
from leakcheck.panel import ReferencePanel, TargetView
from leakcheck.panel_rows import GenomeOrder, PanelRows, key_of
from leakcheck.target_rows import Scratch

__all__ = ["Information", "InformationTest", "Question", "TargetInformation", "specificity_of"]

#: A partial correlation that is too small to matter: "consistent with memorisation" asks that
#: the upper bound is below it, not only that nothing was found.
PARTIAL_MARGIN: Final = 0.1

#: The margin is for labels whose classes are even, and for continuous ones. Of rare classes no
#: score has a large correlation, and the margin is the same share of the largest.
_EVEN_CLASSES: Final = largest_correlation(0.5)


class InformationTest:
    """The information test of every target, sharing the reference columns.

    Parameters
    ----------
    panel : ReferencePanel
        The references.

    Notes
    -----
    Labels and normal-scored ranks of the prediction are each regressed on what the reference cell
    types know, by ridge, cross-fitted over whole blocks; the products of the residuals, without
    their means on each block, are tested by `covariance_of_sums`, less what the regressions may
    leave (`information.ALLOWANCE`). What they know: signal, clipped signal and label of every
    reference (continuous labels by their normal scores), the mean of neighbouring loci, and splines
    of the averages, of the nearest cell type and of a first ridge prediction. Leaving the latter
    out calls memorisers of a few cell types specific far more often than the nominal 5% (the table
    of error rates in the documentation).
    """

    def __init__(self, panel: ReferencePanel) -> None:
        self._panel = panel
        self._features = SharedFeatures()
        self._genome: tuple[bytes, GenomeOrder] | None = None

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
        rows = [self._rows(question.view) for question in questions]
        asked = [_asked(*pair) for pair in zip(questions, rows, strict=True)]
        answers = answer_all(asked, shared=self._features)
        return [
            answer._replace(ceiling=_in_view(answer.ceiling, one.genome))
            for answer, one in zip(answers, rows, strict=True)
        ]

    def _rows(self, view: TargetView) -> PanelRows:
        """The rows of a target; the last order on the genome is kept for the next."""
        key, kept = key_of(view.rows), self._genome
        if kept is None or kept[0] != key:
            kept = (key, GenomeOrder(self._panel, view.rows))
            self._genome = kept  # another thread may put its own there at any time
        return PanelRows(self._panel, view, kept[1], key)


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


def _asked(question: Question, rows: PanelRows) -> Asked:
    """The question with its arrays as columns in genome order."""
    ranks = question.ranked
    if ranks is None:
        ranks = {name: rank_average(values) for name, values in question.scores.items()}

    def column(values: FloatArray) -> Column:
        order = rows.genome.order
        return ArrayColumn(values if order is None else values.take(order))

    return Asked(
        rows=rows,
        ranks={name: column(values) for name, values in ranks.items()},
        nearest=None if question.nearest is None else column(question.nearest),
        scratch=Scratch(),
    )


def _in_view(ceiling: Column | None, genome: GenomeOrder) -> FloatArray | None:
    """The ceiling as an array in the order of the view."""
    if ceiling is None:
        return None
    values = ceiling.read(slice(0, len(ceiling)))
    found = np.empty(len(values))
    found[slice(None) if genome.order is None else genome.order] = values
    return found


def specificity_of(
    test: ConditionalCovariance, alpha: float, quantile: float, largest: float = 1.0
) -> str:
    """Turn the test into an answer.

    Parameters
    ----------
    test : ConditionalCovariance
        NaN throughout where it was not testable.
    alpha : float
        One-sided level.
    quantile : float
        Student's t quantile at 1 - alpha on the test's degrees of freedom.
    largest : float
        Largest correlation that a score may have with the labels.

    Returns
    -------
    str
        ``cell-type-specific`` if p < alpha; ``consistent-with-memorisation`` if not, and the
        upper bound of the partial correlation is below the margin; else ``inconclusive``;
        ``not-testable`` where it is undefined. The margin is 0.1, and where one class is rarer
        than the other the same share of the correlation that a perfect score has: 0.034 at a
        prevalence of 1% or 99%.

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
    margin = PARTIAL_MARGIN * min(largest / _EVEN_CLASSES, 1.0)
    return "consistent-with-memorisation" if upper < margin else "inconclusive"
