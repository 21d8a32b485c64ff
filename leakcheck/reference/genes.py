"""Genes and their start sites from annotation files: GTF, GFF and GENCODE's simplified table."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from leakcheck.exceptions import ValidationError
from leakcheck.reference.chromosomes import AUTOSOMES, spelled_like
from leakcheck.reference.regions import Regions
from leakcheck.reference.text_files import open_lines

__all__ = [
    "AUTOSOMES",
    "genes_from_table",
    "read_genes",
    "read_start_sites",
    "upstream_most",
    "without_version",
]

_VERSION = re.compile(r"(ENS[A-Z]*\d+)\.\d+(?:_PAR_Y)?")
_GENE_ID = re.compile(r"""(?:^|[;\s])gene_id[ =]+["']?([^"';\s]+)""")


class _Element(NamedTuple):
    """One line of an annotation, its positions still 1-based and closed."""

    gene: str
    chrom: str
    start: int
    end: int
    strand: str


def without_version(gene: str) -> str:
    """Drop the version of an Ensembl id; other ids are left alone.

    Parameters
    ----------
    gene : str
        ``ENSG00000138131.3``, say.

    Returns
    -------
    str

    Examples
    --------
    >>> without_version("ENSG00000138131.3"), without_version("AC005895.4")
    ('ENSG00000138131', 'AC005895.4')
    """
    found = _VERSION.fullmatch(gene)
    return found[1] if found else gene


def read_genes(path: str | Path, chromosomes: Sequence[str] = AUTOSOMES) -> Regions:
    r"""Read the `gene` elements of a GTF or GFF file.

    Parameters
    ----------
    path : str or pathlib.Path
        GENCODE's or Ensembl's, plain or gzipped.
    chromosomes : sequence of str
        Those wanted. The file may write them with or without ``chr``; the result has the names
        given here.

    Returns
    -------
    Regions
        In the file's order, each gene once; ids without their versions. `counts` has
        ``elements`` (all `gene` lines), ``other chromosome``, ``renamed chromosome`` and
        ``duplicate`` (an id that came before; the first is kept).

    Raises
    ------
    ValidationError
        When a line breaks the format, or no gene lies on the chromosomes.

    Notes
    -----
    Of the 19,795 genes of Roadmap's expression table, 18,915 are `gene` elements of GENCODE v10
    on chromosomes 1 to 22: the table was made with v10, which has all of its genes. 18,728 of
    them still have a start site of good confidence in v19, and 18,394 are protein-coding there.
    The paper used v19 and reports 17,951 genes; it does not say which others it left out. All
    genes that have a position and expression are kept here.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genes.gtf")
    >>> _ = path.write_text('chr1\tx\tgene\t101\t900\t.\t-\t.\tgene_id "ENSG00000000003.1";\n')
    >>> genes = read_genes(path)
    >>> genes.ids[0], int(genes.start[0]), genes.strand[0]
    ('ENSG00000000003', 100, '-')
    """
    return _gathered(_elements(path, "gene"), chromosomes, path, once=True)


def genes_from_table(path: str | Path, chromosomes: Sequence[str] = AUTOSOMES) -> Regions:
    r"""Read genes from a table without a header: chromosome, start, end, strand, id, name.

    Parameters
    ----------
    path : str or pathlib.Path
        Separated by tabs, positions 1-based and closed like those of a GTF file.
    chromosomes : sequence of str
        Those wanted, as in `read_genes`.

    Returns
    -------
    Regions
        As `read_genes` gives them.

    Raises
    ------
    ValidationError
        When a line breaks the format, or no gene lies on the chromosomes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "genes.tsv")
    >>> _ = path.write_text("chr5\t149563301\t149563916\t+\tENSG00000257938\tAC005895.4\n")
    >>> genes_from_table(path).start.tolist()
    [149563300]
    """
    return _gathered(_rows(path), chromosomes, path, once=True)


def read_start_sites(
    path: str | Path, chromosomes: Sequence[str] = AUTOSOMES, *, feature: str = "CapSite"
) -> Regions:
    r"""Read transcription start sites from a GFF file; a gene may have several.

    Parameters
    ----------
    path : str or pathlib.Path
        Such as GENCODE v19's start sites, plain or gzipped.
    chromosomes : sequence of str
        Those wanted, as in `read_genes`.
    feature : str
        The element that is a start site (column 3).

    Returns
    -------
    Regions
        One base pair each, in the file's order; ids are the genes' and repeat.

    Raises
    ------
    ValidationError
        When a line breaks the format, or no start site lies on the chromosomes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "tss.gff")
    >>> _ = path.write_text("chr10\tx\tCapSite\t100028007\t100028007\t.\t-\t.\tgene_id ENSG1.3 b\n")
    >>> read_start_sites(path).ids.tolist()
    ['ENSG1']
    """
    return _gathered(_elements(path, feature), chromosomes, path, once=False)


def upstream_most(sites: Regions) -> Regions:
    """Choose the start site of each gene that lies furthest upstream.

    Parameters
    ----------
    sites : Regions
        Start sites, or transcripts, whose ids are their genes'.

    Returns
    -------
    Regions
        One for each gene, by the first mention of the gene. `counts` has ``start sites``, all
        of them. The element of a gene in GENCODE begins at this one.

    Raises
    ------
    ValidationError
        When a gene's start sites lie on two chromosomes or strands.

    Examples
    --------
    >>> sites = Regions(
    ...     ids=["g", "g"], chrom=["chr1"] * 2, start=[10, 70], end=[11, 71], strand=["-", "-"]
    ... )
    >>> upstream_most(sites).start.tolist()
    [70]
    """
    frame = sites.to_frame()
    split = frame.groupby("id", sort=False)[["chrom", "strand"]].nunique().gt(1).any(axis=1)
    if split.any():
        raise ValidationError(
            f"`sites` must lie on one chromosome and strand for each gene; {int(split.sum())} of "
            f"{len(split)} genes lie on several, the first is {split.index[split][0]}. "
            "Read fewer `chromosomes`, or give these genes ids of their own."
        )
    frame["downstream"] = np.where(frame["strand"] == "-", -frame["end"], frame["start"])
    rank = frame.sort_values("downstream", kind="stable").drop_duplicates("id")
    order = pd.Index(rank["id"]).get_indexer(pd.Index(frame["id"].unique()))
    chosen = sites.take(rank.index.to_numpy()[order])
    return Regions(
        **{name: getattr(chosen, name) for name in ("ids", "chrom", "start", "end", "strand")},
        counts={**sites.counts, "start sites": len(sites)},
    )


def _elements(path: str | Path, feature: str) -> Iterator[_Element]:
    """Lines of a GTF or GFF file that are a certain element."""
    wanted = f"\t{feature}\t"
    with open_lines(path, "a GTF or GFF file") as lines:
        for number, line in lines:
            if wanted not in line or line.startswith("#"):
                continue  # most lines are exons: split only those that may be wanted
            fields = line.split("\t")
            if len(fields) > 2 and fields[2] != feature:
                continue
            gene = _GENE_ID.search(fields[8]) if len(fields) == 9 else None
            if gene is None or not _is_interval(fields[3], fields[4], fields[6]):
                rule = "nine columns, a strand, and a `gene_id` in the last"
                raise _broken(path, number, line, rule)
            yield _Element(gene[1], fields[0], int(fields[3]), int(fields[4]), fields[6])


def _rows(path: str | Path) -> Iterator[_Element]:
    """Lines of a simplified table."""
    with open_lines(path, "a table of genes") as lines:
        for number, line in lines:
            fields = line.split("\t")
            if len(fields) != 6 or not _is_interval(fields[1], fields[2], fields[3]):
                raise _broken(path, number, line, "chromosome, start, end, strand, id and name")
            yield _Element(fields[4], fields[0], int(fields[1]), int(fields[2]), fields[3])


def _is_interval(start: str, end: str, strand: str) -> bool:
    """Whether the texts are a 1-based closed interval with a strand."""
    whole = start.isdecimal() and end.isdecimal()
    return whole and 1 <= int(start) <= int(end) and strand in {"+", "-"}


def _gathered(
    elements: Iterable[_Element], chromosomes: Sequence[str], path: str | Path, *, once: bool
) -> Regions:
    """Put elements on the wanted chromosomes into regions, and count the others."""
    names: dict[str, str] = {}  # what the file says -> what the caller says
    counts = Counter({"elements": 0, "other chromosome": 0, "renamed chromosome": 0})
    counts["duplicate"] = 0
    kept: list[_Element] = []
    seen: set[str] = set()
    known = frozenset(chromosomes)
    for element in elements:
        chrom = names.setdefault(element.chrom, spelled_like(element.chrom, known) or "")
        gene = without_version(element.gene)
        counts["elements"] += 1
        if not chrom:
            counts["other chromosome"] += 1
        elif once and gene in seen:
            counts["duplicate"] += 1
        else:
            seen.add(gene)
            counts["renamed chromosome"] += chrom != element.chrom
            kept.append(element._replace(gene=gene, chrom=chrom))
    if not kept:
        raise ValidationError(
            f"`path` must have elements on `chromosomes`; none of the {counts['elements']} in "
            f"{path} lies on {list(chromosomes[:3])}, the file names {list(names)[:3]}. "
            "Check the element and the chromosomes."
        )
    gene_ids, chrom_names, start, end, strand = zip(*kept, strict=True)
    return Regions(
        ids=np.array(gene_ids, dtype=object),
        chrom=np.array(chrom_names, dtype=object),
        start=np.array(start, dtype=np.int64) - 1,
        end=np.array(end, dtype=np.int64),
        strand=np.array(strand, dtype=object),
        counts=dict(counts),
    )


def _broken(path: str | Path, number: int, line: str, rule: str) -> ValidationError:
    """Say which line of an annotation breaks its format."""
    return ValidationError(
        f"`path` must have {rule} in every line, with 1 <= start <= end; line {number} of {path} "
        f"is {line[:120]!r}. Give the file as its source publishes it."
    )
