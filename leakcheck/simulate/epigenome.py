"""A simulated epigenome whose every component is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray, IntArray
from leakcheck.data.seeds import generator_of
from leakcheck.exceptions import ValidationError

__all__ = [
    "Epigenome",
    "autoregression",
    "check_finite",
    "check_numbers",
    "check_sizes",
    "epigenome",
]

# Lengths of chr1..chr22 of hg19 in megabases: chromosomes, the unit of resampling, are unequal.
_CHROMOSOME_MB = (
    249, 243, 198, 191, 181, 171, 159, 146, 141, 136, 135, 134, 115, 107, 103, 90, 81, 78, 59,
    63, 48, 51,
)  # fmt: skip
_LOCUS_WIDTH = 2_000
_FEWEST_LOCI = 2 * len(_CHROMOSOME_MB)
_MOST_LOCI = sum(_CHROMOSOME_MB) * 1_000_000 // _LOCUS_WIDTH  # side by side


@dataclass(frozen=True, kw_only=True, eq=False)
class Epigenome:
    """Simulated activity of loci in cell types, with its components.

    Attributes
    ----------
    loci : pandas.DataFrame, shape (n_loci, 3)
        Columns ``chrom, start, end`` (0-based, half-open), in genome order, indexed by locus id.
    cell_types : tuple of str
        Names, in the order of the columns of `labels`.
    lineage, sublineage : ndarray of int, shape (n_cell_types,)
        Place of each cell type in the tree.
    latent : ndarray of float, shape (n_loci, n_cell_types)
        Activity on a scale without bounds: the sum of the four effects.
    own : ndarray of float, shape (n_loci, n_cell_types)
        The part of `latent` that no other cell type shares.
    labels : pandas.DataFrame, shape (n_loci, n_cell_types)
        1 where active, else 0.
    signal : pandas.DataFrame, shape (n_loci, n_cell_types)
        Non-negative activity in units like RPKM; a locus is active above 0.5.
    """

    loci: pd.DataFrame
    cell_types: tuple[str, ...]
    lineage: IntArray
    sublineage: IntArray
    latent: FloatArray
    own: FloatArray
    labels: pd.DataFrame
    signal: pd.DataFrame

    def held_out(self, n_targets: int) -> list[str]:
        """Choose target cell types, spread over the lineages.

        Parameters
        ----------
        n_targets : int
            How many, from 0 to the number of cell types.

        Returns
        -------
        list of str
            The first cell type of each lineage in turn, then the second of each, and so on.

        Raises
        ------
        ValidationError
            When there are not so many cell types, or `n_targets` is no whole number.

        Examples
        --------
        >>> epigenome(n_loci=100, random_state=0).held_out(2)
        ['C01', 'C07']
        """
        check_numbers(whole={"n_targets": n_targets})
        if not 0 <= n_targets <= len(self.cell_types):
            raise ValidationError(
                f"`n_targets` must be 0 to {len(self.cell_types)}, the number of cell types; "
                f"{n_targets!r} came. Choose another value."
            )
        place = np.array([np.sum(self.lineage[:i] == own) for i, own in enumerate(self.lineage)])
        order = np.lexsort((self.lineage, place))
        return [self.cell_types[i] for i in order[:n_targets]]


def epigenome(
    *,
    n_loci: int = 3_000,
    n_cell_types: int = 24,
    n_lineages: int = 4,
    prevalence: float = 0.65,
    locus_sd: float = 1.0,
    lineage_sd: float = 0.25,
    sublineage_sd: float = 0.3,
    own_sd: float = 0.2,
    autocorrelation: float = 0.5,
    random_state: int | np.random.Generator = 0,
) -> Epigenome:
    r"""Simulate labels and signal of loci in cell types that form a tree.

    Parameters
    ----------
    n_loci : int
        Number of loci, spread over 22 chromosomes in proportion to their lengths; 44 to 1,439,500,
        which is where the genome is full.
    n_cell_types : int
        Number of cell types, an even number for each lineage: they come in pairs of a
        sublineage, so that a target has one nearest cell type.
    n_lineages : int
        Number of lineages.
    prevalence : float
        Share of active (locus, cell type) pairs, between 0 and 1.
    locus_sd, lineage_sd, sublineage_sd, own_sd : float
        Standard deviation, 0 or more, of the effect that all cell types share, that a lineage
        shares, that a sublineage shares, and that belongs to one cell type alone.
    autocorrelation : float
        Correlation of every effect between neighbouring loci of a chromosome, in [0, 1).
    random_state : int or numpy.random.Generator
        Seed or generator.

    Returns
    -------
    Epigenome
        Labels, signal and the components that they were made from.

    Raises
    ------
    ValidationError
        When an argument is outside its range.

    Notes
    -----
    The latent activity of locus :math:`i` in cell type :math:`c` is
    :math:`z_{ic} = a_i + l_{i,\ell(c)} + s_{i,\sigma(c)} + o_{ic}`, each term a stationary
    AR(1) process along every chromosome. The label is :math:`z_{ic} > q`, with :math:`q` the
    quantile that gives the prevalence, and the signal :math:`\exp(2 (z_{ic} - q)) / 2`. With the
    defaults the average activity reaches an AUROC of about 0.96, as in the Roadmap table.

    Examples
    --------
    >>> world = epigenome(n_loci=200, random_state=1)
    >>> world.labels.shape, world.cell_types[:2]
    ((200, 24), ('C01', 'C02'))
    """
    check_numbers(
        whole={"n_loci": n_loci, "n_cell_types": n_cell_types, "n_lineages": n_lineages},
        real={"prevalence": prevalence, "autocorrelation": autocorrelation},
    )
    _check(n_loci, n_cell_types, n_lineages, prevalence, autocorrelation)
    check_sizes(
        locus_sd=locus_sd, lineage_sd=lineage_sd, sublineage_sd=sublineage_sd, own_sd=own_sd
    )
    rng = generator_of(random_state)
    loci = _loci(n_loci, rng)
    members = np.arange(n_cell_types)
    lineage = members * n_lineages // n_cell_types
    sublineage = members // 2
    lengths = loci.groupby("chrom", sort=False).size().to_numpy()

    def effect(columns: int, sd: float) -> FloatArray:
        return sd * autoregression(lengths, columns, autocorrelation, rng)

    own = effect(n_cell_types, own_sd)
    shared = effect(1, locus_sd)
    latent = (
        shared
        + effect(n_lineages, lineage_sd)[:, lineage]
        + effect(int(sublineage[-1]) + 1, sublineage_sd)[:, sublineage]
        + own
    )
    threshold = float(np.quantile(latent, 1 - prevalence))
    names = tuple(f"C{number:02d}" for number in range(1, n_cell_types + 1))
    above = latent - threshold
    return Epigenome(
        loci=loci,
        cell_types=names,
        lineage=lineage,
        sublineage=sublineage,
        latent=latent,
        own=own,
        labels=pd.DataFrame((above > 0).astype(np.int8), index=loci.index, columns=list(names)),
        signal=pd.DataFrame(0.5 * np.exp(2 * above), index=loci.index, columns=list(names)),
    )


def check_numbers(
    *, whole: Mapping[str, Any] | None = None, real: Mapping[str, Any] | None = None
) -> None:
    """Refuse what is no whole number, or no number: text, None, True."""
    for rule, kind, values in (
        ("a whole number", Integral, whole or {}),
        ("a number", Real, real or {}),
    ):
        for name, value in values.items():
            if isinstance(value, bool | np.bool_) or not isinstance(value, kind):
                raise ValidationError(
                    f"`{name}` must be {rule}; {value!r} came. Choose another value."
                )


def _check(
    n_loci: int, n_cell_types: int, n_lineages: int, prevalence: float, autocorrelation: float
) -> None:
    """Refuse arguments outside their range."""
    rules = (
        ("n_loci", _FEWEST_LOCI <= n_loci <= _MOST_LOCI, f"{_FEWEST_LOCI} to {_MOST_LOCI}", n_loci),
        ("n_lineages", n_lineages >= 1, "at least 1", n_lineages),
        (
            "n_cell_types",
            n_cell_types >= 2 * n_lineages and n_cell_types % max(2 * n_lineages, 1) == 0,
            f"a multiple of twice `n_lineages`, {2 * n_lineages}",
            n_cell_types,
        ),
        ("prevalence", 0 < prevalence < 1, "between 0 and 1", prevalence),
        ("autocorrelation", 0 <= autocorrelation < 1, "in [0, 1)", autocorrelation),
    )
    for name, holds, rule, value in rules:
        if not holds:
            raise ValidationError(f"`{name}` must be {rule}; {value!r} came. Choose another value.")


def check_finite(**values: Any) -> None:
    """Refuse what is no finite number."""
    check_numbers(real=values)
    for name, value in values.items():
        if not np.isfinite(value):
            raise ValidationError(f"`{name}` must be finite; {value!r} came. Choose another value.")


def check_sizes(**sizes: float) -> None:
    """Refuse standard deviations below 0, or that are no numbers."""
    check_numbers(real=sizes)
    for name, value in sizes.items():
        if not 0 <= value < np.inf:
            raise ValidationError(
                f"`{name}` must be finite and 0 or more; {value!r} came. It is a standard "
                "deviation: choose another value."
            )


def _loci(n_loci: int, rng: np.random.Generator) -> pd.DataFrame:
    """Place loci at random, none overlapping, chromosomes in proportion to their lengths."""
    megabases = np.array(_CHROMOSOME_MB)
    share = np.floor(n_loci * np.cumsum(megabases) / megabases.sum()).astype(int)
    counts = np.diff(share, prepend=0)
    chroms, starts = [], []
    for number, (count, length) in enumerate(zip(counts, megabases, strict=True), start=1):
        slots = length * 1_000_000 // _LOCUS_WIDTH
        place = np.sort(rng.choice(slots, size=count, replace=False)) * _LOCUS_WIDTH
        chroms.append(np.full(count, f"chr{number}", dtype=object))
        starts.append(place)
    start = np.concatenate(starts)
    frame = pd.DataFrame(
        {"chrom": np.concatenate(chroms), "start": start, "end": start + _LOCUS_WIDTH}
    )
    frame.index = pd.Index(
        [
            f"{chrom}:{low}-{high}"
            for chrom, low, high in zip(frame["chrom"], frame["start"], frame["end"], strict=True)
        ],
        name="locus",
    )
    return frame


def autoregression(
    lengths: IntArray, columns: int, correlation: float, rng: np.random.Generator
) -> FloatArray:
    """Draw stationary AR(1) noise along stretches of loci.

    Parameters
    ----------
    lengths : ndarray of int, shape (n_stretches,)
        Loci of each stretch (chromosome); the process starts anew in each.
    columns : int
        Independent processes.
    correlation : float
        Between neighbouring loci, in [0, 1).
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of float, shape (sum of lengths, columns)
        Mean 0 and variance 1.

    Raises
    ------
    ValidationError
        When the correlation is outside [0, 1), or a length is no whole number, 0 or more.

    Examples
    --------
    >>> autoregression(np.array([3, 2]), 4, 0.5, np.random.default_rng(0)).shape
    (5, 4)
    """
    lengths = np.asarray(lengths)
    if lengths.dtype.kind not in "iu" or (lengths < 0).any():
        raise ValidationError(
            f"`lengths` must be whole numbers, 0 or more; {lengths.tolist()!r} came. Give the "
            "number of loci of each stretch."
        )
    check_numbers(whole={"columns": columns}, real={"correlation": correlation})
    if not 0 <= correlation < 1:
        raise ValidationError(
            f"`correlation` must be in [0, 1); {correlation!r} came. Choose another value."
        )
    noise = rng.standard_normal((int(lengths.sum()), columns))
    if correlation == 0:
        return noise
    lengths = lengths[lengths > 0]  # a stretch without loci begins nowhere
    innovation = np.sqrt(1 - correlation**2)
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    begins = np.zeros(len(noise), dtype=bool)
    begins[first] = True
    for row in range(1, len(noise)):
        if not begins[row]:
            noise[row] = correlation * noise[row - 1] + innovation * noise[row]
    return noise
