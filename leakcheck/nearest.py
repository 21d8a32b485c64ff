"""Floor 3: which reference cell type is most like a target, found without its audited labels."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import pandas as pd

from leakcheck._typing import BoolArray, FloatArray, IntArray
from leakcheck.correlations import Correlations
from leakcheck.data.wording import did_you_mean
from leakcheck.exceptions import ValidationError
from leakcheck.near_values import (
    Neighbours,
    nearest_values,
    weighted_codes,
    weighted_levels,
    weighted_values,
)
from leakcheck.panel import ReferencePanel, TargetView

__all__ = [
    "CellTypes",
    "Neighbours",
    "Similarity",
    "SimilarityBySource",
    "Target",
    "WeightedScore",
    "check_similarity",
    "correlations_of",
    "nearest_score",
    "weighted_score",
]

#: How a user may say which cell types are alike: one name, a name for each target, a square table
#: of similarities, or a table of features (cell types x features).
Similarity: TypeAlias = str | Mapping[str, str] | pd.DataFrame


class CellTypes(Protocol):
    """What is asked of a panel, in memory or stored, to tell which cell types are alike."""

    @property
    def cell_types(self) -> tuple[str, ...]:
        """Names of all of them."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of those that are audited."""

    @property
    def is_reference(self) -> BoolArray:
        """Which of them have any reference pair, shape (n_cell_types,)."""

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""


class Target(Protocol):
    """What is asked of a target, in memory or stored."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def column(self) -> int:
        """Its column."""

    @property
    def references(self) -> IntArray:
        """Columns of the reference cell types other than it, shape (n_references,)."""


def correlations_of(panel: CellTypes) -> Correlations:
    """Correlate the cell types of a panel in memory.

    Parameters
    ----------
    panel : CellTypes
        A `ReferencePanel`.

    Returns
    -------
    Correlations
        Over all of its loci.

    Raises
    ------
    TypeError
        When the panel is not in memory: its correlations must be given.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set
    >>> data = build_evaluation_set([1, 0, 1] + [None] * 3, [1, 0, 1, 1, 0, 0], list("abc") * 2,
    ...                             list("TTTAAA"))
    >>> correlations_of(ReferencePanel(data, np.arange(3), n_blocks=3)).whole().round(2)
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    if not isinstance(panel, ReferencePanel):
        raise TypeError("the correlations of cell types that are not in memory must be given")
    return Correlations(panel)


def check_similarity(similarity: object) -> None:
    """Refuse what does not say which cell types are alike.

    Parameters
    ----------
    similarity : object
        As the user gave it; None leaves it to the labels.

    Raises
    ------
    ValidationError
        When it is no name, mapping or DataFrame.

    Examples
    --------
    >>> check_similarity({"K562": "HepG2"}) is None
    True
    """
    if similarity is not None and not isinstance(similarity, str | Mapping | pd.DataFrame):
        raise ValidationError(
            "`similarity` must be the name of a cell type, a mapping from targets to such names, "
            "or a DataFrame whose rows are named by cell types; a "
            f"{type(similarity).__name__} came. Put an array into a DataFrame with these names."
        )


class SimilarityBySource:
    """Finds the neighbours of targets in the way the user chose.

    Parameters
    ----------
    panel : CellTypes
        The cell types.
    similarity : str, mapping, DataFrame or None
        One reference cell type; target to reference cell type; a square table of similarities;
        a table of features of cell types; or None: correlation of activity over the other
        blocks (cross-fitted).
    correlations : Correlations, optional
        Of the cell types, where they were found already; default: those of the panel.

    Raises
    ------
    ValidationError
        When the table or the names do not cover the targets and references.
    TypeError
        When correlations are needed and not given, for a panel that is not in memory.
    """

    def __init__(
        self,
        panel: CellTypes,
        similarity: Similarity | None = None,
        correlations: Correlations | None = None,
    ) -> None:
        check_similarity(similarity)
        self._panel = panel
        self._names = panel.cell_types
        self._place = np.argsort(np.argsort(self._names))  # of each name in order
        self._given: FloatArray | None = None
        self._named: Mapping[str, str] | None = None
        self.source = "labels of other blocks"
        if isinstance(similarity, str):
            self._named = dict.fromkeys(panel.targets, similarity)
            self.source = "named"
        elif isinstance(similarity, pd.DataFrame):
            self._given, self.source = self._from_table(similarity)
        elif similarity is not None:
            self._named = similarity
            self.source = "named"
        if self._named is not None:
            self._check_names(self._named)
        # Without the target's own values there is nothing to correlate: only given tables serve.
        self.correlations = None
        if self.source == "labels of other blocks":
            self.correlations = correlations_of(panel) if correlations is None else correlations

    def of(self, view: Target) -> Neighbours:
        """Order the references of a target.

        Parameters
        ----------
        view : TargetView or StoredTarget
            The target.

        Returns
        -------
        Neighbours
            One order for each block; the same one throughout unless it was cross-fitted.

        Raises
        ------
        ValidationError
            When a given table has no similarity of the target to any of its references.
        """
        # By name, so that the order of columns decides nothing where two are equally near.
        references = view.references[np.argsort(self._place.take(view.references))]
        if self.correlations is not None:
            similarity = self.correlations.without_blocks(view.column)[:, references]
        elif self._named is not None:
            name = self._named[view.name]
            row = np.where(np.array([self._names[c] == name for c in references]), 1.0, np.nan)
            similarity = np.repeat(row[None], self._panel.n_blocks, axis=0)
        else:
            assert self._given is not None  # noqa: S101 - the constructor sets one of the three
            row = self._given[view.column, references]
            if len(row) and np.isnan(row).all():
                raise ValidationError(
                    f"`similarity` must say how near {view.name!r} is to any reference cell type; "
                    f"all {len(row)} values are missing. Fill them in, or leave `similarity` out."
                )
            similarity = np.repeat(row[None], self._panel.n_blocks, axis=0)
        known = np.where(np.isnan(similarity), -np.inf, similarity)
        rank = np.argsort(-known, axis=1, kind="stable")
        return Neighbours(
            order=references[rank],
            similarity=np.take_along_axis(similarity, rank, axis=1),
            source=self.source,
        )

    def _check_names(self, named: Mapping[str, str]) -> None:
        """Every target has a reference of the set, and not itself."""
        references = [self._names[c] for c in np.flatnonzero(self._panel.is_reference)]
        for target in self._panel.targets:
            if target not in named:
                raise ValidationError(
                    f"`similarity` must name a reference cell type for every target; none came "
                    f"for {target!r}. Add it."
                )
            name = named[target]
            if name not in references or name == target:
                raise ValidationError(
                    f"`similarity` must name reference cell types other than the target; "
                    f"{name!r} came for {target!r}.{did_you_mean(name, references)} The references "
                    f"are {', '.join(references[:8])}{', ...' if len(references) > 8 else ''}."
                )

    def _from_table(self, table: pd.DataFrame) -> tuple[FloatArray, str]:
        """Square similarities in the order of the cell types, from either kind of table."""
        rows, columns = _names_of(table.index, "row"), [str(name) for name in table.columns]
        missing = [name for name in self._needed() if name not in rows]
        if missing:
            raise ValidationError(
                f"`similarity` must have a row for every target and reference cell type; "
                f"{len(missing)} have none, the first is {missing[0]!r}. Add the rows, or leave "
                "`similarity` out."
            )
        numbers = _as_numbers(table).set_axis(rows, axis=0).set_axis(columns, axis=1)
        if set(self._needed()) <= set(columns):
            _names_of(table.columns, "column")
            values = numbers.reindex(index=self._names, columns=self._names)
            return values.to_numpy(dtype=float), "given similarity"
        features = numbers.reindex(index=self._names).to_numpy(dtype=float)
        known = ~np.isnan(features).any(axis=1)
        spread = features[known].std(axis=0)
        if known.sum() > 1 and not (spread > 0).any():
            raise ValidationError(
                f"`similarity` must tell cell types apart; all {len(spread)} features are the same "
                f"in {int(known.sum())} cell types. Give other features, or leave it out."
            )
        scaled = (features - features[known].mean(axis=0)) / np.where(spread > 0, spread, 1)
        distance = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
        return -distance, "given features"

    def _needed(self) -> list[str]:
        """Names that a given table must cover."""
        targets = set(self._panel.targets)
        wanted = zip(self._names, self._panel.is_reference.tolist(), strict=True)
        return [name for name, is_reference in wanted if is_reference or name in targets]


def _names_of(axis: pd.Index, what: str) -> list[str]:
    """Names of the rows or columns of a given table, each once."""
    names = [str(name) for name in axis]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValidationError(
            f"`similarity` must have one {what} for each cell type; {len(twice)} have more, the "
            f"first is {twice[0]!r}. Drop the repeated {what}s."
        )
    return names


def _as_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """A given table as floats, finite or missing."""
    try:
        numbers = table.astype(float)
    except (TypeError, ValueError) as error:
        raise ValidationError(
            f"`similarity` must be a table of numbers; it holds others ({error}). Give numbers, "
            "with the names of cell types as the index."
        ) from error
    infinite = np.isinf(numbers.to_numpy())
    if infinite.any():
        raise ValidationError(
            f"`similarity` must be finite; {int(infinite.sum())} of {infinite.size} values are "
            f"infinite, the first in the row of {table.index[np.argwhere(infinite)[0][0]]!r}. "
            "Leave missing what is not known."
        )
    return numbers


def nearest_score(panel: ReferencePanel, view: TargetView, neighbours: Neighbours) -> FloatArray:
    """Activity of the nearest observed reference cell type at each locus of a target.

    Parameters
    ----------
    panel : ReferencePanel
        The references.
    view : TargetView
        The target.
    neighbours : Neighbours
        Its references in order of similarity.

    Returns
    -------
    ndarray of float, shape (n,)
        Transformed signal where one was given, else the label. Where the nearest cell type is not
        observed at a locus, the next nearest one stands in.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set
    >>> data = build_evaluation_set([0.9, 0.1] + [None] * 4, [1, 0, 1, 0, 1, 1], list("ab") * 3,
    ...                             list("TTAABB"))
    >>> panel = ReferencePanel(data, np.arange(2), n_blocks=2)
    >>> view = panel.view("T")
    >>> nearest_score(panel, view, SimilarityBySource(panel, "A").of(view))
    array([1., 0.])
    """
    score = nearest_values(panel.table, view.rows, view.blocks, neighbours)
    return score.astype(np.float64, copy=False)


class WeightedScore(NamedTuple):
    """Weighted mean activity of the nearest cell types at the loci of a target.

    Attributes
    ----------
    values : ndarray of float, shape (n,)
        The score.
    codes : ndarray of int32, shape (n,), or None
        Small integers of the same order and with the same ties. None unless labels are binary and
        without a signal, each of the cell types is observed everywhere, and the score can have no
        more values than there are loci.
    """

    values: FloatArray
    codes: IntArray | None


def weighted_score(
    panel: ReferencePanel, view: TargetView, neighbours: Neighbours, k: int = 5
) -> WeightedScore:
    """Mean activity of the k nearest reference cell types, weighted by similarity.

    Parameters
    ----------
    panel : ReferencePanel
        The references.
    view : TargetView
        The target.
    neighbours : Neighbours
        Its references in order of similarity.
    k : int
        How many.

    Returns
    -------
    WeightedScore
        Negative similarities count as 0 unless all are (distances, say): then weights fall with
        the rank. The average activity where none of the k is observed.

    Examples
    --------
    >>> from leakcheck import build_evaluation_set
    >>> data = build_evaluation_set([0.9, 0.1] + [None] * 4, [1, 0, 1, 0, 1, 1], list("ab") * 3,
    ...                             list("TTAABB"))
    >>> panel = ReferencePanel(data, np.zeros(2, dtype=int), n_blocks=1)
    >>> near = SimilarityBySource(panel, pd.DataFrame([[1, 0.8, 0.2]] * 3, [*"TAB"], [*"TAB"]))
    >>> weighted_score(panel, panel.view("T"), near.of(panel.view("T"))).values
    array([1. , 0.2])
    """
    if panel.signal is None and view.label_kind == "binary":
        levels = weighted_levels(neighbours, len(view.rows), k)
        read = (panel.active, view.rows, view.blocks, neighbours, k)
        cells = None if levels is None else weighted_codes(*read)
        if levels is not None and cells is not None:
            codes = np.unique(levels, return_inverse=True)[1].astype(np.int32)
            return WeightedScore(levels.take(cells), codes.take(cells))
    fallback = view.average if view.average_signal is None else view.average_signal
    values = weighted_values(panel.table, view.rows, view.blocks, neighbours, fallback, k)
    return WeightedScore(values, None)
