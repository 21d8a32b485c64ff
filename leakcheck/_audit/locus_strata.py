"""Strata of loci in which targets are compared: loci that memory alone tells the same of."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from leakcheck._typing import FloatArray, IntArray, LabelKind
from leakcheck.strata import N_BINS, bins_of, quantile_edges

__all__ = ["ActivityLevels", "LocusStrata", "Room", "sample_step"]

#: Numbers that a table of counts may hold (64 MiB): pairs of targets, times blocks, times strata.
_MOST_COUNTS: Final = 1 << 23
#: Loci from which bins are made, at most: every so many of them, in the order of the input.
_SAMPLE: Final = 1 << 17
#: Bins of a model's mean score within a level of the average, at most, and loci to a bin.
_MOST_BINS: Final = 20
_LOCI_TO_A_BIN: Final = 20
#: Scores beyond are taken as this large. A numpy float: float32 is not asked to hold it.
_LARGEST: Final = np.float64(1e300)


def sample_step(n_loci: int) -> int:
    """Say which loci bins are made from: every so many, in the order of the input.

    Parameters
    ----------
    n_loci : int
        Number of loci.

    Returns
    -------
    int
        1 or more.
    """
    return -(-n_loci // _SAMPLE) or 1


class Room(NamedTuple):
    """What sets the number of strata.

    Attributes
    ----------
    n_loci, n_targets, n_blocks, n_references : int
        Numbers of loci, targets, blocks and reference cell types.
    """

    n_loci: int
    n_targets: int
    n_blocks: int
    n_references: int

    @property
    def n_strata(self) -> int:
        """As many strata as a table of counts holds, at least one."""
        return max(1, _MOST_COUNTS // (self.n_targets**2 * self.n_blocks))

    def n_bins(self, n_levels: int) -> int:
        """Bins of the mean score within each of some levels, at least one."""
        enough = self.n_loci // (_LOCI_TO_A_BIN * n_levels)
        return max(1, min(enough, _MOST_BINS, self.n_strata // n_levels))


class ActivityLevels(NamedTuple):
    """Levels of the average activity: of counts, each; of real numbers, quantile bins.

    Loci active in no reference or in all of them have levels too, and so have those that no
    reference observes: the last.

    Attributes
    ----------
    n : int
        Number of levels.
    n_references : int
        Reference cell types.
    edges : ndarray of float, shape (n_edges,), or None
        Averages at which a level begins, of continuous labels.
    """

    n: int
    n_references: int
    edges: FloatArray | None = None

    @classmethod
    def of_sample(cls, average: FloatArray, kind: LabelKind, room: Room) -> "ActivityLevels":
        """Make levels.

        Parameters
        ----------
        average : ndarray of float, shape (n,)
            Average activity of the sample; NaN where no reference is observed.
        kind : {"binary", "continuous"}
            What the labels are.
        room : Room
            Levels of neighbouring counts are joined where there is too little.

        Returns
        -------
        ActivityLevels
        """
        most = max(1, room.n_strata - 1)
        if kind == "binary":
            return cls(min(room.n_references + 1, most) + 1, room.n_references)
        edges = quantile_edges(average[~np.isnan(average)], min(N_BINS, most))
        return cls(len(edges) + 2, room.n_references, edges)

    def codes(self, average: FloatArray) -> IntArray:
        """Find the level of loci.

        Parameters
        ----------
        average : ndarray of float, shape (n,)
            Average activity; NaN where no reference is observed.

        Returns
        -------
        ndarray of int, shape (n,)
            From 0 to ``n - 1``.

        Examples
        --------
        >>> ActivityLevels(4, 2).codes(np.array([0.0, 1.0, np.nan, 0.5]))
        array([0, 2, 3, 1])
        """
        unknown = np.isnan(average)
        known = np.where(unknown, 0.0, average)
        codes: IntArray
        if self.edges is None:
            counts = np.rint(known * self.n_references).astype(np.intp)
            codes = counts * (self.n - 1) // (self.n_references + 1)
        else:
            codes = bins_of(known, self.edges)
        codes[unknown] = self.n - 1
        return codes


@dataclass(frozen=True, kw_only=True, eq=False)
class LocusStrata:
    """Strata of loci: levels of the average, and in each, bins of a model's mean over targets.

    A score that is one function of the locus for all targets, each with a gain and an offset of
    its own, hardly differs in its order of two targets within such a stratum: whatever it
    remembers of the locus, it gains nothing.

    Attributes
    ----------
    n_levels, n_bins : int
        Levels, and bins in each.
    centres : ndarray of float, shape (n_targets,)
        Median score of each target: where some targets of a locus are not audited, offsets would
        otherwise tell loci apart.
    edges : tuple of ndarray of float
        Level by level, where bins begin.
    """

    n_levels: int
    n_bins: int
    centres: FloatArray
    edges: tuple[FloatArray, ...]

    @property
    def n(self) -> int:
        """Number of strata."""
        return self.n_levels * self.n_bins

    @classmethod
    def of_sample(
        cls, levels: IntArray, n_levels: int, scores: FloatArray, room: Room
    ) -> "LocusStrata":
        """Make strata; the order of the sample changes no bit.

        Parameters
        ----------
        levels : ndarray of int, shape (n,)
            Level of each locus of the sample.
        n_levels : int
            Number of levels.
        scores : ndarray of float, shape (n, n_targets)
            A model's scores there; NaN where not audited.
        room : Room
            What sets the number of bins.

        Returns
        -------
        LocusStrata
        """
        n_bins = room.n_bins(n_levels)
        centres = np.array([_median(column) for column in scores.T], dtype=np.float64)
        means = _means(scores, centres)
        edges = tuple(quantile_edges(means[levels == one], n_bins) for one in range(n_levels))
        return cls(n_levels=n_levels, n_bins=n_bins, centres=centres, edges=edges)

    def codes(self, levels: IntArray, scores: FloatArray) -> IntArray:
        """Find the stratum of loci.

        Parameters
        ----------
        levels : ndarray of int, shape (n,)
            Level of each locus.
        scores : ndarray of float, shape (n, n_targets)
            Scores; NaN where not audited.

        Returns
        -------
        ndarray of int, shape (n,)
            From 0 to ``n - 1``.
        """
        found: IntArray = levels * self.n_bins
        if self.n_bins == 1:
            return found
        means = _means(scores, self.centres)
        order = np.argsort(levels, kind="stable")
        ends = np.cumsum(np.bincount(levels, minlength=self.n_levels))
        for level, rows in enumerate(np.split(order, ends[:-1])):
            found[rows] += bins_of(means[rows], self.edges[level])
        return found


def _means(scores: FloatArray, centres: FloatArray) -> FloatArray:
    """Mean over the audited targets of each locus, without their centres."""
    total, count = np.zeros(len(scores)), np.zeros(len(scores))
    # Target after target: the same sums, however many loci come at a time.
    for column, centre in zip(scores.T, centres, strict=True):
        known = ~np.isnan(column)
        # Differences and sums of the largest floats would be infinite.
        near = np.clip(column, -_LARGEST, _LARGEST) - np.clip(centre, -_LARGEST, _LARGEST)
        total += np.where(known, near, 0.0)
        count += known
    return total / np.maximum(count, 1.0)


def _median(values: FloatArray) -> float:
    """Median that is a value, whatever their order; 0 where nothing is known."""
    known = values[~np.isnan(values)]
    return float(np.quantile(known, 0.5, method="lower")) if len(known) else 0.0
