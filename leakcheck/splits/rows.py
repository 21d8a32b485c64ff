"""The rows that are split: chromosome, place and cell type of each, as codes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from leakcheck._typing import BoolArray, IntArray
from leakcheck.data import EvaluationSet, Loci
from leakcheck.data.arrays import as_frame, is_frame
from leakcheck.data.chromosomes import check_one_style, plain_chromosome
from leakcheck.data.interval_text import parse_intervals
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.names import factorize_names
from leakcheck.data.usual_columns import CELLTYPE, INTERVAL, LOCUS
from leakcheck.data.wording import did_you_mean, listing
from leakcheck.exceptions import ValidationError

__all__ = ["Axis", "Rows", "rows_of", "rows_of_set"]

#: A list of more distinct names than this holds loci, not chromosomes and scaffolds.
_MOST_CHROMOSOMES: Final = 2_000

#: An interval, however it is written: no chromosome is called `chr1-100-200`.
_LIKE_AN_INTERVAL: Final = re.compile(
    r"\S+:-?[\d,]+-[\d,]+|chr[^:_-]+[:_-]\d+[-_]\d+", re.IGNORECASE
)


@dataclass(frozen=True, eq=False)
class Axis:
    """One thing that can be held out: its names, and which each row has."""

    codes: IntArray
    names: tuple[str, ...]

    def among(self, names: Sequence[str], argument: str, *, chromosomes: bool) -> BoolArray:
        """Mark the rows that have one of some names, each of which must exist."""
        plain = [plain_chromosome(name) if chromosomes else name for name in self.names]
        asked = [plain_chromosome(str(name)) if chromosomes else str(name) for name in names]
        unknown = [name for name, key in zip(names, asked, strict=True) if key not in plain]
        if unknown:
            raise ValidationError(
                f"`{argument}` must name {'chromosomes' if chromosomes else 'cell types'} of the "
                f"rows; {listing(unknown)} {'is' if len(unknown) == 1 else 'are'} not there."
                f"{did_you_mean(unknown[0], self.names) or f' Known are {listing(self.names)}.'}"
            )
        wanted = np.array([key in set(asked) for key in plain], dtype=np.bool_)
        chosen: BoolArray = wanted[self.codes]
        return chosen


@dataclass(frozen=True, eq=False)
class Rows:
    """What is known of the rows; None where it was not given."""

    n: int
    chromosome: Axis | None
    cell_type: Axis | None
    start: IntArray | None = None
    end: IntArray | None = None


def rows_of_set(data: EvaluationSet) -> tuple[Rows, tuple[IntArray, IntArray]]:
    """Rows of the labelled pairs of an evaluation set, and where they are in its grid."""
    locus, column = np.nonzero(~np.isnan(data.labels))
    chromosome, start, end = _places(data.loci, locus)
    cell_type = Axis(column.astype(np.int64), data.cell_types)
    return Rows(len(locus), chromosome, cell_type, start, end), (locus, column)


def rows_of(
    n: int | None, loci: Any, cell_types: Any, groups: Any, *, only: str | None = None
) -> Rows:
    """Read the rows from `groups`, else from the loci and cell types of the splitter.

    `only` says what a one-dimensional `groups` holds: ``"loci"`` or ``"celltypes"``.
    """
    if groups is not None:
        loci, cell_types = _of_groups(groups, only)
    chromosome = start = end = None
    axis = None
    if loci is not None:
        chromosome, start, end = _read_places(loci)
    if cell_types is not None:
        codes, names = factorize_names(cell_types, "celltypes")
        axis = Axis(codes, names)
    found = {
        name: len(one.codes)
        for name, one in (("loci", chromosome), ("celltypes", axis))
        if one is not None
    }
    sizes = set(found.values()) | ({n} if n is not None else set())
    if len(sizes) > 1:
        rows = f" for {n} rows of `X`" if n is not None else ""
        raise ValidationError(
            "`loci` and `celltypes` must have one entry for each row; they have "
            f"{' and '.join(f'{size} ({name})' for name, size in found.items())}{rows}. Give them "
            "row by row."
        )
    return Rows(sizes.pop() if sizes else 0, chromosome, axis, start, end)


def _of_groups(groups: Any, only: str | None) -> tuple[Any, Any]:
    """Take loci and cell types out of a table, a structured array or a plain sequence."""
    if isinstance(groups, np.ndarray) and groups.dtype.names:
        groups = pd.DataFrame({name: groups[name] for name in groups.dtype.names})
    if not is_frame(groups):
        if only is None:
            raise ValidationError(
                "`groups` must be a table with the columns chrom (or locus) and celltype; it is a "
                f"{type(groups).__name__}. Give a DataFrame or a structured array."
            )
        return (groups, None) if only == "loci" else (None, groups)
    frame = as_frame(groups)
    cell_type = next((frame[name] for name in CELLTYPE if name in frame.columns), None)
    if set(INTERVAL) <= set(frame.columns):
        return frame[list(INTERVAL)], cell_type
    if "chrom" in frame.columns:
        return frame["chrom"], cell_type
    locus = next((frame[name] for name in LOCUS if name in frame.columns), None)
    if locus is not None and only != "celltypes":
        _checked(_places(Loci.from_any(locus.unique()), np.zeros(0, dtype=np.int64))[0], None, None)
        return locus, cell_type
    return None, cell_type


def _read_places(loci: Any) -> tuple[Axis, IntArray | None, IntArray | None]:
    """Chromosome of each row, and its interval where it has one."""
    if isinstance(loci, Loci | pd.MultiIndex) or is_frame(loci):
        rows, distinct = read_loci(loci, "loci")
        return _checked(*_places(distinct, rows))
    codes, names = factorize_names(loci, "loci")
    if names and parse_intervals(names)[0] is not None:
        rows, distinct = read_loci(loci, "loci")
        return _checked(*_places(distinct, rows))
    if len(names) > _MOST_CHROMOSOMES:
        return _checked(None, None, None)  # ids of loci, each of which would be a fold's unit
    _refuse_other_intervals(names)
    check_one_style(names, "loci")  # a fold of `chr1` that trains on `1` would hold nothing out
    return Axis(codes, names), None, None


def _refuse_other_intervals(names: Sequence[str]) -> None:
    """Refuse intervals that are not written as such: each would be a chromosome of its own."""
    found = [name for name in names if _LIKE_AN_INTERVAL.fullmatch(name)]
    if not found:
        return
    plain = [name for name in names if parse_intervals([name])[0] is None]
    raise ValidationError(
        f"`loci` must be intervals written chr1:100-200, or names of chromosomes; {len(plain)} of "
        f"{len(names)} distinct ones are no such intervals, the first is {plain[0]!r}. Write all "
        "alike, or give `chrom, start, end`."
    )


def _checked(
    chromosome: Axis | None, start: IntArray | None, end: IntArray | None
) -> tuple[Axis, IntArray | None, IntArray | None]:
    """Refuse loci without coordinates."""
    if chromosome is None:
        raise ValidationError(
            "`loci` must say on which chromosome each row is; these have ids only. Give `chrom, "
            "start, end`, strings such as 'chr1:100-200', or the names of the chromosomes."
        )
    return chromosome, start, end


def _places(loci: Loci, rows: IntArray) -> tuple[Axis | None, IntArray | None, IntArray | None]:
    """Chromosome and interval of each row."""
    if loci.chrom is None or loci.start is None or loci.end is None:
        return None, None, None
    return Axis(loci.chrom[rows], loci.chrom_names), loci.start[rows], loci.end[rows]
