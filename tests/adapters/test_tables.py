"""Reading tables from files: formats, compression, and fields that do not fit the header."""

import bz2
import gzip
import lzma
import os
import re
import threading

import numpy as np
import pandas as pd
import pytest

from leakcheck.adapters import read_table
from leakcheck.adapters.tables import read_table as same
from leakcheck.exceptions import ValidationError


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "locus": ["chr1:0-200", "chr1:200-400", "chrX:5-9"],
            "celltype": ["K562", "K562", "H1"],
            "label": [0, 1, 1],
            "pred": [0.25, np.nan, 1e-9],
            "train": [True, False, True],
        }
    )


def refusal(path, **options) -> str:
    with pytest.raises(ValidationError) as caught:
        read_table(path, **options)
    text = str(caught.value)
    assert text.startswith(f"`{path}` must ")
    assert text.endswith(".")
    return text


def test_it_is_one_function():
    assert read_table is same


@pytest.mark.parametrize(
    ("name", "separator"),
    [
        ("t.csv", ","),
        ("t.tsv", "\t"),
        ("t.txt", "\t"),
        ("t.CSV", ","),
        ("t.csv.gz", ","),
        ("t.tsv.gz", "\t"),
        ("t.csv.bz2", ","),
        ("t.tsv.xz", "\t"),
        ("57epigenomes.v1.tsv", "\t"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_text(tmp_path, frame, name, separator, newline):
    path = tmp_path / name
    frame.to_csv(path, sep=separator, index=False, lineterminator=newline)
    pd.testing.assert_frame_equal(read_table(path), frame)
    pd.testing.assert_frame_equal(read_table(str(path)), frame)


@pytest.mark.parametrize("name", ["t.parquet", "t.pq"])
def test_parquet(tmp_path, frame, name):
    frame.to_parquet(tmp_path / name)
    pd.testing.assert_frame_equal(read_table(tmp_path / name), frame)


def test_parquet_keeps_row_names(tmp_path, frame):
    indexed = frame.set_index("locus")
    indexed.to_parquet(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.parquet"), indexed)


def test_another_separator_and_another_suffix(tmp_path, frame):
    path = tmp_path / "t.pc.gz"
    frame.to_csv(path, sep=";", index=False)
    pd.testing.assert_frame_equal(read_table(path, separator=";"), frame)


def test_a_byte_order_mark_and_blank_lines(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\n\n1,2\n\r\n3,4\n\n")
    assert read_table(path).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


@pytest.mark.parametrize("header", ["locus,pred", '"locus",pred'])
def test_line_ends_of_old_macs(tmp_path, header):
    path = tmp_path / "t.csv"
    path.write_bytes(f"{header}\ra,1\rb,2\r".encode())
    assert read_table(path).to_dict("list") == {"locus": ["a", "b"], "pred": [1, 2]}


def test_a_lone_carriage_return_in_the_header(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"locus,pred\ra,1\nb,2\n")
    assert "must have as many fields in every row as in its header" in refusal(path)


@pytest.mark.parametrize("header", ["#chrom", "# chrom", "chrom"])
def test_the_mark_before_chrom_is_no_part_of_its_name(tmp_path, header):
    path = tmp_path / "t.tsv"
    path.write_text(f"{header}\tstart\tend\nchr1\t5\t9\n")
    assert read_table(path).columns.tolist() == ["chrom", "start", "end"]
    path.write_text("#id\tchrom\nx\tchr1\n")
    assert read_table(path).columns.tolist() == ["#id", "chrom"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("locus,pred\na,1\n",))
    writer.start()
    found = read_table(path, separator=",")
    writer.join()
    assert found.to_dict("list") == {"locus": ["a"], "pred": [1]}


def test_no_line_end_at_the_end(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4")
    assert read_table(path).to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_quoted_fields_may_hold_separators_and_line_ends(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,"b, too"\n"1,000",2\n"x\ny",4\n')
    assert read_table(path).to_dict("list") == {"a": ["1,000", "x\ny"], "b, too": [2, 4]}


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_separator_at_the_end_of_every_row_shifts_nothing(tmp_path, quoted, newline):
    path = tmp_path / "rpkm.tsv"
    gene = '"ENSG1"' if quoted else "ENSG1"
    lines = ["gene_id\tE000\tE003", f"{gene}\t23.265\t43.985\t", "ENSG2\t1\t2\t", ""]
    path.write_bytes(newline.join(lines).encode())
    table = read_table(path)
    assert list(table.columns) == ["gene_id", "E000", "E003"]
    assert table.iloc[0].tolist() == ["ENSG1", 23.265, 43.985]
    trap = pd.read_csv(path, sep="\t")
    assert trap.index[0] == "ENSG1"  # what pandas makes of it: every column is shifted
    assert trap["E000"].iloc[0] == 43.985


def test_a_separator_at_the_end_of_the_header_too(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("g\ta\tb\t\nx\t1\t2\t\ny\t3\t4\t\n")
    assert read_table(path).to_dict("list") == {"g": ["x", "y"], "a": [1, 3], "b": [2, 4]}


def test_a_last_column_that_is_empty_is_kept(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,2,\n3,4,\n")
    assert read_table(path)["c"].isna().all()


@pytest.mark.parametrize("quote", ["", '"'])
def test_row_names_without_a_header(tmp_path, quote):
    path = tmp_path / "t.csv"
    path.write_text(f"a,b\n{quote}x{quote},1,2\ny,3,4\n")
    text = refusal(path)
    assert (
        "must have as many fields in every row as in its header, 2; 2 of 2 rows differ, the first "
        "is line 2 with 3. Every row has one field more, as R's write.table makes it"
    ) in text


@pytest.mark.parametrize(
    ("rows", "line", "fields"),
    [
        (["1,2", "3", "5,6"], 3, 1),
        (["1,2", "3,4,5", "5,6"], 3, 3),
        (["1,2,", "3,4", "5,6"], 2, 3),
        (["1,2", "", "5,6,7,8"], 4, 4),
        (['"1",2', '"3\n4",5', "6"], 5, 1),
    ],
)
def test_rows_that_do_not_fit(tmp_path, rows, line, fields):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b", *rows]) + "\n")
    text = refusal(path)
    assert re.search(
        rf"header, 2; 1 of \d rows differs, the first is line {line} with {fields}", text
    )
    assert text.endswith("Correct these lines, or quote fields that hold the separator.")


def test_missing_files_and_folders(tmp_path):
    assert refusal(tmp_path / "no.csv").endswith(
        "it does not exist. Check the path and its spelling."
    )
    assert "it is a folder. One of Parquet files is read by evaluation_set" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["t.xls", "t", "t.gz", "t.pc.gz"])
def test_unknown_suffixes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"a,b\n1,2\n")
    text = refusal(path)
    assert (
        "must end in .csv, .tsv or .txt (each also with .gz, .bz2 or .xz), .parquet or .pq" in text
    )
    assert f"it ends in {''.join(path.suffixes)!r}. Rename it, or say what separates" in text


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"a,b\n\n"])
def test_empty_text(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    text = refusal(path)
    assert "must have a header and at least one row; it has 0 rows and " in text


def test_empty_parquet(tmp_path, frame):
    frame.iloc[:0].to_parquet(tmp_path / "t.pq")
    assert "it has 0 rows and 5 columns" in refusal(tmp_path / "t.pq")


def test_one_column(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("locus;celltype;label\na;b;1\n")
    text = refusal(path)
    assert "must have several columns separated by ','; its header is one: 'locus;celltype" in text


@pytest.mark.parametrize(
    ("name", "header", "row", "typed"),
    [
        ("t.csv", "locus;celltype;label;pred", "a;b;1;0,5", "';'"),  # decimal commas
        ("t.csv", "locus\tcelltype\tlabel", "a\tb\t1", "tab"),
        ("t.tsv", "locus,celltype,label", "a,b,1", "','"),
        ("t.tsv", "locus|celltype|label", "a|b|1", "'|'"),
    ],
)
def test_the_separator_that_a_header_has_is_named(tmp_path, name, header, row, typed):
    path = tmp_path / name
    path.write_text(f"{header}\n{row}\n")
    assert refusal(path).endswith(f"in a terminal: --separator {typed}.")


def test_a_line_above_the_header(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("# version 3\nlocus,celltype,label\na,b,1\n")
    text = refusal(path)
    assert "its header is one: '# version 3'" in text
    assert text.endswith("The next line has 3: take out what stands above the header.")


def test_a_quotation_mark_that_is_never_closed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("locus,pred\na,1\n\n" + 'b,"2\n' + "c,3\n" * 40_000)
    text = refusal(path)
    assert "must close every quotation mark; one that is opened in line " in text
    assert "line 4 is not closed before line " in text


@pytest.mark.parametrize("separator", [",", ";"])
def test_the_word_of_excel_on_the_separator(tmp_path, separator):
    path = tmp_path / "t.csv"
    path.write_text("sep=;\nlocus;celltype;label\na;b;1\n")
    with pytest.raises(ValidationError) as caught:
        read_table(path, separator=separator)
    first = "sep=;" if separator == "," else "sep="
    assert str(caught.value) == (
        f"`{path}` must begin with the names of its columns; its first line is {first!r}, by which "
        "Excel is told the separator. Take out what stands above the header."
    )


def test_a_title_in_the_first_of_the_columns(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Supplementary Table 3,,\nlocus,celltype,label\na,b,1\n")
    assert "its first line is a title, 'Supplementary Table 3'. Take out what" in refusal(path)
    path.write_text("locus,celltype,,\na,b,,\n")
    assert list(read_table(path))[:2] == ["locus", "celltype"]


def test_a_column_twice(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("g,E003,E004,E003\nx,1,2,3\n")
    assert "must name each column once; repeated in its header: ['E003']" in refusal(path)


def test_binary_and_broken_files(tmp_path):
    text = tmp_path / "t.csv"
    text.write_text("a,b\n1,2\n", encoding="utf-16")
    assert "must be a text file in UTF-8; it holds binary data (or UTF-16)" in refusal(text)
    text.write_bytes(b"a,b\n1,2\n3,Zell\xe9\n")
    assert refusal(text) == (
        f"`{text}` must be a table in UTF-8 text; line 3 is none, in Latin-1 '3,Zellé'. Save it as "
        "UTF-8 (in Excel: CSV UTF-8), or convert it: iconv -f LATIN1 -t UTF-8."
    )
    parquet = tmp_path / "t.parquet"
    parquet.write_text("a,b\n1,2\n")
    assert "must be a Parquet file; it cannot be read as one: " in refusal(parquet)


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_broken_compression(tmp_path, suffix, compress):
    path = tmp_path / f"t.csv{suffix}"
    whole = compress(b"a,b\n" + bytes(range(48, 58)) * 200 + b",1\n")
    for content in (b"a,b\n1,2\n", whole[: len(whole) // 2], whole[:12] + b"\0" * 20 + whole[32:]):
        path.write_bytes(content)
        assert f"must be compressed as its suffix '{suffix}' says; it cannot be" in refusal(path)


def test_missing_values_and_dtypes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("chrom,x,b\n1,NA,True\n2,,False\nX,3.5,True\n")
    table = read_table(path)
    assert table["chrom"].tolist() == ["1", "2", "X"]
    assert table["x"].isna().tolist() == [True, True, False]
    assert table["b"].dtype == bool


def test_numbers_are_the_nearest_floats(tmp_path):
    values = np.random.default_rng(0).normal(size=2000)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{value!r},1\n" for value in values.tolist()))
    np.testing.assert_array_equal(read_table(path)["a"], values)


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv"])
def test_names_that_begin_with_0_keep_it(tmp_path, name, quote):
    header = ["gene", "celltype", "start", "label", "pred", "batch"]
    rows = [["0007", "01", "010", "1", "", "3"], ["12", "10", "20", "0", "0.25", "4"]]
    separator = "," if name.endswith("csv") else "\t"
    lines = [header, *([f"{quote}{one}{quote}" for one in row] for row in rows)]
    (tmp_path / name).write_text("\n".join(separator.join(line) for line in lines) + "\n")
    found = read_table(tmp_path / name)
    assert found["gene"].tolist() == ["0007", "12"]
    assert found["celltype"].tolist() == ["01", "10"]
    assert found["start"].tolist() == [10, 20]
    assert [found[name].dtype.kind for name in ("start", "label", "pred", "batch")] == list("iifi")


def test_numbers_without_a_0_before_them_stay_numbers(tmp_path):
    (tmp_path / "t.csv").write_text("locus,celltype,label,pred\n1,1,0,0.5\n2,10,1,0\n")
    found = read_table(tmp_path / "t.csv")
    assert [found[name].dtype.kind for name in found] == list("iiif")
