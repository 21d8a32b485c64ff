"""Floor 3: what anybody gets for free, as scores of the loci of a target."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.base.conditional import rank_average
from leakcheck.base.resampling import blocks_of_loci
from leakcheck.data import EvaluationSet
from leakcheck.data.per_locus import values_of_loci
from leakcheck.exceptions import ValidationError
from leakcheck.likeness import Likeness
from leakcheck.nearest import (
    Neighbours,
    Similarity,
    nearest_score,
    weighted_score,
)
from leakcheck.panel import SIGNAL_TRANSFORMS, ReferencePanel, SignalTransform, TargetView

__all__ = [
    "BASELINES",
    "BOUNDS",
    "BaselineScores",
    "Baselines",
    "Likeness",
    "audited_loci",
    "average_activity_score",
    "check_signal_transform",
    "compute_baseline_scores",
    "genome_blocks",
]

#: Baselines that a model is compared with, and what is shown beside them.
BASELINES: Final = (
    "average-activity",
    "average-signal",
    "nearest-celltype",
    "k-nearest-celltypes",
    "prevalence",
)
#: Made with the target's labels: how good a score could be, never what a model must beat.
BOUNDS: Final = ("supervised-ceiling", "oracle")


@dataclass(frozen=True, kw_only=True, eq=False)
class BaselineScores:
    """Baseline scores of one target.

    Attributes
    ----------
    view : TargetView
        The target and its loci.
    scores : dict of str to ndarray of float, shape (n,)
        Baseline name to score, larger = more active.
    codes : dict of str to ndarray of int, shape (n,)
        Some of the scores as small integers of the same order and with the same ties, which are
        counted rather than sorted.
    neighbours : Neighbours
        Which reference cell types are near.
    nearest : str
        The nearest cell type, by the choice of most blocks; "" without references.
    correlation : float
        Its correlation with the target over all loci of the target (signal if given, else
        labels); a description, not used to choose.
    agreement : float
        Share of loci where its label equals the target's; NaN for continuous labels.
    resembles : (str, float) or None
        The reference cell type that is most like the target and its correlation, where that is
        above the 95th percentile of what reference cell types have with their own nearest one.
    """

    view: TargetView
    scores: dict[str, FloatArray]
    codes: dict[str, IntArray]
    neighbours: Neighbours
    nearest: str
    correlation: float
    agreement: float
    resembles: tuple[str, float] | None


@dataclass(eq=False)
class Baselines:
    """All baselines of every target, sharing what can be shared.

    Parameters
    ----------
    panel : ReferencePanel
        The references.
    similarity : str, mapping, DataFrame or None
        How the nearest cell type is found; see `leakcheck.audit`.
    """

    panel: ReferencePanel
    similarity: Similarity | None = None
    _likeness: Likeness = field(init=False)

    def __post_init__(self) -> None:
        self._likeness = Likeness(self.panel, self.similarity)

    def of(self, name: str) -> BaselineScores:
        """Score the loci of one target.

        Parameters
        ----------
        name : str
            A target.

        Returns
        -------
        BaselineScores
            Without `supervised-ceiling`, which the information test makes on its way.
        """
        panel, view, likeness = self.panel, self.panel.view(name), self._likeness
        neighbours = likeness.neighbours(view)
        nearest = neighbours.chosen
        scores = {"average-activity": average_activity_score(view)}
        if view.average_signal is not None:
            scores["average-signal"] = view.average_signal
        scores["nearest-celltype"] = nearest_score(panel, view, neighbours)
        several = weighted_score(panel, view, neighbours)
        scores["k-nearest-celltypes"] = several.values
        scores["oracle"] = nearest_score(panel, view, likeness.by_test_labels(view))
        return BaselineScores(
            view=view,
            scores=scores,
            codes=_codes(view, scores, several.codes),
            neighbours=neighbours,
            nearest="" if nearest is None else panel.data.cell_types[nearest],
            correlation=likeness.correlation(view, nearest),
            agreement=np.nan if nearest is None else _agreement(panel, view, nearest),
            resembles=likeness.resembles(view),
        )


def _codes(
    view: TargetView, scores: dict[str, FloatArray], several: IntArray | None
) -> dict[str, IntArray]:
    """Scores of few values, in which binary labels without a signal abound, as integers."""
    if view.label_kind != "binary" or view.average_signal is not None:
        return {}
    codes: dict[str, IntArray] = {"average-activity": view.average_levels[1].astype(np.int32)}
    for name in ("nearest-celltype", "oracle"):
        codes[name] = scores[name].astype(np.int32)
    if several is not None:
        codes["k-nearest-celltypes"] = several
    return codes


def _agreement(panel: ReferencePanel, view: TargetView, nearest: int) -> float:
    """Share of loci where the nearest cell type has the target's label."""
    if panel.data.label_kind != "binary":
        return np.nan
    other = panel.active[nearest].take(view.rows)
    seen = other >= 0
    same = other == view.labels
    return float(np.mean(same if seen.all() else same[seen])) if seen.any() else np.nan


def average_activity_score(view: TargetView) -> FloatArray:
    """Average activity as a score, ties broken by the mean signal where there is one.

    Parameters
    ----------
    view : TargetView
        The target and its loci.

    Returns
    -------
    ndarray of float, shape (n,)
        The mean label (a share of reference cell types, 0 to 1, for binary labels); with a signal
        beside binary labels, numbers in the order and with the ties of (mean label, mean
        transformed signal).

    Notes
    -----
    The mean label has at most n + 1 distinct values over n reference cell types, so ties decide
    comparisons with it (Schreiber et al. 2020, doi:10.1186/s13059-020-02177-y, use the mean label).

    Examples
    --------
    >>> from leakcheck import build_evaluation_set
    >>> data = build_evaluation_set([1, 0] + [None] * 4, [1, 0, 1, 0, 1, 1], list("ab") * 3,
    ...                             list("TTAABB"))
    >>> average_activity_score(ReferencePanel(data, np.arange(2), n_blocks=2).view("T"))
    array([1. , 0.5])
    """
    if view.average_signal is None:
        return view.average
    levels = np.unique(view.average, return_inverse=True)[1]
    # Ranks of the signal are at most n, so a step of n + 1 keeps the levels apart.
    within = rank_average(view.average_signal)
    return levels * float(len(within) + 1) + within


def audited_loci(data: EvaluationSet) -> BoolArray:
    """Find the loci that any comparison with a baseline can be about.

    Parameters
    ----------
    data : EvaluationSet
        The checked input.

    Returns
    -------
    ndarray of bool, shape (n_loci,)
        Whether a locus is audited in a cell type, and has a reference label in one.

    Examples
    --------
    >>> import leakcheck
    >>> world = leakcheck.simulate.epigenome(n_loci=50)
    >>> data = leakcheck.build_evaluation_set(
    ...     world.labels[["C01"]] * 1.0, world.labels, train=list(world.cell_types[1:]))
    >>> int(audited_loci(data).sum())
    50
    """
    return np.logical_and(data.audited.any(axis=1), data.reference.any(axis=1))


def genome_blocks(data: EvaluationSet, blocks: object = None) -> tuple[IntArray, int, str]:
    """Blocks of the loci: the user's, the chromosomes, or stretches.

    Parameters
    ----------
    data : EvaluationSet
        The checked input.
    blocks : array-like, shape (n_loci,), optional
        Block id of each locus, in the order of `data.loci`, or a Series that names them.

    Returns
    -------
    codes : ndarray of int, shape (n_loci,)
        Block of each locus, 0 to ``n_blocks - 1``.
    n_blocks : int
        Number of blocks.
    kind : {"given", "chromosome", "stretch"}
        What they are.

    Raises
    ------
    ValidationError
        When `blocks` has another length, other loci, missing ids, or fewer than two ids.

    Examples
    --------
    >>> import leakcheck
    >>> world = leakcheck.simulate.epigenome(n_loci=50)
    >>> data = leakcheck.build_evaluation_set(
    ...     world.labels[["C01"]] * 1.0, world.labels, train=list(world.cell_types[1:]))
    >>> genome_blocks(data)[1:]
    (22, 'chromosome')
    """
    if blocks is None:
        chrom = data.loci.chrom
        if chrom is not None:
            # By name, so that the order of rows decides nothing where chromosomes are alike.
            chrom = np.unique(data.loci.chrom_names, return_inverse=True)[1][chrom]
        audited = audited_loci(data)
        found = blocks_of_loci(chrom, data.loci.start, n_loci=len(data.loci), audited=audited)
        return found.codes, found.n_blocks, found.kind
    codes, names = pd.factorize(values_of_loci(blocks, data.loci, "blocks"), sort=True)
    if (codes < 0).any():
        raise ValidationError(
            f"`blocks` must have no missing ids; {int((codes < 0).sum())} of {len(codes)} are "
            f"missing, the first at row {int(np.argmax(codes < 0))}. Give every locus a block."
        )
    if len(names) < 2:
        raise ValidationError(
            f"`blocks` must have at least two different ids; {len(names)} came. Leave `blocks` "
            "out to use chromosomes."
        )
    return codes, len(names), "given"


def check_signal_transform(name: object) -> None:
    """Refuse a transformation that there is not.

    Parameters
    ----------
    name : str
        As the user gave it.

    Raises
    ------
    ValidationError
        When it is no key of `SIGNAL_TRANSFORMS`.

    Examples
    --------
    >>> check_signal_transform("none") is None
    True
    """
    if not isinstance(name, str) or name not in SIGNAL_TRANSFORMS:
        raise ValidationError(
            f"`signal_transform` must be one of {', '.join(SIGNAL_TRANSFORMS)}; {name!r} came. "
            "Leave it out for arcsinh."
        )


def compute_baseline_scores(
    data: EvaluationSet,
    target: str,
    *,
    similarity: Similarity | None = None,
    blocks: object = None,
    signal_transform: SignalTransform = "arcsinh",
) -> pd.DataFrame:
    """Compute the baseline scores of every audited locus of a target.

    Parameters
    ----------
    data : EvaluationSet
        From `leakcheck.build_evaluation_set`.
    target : str
        One of ``data.targets``.
    similarity, blocks, signal_transform
        As in `leakcheck.audit`.

    Returns
    -------
    pandas.DataFrame, shape (n, n_baselines + 1)
        Indexed by locus id; columns ``average-activity``, ``average-signal`` (with a signal),
        ``nearest-celltype``, ``k-nearest-celltypes``, the bound ``oracle``, and ``n_observed``:
        how many reference cell types the average of a locus is over.

    Raises
    ------
    ValidationError
        When `data` is no evaluation set, `target` is not a target of it, or an option is not one
        that `leakcheck.audit` takes.

    Examples
    --------
    >>> import leakcheck
    >>> world = leakcheck.simulate.epigenome(n_loci=100)
    >>> data = leakcheck.build_evaluation_set(
    ...     world.labels[["C01"]] * 1.0, world.labels, train=list(world.cell_types[1:]))
    >>> compute_baseline_scores(data, "C01").shape
    (100, 5)
    """
    if not isinstance(data, EvaluationSet):
        raise ValidationError(
            f"`data` must be an EvaluationSet; a {type(data).__name__} came. Make one with "
            "leakcheck.build_evaluation_set(preds, labels, ...)."
        )
    check_signal_transform(signal_transform)
    if target not in data.targets:
        raise ValidationError(
            f"`target` must be an audited cell type; {target!r} came. The targets are "
            f"{', '.join(data.targets[:8])}."
        )
    codes, n_blocks, _ = genome_blocks(data, blocks)
    panel = ReferencePanel(data, codes, n_blocks, signal_transform)
    found = Baselines(panel, similarity).of(target)
    index = pd.Index(data.loci.ids[found.view.rows], name="locus")
    return pd.DataFrame(found.scores | {"n_observed": found.view.n_observed}, index=index)
