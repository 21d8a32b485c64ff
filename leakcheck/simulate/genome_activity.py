"""Activity of loci in cell types that form a tree, and the marks that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from leakcheck._typing import FloatArray, IntArray
from leakcheck.simulate.epigenome import check_finite, check_sizes

__all__ = ["MARK_EFFECTS", "Activity", "MarkModel", "Tree", "draw_activity", "mark_levels"]

#: Change of a mark's mean arcsinh signal for one unit of activity: three go up, two go down.
MARK_EFFECTS: Final[Mapping[str, float]] = {
    "H3K4me3": 0.9,
    "H3K4me1": 0.4,
    "H3K36me3": 0.7,
    "H3K27me3": -0.7,
    "H3K9me3": -0.5,
}


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Standard deviations of what makes up the activity of a locus in a cell type.

    Attributes
    ----------
    locus_sd : float
        Of the effect that all cell types share: what there is to memorise.
    lineage_sd, pair_sd : float
        Of the effects that a lineage shares, and a pair of similar cell types.
    own_sd : float
        Of the effect that one cell type has alone.

    Raises
    ------
    ValidationError
        When one is negative, or no finite number.
    """

    locus_sd: float = 1.0
    lineage_sd: float = 0.25
    pair_sd: float = 0.25
    own_sd: float = 0.3

    def __post_init__(self) -> None:
        """Refuse what is no standard deviation."""
        check_sizes(**vars(self))


@dataclass(frozen=True, kw_only=True)
class MarkModel:
    """How marks follow from activity.

    Attributes
    ----------
    base : float
        Mean arcsinh signal at the activity that divides active from inactive.
    shared_weight : float
        Weight of the effect that all cell types share.
    specific_weight : float
        Weight of all that is specific to lineage, pair and cell type.
    noise_sd : float
        Standard deviation of the noise of one mark at one locus in one cell type; it is drawn
        anew for each, so that there is nothing in the marks to memorise.

    Raises
    ------
    ValidationError
        When one is no finite number, or the noise is negative.
    """

    base: float = 2.0
    shared_weight: float = 0.7
    specific_weight: float = 1.6
    noise_sd: float = 0.9

    def __post_init__(self) -> None:
        """Refuse weights that are no finite numbers, and noise that is no standard deviation."""
        check_finite(
            base=self.base, shared_weight=self.shared_weight, specific_weight=self.specific_weight
        )
        check_sizes(noise_sd=self.noise_sd)


@dataclass(frozen=True, kw_only=True, eq=False)
class Activity:
    """Activity on a scale without bounds; above 0 is active.

    Attributes
    ----------
    shared : ndarray of float, shape (n_loci,)
        The effect that all cell types share, less the threshold.
    specific : ndarray of float, shape (n_loci, n_cell_types)
        The effects of lineage, pair and cell type.
    """

    shared: FloatArray
    specific: FloatArray

    @property
    def latent(self) -> FloatArray:
        """Activity of every locus in every cell type."""
        total: FloatArray = self.shared[:, None] + self.specific
        return total


def draw_activity(
    n_loci: int,
    lineage: Sequence[int],
    *,
    tree: Tree,
    prevalence: float,
    rng: np.random.Generator,
) -> Activity:
    """Draw the activity of loci in cell types; neighbours in `lineage` come in pairs.

    Parameters
    ----------
    n_loci : int
        Number of loci.
    lineage : sequence of int, length n_cell_types
        Lineage of each cell type. The first and second, third and fourth of a lineage, and so on,
        are pairs.
    tree : Tree
        Standard deviations.
    prevalence : float
        Share of active pairs of locus and cell type.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Activity
        Shared and specific effects; the threshold is subtracted, so that above 0 is active.
    """
    codes = np.unique(np.asarray(lineage), return_inverse=True)[1]
    pair = _pairs(codes)
    shared = tree.locus_sd * rng.standard_normal(n_loci)
    specific = (
        tree.lineage_sd * rng.standard_normal((n_loci, codes.max() + 1))[:, codes]
        + tree.pair_sd * rng.standard_normal((n_loci, pair.max() + 1))[:, pair]
        + tree.own_sd * rng.standard_normal((n_loci, len(codes)))
    )
    threshold = np.quantile(shared[:, None] + specific, 1 - prevalence)
    return Activity(shared=shared - threshold, specific=specific)


def _pairs(lineage: IntArray) -> IntArray:
    """Number the pairs: two by two within each lineage."""
    place = np.array([np.sum(lineage[:i] == own) for i, own in enumerate(lineage)])
    _, pair = np.unique(np.stack([lineage, place // 2], axis=1), axis=0, return_inverse=True)
    return np.asarray(pair).ravel()


def mark_levels(
    activity: Activity, column: int, effect: float, *, model: MarkModel, rng: np.random.Generator
) -> FloatArray:
    """Mean arcsinh signal of one mark in one cell type at every locus; at least 0.

    Parameters
    ----------
    activity : Activity
        Of the loci.
    column : int
        The cell type.
    effect : float
        Of the mark, for one unit of activity.
    model : MarkModel
        Weights and noise.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of float, shape (n_loci,)
        Signal on the arcsinh scale.
    """
    seen = (
        model.shared_weight * activity.shared + model.specific_weight * activity.specific[:, column]
    )
    noise = model.noise_sd * rng.standard_normal(len(seen))
    return np.asarray(np.maximum(model.base + effect * seen + noise, 0.0))
