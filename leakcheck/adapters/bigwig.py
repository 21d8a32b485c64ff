"""bigWig tracks of predictions and of what was observed, over given bins."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from leakcheck._typing import FloatArray
from leakcheck.adapters.names import named_reference
from leakcheck.adapters.per_cell_type import Files, cell_types_of, models_of
from leakcheck.adapters.tracks import loci_of_bins, track_means
from leakcheck.data import EvaluationSet, Loci, build_evaluation_set
from leakcheck.data.evaluation_set import Note
from leakcheck.exceptions import ValidationError

__all__ = ["evaluation_set_from_bigwig"]

Missing: TypeAlias = Literal["nan", "zero"]


def evaluation_set_from_bigwig(
    predictions: Files | Mapping[str, Files],
    labels: Files,
    bins: Any,
    *,
    missing: Missing,
    active_above: float | None = None,
    train: str | Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
) -> EvaluationSet:
    """Make an evaluation set of bigWig tracks.

    Parameters
    ----------
    predictions : mapping of str to path, or of str to such mappings
        Cell type to track of predictions, of one model; or model to such a mapping.
    labels : mapping of str to path
        Cell type to track of the observed activity, of the reference cell types too.
    bins : DataFrame, array-like, shape (n_loci,), or Loci
        Loci with coordinates: ``chrom, start, end`` (0-based, half-open) or ``chr1:100-200``.
    missing : {"nan", "zero"}
        What a base without data is: not measured, so that it is left out of the mean, or no
        signal, that is 0. There is no default: formats differ. The choice is recorded as a
        finding.
    active_above : float, optional
        Makes the labels binary: active where the mean of a bin is larger. The means are then the
        signal beside the labels. Without it the means are continuous labels.
    train : str or sequence of str, optional
        Reference cell types, or ``"leave-one-out"``; by default those without predictions.
    families : mapping of str to str, optional
        Family of each model.

    Returns
    -------
    EvaluationSet
        Every value is the mean over the bases of a bin; zoom levels are not used.

    Raises
    ------
    ValidationError
        When a file is not a bigWig, or bins and tracks do not fit.
    MissingDependencyError
        When pyBigWig is not installed (extra ``bigwig``).

    Examples
    --------
    >>> import tempfile, pyBigWig
    >>> bw, bins = tempfile.mkdtemp() + "/track.bw", ["chr1:0-10", "chr1:10-20"]
    >>> with pyBigWig.open(bw, "w") as track:
    ...     track.addHeader([("chr1", 20)])
    ...     track.addEntries("chr1", [0, 10], values=[1.0, 2.0], span=10)
    >>> evaluation_set_from_bigwig({"H1": bw}, {"K562": bw, "H1": bw}, bins, missing="nan").labels
    array([[1., 1.],
           [2., 2.]])
    """
    loci = loci_of_bins(bins)
    models = models_of(predictions)
    cell_types = cell_types_of(models, labels)
    reader = _Reader(loci, cell_types, missing)
    scores = {model: reader.grid(files) for model, files in models.items()}
    means = reader.grid(labels)
    found = build_evaluation_set(
        scores,
        means if active_above is None else _active(means, active_above),
        loci,
        list(cell_types),
        train=named_reference(train),
        signal=None if active_above is None else means,
        families=families,
        label_kind="continuous" if active_above is None else "binary",
    )
    return replace(found, notes=(*found.notes, *reader.notes()))


def _active(means: FloatArray, bound: float) -> FloatArray:
    """Call bins active; what was not observed stays so."""
    if not np.isfinite(bound):
        raise ValidationError(
            f"`active_above` must be a finite number; it is {bound}. Leave it out to keep the "
            "means as continuous labels."
        )
    return np.where(np.isnan(means), np.nan, means > bound)


class _Reader:
    """Reads tracks over the same bins, and counts the gaps."""

    def __init__(self, loci: Loci, cell_types: Sequence[str], missing: Missing) -> None:
        self.loci, self.cell_types, self.missing = loci, cell_types, missing
        self.n_tracks = self.n_gaps = self.n_empty = 0

    def grid(self, files: Files) -> FloatArray:
        """Read one track for each cell type; a cell type without one is NaN."""
        found = np.full((len(self.loci), len(self.cell_types)), np.nan)
        for cell_type, path in files.items():
            means = track_means(Path(path), self.loci, missing=self.missing)
            found[:, self.cell_types.index(cell_type)] = means.values
            self.n_tracks += 1
            self.n_gaps += means.n_gaps
            self.n_empty += means.n_empty
        return found

    def notes(self) -> tuple[Note, ...]:
        """Say what was done with the gaps, if there were any."""
        if not self.n_gaps:
            return ()
        done = "counted as 0" if self.missing == "zero" else "left out of the mean"
        return (
            Note(
                "LK045",
                f"{self.n_gaps:,} of {self.n_tracks * len(self.loci):,} bins in {self.n_tracks} "
                f"tracks had bases without data, {self.n_empty:,} of them no data at all; such "
                f"bases were {done} (missing={self.missing!r}).",
            ),
        )
