"""`leakcheck.reference` gives its names when they are asked for, and imports nothing before."""

import importlib
import subprocess
import sys

import pytest

from leakcheck import reference


def test_every_public_name_is_that_of_its_module():
    for name in reference.__all__:
        value = getattr(reference, name)
        module = importlib.import_module(value.__module__)
        assert module.__name__.startswith("leakcheck.reference.")
        assert getattr(module, name) is value
        assert vars(reference)[name] is value  # kept: the next access costs nothing


def test_names_are_listed_in_order_and_once():
    assert list(dir(reference)) == sorted(reference.__all__)
    assert len(set(reference.__all__)) == len(reference.__all__)


def test_a_public_name_is_no_module():
    for name in reference.__all__:
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"leakcheck.reference.{name}")


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match=r"module 'leakcheck\.reference' has no .*'nothing'"):
        reference.nothing  # noqa: B018


def test_importing_it_imports_nothing_else():
    script = (
        "import sys, leakcheck.reference; "
        "print([m for m in ('numpy', 'pandas', 'keras', 'tensorflow', 'pyBigWig', 'pysam') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_readers_say_which_extra_brings_what_they_need(tmp_path, monkeypatch):
    fasta = tmp_path / "genome.fa"
    fasta.write_text(">chr1\nACGT\n")
    region = reference.Regions(ids=["a"], chrom=["chr1"], start=[0], end=[4], strand=["."])
    monkeypatch.setitem(sys.modules, "pysam", None)
    monkeypatch.setitem(sys.modules, "pyBigWig", None)
    with pytest.raises(ImportError, match=r"to read FASTA files .*'\.\[reference\]'"):
        reference.read_sequences(fasta, region, window=4)
    with pytest.raises(ImportError, match=r"to read bigWig tracks .*'\.\[bigwig\]'"):
        reference.mean_arcsinh(fasta, region)
