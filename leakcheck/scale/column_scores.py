"""Floor 6: the ranking metrics of every column of scores, and nothing else: no store, no folds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck.base.ranking import RankingScores, ranking_scores
from leakcheck.exceptions import ValidationError
from leakcheck.scale.budget import parse_bytes
from leakcheck.scale.open import open_source
from leakcheck.scale.parquet_wide import ParquetWide
from leakcheck.scale.source import Part, Source

__all__ = ["column_scores"]

#: Bytes a row of ranking one column, beside the column: keys, and labels in their order.
_RANKING: Final = 12
_FIXED: Final = 64 << 20


def column_scores(
    source: Any, *, memory: int | str = "1 GiB", **options: Any
) -> Mapping[tuple[str, str], RankingScores]:
    r"""Score every column of predictions against its labels.

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
        with a label and a prediction; NaN where undefined, absent without such a pair.

    Raises
    ------
    ValidationError
        When a label is not 0 or 1, a score is infinite, or one column does not fit.
    CorruptPartitionError
        When a piece cannot be read.

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
    groups = _groups(opened, parse_bytes(memory))
    if isinstance(opened, ParquetWide) and len(opened.tables) == 1:
        # No two tables can differ in their loci, so that these need not be read.
        scored = _one_by_one(opened, [column for group in groups for column in group])
    else:
        scored = _together(opened, groups)
    found = {(model, opened.cell_types[column]): one for model, column, one in scored}
    order = [(model, name) for model in opened.models for name in opened.cell_types]
    return {pair: found[pair] for pair in order if pair in found}


Scored: TypeAlias = tuple[str, int, RankingScores]


def _one_by_one(source: ParquetWide, columns: Sequence[int]) -> Iterator[Scored]:
    """Read and rank one cell type after another."""
    for column in columns:
        values, predictions = source.read_cell_type(column)
        labels = _as_labels(values, source.cell_types[column])
        for model, scores in predictions.items():
            one = _score(labels, scores, f"{model!r} in {source.cell_types[column]}")
            if one is not None:
                yield model, column, one


def _together(source: Source, groups: Sequence[Sequence[int]]) -> Iterator[Scored]:
    """Read some cell types at once, in the partitions that the source has; then rank them."""
    for columns in groups:
        held = _Columns(source, columns)
        for partition in source.partitions():
            held.take(source.read(partition), partition.name)
        for column in columns:
            for model in source.models:
                scores = held.scores.pop((model, column), None)
                if scores is not None:
                    name = f"{model!r} in {source.cell_types[column]}"
                    one = _score(held.labels[column], scores, name)
                    if one is not None:
                        yield model, column, one


def _groups(source: Source, limit: int) -> list[list[int]]:
    """Cell types whose columns are held at once."""
    widths = {model: np.dtype(dtype).itemsize for model, dtype in source.score_dtypes.items()}
    n, widest = source.n_loci, max(widths.values(), default=4)
    reading = 3 * max((one.n_bytes for one in source.partitions()), default=0)
    room = limit - _FIXED - reading - n * (_RANKING + 2 * widest)
    groups: list[list[int]] = []
    left = -1
    for column in range(len(source.cell_types)):
        used = [model for model in source.models if column in source.predicted[model]]
        if not used:
            continue
        size = n * (1 + sum(widths[model] for model in used))
        if size > room:
            least = limit + size - room
            raise ValidationError(
                f"`memory` must be at least {-(-least // 2**20)} MiB to hold one column of {n} "
                f"scores and rank it; {limit / 2**20:.0f} MiB came. Allow more."
            )
        if size > left:
            groups.append([])
            left = room
        groups[-1].append(column)
        left -= size
    return groups


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


def _score(labels: NDArray[np.int8], scores: NDArray[Any], name: str) -> RankingScores | None:
    """Rank a column; None where no pair has both."""
    kept = labels >= 0
    kept &= ~np.isnan(scores)
    if not kept.any():
        return None
    if not kept.all():
        labels, scores = labels[kept], scores[kept]
    if not np.isfinite(scores).all():
        raise ValidationError(
            f"`predictions` must be finite; {int(np.isinf(scores).sum())} of {name} are infinite. "
            "Clip them."
        )
    return ranking_scores(labels.view(np.bool_), scores)


def _as_labels(values: NDArray[Any], name: str) -> NDArray[np.int8]:
    """Labels as 0 and 1, and -1 where missing."""
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
