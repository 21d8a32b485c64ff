"""Floor 4: the passes of the information test over the rows of targets, chunk by chunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final

import numpy as np

from leakcheck._asked import Asked, Information, TargetInformation
from leakcheck._degenerate import why_degenerate, why_untestable
from leakcheck._residual_sums import ResidualSums
from leakcheck._typing import FloatArray
from leakcheck.base.chunks import Chunk, Layout, at_once
from leakcheck.base.columns import Column, gather, scatter
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
from leakcheck.live_rows import LiveRows
from leakcheck.silent_blocks import silent_blocks
from leakcheck.target_rows import TargetRows, layout_of, written

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

#: What a reason says of where it holds.
_WHERE_LIVE: Final = "where the references' labels vary"

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
    live = [_live(one) for one in asked]
    reasons = [_why_untestable(*pair) for pair in zip(asked, live, strict=True)]
    answers = [_refused(*pair) for pair in zip(asked, reasons, strict=True)]
    testable = [i for i, reason in enumerate(reasons) if not reason]
    for _, group in groupby(testable, key=lambda i: (live[i] or asked[i].rows).key):
        places = list(group)
        questions = [asked[i] for i in places]
        found = _test_of(questions, [live[i] for i in places], shared)
        for i, answer in zip(places, found, strict=True):
            answers[i] = answer
    return [_over_all(*three) for three in zip(answers, asked, live, strict=True)]


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


def _test_of(
    asked: Sequence[Asked], live: Sequence[LiveRows | None], shared: SharedFeatures
) -> list[TargetInformation]:
    """Answer questions about the same rows, or about the same of them that are left."""
    pairs = zip(asked, live, strict=True)
    left = [_without(one, rows) for one, rows in pairs if rows is not None]
    if not left:
        return _test(asked, shared.of(asked[0].rows), shared.remember)
    # What is left has features of its own; a ceiling is for all rows.
    ridges = _first(asked, shared.of(asked[0].rows), shared.remember)[2]
    found = _test(left, shared.of(left[0].rows), shared.remember)
    return [one._replace(ceiling=own[-1]) for one, own in zip(found, ridges, strict=True)]


def _live(asked: Asked) -> LiveRows | None:
    """The rows of other blocks, where the references hardly vary on some."""
    if not asked.rows.runs.n_rows:
        return None
    silent = silent_blocks(asked.rows, asked.average_ranks)
    return LiveRows(asked.rows, silent) if silent.any() else None


def _why_untestable(asked: Asked, live: LiveRows | None) -> str:
    """Say why no score can be tested, and where."""
    reason = why_untestable(asked.rows if live is None else live)
    return reason if live is None or not reason else f"{reason}, {_WHERE_LIVE}"


def _without(asked: Asked, live: LiveRows) -> Asked:
    """The question about the rows that are left, among which scores are ranked anew."""

    def left(read: Callable[[Any], FloatArray]) -> Column:
        return written(lambda at: read(live.at(at)), live.runs.n_rows, asked.scratch)

    ranks = {name: asked.scratch.rank(left(partial(asked.ranks_of, name))) for name in asked.ranks}
    nearest = None if asked.nearest is None else left(partial(gather, asked.nearest))
    return Asked(rows=live, ranks=ranks, nearest=nearest, scratch=asked.scratch)


def _over_all(answer: TargetInformation, asked: Asked, live: LiveRows | None) -> TargetInformation:
    """Say what was left out; the correlation with the average is one over all rows."""
    if live is None:
        return answer
    rho = _with_average(asked, layout_of(asked.rows))[0]
    found = {}
    for name, one in answer.by_model.items():
        silent = "" if not one.reason or _WHERE_LIVE in one.reason else f", {_WHERE_LIVE}"
        found[name] = one._replace(
            spearman_with_average=rho[name], reason=one.reason + silent, left_out=live.left_out
        )
    return answer._replace(by_model=found)


def _refused(asked: Asked, reason: str) -> TargetInformation:
    """Give every model the same reason for no answer, if there is one."""
    rho = dict.fromkeys(asked.ranks, np.nan)
    if reason and asked.rows.runs.n_rows:
        rho = _with_average(asked, layout_of(asked.rows))[0]
    found = {name: Information(_UNTESTED, one, reason) for name, one in rho.items()}
    return TargetInformation(found, None)


def _test(
    asked: Sequence[Asked], features: ReferenceFeatures, remember: int
) -> list[TargetInformation]:
    """Answer questions that can be answered."""
    layout = features.layout
    fits, labels, ridges = _first(asked, features, remember)
    tabled = features.serves(len(asked))
    make = partial(Curves, tabled=tabled, label_means=features.label_means, floors=features.floors)
    curves = [
        at_once(
            make(one.rows, layout, one.average_ranks, ridge[0], one.nearest, one.scratch), layout
        )
        for one, ridge in zip(asked, ridges, strict=True)
    ]
    levels = [level_columns(one.rows) if tabled else None for one in asked]
    responses = [
        at_once(_Responses(one, own), layout) for one, own in zip(asked, labels, strict=True)
    ]
    second = Together(
        [Regression(*parts) for parts in zip(fits, responses, curves, levels, strict=True)],
        remember=remember,
    )
    sums = [ResidualSums.zeros(len(one.ranks), one.rows.n_blocks) for one in asked]
    for chunk in layout.chunks:
        fitted = second.predict(chunk)
        for one, response, predicted, question in zip(sums, responses, fitted, asked, strict=True):
            one.add(response(chunk), _bounded(predicted, question.rows), chunk)
    for one in sums:
        one.centre()
    return [
        _answer(one, layout, total, ridge[-1])
        for one, total, ridge in zip(asked, sums, ridges, strict=True)
    ]


def _first(
    asked: Sequence[Asked], features: ReferenceFeatures, remember: int
) -> tuple[list[CrossFit], list["_Labels"], list[list[Column]]]:
    """Predict the labels from all reference columns, before there are curves."""
    fits = [CrossFit(features.table, features.owner != one.rows.column) for one in asked]
    labels = [_Labels.of(one) for one in asked]
    first = [Regression(*pair) for pair in zip(fits, [one.both for one in labels], strict=True)]
    return fits, labels, _predicted(Together(first, remember=remember), asked, features.layout)


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


def _answer(asked: Asked, layout: Layout, sums: ResidualSums, ceiling: Column) -> TargetInformation:
    """Say of every model what the sums say, unless its score cannot be tested."""
    rho, constant = _with_average(asked, layout)
    found, used = {}, sums.n_rows > 0
    binary = asked.rows.label_kind == "binary"
    largest = largest_correlation(float(sums.whole.mean[0])) if binary else 1.0
    for row, name in enumerate(asked.ranks):
        reason = "the prediction is constant" if constant[name] else ""
        if not reason:
            reason = why_degenerate(
                asked.rows,
                layout,
                asked.average_ranks,
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


def _with_average(asked: Asked, layout: Layout) -> tuple[dict[str, float], dict[str, bool]]:
    """Spearman's correlation of each score with the average activity; which are constant."""
    n = layout.n_rows
    own, squares, products = 0.0, dict.fromkeys(asked.ranks, 0.0), dict.fromkeys(asked.ranks, 0.0)
    for chunk in layout.chunks:
        a = asked.average_ranks.read(chunk.rows) - (n + 1) / 2  # the mean of mean ranks
        own += float(np.sum(a * a))
        for name in asked.ranks:
            b = asked.ranks_of(name, chunk.rows) - (n + 1) / 2
            squares[name] += float(np.sum(b * b))
            products[name] += float(np.sum(a * b))
    scales = {name: float(np.sqrt(own * one)) for name, one in squares.items()}
    rho = {name: products[name] / scale if scale > 0 else np.nan for name, scale in scales.items()}
    return rho, {name: one == 0 for name, one in squares.items()}
