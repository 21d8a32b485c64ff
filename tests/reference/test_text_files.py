"""Lines of text files, plain or gzipped, and what is said of broken ones."""

import gzip

import pytest

from leakcheck.reference.text_files import open_lines
from tests.data.refusals import message

WHAT = "a BED file"


def read(path) -> list[tuple[int, str]]:
    with open_lines(path, WHAT) as lines:
        return list(lines)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lines_are_numbered_whatever_they_end_in(tmp_path, ends):
    plain, packed = tmp_path / "a.gz", tmp_path / "b.txt"  # the suffixes lie
    plain.write_bytes(ends.join(["a\tb\t", "", "c"]).encode())
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(plain) == read(packed) == [(1, "a\tb\t"), (2, ""), (3, "c")]


def test_an_empty_file_has_no_lines(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    assert read(path) == []


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    assert f"`path` must be a BED file; {tmp_path / 'x'} does not exist" in message(
        read, tmp_path / "x"
    )
    assert "is a folder" in message(read, tmp_path)


def test_a_download_that_was_cut_off_is_an_error(tmp_path):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"chr1\t1\t2\n" * 100_000)[:-20])
    text = message(read, path)
    assert "is damaged or cut off after line" in text
    assert "Fetch it again" in text


def test_damaged_bytes_are_an_error(tmp_path):
    path = tmp_path / "bad.gz"
    content = bytearray(gzip.compress(bytes(range(128)) * 50))
    content[20:40] = b"\xff" * 20
    path.write_bytes(bytes(content))
    assert "is damaged or cut off" in message(read, path)


def test_what_is_no_text_is_an_error(tmp_path):
    path = tmp_path / "binary"
    path.write_bytes(b"chr1\n\xff\xfe\x00\x01")
    assert "holds bytes that are not text" in message(read, path)
