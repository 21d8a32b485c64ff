"""Floor 3: which cell types are alike, by the chosen source and by their correlation."""

from dataclasses import replace
from typing import Final

import numpy as np

from leakcheck.correlations import Correlations
from leakcheck.nearest import (
    CellTypes,
    Neighbours,
    Similarity,
    SimilarityBySource,
    Target,
    correlations_of,
)

__all__ = ["Likeness"]

#: So many references have a 95th percentile.
_MANY: Final = 20


class Likeness:
    """Which cell types are alike, by the chosen source and by their correlation.

    Parameters
    ----------
    cells : CellTypes
        A panel, in memory or stored.
    similarity : str, mapping, DataFrame or None
        How the nearest cell type is found; see `leakcheck.audit`.
    correlations : Correlations, optional
        Of the cell types; default: those of the panel in memory.

    Raises
    ------
    ValidationError
        When `similarity` does not cover the targets and references.
    TypeError
        When correlations are not given, for a panel that is not in memory.
    """

    def __init__(
        self,
        cells: CellTypes,
        similarity: Similarity | None = None,
        correlations: Correlations | None = None,
    ) -> None:
        self._cells = cells
        self._source = SimilarityBySource(cells, similarity, correlations)
        found = self._source.correlations or correlations or correlations_of(cells)
        self._whole = found.whole()
        self._among = self._whole.copy()  # of each cell type with the others
        np.fill_diagonal(self._among, np.nan)

    def neighbours(self, view: Target) -> Neighbours:
        """Order the references of a target by the chosen source.

        Parameters
        ----------
        view : Target
            The target.

        Returns
        -------
        Neighbours
            One order for each block. Behind a cell type that was named, which is all that is known,
            come the references in the order of their correlation with it: where it is not observed,
            the one that is most like it stands in.
        """
        found = self._source.of(view)
        if found.source != "named":
            return found
        named, others = found.order[0, 0], found.order[0, 1:]
        likeness = np.nan_to_num(self._whole[named, others], nan=-np.inf)
        others = others[np.argsort(-likeness, kind="stable")]
        order = np.repeat(np.append(named, others)[None], len(found.order), axis=0)
        return replace(found, order=order)

    def by_test_labels(self, view: Target) -> Neighbours:
        """Order the references by their correlation with the audited labels themselves.

        Parameters
        ----------
        view : Target
            The target.

        Returns
        -------
        Neighbours
            The order that the oracle follows.
        """
        similarity = self._whole[view.column, view.references]
        rank = np.argsort(-np.nan_to_num(similarity, nan=-np.inf), kind="stable")
        order = np.repeat(view.references[rank][None], self._cells.n_blocks, axis=0)
        ordered = np.repeat(similarity[rank][None], self._cells.n_blocks, axis=0)
        return Neighbours(order=order, similarity=ordered, source="labels of the audited loci")

    def correlation(self, view: Target, other: int | None) -> float:
        """Correlation of a target with a cell type over all loci.

        Parameters
        ----------
        view : Target
            The target.
        other : int or None
            Column of the cell type.

        Returns
        -------
        float
            NaN without a cell type.
        """
        return np.nan if other is None else float(self._whole[view.column, other])

    def resembles(self, view: Target) -> tuple[str, float] | None:
        """Find a reference that is nearer to the target than references usually have one.

        Parameters
        ----------
        view : Target
            The target.

        Returns
        -------
        (str, float) or None
            Its name and correlation.

        Notes
        -----
        The bar is the 95th percentile of what each reference has with its own nearest one. Of all
        pairs of references it would lie far lower, below what nearly every cell type has with
        some other: a maximum is compared with maxima. Fewer than 20 references have no such
        percentile, and a target as new as they are is often above the largest of them. What is
        missing to a correlation of 1 must then be less than half of the least there.
        """
        own = self._whole[view.column, view.references]
        among = self._among.take(view.references, axis=0).take(view.references, axis=1)
        usual = np.fmax.reduce(among, axis=1, initial=-np.inf)
        usual = usual[usual > -np.inf]
        if len(usual) < 3 or np.isnan(own).all():
            return None
        closest = int(np.nanargmax(own))
        bar = np.quantile(usual, 0.95) if len(usual) >= _MANY else (1 + np.max(usual)) / 2
        if own[closest] <= bar:
            return None
        return self._cells.cell_types[view.references[closest]], float(own[closest])
