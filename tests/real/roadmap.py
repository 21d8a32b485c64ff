"""Readers of the real data that tests use: Roadmap expression, EPDnew promoters.

They are written on plain lines rather than on `pandas.read_csv`, because the expression table has a
trap: every data row ends in a tab, so that a reader which takes the surplus field for an index
shifts all columns by one cell type without a word.
"""

import gzip
import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
#: looked for in this order; a folder counts when it has the expression table
EXPRESSION = Path("roadmap-rpkm") / "57epigenomes.RPKM.pc.gz"
GENES = Path("anno") / "genecode_10_simplified.tsv"
PROMOTER_GENES = Path("hupta-epd") / "promoter_ensmbl.txt"
PROMOTER_SEQUENCES = Path("hupta-epd") / "promoter_sequence.txt"
NOT_FOUND = (
    "real data not found: set LEAKCHECK_DATA to its folder "
    f"(it holds {EXPRESSION.as_posix()}), or put it at ../shared/data"
)

AUTOSOMES = tuple(f"chr{number}" for number in range(1, 23))
#: E000 is a mixture of cell lines that serves as a reference sample, not a cell type.
NOT_A_CELL_TYPE = "E000"
PROMOTER_LENGTH = 60
ACTIVE_ABOVE_RPKM = 0.5


class Expression(NamedTuple):
    """Genes x cell types."""

    genes: tuple[str, ...]  # Ensembl ids without version
    loci: pd.DataFrame  # index gene; chrom, start, end: 0-based, half-open
    cell_types: tuple[str, ...]
    rpkm: np.ndarray  # (n_genes, n_cell_types) float64

    @property
    def active(self) -> np.ndarray:
        """Labels of the paper: RPKM above 0.5."""
        return self.rpkm > ACTIVE_ABOVE_RPKM

    def frame(self) -> pd.DataFrame:
        """RPKM as a wide frame."""
        return pd.DataFrame(self.rpkm, index=list(self.genes), columns=list(self.cell_types))


def find_real_data() -> Path | None:
    """Folder of the real data, or None."""
    named = os.environ.get("LEAKCHECK_DATA")
    folders = [Path(named)] if named else [ROOT.parent / "shared" / "data"]
    return next((folder for folder in folders if (folder / EXPRESSION).exists()), None)


def real_folder(folder: Path | None) -> Path:
    """`folder`, or the one that is found; an error where there is none."""
    found = folder or find_real_data()
    if found is None:
        raise FileNotFoundError(NOT_FOUND)
    return found


def load_expression(folder: Path | None = None) -> Expression:
    """Read the genes of the expression table on chromosomes 1 to 22, in the table's order.

    The arrays are shared between callers, and cannot be written to.
    """
    return _read_expression(real_folder(folder))


@lru_cache(maxsize=1)
def _read_expression(where: Path) -> Expression:
    """The table, read once."""
    names, genes, values = read_rpkm(where / EXPRESSION)
    positions = read_genes(where / GENES)
    kept = [i for i, gene in enumerate(genes) if positions[gene][0] in AUTOSOMES]
    columns = [j for j, name in enumerate(names) if name != NOT_A_CELL_TYPE]
    ids = tuple(genes[i] for i in kept)
    loci = pd.DataFrame.from_records(
        [positions[gene] for gene in ids], index=list(ids), columns=["chrom", "start", "end"]
    )
    rpkm = np.ascontiguousarray(values[np.ix_(kept, columns)])
    rpkm.flags.writeable = False
    return Expression(ids, loci, tuple(names[j] for j in columns), rpkm)


def read_rpkm(path: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Epigenomes, genes, and RPKM, of the whole table."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        header = next(lines).rstrip("\n").split("\t")
        names = header[1:]
        genes, rows = [], []
        for number, line in enumerate(lines, start=2):
            gene, *fields = line.rstrip("\n").split("\t")
            if len(fields) != len(names) + 1 or fields[-1] != "":
                raise ValueError(f"{path}, line {number}: not {len(names)} values and a tab")
            genes.append(gene)
            rows.append([float(field) for field in fields[:-1]])
    return names, genes, np.asarray(rows)


def read_genes(path: Path) -> dict[str, tuple[str, int, int]]:
    """Gene -> chrom, start, end; the file is 1-based and closed, the result BED's."""
    positions = {}
    for line in path.read_text(encoding="ascii").splitlines():
        chrom, start, end, _strand, gene, _name = line.split("\t")
        positions[gene] = (chrom, int(start) - 1, int(end))
    return positions


def load_promoters(folder: Path | None = None) -> dict[str, str]:
    """Gene -> 60 bp around the start site (-49 to +10) of its first promoter, in upper case.

    The first promoter is the one with the lowest EPD number. One sequence of 59 bp is left out.
    """
    return dict(_read_promoters(real_folder(folder)))


@lru_cache(maxsize=1)
def _read_promoters(where: Path) -> dict[str, str]:
    """The promoters, read once."""
    sequences = {}
    for line in (where / PROMOTER_SEQUENCES).read_text(encoding="ascii").splitlines():
        promoter, sequence = line.split("\t")
        if len(sequence) == PROMOTER_LENGTH:
            sequences[promoter] = sequence.upper()
    best: dict[str, tuple[int, str]] = {}
    for line in (where / PROMOTER_GENES).read_text(encoding="ascii").splitlines():
        promoter, gene = line.split("\t")
        number = int(promoter.rpartition("_")[2])
        if promoter in sequences and (gene not in best or number < best[gene][0]):
            best[gene] = (number, sequences[promoter])
    return {gene: sequence for gene, (_, sequence) in best.items()}
