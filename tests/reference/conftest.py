"""What the tests of the readers share: one small genome in every format."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reference.files import write_bgzip, write_fasta, write_two_bit

#: Ends of chromosomes, lower case, N alone and in runs.
GENOME = {
    "chr1": "ACGTNNacgtnACCGGTTTAANACGTACGATTACAGATTACA",
    "chr2": "NNNNNNNNGATTACA",
    "3": "CATCATCATgagagaNtttt",
}

WRITERS: dict[str, Callable[[Path, dict[str, str]], Path]] = {
    "plain": write_fasta,
    "bgzip": write_bgzip,
    "2bit": write_two_bit,
}


@pytest.fixture(params=list(WRITERS))
def genome_path(request, tmp_path) -> Path:
    """The same genome as plain FASTA, bgzip FASTA and 2bit."""
    return WRITERS[request.param](tmp_path / f"genome.{request.param}", GENOME)
