"""The readers of the real data give what its README says."""

import gzip

import numpy as np
import pytest

from tests.real import roadmap


def test_first_row_is_not_shifted(real_data):
    names, genes, values = roadmap.read_rpkm(real_data / roadmap.EXPRESSION)
    first = dict(zip(names, values[0], strict=True))
    assert genes[0] == "ENSG00000000003"
    assert (first["E000"], first["E003"]) == (23.265, 43.985)
    assert values.shape == (19_795, 57)


def test_expression_has_the_autosomal_genes_and_no_e000(expression):
    assert expression.rpkm.shape == (18_915, 56)
    assert len(expression.genes) == len(set(expression.genes)) == 18_915
    assert "E000" not in expression.cell_types
    assert set(expression.loci["chrom"]) == set(roadmap.AUTOSOMES)
    assert (expression.loci["end"] > expression.loci["start"]).all()
    assert list(expression.loci.index) == list(expression.genes)


def test_counts_are_those_of_the_readme(expression):
    target = expression.cell_types.index("E003")
    active = expression.active
    count = np.delete(active, target, axis=1).sum(axis=1)
    variable = (count >= 1) & (count <= 54)
    assert active[:, target].mean() == pytest.approx(0.674438, abs=1e-6)
    assert active[variable, target].mean() == pytest.approx(0.520893, abs=1e-6)
    assert (count == 0).sum() == 1_180
    assert (count == 55).sum() == 7_349
    assert variable.sum() == 10_386
    sizes = np.bincount(count)[1:55]
    assert (len(sizes), sizes.min(), np.median(sizes), sizes.max()) == (54, 109, 153.5, 678)


def test_coordinates_are_zero_based_and_half_open(expression, real_data):
    first = (real_data / roadmap.GENES).read_text(encoding="ascii").splitlines()
    rows = {fields[4]: fields for fields in (line.split("\t") for line in first)}
    gene = expression.genes[10]
    chrom, start, end = expression.loci.loc[gene]
    assert (chrom, start + 1, end) == (rows[gene][0], int(rows[gene][1]), int(rows[gene][2]))


def test_expression_is_shared_and_read_only(expression, real_data):
    assert roadmap.load_expression(real_data) is roadmap.load_expression() is expression
    with pytest.raises(ValueError, match="read-only"):
        expression.rpkm[0, 0] = 1.0


def test_promoters_are_sixty_bases_of_known_genes(promoters, expression):
    assert len(promoters) == 15_552
    assert {len(sequence) for sequence in promoters.values()} == {60}
    assert set("".join(promoters.values())) == set("ACGT")
    assert promoters["ENSG00000188976"].startswith("GCGGAAGTGCGC")  # NOC2L_1
    assert len(set(promoters) & set(expression.genes)) > 14_000


def test_the_first_promoter_of_a_gene_is_taken(real_data, promoters):
    text = (real_data / roadmap.PROMOTER_SEQUENCES).read_text(encoding="ascii")
    sequences = dict(line.split("\t") for line in text.splitlines())
    assert promoters["ENSG00000187608"] == sequences["ISG15_1"].upper()  # ISG15_2 stands before it


def test_a_row_of_the_wrong_length_is_an_error(tmp_path):
    path = tmp_path / "table.gz"
    with gzip.open(path, "wt") as file:
        file.write("gene_id\tE000\tE003\nENSG1\t1.0\t2.0\n")
    with pytest.raises(ValueError, match="line 2: not 2 values and a tab"):
        roadmap.read_rpkm(path)


def test_the_data_are_found_by_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("LEAKCHECK_DATA", str(tmp_path))
    assert roadmap.find_real_data() is None
    with pytest.raises(FileNotFoundError, match="real data not found: set LEAKCHECK_DATA"):
        roadmap.load_promoters()
    table = tmp_path / roadmap.EXPRESSION
    table.parent.mkdir()
    table.touch()
    assert roadmap.find_real_data() == tmp_path
