"""Floor 6: from a path, or a mapping of paths, to a source."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from leakcheck.adapters.column_names import CELLTYPE
from leakcheck.data.models import read_models
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError
from leakcheck.scale.bigwig_source import open_bigwig
from leakcheck.scale.parquet_long import long_source
from leakcheck.scale.parquet_open import holds_parquet, open_parquet
from leakcheck.scale.parquet_wide import wide_source, wide_tables_source
from leakcheck.scale.source import Source
from leakcheck.scale.zarr_open import holds_zarr, open_zarr

__all__ = ["open_source"]

_KINDS = {
    "a long Parquet table": {"predictions", "label", "locus", "celltype", "signal"},
    "a wide Parquet table": {"predictions", "locus"},
    "wide Parquet tables": {"locus"},
    "a Zarr group": {"predictions", "label", "locus", "celltype", "signal"},
    "bigWig tracks": {"bin_size", "missing", "chromosomes", "active_above"},
}
_ALWAYS = {"families", "partition_bytes"}
_LEAST_BYTES = 1 << 16


def open_source(source: Any, **options: Any) -> Source:
    r"""Open a data set on disk so that it can be audited piece by piece.

    Parameters
    ----------
    source : str, path-like, mapping or Source
        A Parquet file or a folder of them, long or wide; a Zarr group; a mapping with the keys
        ``labels``, ``predictions`` and perhaps ``signal``: to wide Parquet tables (predictions:
        one, or model to table, or family to model to table), or cell type to bigWig track
        (predictions: cell type to track, or model to cell type to track). A `Source` is returned
        as it is.
    \*\*options
        For long Parquet and Zarr: ``predictions, label, locus, celltype, signal``, names of
        columns or arrays; for wide Parquet: ``predictions`` (which models) and ``locus``; for
        bigWig: ``bin_size`` and ``missing`` (both needed), ``chromosomes``, ``active_above``; for
        all: ``families`` (model to family) and ``partition_bytes`` (memory of one piece, default
        32 MiB).

    Returns
    -------
    Source
        Small and picklable; only footers, headers and names were read.

    Raises
    ------
    ValidationError
        When it is none of these, or an option is not for it.
    CorruptPartitionError
        When a file is cut off, or has other columns than the first of its data set.
    MissingDependencyError
        When a package is not installed (extras ``scale``, ``bigwig``).

    Examples
    --------
    >>> import pandas as pd, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "table.parquet")
    >>> pd.DataFrame({"locus": ["chr1:0-10", "chr1:10-20"], "label:K562": [0, 1],
    ...               "label:H1": [1, 0], "prediction:net:H1": [0.7, 0.2]}).to_parquet(path)
    >>> opened = open_source(path)
    >>> opened.cell_types, opened.models, opened.n_loci
    (('K562', 'H1'), ('net',), 2)
    """
    if isinstance(source, Source):
        _check_options(options, "a Source that is open already", set())
        return source
    settings = {
        "families": dict(options.pop("families", None) or {}),
        "partition_bytes": _bytes(options.pop("partition_bytes", 1 << 25)),
    }
    if isinstance(source, Mapping):
        return _named(_open_mapping(source, options, settings))
    if not isinstance(source, str | os.PathLike):
        raise ValidationError(
            "`source` must be a path, a mapping of paths, or a Source; it is a "
            f"{type(source).__name__}. For data in memory call leakcheck.audit."
        )
    return _named(_open_path(Path(source), options, settings))


def _bytes(value: Any) -> int:
    """Check the size of a piece."""
    if not isinstance(value, int) or value < _LEAST_BYTES:
        raise ValidationError(
            f"`partition_bytes` must be a whole number of bytes, at least {_LEAST_BYTES}; it is "
            f"{value!r}. Leave it out for 32 MiB."
        )
    return value


def _check_options(options: Mapping[str, Any], kind: str, known: set[str]) -> None:
    """Refuse options that mean nothing here."""
    odd = next((name for name in options if name not in known), None)
    if odd is not None:
        raise ValidationError(
            f"`{odd}` is no option of {kind}.{did_you_mean(odd, sorted(known))} Its options are "
            f"{listing(sorted(known | (_ALWAYS if known else set())), 12)}. Leave it out."
        )


def _asked(options: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Give every option of a kind, None where it was not given."""
    _check_options(options, kind, _KINDS[kind])
    return {name: options.get(name) for name in _KINDS[kind]}


def _open_path(path: Path, options: dict[str, Any], settings: dict[str, Any]) -> Source:
    """Open a Zarr group, or a Parquet table in either form."""
    if holds_zarr(path):
        return open_zarr(path, **_asked(options, "a Zarr group"), **settings)
    if path.exists() and not holds_parquet(path):
        what = "a folder without any" if path.is_dir() else "a file of another kind"
        raise ValidationError(
            f"`source` must be a Parquet file, a folder of them or a Zarr group; {path} is {what}. "
            "For bigWig tracks pass a mapping with 'labels' and 'predictions'; convert text tables "
            "to Parquet."
        )
    files = open_parquet(path)
    names = list(files.schema.names)
    if options.get("celltype") is not None or any(name in names for name in CELLTYPE):
        return long_source(files, **_asked(options, "a long Parquet table"), **settings)
    if any(name.startswith("label:") for name in names):
        return wide_source(files, **_asked(options, "a wide Parquet table"), **settings)
    raise ValidationError(
        f"`source` must have a column of cell types ({', '.join(CELLTYPE)}; one row for each locus "
        "and cell type), or columns 'label:<cell type>' and 'prediction:<model>:<cell type>' (one "
        f"row for each locus); {path} has the columns {listing(names, 12)}. Rename them, name the "
        "column by `celltype`, or pass a mapping with 'labels' and 'predictions'."
    )


def _open_mapping(
    source: Mapping[str, Any], options: dict[str, Any], settings: dict[str, Any]
) -> Source:
    """Open tracks, or wide tables of labels and predictions."""
    odd = [key for key in source if key not in ("labels", "predictions", "signal")]
    if odd or "labels" not in source or "predictions" not in source:
        raise ValidationError(
            "`source` as a mapping must have the keys 'labels' and 'predictions', and perhaps "
            f"'signal'; it has {listing(list(source))}. Rename or add them."
        )
    labels, predictions, signal = source["labels"], source["predictions"], source.get("signal")
    if isinstance(labels, Mapping):
        if signal is not None:
            raise ValidationError(
                "`signal` must be left out for tracks: with `active_above` the means are the "
                "signal. Leave it out."
            )
        asked = {k: v for k, v in _asked(options, "bigWig tracks").items() if v is not None}
        lacking = [name for name in ("bin_size", "missing") if name not in asked]
        if lacking:
            raise ValidationError(
                f"`{lacking[0]}` must be given for bigWig tracks; it is missing. Pass for instance "
                "bin_size=200, missing='nan'."
            )
        families, flat = _by_model(predictions, is_track=True)
        settings["families"] = families or settings["families"]
        return open_bigwig(labels, flat, **asked, **settings)
    families, flat = _by_model(predictions, is_track=False)
    settings["families"] = families or settings["families"]
    return wide_tables_source(
        open_parquet(labels),
        {model: open_parquet(path) for model, path in flat.items()},
        None if signal is None else open_parquet(signal),
        **_asked(options, "wide Parquet tables"),
        **settings,
    )


def _by_model(predictions: Any, *, is_track: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """Tell families, models and files apart by how deep the mapping is."""
    depth, inner = 0, predictions
    while isinstance(inner, Mapping) and inner:
        depth, inner = depth + 1, next(iter(inner.values()))
    if depth == 0 and not is_track:
        return {}, {"model": predictions}
    if depth != 2 + is_track:
        return {}, predictions
    families = {str(m): str(family) for family, models in predictions.items() for m in models}
    flat = {str(m): files for models in predictions.values() for m, files in models.items()}
    return families, flat


def _named(source: Any) -> Source:
    """Check the names of models and families, as `leakcheck.audit` does."""
    read = read_models(dict.fromkeys(source.models, 0), source.families or None, wide=True)
    checked: Source = replace(source, families=read.families)
    return checked
