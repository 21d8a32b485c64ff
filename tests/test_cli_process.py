"""The command line as a process of its own: nothing is stubbed."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

import leakcheck

from .report.factory import make_report


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "report.json"
    make_report(models=["honest", "memoriser"], n_targets=1, n_strata=2).to_json(path)
    return path


def process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "leakcheck", *map(str, arguments)],
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def long_table(tmp_path_factory):
    """A memoriser and a copy of the truth for one target of eight cell types."""
    world = leakcheck.simulate.epigenome(n_loci=400, n_cell_types=8)
    path = tmp_path_factory.mktemp("cli") / "long.csv"
    labels = world.labels
    target, *others = labels.columns
    average = labels[others].mean(axis=1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["chrom", "start", "end", "celltype", "label", "memoriser", "truth"])
        for cell in labels.columns:
            for i, place in enumerate(world.loci.itertuples()):
                scores = (average.iloc[i], labels[target].iloc[i]) if cell == target else ("", "")
                writer.writerow(
                    [place.chrom, place.start, place.end, cell, int(labels[cell].iloc[i]), *scores]
                )
    return path


def test_a_real_table_is_audited_gated_and_judged_again(long_table, tmp_path):
    report = tmp_path / "report.json"
    audited = process(
        "audit", long_table, "--prediction", "memoriser", "--prediction", "truth", "-o", report,
    )  # fmt: skip
    assert audited.returncode == 0, audited.stderr
    assert audited.stdout.startswith("Reference cell types")
    assert "memoriser" in audited.stdout
    assert json.loads(report.read_text(encoding="utf-8"))["schema"] == "leakcheck-report"
    shared = tmp_path / "shared.json"
    others = process(
        "audit", long_table, "--prediction", "memoriser", "--prediction", "truth", "-o", shared,
        "--workers", 2,
    )  # fmt: skip
    assert (others.returncode, others.stdout) == (0, audited.stdout), others.stderr
    assert shared.read_bytes() == report.read_bytes()
    failed = process("gate", report, "--model", "memoriser")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.startswith("Gate failed: memoriser does not pass the gate")
    assert "Traceback" not in failed.stderr


def test_a_real_mistake_exits_with_2_and_without_a_traceback(long_table, tmp_path):
    unknown = process("audit", long_table, "--train", "E0003", "--prediction", "memoriser")
    missing = process("audit", tmp_path / "none.csv")
    for result in (unknown, missing):
        assert result.returncode == 2
        assert result.stdout == ""
        assert "Error: " in result.stderr
        assert "Traceback" not in result.stderr


def test_a_reader_who_has_seen_enough_is_no_failed_gate(stored):
    run_it = [sys.executable, "-m", "leakcheck", "gate", str(stored), "--model", "honest"]
    with subprocess.Popen(run_it, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        started.stdout.close()
        assert started.wait() == 141
        assert started.stderr.read() == b""


def test_the_console_script_imports_no_numpy_before_it_is_prepared():
    code = "import sys, leakcheck.cli; print('numpy' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [("gate", "STORED", "--model", "honest"), ("explain",)])
def test_a_full_disk_is_said_and_is_neither_a_gate_nor_a_fault(stored, words):
    arguments = [str(stored) if word == "STORED" else word for word in words]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = subprocess.run(
            [sys.executable, "-m", "leakcheck", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == (
        "Error: the output must be writable; writing it failed: No space left on device. Check "
        "the free space, or send it elsewhere.\n"
    )
