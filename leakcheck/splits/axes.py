"""Splitters that hold out chromosomes, or cell types."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from leakcheck._typing import BoolArray, IntArray
from leakcheck.base.intervals import IntervalIndex
from leakcheck.exceptions import ValidationError
from leakcheck.splits.axis import AxisSplitter, NSplits, as_names, missing
from leakcheck.splits.paper import paper_roles
from leakcheck.splits.parts import Parts
from leakcheck.splits.rows import Axis, Rows

__all__ = ["CrossCellType", "CrossChromosome"]


class CrossChromosome(AxisSplitter):
    """Hold out chromosomes: new loci in cell types that training has seen.

    Parameters
    ----------
    n_splits : int or "leave-one-out", default 5
        Folds of chromosomes of about equal numbers of rows, or each chromosome by itself. Not used
        where `test` is given.
    test : str or sequence of str, optional
        Chromosomes of a single split.
    validation : str or sequence of str, optional
        Chromosomes to validate on, or ``"next"``: the fold that is tested next.
    train : sequence of str, optional
        Chromosomes to train on; all that are left by default.
    within : sequence of str, optional
        Cell types that take part; all by default.
    stretch : int, optional
        Hold out stretches of this many base pairs instead of whole chromosomes. They need the
        intervals of the loci.
    gap : int, default 200_000
        Bases around each test locus in which nothing trains or validates, and around each
        validation locus in which nothing trains. Matters for stretches alone.
    random_state : int or numpy.random.Generator, optional
        Shuffles units of about one size before they are dealt out; without it the folds depend on
        the data alone.
    loci : DataFrame, Loci or sequence of str, optional
        Locus of each row of `X`: ``chrom, start, end``, strings ``chr1:100-200``, or names of
        chromosomes. Else `groups` of `split` says it.
    celltypes : sequence of str, optional
        Cell type of each row of `X`; needed for `within`.

    Raises
    ------
    ValidationError
        When a number is out of range, a chromosome has two roles or a list is empty, or options
        do not go together: `stretch` with `test`, names of `train` or `validation` without `test`,
        ``"next"`` with fewer than three folds.

    Examples
    --------
    >>> splitter = CrossChromosome(test="chr1", validation="chr2")
    >>> [part.tolist() for part in next(splitter.split_with_validation(
    ...     groups=["chr1", "chr2", "chr3", "chr1"]))]
    [[2], [1], [0, 3]]
    """

    _axis_name = "loci"
    _unit = "chromosome"
    _needs = "loci"

    def __init__(
        self,
        n_splits: NSplits = 5,
        *,
        test: Sequence[str] | str | None = None,
        validation: Sequence[str] | str | None = None,
        train: Sequence[str] | None = None,
        within: Sequence[str] | None = None,
        stretch: int | None = None,
        gap: int = 200_000,
        random_state: int | np.random.Generator | None = None,
        loci: Any = None,
        celltypes: Any = None,
    ) -> None:
        super().__init__(n_splits, test, validation, train, random_state, loci, celltypes)
        self.within = as_names(within, "within")
        self.stretch = _positive("stretch", stretch, 1) if stretch is not None else None
        self.gap = _positive("gap", gap, 0)
        if stretch is not None and test is not None:
            raise ValidationError(
                "`stretch` must not come with `test`: stretches have no names; both came. Leave "
                "one of them out."
            )

    @classmethod
    def paper(
        cls, task: str = "expression", *, loci: Any = None, celltypes: Any = None
    ) -> "CrossChromosome":
        """Give the cross-chromosome split of Schreiber et al. (2020).

        Parameters
        ----------
        task : {"expression", "tads"}
            Gene expression, or boundaries of topologically associating domains.
        loci, celltypes : optional
            As for the class.

        Returns
        -------
        CrossChromosome
            The target cell type alone: chr1 for test, chr2 for validation, the rest (boundaries:
            chr3) for training.

        Raises
        ------
        ValidationError
            When `task` is none of the two.
        """
        roles = paper_roles(task)
        return cls(
            test=roles.test_chromosomes,
            validation=roles.validation_chromosomes,
            train=roles.train_chromosomes,
            within=(roles.test_cell_type,),
            loci=loci,
            celltypes=celltypes,
        )

    def _axis(self, rows: Rows) -> Axis:
        """Chromosomes, or stretches of them."""
        if rows.chromosome is None:
            raise missing("chromosome", "loci")
        if self.stretch is None:
            return rows.chromosome
        if rows.start is None:
            raise ValidationError(
                "`stretch` must come with the intervals of the loci; they have chromosomes only. "
                "Give `chrom, start, end`."
            )
        number = rows.start // self.stretch
        keys = rows.chromosome.codes * (int(number.max(initial=0)) + 1) + number
        stretches, codes = np.unique(keys, return_inverse=True)
        return Axis(codes.astype(np.int64), tuple(map(str, stretches)))

    def _kept(self, rows: Rows) -> BoolArray:
        if self.within is None:
            return np.ones(rows.n, dtype=np.bool_)
        if rows.cell_type is None:
            raise missing("cell type", "celltypes")
        return rows.cell_type.among(self.within, "within", chromosomes=False)

    def _apart(self, rows: Rows, parts: Parts) -> Parts:
        if self.stretch is None or rows.start is None or rows.end is None:
            return parts
        later = _far(rows, parts.validation, parts.test, self.gap)
        train = _far(rows, parts.train, np.concatenate([parts.test, later]), self.gap)
        return Parts(train, later, parts.test)


class CrossCellType(AxisSplitter):
    """Hold out cell types: new cell types at loci that training has seen.

    Parameters
    ----------
    n_splits : int or "leave-one-out", default 5
        Folds of cell types of about equal numbers of rows, or each cell type by itself. Not used
        where `test` is given.
    test : str or sequence of str, optional
        Cell types of a single split.
    validation : str or sequence of str, optional
        Cell types to validate on, or ``"next"``: the fold that is tested next.
    train : sequence of str, optional
        Cell types to train on; all that are left by default.
    within : sequence of str, optional
        Chromosomes that take part; all by default.
    random_state : int or numpy.random.Generator, optional
        Shuffles units of about one size before they are dealt out; without it the folds depend on
        the data alone.
    loci : DataFrame, Loci or sequence of str, optional
        Locus of each row of `X`, or its chromosome; needed for `within`.
    celltypes : sequence of str, optional
        Cell type of each row of `X`. Else `groups` of `split` says it.

    Raises
    ------
    ValidationError
        When a number is out of range, a cell type has two roles or a list is empty, or options do
        not go together: names of `train` or `validation` without `test`, ``"next"`` with fewer than
        three folds.

    Examples
    --------
    >>> splitter = CrossCellType("leave-one-out")
    >>> [test.tolist() for _, test in splitter.split(groups=["K562", "HepG2", "K562"])]
    [[0, 2], [1]]
    """

    _axis_name = "cell types"
    _unit = "cell type"
    _needs = "celltypes"

    def __init__(
        self,
        n_splits: NSplits = 5,
        *,
        test: Sequence[str] | str | None = None,
        validation: Sequence[str] | str | None = None,
        train: Sequence[str] | None = None,
        within: Sequence[str] | None = None,
        random_state: int | np.random.Generator | None = None,
        loci: Any = None,
        celltypes: Any = None,
    ) -> None:
        super().__init__(n_splits, test, validation, train, random_state, loci, celltypes)
        self.within = as_names(within, "within")

    @classmethod
    def paper(
        cls, task: str = "expression", *, loci: Any = None, celltypes: Any = None
    ) -> "CrossCellType":
        """Give the cross-cell-type split of Schreiber et al. (2020).

        Parameters
        ----------
        task : {"expression", "tads"}
            Gene expression, or boundaries of topologically associating domains.
        loci, celltypes : optional
            As for the class.

        Returns
        -------
        CrossCellType
            chr2 to chr22 (boundaries: chr2 and chr3) in every part; E003 (H1) for test; E113,
            E004, E037 and E106 (GM12878) for validation; all others for training.

        Raises
        ------
        ValidationError
            When `task` is none of the two.
        """
        roles = paper_roles(task)
        return cls(
            test=(roles.test_cell_type,),
            validation=roles.validation_cell_types,
            within=roles.seen_chromosomes,
            loci=loci,
            celltypes=celltypes,
        )

    def _axis(self, rows: Rows) -> Axis:
        if rows.cell_type is None:
            raise missing("cell type", "celltypes")
        return rows.cell_type

    def _kept(self, rows: Rows) -> BoolArray:
        if self.within is None:
            return np.ones(rows.n, dtype=np.bool_)
        if rows.chromosome is None:
            raise missing("chromosome", "loci")
        return rows.chromosome.among(self.within, "within", chromosomes=True)


def _positive(name: str, value: Any, least: int) -> int:
    """Refuse what is no number of base pairs."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValidationError(
            f"`{name}` must be a whole number of base pairs, {least} or more; it is {value!r}. "
            "Leave it out for the default."
        )
    return int(value)


def _far(rows: Rows, asked: IntArray, known: IntArray, gap: int) -> IntArray:
    """Of the asked rows those that overlap no known one and are not within the gap."""
    if rows.chromosome is None or rows.start is None or rows.end is None or not known.size:
        return asked
    chrom = rows.chromosome.codes
    index = IntervalIndex(chrom[known], rows.start[known], rows.end[known])
    query = chrom[asked], rows.start[asked], rows.end[asked]
    overlaps = index.overlapping(*query) >= 0
    far: IntArray = asked[~overlaps & (index.nearest(*query).distance >= gap)]
    return far
