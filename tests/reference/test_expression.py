"""The table of RPKM, its trailing tabs, and its broken lines."""

import gzip

import numpy as np
import pandas as pd
import pytest

from leakcheck.reference.expression import ACTIVE_ABOVE, NOT_CELL_TYPES, read_rpkm
from tests.data.refusals import message

HEADER = "gene_id\tE000\tE003\tE004\n"
FIRST = "ENSG01\t23.265\t43.985\t37.413\t\n"


def write(tmp_path, text: str):
    path = tmp_path / "rpkm.tsv"
    path.write_text(text)
    return path


def test_a_tab_at_the_end_shifts_nothing(tmp_path):
    path = write(tmp_path, HEADER + FIRST)
    table = read_rpkm(path, drop=())
    assert table.iloc[0].to_dict() == {"E000": 23.265, "E003": 43.985, "E004": 37.413}
    shifted = pd.read_csv(path, sep="\t", index_col=0)  # the trap
    assert shifted.loc["ENSG01", "E000"] == 43.985  # E003's


def test_tabs_may_be_there_or_not(tmp_path):
    rows = "ENSG01\t1\t2\t3\nENSG02\t4\t5\t6\t\n"
    for header in (HEADER, HEADER.replace("\n", "\t\n")):
        table = read_rpkm(write(tmp_path, header + rows), drop=())
        assert table.to_numpy().tolist() == [[1, 2, 3], [4, 5, 6]]
        assert table.columns.tolist() == ["E000", "E003", "E004"]


def test_the_reference_is_no_cell_type(tmp_path):
    path = write(tmp_path, HEADER + FIRST)
    assert NOT_CELL_TYPES == ("E000",)
    assert read_rpkm(path).columns.tolist() == ["E003", "E004"]
    assert read_rpkm(path, drop=["E004", "E999"]).columns.tolist() == ["E000", "E003"]


def test_ids_lose_their_versions_and_gzip_is_seen(tmp_path):
    path = tmp_path / "table"
    path.write_bytes(gzip.compress((HEADER + FIRST.replace("ENSG01", "ENSG01.7")).encode()))
    table = read_rpkm(path)
    assert table.index.tolist() == ["ENSG01"]
    assert table.index.name == "gene_id"
    assert table.to_numpy().dtype == np.float64


def test_active_is_above_a_half():
    assert ACTIVE_ABOVE == 0.5


@pytest.mark.parametrize(("row", "has"), [("ENSG02\t1\t2\n", 2), ("ENSG02\t1\t2\t3\t4\n", 4)])
def test_a_line_of_another_length_is_named(tmp_path, row, has):
    text = message(read_rpkm, write(tmp_path, HEADER + FIRST + row))
    assert "`path` must have 3 values in every line" in text
    assert "line 3 of" in text
    assert f"has {has}." in text


@pytest.mark.parametrize("value", ["", "NA", "nan", "inf", "-1", "1,5"])
def test_what_is_no_rpkm_is_named(tmp_path, value):
    text = message(read_rpkm, write(tmp_path, HEADER + FIRST + f"ENSG02\t1\t{value}\t3\t\n"))
    assert "`path` must hold RPKM, numbers from 0 up; line 3 of" in text
    assert f"has {value!r} for E003" in text


def test_genes_and_cell_types_come_once(tmp_path):
    text = message(read_rpkm, write(tmp_path, HEADER + FIRST + FIRST.replace("01", "01.2")))
    assert "`path` must name each gene once" in text
    assert "repeats 1, the first is ENSG01" in text
    header = HEADER.replace("E004", "E003")
    assert "`path` must name each cell type once" in message(
        read_rpkm, write(tmp_path, header + FIRST)
    )


@pytest.mark.parametrize("text", ["", HEADER])
def test_a_table_without_lines_is_an_error(tmp_path, text):
    assert "must have a header and lines of RPKM" in message(read_rpkm, write(tmp_path, text))
