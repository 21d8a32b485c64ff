"""Floor 3: strata of the loci of a target, by what the reference cell types show."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray, IntArray
from leakcheck.data import EvaluationSet
from leakcheck.data.per_locus import values_of_loci
from leakcheck.exceptions import ValidationError
from leakcheck.panel import TargetView

__all__ = [
    "N_BINS",
    "WHOLE",
    "Strata",
    "StrataChoice",
    "activity_strata",
    "bins_of",
    "make_strata",
    "quantile_edges",
    "quantile_strata",
]

#: Quantile bins of continuous labels.
N_BINS: Final = 20

#: What the tables call all loci of a target; no stratum of a user may have that name.
WHOLE: Final = "all"

#: "activity", an array with one stratum for each locus of the evaluation set, or a function of
#: (evaluation set, target) that returns one.
StrataChoice: TypeAlias = (
    str | Sequence[Any] | np.ndarray | pd.Series | Callable[[EvaluationSet, str], Any]
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """Strata of the loci of a target.

    Attributes
    ----------
    names : tuple of str
        Name of each stratum, in order.
    codes : ndarray of int, shape (n,)
        Stratum of each row of the target's view; -1 in none.
    """

    names: tuple[str, ...]
    codes: IntArray


def activity_strata(view: TargetView) -> Strata:
    """Stratify loci by activity count: the number of reference cell types they are active in.

    Parameters
    ----------
    view : TargetView
        A target with binary labels.

    Returns
    -------
    Strata
        Strata ``1`` to ``n - 1`` for n reference cell types. Loci active in none or in all are in
        no stratum: their labels in a target are nearly determined.

    Notes
    -----
    Where some references are not observed at a locus, its share of active ones is scaled to n and
    rounded, and stays variable when it is. Strata of variance or entropy would merge count k with
    n - k and leave the average activity an AUROC of about 0.87 inside them; inside exact counts it
    has exactly 0.5 (Schreiber et al. 2020, doi:10.1186/s13059-020-02177-y, use the 54 counts).

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1, 0] + [None] * 4, [1, 0, 1, 0, 1, 1], list("ab") * 3,
    ...                             list("TTAABB"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> activity_strata(view)
    Strata(names=('1',), codes=array([-1,  0]))
    """
    n = len(view.references)
    variable = (view.average > 0) & (view.average < 1)
    codes = np.where(variable, np.clip(view.activity_count, 1, max(n - 1, 1)) - 1, -1)
    return Strata(names=tuple(str(count) for count in range(1, n)), codes=codes)


def quantile_strata(view: TargetView, n_bins: int = N_BINS) -> Strata:
    """Stratify loci into quantile bins of their average activity, for continuous labels.

    Parameters
    ----------
    view : TargetView
        A target.
    n_bins : int
        Number of bins; fewer where quantiles coincide.

    Returns
    -------
    Strata
        Bins ``q01`` (least active) and up, none empty.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([2, 0, 1] + [None] * 3, [2.5, 0.1, 1, 3, 0.2, 1],
    ...                             list("abc") * 2, list("TTTAAA"))
    >>> view = panel.ReferencePanel(data, np.arange(3), n_blocks=3).view("T")
    >>> quantile_strata(view, n_bins=2)
    Strata(names=('q01', 'q02'), codes=array([1, 0, 1]))
    """
    if not len(view.average):
        return Strata(names=(), codes=np.empty(0, dtype=np.int64))
    edges = quantile_edges(view.average, n_bins)
    names = tuple(f"q{bin_ + 1:02d}" for bin_ in range(len(edges) + 1))
    return Strata(names=names, codes=bins_of(view.average, edges))


def quantile_edges(values: FloatArray, n_bins: int) -> FloatArray:
    """Find where quantile bins begin.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Numbers, none NaN.
    n_bins : int
        Number of bins; fewer where quantiles coincide.

    Returns
    -------
    ndarray of float, shape (n_edges,)
        The least value of each bin but the first, rising.

    Examples
    --------
    >>> quantile_edges(np.array([3.0, 1.0, 2.0, 4.0]), n_bins=2)
    array([2.])
    """
    if not len(values):
        return np.empty(0)
    shares = np.linspace(0, 1, n_bins + 1)[1:-1]
    # Edges are values that occur, above the least one: every bin holds its own lower edge.
    edges: FloatArray = np.unique(np.quantile(values, shares, method="lower"))
    above: FloatArray = edges[edges > values.min()]
    return above


def bins_of(values: FloatArray, edges: FloatArray) -> IntArray:
    """Find the bin of each value.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Numbers, none NaN.
    edges : ndarray of float, shape (n_edges,)
        As `quantile_edges` gives them.

    Returns
    -------
    ndarray of int, shape (n,)
        From 0 to ``n_edges``.

    Examples
    --------
    >>> bins_of(np.array([3.0, 1.0, 2.0, 4.0]), np.array([2.0]))
    array([1, 0, 1, 1])
    """
    return np.searchsorted(edges, values, side="right")


def make_strata(data: EvaluationSet, view: TargetView, choice: StrataChoice) -> Strata:
    """Stratify the loci of a target in the way the user chose.

    Parameters
    ----------
    data : EvaluationSet
        The checked input.
    view : TargetView
        The target.
    choice : "activity", array-like, shape (n_loci,), or callable
        Activity count (quantile bins for continuous labels); a stratum for each locus of the
        set, missing = in none, in their order or as a Series that names them; or a function of
        (`data`, target) that returns such values.

    Returns
    -------
    Strata
        Named strata and the code of each row.

    Raises
    ------
    ValidationError
        When the choice is unknown, or the array has another length or a stratum called "all",
        or different values are written alike.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set, panel
    >>> data = build_evaluation_set([1, 0, None, None], [1, 0, 1, 0], list("abab"), list("TTAA"))
    >>> view = panel.ReferencePanel(data, np.arange(2), n_blocks=2).view("T")
    >>> make_strata(data, view, ["near", "far"])
    Strata(names=('far', 'near'), codes=array([1, 0]))
    """
    if isinstance(choice, str):
        if choice != "activity":
            raise ValidationError(
                f'`strata` must be "activity", an array or a callable; {choice!r} came. Variance '
                "or entropy quantiles are not offered: they merge count k with n - k."
            )
        binary = data.label_kind == "binary"
        return activity_strata(view) if binary else quantile_strata(view)
    given = choice(data, view.name) if callable(choice) else choice
    values = values_of_loci(given, data.loci, "strata")
    codes, distinct = pd.factorize(values[view.rows], sort=True)
    names = tuple(str(name) for name in distinct)
    if WHOLE in names:
        raise ValidationError(
            f"`strata` must not hold {WHOLE!r}, which stands for all loci of a target in the "
            f"tables; it came for {int((codes == names.index(WHOLE)).sum())} of {len(codes)} loci "
            f"of {view.name}. Give the stratum another name, or NaN where a locus is in none."
        )
    _check_names(names, distinct, view.name)
    return Strata(names=names, codes=codes)


def _check_names(names: Sequence[str], distinct: Iterable[Any], target: str) -> None:
    """Tables know a stratum by its name: two of one name would be two rows that nobody can tell."""
    kinds: dict[str, list[str]] = {}
    for name, value in zip(names, distinct, strict=True):
        kinds.setdefault(name, []).append(type(value).__name__)
    twice = [name for name in kinds if len(kinds[name]) > 1]
    if twice:
        raise ValidationError(
            f"`strata` must name each stratum in one way; {len(twice)} at {target} have values of "
            f"several kinds, the first is {twice[0]!r} ({', '.join(kinds[twice[0]])}). Make them "
            "all text, or all numbers."
        )
