"""Floor 3: what the reference cell types know, seen from each target in turn."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leakcheck._typing import BoolArray, FloatArray, IntArray, LabelKind
from leakcheck.base.cell_type_sums import (
    count_rows,
    levels_of_counts,
    means,
    sum_others,
    variance_around,
)
from leakcheck.data import EvaluationSet
from leakcheck.exceptions import ValidationError

__all__ = [
    "SIGNAL_TRANSFORMS",
    "ReferencePanel",
    "SignalTransform",
    "TargetView",
    "extremes",
    "variance_around",
]

SignalTransform: TypeAlias = Literal["arcsinh", "none"]

#: Transformations of the signal before any average: a plain mean of counts or RPKM follows the
#: few largest values.
SIGNAL_TRANSFORMS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "arcsinh": np.arcsinh,
    "none": lambda values: values,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class TargetView:
    """One target cell type with everything that its audit compares.

    Rows are the loci that are audited in the target and observed in at least one reference cell
    type.

    Attributes
    ----------
    name : str
        The target cell type.
    column : int
        Its column in the evaluation set.
    rows : ndarray of int, shape (n,)
        Positions of the loci in the evaluation set.
    labels : ndarray of float, shape (n,)
        Labels of the target.
    blocks : ndarray of int, shape (n,)
        Block of each row.
    block_sizes : ndarray of int, shape (n_blocks,)
        Rows in each block.
    average : ndarray of float, shape (n,)
        Average activity: mean label over the observed reference cell types.
    n_observed : ndarray of int, shape (n,)
        Reference cell types observed at each locus.
    average_signal : ndarray of float, shape (n,), or None
        Mean transformed signal over the observed reference cell types.
    references : ndarray of int, shape (n_references,)
        Columns of the reference cell types.
    n_hybrid : int
        Audited loci that no reference cell type observes, left out.
    label_kind : {"binary", "continuous"}
        What the labels are.
    """

    name: str
    column: int
    rows: IntArray
    labels: FloatArray
    blocks: IntArray
    block_sizes: IntArray
    average: FloatArray
    n_observed: IntArray
    average_signal: FloatArray | None
    references: IntArray
    n_hybrid: int
    label_kind: LabelKind = "binary"

    @property
    def positive(self) -> BoolArray:
        """Whether each locus is active in the target (binary labels), shape (n,)."""
        return self.labels > 0

    @cached_property
    def average_levels(self) -> tuple[FloatArray, IntArray]:
        """Distinct values of the average activity, rising, and the place of each row's in them.

        Their shapes are (n_levels,) and (n,).
        """
        n = len(self.references)
        if self.label_kind == "binary":
            active = np.rint(self.average * self.n_observed).astype(np.intp)
            complete = bool((self.n_observed == n).all())
            if complete or np.array_equal(active / self.n_observed, self.average):
                pairs = active + (n + 1) * n if complete else active + (n + 1) * self.n_observed
                counts = np.bincount(pairs, minlength=(n + 1) ** 2).reshape(n + 1, n + 1)
                levels, places = levels_of_counts(counts)
                return levels, places.take(pairs)
        levels, codes = np.unique(self.average, return_inverse=True)
        return levels, codes

    @cached_property
    def activity_count(self) -> IntArray:
        """Activity count `k` of each locus, scaled to all references where some are missing.

        Its shape is (n,).
        """
        return np.rint(self.average * len(self.references)).astype(np.int64)


class ReferencePanel:
    """Labels and signal of the reference cell types, cell type by cell type.

    A target's own column is never read for its baselines, whatever the form of the references:
    sums run over the other columns and are not differences from a total, so that changing a
    target's labels changes no bit of its baselines.

    Parameters
    ----------
    data : EvaluationSet
        The checked input.
    blocks : ndarray of int, shape (n_loci,)
        Block of each locus, 0 to n_blocks - 1.
    n_blocks : int
        Number of blocks.
    signal_transform : {"arcsinh", "none"}
        Transformation of the signal before any average.

    Raises
    ------
    ValidationError
        When a signal came beside continuous labels: it has another unit than they have.
    """

    def __init__(
        self,
        data: EvaluationSet,
        blocks: IntArray,
        n_blocks: int,
        signal_transform: SignalTransform = "arcsinh",
    ) -> None:
        if data.signal is not None and data.label_kind == "continuous":
            raise ValidationError(
                "`signal` goes beside binary labels; it came beside continuous ones. Leave it out: "
                "continuous labels are a signal themselves."
            )
        self.data = data
        self.cell_types, self.targets = data.cell_types, data.targets
        self.blocks = blocks
        self.n_blocks = n_blocks
        self.observed: BoolArray = np.ascontiguousarray(data.reference.T)
        self.signal: FloatArray | None = None
        self.target_signal: FloatArray | None = None
        if data.signal is not None:
            transformed = SIGNAL_TRANSFORMS[signal_transform](data.signal)
            self.target_signal = transformed
            self.signal = np.where(self.signal_pairs, transformed.T, np.nan)

    @cached_property
    def signal_pairs(self) -> BoolArray:
        """Pairs whose signal is a reference's, shape (n_cell_types, n_loci).

        Reference pairs, and pairs without a label of a cell type whose labels are all reference: a
        model that may have seen the one may have seen the other.
        """
        found = self.observed
        labelled = ~np.isnan(self.data.labels.T)
        whole = self.is_reference & (labelled == found).all(axis=1)
        return found if bool(labelled[whole].all()) else found | whole[:, None]

    @cached_property
    def labels(self) -> FloatArray:
        """Labels by cell type, shape (n_cell_types, n_loci); NaN where the pair is no reference."""
        return np.where(self.observed, self.data.labels.T, np.nan)

    @property
    def values(self) -> FloatArray:
        """The finer of the two kinds of activity: transformed signal if given, else labels.

        Its shape is (n_cell_types, n_loci); NaN outside of the references.
        """
        return self.labels if self.signal is None else self.signal

    @property
    def table(self) -> NDArray[Any]:
        """The same as `values`, binary labels as the small integers of `active`; of one shape."""
        if self.signal is not None:
            return self.signal
        return self.active if self.data.label_kind == "binary" else self.labels

    @cached_property
    def active(self) -> NDArray[np.int8]:
        """Binary labels as small integers, which are read faster: 1, 0, and -1 where unobserved.

        Their shape is (n_cell_types, n_loci).
        """
        found = np.full(self.observed.shape, -1, dtype=np.int8)
        np.copyto(found, self.data.labels.T, casting="unsafe", where=self.observed)
        return found

    @cached_property
    def is_reference(self) -> BoolArray:
        """Which cell types have any reference pair, shape (n_cell_types,)."""
        seen: BoolArray = np.logical_or.reduce(self.observed, axis=1)
        return seen

    @cached_property
    def beside(self) -> IntArray:
        """Loci before and behind each on its chromosome, shape (2, n_loci); -1 where none is.

        0 is before, 1 behind. All are -1 where loci have no coordinates.
        """
        loci = self.data.loci
        found = np.full((2, len(loci)), -1, dtype=np.intp)
        if loci.chrom is None or loci.start is None or loci.end is None:
            return found
        order = np.lexsort((loci.end, loci.start, loci.chrom))
        here, behind = order[:-1], order[1:]
        follow = loci.chrom[here] == loci.chrom[behind]
        found[0, behind[follow]] = here[follow]
        found[1, here[follow]] = behind[follow]
        return found

    def references_of(self, column: int) -> IntArray:
        """Find the reference cell types of a target.

        Parameters
        ----------
        column : int
            The target's column.

        Returns
        -------
        ndarray of int, shape (n_references,)
            Columns of the cell types with a reference pair, the target left out.
        """
        return np.flatnonzero(self.is_reference & (np.arange(len(self.observed)) != column))

    def view(self, name: str) -> TargetView:
        """Gather one target's rows and averages.

        Parameters
        ----------
        name : str
            A target of the evaluation set.

        Returns
        -------
        TargetView
            Over the audited loci that the references observe.

        Raises
        ------
        ValidationError
            When loci have reference labels and no reference signal, where a signal was given.
        """
        column = self.data.cell_types.index(name)
        references = self.references_of(column)
        audited = self.data.audited[:, column]
        count = self._count_others(self.observed, column, self._shared_count)
        usable = audited & (count > 0)
        rows = np.flatnonzero(usable)
        # Whole arrays need not be picked from, row by row.
        pick = slice(None) if len(rows) == len(usable) else rows
        blocks = self.blocks[pick]
        n_observed = count[pick]
        total = self._total_labels(column)
        signal = None
        if self.signal is not None:
            signal = self._mean_signal(column, count)[pick]
        return TargetView(
            name=name,
            column=column,
            rows=rows,
            labels=np.ascontiguousarray(self.data.labels[pick, column]),
            blocks=blocks,
            block_sizes=np.bincount(blocks, minlength=self.n_blocks),
            average=total[pick] / n_observed,
            n_observed=n_observed,
            average_signal=signal,
            references=references,
            n_hybrid=int(audited.sum()) - len(rows),
            label_kind=self.data.label_kind,
        )

    @property
    def shared_average(self) -> FloatArray:
        """Average activity over all reference cell types, shape (n_loci,); NaN without any."""
        total = self._shared_labels if self.data.label_kind == "continuous" else self._shared_active
        return means(total, self._shared_count)

    def label_variance(self, view: TargetView) -> FloatArray:
        """Variance of the label over the reference cell types at each locus of a target.

        Parameters
        ----------
        view : TargetView
            The target.

        Returns
        -------
        ndarray of float, shape (n,)
            0 where one reference is observed.
        """
        own = self.labels[view.references][:, view.rows]
        return variance_around(own, view.average)

    def _mean_signal(self, column: int, label_count: IntArray) -> FloatArray:
        """Mean transformed signal over the other cell types."""
        seen = self._count_others(self._signal_seen, column, self._shared_signal_seen)
        missing = (seen == 0) & (label_count > 0)
        if missing.any():
            first = self.data.loci.ids[np.flatnonzero(missing)[0]]
            raise ValidationError(
                f"`signal` must be observed wherever reference labels are; {int(missing.sum())} "
                f"loci have reference labels and no reference signal, the first is {first}. "
                "Give their signal, or drop these loci."
            )
        assert self.signal is not None  # noqa: S101 - asked for where there is one
        complete = bool(self._shared_signal_seen.min(initial=0) == len(self.observed))
        total = sum_others(
            self.signal, self._place_of(column), self._shared_signal, complete=complete
        )
        return means(total, seen)

    def _place_of(self, column: int) -> int | None:
        """The row of a cell type that is a reference, None of another."""
        return column if self.is_reference[column] else None

    def _total_labels(self, column: int) -> NDArray[Any]:
        """Sum of the labels of the other cell types."""
        if self.data.label_kind == "continuous":
            return sum_others(self.labels, self._place_of(column), self._shared_labels)
        if not self.is_reference[column]:
            return self._shared_active
        rest: IntArray = self._shared_active - (self.active[column] == 1)  # whole numbers: exact
        return rest

    def _count_others(self, table: BoolArray, column: int, shared: IntArray) -> IntArray:
        """Count over all cell types but one: whole numbers, so the difference is exact."""
        if not self.is_reference[column]:
            return shared
        others: IntArray = shared - table[column]
        return others

    @cached_property
    def _signal_seen(self) -> BoolArray:
        """Which pairs have a reference signal."""
        return ~np.isnan(self.values)

    @cached_property
    def _shared_count(self) -> IntArray:
        return count_rows(self.observed)

    @cached_property
    def _shared_active(self) -> IntArray:
        return count_rows(self.active == 1)

    @cached_property
    def _shared_labels(self) -> FloatArray:
        return sum_others(self.labels, None)

    @cached_property
    def _shared_signal_seen(self) -> IntArray:
        return count_rows(self._signal_seen)

    @cached_property
    def _shared_signal(self) -> FloatArray:
        return sum_others(self.values, None)


def extremes(counts: IntArray) -> tuple[int, int]:
    """Give the least and the largest count.

    Parameters
    ----------
    counts : ndarray of int, shape (n,)
        Any number of them.

    Returns
    -------
    tuple of (int, int)
        0 and 0 where there are none.

    Examples
    --------
    >>> extremes(np.array([3, 1, 2]))
    (1, 3)
    """
    return (int(counts.min()), int(counts.max())) if counts.size else (0, 0)
