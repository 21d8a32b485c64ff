"""Chromosomes: which there are, how long they are, and one name where files use two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck.exceptions import ValidationError
from leakcheck.reference.text_files import open_lines

__all__ = ["AUTOSOMES", "ChromosomeMatch", "match_chromosomes", "read_chrom_sizes", "spelled_like"]

#: Chromosomes 1 to 22, as UCSC and GENCODE write them.
AUTOSOMES = tuple(f"chr{number}" for number in range(1, 23))

_MITOCHONDRION = ("chrM", "MT", "M", "chrMT")


@dataclass(frozen=True, kw_only=True, eq=False)
class ChromosomeMatch:
    """What a file calls the chromosome of each region.

    Parameters
    ----------
    names : numpy.ndarray of object, shape (n_regions,)
        The file's name, None where the file has no such chromosome.
    counts : mapping of str to int
        ``absent chromosome`` and ``renamed chromosome``: regions, not chromosomes.
    """

    names: NDArray[np.object_]
    counts: Mapping[str, int]


def spelled_like(name: str, present: Iterable[str]) -> str | None:
    """Find a chromosome under its own name, else with ``chr`` put before it or taken away.

    Parameters
    ----------
    name : str
        As the caller writes it.
    present : collection of str
        Names that a file has.

    Returns
    -------
    str or None
        One of `present`; None when it has neither spelling.

    Examples
    --------
    >>> spelled_like("chr1", {"1", "2"}), spelled_like("chrM", ["MT"]), spelled_like("chrX", ["1"])
    ('1', 'MT', None)
    """
    known = present if isinstance(present, set | frozenset | Mapping) else set(present)
    other = name.removeprefix("chr") if name.startswith("chr") else f"chr{name}"
    spellings = (name, *_MITOCHONDRION) if name in _MITOCHONDRION else (name, other)
    return next((spelling for spelling in spellings if spelling in known), None)


def match_chromosomes(
    wanted: NDArray[Any], present: Mapping[str, Any], path: str | Path
) -> ChromosomeMatch:
    """Give each region the file's name for its chromosome, and count what is absent or renamed.

    Parameters
    ----------
    wanted : numpy.ndarray of object, shape (n_regions,)
        The regions' chromosomes.
    present : mapping
        Keys are the file's chromosomes.
    path : str or pathlib.Path
        The file, for the message.

    Returns
    -------
    ChromosomeMatch

    Raises
    ------
    ValidationError
        When the file has none of the chromosomes: it is another assembly's or another naming.
    """
    codes, unique = pd.factorize(wanted)
    found = np.array([*(spelled_like(name, present) for name in unique), None], dtype=object)[:-1]
    if len(unique) and all(name is None for name in found):
        raise ValidationError(
            f"`regions` must lie on chromosomes of {path}; it has none of {list(unique[:3])} but "
            f"{list(present)[:3]}. Give a file of the same assembly and naming (`chr1` and `1` "
            "are taken for the same)."
        )
    names = found[codes]
    renamed = np.array([a is not None and a != b for a, b in zip(found, unique, strict=True)], bool)
    return ChromosomeMatch(
        names=names,
        counts={
            "absent chromosome": int(sum(name is None for name in names)),
            "renamed chromosome": int(renamed[codes].sum()),
        },
    )


def read_chrom_sizes(path: str | Path) -> dict[str, int]:
    r"""Read a table of chromosome lengths: name and length in base pairs, separated by a tab.

    Parameters
    ----------
    path : str or pathlib.Path
        ``hg19.chrom.sizes`` or the like, also gzipped. Further columns are passed over, so a
        FASTA index (``.fai``) will do.

    Returns
    -------
    dict of str to int
        In the file's order.

    Raises
    ------
    ValidationError
        When a line has no whole positive length, or a chromosome comes twice.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "chrom.sizes")
    >>> _ = path.write_text("chr1\t249250621\nchr2\t243199373\n")
    >>> read_chrom_sizes(path)["chr2"]
    243199373
    """
    sizes: dict[str, int] = {}
    with open_lines(path, "a table of chromosome lengths") as lines:
        for number, line in lines:
            fields = line.split("\t")
            if not line.strip() or line.startswith("#"):
                continue
            whole = len(fields) > 1 and fields[1].strip().isdecimal() and int(fields[1]) > 0
            if not whole or fields[0] in sizes:
                raise ValidationError(
                    "`path` must name each chromosome once with its length, separated by a tab; "
                    f"line {number} of {path} is {line!r}. Give a chrom.sizes or .fai file."
                )
            sizes[fields[0]] = int(fields[1])
    return sizes
