"""Floor 4: what is asked of the information test, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from leakcheck._typing import FloatArray
from leakcheck.base.columns import Column, gather
from leakcheck.base.conditional import ConditionalCovariance
from leakcheck.live_rows import LeftOut
from leakcheck.target_rows import AverageRanks, Scratch, TargetRows

__all__ = ["Asked", "Information", "TargetInformation"]


class Information(NamedTuple):
    r"""Answer for one score.

    Attributes
    ----------
    test : ConditionalCovariance
        NaN where it is not testable.
    spearman_with_average : float
        Rank correlation with the average activity. Range -1 to 1: 1 is the order of the average
        itself; the no-skill value is 0, of a score that has nothing of it. NaN where the score or
        the average is constant, or without loci.
    reason : str
        Why it is not testable, else "".
    largest : float
        Largest correlation that a score may have with the labels, 1 for continuous ones.
    left_out : LeftOut or None
        Blocks on which the references hardly vary, where there are any.

    Notes
    -----
    `spearman_with_average` is :math:`\sum a b / \sqrt{\sum a^2 \sum b^2}` over the loci, with
    :math:`a` and :math:`b` the mean ranks of the average and of the score, less :math:`(n + 1) / 2`
    (Spearman, The American Journal of Psychology 15:72-101, 1904, doi:10.2307/1412159).
    """

    test: ConditionalCovariance
    spearman_with_average: float
    reason: str
    largest: float = 1.0
    left_out: LeftOut | None = None


class TargetInformation(NamedTuple):
    """Answers for all scores of a target, and the ceiling that comes with them.

    Attributes
    ----------
    by_model : dict of str to Information
        Model name to answer.
    ceiling : ndarray of float, shape (n,), Column or None
        Cross-fitted ridge prediction of the target's labels from all reference columns, float32
        values: an array in the order of the view, or a column by position where the question came
        with columns. None where the test cannot run.
    """

    by_model: dict[str, Information]
    ceiling: Any


@dataclass(frozen=True, eq=False)
class Asked:
    """A question about scores that are kept as columns by position.

    Attributes
    ----------
    rows : TargetRows
        The target.
    ranks : mapping of str to Column
        Model name to the mean ranks of its score (float), or to twice the mean ranks (whole
        numbers).
    nearest : Column or None
        Activity of the nearest cell type, which a rough copy of it follows.
    scratch : Scratch
        Where columns between the passes are kept.
    """

    rows: TargetRows
    ranks: Mapping[str, Column]
    nearest: Column | None
    scratch: Scratch

    @cached_property
    def average_ranks(self) -> AverageRanks:
        """Ranks of the average activity."""
        return AverageRanks(self.rows, self.scratch)

    def ranks_of(self, name: str, at: Any) -> FloatArray:
        """Mean ranks of a model's score.

        Parameters
        ----------
        name : str
            Model.
        at : slice or ndarray of int, shape (n,)
            Positions.

        Returns
        -------
        ndarray of float64, shape (n,)
            1 to the number of rows of the target, in the order of `at`.
        """
        ranks = gather(self.ranks[name], at)
        return ranks / 2 if ranks.dtype.kind in "iu" else ranks
