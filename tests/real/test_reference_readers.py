"""The reference's readers on real files: numbers of the data's README, and other readings."""

import gzip
import re
import shutil

import bioframe
import numpy as np
import pandas as pd
import py2bit
import pybigtools
import pyBigWig
import pysam
import pytest

from leakcheck.adapters import read_bed
from leakcheck.reference.boundaries import (
    PAPER_CELL_TYPES,
    ROADMAP_IDS,
    bins_of,
    overlapping,
    read_boundaries,
)
from leakcheck.reference.chromosomes import AUTOSOMES, read_chrom_sizes
from leakcheck.reference.expression import ACTIVE_ABOVE, read_rpkm
from leakcheck.reference.genes import (
    genes_from_table,
    read_genes,
    read_start_sites,
    upstream_most,
)
from leakcheck.reference.peaks import peak_signal
from leakcheck.reference.regions import Regions, centred, promoters
from leakcheck.reference.sequence import encode, read_sequences, reverse_complement
from leakcheck.reference.tracks import mean_arcsinh
from tests.real import roadmap
from tests.reference.files import bases_by_pybigtools, regions

#: bioframe asks pandas 3.1 for something that it will drop.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

NAMES = ["chrom", "start", "end"]


@pytest.fixture(scope="module")
def genes(real_data) -> Regions:
    return read_genes(real_data / "anno/gencode_10_genes.gtf.gz")


@pytest.fixture(scope="module")
def rpkm(real_data) -> pd.DataFrame:
    return read_rpkm(real_data / roadmap.EXPRESSION)


@pytest.fixture(scope="module")
def sites(real_data) -> Regions:
    return read_start_sites(real_data / "gencode19/gencode.v19.TSS.notlow.gff.gz")


@pytest.fixture(scope="module")
def loci(genes, rpkm) -> Regions:
    """Promoters of the genes with expression."""
    return promoters(genes.take(np.isin(genes.ids.astype(str), rpkm.index.to_numpy(str))))


@pytest.fixture(scope="module")
def hg19(real_data) -> dict[str, int]:
    frame = pd.read_csv(real_data / "bioframe/hg19.seqinfo.tsv", sep="\t")
    return dict(zip(frame["name"], frame["length"].tolist(), strict=True))


def test_gencode_10_is_the_same_in_both_files(genes, real_data):
    table = genes_from_table(real_data / "anno/genecode_10_simplified.tsv")
    assert genes.counts == {
        "elements": 43_575,
        "other chromosome": 2_393,
        "renamed chromosome": 0,
        "duplicate": 0,
    }
    assert len(genes) == 41_182
    assert genes.to_frame().equals(table.to_frame())


def test_genes_are_those_that_pandas_reads(genes, real_data):
    raw = pd.read_csv(real_data / "anno/gencode_10_genes.gtf.gz", sep="\t", header=None)
    raw = raw[(raw[2] == "gene") & raw[0].isin(AUTOSOMES)]
    assert (raw[8].str.extract(r'gene_id "([^".]+)')[0].to_numpy() == genes.ids).all()
    assert (raw[3].to_numpy() - 1 == genes.start).all()
    assert (raw[4].to_numpy() == genes.end).all()
    assert (raw[6].to_numpy() == genes.strand).all()


def test_genes_with_expression_are_18915(genes, rpkm, loci, expression):
    assert rpkm.shape == (19_795, 56)
    assert len(loci) == 18_915  # the paper's 17,951: see the notes of `read_genes`
    assert set(loci.ids) == set(expression.genes)
    assert (loci.length == 2_000).all()
    assert (loci.start >= 0).all()


def test_the_first_row_of_the_table_is_not_shifted(rpkm, real_data, expression):
    whole = read_rpkm(real_data / roadmap.EXPRESSION, drop=())
    assert whole.index[0] == "ENSG00000000003"
    assert whole.iloc[0][["E000", "E003"]].tolist() == [23.265, 43.985]
    assert "E000" not in rpkm.columns
    assert tuple(rpkm.columns) == expression.cell_types
    kept = rpkm.loc[list(expression.genes)]
    assert (kept.to_numpy() == expression.rpkm).all()
    assert (kept["E003"] > ACTIVE_ABOVE).mean() == pytest.approx(0.674438, abs=1e-6)


def test_start_sites_of_gencode_19(real_data, rpkm, sites):
    assert len(sites) == 162_165
    first = upstream_most(sites)
    assert len(first) == len(set(first.ids)) == 54_568
    assert np.isin(first.ids.astype(str), rpkm.index.to_numpy(str)).sum() == 18_728
    path = real_data / "gencode19/gencode.v19.TSS.notlow.gff.gz"
    with gzip.open(path, "rt") as lines:  # one gene by hand: strand -, six sites or more
        of_gene = [line.split("\t") for line in lines if "ENSG00000138131." in line]
    assert {row[6] for row in of_gene} == {"-"}
    highest = max(int(row[3]) for row in of_gene)
    assert first.end[first.ids == "ENSG00000138131"].tolist() == [highest]


def test_start_sites_are_where_the_genes_of_gencode_10_begin(genes, sites):
    old, new = promoters(genes).to_frame(), promoters(upstream_most(sites)).to_frame()
    both = old.merge(new, on="id", suffixes=("", "_19"))
    same = (both["start"] == both["start_19"]) & (both["strand"] == both["strand_19"])
    assert len(both) > 35_000
    assert same.mean() > 0.7  # v10 and v19 are years apart


def test_the_2bit_file_is_its_fasta_file(real_data, tmp_path):
    two_bit = real_data / "bigwig/igvjs_foo.2bit"
    fasta = shutil.copy(real_data / "bigwig/igvjs_foo.2bit.fa", tmp_path)
    rows = [("chr1", a, a + 11, "+-"[a % 2]) for a in range(-15, 165)]
    one = read_sequences(two_bit, regions(*rows), window=11)
    other = read_sequences(fasta, regions(*rows), window=11)
    assert (one.codes == other.codes).all()
    assert one.counts == other.counts
    assert one.counts["clipped"] == sum(a < 0 or a + 11 > 159 for a in range(-15, 165))
    theirs = py2bit.open(str(two_bit)).sequence("chr1", 0, 159)
    whole = read_sequences(two_bit, regions(("chr1", 0, 159)), window=159).codes[0]
    assert (whole == encode(theirs)).all()


def test_fasta_is_read_as_pysam_does(real_data, tmp_path):
    path = shutil.copy(real_data / "bigwig/igvjs_hg19_test.fasta", tmp_path)
    with pysam.FastxFile(str(path)) as file:
        (record,) = list(file)
    name, size = record.name, len(record.sequence)
    rows = [(name, a, a + 50, strand) for a in range(0, size - 50, 37) for strand in "+-"]
    found = read_sequences(path, regions(*rows), window=50).codes
    for codes, (_, start, end, strand) in zip(found, rows, strict=True):
        expected = encode(record.sequence[start:end])
        assert (codes == (expected if strand == "+" else reverse_complement(expected))).all()


def test_a_fasta_index_is_a_table_of_lengths(real_data):
    assert read_chrom_sizes(real_data / "bioframe/test.fa.fai") == read_chrom_sizes(
        real_data / "bioframe/test.chrom.sizes"
    )


@pytest.mark.parametrize(
    "name",
    [
        "igvjs_bigtools.bigWig",
        "igvjs_fixedStep.bw",
        "igvjs_nozooms.bw",
        "pybigwig_test.bw",
    ],
)
def test_tracks_are_read_as_pybigtools_and_base_by_base(real_data, name):
    path = real_data / "bigwig" / name
    with pyBigWig.open(str(path)) as track:
        spans = [(c, a, b) for c in track.chroms() for a, b, _ in track.intervals(c)]
    asked = [
        (c, max(a + shift, 0), max(a + shift, 0) + length)
        for c, a, _ in spans[:40]
        for shift in (-40, -1, 0, 2)
        for length in (1, 7, 100)
    ]
    found = mean_arcsinh(path, regions(*asked))
    with pybigtools.open(str(path)) as other:
        read = [bases_by_pybigtools(other, *region) for region in asked]
    np.testing.assert_allclose(found.values, [np.arcsinh(v).mean() for v in read], rtol=1e-6)
    assert (found.values != 0).any()


def test_bigbed_is_no_bigwig(real_data):
    path = real_data / "bigwig/pybigwig_test.bigBed"
    with pytest.raises(ValueError, match="is a bigBed"):
        mean_arcsinh(path, regions(("chr1", 0, 10)))


@pytest.mark.parametrize("name", ["bed9.bed", "bed12.bed", "narrowPeak.bed"])
def test_bed_files_are_read_as_bioframe_reads_them(real_data, name):
    path = real_data / "bioframe" / name
    theirs = bioframe.read_table(path, schema="bed3", usecols=[0, 1, 2])
    assert read_bed(path, score_column=None).to_numpy().tolist() == theirs.to_numpy().tolist()


@pytest.mark.parametrize(
    "name",
    [
        "igv-h1hesc/wgEncodeBroadHistoneH1hescH3k4me3StdPk.broadPeak.gz",
        "histone-peaks/NHEK/E127-H3K4me3.narrowPeak.gz",
    ],
)
def test_peaks_give_the_overlaps_of_bioframe_and_the_means_of_a_loop(real_data, loci, name):
    path = real_data / name
    found = peak_signal(path, loci)
    peaks = pd.read_csv(path, sep="\t", header=None, usecols=[0, 1, 2, 6])
    peaks.columns = [*NAMES, "value"]
    counted = bioframe.count_overlaps(loci.to_frame()[NAMES], peaks)["count"].to_numpy()
    assert ((found > 0) == (counted > 0)).all()
    assert 0.3 < (found > 0).mean() < 0.9
    some = np.random.default_rng(5).choice(np.flatnonzero(counted > 0), 60, replace=False)
    for row in some:
        height = np.zeros(2_000)
        start = loci.start[row]
        near = peaks[(peaks["chrom"] == loci.chrom[row]) & (peaks["start"] < loci.end[row])]
        for a, b, value in near.loc[near["end"] > start, ["start", "end", "value"]].to_numpy():
            part = height[max(int(a) - start, 0) : int(b) - start]
            np.maximum(part, value, out=part)
        assert found[row] == pytest.approx(height.mean(), rel=1e-5)


def test_boundaries_of_the_paper(real_data, hg19):
    paths = {
        name: real_data / "tad-40kb" / f"{source}.bed" for name, source in PAPER_CELL_TYPES.items()
    }
    bins = bins_of({name: hg19[name] for name in AUTOSOMES})
    called = read_boundaries(paths, bins)
    assert called.shape == (72_047, 7)
    for column, path in enumerate(paths.values()):  # every call is a bin, and every bin a call
        calls = pd.read_csv(path, sep="\t", header=None, names=NAMES, usecols=[0, 1, 2])
        calls = calls[calls["chrom"].isin(AUTOSOMES)].drop_duplicates()
        frame = bins.to_frame()[called[:, column]]
        pairs = frame.merge(calls, on=["chrom", "start"], how="outer")
        assert len(pairs) == len(frame) == len(calls)
    assert called.sum(axis=0).tolist() == [3532, 3851, 2949, 4732, 3874, 4525, 3518]
    assert (centred(bins).length == 2_000).all()


def test_gaps_of_the_assembly_are_found_as_by_bioframe(real_data, hg19):
    path = real_data / "tad-40kb/gap_regions_hg19.bed"
    bins = bins_of({name: hg19[name] for name in AUTOSOMES})
    gaps = pd.read_csv(path, sep="\t", comment="#", header=None, usecols=[0, 1, 2], names=NAMES)
    counted = bioframe.count_overlaps(bins.to_frame()[NAMES], gaps)["count"].to_numpy()
    found = overlapping(path, bins)
    assert (found == (counted > 0)).all()
    assert found.sum() == 5_156


def test_roadmaps_ids_are_the_papers_cell_types(real_data):
    path = real_data / "roadmap-rpkm/Consolidated_EpigenomeIDs_summary_Table.tsv"
    text = path.read_text(encoding="utf-8", errors="replace")
    says = {
        "TRO": "Trophoblast",
        "H1": "H1 Cells",
        "NPC": "Neuronal Progenitor",
        "GM12878": "GM12878",
        "MES": "Mesendoderm",
        "IMR90": "IMR90",
        "MSC": "Mesenchymal Stem",
    }
    for name, epigenome in ROADMAP_IDS.items():
        line = re.search(rf"^.*\b{epigenome}\b.*$", text, flags=re.MULTILINE)
        assert line is not None
        assert says[name] in line[0]
