"""Floor 6: what a data set on disk must tell, so that it can be audited piece by piece.

A source is small and can be pickled: it holds paths and offsets, never open files or values, so
that a worker on another machine can be sent it and open the files itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import pandas as pd
from numpy.typing import NDArray

from leakcheck._typing import LabelKind
from leakcheck.data import Note
from leakcheck.exceptions import LeakcheckError

__all__ = ["CorruptPartitionError", "Light", "Part", "Partition", "Source"]


class CorruptPartitionError(LeakcheckError):
    """A piece of the data cannot be read, so that nothing may be reported as if it were whole.

    Parameters
    ----------
    partition : str
        Name of the piece: its file, and the row group, chunk or stretch in it.
    path : str
        The file.
    cause : str
        What went wrong, in the words of the library that read it.

    Examples
    --------
    >>> print(CorruptPartitionError("a.parquet, row group 3", "a.parquet", "Unexpected end."))
    The partition a.parquet, row group 3 cannot be read: Unexpected end. Mend or replace ...
    """

    def __init__(self, partition: str, path: str, cause: str) -> None:
        self.partition, self.path, self.cause = partition, path, cause.strip()
        stop = "" if self.cause.endswith((".", "!", "?")) else "."
        super().__init__(
            f"The partition {partition} cannot be read: {self.cause}{stop} Mend or replace {path}; "
            "no part of the data was reported."
        )

    def __reduce__(self) -> tuple[type["CorruptPartitionError"], tuple[str, str, str]]:
        """Pickle by the arguments, not by the message."""
        return type(self), (self.partition, self.path, self.cause)


class Part(NamedTuple):
    """One piece of the data, in memory: a rectangle of loci x cell types.

    Attributes
    ----------
    rows : slice
        Its loci, as positions in the source's order.
    columns : tuple of int
        Its cell types, as positions in `Source.cell_types`.
    loci : pandas.DataFrame or None
        Its loci: columns ``chrom, start, end`` (`chrom` may be categorical), ``id`` with these, or
        ``id`` alone; the same columns in every part. None where `Partition.has_loci` is false.
    labels : ndarray, shape (rows, columns)
        Observed activity: booleans, integers or floats, NaN = not observed.
    predictions : mapping of str to ndarray, shape (rows, columns)
        Scores of every model of the source in the dtype that `Source.score_dtypes` gives;
        NaN = no prediction. All NaN where the model does not predict a cell type.
    signal : ndarray or None, shape (rows, columns)
        Continuous activity beside binary labels, where `Source.has_signal`.
    tally : mapping of str to int
        Counts that are added up over the parts and handed to `Source.notes`.
    """

    rows: slice
    columns: tuple[int, ...]
    loci: pd.DataFrame | None
    labels: NDArray[Any]
    predictions: Mapping[str, NDArray[Any]]
    signal: NDArray[Any] | None = None
    tally: Mapping[str, int] = {}


@dataclass(frozen=True, kw_only=True)
class Partition:
    """Where a piece of the data is; small and picklable.

    Parameters
    ----------
    name : str
        File, and row group, chunk or stretch, as errors say it.
    rows : slice
        Its loci, as positions in the source's order; start and stop are set.
    columns : tuple of int
        Its cell types, as positions in `Source.cell_types`.
    n_bytes : int
        Roughly what reading it takes in memory, in bytes.
    has_loci : bool
        Whether its part brings the loci. Each locus comes with exactly one partition.
    """

    name: str
    rows: slice
    columns: tuple[int, ...]
    n_bytes: int
    has_loci: bool = True


class Light:
    """A dataclass that is pickled as its fields: what it worked out on the way is not sent."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@runtime_checkable
class Source(Protocol):
    """A data set on disk, in pieces that fit in memory.

    The partitions cover every (locus, cell type) pair exactly once. Those with loci come in the
    order of the rows.
    """

    @property
    def n_loci(self) -> int:
        """Number of loci."""

    @property
    def cell_types(self) -> tuple[str, ...]:
        """Names of the cell types, in the order of the columns."""

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""

    @property
    def families(self) -> Mapping[str, str]:
        """Model to family; empty where there are none."""

    @property
    def has_signal(self) -> bool:
        """Whether parts bring a signal."""

    @property
    def label_kind(self) -> LabelKind | None:
        """What the labels are, where the source knows without reading them all; else None."""

    @property
    def score_dtypes(self) -> Mapping[str, str]:
        """Model to ``"float32"`` or ``"float64"``."""

    @property
    def predicted(self) -> Mapping[str, tuple[int, ...]]:
        """Model to the cell types, as positions, for which the files may hold predictions."""

    def partitions(self) -> tuple[Partition, ...]:
        """List the pieces; the same list each time.

        Returns
        -------
        tuple of Partition
            Those with loci in the order of the rows.
        """

    def read(self, partition: Partition) -> Part:
        """Read a piece.

        Parameters
        ----------
        partition : Partition
            One of `partitions`.

        Returns
        -------
        Part
            Its loci, labels and predictions.

        Raises
        ------
        CorruptPartitionError
            When it cannot be read.
        """

    def notes(self, tally: Mapping[str, int]) -> tuple[Note, ...]:
        """Say what was noticed while reading.

        Parameters
        ----------
        tally : mapping of str to int
            Sums of `Part.tally` over all parts.

        Returns
        -------
        tuple of Note
            Findings of the input; none where nothing was noticed.
        """
