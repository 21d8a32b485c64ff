"""The paper's models and data sets, built from the real file formats (extra `reference`).

Names are imported when first used, so that ``import leakcheck.reference`` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leakcheck.reference.architecture import Architecture
    from leakcheck.reference.batches import TrainingData
    from leakcheck.reference.boundaries import bins_of, overlapping, read_boundaries
    from leakcheck.reference.chromosomes import read_chrom_sizes
    from leakcheck.reference.download import DownloadError
    from leakcheck.reference.expression import read_rpkm
    from leakcheck.reference.genes import (
        genes_from_table,
        read_genes,
        read_start_sites,
        upstream_most,
    )
    from leakcheck.reference.grids import grid
    from leakcheck.reference.models import build
    from leakcheck.reference.parameters import n_parameters
    from leakcheck.reference.peaks import peak_signal
    from leakcheck.reference.protocol import Protocol
    from leakcheck.reference.regions import Regions, centred, promoters
    from leakcheck.reference.sequence import (
        Sequences,
        encode,
        one_hot,
        read_sequences,
        reverse_complement,
    )
    from leakcheck.reference.sources import load_tasks
    from leakcheck.reference.task import Roles, Task
    from leakcheck.reference.tracks import TrackMeans, mean_arcsinh
    from leakcheck.reference.training import DivergedError, Fitted, fit, predict

__all__ = [
    "Architecture",
    "DivergedError",
    "DownloadError",
    "Fitted",
    "Protocol",
    "Regions",
    "Roles",
    "Sequences",
    "Task",
    "TrackMeans",
    "TrainingData",
    "bins_of",
    "build",
    "centred",
    "encode",
    "fit",
    "genes_from_table",
    "grid",
    "load_tasks",
    "mean_arcsinh",
    "n_parameters",
    "one_hot",
    "overlapping",
    "peak_signal",
    "predict",
    "promoters",
    "read_boundaries",
    "read_chrom_sizes",
    "read_genes",
    "read_rpkm",
    "read_sequences",
    "read_start_sites",
    "reverse_complement",
    "upstream_most",
]

_HOMES = {
    "Architecture": "architecture",
    "DivergedError": "training",
    "DownloadError": "download",
    "Fitted": "training",
    "Protocol": "protocol",
    "Regions": "regions",
    "Roles": "task",
    "Sequences": "sequence",
    "Task": "task",
    "TrackMeans": "tracks",
    "TrainingData": "batches",
    "bins_of": "boundaries",
    "build": "models",
    "centred": "regions",
    "encode": "sequence",
    "fit": "training",
    "genes_from_table": "genes",
    "grid": "grids",
    "load_tasks": "sources",
    "mean_arcsinh": "tracks",
    "n_parameters": "parameters",
    "one_hot": "sequence",
    "overlapping": "boundaries",
    "peak_signal": "peaks",
    "predict": "training",
    "promoters": "regions",
    "read_boundaries": "boundaries",
    "read_chrom_sizes": "chromosomes",
    "read_genes": "genes",
    "read_rpkm": "expression",
    "read_sequences": "sequence",
    "read_start_sites": "genes",
    "reverse_complement": "sequence",
    "upstream_most": "genes",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leakcheck.reference' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"leakcheck.reference.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
