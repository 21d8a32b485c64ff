"""Whatever is wrong with a file of arrays, the error is of one kind."""

import io

import numpy as np
import pytest

from leakcheck.reference.npz_files import DAMAGE, open_npz


def test_arrays_come_back(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    with open_npz(tmp_path / "a.npz") as file:
        assert file["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04cut off"])
def test_what_is_no_archive_is_not_taken_for_a_pickle(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(DAMAGE, match="not a zip file"), open_npz(path):
        pass


@pytest.mark.parametrize("change", [1, 0xFF])
def test_any_byte_may_be_wrong(tmp_path, change):
    whole = io.BytesIO()
    np.savez(whole, x=np.arange(4, dtype=np.uint8))
    path, refused = tmp_path / "a.npz", 0
    for place in range(len(whole.getvalue())):
        content = bytearray(whole.getvalue())
        content[place] ^= change
        path.write_bytes(content)
        try:
            with open_npz(path) as file:
                _ = {name: file[name] for name in file.files}
        except DAMAGE:
            refused += 1
    assert refused > 100
