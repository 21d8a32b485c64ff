"""AnnData: cell types and loci as observations and variables, predictions in layers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray
from leakcheck.adapters.column_names import INTERVAL
from leakcheck.adapters.h5ad import StoredAnnData, stored_matrix
from leakcheck.adapters.names import named_cell_types, named_models
from leakcheck.data import EvaluationSet, build_evaluation_set
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError

__all__ = ["evaluation_set_from_anndata"]


def evaluation_set_from_anndata(
    data: Any,
    *,
    predictions: str | Sequence[str] | Mapping[str, str],
    labels: str | None = None,
    signal: str | None = None,
    celltypes_in: Literal["obs", "var"] = "obs",
    train: str | Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    positive_label: Any = None,
    label_kind: Literal["binary", "continuous"] | None = None,
    chunk_size: int = 512,
) -> EvaluationSet:
    """Make an evaluation set of an AnnData.

    Parameters
    ----------
    data : anndata.AnnData, str or pathlib.Path
        The container, in memory or backed, or the path of an ``.h5ad`` file, whose ``X`` and
        layers are then read by chunk.
    predictions : str, sequence of str or mapping of str to str
        Layers with predictions; a mapping gives each model the name of its layer.
    labels : str, optional
        Layer with the observed activity; by default ``X``. NaN = not observed.
    signal : str, optional
        Layer with continuous activity beside binary labels; ``"X"`` is ``X``.
    celltypes_in : {"obs", "var"}
        Where the cell types are; the loci are in the other. Columns ``chrom, start, end`` beside
        the loci are their intervals (0-based, half-open).
    train : str or sequence of str, optional
        Reference cell types; ``"leave-one-out"``; or a column of booleans beside the cell types.
    families, positive_label, label_kind
        As for `leakcheck.build_evaluation_set`.
    chunk_size : int
        Number of observations that are read at a time.

    Returns
    -------
    EvaluationSet
        Loci and cell types in their order in `data`.

    Raises
    ------
    ValidationError
        When a layer or column is not there; the message lists those that are. When a path is not
        that of an ``.h5ad`` file.
    MissingDependencyError
        When `data` is a path and anndata is not installed (extra ``anndata``).

    Notes
    -----
    What a sparse layer does not store is 0, as everywhere in AnnData. Not observed is NaN, which
    must be stored.

    Examples
    --------
    >>> import anndata
    >>> cells, genes = pd.DataFrame(index=["K562", "H1"]), pd.DataFrame(index=["a", "b"])
    >>> data = anndata.AnnData(np.array([[0.0, 1], [1, 0]]), obs=cells, var=genes)
    >>> data.layers["net"] = np.array([[np.nan, np.nan], [0.7, 0.2]])
    >>> evaluation_set_from_anndata(data, predictions="net", train=["K562"]).targets
    ('H1',)
    """
    if isinstance(data, str | Path):
        data = StoredAnnData(data)
        try:
            return evaluation_set_from_anndata(
                data, predictions=predictions, labels=labels, signal=signal,
                celltypes_in=celltypes_in, train=train, families=families,
                positive_label=positive_label, label_kind=label_kind, chunk_size=chunk_size,
            )  # fmt: skip
        finally:
            data.file.close()
    if not (hasattr(data, "obs") and hasattr(data, "var")) or isinstance(data, pd.DataFrame):
        raise ValidationError(
            "`data` must be an AnnData or the path of an .h5ad file; it is a "
            f"{type(data).__name__}. Tables are read by evaluation_set_from_table."
        )
    if celltypes_in not in ("obs", "var"):
        raise ValidationError(
            f"`celltypes_in` must be 'obs' or 'var'; it is {celltypes_in!r}. Say where the cell "
            "types are; the loci are in the other."
        )
    cells, loci = (data.obs, data.var) if celltypes_in == "obs" else (data.var, data.obs)
    models = named_models(predictions)

    def grid(layer: str | None, argument: str) -> FloatArray:
        matrix = _matrix(data, layer, argument, chunk_size)
        return matrix.T if celltypes_in == "obs" else matrix

    return build_evaluation_set(
        {model: grid(layer, "predictions") for model, layer in models.items()},
        grid(labels, "labels"),
        _loci(loci),
        [str(name) for name in cells.index],
        train=named_cell_types(cells, train),
        signal=None if signal is None else grid(signal, "signal"),
        families=families,
        positive_label=positive_label,
        label_kind=label_kind,
    )


def _loci(frame: pd.DataFrame) -> Any:
    """Give names, with intervals where they stand beside them."""
    names = [str(name) for name in frame.index]
    if not set(INTERVAL) <= set(frame.columns):
        return names
    return frame[list(INTERVAL)].assign(id=names).reset_index(drop=True)


def _matrix(data: Any, layer: str | None, argument: str, chunk_size: int) -> FloatArray:
    """Read ``X`` or a layer into one array, some observations at a time."""
    if layer == "X" and layer not in data.layers and data.X is not None:
        layer = None
    if layer is not None and layer not in data.layers:
        known = [str(name) for name in data.layers]
        raise ValidationError(
            f"`{argument}` names a layer that is not there: {layer!r}.{did_you_mean(layer, known)} "
            f"The layers are {listing(known, 12)}."
        )
    source = data.X if layer is None else _layer(data, layer)
    if source is None:
        raise ValidationError(
            f"`{argument}` must be a layer when the AnnData has no `X`. The layers are "
            f"{listing([str(name) for name in data.layers], 12)}."
        )
    dtype = np.float32 if source.dtype == np.float32 else np.float64
    matrix = np.empty(data.shape, dtype=dtype)
    for part in _slices(data.n_obs, chunk_size):
        block = source[part]
        matrix[part] = block.toarray() if hasattr(block, "toarray") else np.asarray(block)
    return matrix


def _layer(data: Any, layer: str) -> Any:
    """Layer of an AnnData; of a backed one the matrix in its file, which is read by chunk."""
    if getattr(data, "isbacked", False) and not data.is_view:
        return stored_matrix(data.file[f"layers/{layer}"])
    return data.layers[layer]


def _slices(n: int, size: int) -> Iterator[slice]:
    """Cut a range into slices."""
    if size < 1:
        raise ValidationError(f"`chunk_size` must be 1 or more; it is {size}. Try 512.")
    return (slice(start, min(start + size, n)) for start in range(0, n, size))
