"""Floor 6: bigWig tracks of labels and predictions, over bins of one width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray, IntArray, LabelKind
from leakcheck.adapters.bed import read_bed
from leakcheck.adapters.per_cell_type import Files, cell_types_of, models_of
from leakcheck.adapters.tracks import MISSING, base_sums, open_track
from leakcheck.base.intervals import IntervalIndex
from leakcheck.data import Note
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError
from leakcheck.scale.source import CorruptPartitionError, Light, Part, Partition

__all__ = ["BigWigSource", "open_bigwig"]

#: Bases that are held at once while a track is read: about 25 bytes each.
_BASES = 1 << 20
_BASE_BYTES = 25 * _BASES
_BED = (".bed", ".narrowPeak", ".broadPeak", ".gappedPeak")


@dataclass(frozen=True)
class BigWigSource(Light):
    """A source over tracks; a locus is a bin of a chromosome.

    Attributes
    ----------
    labels : mapping of str to str
        Cell type to track, or to BED file of active intervals.
    tracks : mapping of str to mapping of str to str
        Model to cell type to track.
    chromosomes : mapping of str to int
        Chromosome to its number of bins.
    bin_size : int
        Width of a bin, in bases.
    missing : {"nan", "zero"}
        What a base without data is.
    active_above : float or None
        Bound above which a bin is active.
    from_peaks : bool
        Whether the labels are BED files.
    families : mapping of str to str
        Model to family.
    partition_bytes : int
        Memory that one partition may take.
    """

    labels: Mapping[str, str]
    tracks: Mapping[str, Mapping[str, str]]
    chromosomes: Mapping[str, int]
    bin_size: int
    missing: Literal["nan", "zero"]
    active_above: float | None
    from_peaks: bool
    families: Mapping[str, str] = field(default_factory=dict)
    partition_bytes: int = 1 << 25

    @property
    def n_loci(self) -> int:
        """Number of bins."""
        return sum(self.chromosomes.values())

    @property
    def cell_types(self) -> tuple[str, ...]:
        """Cell types in the order of the labels."""
        return tuple(self.labels)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(self.tracks)

    @property
    def has_signal(self) -> bool:
        """Whether the means of the labels' tracks are a signal beside binary labels."""
        return self.active_above is not None

    @property
    def label_kind(self) -> LabelKind | None:
        """Binary by a bound or by peaks, else continuous."""
        return "binary" if self.from_peaks or self.active_above is not None else "continuous"

    @property
    def score_dtypes(self) -> Mapping[str, str]:
        """Means are float64."""
        return dict.fromkeys(self.tracks, "float64")

    @property
    def predicted(self) -> Mapping[str, tuple[int, ...]]:
        """Model to the cell types that have a track."""
        return {
            model: tuple(at for at, name in enumerate(self.cell_types) if name in files)
            for model, files in self.tracks.items()
        }

    def partitions(self) -> tuple[Partition, ...]:
        """List stretches of chromosomes."""
        return self._pieces

    @cached_property
    def _pieces(self) -> tuple[Partition, ...]:
        width = 8 * len(self.labels) * (2 + len(self.tracks)) + 40
        most = max(1, self.partition_bytes // width)
        found, at = [], 0
        for chrom, n_bins in self.chromosomes.items():
            for first in range(0, n_bins, most):
                last = min(first + most, n_bins)
                found.append(
                    Partition(
                        name=f"{chrom}:{first * self.bin_size}-{last * self.bin_size}",
                        rows=slice(at + first, at + last),
                        columns=tuple(range(len(self.labels))),
                        n_bytes=(last - first) * width + _BASE_BYTES,
                    )
                )
            at += n_bins
        return tuple(found)

    def read(self, partition: Partition) -> Part:
        """Average every track over a stretch of bins."""
        chrom, starts = self._bins(partition)
        tally = {"gaps": 0, "empty": 0}
        scores = {}
        for model, files in self.tracks.items():
            scores[model] = self._grid(files, chrom, starts, partition, tally)
        if self.from_peaks:
            means, labels = None, self._peaks(chrom, starts)
        else:
            means = self._grid(self.labels, chrom, starts, partition, tally)
            labels = means
        if means is not None and self.active_above is not None:
            labels = np.where(np.isnan(means), np.nan, means > self.active_above)
        loci = pd.DataFrame(
            {
                "chrom": pd.Categorical([chrom]).repeat(len(starts)),
                "start": starts,
                "end": starts + self.bin_size,
            }
        )
        return Part(
            rows=partition.rows,
            columns=partition.columns,
            loci=loci,
            labels=labels,
            predictions=scores,
            signal=means if self.active_above is not None else None,
            tally=tally,
        )

    def _bins(self, partition: Partition) -> tuple[str, IntArray]:
        """Give the chromosome of a partition, and where its bins start."""
        ends = np.cumsum(list(self.chromosomes.values()))
        number = int(np.searchsorted(ends, partition.rows.start, side="right"))
        first = 0 if number == 0 else int(ends[number - 1])
        bins = np.arange(partition.rows.start - first, partition.rows.stop - first, dtype=np.int64)
        return list(self.chromosomes)[number], bins * self.bin_size

    def _grid(
        self,
        files: Mapping[str, str],
        chrom: str,
        starts: IntArray,
        partition: Partition,
        tally: dict[str, int],
    ) -> FloatArray:
        """Average one track for each cell type; a cell type without one is NaN."""
        found = np.full((len(starts), len(self.labels)), np.nan, order="F")
        for column, cell_type in enumerate(self.cell_types):
            if cell_type in files:
                path = files[cell_type]
                try:
                    totals, counts = self._sums(path, chrom, starts)
                except (ValidationError, OSError, RuntimeError) as error:
                    raise CorruptPartitionError(
                        f"{path}, {partition.name}", path, str(error)
                    ) from error
                per_base = counts if self.missing == "nan" else np.full(len(starts), self.bin_size)
                np.divide(totals, per_base, out=found[:, column], where=per_base > 0)
                tally["gaps"] += int((counts < self.bin_size).sum())
                tally["empty"] += int((counts == 0).sum())
        return found

    def _sums(self, path: str, chrom: str, starts: IntArray) -> tuple[FloatArray, IntArray]:
        """Add up the bases of bins, some bins at a time; a bin's sum does not depend on others."""
        totals, counts = np.zeros(len(starts)), np.zeros(len(starts), dtype=np.int64)
        step = max(1, _BASES // self.bin_size)
        with open_track(path) as track:
            if chrom not in track.chroms():
                return totals, counts
            for first in range(0, len(starts), step):
                some = starts[first : first + step]
                names = np.full(len(some), chrom, dtype=object)
                part = slice(first, first + len(some))
                totals[part], counts[part] = base_sums(
                    track, path, names, some, some + self.bin_size
                )
        return totals, counts

    @cached_property
    def _calls(self) -> dict[str, dict[str, tuple[IntArray, IntArray]]]:
        """Intervals of each cell type's BED file, read once for all partitions."""
        return {cell_type: _intervals(path) for cell_type, path in self.labels.items()}

    def _peaks(self, chrom: str, starts: IntArray) -> FloatArray:
        """Call bins active that share a base with an interval of the cell type's BED file."""
        found = np.zeros((len(starts), len(self.labels)), order="F")
        group = np.zeros(len(starts), dtype=np.int64)
        for column, cell_type in enumerate(self.cell_types):
            begins, ends = self._calls[cell_type].get(chrom, (group[:0], group[:0]))
            if len(begins):
                index = IntervalIndex(np.zeros(len(begins), dtype=np.int64), begins, ends)
                hits = index.overlapping(group, starts, starts + self.bin_size)
                found[:, column] = hits >= 0
        return found

    def notes(self, tally: Mapping[str, int]) -> tuple[Note, ...]:
        """Say what was done with bases without data, if there were any."""
        if not tally.get("gaps"):
            return ()
        n_tracks = sum(map(len, self.tracks.values())) + (
            0 if self.from_peaks else len(self.labels)
        )
        done = "counted as 0" if self.missing == "zero" else "left out of the mean"
        return (
            Note(
                "LK045",
                f"{tally['gaps']:,} of {n_tracks * self.n_loci:,} bins in {n_tracks} "
                f"tracks had bases without data, {tally['empty']:,} of them no data at all; such "
                f"bases were {done} (missing={self.missing!r}).",
            ),
        )


def _intervals(path: str) -> dict[str, tuple[IntArray, IntArray]]:
    """Read a BED file: starts and ends by chromosome."""
    calls = read_bed(path, score_column=None)
    return {
        str(chrom): (own["start"].to_numpy(), own["end"].to_numpy())
        for chrom, own in calls.groupby("chrom", sort=False)
    }


def open_bigwig(
    labels: Files,
    predictions: Any,
    *,
    bin_size: int,
    missing: Literal["nan", "zero"],
    chromosomes: Sequence[str] | None = None,
    active_above: float | None = None,
    families: Mapping[str, str],
    partition_bytes: int,
) -> BigWigSource:
    """Make a source of tracks; only their headers are read.

    Parameters
    ----------
    labels : mapping of str to path
        Cell type to track of the observed activity, or to BED file of active intervals.
    predictions : mapping of str to path, or of str to such mappings
        Cell type to track of one model, or model to such a mapping.
    bin_size : int
        Width of a bin in bases. What is left at the end of a chromosome is no bin.
    missing : {"nan", "zero"}
        What a base without data is, as in `evaluation_set_from_bigwig`.
    chromosomes : sequence of str, optional
        Which, in this order. Default: all of the first track of predictions.
    active_above : float, optional
        Makes the labels binary: active where the mean of a bin is larger.
    families : mapping of str to str
        Model to family.
    partition_bytes : int
        Memory that one partition may take.

    Returns
    -------
    BigWigSource

    Raises
    ------
    ValidationError
        When tracks are of different assemblies, or an option is out of range.
    CorruptPartitionError
        When a track cannot be opened.
    """
    models = models_of(predictions)
    cell_types = cell_types_of(models, labels)
    observed = {name: str(labels[name]) for name in cell_types}
    tracks = {model: {str(c): str(p) for c, p in own.items()} for model, own in models.items()}
    kinds = {_is_bed(path) for path in observed.values()}
    if len(kinds) > 1:
        raise ValidationError(
            "`labels` must be tracks for every cell type or BED files for every cell type; both "
            "came. Give one kind."
        )
    from_peaks = kinds == {True}
    _check(bin_size, missing, active_above, from_peaks)
    paths = [path for own in tracks.values() for path in own.values()]
    lengths = _lengths(paths if from_peaks else [*paths, *observed.values()])
    for path in observed.values() if from_peaks else ():
        if not Path(path).is_file():
            raise ValidationError(
                f"`labels` must be files that exist; {path} does not. Check the spelling."
            )
    return BigWigSource(
        labels=observed,
        tracks=tracks,
        chromosomes=_bins_of(lengths, chromosomes, bin_size),
        bin_size=bin_size,
        missing=missing,
        active_above=active_above,
        from_peaks=from_peaks,
        families=families,
        partition_bytes=partition_bytes,
    )


def _is_bed(path: str) -> bool:
    """Tell a BED file by its name."""
    return path.removesuffix(".gz").endswith(_BED)


def _check(bin_size: Any, missing: str, active_above: float | None, from_peaks: bool) -> None:
    """Refuse options out of range."""
    if not isinstance(bin_size, int | np.integer) or bin_size < 1:
        raise ValidationError(
            f"`bin_size` must be a whole number of bases, at least 1; it is {bin_size!r}. Pass for "
            "instance 200."
        )
    if missing not in MISSING:
        raise ValidationError(
            f"`missing` must be 'nan' or 'zero'; it is {missing!r}. Say what a base without data "
            "is: not measured, or no signal."
        )
    if active_above is not None and (from_peaks or not np.isfinite(active_above)):
        raise ValidationError(
            "`active_above` must be a finite number, for labels that are tracks; it is "
            f"{active_above}{' and the labels are BED files' if from_peaks else ''}. Leave it out."
        )


def _lengths(paths: Sequence[str]) -> dict[str, int]:
    """Read the chromosomes of all tracks, those of the first in front."""
    found: dict[str, int] = {}
    owner: dict[str, str] = {}
    for path in paths:
        if not Path(path).is_file():
            raise ValidationError(
                f"`source` must name bigWig files that exist; {path} does not. Check the spelling."
            )
        try:
            with open_track(path) as track:
                own = {str(name): int(length) for name, length in track.chroms().items()}
        except ValidationError as error:
            raise CorruptPartitionError(path, path, str(error)) from error
        if found and not set(own) & set(found):
            raise ValidationError(
                f"`source` must have tracks of one genome assembly; {path} has the chromosomes "
                f"{listing(list(own))} and {paths[0]} has {listing(list(found))}. Name both in one "
                "way (chr1 or 1).",
                code="LK102",
            )
        odd = next((name for name, n in own.items() if found.get(name, n) != n), None)
        if odd is not None:
            raise ValidationError(
                f"`source` must have tracks of one genome assembly; {odd} has {own[odd]:,} bp in "
                f"{path} and {found[odd]:,} in {owner[odd]}. Check how they were made.",
                code="LK102",
            )
        owner |= {name: path for name in own if name not in found}
        found |= {name: length for name, length in own.items() if name not in found}
    return found


def _bins_of(
    lengths: Mapping[str, int], asked: Sequence[str] | None, bin_size: int
) -> dict[str, int]:
    """Count the whole bins of every chromosome."""
    unknown = [name for name in asked or () if name not in lengths]
    if unknown:
        raise ValidationError(
            f"`chromosomes` must be in the tracks; {unknown[0]!r} is not. The tracks have "
            f"{listing(list(lengths))}. Correct the name."
        )
    counts = {name: lengths[name] // bin_size for name in (asked or lengths)}
    found = {name: n_bins for name, n_bins in counts.items() if n_bins}
    if not found:
        raise ValidationError(
            f"`bin_size` must leave a bin on some chromosome; {bin_size:,} bases are more than any "
            "of them has. Pass a smaller one."
        )
    return found
