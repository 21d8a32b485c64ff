"""A small simulated genome, written as the files that real data come in."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leakcheck._files import write_text
from leakcheck._typing import FloatArray, IntArray
from leakcheck.data.arrays import is_number
from leakcheck.data.seeds import generator_of
from leakcheck.exceptions import ValidationError
from leakcheck.simulate import genome_files as files
from leakcheck.simulate.epigenome import check_numbers
from leakcheck.simulate.genome_activity import (
    MARK_EFFECTS,
    Activity,
    MarkModel,
    Tree,
    draw_activity,
    mark_levels,
)
from leakcheck.simulate.genome_layout import CHROMOSOMES, Layout, lay_out, random_sequence

__all__ = ["EXPRESSION_CELL_TYPES", "TAD_CELL_TYPES", "GenomeFiles", "write_genome"]

#: Roadmap's 56 cell types with expression. Four in a row are a lineage and two in a row a pair; the
#: first eight hold the paper's test cell type, E003, and its four validation cell types.
EXPRESSION_CELL_TYPES: Final = tuple(
    f"E{number:03d}"
    for number in (
        3, 24, 4, 5, 37, 38, 106, 113, 116, 50, 65, 100, 6, 7, 11, 13,
        12, 16, 27, 28, 47, 53, 54, 55, 56, 57, 58, 59, 61, 62, 66, 70,
        71, 79, 82, 84, 85, 87, 94, 95, 96, 97, 98, 104, 105, 109, 112, 114,
        117, 118, 119, 120, 122, 123, 127, 128,
    )
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _TadCellType:
    """A cell type with boundary calls."""

    file: str  # the source's name for it
    epigenome: str  # the one whose tracks go with it
    lineage: int


#: The paper's cell types with boundary calls; neighbours of one lineage are pairs.
TAD_CELL_TYPES: Final[Mapping[str, _TadCellType]] = {
    "H1": _TadCellType(file="H1_ESC_Dixon2015", epigenome="E003", lineage=0),
    "MES": _TadCellType(file="H1_mesendoderm_Dixon2015", epigenome="E004", lineage=0),
    "NPC": _TadCellType(file="H1_neuralSC_Dixon2015", epigenome="E007", lineage=0),
    "MSC": _TadCellType(file="H1_mesenchymalSC_Dixon2015", epigenome="E006", lineage=0),
    "TRO": _TadCellType(file="H1_trophoblastLike_Dixon2015", epigenome="E005", lineage=1),
    "IMR90": _TadCellType(file="IMR90_fetalLungFibroblast_Lieberman", epigenome="E017", lineage=1),
    "GM12878": _TadCellType(file="GM12878_lymphoblastoid_Lieberman", epigenome="E116", lineage=2),
}

# Lengths of chr1..chr22 of hg19 in megabases: what their shares of the genes follow.
_MEGABASES: Final = (
    249, 243, 198, 191, 181, 171, 159, 146, 141, 136, 135, 134, 115, 107, 103, 90, 81, 78, 59,
    63, 48, 51,
)  # fmt: skip
_UNIVERSAL_REFERENCE = "E000"  # a column of Roadmap's table that is no cell type
_STEP_NOISE = 0.3  # of one step of a track, on the arcsinh scale
_UNMEASURED = 0.01  # share of annotated genes that the expression table does not have


@dataclass(frozen=True, kw_only=True)
class GenomeFiles:
    """Where the files of a simulated genome are.

    Attributes
    ----------
    folder : pathlib.Path
        All of them lie in it.
    fasta, fasta_bgzip, two_bit : pathlib.Path
        The sequence, three times.
    chromosome_sizes, genes, expression : pathlib.Path
        Lengths, a GTF, an RPKM table.
    tracks : mapping of (str, str) to pathlib.Path
        Cell type and mark to the bigWig.
    boundaries : mapping of str to pathlib.Path
        Cell type to the BED of its TAD boundaries.
    layout : pathlib.Path
        JSON with the window and the size of a bin. It is written last: a folder that has it is
        complete.
    """

    folder: Path
    fasta: Path
    fasta_bgzip: Path
    two_bit: Path
    chromosome_sizes: Path
    genes: Path
    expression: Path
    tracks: Mapping[tuple[str, str], Path]
    boundaries: Mapping[str, Path]
    layout: Path


def write_genome(
    folder: str | os.PathLike[str],
    *,
    n_genes: int = 2_500,
    n_bins: int = 1_500,
    n_cell_types: int = 16,
    window: int = 300,
    step: int = 25,
    prevalence: float = 0.6,
    boundary_prevalence: float = 0.3,
    tree: Tree | None = None,
    marks: MarkModel | None = None,
    chromosome_weights: Sequence[float] | None = None,
    unknown: float = 0.001,
    random_state: int | np.random.Generator = 0,
) -> GenomeFiles:
    r"""Write a genome in which memory and knowledge of the cell type are told apart.

    Parameters
    ----------
    folder : str or path-like
        Made if it does not exist. Needs the extra ``reference``.
    n_genes : int
        Annotated genes on chr1 to chr22, at least 100.
    n_bins : int
        Bins on chr1 to chr3, at least 30.
    n_cell_types : int
        Cell types with expression, 8 to 56, an even number; the first of
        `EXPRESSION_CELL_TYPES`. There are always seven with TAD boundaries.
    window : int
        Bases of a locus, at least 20. A gene's window ends at its start of transcription; a bin
        has six times as many bases, and its window is the middle.
    step : int
        Bases that share one value in a track.
    prevalence, boundary_prevalence : float
        Share of pairs of gene and cell type that are active, of bin and cell type that are a
        boundary; between 0 and 1.
    tree : Tree, optional
        What activity is made of.
    marks : MarkModel, optional
        How the five marks follow from activity.
    chromosome_weights : sequence of float, length 22, optional
        Shares of the genes; by default those of the chromosomes' lengths.
    unknown : float
        Share of the sequence that is N, in [0, 1).
    random_state : int or numpy.random.Generator
        Seed or generator.

    Returns
    -------
    GenomeFiles
        Paths of what was written.

    Raises
    ------
    ValidationError
        When an argument is outside its range.
    MissingDependencyError
        When pysam or pyBigWig is not installed.

    Notes
    -----
    Activity of locus :math:`i` in cell type :math:`c` is :math:`z_{ic} = a_i + s_{ic}`, where
    :math:`s` adds the effects of the lineage, of the pair and of the cell type itself. RPKM is
    :math:`\exp(2 z) / 2`: above 0.5 where :math:`z > 0`. The arcsinh signal of mark :math:`m` is
    :math:`b + e_m (w_a a_i + w_s s_{ic}) + \epsilon`, the noise drawn anew for each locus, cell
    type and mark. Sequence is uniform and drawn without a look at anything else: unique to each
    locus, and good for nothing but to memorise :math:`a_i`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_genome(folder, n_genes=100, n_bins=30, n_cell_types=8, window=40)
    ...     written.expression.name, len(written.tracks)
    ('57epigenomes.RPKM.pc.gz', 60)
    """
    weights = _weights(chromosome_weights)
    check_numbers(
        whole={"n_genes": n_genes, "n_bins": n_bins, "n_cell_types": n_cell_types,
               "window": window, "step": step},
        real={"prevalence": prevalence, "boundary_prevalence": boundary_prevalence,
              "unknown": unknown},
    )  # fmt: skip
    _check(n_genes, n_bins, n_cell_types, window, step, prevalence, boundary_prevalence, unknown)
    _check_parts(folder, tree, marks)
    rng = generator_of(random_state)
    layout = lay_out(n_genes, n_bins, window, weights, rng)
    names = EXPRESSION_CELL_TYPES[:n_cell_types]
    lineages = [place // 4 for place in range(n_cell_types)]
    tree = tree or Tree()
    genes = draw_activity(n_genes, lineages, tree=tree, prevalence=prevalence, rng=rng)
    bins = draw_activity(
        n_bins,
        [cell_type.lineage for cell_type in TAD_CELL_TYPES.values()],
        tree=tree,
        prevalence=boundary_prevalence,
        rng=rng,
    )
    written = _places(Path(folder), names)
    _write_sequence(written, layout, unknown, rng)
    _write_labels(written, layout, genes, bins, names, rng)
    world = _World(layout=layout, genes=genes, bins=bins, names=names, window=window, step=step)
    for (cell_type, mark), path in written.tracks.items():
        entries = world.entries(cell_type, MARK_EFFECTS[mark], marks or MarkModel(), rng)
        files.write_track(path, layout.lengths, entries)
    shape = {"window": window, "bin_size": layout.bin_size, "bin_offset": layout.bin_size // 2}
    write_text(written.layout, json.dumps(shape, indent=2) + "\n")
    return written


def _check(
    n_genes: int,
    n_bins: int,
    n_cell_types: int,
    window: int,
    step: int,
    prevalence: float,
    boundary_prevalence: float,
    unknown: float,
) -> None:
    """Refuse arguments outside their range."""
    most = len(EXPRESSION_CELL_TYPES)
    rules = (
        ("n_genes", n_genes >= 100, "at least 100", n_genes),
        ("n_bins", n_bins >= 30, "at least 30", n_bins),
        (
            "n_cell_types",
            8 <= n_cell_types <= most and n_cell_types % 2 == 0,
            f"an even number from 8 to {most}",
            n_cell_types,
        ),
        ("window", window >= 20, "at least 20", window),
        ("step", step >= 1, "at least 1", step),
        ("prevalence", 0 < prevalence < 1, "between 0 and 1", prevalence),
        (
            "boundary_prevalence",
            0 < boundary_prevalence < 1,
            "between 0 and 1",
            boundary_prevalence,
        ),
        ("unknown", 0 <= unknown < 1, "a share in [0, 1)", unknown),
    )
    for name, holds, rule, value in rules:
        if not holds:
            raise ValidationError(f"`{name}` must be {rule}; {value!r} came. Choose another value.")


def _weights(given: Any) -> tuple[float, ...]:
    """Read the weights of the chromosomes."""
    weights = _MEGABASES if given is None else tuple(given) if isinstance(given, Iterable) else ()
    if len(weights) != len(CHROMOSOMES) or not all(is_number(one) and one > 0 for one in weights):
        raise ValidationError(
            f"`chromosome_weights` must be 22 numbers above 0; {given!r} came. Choose other values."
        )
    return weights


def _check_parts(folder: Any, tree: Any, marks: Any) -> None:
    """Refuse a path that can be no folder, and records of another kind."""
    for name, value, kind in (("tree", tree, Tree), ("marks", marks, MarkModel)):
        if value is not None and not isinstance(value, kind):
            raise ValidationError(
                f"`{name}` must be a {kind.__name__}; it is a {type(value).__name__}. Give for "
                f"example leakcheck.simulate.{kind.__name__}(), or leave it out."
            )
    if not isinstance(folder, str | os.PathLike) or (
        Path(folder).exists() and not Path(folder).is_dir()
    ):
        raise ValidationError(
            f"`folder` must be the path of a folder, which need not exist; {folder!r} came. Choose "
            "another path."
        )


def _places(folder: Path, names: Sequence[str]) -> GenomeFiles:
    """Name all files and make their folders."""
    with_tracks = dict.fromkeys(
        [*names, *(cell_type.epigenome for cell_type in TAD_CELL_TYPES.values())]
    )
    for part in ("tracks", "tads"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return GenomeFiles(
        folder=folder,
        fasta=folder / "genome.fa",
        fasta_bgzip=folder / "genome.fa.gz",
        two_bit=folder / "genome.2bit",
        chromosome_sizes=folder / "genome.chrom.sizes",
        genes=folder / "genes.gtf.gz",
        expression=folder / "57epigenomes.RPKM.pc.gz",
        tracks={
            (name, mark): folder / "tracks" / f"{name}-{mark}.pval.signal.bigwig"
            for name in with_tracks
            for mark in MARK_EFFECTS
        },
        boundaries={
            name: folder / "tads" / f"{cell_type.file}.bed"
            for name, cell_type in TAD_CELL_TYPES.items()
        },
        layout=folder / "layout.json",
    )


def _write_sequence(
    written: GenomeFiles, layout: Layout, unknown: float, rng: np.random.Generator
) -> None:
    """Draw the chromosomes and write them in three formats."""
    sequences = {
        chrom: random_sequence(length, unknown, rng) for chrom, length in layout.lengths.items()
    }
    files.write_fasta(written.fasta, sequences)
    files.write_two_bit(written.two_bit, sequences)
    files.write_chromosome_sizes(written.chromosome_sizes, layout.lengths)


def _write_labels(
    written: GenomeFiles,
    layout: Layout,
    genes: Activity,
    bins: Activity,
    names: Sequence[str],
    rng: np.random.Generator,
) -> None:
    """Write annotation, expression and boundaries.

    As in real files, some annotated genes have no expression, one gene of the table is not
    annotated, and one gene lies on a sex chromosome.
    """
    sex = layout.genes.iloc[[0]].assign(id="ENSG00000999998", chrom="chrX")
    files.write_genes(written.genes, pd.concat([layout.genes, sex], ignore_index=True))
    rpkm = pd.DataFrame(
        0.5 * np.exp(2 * genes.latent), index=layout.genes["id"].to_numpy(), columns=list(names)
    )
    measured = rng.random(len(rpkm)) >= _UNMEASURED
    table = pd.concat([rpkm[measured], rpkm.iloc[[0]].set_axis(["ENSG00000999999"], axis=0)])
    table = table.sort_index(axis=1)
    table.insert(0, _UNIVERSAL_REFERENCE, table.mean(axis=1))
    files.write_expression(written.expression, table)
    called = bins.latent > 0
    for column, path in enumerate(written.boundaries.values()):
        files.write_boundaries(path, layout.bins[called[:, column]])


@dataclass(frozen=True, kw_only=True, eq=False)
class _World:
    """What tracks are drawn from."""

    layout: Layout
    genes: Activity
    bins: Activity
    names: Sequence[str]
    window: int
    step: int

    def entries(
        self, cell_type: str, effect: float, model: MarkModel, rng: np.random.Generator
    ) -> Iterator[tuple[str, IntArray, IntArray, FloatArray]]:
        """Stretches of one track, chromosome by chromosome; gaps between the windows."""
        chrom, start, level = self._windows(cell_type, effect, model, rng)
        offsets = np.arange(0, self.window, self.step)
        widths = np.minimum(self.step, self.window - offsets)
        for name in self.layout.lengths:
            here = chrom == name
            begins = (start[here][:, None] + offsets).ravel()
            noise = _STEP_NOISE * rng.standard_normal((int(here.sum()), len(offsets)))
            values = np.sinh(np.maximum(level[here][:, None] + noise, 0)).ravel()
            yield name, begins, begins + np.tile(widths, int(here.sum())), values

    def _windows(
        self, cell_type: str, effect: float, model: MarkModel, rng: np.random.Generator
    ) -> tuple[NDArray[np.object_], IntArray, FloatArray]:
        """Chromosome, start and level of the windows that this cell type has, in order."""
        parts: list[tuple[pd.DataFrame, FloatArray]] = []
        if cell_type in self.names:
            column = self.names.index(cell_type)
            level = mark_levels(self.genes, column, effect, model=model, rng=rng)
            parts.append((self.layout.genes, level))
        epigenomes = [known.epigenome for known in TAD_CELL_TYPES.values()]
        if cell_type in epigenomes:
            column = epigenomes.index(cell_type)
            level = mark_levels(self.bins, column, effect, model=model, rng=rng)
            parts.append((self.layout.bins, level))
        chrom = np.concatenate([table["chrom"].to_numpy(dtype=object) for table, _ in parts])
        start = np.concatenate([table["window_start"].to_numpy() for table, _ in parts])
        level = np.concatenate([level for _, level in parts])
        order = np.argsort(start, kind="stable")
        return chrom[order], start[order], level[order]
