"""Floor 6: the columns in which a table on disk keeps its loci."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leakcheck.adapters.column_names import INTERVAL, LOCUS, require_column
from leakcheck.data.interval_text import first_opaque, parse_intervals
from leakcheck.data.wording import listing
from leakcheck.exceptions import ValidationError

__all__ = ["LocusColumns", "find_locus_columns", "first_difference"]

#: What pandas calls row names that have no name of their own.
_UNNAMED_INDEX = "__index_level_0__"


@dataclass(frozen=True)
class LocusColumns:
    """Columns of ids, of intervals, or of both.

    Attributes
    ----------
    names : tuple of str
        One column of ids or of text such as ``chr1:100-200``; or chromosome, start and end.
    beside : bool
        Whether ``chrom, start, end`` stand beside an id.
    is_text : bool
        Whether the one column holds intervals as text.
    """

    names: tuple[str, ...]
    beside: bool = False
    is_text: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that have to be read."""
        return (*self.names, *INTERVAL) if self.beside else self.names

    @property
    def is_open(self) -> bool:
        """Whether only the values can tell if the one column holds intervals as text."""
        return len(self.names) == 1 and not self.beside

    def with_first(self, frame: pd.DataFrame) -> "LocusColumns":
        """Decide by the first locus whether the one column holds intervals as text."""
        if not self.is_open:
            return self
        found, _ = parse_intervals([str(frame[self.names[0]].iloc[0])])
        return LocusColumns(self.names, is_text=found is not None)

    def loci(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the loci of some rows, in the columns of `leakcheck.scale.source.Part`."""
        if len(self.names) == 3:
            columns = dict(zip(INTERVAL, (frame[name] for name in self.names), strict=True))
            return pd.DataFrame(columns)
        ids = frame[self.names[0]].rename("id").reset_index(drop=True)
        if self.beside:
            return pd.DataFrame({"id": ids, **{name: frame[name] for name in INTERVAL}})
        texts = [str(name) for name in ids.tolist()]
        found, n_found = parse_intervals(texts)
        if (found is not None) != self.is_text or 0 < n_found < len(texts):
            mixed = 0 < n_found < len(texts)
            first = first_opaque(texts)[1 if self.is_text else 0] if mixed else texts[0]
            raise ValidationError(
                f"`loci` must be all intervals or all ids; the column {self.names[0]!r} begins "
                f"with {'an interval' if self.is_text else 'an id'}, and has {first!r}. Write all "
                "as chrom:start-end, or none."
            )
        if found is None:
            return pd.DataFrame({"id": ids})
        chrom = pd.Categorical.from_codes(found.chrom, pd.Index(found.chrom_names, dtype=object))
        return pd.DataFrame({"chrom": chrom, "start": found.start, "end": found.end})


def find_locus_columns(
    columns: Sequence[str], numbers: Sequence[str], asked: Sequence[str] | None, table: str
) -> LocusColumns:
    """Find the columns of the loci among those of a wide table: as named, or usual, or the first.

    Parameters
    ----------
    columns : sequence of str
        Columns of the table.
    numbers : sequence of str
        Those that hold numbers.
    asked : str or sequence of str, optional
        One column, or three for chromosome, start and end.
    table : str
        The table, for errors.

    Returns
    -------
    LocusColumns
    """
    has_interval = set(INTERVAL) <= set(columns)
    if asked is not None:
        names = (asked,) if isinstance(asked, str) else tuple(asked)
        if len(names) not in (1, 3):
            raise ValidationError(
                "`locus` must name one column, or three for chromosome, start and end; it names "
                f"{len(names)}: {listing(names)}. Name one or three."
            )
        empty = pd.DataFrame(columns=list(columns))
        names = tuple(require_column(empty, name, "locus") for name in names)
        return LocusColumns(names, beside=len(names) == 1 and has_interval)
    usual = next((name for name in (*LOCUS, _UNNAMED_INDEX) if name in columns), None)
    if usual is not None:
        return LocusColumns((usual,), beside=has_interval)
    if has_interval:
        return LocusColumns(INTERVAL)
    if columns[0] not in numbers:
        return LocusColumns((columns[0],))
    raise ValidationError(
        f"`locus` must be a column of {table}, because loci are matched by name; none is called "
        f"{', '.join(LOCUS)} or chrom, start, end, and the first column {columns[0]!r} holds "
        f"numbers. The columns are {listing(columns, 12)}. Name the right one."
    )


def first_difference(one: pd.DataFrame, other: pd.DataFrame) -> int | None:
    """Find the first row in which two frames of loci differ; None where none does."""
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return 0
    same = np.ones(len(one), dtype=bool)
    for column in one.columns:
        same &= _same(one[column], other[column])
    return None if same.all() else int(np.argmin(same))


def _same(one: Any, other: Any) -> Any:
    """Compare two columns; of categories the codes are compared, once the names agree."""
    kinds = [isinstance(column.dtype, pd.CategoricalDtype) for column in (one, other)]
    if all(kinds):
        names = one.cat.categories
        if not names.equals(other.cat.categories):
            other = other.cat.set_categories(names)
        return one.cat.codes.to_numpy() == other.cat.codes.to_numpy()
    left, right = (column.astype(object) if any(kinds) else column for column in (one, other))
    return left.to_numpy() == right.to_numpy()
