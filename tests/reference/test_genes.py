"""Genes and start sites from annotations, against pandas where there is a table to read."""

import gzip

import pytest

from leakcheck.reference.genes import (
    genes_from_table,
    read_genes,
    read_start_sites,
    upstream_most,
    without_version,
)
from tests.data.refusals import message
from tests.reference.files import regions


def gtf(*rows: tuple, feature: str = "gene") -> str:
    """Lines of a GTF file from (chrom, start, end, strand, id)."""
    return "".join(
        f'{c}\tHAVANA\t{feature}\t{a}\t{b}\t.\t{s}\t.\tgene_id "{i}"; gene_type "x";\n'
        for c, a, b, s, i in rows
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "genes.gtf"


@pytest.mark.parametrize(
    ("gene", "plain"),
    [
        ("ENSG00000138131.3", "ENSG00000138131"),
        ("ENSG00000182378.8_PAR_Y", "ENSG00000182378"),
        ("ENSMUSG00000064372.1", "ENSMUSG00000064372"),
        ("ENSG00000138131", "ENSG00000138131"),
        ("AC005895.4", "AC005895.4"),
        ("ENSG1.a", "ENSG1.a"),
    ],
)
def test_only_versions_of_ensembl_ids_are_dropped(gene, plain):
    assert without_version(gene) == plain


@pytest.mark.parametrize("packed", [False, True])
def test_gene_elements_of_the_autosomes_are_read(path, packed):
    text = (
        "##description: made by hand\n"
        + gtf(("chr1", 1, 10, "+", "ENSG01.2"), ("chrX", 1, 10, "+", "ENSG02.2"))
        + gtf(("chr1", 1, 10, "+", "ENSG01.2"), feature="transcript")
        + gtf(("chr22", 501, 600, "-", "ENSG03.11"), ("chr1", 4, 9, "-", "ENSG01.3"))
    )
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    found = read_genes(path)
    assert found.to_frame().values.tolist() == [
        ["ENSG01", "chr1", 0, 10, "+"],
        ["ENSG03", "chr22", 500, 600, "-"],
    ]
    assert found.counts == {
        "elements": 4,
        "other chromosome": 1,
        "renamed chromosome": 0,
        "duplicate": 1,
    }


def test_chromosomes_without_chr_get_the_names_asked_for(path):
    path.write_text(gtf(("1", 1, 10, "+", "ENSG01"), ("MT", 1, 10, "+", "ENSG02")))
    found = read_genes(path, ["chr1", "chrM"])
    assert found.chrom.tolist() == ["chr1", "chrM"]
    assert found.counts["renamed chromosome"] == 2


def test_the_feature_is_column_three_and_no_other(path):
    mention = "chr1\tx\texon\t1\t9\t.\t+\t.\tnote\tgene\there\n"
    path.write_text(mention + gtf(("chr1", 1, 10, "+", "ENSG01")))
    assert read_genes(path).ids.tolist() == ["ENSG01"]


@pytest.mark.parametrize(
    "attributes",
    [
        'gene_id "G1"; x "y";',
        "ID=G1;gene_id=G1;x=y",
        "gene_id G1 trlist T1,",
        'a "b"; gene_id "G1"',
    ],
)
def test_attributes_of_gtf_gff_and_gencodes_start_sites(path, attributes):
    path.write_text(f"chr1\tx\tgene\t5\t9\t.\t-\t.\t{attributes}\n")
    assert read_genes(path).ids.tolist() == ["G1"]


@pytest.mark.parametrize(
    "line",
    [
        "chr1\tx\tgene\t5\t9\t.\t-\t.\n",  # eight columns
        'chr1\tx\tgene\t5\t9\t.\t-\t.\thavana_gene_id "G1";\n',  # no gene_id
        'chr1\tx\tgene\t0\t9\t.\t-\t.\tgene_id "G1";\n',  # positions begin at 1
        'chr1\tx\tgene\t9\t5\t.\t-\t.\tgene_id "G1";\n',
        'chr1\tx\tgene\tfive\t9\t.\t-\t.\tgene_id "G1";\n',
        'chr1\tx\tgene\t5\t9\t.\t.\t.\tgene_id "G1";\n',  # no strand
    ],
)
def test_a_broken_line_is_named(path, line):
    path.write_text(gtf(("chr1", 1, 10, "+", "ENSG01")) + line)
    text = message(read_genes, path)
    assert "`path` must have nine columns, a strand, and a `gene_id` in the last" in text
    assert f"line 2 of {path} is" in text


def test_no_gene_on_the_chromosomes_is_an_error(path):
    path.write_text(gtf(("chrX", 1, 10, "+", "ENSG01"), ("chrUn", 1, 10, "+", "ENSG02")))
    text = message(read_genes, path)
    assert "none of the 2 in" in text
    assert "the file names ['chrX', 'chrUn']" in text


def test_the_simplified_table_says_the_same_as_the_gtf_file(path, tmp_path):
    rows = [("chr1", 7, 10, "+", "ENSG01"), ("chrY", 1, 9, "-", "ENSG02"), ("2", 5, 6, "-", "E3")]
    path.write_text(gtf(*rows))
    table = tmp_path / "genes.tsv"
    table.write_text("".join("\t".join([*map(str, row), "NAME"]) + "\n" for row in rows))
    one, other = read_genes(path), genes_from_table(table)
    assert one.to_frame().equals(other.to_frame())
    assert one.counts == other.counts


@pytest.mark.parametrize("line", ["chr1\t1\t9\t+\tG", "chr1\t9\t1\t+\tG\tn", "chr1\t1\t9\t*\tG\tn"])
def test_a_broken_line_of_the_table_is_named(tmp_path, line):
    table = tmp_path / "genes.tsv"
    table.write_text("chr1\t1\t9\t+\tG\tn\n" + line + "\n")
    text = message(genes_from_table, table)
    assert "`path` must have chromosome, start, end, strand, id and name in every line" in text
    assert "line 2 of" in text


def test_start_sites_are_one_base_and_repeat_their_gene(path):
    rows = [("chr1", 11, 11, "+", "ENSG01.4"), ("chr1", 5, 5, "+", "ENSG01.4")]
    path.write_text(gtf(*rows, feature="CapSite"))
    found = read_start_sites(path)
    assert found.to_frame().values.tolist() == [
        ["ENSG01", "chr1", 10, 11, "+"],
        ["ENSG01", "chr1", 4, 5, "+"],
    ]
    assert found.counts["duplicate"] == 0
    path.write_text(gtf(*rows, feature="TSS"))
    assert read_start_sites(path, feature="TSS").start.tolist() == [10, 4]


def test_the_most_upstream_start_site_is_chosen_by_strand():
    sites = regions(
        ("chr1", 70, 71, "-"),
        ("chr2", 9, 10, "+"),
        ("chr1", 90, 91, "-"),
        ("chr2", 5, 6, "+"),
        ("chr1", 10, 11, "-"),
        ids=["m", "p", "m", "p", "m"],
    )
    found = upstream_most(sites)
    assert found.to_frame().values.tolist() == [
        ["m", "chr1", 90, 91, "-"],
        ["p", "chr2", 5, 6, "+"],
    ]
    assert found.counts == {"start sites": 5}


@pytest.mark.parametrize("other", [("chr2", 9, 10, "+"), ("chr1", 9, 10, "-")])
def test_a_gene_in_two_places_has_no_most_upstream_site(other):
    sites = regions(("chr1", 1, 2, "+"), ("chr1", 1, 2, "+"), other, ids=["a", "b", "b"])
    text = message(upstream_most, sites)
    assert "`sites` must lie on one chromosome and strand for each gene; 1 of 2 genes" in text
    assert "the first is b" in text
