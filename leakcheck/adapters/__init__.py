"""From files and containers of other libraries to an `EvaluationSet`."""

from leakcheck.adapters.anndata import evaluation_set_from_anndata
from leakcheck.adapters.bed import evaluation_set_from_bed, read_bed
from leakcheck.adapters.bigwig import evaluation_set_from_bigwig
from leakcheck.adapters.parquet import evaluation_set_from_parquet
from leakcheck.adapters.tables import evaluation_set_from_table, read_table
from leakcheck.adapters.tracks import TrackMeans, base_sums, open_track, track_means
from leakcheck.adapters.xarray import evaluation_set_from_xarray

__all__ = [
    "TrackMeans",
    "base_sums",
    "evaluation_set_from_anndata",
    "evaluation_set_from_bed",
    "evaluation_set_from_bigwig",
    "evaluation_set_from_parquet",
    "evaluation_set_from_table",
    "evaluation_set_from_xarray",
    "open_track",
    "read_bed",
    "read_table",
    "track_means",
]
