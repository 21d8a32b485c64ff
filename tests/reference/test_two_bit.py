"""2bit files against py2bit, and against files that are cut off anywhere."""

import struct
from contextlib import closing

import py2bit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakcheck.reference.two_bit import SIGNATURES, TwoBitFile
from tests.reference.files import write_two_bit

DNA = st.text(alphabet="ACGTNacgtn", min_size=1, max_size=50)


@given(st.dictionaries(st.sampled_from(["chr1", "chr2", "X"]), DNA, min_size=1), st.data())
def test_every_stretch_is_that_of_py2bit(tmp_path_factory, genome, data):
    path = write_two_bit(tmp_path_factory.mktemp("g") / "genome.2bit", genome)
    with closing(TwoBitFile(path)) as ours, closing(py2bit.open(str(path))) as theirs:
        assert ours.lengths == theirs.chroms() == {name: len(dna) for name, dna in genome.items()}
        for name, dna in genome.items():
            start = data.draw(st.integers(0, len(dna) - 1))
            end = data.draw(st.integers(start + 1, len(dna)))
            assert ours.fetch(name, start, end) == dna[start:end].upper()
            assert ours.fetch(name, start, end) == theirs.sequence(name, start, end)


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path):
    path = write_two_bit(tmp_path / "g.2bit", {"chr1": "ACGTNNNNACGTA", "chr2": "NNNacgt"})
    content = path.read_bytes()
    for size in range(4, len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"ends after|beyond the end of the file"):
            TwoBitFile(path)


def test_both_byte_orders_and_long_offsets_are_read(tmp_path):
    for signature, order in SIGNATURES.items():
        for version, wide in ((0, "I"), (1, "Q")):
            head = signature + struct.pack(f"{order}3I", version, 1, 0) + b"\x01c"
            offset = len(head) + struct.calcsize(f"{order}{wide}")
            record = struct.pack(f"{order}6I", 6, 1, 2, 1, 0, 0) + bytes(
                [0b10_01_00_11, 0b00_10_0000]
            )
            path = tmp_path / "g.2bit"
            path.write_bytes(head + struct.pack(f"{order}{wide}", offset) + record)
            with closing(TwoBitFile(path)) as genome:
                assert genome.fetch("c", 0, 6) == "ACNGTA"


@pytest.mark.parametrize(
    ("position", "value", "reason"),
    [
        (4, 7, "version 7 is unknown"),
        (8, 99, "ends after|beyond the end of the file"),  # sequences that are not there
        (25, 10**9, "beyond the end of the file"),  # the length of the sequence
        (33, 10**9, "stretches of N of chr1 overlap or go beyond its end"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path, position, value, reason):
    path = write_two_bit(tmp_path / "g.2bit", {"chr1": "ACGTNNNNACGTA"})
    content = bytearray(path.read_bytes())
    content[position : position + 4] = struct.pack("<I", value)
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=reason):
        TwoBitFile(path)
