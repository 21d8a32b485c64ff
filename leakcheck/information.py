"""Floor 4: the passes of the information test over the rows of targets, chunk by chunk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np

from leakcheck._degenerate import why_degenerate, why_untestable
from leakcheck._typing import FloatArray, IntArray
from leakcheck.base.chunks import Chunk, Layout, at_once
from leakcheck.base.columns import Column, Moments, gather, scatter
from leakcheck.base.conditional import (
    ConditionalCovariance,
    bounded_predictions,
    covariance_of_sums,
    largest_correlation,
    scores_of_ranks,
)
from leakcheck.base.folded_features import REMEMBERED
from leakcheck.base.ridge import CrossFit, Regression, Together
from leakcheck.curves import Curves, level_columns
from leakcheck.features import ReferenceFeatures
from leakcheck.target_rows import AverageRanks, Scratch, TargetRows, layout_of, written

__all__ = [
    "ALLOWANCE",
    "Asked",
    "Information",
    "SharedFeatures",
    "TargetInformation",
]

#: Part correlation (of the residual of the labels with the whole score) that is put down to the
#: regressions: they leave a little of what the references know in both residuals, which any number
#: of loci would make significant.
ALLOWANCE: Final = 0.003


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


#: Blocks with fewer rows keep the means of their residuals, which say little of the block.
_ROWS_OF_MEAN: Final = 20

_UNTESTED = ConditionalCovariance(np.nan, np.nan, np.nan, np.nan, np.nan)


def answer_all(
    asked: Sequence[Asked], *, shared: "SharedFeatures | None" = None
) -> list[TargetInformation]:
    """Test the scores of several targets; those that follow one another share their passes.

    Parameters
    ----------
    asked : sequence of Asked
        Questions.
    shared : SharedFeatures, optional
        Where the reference columns are kept for further targets with the same rows.

    Returns
    -------
    list of TargetInformation
        One for each; the ceilings are columns by position.
    """
    shared = SharedFeatures() if shared is None else shared
    reasons = [why_untestable(one.rows) for one in asked]
    answers = [_refused(*pair) for pair in zip(asked, reasons, strict=True)]
    testable = [i for i, reason in enumerate(reasons) if not reason]
    for _, group in groupby(testable, key=lambda i: asked[i].rows.key):
        places = list(group)
        features = shared.of(asked[places[0]].rows)
        found = _test([asked[i] for i in places], features, shared.remember)
        for i, answer in zip(places, found, strict=True):
            answers[i] = answer
    return answers


class SharedFeatures:
    """Keeps the reference columns of the last rows that were asked for.

    Parameters
    ----------
    remember : int
        Bytes that each table of columns may keep between its passes; no bit depends on it.
    """

    def __init__(self, remember: int = REMEMBERED) -> None:
        self.remember = remember
        self._kept: tuple[bytes, ReferenceFeatures] | None = None

    def of(self, rows: TargetRows) -> ReferenceFeatures:
        """Reference columns at the rows of a target.

        Parameters
        ----------
        rows : TargetRows
            The target.

        Returns
        -------
        ReferenceFeatures
            Made anew unless the last ones were for the same rows.
        """
        kept = self._kept  # another thread may put its own there at any time
        if kept is None or kept[0] != rows.key:
            kept = (rows.key, self._made(rows))
            self._kept = kept
        return kept[1]

    def _made(self, rows: TargetRows) -> ReferenceFeatures:
        """Make them anew."""
        return ReferenceFeatures.build(rows, remember=self.remember)


def _refused(asked: Asked, reason: str) -> TargetInformation:
    """Give every model the same reason for no answer, if there is one."""
    rho = dict.fromkeys(asked.ranks, np.nan)
    if reason and asked.rows.runs.n_rows:
        average = AverageRanks(asked.rows, asked.scratch)
        rho = _with_average(asked, layout_of(asked.rows), average)[0]
    found = {name: Information(_UNTESTED, one, reason) for name, one in rho.items()}
    return TargetInformation(found, None)


def _test(
    asked: Sequence[Asked], features: ReferenceFeatures, remember: int
) -> list[TargetInformation]:
    """Answer questions that can be answered."""
    layout = features.layout
    fits = [CrossFit(features.table, features.owner != one.rows.column) for one in asked]
    labels = [_Labels.of(one) for one in asked]
    first = [Regression(*pair) for pair in zip(fits, [one.both for one in labels], strict=True)]
    ridges = _predicted(Together(first, remember=remember), asked, layout)
    averages = [AverageRanks(one.rows, one.scratch) for one in asked]
    tabled = features.serves(len(asked))
    make = partial(Curves, tabled=tabled, label_means=features.label_means)
    curves = [
        at_once(make(one.rows, layout, average, ridge[0], one.nearest, one.scratch), layout)
        for one, average, ridge in zip(asked, averages, ridges, strict=True)
    ]
    levels = [level_columns(one.rows) if tabled else None for one in asked]
    responses = [
        at_once(_Responses(one, own), layout) for one, own in zip(asked, labels, strict=True)
    ]
    second = Together(
        [Regression(*parts) for parts in zip(fits, responses, curves, levels, strict=True)],
        remember=remember,
    )
    sums = [_Sums.zeros(len(one.ranks), one.rows.n_blocks) for one in asked]
    for chunk in layout.chunks:
        fitted = second.predict(chunk)
        for one, response, predicted, question in zip(sums, responses, fitted, asked, strict=True):
            one.add(response(chunk), _bounded(predicted, question.rows), chunk)
    for one in sums if features.label_means is not None else ():
        one.centre()
    return [
        _answer(one, layout, average, total, ridge[-1])
        for one, average, total, ridge in zip(asked, averages, sums, ridges, strict=True)
    ]


def _bounded(predicted: FloatArray, rows: TargetRows) -> FloatArray:
    """Predictions of labels and scores, no farther out than what they predict."""
    labels = rows.label_range if rows.label_kind == "binary" else None
    return bounded_predictions(predicted, rows.runs.n_rows, labels)


def _predicted(together: Together, asked: Sequence[Asked], layout: Layout) -> list[list[Column]]:
    """Write the first predictions into columns, as float32."""
    n = layout.n_rows
    n_columns = 1 + (asked[0].rows.label_kind == "continuous")
    columns = [
        [one.scratch.column("ridge", np.float32, n) for _ in range(n_columns)] for one in asked
    ]
    for chunk in layout.chunks:
        for own, rows in zip(columns, together.predict(chunk), strict=True):
            for column, values in zip(own, rows, strict=True):
                scatter(column, chunk.rows, values.astype(np.float32))
    return columns


@dataclass(frozen=True, eq=False)
class _Labels:
    """The labels of a target as responses."""

    rows: TargetRows
    ranks: Column | None  # of continuous labels

    @classmethod
    def of(cls, asked: Asked) -> "_Labels":
        """Rank continuous labels."""
        if asked.rows.label_kind == "binary":
            return cls(asked.rows, None)
        n = asked.rows.runs.n_rows
        labels = written(asked.rows.labels, n, asked.scratch)
        return cls(asked.rows, asked.scratch.rank(labels))

    def tested(self, chunk: Chunk) -> FloatArray:
        """What is tested: binary labels as they are, normal scores of continuous ones."""
        if self.ranks is None:
            return self.rows.labels(chunk.rows)
        return scores_of_ranks(gather(self.ranks, chunk.rows), len(self.ranks))

    def both(self, chunk: Chunk) -> FloatArray:
        """What is tested, and continuous labels in their unit, which the ceiling has."""
        tested = self.tested(chunk)
        if self.ranks is None:
            return tested[None]
        return np.stack([tested, self.rows.labels(chunk.rows)])


class _Responses:
    """Labels and normal scores of the ranks of each model."""

    def __init__(self, asked: Asked, labels: _Labels) -> None:
        self._asked, self._labels = asked, labels

    def __call__(self, chunk: Chunk) -> FloatArray:
        """Responses of a chunk, one in each row."""
        asked, n = self._asked, self._asked.rows.runs.n_rows
        scores = [scores_of_ranks(asked.ranks_of(name, chunk.rows), n) for name in asked.ranks]
        return np.stack([self._labels.tested(chunk), *scores])


@dataclass(eq=False)
class _Sums:
    """Sums over the labels (first) and the scores of each model, and over their residuals."""

    products: FloatArray  # (n_models, n_blocks)
    residuals: FloatArray  # (1 + n_models, n_blocks)
    n_rows: IntArray  # (n_blocks,)
    squares: FloatArray  # (1 + n_models,) of residuals
    whole: Moments  # of labels and scores

    @classmethod
    def zeros(cls, n_models: int, n_blocks: int) -> "_Sums":
        """Nothing yet."""
        return cls(
            np.zeros((n_models, n_blocks)),
            np.zeros((1 + n_models, n_blocks)),
            np.zeros(n_blocks, dtype=np.int64),
            np.zeros(1 + n_models),
            Moments(),
        )

    def add(self, responses: FloatArray, predicted: FloatArray, chunk: Chunk) -> None:
        """Take in a chunk."""
        residuals = responses - predicted
        blocks, starts = chunk.block_starts
        products = residuals[1:] * residuals[0]
        self.products[:, blocks] += np.add.reduceat(products, starts, axis=1)
        self.residuals[:, blocks] += np.add.reduceat(residuals, starts, axis=1)
        self.n_rows[blocks] += np.diff(np.append(starts, len(chunk)))
        self.squares += (residuals * residuals).sum(axis=1)
        self.whole.add(responses)

    def centre(self) -> None:
        """Take the mean of each block from the residuals.

        Where a reference has no labels on a whole block, regressions that were fitted where it has
        them are off there as a whole, which is no knowledge of the target.
        """
        n = np.where(self.n_rows < _ROWS_OF_MEAN, np.inf, self.n_rows)
        self.products -= self.residuals[1:] * self.residuals[0] / n
        self.squares -= (self.residuals**2 / n).sum(axis=1)


def _answer(
    asked: Asked, layout: Layout, average: AverageRanks, sums: _Sums, ceiling: Column
) -> TargetInformation:
    """Say of every model what the sums say, unless its score cannot be tested."""
    rho, constant = _with_average(asked, layout, average)
    found, used = {}, sums.n_rows > 0
    binary = asked.rows.label_kind == "binary"
    largest = largest_correlation(float(sums.whole.mean[0])) if binary else 1.0
    for row, name in enumerate(asked.ranks):
        reason = "the prediction is constant" if constant[name] else ""
        if not reason:
            reason = why_degenerate(
                asked.rows,
                layout,
                average,
                partial(asked.ranks_of, name),
                asked.scratch,
            )
        test = _UNTESTED
        if not reason:
            test = covariance_of_sums(
                sums.products[row, used],
                float(sums.squares[0]),
                float(sums.squares[1 + row]),
                allowance=ALLOWANCE * float(np.sqrt(sums.squares[0] * sums.whole.squares[1 + row])),
            )
        found[name] = Information(test, rho[name], reason, largest)
    return TargetInformation(found, ceiling)


def _with_average(
    asked: Asked, layout: Layout, average: AverageRanks
) -> tuple[dict[str, float], dict[str, bool]]:
    """Spearman's correlation of each score with the average activity; which are constant."""
    n = layout.n_rows
    own, squares, products = 0.0, dict.fromkeys(asked.ranks, 0.0), dict.fromkeys(asked.ranks, 0.0)
    for chunk in layout.chunks:
        a = average.read(chunk.rows) - (n + 1) / 2  # the mean of mean ranks
        own += float(np.sum(a * a))
        for name in asked.ranks:
            b = asked.ranks_of(name, chunk.rows) - (n + 1) / 2
            squares[name] += float(np.sum(b * b))
            products[name] += float(np.sum(a * b))
    scales = {name: float(np.sqrt(own * one)) for name, one in squares.items()}
    rho = {name: products[name] / scale if scale > 0 else np.nan for name, scale in scales.items()}
    return rho, {name: one == 0 for name, one in squares.items()}
