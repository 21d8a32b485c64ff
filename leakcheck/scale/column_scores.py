"""Floor 6: the ranking metrics of every column of scores, and nothing else: no store, no folds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck.base.ranking import RankingScores
from leakcheck.base.ranking_in_place import bytes_beside, ranking_scores_in_place
from leakcheck.exceptions import ValidationError
from leakcheck.scale.budget import parse_bytes
from leakcheck.scale.open import open_source
from leakcheck.scale.parquet_wide import ParquetWide
from leakcheck.scale.source import Part, Source

__all__ = ["column_scores"]

#: Modules, tables of counts, and what a pass over sorted keys makes of a stretch of them.
_FIXED: Final = 64 << 20
#: Rows that are checked and copied at a time, from what is held as a whole.
_CHUNK: Final = 1 << 18
#: Bytes of a label.
_LABEL: Final = 1

Scored: TypeAlias = tuple[str, int, RankingScores]
Require: TypeAlias = Callable[[int], None]


def column_scores(
    source: Any, *, memory: int | str = "1 GiB", **options: Any
) -> Mapping[tuple[str, str], RankingScores]:
    r"""Score every column of predictions against its labels, without an audit.

    Parameters
    ----------
    source : str, path-like, mapping or Source
        As for `open_source`, with binary labels.
    memory : int or str
        As in `leakcheck.scale.audit`. Where not all columns fit at once, the source is read
        several times.
    \*\*options
        As for `open_source`.

    Returns
    -------
    dict of (str, str) to RankingScores
        Average precision, its expected value and AUROC of each model and cell type, over the pairs
        with a label and a prediction. Ranges, no-skill values, undefined cases (NaN) and formulas
        are those of `leakcheck.base.ranking`; a model and cell type without such a pair are absent.

    Raises
    ------
    ValidationError
        When a label is not 0 or 1, a score is infinite, or one column does not fit.
    CorruptPartitionError
        When a piece cannot be read.

    See Also
    --------
    leakcheck.scale.audit : Says whether these scores are better than memory.
    leakcheck.scale.rank_counts : The counts they follow from, on a cluster as well.

    Examples
    --------
    >>> import pandas as pd, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "table.parquet")
    >>> pd.DataFrame({"locus": ["a", "b"], "label:H1": [1, 0],
    ...               "prediction:net:H1": [0.7, 0.2]}).to_parquet(path)
    >>> column_scores(path)["net", "H1"].auroc
    1.0
    """
    opened = open_source(source, **options)
    limit = parse_bytes(memory)
    if isinstance(opened, ParquetWide) and len(opened.tables) == 1:
        # No two tables can differ in their loci, so that these need not be read.
        scored = _one_by_one(opened, limit)
    else:
        scored = _together(opened, limit)
    found = {(model, opened.cell_types[column]): one for model, column, one in scored}
    order = [(model, name) for model in opened.models for name in opened.cell_types]
    return {pair: found[pair] for pair in order if pair in found}


def _one_by_one(source: ParquetWide, limit: int) -> Iterator[Scored]:
    """Read the labels of one cell type after another, and rank one model after another."""
    n, widths = source.n_loci, _widths(source)
    widest = max(widths.values())
    held = 2 * _LABEL + widest + bytes_beside(widest)
    require = _required(limit, n, 3 * widest * source.longest_group + n * held)
    require(0)
    labels, kept = np.empty((2, n), dtype=np.int8)
    memory = np.empty(n * widest, dtype=np.uint8)
    for column, cell_type in enumerate(source.cell_types):
        models = [model for model in source.models if column in source.predicted[model]]
        for rows, values in source.column("labels", column) if models else ():
            labels[rows] = _as_labels(values, f"{cell_type}, rows {rows.start} to {rows.stop - 1},")
        for model in models:
            pairs = _Pairs(kept, memory[: n * widths[model]].view(source.score_dtypes[model]))
            for rows, scores in source.column(f"predictions/{model}", column):
                pairs.add(labels[rows], scores)
            one = pairs.ranked(f"{model!r} in {cell_type}", require)
            if one is not None:
                yield model, column, one


def _together(source: Source, limit: int) -> Iterator[Scored]:
    """Read some cell types at once, in the partitions that the source has; then rank them."""
    n = source.n_loci
    kept = np.empty(n, dtype=np.int8)
    for columns, require in _groups(source, limit):
        held = _Columns(source, columns)
        for partition in source.partitions():
            held.take(source.read(partition), partition.name)
        for column in columns:
            for model in source.models:
                scores = held.scores.pop((model, column), None)
                if scores is None:
                    continue
                # What is kept goes where that was read from which was looked at before.
                pairs = _Pairs(kept, scores)
                for low in range(0, n, _CHUNK):
                    rows = slice(low, low + _CHUNK)
                    pairs.add(held.labels[column][rows], scores[rows])
                one = pairs.ranked(f"{model!r} in {source.cell_types[column]}", require)
                if one is not None:
                    yield model, column, one


def _widths(source: Source) -> dict[str, int]:
    """Bytes of a score of each model."""
    return {model: np.dtype(dtype).itemsize for model, dtype in source.score_dtypes.items()}


def _groups(source: Source, limit: int) -> Iterator[tuple[list[int], Require]]:
    """Cell types whose columns are held at once, and what to call before more is taken."""
    n, widths = source.n_loci, _widths(source)
    reading = 3 * max((one.n_bytes for one in source.partitions()), default=0)
    always = reading + n * (_LABEL + bytes_beside(max(widths.values(), default=4)))
    columns: list[int] = []
    taken = always
    for column in range(len(source.cell_types)):
        used = [model for model in source.models if column in source.predicted[model]]
        if not used:
            continue
        size = n * (_LABEL + sum(widths[model] for model in used))
        if columns and _FIXED + taken + size > limit:
            yield columns, _required(limit, n, taken)
            columns, taken = [], always
        _required(limit, n, taken + size)(0)
        columns.append(column)
        taken += size
    if columns:
        yield columns, _required(limit, n, taken)


def _required(limit: int, n: int, taken: int) -> Require:
    """Make what refuses to take more memory, beside what is taken, than the limit allows."""

    def require(n_bytes: int) -> None:
        least = _FIXED + taken + n_bytes
        if least > limit:
            raise ValidationError(
                f"`memory` must be at least {-(-least // 2**20)} MiB to hold one column of {n} "
                f"scores and rank it; {limit / 2**20:.0f} MiB came. Allow more."
            )

    return require


class _Columns:
    """Labels and scores of some cell types, filled part by part."""

    def __init__(self, source: Source, columns: Sequence[int]) -> None:
        n = source.n_loci
        self.labels = {column: np.full(n, -1, dtype=np.int8) for column in columns}
        self.scores: dict[tuple[str, int], NDArray[Any]] = {}
        for model, dtype in source.score_dtypes.items():
            for column in set(columns) & set(source.predicted[model]):
                self.scores[model, column] = np.full(n, np.nan, dtype=dtype)

    def take(self, part: Part, name: str) -> None:
        """Copy what is held of a part."""
        for place, column in enumerate(part.columns):
            if column not in self.labels:
                continue
            values = part.labels[:, place]
            self.labels[column][part.rows] = _as_labels(values, name)
            for model, scores in part.predictions.items():
                own = self.scores.get((model, column))
                if own is not None:
                    own[part.rows] = scores[:, place]


class _Pairs:
    """Labels and scores of the loci that have both, put one part after another into an array."""

    def __init__(self, labels: NDArray[np.int8], scores: NDArray[Any]) -> None:
        self._labels, self._scores = labels, scores
        self._n = self._n_infinite = 0

    def add(self, labels: NDArray[np.int8], scores: NDArray[Any]) -> None:
        """Copy those of a part."""
        # The least and the largest number are NaN or infinite where any is.
        if labels.min() < 0 or not np.isfinite([scores.min(), scores.max()]).all():
            kept = labels >= 0
            kept &= ~np.isnan(scores)
            labels, scores = labels[kept], scores[kept]
            self._n_infinite += int(np.isinf(scores).sum())
        part = slice(self._n, self._n + len(scores))
        self._labels[part], self._scores[part] = labels, scores
        self._n = part.stop

    def ranked(self, name: str, require: Require) -> RankingScores | None:
        """Rank them, whereupon the scores are lost; None where there are none."""
        if self._n_infinite:
            raise ValidationError(
                f"`predictions` must be finite; {self._n_infinite} of {name} are infinite. "
                "Clip them."
            )
        if not self._n:
            return None
        labels = self._labels[: self._n].view(np.bool_)
        return ranking_scores_in_place(labels, self._scores[: self._n], require=require)


def _as_labels(values: NDArray[Any], name: str) -> NDArray[np.int8]:
    """Labels as 0 and 1, and -1 where missing."""
    if values.dtype == np.int8 and values.min() >= 0 and values.max() <= 1:
        return values
    odd = (values != 0) & (values != 1)
    if values.dtype.kind == "f":
        missing = np.isnan(values)
        odd &= ~missing
        values = np.where(missing, -1, values)
    if odd.any():
        raise ValidationError(
            f"`labels` must be 0 or 1 to be ranked; in {name} {int(odd.sum())} of {len(values)} "
            f"are not, the first is {values[odd][0]}. Continuous labels are audited by "
            "leakcheck.scale.audit."
        )
    return values.astype(np.int8, copy=False)
