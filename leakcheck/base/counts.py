"""Counts of positives and negatives at each distinct score, which merge without loss."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base._levels import count_few
from leakcheck.base._tables import (
    TieTable,
    count_table,
    merge_tables,
    precision_recall_of,
    roc_of,
    sums_of_counts,
)
from leakcheck.base.packed import PackedLabels, unpacked
from leakcheck.base.ranking import RankingScores

__all__ = ["RankCounts"]


@dataclass(frozen=True, kw_only=True, eq=False)
class RankCounts:
    """Positives and negatives at each distinct score: all that a ranking metric needs.

    Counts of parts of the rows merge to the counts of all rows, and every metric is computed from
    whole numbers in the order of the thresholds, so that any partition of the rows gives the same
    bits.

    Attributes
    ----------
    thresholds : ndarray, shape (n_thresholds,)
        Distinct scores in decreasing order, in the type of the scores.
    positives, negatives : ndarray of int64, shape (n_thresholds,)
        Rows of either label with exactly that score.

    Examples
    --------
    >>> import numpy as np
    >>> labels, scores = np.array([True, False, True]), np.array([2.0, 1.0, 1.0])
    >>> left = RankCounts.from_scores(labels[:2], scores[:2])
    >>> whole = left.merge(RankCounts.from_scores(labels[2:], scores[2:]))
    >>> whole.positives, whole.negatives, whole.auroc()
    (array([1, 1]), array([0, 1]), 0.75)
    """

    thresholds: NDArray[Any]
    positives: IntArray
    negatives: IntArray

    @classmethod
    def from_scores(cls, labels: BoolArray | PackedLabels, scores: NDArray[Any]) -> "RankCounts":
        """Count the labels at each distinct score.

        Parameters
        ----------
        labels : ndarray of bool, shape (n,), or PackedLabels
            True where the locus is active.
        scores : ndarray of real numbers, shape (n,)
            Scores, finite; larger = more active. -0.0 and 0.0 are one score.

        Returns
        -------
        RankCounts
        """
        levels = count_few(labels, scores)
        return cls._of(count_table(unpacked(labels), scores) if levels is None else levels)

    def merge(self, *others: "RankCounts") -> "RankCounts":
        """Add the counts of other rows, scored in the same type.

        Parameters
        ----------
        *others : RankCounts
            Counts of rows that are in none of the other counts.

        Returns
        -------
        RankCounts
            Counts of all the rows, whatever the order of the parts.
        """
        return self._of(merge_tables([self._table, *(other._table for other in others)]))

    @property
    def n_positive(self) -> int:
        """Number of positives."""
        return int(self.positives.sum())

    @property
    def n_negative(self) -> int:
        """Number of negatives."""
        return int(self.negatives.sum())

    def ranking_scores(self) -> RankingScores:
        """Compute average precision, expected average precision and AUROC.

        Returns
        -------
        RankingScores
            As `leakcheck.base.ranking.ranking_scores` of the counted rows, to 1e-12; NaN where
            undefined.
        """
        sums = sums_of_counts(self._table)
        return RankingScores.from_sums(sums, self.n_positive, self.n_negative)

    def average_precision(self) -> float:
        """Compute average precision; see `leakcheck.base.ranking.average_precision`."""
        return float(self.ranking_scores().average_precision)

    def expected_average_precision(self) -> float:
        """Compute its mean over ties; see `leakcheck.base.ranking.expected_average_precision`."""
        return float(self.ranking_scores().expected_average_precision)

    def auroc(self) -> float:
        """Compute the area under the ROC curve; see `leakcheck.base.ranking.auroc`."""
        return float(self.ranking_scores().auroc)

    def precision_recall_points(self) -> tuple[FloatArray, FloatArray, NDArray[Any]]:
        """Compute the curve; see `leakcheck.base.ranking.precision_recall_points`."""
        return precision_recall_of(self._table)

    def roc_points(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Compute the curve; see `leakcheck.base.ranking.roc_points`."""
        return roc_of(self._table)

    @property
    def _table(self) -> TieTable:
        return TieTable(self.thresholds, self.positives, self.negatives)

    @classmethod
    def _of(cls, table: TieTable) -> "RankCounts":
        return cls(
            thresholds=table.thresholds, positives=table.positives, negatives=table.negatives
        )
