"""Roadmap's table of expression: RPKM of genes in cell types."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from leakcheck.exceptions import ValidationError
from leakcheck.reference.genes import without_version
from leakcheck.reference.text_files import open_lines

__all__ = ["ACTIVE_ABOVE", "NOT_CELL_TYPES", "read_rpkm"]

#: A gene is active in a cell type where its RPKM is greater than this.
ACTIVE_ABOVE = 0.5

#: Columns of Roadmap's table that are no cell type: E000 is a universal reference.
NOT_CELL_TYPES = ("E000",)


def read_rpkm(path: str | Path, drop: Iterable[str] = NOT_CELL_TYPES) -> pd.DataFrame:
    r"""Read a table of RPKM: a header ``gene_id, E000, E003, ...``, then a line for each gene.

    Parameters
    ----------
    path : str or pathlib.Path
        Separated by tabs, plain or gzipped (``57epigenomes.RPKM.pc.gz``).
    drop : iterable of str
        Columns that are no cell types; those that the table does not have are passed over.

    Returns
    -------
    pandas.DataFrame, shape (n_genes, n_cell_types)
        RPKM; the index is the genes' ids without versions, the columns the cell types.

    Raises
    ------
    ValidationError
        When a line has too few or too many values, one is no number, negative or not finite, or
        a gene or a cell type comes twice.

    Notes
    -----
    In Roadmap's file every line of values ends in a tab and the header does not. Readers that
    guess from this that the first column has no name (``pandas.read_csv(..., index_col=0)``)
    shift every column by one cell type. Here a tab at the end of a line shifts nothing.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "rpkm.tsv")
    >>> _ = path.write_text("gene_id\tE000\tE003\nENSG00000000003\t23.265\t43.985\t\n")
    >>> read_rpkm(path).loc["ENSG00000000003"].to_dict()
    {'E003': 43.985}
    """
    genes, rows = [], []
    with open_lines(path, "a table of RPKM") as lines:
        names = next(lines, (1, ""))[1].rstrip("\t").split("\t")[1:]
        _once(names, "cell type", path)
        for number, line in lines:
            gene, *fields = line.split("\t")
            if len(fields) == len(names) + 1 and not fields[-1]:
                fields.pop()  # the tab at the end
            genes.append(without_version(gene))
            rows.append(_numbers(fields, names, path, number))
    if not rows:
        raise ValidationError(
            f"`path` must have a header and lines of RPKM; {path} has no line behind its first. "
            "Fetch the table again."
        )
    _once(genes, "gene", path)
    table = pd.DataFrame(np.vstack(rows), index=pd.Index(genes, name="gene_id"), columns=names)
    return table.drop(columns=[name for name in drop if name in names])


def _numbers(
    fields: list[str], names: list[str], path: str | Path, number: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Values of one line, which must be as many as the header names and RPKM all."""
    if len(fields) != len(names):
        raise ValidationError(
            f"`path` must have {len(names)} values in every line, one for each name of the "
            f"header; line {number} of {path} has {len(fields)}. Fetch the table again."
        )
    for field, name in zip(fields, names, strict=True):
        if not _is_rpkm(field):
            raise ValidationError(
                f"`path` must hold RPKM, numbers from 0 up; line {number} of {path} has {field!r} "
                f"for {name}. Leave out the gene, or give the value."
            )
    return np.array(fields, dtype=np.float64)


def _is_rpkm(text: str) -> bool:
    """Whether a text is a finite number that is not negative."""
    try:
        return 0 <= float(text) < np.inf
    except ValueError:
        return False


def _once(names: list[str], noun: str, path: str | Path) -> None:
    """Refuse a name that comes twice."""
    index = pd.Index(names)
    if index.has_duplicates:
        repeated = index[index.duplicated()]
        raise ValidationError(
            f"`path` must name each {noun} once; {path} repeats {len(repeated)}, the first is "
            f"{repeated[0]}. Drop the repeated ones, or give them names of their own."
        )
