"""Floor 6: exact ranking of a data set on disk from counts that merge, without a store."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray
from leakcheck.base.counts import RankCounts
from leakcheck.exceptions import ValidationError
from leakcheck.scale.dask_runner import DaskRunner
from leakcheck.scale.open import open_source
from leakcheck.scale.source import Source

__all__ = ["rank_counts"]

#: (model, cell type) to counts.
Counts: TypeAlias = dict[tuple[str, str], RankCounts]
_FAN_IN = 8


def rank_counts(source: Any, *, client: Any = None, **options: Any) -> Mapping[Any, RankCounts]:
    r"""Count positives and negatives at each distinct score of every model and cell type.

    Parameters
    ----------
    source : str, path-like, mapping or Source
        As for `open_source`, with binary labels.
    client : distributed.Client or str, optional
        Client, address, or ``"local"``; default: this process. One task a partition; counts are
        merged on the workers as a tree, eight at a time, and no row travels.
    \*\*options
        As for `open_source`.

    Returns
    -------
    dict of (str, str) to RankCounts
        Counts of every (model, cell type) with a pair that has both a label and a prediction. All
        ranking metrics follow from them, to the last bit as from all rows at once.

    Raises
    ------
    ValidationError
        When labels are not 0 and 1, or a score is infinite.
    CorruptPartitionError
        When a piece cannot be read.
    MissingDependencyError
        When Dask is not installed and a `client` is given, or a package that the source needs
        (``leakcheck[scale]``, ``leakcheck[bigwig]``).

    Notes
    -----
    The counts of a column of distinct scores are as long as the column: 20 bytes a row for
    float32. A model of few levels takes next to nothing.

    Examples
    --------
    >>> import pandas as pd, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "table.parquet")
    >>> pd.DataFrame({"locus": ["a", "b"], "label:H1": [1, 0],
    ...               "prediction:net:H1": [0.7, 0.2]}).to_parquet(path)
    >>> rank_counts(path)["net", "H1"].auroc()
    1.0
    """
    opened = open_source(source, **options)
    count, numbers = partial(_count, opened), range(len(opened.partitions()))
    if client is None:
        found = _folded(map(count, numbers))
    else:
        with DaskRunner(client) as runner:
            found = runner.reduce(count, _merge, numbers, what="counts", fan_in=_FAN_IN)
    order = [(model, name) for model in opened.models for name in opened.cell_types]
    return {pair: found[pair] for pair in order if pair in found}


def _folded(parts: Iterator[Counts]) -> Counts:
    """Merge counts as they come, each as often as in a tree, so that few wait at a time."""
    waiting: list[list[Counts]] = [[]]
    for part in parts:
        waiting[0].append(part)
        level = 0
        while len(waiting[level]) == _FAN_IN:
            merged, waiting[level] = _merge(waiting[level]), []
            level += 1
            if level == len(waiting):
                waiting.append([])
            waiting[level].append(merged)
    return _merge([part for level in waiting for part in level])


def _count(source: Source, number: int) -> Counts:
    """Count the labels at each score of one partition."""
    partition = source.partitions()[number]
    part = source.read(partition)
    found: Counts = {}
    for place, column in enumerate(part.columns):
        observed, active = _labels(part.labels[:, place], partition.name)
        for model, scores in part.predictions.items():
            own = scores[:, place]
            rows = observed & ~np.isnan(own)
            chosen = own[rows]
            if not np.isfinite(chosen).all():
                raise ValidationError(
                    f"`predictions` must be finite; in {partition.name} "
                    f"{int((~np.isfinite(chosen)).sum())} of {model!r} are infinite. Clip them."
                )
            if len(chosen):
                pair = (model, source.cell_types[column])
                found[pair] = RankCounts.from_scores(active[rows], chosen)
    return found


def _labels(values: NDArray[Any], name: str) -> tuple[BoolArray, BoolArray]:
    """Tell which labels were observed and which are active."""
    observed = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), dtype=bool)
    active = values == 1
    odd = observed & ~active & (values != 0)
    if odd.any():
        raise ValidationError(
            f"`labels` must be 0 or 1 to be ranked; in {name} {int(odd.sum())} of {len(values)} "
            f"are not, the first is {values[int(np.argmax(odd))]}. Continuous labels have no "
            "counts: call leakcheck.scale.audit."
        )
    return observed, active


def _merge(parts: list[Counts]) -> Counts:
    """Add counts up, pair by pair."""
    gathered: dict[tuple[str, str], list[RankCounts]] = {}
    for part in parts:
        for pair, counts in part.items():
            gathered.setdefault(pair, []).append(counts)
    return {pair: counts[0].merge(*counts[1:]) for pair, counts in gathered.items()}
