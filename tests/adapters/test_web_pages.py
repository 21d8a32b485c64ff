"""A download that failed leaves a web page under the name of the file that was asked for."""

import gzip

import pytest

from leakcheck._files import is_web_page
from leakcheck.adapters import open_track, read_bed, read_table
from leakcheck.exceptions import ValidationError
from leakcheck.reference.text_files import open_lines

PAGE = b'<!DOCTYPE html>\n<html lang="en"><body>\n<p>Not found, on this server.</p></body></html>\n'


def read_track(path):
    pytest.importorskip("pyBigWig", reason="pyBigWig is not installed (extra bigwig)")
    with open_track(path):
        pass


def read_lines(path):
    with open_lines(path, "a GTF file") as lines:
        list(lines)


@pytest.mark.parametrize(
    ("name", "read", "kind"),
    [
        ("peaks.narrowPeak", lambda path: read_bed(path, score_column=7), "a BED file"),
        ("peaks.bed.gz", read_bed, "a BED file"),
        ("preds.csv", read_table, "a table"),
        ("preds.tsv.gz", read_table, "a table"),
        ("preds.parquet", read_table, "a Parquet file"),
        ("track.bw", read_track, "a bigWig file"),
        ("genes.gtf.gz", read_lines, "a GTF file"),
    ],
)
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n  "])
def test_a_web_page_is_refused_as_one(tmp_path, name, read, kind, start):
    path = tmp_path / name
    path.write_bytes(start + PAGE)
    with pytest.raises(ValidationError) as caught:
        read(path)
    assert str(caught.value) == (
        f"`{path}` must be {kind}; it is a web page (HTML), as a download that failed leaves it. "
        "Open it in a browser to see what the server said, and fetch the file again."
    )


def test_a_web_page_that_was_compressed_is_one_too(tmp_path):
    path = tmp_path / "preds.csv.gz"
    path.write_bytes(gzip.compress(PAGE))
    with pytest.raises(ValidationError, match="it is a web page"):
        read_table(path)


def test_tables_that_name_html_are_none():
    assert is_web_page(b"<HTML>")
    assert not is_web_page(b"html,celltype,pred\n")
    assert not is_web_page(b"")
