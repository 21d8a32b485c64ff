"""Tables of training and test pairs, in any form, as loci x cell types with codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from leakcheck._typing import FloatArray, IntArray
from leakcheck.data import EvaluationSet, Loci
from leakcheck.data.arrays import as_frame, is_frame, is_numeric, plain, text_among
from leakcheck.data.interval_text import parse_intervals
from leakcheck.data.locus_forms import read_loci
from leakcheck.data.names import factorize_names
from leakcheck.data.usual_columns import CELLTYPE, INTERVAL, LABEL, LOCUS
from leakcheck.data.wording import did_you_mean, listing, share
from leakcheck.exceptions import ValidationError

__all__ = ["ROLES", "CoordinateStyle", "Pairs", "coordinate_styles", "present", "read_pairs"]

CoordinateStyle: TypeAlias = Literal["0-based", "1-based"]

STYLES: Final = ("0-based", "1-based")
ROLES: Final = ("train", "test", "validation")


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Distinct (locus, cell type) pairs of one table.

    Attributes
    ----------
    role : str
        The argument that the table came as.
    loci : Loci
        Distinct loci, 0-based and half-open.
    locus, cell_type : numpy.ndarray of int, shape (n_pairs,)
        Position of each pair's locus in `loci`, and of its cell type in `cell_types`.
    cell_types : tuple of str
        Distinct cell types, under their aliases' names.
    labels : numpy.ndarray of float, shape (n_pairs,), optional
        Where the table has labels.
    sequences : tuple of str or None, one for each locus
        Sequences from a column of the table; empty where there is none.
    n_rows : int
        Rows of the table; more than pairs where rows are repeated.
    leave_one_out : bool
        Whether, for each test cell type, all others are the training.
    used_aliases : tuple of str
        Aliases that were found in the table.
    """

    role: str
    loci: Loci
    locus: IntArray
    cell_types: tuple[str, ...]
    cell_type: IntArray
    labels: FloatArray | None
    sequences: tuple[str | None, ...] = ()
    n_rows: int
    leave_one_out: bool = False
    used_aliases: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.locus)

    @property
    def is_named(self) -> bool:
        """Whether loci have ids of their own, not only their intervals."""
        loci = self.loci
        if loci.start is None or loci.end is None or not len(loci):
            return True
        here = f"{loci.chromosomes()[0]}:{loci.start[0]}-{loci.end[0]}"
        return str(loci.ids[0]) != here


def present(codes: IntArray) -> IntArray:
    """Which codes occur, in order; faster than `numpy.unique` where codes are small."""
    return np.flatnonzero(np.bincount(codes))


def coordinate_styles(coordinates: Any) -> dict[str, str]:
    """Style of each table from one word for all, or a mapping from arguments to words."""
    if isinstance(coordinates, Mapping):
        styles = dict.fromkeys(ROLES, "0-based") | dict(coordinates)
    else:
        styles = dict.fromkeys(ROLES, coordinates)
    unknown = [role for role in styles if role not in ROLES]
    wrong = [style for style in styles.values() if style not in STYLES]
    if unknown or wrong:
        raise ValidationError(
            "`coordinates` must be '0-based' (half-open, BED) or '1-based' (closed, GFF), or a "
            f"mapping from 'train', 'test', 'validation' to these; it has {(unknown + wrong)[0]!r}."
            " Give for example coordinates={'train': '1-based'}."
        )
    return styles


def read_pairs(
    table: Any, role: str, style: str, aliases: Mapping[str, str], sequence_column: str | None
) -> Pairs:
    """Read one table, whatever its form."""
    if isinstance(table, EvaluationSet):
        _refuse_style(style, role, "an EvaluationSet")
        return _of_evaluation_set(table, role, aliases)
    if is_frame(table):
        return _of_frame(as_frame(table), role, style, aliases, sequence_column)
    if isinstance(table, tuple) and len(table) in (2, 3):
        return _of_arrays(table, role, style, aliases)
    raise ValidationError(
        f"`{role}` must be a table with a column `celltype` and either `locus` or `chrom, start, "
        f"end`, a tuple (loci, celltypes) of arrays, or an EvaluationSet; it is a "
        f"{type(table).__name__}. Give one row for each (locus, cell type) pair."
    )


def _refuse_style(style: str, role: str, what: str) -> None:
    """Loci that are checked already are 0-based by definition."""
    if style != "0-based":
        raise ValidationError(
            f"`coordinates` must be '0-based' for {what}, whose loci are 0-based by definition; "
            f"it is {style!r} for `{role}`. Leave it out."
        )


def _of_evaluation_set(data: EvaluationSet, role: str, aliases: Mapping[str, str]) -> Pairs:
    """Take reference pairs as training, audited pairs as test."""
    pairs = data.audited if role == "test" else data.reference
    locus, cell_type = np.nonzero(pairs)
    rows, locus = np.unique(locus, return_inverse=True)
    return _distinct(
        role=role,
        loci=data.loci.take(rows),
        locus=locus.astype(np.int64),
        names=data.cell_types,
        cell_type=cell_type.astype(np.int64),
        labels=data.labels[pairs],
        aliases=aliases,
        leave_one_out=data.leave_one_out,
    )


def _of_frame(
    frame: pd.DataFrame,
    role: str,
    style: str,
    aliases: Mapping[str, str],
    sequence_column: str | None,
) -> Pairs:
    """Take the columns of a table."""
    cell_types = frame[_column(frame, CELLTYPE, role)]
    named = next((name for name in LOCUS if name in frame.columns), None)
    if set(INTERVAL) <= set(frame.columns):
        places = frame[list(INTERVAL)]
        loci: Any = places if named is None else places.assign(id=frame[named])
    else:
        loci = frame[_column(frame, LOCUS, role, " (or chrom, start, end)")]
    label = next((name for name in LABEL if name in frame.columns), None)
    return _of_arrays(
        (loci, cell_types) if label is None else (loci, cell_types, frame[label]),
        role,
        style,
        aliases,
        sequences=None if sequence_column is None else _sequences(frame, sequence_column, role),
    )


def _column(frame: pd.DataFrame, usual: tuple[str, ...], role: str, more: str = "") -> str:
    """Find the first of the usual names among the columns."""
    found = next((name for name in usual if name in frame.columns), None)
    if found is not None:
        return found
    known = [str(name) for name in frame.columns]
    raise ValidationError(
        f"`{role}` must have a column called {', '.join(usual)}{more}; it has {listing(known, 12)}."
        f"{did_you_mean(usual[0], known)} Rename the column."
    )


def _sequences(frame: pd.DataFrame, column: str, role: str) -> list[str | None]:
    """Sequences of the rows."""
    if column not in frame.columns:
        known = [str(name) for name in frame.columns]
        raise ValidationError(
            f"`sequences` names a column that `{role}` does not have: {column!r}."
            f"{did_you_mean(column, known)} The columns are {listing(known, 12)}."
        )
    return [value if isinstance(value, str) else None for value in frame[column].tolist()]


def _of_arrays(
    arrays: tuple[Any, ...],
    role: str,
    style: str,
    aliases: Mapping[str, str],
    sequences: list[str | None] | None = None,
) -> Pairs:
    """Take loci, cell types and perhaps labels of one length."""
    locus, loci = _read_loci(arrays[0], role, style)
    cell_type, names = factorize_names(arrays[1], f"{role} cell types")
    labels = plain(arrays[2], f"{role} labels") if len(arrays) == 3 else None
    lengths = [len(locus), len(cell_type), *([] if labels is None else [len(labels)])]
    if len(set(lengths)) > 1:
        raise ValidationError(
            f"`{role}` must have as many loci as cell types (and labels), one for each pair; it "
            f"has {', '.join(map(str, lengths))}. Repeat the loci for every cell type."
        )
    if labels is not None and not is_numeric(labels):
        raise ValidationError(
            f"`{role}` labels must be numbers; they hold text, the first is "
            f"{text_among(labels)[0]!r}. Convert them, or leave the labels out."
        )
    by_locus: list[str | None] = [None] * len(loci) if sequences else []
    for code, sequence in zip(locus.tolist(), sequences or (), strict=False):
        by_locus[code] = by_locus[code] or sequence
    return _distinct(
        role=role,
        loci=loci,
        locus=locus,
        names=names,
        cell_type=cell_type,
        labels=None if labels is None else labels.astype(np.float64),
        aliases=aliases,
        sequences=tuple(by_locus),
    )


def _read_loci(values: Any, role: str, style: str) -> tuple[IntArray, Loci]:
    """Read loci, 1-based closed ones as 0-based half-open."""
    argument = f"{role} loci"
    if style == "0-based":
        return _read_half_open(values, role, argument)
    if isinstance(values, Loci):
        _refuse_style(style, role, "Loci")
    if is_frame(values):
        frame = as_frame(values)
        if "start" in frame.columns and is_numeric(plain(frame["start"], argument)):
            frame = frame.assign(start=_from_one(plain(frame["start"], argument), role))
        return read_loci(frame, argument)
    codes, names = factorize_names(values, argument)
    parsed = parse_intervals(names, argument)[0] if names else None
    if parsed is None:
        return read_loci(values, argument)
    again, loci = read_loci(
        pd.DataFrame(
            {
                "chrom": np.array(parsed.chrom_names, dtype=object)[parsed.chrom],
                "start": _from_one(parsed.start, role),
                "end": parsed.end,
            }
        ),
        argument,
    )
    return again[codes], loci


def _read_half_open(values: Any, role: str, argument: str) -> tuple[IntArray, Loci]:
    """Read 0-based loci; where single bases end where they start, say how that may be."""
    try:
        return read_loci(values, argument)
    except ValidationError as error:
        if not _ends_at_start(values):
            raise
        raise ValidationError(
            f"{error} If these are single bases that count from 1, say so: "
            f"coordinates={{{role!r}: '1-based'}}."
        ) from error


def _ends_at_start(values: Any) -> bool:
    """Whether intervals end where they start, and none before."""
    if not is_frame(values) or not {"start", "end"} <= set(values.columns):
        return False
    frame = as_frame(values)
    start, end = (plain(frame[name], name) for name in ("start", "end"))
    if not (is_numeric(start) and is_numeric(end)):
        return False
    return bool((start == end).any() and (start <= end).all())


def _from_one(start: Any, role: str) -> Any:
    """Starts that count from 1 as starts that count from 0; the closed end stays as it is."""
    low = start < 1
    if low.any():
        raise ValidationError(
            f"`{role}` is said to be 1-based, so every `start` must be 1 or more; "
            f"{share(int(low.sum()), len(start), 'locus', 'is/are')} below, the first is entry "
            f"{int(np.argmax(low))}: {start[int(np.argmax(low))]:g}. It may be 0-based: leave "
            "`coordinates` out."
        )
    return start - 1


def _distinct(
    *,
    role: str,
    loci: Loci,
    locus: IntArray,
    names: tuple[str, ...],
    cell_type: IntArray,
    labels: FloatArray | None,
    aliases: Mapping[str, str],
    sequences: tuple[str | None, ...] = (),
    leave_one_out: bool = False,
) -> Pairs:
    """Give cell types their canonical names, and drop repeated pairs."""
    canonical = [aliases.get(name, name) for name in names]
    merged, distinct = pd.factorize(np.array(canonical, dtype=object))
    cell_type = merged.astype(np.int64)[cell_type]
    keys = locus * max(len(distinct), 1) + cell_type
    kept = np.flatnonzero(~pd.Series(keys).duplicated().to_numpy())
    if not len(keys):
        raise ValidationError(
            f"`{role}` must have at least one (locus, cell type) pair; it has none. Check how the "
            "table was made."
        )
    used = present(cell_type[kept])
    position = np.searchsorted(used, cell_type[kept])
    return Pairs(
        role=role,
        loci=loci,
        locus=locus[kept],
        cell_types=tuple(str(distinct[code]) for code in used),
        cell_type=position.astype(np.int64),
        labels=None if labels is None else labels[kept],
        sequences=sequences,
        n_rows=len(keys),
        leave_one_out=leave_one_out,
        used_aliases=tuple(name for name in names if name in aliases),
    )
