"""The splitter that holds out chromosomes and cell types at once."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from leakcheck._typing import IntArray
from leakcheck.exceptions import ValidationError
from leakcheck.splits.axes import CrossCellType, CrossChromosome
from leakcheck.splits.paper import paper_roles
from leakcheck.splits.parts import Parts, Splitter
from leakcheck.splits.picture import grid_picture
from leakcheck.splits.rows import Rows

__all__ = ["Hybrid"]


class Hybrid(Splitter):
    """Hold out chromosomes and cell types together: new loci in new cell types.

    Every split of the chromosomes is combined with every split of the cell types. Rows that only
    one of the two holds out are left out, so that a test row shares neither its locus nor its cell
    type with training.

    Parameters
    ----------
    by_chromosome : CrossChromosome, optional
        How chromosomes are split; five folds by default.
    by_celltype : CrossCellType, optional
        How cell types are split; five folds by default.
    loci, celltypes : optional
        Locus and cell type of each row of `X`, as for the two. Else `groups` of `split` says them.

    Raises
    ------
    ValidationError
        When one of the two splitters is of another kind.

    Notes
    -----
    Validation rows are those of the validation cell types on the validation chromosomes; where
    only one of the two has validation, on the training side of the other.

    Examples
    --------
    >>> import pandas as pd
    >>> groups = pd.DataFrame({"chrom": ["chr1", "chr1", "chr2", "chr2"],
    ...                        "celltype": ["K562", "HepG2", "K562", "HepG2"]})
    >>> splitter = Hybrid(CrossChromosome(test="chr1"), CrossCellType(test="K562"))
    >>> [part.tolist() for part in next(splitter.split(groups=groups))]
    [[3], [0]]
    """

    def __init__(
        self,
        by_chromosome: CrossChromosome | None = None,
        by_celltype: CrossCellType | None = None,
        *,
        loci: Any = None,
        celltypes: Any = None,
    ) -> None:
        given: tuple[Any, Any] = (
            CrossChromosome() if by_chromosome is None else by_chromosome,
            CrossCellType() if by_celltype is None else by_celltype,
        )
        self.by_chromosome, self.by_celltype = given
        if not (isinstance(given[0], CrossChromosome) and isinstance(given[1], CrossCellType)):
            raise ValidationError(
                "`by_chromosome` must be a CrossChromosome and `by_celltype` a CrossCellType; "
                f"{type(given[0]).__name__} and {type(given[1]).__name__} came. Give one of each, "
                "in this order."
            )
        self.loci = self.by_chromosome.loci if loci is None else loci
        self.celltypes = self.by_celltype.celltypes if celltypes is None else celltypes

    @classmethod
    def paper(
        cls, task: str = "expression", *, loci: Any = None, celltypes: Any = None
    ) -> "Hybrid":
        """Give the hybrid split of Schreiber et al. (2020).

        Parameters
        ----------
        task : {"expression", "tads"}
            Gene expression, or boundaries of topologically associating domains.
        loci, celltypes : optional
            As for the class.

        Returns
        -------
        Hybrid
            Training and validation as in the cross-cell-type setting; chr1 of the target for test.

        Raises
        ------
        ValidationError
            When `task` is none of the two.
        """
        roles = paper_roles(task)
        return cls(
            CrossChromosome(test=roles.test_chromosomes, train=roles.seen_chromosomes),
            CrossCellType(test=(roles.test_cell_type,), validation=roles.validation_cell_types),
            loci=loci,
            celltypes=celltypes,
        )

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: N803
        """Count the splits.

        Parameters
        ----------
        X, y : ignored
            As in scikit-learn.
        groups : DataFrame, optional
            Needed for ``"leave-one-out"`` where the splitter has no rows of its own.

        Returns
        -------
        int
        """
        n = 1
        for one in (self.by_chromosome, self.by_celltype):
            known = copy.copy(one)
            known.loci, known.celltypes = self.loci, self.celltypes
            n *= known.get_n_splits(X, y, groups)
        return n

    def _parts(self, rows: Rows) -> Iterator[Parts]:
        """Combine every split of one with every split of the other."""
        by_celltype = list(self.by_celltype._parts(rows))
        for chromosome in self.by_chromosome._parts(rows):
            for cell_type in by_celltype:
                yield Parts(
                    _both(chromosome.train, cell_type.train),
                    _both(*self._validation(chromosome, cell_type)),
                    _both(chromosome.test, cell_type.test),
                )

    def _validation(self, chromosome: Parts, cell_type: Parts) -> tuple[IntArray, IntArray]:
        """Rows of validation on each axis: the training side where an axis has none."""
        if not self._has_validation:
            return chromosome.validation, cell_type.validation
        return (
            chromosome.validation if self.by_chromosome.validation else chromosome.train,
            cell_type.validation if self.by_celltype.validation else cell_type.train,
        )

    @property
    def validation(self) -> str | tuple[str, ...] | None:
        """What is validated on: chromosomes if they say so, else cell types; None for nothing."""
        found: str | tuple[str, ...] | None = (
            self.by_chromosome.validation or self.by_celltype.validation
        )
        return found

    @property
    def _has_validation(self) -> bool:
        return self.validation is not None

    def __repr__(self) -> str:
        """Give the call that makes the splitter."""
        return f"Hybrid({self.by_chromosome!r}, {self.by_celltype!r})"

    def __str__(self) -> str:
        """Draw what is held out."""
        shares = self.by_chromosome._shares(), self.by_celltype._shares()
        return f"{self!r}\n{grid_picture(*shares)}"


def _both(one: IntArray, other: IntArray) -> IntArray:
    """Rows that are in both."""
    return np.intersect1d(one, other, assume_unique=True)
