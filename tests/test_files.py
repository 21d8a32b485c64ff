"""Writing files whole or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from leakcheck._files import check_path, write_bytes, write_text
from leakcheck.exceptions import ValidationError


def test_text_is_written_as_utf8_without_touching_line_ends(tmp_path):
    write_text(tmp_path / "a.md", "é\nb\r\n")
    assert (tmp_path / "a.md").read_bytes() == "é\nb\r\n".encode()


def test_an_old_file_is_replaced_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(0o640)
    write_text(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_nothing_is_left_beside_the_file(tmp_path):
    write_text(tmp_path / "a.json", "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_failure_leaves_the_old_file_and_no_scrap(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")

    def full_disk(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ValidationError, match="No space left on device"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_an_interruption_leaves_no_scrap_either(tmp_path, monkeypatch):
    def interrupt(_self, _target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "a.json", "new")
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "a.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_what_is_not_a_plain_file_is_written_to_directly(tmp_path):
    write_bytes("/dev/null", b"x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116 - of the device itself
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named_with_the_remedy(tmp_path):
    path = tmp_path / "no" / "a.json"
    with pytest.raises(ValidationError, match=r"`path` .*no does not exist\. Create it"):
        write_text(path, "x")
    with pytest.raises(ValidationError, match="does not exist"):
        check_path(path)
    assert not path.parent.exists()


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValidationError, match="is a folder"):
        write_text(tmp_path, "x")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no /dev")
def test_the_output_of_a_process_may_be_a_pipe():
    code = "from leakcheck._files import write_text; write_text('/dev/stdout', 'whole')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "whole"), done.stderr
